//! MIDI in and out, through ALSA (CoreMIDI, WinMM) and JACK at once.
//!
//! Two threads. `midi-ports` looks for devices every second, plugs them in, and does everything
//! that may take a moment; `midi` turns bytes into events as they come, and tells devices what has
//! become of their parameters. Callbacks of the systems only pass bytes on. No MIDI is no error: the
//! instrument says so and keeps looking.
//!
//! | file | what |
//! | --- | --- |
//! | `alsa`, `jack`, `names`, `wire` | the systems, and what runs between the threads |
//! | `parser`, `assemble` | bytes to messages |
//! | `pulse` | whether a system still calls |
//! | `roll`, `control`, `takeover`, `encoder` | which mappings there are, and one at work |
//! | `auto`, `offer` | what unmapped controls do, and the memory |
//! | `learn`, `propose`, `teach` | learning |
//! | `clock` | the beat of a MIDI clock |
//! | `lamps`, `view` | what devices are told, and what is known of the instrument |
//! | `translate` | all of that together |

mod alsa;
mod assemble;
mod auto;
mod clock;
mod control;
mod encoder;
pub mod fuzz;
mod jack;
mod lamps;
mod learn;
mod names;
mod offer;
mod parser;
mod propose;
mod pulse;
mod roll;
mod takeover;
mod teach;
mod translate;
#[cfg(test)]
mod translate_tests;
mod view;
mod wire;

pub use auto::{AutoAssign, PadTarget};
pub use learn::{LearnDesk, LearnState, Origin};
pub use parser::Message;

use super::{
    Ear, Monitor,
    batch::{BATCH_MESSAGES, Batch},
    mapping::Mappings,
    maps::ControllerMap,
};
use crate::{
    params::{ControlQueue, Registry, Source},
    ports::{Notices, Tap},
};
use auto::Memory;
use crossbeam::{
    channel::{self, Receiver},
    queue::ArrayQueue,
};
use roll::Roll;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use translate::{Beginning, Translator};
use wire::{Board, News, PIECES_WAITING, Piece, Wire};

/// How often devices are looked for where the system tells of none.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often a system that is not there is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(2);

/// The least time between two looks, so that a burst of registrations is one look.
const LEAST_PAUSE: Duration = Duration::from_millis(20);

// A device that is plugged in plays within two seconds.
const _: () = assert!(LOOK_EVERY.as_millis() + LEAST_PAUSE.as_millis() < 2_000);

/// How long the translating thread sleeps where nothing wakes it.
const IDLE_WAIT: Duration = Duration::from_millis(200);

/// The same while a device may have to be told something: less than a tick.
const WATCHING_WAIT: Duration = Duration::from_millis(15);

/// Devices that may come and go before the translating thread looks. The sender waits beyond.
const NEWS_WAITING: usize = 64;

/// What MIDI devices do to the instrument, and it to them.
#[derive(Debug, Default)]
pub struct MidiPlan {
    /// Mappings from files. A device that any of them is for is left to them alone.
    pub mappings: Mappings,
    /// Maps for devices that no mapping of a file is for, taken by name.
    pub controllers: Vec<ControllerMap>,
    /// What all other devices are given as they are touched.
    pub auto_assign: AutoAssign,
    /// Where that, and what is learnt, is remembered; `None` = nowhere.
    pub memory: Option<PathBuf>,
    /// Where learning is asked for.
    pub desk: LearnDesk,
    /// Who looks on at what comes.
    pub ear: Ear,
    /// Where the parameters are; without it controls jump, and devices are told nothing.
    pub monitor: Option<Box<dyn Monitor>>,
    /// Where what is heard through JACK goes: the process has one JACK client, and this is its room.
    pub tap: Option<Arc<Tap>>,
}

