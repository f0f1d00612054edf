//! What `x264enc` is told.

use super::{CodingError, Property, Recipe, kilobits, whole, x264_options};
use crate::clip::Encoder;

/// Without a word on it: constant quantiser 31, as the earlier tool had it.
const QUANTISER: i64 = 31;

/// The quantiser of the intra bank, where the stream's own is not finer still: about 45 dB from the
/// decoded picture, which the stream's own is 35 dB from its source.
const BANK_QUANTISER: i64 = 27;

/// What is not searched for in an intra picture of the bank: smaller blocks than 16x16. It takes less
/// time than `veryfast`, and some more bytes.
const BANK_PRESET: &str = "ultrafast";

/// What that preset leaves out beyond its search, and streams have unless they were told to do without.
const BANK_KEEPS: &str = ":cabac=1:deblock=0,0";

/// What is not searched for, whatever the stream was told.
const BANK_EFFORT: &str = ":subme=1";

/// The coarsest quantiser there is (ITU-T H.264, 7.4.3).
const QUANTISER_MAX: i64 = 51;

/// Where the element's own property ends.
const QUANTISER_PROPERTY_MAX: i64 = 50;

/// Options that are no parameter of x264's own but choose many, or say how bits are spent.
pub(super) const NAMES: &[&str] =
    &["preset", "tune", "profile", "qp", "crf", "bitrate", "x264-params"];

const PRESETS: &[&str] = &[
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];
const PSY_TUNES: &[&str] = &["film", "animation", "grain", "psnr", "ssim"];
const TUNES: &[&str] = &["stillimage", "fastdecode", "zerolatency"];

/// No further intra picture, no B pictures, one reference, no weighting. `stitchable` makes the
/// parameter sets independent of the quantiser and of key intervals, and `8x8dct` keeps the profile
/// at High whatever the preset, so that clips of one canvas share their SPS.
const ALWAYS: &str = "scenecut=0:weightp=0:min-keyint=1:stitchable=1:8x8dct=1";

/// Pictures in which `intra-refresh` repairs the whole picture, column by column, where -g says nothing.
/// The first time it begins after as many, so that damage is gone after 30 at the latest. With 16 and
/// more, x264 makes `frame_num` wider in the SPS, and clips of other settings could not be spliced in.
const REFRESH: u32 = 15;

/// x264enc has no larger value, and takes it for "none".
const NEVER: u32 = 2_147_483_647;

/// How bits are spent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rate {
    Quantiser(i64),
    Quality(f64),
    Kilobits(i64),
}

impl Rate {
    const fn name(self) -> &'static str {
        match self {
            Self::Quantiser(_) => "qp",
            Self::Quality(_) => "crf",
            Self::Kilobits(_) => "bitrate",
        }
    }
}

