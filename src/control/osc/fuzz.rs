//! A door for fuzzing (`fuzz/`, `tests/corpus.rs`) to what reads packets and streams of other
//! programs. Nothing of the program goes through here.

use super::{framing::Deframer, packet};

/// Messages and malformed elements of one packet.
pub fn datagram(bytes: &[u8]) -> (usize, usize) {
    let mut messages = 0;
    let malformed = packet::for_each_message(bytes, &mut |_, _| messages += 1);
    (messages, malformed)
}

/// Packets of a stream that comes in these pieces, `None` for broken ones; how it ended: whether the
/// connection is of more use.
pub fn stream<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Option<Vec<u8>>>, bool) {
    let mut deframer = Deframer::default();
    let mut packets = Vec::new();
    for piece in pieces {
        let pushed = deframer.push(piece, &mut |packet| packets.push(packet.map(<[u8]>::to_vec)));
        if pushed.is_err() {
            return (packets, false);
        }
    }
    (packets, true)
}
