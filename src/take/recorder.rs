//! Writing a take while it is played.

use super::{
    TakeError,
    facts::presets,
    format::{ClipFacts, Event, Header, Mark, Record, Take, What},
};
use crate::{
    engine::{Arrival, SlotObserver, SlotReport},
    media,
    params::{Change, ControlEvent, Kind, Registry, Source},
    ports::{Notices, Shown},
    units::FrameRate,
};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Messages that may wait: four ticks with a full control queue.
const QUEUE_CAPACITY: usize = 16_384;

/// How often it is said how far it has come, and how often that is written: a kill costs at most the
/// two together, half a second, and what was on its way.
const FLUSH_EVERY: Duration = Duration::from_millis(250);

/// How much `take.keep` marks as wanted, in seconds.
pub const KEPT_SECS: u64 = 60;

/// The most that is kept in memory for `take.keep`: a day of playing, or an hour of a flood.
const MEMORY_MAX: usize = 64 << 20;

enum Message {
    Event(u64, ControlEvent, Duration),
    Arrival(u64, Arrival),
    Late(u64),
    Reached(u64),
    Lost(u64, u64),
    End(u64),
}

/// The take's thread. Ends when the observer is gone.
pub struct Recorder {
    thread: JoinHandle<()>,
    path: Option<PathBuf>,
}

/// What the engine tells the take through.
pub struct Observer {
    messages: Sender<Message>,
    rate: FrameRate,
    /// The slot at which it is said next how far it has come.
    next_reached: u64,
    slots: u64,
    refused: u64,
}

impl Recorder {
    /// Starts the thread. `file` gets the whole take as it comes (never overwritten: the name is
    /// numbered); `kept` is where `take.keep` puts takes, by numbered names.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn start(
        header: &Header,
        registry: Arc<Registry>,
        file: Option<&Path>,
        kept: PathBuf,
        notices: Notices,
    ) -> Result<(Self, Observer), TakeError> {
        let rate = header.canvas.rate;
        let text = Take::write_header(header);
        let path = file.map(media::claim_name).transpose()?;
        let failed = |source| TakeError::Write {
            path: path.as_deref().unwrap_or(Path::new("")).display().to_string(),
            source,
        };
        let file = path.as_ref().map(|path| OpenOptions::new().append(true).open(path));
        let mut file = file.transpose().map_err(failed)?;
        if let Some(file) = &mut file {
            file.write_all(text.as_bytes()).map_err(failed)?;
        }
        let (messages, queue) = bounded(QUEUE_CAPACITY);
        let scribe = Scribe {
            registry,
            notices,
            file,
            memory: Some(text),
            lines: String::new(),
            late: None,
            keep_due: None,
            kept,
            rate,
        };
        let thread = thread::Builder::new()
            .name("take".to_owned())
            .spawn(move || scribe.run(&queue))
            .map_err(failed)?;
        let observer = Observer { messages, rate, next_reached: 0, slots: 0, refused: 0 };
        Ok((Self { thread, path }, observer))
    }

    /// The file that gets all of it.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Waits until everything is written. The observer must be gone by then.
    pub fn join(self) {
        // A panic on that thread has been reported by the panic hook already.
        let _ = self.thread.join();
    }
}

impl Observer {
    fn send(&mut self, slot: u64, message: Message) {
        if self.refused > 0 && self.messages.try_send(Message::Lost(slot, self.refused)).is_ok() {
            self.refused = 0;
        }
        if let Err(TrySendError::Full(_)) = self.messages.try_send(message) {
            self.refused += 1;
        }
    }
}

impl SlotObserver for Observer {
    fn event(&mut self, slot: u64, event: &ControlEvent, at: Duration) {
        // What a loop of gestures repeats it repeats by itself when the take is played.
        if event.source != Source::Loop {
            self.send(slot, Message::Event(slot, *event, at));
        }
    }

    fn arrival(&mut self, slot: u64, arrival: &Arrival) {
        self.send(slot, Message::Arrival(slot, arrival.clone()));
    }

