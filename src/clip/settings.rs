//! The choices of an import that are kept with the clip.

use crate::units::Codec;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The encoders that make streams of one intra picture followed by predicted pictures only.
///
/// The default is the one in whose streams damage lives longer on the whole. Correlation with the
/// clean clip after 1 / 2 / 4 seconds on top of other content (lower holds better), 640x360@30, as
/// `residua import --encoder X --canvas 640x360@30 FILE` prints it:
///
/// | clip | libx264 | mpeg4 |
/// | --- | --- | --- |
/// | toy rabbit (demo) | .06 / .38 / .52 | .08 / .12 / .13 |
/// | flower (demo) | .06 / .10 / .21 | .07 / .12 / .20 |
/// | cockatoo, camera in the hand | -.02 / .02 / .95 | .06 / .01 / .23 |
/// | cartoon rabbit | .14 / .27 / .35 | .18 / .38 / .45 |
/// | car park, camera at rest | .03 / .03 / .03 | .03 / .04 / .03 |
/// | mean | .05 / .16 / .41 | .09 / .13 / .21 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoder {
    /// H.264: any decoder plays it, hardware ones included.
    Libx264,
    /// MPEG-4 part 2: damage lives longest.
    #[default]
    Mpeg4,
}

impl Encoder {
    /// All of them, for help texts and lists.
    pub const ALL: [Self; 2] = [Self::Libx264, Self::Mpeg4];

    /// The coding that it makes.
    pub const fn codec(self) -> Codec {
        match self {
            Self::Libx264 => Codec::H264,
            Self::Mpeg4 => Codec::Mpeg4,
        }
    }

    /// As written on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Libx264 => "libx264",
            Self::Mpeg4 => "mpeg4",
        }
    }
}

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

/// How a source of another shape comes into the canvas. Pixels that are not square are respected
/// by all but `Stretch`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Fills the canvas; what stands over is cut off, equally on both sides.
    #[default]
    Crop,
    /// All of the source, with black borders.
    Letterbox,
    /// Fills the canvas, out of shape.
    Stretch,
}

impl Fit {
    /// All of them, for help texts and lists.
    pub const ALL: [Self; 3] = [Self::Crop, Self::Letterbox, Self::Stretch];

    /// As written on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crop => "crop",
            Self::Letterbox => "letterbox",
            Self::Stretch => "stretch",
        }
    }
}

/// A word that names none of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is not known here: write one of {choices}")]
pub struct UnknownChoice {
    /// What was written.
    pub word: String,
    /// What could have been.
    pub choices: String,
}

fn find<T: Copy>(
    word: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, UnknownChoice> {
    all.iter().copied().find(|choice| name(*choice) == word).ok_or_else(|| UnknownChoice {
        word: word.to_owned(),
        choices: all.iter().map(|choice| name(*choice)).collect::<Vec<_>>().join(", "),
    })
}

impl FromStr for Encoder {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        find(word, &Self::ALL, Self::name)
    }
}

impl FromStr for Fit {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        find(word, &Self::ALL, Self::name)
    }
}

impl FromStr for Mosh {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        find(word, &Self::ALL, Self::name)
    }
}

impl fmt::Display for Mosh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
        for fit in Fit::ALL {
            assert_eq!(fit.to_string().parse(), Ok(fit));
        }
        let error = "zoom".parse::<Fit>().expect_err("no such fit").to_string();
        assert_eq!(error, "'zoom' is not known here: write one of crop, letterbox, stretch");
    }
}