impl MidiPlan {
    /// The thread's work as it begins.
    fn begin(self, registry: &Registry, notices: &Notices) -> Beginning {
        let Self {
            mappings,
            controllers,
            auto_assign,
            memory: memory_file,
            desk,
            ear,
            monitor,
            ..
        } = self;
        let (memory, memory_file) = match memory_file {
            Some(path) => Memory::open(path, notices),
            None => (Memory::default(), None),
        };
        let roll = Roll::new(registry, notices, mappings.list, &memory.learnt, controllers);
        Beginning { roll, offered: auto_assign, memory, memory_file, monitor, desk, ear }
    }
}

/// A MIDI input that could be plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortInfo {
    /// `ALSA`, `CoreMIDI`, `WinMM` or `JACK`.
    pub backend: &'static str,
    /// The device's name, as mappings know it.
    pub name: String,
}

/// The MIDI inputs there are, and for each system that has none at all a few words why.
///
/// For a program that lists and ends: not to be called beside a running [`MidiPorts`], since libjack
/// does not bear two clients of one process when their server goes.
pub fn input_ports() -> (Vec<PortInfo>, Vec<String>) {
    let mut ports = Vec::new();
    let mut reasons = Vec::new();
    for (backend, found) in [(alsa::BACKEND, alsa::list()), ("JACK", jack::list())] {
        match found {
            Ok(names) => ports.extend(names.into_iter().map(|name| PortInfo { backend, name })),
            Err(reason) => reasons.push(reason),
        }
    }
    (ports, reasons)
}

/// All MIDI inputs, plugged in. Dropping it unplugs them and lets go what they held.
#[derive(Debug)]
pub struct MidiPorts {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl MidiPorts {
    /// Plugs in every MIDI input there is and will be. Never fails: what is missing is a notice.
    pub fn start(
        registry: Arc<Registry>,
        queue: ControlQueue,
        notices: Notices,
        plan: MidiPlan,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut ports = Self { stop: Arc::clone(&stop), threads: Vec::with_capacity(2) };
        let pieces = Arc::new(ArrayQueue::new(PIECES_WAITING));
        let (news, told) = channel::bounded(NEWS_WAITING);
        let batch = Batch::new(Arc::clone(&registry), queue.clone(), Source::Midi);
        let (desk, tap) = (plan.desk.clone(), plan.tap.clone());
        let beginning = plan.begin(&registry, &notices);
        let translator = Translator::new(registry, batch, notices.clone(), beginning);
        let translating =
            Translating { translator, told, pieces: Arc::clone(&pieces), notices: notices.clone() };
        let stopped = Arc::clone(&stop);
        let Some(reader) = ports.spawn("midi", &notices, move || translating.run(&stopped)) else {
            return ports;
        };
        desk.is_worked_by(reader.clone());
        let board = Board::new(Wire::new(pieces, reader, queue), news);
        let told = notices.clone();
        ports.spawn("midi-ports", &notices, move || plug(board, &desk, tap, &told, &stop));
        ports
    }

    fn spawn(
        &mut self,
        name: &str,
        notices: &Notices,
        work: impl FnOnce() + Send + 'static,
    ) -> Option<thread::Thread> {
        match thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(handle) => {
                let thread = handle.thread().clone();
                self.threads.push(handle);
                Some(thread)
            }
            Err(error) => {
                notices.error(format!("MIDI: none (no thread: {error}); close other programs"));
                None
            }
        }
    }
}

