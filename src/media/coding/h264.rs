//! What the other H.264 encoders are told: OpenH264, and those in hardware.
//!
//! Hardware encoders could not be tried where this was written: their settings are those that
//! GStreamer documents for predicted pictures only, and every stream is read back and looked at
//! before it becomes a clip.

use super::{
    CodingError, Property, Recipe, kilobits,
    properties::{Rules, checked},
    whole,
};
use crate::{clip::Encoder, media::plugins};

/// Without a word on it.
const QUANTISER: i64 = 31;

/// The quantiser of the intra bank, where the stream's own is not finer still.
const BANK_QUANTISER: i64 = 23;

/// One way to an encoder.
#[derive(Clone, Copy, Debug)]
struct Way {
    encoder: Encoder,
    element: &'static str,
    /// One reference, no B pictures, no intra pictures of its own accord.
    always: &'static [(&'static str, &'static str)],
    /// Properties that hold the quantiser, all of them the same.
    quantiser: &'static [&'static str],
    /// The property that holds the distance of intra pictures.
    distance: Option<&'static str>,
    /// Its value for "never".
    never: &'static str,
}

/// In the order of preference for each encoder.
const WAYS: &[Way] = &[
    Way {
        encoder: Encoder::Openh264,
        element: "openh264enc",
        always: &[
            // Rate control between two equal bounds is a constant quantiser.
            ("rate-control", "bitrate"),
            ("bitrate", "2000000"),
            ("enable-frame-skip", "false"),
            ("scene-change-detection", "false"),
            ("background-detection", "false"),
            ("adaptive-quantization", "false"),
            ("multi-thread", "1"),
            ("complexity", "medium"),
        ],
        quantiser: &["qp-min", "qp-max"],
        distance: Some("gop-size"),
        never: "0",
    },
    Way {
        encoder: Encoder::H264Videotoolbox,
        element: "vtenc_h264_hw",
        always: VIDEO_TOOLBOX,
        quantiser: &[],
        distance: Some("max-keyframe-interval"),
        never: "2147483647",
    },
    Way {
        encoder: Encoder::H264Videotoolbox,
        element: "vtenc_h264",
        always: VIDEO_TOOLBOX,
        quantiser: &[],
        distance: Some("max-keyframe-interval"),
        never: "2147483647",
    },
    Way {
        encoder: Encoder::H264Nvenc,
        element: "nvh264enc",
        always: &[("bframes", "0"), ("zerolatency", "true"), ("rc-mode", "constqp")],
        quantiser: &["qp-const"],
        distance: Some("gop-size"),
        never: "-1",
    },
    Way {
        encoder: Encoder::H264Vaapi,
        element: "vah264enc",
        always: &[("b-frames", "0"), ("ref-frames", "1"), ("rate-control", "cqp")],
        quantiser: &["qpi", "qpp"],
        distance: Some("key-int-max"),
        never: "1024",
    },
    Way {
        encoder: Encoder::H264Vaapi,
        element: "vaapih264enc",
        always: &[("max-bframes", "0"), ("refs", "1"), ("rate-control", "cqp")],
        quantiser: &["init-qp"],
        distance: Some("keyframe-period"),
        never: "2147483647",
    },
    Way {
        encoder: Encoder::H264Qsv,
        element: "qsvh264enc",
        always: &[("b-frames", "0"), ("ref-frames", "1"), ("rate-control", "cqp")],
        quantiser: &["qp-i", "qp-p"],
        distance: Some("gop-size"),
        never: "2147483647",
    },
    Way {
        encoder: Encoder::H264V4l2,
        element: "v4l2h264enc",
        always: &[(
            "extra-controls",
            "controls,video_b_frames=0,repeat_sequence_header=0,video_gop_size=2147483647",
        )],
        quantiser: &[],
        distance: None,
        never: "",
    },
    Way {
        encoder: Encoder::H264Amf,
        element: "amfh264enc",
        always: &[("rate-control", "cqp")],
        quantiser: &["qp-i", "qp-p"],
        distance: Some("gop-size"),
        never: "0",
    },
];

const VIDEO_TOOLBOX: &[(&str, &str)] =
    &[("allow-frame-reordering", "false"), ("realtime", "false"), ("quality", "0.4")];

/// The element that an encoder is used through: the one that is installed, else the first choice.
pub(in crate::media) fn element_of(encoder: Encoder) -> &'static str {
    match encoder {
        Encoder::Libx264 => "x264enc",
        Encoder::Mpeg4 => "avenc_mpeg4",
        other => {
            let mut ways = WAYS.iter().filter(|way| way.encoder == other);
            let installed = ways.clone().find(|way| plugins::is_installed(way.element));
            installed.or_else(|| ways.next()).map_or("", |way| way.element)
        }
    }
}

/// Whether an encoder is installed here. GStreamer must have been started.
pub(in crate::media) fn is_here(encoder: Encoder) -> bool {
    plugins::is_installed(element_of(encoder))
}

pub(super) fn recipe(
    encoder: Encoder,
    options: &[(&str, &str)],
    intra_every: Option<u32>,
) -> Result<Recipe, CodingError> {
    let ways = WAYS.iter().filter(|way| way.encoder == encoder);
    let Some(way) = ways.clone().find(|way| plugins::is_installed(way.element)) else {
        let elements = ways.map(|way| way.element).collect::<Vec<_>>().join(" or ");
        return Err(CodingError::Absent { encoder, elements });
    };
    let element = plugins::make(way.element)?;
    let own = way.always.iter().map(|(name, _)| *name);
    let refused: Vec<_> = own
        .chain(way.quantiser.iter().copied())
        .chain(way.distance)
        .map(|name| (name, "the import sets it itself; say qp, or -g for intra pictures"))
        .collect();
    let rules = Rules { encoder, refused: &refused, aliases: &[], extra: "qp" };
    let mut quantiser = QUANTISER;
    let mut asked: Vec<Property> = Vec::new();
    for (name, value) in options {
        match *name {
            // As ffmpeg has it: none is asked for.
            "qp" if value.trim() == "-1" => {}
            "qp" if !way.quantiser.is_empty() => quantiser = whole(name, value, 1..=51)?,
            "bf" | "bframes" if *value == "0" => {}
            _ => {
                // VideoToolbox is told kilobits by GStreamer, and bits such as 10M by ffmpeg's users.
                let is_bits = encoder == Encoder::H264Videotoolbox && *name == "bitrate";
                let value = match is_bits {
                    true => kilobits(name, value, 1..=2_000_000)?.to_string(),
                    false => (*value).to_owned(),
                };
                let (name, value) = checked(&rules, &element, name, &value)?;
                asked.retain(|(other, _)| *other != name);
                asked.push((name, value));
            }
        }
    }
    let with = |quantiser: i64| {
        way.quantiser.iter().map(move |name| (*name, quantiser.to_string())).collect::<Vec<_>>()
    };
    let mut properties: Vec<Property> =
        way.always.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    properties.extend(with(quantiser));
    properties.extend(asked);
    if let Some(name) = way.distance {
        let distance = intra_every.map_or_else(|| way.never.to_owned(), |every| every.to_string());
        properties.push((name, distance));
    } else if intra_every.is_some() {
        return Err(CodingError::Refused {
            name: "-g".into(),
            value: "set".into(),
            reason: "this encoder cannot be told where intra pictures stand",
        });
    }
    let bank = BANK_QUANTISER.min((quantiser - 2).max(1));
    Ok(Recipe { encoder, element: way.element, properties, bank: with(bank), intra_every })
}