/// What options come to, the last of each name counting.
#[derive(Debug)]
struct Asked {
    preset: String,
    psy_tune: Option<String>,
    tunes: Vec<String>,
    rate: Rate,
    params: Vec<(&'static str, String)>,
}

impl Asked {
    fn take(&mut self, name: &str, value: &str) -> Result<(), CodingError> {
        let one_of = |words: &[&str]| CodingError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            wanted: format!("one of {}", words.join(", ")),
        };
        match name.replace('_', "-").as_str() {
            "preset" | "speed-preset" if PRESETS.contains(&value) => self.preset = value.to_owned(),
            "preset" | "speed-preset" => return Err(one_of(PRESETS)),
            "tune" | "psy-tune" => {
                for word in value.split([',', '+']).map(str::trim) {
                    if PSY_TUNES.contains(&word) {
                        self.psy_tune = Some(word.to_owned());
                    } else if TUNES.contains(&word) {
                        self.tunes.push(word.to_owned());
                    } else {
                        return Err(one_of(&[PSY_TUNES, TUNES].concat()));
                    }
                }
            }
            "profile" => match value {
                "baseline" => {
                    self.set("cabac", "0".into());
                    self.set("8x8dct", "0".into());
                }
                "main" => self.set("8x8dct", "0".into()),
                "high" => self.set("8x8dct", "1".into()),
                _ => return Err(one_of(&["baseline", "main", "high"])),
            },
            // As ffmpeg has it: none is asked for, it stays as it is.
            "qp" if value.trim() == "-1" => {}
            "qp" | "quantizer" | "qp-constant" => {
                if value.trim() == "0" {
                    return Err(lossless(name, value));
                }
                self.rate = Rate::Quantiser(whole(name, value, 1..=QUANTISER_MAX)?);
            }
            "crf" => self.rate = Rate::Quality(quality(name, value)?),
            "bitrate" | "b" | "b:v" => {
                self.rate = Rate::Kilobits(kilobits(name, value, 1..=2_000_000)?)
            }
            "x264-params" | "x264opts" | "option-string" => {
                let mut pairs: Vec<(&str, String)> = Vec::new();
                for part in value.split(':').filter(|part| !part.is_empty()) {
                    match (part.split_once('='), pairs.last_mut()) {
                        (Some((name, value)), _) => pairs.push((name, value.to_owned())),
                        // The second number of a list, such as deblock=-2:1.
                        (None, Some((_, list))) if part.parse::<f64>().is_ok() => {
                            list.push(',');
                            list.push_str(part);
                        }
                        (None, _) => pairs.push((part, "1".to_owned())),
                    }
                }
                for (name, value) in pairs {
                    self.take(name, &value)?;
                }
            }
            _ => {
                let (name, value) = x264_options::checked(name, value)?;
                self.set(name, value);
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.params.retain(|(other, _)| *other != name);
        self.params.push((name, value));
    }
}

/// Without loss the profile is another one, which not every decoder has.
fn lossless(name: &str, value: &str) -> CodingError {
    CodingError::Refused {
        name: name.to_owned(),
        value: value.to_owned(),
        reason: "without loss the stream has another profile; 1 is the finest",
    }
}

/// A quality, fractions allowed. x264 codes below 1 without loss.
fn quality(name: &str, value: &str) -> Result<f64, CodingError> {
    let most = QUANTISER_MAX as f64;
    let number = value.trim().parse::<f64>().ok().filter(|number| (0.0..=most).contains(number));
    match number {
        Some(number) if number < 1.0 => Err(lossless(name, value)),
        Some(number) => Ok(number),
        None => Err(CodingError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            wanted: format!("a number in 1..={QUANTISER_MAX}"),
        }),
    }
}

pub(super) fn recipe(
    options: &[(&str, &str)],
    intra_every: Option<u32>,
) -> Result<Recipe, CodingError> {
    let mut asked = Asked {
        preset: "veryfast".into(),
        psy_tune: None,
        tunes: vec!["zerolatency".into()],
        rate: Rate::Quantiser(QUANTISER),
        params: Vec::new(),
    };
    for (name, value) in options {
        asked.take(name, value)?;
    }
    asked.tunes.sort();
    asked.tunes.dedup();

    let property = |number: i64| ("quantizer", number.min(QUANTISER_PROPERTY_MAX));
    let (pass, rate, own) = match asked.rate {
        Rate::Quantiser(number) => ("quant", property(number), number),
        Rate::Quality(number) => ("qual", property(number as i64), number as i64),
        Rate::Kilobits(number) => ("cbr", ("bitrate", number), QUANTISER),
    };
    // What the property does not hold.
    let beyond = match asked.rate {
        Rate::Quantiser(number) if number > QUANTISER_PROPERTY_MAX => format!(":qp={number}"),
        Rate::Quality(number) if number.fract() > 0.0 || own > QUANTISER_PROPERTY_MAX => {
            format!(":crf={number}")
        }
        _ => String::new(),
    };
    debug_assert!(NAMES.contains(&asked.rate.name()));
    let is_refreshed = asked.params.contains(&("intra-refresh", "1".to_owned()));
    let distance = intra_every.or(is_refreshed.then_some(REFRESH));
    let mut line = String::new();
    if distance.is_none() {
        line.push_str(":keyint=infinite");
    }
    for (name, value) in &asked.params {
        line.push_str(&format!(":{name}={value}"));
    }
    let is_plain =
        asked.preset == BANK_PRESET || asked.tunes.iter().any(|tune| tune == "fastdecode");
    let keeps = if is_plain { "" } else { BANK_KEEPS };
    let mut properties: Vec<Property> = vec![
        ("speed-preset", asked.preset),
        ("tune", asked.tunes.join("+")),
        ("pass", pass.into()),
        (rate.0, rate.1.to_string()),
        ("threads", "1".into()),
        ("sliced-threads", "false".into()),
        ("key-int-max", distance.unwrap_or(NEVER).to_string()),
        ("bframes", "0".into()),
        ("ref", "1".into()),
        // Without a buffer to keep to, the level in the SPS does not depend on how bits are spent.
        ("vbv-buf-capacity", "0".into()),
        ("byte-stream", "true".into()),
        ("aud", "false".into()),
        ("option-string", format!("{ALWAYS}{line}{beyond}")),
    ];
    if let Some(tune) = asked.psy_tune {
        properties.push(("psy-tune", tune));
    }
    let bank = BANK_QUANTISER.min((own - 2).max(1)).to_string();
    Ok(Recipe {
        encoder: Encoder::Libx264,
        element: "x264enc",
        properties,
        bank: vec![
            ("speed-preset", BANK_PRESET.into()),
            ("pass", "quant".into()),
            ("quantizer", bank),
            ("option-string", format!("{ALWAYS}{keeps}{line}{BANK_EFFORT}")),
        ],
        // Refreshing takes the place of intra pictures.
        intra_every: intra_every.filter(|_| !is_refreshed),
    })
}
