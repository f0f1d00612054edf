//! Mosh hold: how long damage lives in a clip.
//!
//! An intra picture of other content, encoded with the clip's own settings, then the clip's
//! predicted pictures from its second on. Intra blocks and residuals bring the clip's own picture
//! back sooner or later; Pearson's correlation with a clean decode says how far that has gone.

use super::{GstDecoder, fault::Fault};
use crate::{
    bitstream::Stream,
    clip::HoldPoint,
    ports::Decoder,
    units::{AccessUnitIndex, FrameRate, Planes},
};
use std::time::Duration;

/// Where the correlation is taken, in seconds after the other picture.
const AFTER_SECS: [f32; 4] = [0.5, 1.0, 2.0, 4.0];

/// Every this many rows and columns luma is looked at: a sixteenth of the samples.
const STEP: usize = 4;

/// How long the decoder may take over one picture.
const PATIENCE: Duration = Duration::from_secs(20);

/// Luma of a clip's clean decode, where the hold is measured; as far as the clip is long.
#[derive(Debug)]
pub(super) struct Clean {
    places: Vec<(f32, u32)>,
    taken: Vec<Vec<u8>>,
}

impl Clean {
    /// For the measure of this clip.
    pub(super) fn new(clip: &Stream, rate: FrameRate) -> Self {
        let places: Vec<(f32, u32)> = AFTER_SECS
            .iter()
            .map(|secs| (*secs, (f64::from(*secs) * rate.hertz()).round() as u32))
            .filter(|(_, unit)| *unit >= 1 && (*unit as usize) < clip.len())
            .collect();
        Self { taken: Vec::with_capacity(places.len()), places }
    }

    /// Looks at nothing.
    pub(super) fn none() -> Self {
        Self { places: Vec::new(), taken: Vec::new() }
    }

    /// Keeps the picture of access unit `unit` where it is needed. Units come in rising order.
    pub(super) fn look(&mut self, unit: u32, planes: &Planes<'_>) {
        if self.places.iter().any(|(_, place)| *place == unit) {
            self.taken.push(thumbnail(planes));
        }
    }
}

/// Measures `clip` against the first access unit of `other`.
pub(super) fn measure(
    clip: &Stream,
    other: &Stream,
    clean: &Clean,
) -> Result<Vec<HoldPoint>, Fault> {
    let mut moshed = Clean { places: clean.places.clone(), taken: Vec::new() };
    let units = clean.places.last().map_or(0, |(_, unit)| unit + 1);
    over(clip, other, units, &mut |unit, planes| moshed.look(unit, planes))?;
    let pairs = clean.taken.iter().zip(&moshed.taken);
    let points = clean.places.iter().zip(pairs).map(|((secs, _), (clean, moshed))| HoldPoint {
        after_secs: *secs,
        correlation: pearson(clean, moshed) as f32,
    });
    Ok(points.collect())
}

/// Decodes the first `units` access units of `clip` with the first of `other` in the place of its own.
pub(super) fn over(
    clip: &Stream,
    other: &Stream,
    units: u32,
    look: &mut dyn FnMut(u32, &Planes<'_>),
) -> Result<(), Fault> {
    if clip.format() != other.format() {
        return Err(Fault::Other("the two streams differ in their headers".into()));
    }
    let mut decoder =
        GstDecoder::new(clip.format()).map_err(|error| Fault::Other(error.to_string()))?;
    for unit in 0..units {
        let stream = if unit == 0 { other } else { clip };
        let number = u64::from(unit);
        let came = decoder
            .push(number, stream.access_unit(AccessUnitIndex(unit)))
            .and_then(|()| decoder.pull(number, PATIENCE, &mut |planes| look(unit, planes)))
            .map_err(|error| Fault::Other(error.to_string()))?;
        if !came {
            return Err(Fault::Other(format!("no picture for access unit {unit}")));
        }
    }
    Ok(())
}

fn thumbnail(planes: &Planes<'_>) -> Vec<u8> {
    let rows = planes.data[0].chunks(planes.stride[0]).take(planes.height as usize);
    rows.step_by(STEP)
        .flat_map(|row| row.iter().take(planes.width as usize).step_by(STEP).copied())
        .collect()
}

/// Pearson's correlation coefficient; 0 where one side is flat.
fn pearson(a: &[u8], b: &[u8]) -> f64 {
    let count = a.len().min(b.len()) as f64;
    let mean = |values: &[u8]| values.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut own_a, mut own_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a) - mean_a, f64::from(*b) - mean_b);
        both += a * b;
        own_a += a * a;
        own_b += b * b;
    }
    let product = own_a * own_b;
    if product > 0.0 { both / product.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::pearson;

    #[test]
    fn correlation_is_pearsons() {
        // Worked by hand: deviations (-2,-1,0,1,2) and (-1,-1,-1,1,2): 2+1+0+1+4 = 8;
        // sums of squares 10 and 8; 8 / sqrt(80) = 0.894427.
        let r = pearson(&[1, 2, 3, 4, 5], &[10, 10, 10, 12, 13]);
        assert!((r - 0.894_427).abs() < 1e-5, "{r}");
        assert!((pearson(&[1, 2, 3], &[30, 20, 10]) + 1.0).abs() < 1e-12);
        assert_eq!(pearson(&[7, 7, 7], &[1, 2, 3]).to_bits(), 0.0_f64.to_bits());
    }
}
