//! A real engine with real clips, ticked by the test.

use crate::common::{CANVAS, demo_clip, library, residua, succeed};
use residua::{
    clip::{Clip, SliceBuffer},
    decay::{Chain, Workbench},
    engine::{self, Engine, Pace, Score, Setup, SlotObserver, SlotReport},
    gpu::Gpu,
    media::{self, GstDecoder, GstDecoders},
    params::{Change, ControlEvent, ControlQueue, Source, Store},
    ports::{Decoder, DecoderError, DecoderMaker, Notices, Shown},
    units::{Canvas, Planes, StreamFormat},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What goes wrong with the first decoder; later ones are sound.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    /// `push` fails at this access unit.
    Push(u64),
    /// From this access unit on no picture comes.
    Silence(u64),
    /// The picture of this access unit comes this much later than asked for.
    Slow(u64, Duration),
}

pub struct Faulty {
    sound: GstDecoder,
    fault: Fault,
    slow_since: Option<Instant>,
}

impl Decoder for Faulty {
    fn push(&mut self, number: u64, access_unit: &[u8]) -> Result<(), DecoderError> {
        if self.fault == Fault::Push(number) {
            return Err(DecoderError::Failed("on purpose".to_owned()));
        }
        self.sound.push(number, access_unit)
    }

    fn pull(
        &mut self,
        number: u64,
        timeout: Duration,
        take: &mut dyn FnMut(&Planes<'_>),
    ) -> Result<bool, DecoderError> {
        match self.fault {
            Fault::Silence(from) if number >= from => {
                std::thread::sleep(timeout);
                Ok(false)
            }
            Fault::Slow(at, delay) if number == at => {
                let since = *self.slow_since.get_or_insert_with(Instant::now);
                if since.elapsed() < delay {
                    std::thread::sleep(timeout);
                    return Ok(false);
                }
                self.sound.pull(number, timeout, take)
            }
            _ => self.sound.pull(number, timeout, take),
        }
    }
}

pub struct Maker {
    fault: Fault,
    made: AtomicU64,
}

impl DecoderMaker for Maker {
    type Decoder = Faulty;

    fn make(&self, format: &StreamFormat) -> Result<Faulty, DecoderError> {
        let is_first = self.made.fetch_add(1, Ordering::Relaxed) == 0;
        let fault = if is_first { self.fault } else { Fault::None };
        Ok(Faulty { sound: GstDecoders.make(format)?, fault, slow_since: None })
    }
}

pub type Seen = Arc<Mutex<Vec<(SlotReport, Option<Vec<u8>>, usize)>>>;

#[derive(Default)]
struct Notebook {
    seen: Seen,
    events: usize,
}

impl SlotObserver for Notebook {
    fn event(&mut self, _: u64, _: &ControlEvent, _: std::time::Duration) {
        self.events += 1;
    }

    fn slot(&mut self, report: &SlotReport, shown: Option<&Shown>) {
        let picture = shown.map(|shown| shown.picture.data().to_vec());
        self.seen.lock().expect("lock").push((*report, picture, self.events));
    }
}

pub struct Stage {
    pub engine: Engine<Maker>,
    pub queue: ControlQueue,
    pub notices: Notices,
    pub registry: Arc<residua::params::Registry>,
    /// What shaders for the engine's chain are made with.
    pub bench: Workbench,
    pub seen: Seen,
}

/// Imports the rabbit and returns its folder.
pub fn rabbit(encoder: &str) -> PathBuf {
    imported("toy_rabbit.mp4", encoder)
}

/// Imports a clip of the demo and returns its folder.
pub fn imported(name: &str, encoder: &str) -> PathBuf {
    let mut command = residua();
    command.args(["import", "--canvas", CANVAS, "--encoder", encoder, "--library"]).arg(library());
    let output = succeed(command.arg(demo_clip(name)));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    PathBuf::from(text.lines().next().expect("the folder"))
}

pub fn stage(fault: Fault) -> Stage {
    stage_with(fault, &rabbit("mpeg4"))
}

pub fn stage_with(fault: Fault, folder: &Path) -> Stage {
    stage_of(fault, &[folder])
}

pub fn stage_of(fault: Fault, folders: &[&Path]) -> Stage {
    let clips = folders.iter().map(|folder| Arc::new(Clip::load(folder).expect("a clip")));
    media::init().expect("GStreamer");
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    let registry = Arc::new(engine::registry().expect("rows"));
    let gpu = Gpu::headless().expect("an adapter (Debian: mesa-vulkan-drivers)");
    let chain = Chain::new(gpu, &registry, canvas.width, canvas.height, 0).expect("a chain");
    let bench = chain.workbench();
    let (queue, notices) = (ControlQueue::default(), Notices::default());
    let mut engine = Engine::new(Setup {
        registry: Arc::clone(&registry),
        store: Store::new(Arc::clone(&registry)),
        queue: queue.clone(),
        notices: notices.clone(),
        clips: SliceBuffer::new(clips.collect()),
        canvas,
        chain,
        maker: Arc::new(Maker { fault, made: AtomicU64::new(0) }),
        score: Score::default(),
    })
    .expect("an engine");
    let notebook = Notebook::default();
    let seen = Arc::clone(&notebook.seen);
    engine.observe(Box::new(notebook));
    Stage { engine, queue, notices, registry, bench, seen }
}

impl Stage {
    /// Plays live slots of 20 ms each, as fast as they are.
    pub fn live(&mut self, slots: std::ops::Range<u64>) {
        for slot in slots {
            let decode_until = Instant::now() + Duration::from_millis(20);
            self.engine.tick(slot, Pace::Live { decode_until });
            self.engine.collect(None);
        }
    }

    pub fn offline(&mut self, slots: std::ops::Range<u64>) {
        for slot in slots {
            self.engine.tick(slot, Pace::Offline);
            self.engine.collect(None);
        }
    }

    pub fn send(&self, id: &str, change: Change) {
        let param = self.registry.find(id).expect("a row");
        assert!(self.queue.send(ControlEvent { param, change, source: Source::Osc }));
    }

    /// The picture of a slot, packed I420.
    pub fn picture(&self, slot: usize) -> Vec<u8> {
        let seen = self.seen.lock().expect("lock");
        seen[slot].1.clone().expect("a picture")
    }

    pub fn reports(&self) -> Vec<SlotReport> {
        self.seen.lock().expect("lock").iter().map(|(report, ..)| *report).collect()
    }
}
