//! Looks on the adapter at hand.

use super::*;
use crate::{
    engine,
    gpu::adapter_at_hand,
    output,
    set::{self, PresetPlaces},
};
use egui::{Color32, ColorImage};

/// Four quarters of one colour each, by their Y, Cb, Cr: red, white, black and a light green.
const QUARTERS: [[u8; 3]; 4] = [[63, 102, 240], [235, 128, 128], [16, 128, 128], [150, 90, 80]];

/// Of 640x360.
fn programme() -> Picture {
    let (width, height) = (640_usize, 360_usize);
    let mut picture = Picture::black(width as u32, height as u32);
    let (luma, chroma) = picture.data_mut().split_at_mut(width * height);
    let quarter = |x: usize, y: usize, width: usize, height: usize| {
        QUARTERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)]
    };
    for (place, sample) in luma.iter_mut().enumerate() {
        *sample = quarter(place % width, place / width, width, height)[0];
    }
    let half = width / 2;
    let (cb, cr) = chroma.split_at_mut(width * height / 4);
    for (plane, component) in [(cb, 1), (cr, 2)] {
        for (place, sample) in plane.iter_mut().enumerate() {
            *sample = quarter(place % half, place / half, half, height / 2)[component];
        }
    }
    picture
}

fn registry() -> Arc<Registry> {
    Arc::new(engine::registry().expect("rows"))
}

/// What a look made of values makes of the programme; `None` where there is no adapter.
fn paint(values: &[(&str, f64)]) -> Option<ColorImage> {
    adapter_at_hand()?;
    let registry = registry();
    let small = easel::sketch(&programme());
    let mut easel = Easel::new(&registry, (small.width(), small.height()), None, &Arc::default())
        .expect("an easel");
    let row = |(id, plain): &(&str, f64)| (registry.find(id).expect("a row"), *plain);
    let values: Vec<_> = values.iter().map(row).collect();
    Some(easel.paint(&small, &values).expect("a picture"))
}

/// The middle of each quarter.
fn middles(image: &ColorImage) -> [Color32; 4] {
    assert_eq!(image.size, [160, 90]);
    [(40, 22), (120, 22), (40, 67), (120, 67)].map(|(x, y)| image[(x, y)])
}

fn is_grey(color: Color32) -> bool {
    color.r() == color.g() && color.g() == color.b()
}

#[test]
fn a_neutral_look_is_the_programme_made_small() {
    let Some(image) = paint(&[]) else { return };
    // By hand from BT.709: red of (63, 102, 240) is 1.164 * 47 + 1.793 * 112 = 255, green is
    // 54.7 + 0.213 * 26 - 0.533 * 112 = 0.6, blue 54.7 - 2.112 * 26 = -0.2. Of (150, 90, 80) it is
    // 1.164 * 134 - 1.793 * 48 = 70, 156 + 0.213 * 38 + 0.533 * 48 = 189.7, 156 - 2.112 * 38 = 75.7.
    let expected = [[255, 1, 0], [255, 255, 255], [0, 0, 0], [70, 190, 76]];
    for (color, expected) in middles(&image).into_iter().zip(expected) {
        let difference = color.to_array().into_iter().zip(expected).map(|(a, b)| a.abs_diff(b));
        assert!(difference.max() <= Some(2), "{color:?} is not {expected:?}");
    }
}

#[test]
fn a_look_without_colour_is_grey() {
    let black_and_white = [("decay.black_and_white_amount", 1.0)];
    let Some(image) = paint(&black_and_white) else { return };
    assert!(image.pixels.iter().all(|color| is_grey(*color)), "{:?}", middles(&image));
    // Neither black nor white: there is a picture.
    let levels = middles(&image).map(|color| color.r());
    assert!(levels[1] > 250 && levels[2] < 5 && (120..200).contains(&levels[3]), "{levels:?}");
    // What would be grey by a mistake of the test is not.
    let Some(coloured) = paint(&[]) else { return };
    assert!(!middles(&coloured).into_iter().all(is_grey));
}

#[test]
fn one_look_leaves_nothing_behind_for_the_next() {
    let Some(_) = adapter_at_hand() else { return };
    let registry = registry();
    let small = easel::sketch(&programme());
    let mut easel = Easel::new(&registry, (small.width(), small.height()), None, &Arc::default())
        .expect("an easel");
    let (shelf, problems) = set::shelve(&registry, &PresetPlaces::default());
    assert_eq!(problems, [] as [String; 0]);
    let fresh = easel.paint(&small, &[]).expect("a picture");
    let folder = std::env::var_os("RESIDUA_PICTURES");
    for preset in &shelf {
        let image = easel.paint(&small, &preset.values).expect("a picture");
        if let Some(folder) = &folder {
            let rgb: Vec<u8> = image.pixels.iter().flat_map(|c| [c.r(), c.g(), c.b()]).collect();
            let path = std::path::Path::new(folder).join(format!("look-{}.png", preset.name));
            image::save_buffer(path, &rgb, 160, 90, image::ColorType::Rgb8).expect("a file");
        }
    }
    assert_eq!(easel.paint(&small, &[]).expect("a picture"), fresh);
}

#[test]
fn the_thread_paints_while_looks_are_shown() {
    let Some(_) = adapter_at_hand() else { return };
    let registry = registry();
    let grey = (registry.find("decay.black_and_white_amount").expect("a row"), 1.0);
    let preset = |name: &str, values| engine::Preset { name: name.to_owned(), values };
    let bank = Bank { presets: vec![preset("as it is", vec![]), preset("grey", vec![grey])] };
    let (writer, mut readers) = output::programme(1);
    let (banks, arrivals) = bounded(1);
    let quit = Arc::new(AtomicBool::new(false));
    let plan = LooksPlan {
        registry,
        bank: Arc::new(bank),
        banks: arrivals,
        tables: None,
        programme: readers.remove(0),
        notices: Notices::default(),
        quit: Arc::clone(&quit),
    };
    let (port, thread) = start(plan).expect("a thread");
    let next = || port.news.recv_timeout(Duration::from_secs(600)).expect("news");
    assert_eq!(next(), LooksNews::Names(vec!["as it is".to_owned(), "grey".to_owned()]));
    writer.publish(&Arc::new(programme()));
    port.wish.set(true, 0);
    for (expected, is_expected_grey) in [("as it is", false), ("grey", true)] {
        let LooksNews::Picture { name, image, .. } = next() else { panic!("no picture") };
        assert_eq!(name, expected);
        assert_eq!(image.pixels.iter().all(|color| is_grey(*color)), is_expected_grey, "{name}");
    }
    // Other presets are told, and painted from the start.
    banks.send(Arc::new(Bank { presets: vec![preset("new", vec![grey])] })).expect("a thread");
    assert_eq!(next(), LooksNews::Names(vec!["new".to_owned()]));
    let LooksNews::Picture { place: 0, name, .. } = next() else { panic!("no picture") };
    assert_eq!(name, "new");
    quit.store(true, Ordering::Relaxed);
    thread.join().expect("an end");
}
