//! The looks as pictures: what each preset would make of the programme just now.
//!
//! A thread of low priority with a device and a small chain of its own ([`Easel`]). It paints one
//! look after the other while the window shows them, rests long between two, and stops for a while
//! whenever a slot of the programme was late. It never touches the engine: it takes programme pictures
//! from a reader of its own, and gives finished pictures to the window.

mod easel;
mod pace;
mod scale;
#[cfg(test)]
mod tests;

pub use easel::Easel;

use crate::{
    decay::{DecayError, dct::Dct},
    engine::{Bank, PRESETS_MAX},
    gpu::GpuError,
    output::ProgrammeReader,
    params::Registry,
    ports::Notices,
    units::Picture,
};
use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use pace::Pace;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use xxhash_rust::xxh3::xxh3_64;

/// How often the thread looks whether there is something to do.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// How far it steps back: a tenth of the share of all others. Not the most there is: with that a shader
/// that is being made when the show ends would keep a busy machine waiting for minutes.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// News that may wait for the window: it looks many times a second.
const NEWS: usize = 16;

/// Why looks have no pictures.
#[derive(Debug, thiserror::Error)]
pub enum LooksError {
    /// No device.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No chain on it.
    #[error(transparent)]
    Chain(#[from] DecayError),
    /// The device failed.
    #[error("the graphics device failed: {0}")]
    Device(String),
    /// The show was over before it was painted.
    #[error("the show is over")]
    Over,
}

/// What the window wants of the thread. Shared; nobody waits for anybody.
#[derive(Debug, Default)]
pub struct LooksWish {
    is_shown: AtomicBool,
    late_slots: AtomicU64,
}

impl LooksWish {
    /// Whether the window shows looks, and how many slots of the programme were late since the start.
    pub fn set(&self, is_shown: bool, late_slots: u64) {
        self.is_shown.store(is_shown, Ordering::Relaxed);
        self.late_slots.store(late_slots, Ordering::Relaxed);
    }
}

/// What the window is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LooksNews {
    /// These are the presets that have a number, from the first.
    Names(Vec<String>),
    /// A picture of one of them.
    Picture {
        /// Its place, counted from 0.
        place: usize,
        /// What it is called.
        name: String,
        /// The picture.
        image: Arc<egui::ColorImage>,
    },
}

/// The window's end.
#[derive(Debug)]
pub struct LooksPort {
    /// See [`LooksWish`].
    pub wish: Arc<LooksWish>,
    /// See [`LooksNews`].
    pub news: Receiver<LooksNews>,
}

/// What the thread works with.
pub struct LooksPlan {
    /// All rows.
    pub registry: Arc<Registry>,
    /// The presets at the start, and those that take their place.
    pub bank: Arc<Bank>,
    /// See [`Self::bank`].
    pub banks: Receiver<Arc<Bank>>,
    /// Quantisation tables of a file, where the set has some.
    pub tables: Option<Dct>,
    /// The programme.
    pub programme: ProgrammeReader,
    /// For what goes wrong: once.
    pub notices: Notices,
    /// The end of the show.
    pub quit: Arc<AtomicBool>,
}

/// Starts the thread. It ends with the show, or with the window.
///
/// # Errors
/// The system gives no thread.
pub fn start(plan: LooksPlan) -> std::io::Result<(LooksPort, JoinHandle<()>)> {
    let (told, news) = bounded(NEWS);
    let wish = Arc::new(LooksWish::default());
    let port = LooksPort { wish: Arc::clone(&wish), news };
    let painter = Painter { plan, wish, told, seen: None, painted: Vec::new(), next: 0 };
    let thread = thread::Builder::new().name("look-pictures".to_owned());
    Ok((port, thread.spawn(move || painter.run())?))
}

/// The window is gone, or the show is over.
struct Over;

struct Painter {
    plan: LooksPlan,
    wish: Arc<LooksWish>,
    told: Sender<LooksNews>,
    /// The newest programme picture, small, and what tells it from others.
    seen: Option<(Picture, u64)>,
    /// By look: the picture that it was painted on.
    painted: Vec<Option<u64>>,
    next: usize,
}

impl Painter {
    fn run(mut self) {
        step_back();
        let mut easel: Option<Easel> = None;
        let mut pace = Pace::new(Instant::now());
        self.unpack(Arc::clone(&self.plan.bank));
        while !self.plan.quit.load(Ordering::Relaxed) {
            thread::sleep(LOOK_PAUSE);
            if let Some(bank) = self.plan.banks.try_iter().last() {
                self.unpack(bank);
            }
            let late = self.wish.late_slots.load(Ordering::Relaxed);
            let is_shown = self.wish.is_shown.load(Ordering::Relaxed);
            if !pace.is_due(Instant::now(), late) || !is_shown {
                continue;
            }
            let begin = Instant::now();
            match self.paint_one(&mut easel) {
                Ok(Err(Over)) => return,
                Ok(Ok(())) => {}
                // What failed because of the end is no failure.
                Err(_) if self.plan.quit.load(Ordering::Relaxed) => return,
                Err(error) => {
                    return self.plan.notices.warn(format!("looks have no pictures: {error}"));
                }
            }
            let is_cpu = easel.as_ref().is_some_and(Easel::is_cpu);
            pace.rest(Instant::now(), begin.elapsed(), is_cpu);
        }
    }

    /// Takes presets in, and tells the window.
    fn unpack(&mut self, bank: Arc<Bank>) {
        self.painted = vec![None; bank.presets.len().min(PRESETS_MAX)];
        let names = bank.presets.iter().take(PRESETS_MAX).map(|preset| preset.name.clone());
        // Nobody is there to hear it where the window has gone: it is noticed with the next picture.
        let _ = self.told.send(LooksNews::Names(names.collect()));
        self.plan.bank = bank;
    }

    /// Paints the next look that is not up to date, if there is one.
    fn paint_one(&mut self, easel: &mut Option<Easel>) -> Result<Result<(), Over>, LooksError> {
        if let Some(picture) = self.plan.programme.take() {
            let small = easel::sketch(&picture);
            let mark = xxh3_64(small.data());
            self.seen = Some((small, mark));
        }
        let Some((small, mark)) = &self.seen else { return Ok(Ok(())) };
        let looks = self.painted.len();
        let is_old = |place: &usize| self.painted[*place] != Some(*mark);
        let turn = (0..looks).map(|step| (self.next + step) % looks);
        let Some(place) = turn.into_iter().find(is_old) else { return Ok(Ok(())) };
        let size = (small.width(), small.height());
        let easel = match easel {
            Some(easel) if easel.size() == size => easel,
            easel => {
                let plan = &self.plan;
                easel.insert(Easel::new(&plan.registry, size, plan.tables.as_ref(), &plan.quit)?)
            }
        };
        let preset = &self.plan.bank.presets[place];
        let image = Arc::new(easel.paint(small, &preset.values)?);
        self.painted[place] = Some(*mark);
        self.next = (place + 1) % looks;
        let news = LooksNews::Picture { place, name: preset.name.clone(), image };
        match self.told.try_send(news) {
            Err(TrySendError::Disconnected(_)) => Ok(Err(Over)),
            // Where the window does not look any more, this picture is lost, not the next.
            Ok(()) | Err(TrySendError::Full(_)) => Ok(Ok(())),
        }
    }
}

/// Gives all others the right of way. Threads that the device starts inherit it.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        // On Linux it goes for the calling thread alone. Where the system says no, the pace alone keeps
        // the thread modest.
        let _ = rustix::process::setpriority_process(None, NICENESS);
    }
}
