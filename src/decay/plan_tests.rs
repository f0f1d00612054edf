//! The plan of generations, without a GPU.

use super::{
    PARAMS, STAGES, black_and_white as bw, block_hold, blur, dct, feedback,
    feedback::Feedback,
    fixed::{ONE_Q16, q16},
    noise,
    plan::{self, Executor, Place, Program, Step, Worn},
    rack::Rack,
    run::{Head, RunKey},
    sharpen, shift,
    stage::{Now, StageKind},
};
use crate::params::{ParamSpec, Registry, Store};
use bytemuck::Zeroable;
use std::sync::Arc;

/// Notes the steps, and checks what must hold for all.
struct Notes {
    steps: Vec<(Program, Place, Place)>,
    now: Option<Place>,
    /// Where the worn picture was.
    worn: Option<Place>,
    fuses: bool,
}

impl Executor for Notes {
    fn is_ready(&mut self, _: &RunKey) -> bool {
        self.fuses
    }

    fn run(&mut self, step: &Step<'_>) {
        if let Some(now) = self.now {
            assert_eq!(step.source, now, "each step reads what the last one wrote");
        }
        assert!(step.result != step.source && step.result != step.second);
        assert!(matches!(step.result, Place::Work(_)));
        // A stage that reads the generation before finds it as it was.
        if let Program::Pass(stage, _) = step.program
            && STAGES[stage].name == block_hold::STAGE.name
        {
            assert_eq!(Some(step.second), self.worn);
            assert!(self.steps.iter().all(|(_, _, written)| *written != step.second));
        }
        self.now = Some(step.result);
        self.steps.push((step.program, step.second, step.result));
    }
}

struct Bench {
    store: Store,
    registry: Arc<Registry>,
    rack: Rack,
}

impl Bench {
    fn new(values: &[(&ParamSpec, f64)]) -> Self {
        let registry = Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows"));
        let rack = Rack::new(&registry, &STAGES, 0);
        let mut this = Self { store: Store::new(Arc::clone(&registry)), registry, rack };
        for (row, plain) in values {
            this.set(row.id, *plain);
        }
        this
    }

    fn set(&mut self, id: &str, plain: f64) {
        self.store.set(self.registry.find(id).expect("a row"), plain);
        self.store.settle();
    }

    fn generation(
        &mut self,
        age: u64,
        feedback_q16: i32,
        worn: Option<Place>,
        fuses: bool,
    ) -> Plan {
        let now = Now {
            params: self.store.result(),
            wear: 0.0,
            generation: age,
            age,
            seed: 1,
            size_px: [64, 32],
            truncates: false,
            is_grey: false,
            coded: None,
        };
        let mut notes = Notes { steps: Vec::new(), now: None, worn, fuses };
        self.rack.sort(self.store.result());
        let still = feedback::Motion { zoom: 1.0, turn: 0.0, drift_px: [0.0; 2] };
        let feedback = Feedback { feedback_q16, ..still.uniform([64, 32]) };
        let worn = worn.map(|place| Worn { place, is_grey: false });
        let end = plan::generation(&mut self.rack, &now, &feedback, worn, &mut notes);
        Plan { names: notes.steps.iter().map(|step| name(&step.0)).collect(), end }
    }
}

#[derive(Debug, PartialEq)]
struct Plan {
    names: Vec<String>,
    end: Worn,
}

fn name(program: &Program) -> String {
    let stage = |stage: usize| STAGES[stage].name;
    match program {
        Program::Pass(number, pass) => format!("{} {pass}", stage(*number)),
        Program::Run(key) => {
            let head = match key.head {
                Head::Plain => vec![],
                Head::Mixed => vec!["mixed"],
                Head::Turned => vec!["turned"],
            };
            head.into_iter().chain(key.stages().map(stage)).collect::<Vec<_>>().join("+")
        }
    }
}

const ALL: [(&ParamSpec, f64); 6] = [
    (&shift::SHIFT_DRIFT_X_PX, 2.0),
    (&noise::NOISE_AMPLITUDE, 2.0),
    (&blur::BLUR_RADIUS_PX, 1.0),
    (&sharpen::SHARPEN_AMOUNT, 1.0),
    (&bw::BLACK_AND_WHITE_AMOUNT, 0.5),
    (&dct::DCT_AMOUNT, 0.5),
];

#[test]
fn stages_run_in_order_and_neighbours_fuse() {
    let mut bench = Bench::new(&ALL);
    let rest = ["blur 0", "blur 1", "sharpen 0", "sharpen 1", "black_and_white", "dct 0"];
    let fused: Vec<&str> = ["mixed+shift+noise"].into_iter().chain(rest).collect();
    let single: Vec<&str> = ["mixed", "shift", "noise"].into_iter().chain(rest).collect();
    for place in (0..plan::WORK_PICTURES).map(Place::Work) {
        assert_eq!(bench.generation(1, 30_000, Some(place), true).names, fused);
        assert_eq!(bench.generation(1, 30_000, Some(place), false).names, single);
    }
    // After a heal there is nothing to mix with.
    assert_eq!(bench.generation(1, 30_000, None, true).names[0], "shift+noise");
}

