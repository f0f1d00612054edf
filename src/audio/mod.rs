//! Ears: what is heard on the line in, as meters and onsets that modulate.
//!
//! One thread, `listening`. While `listen.on` is on it takes samples from JACK, where whoever has the
//! process's one JACK client ([`crate::control`]) offers them, or else from the system's default input,
//! and sends what it hears as events ([`Source::Audio`]): levels when they have changed, each onset. It
//! opens nothing before somebody has asked for it. An input that is missing or goes is no error: it is
//! said, and looked for again every two seconds. The engine never waits for anything here.

mod analyser;
mod device;
mod gain;
mod rows;
mod wish;

pub use rows::{
    LISTEN_AUTO_GAIN, LISTEN_GAIN_DB, LISTEN_HIGH, LISTEN_INPUT, LISTEN_LEVEL, LISTEN_LOW,
    LISTEN_MID, LISTEN_ON, LISTEN_ONSET, LISTEN_SENSITIVITY, PARAMS,
};
pub use wish::{Hearing, Wish, Wisher};

use crate::{
    params::{Change, ControlEvent, ControlQueue, ParamIndex, Registry, Source},
    ports::{LONGEST_SILENCE, Notices, Tap},
};
use analyser::{Analyser, Heard};
use device::Device;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use wish::Input;

/// How often samples are looked for: half a hop at 48 kHz.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The same while nobody listens: a click on `listen.on` is heard of soon enough.
const IDLE_EVERY: Duration = Duration::from_millis(50);
/// How often an input that is not there is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// How long JACK has the first word where either input may be listened to.
const JACK_FIRST: Duration = Duration::from_millis(300);
/// Steps of a meter's way: what has moved by less is not sent again, so that takes stay small.
const METER_STEPS: f64 = 100.0;

/// The inputs that the system has, for a list.
///
/// # Errors
/// Why none can be told, in a few words.
pub fn inputs() -> Result<Vec<String>, String> {
    device::list()
}

/// The ears. Dropping them closes every input.
#[derive(Debug)]
pub struct Ears {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ears {
    /// Starts them; they listen once `wish` says so. `jack` is where samples from JACK come, if they
    /// do. Never fails: what is missing is a notice.
    pub fn start(
        registry: &Registry,
        queue: ControlQueue,
        notices: Notices,
        wish: Arc<Wish>,
        jack: Arc<Tap>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut listening = Listening {
            mouth: Mouth::new(registry, queue),
            notices: notices.clone(),
            wish,
            jack,
            system: Arc::default(),
            device: None,
            analyser: None,
            last: Default::default(),
            tried: None,
            said: None,
            began: None,
        };
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("listening".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let turn = AssertUnwindSafe(|| listening.turn());
                let pause = catch_unwind(turn).unwrap_or_else(|_| {
                    listening.notices.error("listening failed; it begins again");
                    listening.close();
                    RETRY_EVERY
                });
                thread::park_timeout(pause);
            }
            listening.close();
        });
        let thread = thread.map_err(|error| {
            notices.error(format!("nobody listens (no thread: {error}); close other programs"));
        });
        Self { stop, thread: thread.ok() }
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It contains its panics; there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

/// When a tap last gave anything.
#[derive(Clone, Copy, Debug, Default)]
struct Fresh {
    offered: u64,
    at: Option<Instant>,
}

/// What the thread owns.
struct Listening {
    mouth: Mouth,
    notices: Notices,
    wish: Arc<Wish>,
    jack: Arc<Tap>,
    system: Arc<Tap>,
    device: Option<Device>,
    analyser: Option<(u32, Analyser)>,
    /// Of the JACK tap, and of the system's.
    last: [Fresh; 2],
    /// When the system's input was last tried.
    tried: Option<Instant>,
    /// What was last said, so that it is said once.
    said: Option<String>,
    /// Since when somebody wants to listen.
    began: Option<Instant>,
}

impl Listening {
    /// Hears what has come. Returns how long there is nothing to do.
    fn turn(&mut self) -> Duration {
        if !self.wish.is_on() {
            if self.began.is_some() {
                self.close();
            }
            return IDLE_EVERY;
        }
        let input = self.wish.input();
        let began = *self.began.get_or_insert_with(Instant::now);
        self.jack.set_open(input != Input::System);
        let has_jack = input != Input::System && freshness(&mut self.last[0], &self.jack);
        let may_system = match input {
            Input::System => true,
            Input::Jack => false,
            Input::Auto => !has_jack && began.elapsed() >= JACK_FIRST,
        };
        if may_system {
            self.mind_device();
        } else {
            self.close_device();
        }
        match (has_jack, self.device.is_some()) {
            (true, _) => {
                self.say("listening to JACK".to_owned());
                self.hear(&Arc::clone(&self.jack));
            }
            (false, true) => self.hear(&Arc::clone(&self.system)),
            (false, false) => {
                if input == Input::Jack && began.elapsed() >= JACK_FIRST {
                    self.say("nothing to listen to: no JACK server".to_owned());
                }
                self.mouth.silence();
            }
        }
        LOOK_EVERY
    }

