//! What happened, slot by slot: one JSON object per line.
//!
//! Owns the thread `trace`, which formats, hashes and writes. The engine only hands over copies
//! through a bounded queue; what it refused is counted in the lines that follow.

mod line;

use crate::{
    engine::{SlotObserver, SlotReport},
    params::{ControlEvent, Registry},
    ports::{Notices, Shown},
};
use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

/// Messages that may wait live: four ticks with a full control queue.
const QUEUE_CAPACITY: usize = 16_384;

/// Pictures that may wait for their hash live: a slow disk must not hold the engine's pictures.
const WAITING_PICTURES: usize = 16;

/// Messages that may wait where the engine waits too: fewer than its pool has pictures, so that
/// each picture reaches its hash.
const LOSSLESS_CAPACITY: usize = 32;

enum Message {
    Event(u64, ControlEvent, Duration),
    Slot(SlotReport, Option<Shown>, u64),
}

/// Why a trace cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be made.
    #[error("the trace {path} cannot be written: {source}")]
    Create {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is there and is no trace.
    #[error("{path} is there and is no trace: it was left alone, name another file for the trace")]
    NoTrace {
        /// The file.
        path: String,
    },
}

/// Whether there is a file with anything but a trace in it. Every line of a trace is an object.
fn is_something_else(path: &Path) -> bool {
    let mut first = [0];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok()
        && first != *b"{"
}

/// The trace's thread. Ends when the observer is gone.
pub struct Trace {
    thread: JoinHandle<()>,
}

/// What the engine tells the trace through.
pub struct Observer {
    messages: Sender<Message>,
    with_hash: bool,
    /// Offline nothing may be missing: the engine waits for the trace.
    is_lossless: bool,
    refused: u64,
}

impl Trace {
    /// Opens the file and starts the thread. `with_hash` adds `frame_hash`; `is_lossless` lets the
    /// engine wait rather than lose a line (offline only).
    ///
    /// # Errors
    /// The file cannot be made, or is there and is no trace (an older trace is replaced).
    pub fn start(
        path: &Path,
        registry: Arc<Registry>,
        with_hash: bool,
        is_lossless: bool,
        notices: Notices,
    ) -> Result<(Self, Observer), TraceError> {
        let create = |source| TraceError::Create { path: path.display().to_string(), source };
        if is_something_else(path) {
            return Err(TraceError::NoTrace { path: path.display().to_string() });
        }
        let file = File::create(path).map_err(create)?;
        let (messages, queue) =
            bounded(if is_lossless { LOSSLESS_CAPACITY } else { QUEUE_CAPACITY });
        let thread = thread::Builder::new()
            .name("trace".to_owned())
            .spawn(move || {
                if let Err(error) = write(file, &queue, &registry, with_hash) {
                    notices.error(format!("the trace ends here: {error}"));
                }
            })
            .map_err(create)?;
        Ok((Self { thread }, Observer { messages, with_hash, is_lossless, refused: 0 }))
    }

    /// Waits until everything is written. The observer must be gone by then.
    pub fn join(self) {
        // A panic on that thread has been reported by the panic hook already.
        let _ = self.thread.join();
    }
}

impl Observer {
    fn send(&mut self, message: Message) {
        if self.is_lossless {
            let _ = self.messages.send(message);
        } else if let Err(TrySendError::Full(_)) = self.messages.try_send(message) {
            self.refused += 1;
        }
    }
}

impl SlotObserver for Observer {
    fn event(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        self.send(Message::Event(slot, *event, at));
    }

    fn slot(&mut self, report: &SlotReport, shown: Option<&Shown>) {
        let has_room = self.is_lossless || self.messages.len() < WAITING_PICTURES;
        let shown = shown.filter(|_| self.with_hash && has_room).cloned();
        self.send(Message::Slot(*report, shown, self.refused));
    }
}

fn write(
    file: File,
    queue: &Receiver<Message>,
    registry: &Registry,
    with_hash: bool,
) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    // A slot's line comes when its picture does; by then events of later slots have come already.
    let mut waiting = VecDeque::new();
    for message in queue {
        match message {
            Message::Event(slot, event, at) => {
                waiting.push_back((slot, line::event(registry, &event, at)));
            }
            Message::Slot(report, shown, refused) => {
                let mut events = Vec::new();
                // What entered a tick whose picture is late is seen in the slot that shows it.
                while !report.late
                    && let Some((_, event)) =
                        waiting.pop_front_if(|(slot, _)| *slot <= report.tick.0)
                {
                    events.push(event);
                }
                let line = line::Line::new(&report, events, refused);
                let line = if with_hash { line.with_hash(shown.as_ref()) } else { line };
                serde_json::to_writer(&mut file, &line)?;
                file.write_all(b"\n")?;
                // A reader follows live, and a kill loses no line.
                file.flush()?;
            }
        }
    }
    Ok(())
}
