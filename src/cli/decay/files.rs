//! Where the frames of the loop are written: a folder, a ZIP file, and the trace beside them.
//!
//! Nothing is overwritten, and a name is taken only by a file that is whole.

use crate::export::LoopFrame;
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::{BufWriter, ErrorKind, Seek, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What is added to a file's name until it is whole.
const PART: &str = ".part";

/// A file on its way: its name is taken once it is whole. Dropped before, it goes away.
struct Part {
    path: PathBuf,
    part: PathBuf,
    /// Whether the unnamed file stays.
    is_kept: bool,
}

impl Part {
    /// Begins a file that is to have this name, which must be free.
    fn create(path: &Path) -> Result<(Self, File)> {
        if path.symlink_metadata().is_ok() {
            bail!("{} is there already: name another file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(PART);
        let part = PathBuf::from(part);
        let file = match File::create_new(&part) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
                "{} is there already, begun by another run: remove it, or name another file",
                part.display()
            ),
            file => file.with_context(|| part.display().to_string())?,
        };
        Ok((Self { path: path.to_owned(), part, is_kept: false }, file))
    }

    /// Gives the whole file its name. Where another file has taken that meanwhile, both stay.
    fn name(mut self) -> Result<PathBuf> {
        self.is_kept = true;
        // A rename would overwrite, so that the name is taken first.
        if let Err(error) = File::create_new(&self.path) {
            let (path, part) = (self.path.display(), self.part.display());
            bail!("{path} cannot be named ({error}): what was made is in {part}");
        }
        if let Err(error) = fs::rename(&self.part, &self.path) {
            // The empty file that held the name.
            let _ = fs::remove_file(&self.path);
            let (path, part) = (self.path.display(), self.part.display());
            bail!("{path} cannot be named ({error}): what was made is in {part}");
        }
        Ok(self.path.clone())
    }

    fn shown(&self) -> String {
        self.part.display().to_string()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            // No half file stays. Where it cannot be removed, nobody is left to tell.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Takes JPEG files.
pub trait Frames {
    fn write(&mut self, name: &str, file: &[u8]) -> Result<()>;

    /// Ends what was begun and says where it is.
    fn finish(self: Box<Self>) -> Result<PathBuf>;
}

/// A folder of JPEG files.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder where it is not there. It may hold anything but frames.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| path.display().to_string())?;
        for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
            let name = entry.with_context(|| path.display().to_string())?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("frame_") && name.ends_with(".jpg") {
                bail!("{} holds frames already ({name}): name another folder", path.display());
            }
        }
        Ok(Self { path: path.to_owned() })
    }
}

impl Frames for Folder {
    fn write(&mut self, name: &str, file: &[u8]) -> Result<()> {
        let (part, mut to) = Part::create(&self.path.join(name))?;
        to.write_all(file).with_context(|| part.shown())?;
        part.name().map(drop)
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        Ok(self.path)
    }
}

/// One ZIP file. JPEG files are stored: there is nothing left in them to compress.
pub struct Zip<W: Write + Seek = File> {
    // Ended, or dropped, before the file it writes is named or goes.
    writer: ZipWriter<BufWriter<W>>,
    part: Part,
    /// Whether an entry is cut and cannot be taken out again.
    is_cut: bool,
}

impl Zip {
    pub fn create(path: &Path) -> Result<Self> {
        let (part, file) = Part::create(path)?;
        Ok(Self::over(part, file))
    }
}

impl<W: Write + Seek> Zip<W> {
    fn over(part: Part, file: W) -> Self {
        Self { writer: ZipWriter::new(BufWriter::new(file)), part, is_cut: false }
    }
}

