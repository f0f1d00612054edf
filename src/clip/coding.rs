//! What makes pictures into a stream: the encoder, and what it is told. Kept with the clip.

use super::settings::{UnknownChoice, by_name};
use crate::units::Codec;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The encoders that make streams of one intra picture followed by predicted pictures only.
///
/// The default is the one in whose streams damage lives longer on the whole. Correlation with the
/// clean clip after 1 / 2 / 4 seconds on top of other content (lower holds better), 640x360@30, as
/// `residua import --encoder X --canvas 640x360@30 FILE` prints it:
///
/// | clip | libx264 | mpeg4 |
/// | --- | --- | --- |
/// | toy rabbit (demo) | .06 / .37 / .52 | .08 / .11 / .13 |
/// | flower (demo) | .06 / .10 / .21 | .07 / .12 / .20 |
/// | cockatoo, camera in the hand | -.05 / -.06 / .87 | .05 / -.04 / .04 |
/// | cartoon rabbit | .14 / .27 / .35 | .18 / .38 / .44 |
/// | car park, camera at rest | .03 / .03 / .03 | .03 / .04 / .03 |
/// | mean | .05 / .14 / .40 | .08 / .12 / .17 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Encoder {
    /// H.264 by x264: any decoder plays it, hardware ones included.
    Libx264,
    /// MPEG-4 part 2: damage lives longest.
    #[default]
    Mpeg4,
    /// H.264 by OpenH264: what stands in where x264 is not installed.
    Openh264,
    /// H.264 by the encoder of Apple's machines.
    H264Videotoolbox,
    /// H.264 by NVIDIA's encoder.
    H264Nvenc,
    /// H.264 by way of VA-API (Intel, AMD on Linux).
    H264Vaapi,
    /// H.264 by Intel Quick Sync.
    H264Qsv,
    /// H.264 by a Video4Linux encoder (boards such as the Raspberry Pi).
    H264V4l2,
    /// H.264 by AMD's encoder on Windows.
    H264Amf,
}

impl Encoder {
    /// All of them, for help texts and lists; not every machine has each.
    pub const ALL: [Self; 9] = [
        Self::Libx264,
        Self::Mpeg4,
        Self::Openh264,
        Self::H264Videotoolbox,
        Self::H264Nvenc,
        Self::H264Vaapi,
        Self::H264Qsv,
        Self::H264V4l2,
        Self::H264Amf,
    ];

    /// Those that run on any machine and take ready-made settings ([`Mosh`]).
    pub const SOFTWARE: [Self; 2] = [Self::Libx264, Self::Mpeg4];

    /// The coding that it makes.
    pub const fn codec(self) -> Codec {
        match self {
            Self::Mpeg4 => Codec::Mpeg4,
            Self::Libx264
            | Self::Openh264
            | Self::H264Videotoolbox
            | Self::H264Nvenc
            | Self::H264Vaapi
            | Self::H264Qsv
            | Self::H264V4l2
            | Self::H264Amf => Codec::H264,
        }
    }

    /// Whether it is a part of the machine, which may not be there.
    pub const fn is_hardware(self) -> bool {
        !matches!(self, Self::Libx264 | Self::Mpeg4 | Self::Openh264)
    }

    /// As written on the command line and in files (ffmpeg's names).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Libx264 => "libx264",
            Self::Mpeg4 => "mpeg4",
            Self::Openh264 => "openh264",
            Self::H264Videotoolbox => "h264_videotoolbox",
            Self::H264Nvenc => "h264_nvenc",
            Self::H264Vaapi => "h264_vaapi",
            Self::H264Qsv => "h264_qsv",
            Self::H264V4l2 => "h264_v4l2",
            Self::H264Amf => "h264_amf",
        }
    }
}

/// How many pictures there may be from one intra picture to the next, where somebody asks for more
/// than the first.
pub const INTRA_EVERY: RangeInclusive<u32> = 2..=1_000_000;

