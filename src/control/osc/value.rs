//! From the arguments of one message to the change of one parameter, and back. Pure.

use crate::params::{
    Change, Gesture, Grid, Kind, ParamIndex, ParamSpec, Registry, switch_from_word,
};
use rosc::{OscMessage, OscType};

/// What a message does to the row that it names: the first part of its address, before the row's
/// own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Sets it in its own unit; a row's address alone.
    Plain,
    /// Sets it by 0..=1 over its range and curve, for controllers.
    Normalised,
    /// Presses it as a button with this force, and lets it go at 0.
    Press,
    /// Turns it round.
    Toggle,
    /// Moves it by a part of its range.
    Nudge,
    /// Says what presses do to it.
    Gesture,
    /// Says what its triggers and presses wait for.
    Quantise,
    /// Says whether presets and snapshots leave it alone.
    Exclude,
}

impl Verb {
    /// The verbs that addresses begin with.
    const SPOKEN: [(&'static str, Self); 7] = [
        ("normalised", Self::Normalised),
        ("press", Self::Press),
        ("toggle", Self::Toggle),
        ("nudge", Self::Nudge),
        ("gesture", Self::Gesture),
        ("quantise", Self::Quantise),
        ("exclude", Self::Exclude),
    ];

    /// The verb that an address begins with, and the address it is about.
    pub(super) fn split(address: &str) -> Option<(Self, &str)> {
        let rest = address.strip_prefix('/')?;
        let (_, verb) = Self::SPOKEN.into_iter().find(|(word, _)| {
            rest.strip_prefix(word).is_some_and(|after| after.starts_with('/'))
        })?;
        let length = rest.find('/')?;
        Some((verb, &rest[length..]))
    }
}

/// Arguments that the parameter cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// The change that a message asks for; `None` where it asks for nothing, as the release of a
/// button that fires a trigger.
///
/// Of the numbers `i f d h T F` any will do for any parameter that has a value; NaN and infinity
/// will not. Texts name a choice or another row, `on` or `off`, or spell a number, and go with plain
/// values only. A trigger fires with whatever arguments, unless the first is a number and that is
/// zero. Meters take nothing. An array of one is what is in it.
pub(super) fn change_from(
    registry: &Registry,
    param: ParamIndex,
    verb: Verb,
    args: &[OscType],
) -> Result<Option<Change>, Refused> {
    let row = registry.row(param);
    let args = match args {
        [OscType::Array(array)] => &array.content,
        args => args,
    };
    if row.is_meter {
        return Err(Refused);
    }
    let is_trigger = matches!(row.kind, Kind::Trigger);
    let change = match verb {
        Verb::Plain | Verb::Normalised if is_trigger => is_down(args)?.then_some(Change::Fire),
        Verb::Plain => Some(Change::Plain(plain_from(registry, param, one(args)?)?)),
        Verb::Normalised if matches!(row.kind, Kind::Reference) => return Err(Refused),
        Verb::Normalised => Some(Change::Normalised(finite(one(args)?)?)),
        Verb::Press => match args {
            [] => Some(Change::Press(1.0)),
            args => Some(match finite(one(args)?)? {
                force if force > 0.0 => Change::Press(force.min(1.0)),
                _ => Change::Release,
            }),
        },
        Verb::Toggle if is_trigger || matches!(row.kind, Kind::Bool) => {
            is_down(args)?.then_some(Change::Toggle)
        }
        Verb::Toggle => return Err(Refused),
        Verb::Nudge if is_trigger || matches!(row.kind, Kind::Reference) => return Err(Refused),
        Verb::Nudge => Some(Change::Nudge(finite(one(args)?)?)),
        Verb::Gesture => Some(Change::Gesture(word::<Gesture>(one(args)?)?)),
        Verb::Quantise => Some(Change::Quantise(grid(one(args)?)?)),
        Verb::Exclude => Some(Change::Exclude(switch(one(args)?)?)),
    };
    Ok(change)
}

/// The changes of a family's members, from one value for each in the order of their numbers: a list
/// of arguments or one array. Nil leaves a member alone. What is beyond the last member, or no value
/// of its member, is refused.
pub(super) fn changes_from(
    registry: &Registry,
    members: &[ParamIndex],
    verb: Verb,
    args: &[OscType],
) -> (Vec<(ParamIndex, Change)>, Result<(), Refused>) {
    let args = match args {
        [OscType::Array(array)] => &array.content,
        args => args,
    };
    let mut outcome =
        if args.is_empty() || args.len() > members.len() { Err(Refused) } else { Ok(()) };
    let mut changes = Vec::with_capacity(members.len());
    for (param, argument) in members.iter().zip(args) {
        if *argument == OscType::Nil {
            continue;
        }
        match change_from(registry, *param, verb, std::slice::from_ref(argument)) {
            Ok(change) => changes.extend(change.map(|change| (*param, change))),
            Err(Refused) => outcome = Err(Refused),
        }
    }
    (changes, outcome)
}

/// Whether a button's message is that of the way down: any arguments but a zero.
fn is_down(args: &[OscType]) -> Result<bool, Refused> {
    match args.first().and_then(number) {
        Some(value) if !value.is_finite() => Err(Refused),
        value => Ok(value != Some(0.0)),
    }
}

fn one(args: &[OscType]) -> Result<&OscType, Refused> {
    match args {
        [argument] => Ok(argument),
        _ => Err(Refused),
    }
}

fn finite(argument: &OscType) -> Result<f64, Refused> {
    number(argument).filter(|number| number.is_finite()).ok_or(Refused)
}

fn word<T: std::str::FromStr>(argument: &OscType) -> Result<T, Refused> {
    match argument {
        OscType::String(word) => word.trim().parse().map_err(|_| Refused),
        _ => Err(Refused),
    }
}

/// A grid by its name or by its beats, 0 being none.
fn grid(argument: &OscType) -> Result<Grid, Refused> {
    let Some(beats) = number(argument) else { return word(argument) };
    let found = Grid::ALL.into_iter().find(|grid| grid.beats().unwrap_or(0.0) == beats);
    found.ok_or(Refused)
}

fn switch(argument: &OscType) -> Result<bool, Refused> {
    match argument {
        OscType::String(word) => match word.trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            word => switch_from_word(word).ok_or(Refused),
        },
        argument => finite(argument).map(|number| number != 0.0),
    }
}

