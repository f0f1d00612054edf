//! Says what the eye has seen, as events: so it enters ticks, and takes have it.

use super::{
    edge::{Edge, EdgeState, Steer},
    rows::{
        RECOGNITION_BY, RECOGNITION_CLASS, RECOGNITION_CONFIDENCE, RECOGNITION_FOUND,
        RECOGNITION_LOST, RECOGNITION_STATE, RECOGNITION_WEAR,
    },
};
use crate::params::{Change, ControlEvent, ControlQueue, ParamIndex, Registry, Source};
use std::time::Duration;

/// Steps of a meter's way: what has moved by less is not sent again, so that takes stay small.
const METER_STEPS: f64 = 1000.0;

/// By how much likeness must pass the level before it counts as lost or found.
const LIKENESS_SWAY: f64 = 0.05;

/// What was seen in one look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// By a classifier.
    Class {
        /// What the programme is taken for: a line of the labels, from 0.
        seen: usize,
        /// What the clean picture is taken for.
        target: usize,
        /// How sure it is that the programme shows that, 0..=1.
        confidence: f64,
    },
    /// By how alike programme and clean picture are, 0..=1.
    Likeness(f64),
}

impl Sight {
    /// How sure it is, 0..=1.
    pub fn confidence(self) -> f64 {
        match self {
            Self::Class { confidence, .. } | Self::Likeness(confidence) => confidence,
        }
    }
}

/// Sends what is new. Lives on the eye's thread.
#[derive(Debug)]
pub struct Mouth {
    queue: ControlQueue,
    rows: [ParamIndex; 5],
    lost: ParamIndex,
    found: ParamIndex,
    /// What was sent last.
    sent: [f64; 5],
    is_found: bool,
    edge: Edge,
    state: EdgeState,
}

impl Mouth {
    /// For events into this queue.
    pub fn new(registry: &Registry, queue: ControlQueue) -> Self {
        let rows = [
            &RECOGNITION_BY,
            &RECOGNITION_CLASS,
            &RECOGNITION_CONFIDENCE,
            &RECOGNITION_WEAR,
            &RECOGNITION_STATE,
        ];
        Self {
            queue,
            rows: rows.map(|row| registry.index_of(row)),
            lost: registry.index_of(&RECOGNITION_LOST),
            found: registry.index_of(&RECOGNITION_FOUND),
            sent: [0.0; 5],
            // Until it has looked there is nothing to lose.
            is_found: true,
            edge: Edge::default(),
            state: EdgeState::Off,
        }
    }

    /// Tells what was seen so long after the look before; `edge` = the loop is closed, at this level.
    pub fn tell(&mut self, sight: Sight, level: f64, edge: bool, since: Duration) -> EdgeState {
        let steer = match edge {
            true => self.edge.step(sight.confidence(), level, since),
            false => {
                self.edge.open();
                Steer::default()
            }
        };
        let (by, class, is_found) = match sight {
            Sight::Class { seen, target, .. } => (1.0, (seen + 1) as f64, seen == target),
            Sight::Likeness(likeness) if self.is_found => {
                (2.0, 0.0, likeness > level - LIKENESS_SWAY)
            }
            Sight::Likeness(likeness) => (2.0, 0.0, likeness > level + LIKENESS_SWAY),
        };
        self.state = steer.state;
        let stepped = |part: f64| (part * METER_STEPS).round() / METER_STEPS;
        let confidence = stepped(sight.confidence());
        self.send([by, class, confidence, stepped(steer.wear), self.state as u8 as f64]);
        if is_found != self.is_found {
            let trigger = if is_found { self.found } else { self.lost };
            if self.event(trigger, 1.0) {
                self.is_found = is_found;
            }
        }
        self.state
    }

    /// The eye is shut: nothing is seen, and nothing is steered.
    pub fn shut(&mut self) {
        self.edge.open();
        self.state = EdgeState::Off;
        self.is_found = true;
        self.send([0.0; 5]);
    }

