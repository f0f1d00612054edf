//! The quantisation tables of a JPEG file: a picture's own wear becomes the chain's.
//!
//! Bytes only: whoever calls reads the file. Pure.

use super::{
    Dct,
    tables::{LARGEST_STEP, RASTER_FROM_ZIGZAG},
};

/// Why a file gives no tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredTablesError {
    /// Something else, or nothing.
    #[error("this is no JPEG file: choose one that ends in .jpg")]
    NotJpeg,
    /// The end comes before the picture.
    #[error("the JPEG file ends before its picture begins: fetch or save it again")]
    CutShort,
    /// A segment's length or content cannot be.
    #[error("the JPEG file is damaged in its {segment} segment: save it again in another program")]
    Damaged {
        /// Name of the segment in the standard.
        segment: &'static str,
    },
    /// No frame header before the picture.
    #[error("the JPEG file does not say what its picture is made of: save it again")]
    NoFrame,
    /// The picture's table is not in the file, as in lossless JPEG and in parts of a stream.
    #[error("the JPEG file holds no quantisation table {table} for its picture: choose another")]
    NoTable {
        /// Number of the table, 0..=3.
        table: u8,
    },
}

/// The tables that a JPEG file was quantised by: luma = that of the first component, chroma = that
/// of the second, or luma's where there is one component only. Entries of 16 bits are limited to
/// 255, and 0, which no file should hold, becomes 1.
///
/// # Errors
/// See [`StoredTablesError`].
pub fn stored_tables(jpeg: &[u8]) -> Result<Dct, StoredTablesError> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8]).ok_or(StoredTablesError::NotJpeg)?;
    let mut tables: [Option<[i32; 64]>; 4] = [None; 4];
    let mut frame = None;
    while let Some(marker) = next_marker(&mut rest) {
        match marker {
            // These stand alone.
            0x01 | 0xd0..=0xd8 => continue,
            // The end, before any scan.
            0xd9 => return Err(StoredTablesError::CutShort),
            0xda => {
                let (luma, chroma) = frame.ok_or(StoredTablesError::NoFrame)?;
                let table = |table: u8| {
                    let found = tables.get(usize::from(table)).copied().flatten();
                    found.ok_or(StoredTablesError::NoTable { table })
                };
                return Ok(Dct { luma_raster: table(luma)?, chroma_raster: table(chroma)? });
            }
            _ => {}
        }
        let content = segment(&mut rest, marker)?;
        match marker {
            0xdb => define(content, &mut tables)?,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                frame = Some(tables_of_frame(content)?);
            }
            _ => {}
        }
    }
    Err(StoredTablesError::CutShort)
}

/// Steps behind the next marker. What stands before it is skipped, as decoders do.
fn next_marker(rest: &mut &[u8]) -> Option<u8> {
    let at = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))?;
    let marker = rest[at + 1];
    *rest = &rest[at + 2..];
    Some(marker)
}

/// Steps behind a segment and gives its content.
fn segment<'a>(rest: &mut &'a [u8], marker: u8) -> Result<&'a [u8], StoredTablesError> {
    let (length, _) = rest.split_first_chunk().ok_or(StoredTablesError::CutShort)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let segment = match marker {
        0xdb => "DQT",
        0xc4 => "DHT",
        0xc0..=0xcf => "SOF",
        0xe0..=0xef => "APP",
        _ => "unknown",
    };
    if length < 2 {
        return Err(StoredTablesError::Damaged { segment });
    }
    let (whole, behind) = rest.split_at_checked(length).ok_or(StoredTablesError::CutShort)?;
    *rest = behind;
    Ok(&whole[2..])
}

/// Takes the tables of a DQT segment: ITU-T T.81, B.2.4.1.
fn define(
    mut content: &[u8],
    tables: &mut [Option<[i32; 64]>; 4],
) -> Result<(), StoredTablesError> {
    let damaged = StoredTablesError::Damaged { segment: "DQT" };
    while let Some((head, behind)) = content.split_first() {
        let slot = tables.get_mut(usize::from(head & 15)).ok_or(damaged)?;
        let bytes_each = match head >> 4 {
            0 => 1,
            1 => 2,
            _ => return Err(damaged),
        };
        let (entries, behind) = behind.split_at_checked(64 * bytes_each).ok_or(damaged)?;
        let mut table_raster = [0; 64];
        for (entry, raster) in entries.chunks_exact(bytes_each).zip(RASTER_FROM_ZIGZAG) {
            let entry = entry.iter().fold(0, |entry, byte| entry << 8 | i32::from(*byte));
            table_raster[raster] = entry.clamp(1, LARGEST_STEP);
        }
        *slot = Some(table_raster);
        content = behind;
    }
    Ok(())
}

