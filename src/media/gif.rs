//! How many pictures a GIF holds, by its blocks (GIF89a specification): `avdemux_gif` does not always
//! say when it is at the end.

use std::{fs, path::Path};

/// Pictures in the file, or nothing where it cannot be read or holds none.
pub(super) fn pictures(path: &Path) -> Option<u64> {
    fs::read(path).ok().map(|bytes| count(&bytes)).filter(|count| *count > 0)
}

fn count(bytes: &[u8]) -> u64 {
    // A colour table of 2^(n + 1) entries of three bytes, where the highest bit says that there is one.
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let Some(flags) = bytes.get(10) else { return 0 };
    let mut at = 13 + table(*flags);
    let mut pictures = 0;
    loop {
        match bytes.get(at) {
            Some(0x21) => at += 2,
            Some(0x2c) => {
                let Some(flags) = bytes.get(at + 9) else { return pictures };
                at += 11 + table(*flags);
                pictures += 1;
            }
            _ => return pictures,
        }
        // Sub-blocks, each with its length in front; an empty one ends them.
        loop {
            match bytes.get(at) {
                None => return pictures,
                Some(0) => break at += 1,
                Some(length) => at += 1 + usize::from(*length),
            }
        }
    }
}