/// Everything that says how pictures become a stream: the encoder and what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coding {
    /// The encoder.
    pub encoder: Encoder,
    /// Ready-made settings for damage that lives long, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mosh: Option<Mosh>,
    /// Pictures from one intra picture to the next; without it there is only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intra_every: Option<u32>,
    /// Options by the names that the encoder has for them, in the order they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<(String, String)>,
}

impl From<Encoder> for Coding {
    fn from(encoder: Encoder) -> Self {
        Self { encoder, ..Self::default() }
    }
}

/// Ready-made encoder settings by how long damage lives in their streams.
///
/// Correlation with the clean clip after 1 / 2 / 4 seconds on top of other content (1 = healed), at
/// 640x360@30, as `residua import --mosh X --encoder Y --canvas 640x360@30 FILE` prints it:
///
/// | settings | cockatoo, camera in the hand | toy rabbit (demo) | car park, camera at rest |
/// | --- | --- | --- | --- |
/// | libx264 soft | 1.0 / 1.0 / 1.0 | 1.0 / 1.0 / 1.0 | 1.0 / 1.0 / 1.0 |
/// | libx264 as it is | -.05 / -.06 / .87 | .06 / .37 / .52 | .03 / .03 / .03 |
/// | libx264 hard | .01 / .00 / .20 | .06 / .11 / .15 | .03 / .03 / .03 |
/// | libx264 forever | -.03 / -.15 / -.18 | .06 / .07 / .17 | .03 / .03 / .03 |
/// | mpeg4 soft | .87 / .97 / 1.0 | .09 / .44 / .52 | .04 / .05 / .04 |
/// | mpeg4 as it is | .05 / -.04 / .04 | .08 / .11 / .13 | .03 / .04 / .03 |
/// | mpeg4 hard | .05 / .00 / .11 | .08 / .11 / .14 | .03 / .03 / .03 |
/// | mpeg4 forever | .05 / .00 / .00 | .06 / .09 / .12 | .03 / .03 / .03 |
///
/// At 960x540@30 the cockatoo gives 1.0 / 1.0 / 1.0 (libx264 soft), .01 / .09 / .93 (libx264 hard),
/// -.01 / -.14 / -.10 (libx264 forever), .95 / 1.0 / 1.0 (mpeg4 soft) and .06 / .07 / -.03 (mpeg4
/// forever). In what does not move only libx264 soft heals: columns of intra blocks wander over the
/// picture, once in 15 pictures (after half a second the cockatoo is at .22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mosh {
    /// Damage heals by itself within a second or two.
    Soft,
    /// Damage lives for seconds.
    Hard,
    /// Damage stays as long as the encoder lets it.
    Forever,
}

impl Mosh {
    /// All of them, for help texts and lists.
    pub const ALL: [Self; 3] = [Self::Soft, Self::Hard, Self::Forever];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
            Self::Forever => "forever",
        }
    }
}

by_name!(Encoder, Mosh);

impl TryFrom<String> for Encoder {
    type Error = UnknownChoice;

    fn try_from(word: String) -> Result<Self, UnknownChoice> {
        word.parse()
    }
}

impl From<Encoder> for String {
    fn from(encoder: Encoder) -> Self {
        encoder.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_as_they_are_written() {
        for encoder in Encoder::ALL {
            assert_eq!(encoder.to_string().parse(), Ok(encoder));
        }
        for mosh in Mosh::ALL {
            assert_eq!(mosh.to_string().parse(), Ok(mosh));
        }
        let error = "h264_magic".parse::<Encoder>().expect_err("no such encoder").to_string();
        assert!(error.contains("h264_magic") && error.contains("h264_nvenc"), "{error}");
    }

    #[test]
    fn a_whole_coding_is_kept_in_toml() {
        let coding = Coding {
            encoder: Encoder::H264Vaapi,
            mosh: Some(Mosh::Hard),
            intra_every: Some(48),
            options: vec![("qp".into(), "31".into()), ("me".into(), "umh".into())],
        };
        let text = toml::to_string(&coding).expect("a table");
        assert!(text.contains("encoder = \"h264_vaapi\""), "{text}");
        assert_eq!(toml::from_str::<Coding>(&text).expect("reads"), coding);
    }
}