/// Table numbers of luma and chroma in a frame header: ITU-T T.81, B.2.2.
fn tables_of_frame(content: &[u8]) -> Result<(u8, u8), StoredTablesError> {
    let damaged = StoredTablesError::Damaged { segment: "SOF" };
    let count = usize::from(*content.get(5).ok_or(damaged)?);
    let components = content.get(6..6 + 3 * count).ok_or(damaged)?;
    let luma = *components.get(2).ok_or(damaged)?;
    Ok((luma, components.get(5).copied().unwrap_or(luma)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these DQT contents, and this frame.
    fn header(tables: &[&[u8]], frame: &[u8]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        let mut push = |marker: u8, content: &[u8]| {
            file.extend([0xff, marker]);
            file.extend((content.len() as u16 + 2).to_be_bytes());
            file.extend(content);
        };
        for table in tables {
            push(0xdb, table);
        }
        push(0xc0, frame);
        push(0xda, &[0; 6]);
        file
    }

    const GREY: [u8; 9] = [8, 0, 1, 0, 1, 1, 1, 0x11, 0];
    const COLOUR: [u8; 15] = [8, 0, 1, 0, 1, 3, 1, 0x22, 2, 2, 0x11, 3, 3, 0x11, 3];

    /// Entries 1..=64 in the order of the file.
    fn counted(head: u8) -> Vec<u8> {
        let mut table = vec![head];
        table.extend(1..=64);
        table
    }

    #[test]
    fn zigzag_is_undone() {
        let tables = stored_tables(&header(&[&counted(0)], &GREY)).expect("tables");
        // First row of figure A.6 of the standard, counted from 1, and its last entry.
        assert_eq!(tables.luma_raster[..8], [1, 2, 6, 7, 15, 16, 28, 29]);
        assert_eq!(tables.luma_raster[63], 64);
        assert_eq!(tables.chroma_raster, tables.luma_raster);
    }

    #[test]
    fn numbers_lead_to_tables_and_wide_entries_are_limited() {
        let mut wide = vec![0x13];
        wide.extend((0..64_u16).flat_map(|i| (i * 100).to_be_bytes()));
        let both = [counted(2), wide].concat();
        let tables = stored_tables(&header(&[&both], &COLOUR)).expect("tables");
        assert_eq!(tables.luma_raster[..2], [1, 2]);
        assert_eq!(tables.chroma_raster[..2], [1, 100]);
        assert_eq!((tables.chroma_raster[8], tables.chroma_raster[16]), (200, 255));
    }

    #[test]
    fn every_kind_of_damage_has_its_name() {
        use StoredTablesError as Error;
        let good = header(&[&counted(0)], &GREY);
        assert_eq!(stored_tables(b""), Err(Error::NotJpeg));
        assert_eq!(stored_tables(b"\x89PNG\r\n"), Err(Error::NotJpeg));
        for end in 2..good.len() - 8 {
            assert_eq!(stored_tables(&good[..end]), Err(Error::CutShort), "{end}");
        }
        assert_eq!(stored_tables(b"\xff\xd8\xff\xd9"), Err(Error::CutShort));
        let damaged = |segment| Err(Error::Damaged { segment });
        assert_eq!(stored_tables(&header(&[&counted(4)], &GREY)), damaged("DQT"));
        assert_eq!(stored_tables(&header(&[&counted(0x20)], &GREY)), damaged("DQT"));
        assert_eq!(stored_tables(&header(&[&counted(0x10)], &GREY)), damaged("DQT"));
        assert_eq!(stored_tables(&header(&[&counted(0)], &GREY[..8])), damaged("SOF"));
        assert_eq!(stored_tables(&header(&[&counted(0)], &[8, 0, 1, 0, 1, 0])), damaged("SOF"));
        assert_eq!(stored_tables(b"\xff\xd8\xff\xdb\x00\x01"), damaged("DQT"));
        assert_eq!(stored_tables(b"\xff\xd8\xff\xda\x00\x02"), Err(Error::NoFrame));
        assert_eq!(stored_tables(&header(&[], &GREY)), Err(Error::NoTable { table: 0 }));
        let wanted = Err(Error::NoTable { table: 3 });
        assert_eq!(stored_tables(&header(&[&counted(2)], &COLOUR)), wanted);
        let far = [&COLOUR[..8], &[200], &COLOUR[9..]].concat();
        assert_eq!(
            stored_tables(&header(&[&counted(2)], &far)),
            Err(Error::NoTable { table: 200 })
        );
    }

    #[test]
    fn rubbish_never_panics() {
        for number in 0..20_000_u32 {
            let mut bytes = header(&[&counted(0)], &COLOUR);
            for change in 0..1 + number % 4 {
                let [at, byte, ..] = crate::decay::noise::pcg4d([number, change, 0, 0]);
                let at = at as usize % bytes.len();
                bytes[at] = byte as u8;
            }
            // Whatever it says, entries are in range.
            if let Ok(tables) = stored_tables(&bytes) {
                let mut entries = tables.luma_raster.iter().chain(&tables.chroma_raster);
                assert!(entries.all(|entry| (1..=255).contains(entry)));
            }
        }
    }
}
