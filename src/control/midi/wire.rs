//! What runs between the callbacks of ALSA and JACK, the thread that plugs, and the thread that
//! translates.
//!
//! Callbacks push raw bytes into one bounded queue: no lock, no allocation. What is plugged in is
//! told through a channel, before the first byte of it.

use super::pulse::Pulse;
use crate::params::{ControlQueue, Counters};
use crossbeam::{channel::Sender, queue::ArrayQueue};
use std::{sync::Arc, thread::Thread, time::Duration};

/// Pieces that may wait for the thread `midi`. A DIN cable brings a thousand messages a second;
/// this holds a full second of four USB devices that send as much.
pub(super) const PIECES_WAITING: usize = 4096;

/// Bytes of one piece: a channel message has at most three, longer ones are cut.
const PIECE_BYTES: usize = 7;

/// The device that stands for whatever is connected to a free port of ours by hand: it is never
/// announced.
pub(super) const BY_HAND: u32 = 0;

/// Some bytes of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Which device.
    pub device: u32,
    /// When they came, in microseconds on the clock of the system that brought them.
    stamp_micros: u64,
    length: u8,
    bytes: [u8; PIECE_BYTES],
}

impl Piece {
    /// At most [`PIECE_BYTES`] of them.
    pub(super) fn new(device: u32, stamp_micros: u64, part: &[u8]) -> Self {
        let length = part.len().min(PIECE_BYTES);
        let mut bytes = [0; PIECE_BYTES];
        bytes[..length].copy_from_slice(&part[..length]);
        Self { device, stamp_micros, length: length as u8, bytes }
    }

    /// When they came.
    pub(super) fn stamp(&self) -> Duration {
        Duration::from_micros(self.stamp_micros)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// What the plugging thread tells the translating one.
pub(super) enum News {
    /// A device has this number from now on.
    Here(u32, String),
    /// The device of this number is heard for as long as this server calls.
    HeardBy(u32, Pulse),
    /// The device of this number has gone.
    Gone(u32),
    /// A device can be told something, by this number.
    OutHere(u32, String, Box<dyn Outlet>),
    /// It cannot any more.
    OutGone(u32),
}

/// A way to a device.
pub(super) trait Outlet: Send {
    /// Sends one message; what finds the way full or gone is lost, and told again when it is back.
    fn send(&mut self, message: &[u8]);
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

    /// Passes the bytes of one event on, with the time of its system. Neither allocates nor locks.
    pub(super) fn push(&self, device: u32, stamp_micros: u64, event: &[u8]) {
        // Of system exclusive the first byte is enough: it ends running status.
        let event = if event.first() == Some(&0xF0) { &event[..1] } else { event };
        for part in event.chunks(PIECE_BYTES) {
            if self.pieces.push(Piece::new(device, stamp_micros, part)).is_err() {
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
    /// Numbers begin at 1, which leaves [`BY_HAND`].
    pub(super) fn new(wire: Wire, news: Sender<News>) -> Self {
        Self { wire, news, next_device: 1 }
    }

    /// Announces a device and returns its number.
    pub(super) fn here(&mut self, name: &str) -> u32 {
        let device = self.number();
        self.tell(News::Here(device, name.to_owned()));
        device
    }

    /// Announces whose calls bring what a device sends.
    pub(super) fn heard_by(&self, device: u32, pulse: Pulse) {
        self.tell(News::HeardBy(device, pulse));
    }

    /// Announces a way to a device and returns its number.
    pub(super) fn out_here(&mut self, name: &str, outlet: Box<dyn Outlet>) -> u32 {
        let number = self.number();
        self.tell(News::OutHere(number, name.to_owned(), outlet));
        number
    }

    /// Announces that a way has gone.
    pub(super) fn out_gone(&self, number: u32) {
        self.tell(News::OutGone(number));
    }

    fn number(&mut self) -> u32 {
        let number = self.next_device;
        self.next_device = self.next_device.wrapping_add(1).max(1);
        number
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
