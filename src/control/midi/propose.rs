//! What kind of control it is that a hand moves: told from the bytes. Pure.
//!
//! An absolute controller speaks when its value changes, so it never says the same twice in a row; an
//! encoder says how far it was turned, which is mostly one. A fader that is thrown from end to end in two
//! messages says nothing yet: what an encoder is said to be must be seen more than once. Which of the three codings it is follows
//! from the values about 1, 64 or 127; where the values fit two of them, from the way that people
//! turn first, which is to the right.

use super::parser::Message;
use crate::control::mapping::{MessageKind, Mode};
use std::time::Duration;

/// Messages after which nothing new is learnt about a control.
const ENOUGH: usize = 8;
/// Messages kept.
const MOST: usize = 64;
/// Silence after which a control that spoke several times is decided on; one that spoke once gets
/// longer, since a person may only have begun.
const SILENCE: Duration = Duration::from_millis(400);
const SILENCE_AFTER_ONE: Duration = Duration::from_millis(900);
/// The furthest that an encoder is turned in one message, as learning sees it.
const FARTHEST: u8 = 20;

/// Leaps from end to end, one after the other, that make an encoder without any other sign.
const LEAPS: usize = 3;

/// A control as it was recognised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Proposal {
    /// What it sends.
    pub kind: MessageKind,
    /// 1..=16.
    pub channel: u8,
    /// Of the controller, note, program or NRPN.
    pub number: u16,
    /// What is to be made of it.
    pub mode: Mode,
    /// Whether it only ever said all or nothing.
    pub is_button: bool,
}

/// The control that a hand moves, while a parameter waits for one.
#[derive(Clone, Debug, Default)]
pub(super) struct Proposer {
    /// Of the first device that spoke.
    device: Option<u32>,
    heard: Vec<Message>,
    /// Wider messages that were made of those.
    wide: Vec<Message>,
    last: Duration,
}

impl Proposer {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The device whose control it is.
    pub(super) fn device(&self) -> Option<u32> {
        self.device
    }

    /// Takes a message, and the wider one that it completed.
    pub(super) fn hear(
        &mut self,
        device: u32,
        message: Message,
        wide: Option<Message>,
        now: Duration,
    ) {
        if *self.device.get_or_insert(device) != device || self.heard.len() >= MOST {
            return;
        }
        self.heard.push(message);
        self.wide.extend(wide);
        self.last = now;
    }

    /// What it is, once that is clear.
    pub(super) fn decide(&self, now: Duration) -> Option<Proposal> {
        let has_more_to_say = self.heard.len() < 2 || self.is_doubtful();
        let silence = if has_more_to_say { SILENCE_AFTER_ONE } else { SILENCE };
        let is_over = now.saturating_sub(self.last) >= silence;
        let is_enough = self.heard.len() >= ENOUGH || self.is_clear();
        (is_enough || is_over).then(|| self.propose()).flatten()
    }

    /// Whether one message says it all.
    fn is_clear(&self) -> bool {
        let is_clear =
            |message: &Message| matches!(message, Message::Note { .. } | Message::PitchBend { .. });
        self.heard.iter().any(is_clear)
    }

    /// Whether it has leapt from one end to the other and nothing else: a fader that is thrown, or an
    /// encoder that is turned to and fro.
    fn is_doubtful(&self) -> bool {
        let values: Vec<u8> = self
            .heard
            .iter()
            .filter_map(|message| match message {
                Message::Control { value, .. } => Some(*value),
                _ => None,
            })
            .collect();
        leaps(&values) > 0 && evidence(&values) == 0 && !is_button(&values)
    }

