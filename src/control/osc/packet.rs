//! From the bytes of one datagram to its messages. Pure.
//!
//! Bundles are walked here, not by `rosc`: its decoder recurses once per nested bundle, so that
//! one datagram can overflow the stack, and it drops the rest of a bundle in silence where one
//! element is malformed. `rosc` decodes the messages, of which arrays in arrays are refused first: a
//! deep nesting of those overflows the stack as well, when it is freed.
//!
//! Format: OpenSoundControl Specification 1.0, sections "OSC Messages" and "OSC Bundles".

use rosc::{OscMessage, OscPacket};
use std::time::Duration;

/// Bundles within bundles that are followed. Programs send one or two.
pub(super) const DEEPEST_BUNDLE: usize = 8;

/// What a bundle begins with.
pub(super) const BUNDLE_TAG: &[u8] = b"#bundle\0";

/// A time tag: seconds since 1900 in 32.32 fixed point, modulo 2^32 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeTag(pub(super) u64);

impl TimeTag {
    /// "Immediately", as messages outside bundles are.
    pub(super) const IMMEDIATE: Self = Self(1);

    /// The tag of a moment, given since the Unix epoch. RFC 5905, section 6: 2,208,988,800 seconds
    /// lie between the two.
    pub(super) fn of(since_unix_epoch: Duration) -> Self {
        let seconds = since_unix_epoch.as_secs().wrapping_add(2_208_988_800);
        let fraction = (u64::from(since_unix_epoch.subsec_nanos()) << 32) / 1_000_000_000;
        Self((seconds << 32).wrapping_add(fraction))
    }

    /// How long after `now` this is, where that is at most a second. Anything else runs at once:
    /// what is past, immediate, or from a clock that has nothing to do with ours.
    pub(super) fn wait_from(self, now: Self) -> Option<Duration> {
        let ahead = self.0.wrapping_sub(now.0);
        let is_soon = self != Self::IMMEDIATE && ahead > 0 && ahead <= 1 << 32;
        is_soon.then(|| Duration::from_nanos(((u128::from(ahead) * 1_000_000_000) >> 32) as u64))
    }
}

/// Hands every message of a datagram to `take`, with the time tag of the bundle it is in. Returns
/// how many elements could not be understood; those beside them are taken all the same.
pub(super) fn for_each_message(
    datagram: &[u8],
    take: &mut dyn FnMut(TimeTag, OscMessage),
) -> usize {
    let mut malformed = 0;
    let mut open: Vec<(TimeTag, &[u8])> = Vec::with_capacity(DEEPEST_BUNDLE);
    let mut element = Some((TimeTag::IMMEDIATE, datagram));
    loop {
        match element.take() {
            Some((_, bytes)) if bytes.starts_with(BUNDLE_TAG) => {
                match bytes[BUNDLE_TAG.len()..].split_first_chunk::<8>() {
                    Some((tag, content)) if open.len() < DEEPEST_BUNDLE => {
                        open.push((TimeTag(u64::from_be_bytes(*tag)), content));
                    }
                    _ => malformed += 1,
                }
            }
            Some((tag, bytes)) => match message_from(bytes) {
                Some(message) => take(tag, message),
                None => malformed += 1,
            },
            None => {}
        }
        let Some((tag, content)) = open.last_mut() else { return malformed };
        if content.is_empty() {
            open.pop();
            continue;
        }
        let split = content.split_first_chunk::<4>().and_then(|(size, rest)| {
            rest.split_at_checked(usize::try_from(u32::from_be_bytes(*size)).ok()?)
        });
        match split {
            Some((bytes, rest)) => {
                *content = rest;
                element = Some((*tag, bytes));
            }
            // A size that does not fit: where the next element would begin is not known.
            None => {
                malformed += 1;
                open.pop();
            }
        }
    }
}

/// One message, where the bytes are one and no array in it holds an array.
fn message_from(bytes: &[u8]) -> Option<OscMessage> {
    if bytes.first() != Some(&b'/') || !are_arrays_flat(type_tags(bytes)?) {
        return None;
    }
    match rosc::decoder::decode_udp(bytes) {
        Ok((_, OscPacket::Message(message))) => Some(message),
        _ => None,
    }
}

/// Whether every array is closed before the next one is opened.
fn are_arrays_flat(tags: &[u8]) -> bool {
    let mut is_open = false;
    for tag in tags {
        match tag {
            b'[' if is_open => return false,
            b']' if !is_open => return false,
            b'[' | b']' => is_open = !is_open,
            _ => {}
        }
    }
    !is_open
}

