//! What devices are told: lamps, rings of encoders, motor faders. Lives on the thread `midi`.
//!
//! Changed values only; everything again when a device comes back, or much has changed at once (a
//! preset); never to a control that a hand is on, which would fight the hand, or make it jump.

use super::{control::bend_from_part, view::View};
use crate::{
    control::mapping::{Lamp, MessageKind, Mode, Resolved},
    params::{Gesture, Kind},
};
use std::time::Duration;

/// A control is touched for so long after its last message.
const TOUCHED: Duration = Duration::from_millis(300);

/// Messages to one device in one turn: a DIN cable carries so many in 20 ms. The rest waits for the
/// next turn.
const MESSAGES_PER_TURN: usize = 20;

/// From so many changes at once on everything is told again: a look was recalled, and a device that
/// has missed one of many must not stay wrong.
const MANY: usize = 8;

/// All messages here have three bytes.
const MESSAGE_BYTES: usize = 3;

/// Nobody can be told more than this about one thing: three bytes, or two controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    bytes: [u8; 6],
    length: u8,
}

impl Told {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn new(parts: &[u8]) -> Self {
        let mut bytes = [0; 6];
        let length = parts.len().min(bytes.len());
        bytes[..length].copy_from_slice(&parts[..length]);
        Self { bytes, length: length as u8 }
    }

    /// The message of a lamp: `part` is 0..=1 of the way from off to on.
    fn of(lamp: Lamp, part: f64) -> Self {
        let (off, on) = (f64::from(lamp.off), f64::from(lamp.on));
        Self::with(lamp, (off + (on - off) * part).round() as u8, part)
    }

    fn with(lamp: Lamp, value: u8, part: f64) -> Self {
        let channel = (lamp.channel - 1) & 0x0F;
        match lamp.kind {
            MessageKind::Cc14 => {
                let wide = (part.clamp(0.0, 1.0) * 16_383.0).round() as u16;
                let (upper, lower) = ((wide >> 7) as u8, (wide & 0x7F) as u8);
                let status = 0xB0 | channel;
                Self::new(&[status, lamp.number, upper, status, lamp.number + 32, lower])
            }
            MessageKind::PitchBend => {
                let wide = bend_from_part(part);
                Self::new(&[0xE0 | channel, (wide & 0x7F) as u8, (wide >> 7) as u8])
            }
            MessageKind::Note => Self::new(&[0x90 | channel, lamp.number, value]),
            _ => Self::new(&[0xB0 | channel, lamp.number, value]),
        }
    }
}

/// One thing on a device that shows something.
#[derive(Clone, Debug)]
struct Fixture {
    /// Where it is told: kind, channel, number.
    at: (MessageKind, u8, u8),
    /// The places of the mappings that it shows, in their order.
    mappings: Vec<(usize, Resolved)>,
    told: Option<Told>,
    touched: Option<Duration>,
    is_held: bool,
}

/// Everything on a device that shows something.
#[derive(Clone, Debug, Default)]
pub(super) struct Panel {
    fixtures: Vec<Fixture>,
}

impl Panel {
    /// A panel that shows these mappings, given with their places.
    pub(super) fn new(mappings: impl Iterator<Item = (usize, Resolved)>) -> Self {
        let mut fixtures: Vec<Fixture> = Vec::new();
        for (place, mapping) in mappings {
            let Some(lamp) = mapping.lamp else { continue };
            let at = (lamp.kind, lamp.channel, lamp.number);
            match fixtures.iter_mut().find(|fixture| fixture.at == at) {
                Some(fixture) => fixture.mappings.push((place, mapping)),
                None => {
                    let mappings = vec![(place, mapping)];
                    let fixture =
                        Fixture { at, mappings, told: None, touched: None, is_held: false };
                    fixtures.push(fixture);
                }
            }
        }
        Self { fixtures }
    }

