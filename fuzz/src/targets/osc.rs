//! OSC: one packet, and a stream of them.

use crate::control::osc::fuzz::{datagram, stream};

/// Bytes are read as a packet and as a stream, in one piece and byte by byte, with one outcome.
/// Whether there is a message.
pub fn osc(input: &[u8]) -> bool {
    let (messages, malformed) = datagram(input);
    // The shortest element has its own size before it, or is the whole packet.
    assert!(messages + malformed <= input.len() / 4 + 1);
    let whole = stream(std::iter::once(input));
    assert_eq!(whole, stream(input.chunks(1)));
    let mut streamed = 0;
    for packet in whole.0.iter().flatten() {
        assert!(packet.len() <= input.len());
        streamed += datagram(packet).0;
    }
    messages + streamed > 0
}
