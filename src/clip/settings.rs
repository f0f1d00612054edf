//! How a source comes into the canvas, and how choices are read from words.

use serde::{Deserialize, Serialize};

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

/// The choice of that name.
pub(super) fn find<T: Copy>(
    word: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, UnknownChoice> {
    all.iter().copied().find(|choice| name(*choice) == word).ok_or_else(|| UnknownChoice {
        word: word.to_owned(),
        choices: all.iter().map(|choice| name(*choice)).collect::<Vec<_>>().join(", "),
    })
}

/// Reads and writes choices by their names: each has `ALL` and `name`.
macro_rules! by_name {
    ($($choice:ty),+) => {
        $(
            impl ::std::str::FromStr for $choice {
                type Err = $crate::clip::UnknownChoice;

                fn from_str(word: &str) -> Result<Self, Self::Err> {
                    $crate::clip::settings::find(word, &Self::ALL, Self::name)
                }
            }

            impl ::std::fmt::Display for $choice {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.write_str(self.name())
                }
            }
        )+
    };
}
pub(super) use by_name;

by_name!(Fit);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_as_they_are_written() {
        for fit in Fit::ALL {
            assert_eq!(fit.to_string().parse(), Ok(fit));
        }
        let error = "zoom".parse::<Fit>().expect_err("no such fit").to_string();
        assert_eq!(error, "'zoom' is not known here: write one of crop, letterbox, stretch");
    }
}
