//! Standard output, which may be a pipe that somebody has closed.

use anyhow::Result;
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes text as it is.
///
/// # Errors
/// It cannot be written. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says one line. Where it cannot be written the work goes on, and standard error says so.
pub fn say(line: impl Display) {
    if let Err(error) = print(&format!("{line}\n")) {
        eprintln!("residua: a line could not be written to standard output: {error:#}");
    }
}