/// The number that an argument carries.
pub(super) fn number(argument: &OscType) -> Option<f64> {
    match argument {
        OscType::Int(value) => Some(f64::from(*value)),
        OscType::Long(value) => Some(*value as f64),
        // By its shortest decimal: 0.9 is 0.9 in what people read, not 0.8999999761581421.
        OscType::Float(value) => value.to_string().parse().ok(),
        OscType::Double(value) => Some(*value),
        OscType::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}

/// A plain value as people and programs write it. Numbers outside the range are let through, since
/// the store clamps and counts them. A row that names another takes its id, or nil for none.
fn plain_from(registry: &Registry, param: ParamIndex, argument: &OscType) -> Result<f64, Refused> {
    let row = registry.row(param);
    let plain = match argument {
        OscType::Nil if matches!(row.kind, Kind::Reference) => registry.parse(param, "").ok(),
        OscType::String(text) => registry.parse(param, text).ok().or_else(|| {
            let is_reference = matches!(row.kind, Kind::Reference);
            row.plain_from_number(text.trim().parse().ok().filter(|_| !is_reference)?)
        }),
        _ if matches!(row.kind, Kind::Reference) => None,
        _ => number(argument).and_then(|number| row.plain_from_number(number)),
    };
    plain.filter(|plain| plain.is_finite()).ok_or(Refused)
}

/// The plain value that a change leads to whatever was there before; `None` where it depends on that.
pub(super) fn leads_to(row: &ParamSpec, change: Change) -> Option<f64> {
    match change {
        _ if matches!(row.kind, Kind::Trigger) => None,
        Change::Plain(plain) => Some(row.clamp(plain)),
        Change::Normalised(normalised) => Some(row.plain_from_normalised(normalised)),
        _ => None,
    }
}

/// How values go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Plain values for any program: numbers, on and off as 1 and 0, choices and rows by name.
    Plain,
    /// The same with on and off as the type tags `T` and `F`, as OSCQuery tells them.
    Tagged,
    /// 0..=1 under `/normalised`, for controllers.
    Normalised,
}