impl<W: Write + Seek> Frames for Zip<W> {
    /// After an error the frames before are kept, where the file lets the last one be taken out.
    fn write(&mut self, name: &str, file: &[u8]) -> Result<()> {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let begun = self.writer.start_file(name, stored);
        // It ends the entry before, which may be the one that is cut.
        self.is_cut |= begun.is_err();
        begun.with_context(|| self.part.shown())?;
        let written = self.writer.write_all(file);
        if written.is_err() {
            self.is_cut |= self.writer.abort_file().is_err();
        }
        written.with_context(|| self.part.shown())
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        let Self { writer, part, is_cut } = *self;
        if is_cut {
            bail!("{} could not be written to its end", part.path.display());
        }
        let file = writer.finish().with_context(|| part.shown())?;
        file.into_inner().map_err(|error| error.into_error()).with_context(|| part.shown())?;
        part.name()
    }
}

/// One JSON object per frame.
pub struct Trace {
    part: Part,
    file: BufWriter<File>,
    /// Whether a line is cut.
    is_cut: bool,
}

impl Trace {
    pub fn create(path: &Path) -> Result<Self> {
        let (part, file) = Part::create(path)?;
        Ok(Self { part, file: BufWriter::new(file), is_cut: false })
    }

    pub fn write(&mut self, frame: &LoopFrame) -> Result<()> {
        let line = serde_json::json!({
            "frame": frame.number,
            "moved_px": frame.moved_px,
            "luma_raster": frame.tables.map(|tables| tables.luma_raster.to_vec()),
            "bytes": frame.file.as_ref().map(Vec::len),
        });
        let written = writeln!(self.file, "{line}");
        self.is_cut |= written.is_err();
        written.with_context(|| self.part.shown())
    }

    pub fn finish(self) -> Result<PathBuf> {
        let Self { part, mut file, is_cut } = self;
        if is_cut {
            bail!("{} could not be written to its end", part.path.display());
        }
        file.flush().with_context(|| part.shown())?;
        drop(file);
        part.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{self, SeekFrom},
        process::Command,
    };

    /// A file on a disk that has room for so many bytes.
    struct Small {
        file: File,
        room: u64,
    }

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let left = self.room.saturating_sub(self.file.stream_position()?);
            match bytes.len().min(left as usize) {
                0 if !bytes.is_empty() => Err(ErrorKind::StorageFull.into()),
                length => self.file.write(&bytes[..length]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }

    impl Seek for Small {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_zip_on_a_full_disk_has_the_frames_before_whole_or_no_name() {
        let frame: Vec<u8> = (0..20_000_u32).map(|byte| (byte * 7 % 251) as u8).collect();
        // Two frames and half of a third; no frame; two frames, and no room for what ends the file.
        for (room, frames) in [(50_000, Some(2)), (4, None), (40_132, None)] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("f.zip");
            let (part, file) = Part::create(&path).expect("a file");
            let mut zip = Box::new(Zip::over(part, Small { file, room }));
            let mut writes = (0..3).map(|number| zip.write(&format!("frame_{number}.jpg"), &frame));
            assert!(writes.any(|written| written.is_err()), "{room}: it is never full");
            let ended = zip.finish();
            let Some(frames) = frames else {
                assert!(ended.is_err(), "{room}");
                assert!(names(folder.path()).is_empty(), "{room}: {:?}", names(folder.path()));
                continue;
            };
            assert_eq!(ended.expect("a file"), path);
            assert_eq!(names(folder.path()), ["f.zip"]);
            let unzip = |option| {
                Command::new("unzip").arg(option).arg(&path).output().expect("unzip is installed")
            };
            let tested = unzip("-tq");
            assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
            let listed = String::from_utf8(unzip("-Z1").stdout).expect("names");
            let wanted: Vec<String> = (0..frames).map(|at| format!("frame_{at}.jpg")).collect();
            assert_eq!(listed.lines().collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_keeps_both_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.jsonl");
        let (part, mut file) = Part::create(&path).expect("a file");
        file.write_all(b"made").expect("written");
        fs::write(&path, "mine").expect("written");
        let line = part.name().expect_err("taken").to_string();
        assert!(line.contains("t.jsonl.part"), "{line}");
        assert_eq!(fs::read(&path).expect("as it was"), b"mine");
        assert_eq!(fs::read(folder.path().join("t.jsonl.part")).expect("what was made"), b"made");
    }
}
