//! Expected values by hand from the rows' ranges: noise 0..=64 finer at the low end (a square),
//! feedback 0..=1 evenly, seeds and switches in whole steps.

use super::*;
use crate::engine;

struct Table {
    registry: Arc<Registry>,
    store: Store,
    looks: Looks,
}

fn table() -> Table {
    let registry = Arc::new(engine::registry().expect("rows"));
    let store = Store::new(Arc::clone(&registry));
    let looks = Looks::new(&registry, store.base());
    Table { registry, store, looks }
}

impl Table {
    fn row(&self, id: &str) -> ParamIndex {
        self.registry.find(id).unwrap_or_else(|| panic!("no row {id}"))
    }

    fn set(&mut self, id: &str, plain: f64) {
        let row = self.row(id);
        self.store.set(row, plain);
    }

    fn get(&self, id: &str) -> f64 {
        self.store.base().get(self.row(id))
    }

    fn values(&self, values: &[(&str, f64)]) -> Vec<(ParamIndex, f64)> {
        values.iter().map(|(id, plain)| (self.row(id), *plain)).collect()
    }

    fn bank(&mut self, presets: &[&[(&str, f64)]]) {
        let presets = presets.iter().enumerate().map(|(number, values)| Preset {
            name: format!("p{number}"),
            values: self.values(values),
        });
        let bank = Arc::new(Bank { presets: presets.collect() });
        self.looks.exchange_bank(bank);
    }

    fn go(&mut self, goal: Goal, ticks: u32) -> Result<(), Missing> {
        self.looks.go(goal, ticks, &mut self.store)
    }

    fn ticks(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.looks.advance(&mut self.store));
    }
}

#[test]
fn a_preset_sets_what_it_names_and_everything_else_to_neutral() {
    let mut table = table();
    table.bank(&[&[("decay.feedback", 0.9)]]);
    table.set("decay.noise_amplitude", 20.0);
    table.set("decay.mask_by", 2.0);
    table.set("programme.level", 0.25);
    table.set("playhead.speed", 3.0);
    assert_eq!(table.go(Goal::Preset(0), 0), Ok(()));
    assert_eq!(table.get("decay.feedback"), 0.9);
    assert_eq!((table.get("decay.noise_amplitude"), table.get("decay.mask_by")), (0.0, 0.0));
    let transport = (table.get("programme.level"), table.get("playhead.speed"));
    assert_eq!(transport, (0.25, 3.0), "presets touch looks only");
    // What is not a look is not taken from a bank that claims so.
    table.bank(&[&[("programme.level", 0.75)]]);
    assert_eq!(table.go(Goal::Preset(0), 0), Ok(()));
    assert_eq!(table.get("programme.level"), 0.25);
    assert_eq!(table.go(Goal::Preset(1), 0), Err(Missing::Preset(1)));
}

#[test]
fn what_is_excluded_stays() {
    let mut table = table();
    table.bank(&[&[("decay.feedback", 0.9), ("decay.noise_amplitude", 8.0)]]);
    let feedback = table.row("decay.feedback");
    table.set("decay.feedback", 0.5);
    assert!(table.looks.exclude(feedback, true) && !table.looks.exclude(feedback, true));
    assert_eq!(table.go(Goal::Preset(0), 4), Ok(()));
    table.ticks(4);
    assert_eq!((table.get("decay.feedback"), table.get("decay.noise_amplitude")), (0.5, 8.0));
    table.looks.exclude(feedback, false);
    assert_eq!(table.go(Goal::Preset(0), 0), Ok(()));
    assert_eq!(table.get("decay.feedback"), 0.9);
}

#[test]
fn snapshots_keep_looks() {
    let mut table = table();
    assert_eq!(table.go(Goal::Snapshot(15), 0), Err(Missing::Snapshot(15)));
    table.set("decay.feedback", 0.75);
    table.set("programme.level", 0.5);
    table.looks.store(15, table.store.base());
    assert_eq!(table.looks.filled(), 0x8000);
    table.set("decay.feedback", 0.0);
    table.set("decay.noise_amplitude", 64.0);
    table.set("programme.level", 1.0);
    assert_eq!(table.go(Goal::Snapshot(15), 0), Ok(()));
    assert_eq!((table.get("decay.feedback"), table.get("decay.noise_amplitude")), (0.75, 0.0));
    assert_eq!(table.get("programme.level"), 1.0);
    // As the set's file has them: what is not named is neutral.
    let values = table.values(&[("decay.feedback", 0.25)]);
    table.set("decay.noise_amplitude", 64.0);
    table.looks.fill(0, table.store.base(), &values);
    assert_eq!(table.go(Goal::Snapshot(0), 0), Ok(()));
    assert_eq!((table.get("decay.feedback"), table.get("decay.noise_amplitude")), (0.25, 0.0));
}