impl Drop for MidiPorts {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The plugging thread first: what it lets go is heard by the translating one.
        for thread in self.threads.drain(..).rev() {
            thread.thread().unpark();
            // Both contain their panics; there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

/// What the thread `midi` owns.
struct Translating {
    translator: Translator,
    told: Receiver<News>,
    pieces: Arc<ArrayQueue<Piece>>,
    notices: Notices,
}

impl Translating {
    fn run(mut self, stop: &AtomicBool) {
        // The plugging thread hangs up as its last act; until then it may have something to tell.
        let mut is_hung_up = false;
        while !(is_hung_up && stop.load(Ordering::Relaxed)) {
            let turn = AssertUnwindSafe(|| self.turn(&mut is_hung_up));
            match catch_unwind(turn) {
                Ok(true) => {}
                Ok(false) if self.translator.is_watching() => thread::park_timeout(WATCHING_WAIT),
                Ok(false) => thread::park_timeout(IDLE_WAIT),
                Err(_) => self.notices.error("MIDI: a message was too much; it is left away"),
            }
        }
        self.translator.all_gone();
        self.translator.turn(self.translator.now());
    }

    /// Takes what has come. Returns whether there may be more.
    fn turn(&mut self, is_hung_up: &mut bool) -> bool {
        // Pieces first: what a device sent before it went is played before it is let go. What a new
        // device sends is queued after its announcement, so that is looked for before each piece.
        let mut count = 0;
        while count < BATCH_MESSAGES
            && let Some(piece) = self.pieces.pop()
        {
            count += 1;
            self.hear(is_hung_up);
            let now = self.translator.now();
            self.translator.bytes(piece.device, piece.stamp(), now, piece.bytes());
        }
        self.hear(is_hung_up);
        self.translator.turn(self.translator.now());
        count > 0
    }

    fn hear(&mut self, is_hung_up: &mut bool) {
        loop {
            match self.told.try_recv() {
                Ok(News::Here(device, name)) => self.translator.here(device, name),
                Ok(News::HeardBy(device, pulse)) => self.translator.heard_by(device, pulse),
                Ok(News::Gone(device)) => self.translator.gone(device),
                Ok(News::OutHere(number, name, outlet)) => {
                    self.translator.out_here(number, name, outlet);
                }
                Ok(News::OutGone(number)) => self.translator.out_gone(number),
                Err(channel::TryRecvError::Empty) => return,
                Err(channel::TryRecvError::Disconnected) => {
                    *is_hung_up = true;
                    return;
                }
            }
        }
    }
}

/// The work of the thread `midi-ports`.
fn plug(
    mut board: Board,
    desk: &LearnDesk,
    tap: Option<Arc<Tap>>,
    notices: &Notices,
    stop: &AtomicBool,
) {
    let mut alsa = System::<alsa::Ports>::default();
    let mut jack = System { ports: jack::Ports::with_tap(tap), ..System::default() };
    let mut said = None;
    while !stop.load(Ordering::Relaxed) {
        let look = AssertUnwindSafe(|| {
            alsa.look(|ports| ports.look(&mut board, desk, notices));
            // Whether a JACK port repeats a device depends on whether ALSA brought it.
            let has_alsa = alsa.ports.names().next().is_some();
            jack.look(|ports| ports.look(&mut board, desk, notices, has_alsa));
        });
        if catch_unwind(look).is_err() {
            notices.error("MIDI: looking for devices failed; trying again");
        }
        let has_any = alsa.ports.names().chain(jack.ports.names()).next().is_some();
        let none = (!has_any).then(|| none_text(&[&alsa.missing, &jack.missing]));
        if let Some(text) = none.as_ref().filter(|_| said != none) {
            notices.info(text.as_str());
        }
        said = none;
        thread::sleep(LEAST_PAUSE);
        thread::park_timeout(LOOK_EVERY);
    }
    alsa.ports.close(&board);
    jack.ports.close(&board);
}

fn none_text(missing: &[&Option<String>]) -> String {
    let reasons: Vec<&str> = missing.iter().filter_map(|reason| reason.as_deref()).collect();
    match reasons.len() {
        all if all == missing.len() => format!("MIDI: none ({})", reasons.join("; ")),
        _ => "MIDI: none (nothing is plugged in)".to_owned(),
    }
}

/// One way to MIDI, and why it is not there.
#[derive(Default)]
struct System<T> {
    ports: T,
    missing: Option<String>,
    tried: Option<Instant>,
}

impl<T> System<T> {
    fn look(&mut self, look: impl FnOnce(&mut T) -> Result<(), String>) {
        let is_early = self.tried.is_some_and(|tried| tried.elapsed() < RETRY_EVERY);
        if self.missing.is_some() && is_early {
            return;
        }
        self.tried = Some(Instant::now());
        self.missing = look(&mut self.ports).err();
    }
}
