//! Users' stages in a chain, against arithmetic on the pictures that went in.

use super::{Shelf, USER_STAGES, Workbench};
use crate::{
    decay::{
        Chain, Frame, PARAMS,
        i420::{packed, unpacked},
        rgb::Rgb,
        testing::test_picture,
    },
    gpu::adapter_at_hand,
    params::{Registry, Store},
    units::Picture,
};
use std::{fs, path::Path, sync::Arc};
use tempfile::TempDir;

const WIDTH: u32 = 70;
const HEIGHT: u32 = 46;

const INVERT: &str = "fn stage(at: vec2<f32>) -> vec3<f32> {\n    return 1.0 - picture(at);\n}\n";

struct Bench {
    chain: Chain,
    shelf: Shelf,
    bench: Workbench,
    store: Store,
    registry: Arc<Registry>,
    folder: TempDir,
    slot: u64,
    generation: u64,
}

impl Bench {
    fn new() -> Option<Self> {
        let registry = Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows"));
        let chain = Chain::new(adapter_at_hand()?, &registry, WIDTH, HEIGHT, 5).expect("a chain");
        let folder = TempDir::new().expect("a folder");
        Some(Self {
            bench: chain.workbench(),
            chain,
            shelf: Shelf::new(folder.path(), Arc::clone(&registry)),
            store: Store::new(Arc::clone(&registry)),
            registry,
            folder,
            slot: 0,
            generation: 0,
        })
    }

    /// With these shaders; returns what is said of them.
    fn with(&mut self, shaders: &[(&str, &str)]) -> Vec<String> {
        for (name, text) in shaders {
            fs::write(self.folder.path().join(name), text).expect("written");
        }
        self.look()
    }

    fn look(&mut self) -> Vec<String> {
        let news = self.shelf.look(&self.bench, false);
        news.changes.into_iter().for_each(|change| drop(self.chain.exchange(change)));
        news.lines.into_iter().chain(news.problems.iter().map(ToString::to_string)).collect()
    }

    fn set(&mut self, id: &str, plain: f64) {
        let index = self.registry.find(id).unwrap_or_else(|| panic!("no row {id}"));
        assert_eq!(self.registry.row(index).check(plain), Ok(plain));
        self.store.set(index, plain);
        self.store.settle();
    }

    /// What the programme shows of a decoded picture, with the generations made for it.
    fn tick(&mut self, picture: &Picture) -> (Vec<u8>, u32) {
        self.store.advance(1000.0);
        let submitted = self.chain.submit(&Frame {
            slot: self.slot,
            picture: Some(&picture.planes()),
            params: self.store.result(),
            generations: 1,
            heal: false,
            level: 1.0,
            generation: self.generation,
            age: self.generation,
        });
        self.slot += 1;
        self.generation += u64::from(submitted.generations_made);
        let mut shown = Vec::new();
        self.chain.collect(None, &mut |_, bytes| shown = bytes.to_vec());
        assert_eq!(self.chain.is_broken(), None);
        (shown, submitted.generations_made)
    }
}

/// A picture that the audience could see, and its levels.
fn picture(seed: u32) -> (Picture, Rgb) {
    let picture = packed(&test_picture(WIDTH as usize, HEIGHT as usize, seed));
    let levels = unpacked(&picture);
    (picture, levels)
}

fn inverted(levels: &Rgb) -> Rgb {
    levels.map(|_, _, pixel| pixel.map(|level| 255 - i32::from(level)))
}

fn shown(levels: &Rgb) -> Vec<u8> {
    packed(levels).data().to_vec()
}

#[test]
fn a_file_is_a_stage_and_a_missing_one_is_none() {
    let Some(mut bench) = Bench::new() else { return };
    let (decoded, levels) = picture(1);
    assert_eq!(bench.look(), [""; 0]);
    assert_eq!(
        bench.with(&[("invert.wgsl", INVERT), ("notes.txt", "")]),
        ["shaders/invert.wgsl is in play"]
    );
    assert!(bench.tick(&decoded) == (shown(&inverted(&levels)), 1));
    assert!(bench.tick(&decoded).0 != shown(&levels), "the comparison notices");
    assert_eq!(bench.look(), [""; 0], "nothing new");
    bench.set("shader.invert", 0.0);
    assert!(bench.tick(&decoded) == (decoded.data().to_vec(), 0), "off, it costs nothing");
    bench.set("shader.invert", 1.0);
    fs::remove_file(bench.folder.path().join("invert.wgsl")).expect("removed");
    assert_eq!(bench.look(), ["shaders/invert.wgsl is gone"]);
    assert!(bench.tick(&decoded) == (decoded.data().to_vec(), 0));
    assert_eq!(bench.registry.find("shader.invert"), None);
}

