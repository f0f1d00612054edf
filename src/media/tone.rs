//! Pictures of a wider range than the canvas has (PQ, HLG, BT.2020), brought into BT.709.
//!
//! In place, on 16-bit RGBA of the canvas's size, in the thread of GStreamer that pictures pass.
//! Light is display light throughout; diffuse white is 203 cd/m2 in PQ and HLG (ITU-R BT.2408) and
//! becomes the canvas's own peak. What is brighter rolls off as ITU-R BT.2390-8 (5.4.1) has it,
//! by the largest of the three components, so that hues stay; colours outside of BT.709 are clipped.

use gstreamer_video as gst_video;

/// Diffuse white, in cd/m2 (BT.2408, table 1).
const WHITE_NITS: f32 = 203.0;

/// What a picture is mastered for where nothing says so, in cd/m2; also HLG's nominal peak.
const PEAK_NITS: f32 = 1000.0;

/// Exponent of an SDR display (ITU-R BT.1886).
const DISPLAY_GAMMA: f32 = 2.4;

/// Linear BT.2020 to linear BT.709 (ITU-R BT.2087-0, 4.2 inverted).
const BT709_FROM_BT2020: [[f32; 3]; 3] = [
    [1.660_491, -0.587_641_1, -0.072_849_9],
    [-0.124_550_5, 1.132_899_9, -0.008_349_4],
    [-0.018_150_8, -0.100_578_9, 1.118_729_7],
];

/// Entries of each table: finer than 10 bits.
const STEPS: usize = 4096;

/// How light is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transfer {
    Pq,
    Hlg,
    Sdr,
}

/// Brings pictures of one coding into the canvas's.
#[derive(Debug)]
pub(super) struct ToneMap {
    transfer: Transfer,
    /// Light of a coded value: cd/m2 (PQ), scene light 0..=1 (HLG), 0..=1 of white (SDR).
    light: Vec<f32>,
    /// Gain for the largest component, by the square root of its part of `peak`.
    gain: Vec<f32>,
    peak: f32,
    /// Coded value by the square root of light, 0..=1 of white.
    coded: Vec<u16>,
}

impl ToneMap {
    /// For pictures of this colorimetry, or nothing where BT.709 holds all of it. `peak_nits` is what
    /// the pictures were mastered for.
    pub(super) fn of(
        colorimetry: &gst_video::VideoColorimetry,
        peak_nits: Option<f32>,
    ) -> Option<Self> {
        let transfer = match colorimetry.transfer() {
            gst_video::VideoTransferFunction::Smpte2084 => Transfer::Pq,
            gst_video::VideoTransferFunction::AribStdB67 => Transfer::Hlg,
            _ if colorimetry.primaries() == gst_video::VideoColorPrimaries::Bt2020 => Transfer::Sdr,
            _ => return None,
        };
        let peak = match transfer {
            Transfer::Pq => peak_nits.unwrap_or(PEAK_NITS).clamp(WHITE_NITS, 10_000.0),
            Transfer::Hlg => PEAK_NITS,
            Transfer::Sdr => WHITE_NITS,
        };
        let part = |step: usize| step as f32 / (STEPS - 1) as f32;
        let light = (0..STEPS).map(|step| match transfer {
            Transfer::Pq => pq_light(part(step)),
            Transfer::Hlg => hlg_light(part(step)),
            Transfer::Sdr => WHITE_NITS * part(step).powf(DISPLAY_GAMMA),
        });
        let gain = (0..STEPS).map(|step| {
            let nits = part(step).powi(2) * peak;
            if nits > 0.0 { rolled_off(nits, peak) / (nits * WHITE_NITS) } else { 1.0 / WHITE_NITS }
        });
        let coded = (0..STEPS).map(|step| {
            let light = part(step).powi(2);
            (light.powf(1.0 / DISPLAY_GAMMA) * 65535.0).round() as u16
        });
        Some(Self {
            transfer,
            light: light.collect(),
            gain: gain.collect(),
            peak,
            coded: coded.collect(),
        })
    }

    /// Maps little-endian 16-bit RGBA in place.
    pub(super) fn apply(&self, rgba: &mut [u8]) {
        for pixel in rgba.chunks_exact_mut(8) {
            let value = |at: usize| usize::from(u16::from_le_bytes([pixel[at], pixel[at + 1]]));
            let mapped = self.map([value(0), value(2), value(4)]);
            for (place, value) in pixel.chunks_exact_mut(2).zip(mapped) {
                place.copy_from_slice(&value.to_le_bytes());
            }
        }
    }

    /// One colour, 0..=65535 each.
    fn map(&self, coded: [usize; 3]) -> [u16; 3] {
        let mut light = coded.map(|value| self.light[value * (STEPS - 1) / 65535]);
        if self.transfer == Transfer::Hlg {
            // BT.2100: the display's own gamma of 1.2, for a peak of 1000 cd/m2.
            let scene = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
            let gain = PEAK_NITS * scene.powf(0.2);
            light = light.map(|component| component * gain);
        }
        let largest = light[0].max(light[1]).max(light[2]).min(self.peak);
        let step = (largest / self.peak).sqrt() * (STEPS - 1) as f32;
        let gain = self.gain[step.round() as usize];
        BT709_FROM_BT2020.map(|row| {
            let sum: f32 = row.iter().zip(light).map(|(factor, light)| factor * light).sum();
            let root = (sum * gain).clamp(0.0, 1.0).sqrt();
            self.coded[(root * (STEPS - 1) as f32).round() as usize]
        })
    }
}

