//! The thread that makes the small pictures of clips and of grabbed pictures for the window.
//!
//! It begins when somebody looks for the first, does what is looked for before the rest, and rests
//! between two pictures for longer than it works, so that the show does not notice it.

use super::intra::{self, IntraDecoder};
use crate::{
    bitstream::Stream,
    clip::Clip,
    decay,
    preview::{self, Codebook},
    ui::{Flipbook, GrabPictures, Pictures},
    units::{AccessUnitIndex, Canvas, Picture},
};
use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, Sender, unbounded};
use image::{ImageBuffer, Rgb, imageops};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// A small picture is at most this large, in pixels.
const SIZE_MAX: (u32, u32) = (160, 90);
/// Pictures that move, from a clip's start to its end.
const PAGES: usize = 8;
/// The one of them that a clip is known by: not the first, since many begin in black.
const STILL: usize = 2;
/// How much longer it rests than it works: of one core it takes a fifth at most.
const REST: u32 = 4;
/// How often it is looked whether somebody wants pictures.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// Whose pictures are to be made.
enum Order {
    Clip(Arc<Clip>, Pictures),
    Grab(usize, Arc<Stream>),
}

/// The way to the thread.
#[derive(Clone)]
pub struct Thumbnails(Sender<Order>);

impl Thumbnails {
    /// There is a clip whose pictures somebody may want to see.
    pub fn add_clip(&self, clip: &Arc<Clip>, pictures: &Pictures) {
        // A thread that has ended makes none.
        let _ = self.0.send(Order::Clip(Arc::clone(clip), pictures.clone()));
    }

    /// A slot, counted from 0, holds this picture from now on.
    pub fn add_grab(&self, slot: usize, stream: &Arc<Stream>) {
        let _ = self.0.send(Order::Grab(slot, Arc::clone(stream)));
    }
}

/// Orders that wait for [`start`].
pub struct Orders(Receiver<Order>);

/// The way to the thread, which may be used before there is one.
pub fn orders() -> (Thumbnails, Orders) {
    // One order for each clip and each grab: few, and small.
    let (thumbnails, orders) = unbounded();
    (Thumbnails(thumbnails), Orders(orders))
}

/// Starts the thread. It ends with `quit`.
pub fn start(
    orders: Orders,
    canvas: Canvas,
    grabs: GrabPictures,
    quit: Arc<AtomicBool>,
) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("thumbnails".to_owned());
    let (clips, grabbed, has_begun) = (Vec::new(), Vec::new(), false);
    let maker = Maker { orders: orders.0, canvas, grabs, quit, clips, grabbed, has_begun };
    Ok(thread.spawn(move || maker.run())?)
}

struct Maker {
    orders: Receiver<Order>,
    canvas: Canvas,
    grabs: GrabPictures,
    quit: Arc<AtomicBool>,
    /// Those whose pictures are not all there.
    clips: Vec<(Arc<Clip>, Pictures)>,
    /// What slots hold, and nobody has made small yet.
    grabbed: Vec<(usize, Arc<Stream>)>,
    /// Whether anybody has looked for anything.
    has_begun: bool,
}

impl Maker {
    fn run(mut self) {
        while !self.quit.load(Ordering::Relaxed) {
            for order in self.orders.try_iter() {
                match order {
                    Order::Clip(clip, pictures) => self.clips.push((clip, pictures)),
                    Order::Grab(slot, stream) => self.grabbed.push((slot, stream)),
                }
            }
            self.has_begun |= self.clips.iter().any(|(_, pictures)| pictures.are_wanted());
            if self.has_begun {
                self.make_grabbed();
            }
            match self.next() {
                Some(place) => self.make(place),
                None => thread::sleep(LOOK_PAUSE),
            }
        }
    }

    fn make_grabbed(&mut self) {
        for (slot, stream) in self.grabbed.drain(..) {
            let picture = intra::first(&stream, self.canvas).map(|picture| small(&picture));
            match picture.and_then(|picture| book(&[picture])) {
                Ok(book) => self.grabs.put(slot, book),
                Err(error) => log::warn!("slot {} has no small picture: {error:#}", slot + 1),
            }
        }
    }

    /// Whose pictures are made next: stills that are looked for, what is leafed through, the stills of
    /// all others, and at last what moves of all that was seen. Nothing before anybody has looked.
    fn next(&self) -> Option<usize> {
        let find = |is_meant: fn(&Pictures) -> bool| {
            self.clips.iter().position(|(_, pictures)| self.has_begun && is_meant(pictures))
        };
        find(|pictures| pictures.are_wanted() && pictures.still().is_none())
            .or_else(|| find(Pictures::are_wanted_moving))
            .or_else(|| find(|pictures| pictures.still().is_none()))
            .or_else(|| find(Pictures::are_wanted))
    }

    fn make(&mut self, place: usize) {
        let Some((clip, pictures)) = self.clips.get(place).cloned() else { return };
        let is_still = pictures.still().is_none();
        let made = match is_still {
            true => match kept(&clip) {
                Some(still) => book(&[still]).map(Some),
                None => self.pages(&clip, STILL..STILL + 1),
            },
            false => self.pages(&clip, 0..PAGES),
        };
        match made {
            Ok(Some(book)) if is_still => return pictures.put_still(book),
            Ok(Some(book)) => pictures.put_moving(book),
            Ok(None) => return,
            Err(error) => log::warn!("{} has no small pictures: {error:#}", clip.name),
        }
        self.clips.swap_remove(place);
    }