    /// Whether it shows nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.fixtures.is_empty()
    }

    /// A hand has moved the control of a mapping.
    pub(super) fn touched(&mut self, place: usize, now: Duration) {
        for fixture in self.of(place) {
            fixture.touched = Some(now);
            // It shows what the hand made of it, or nothing that is known.
            fixture.told = None;
        }
    }

    /// A finger is on the control of a mapping, or off it.
    pub(super) fn held(&mut self, place: usize, is_held: bool, now: Duration) {
        for fixture in self.of(place) {
            fixture.is_held = is_held;
            fixture.touched = Some(now);
            fixture.told = None;
        }
    }

    fn of(&mut self, place: usize) -> impl Iterator<Item = &mut Fixture> {
        let shows = move |fixture: &&mut Fixture| fixture.mappings.iter().any(|m| m.0 == place);
        self.fixtures.iter_mut().filter(shows)
    }

    /// Forgets what was told, so that everything is told again.
    pub(super) fn forget(&mut self) {
        for fixture in &mut self.fixtures {
            fixture.told = None;
        }
    }

    /// Tells what has changed. `is_pressed` says of a mapping's place whether its control is down.
    pub(super) fn tell(
        &mut self,
        view: View<'_>,
        bank: i64,
        now: Duration,
        is_pressed: &dyn Fn(usize) -> bool,
        mut send: impl FnMut(&[u8]),
    ) {
        let shown = |fixture: &Fixture| fixture.shows(view, bank, is_pressed);
        let has_changed =
            |fixture: &&Fixture| fixture.told.is_some() && fixture.told != shown(fixture);
        if self.fixtures.iter().filter(has_changed).count() >= MANY {
            self.forget();
        }
        let mut count = 0;
        for fixture in &mut self.fixtures {
            let is_touched = fixture.touched.is_some_and(|at| now.saturating_sub(at) < TOUCHED);
            if fixture.is_held || is_touched {
                continue;
            }
            let Some(told) = fixture.shows(view, bank, is_pressed) else { continue };
            if fixture.told == Some(told) {
                continue;
            }
            if count == MESSAGES_PER_TURN {
                return;
            }
            count += 1;
            fixture.told = Some(told);
            // One message at a time: JACK takes no two in one.
            told.bytes().chunks(MESSAGE_BYTES).for_each(&mut send);
        }
    }
}

impl Fixture {
    /// What it should show; `None` where that is not known.
    fn shows(&self, view: View<'_>, bank: i64, is_pressed: &dyn Fn(usize) -> bool) -> Option<Told> {
        let Some((place, mapping)) = self.mappings.iter().find(|(_, m)| m.is_in(bank)) else {
            // Nothing here in this bank: dark.
            let lamp = self.mappings.first()?.1.lamp?;
            return Some(Told::of(lamp, 0.0));
        };
        let lamp = mapping.lamp?;
        let plain = view.plain(mapping.param)?;
        let row = view.row(mapping.param);
        let is_value = !matches!(row.kind, Kind::Bool | Kind::Trigger);
        let on_if = |is_on| Told::of(lamp, f64::from(u8::from(is_on)));
        Some(match (row.kind, mapping.mode) {
            (Kind::Reference, _) => return None,
            (Kind::Trigger, _) => on_if(is_pressed(*place)),
            (Kind::Bool, _) => {
                let is_on = plain >= 0.5;
                let gesture = view.monitor.map_or(Gesture::Hold, |m| m.gesture(mapping.param));
                match is_on && gesture == Gesture::Latch {
                    true => Told::with(lamp, lamp.latched, 1.0),
                    false => on_if(is_on),
                }
            }
            // A pad that chooses a value shows whether that is chosen.
            (_, Mode::Toggle | Mode::Gate | Mode::Trigger) if is_value => {
                let value = row.normalised_from_plain(plain);
                let chosen = row.plain_from_normalised(mapping.high);
                on_if(match mapping.mode {
                    Mode::Trigger => chosen == plain,
                    _ => (value - mapping.high).abs() < (value - mapping.low).abs(),
                })
            }
            _ => Told::of(lamp, mapping.part(row.normalised_from_plain(plain))),
        })
    }
}
