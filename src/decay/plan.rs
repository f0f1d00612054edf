//! Which passes one generation takes, and from which picture to which. Pure: touches no GPU.

use super::{rgb::ONE_Q16, settings::Settings};

/// A working picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The decoded picture.
    Decoded,
    /// One of three pictures that generations are made in.
    Work(usize),
}

/// Number of [`Place::Work`] pictures: a pass of sharpen reads two and writes a third.
pub const WORK_PICTURES: usize = 3;

/// A pass from picture to picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Feedback, shift, noise.
    Stir,
    /// Rows of the blur.
    BlurRows,
    /// Columns of the blur.
    BlurColumns,
    /// Rows of sharpen's own blur.
    SharpenRows,
    /// Columns of it, and the difference.
    Sharpen,
    /// Black and white.
    BlackAndWhite,
    /// The JPEG round trip.
    Dct,
}

/// One pass with its pictures. `result` is never one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub pass: Pass,
    /// Picture read.
    pub source: Place,
    /// Second picture read (where the pass reads two).
    pub second: Place,
    /// Picture written.
    pub result: Place,
}

/// Emits the passes of one generation and returns where the worn picture is then. `worn` is where it
/// was; `None` when the decay was healed, so that the decoded picture takes its place.
pub fn generation(settings: &Settings, worn: Option<Place>, emit: &mut dyn FnMut(Step)) -> Place {
    let mut now = match worn {
        Some(worn) if settings.feedback_q16 > 0 => worn,
        _ => Place::Decoded,
    };
    let is_mix = now != Place::Decoded && settings.feedback_q16 < ONE_Q16;
    let mut step = |pass, now: &mut Place, second, avoid| {
        let result = free(*now, avoid);
        emit(Step { pass, source: *now, second, result });
        *now = result;
    };
    let ends_later = settings.blur_px > 0.0
        || settings.sharpen_q16 > 0
        || settings.black_and_white_q16 > 0
        || settings.dct > 0.0;
    // The decoded picture is overwritten by the next one: what is kept must have been copied.
    let must_copy = now == Place::Decoded && !ends_later;
    if is_mix || settings.shifts() || settings.noise_q16 > 0 || must_copy {
        step(Pass::Stir, &mut now, Place::Decoded, Place::Decoded);
    }
    if settings.blur_px > 0.0 {
        step(Pass::BlurRows, &mut now, Place::Decoded, Place::Decoded);
        step(Pass::BlurColumns, &mut now, Place::Decoded, Place::Decoded);
    }
    if settings.sharpen_q16 > 0 {
        let sharp = now;
        step(Pass::SharpenRows, &mut now, Place::Decoded, Place::Decoded);
        step(Pass::Sharpen, &mut now, sharp, sharp);
    }
    if settings.black_and_white_q16 > 0 {
        step(Pass::BlackAndWhite, &mut now, Place::Decoded, Place::Decoded);
    }
    if settings.dct > 0.0 {
        step(Pass::Dct, &mut now, Place::Decoded, Place::Decoded);
    }
    now
}

/// A work picture that is none of these two.
fn free(one: Place, other: Place) -> Place {
    let taken = |index| Place::Work(index) == one || Place::Work(index) == other;
    Place::Work((0..WORK_PICTURES).find(|index| !taken(*index)).unwrap_or(0))
}
