//! Messages made of several: controllers of 14 bits, and NRPN. Pure; one assembler per source.
//!
//! MIDI 1.0 Detailed Specification, "Control Change": controllers 0 to 31 are upper halves, 32 to 63
//! the lower halves of the same; 99 and 98 name a non-registered parameter, 101 and 100 a registered
//! one, 6 and 38 give it a value.

use super::parser::Message;

const CHANNELS: usize = 16;
/// Controllers that have a lower half.
const HALVES: usize = 32;

const DATA_UPPER: u8 = 6;
const DATA_LOWER: u8 = 38;
const NRPN_LOWER: u8 = 98;
const NRPN_UPPER: u8 = 99;
const RPN_LOWER: u8 = 100;
const RPN_UPPER: u8 = 101;
/// The parameter that is none: what comes after it is for nobody.
const NO_NRPN: u16 = 0x3FFF;

/// What the channels of one source have said so far.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    channels: [Channel; CHANNELS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    halves: [Halves; HALVES],
    /// The parameter's number, upper and lower half.
    nrpn: [Option<u8>; 2],
    data: Halves,
}

/// A value of two halves.
#[derive(Clone, Copy, Debug, Default)]
struct Halves {
    upper: Option<u8>,
    /// Whether a lower half ever came: from then on each upper one waits for it.
    has_lower: bool,
}

impl Halves {
    /// The value, unless its lower half is still to come. Where none comes ever, the upper half
    /// stands for both, so that the highest value is the highest.
    fn upper(&mut self, value: u8) -> Option<u16> {
        self.upper = Some(value);
        (!self.has_lower).then(|| join(value, value))
    }

    fn lower(&mut self, value: u8) -> Option<u16> {
        let upper = self.upper?;
        self.has_lower = true;
        Some(join(upper, value))
    }
}

fn join(upper: u8, lower: u8) -> u16 {
    u16::from(upper) << 7 | u16::from(lower)
}

impl Assembler {
    /// Takes a message; returns the wider one that it completes.
    pub(super) fn take(&mut self, message: Message) -> Option<Message> {
        let Message::Control { channel, number, value } = message else { return None };
        let state = &mut self.channels[usize::from(channel - 1) % CHANNELS];
        match number {
            NRPN_UPPER => state.name(0, value),
            NRPN_LOWER => state.name(1, value),
            RPN_LOWER | RPN_UPPER => state.nrpn = [None; 2],
            _ => {}
        }
        if let (DATA_UPPER | DATA_LOWER, Some(number)) = (message_number(message), state.nrpn()) {
            let is_upper = message_number(message) == DATA_UPPER;
            let data = &mut state.data;
            let value = if is_upper { data.upper(value) } else { data.lower(value) };
            return value.map(|value| Message::Nrpn { channel, number, value });
        }
        let (halves, is_upper) = match usize::from(number) {
            upper @ 0..HALVES => (&mut state.halves[upper], true),
            lower @ HALVES..64 => (&mut state.halves[lower - HALVES], false),
            _ => return None,
        };
        let value = if is_upper { halves.upper(value) } else { halves.lower(value) };
        let number = number % HALVES as u8;
        value.map(|value| Message::Control14 { channel, number, value })
    }

    /// Whether the message is a part of an NRPN, and so no control of its own.
    pub(super) fn is_part(&self, message: Message) -> bool {
        let Message::Control { channel, number, .. } = message else { return false };
        match number {
            NRPN_LOWER..=RPN_UPPER => true,
            DATA_UPPER | DATA_LOWER => {
                self.channels[usize::from(channel - 1) % CHANNELS].nrpn().is_some()
            }
            _ => false,
        }
    }
}

fn message_number(message: Message) -> u8 {
    match message {
        Message::Control { number, .. } => number,
        _ => u8::MAX,
    }
}

impl Channel {
    /// One half of the parameter's number has come.
    fn name(&mut self, half: usize, value: u8) {
        if self.nrpn[half] != Some(value) {
            self.data.upper = None;
        }
        self.nrpn[half] = Some(value);
    }

    /// The parameter that values are for.
    fn nrpn(&self) -> Option<u16> {
        let number = join(self.nrpn[0]?, self.nrpn[1]?);
        (number != NO_NRPN).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(messages: &[(u8, u8)]) -> Vec<(u16, u16)> {
        let mut assembler = Assembler::default();
        let control = |&(number, value)| Message::Control { channel: 3, number, value };
        let wide = messages.iter().map(control).filter_map(|message| assembler.take(message));
        wide.map(|message| match message {
            Message::Control14 { channel: 3, number, value } => (number.into(), value),
            Message::Nrpn { channel: 3, number, value } => (number, value),
            other => panic!("{other:?}"),
        })
        .collect()
    }

    #[test]
    fn halves_are_joined() {
        // 64 * 128 + 1; then the upper half waits for its lower one.
        let messages = [(16, 64), (48, 1), (16, 65), (48, 0), (48, 127)];
        let joined = [(16, 64 * 129), (16, 8193), (16, 8320), (16, 8447)];
        assert_eq!(wide(&messages), joined);
        assert_eq!(wide(&[(16, 127), (16, 0)]), [(16, 16_383), (16, 0)]);
        assert_eq!(wide(&[(48, 5), (70, 1)]), []);
    }

    #[test]
    fn non_registered_parameters_are_joined() {
        // Parameter 2 * 128 + 5.
        let name = [(99, 2), (98, 5)];
        let with = |rest: &[(u8, u8)]| wide(&[&name, rest].concat());
        assert_eq!(with(&[(6, 127)]), [(261, 16_383)]);
        assert_eq!(with(&[(6, 1), (38, 2), (6, 3), (38, 0)]), [(261, 129), (261, 130), (261, 384)]);
        // A registered one (bend range), and none at all: the data is a controller's again.
        assert_eq!(with(&[(101, 0), (100, 0), (6, 2)]), [(6, 258)]);
        assert_eq!(wide(&[(99, 127), (98, 127), (6, 2)]), [(6, 258)]);
        assert_eq!(wide(&[(99, 2), (6, 2)]), [(6, 258)]);
    }

    #[test]
    fn parts_are_told_from_controls() {
        let mut assembler = Assembler::default();
        let control = |number| Message::Control { channel: 1, number, value: 1 };
        assert!(!assembler.is_part(control(6)));
        for number in [99, 98] {
            assembler.take(control(number));
            assert!(assembler.is_part(control(number)));
        }
        assert!(assembler.is_part(control(6)) && assembler.is_part(control(38)));
        assert!(!assembler.is_part(control(7)));
    }
}