    /// Opens the system's input where it is not, and closes it where it has gone.
    fn mind_device(&mut self) {
        if let Some(device) = &self.device {
            if !device.has_failed() && freshness(&mut self.last[1], &self.system) {
                return;
            }
            let line = format!("{} has gone; it is listened to when it is back", device.name());
            self.close_device();
            self.say(line);
            self.tried = Some(Instant::now());
            self.mouth.silence();
        }
        if self.tried.is_some_and(|tried| tried.elapsed() < RETRY_EVERY) {
            return;
        }
        self.tried = Some(Instant::now());
        self.system.set_open(true);
        match Device::open(&self.system) {
            Ok(device) => {
                // It has time to begin.
                self.last[1] = Fresh { offered: self.system.offered(), at: Some(Instant::now()) };
                self.say(format!("listening to {}", device.name()));
                self.device = Some(device);
            }
            Err(reason) => {
                self.system.set_open(false);
                self.say(format!("nothing to listen to ({reason}); plug something in"));
            }
        }
    }

    fn hear(&mut self, tap: &Tap) {
        let rate_hz = tap.rate_hz();
        if self.analyser.as_ref().is_none_or(|(rate, _)| *rate != rate_hz) {
            self.analyser = (rate_hz > 0).then(|| (rate_hz, Analyser::new(rate_hz)));
        }
        let Some((_, analyser)) = &mut self.analyser else { return };
        let hearing = self.wish.hearing();
        while let Some(sample) = tap.take() {
            if let Some(heard) = analyser.sample(sample, &hearing) {
                self.mouth.tell(&heard);
            }
        }
    }

    fn say(&mut self, line: String) {
        if self.said.as_ref() != Some(&line) {
            self.notices.info(line.as_str());
            self.said = Some(line);
        }
    }

    fn close_device(&mut self) {
        self.device = None;
        self.system.set_open(false);
    }

    fn close(&mut self) {
        self.close_device();
        self.jack.set_open(false);
        self.analyser = None;
        self.last = Default::default();
        (self.tried, self.said, self.began) = (None, None, None);
        self.mouth.silence();
    }
}

/// Whether a tap has given anything lately.
fn freshness(fresh: &mut Fresh, tap: &Tap) -> bool {
    let offered = tap.offered();
    if offered != fresh.offered {
        *fresh = Fresh { offered, at: Some(Instant::now()) };
    }
    fresh.at.is_some_and(|at| at.elapsed() < LONGEST_SILENCE)
}

/// Sends what was heard.
struct Mouth {
    queue: ControlQueue,
    /// The level, and the three bands.
    meters: [ParamIndex; 4],
    onset: ParamIndex,
    /// What was sent last, in [`METER_STEPS`].
    sent: [u32; 4],
}

impl Mouth {
    fn new(registry: &Registry, queue: ControlQueue) -> Self {
        let meters = [&LISTEN_LEVEL, &LISTEN_LOW, &LISTEN_MID, &LISTEN_HIGH];
        Self {
            queue,
            meters: meters.map(|row| registry.index_of(row)),
            onset: registry.index_of(&LISTEN_ONSET),
            sent: [0; 4],
        }
    }

    fn tell(&mut self, heard: &Heard) {
        let [low, mid, high] = heard.bands;
        for (meter, value) in [heard.level, low, mid, high].into_iter().enumerate() {
            let steps = (value * METER_STEPS).round() as u32;
            if steps != self.sent[meter]
                && self.send(self.meters[meter], f64::from(steps) / METER_STEPS)
            {
                self.sent[meter] = steps;
            }
        }
        if let Some(force) = heard.onset {
            self.send(self.onset, force);
        }
    }

    /// Nothing is heard any more.
    fn silence(&mut self) {
        if self.sent != [0; 4] {
            self.tell(&Heard::default());
        }
    }

    fn send(&self, param: ParamIndex, plain: f64) -> bool {
        let change = Change::Plain(plain);
        self.queue.send(ControlEvent { param, change, source: Source::Audio })
    }
}
