//! One mapping at work: from what a control says to what happens to its parameter.
//!
//! Owned by the thread `midi`. Knows where the parameter is only through [`View`].

use super::{
    encoder::{Wheel, clicks},
    parser::Message,
    takeover::Hand,
    view::View,
};
use crate::{
    control::mapping::{Mode, Resolved, Takeover},
    params::{Change, Kind},
};
use std::time::Duration;

/// A mapping and the state of its control.
#[derive(Clone, Debug)]
pub(super) struct Control {
    /// Its place in the list of all mappings.
    pub place: usize,
    /// The mapping.
    pub mapping: Resolved,
    is_pressed: bool,
    is_toggled: bool,
    hand: Hand,
    wheel: Wheel,
}

/// Where a control is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// 0..=1 of its way.
    part: f64,
    is_pressed: bool,
}

impl Place {
    fn of(message: Message) -> Self {
        let seven = |value: u8, is_pressed| Self { part: f64::from(value) / 127.0, is_pressed };
        let fourteen = |value: u16| Self {
            part: f64::from(value) / f64::from(FOURTEEN_BITS),
            is_pressed: value > FOURTEEN_BITS / 2,
        };
        match message {
            Message::Control { value, .. } | Message::Pressure { value, .. } => {
                seven(value, value >= 64)
            }
            Message::Note { velocity, .. } => seven(velocity, velocity > 0),
            Message::Control14 { value, .. } | Message::Nrpn { value, .. } => fourteen(value),
            Message::PitchBend { value, .. } => {
                Self { part: part_from_bend(value), is_pressed: value > BEND_AT_REST }
            }
            // The number says which button it is, and nothing of a force.
            Message::Program { .. } => Self { part: 1.0, is_pressed: true },
        }
    }
}

const FOURTEEN_BITS: u16 = 0x3FFF;
const BEND_AT_REST: u16 = 0x2000;

/// 0..=1 of a 14-bit wheel, of which rest (8,192) is exactly the middle though it has one step less
/// above than below.
pub(super) fn part_from_bend(value: u16) -> f64 {
    let from_rest = f64::from(value) - f64::from(BEND_AT_REST);
    let way = f64::from(if from_rest > 0.0 { BEND_AT_REST - 1 } else { BEND_AT_REST });
    0.5 + from_rest / (2.0 * way)
}

/// The 14-bit value of a wheel at this part of its way.
pub(super) fn bend_from_part(part: f64) -> u16 {
    let from_rest = (part.clamp(0.0, 1.0) - 0.5) * 2.0;
    let way = f64::from(if from_rest > 0.0 { BEND_AT_REST - 1 } else { BEND_AT_REST });
    (f64::from(BEND_AT_REST) + from_rest * way).round() as u16
}

impl Control {
    pub(super) fn new(place: usize, mapping: Resolved) -> Self {
        Self {
            place,
            mapping,
            is_pressed: false,
            is_toggled: false,
            hand: Hand::default(),
            wheel: Wheel::default(),
        }
    }

    /// What a message that the mapping hears does to its parameter. Of the two times the first is
    /// when it was sent, for wheels; the second is now.
    pub(super) fn change(
        &mut self,
        message: Message,
        view: View<'_>,
        (stamp, now): (Duration, Duration),
    ) -> Option<Change> {
        let row = view.row(self.mapping.param);
        if let Message::Control { value, .. } = message
            && let Some(clicks) = clicks(self.mapping.mode, value)
        {
            return self.turned(clicks, view, (stamp, now));
        }
        if let (Message::Program { number, .. }, true) = (message, self.mapping.takes_any_program())
        {
            let plain = match row.kind {
                Kind::Float { .. } => {
                    return Some(Change::Normalised(self.mapping.value(f64::from(number) / 127.0)));
                }
                _ => self.mapping.first + f64::from(number),
            };
            return Some(Change::Plain(row.clamp(plain)));
        }
        let place = Place::of(message);
        match row.kind {
            Kind::Bool | Kind::Trigger => self.pressed(place, row.kind),
            Kind::Reference => None,
            Kind::Float { .. } | Kind::Int { .. } | Kind::Choice(_) => self.moved(place, view, now),
        }
    }

    /// Of a switch or a trigger.
    fn pressed(&mut self, place: Place, kind: Kind) -> Option<Change> {
        let Resolved { low, high, invert, mode, .. } = self.mapping;
        // A switch whose ends are exchanged is turned round as well.
        let is_turned = invert != (kind == Kind::Bool && high < low);
        let is_pressed = place.is_pressed != is_turned;
        let was_pressed = std::mem::replace(&mut self.is_pressed, is_pressed);
        let is_new = is_pressed && !was_pressed;
        match mode {
            Mode::Absolute if is_new => {
                // A trigger's force has a range and a curve as any value; let go when turned round,
                // a control has no force to tell.
                let force = if invert { high } else { self.mapping.value(place.part) };
                Some(Change::Press(if kind == Kind::Bool { place.part.max(0.5) } else { force }))
            }
            Mode::Absolute => (was_pressed && !is_pressed).then_some(Change::Release),
            _ if kind == Kind::Trigger => is_new.then_some(Change::Fire),
            // The parameter itself knows where it is, whoever moved it.
            Mode::Toggle => is_new.then_some(Change::Toggle),
            Mode::Gate if is_pressed == was_pressed => None,
            Mode::Gate => Some(Change::Normalised(f64::from(u8::from(is_pressed)))),
            _ => is_new.then_some(Change::Normalised(high)),
        }
    }

