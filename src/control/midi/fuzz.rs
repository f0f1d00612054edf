//! A door for fuzzing (`fuzz/`, `tests/corpus.rs`) to what turns the bytes of devices into events.
//! Nothing of the program goes through here.

use super::{LearnDesk, MidiPlan, PadTarget, auto::AutoAssign, translate::Translator};
use crate::{
    control::{
        BANK, Mapping, Mappings,
        batch::Batch,
        mapping::{MessageKind, Mode},
    },
    params::{Change, ControlQueue, ParamSpec, Registry, RegistryError, Source},
    ports::Notices,
};
use std::{sync::Arc, time::Duration};

const ROWS: [ParamSpec; 6] = [
    ParamSpec::float("fuzz.value", "Value", "A value.", (0.0, 1.0), 0.5),
    ParamSpec::int("fuzz.number", "Number", "A number.", (-8, 120), 0),
    ParamSpec::switch("fuzz.switch", "Switch", "A switch.", false),
    ParamSpec::trigger("fuzz.trigger", "Trigger", "A trigger."),
    ParamSpec::choice("fuzz.choice", "Choice", "A choice.", &["one", "two", "three"], 0),
    BANK,
];

const KINDS: [MessageKind; 7] = [
    MessageKind::Cc,
    MessageKind::Cc14,
    MessageKind::Note,
    MessageKind::PitchBend,
    MessageKind::Program,
    MessageKind::Nrpn,
    MessageKind::Pressure,
];

const MODES: [Mode; 7] = [
    Mode::Absolute,
    Mode::Toggle,
    Mode::Gate,
    Mode::Trigger,
    Mode::TwosComplement,
    Mode::SignMagnitude,
    Mode::BinaryOffset,
];

/// What came of some traffic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Played {
    /// What was sent to the engine.
    pub changes: Vec<Change>,
    /// Whether the mappings are what they were.
    pub is_unchanged: bool,
}

/// Plays traffic to three devices, one with mappings of every kind and mode: of every eight bytes the
/// first says which device, and whether it comes, goes, or sends the other seven.
///
/// # Errors
/// None, unless the rows of this file contradict themselves.
pub fn play(traffic: &[u8]) -> Result<Played, RegistryError> {
    let registry = Arc::new(Registry::join(&[&ROWS])?);
    let (queue, notices, desk) =
        (ControlQueue::default(), Notices::default(), LearnDesk::default());
    let mapping = |number: usize| Mapping {
        device: "mapped".to_owned(),
        kind: if number < 40 { MessageKind::Cc } else { KINDS[number % KINDS.len()] },
        number: (number % 32) as u16,
        param: ROWS[number % ROWS.len()].id.to_owned(),
        mode: if number < 40 { MODES[number % MODES.len()] } else { MODES[number % 4] },
        bank: (number % 5 == 0).then_some(1),
        ..Mapping::default()
    };
    let pad =
        |param| PadTarget { param, pressed: Change::Press(1.0), released: Some(Change::Release) };
    let plan = MidiPlan {
        mappings: Mappings { list: (0..100).map(mapping).collect() },
        auto_assign: AutoAssign {
            knobs: registry.iter().map(|(index, _)| index).take(2).collect(),
            pads: registry.iter().map(|(index, _)| pad(index)).collect(),
            modulation_wheel: registry.find(ROWS[0].id),
            pitch_bend: registry.find(ROWS[0].id),
            program: registry.find(ROWS[1].id),
        },
        desk: desk.clone(),
        ..MidiPlan::default()
    };
    let batch = Batch::new(Arc::clone(&registry), queue.clone(), Source::Midi);
    let beginning = plan.begin(&registry, &notices);
    let mut translator = Translator::new(registry, batch, notices, beginning);
    let before = desk.state().mappings;
    let mut played = Played::default();
    for (place, chunk) in (0..).zip(traffic.chunks(8)) {
        let Some((what, bytes)) = chunk.split_first() else { continue };
        let (id, now) = (u32::from(what % 3), Duration::from_millis(place * 3));
        match what {
            0..24 => translator.here(id, if id == 0 { "mapped" } else { "pads" }.to_owned()),
            24..32 => translator.gone(id),
            _ => translator.bytes(id, now, now, bytes),
        }
        translator.turn(now);
        played.changes.extend(std::iter::from_fn(|| queue.pop()).map(|queued| queued.event.change));
    }
    played.is_unchanged = desk.state().mappings == before;
    Ok(played)
}