#[test]
fn the_picture_before_is_kept_for_a_stage_that_reads_it() {
    let mut bench = Bench::new(&ALL);
    bench.set("decay.block_hold_threshold", 8.0);
    for place in (0..plan::WORK_PICTURES).map(Place::Work) {
        for fuses in [false, true] {
            let plan = bench.generation(1, 30_000, Some(place), fuses);
            assert_eq!(plan.names.last().map(String::as_str), Some("block_hold 0"));
        }
    }
}

#[test]
fn the_order_may_be_any() {
    let mut bench = Bench::new(&ALL);
    bench.set("order.dct", 1.0);
    bench.set("order.black_and_white", 2.0);
    let wanted = [
        "mixed",
        "dct 0",
        "black_and_white+shift+noise",
        "blur 0",
        "blur 1",
        "sharpen 0",
        "sharpen 1",
    ];
    assert_eq!(bench.generation(1, 30_000, Some(Place::Work(1)), true).names, wanted);
}

#[test]
fn a_stage_that_is_off_costs_nothing() {
    let mut bench = Bench::new(&[(&dct::DCT_AMOUNT, 0.5)]);
    assert_eq!(bench.generation(1, 0, None, true).names, ["dct 0"]);
    // The loop alone reads the worn picture as it is.
    assert_eq!(bench.generation(1, ONE_Q16, Some(Place::Work(1)), true).names, ["dct 0"]);
    assert_eq!(bench.generation(1, 1, Some(Place::Work(1)), true).names, ["mixed", "dct 0"]);
    bench.set("decay.dct", 0.0);
    assert_eq!(bench.generation(1, 1, Some(Place::Work(1)), true).names, ["mixed"]);
}

#[test]
fn the_loop_alone_keeps_its_first_picture() {
    let mut bench = Bench::new(&[]);
    let first = bench.generation(1, ONE_Q16, None, true);
    assert_eq!(first.names, [""], "a copy");
    assert_eq!(first.end.place, Place::Work(0));
    let next = bench.generation(2, ONE_Q16, Some(Place::Work(2)), true);
    assert_eq!((next.names.len(), next.end.place), (0, Place::Work(2)));
}

#[test]
fn schedules_go_by_age() {
    let mut bench = Bench::new(&[(&dct::DCT_AMOUNT, 0.5), (&noise::NOISE_AMPLITUDE, 2.0)]);
    bench.set("age.dct_from", 51.0);
    bench.set("age.dct_every", 25.0);
    bench.set("age.noise_young", 0.0);
    let mut at = |age| bench.generation(age, ONE_Q16, Some(Place::Work(0)), true).names;
    assert_eq!(at(1), [""; 0]);
    assert_eq!(at(39), [""; 0]);
    assert_eq!(at(40), ["noise"]);
    assert_eq!(at(50), ["noise"]);
    assert_eq!(at(74), ["noise"]);
    assert_eq!(at(75), ["noise", "dct 0"]);
    assert_eq!(at(76), ["noise"]);
    assert_eq!(at(100), ["noise", "dct 0"]);
}

#[test]
fn a_grey_picture_is_known_to_be_grey() {
    let mut bench = Bench::new(&[(&bw::BLACK_AND_WHITE_AMOUNT, 1.0), (&dct::DCT_AMOUNT, 0.5)]);
    assert!(bench.generation(1, 0, None, true).end.is_grey);
    bench.set("order.noise", 99.0);
    bench.set("decay.noise_amplitude", 1.0);
    assert!(!bench.generation(1, 0, None, true).end.is_grey);
}

#[test]
fn every_stage_has_a_switch_and_rows_named_after_it() {
    let kinds: &[&StageKind] = &STAGES;
    for kind in kinds {
        let switch = kind.rows.first().expect("a switch");
        assert_eq!(switch.id, format!("decay.{}", kind.name));
        assert_eq!(switch.kind, crate::params::Kind::Bool);
        for row in kind.rows {
            assert!(row.id.starts_with(&format!("decay.{}", kind.name)), "{}", row.id);
        }
        assert_eq!(kind.common[0].id, format!("order.{}", kind.name));
        assert!(
            kind.common[1..].iter().all(|row| row.id.starts_with(&format!("age.{}_", kind.name)))
        );
    }
    assert_eq!(Feedback::zeroed().head(), Head::Plain);
    assert_eq!(q16(1.0), ONE_Q16);
}

#[test]
fn every_file_of_a_stage_is_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decay");
    let files = std::fs::read_dir(&folder).expect("the room").flatten().map(|file| file.path());
    let is_stage = |file: &std::path::PathBuf| {
        // The DCT has a folder of its own.
        let file = if file.is_dir() { file.join("stage.rs") } else { file.clone() };
        std::fs::read_to_string(file)
            .is_ok_and(|text| text.contains("\npub static STAGE: StageKind"))
    };
    let mut found: Vec<String> = files
        .filter(is_stage)
        .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
        .collect();
    let mut listed: Vec<&str> = STAGES.iter().map(|kind| kind.name).collect();
    found.sort();
    listed.sort_unstable();
    assert_eq!(found, listed);
}
