//! Peers and their processor time, ours and our memory.

use super::CANVAS;
use residua::clip::Encoder;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Seconds in a tick of `/proc/PID/stat`: USER_HZ is 100 on every Linux that Rust's std runs on.
const TICK_SECS: f64 = 0.01;

/// Bytes in a page of `/proc/PID/statm`; 4 KiB on the machines this is run on.
const PAGE_BYTES: f64 = 4096.0;

/// Runs to the end and must succeed.
pub fn run(command: &mut Command) -> Result<Output, Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(output)
    } else {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("{command:?}: {}\n{text}", output.status).into())
    }
}

/// Field `number` (from 1, as in proc(5)) of `/proc/self/stat`.
fn stat(number: usize) -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name, field 2, stands in brackets and may hold anything.
    let after = text.rfind(')').ok_or("no name in /proc/self/stat")? + 1;
    let field = text[after..].split_whitespace().nth(number - 3).ok_or("too few fields")?;
    Ok(field.parse()?)
}

/// Processor time of this process so far, all threads, user and system, in seconds.
pub fn own_secs() -> Result<f64, Box<dyn Error>> {
    Ok((stat(14)? + stat(15)?) * TICK_SECS)
}

/// Processor time that a peer takes, in seconds: that of the children waited for, before and after.
pub fn peer_secs(command: &mut Command) -> Result<f64, Box<dyn Error>> {
    let children = || Ok::<_, Box<dyn Error>>((stat(16)? + stat(17)?) * TICK_SECS);
    let before = children()?;
    run(command)?;
    Ok(children()? - before)
}

/// The cores that this process may run on, as `taskset -c` writes them.
pub fn allowed_cores() -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    Ok(line.ok_or("no Cpus_allowed_list in /proc/self/status")?.trim().to_owned())
}

/// Keeps all threads of this process, and its children to come, on these cores.
pub fn pin(cores: &str) -> Result<(), Box<dyn Error>> {
    run(Command::new("taskset").args(["-a", "-c", "-p", cores, &std::process::id().to_string()]))?;
    Ok(())
}

/// Memory of this process that is in RAM, in bytes.
pub fn resident_bytes() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = text.split_whitespace().nth(1).ok_or("too few fields")?.parse()?;
    Ok(pages * PAGE_BYTES)
}

/// A clip of the demo.
pub fn demo_clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo").join(name)
}

/// `residua import` into a library.
pub fn import_command(library: &Path, encoder: Encoder, source: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    command.args(["import", "--canvas", CANVAS, "--encoder", encoder.name(), "--library"]);
    command.arg(library).arg(source);
    command
}

/// Imports, and returns the clip's folder.
pub fn import_clip(
    library: &Path,
    encoder: Encoder,
    source: &Path,
) -> Result<PathBuf, Box<dyn Error>> {
    let output = run(&mut import_command(library, encoder, source))?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().next().ok_or("the import names no folder")?.into())
}