    /// Of a parameter that has a value.
    fn moved(&mut self, place: Place, view: View<'_>, now: Duration) -> Option<Change> {
        let Resolved { low, high, invert, mode, takeover, param, .. } = self.mapping;
        let is_pressed = place.is_pressed != invert;
        let was_pressed = std::mem::replace(&mut self.is_pressed, is_pressed);
        let is_new = is_pressed && !was_pressed;
        let row = view.row(param);
        let plain = view.plain(param);
        let value = match mode {
            Mode::Toggle if is_new => {
                // Away from the end that it is nearer to, whoever brought it there.
                let is_high = plain.map_or(self.is_toggled, |plain| {
                    let value = self.hand.value(row, plain);
                    (value - high).abs() < (value - low).abs()
                });
                self.is_toggled = !is_high;
                let value = if is_high { low } else { high };
                self.hand.sent(value, now);
                value
            }
            Mode::Gate if is_pressed && !was_pressed => high,
            Mode::Gate if was_pressed && !is_pressed => low,
            Mode::Trigger if is_new => high,
            Mode::Toggle | Mode::Gate | Mode::Trigger => return None,
            _ => {
                let target = self.mapping.value(place.part);
                self.hand.moved(target, takeover, (row, plain), now)?
            }
        };
        Some(Change::Normalised(value))
    }

    /// An encoder was turned.
    fn turned(
        &mut self,
        clicks: i32,
        view: View<'_>,
        (stamp, now): (Duration, Duration),
    ) -> Option<Change> {
        if clicks == 0 {
            return None;
        }
        let Resolved { low, high, invert, param, step, acceleration, is_jog, .. } = self.mapping;
        let row = view.row(param);
        if matches!(row.kind, Kind::Trigger | Kind::Reference) {
            return (row.kind == Kind::Trigger).then_some(Change::Fire);
        }
        let is_back = invert != (high < low);
        let clicks_up = f64::from(if is_back { -clicks } else { clicks });
        let gain = self.wheel.gain(clicks, acceleration, stamp);
        let slices = view.monitor.map_or(0, |monitor| monitor.progress().slices);
        let step = match is_jog && slices > 1 {
            true => 1.0 / f64::from(slices - 1),
            false => step * (high - low).abs().max(if row.is_stepped() { 1.0 } else { 0.0 }),
        };
        let by = clicks_up * step * gain;
        let Some(plain) = view.plain(param) else { return Some(Change::Nudge(by)) };
        self.hand.look(row, plain, now);
        // The playhead goes on by itself; a scrub begins where it is, not where it was sent last.
        let from = match (view.monitor, self.hand.recent(now)) {
            (Some(monitor), None) if is_jog => monitor.progress().position,
            (_, Some(recent)) if is_jog => recent,
            _ => self.hand.value(row, plain),
        };
        let (least, most) = (low.min(high), low.max(high));
        let value = (from + by).clamp(least, most);
        self.hand.sent(value, now);
        Some(Change::Normalised(value))
    }

    /// Where the control is while it waits to be picked up, normalised; in whatever bank.
    pub(super) fn ghost(&self, view: View<'_>) -> Option<f64> {
        let Resolved { mode, takeover, param, .. } = self.mapping;
        let kind = view.row(param).kind;
        let has_value = matches!(kind, Kind::Float { .. } | Kind::Int { .. } | Kind::Choice(_));
        let is_picked_up = mode == Mode::Absolute && takeover == Takeover::Pickup;
        self.hand.waiting().filter(|_| has_value && is_picked_up && view.plain(param).is_some())
    }

    /// What follows a message at once: a program change is a press that nothing ends, so it ends as
    /// it comes. A gate stays open, as nothing closes it.
    pub(super) fn follow(&mut self, message: Message, view: View<'_>) -> Option<Change> {
        if !matches!(message, Message::Program { .. }) {
            return None;
        }
        let was_pressed = std::mem::take(&mut self.is_pressed);
        let is_switch = matches!(view.row(self.mapping.param).kind, Kind::Bool | Kind::Trigger);
        (was_pressed && is_switch && self.mapping.mode == Mode::Absolute).then_some(Change::Release)
    }

    /// Takes note of where the control is while its bank is not the one in force; what is pressed
    /// then is pressed in another one.
    pub(super) fn idle(&mut self, message: Message) {
        self.hand.idle(self.mapping.value(Place::of(message).part));
    }

    /// Looks at the parameter, so that another hand is noticed.
    pub(super) fn look(&mut self, view: View<'_>, now: Duration) {
        if let Some(plain) = view.plain(self.mapping.param) {
            self.hand.look(view.row(self.mapping.param), plain, now);
        }
    }

    /// The device has gone, or the bank: what it holds is let go.
    pub(super) fn let_go(&mut self, view: View<'_>) -> Option<Change> {
        self.hand.release();
        let was_pressed = std::mem::take(&mut self.is_pressed) && !self.mapping.invert;
        let kind = view.row(self.mapping.param).kind;
        match (self.mapping.mode, kind) {
            _ if !was_pressed => None,
            (Mode::Gate, Kind::Trigger) => None,
            (Mode::Gate, Kind::Bool) => Some(Change::Normalised(0.0)),
            (Mode::Gate, _) => Some(Change::Normalised(self.mapping.low)),
            (Mode::Absolute, Kind::Bool | Kind::Trigger) => Some(Change::Release),
            _ => None,
        }
    }

    /// Whether it is held down.
    pub(super) fn is_pressed(&self) -> bool {
        self.is_pressed
    }
}