/// PQ's constants (SMPTE ST 2084).
const M1: f32 = 2610.0 / 16384.0;
const M2: f32 = 2523.0 / 4096.0 * 128.0;
const C1: f32 = 3424.0 / 4096.0;
const C2: f32 = 2413.0 / 4096.0 * 32.0;
const C3: f32 = 2392.0 / 4096.0 * 32.0;

/// Light of a PQ value 0..=1, in cd/m2.
fn pq_light(value: f32) -> f32 {
    let root = value.powf(1.0 / M2);
    10_000.0 * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// PQ value of light in cd/m2.
fn pq_value(nits: f32) -> f32 {
    let root = (nits / 10_000.0).max(0.0).powf(M1);
    ((C1 + C2 * root) / (1.0 + C3 * root)).powf(M2)
}

/// Scene light 0..=1 of an HLG value (ITU-R BT.2100, table 5).
fn hlg_light(value: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    if value <= 0.5 { value * value / 3.0 } else { (((value - C) / A).exp() + B) / 12.0 }
}

/// Light of at most `peak`, rolled off to at most white; both in cd/m2 (BT.2390-8, 5.4.1).
fn rolled_off(nits: f32, peak: f32) -> f32 {
    let whole = pq_value(peak);
    let largest = pq_value(WHITE_NITS) / whole;
    let knee = 1.5 * largest - 0.5;
    let value = pq_value(nits) / whole;
    if value < knee {
        return nits;
    }
    let t = (value - knee) / (1.0 - knee).max(1e-6);
    let (t2, t3) = (t * t, t * t * t);
    let rolled = (2.0 * t3 - 3.0 * t2 + 1.0) * knee
        + (t3 - 2.0 * t2 + t) * (1.0 - knee)
        + (-2.0 * t3 + 3.0 * t2) * largest;
    pq_light(rolled * whole).min(WHITE_NITS)
}

/// What pictures were mastered for, in cd/m2, from the fields of their caps.
pub(super) fn peak_nits(light_level: Option<&str>, mastering: Option<&str>) -> Option<f32> {
    // `maxCLL:maxFALL` in cd/m2; ten numbers, the last but one in 0.0001 cd/m2.
    let field = |text: &str, place: usize| text.split(':').nth(place)?.parse::<f32>().ok();
    light_level
        .and_then(|text| field(text, 0))
        .or_else(|| mastering.and_then(|text| field(text, 8)).map(|value| value / 10_000.0))
        .filter(|nits| *nits > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &str, coded: [f64; 3]) -> [f64; 3] {
        let colorimetry = name.parse::<gst_video::VideoColorimetry>().expect("a colorimetry");
        let tones = ToneMap::of(&colorimetry, None).expect("wider than BT.709");
        tones.map(coded.map(|value| (value * 65535.0) as usize)).map(|v| f64::from(v) / 65535.0)
    }

    #[test]
    fn pq_is_st_2084() {
        // BT.2408, table 1: 203 cd/m2 is PQ .58, 1000 cd/m2 is .75.
        assert!((pq_value(203.0) - 0.5807).abs() < 1e-3);
        assert!((pq_light(0.7518) - 1000.0).abs() < 5.0);
        // BT.2100: the halves of HLG meet at a twelfth of the light.
        assert!((hlg_light(0.5) - 1.0 / 12.0).abs() < 1e-6);
        assert!((hlg_light(1.0) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn shadows_keep_their_light_and_highlights_do_not_clip() {
        // 20 cd/m2, far under the knee: (20 / 203) ^ (1 / 2.4) = .3807, grey stays grey.
        let dark = map("bt2100-pq", [f64::from(pq_value(20.0)); 3]);
        assert!(dark.iter().all(|value| (value - 0.3807).abs() < 0.005), "{dark:?}");
        let white = map("bt2100-pq", [0.5807; 3])[1];
        assert!((0.8..0.97).contains(&white), "{white}");
        let bright = map("bt2100-pq", [0.70; 3])[1];
        let peak = map("bt2100-pq", [0.7518; 3])[1];
        assert!(white < bright && bright < peak && peak > 0.99, "{white} {bright} {peak}");
        // BT.2408: diffuse white is .75 of HLG, and the same light.
        assert!((map("bt2100-hlg", [0.75; 3])[1] - white).abs() < 0.02);
    }

    #[test]
    fn bt2020_without_a_wide_range_changes_primaries_alone() {
        let grey = map("bt2020-10", [0.5; 3]);
        assert!(grey.iter().all(|value| (value - 0.5).abs() < 0.003), "{grey:?}");
        // BT.709's red as BT.2020 has it (BT.2087: .6274, .0691, .0164 of light) is pure red again.
        let red = [0.6274_f64, 0.0691, 0.0164].map(|light| light.powf(1.0 / 2.4));
        let back = map("bt2020-10", red);
        assert!(back[0] > 0.995 && back[1] < 0.06 && back[2] < 0.06, "{back:?}");
        let bt709 = "bt709".parse::<gst_video::VideoColorimetry>().expect("a colorimetry");
        assert!(ToneMap::of(&bt709, None).is_none());
    }

    #[test]
    fn the_peak_is_read() {
        assert_eq!(peak_nits(Some("600:200"), None), Some(600.0));
        let display = "34000:16000:13250:34500:7500:3000:15635:16450:40000000:50";
        assert_eq!(peak_nits(None, Some(display)), Some(4000.0));
        assert_eq!(peak_nits(Some("0:0"), None), None);
    }
}
