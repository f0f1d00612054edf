//! What `avenc_mpeg4` is told. Its options are the properties of the element, which GStreamer takes
//! from libavcodec; they are asked for at run time.

use super::{
    CodingError, Property, Recipe,
    properties::{Rules, checked},
    whole,
};
use crate::{clip::Encoder, media::plugins};

const ELEMENT: &str = "avenc_mpeg4";

/// From one intra picture to the next, at most, with `avenc_mpeg4`: libavcodec cuts a longer distance
/// down to this (`mpegvideo_enc.c`), and GStreamer leaves no way round it.
const INTRA_EVERY_MAX: u32 = 600;

/// Without a word on it.
const QUANTISER: i64 = 6;

/// The quantiser of the intra bank, where the stream's own is not finer still.
const BANK_QUANTISER: i64 = 3;

const OWN: &str = "the import sets it itself";

/// Properties that cannot be set, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("gop-size", "intra pictures stand where -g says"),
    ("sc-threshold", "intra pictures stand where -g says"),
    ("threads", "one thread makes the same stream on every machine"),
    ("thread-type", "one thread makes the same stream on every machine"),
    ("pass", OWN),
    ("quantizer", "GStreamer passes it on with the first picture only: say qscale"),
    ("skip-threshold", "pictures would be missing"),
    ("skip-factor", "pictures would be missing"),
    ("skip-exp", "pictures would be missing"),
    ("skip-cmp", "pictures would be missing"),
    ("field-order", "fields cannot be spliced"),
];

/// ffmpeg's own names for properties.
const ALIASES: &[(&str, &str)] = &[
    ("bf", "max-bframes"),
    ("bframes", "max-bframes"),
    ("g", "gop-size"),
    ("b", "bitrate"),
    ("b:v", "bitrate"),
    ("mb-decision", "mbd"),
    ("me-method", "motion-est"),
    ("me", "motion-est"),
    ("nr", "noise-reduction"),
    ("lelim", "luma-elim-threshold"),
    ("celim", "chroma-elim-threshold"),
    ("qns", "quantizer-noise-shaping"),
];

const RULES: Rules<'static> =
    Rules { encoder: Encoder::Mpeg4, refused: REFUSED, aliases: ALIASES, extra: "qscale" };

/// Intra blocks inside predicted pictures are made as dear as the encoder allows: they would repair
/// the damage that the instrument lives on.
const ALWAYS: &[(&str, &str)] = &[
    // Not `pass=quant`: GStreamer tells libavcodec the quantiser with the first picture only, and
    // all that follow get the finest there is. Rate control between 6 and 6 is a constant 6.
    ("pass", "cbr"),
    ("max-bframes", "0"),
    ("sc-threshold", "1000000000"),
    ("threads", "1"),
    ("intra-penalty", "1000000000"),
];

pub(super) fn recipe(
    options: &[(&str, &str)],
    intra_every: Option<u32>,
) -> Result<Recipe, CodingError> {
    let element = plugins::make(ELEMENT)?;
    let (mut finest, mut coarsest) = (QUANTISER, QUANTISER);
    let mut asked: Vec<Property> = Vec::new();
    for (name, value) in options {
        let given = name.replace('_', "-");
        match given.as_str() {
            "qscale" | "q" | "q:v" | "qscale:v" | "qp" => {
                finest = whole(name, value, 1..=31)?;
                coarsest = finest;
            }
            "qmin" => finest = whole(name, value, 1..=31)?,
            "qmax" => coarsest = whole(name, value, 1..=31)?,
            _ => {
                let (name, value) = checked(&RULES, &element, name, value)?;
                asked.retain(|(other, _)| *other != name);
                asked.push((name, value));
            }
        }
    }
    if finest > coarsest {
        return Err(CodingError::Refused {
            name: "qmin".into(),
            value: finest.to_string(),
            reason: "it would lie above qmax",
        });
    }
    let distance = intra_every.unwrap_or(INTRA_EVERY_MAX).min(INTRA_EVERY_MAX);
    let always = ALWAYS.iter().filter(|(name, _)| asked.iter().all(|(other, _)| other != name));
    let mut properties: Vec<Property> =
        always.map(|(name, value)| (*name, (*value).to_owned())).collect();
    properties.push(("qmin", finest.to_string()));
    properties.push(("qmax", coarsest.to_string()));
    properties.push(("gop-size", distance.to_string()));
    properties.extend(asked);
    let bank = BANK_QUANTISER.min((finest - 1).max(1)).to_string();
    Ok(Recipe {
        encoder: Encoder::Mpeg4,
        element: ELEMENT,
        properties,
        bank: vec![("qmin", bank.clone()), ("qmax", bank)],
        intra_every: Some(distance),
    })
}
