//! All mappings in force: those of the set, those learnt, those of maps that come for a device. Pure.

use super::{control::Control, lamps::Panel, learn::Origin};
use crate::{
    control::{
        mapping::{Mapping, MappingError, Resolved},
        maps::{self, ControllerMap},
    },
    params::Registry,
    ports::Notices,
};

/// The mappings, and the maps for devices that may come.
#[derive(Clone, Debug, Default)]
pub(super) struct Roll {
    entries: Vec<Entry>,
    maps: Vec<ControllerMap>,
}

#[derive(Clone, Debug)]
struct Entry {
    mapping: Mapping,
    resolved: Resolved,
    origin: Origin,
}

impl Entry {
    /// Whether it is for a device of this name. A map's mappings are for the device that took the map,
    /// and for no other whose name has that name in it.
    fn is_for(&self, device: &str) -> bool {
        match self.origin {
            Origin::Controller => self.mapping.device == device,
            Origin::Set | Origin::Learnt => self.mapping.is_for(device),
        }
    }
}

impl Roll {
    /// The mappings of the set, then those learnt: a learnt one takes the place of one of the set
    /// for the same control and parameter. What names no parameter is left away with a notice.
    pub(super) fn new(
        registry: &Registry,
        notices: &Notices,
        set: Vec<Mapping>,
        learnt: &[Mapping],
        maps: Vec<ControllerMap>,
    ) -> Self {
        let is_relearnt = |mapping: &Mapping| {
            learnt.iter().any(|new| new.param == mapping.param && new.has_control_of(mapping))
        };
        let set = set.into_iter().filter(|mapping| !is_relearnt(mapping));
        let all = set.map(|mapping| (mapping, Origin::Set));
        let all = all.chain(learnt.iter().map(|mapping| (mapping.clone(), Origin::Learnt)));
        let mut this = Self { entries: Vec::new(), maps };
        for (mapping, origin) in all {
            if let Err(error) = this.add(mapping, origin, registry) {
                notices.warn(format!("MIDI: {error}; this mapping is left away"));
            }
        }
        this
    }

    /// Adds a mapping.
    pub(super) fn add(
        &mut self,
        mapping: Mapping,
        origin: Origin,
        registry: &Registry,
    ) -> Result<(), MappingError> {
        let resolved = mapping.resolve(registry)?;
        self.entries.push(Entry { mapping, resolved, origin });
        Ok(())
    }

    /// Keeps the mappings that `keep` says yes to. Returns whether any has gone.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Mapping, Origin) -> bool) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| keep(&entry.mapping, entry.origin));
        self.entries.len() < before
    }

    /// A device has come: where the set has nothing for it, the map made for it counts. Returns the
    /// map's name where it is new.
    pub(super) fn welcome(
        &mut self,
        device: &str,
        registry: &Registry,
        notices: &Notices,
    ) -> Option<String> {
        let has_any = |origin| {
            let mut all = self.entries.iter().filter(|entry| entry.origin == origin);
            all.any(|entry| entry.is_for(device))
        };
        if has_any(Origin::Set) || has_any(Origin::Controller) {
            return None;
        }
        let map = maps::best(&self.maps, device)?.clone();
        for mapping in map.mapping {
            let mapping = Mapping { device: device.to_owned(), ..mapping };
            if let Err(error) = self.add(mapping, Origin::Controller, registry) {
                notices.warn(format!("MIDI: {error}; this mapping of {} is left away", map.name));
            }
        }
        Some(map.name)
    }

    /// The places and mappings that are for a device. What was learnt for a control counts instead
    /// of what the device's map has for it.
    fn of<'a>(&'a self, device: &'a str) -> impl Iterator<Item = (usize, Resolved)> + 'a {
        self.in_force()
            .filter(move |(_, entry)| entry.is_for(device))
            .map(|(place, entry)| (place, entry.resolved))
    }

    /// The entries that count, with their places: of a map those only for whose control nothing was
    /// learnt.
    fn in_force(&self) -> impl Iterator<Item = (usize, &Entry)> {
        // A map's entries name the one device that they are for.
        let is_relearnt = |entry: &Entry| {
            entry.origin == Origin::Controller
                && self.entries.iter().any(|other| {
                    other.origin == Origin::Learnt
                        && other.mapping.is_for(&entry.mapping.device)
                        && other.mapping.overlaps(&entry.mapping)
                })
        };
        self.entries.iter().enumerate().filter(move |(_, entry)| !is_relearnt(entry))
    }

    /// The controls of a device.
    pub(super) fn controls(&self, device: &str) -> Vec<Control> {
        self.of(device).map(|(place, mapping)| Control::new(place, mapping)).collect()
    }

    /// What a device shows. Mappings that name no device show on those only that are played.
    pub(super) fn panel(&self, device: &str) -> Panel {
        Panel::new(
            self.of(device).filter(|(place, _)| !self.entries[*place].mapping.device.is_empty()),
        )
    }

    /// Whether what no mapping hears on a device takes what is offered: neither the set nor a map
    /// is for it.
    pub(super) fn takes_offers(&self, device: &str) -> bool {
        !self.entries.iter().any(|entry| entry.origin != Origin::Learnt && entry.is_for(device))
    }

    /// All that are in force, for people.
    pub(super) fn list(&self) -> Vec<(Mapping, Origin)> {
        self.in_force().map(|(_, entry)| (entry.mapping.clone(), entry.origin)).collect()
    }
}
