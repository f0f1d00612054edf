//! Where the frames of the loop are written: a folder, a ZIP file, and the trace beside them.
//!
//! Nothing is overwritten, and a name is taken only by a file that is whole.

use crate::export::LoopFrame;
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What a file is called until it is whole.
const PART: &str = "part";

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
        let path = self.path.join(name);
        let part = path.with_extension(PART);
        let written = fs::write(&part, file).and_then(|()| fs::rename(&part, &path));
        if written.is_err() {
            // What is left of it is of no use; the error says what happened.
            let _ = fs::remove_file(&part);
        }
        written.with_context(|| path.display().to_string())
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        Ok(self.path)
    }
}

/// One ZIP file. JPEG files are stored: there is nothing left in them to compress.
pub struct Zip {
    path: PathBuf,
    part: PathBuf,
    /// `None` once it is ended.
    writer: Option<ZipWriter<BufWriter<File>>>,
}

impl Zip {
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            bail!("{} is there already: name another file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".");
        part.push(PART);
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| part.display().to_string())?;
        let writer = Some(ZipWriter::new(BufWriter::new(file)));
        Ok(Self { path: path.to_owned(), part, writer })
    }
}

impl Frames for Zip {
    fn write(&mut self, name: &str, file: &[u8]) -> Result<()> {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let named = || self.part.display().to_string();
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.start_file(name, stored).with_context(named)?;
        writer.write_all(file).with_context(named)
    }

    fn finish(mut self: Box<Self>) -> Result<PathBuf> {
        let named = || self.part.display().to_string();
        if let Some(writer) = self.writer.take() {
            let file = writer.finish().with_context(named)?;
            file.into_inner().map_err(|error| error.into_error()).with_context(named)?;
        }
        fs::rename(&self.part, &self.path).with_context(|| self.path.display().to_string())?;
        Ok(self.path.clone())
    }
}

impl Drop for Zip {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // Nothing was asked of it: no half file stays. Where it stays, nobody is left to tell.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// One JSON object per frame.
pub struct Trace {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Trace {
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    pub fn write(&mut self, frame: &LoopFrame) -> Result<()> {
        let line = serde_json::json!({
            "frame": frame.number,
            "moved_px": frame.moved_px,
            "luma_raster": frame.tables.map(|tables| tables.luma_raster.to_vec()),
            "bytes": frame.file.as_ref().map(Vec::len),
        });
        writeln!(self.file, "{line}").with_context(|| self.path.display().to_string())
    }

    pub fn finish(mut self) -> Result<PathBuf> {
        self.file.flush().with_context(|| self.path.display().to_string())?;
        Ok(self.path)
    }
}
