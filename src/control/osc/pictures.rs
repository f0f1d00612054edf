//! Small pictures that were asked for: `/clip/3/preview` is answered under the same address with a blob,
//! in a packet of its own.
//!
//! Owned by the thread of the server. Who asks for the programme waits until its picture is made.

use super::{
    inlet::{Heard, Inlet},
    outlet::Place,
    told::encode,
};
use crate::ports::{PictureOf, Shelf};
use rosc::{OscMessage, OscType};
use std::time::{Duration, Instant};

/// How long a question waits for its picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// Questions that wait at once; further ones are not heard.
const MOST_ASKED: usize = 64;

/// Who waits for what.
#[derive(Debug)]
pub(super) struct Asked {
    shelf: Shelf,
    waiting: Vec<(Place, PictureOf, Instant)>,
}

impl Asked {
    pub(super) fn new(shelf: Shelf) -> Self {
        Self { shelf, waiting: Vec::new() }
    }

    /// Whether anybody waits.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes in what the last packet from there asked for.
    pub(super) fn hear(&mut self, inlet: &Inlet, origin: Place, now: Instant) {
        for heard in inlet.heard() {
            let Heard::Picture(of) = heard else { continue };
            let has_asked =
                self.waiting.iter().any(|(place, has, _)| (place, has) == (&origin, of));
            if !has_asked && self.waiting.len() < MOST_ASKED {
                self.waiting.push((origin, *of, now + PATIENCE));
            }
        }
    }

    /// Sends what is there, and forgets who has waited for long enough.
    pub(super) fn answer(&mut self, now: Instant, send: &mut dyn FnMut(Place, &[u8])) {
        let shelf = &self.shelf;
        self.waiting.retain(|(place, of, until)| {
            let Some(bytes) = shelf.get(*of) else { return *until > now };
            let args = vec![OscType::Blob(bytes.to_vec())];
            if let Some(packet) = encode(OscMessage { addr: of.address(), args }) {
                send(*place, &packet);
            }
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{ControlQueue, Registry, Source};
    use std::sync::Arc;

    #[test]
    fn who_asks_is_answered_once_the_picture_is_there() {
        let registry = Arc::new(Registry::join(&[]).expect("no rows"));
        let mut inlet = Inlet::new(registry, ControlQueue::default(), Source::Osc);
        let shelf = Shelf::default();
        let mut asked = Asked::new(shelf.clone());
        let (here, now) = (Place::Tcp(7), Instant::now());
        let mut sent = Vec::new();
        let mut answer = |asked: &mut Asked, now| {
            asked.answer(now, &mut |place, packet| sent.push((place, packet.to_vec())));
            std::mem::take(&mut sent)
        };
        // "/clip/3/preview" and a type tag without arguments, twice.
        for _ in 0..2 {
            inlet.take(b"/clip/3/preview\0,\0\0\0");
            asked.hear(&inlet, here, now);
        }
        assert_eq!(answer(&mut asked, now), []);
        shelf.put(PictureOf::Clip(2), b"RIFF");
        let packet = b"/clip/3/preview\0,b\0\0\0\0\0\x04RIFF".to_vec();
        assert_eq!(answer(&mut asked, now), [(here, packet)]);
        assert!(!asked.is_waiting());
        // What never comes is waited for no longer than that.
        inlet.take(b"/programme/preview\0\0,\0\0\0");
        asked.hear(&inlet, here, now);
        assert_eq!(answer(&mut asked, now), []);
        assert!(asked.is_waiting() && shelf.is_programme_wanted());
        assert_eq!(answer(&mut asked, now + PATIENCE), []);
        assert!(!asked.is_waiting());
    }
}
