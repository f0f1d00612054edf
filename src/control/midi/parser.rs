//! From bytes to messages. Pure; one parser per source, since running status is per source.
//!
//! MIDI 1.0 Detailed Specification, sections "Channel Voice Messages", "System Common Messages",
//! "System Real Time Messages", "Running Status" (appendix A-1). System exclusive is skipped, and so
//! are the quarter frames of MTC; real-time bytes may stand anywhere and change nothing.

/// A message that can be mapped. Channels are 1..=16, numbers and velocities 0..=127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A controller moved.
    Control {
        /// 1..=16.
        channel: u8,
        /// Which controller; 120..=127 are channel mode messages and never come.
        number: u8,
        /// 0..=127.
        value: u8,
    },
    /// A controller of two halves moved: made of two messages.
    Control14 {
        /// 1..=16.
        channel: u8,
        /// The controller of the upper half, 0..=31.
        number: u8,
        /// 0..=16,383.
        value: u16,
    },
    /// A key or pad.
    Note {
        /// 1..=16.
        channel: u8,
        /// Which key.
        number: u8,
        /// How hard it was struck; 0 = let go.
        velocity: u8,
    },
    /// The wheel.
    PitchBend {
        /// 1..=16.
        channel: u8,
        /// 0..=16,383; 8,192 at rest.
        value: u16,
    },
    /// A program was chosen.
    Program {
        /// 1..=16.
        channel: u8,
        /// 0..=127.
        number: u8,
    },
    /// All keys of a channel are pressed so hard.
    Pressure {
        /// 1..=16.
        channel: u8,
        /// 0..=127.
        value: u8,
    },
    /// A non-registered parameter: made of several messages.
    Nrpn {
        /// 1..=16.
        channel: u8,
        /// Which one, 0..=16,383.
        number: u16,
        /// 0..=16,383.
        value: u16,
    },
}

/// A message of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockMessage {
    /// A 24th of a beat has gone by.
    Pulse,
    /// The next pulse is the first of the song.
    Start,
    /// The next pulse goes on where it was.
    Continue,
    /// No more pulses that count.
    Stop,
    /// The song stands here, in units of 6 pulses, 0..=16,383.
    Position(u16),
}

/// What a byte has completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A message of a control.
    Message(Message),
    /// A message of a clock.
    Clock(ClockMessage),
}

/// The status byte of a song position.
const SONG_POSITION: u8 = 0xF2;

/// What has been read of the message to come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parser {
    /// The status byte in force, or 0 where there is none.
    status: u8,
    first: Option<u8>,
}

impl Parser {
    /// Takes one byte; returns the message that it completes.
    pub(super) fn push(&mut self, byte: u8) -> Option<Heard> {
        match byte {
            // Real time: anywhere, even within a message.
            0xF8 => Some(Heard::Clock(ClockMessage::Pulse)),
            0xFA => Some(Heard::Clock(ClockMessage::Start)),
            0xFB => Some(Heard::Clock(ClockMessage::Continue)),
            0xFC => Some(Heard::Clock(ClockMessage::Stop)),
            0xF9 | 0xFD..=0xFF => None,
            SONG_POSITION => {
                *self = Self { status: byte, first: None };
                None
            }
            // System common, among it the beginning and end of system exclusive: ends running
            // status, so that the data bytes that follow belong to nothing.
            0xF0 | 0xF1 | 0xF3..=0xF7 => {
                *self = Self::default();
                None
            }
            0x80..=0xEF => {
                *self = Self { status: byte, first: None };
                None
            }
            _ => self.data(byte),
        }
    }

