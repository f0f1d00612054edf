//! The thread's side of learning: requests are met, a moved control becomes a mapping, what was
//! learnt is remembered.

use super::{
    learn::{Origin, Request},
    propose::{Proposal, Proposer},
    translate::{Armed, Translator},
};
use crate::{
    control::mapping::{Mapping, Mode},
    params::Kind,
};
use std::time::Duration;

impl Translator {
    /// Meets what was asked of the desk.
    pub(super) fn mind_requests(&mut self) {
        while let Some(request) = self.desk.next() {
            match request {
                Request::Arm(id) => self.arm(id),
                Request::Disarm => self.disarm(),
                Request::Unlearn(id) => self.unlearn(&id),
                Request::Replace { old, new } => self.replace(&old, new),
                Request::Remove(mapping) => {
                    self.roll.retain(|known, _| *known != mapping);
                    self.memory.learnt.retain(|known| *known != mapping);
                    self.has_learnt();
                }
            }
        }
    }

    fn arm(&mut self, id: String) {
        let Some(param) = self.registry.find(&id) else {
            self.notices.warn(format!("MIDI: there is no parameter '{id}' to learn"));
            return;
        };
        let row = self.registry.row(param);
        if row.is_meter || row.kind == Kind::Reference {
            self.notices.warn(format!("MIDI: {id} cannot be moved by a control"));
            return;
        }
        self.notices.info(format!("MIDI: move a control for {}", row.name));
        // From here on nobody hears that a key was let go.
        self.release_all(|_| true);
        self.desk.show(|state| {
            state.armed = Some(id.clone());
            state.proposal = None;
        });
        self.armed = Some(Armed { id, proposer: Proposer::default() });
    }

    fn disarm(&mut self) {
        self.armed = None;
        self.desk.show(|state| {
            state.armed = None;
            state.proposal = None;
        });
    }

    fn unlearn(&mut self, id: &str) {
        let has_gone = self.roll.retain(|mapping, _| mapping.param != id);
        self.memory.learnt.retain(|mapping| mapping.param != id);
        if self.armed.as_ref().is_some_and(|armed| armed.id == id) {
            self.disarm();
        }
        match has_gone {
            true => self.notices.info(format!("MIDI: nothing moves {id} any more")),
            false => self.notices.info(format!("MIDI: nothing was mapped to {id}")),
        }
        self.has_learnt();
    }

    fn replace(&mut self, old: &Mapping, new: Mapping) {
        if let Err(error) = new.resolve(&self.registry) {
            self.notices.warn(format!("MIDI: {error}; the mapping stays as it was"));
            return;
        }
        self.roll.retain(|known, _| known != old);
        self.memory.learnt.retain(|known| known != old);
        self.keep(new);
        self.has_learnt();
    }

    fn keep(&mut self, mapping: Mapping) {
        match self.roll.add(mapping.clone(), Origin::Learnt, &self.registry) {
            Ok(()) => self.memory.learnt.push(mapping),
            Err(error) => self.notices.warn(format!("MIDI: {error}; nothing was learnt")),
        }
    }

    fn has_learnt(&mut self) {
        self.is_memory_stale = true;
        self.rebuild();
    }

    /// Looks whether the control that is being moved is known by now.
    pub(super) fn learn(&mut self, now: Duration) {
        let Some(armed) = &mut self.armed else { return };
        let device = armed.proposer.device().map(|id| self.devices.get(&id));
        let name = match device {
            None => return,
            Some(Some(device)) => device.name.clone(),
            // It has gone while it was being learnt.
            Some(None) => return armed.proposer.clear(),
        };
        let id = armed.id.clone();
        let decided = armed.proposer.decide(now);
        let Some(proposal) = decided.or_else(|| armed.proposer.propose()) else { return };
        let mapping = self.mapping(&name, &id, proposal);
        if decided.is_none() {
            self.desk.show(|state| state.proposal = Some(mapping));
            return;
        }
        let is_same = |known: &Mapping| known.param == id && known.has_control_of(&mapping);
        self.roll.retain(|known, _| !is_same(known));
        self.memory.learnt.retain(|known| !is_same(known));
        let conflicts = self.conflicts(&mapping);
        self.notices.info(learnt_text(&mapping, &conflicts));
        self.keep(mapping.clone());
        self.disarm();
        self.desk.show(|state| state.learnt = Some((mapping, conflicts)));
        self.has_learnt();
    }

    fn mapping(&self, device: &str, id: &str, proposal: Proposal) -> Mapping {
        let Proposal { kind, channel, number, mode, is_button } = proposal;
        let row = self.registry.find(id).map(|param| self.registry.row(param));
        let has_value = row.is_some_and(|row| !matches!(row.kind, Kind::Bool | Kind::Trigger));
        // A key or pad that moves a value has two ends and nothing between them.
        let is_toggle = is_button && has_value && mode == Mode::Absolute;
        Mapping {
            device: device.to_owned(),
            kind,
            channel: Some(channel),
            number,
            param: id.to_owned(),
            mode: if is_toggle { Mode::Toggle } else { mode },
            ..Mapping::default()
        }
    }

    /// What else the control will move once this is learnt: what a map has for it counts no more.
    fn conflicts(&self, mapping: &Mapping) -> Vec<String> {
        let all = self.roll.list().into_iter();
        let stay = all.filter(|(_, origin)| *origin != Origin::Controller).map(|(known, _)| known);
        let same = stay.filter(|known| known.is_for(&mapping.device) && known.overlaps(mapping));
        same.map(|known| known.param).collect()
    }
}

fn learnt_text(mapping: &Mapping, conflicts: &[String]) -> String {
    let control = mapping.control_text();
    let way = match mapping.mode {
        Mode::Absolute => "",
        Mode::Toggle => " (toggle)",
        Mode::Gate => " (gate)",
        Mode::Trigger => " (trigger)",
        Mode::TwosComplement => " (encoder, two's complement)",
        Mode::SignMagnitude => " (encoder, sign and magnitude)",
        Mode::BinaryOffset => " (encoder, binary offset)",
    };
    let also = match conflicts {
        [] => String::new(),
        some => format!("; it moves {} too", some.join(", ")),
    };
    format!("MIDI {}: {control}{way} moves {}{also}", mapping.device, mapping.param)
}
