//! The thread that looks at the programme, a few times a second, for whoever has asked for it.
//!
//! It takes the newest picture that the engine has read back anyway, and with it the place that it is of:
//! the engine lends both when they are asked for, which costs it a look at a flag and no more. What the
//! eye sees goes into ticks as events ([`crate::params::Source::Recognition`]). While the eye is shut it
//! decodes nothing and runs no model.

mod clean;
mod peephole;

use super::{doors::House, options::PlayOptions, recognise};
use crate::{
    clip::Clip,
    decay,
    engine::{Engine, Status},
    params::ParamIndex,
    ports::{DecoderMaker, Notices},
    recognition::{
        BUNDLED_ABOUT, Classifier, EdgeState, Luma, Mouth, Pixels, RECOGNITION_EDGE,
        RECOGNITION_LEVEL, RECOGNITION_ON, Sight, structural_similarity,
    },
    units::{Canvas, Picture},
};
use anyhow::Result;
use clean::{Clean, Place};
use peephole::{Look, Window};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use triple_buffer::Output;

/// How often it looks: eight times a second, unless looking takes longer than that.
const LOOK_EVERY: Duration = Duration::from_millis(125);
/// The shortest rest between two looks.
const LEAST_REST: Duration = Duration::from_millis(20);
/// How often it is looked whether there is anything to do.
const IDLE_EVERY: Duration = Duration::from_millis(10);
/// The same while nobody wants to look.
const SHUT_EVERY: Duration = Duration::from_millis(50);
/// How long after a failure the next look is tried.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// Clean points whose class is remembered.
const CLASSES_KNOWN: usize = 4096;

/// What the eye is made of.
struct Plan<'a> {
    house: &'a House,
    canvas: Canvas,
    /// The clips that the show begins with.
    clips: Vec<Arc<Clip>>,
    /// What the engine publishes.
    status: Output<Status>,
    /// Who says what a picture is; without one likeness decides.
    classifier: Option<Classifier>,
}

/// The classifier that a show was given, if any. A take has what was seen when it was made.
pub fn classifier(options: &PlayOptions, notices: &Notices) -> Result<Option<Classifier>> {
    let is_named = options.shapes || options.model.model.is_some();
    let is_wanted = is_named && options.take.is_none();
    if is_wanted && options.shapes {
        notices.info(BUNDLED_ABOUT);
    }
    is_wanted.then(|| recognise::classifier(&options.model)).transpose()
}

/// Opens the eye on an engine that does not run yet. The thread ends with `quit`.
pub fn open<M: DecoderMaker>(
    engine: &mut Engine<M>,
    classifier: Option<Classifier>,
    house: &House,
    quit: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>> {
    let (status_in, status) = triple_buffer::triple_buffer(&Status::default());
    engine.publish(status_in);
    let clips: Vec<_> = (0..).map_while(|clip| engine.clip(clip).cloned()).collect();
    let (peephole, window) = peephole::pair(clips.len());
    engine.observe(Box::new(peephole));
    let eye = Eye::new(Plan { house, canvas: engine.canvas(), clips, status, classifier }, window);
    start(eye, Arc::clone(quit))
}

fn start(mut eye: Eye, quit: Arc<AtomicBool>) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("recognition".to_owned()).spawn(move || {
        while !quit.load(Ordering::Relaxed) {
            let turn = AssertUnwindSafe(|| eye.turn());
            let pause = catch_unwind(turn).unwrap_or_else(|_| {
                eye.notices.error("recognition failed; it begins again");
                eye.shut();
                RETRY_EVERY
            });
            thread::sleep(pause.min(RETRY_EVERY));
        }
    })?;
    Ok(thread)
}

/// What the thread owns.
struct Eye {
    status: Output<Status>,
    notices: Notices,
    on: ParamIndex,
    edge: ParamIndex,
    level: ParamIndex,
    window: Window,
    clips: Vec<Arc<Clip>>,
    clean: Clean,
    classifier: Option<Classifier>,
    /// The class of each clean point, by its place.
    classes: HashMap<Place, usize>,
    mouth: Mouth,
    /// When it last looked.
    looked: Option<Instant>,
    state: EdgeState,
    /// What was last said, so that it is said once.
    said: Option<String>,
}

