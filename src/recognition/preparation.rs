//! How a picture is brought into the form that a model wants.
//!
//! Three rules, the first that applies: a note beside the model (`model.toml` beside `model.onnx`) says
//! it; a model that itself begins with subtracting or scaling its input gets levels of 0..=1 and a
//! picture whose short side is the input's; any other gets the preparation of ImageNet's classifiers.
//! Size and layout are always those of the model's own input, where it names them.

use super::scale::{Pixels, scaled};
use serde::Deserialize;

/// Side of the input where a model names none.
const USUAL_SIDE: usize = 224;
/// Means and deviations of ImageNet's pictures, red, green and blue, of levels 0..=1.
const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// The short side of the picture that is cut, of that of the input: 256 of 224.
const IMAGENET_SHORT_SIDE: (usize, usize) = (256, 224);

/// Whether the channels or the pixels stand together in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Batch, channels, height, width.
    Nchw,
    /// Batch, height, width, channels.
    Nhwc,
}

/// How pictures are prepared.
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// Where the channels stand.
    pub layout: Layout,
    /// Height and width of the input in pixels.
    pub size: [usize; 2],
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// What the short side of the whole picture becomes before its middle is cut out, in pixels.
    pub short_side: usize,
    /// What is taken from levels of 0..=1, by channel.
    pub mean: [f32; 3],
    /// What the rest is divided by, by channel.
    pub deviation: [f32; 3],
}

/// Why a note cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// It is no note.
    #[error("{0}")]
    Parse(#[from] toml::de::Error),
    /// A value that makes no sense.
    #[error("{0} must be above 0")]
    Value(&'static str),
}

/// What a note may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// Height and width, for models that name none.
    size: Option<[usize; 2]>,
    short_side: Option<usize>,
    mean: Option<[f32; 3]>,
    deviation: Option<[f32; 3]>,
    /// What the model is, for people.
    #[serde(default, rename = "about")]
    _about: Option<String>,
}

impl Note {
    pub(super) fn parse(text: &str) -> Result<Self, NoteError> {
        let note: Self = toml::from_str(text)?;
        if note.size.is_some_and(|[height, width]| height == 0 || width == 0) {
            return Err(NoteError::Value("size"));
        }
        let is_above = |deviation: [f32; 3]| deviation.iter().all(|part| *part > 0.0);
        if !note.deviation.is_none_or(is_above) {
            return Err(NoteError::Value("deviation"));
        }
        if note.short_side == Some(0) {
            return Err(NoteError::Value("short_side"));
        }
        Ok(note)
    }
}

impl Preparation {
    /// That of an input with these dimensions (`None` = left open), or `None` where it is no picture.
    pub(super) fn of(
        dimensions: Option<&[Option<usize>]>,
        note: Option<&Note>,
        prepares_itself: bool,
    ) -> Option<Self> {
        let usual = [None, Some(3), None, None];
        let dimensions = dimensions.unwrap_or(&usual);
        let is_colour = |channels: Option<usize>| matches!(channels, Some(1 | 3));
        let (layout, channels, height, width) = match *dimensions {
            [Some(0) | Some(2..), ..] => return None,
            [_, channels, height, width] if is_colour(channels) => {
                (Layout::Nchw, channels, height, width)
            }
            [_, height, width, channels] if is_colour(channels) => {
                (Layout::Nhwc, channels, height, width)
            }
            [_, None, height, width] => (Layout::Nchw, Some(3), height, width),
            _ => return None,
        };
        let noted = note.and_then(|note| note.size).unwrap_or([USUAL_SIDE; 2]);
        let size = [height.unwrap_or(noted[0]), width.unwrap_or(noted[1])];
        if size.contains(&0) {
            return None;
        }
        let least = size[0].max(size[1]);
        let (more, of) = IMAGENET_SHORT_SIDE;
        let (short_side, mean, deviation) = match prepares_itself || note.is_some() {
            true => (least, [0.0; 3], [1.0; 3]),
            false => ((least * more).div_ceil(of), IMAGENET_MEAN, IMAGENET_DEVIATION),
        };
        Some(Self {
            layout,
            size,
            channels: channels.unwrap_or(3),
            short_side: note.and_then(|note| note.short_side).unwrap_or(short_side).max(least),
            mean: note.and_then(|note| note.mean).unwrap_or(mean),
            deviation: note.and_then(|note| note.deviation).unwrap_or(deviation),
        })
    }

