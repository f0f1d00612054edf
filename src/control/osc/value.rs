//! From the arguments of one message to the change of one parameter. Pure.

use crate::params::{Change, Kind, ParamSpec};
use rosc::OscType;

/// How the numbers of an address are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// In the parameter's own unit.
    Plain,
    /// 0..=1 over the parameter's range and curve, for controllers.
    Normalised,
}

/// Arguments that the parameter cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// The change that a message asks for; `None` where it asks for nothing, as the release of a
/// button that fires a trigger.
///
/// Of the numbers `i f d h T F` any will do for any parameter that has a value; NaN and infinity
/// will not. Texts name a choice, `on` or `off`, or spell a number, and go with plain values only.
/// A trigger fires with whatever arguments, unless the first is a number and that is zero.
pub(super) fn change_from(
    row: &ParamSpec,
    scale: Scale,
    args: &[OscType],
) -> Result<Option<Change>, Refused> {
    let change = |value| match scale {
        Scale::Plain => Change::Plain(value),
        Scale::Normalised => Change::Normalised(value),
    };
    if matches!(row.kind, Kind::Trigger) {
        return match args.first().and_then(number) {
            Some(value) if !value.is_finite() => Err(Refused),
            Some(0.0) => Ok(None),
            _ => Ok(Some(Change::Fire)),
        };
    }
    let [argument] = args else { return Err(Refused) };
    let value = match (argument, scale) {
        (OscType::String(text), Scale::Plain) => plain_from_text(row, text),
        (_, Scale::Plain) => number(argument).and_then(|number| row.plain_from_number(number)),
        (_, Scale::Normalised) => number(argument),
    };
    value.filter(|value| value.is_finite()).map(|value| Some(change(value))).ok_or(Refused)
}

/// The number that an argument carries.
fn number(argument: &OscType) -> Option<f64> {
    match *argument {
        OscType::Int(value) => Some(f64::from(value)),
        OscType::Long(value) => Some(value as f64),
        OscType::Float(value) => Some(f64::from(value)),
        OscType::Double(value) => Some(value),
        OscType::Bool(value) => Some(f64::from(u8::from(value))),
        _ => None,
    }
}

/// A plain value as people write it. Numbers outside the range are let through, since the store
/// clamps and counts them.
fn plain_from_text(row: &ParamSpec, text: &str) -> Option<f64> {
    let number = || row.plain_from_number(text.trim().parse().ok()?);
    row.parse(text).ok().or_else(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: ParamSpec = ParamSpec::float("t.level", "Level", "", (0.0, 4.0), 0.0);
    const SWITCH: ParamSpec = ParamSpec::switch("t.switch", "Switch", "", false);
    const WAY: ParamSpec = ParamSpec::choice("t.way", "Way", "", &["mosh", "heal"], 0);
    const HEAL: ParamSpec = ParamSpec::trigger("t.heal", "Heal", "");

    fn plain(row: &ParamSpec, argument: impl Into<OscType>) -> Result<Option<Change>, Refused> {
        change_from(row, Scale::Plain, &[argument.into()])
    }

    #[test]
    fn every_kind_of_number_counts() {
        for argument in [OscType::Int(1), 1.0_f32.into(), 1.0_f64.into(), 1_i64.into(), true.into()]
        {
            for row in [&LEVEL, &SWITCH, &WAY] {
                assert_eq!(plain(row, argument.clone()), Ok(Some(Change::Plain(1.0))));
            }
            let normalised = change_from(&LEVEL, Scale::Normalised, &[argument]);
            assert_eq!(normalised, Ok(Some(Change::Normalised(1.0))));
        }
        assert_eq!(plain(&LEVEL, false), Ok(Some(Change::Plain(0.0))));
        assert_eq!(plain(&LEVEL, 99_i32), Ok(Some(Change::Plain(99.0))));
    }

    #[test]
    fn texts_name_choices_and_switches() {
        assert_eq!(plain(&WAY, "heal"), Ok(Some(Change::Plain(1.0))));
        assert_eq!(plain(&SWITCH, "on"), Ok(Some(Change::Plain(1.0))));
        assert_eq!(plain(&SWITCH, "off"), Ok(Some(Change::Plain(0.0))));
        assert_eq!(plain(&LEVEL, "2.5"), Ok(Some(Change::Plain(2.5))));
        assert_eq!(plain(&LEVEL, "99"), Ok(Some(Change::Plain(99.0))));
        assert_eq!(plain(&WAY, "melt"), Err(Refused));
        assert_eq!(change_from(&WAY, Scale::Normalised, &["heal".into()]), Err(Refused));
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
        ] {
            assert_eq!(plain(&LEVEL, argument.clone()), Err(Refused), "{argument:?}");
        }
        assert_eq!(change_from(&LEVEL, Scale::Plain, &[]), Err(Refused));
        let two = [OscType::Int(1), OscType::Int(2)];
        assert_eq!(change_from(&LEVEL, Scale::Plain, &two), Err(Refused));
    }

    #[test]
    fn triggers_fire_on_the_way_down_only() {
        assert_eq!(change_from(&HEAL, Scale::Plain, &[]), Ok(Some(Change::Fire)));
        for argument in [OscType::Int(1), 0.5_f32.into(), true.into(), "now".into(), OscType::Nil] {
            assert_eq!(plain(&HEAL, argument), Ok(Some(Change::Fire)));
        }
        for argument in [OscType::Int(0), 0.0_f32.into(), (-0.0_f64).into(), false.into()] {
            assert_eq!(plain(&HEAL, argument), Ok(None));
        }
        assert_eq!(plain(&HEAL, f32::NAN), Err(Refused));
    }
}