#[test]
fn a_broken_edit_keeps_the_last_good_one_and_its_rows() {
    let Some(mut bench) = Bench::new() else { return };
    let (decoded, levels) = picture(2);
    let good = format!("// param amount 0 0..1\n{INVERT}");
    bench.with(&[("invert.wgsl", &good)]);
    assert!(bench.tick(&decoded) == (decoded.data().to_vec(), 0), "at 0 it is not run");
    bench.set("shader.invert_amount", 0.5);
    assert!(bench.tick(&decoded) == (shown(&inverted(&levels)), 1));
    for (broken, said) in [
        (
            "// param amount 0 0..9\nfn stage(at: vec2<f32>) -> vec3<f32> {\n    return pict(at);\n}\n",
            "shaders/invert.wgsl, line 3: no definition in scope for identifier: `pict`",
        ),
        ("// param amount 0\n", "shaders/invert.wgsl, line 1: write: param NAME"),
    ] {
        let lines = bench.with(&[("invert.wgsl", broken)]);
        assert!(lines.len() == 1 && lines[0].starts_with(said), "{lines:?}");
        assert!(bench.tick(&decoded) == (shown(&inverted(&levels)), 1));
        let amount = bench.registry.find("shader.invert_amount").expect("a row");
        assert_eq!(bench.registry.row(amount).range(), (0.0, 1.0));
    }
    // Mended, with another range: what was set is kept.
    let mended = "// param amount 0 0..9\n// switch red on\nfn stage(at: vec2<f32>) -> vec3<f32> {\n\
        return vec3(p.red, 0.0, 0.0) * p.amount * 2.0 + picture(at) * 0.0;\n}\n";
    assert_eq!(bench.with(&[("invert.wgsl", mended)]), ["shaders/invert.wgsl is in play"]);
    let red = levels.map(|_, _, _| [255, 0, 0]);
    assert!(bench.tick(&decoded).0 == shown(&red));
    // Away and back: everything is as it was.
    bench.set("shader.invert_red", 0.0);
    fs::remove_file(bench.folder.path().join("invert.wgsl")).expect("removed");
    bench.look();
    assert!(bench.tick(&decoded).0 == decoded.data());
    bench.with(&[("invert.wgsl", mended)]);
    assert!(bench.tick(&decoded).0 == shown(&levels.map(|_, _, _| [0; 3])));
}