    /// What it is as far as can be told now.
    pub(super) fn propose(&self) -> Option<Proposal> {
        let plain = |kind, channel, number: u16| Proposal {
            kind,
            channel,
            number,
            mode: Mode::Absolute,
            is_button: false,
        };
        // Whatever a key or wheel sends beside itself (pressure, controllers) is not what was meant.
        let whole = self.heard.iter().find_map(|message| match *message {
            Message::Note { channel, number, .. } => Some(Proposal {
                is_button: true,
                ..plain(MessageKind::Note, channel, number.into())
            }),
            Message::PitchBend { channel, .. } => Some(plain(MessageKind::PitchBend, channel, 0)),
            _ => None,
        });
        if whole.is_some() {
            return whole;
        }
        if let Some(Message::Nrpn { channel, number, .. }) =
            self.wide.iter().find(|wide| matches!(wide, Message::Nrpn { .. }))
        {
            return Some(plain(MessageKind::Nrpn, *channel, *number));
        }
        let controller = self.heard.iter().find_map(|message| match *message {
            // The names of NRPNs; their values may still come.
            Message::Control { number: 98..=101, .. } => None,
            Message::Control { channel, number, .. } => Some((channel, number)),
            _ => None,
        });
        if let Some((channel, number)) = controller {
            return Some(self.controller(channel, number));
        }
        self.heard.iter().find_map(|message| match *message {
            Message::Program { channel, number } => {
                Some(plain(MessageKind::Program, channel, number.into()))
            }
            Message::Pressure { channel, .. } => Some(plain(MessageKind::Pressure, channel, 0)),
            _ => None,
        })
    }

    fn controller(&self, channel: u8, number: u8) -> Proposal {
        let values = |wanted: u8| {
            self.heard.iter().filter_map(move |message| match *message {
                Message::Control { channel: on, number, value } => {
                    (on == channel && number == wanted).then_some(value)
                }
                _ => None,
            })
        };
        let upper = number % 32;
        let is_pair = number < 64 && values(upper).count() > 0 && values(upper + 32).count() > 0;
        if is_pair {
            return Proposal {
                kind: MessageKind::Cc14,
                channel,
                number: upper.into(),
                mode: Mode::Absolute,
                is_button: false,
            };
        }
        let values: Vec<u8> = values(number).collect();
        Proposal {
            kind: MessageKind::Cc,
            channel,
            number: number.into(),
            mode: encoder(&values).unwrap_or(Mode::Absolute),
            is_button: is_button(&values),
        }
    }
}

/// Whether only all and nothing were said, as a button does.
fn is_button(values: &[u8]) -> bool {
    values.contains(&127) && values.iter().all(|value| matches!(value, 0 | 127))
        // Two in a row of the same are no button's that lets go.
        && !(values.len() > 2 && values.iter().all(|value| *value == 127))
}

/// Times that a control went from one end to the other between two messages.
fn leaps(values: &[u8]) -> usize {
    values.windows(2).filter(|pair| is_leap(pair[0], pair[1])).count()
}

fn is_leap(from: u8, to: u8) -> bool {
    from.abs_diff(to) > 100
}

/// What speaks for an encoder: the same value twice in a row, but for a fader that says once more where
/// it has arrived; or leaps to and fro, which no hand makes with a fader.
fn evidence(values: &[u8]) -> usize {
    let repeats = values.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let arrivals = values.windows(3).filter(|three| is_leap(three[0], three[1]));
    let arrivals = arrivals.filter(|three| three[1] == three[2]).count();
    repeats - arrivals + leaps(values) / LEAPS
}

