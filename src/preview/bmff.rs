//! Where the full size of an AVIF or WebP preview stands: in a piece of its own behind the picture,
//! which every other reader skips.

/// The name of the piece, and what it begins with where others may use the same name.
const NAME: &[u8; 4] = b"rsda";

/// The piece's contents: width and height, the higher byte first.
pub fn contents((width, height): (u16, u16)) -> [u8; 4] {
    let ([a, b], [c, d]) = (width.to_be_bytes(), height.to_be_bytes());
    [a, b, c, d]
}

/// The size in a piece's contents.
pub fn size_in(contents: &[u8]) -> Option<(u32, u32)> {
    let &[a, b, c, d] = contents else { return None };
    Some((u32::from(a) << 8 | u32::from(b), u32::from(c) << 8 | u32::from(d)))
}

/// Whether this is an AVIF file (ISO/IEC 14496-12, 4.3: the brands in its first box).
pub fn is_avif(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
        && matches!(bytes.get(8..12), Some(b"avif" | b"avis" | b"mif1"))
}

/// A free box (ISO/IEC 14496-12, 8.1.2) that tells the size.
pub fn free_box(full: (u16, u16)) -> Vec<u8> {
    let contents = [&NAME[..], &contents(full)].concat();
    let length = (8 + contents.len()) as u32;
    [&length.to_be_bytes()[..], b"free", &contents].concat()
}

/// The size that a file's last box tells.
pub fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    let last = bytes.len().checked_sub(16).map(|from| &bytes[from..])?;
    let contents = last.strip_prefix(&[0, 0, 0, 16])?.strip_prefix(b"free")?.strip_prefix(NAME)?;
    size_in(contents)
}
