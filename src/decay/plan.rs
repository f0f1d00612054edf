//! Which passes one generation takes, and from which picture to which. Pure: touches no GPU.

use super::{fixed::ONE_Q16, settings::Settings};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(settings: &Settings, worn: Option<Place>) -> (Vec<Pass>, Place) {
        let mut steps = Vec::new();
        let end = generation(settings, worn, &mut |step| steps.push(step));
        let mut now = steps.first().map(|step| step.source);
        for step in &steps {
            assert_eq!(Some(step.source), now, "each pass reads what the last one wrote");
            assert!(step.result != step.source && step.result != step.second);
            assert_ne!(step.result, Place::Decoded);
            now = Some(step.result);
        }
        (steps.iter().map(|step| step.pass).collect(), end)
    }

    const ALL: Settings = Settings {
        feedback_q16: 30_000,
        mix_q16: ONE_Q16,
        shift_px: 1,
        drift_px: [0.0; 2],
        noise_q16: 1,
        blur_px: 1.0,
        sharpen_q16: 1,
        sharpen_px: 1.0,
        black_and_white_q16: 1,
        dct: 0.1,
    };

    #[test]
    fn all_stages_run_in_order() {
        for worn in [None, Some(Place::Work(0)), Some(Place::Work(1)), Some(Place::Work(2))] {
            use Pass::*;
            let wanted = [Stir, BlurRows, BlurColumns, SharpenRows, Sharpen, BlackAndWhite, Dct];
            assert_eq!(passes(&ALL, worn).0, wanted);
        }
    }

    #[test]
    fn a_stage_that_is_off_costs_nothing() {
        let dct = Settings { dct: 0.5, ..Settings::default() };
        assert_eq!(passes(&dct, None).0, [Pass::Dct]);
        // The loop alone reads the worn picture as it is.
        let alone = Settings { feedback_q16: ONE_Q16, ..dct };
        assert_eq!(passes(&alone, Some(Place::Work(1))).0, [Pass::Dct]);
        let mixed = Settings { feedback_q16: 1, ..dct };
        assert_eq!(passes(&mixed, Some(Place::Work(1))).0, [Pass::Stir, Pass::Dct]);
    }

    #[test]
    fn the_loop_alone_keeps_its_first_picture() {
        let alone = Settings { feedback_q16: ONE_Q16, ..Settings::default() };
        assert_eq!(passes(&alone, None), (vec![Pass::Stir], Place::Work(0)));
        assert_eq!(passes(&alone, Some(Place::Work(2))), (vec![], Place::Work(2)));
    }
}