    fn send(&mut self, values: [f64; 5]) {
        for (at, value) in values.into_iter().enumerate() {
            if self.sent[at] != value && self.event(self.rows[at], value) {
                self.sent[at] = value;
            }
        }
    }

    fn event(&self, param: ParamIndex, plain: f64) -> bool {
        let change = Change::Plain(plain);
        self.queue.send(ControlEvent { param, change, source: Source::Recognition })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognition::PARAMS;

    const LOOK: Duration = Duration::from_millis(125);

    struct Bench {
        registry: Registry,
        queue: ControlQueue,
        mouth: Mouth,
    }

    impl Bench {
        fn new() -> Self {
            let registry = Registry::join(&[PARAMS]).expect("rows");
            let queue = ControlQueue::default();
            let mouth = Mouth::new(&registry, queue.clone());
            Self { registry, queue, mouth }
        }

        fn told(&self) -> Vec<(&'static str, f64)> {
            let mut told = Vec::new();
            while let Some(queued) = self.queue.pop() {
                assert_eq!(queued.event.source, Source::Recognition);
                let Change::Plain(plain) = queued.event.change else { panic!("{queued:?}") };
                told.push((self.registry.row(queued.event.param).id, plain));
            }
            told
        }
    }

    fn star(confidence: f64, seen: usize) -> Sight {
        Sight::Class { seen, target: 5, confidence }
    }

    #[test]
    fn what_is_new_is_told_and_what_is_lost_and_found_is_told_once() {
        let mut bench = Bench::new();
        let mut tell = |sight| {
            bench.mouth.tell(sight, 0.5, false, LOOK);
            bench.queue.pop().map(|first| (first, bench.queue.len()))
        };
        assert_eq!(tell(star(0.9, 5)).expect("events").1, 2, "by, class and confidence");
        let mut bench = Bench::new();
        let mut tell = |sight| {
            bench.mouth.tell(sight, 0.5, false, LOOK);
            let mut told = Vec::new();
            while let Some(queued) = bench.queue.pop() {
                let Change::Plain(plain) = queued.event.change else { panic!("{queued:?}") };
                told.push((bench.registry.row(queued.event.param).id, plain));
            }
            told
        };
        let (class, confidence) = ("recognition.class", "recognition.confidence");
        assert_eq!(tell(star(0.9, 5)), [("recognition.by", 1.0), (class, 6.0), (confidence, 0.9)]);
        assert_eq!(tell(star(0.9, 5)), []);
        let lost = [(class, 5.0), (confidence, 0.3), ("recognition.lost", 1.0)];
        assert_eq!(tell(star(0.3, 4)), lost);
        assert_eq!(tell(star(0.3001, 4)), []);
        let found = [(class, 6.0), (confidence, 0.5), ("recognition.found", 1.0)];
        assert_eq!(tell(star(0.5, 5)), found);
    }

    #[test]
    fn likeness_sways_before_it_is_lost() {
        let mut bench = Bench::new();
        let mut fired = Vec::new();
        for likeness in [1.0, 0.5, 0.47, 0.44, 0.5, 0.54, 0.56] {
            bench.mouth.tell(Sight::Likeness(likeness), 0.5, false, LOOK);
            let mut told = bench.told().into_iter().map(|(id, _)| id);
            fired.push(told.rfind(|id| id.ends_with("lost") || id.ends_with("found")));
        }
        let (lost, found) = (Some("recognition.lost"), Some("recognition.found"));
        assert_eq!(fired, [None, None, None, lost, None, None, found]);
    }

    #[test]
    fn a_shut_eye_takes_all_back() {
        let mut bench = Bench::new();
        bench.mouth.tell(star(0.9, 5), 0.5, true, LOOK);
        let told = bench.told();
        assert!(told.iter().any(|(id, plain)| *id == "recognition.wear" && *plain > 0.0));
        assert!(told.contains(&("recognition.state", 1.0)), "{told:?}");
        bench.mouth.shut();
        let told = bench.told();
        assert!(told.len() == 5 && told.iter().all(|(_, plain)| *plain == 0.0), "{told:?}");
        bench.mouth.shut();
        assert_eq!(bench.told(), []);
    }
}
