//! OSC packets in a stream of bytes, as TCP carries them. Pure.
//!
//! Two framings are in use. A size before every packet, a big-endian int32: OpenSoundControl
//! Specification 1.0, "OSC Packets". SLIP with an END on both sides of every packet: RFC 1055, as
//! OpenSoundControl 1.1 asks for. A sender keeps to one of them, and its first byte tells which: the
//! size of a packet that is not refused begins with a zero, SLIP with an END or the `/` or `#` of an
//! OSC packet. Whatever begins otherwise speaks something else, as a browser that was made to.

/// Bytes of the longest packet that is taken: what a datagram could carry.
pub const LONGEST_PACKET: usize = 65_535;

const END: u8 = 0xC0;
const ESC: u8 = 0xDB;
const ESC_END: u8 = 0xDC;
const ESC_ESC: u8 = 0xDD;

/// How packets are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// A size before each.
    Size,
    /// An END around each.
    Slip,
}

/// A first byte or a size that no OSC program sends: nothing that follows can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foreign;

/// Cuts what one connection sends into packets.
#[derive(Debug, Default)]
pub(super) struct Deframer {
    framing: Option<Framing>,
    /// What has come of a packet; never more than a size and [`LONGEST_PACKET`].
    packet: Vec<u8>,
    is_escaped: bool,
    is_spoilt: bool,
}

impl Deframer {
    /// How the other side frames, once it has sent something.
    pub(super) fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// Takes bytes in and hands on every packet that is whole; `None` for one that is broken.
    ///
    /// # Errors
    /// No OSC, or a size above [`LONGEST_PACKET`]: the connection is of no more use.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), Foreign> {
        let Some(first) = bytes.first() else { return Ok(()) };
        let told = match (self.framing, *first) {
            (Some(framing), _) => framing,
            (None, 0) => Framing::Size,
            (None, END | b'/' | b'#') => Framing::Slip,
            (None, _) => return Err(Foreign),
        };
        match *self.framing.insert(told) {
            Framing::Size => self.push_sized(bytes, take),
            Framing::Slip => {
                self.push_slip(bytes, take);
                Ok(())
            }
        }
    }

    fn push_sized(
        &mut self,
        mut bytes: &[u8],
        take: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), Foreign> {
        loop {
            let wanted = match self.packet.first_chunk::<4>() {
                None => 4,
                Some(size) => {
                    let size = u32::from_be_bytes(*size);
                    let size = usize::try_from(size).ok().filter(|size| *size <= LONGEST_PACKET);
                    4 + size.ok_or(Foreign)?
                }
            };
            if wanted > 4 && self.packet.len() == wanted {
                take(Some(&self.packet[4..]));
                self.packet.clear();
            } else if wanted == 4 && self.packet.len() == 4 {
                // A packet of nothing.
                take(None);
                self.packet.clear();
            } else if bytes.is_empty() {
                return Ok(());
            } else {
                let (now, later) = bytes.split_at(bytes.len().min(wanted - self.packet.len()));
                self.packet.extend_from_slice(now);
                bytes = later;
            }
        }
    }

    fn push_slip(&mut self, bytes: &[u8], take: &mut dyn FnMut(Option<&[u8]>)) {
        for byte in bytes {
            let plain = match (*byte, std::mem::take(&mut self.is_escaped)) {
                (END, was_escaped) => {
                    if self.is_spoilt || was_escaped {
                        take(None);
                    } else if !self.packet.is_empty() {
                        take(Some(&self.packet));
                    }
                    self.packet.clear();
                    self.is_spoilt = false;
                    continue;
                }
                (ESC, false) => {
                    self.is_escaped = true;
                    continue;
                }
                (ESC_END, true) => END,
                (ESC_ESC, true) => ESC,
                (_, true) => {
                    self.is_spoilt = true;
                    continue;
                }
                (plain, false) => plain,
            };
            // What is too long is passed over up to its END.
            self.is_spoilt |= self.packet.len() == LONGEST_PACKET;
            if !self.is_spoilt {
                self.packet.push(plain);
            }
        }
    }
}