#[test]
fn the_shaders_of_the_demo_hold_and_do_nothing_until_they_are_moved() {
    let registry = Arc::new(Registry::join(&[]).expect("no rows"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/shaders");
    let mut shelf = Shelf::new(&folder, Arc::clone(&registry));
    assert!(shelf.declare().is_empty() && shelf.len() >= 2);
    for (_, row) in registry.iter() {
        assert_eq!(row.default, row.neutral, "{}", row.id);
        assert!(row.help.ends_with('.'), "{} has no sentence of help", row.id);
    }
    let ripple = fs::read_to_string(folder.join("ripple.wgsl")).expect("readable");
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/shaders.md");
    let manual = fs::read_to_string(manual).expect("readable");
    assert!(manual.contains(&ripple), "docs/shaders.md shows another ripple.wgsl");
    // Each has an amount: without one it would be at work.
    let amounts = registry.iter().filter(|(_, row)| row.id.ends_with("_amount"));
    assert_eq!(amounts.count(), shelf.len());
}

#[test]
fn places_are_pixels_and_edges_repeat() {
    let Some(mut bench) = Bench::new() else { return };
    let (decoded, levels) = picture(3);
    bench.with(&[(
        "step.wgsl",
        "fn stage(at: vec2<f32>) -> vec3<f32> {\n\
        return picture(at + vec2(1.0, -100.0));\n}",
    )]);
    let stepped = levels.map(|x, _, _| levels.clamped(x as i64 + 1, 0).map(i32::from));
    assert!(bench.tick(&decoded).0 == shown(&stepped));
    // Between two pixels, their mean.
    let halves =
        Rgb::from_fn(WIDTH as usize, HEIGHT as usize, |x, _| [if x < 36 { 40 } else { 90 }; 3]);
    let halves = packed(&halves);
    let levels = unpacked(&halves);
    bench.with(&[(
        "step.wgsl",
        "fn stage(at: vec2<f32>) -> vec3<f32> {\n\
        return picture(at + vec2(0.5, 0.0)) + (size - vec2(70.0, 46.0)).xyx;\n}",
    )]);
    let mean = levels.map(|x, y, pixel| {
        let next = levels.clamped(x as i64 + 1, y as i64);
        std::array::from_fn(|c| {
            let sum = i32::from(pixel[c]) + i32::from(next[c]);
            assert!(sum % 2 == 0, "a tie could go either way");
            sum / 2
        })
    });
    assert!(bench.tick(&halves).0 == shown(&mean));
    assert!(shown(&mean) != shown(&levels), "the comparison notices");
}

fn unpacked_like(bytes: &[u8]) -> Rgb {
    let mut picture = Picture::black(WIDTH, HEIGHT);
    picture.data_mut().copy_from_slice(bytes);
    unpacked(&picture)
}

#[test]
fn the_schedule_mixes_what_has_no_amount_and_scales_what_has() {
    let Some(mut bench) = Bench::new() else { return };
    let (decoded, levels) = picture(4);
    bench.with(&[("invert.wgsl", INVERT)]);
    bench.set("age.shader_invert_young", 0.5);
    // Half of a picture and half of its negative is grey: 127.5, either way.
    let grey = unpacked_like(&bench.tick(&decoded).0);
    assert!(grey.pixels.iter().flatten().all(|level| (126..=129).contains(level)));
    bench.set("age.shader_invert_young", 0.0);
    assert!(bench.tick(&decoded).0 == shown(&levels));
    fs::remove_file(bench.folder.path().join("invert.wgsl")).expect("removed");
    bench.with(&[(
        "level.wgsl",
        "// param amount 0 -1..1\n\
        fn stage(at: vec2<f32>) -> vec3<f32> {\n return vec3(0.5 + p.amount);\n}",
    )]);
    bench.set("shader.level_amount", -0.5);
    bench.set("age.shader_level_young", 0.5);
    let quarter = unpacked_like(&bench.tick(&decoded).0);
    assert!(quarter.pixels.iter().flatten().all(|level| (63..=65).contains(level)));
    bench.set("age.shader_level_young", 2.0);
    bench.set("shader.level_amount", 0.75);
    let white = unpacked_like(&bench.tick(&decoded).0);
    assert!(white.pixels.iter().flatten().all(|level| *level == 255), "no further than its range");
}

#[test]
fn chance_differs_by_pixel_generation_and_stage() {
    let Some(mut bench) = Bench::new() else { return };
    let (decoded, _) = picture(5);
    let chance = "fn stage(at: vec2<f32>) -> vec3<f32> {\n return vec3(chance(at).x);\n}";
    bench.with(&[("one.wgsl", chance)]);
    let first = bench.tick(&decoded).0;
    let luma = &first[..(WIDTH * HEIGHT) as usize];
    let mean = luma.iter().map(|sample| f64::from(*sample)).sum::<f64>() / luma.len() as f64;
    // Evenly over 16..=235: mean 125.5, deviation of the mean of 3220 samples 1.11.
    assert!((mean - 125.5).abs() < 5.0 * 1.11, "{mean}");
    assert!(bench.tick(&decoded).0 != first);
    let Some(mut again) = Bench::new() else { return };
    again.with(&[("one.wgsl", chance)]);
    assert!(again.tick(&decoded).0 == first, "the same seed, the same pictures");
    let Some(mut other) = Bench::new() else { return };
    other.with(&[("other.wgsl", chance)]);
    assert!(other.tick(&decoded).0 != first);
    // One number for the whole picture.
    let whole = "fn stage(at: vec2<f32>) -> vec3<f32> {\n return vec3(chance_of(7u).y);\n}";
    other.with(&[("other.wgsl", whole)]);
    let flat = other.tick(&decoded).0;
    assert!(flat[..luma.len()].iter().all(|sample| *sample == flat[0]));
    assert!(other.tick(&decoded).0 != flat);
}

#[test]
fn the_clip_and_the_worn_picture_can_be_read() {
    let Some(mut bench) = Bench::new() else { return };
    let pictures: Vec<_> = (0..3).map(picture).collect();
    bench.with(&[("ghost.wgsl", "fn stage(at: vec2<f32>) -> vec3<f32> {\n return worn(at);\n}")]);
    // What was shown before is shown again, from the first picture on.
    for (decoded, _) in &pictures {
        assert!(bench.tick(decoded).0 == shown(&pictures[0].1));
    }
    // An inverter stands before it: what it reads is still the clip.
    let early = format!("// place: 10\n{INVERT}");
    let clip = "fn stage(at: vec2<f32>) -> vec3<f32> {\n return clip(at);\n}";
    bench.with(&[("invert.wgsl", &early), ("ghost.wgsl", clip)]);
    for (decoded, levels) in &pictures {
        assert!(bench.tick(decoded).0 == shown(levels));
    }
    bench.set("order.shader_invert", 90.0);
    assert!(bench.tick(&pictures[1].0).0 == shown(&inverted(&pictures[1].1)));
}

#[test]
fn places_are_bounded_and_used_again() {
    let Some(mut bench) = Bench::new() else { return };
    let names: Vec<String> = (0..=USER_STAGES).map(|number| format!("s{number}.wgsl")).collect();
    let shaders: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), INVERT)).collect();
    let lines = bench.with(&shaders);
    assert_eq!(lines.len(), USER_STAGES + 1);
    let refused = lines.last().expect("a line");
    assert_eq!(refused, "shaders/s8.wgsl has no place: a set has 8 shaders at most");
    let (decoded, levels) = picture(6);
    // Eight negatives are none.
    assert!(bench.tick(&decoded) == (shown(&levels), 1));
    assert_eq!(bench.look(), [""; 0], "told once");
    let remove = |bench: &Bench, name: &str| {
        fs::remove_file(bench.folder.path().join(name)).expect("removed");
    };
    // The one that was left out has waited for a place.
    remove(&bench, "s3.wgsl");
    assert_eq!(bench.look(), ["shaders/s3.wgsl is gone", "shaders/s8.wgsl is in play"]);
    assert!(bench.tick(&decoded) == (shown(&levels), 1));
    remove(&bench, "s4.wgsl");
    assert_eq!(bench.look(), ["shaders/s4.wgsl is gone"]);
    assert!(bench.tick(&decoded).0 == shown(&inverted(&levels)));
    assert_eq!(bench.with(&[("t.wgsl", INVERT)]), ["shaders/t.wgsl is in play"]);
    assert!(bench.tick(&decoded).0 == shown(&levels));
}