    /// Pages of a clip's book; `None` where the show ends meanwhile.
    fn pages(&self, clip: &Clip, pages: std::ops::Range<usize>) -> Result<Option<Flipbook>> {
        let mut decoder = IntraDecoder::new(&clip.bank, clip.meta.canvas)?;
        let mut small_ones = Vec::with_capacity(pages.len());
        for page in pages {
            if self.quit.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let began = Instant::now();
            let unit = (page * clip.bank.len() / PAGES) as u32;
            small_ones.push(small(decoder.decode(AccessUnitIndex(unit))?));
            thread::sleep(began.elapsed() * REST);
        }
        book(&small_ones).map(Some)
    }
}

/// The picture that the clip's folder holds: there at once, and nothing has to be decoded.
fn kept(clip: &Clip) -> Option<Small> {
    let still = preview::decode_small(clip.preview.as_ref()?, &Codebook::built_in()).ok()?;
    let (width, height) = fitted(clip.meta.canvas.width, clip.meta.canvas.height);
    Some(preview::scale::to(&still, width, height))
}

type Small = ImageBuffer<Rgb<u8>, Vec<u8>>;

/// A picture scaled down, in the shape of its canvas.
fn small(picture: &Picture) -> Small {
    let rgb = decay::unpacked(picture);
    let (width, height) = (picture.width(), picture.height());
    let pixels = rgb.pixels.into_flattened();
    let whole = Small::from_raw(width, height, pixels).unwrap_or_default();
    let (width, height) = fitted(width, height);
    imageops::thumbnail(&whole, width, height)
}

/// The size of a small picture in the shape of a large one.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let [across, down] = [(SIZE_MAX.0, width), (SIZE_MAX.1, height)]
        .map(|(most, side)| f64::from(most) / f64::from(side.max(1)));
    preview::scale::size((width, height), across.min(down).min(1.0))
}

/// A book of these pages.
fn book(pages: &[Small]) -> Result<Flipbook> {
    let first = pages.first().context("no pictures")?;
    let (width, height) = (first.width() as usize, first.height() as usize);
    let rgb = pages.iter().flat_map(|page| page.as_raw()).copied().collect();
    Flipbook::new(width, height, rgb).context("no pixels")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{library::Library, media::ImportRequest};
    use std::{ops::ControlFlow, path::Path, process::Command};

    /// Coding and scaling leave a picture alike within so many levels of 255, in the mean.
    const ALIKE: f64 = 6.0;

    #[test]
    fn pictures_come_when_they_are_looked_for_and_are_those_of_the_clip() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/flower.mp4");
        let folder = tempfile::tempdir().expect("a folder");
        let library = Library::open(folder.path()).expect("a library");
        let canvas: Canvas = "320x180@30".parse().expect("a canvas");
        let request = ImportRequest::new(&source, canvas);
        let loaded = library.load(&request, &mut |_| ControlFlow::Continue(()));
        let clip = Arc::new(loaded.expect("a clip").clip);

        let (thumbnails, orders) = orders();
        let (unseen, pictures) = (Pictures::default(), Pictures::default());
        thumbnails.add_clip(&clip, &unseen);
        thumbnails.add_clip(&clip, &pictures);
        let quit = Arc::new(AtomicBool::new(false));
        let thread = start(orders, canvas, GrabPictures::default(), Arc::clone(&quit));
        let thread = thread.expect("a thread");
        thread::sleep(2 * LOOK_PAUSE);
        assert!(pictures.still().is_none(), "nobody has looked");
        pictures.want();
        wait(|| pictures.moving().is_some());
        // The others have got their stills by then.
        assert!(unseen.still().is_some() && unseen.moving().is_none());
        unseen.want_moving();
        wait(|| unseen.moving().is_some());
        quit.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");

        let (still, moving) = (pictures.still().expect("one"), pictures.moving().expect("all"));
        assert_eq!((still.page_size(), still.pages()), ([160, 90], 1));
        assert_eq!((moving.page_size(), moving.pages()), ([160, 90], PAGES));
        let page = |number: usize| &moving.rgb()[number * 160 * 90 * 3..][..160 * 90 * 3];
        let frames = frames(&source);
        let first = difference(page(0), &frames[0]);
        assert!(first < ALIKE, "the first picture is {first} away");
        // Bank pictures stand every 12 pictures; the page's place in them by hand: 13 of them.
        assert_eq!(clip.bank.len(), 13);
        let third = difference(page(STILL), &frames[36]);
        assert!(third < ALIKE, "the third is {third} away");
        // The still is the preview in 4 KiB that the clip's folder holds.
        assert!(clip.preview.is_some());
        let kept = difference(still.rgb(), &frames[36]);
        assert!(kept < ALIKE, "the still is {kept} away");
        let wrong = difference(page(0), &frames[132]);
        assert!(wrong > 2.0 * ALIKE, "another picture is only {wrong} away");
    }

    fn wait(is_there: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_there() {
            assert!(began.elapsed() < Duration::from_secs(60), "it never came");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// All pictures of a video as ffmpeg makes them small.
    fn frames(source: &Path) -> Vec<Vec<u8>> {
        let scale = "scale=160:90:flags=area";
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(source)
            .args(["-vf", scale, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
            .output()
            .expect("ffmpeg");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout.chunks_exact(160 * 90 * 3).map(<[u8]>::to_vec).collect()
    }

    fn difference(one: &[u8], other: &[u8]) -> f64 {
        assert_eq!(one.len(), other.len());
        let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / one.len() as f64
    }
}
