//! Which passes one generation takes, from which picture to which, with their uniforms. Pure: touches
//! no GPU.

use super::{
    feedback::Feedback,
    rack::Rack,
    run::{Head, RUN_STAGES, RunKey},
    stage::{Now, POINT_UNIFORM_BYTES, Second, Turn, Work},
};

/// A working picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The decoded picture.
    Decoded,
    /// Where the next decoded picture is made while motion is followed.
    Spare,
    /// One of the pictures that generations are made in.
    Work(usize),
}

/// Number of [`Place::Work`] pictures: a pass may read its source, the stage's input and the worn
/// picture of the generation before, and writes a fourth.
pub const WORK_PICTURES: usize = 4;

/// What a step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Point stages as one pass.
    Run(RunKey),
    /// One pass of a stage: its number in the rack, and the pass's in its kind.
    Pass(usize, usize),
}

/// One pass with its pictures. `result` is never one of the others.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What is run.
    pub program: Program,
    /// Picture read.
    pub source: Place,
    /// Second picture read.
    pub second: Place,
    /// Picture written.
    pub result: Place,
    /// Bytes of the uniform. Steps of one stage have the same, one after the other.
    pub uniform: &'a [u8],
}

/// Who runs the steps.
pub trait Executor {
    /// Whether the shader of a run is there. Where it is not, its stages are run one by one.
    fn is_ready(&mut self, run: &RunKey) -> bool;

    /// Runs a step.
    fn run(&mut self, step: &Step<'_>);
}

/// The worn picture between two generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worn {
    /// Where it is.
    pub place: Place,
    /// Whether its three colours are equal everywhere.
    pub is_grey: bool,
}

/// Bytes of the largest run's uniform.
pub const RUN_UNIFORM_BYTES: usize = size_of::<Feedback>() + RUN_STAGES * POINT_UNIFORM_BYTES;

/// The run being gathered.
#[derive(Debug)]
struct Gathered {
    key: RunKey,
    bytes: [u8; RUN_UNIFORM_BYTES],
    /// Where each stage's bytes end; before the first, the head's.
    ends: [usize; RUN_STAGES + 1],
}

impl Gathered {
    fn of(head: Head, uniform: &[u8]) -> Self {
        let mut this = Self {
            key: RunKey::of(head),
            bytes: [0; RUN_UNIFORM_BYTES],
            ends: [0; RUN_STAGES + 1],
        };
        if head != Head::Plain {
            this.bytes[..uniform.len()].copy_from_slice(uniform);
            this.ends[0] = uniform.len();
        }
        this
    }

    fn end(&self) -> usize {
        self.ends[self.key.stages().len()]
    }

    fn push(&mut self, stage: usize, uniform: &[u8]) {
        let start = self.end();
        let end = start + uniform.len();
        self.bytes[start..end].copy_from_slice(uniform);
        self.key.push(stage);
        self.ends[self.key.stages().len()] = end;
    }
}

/// One generation on its way.
struct Generation<'a, E: Executor> {
    executor: &'a mut E,
    run: Gathered,
    now: Place,
    /// The worn picture as it came, which a later stage may want.
    kept: Option<Place>,
}

impl<E: Executor> Generation<'_, E> {
    /// A work picture that is none of these, nor the one that is kept.
    fn free(&self, one: Place, other: Place) -> Place {
        let is_taken = |place| place == one || place == other || Some(place) == self.kept;
        let mut work = (0..WORK_PICTURES).map(Place::Work);
        work.find(|place| !is_taken(*place)).unwrap_or(Place::Work(0))
    }

    fn step(&mut self, program: Program, second: Place, avoid: Place, uniform: &[u8]) {
        let (source, result) = (self.now, self.free(self.now, avoid));
        self.executor.run(&Step { program, source, second, result, uniform });
        self.now = result;
    }

    /// Runs what has been gathered.
    fn flush(&mut self) {
        let run = std::mem::replace(&mut self.run, Gathered::of(Head::Plain, &[]));
        if run.key.is_empty() {
            return;
        }
        let decoded = Place::Decoded;
        if run.key.is_single() || self.executor.is_ready(&run.key) {
            self.step(Program::Run(run.key), decoded, decoded, &run.bytes[..run.end()]);
            return;
        }
        if run.key.head != Head::Plain {
            let alone = Program::Run(RunKey::of(run.key.head));
            self.step(alone, decoded, decoded, &run.bytes[..run.ends[0]]);
        }
        for (place, stage) in run.key.stages().enumerate() {
            let bytes = &run.bytes[run.ends[place]..run.ends[place + 1]];
            self.step(Program::Run(RunKey::alone(stage)), decoded, decoded, bytes);
        }
    }
}

/// Makes one generation: runs its passes and returns where the worn picture is then. `worn` is where
/// it was; `None` when the decay was healed, so that the decoded picture takes its place.
pub fn generation(
    rack: &mut Rack,
    now: &Now<'_>,
    feedback: &Feedback,
    worn: Option<Worn>,
    executor: &mut impl Executor,
) -> Worn {
    let head = feedback.head();
    let remembered = worn.filter(|_| feedback.feedback_q16 > 0);
    let head = if remembered.is_some() { head } else { Head::Plain };
    let mut is_grey = remembered.is_some_and(|worn| worn.is_grey) && head == Head::Plain;
    let mut making = Generation {
        executor,
        run: Gathered::of(head, bytemuck::bytes_of(feedback)),
        now: remembered.map_or(Place::Decoded, |worn| worn.place),
        kept: None,
    };
    let before = worn.map_or(Place::Decoded, |worn| worn.place);
    if rack.reads_worn(now) {
        making.kept = Some(before);
    }
    rack.turns(now, is_grey, &mut |stage, kind, Turn { uniform, passes, greys }| {
        match &kind.work {
            Work::Point(_) => {
                if making.run.key.is_full() {
                    making.flush();
                }
                making.run.push(stage, uniform);
            }
            Work::Passes { passes: kinds } => {
                making.flush();
                let input = making.now;
                for pass in passes {
                    let (second, avoid) = match kinds[*pass].second {
                        Second::Decoded => (Place::Decoded, Place::Decoded),
                        Second::Input => (input, input),
                        Second::Worn => (before, before),
                    };
                    making.step(Program::Pass(stage, *pass), second, avoid, uniform);
                }
            }
        }
        is_grey = greys || (is_grey && kind.keeps_grey);
        is_grey
    });
    making.flush();
    if making.now == Place::Decoded {
        // The decoded picture is overwritten by the next one: what is kept is copied.
        making.step(Program::Run(RunKey::default()), Place::Decoded, Place::Decoded, &[]);
    }
    Worn { place: making.now, is_grey }
}