    fn slot(&mut self, report: &SlotReport, _: Option<&Shown>) {
        let slot = report.tick.0;
        self.slots = slot + 1;
        if report.late {
            self.send(slot, Message::Late(slot));
        } else if slot >= self.next_reached {
            self.next_reached = slot + self.rate.slot_at(FLUSH_EVERY).max(1);
            self.send(slot, Message::Reached(slot));
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if self.refused > 0 {
            let _ = self.messages.send(Message::Lost(self.slots, self.refused));
        }
        // The engine has ended: now there is time to wait.
        let _ = self.messages.send(Message::End(self.slots));
    }
}

/// What the thread works with.
struct Scribe {
    registry: Arc<Registry>,
    notices: Notices,
    file: Option<File>,
    /// All of it, for `take.keep`; `None` = it has become too long.
    memory: Option<String>,
    /// What is not in the file yet.
    lines: String,
    /// Late slots that may go on.
    late: Option<(u64, u64)>,
    /// The slot for which a take is to be kept: once it is known of all slots whether they were late.
    keep_due: Option<u64>,
    kept: PathBuf,
    rate: FrameRate,
}

impl Scribe {
    fn run(mut self, queue: &Receiver<Message>) {
        let mut flushed = Instant::now();
        loop {
            let left = FLUSH_EVERY.saturating_sub(flushed.elapsed());
            match queue.recv_timeout(left) {
                Ok(Message::End(slots)) => {
                    self.end_late();
                    self.keep_what_is_due(slots);
                    self.put(slots, What::End);
                    self.flush();
                    return;
                }
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.end_late();
                    self.flush();
                    return;
                }
            }
            if flushed.elapsed() >= FLUSH_EVERY {
                self.end_late();
                self.flush();
                flushed = Instant::now();
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Event(slot, event, at) => {
                let event = self.event(&event, at);
                self.put(slot, What::Event(event));
            }
            Message::Arrival(slot, Arrival::Keep) => self.keep_due = Some(slot),
            Message::Arrival(slot, Arrival::Bank(bank)) => {
                for preset in presets(&self.registry, &bank) {
                    self.put(slot, What::Preset(preset.name));
                    for (id, value) in preset.values {
                        self.put(slot, What::PresetValue(id, value));
                    }
                }
                self.put(slot, What::Bank);
            }
            Message::Arrival(slot, arrival) => {
                if let Some(what) = what(&arrival) {
                    self.put(slot, what);
                }
            }
            Message::Late(slot) => match &mut self.late {
                Some((_, last)) if *last + 1 == slot => *last = slot,
                _ => {
                    self.end_late();
                    self.late = Some((slot, slot));
                    self.keep_what_is_due(slot);
                }
            },
            Message::Reached(slot) => {
                self.end_late();
                self.put(slot, What::Reached);
                self.keep_what_is_due(slot);
            }
            Message::Lost(slot, lines) => {
                self.notices.warn(format!(
                    "the take has a hole of {lines} lines: this machine is too slow to write them down"
                ));
                self.put(slot, What::Lost(lines));
            }
            Message::End(_) => {}
        }
    }

    fn event(&self, event: &ControlEvent, at: Duration) -> Event {
        let row = self.registry.row(event.param);
        let named = match (row.kind, event.change) {
            (Kind::Reference, Change::Plain(plain)) => {
                Some(self.registry.format(event.param, plain))
            }
            _ => None,
        };
        Event {
            id: row.id.to_owned(),
            change: event.change,
            row: named,
            source: event.source,
            at_micros: at.as_micros() as u64,
        }
    }

    fn end_late(&mut self) {
        if let Some((first, last)) = self.late.take() {
            self.put(first, What::Late { last });
        }
    }

    fn put(&mut self, slot: u64, what: What) {
        Record { slot, what }.write(&mut self.lines);
    }

    /// Brings what has come to the file and the memory.
    fn flush(&mut self) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(self.lines.as_bytes())
        {
            self.notices.error(format!("the take ends here: {error}"));
            self.file = None;
        }
        if let Some(memory) = &mut self.memory {
            memory.push_str(&self.lines);
            if memory.len() > MEMORY_MAX {
                self.memory = None;
                // A file has all of it.
                if self.file.is_none() {
                    self.notices.warn(
                        "what is played from here on is in no take: it has become too long (play \
                         with --record-take to keep all)",
                    );
                }
            }
        }
        self.lines.clear();
    }

