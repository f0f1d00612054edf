//! Small pictures of clips and of grabbed pictures, as whoever makes them hands them over.
//!
//! Pictures are made by a thread that the window does not know; it sees what is there when it draws.

use crate::clip::GRAB_SLOTS;
use std::{
    array,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Small pictures of one size, which move when one leafs through them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flipbook {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Flipbook {
    /// A book of pages of this size in pixels: 8-bit R'G'B' row by row, one page below the other. `None`
    /// where `rgb` is not a whole number of pages, or none at all.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Option<Self> {
        let page = width * height * 3;
        let is_whole = page > 0 && !rgb.is_empty() && rgb.len().is_multiple_of(page);
        is_whole.then_some(Self { width, height, rgb })
    }

    /// Width and height of a page in pixels.
    pub fn page_size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// How many pages it has, at least one.
    pub fn pages(&self) -> usize {
        self.rgb.len() / (self.width * self.height * 3)
    }

    /// The samples of all pages, one below the other.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

/// The pictures of one clip, which may come at any time: shared by the clip's card and by whoever
/// makes them. Two are equal where they are the same.
#[derive(Clone, Debug, Default)]
pub struct Pictures(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_wanted: AtomicBool,
    is_leafed: AtomicBool,
    still: OnceLock<Flipbook>,
    moving: OnceLock<Flipbook>,
}

impl PartialEq for Pictures {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Pictures {
    /// Somebody looks for them just now.
    pub fn want(&self) {
        self.0.is_wanted.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has looked for them.
    pub fn are_wanted(&self) -> bool {
        self.0.is_wanted.load(Ordering::Relaxed)
    }

    /// Somebody waits for them to move.
    pub fn want_moving(&self) {
        self.0.is_leafed.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has waited for them to move.
    pub fn are_wanted_moving(&self) -> bool {
        self.0.is_leafed.load(Ordering::Relaxed)
    }

    /// Whether anybody but a print of them holds them.
    pub(super) fn are_kept(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Which they are, and what has come of them: another value, another sight.
    pub fn glance(&self) -> (usize, bool, bool) {
        (Arc::as_ptr(&self.0) as usize, self.still().is_some(), self.moving().is_some())
    }

    /// The one picture that the clip is known by.
    pub fn still(&self) -> Option<&Flipbook> {
        self.0.still.get()
    }

    /// The pictures from its start to its end.
    pub fn moving(&self) -> Option<&Flipbook> {
        self.0.moving.get()
    }

    /// Puts the one picture in; what is there stays.
    pub fn put_still(&self, still: Flipbook) {
        let _ = self.0.still.set(still);
    }

    /// Puts all pictures in; what is there stays.
    pub fn put_moving(&self, moving: Flipbook) {
        let _ = self.0.moving.set(moving);
    }
}

/// Slots for grabbed pictures.
const SLOTS: usize = *GRAB_SLOTS.end() as usize;

/// What the slots for grabbed pictures hold, as small pictures: shared by the window and by whoever
/// makes them.
#[derive(Clone, Debug, Default)]
pub struct GrabPictures(Arc<Mutex<[Option<Pictures>; SLOTS]>>);

impl GrabPictures {
    /// A slot, counted from 0, holds this from now on. No such slot, and nothing happens.
    pub fn put(&self, slot: usize, picture: Flipbook) {
        let pictures = Pictures::default();
        pictures.put_still(picture);
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = slots.get_mut(slot) {
            *held = Some(pictures);
        }
    }

    /// The same of each slot.
    pub fn glance(&self) -> [Option<(usize, bool, bool)>; SLOTS] {
        self.all().map(|pictures| pictures.map(|pictures| pictures.glance()))
    }

    /// What each slot holds.
    pub(super) fn all(&self) -> [Option<Pictures>; SLOTS] {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        array::from_fn(|slot| slots[slot].clone())
    }
}