    /// The shape of the input.
    pub fn shape(&self) -> [usize; 4] {
        let [height, width] = self.size;
        match self.layout {
            Layout::Nchw => [1, self.channels, height, width],
            Layout::Nhwc => [1, height, width, self.channels],
        }
    }

    /// The numbers of the input for a picture: its short side scaled, its middle cut out.
    pub fn prepared(&self, picture: Pixels<'_>) -> Vec<f32> {
        let [height, width] = self.size;
        let scale = self.short_side as f64 / picture.width.min(picture.height).max(1) as f64;
        let side = |side: usize| ((side as f64 * scale).round() as usize).max(self.short_side);
        let (whole_width, whole_height) = (side(picture.width), side(picture.height));
        let small = scaled(picture, whole_width, whole_height);
        let (left, top) = ((whole_width - width) / 2, (whole_height - height) / 2);
        let pixel = |x: usize, y: usize| small[(top + y) * whole_width + left + x];
        let value = |[red, green, blue]: [u8; 3], channel: usize| {
            let level = match self.channels {
                // The luma of ITU-R BT.601-7, section 2.5.1, as Pillow makes a picture grey.
                1 => 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue),
                _ => f32::from([red, green, blue][channel]),
            };
            (level / 255.0 - self.mean[channel]) / self.deviation[channel]
        };
        let mut values = Vec::with_capacity(self.channels * width * height);
        let places = || (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        match self.layout {
            Layout::Nchw => {
                for channel in 0..self.channels {
                    values.extend(places().map(|(x, y)| value(pixel(x, y), channel)));
                }
            }
            Layout::Nhwc => {
                for (x, y) in places() {
                    values.extend((0..self.channels).map(|channel| value(pixel(x, y), channel)));
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_input_says_size_and_layout() {
        let of = |dimensions: &[Option<usize>]| Preparation::of(Some(dimensions), None, false);
        let first = of(&[None, Some(3), None, None]).expect("a picture");
        assert_eq!((first.shape(), first.short_side), ([1, 3, 224, 224], 256));
        assert_eq!((first.mean, first.deviation), (IMAGENET_MEAN, IMAGENET_DEVIATION));
        let last = of(&[Some(1), Some(299), Some(299), Some(3)]).expect("a picture");
        assert_eq!((last.layout, last.shape()), (Layout::Nhwc, [1, 299, 299, 3]));
        assert_eq!(of(&[Some(1), Some(1), Some(28), Some(28)]).expect("grey").channels, 1);
        assert_eq!(Preparation::of(None, None, false), Some(first));
        for wrong in [
            &[Some(1), Some(5), Some(64), Some(64)][..],
            &[Some(1), Some(1000)],
            &[Some(4), Some(3), Some(64), Some(64)],
            &[Some(1), Some(3), Some(0), Some(64)],
        ] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_note_says_the_rest() {
        let shape = [Some(1), Some(3), None, None];
        let note = Note::parse("size = [96, 128]\nmean = [0.5, 0.5, 0.5]").expect("a note");
        let noted = Preparation::of(Some(&shape), Some(&note), false).expect("a picture");
        assert_eq!((noted.size, noted.mean, noted.deviation), ([96, 128], [0.5; 3], [1.0; 3]));
        assert_eq!(noted.short_side, 128);
        for wrong in ["size = [0, 3]", "deviation = [1.0, 0.0, 1.0]", "sice = [1, 1]", "size = 3"] {
            assert!(Note::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_stand_where_the_layout_has_them() {
        let pixels = [[255, 0, 51], [0, 255, 51], [255, 0, 51], [0, 255, 51]];
        let picture = Pixels { width: 2, height: 2, pixels: &pixels };
        let of = |shape: [usize; 4]| {
            let shape = shape.map(Some);
            let of = Preparation::of(Some(&shape), None, true).expect("a picture");
            of.prepared(picture)
        };
        let planes = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.2; 4]].concat();
        assert_eq!(of([1, 3, 2, 2]), planes);
        assert_eq!(of([1, 2, 2, 3])[..6], [1.0, 0.0, 0.2, 0.0, 1.0, 0.2]);
        // By hand: 0.299 x 255 + 0.114 x 51 = 82.059 of 255.
        assert!((of([1, 1, 2, 2])[0] - 0.321_8).abs() < 1e-4);
    }
}
