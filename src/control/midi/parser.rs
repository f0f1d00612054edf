//! From bytes to messages. Pure; one parser per source, since running status is per source.
//!
//! MIDI 1.0 Detailed Specification, sections "Channel Voice Messages", "System Common Messages",
//! "Running Status" (appendix A-1). System exclusive is skipped; real-time bytes may stand
//! anywhere and change nothing.

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
}

/// What has been read of the message to come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parser {
    /// The status byte in force, or 0 where there is none.
    status: u8,
    first: Option<u8>,
}

impl Parser {
    /// Takes one byte; returns the message that it completes.
    pub(super) fn push(&mut self, byte: u8) -> Option<Message> {
        match byte {
            // Real time: anywhere, even within a message.
            0xF8.. => None,
            // System common, among it the beginning and end of system exclusive: ends running
            // status, so that the data bytes that follow belong to nothing.
            0xF0.. => {
                *self = Self::default();
                None
            }
            0x80.. => {
                *self = Self { status: byte, first: None };
                None
            }
            _ => self.data(byte),
        }
    }

    fn data(&mut self, byte: u8) -> Option<Message> {
        // Program change and channel pressure have one data byte and are not mapped.
        if matches!(self.status & 0xF0, 0 | 0xC0 | 0xD0) {
            return None;
        }
        let Some(first) = self.first.take() else {
            self.first = Some(byte);
            return None;
        };
        let channel = (self.status & 0x0F) + 1;
        match self.status & 0xF0 {
            0x80 => Some(Message::Note { channel, number: first, velocity: 0 }),
            0x90 => Some(Message::Note { channel, number: first, velocity: byte }),
            0xB0 if first < 120 => Some(Message::Control { channel, number: first, value: byte }),
            0xE0 => {
                let value = u16::from(byte) << 7 | u16::from(first);
                Some(Message::PitchBend { channel, value })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Vec<Message> {
        let mut parser = Parser::default();
        bytes.iter().filter_map(|byte| parser.push(*byte)).collect()
    }

    const KNOB: Message = Message::Control { channel: 1, number: 16, value: 127 };

    #[test]
    fn channel_messages_are_read() {
        let bend = |value| Message::PitchBend { channel: 16, value };
        let note = |velocity| Message::Note { channel: 10, number: 36, velocity };
        let cases: [(&[u8], Vec<Message>); 8] = [
            (&[0xB0, 16, 127], vec![KNOB]),
            (&[0x99, 36, 100, 0x89, 36, 64], vec![note(100), note(0)]),
            (&[0x99, 36, 0], vec![note(0)]),
            (&[0xEF, 0, 64, 0, 0, 127, 127], vec![bend(8192), bend(0), bend(16_383)]),
            (&[0xB0, 123, 0], vec![]),
            (&[0xC0, 5, 6, 7, 0xB0, 16, 127], vec![KNOB]),
            (&[0xA0, 60, 10, 0xD0, 3, 0xB0, 16, 127], vec![KNOB]),
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
                };
                prop_assert!(is_legal);
            }
        }
    }
}