/// The type tag string of a message; empty where very old senders leave it away.
fn type_tags(bytes: &[u8]) -> Option<&[u8]> {
    let address_len = bytes.iter().position(|byte| *byte == 0)?;
    let tags = bytes.get((address_len + 1).next_multiple_of(4)..).unwrap_or_default();
    Some(&tags[..tags.iter().position(|byte| *byte == 0).unwrap_or(tags.len())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rosc::{OscBundle, OscTime, OscType, encoder};

    fn message(address: &str, argument: i32) -> OscPacket {
        OscPacket::Message(OscMessage {
            addr: address.to_owned(),
            args: vec![OscType::Int(argument)],
        })
    }

    fn bundle(seconds: u32, content: Vec<OscPacket>) -> OscPacket {
        OscPacket::Bundle(OscBundle { timetag: OscTime { seconds, fractional: 0 }, content })
    }

    fn read(datagram: &[u8]) -> (Vec<(u64, String)>, usize) {
        let mut messages = Vec::new();
        let malformed =
            for_each_message(datagram, &mut |tag, message| messages.push((tag.0, message.addr)));
        (messages, malformed)
    }

    #[test]
    fn messages_come_in_order_with_the_tag_of_their_bundle() {
        let packet =
            bundle(7, vec![message("/a", 1), bundle(9, vec![message("/b", 2)]), message("/c", 3)]);
        let datagram = encoder::encode(&packet).expect("a legal packet");
        let of = |seconds: u64, address: &str| (seconds << 32, address.to_owned());
        assert_eq!(read(&datagram), (vec![of(7, "/a"), of(9, "/b"), of(7, "/c")], 0));
    }

    #[test]
    fn a_malformed_element_costs_itself_only() {
        let mut datagram = b"#bundle\0\0\0\0\0\0\0\0\x01".to_vec();
        let first = encoder::encode(&message("/a", 1)).expect("a legal packet");
        for element in [first.as_slice(), b"junk", b"/x\0\0,f\0\0", &first] {
            datagram.extend((element.len() as u32).to_be_bytes());
            datagram.extend(element);
        }
        let (messages, malformed) = read(&datagram);
        assert_eq!((messages.len(), malformed), (2, 2));
        // A size beyond the end takes the rest of its bundle with it.
        datagram[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(read(&datagram), (vec![], 1));
    }

    #[test]
    fn nesting_is_followed_to_its_limit() {
        for (depth, expected) in [(DEEPEST_BUNDLE, (1, 0)), (DEEPEST_BUNDLE + 1, (0, 1))] {
            let packet = (0..depth).fold(message("/a", 1), |inner, _| bundle(0, vec![inner]));
            let (messages, malformed) = read(&encoder::encode(&packet).expect("a legal packet"));
            assert_eq!((messages.len(), malformed), expected);
        }
    }

    /// 65,000 bytes of bundles in bundles, and of arrays in arrays: both overflow the stack where
    /// they are decoded as they come.
    #[test]
    fn what_nests_without_end_is_refused() {
        let mut bundles = Vec::new();
        let mut size = 65_000_u32;
        while size > 20 {
            size -= 20;
            bundles.extend(b"#bundle\0\0\0\0\0\0\0\0\x01");
            bundles.extend(size.to_be_bytes());
        }
        assert_eq!(read(&bundles), (vec![], 1));
        let mut arrays = b"/a\0\0,".to_vec();
        arrays.extend([b'['; 32_000]);
        arrays.extend([b']'; 32_000]);
        arrays.extend([0; 3]);
        assert_eq!(read(&arrays), (vec![], 1));
    }

    #[test]
    fn only_what_is_soon_waits() {
        let now = TimeTag::of(Duration::from_secs(1_700_000_000));
        let after = |millis: i64| TimeTag(now.0.wrapping_add_signed((millis << 32) / 1000));
        let waited = after(250).wait_from(now).expect("a quarter of a second is soon");
        assert!(waited.abs_diff(Duration::from_millis(250)) < Duration::from_micros(1));
        assert!(after(1000).wait_from(now).is_some());
        for tag in [after(0), after(-5), after(1001), TimeTag::IMMEDIATE, TimeTag(0)] {
            assert_eq!(tag.wait_from(now), None);
        }
        // 1970-01-01 in the other reckoning, as rosc has it.
        let rosc = OscTime::try_from(std::time::UNIX_EPOCH).expect("the epoch is representable");
        assert_eq!(TimeTag::of(Duration::ZERO).0 >> 32, u64::from(rosc.seconds));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(datagram in prop::collection::vec(any::<u8>(), 0..400)) {
            read(&datagram);
        }

        #[test]
        fn no_bundle_is_too_much(content in prop::collection::vec(0_u8..48, 0..400)) {
            let mut datagram = BUNDLE_TAG.to_vec();
            datagram.extend([0; 8]);
            datagram.extend(content);
            read(&datagram);
        }
    }
}
