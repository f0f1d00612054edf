//! Chance that is the same every time it is asked.

/// Whether superframe `number` is followed by another of the same clip, with probability `p`.
pub fn markov_stays(seed: u64, number: u64, p: f64) -> bool {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    let part = (xxhash_rust::xxh3::xxh3_64(&bytes) >> 11) as f64 / (1u64 << 53) as f64;
    part < p
}