/// The message that tells a row's value; `None` where it has none to tell.
pub(super) fn message(
    registry: &Registry,
    param: ParamIndex,
    plain: f64,
    wire: Wire,
) -> Option<OscMessage> {
    let row = registry.row(param);
    let value = match (row.kind, wire) {
        (Kind::Trigger, _) | (Kind::Reference, Wire::Normalised) => return None,
        (_, Wire::Normalised) => {
            let addr = format!("/normalised{}", row.address());
            let value = OscType::Float(row.normalised_from_plain(plain) as f32);
            return Some(OscMessage { addr, args: vec![value] });
        }
        (Kind::Float { .. }, _) => OscType::Float(plain as f32),
        (Kind::Int { .. }, _) => OscType::Int(plain as i32),
        (Kind::Bool, Wire::Plain) => OscType::Int(i32::from(plain >= 0.5)),
        (Kind::Bool, Wire::Tagged) => OscType::Bool(plain >= 0.5),
        (Kind::Choice(_) | Kind::Reference, _) => OscType::String(registry.format(param, plain)),
    };
    Some(OscMessage { addr: row.address(), args: vec![value] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rosc::OscArray;

    const LEVEL: ParamSpec = ParamSpec::float("t.level", "Level", "", (0.0, 4.0), 0.0);
    const SWITCH: ParamSpec = ParamSpec::switch("t.switch", "Switch", "", false);
    const WAY: ParamSpec = ParamSpec::choice("t.way", "Way", "", &["mosh", "heal"], 0);
    const HEAL: ParamSpec = ParamSpec::trigger("t.heal", "Heal", "");
    const TARGET: ParamSpec = ParamSpec::reference("t.target", "Target", "");
    const METER: ParamSpec = ParamSpec::float("t.meter", "Meter", "", (0.0, 1.0), 0.0).meter();
    const SIZE: ParamSpec = ParamSpec::choice("t.size", "Size", "", &["8", "4", "16"], 0);
    const ROWS: [ParamSpec; 7] = [LEVEL, SWITCH, WAY, HEAL, TARGET, METER, SIZE];

    type Outcome = Result<Option<Change>, Refused>;

    fn registry() -> Registry {
        Registry::join(&[&ROWS]).expect("rows")
    }

    fn ask(row: ParamSpec, verb: Verb, args: &[OscType]) -> Outcome {
        let registry = registry();
        change_from(&registry, registry.index_of(&row), verb, args)
    }

    fn plain(row: ParamSpec, argument: impl Into<OscType>) -> Outcome {
        ask(row, Verb::Plain, &[argument.into()])
    }

    fn array(content: Vec<OscType>) -> OscType {
        OscType::Array(OscArray { content })
    }

    #[test]
    fn every_kind_of_number_counts() {
        for argument in [OscType::Int(1), 1.0_f32.into(), 1.0_f64.into(), 1_i64.into(), true.into()]
        {
            for row in [LEVEL, SWITCH, WAY] {
                assert_eq!(plain(row, argument.clone()), Ok(Some(Change::Plain(1.0))));
                assert_eq!(plain(row, array(vec![argument.clone()])), Ok(Some(Change::Plain(1.0))));
            }
            let normalised = ask(LEVEL, Verb::Normalised, &[argument]);
            assert_eq!(normalised, Ok(Some(Change::Normalised(1.0))));
        }
        assert_eq!(plain(LEVEL, false), Ok(Some(Change::Plain(0.0))));
        assert_eq!(plain(LEVEL, 99_i32), Ok(Some(Change::Plain(99.0))));
    }

    #[test]
    fn a_float_is_the_decimal_that_was_meant() {
        for (sent, meant) in [(0.9_f32, 0.9), (-0.1, -0.1), (16_777_216.0, 16_777_216.0)] {
            assert_eq!(number(&sent.into()), Some(meant));
        }
        assert_eq!(number(&f32::MAX.into()).map(|number| number as f32), Some(f32::MAX));
        assert_eq!(number(&f32::MIN_POSITIVE.into()), Some(1.175_494_4e-38));
    }

    #[test]
    fn texts_name_choices_switches_and_rows() {
        assert_eq!(plain(WAY, "heal"), Ok(Some(Change::Plain(1.0))));
        assert_eq!(plain(SWITCH, "on"), Ok(Some(Change::Plain(1.0))));
        assert_eq!(plain(SWITCH, "off"), Ok(Some(Change::Plain(0.0))));
        assert_eq!(plain(LEVEL, "2.5"), Ok(Some(Change::Plain(2.5))));
        assert_eq!(plain(LEVEL, "99"), Ok(Some(Change::Plain(99.0))));
        assert_eq!(plain(SIZE, "4"), Ok(Some(Change::Plain(1.0))));
        assert_eq!(plain(WAY, "melt"), Err(Refused));
        assert_eq!(ask(WAY, Verb::Normalised, &["heal".into()]), Err(Refused));
        assert_eq!(plain(TARGET, "t.way"), Ok(Some(Change::Plain(2.0))));
        for none in ["none".into(), "".into(), OscType::Nil] {
            assert_eq!(plain(TARGET, none), Ok(Some(Change::Plain(-1.0))));
        }
        for wrong in [OscType::Int(1), "t.nothing".into(), "1".into()] {
            assert_eq!(plain(TARGET, wrong), Err(Refused));
        }
        assert_eq!(ask(TARGET, Verb::Normalised, &[0.5_f32.into()]), Err(Refused));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for argument in [
            OscType::Float(f32::NAN),
            OscType::Float(f32::INFINITY),
            OscType::Double(f64::NEG_INFINITY),
            OscType::Double(f64::NAN),
            OscType::String("NaN".to_owned()),
            OscType::String("inf".to_owned()),
            OscType::Blob(vec![1]),
            OscType::Nil,
            OscType::Inf,
            array(vec![]),
            array(vec![OscType::Int(1), OscType::Int(2)]),
        ] {
            assert_eq!(plain(LEVEL, argument.clone()), Err(Refused), "{argument:?}");
        }
        assert_eq!(ask(LEVEL, Verb::Plain, &[]), Err(Refused));
        let two = [OscType::Int(1), OscType::Int(2)];
        assert_eq!(ask(LEVEL, Verb::Plain, &two), Err(Refused));
        for verb in [Verb::Plain, Verb::Normalised, Verb::Press] {
            assert_eq!(
                ask(METER, verb, &[OscType::Float(0.5)]),
                Err(Refused),
                "people read meters"
            );
        }
    }

    #[test]
    fn triggers_fire_on_the_way_down_only() {
        assert_eq!(ask(HEAL, Verb::Plain, &[]), Ok(Some(Change::Fire)));
        for argument in [OscType::Int(1), 0.5_f32.into(), true.into(), "now".into(), OscType::Nil] {
            assert_eq!(plain(HEAL, argument), Ok(Some(Change::Fire)));
        }
        for argument in [OscType::Int(0), 0.0_f32.into(), (-0.0_f64).into(), false.into()] {
            assert_eq!(plain(HEAL, argument), Ok(None));
        }
        assert_eq!(plain(HEAL, f32::NAN), Err(Refused));
    }

    #[test]
    fn verbs_do_what_they_say() {
        for (row, verb, args, change) in [
            (HEAL, Verb::Press, vec![], Change::Press(1.0)),
            (HEAL, Verb::Press, vec![0.25_f32.into()], Change::Press(0.25)),
            (SWITCH, Verb::Press, vec![7_i32.into()], Change::Press(1.0)),
            (SWITCH, Verb::Press, vec![false.into()], Change::Release),
            (SWITCH, Verb::Toggle, vec![], Change::Toggle),
            (LEVEL, Verb::Nudge, vec![(-0.125_f32).into()], Change::Nudge(-0.125)),
            (HEAL, Verb::Gesture, vec!["latch".into()], Change::Gesture(Gesture::Latch)),
            (HEAL, Verb::Quantise, vec!["1 bar".into()], Change::Quantise(Grid::Bar)),
            (HEAL, Verb::Quantise, vec![0.25_f32.into()], Change::Quantise(Grid::QuarterBeat)),
            (HEAL, Verb::Quantise, vec![0_i32.into()], Change::Quantise(Grid::Off)),
            (LEVEL, Verb::Exclude, vec![1_i32.into()], Change::Exclude(true)),
            (LEVEL, Verb::Exclude, vec!["off".into()], Change::Exclude(false)),
        ] {
            assert_eq!(ask(row, verb, &args), Ok(Some(change)), "{verb:?} {args:?}");
        }
        assert_eq!(ask(SWITCH, Verb::Toggle, &[0_i32.into()]), Ok(None));
        for (row, verb, argument) in [
            (LEVEL, Verb::Toggle, OscType::Int(1)),
            (HEAL, Verb::Nudge, 0.5_f32.into()),
            (LEVEL, Verb::Nudge, f32::NAN.into()),
            (HEAL, Verb::Press, f32::NAN.into()),
            (HEAL, Verb::Gesture, "held".into()),
            (HEAL, Verb::Quantise, 3_i32.into()),
            (HEAL, Verb::Quantise, "3 bars".into()),
            (LEVEL, Verb::Exclude, "perhaps".into()),
        ] {
            assert_eq!(ask(row, verb, &[argument]), Err(Refused), "{verb:?}");
        }
    }

    #[test]
    fn verbs_are_told_from_addresses() {
        assert_eq!(Verb::split("/press/heal/all"), Some((Verb::Press, "/heal/all")));
        assert_eq!(Verb::split("/normalised/*"), Some((Verb::Normalised, "/*")));
        for address in ["/pressed/heal", "/press", "press/heal", "/heal/press", ""] {
            assert_eq!(Verb::split(address), None, "{address}");
        }
    }

    #[test]
    fn values_are_told_in_the_way_of_the_wire() {
        let registry = registry();
        let told = |row: ParamSpec, plain, wire| {
            let message = message(&registry, registry.index_of(&row), plain, wire)?;
            Some((message.addr, message.args))
        };
        for (row, value, wire, address, argument) in [
            (LEVEL, 1.0, Wire::Plain, "/t/level", OscType::Float(1.0)),
            (LEVEL, 1.0, Wire::Normalised, "/normalised/t/level", OscType::Float(0.25)),
            (SWITCH, 1.0, Wire::Plain, "/t/switch", OscType::Int(1)),
            (SWITCH, 0.0, Wire::Tagged, "/t/switch", OscType::Bool(false)),
            (WAY, 1.0, Wire::Plain, "/t/way", "heal".into()),
            (WAY, 1.0, Wire::Normalised, "/normalised/t/way", OscType::Float(1.0)),
            (TARGET, 2.0, Wire::Plain, "/t/target", "t.way".into()),
            (TARGET, -1.0, Wire::Tagged, "/t/target", "none".into()),
        ] {
            assert_eq!(told(row, value, wire), Some((address.to_owned(), vec![argument])));
        }
        assert_eq!(told(HEAL, 0.0, Wire::Plain), None);
        assert_eq!(told(TARGET, 2.0, Wire::Normalised), None);
    }
}