    /// Keeps what was asked for, where all slots up to then are told.
    fn keep_what_is_due(&mut self, told: u64) {
        if let Some(slot) = self.keep_due.take_if(|slot| *slot < told) {
            self.keep(slot);
        }
    }

    /// Writes all that was played as a take, its last minute marked.
    fn keep(&mut self, slot: u64) {
        self.end_late();
        self.flush();
        let Some(memory) = &self.memory else {
            self.notices.warn("no take was kept: what was played has become too long");
            return;
        };
        let from = slot.saturating_sub(self.rate.slot_at(Duration::from_secs(KEPT_SECS)));
        let mut end = String::new();
        Record { slot: from, what: What::From }.write(&mut end);
        // The slot in which it was asked for belongs to it.
        Record { slot: slot + 1, what: What::End }.write(&mut end);
        let written = (|| {
            let path = media::claim_name(&self.kept)?;
            let failed =
                |source: io::Error| TakeError::Write { path: path.display().to_string(), source };
            let mut file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
            file.write_all(memory.as_bytes()).map_err(failed)?;
            file.write_all(end.as_bytes()).map_err(failed)?;
            Ok::<_, TakeError>(path)
        })();
        match written {
            Ok(path) => self.notices.wrote(format!("kept as {}", path.display()), path),
            Err(error) => self.notices.error(format!("no take was kept: {error}")),
        }
    }
}

/// What the take says of an arrival.
fn what(arrival: &Arrival) -> Option<What> {
    let mark = match arrival {
        Arrival::Grab { slot, is_filled } => {
            return Some(What::Grab { picture: slot + 1, is_filled: *is_filled });
        }
        Arrival::GrabOf(slot) => return Some(What::GrabOf(*slot)),
        Arrival::Clip(clip) => {
            return Some(What::Clip(ClipFacts {
                name: clip.name.clone(),
                path: clip.meta.source_path.clone(),
                fingerprint: clip.meta.fingerprint(),
            }));
        }
        Arrival::Keep | Arrival::Bank(_) => return None,
        Arrival::GrabRefused => Mark::GrabRefused,
        Arrival::NoPicture => Mark::NoPicture,
        Arrival::Shader => Mark::Shader,
        Arrival::NoDecoder => Mark::NoDecoder,
        Arrival::FeedFailed => Mark::FeedFailed,
        Arrival::DecoderFailed => Mark::DecoderFailed,
        Arrival::NoCleanDecoder => Mark::NoCleanDecoder,
        Arrival::CleanLate => Mark::CleanLate,
        Arrival::CleanFailed => Mark::CleanFailed,
        Arrival::CodecLate => Mark::CodecLate,
        Arrival::Begun => Mark::Begun,
        Arrival::Unread => Mark::Unread,
    };
    Some(What::Mark(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    /// What is said when a take becomes too long for the memory.
    fn said_of_a_long_take(file: Option<File>) -> Option<String> {
        const ROW: ParamSpec = ParamSpec::float("wear.amount", "Amount", "", (0.0, 1.0), 0.0);
        let notices = Notices::default();
        let mut scribe = Scribe {
            registry: Arc::new(Registry::join(&[&[ROW]]).expect("a row")),
            notices: notices.clone(),
            file,
            memory: Some("#".repeat(MEMORY_MAX)),
            lines: "1 !reached\n".to_owned(),
            late: None,
            keep_due: None,
            kept: PathBuf::new(),
            rate: FrameRate::whole(25),
        };
        scribe.flush();
        assert!(scribe.memory.is_none());
        notices.take().map(|notice| notice.text)
    }

    #[test]
    fn what_is_in_a_file_is_not_called_lost() {
        let file = tempfile::tempfile().expect("a file");
        assert_eq!(said_of_a_long_take(Some(file)), None);
        let said = said_of_a_long_take(None).expect("a notice");
        assert!(said.contains("is in no take"), "{said}");
    }
}