#[test]
fn a_shader_is_renamed_though_all_places_are_taken() {
    let Some(mut bench) = Bench::new() else { return };
    let names: Vec<String> = (1..=USER_STAGES).map(|number| format!("z{number}.wgsl")).collect();
    let shaders: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), INVERT)).collect();
    assert_eq!(bench.with(&shaders).len(), USER_STAGES);
    // The new name stands before the old one in the alphabet.
    let path = |name: &str| bench.folder.path().join(name);
    fs::rename(path("z8.wgsl"), path("a.wgsl")).expect("renamed");
    assert_eq!(bench.look(), ["shaders/z8.wgsl is gone", "shaders/a.wgsl is in play"]);
    let (decoded, levels) = picture(7);
    assert!(bench.tick(&decoded) == (shown(&levels), 1), "eight negatives are none");
    bench.set("shader.a", 0.0);
    assert!(bench.tick(&decoded) == (shown(&inverted(&levels)), 1));
}

#[test]
fn files_that_cannot_be_shaders_are_told() {
    let Some(mut bench) = Bench::new() else { return };
    let large = "/".repeat(300_000);
    let lines = bench.with(&[
        ("Soft Glow.wgsl", INVERT),
        ("large.wgsl", &large),
        // Its switch is the parameter of the next one.
        ("a_b.wgsl", INVERT),
        (
            "a.wgsl",
            "// param b 0 0..1\nfn stage(at: vec2<f32>) -> vec3<f32> { return picture(at); }",
        ),
        (".hidden.wgsl", "no shader"),
    ]);
    assert!(lines[0].starts_with("shaders/a.wgsl is in play"), "{lines:?}");
    let mut problems = lines[1..].iter();
    for said in [
        "shaders/Soft Glow.wgsl cannot be a stage: its name goes into parameters",
        "shaders/a_b.wgsl: the parameter shader.a_b is declared twice; name",
        "shaders/large.wgsl is too large for a shader: 256 KiB",
    ] {
        let problem = problems.next().expect("a problem");
        assert!(problem.starts_with(said), "{problem}");
    }
    assert_eq!(problems.next(), None);
    fs::write(bench.folder.path().join("bytes.wgsl"), [0xff, 0xfe]).expect("written");
    let lines = bench.look();
    assert!(lines.len() == 1 && lines[0].contains("bytes.wgsl cannot be read"), "{lines:?}");
}

