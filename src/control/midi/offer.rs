//! What controls without a mapping do: knobs and pads take what the program offers, the wheels and
//! program changes have their own. Lives on the thread `midi`.

use super::{
    auto::{AutoAssign, Remembered},
    control::part_from_bend,
    parser::Message,
};
use crate::{
    control::batch::Batch,
    params::{Change, Kind, Registry},
    ports::Notices,
};

/// The modulation wheel's controller.
const MODULATION_WHEEL: u8 = 1;

/// By note: the pad that it struck and that has not been let go.
pub(super) type Down = [Option<usize>; 128];

/// What an unmapped control needs.
pub(super) struct Offer<'a> {
    pub registry: &'a Registry,
    pub notices: &'a Notices,
    pub offered: &'a AutoAssign,
    pub batch: &'a mut Batch,
    /// Set where the memory has changed.
    pub is_memory_stale: &'a mut bool,
    /// The device's name.
    pub name: &'a str,
}

/// Whether a controller is never a knob to play with: bank select, the data of parameters by number,
/// pedals and switches, steps, and messages of the channel (MIDI 1.0, control change messages).
fn is_no_knob(number: u8) -> bool {
    matches!(number, 0 | 6 | 32 | 38 | 64..=69 | 96..=101 | 120..=127)
}

impl Offer<'_> {
    /// Takes a message that no mapping hears. Returns whether it means anything.
    pub(super) fn take(
        &mut self,
        message: Message,
        remembered: &mut Remembered,
        down: &mut Down,
    ) -> bool {
        let (param, change) = match message {
            Message::Control { number, .. } if is_no_knob(number) => return false,
            Message::Control { channel, number, value } => {
                let part = f64::from(value) / 127.0;
                let wheel = self.offered.modulation_wheel.filter(|_| {
                    number == MODULATION_WHEEL && !remembered.has_knob((channel, number))
                });
                match wheel {
                    Some(wheel) => (Some(wheel), Change::Normalised(part)),
                    None => return self.knob(remembered, (channel, number), part),
                }
            }
            Message::Note { number, velocity: 0, .. } => {
                release(self.offered, down, number, self.batch);
                return true;
            }
            Message::Note { number, velocity, .. } => {
                return self.pad_pressed(remembered, down, number, f64::from(velocity) / 127.0);
            }
            Message::PitchBend { value, .. } => {
                (self.offered.pitch_bend, Change::Normalised(part_from_bend(value)))
            }
            Message::Program { number, .. } => {
                (self.offered.program, Change::Plain(f64::from(number) + 1.0))
            }
            Message::Pressure { .. } | Message::Control14 { .. } | Message::Nrpn { .. } => {
                return false;
            }
        };
        let Some(param) = param else { return false };
        self.batch.push(param, change);
        true
    }

    fn knob(&mut self, remembered: &mut Remembered, controller: (u8, u8), part: f64) -> bool {
        let found = remembered.knob(controller, &self.offered.knobs, self.registry);
        let Some((param, is_new)) = found else { return false };
        if is_new {
            *self.is_memory_stale = true;
            self.notices.info(format!(
                "MIDI {}: knob CC {} is now {}",
                self.name,
                controller.1,
                self.registry.row(param).name
            ));
        }
        self.batch.push(param, Change::Normalised(part));
        true
    }

    fn pad_pressed(
        &mut self,
        remembered: &mut Remembered,
        down: &mut Down,
        note: u8,
        force: f64,
    ) -> bool {
        if self.offered.pads.is_empty() {
            return false;
        }
        if remembered.lowest_note.is_none_or(|lowest| note < lowest) {
            remembered.lowest_note = Some(note);
            *self.is_memory_stale = true;
            let first = self.pad_name(0);
            self.notices
                .info(format!("MIDI {}: the pads begin at note {note}, {first}", self.name));
        }
        let place = usize::from(note - remembered.lowest_note.unwrap_or(note));
        let Some(pad) = self.offered.pads.get(place) else { return false };
        // Struck again without having been let go: some pads send no release.
        release(self.offered, down, note, self.batch);
        down[usize::from(note)] = Some(place);
        let pressed = match pad.pressed {
            Change::Press(_) => Change::Press(force),
            other => other,
        };
        self.batch.push(pad.param, pressed);
        true
    }

    fn pad_name(&self, place: usize) -> String {
        let Some(pad) = self.offered.pads.get(place) else { return String::new() };
        let row = self.registry.row(pad.param);
        match pad.pressed {
            Change::Plain(value) if !matches!(row.kind, Kind::Trigger) => {
                format!("{} {}", row.name, row.format(value))
            }
            _ => row.name.to_owned(),
        }
    }
}

/// Lets the pad of a note go, where it is down.
pub(super) fn release(offered: &AutoAssign, down: &mut Down, note: u8, batch: &mut Batch) {
    let Some(place) = down[usize::from(note)].take() else { return };
    let pad = offered.pads.get(place);
    if let Some((param, change)) = pad.and_then(|pad| Some((pad.param, pad.released?))) {
        batch.push(param, change);
    }
}
