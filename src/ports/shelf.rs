//! Small pictures for other programs: of the programme, of clips, of snapshots, each in a packet.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How old a picture of the programme may be when it is handed out.
const FRESH: Duration = Duration::from_millis(500);

/// What a picture shows; clips and snapshots are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PictureOf {
    /// What the audience sees.
    Programme,
    /// A clip.
    Clip(usize),
    /// What the programme looked like when a snapshot was stored.
    Snapshot(usize),
}

impl PictureOf {
    /// The picture with this address, `/clip/3/preview` being that of the third clip.
    pub fn at(address: &str) -> Option<Self> {
        let owner = address.trim_end_matches('/').strip_suffix("/preview")?;
        let place = |number: &str| {
            // Plain digits only: `+3` is no number of a clip.
            let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<usize>().ok().filter(|_| is_plain)?.checked_sub(1)
        };
        match owner.strip_prefix('/')?.split_once('/') {
            None if owner == "/programme" => Some(Self::Programme),
            Some(("clip", number)) => place(number).map(Self::Clip),
            Some(("snapshot", number)) => place(number).map(Self::Snapshot),
            _ => None,
        }
    }

    /// Its address.
    pub fn address(self) -> String {
        match self {
            Self::Programme => "/programme/preview".to_owned(),
            Self::Clip(place) => format!("/clip/{}/preview", place + 1),
            Self::Snapshot(place) => format!("/snapshot/{}/preview", place + 1),
        }
    }
}

/// Where such pictures lie. Clones share one; a lock is held for moments, and the engine knows nothing
/// of it.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    pictures: BTreeMap<PictureOf, (Arc<[u8]>, Instant)>,
    is_programme_wanted: bool,
}

impl Shelf {
    /// Lays a picture there, in place of the one before.
    pub fn put(&self, of: PictureOf, bytes: &[u8]) {
        self.lock().pictures.insert(of, (bytes.into(), Instant::now()));
    }

    /// The picture, if it is there; the programme's where it is new enough. Where it is not, it is
    /// wanted from now on: ask again.
    pub fn get(&self, of: PictureOf) -> Option<Arc<[u8]>> {
        let mut state = self.lock();
        let found = state.pictures.get(&of);
        let found = found.filter(|(_, at)| of != PictureOf::Programme || at.elapsed() < FRESH);
        let bytes = found.map(|(bytes, _)| Arc::clone(bytes));
        state.is_programme_wanted |= of == PictureOf::Programme && bytes.is_none();
        bytes
    }

    /// Whether somebody has asked for a picture of the programme since this was last asked.
    pub fn is_programme_wanted(&self) -> bool {
        std::mem::take(&mut self.lock().is_programme_wanted)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_pictures() {
        for (address, of) in [
            ("/programme/preview", PictureOf::Programme),
            ("/clip/3/preview", PictureOf::Clip(2)),
            ("/snapshot/16/preview", PictureOf::Snapshot(15)),
        ] {
            assert_eq!(PictureOf::at(address), Some(of));
            assert_eq!(of.address(), address);
        }
        for address in
            ["/clip/0/preview", "/clip/+3/preview", "/clip/3", "/preview", "clip/3/preview"]
        {
            assert_eq!(PictureOf::at(address), None, "{address}");
        }
    }

    #[test]
    fn the_programme_is_made_when_it_is_asked_for() {
        let shelf = Shelf::default();
        assert_eq!(shelf.get(PictureOf::Clip(0)), None);
        assert!(!shelf.is_programme_wanted());
        assert_eq!(shelf.get(PictureOf::Programme), None);
        assert!(shelf.is_programme_wanted() && !shelf.is_programme_wanted());
        shelf.put(PictureOf::Clip(0), b"clip");
        shelf.put(PictureOf::Clip(0), b"another");
        assert_eq!(shelf.get(PictureOf::Clip(0)).as_deref(), Some(&b"another"[..]));
        // An old one is no picture of what is shown now.
        let long_ago = Instant::now().checked_sub(2 * FRESH).expect("a machine that runs");
        shelf.lock().pictures.insert(PictureOf::Programme, (b"old"[..].into(), long_ago));
        assert_eq!(shelf.get(PictureOf::Programme), None);
        assert!(shelf.is_programme_wanted());
    }
}