#[test]
fn a_shader_whose_rows_clash_has_its_turn_when_the_other_goes() {
    let Some(mut bench) = Bench::new() else { return };
    let with_b = format!("// param b 0 0..1\n{INVERT}");
    let refused = "shaders/a_b.wgsl: the parameter shader.a_b is declared twice; name the \
        parameter or the file otherwise";
    let lines = bench.with(&[("a_b.wgsl", INVERT), ("a.wgsl", &with_b)]);
    assert_eq!(lines, ["shaders/a.wgsl is in play", refused]);
    assert_eq!(bench.look(), [""; 0], "told once");
    let (decoded, levels) = picture(8);
    assert!(bench.tick(&decoded).0 == shown(&inverted(&levels)));
    // The other one lets the name go: first by an edit, then altogether.
    let edited = bench.with(&[("a.wgsl", INVERT)]);
    assert_eq!(edited, ["shaders/a.wgsl is in play", "shaders/a_b.wgsl is in play"]);
    assert!(bench.tick(&decoded).0 == shown(&levels), "two negatives are none");
    let taken = bench.with(&[("a.wgsl", &with_b)]);
    assert!(taken.len() == 1 && taken[0].starts_with("shaders/a.wgsl: "), "{taken:?}");
    fs::remove_file(bench.folder.path().join("a_b.wgsl")).expect("removed");
    assert_eq!(bench.look()[0], "shaders/a_b.wgsl is gone");
    assert_eq!(bench.look(), [""; 0], "both have been dealt with");
    assert!(bench.registry.find("shader.a_b").is_some());
    // A name that it has twice by itself is free for nobody.
    let own = "// param b 0 0..1\n// switch b_c on\n// param b_c 0 0..1\n";
    let own = format!("{own}{INVERT}");
    assert_eq!(bench.with(&[("c.wgsl", &own)]).len(), 1);
    assert_eq!(bench.look(), [""; 0]);
}

#[test]
fn a_file_that_is_being_written_is_waited_for() {
    let Some(mut bench) = Bench::new() else { return };
    let path = bench.folder.path().join("invert.wgsl");
    fs::write(&path, "fn sta").expect("written");
    let patient = |bench: &mut Bench| {
        let news = bench.shelf.look(&bench.bench, true);
        (news.changes.len(), news.problems.len())
    };
    assert_eq!(patient(&mut bench), (0, 0));
    fs::write(&path, INVERT).expect("written");
    assert_eq!(patient(&mut bench), (0, 0));
    assert_eq!(patient(&mut bench), (1, 0));
    assert_eq!(patient(&mut bench), (0, 0));
    fs::remove_file(&path).expect("removed");
    assert_eq!(patient(&mut bench), (0, 0));
    assert_eq!(patient(&mut bench), (1, 0));
}

#[test]
fn rows_are_declared_without_a_device_and_kept_when_it_is_there() {
    let Some(mut bench) = Bench::new() else { return };
    let text = format!("// param depth 1 0..2\n{INVERT}");
    fs::write(bench.folder.path().join("invert.wgsl"), text).expect("written");
    let broken = "// param depth 1 0..2\nfn stage() {}";
    fs::write(bench.folder.path().join("broken.wgsl"), broken).expect("written");
    let problems = bench.shelf.declare();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].to_string().starts_with("shaders/broken.wgsl, line 2: "));
    let declared = bench.registry.find("shader.invert_depth").expect("a row");
    assert!(bench.registry.find("shader.broken_depth").is_some(), "its head is right");
    let count = bench.registry.len();
    assert_eq!(bench.look().len(), 2);
    assert_eq!(bench.registry.find("shader.invert_depth"), Some(declared));
    assert_eq!(bench.registry.len(), count);
}
