//! The thread that makes small pictures of the show for other programs, and lays them on a [`Shelf`].
//!
//! Clips bring theirs along. One of the programme is made when somebody asks for it, at most a few times
//! a second, and one whenever a snapshot is stored.

use super::newcomers::Newcomers;
use crate::{
    decay,
    engine::Status,
    output::ProgrammeReader,
    ports::{PictureOf, Shelf},
    preview::{self, BUDGET_BYTES, PreviewError},
    units::Picture,
};
use image::RgbImage;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use triple_buffer::Output;

/// How often it is looked whether there is something to do: no more pictures a second than that.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// What the thread works with.
pub struct Previews {
    pub shelf: Shelf,
    pub newcomers: Newcomers,
    pub programme: ProgrammeReader,
    pub status: Output<Status>,
    pub quit: Arc<AtomicBool>,
}

/// Starts the thread. It ends with `quit`.
pub fn start(previews: Previews) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("previews".to_owned()).spawn(move || previews.run())
}

impl Previews {
    fn run(mut self) {
        let mut clips = 0;
        let mut stores = self.status.read().snapshot_stores;
        let mut newest = None;
        while !self.quit.load(Ordering::Relaxed) {
            while let Some(clip) = self.newcomers.clip(clips) {
                if let Some(preview) = &clip.preview {
                    self.shelf.put(PictureOf::Clip(clips), preview);
                }
                clips += 1;
            }
            newest = self.programme.take().or(newest);
            let before = std::mem::replace(&mut stores, self.status.read().snapshot_stores);
            let stored = (0..stores.len()).filter(|place| before[*place] != stores[*place]);
            let wanted = self.shelf.is_programme_wanted().then_some(PictureOf::Programme);
            for of in stored.map(PictureOf::Snapshot).chain(wanted) {
                let Some(picture) = &newest else { break };
                match coded(picture) {
                    Ok(bytes) => self.shelf.put(of, &bytes),
                    Err(error) => log::warn!("{} has no picture: {error}", of.address()),
                }
            }
            thread::sleep(LOOK_PAUSE);
        }
    }
}

fn coded(picture: &Picture) -> Result<Vec<u8>, PreviewError> {
    let rgb = decay::unpacked(picture);
    let pixels = rgb.pixels.into_flattened();
    let picture = RgbImage::from_raw(picture.width(), picture.height(), pixels);
    preview::encode_quickly(&picture.unwrap_or_default(), BUDGET_BYTES)
}
