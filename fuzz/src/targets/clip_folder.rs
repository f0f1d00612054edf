//! A clip folder: `clip.toml` and the four streams.

use super::{
    memory::{FLOOR, in_proportion},
    parts,
};
use crate::{
    bitstream::Stream,
    clip::{CLIP_TOML, Clip, ClipError, Encoder, Meta, StreamFile, StreamMeta},
    units::{AccessUnitIndex, Direction, SliceIndex},
};
use std::{fs, path::Path};

/// Bytes of memory that `clip.toml` may take for each of its own while it is read, besides: the crate
/// toml keeps every value with its place, some 90 bytes for an empty string of an array. Too long a
/// file is refused, so there is an end to that.
const TOML_PER_BYTE: usize = 128;

/// In the order of the parts of an input, behind `clip.toml`.
const STREAMS: [StreamFile; 4] =
    [StreamFile::Forward, StreamFile::Backward, StreamFile::Intra, StreamFile::IntraBackward];

/// Input: `clip.toml`, then the streams, each a part of its own; what is not there is no file. The
/// folder loads and is sound, or one line says why not. Since hardly any change keeps the lengths
/// and checksums right, the folder is then tried again with those of the streams as they are. Whether it
/// loads then.
pub fn clip_folder(input: &[u8]) -> bool {
    // Where there is a file system in memory, it saves the disk much.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder can be made");
    let folder = folder.path();
    let mut parts = parts(input);
    let toml = parts.next().unwrap_or_default();
    let floor = FLOOR + toml.len() * TOML_PER_BYTE;
    fs::write(folder.join(CLIP_TOML), toml).expect("it can be written");
    let streams: Vec<&[u8]> = parts.take(STREAMS.len()).collect();
    for (file, bytes) in STREAMS.into_iter().zip(&streams) {
        for encoder in Encoder::ALL {
            fs::write(folder.join(file.file_name(encoder)), bytes).expect("it can be written");
        }
    }

    load(folder, input.len(), floor);
    let (Ok(mut meta), [forward, backward, bank, backward_bank]) =
        (Meta::read(folder), &streams[..])
    else {
        return false;
    };
    let facts = |bytes: &[u8]| {
        let stream = Stream::parse(meta.coding.encoder.codec(), bytes.to_vec());
        StreamMeta::of(stream.map_or(0, |stream| stream.len()), bytes)
    };
    (meta.forward, meta.backward) = (facts(forward), facts(backward));
    (meta.intra, meta.intra_backward) = (facts(bank), facts(backward_bank));
    meta.write(folder).expect("it can be written");
    // As text, in which a figure that is none equals itself.
    let text = |meta: &Meta| format!("{meta:?}");
    assert_eq!(Meta::read(folder).map(|again| text(&again)).ok(), Some(text(&meta)));
    let clip = load(folder, input.len(), floor);
    if let Some(clip) = &clip {
        clip.verify().expect("these are its own checksums");
    }
    clip.is_some()
}

/// Loads the folder, and plays a little on it.
fn load(folder: &Path, input_bytes: usize, floor: usize) -> Option<Clip> {
    let loaded = in_proportion(input_bytes, floor, || Clip::load(folder));
    match loaded {
        Ok(clip) => {
            let _ = in_proportion(input_bytes, FLOOR, || clip.verify());
            sound(&clip);
            Some(clip)
        }
        Err(error) => {
            one_line(&error);
            None
        }
    }
}

fn one_line(error: &ClipError) {
    let said = error.to_string();
    assert!(!said.is_empty() && !said.contains('\n'), "{said:?} is more than one line");
}

/// What the engine relies on.
fn sound(clip: &Clip) {
    let streams = [&clip.forward, &clip.backward, &clip.bank, &clip.backward_bank];
    for stream in streams {
        let format = stream.format();
        assert_eq!(format, clip.forward.format());
        assert_eq!(
            (format.width, format.height),
            (clip.meta.canvas.width, clip.meta.canvas.height)
        );
        assert!(stream.is_intra(AccessUnitIndex(0)), "a stream that cannot be begun");
    }
    for bank in [&clip.bank, &clip.backward_bank] {
        for unit in (0..bank.len() as u32).map(AccessUnitIndex) {
            assert!(bank.is_intra(unit), "a bank with a picture that does not heal");
        }
    }
    for unit in [0, 1, 11, 12, 13, 1000, u32::MAX] {
        for direction in [Direction::Forward, Direction::Backward] {
            let place = clip.bank_place(AccessUnitIndex(unit), direction);
            assert!(place.stream.is_intra(place.unit));
            assert!(place.next.0 >= 1 && place.next.0 <= unit.saturating_add(1));
        }
        for size in [0, 1, 6, u32::MAX] {
            let start = clip.backward_start(SliceIndex(unit), size);
            assert!((start.0 as usize) < clip.backward.len());
        }
    }
}