impl Eye {
    fn new(plan: Plan<'_>, window: Window) -> Self {
        let Plan { house, canvas, clips, status, mut classifier } = plan;
        let House { registry, queue, notices, .. } = house.clone();
        if let Some(classifier) = &mut classifier {
            classifier.use_one_core();
        }
        Self {
            status,
            notices,
            on: registry.index_of(&RECOGNITION_ON),
            edge: registry.index_of(&RECOGNITION_EDGE),
            level: registry.index_of(&RECOGNITION_LEVEL),
            window,
            clips,
            clean: Clean::new(canvas),
            classifier,
            classes: HashMap::new(),
            mouth: Mouth::new(&registry, queue),
            looked: None,
            state: EdgeState::Off,
            said: None,
        }
    }

    /// Looks, where it is time. Returns how long there is nothing to do.
    fn turn(&mut self) -> Duration {
        self.clips.extend(self.window.new_clips());
        self.status.update();
        let values = &self.status.output_buffer().result;
        // Before the first tick there are no values.
        if !values.has(self.on) || !(values.is_on(self.on) || values.is_on(self.edge)) {
            self.shut();
            return SHUT_EVERY;
        }
        let (is_edge, level) = (values.is_on(self.edge), values.get(self.level));
        if self.said.is_none() {
            self.say(&match &self.classifier {
                Some(classifier) => format!("recognition goes by {}", classifier.name()),
                None => {
                    "recognition goes by likeness to the clean picture, since no classifier was \
                         named (--model)"
                        .to_owned()
                }
            });
        }
        let Some(look) = self.window.look() else { return IDLE_EVERY };
        let began = Instant::now();
        let since = self.looked.map_or(LOOK_EVERY, |looked| began - looked);
        match self.see(&look) {
            Ok(Some(sight)) => {
                self.looked = Some(began);
                let state = self.mouth.tell(sight, level, is_edge, since);
                self.note(state, level);
            }
            // The place has no clean picture: nothing is said of it.
            Ok(None) => {}
            Err(error) => {
                self.say(&format!("recognition rests: {}", super::line(&error)));
                return RETRY_EVERY;
            }
        }
        // Of one core it takes a half at most.
        LOOK_EVERY.saturating_sub(began.elapsed()).max(began.elapsed() / 2).max(LEAST_REST)
    }

    fn see(&mut self, look: &Look) -> Result<Option<Sight>> {
        let Some(clip) = self.clips.get(look.place.clip) else { return Ok(None) };
        let Some(classifier) = &self.classifier else {
            let clean = Luma::of(self.clean.exact(clip, look.place)?);
            return Ok(Some(Sight::Likeness(structural_similarity(
                &Luma::of(&look.picture),
                &clean,
            ))));
        };
        let class = |picture: &Picture| -> Result<_> {
            let rgb = decay::unpacked(picture);
            let (width, height) = (rgb.width, rgb.height);
            Ok(classifier.look(Pixels { width, height, pixels: &rgb.pixels })?)
        };
        let point = clean::point(clip, look.place);
        let target = match self.classes.get(&point) {
            Some(target) => *target,
            None => {
                let target = class(self.clean.exact(clip, point)?)?.best().class;
                if self.classes.len() == CLASSES_KNOWN {
                    self.classes.clear();
                }
                self.classes.insert(point, target);
                target
            }
        };
        let verdict = class(&look.picture)?;
        let (seen, confidence) = (verdict.best().class, f64::from(verdict.probability_of(target)));
        Ok(Some(Sight::Class { seen, target, confidence }))
    }

    /// Says once that a level is out of reach.
    fn note(&mut self, state: EdgeState, level: f64) {
        if state == EdgeState::OutOfReach && self.state != state {
            self.notices.warn(format!(
                "the edge of recognition is out of reach: no wear there is brings the confidence to \
                 {level:.2}"
            ));
        }
        self.state = state;
    }

    fn shut(&mut self) {
        if self.said.take().is_some() {
            self.mouth.shut();
            self.clean.rest();
            (self.looked, self.state) = (None, EdgeState::Off);
        }
    }

    fn say(&mut self, line: &str) {
        if self.said.as_deref() != Some(line) {
            self.notices.info(line);
            self.said = Some(line.to_owned());
        }
    }
}
