//! Whatever hands do to whatever row can be taken back, and made again.

use crate::stage::{Fault, Stage, rabbit, stage_of};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRunner},
};
use residua::{
    engine::State,
    params::{Change, ControlEvent, Kind, Source},
};

/// What a hand does to a row, picked by number so that it fits any row.
#[derive(Clone, Debug)]
enum Doing {
    Set(f64),
    Turn(f64),
    Toggle,
    Press(f64),
    Release,
}

#[derive(Clone, Debug)]
struct Act {
    row: usize,
    doing: Doing,
    source: usize,
    ticks: u64,
}

fn act() -> impl Strategy<Value = Act> {
    let doing = prop_oneof![
        4 => (0.0..=1.0).prop_map(Doing::Set),
        2 => (-0.5..=0.5).prop_map(Doing::Turn),
        1 => Just(Doing::Toggle),
        2 => (0.1..=1.0).prop_map(Doing::Press),
        1 => Just(Doing::Release),
    ];
    let ticks = prop_oneof![12 => Just(0_u64), 1 => 1_u64..4, 1 => 30_u64..40];
    (0_usize..10_000, doing, 0_usize..5, ticks).prop_map(|(row, doing, source, ticks)| Act {
        row,
        doing,
        source,
        ticks,
    })
}

/// Triggers that move rows.
const MOVERS: [&str; 10] = [
    "panic",
    "panic.undo",
    "tempo.tap",
    "tempo.double",
    "tempo.halve",
    "loop.here",
    "cue.2.set",
    "snapshot.1.store",
    "snapshot.1.recall",
    "snapshot.2.recall",
];

#[test]
fn whatever_hands_do_is_taken_back_and_made_again() {
    let rabbit = rabbit("mpeg4");
    let mut stage = stage_of(Fault::None, &[&rabbit, &rabbit]);
    let mut state = stage.engine.keep_state();
    let row = |id: &str| stage.registry.find(id).expect("a row");
    // What nobody takes back, what makes this test slow, and what moves rows by chance.
    let left_out = [
        "recorder.on",
        "programme.blackout",
        "programme.hold",
        "playhead.position",
        "playhead.bend",
        "tempo.nudge",
        "tempo.nudge_slower",
        "tempo.nudge_faster",
        "clip.stay",
        "edit.undo",
        "edit.redo",
        "snapshot.morph_secs",
    ]
    .map(row);
    let mut rows: Vec<_> = stage
        .registry
        .iter()
        .filter(|(index, spec)| !left_out.contains(index) && spec.can_be_modulated())
        .map(|(index, _)| index)
        .collect();
    let compared = rows.clone();
    // Now and then a whole look.
    (0..12).for_each(|_| rows.extend(MOVERS.map(row)));
    let sources = [Source::Keys, Source::Window, Source::Midi, Source::Osc, Source::Web];
    let hold = row("programme.hold");
    let mut slot = 0;
    let mut play = |stage: &mut Stage, ticks: u64| {
        // Whatever wears the picture need not be worn; nobody's hand, so no step.
        let (param, change) = (hold, Change::Plain(1.0));
        assert!(stage.queue.send(ControlEvent { param, change, source: Source::File }));
        stage.offline(slot..slot + ticks);
        slot += ticks;
    };
    play(&mut stage, 12);
    let all = |state: &State| -> Vec<f64> {
        let base = compared.iter().map(|row| state.base.get(*row));
        let own = (0..2).flat_map(|clip| state.own_of(clip)).map(|(_, plain)| plain);
        base.chain(own).collect()
    };
    let start = all(state.read());
    let mut runner = TestRunner::new(ProptestConfig {
        rng_seed: RngSeed::Fixed(20),
        ..ProptestConfig::default()
    });
    let mut most = 0;
    for _ in 0..8 {
        let acts = prop::collection::vec(act(), 20..120).new_tree(&mut runner).expect("acts");
        let acts = acts.current();
        for act in &acts {
            let param = rows[act.row % rows.len()];
            let kind = stage.registry.row(param).kind;
            let change = match act.doing {
                Doing::Set(part) => Change::Normalised(part),
                Doing::Turn(by) => Change::Nudge(by),
                Doing::Toggle if kind == Kind::Bool => Change::Toggle,
                Doing::Toggle | Doing::Press(_) if kind == Kind::Trigger => Change::Fire,
                Doing::Toggle => Change::Normalised(0.5),
                Doing::Press(force) => Change::Press(force),
                Doing::Release => Change::Release,
            };
            let source = sources[act.source];
            assert!(stage.queue.send(ControlEvent { param, change, source }));
            if act.ticks > 0 {
                play(&mut stage, act.ticks);
            }
        }
        for param in &rows {
            let (param, change) = (*param, Change::Release);
            stage.queue.send(ControlEvent { param, change, source: Source::Osc });
            if stage.queue.len() > 3000 {
                play(&mut stage, 1);
            }
        }
        play(&mut stage, 12);
        let played = all(state.read());
        most = most.max(played.iter().zip(&start).filter(|(one, other)| one != other).count());
        for (id, expected) in [("edit.undo", &start), ("edit.redo", &played), ("edit.undo", &start)]
        {
            (0..400).for_each(|_| stage.send(id, Change::Fire));
            while stage.notices.take().is_some() {}
            play(&mut stage, 12);
            let lines: Vec<_> = std::iter::from_fn(|| stage.notices.take()).collect();
            assert!(lines.iter().any(|line| line.text.contains("nothing")), "more than 400 steps");
            let found = all(state.read());
            for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                let row = compared.get(place).map(|row| stage.registry.row(*row).id);
                assert_eq!(found, expected, "{row:?} after {id} of {acts:?}");
            }
        }
    }
    assert!(most > 30, "only {most} values were moved");
}