#[test]
fn a_morph_goes_evenly_on_the_controller_and_steps_at_the_half() {
    let mut table = table();
    table.bank(&[&[
        ("decay.feedback", 0.8),
        ("decay.noise_amplitude", 64.0),
        ("decay.black_and_white", 0.0),
        ("decay.mask_by", 3.0),
    ]]);
    assert_eq!(table.get("decay.feedback"), 0.0, "the test counts from here");
    assert_eq!(table.get("decay.black_and_white"), 1.0);
    assert_eq!(table.go(Goal::Preset(0), 4), Ok(()));
    assert_eq!(table.looks.progress(), Some(0.0));
    let seen: Vec<_> = (0..5)
        .map(|_| {
            table.ticks(1);
            let values = ["decay.feedback", "decay.noise_amplitude"].map(|id| table.get(id));
            let steps = ["decay.black_and_white", "decay.mask_by"].map(|id| table.get(id));
            (values.map(|value| (value * 1e6).round() / 1e6), steps)
        })
        .collect();
    // Noise: 64 times the square of the part.
    assert_eq!(
        seen,
        [
            ([0.2, 4.0], [1.0, 0.0]),
            ([0.4, 16.0], [0.0, 3.0]),
            ([0.6, 36.0], [0.0, 3.0]),
            ([0.8, 64.0], [0.0, 3.0]),
            ([0.8, 64.0], [0.0, 3.0]),
        ]
    );
    assert_eq!(table.looks.progress(), None);
}

#[test]
fn what_a_hand_touches_leaves_the_morph() {
    let mut table = table();
    table.bank(&[&[("decay.feedback", 0.8), ("decay.mix", 0.5)]]);
    assert_eq!(table.go(Goal::Preset(0), 4), Ok(()));
    table.ticks(1);
    table.set("decay.feedback", 0.1);
    table.looks.leave_to_hand(table.row("decay.feedback"));
    table.ticks(3);
    assert_eq!((table.get("decay.feedback"), table.get("decay.mix")), (0.1, 0.5));
}

#[test]
fn a_stopped_morph_moves_nothing_more() {
    let mut table = table();
    table.bank(&[&[("decay.feedback", 0.8)]]);
    assert_eq!(table.go(Goal::Preset(0), 4), Ok(()));
    table.ticks(1);
    table.looks.stop();
    table.ticks(9);
    assert!((table.get("decay.feedback") - 0.2).abs() < 1e-9);
}

#[test]
fn the_crossfader_stands_between_two_snapshots() {
    let mut table = table();
    let (a, b) = (
        table.values(&[("decay.feedback", 0.2), ("decay.mix", 0.0)]),
        table.values(&[("decay.feedback", 0.6), ("decay.noise_amplitude", 64.0)]),
    );
    table.looks.fill(2, table.store.base(), &a);
    table.looks.fill(4, table.store.base(), &b);
    table.set("crossfade.position", 0.25);
    table.looks.crossfade(&mut table.store);
    assert_eq!(table.get("decay.feedback"), 0.0, "it has no ends yet");
    table.set("crossfade.a", 3.0);
    table.set("crossfade.b", 5.0);
    table.looks.exclude(table.row("decay.mix"), true);
    table.set("decay.mix", 0.5);
    table.looks.crossfade(&mut table.store);
    assert!((table.get("decay.feedback") - 0.3).abs() < 1e-9);
    assert!((table.get("decay.noise_amplitude") - 4.0).abs() < 1e-9);
    assert_eq!(table.get("decay.mix"), 0.5);
    // An empty snapshot is no end.
    table.set("crossfade.b", 6.0);
    table.set("crossfade.position", 1.0);
    table.looks.crossfade(&mut table.store);
    assert!((table.get("decay.feedback") - 0.3).abs() < 1e-9);
}

#[test]
fn a_row_declared_anew_is_still_meant() {
    const LOW: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 4.0), 0.0);
    const HIGH: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 9.0), 0.0);
    let mut table = table();
    let low = table.registry.replace(&[], &[LOW]).expect("rows");
    table.bank(&[&[("guest.amount", 3.0)]]);
    table.registry.replace(&low, &[HIGH]).expect("rows");
    table.store.advance(1.0);
    assert_eq!(table.go(Goal::Preset(0), 0), Ok(()));
    assert_eq!(table.get("guest.amount"), 3.0);
}

#[test]
fn a_row_declared_anew_keeps_its_place_in_snapshots_and_what_is_excluded() {
    const LOW: ParamSpec = ParamSpec::float("guest.amount", "Amount", "", (0.0, 4.0), 0.0);
    const KEPT: ParamSpec = ParamSpec::float("guest.kept", "Kept", "", (0.0, 4.0), 1.0);
    let mut table = table();
    let old = table.registry.replace(&[], &[LOW, KEPT]).expect("rows");
    table.store.advance(1.0);
    table.looks.welcome(|_, _| panic!("nothing was there before them"));
    table.set("guest.amount", 3.0);
    table.set("guest.kept", 2.0);
    table.looks.exclude(old[1], true);
    table.looks.store(0, table.store.base());
    let wide = |row: ParamSpec| ParamSpec { kind: HIGH.kind, ..row };
    const HIGH: ParamSpec = ParamSpec::float("guest.high", "", "", (0.0, 9.0), 0.0);
    let new = table.registry.replace(&old, &[wide(LOW), wide(KEPT)]).expect("rows");
    let mut told = Vec::new();
    table.looks.welcome(|new, old| told.push((new, old)));
    assert_eq!(told, [(new[0], old[0]), (new[1], old[1])]);
    table.store.advance(1.0);
    table.set("guest.amount", 8.0);
    table.set("guest.kept", 7.0);
    assert_eq!(table.go(Goal::Snapshot(0), 0), Ok(()));
    assert_eq!((table.get("guest.amount"), table.get("guest.kept")), (3.0, 7.0));
    table.looks.exclude(new[1], false);
    assert_eq!(table.go(Goal::Snapshot(0), 0), Ok(()));
    assert_eq!(table.get("guest.kept"), 2.0);
}
