//! Grabbed pictures on disk: `1.h264` or `1.m4v` to `8.h264` or `8.m4v` in a folder, each a stream
//! of intra pictures that can be spliced into the clips of its canvas and coding.
//!
//! Reads and writes files on the caller's thread; never the engine's.

use super::{ClipError, STREAM_ENDING_H264, STREAM_ENDING_MPEG4};
use crate::{
    bitstream::Stream,
    files::write_aside,
    units::{AccessUnitIndex, Codec},
};
use std::{
    fs, io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The slots that grabbed pictures have: as many as a row of pads.
pub const GRAB_SLOTS: RangeInclusive<u8> = 1..=8;

const CODECS: [Codec; 2] = [Codec::H264, Codec::Mpeg4];

/// Writes a grabbed picture, in place of whatever was in its slot. A slot is never half written: up
/// to the last moment the folder has the picture before. Makes the folder where there is none.
/// Returns the file.
///
/// # Errors
/// There is no such slot, or the disk does not take it; the picture before is then still there.
pub fn write_grab(folder: &Path, slot: u8, grab: &Stream) -> Result<PathBuf, ClipError> {
    if !GRAB_SLOTS.contains(&slot) {
        return Err(ClipError::GrabSlot { slot });
    }
    let codec = grab.format().codec;
    let path = file(folder, slot, codec);
    let written = (|| {
        fs::create_dir_all(folder)?;
        write_aside(&path, grab.bytes())?;
        // A slot holds one picture, whatever its coding.
        for other in CODECS.into_iter().filter(|other| *other != codec) {
            match fs::remove_file(file(folder, slot, other)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    })();
    written.map_err(|source| ClipError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// The grabbed pictures of a folder by slot, empty slots and a missing folder left out. A file that
/// cannot be played stands there with its error, and keeps none of the others away.
pub fn read_grabs(folder: &Path) -> Vec<(u8, Result<Stream, ClipError>)> {
    GRAB_SLOTS.filter_map(|slot| Some((slot, read(folder, slot)?))).collect()
}

/// The files of the grabbed pictures in a folder, for whoever copies them.
pub fn grab_files(folder: &Path) -> Vec<PathBuf> {
    let of_slot = |slot| CODECS.map(|codec| file(folder, slot, codec));
    GRAB_SLOTS.flat_map(of_slot).filter(|file| file.is_file()).collect()
}

fn read(folder: &Path, slot: u8) -> Option<Result<Stream, ClipError>> {
    // Both are there only where a write was cut off between its two last steps: the later counts.
    let written = |codec: &Codec| {
        let facts = fs::metadata(file(folder, slot, *codec));
        match facts {
            Ok(facts) => Some(facts.modified().unwrap_or(SystemTime::UNIX_EPOCH)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // Reading it says why it cannot be.
            Err(_) => Some(SystemTime::UNIX_EPOCH),
        }
    };
    let there = CODECS.into_iter().filter_map(|codec| Some((written(&codec)?, codec)));
    let (_, codec) = there.max_by_key(|(time, _)| *time)?;
    Some(parse(&file(folder, slot, codec), codec))
}

fn parse(path: &Path, codec: Codec) -> Result<Stream, ClipError> {
    let bad = |reason: String| ClipError::Grab { path: path.to_owned(), reason };
    let bytes = fs::read(path).map_err(|error| bad(error.to_string()))?;
    let stream = Stream::parse(codec, bytes).map_err(|error| {
        log::debug!("{}: {error}", path.display());
        bad("it is damaged, or coded otherwise".to_owned())
    })?;
    if !stream.is_intra(AccessUnitIndex(0)) {
        return Err(bad("it does not begin with an intra picture".to_owned()));
    }
    Ok(stream)
}

fn file(folder: &Path, slot: u8, codec: Codec) -> PathBuf {
    folder.join(format!("{slot}.{}", ending(codec)))
}

const fn ending(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => STREAM_ENDING_H264,
        Codec::Mpeg4 => STREAM_ENDING_MPEG4,
    }
}
