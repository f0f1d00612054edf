//! How the values of options are read, each into one line that says what to write instead.

use crate::{
    cli::decay::LOOKS,
    clip::{GRAB_SLOTS, INTRA_EVERY},
    media::ImportRequest,
    params::ParamSpec,
    playhead,
};
use anyhow::{Result, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::{error::Error, path::PathBuf, str::FromStr, time::Duration};

/// Reads `key value` and `key=value`, in one argument or in several.
pub(super) fn pairs(words: &[String]) -> Result<Vec<(String, String)>> {
    let mut words = words.iter().flat_map(|word| word.split_whitespace());
    let mut pairs = Vec::new();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('-');
        match (word.split_once('='), words.clone().next()) {
            (Some((key, value)), _) => pairs.push((key.to_owned(), value.to_owned())),
            (None, Some(value)) => {
                pairs.push((word.to_owned(), value.to_owned()));
                words.next();
            }
            (None, None) => bail!(
                "--encoder-config: '{word}' has no value: write key value pairs, and name videos \
                 before it"
            ),
        }
    }
    Ok(pairs)
}

/// Reads the name of a timeline function into its place among them.
pub(super) fn function() -> impl TypedValueParser<Value = usize> {
    // The one that was written with a dash before.
    const DASHED: (&str, &str) = ("rectified_sine", "rectified-sine");
    let names = playhead::FUNCTIONS.iter().map(|name| match *name == DASHED.0 {
        true => PossibleValue::new(*name).alias(DASHED.1),
        false => PossibleValue::new(*name),
    });
    PossibleValuesParser::new(names).try_map(|name| {
        let name = name.replace('-', "_");
        let place = playhead::FUNCTIONS.iter().position(|known| *known == name);
        place.ok_or_else(|| format!("there is no function {name}"))
    })
}

/// Reads how many pictures there are from one intra picture to the next.
pub(super) fn intra_every() -> impl TypedValueParser<Value = u32> {
    let (least, most) = (*INTRA_EVERY.start(), *INTRA_EVERY.end());
    clap::value_parser!(u32).range(i64::from(least)..=i64::from(most))
}

/// Reads a number that a parameter can have.
pub(super) fn number_of(row: &'static ParamSpec) -> impl Fn(&str) -> Result<f64, String> + Clone {
    move |text| row.parse(text).map_err(|_| format!("write a number in {}", row.range_text()))
}

/// Reads how long a still is shown, in seconds.
pub(super) fn parse_still(text: &str) -> Result<f64, String> {
    let secs = text.parse().ok().filter(|secs| ImportRequest::STILL_SECS_RANGE.contains(secs));
    secs.ok_or_else(|| format!("write a time in {:?} s", ImportRequest::STILL_SECS_RANGE))
}

/// Reads a probability.
pub(super) fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("write a probability in 0..=1, such as 0.75".to_owned()),
    }
}

/// Reads one of a few names into what it stands for.
pub(super) fn named<T>(
    names: impl IntoIterator<Item = &'static str>,
) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse::<T>())
}

/// Reads a look: one of those that come with the program, or a preset file.
pub(super) fn named_look(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if LOOKS.contains(&text) || path.extension().is_some() {
        return Ok(path);
    }
    Err(format!("write {}, or a preset file (.toml)", LOOKS.join(", ")))
}

/// Reads `1=face.png`.
pub(super) fn parse_grab(text: &str) -> Result<(u8, PathBuf), String> {
    text.split_once('=')
        .and_then(|(slot, picture)| Some((slot.trim().parse().ok()?, PathBuf::from(picture))))
        .filter(|(slot, _)| GRAB_SLOTS.contains(slot))
        .ok_or_else(|| format!("write a slot from 1 to {} and a picture", GRAB_SLOTS.end()))
}

/// Reads `10s`, `1.5m`, `2h`, `500ms` or plain seconds.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (number, scale) = units
        .iter()
        .find_map(|(unit, scale)| text.strip_suffix(unit).map(|number| (number, *scale)))
        .unwrap_or((text, 1.0));
    let secs = number.trim().parse::<f64>().map(|number| number * scale).unwrap_or(f64::NAN);
    if secs > 0.0 && secs < 1e7 {
        return Ok(Duration::from_secs_f64(secs));
    }
    Err("write a time above 0, such as 10s, 1.5m or 90".to_owned())
}

/// Reads `30d`, `2w`, or a time as [`parse_duration`] does.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    let days = [("d", 1.0), ("w", 7.0)]
        .iter()
        .find_map(|(unit, scale)| text.strip_suffix(unit).map(|number| (number, *scale)));
    let Some((number, scale)) = days else { return parse_duration(text) };
    match number.trim().parse::<f64>().map(|number| number * scale) {
        Ok(days) if (0.0..1e5).contains(&days) => Ok(Duration::from_secs_f64(days * 86_400.0)),
        _ => Err("write a time, such as 30d, 2w or 12h".to_owned()),
    }
}

/// Reads `10GB`, `500MB`, `1.5GiB` or plain bytes.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let units = [
        ("KIB", 1024.0),
        ("MIB", 1_048_576.0),
        ("GIB", 1_073_741_824.0),
        ("TIB", 1_099_511_627_776.0),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1.0),
    ];
    let upper = text.trim().to_ascii_uppercase();
    let (number, scale) = units
        .iter()
        .find_map(|(unit, scale)| upper.strip_suffix(unit).map(|number| (number, *scale)))
        .unwrap_or((&upper, 1.0));
    match number.trim().parse::<f64>().map(|number| number * scale) {
        Ok(bytes) if (0.0..1e18).contains(&bytes) => Ok(bytes as u64),
        _ => Err("write a size, such as 10GB or 500MiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoder_settings_are_read_in_both_forms() {
        let words =
            |text: &[&str]| pairs(&text.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        let expected = [("qp", "31"), ("deblock", "-1:-1"), ("bf", "0")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        for text in [
            &["qp", "31", "deblock", "-1:-1", "bf", "0"][..],
            &["qp=31", "deblock=-1:-1", "bf=0"],
            &["qp 31 deblock -1:-1", "-bf", "0"],
        ] {
            assert_eq!(words(text).ok().as_deref(), Some(&expected[..]), "{text:?}");
        }
        assert!(words(&["qp", "31", "a.mp4"]).is_err());
    }

    #[test]
    fn times_are_read() {
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        for bad in ["", "s", "-1s", "0", "NaN", "inf", "ten"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ages_and_sizes_are_read() {
        assert_eq!(parse_age("30d"), Ok(Duration::from_secs(2_592_000)));
        assert_eq!(parse_age("2w"), Ok(Duration::from_secs(1_209_600)));
        assert_eq!(parse_age("12h"), Ok(Duration::from_secs(43_200)));
        assert_eq!(parse_age("0d"), Ok(Duration::ZERO));
        assert_eq!(parse_bytes("10GB"), Ok(10_000_000_000));
        assert_eq!(parse_bytes("1.5 GiB"), Ok(1_610_612_736));
        assert_eq!(parse_bytes("500mb"), Ok(500_000_000));
        assert_eq!(parse_bytes("12"), Ok(12));
        for bad in ["", "d", "-1d", "NaNd", "much"] {
            assert!(parse_age(bad).is_err() && parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
