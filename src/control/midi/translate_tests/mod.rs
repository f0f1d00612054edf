//! The translator as devices and the instrument see it: bytes in, events out, bytes back.

mod held;
mod learnt;
mod mapped;
mod offered;
mod overheard;
mod told;
mod traffic;

use super::{
    LearnDesk, MidiPlan, PadTarget, auto::AutoAssign, translate::Translator, wire::Outlet,
};
use crate::{
    control::{BANK, Mapping, Mappings, Monitor, Progress, Stage, batch::Batch, mapping::Mode},
    params::{Change, ControlQueue, ParamSpec, Registry, Source, Store},
    ports::Notices,
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

const ROWS: [ParamSpec; 8] = [
    ParamSpec::float("t.a", "Position", "", (0.0, 10.0), 0.0),
    ParamSpec::float("t.b", "Speed", "", (0.0, 10.0), 5.0),
    ParamSpec::switch("t.hold", "Hold", "", false),
    ParamSpec::trigger("t.heal", "Heal", ""),
    ParamSpec::int("t.preset", "Preset", "", (0, 128), 0),
    ParamSpec::float("tempo.bpm", "Tempo", "", (20.0, 300.0), 120.0),
    ParamSpec::float("tempo.position", "Beats", "", (0.0, 1e9), 0.0),
    BANK,
];

const ON: Change = Change::Normalised(1.0);
const OFF: Change = Change::Normalised(0.0);

/// What a device was told.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Vec<u8>>>>);

impl Outlet for Heard {
    fn send(&mut self, message: &[u8]) {
        self.0.lock().expect("alive").push(message.to_vec());
    }
}

impl Heard {
    fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.0.lock().expect("alive"))
    }
}

/// The translator between a device and an engine, at a time of the test's own.
struct Rig {
    translator: Translator,
    registry: Arc<Registry>,
    queue: ControlQueue,
    notices: Notices,
    desk: LearnDesk,
    store: Store,
    stage: Stage,
    now: Duration,
}

impl Rig {
    fn new(list: Vec<Mapping>, memory: Option<PathBuf>, is_seen: bool) -> Self {
        Self::with(
            &ROWS,
            MidiPlan { mappings: Mappings { list }, memory, ..MidiPlan::default() },
            is_seen,
        )
    }

    fn with(rows: &[ParamSpec], plan: MidiPlan, is_seen: bool) -> Self {
        let registry = Arc::new(Registry::join(&[rows]).expect("rows"));
        let (queue, notices, desk) =
            (ControlQueue::default(), Notices::default(), LearnDesk::default());
        let pad = |param, pressed, released| PadTarget { param, pressed, released };
        let find = |id| registry.find(id);
        let pads = [
            find("t.heal").map(|heal| pad(heal, Change::Press(1.0), Some(Change::Release))),
            find("t.hold").map(|hold| pad(hold, Change::Plain(1.0), Some(Change::Plain(0.0)))),
        ];
        let auto_assign = AutoAssign {
            knobs: [find("t.a"), find("t.b")].into_iter().flatten().collect(),
            pads: pads.into_iter().flatten().collect(),
            modulation_wheel: find("t.b"),
            pitch_bend: find("t.a"),
            program: find("t.preset"),
        };
        let store = Store::new(Arc::clone(&registry));
        let stage = Stage::default();
        let monitor = is_seen.then(|| Box::new(stage.clone()) as Box<dyn Monitor>);
        let plan = MidiPlan { auto_assign, desk: desk.clone(), monitor, ..plan };
        let batch = Batch::new(Arc::clone(&registry), queue.clone(), Source::Midi);
        let beginning = plan.begin(&registry, &notices);
        let translator = Translator::new(Arc::clone(&registry), batch, notices.clone(), beginning);
        let now = Duration::ZERO;
        let mut rig = Self { translator, registry, queue, notices, desk, store, stage, now };
        // The first tick is over before anything is played.
        rig.turn();
        rig
    }

    fn bytes(&mut self, id: u32, bytes: &[u8]) {
        self.translator.bytes(id, self.now, self.now, bytes);
    }

    /// The translator's turn, with what the engine has published at last.
    fn turn(&mut self) {
        let progress = Progress { position: 0.25, slices: 101, ..Progress::default() };
        self.stage.publish(self.store.base(), progress);
        self.translator.turn(self.now);
    }

    /// What was sent since the last time; the engine obeys it.
    fn sent(&mut self) -> Vec<(&'static str, Change)> {
        self.turn();
        let events: Vec<_> = std::iter::from_fn(|| self.queue.pop()).collect();
        for queued in &events {
            self.store.apply(&queued.event);
        }
        self.turn();
        let name = |param| self.registry.row(param).id;
        events.iter().map(|queued| (name(queued.event.param), queued.event.change)).collect()
    }

    fn play(&mut self, bytes: &[u8]) -> Vec<(&'static str, Change)> {
        self.bytes(1, bytes);
        self.sent()
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
        self.turn();
    }

    /// Somebody else moves a parameter.
    fn set(&mut self, id: &str, plain: f64) {
        let param = self.registry.find(id).expect("a row");
        self.store.set(param, plain);
        self.turn();
    }

    fn said(&self) -> Vec<String> {
        std::iter::from_fn(|| self.notices.take()).map(|notice| notice.text).collect()
    }
}

fn cc(number: u16, param: &str, mode: Mode) -> Mapping {
    Mapping { number, param: param.to_owned(), mode, ..Mapping::default() }
}