/// Which encoder says these values; `None` where it is none.
fn encoder(values: &[u8]) -> Option<Mode> {
    if evidence(values) == 0 || is_button(values) {
        return None;
    }
    let all = |is: &dyn Fn(u8) -> bool| values.iter().all(|value| is(*value));
    let any = |is: &dyn Fn(u8) -> bool| values.iter().any(|value| is(*value));
    let right = |value: u8| (1..=FARTHEST).contains(&value);
    let twos_left = |value: u8| value >= 128 - FARTHEST;
    let sign_left = |value: u8| (65..=64 + FARTHEST).contains(&value);
    let offset = |value: u8| value != 64 && (64 - FARTHEST..=64 + FARTHEST).contains(&value);
    if all(&|value| right(value) || twos_left(value)) {
        return Some(Mode::TwosComplement);
    }
    if any(&right) && all(&|value| right(value) || sign_left(value)) {
        return Some(Mode::SignMagnitude);
    }
    all(&offset).then_some(Mode::BinaryOffset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::midi::assemble::Assembler;
    use proptest::prelude::*;

    fn learn(messages: &[Message]) -> Option<Proposal> {
        let (mut proposer, mut assembler) = (Proposer::default(), Assembler::default());
        for message in messages {
            proposer.hear(1, *message, assembler.take(*message), Duration::ZERO);
        }
        proposer.decide(Duration::from_secs(1))
    }

    fn controls(number: u8, values: &[u8]) -> Vec<Message> {
        values.iter().map(|value| Message::Control { channel: 2, number, value: *value }).collect()
    }

    fn mode(values: &[u8]) -> Mode {
        let proposal = learn(&controls(16, values)).expect("a control");
        assert_eq!((proposal.kind, proposal.channel, proposal.number), (MessageKind::Cc, 2, 16));
        proposal.mode
    }

    #[test]
    fn encoders_are_told_from_knobs_and_from_each_other() {
        for values in [&[64, 65, 66, 67][..], &[3, 2, 1, 0], &[127, 126, 125], &[0, 40, 90], &[12]]
        {
            assert_eq!(mode(values), Mode::Absolute, "{values:?}");
        }
        for values in
            [&[1, 1, 1, 2, 1][..], &[127, 127, 126, 127], &[1, 1, 127, 127], &[1, 127, 1, 127]]
        {
            assert_eq!(mode(values), Mode::TwosComplement, "{values:?}");
        }
        for values in [&[1, 1, 65, 65][..], &[2, 1, 1, 66, 65]] {
            assert_eq!(mode(values), Mode::SignMagnitude, "{values:?}");
        }
        for values in [&[65, 65, 66, 65][..], &[63, 63, 62], &[65, 65, 63, 63]] {
            assert_eq!(mode(values), Mode::BinaryOffset, "{values:?}");
        }
    }

    #[test]
    fn faders_that_are_thrown_are_no_encoders() {
        for values in [
            &[1, 127][..],
            &[127, 1],
            &[3, 124],
            &[1, 127, 127],
            &[127, 1, 1],
            &[1, 127, 1],
            &[2, 1, 127],
            &[1, 127, 126],
            &[5, 60, 127],
            &[1, 66, 127],
            &[0, 1, 127],
            &[127, 64, 1],
            &[126, 70, 20, 1],
            &[40, 90, 127, 127],
        ] {
            assert_eq!(mode(values), Mode::Absolute, "{values:?}");
        }
    }

    /// What a Behringer X-Touch Mini sends when an encoder is turned slowly, fast, and back: as Mackie
    /// Control (sign and magnitude), and in the three relative modes of its editor.
    #[test]
    fn the_encoders_of_an_x_touch_mini_are_told() {
        for (values, expected) in [
            // Mackie Control, and "Relative 3": 01.. to the right, 41.. to the left.
            (&[0x01, 0x01, 0x02, 0x01, 0x41, 0x41, 0x42, 0x41][..], Mode::SignMagnitude),
            (&[0x01, 0x03, 0x05, 0x05, 0x44, 0x42, 0x41], Mode::SignMagnitude),
            // "Relative 1": 01.. and 7F.. .
            (&[0x01, 0x01, 0x02, 0x01, 0x7F, 0x7F, 0x7E, 0x7F], Mode::TwosComplement),
            (&[0x7F, 0x7F, 0x7F], Mode::TwosComplement),
            (&[0x01, 0x7F, 0x7F, 0x7F], Mode::TwosComplement),
            (&[0x01, 0x04, 0x07, 0x07, 0x7A, 0x7D, 0x7F], Mode::TwosComplement),
            // "Relative 2": 41.. and 3F.. .
            (&[0x41, 0x41, 0x42, 0x41, 0x3F, 0x3F, 0x3E, 0x3F], Mode::BinaryOffset),
            (&[0x3F, 0x3F, 0x3D, 0x3F], Mode::BinaryOffset),
        ] {
            assert_eq!(mode(values), expected, "{values:02x?}");
        }
    }

    #[test]
    fn a_leap_is_given_time_to_say_more() {
        let (mut proposer, millis) = (Proposer::default(), Duration::from_millis);
        for message in controls(16, &[1, 127]) {
            proposer.hear(1, message, None, Duration::ZERO);
        }
        assert_eq!(proposer.decide(millis(500)), None);
        assert_eq!(proposer.decide(millis(900)).map(|found| found.mode), Some(Mode::Absolute));
    }

    #[test]
    fn other_kinds_are_told() {
        let kind = |messages: &[Message]| learn(messages).map(|p| (p.kind, p.number, p.is_button));
        let note = Message::Note { channel: 1, number: 36, velocity: 99 };
        let pressure = Message::Pressure { channel: 1, value: 50 };
        assert_eq!(kind(&[pressure, note]), Some((MessageKind::Note, 36, true)));
        assert_eq!(kind(&[pressure, pressure]), Some((MessageKind::Pressure, 0, false)));
        let bend = Message::PitchBend { channel: 1, value: 9000 };
        assert_eq!(kind(&[bend]), Some((MessageKind::PitchBend, 0, false)));
        let program = Message::Program { channel: 1, number: 7 };
        assert_eq!(kind(&[program]), Some((MessageKind::Program, 7, false)));
        let control = |number, value| Message::Control { channel: 1, number, value };
        let pair = [control(20, 64), control(52, 3), control(20, 64), control(52, 9)];
        assert_eq!(kind(&pair), Some((MessageKind::Cc14, 20, false)));
        let nrpn = [control(99, 1), control(98, 2), control(6, 64), control(38, 0)];
        assert_eq!(kind(&nrpn), Some((MessageKind::Nrpn, 130, false)));
        assert_eq!(kind(&[control(99, 1), control(98, 2)]), None);
        assert_eq!(kind(&controls(40, &[127, 0])), Some((MessageKind::Cc, 40, true)));
        assert_eq!(kind(&controls(40, &[127])), Some((MessageKind::Cc, 40, true)));
        assert_eq!(kind(&controls(40, &[126, 127])), Some((MessageKind::Cc, 40, false)));
    }

    #[test]
    fn it_waits_until_it_is_clear() {
        let mut proposer = Proposer::default();
        let millis = Duration::from_millis;
        assert_eq!(proposer.decide(millis(5_000)), None);
        for (place, message) in controls(16, &[1, 1]).into_iter().enumerate() {
            proposer.hear(1, message, None, millis(10 * place as u64));
            // Another device is not listened to.
            proposer.hear(2, Message::Program { channel: 1, number: 1 }, None, millis(0));
        }
        assert_eq!(proposer.decide(millis(300)), None);
        let proposal = proposer.decide(millis(500)).expect("silence");
        assert_eq!((proposal.mode, proposer.device()), (Mode::TwosComplement, Some(1)));
        for message in controls(16, &[1; 6]) {
            proposer.hear(1, message, None, millis(20));
        }
        assert!(proposer.decide(millis(20)).is_some());
    }

    proptest! {
        /// A knob that is moved steadily is never taken for an encoder.
        #[test]
        fn a_sweep_is_absolute(from in 0_u8..128, to in 0_u8..128, step in 1_u8..9) {
            let mut values = vec![from];
            let mut at = from;
            while at.abs_diff(to) >= step {
                at = if to > at { at + step } else { at - step };
                values.push(at);
            }
            values.truncate(8);
            prop_assert_eq!(mode(&values), Mode::Absolute);
        }
    }
}
