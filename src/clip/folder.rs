//! The clip folder: `clip.toml` and the streams beside it. Reading, checking, writing.

use super::{Clip, Encoder, FORMAT_VERSION, Meta, StreamMeta};
use crate::{
    bitstream::{Stream, StreamError},
    units::{AccessUnitIndex, Codec},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Name of the file with the facts.
pub const CLIP_TOML: &str = "clip.toml";
/// `clip.toml` takes some two kilobytes, more where an import had much to warn of. What is longer
/// than this is none; reading it would take up to a hundred times its bytes of memory.
const CLIP_TOML_BYTES_MAX: u64 = 1 << 20;
/// Name of the file with a small picture of the clip. It is made of the streams, at any time again.
pub const PREVIEW: &str = "preview.webp";
/// A preview takes 4 KiB; what is longer than this is none.
const PREVIEW_BYTES_MAX: u64 = 1 << 16;
/// Ending of H.264 streams (Annex B).
pub const STREAM_ENDING_H264: &str = "h264";
/// Ending of MPEG-4 part 2 streams.
pub const STREAM_ENDING_MPEG4: &str = "m4v";

/// The streams of a clip folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFile {
    /// In the order of the source.
    Forward,
    /// Against it, or another source.
    Backward,
    /// The intra bank of the forward stream.
    Intra,
    /// The intra bank of the backward stream.
    IntraBackward,
}

impl StreamFile {
    /// Whether it is an intra bank.
    const fn is_bank(self) -> bool {
        matches!(self, Self::Intra | Self::IntraBackward)
    }

    /// The file's name in the folder.
    pub fn file_name(self, encoder: Encoder) -> String {
        let stem = match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Intra => "intra",
            Self::IntraBackward => "intra_backward",
        };
        let ending = match encoder.codec() {
            Codec::H264 => STREAM_ENDING_H264,
            Codec::Mpeg4 => STREAM_ENDING_MPEG4,
        };
        format!("{stem}.{ending}")
    }
}

/// Why a folder is no clip that can be played.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// A file is not there, or cannot be read.
    #[error("{path} cannot be read ({source}): import the clip again")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written ({source})")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `clip.toml` is not understood.
    #[error("{path} is no description of a clip ({reason}): import the clip again")]
    Meta {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
    },
    /// The folder was written by another version.
    #[error(
        "{path} has format {found}, this program reads {FORMAT_VERSION}: import the clip again"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in it.
        found: u32,
    },
    /// A stream does not parse.
    #[error("{path}: {source}")]
    Stream {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StreamError,
    },
    /// A stream is not the one that was written.
    #[error("{path} is damaged ({what}): import the clip again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// A file is no grabbed picture.
    #[error("{path} is no grabbed picture ({reason}): grab it again")]
    Grab {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
    },
    /// There is no such slot for grabbed pictures.
    #[error("there is no slot {slot} for grabbed pictures: choose one of 1 to 8")]
    GrabSlot {
        /// What was asked for.
        slot: u8,
    },
}

/// Length of a file, without opening it: a pipe would keep whoever opens it waiting.
fn file_bytes(path: &Path) -> io::Result<u64> {
    let found = fs::metadata(path)?;
    found.is_file().then_some(found.len()).ok_or_else(|| io::Error::other("it is no file"))
}

/// The preview in a clip folder; a clip plays as well without.
pub fn read_preview(folder: &Path) -> Option<Vec<u8>> {
    let path = folder.join(PREVIEW);
    let is_one = file_bytes(&path).is_ok_and(|bytes| (1..=PREVIEW_BYTES_MAX).contains(&bytes));
    is_one.then(|| fs::read(&path).ok()).flatten()
}

impl Meta {
    /// Reads the facts of a clip folder.
    ///
    /// # Errors
    /// No file, not understood, or of another version.
    pub fn read(folder: &Path) -> Result<Self, ClipError> {
        #[derive(serde::Deserialize)]
        struct Version {
            format: u32,
        }
        let path = folder.join(CLIP_TOML);
        let unreadable = |source| ClipError::Read { path: path.clone(), source };
        if file_bytes(&path).map_err(unreadable)? > CLIP_TOML_BYTES_MAX {
            return Err(ClipError::Meta { path, reason: "it is too long".to_owned() });
        }
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let bad = |error: toml::de::Error| ClipError::Meta {
            path: path.clone(),
            reason: error.message().to_owned(),
        };
        let Version { format } = toml::from_str(&text).map_err(bad)?;
        if format != FORMAT_VERSION {
            return Err(ClipError::Version { path, found: format });
        }
        toml::from_str(&text).map_err(bad)
    }

    /// Writes the facts into a clip folder.
    ///
    /// # Errors
    /// The file cannot be written, or would be longer than any that is read.
    pub fn write(&self, folder: &Path) -> Result<(), ClipError> {
        let path = folder.join(CLIP_TOML);
        let text = toml::to_string(self)
            .map_err(|error| ClipError::Meta { path: path.clone(), reason: error.to_string() })?;
        if text.len() as u64 > CLIP_TOML_BYTES_MAX {
            return Err(ClipError::Meta { path, reason: "it is too long".to_owned() });
        }
        fs::write(&path, text).map_err(|source| ClipError::Write { path, source })
    }
}

