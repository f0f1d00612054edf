use super::*;
use crate::params::ParamSpec;

const AMOUNT: ParamSpec = ParamSpec::float("wear.amount", "Amount", "", (0.0, 1.0), 0.25);
const WAY: ParamSpec = ParamSpec::choice("wear.way", "Way", "", &["up", "down"], 0);
const TARGET: ParamSpec = ParamSpec::reference("patch.target", "Target", "");
const SIZE: ParamSpec = ParamSpec::int("grain.size", "Size", "", (1, 60), 6).transport().per_clip();
const CUE: ParamSpec =
    ParamSpec::float("cue.at", "Cue", "", (0.0, 1.0), 0.0).transport().per_clip();
const HIT: ParamSpec = ParamSpec::trigger("hit", "Hit", "");

fn registry() -> Registry {
    Registry::join(&[&[AMOUNT, WAY, TARGET, SIZE, CUE, HIT]]).expect("rows")
}

fn values(registry: &Registry, values: &[(&ParamSpec, f64)]) -> Values {
    values.iter().map(|(row, plain)| (registry.index_of(row), *plain)).collect()
}

fn written(text: &str, state: impl Fn(&Registry) -> SetState) -> String {
    let registry = registry();
    let mut text: DocumentMut = text.parse().expect("TOML");
    write_state(&mut text, &registry, &state(&registry));
    text.to_string()
}

const SET: &str = "\
# Friday night.
exclude = [\"wear.amount\", \"future.row\"] # hers

[[clip]] # the slow one
path = \"a.mp4\"
values = { \"grain.size\" = 4 } # short

[[clip]]
path = \"b.mp4\"

[future]
knob = 3

[values] # at the start
\"wear.amount\" = 0.50 # soft
\"future.row\" = 7
\"grain.size\" = 12
";

#[test]
fn only_what_changed_is_rewritten() {
    let state = |registry: &Registry| SetState {
        values: values(registry, &[(&AMOUNT, 0.5), (&WAY, 1.0), (&TARGET, 1.0), (&SIZE, 4.0)]),
        clips: vec![
            ClipState {
                hash: Some("0a1b".to_owned()),
                values: values(registry, &[(&SIZE, 3.0), (&CUE, 0.0)]),
                ..ClipState::default()
            },
            ClipState {
                values: values(registry, &[(&SIZE, 12.0), (&CUE, 0.75)]),
                ..ClipState::default()
            },
        ],
        snapshots: vec![(2, values(registry, &[(&AMOUNT, 0.25), (&WAY, 1.0)]))],
        exclude: Some(vec![registry.index_of(&WAY)]),
        gestures: Some(vec![
            (registry.index_of(&HIT), Gesture::Latch, Grid::Bar),
            (registry.index_of(&WAY), Gesture::OneShot, Grid::Off),
        ]),
        ..SetState::default()
    };
    let once = written(SET, state);
    let expected = "\
# Friday night.
exclude = [ \"future.row\", \"wear.way\"] # hers

[[clip]] # the slow one
path = \"a.mp4\"
values = { \"grain.size\" = 3 } # short
hash = \"0a1b\"

[[clip]]
path = \"b.mp4\"
values = { \"cue.at\" = 0.75 }

[future]
knob = 3

[values] # at the start
\"wear.amount\" = 0.50 # soft
\"future.row\" = 7
\"grain.size\" = 12
\"wear.way\" = \"down\"
\"patch.target\" = \"wear.way\"

[snapshots.2]
\"wear.way\" = \"down\"

[gestures]
hit = { gesture = \"latch\", quantise = \"1 bar\" }
\"wear.way\" = \"one_shot\"
";
    assert_eq!(once, expected);
    assert_eq!(written(&once, state), expected, "saved again it is the same");
}

#[test]
fn a_value_that_stands_there_follows_and_its_comment_stays() {
    let state = |registry: &Registry| SetState {
        values: values(registry, &[(&AMOUNT, 0.25), (&WAY, 0.0)]),
        ..SetState::default()
    };
    let text = written(SET, state);
    assert!(text.contains("\"wear.amount\" = 0.25 # soft\n"), "{text}");
    assert!(!text.contains("wear.way"), "what is as at the start is not written: {text}");
    assert_eq!(written(SET, |_| SetState::default()), SET, "nothing to keep, nothing changed");
}

#[test]
fn what_was_learnt_is_added_and_what_stands_there_stays() {
    let set = "\
[[mapping]] # the big knob
kind = \"cc\"
number = 16
param = \"wear.amount\"
";
    let mapping =
        |number| Mapping { number, param: "wear.amount".to_owned(), ..Mapping::default() };
    let read =
        |text: &str| toml::from_str::<crate::control::Mappings>(text).expect("mappings").list;
    let text = written(set, |_| SetState {
        learnt: vec![mapping(18), mapping(16)],
        ..SetState::default()
    });
    assert!(text.starts_with(set), "{text}");
    assert_eq!(read(&text), [mapping(16), mapping(18)]);
    let inline = "mapping = [{ kind = \"cc\", number = 16, param = \"wear.amount\" }] # one\n";
    for (set, expected) in [("", vec![1]), (inline, vec![16, 1])] {
        let text = written(set, |_| SetState { learnt: vec![mapping(1)], ..SetState::default() });
        assert_eq!(read(&text), expected.into_iter().map(mapping).collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_preset_keeps_what_it_does_not_know() {
    let registry = registry();
    let preset = "# Dusk.\n[values]\n\"wear.amount\" = 0.9 # deep\n\"future.row\" = 1\n";
    let mut text: DocumentMut = preset.parse().expect("TOML");
    let looks = values(&registry, &[(&AMOUNT, 0.75), (&WAY, 0.0), (&TARGET, -1.0)]);
    write_preset(&mut text, &registry, &looks);
    assert_eq!(text.to_string(), preset.replace("0.9", "0.75"));
}

#[test]
fn odd_forms_are_left_alone() {
    for odd in ["values = 3\n", "snapshots = 1\n", "exclude = \"all\"\n", "gestures = []\n"] {
        let text = written(odd, |registry| SetState {
            values: values(registry, &[(&AMOUNT, 0.5)]),
            snapshots: vec![(1, values(registry, &[(&AMOUNT, 0.5)]))],
            exclude: Some(vec![registry.index_of(&WAY)]),
            gestures: Some(vec![(registry.index_of(&WAY), Gesture::Latch, Grid::Off)]),
            ..SetState::default()
        });
        assert!(text.starts_with(odd), "{odd} became {text}");
    }
}
