//! Clips that come in while playing, by whichever way: the engine, the window and the set's file get
//! them in one order, so that a number means the same clip everywhere.

use super::{options::ConformOptions, thumbnails::Thumbnails};
use crate::{
    clip::{Clip, Meta},
    engine::CLIPS_MAX,
    media::ImportRequest,
    set::{ClipEntry, ClipImport},
    ui::ClipCard,
    units::Canvas,
};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// The one way in. Shared by all threads that make or fetch clips; the lock is held for moments.
#[derive(Clone)]
pub struct Newcomers {
    canvas: Canvas,
    thumbnails: Thumbnails,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Clips of the set, those that came in included.
    clips: usize,
    /// Those that came in, as a set names them.
    added: Vec<ClipEntry>,
    /// All that are in memory, by their place.
    loaded: HashMap<usize, Arc<Clip>>,
    engine: Sender<Arc<Clip>>,
    window: Sender<ClipCard>,
}

/// The ends that the clips come out of.
pub struct Arrivals {
    /// For the engine.
    pub clips: Receiver<Arc<Clip>>,
    /// For the window.
    pub cards: Receiver<ClipCard>,
}

impl Newcomers {
    /// The way into a set that has `clips` clips; `thumbnails` makes small pictures of those to come.
    pub fn new(canvas: Canvas, clips: usize, thumbnails: Thumbnails) -> (Self, Arrivals) {
        // A set has no more clips than that, so nobody ever waits for room.
        let (engine, arrivals) = bounded(CLIPS_MAX);
        let (window, cards) = bounded(CLIPS_MAX);
        let state = State { clips, added: Vec::new(), loaded: HashMap::new(), engine, window };
        let this = Self { canvas, thumbnails, state: Arc::new(Mutex::new(state)) };
        (this, Arrivals { clips: arrivals, cards })
    }

    /// What every clip of the set has.
    pub fn canvas(&self) -> Canvas {
        self.canvas
    }

    /// Why no clip can come in any more.
    pub fn refusal(&self) -> Option<String> {
        self.with(|state| refusal(state.clips))
    }

    /// A clip becomes the last of the set. Returns its number, counted from 1.
    ///
    /// # Errors
    /// It cannot; the line says why.
    pub fn add(&self, clip: Arc<Clip>, entry: ClipEntry) -> Result<usize, String> {
        if clip.meta.canvas != self.canvas {
            let (own, canvas) = (clip.meta.canvas, self.canvas);
            return Err(format!(
                "it is a clip of {own}, and {canvas} is played: import its source"
            ));
        }
        self.with(|state| {
            if let Some(why) = refusal(state.clips) {
                return Err(why);
            }
            let entry = ClipEntry {
                hash: Some(clip.meta.source_hash.clone()),
                backward_hash: clip.meta.backward_hash.clone(),
                ..entry
            };
            let card = ClipCard::of(&clip);
            self.thumbnails.add_clip(&clip, &card.pictures);
            if state.engine.try_send(Arc::clone(&clip)).is_err() {
                return Err("the show is over".to_owned());
            }
            state.loaded.insert(state.clips, clip);
            // Where no window is, nobody asks.
            let _ = state.window.try_send(card);
            state.clips += 1;
            state.added.push(entry);
            Ok(state.clips)
        })
    }

    /// The clips that were there at the beginning, for whoever asks for [`clip`](Self::clip).
    pub fn begin_with(&self, clips: impl Iterator<Item = Arc<Clip>>) {
        self.with(|state| state.loaded.extend(clips.enumerate()));
    }

    /// The clip at a place of the set, where it is in memory.
    pub fn clip(&self, place: usize) -> Option<Arc<Clip>> {
        self.with(|state| state.loaded.get(&place).cloned())
    }

    /// All that have come in, as a set names them, in their order.
    pub fn added(&self) -> Vec<ClipEntry> {
        self.with(|state| state.added.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn refusal(clips: usize) -> Option<String> {
    (clips >= CLIPS_MAX).then(|| {
        format!("a set has {CLIPS_MAX} clips at most: leave one out of the set, and start it again")
    })
}

/// How a set names a clip so that it plays the same another time: by its source where that makes the
/// same clip again, as it was `asked` for or with everything said; else by its folder.
pub fn entry_of(
    meta: &Meta,
    folder: &Path,
    asked: Option<ClipEntry>,
    conform: &ConformOptions,
) -> ClipEntry {
    let made = ImportRequest::from_meta(meta);
    let is_same = |entry: &ClipEntry| {
        let again = conform.request(entry, meta.canvas);
        again.is_ok_and(|again| {
            (again.fit, &again.coding) == (made.fit, &made.coding)
                && meta.still_secs.is_none_or(|secs| secs == again.still_secs)
                && meta.sequence_rate.is_none_or(|rate| rate == again.sequence_rate)
        })
    };
    let said = ClipEntry {
        backward: made.backward.clone(),
        import: ClipImport {
            encoder: Some(made.coding.encoder),
            mosh: made.coding.mosh,
            fit: Some(made.fit),
            gop: made.coding.intra_every,
            still_secs: meta.still_secs,
        },
        ..ClipEntry::of(made.source)
    };
    let of_folder = || ClipEntry::of(std::path::absolute(folder).unwrap_or(folder.to_owned()));
    asked.into_iter().chain([said]).find(is_same).unwrap_or_else(of_folder)
}