/// Appends a packet to what goes out.
pub(super) fn frame(framing: Framing, packet: &[u8], out: &mut Vec<u8>) {
    match framing {
        Framing::Size => {
            let size = u32::try_from(packet.len()).unwrap_or(u32::MAX);
            out.extend(size.to_be_bytes());
            out.extend_from_slice(packet);
        }
        Framing::Slip => {
            out.push(END);
            for byte in packet {
                match *byte {
                    END => out.extend([ESC, ESC_END]),
                    ESC => out.extend([ESC, ESC_ESC]),
                    plain => out.push(plain),
                }
            }
            out.push(END);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Packets = Vec<Option<Vec<u8>>>;

    fn cut(deframer: &mut Deframer, pieces: &[&[u8]]) -> (Packets, Result<(), Foreign>) {
        let mut packets = Packets::new();
        for piece in pieces {
            let pushed = deframer.push(piece, &mut |packet| packets.push(packet.map(Vec::from)));
            if pushed.is_err() {
                return (packets, pushed);
            }
        }
        (packets, Ok(()))
    }

    #[test]
    fn both_framings_are_told_by_the_first_byte() {
        // "/a" without arguments is 8 bytes; written by hand after the two specifications.
        let packet = b"/a\0\0,\0\0\0".as_slice();
        for (stream, framing) in [
            (b"\0\0\0\x08/a\0\0,\0\0\0".as_slice(), Framing::Size),
            (b"\xC0/a\0\0,\0\0\0\xC0", Framing::Slip),
            // RFC 1055 senders of old have no END before the packet.
            (b"/a\0\0,\0\0\0\xC0", Framing::Slip),
        ] {
            let mut deframer = Deframer::default();
            let (packets, end) = cut(&mut deframer, &[stream, b""]);
            assert_eq!((packets, end), (vec![Some(packet.to_vec())], Ok(())));
            assert_eq!(deframer.framing(), Some(framing));
        }
    }

    #[test]
    fn what_speaks_something_else_is_not_listened_to() {
        // A page in a browser may send what it likes, but not as the first bytes.
        let mut deframer = Deframer::default();
        let (packets, end) = cut(&mut deframer, &[b"POST / HTTP/1.1\r\n\r\n\xC0/panic\0\0\xC0"]);
        assert_eq!((packets, end), (vec![], Err(Foreign)));
    }

    #[test]
    fn escapes_are_those_of_the_rfc() {
        let mut out = Vec::new();
        frame(Framing::Slip, &[1, 192, 2, 219, 3], &mut out);
        assert_eq!(out, [192, 1, 219, 220, 2, 219, 221, 3, 192]);
        let (packets, _) = cut(&mut Deframer::default(), &[&out]);
        assert_eq!(packets, [Some(vec![1, 192, 2, 219, 3])]);
        // 219 before anything else, or before the END, is no escape: that packet is lost, no other.
        let (packets, _) = cut(
            &mut Deframer::default(),
            &[&[192, 1, 219, 7, 2, 192, 192, 5, 192, 6, 219, 192, 8, 192]],
        );
        assert_eq!(packets, [None, Some(vec![5]), None, Some(vec![8])]);
    }

    #[test]
    fn sizes_that_nobody_sends_are_refused_before_any_memory_is_taken() {
        for size in [65_536_u32, 0x00FF_FFFF] {
            let mut deframer = Deframer::default();
            let (packets, end) = cut(&mut deframer, &[&size.to_be_bytes(), &[1; 100]]);
            assert_eq!((packets, end), (vec![], Err(Foreign)));
            assert!(deframer.packet.capacity() < 1000);
        }
        let mut deframer = Deframer::default();
        let (packets, end) = cut(&mut deframer, &[&[0, 0, 0, 0, 0, 0, 0, 1, 9, 0xFF]]);
        assert_eq!((packets, end), (vec![None, Some(vec![9])], Ok(())));
        assert_eq!(cut(&mut deframer, &[&[0xFF; 3]]).1, Err(Foreign));
    }

    #[test]
    fn a_slip_packet_without_end_takes_bounded_memory_and_costs_itself_only() {
        let mut deframer = Deframer::default();
        for _ in 0..10 {
            assert_eq!(cut(&mut deframer, &[&[b'/'; 60_000]]).0, Packets::new());
        }
        assert!(deframer.packet.len() <= LONGEST_PACKET);
        assert_eq!(cut(&mut deframer, &[&[192, 2, 192]]).0, [None, Some(vec![2])]);
        let longest = [&[192][..], &vec![7; LONGEST_PACKET], &[192]].concat();
        assert_eq!(cut(&mut deframer, &[&longest]).0, [Some(vec![7; LONGEST_PACKET])]);
    }

    proptest! {
        #[test]
        fn packets_come_out_however_they_are_cut(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..80), 1..8),
            is_slip in any::<bool>(),
            cuts in prop::collection::vec(1_usize..40, 1..100),
        ) {
            let framing = if is_slip { Framing::Slip } else { Framing::Size };
            let mut stream = Vec::new();
            for packet in &packets {
                frame(framing, packet, &mut stream);
            }
            let mut deframer = Deframer::default();
            let mut seen = Packets::new();
            let mut rest = stream.as_slice();
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(*cuts.next().expect("endless")));
                rest = later;
                prop_assert!(deframer.push(now, &mut |packet| seen.push(packet.map(Vec::from))).is_ok());
            }
            prop_assert_eq!(seen, packets.into_iter().map(Some).collect::<Packets>());
        }

        #[test]
        fn no_stream_is_too_much(pieces in prop::collection::vec(
            prop::collection::vec(prop_oneof![any::<u8>(), Just(END), Just(ESC), Just(0)], 0..200), 0..8,
        )) {
            let mut deframer = Deframer::default();
            let mut handed = 0;
            for piece in &pieces {
                let _ = deframer.push(piece, &mut |packet| handed += packet.map_or(0, <[u8]>::len));
            }
            prop_assert!(handed <= pieces.iter().map(Vec::len).sum::<usize>());
        }
    }
}