impl Clip {
    /// Loads a clip folder into memory. Takes time in proportion to the bytes; checksums are left
    /// to [`Clip::verify`].
    ///
    /// # Errors
    /// A file is missing, is no stream, has another number of access units than written down, or
    /// pictures of another size than the canvas; a stream does not begin with an intra picture, or
    /// a bank has others.
    pub fn load(folder: &Path) -> Result<Self, ClipError> {
        let meta = Meta::read(folder)?;
        let encoder = meta.coding.encoder;
        let stream = |file: StreamFile, facts: &StreamMeta| {
            let path = folder.join(file.file_name(encoder));
            let unreadable = |source| ClipError::Read { path: path.clone(), source };
            // Before it is read: a file that is not this clip's may have any length.
            if file_bytes(&path).map_err(unreadable)? != facts.bytes {
                return Err(ClipError::Damaged { path, what: "its length" });
            }
            let refused = |source| ClipError::Stream { path: path.clone(), source };
            if u32::try_from(facts.bytes).is_err() {
                return Err(refused(StreamError::TooLong(facts.bytes as usize)));
            }
            let bytes = fs::read(&path).map_err(unreadable)?;
            let stream = Stream::parse(encoder.codec(), bytes).map_err(refused)?;
            if stream.len() != facts.units as usize {
                return Err(ClipError::Damaged { path, what: "its number of pictures" });
            }
            let format = stream.format();
            if [format.width, format.height] != [meta.canvas.width, meta.canvas.height] {
                return Err(ClipError::Damaged { path, what: "another size than the canvas" });
            }
            // Of a bank every picture must heal; of the others, decoding begins at the first.
            let intra = if file.is_bank() { stream.len() } else { 1 };
            if !(0..intra as u32).all(|unit| stream.is_intra(AccessUnitIndex(unit))) {
                return Err(ClipError::Damaged { path, what: "predicted where it must be intra" });
            }
            Ok((stream, path))
        };
        let (forward, _) = stream(StreamFile::Forward, &meta.forward)?;
        let alike = |(stream, path): (Stream, PathBuf)| {
            if stream.format() == forward.format() {
                Ok(stream)
            } else {
                Err(ClipError::Damaged { path, what: "another format than the forward stream" })
            }
        };
        let backward = alike(stream(StreamFile::Backward, &meta.backward)?)?;
        let bank = alike(stream(StreamFile::Intra, &meta.intra)?)?;
        let backward_bank = alike(stream(StreamFile::IntraBackward, &meta.intra_backward)?)?;
        let bank_interval = meta.bank_interval.max(1);
        let (name, preview) = (meta.name(), read_preview(folder));
        Ok(Self { name, meta, forward, backward, bank, backward_bank, bank_interval, preview })
    }

    /// Compares every stream in memory with its checksum. Off the engine thread.
    ///
    /// # Errors
    /// The first stream that differs, by its file name.
    pub fn verify(&self) -> Result<(), ClipError> {
        let streams = [
            (StreamFile::Forward, &self.forward, &self.meta.forward),
            (StreamFile::Backward, &self.backward, &self.meta.backward),
            (StreamFile::Intra, &self.bank, &self.meta.intra),
            (StreamFile::IntraBackward, &self.backward_bank, &self.meta.intra_backward),
        ];
        for (file, stream, facts) in streams {
            if StreamMeta::of(stream.len(), stream.bytes()) != *facts {
                let path = PathBuf::from(file.file_name(self.meta.coding.encoder));
                return Err(ClipError::Damaged { path, what: "its checksum" });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, process::Command};

    /// The folder of a tiny import, from a seed of the fuzz targets.
    fn folder() -> tempfile::TempDir {
        let seed = include_bytes!("../../fuzz/seed_corpus/clip_folder/mpeg4");
        let folder = tempfile::tempdir().expect("a folder");
        let names = ["clip.toml", "forward.m4v", "backward.m4v", "intra.m4v", "intra_backward.m4v"];
        let mut rest = &seed[..];
        for name in names {
            let end = memchr::memmem::find(rest, b"\xff\xfe\xfd\xfc").unwrap_or(rest.len());
            fs::write(folder.path().join(name), &rest[..end]).expect("written");
            rest = rest.get(end + 4..).unwrap_or_default();
        }
        folder
    }

    fn says(folder: &Path) -> String {
        Clip::load(folder).expect_err("it is damaged").to_string()
    }

    #[test]
    fn what_is_no_file_of_that_length_is_not_even_opened() {
        let folder = folder();
        let clip = Clip::load(folder.path()).expect("it is sound");
        clip.verify().expect("it is sound");
        let (stream, toml) = (folder.path().join("intra.m4v"), folder.path().join(CLIP_TOML));
        // Far more than there is memory, and no disk used.
        let huge = File::create(&stream).and_then(|file| file.set_len(1 << 42));
        huge.expect("a file with a hole");
        let line = says(folder.path());
        assert!(line.contains("intra.m4v") && line.contains("its length"), "{line}");
        let mut meta = Meta::read(folder.path()).expect("it reads");
        meta.intra.bytes = 1 << 42;
        meta.write(folder.path()).expect("it is written");
        let line = says(folder.path());
        assert!(line.contains("intra.m4v") && line.contains("too long"), "{line}");
        // Whoever opens a pipe that nobody writes to waits for ever.
        for (file, name) in [(&stream, "intra.m4v"), (&toml, CLIP_TOML)] {
            fs::remove_file(file).expect("removed");
            let made = Command::new("mkfifo").arg(file).status().expect("mkfifo is installed");
            assert!(made.success());
            let line = says(folder.path());
            assert!(line.contains(name) && line.contains("it is no file"), "{line}");
        }
        fs::remove_file(&toml).expect("removed");
        let huge = File::create(&toml).and_then(|file| file.set_len(1 << 42));
        huge.expect("a file with a hole");
        let line = says(folder.path());
        assert!(line.contains(CLIP_TOML) && line.contains("too long"), "{line}");
    }
}