    fn data(&mut self, byte: u8) -> Option<Heard> {
        let channel = (self.status & 0x0F) + 1;
        match self.status & 0xF0 {
            0 => return None,
            0xC0 => return Some(Heard::Message(Message::Program { channel, number: byte })),
            0xD0 => return Some(Heard::Message(Message::Pressure { channel, value: byte })),
            _ => {}
        }
        let Some(first) = self.first.take() else {
            self.first = Some(byte);
            return None;
        };
        let wide = u16::from(byte) << 7 | u16::from(first);
        let message = match self.status & 0xF0 {
            0x80 => Message::Note { channel, number: first, velocity: 0 },
            0x90 => Message::Note { channel, number: first, velocity: byte },
            0xB0 if first < 120 => Message::Control { channel, number: first, value: byte },
            0xE0 => Message::PitchBend { channel, value: wide },
            0xF0 => {
                self.status = 0;
                return Some(Heard::Clock(ClockMessage::Position(wide)));
            }
            _ => return None,
        };
        Some(Heard::Message(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Vec<Message> {
        let mut parser = Parser::default();
        let heard = bytes.iter().filter_map(|byte| parser.push(*byte));
        let message = |heard| match heard {
            Heard::Message(message) => Some(message),
            Heard::Clock(_) => None,
        };
        heard.filter_map(message).collect()
    }

    fn clock(bytes: &[u8]) -> Vec<ClockMessage> {
        let mut parser = Parser::default();
        let heard = bytes.iter().filter_map(|byte| parser.push(*byte));
        let message = |heard| match heard {
            Heard::Message(_) => None,
            Heard::Clock(message) => Some(message),
        };
        heard.filter_map(message).collect()
    }

    #[test]
    fn clocks_are_read_and_quarter_frames_are_not() {
        use ClockMessage::{Continue, Position, Pulse, Start, Stop};
        let bytes = [0xFA, 0xF8, 0xB0, 0xF8, 16, 0xFC, 127, 0xF2, 3, 1, 3, 1, 0xFB];
        assert_eq!(clock(&bytes), [Start, Pulse, Pulse, Stop, Position(131), Continue]);
        assert_eq!(read(&bytes), [KNOB]);
        // A song position cut short, a quarter frame, a song select, a reset.
        assert_eq!(clock(&[0xF2, 3, 0xB0, 1, 0xF1, 0x35, 0xF3, 5, 0xFF, 0xFE]), []);
    }

    const KNOB: Message = Message::Control { channel: 1, number: 16, value: 127 };

    #[test]
    fn channel_messages_are_read() {
        let bend = |value| Message::PitchBend { channel: 16, value };
        let note = |velocity| Message::Note { channel: 10, number: 36, velocity };
        let program = |number| Message::Program { channel: 1, number };
        let pressure = Message::Pressure { channel: 1, value: 3 };
        let cases: [(&[u8], Vec<Message>); 8] = [
            (&[0xB0, 16, 127], vec![KNOB]),
            (&[0x99, 36, 100, 0x89, 36, 64], vec![note(100), note(0)]),
            (&[0x99, 36, 0], vec![note(0)]),
            (&[0xEF, 0, 64, 0, 0, 127, 127], vec![bend(8192), bend(0), bend(16_383)]),
            (&[0xB0, 123, 0], vec![]),
            (&[0xC0, 5, 6, 0xB0, 16, 127], vec![program(5), program(6), KNOB]),
            (&[0xA0, 60, 10, 0xD0, 3, 0xB0, 16, 127], vec![pressure, KNOB]),
            (&[16, 127, 16, 127], vec![]),
        ];
        for (bytes, messages) in cases {
            assert_eq!(read(bytes), messages, "{bytes:?}");
        }
    }

    #[test]
    fn real_time_leaves_running_status_alone_and_system_common_ends_it() {
        assert_eq!(read(&[0xB0, 0xF8, 16, 0xFE, 127, 0xF8, 16, 0xFA, 127]), [KNOB, KNOB]);
        assert_eq!(read(&[0xB0, 16, 127, 0xF0, 16, 127, 0xF7, 16, 127]), [KNOB]);
        assert_eq!(read(&[0xB0, 16, 0xF1, 127, 16, 127]), []);
    }

    proptest! {
        /// Whatever comes, numbers are in range, and a complete message afterwards is understood.
        #[test]
        fn no_bytes_are_too_much(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            bytes.extend([0xB0, 16, 127]);
            let messages = read(&bytes);
            prop_assert_eq!(messages.last(), Some(&KNOB));
            for message in messages {
                let is_legal = match message {
                    Message::Control { channel, number, value } => {
                        (1..=16).contains(&channel) && number < 120 && value < 128
                    }
                    Message::Note { channel, number, velocity } => {
                        (1..=16).contains(&channel) && number < 128 && velocity < 128
                    }
                    Message::PitchBend { channel, value } => {
                        (1..=16).contains(&channel) && value < 1 << 14
                    }
                    Message::Program { channel, number: seven }
                    | Message::Pressure { channel, value: seven } => {
                        (1..=16).contains(&channel) && seven < 128
                    }
                    Message::Control14 { .. } | Message::Nrpn { .. } => false,
                };
                prop_assert!(is_legal);
            }
        }
    }
}
