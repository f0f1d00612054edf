//! Other programs and the running instrument: OSC tools, Pure Data, Python's OSC and OSCQuery clients.
//! They are real: a peer that is not installed is a failed test (`scripts/setup test`).

#[path = "../common/mod.rs"]
mod common;
mod flood;
mod forms;
mod peers;
mod query;

use common::{Instrument, free_port, scene};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// The Python that has the peers; see `scripts/test-python`.
fn python() -> Command {
    let home = std::env::var_os("HOME").expect("a home");
    let python = Path::new(&home).join(".cache/residua-test/bin/python");
    assert!(python.exists(), "the tests' Python is missing: run scripts/test-python");
    let mut command = Command::new(python);
    command.stdin(Stdio::null());
    command
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The instrument with its doors at free ports.
struct House {
    instrument: Instrument,
    osc: u16,
    web: u16,
}

impl House {
    fn open(more: &[&str]) -> Self {
        let (osc, web) = (free_port(), free_port());
        let mut command = scene("play", &["toy_rabbit.mp4"]);
        command.args(["--osc", &format!("127.0.0.1:{osc}"), "--web", &format!("127.0.0.1:{web}")]);
        command.args(more);
        Self { instrument: Instrument::start(command), osc, web }
    }

    /// `oscsend` to it.
    fn send(&self, arguments: &[&str]) {
        let port = self.osc.to_string();
        let all = [&["127.0.0.1", port.as_str()], arguments].concat();
        common::peer("oscsend", &all);
    }

    /// Waits until the trace has this event: the row, what was done to it, with what value.
    fn has_event(&mut self, id: &str, change: &str, value: impl Into<Value>) -> Value {
        let value = value.into();
        let is_it = |event: &Value| {
            event["id"] == id && event["change"] == change && event["value"] == value
        };
        let what = format!("{id} {change} {value}");
        let trace = self.instrument.wait_for(&what, |trace| events(trace).any(is_it));
        events(&trace).find(|event| is_it(event)).cloned().expect("it was just seen")
    }
}

/// All events of a trace.
fn events(trace: &[Value]) -> impl Iterator<Item = &Value> {
    trace.iter().flat_map(|line| line["events"].as_array().into_iter().flatten())
}

/// A peer that prints lines; ended with the test.
struct Talker {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Talker {
    fn start(command: &mut Command, reads_stderr: bool) -> Self {
        let (out, err) = match reads_stderr {
            true => (Stdio::null(), Stdio::piped()),
            false => (Stdio::piped(), Stdio::inherit()),
        };
        let program = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} is needed for the tests: {error}"));
        let from: Box<dyn Read + Send> = match reads_stderr {
            true => Box::new(child.stderr.take().expect("piped")),
            false => Box::new(child.stdout.take().expect("piped")),
        };
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, heard: Vec::new() }
    }

    /// Waits for a line that has this in it.
    fn hears(&mut self, text: &str) -> String {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(line) = self.heard.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.heard.push(line),
                Err(error) => panic!("'{text}' was not heard ({error}); but {:#?}", self.heard),
            }
        }
    }

    /// Takes in what has been said so far.
    fn listens(&mut self) {
        self.heard.extend(self.lines.try_iter());
    }

    /// Forgets what was heard, whatever is on its way included.
    fn forgets(&mut self) {
        thread::sleep(Duration::from_millis(300));
        while self.lines.try_recv().is_ok() {}
        self.heard.clear();
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is printed by a Python script of this folder, which must succeed.
fn run_python(script: &str, arguments: &[&str]) -> String {
    let mut command = python();
    command.arg(repository("tests/network").join(script)).args(arguments);
    let output = command.output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
