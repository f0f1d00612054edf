//! The options of x264 by its own names, with what each may be.
//!
//! Names and forms: `x264_param_parse` in x264's `common/base.c`, and `x264 --fullhelp`.

use super::{CodingError, whole};
use crate::clip::Encoder;

/// What the values of an option look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole number within bounds.
    Whole(i64, i64),
    /// Any number.
    Number,
    /// 0 or 1, in any of x264's words.
    Switch,
    /// One of these words, or its place in the list.
    Word(&'static [&'static str]),
    /// Some of these words with commas between, or `all` or `none`.
    Words(&'static [&'static str]),
    /// Numbers with commas (or colons) between.
    Numbers,
    /// Left to x264.
    Free,
    /// Must be 0, for a reason.
    Off(&'static str),
    /// Cannot be set at all, for a reason.
    Own(&'static str),
}

const OWN: &str = "the import sets it itself";
const INTERLACED: &str = "fields cannot be spliced";
const B: &str = "B pictures come out late and in another order, so they cannot be spliced";
const INTRA: &str = "intra pictures stand where -g says";

const ME: &[&str] = &["dia", "hex", "umh", "esa", "tesa"];
const PARTITIONS: &[&str] = &["i4x4", "i8x8", "p8x8", "p4x4", "b8x8"];
const DIRECT: &[&str] = &["none", "spatial", "temporal", "auto"];
const CQM: &[&str] = &["flat", "jvt"];
const OVERSCAN: &[&str] = &["undef", "show", "crop"];
const VIDEO_FORMAT: &[&str] = &["component", "pal", "ntsc", "secam", "mac", "undef"];

/// All options, in the order of `x264 --fullhelp`.
pub(super) const OPTIONS: &[(&str, Form)] = &[
    ("keyint", Form::Own(INTRA)),
    ("min-keyint", Form::Own(INTRA)),
    ("scenecut", Form::Off(INTRA)),
    ("intra-refresh", Form::Switch),
    ("bframes", Form::Off(B)),
    ("b-adapt", Form::Whole(0, 2)),
    ("b-bias", Form::Whole(-100, 100)),
    ("b-pyramid", Form::Off(B)),
    ("open-gop", Form::Off(B)),
    ("cabac", Form::Switch),
    ("ref", Form::Own("after a splice there is one picture to refer to, so it is 1")),
    ("deblock", Form::Numbers),
    ("slices", Form::Whole(0, 64)),
    ("slices-max", Form::Whole(0, 64)),
    ("slice-max-size", Form::Whole(0, 1_000_000)),
    ("slice-max-mbs", Form::Whole(0, 1_000_000)),
    ("slice-min-mbs", Form::Whole(0, 1_000_000)),
    ("tff", Form::Off(INTERLACED)),
    ("bff", Form::Off(INTERLACED)),
    ("interlaced", Form::Off(INTERLACED)),
    ("fake-interlaced", Form::Off(INTERLACED)),
    ("constrained-intra", Form::Switch),
    ("pulldown", Form::Own(OWN)),
    ("rc-lookahead", Form::Whole(0, 250)),
    ("vbv-maxrate", Form::Whole(0, 2_000_000)),
    ("vbv-bufsize", Form::Whole(0, 2_000_000)),
    ("vbv-init", Form::Number),
    ("crf-max", Form::Number),
    ("qpmin", Form::Whole(0, 51)),
    ("qpmax", Form::Whole(0, 51)),
    ("qpstep", Form::Whole(1, 51)),
    ("ratetol", Form::Number),
    ("ipratio", Form::Number),
    ("pbratio", Form::Number),
    ("chroma-qp-offset", Form::Whole(-12, 12)),
    ("aq-mode", Form::Whole(0, 3)),
    ("aq-strength", Form::Number),
    ("pass", Form::Own(OWN)),
    ("stats", Form::Own(OWN)),
    ("mbtree", Form::Switch),
    ("qcomp", Form::Number),
    ("cplxblur", Form::Number),
    ("qblur", Form::Number),
    ("zones", Form::Free),
    ("partitions", Form::Words(PARTITIONS)),
    ("direct", Form::Word(DIRECT)),
    ("weightb", Form::Switch),
    ("weightp", Form::Off("weights belong to the picture before, which a splice takes away")),
    ("me", Form::Word(ME)),
    ("merange", Form::Whole(4, 1024)),
    ("mvrange", Form::Whole(-1, 512)),
    ("mvrange-thread", Form::Own(OWN)),
    ("subme", Form::Whole(0, 11)),
    ("psy-rd", Form::Numbers),
    ("psy", Form::Switch),
    ("mixed-refs", Form::Switch),
    ("chroma-me", Form::Switch),
    ("8x8dct", Form::Switch),
    ("trellis", Form::Whole(0, 2)),
    ("fast-pskip", Form::Switch),
    ("dct-decimate", Form::Switch),
    ("nr", Form::Whole(0, 100_000)),
    ("deadzone-inter", Form::Whole(0, 32)),
    ("deadzone-intra", Form::Whole(0, 32)),
    ("cqm", Form::Word(CQM)),
    ("cqm4", Form::Numbers),
    ("cqm8", Form::Numbers),
    ("cqm4i", Form::Numbers),
    ("cqm4p", Form::Numbers),
    ("cqm4iy", Form::Numbers),
    ("cqm4ic", Form::Numbers),
    ("cqm4py", Form::Numbers),
    ("cqm4pc", Form::Numbers),
    ("cqm8i", Form::Numbers),
    ("cqm8p", Form::Numbers),
    (
        "cqmfile",
        Form::Own("the clip would depend on another file: write the lists as cqm4 and cqm8"),
    ),
    ("overscan", Form::Word(OVERSCAN)),
    ("videoformat", Form::Word(VIDEO_FORMAT)),
    ("fullrange", Form::Own(OWN)),
    ("colorprim", Form::Own(OWN)),
    ("transfer", Form::Own(OWN)),
    ("colormatrix", Form::Own(OWN)),
    ("chromaloc", Form::Whole(0, 5)),
    ("mastering-display", Form::Own(OWN)),
    ("cll", Form::Own(OWN)),
    ("alternative-transfer", Form::Own(OWN)),
    ("nal-hrd", Form::Own(OWN)),
    ("filler", Form::Off("there would be more bytes and nothing in them")),
    ("pic-struct", Form::Off(INTERLACED)),
    ("crop-rect", Form::Own(OWN)),
    ("level", Form::Free),
    ("bluray-compat", Form::Own(OWN)),
    ("avcintra-class", Form::Own(OWN)),
    ("avcintra-flavor", Form::Own(OWN)),
    ("stitchable", Form::Own("without it clips of one canvas could not be spliced")),
    ("dpb-size", Form::Own(OWN)),
    ("sar", Form::Own(OWN)),
    ("fps", Form::Own(OWN)),
    ("frame-packing", Form::Whole(-1, 7)),
    ("threads", Form::Own("one thread makes the same stream on every machine")),
    ("lookahead-threads", Form::Own(OWN)),
    ("sliced-threads", Form::Own(OWN)),
    ("sync-lookahead", Form::Own(OWN)),
    ("deterministic", Form::Own(OWN)),
    ("cpu-independent", Form::Own(OWN)),
    ("asm", Form::Own(OWN)),
    ("opencl", Form::Own(OWN)),
    ("opencl-clbin", Form::Own(OWN)),
    ("opencl-device", Form::Own(OWN)),
    ("log", Form::Own(OWN)),
    ("psnr", Form::Own(OWN)),
    ("ssim", Form::Own(OWN)),
    ("dump-yuv", Form::Own(OWN)),
    ("aud", Form::Own(OWN)),
    ("sps-id", Form::Own(OWN)),
    ("global-header", Form::Own(OWN)),
    ("repeat-headers", Form::Own(OWN)),
    ("annexb", Form::Own(OWN)),
    ("force-cfr", Form::Own(OWN)),
];

/// Other names for the same: x264's own, and ffmpeg's.
const ALIASES: &[(&str, &str)] = &[
    ("bf", "bframes"),
    ("b-frames", "bframes"),
    ("refs", "ref"),
    ("frameref", "ref"),
    ("sc-threshold", "scenecut"),
    ("keyint-min", "min-keyint"),
    ("filter", "deblock"),
    ("analyse", "partitions"),
    ("direct-pred", "direct"),
    ("weight-b", "weightb"),
    ("me-method", "me"),
    ("motion-est", "me"),
    ("me-range", "merange"),
    ("mv-range", "mvrange"),
    ("mv-range-thread", "mvrange-thread"),
    ("subq", "subme"),
    ("qp-min", "qpmin"),
    ("qmin", "qpmin"),
    ("qp-max", "qpmax"),
    ("qmax", "qpmax"),
    ("qp-step", "qpstep"),
    ("qdiff", "qpstep"),
    ("ip-factor", "ipratio"),
    ("pb-factor", "pbratio"),
    ("cplx-blur", "cplxblur"),
    ("chromaoffset", "chroma-qp-offset"),
    ("coder", "cabac"),
    ("noise-reduction", "nr"),
    ("level-idc", "level"),
];

/// One option as x264 is told it, checked.
pub(super) fn checked(name: &str, value: &str) -> Result<(&'static str, String), CodingError> {
    let given = name.replace('_', "-");
    let find = |wanted: &str| {
        let own = ALIASES.iter().find(|(alias, _)| *alias == wanted).map_or(wanted, |(_, own)| own);
        OPTIONS.iter().find(|(name, _)| *name == own).copied()
    };
    let is_turned = |form: Form| matches!(form, Form::Switch | Form::Off(_));
    if let Some((name, form)) = find(&given) {
        return Ok((name, check(name, form, value)?));
    }
    if let Some((name, form)) = given.strip_prefix("no-").and_then(find) {
        let value = match (is_turned(form), switch(value)) {
            (true, Some(is_on)) => if is_on { "0" } else { "1" }.to_owned(),
            _ => value.to_owned(),
        };
        return Ok((name, check(name, form, &value)?));
    }
    let own = OPTIONS.iter().filter(|(_, form)| !matches!(form, Form::Own(_) | Form::Off(_)));
    let known: Vec<&str> = super::x264::NAMES.iter().copied().chain(own.map(|(n, _)| *n)).collect();
    Err(CodingError::Unknown {
        encoder: Encoder::Libx264,
        name: name.to_owned(),
        known: known.join(", "),
    })
}

fn check(name: &str, form: Form, value: &str) -> Result<String, CodingError> {
    let wrong = |wanted: String| CodingError::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        wanted,
    };
    let refused =
        |reason| CodingError::Refused { name: name.to_owned(), value: value.to_owned(), reason };
    // Colons part the options of x264enc; x264 reads commas as well.
    let listed = value.trim().replace([':', '|'], ",");
    match form {
        Form::Whole(from, to) => whole(name, value, from..=to).map(|number| number.to_string()),
        Form::Number => match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(value.trim().to_owned()),
            _ => Err(wrong("a number".to_owned())),
        },
        Form::Switch => switch(value)
            .map(|is_on| u8::from(is_on).to_string())
            .ok_or_else(|| wrong("0 or 1".to_owned())),
        Form::Word(words) => {
            let is_place = value.parse::<usize>().is_ok_and(|place| place < words.len());
            let is_word = words.contains(&value);
            (is_word || is_place)
                .then(|| value.to_owned())
                .ok_or_else(|| wrong(format!("one of {}", words.join(", "))))
        }
        Form::Words(words) => {
            let is_known = listed.split(',').all(|word| words.contains(&word));
            (is_known || listed == "all" || listed == "none")
                .then_some(listed)
                .ok_or_else(|| wrong(format!("all, none, or some of {}", words.join(","))))
        }
        Form::Numbers => listed
            .split(',')
            .all(|number| number.trim().parse::<f64>().is_ok_and(f64::is_finite))
            .then_some(listed)
            .ok_or_else(|| wrong("numbers with commas between".to_owned())),
        Form::Free if value.contains([':', '=']) && name != "zones" => {
            Err(wrong("a plain value".to_owned()))
        }
        Form::Free => Ok(value.trim().replace(':', ",")),
        Form::Off(reason) if switch(value) == Some(false) || value == "none" => {
            let _ = reason;
            Ok("0".to_owned())
        }
        Form::Off(reason) => Err(refused(reason)),
        // What it is anyway may be said.
        Form::Own(_) if name == "ref" && value == "1" => Ok("1".to_owned()),
        Form::Own(_) if name == "stitchable" && switch(value) == Some(true) => Ok("1".to_owned()),
        Form::Own(reason) => Err(refused(reason)),
    }
}

