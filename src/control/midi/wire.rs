//! What runs between the callbacks of ALSA and JACK, the thread that plugs, and the thread that
//! translates.
//!
//! Callbacks push raw bytes into one bounded queue: no lock, no allocation. What is plugged in is
//! told through a channel, before the first byte of it.

use crate::params::{ControlQueue, Counters};
use crossbeam::{channel::Sender, queue::ArrayQueue};
use std::{sync::Arc, thread::Thread};

/// Pieces that may wait for the thread `midi`. A DIN cable brings a thousand messages a second;
/// this holds a full second of four USB devices that send as much.
pub(super) const PIECES_WAITING: usize = 4096;

/// Bytes of one piece: a channel message has at most three, longer ones are cut.
const PIECE_BYTES: usize = 7;

/// Some bytes of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Which device.
    pub device: u32,
    length: u8,
    bytes: [u8; PIECE_BYTES],
}

impl Piece {
    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// What the plugging thread tells the translating one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// A device has this number from now on.
    Here(u32, String),
    /// The device of this number has gone.
    Gone(u32),
}

/// The end of the queue that callbacks hold.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pieces: Arc<ArrayQueue<Piece>>,
    reader: Thread,
    queue: ControlQueue,
}

impl Wire {
    /// A wire to `reader`, which pops `pieces`. What finds them full is counted as refused.
    pub(super) fn new(pieces: Arc<ArrayQueue<Piece>>, reader: Thread, queue: ControlQueue) -> Self {
        Self { pieces, reader, queue }
    }

    /// Passes the bytes of one event on. Neither allocates nor locks.
    pub(super) fn push(&self, device: u32, event: &[u8]) {
        // Of system exclusive the first byte is enough: it ends running status.
        let event = if event.first() == Some(&0xF0) { &event[..1] } else { event };
        for part in event.chunks(PIECE_BYTES) {
            let mut piece = Piece { device, length: part.len() as u8, bytes: [0; PIECE_BYTES] };
            piece.bytes[..part.len()].copy_from_slice(part);
            if self.pieces.push(piece).is_err() {
                Counters::count(&self.queue.counters().refused);
            }
        }
        self.reader.unpark();
    }
}

/// What the plugging thread holds: the wire for its callbacks, the channel, and the next number.
#[derive(Debug)]
pub(super) struct Board {
    /// For callbacks.
    pub wire: Wire,
    news: Sender<News>,
    next_device: u32,
}

impl Board {
    /// Numbers begin at 1; 0 stands for what is plugged in by hand.
    pub(super) fn new(wire: Wire, news: Sender<News>) -> Self {
        Self { wire, news, next_device: 1 }
    }

    /// Announces a device and returns its number.
    pub(super) fn here(&mut self, name: &str) -> u32 {
        let device = self.next_device;
        self.next_device = self.next_device.wrapping_add(1).max(1);
        self.tell(News::Here(device, name.to_owned()));
        device
    }

    /// Announces that a device has gone.
    pub(super) fn gone(&self, device: u32) {
        self.tell(News::Gone(device));
    }

    fn tell(&self, news: News) {
        // Fails only when the translating thread has ended, at the very end.
        let _ = self.news.send(news);
        self.wire.reader.unpark();
    }
}
