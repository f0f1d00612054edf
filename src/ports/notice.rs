//! What the instrument has to say to the person: one line at a time, from any thread.

use crossbeam::queue::ArrayQueue;
use std::{path::PathBuf, sync::Arc};

/// Lines that may wait for the window; the oldest gives way, since the newest matters on stage.
const NOTICES_KEPT: usize = 64;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something the person did, or wants to know.
    Info,
    /// The show goes on, with something missing.
    Warning,
    /// Something that was asked for could not be done.
    Error,
}

/// One line for the status bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What happened, what it means, what to do.
    pub text: String,
    /// The file that was written, where that is what happened.
    pub file: Option<PathBuf>,
}

/// Where all threads put their lines, and the window takes them. Clones share one queue.
/// Putting a line in takes no lock and does no I/O; the line goes to the log when it is taken.
#[derive(Clone, Debug)]
pub struct Notices {
    lines: Arc<ArrayQueue<Notice>>,
}

impl Default for Notices {
    fn default() -> Self {
        Self { lines: Arc::new(ArrayQueue::new(NOTICES_KEPT)) }
    }
}

impl Notices {
    /// Says something that is good to know.
    pub fn info(&self, text: impl Into<String>) {
        self.say(Severity::Info, text.into(), None);
    }

    /// Says which file was written, or is being written.
    pub fn wrote(&self, text: impl Into<String>, file: impl Into<PathBuf>) {
        self.say(Severity::Info, text.into(), Some(file.into()));
    }

    /// Says what is missing while the show goes on.
    pub fn warn(&self, text: impl Into<String>) {
        self.say(Severity::Warning, text.into(), None);
    }

    /// Says what could not be done.
    pub fn error(&self, text: impl Into<String>) {
        self.say(Severity::Error, text.into(), None);
    }

    /// The next line, oldest first.
    pub fn take(&self) -> Option<Notice> {
        let notice = self.lines.pop()?;
        match notice.severity {
            Severity::Info => log::info!("{}", notice.text),
            Severity::Warning => log::warn!("{}", notice.text),
            Severity::Error => log::error!("{}", notice.text),
        }
        Some(notice)
    }

    fn say(&self, severity: Severity, text: String, file: Option<PathBuf>) {
        self.lines.force_push(Notice { severity, text, file });
    }
}