/// x264's words for off and on (`atobool`), and ours.
fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::init;
    use std::process::Command;

    /// A value that x264 takes for an option of this form.
    fn sample(name: &str, form: Form) -> String {
        match (name, form) {
            ("cqm4" | "cqm4i" | "cqm4p" | "cqm4iy" | "cqm4ic" | "cqm4py" | "cqm4pc", _) => {
                ["16"; 16].join(",")
            }
            ("cqm8" | "cqm8i" | "cqm8p", _) => ["16"; 64].join(","),
            ("zones", _) => "0,1,q=30".to_owned(),
            ("level", _) => "4.1".to_owned(),
            (_, Form::Whole(from, _)) => from.to_string(),
            (_, Form::Word(words) | Form::Words(words)) => words[0].to_owned(),
            (_, Form::Numbers) => "-1,1".to_owned(),
            _ => "0".to_owned(),
        }
    }

    /// What the installed x264 says about options, by way of `gst-launch-1.0`.
    fn said_of(options: &str) -> String {
        // After a complaint it may wait for ever.
        let output = Command::new("timeout")
            .env("GST_DEBUG", "x264enc:1")
            .env("GST_DEBUG_NO_COLOR", "1")
            .args(["10", "gst-launch-1.0", "-q", "videotestsrc", "num-buffers=1", "!", "x264enc"])
            .arg(format!("option-string={options}"))
            .args(["!", "fakesink"])
            .output()
            .expect("gst-launch-1.0 is needed for this test");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    #[test]
    fn the_installed_x264_knows_every_option_and_form() {
        init().expect("GStreamer starts");
        let settable = OPTIONS.iter().filter(|(_, form)| !matches!(form, Form::Own(_)));
        let options: Vec<String> = settable
            .map(|(name, form)| {
                let value = check(name, *form, &sample(name, *form)).expect(name);
                format!("{name}={value}")
            })
            .collect();
        let said = said_of(&options.join(":"));
        assert!(!said.contains("Bad"), "{said}");
        // The judge must be able to complain.
        assert!(said_of("merrange=16").contains("Bad name"));
        assert!(said_of("me=best").contains("Bad value"));
    }

    #[test]
    fn lists_may_be_written_as_x264_writes_them() {
        assert_eq!(checked("psy_rd", "0.5:0.0"), Ok(("psy-rd", "0.5,0.0".to_owned())));
        assert_eq!(checked("deblock", "-2:1"), Ok(("deblock", "-2,1".to_owned())));
        assert_eq!(checked("no-psy", "1"), Ok(("psy", "0".to_owned())));
        assert_eq!(checked("analyse", "none"), Ok(("partitions", "none".to_owned())));
        assert_eq!(checked("subq", "1"), Ok(("subme", "1".to_owned())));
    }
}
