//! The loop alone: a still that is worn over and over, each result being the next picture, without a
//! clip and without the way through 4:2:0 between generations.
//!
//! The chain is the one that plays live, with the trails full, and without the stages that have nothing
//! to work with here: the mask goes by a clip, and what the codec makes comes back by the clock and is
//! no JPEG file of the frame. Waits for the GPU in every generation.

use crate::{
    decay::{
        Chain, DecayError, FEEDBACK, Frame, Told, codec,
        dct::{
            self, Dct, Sampling, file::write_jpeg, reference::round_trip, tables::quality_percent,
        },
        mask,
        rgb::Rgb,
    },
    gpu::Gpu,
    params::{ParamSpec, Registry, Store},
    units::Picture,
};
use std::sync::Arc;

/// Quality of the JPEG file that the loop begins with.
const FIRST_QUALITY: u32 = 98;

/// Rows that make the loop alone, whatever the look says: full trails, nothing added, all shown.
const ALONE: &[(&str, f64)] = &[
    (FEEDBACK.id, 1.0),
    ("decay.feedback_zoom", 1.0),
    ("decay.feedback_turn_degrees", 0.0),
    ("decay.feedback_drift_x_px", 0.0),
    ("decay.feedback_drift_y_px", 0.0),
    ("decay.amount", 0.0),
    ("decay.mix", 1.0),
    (mask::MASK.id, 0.0),
    (codec::CODEC.id, 0.0),
];

/// Stages that the loop alone goes without: what they are called, their switch and their amount.
const LEFT_OFF: [(&str, &ParamSpec, &ParamSpec); 2] =
    [("mask", &mask::MASK, &mask::MASK_AMOUNT), ("codec", &codec::CODEC, &codec::CODEC_AMOUNT)];

/// Why the loop cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LoopError {
    /// The chain.
    #[error(transparent)]
    Decay(#[from] DecayError),
    /// A picture that does not fit into a JPEG file.
    #[error(transparent)]
    Jpeg(#[from] dct::file::WriteJpegError),
    /// A row that is not there.
    #[error("there is no parameter {0}")]
    Row(&'static str),
    /// A picture that came out of nothing.
    #[error("the loop made no picture: its look does nothing")]
    Nothing,
}

/// One frame of the loop.
#[derive(Debug)]
pub struct LoopFrame {
    /// Its number, from 0: the age of the picture.
    pub number: u64,
    /// How far it has moved since frame 0, right and down, wrapped into 0..size.
    pub moved_px: [u32; 2],
    /// The tables that it was quantised by, if it was.
    pub tables: Option<Dct>,
    /// As video has it: BT.709, without the last column or row where a side is odd.
    pub shown: Picture,
    /// The JPEG file whose decoded picture is this frame, where it was asked for.
    pub file: Option<Vec<u8>>,
}

/// The loop, on its way.
#[derive(Debug)]
pub struct LoopAlone {
    chain: Chain,
    store: Store,
    sampling: Sampling,
    /// Whether a JPEG file can hold what a generation makes: its blocks are JPEG's.
    is_jpeg: bool,
    size_px: [u32; 2],
    left_off: Vec<&'static str>,
    first: Option<(Rgb, Dct)>,
    moved_px: [u32; 2],
    next: u64,
}

impl LoopAlone {
    /// Begins with this picture (both sides at least 16), in black and white unless `keeps_colour`.
    /// `store` has the look's values; what makes the loop alone is set here.
    ///
    /// # Errors
    /// A picture too large for the device, a device or a shader that fails.
    pub fn start(
        gpu: Gpu,
        registry: &Arc<Registry>,
        mut store: Store,
        picture: &Rgb,
        keeps_colour: bool,
        seed: u64,
    ) -> Result<Self, LoopError> {
        let asks = |(_, switch, amount): &(_, &ParamSpec, &ParamSpec)| {
            let base = store.base();
            base.is_on(registry.index_of(switch)) && base.get(registry.index_of(amount)) > 0.0
        };
        let left_off = LEFT_OFF.iter().filter(|row| asks(row)).map(|(name, ..)| *name).collect();
        let find = |id| registry.find(id).ok_or(LoopError::Row(id));
        for (id, plain) in ALONE {
            store.set(find(id)?, *plain);
        }
        if keeps_colour {
            store.set(find("decay.black_and_white")?, 0.0);
        }
        store.settle();
        let truncates = store.base().int(find("decay.rounding")?) == 1;
        let block = store.base().int(registry.index_of(&dct::DCT_BLOCK));
        let size_px = [picture.width as u32, picture.height as u32];
        let mut chain = Chain::new(gpu, registry, size_px[0], size_px[1], seed)?;
        chain.keep_uncompressed();
        let grey = (!keeps_colour).then(|| black_and_white(picture, truncates));
        let tables = Dct::ANNEX_K.scaled(quality_percent(FIRST_QUALITY));
        let first = (grey.unwrap_or_else(|| picture.clone()), tables);
        chain.load_worn(&round_trip(&first.0, &first.1, Sampling::Yuv420), !keeps_colour);
        let sampling = store.base().int(registry.index_of(&dct::DCT_SAMPLING));
        let sampling = usize::try_from(sampling).ok().and_then(|at| dct::SAMPLINGS.get(at));
        Ok(Self {
            chain,
            sampling: sampling.copied().unwrap_or_default(),
            is_jpeg: block == 0,
            store,
            size_px,
            left_off,
            first: Some(first),
            moved_px: [0; 2],
            next: 0,
        })
    }

    /// The stages that the look asks for and that have nothing to work with here: they are off.
    pub fn left_off(&self) -> &[&'static str] {
        &self.left_off
    }

    /// Makes the next frame; the first is the picture itself. `wants_file`: with its JPEG file.
    ///
    /// # Errors
    /// The device has failed, or the picture is too large for a JPEG file.
    pub fn frame(&mut self, wants_file: bool) -> Result<LoopFrame, LoopError> {
        let number = self.next;
        self.next += 1;
        let is_first = number == 0;
        let frame = Frame {
            slot: number,
            picture: None,
            params: self.store.result(),
            generations: u32::from(!is_first),
            heal: false,
            level: 1.0,
            generation: number,
            age: number.saturating_sub(1),
        };
        let told = if is_first { Told::default() } else { self.chain.tell(&frame) };
        self.chain.submit(&frame);
        let mut shown = None;
        let [width, height] = self.size_px.map(|side| side & !1);
        self.chain.collect(None, &mut |_, bytes| {
            let mut picture = Picture::black(width, height);
            picture.data_mut().copy_from_slice(bytes);
            shown = Some(picture);
        });
        if let Some(fault) = self.chain.is_broken() {
            return Err(DecayError::Device(fault).into());
        }
        for (moved, (step, side)) in
            self.moved_px.iter_mut().zip(told.shift_px.iter().zip(self.size_px))
        {
            *moved = (*moved + step.unsigned_abs()) % side;
        }
        let first = self.first.take();
        let tables = first.as_ref().map(|(_, tables)| *tables).or(told.tables);
        let file = match (wants_file, first) {
            (false, _) => None,
            (true, Some((picture, tables))) => {
                Some(write_jpeg(&picture, &tables, Sampling::Yuv420)?)
            }
            (true, None) => Some(self.file(told.tables.filter(|_| told.ends_compressed))?),
        };
        let shown = shown.ok_or(LoopError::Nothing)?;
        Ok(LoopFrame { number, moved_px: self.moved_px, tables, shown, file })
    }

    /// The file of the frame just made: what went into the compression, with its tables. Where the
    /// picture was not compressed as JPEG does it, the finest file of the frame itself.
    fn file(&self, tables: Option<Dct>) -> Result<Vec<u8>, LoopError> {
        match tables.filter(|_| self.is_jpeg) {
            Some(tables) => {
                Ok(write_jpeg(&self.chain.read_uncompressed()?, &tables, self.sampling)?)
            }
            None => {
                let worn = self.chain.read_worn()?.ok_or(LoopError::Nothing)?;
                Ok(write_jpeg(&worn, &Dct::flat(1), Sampling::Yuv444)?)
            }
        }
    }
}

/// The luma of ITU-R BT.601-7, section 2.5.1, in single precision, as the loop has always computed it.
fn black_and_white(picture: &Rgb, truncates: bool) -> Rgb {
    let half = if truncates { 0.0 } else { 0.5 };
    let grey = |[red, green, blue]: [u8; 3]| {
        let luma = 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue);
        [(luma + half) as u8; 3]
    };
    let pixels = picture.pixels.iter().map(|pixel| grey(*pixel)).collect();
    Rgb { width: picture.width, height: picture.height, pixels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine, gpu::adapter_at_hand, params::ParamIndex};
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    const AS_WRITTEN: &[(&str, f64)] = &[
        ("decay.rounding", 1.0),
        ("decay.shift_px", 3.0),
        ("decay.noise_amplitude", 2.0),
        ("decay.blur_radius_px", 1.3),
        ("decay.black_and_white_amount", 1.0),
        ("decay.black_and_white_weights", 1.0),
        ("decay.dct_table", 2.0),
        ("decay.dct_jitter", 0.25),
        ("decay.dct_sampling", 2.0),
    ];

    fn start(values: &[(&str, f64)], keeps_colour: bool, seed: u64) -> Option<LoopAlone> {
        let registry = Arc::new(engine::registry().expect("rows"));
        let mut store = Store::new(Arc::clone(&registry));
        let find = |id| -> ParamIndex { registry.find(id).expect("a row") };
        for (id, plain) in values {
            store.set(find(id), *plain);
        }
        let picture = Rgb::from_fn(45, 37, |x, y| {
            [(x * 5) as u8, (y * 6) as u8, if (x / 6 + y / 5) % 2 == 0 { 250 } else { 20 }]
        });
        let gpu = adapter_at_hand()?;
        let started = LoopAlone::start(gpu, &registry, store, &picture, keeps_colour, seed);
        Some(started.expect("a loop"))
    }

    /// What libjpeg-turbo's own program makes of a file.
    fn decoded(file: &[u8]) -> Rgb {
        let mut djpeg = Command::new("djpeg")
            .args(["-dct", "int", "-pnm", "-rgb"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("djpeg: install libjpeg-turbo-progs");
        djpeg.stdin.take().expect("a pipe").write_all(file).expect("written");
        let output = djpeg.wait_with_output().expect("ended").stdout;
        let head = b"P6\n45 37\n255\n";
        assert!(output.starts_with(head), "{:?}", &output[..head.len()]);
        let pixels = output[head.len()..].as_chunks().0.to_vec();
        Rgb { width: 45, height: 37, pixels }
    }

    #[test]
    fn every_file_holds_exactly_what_the_loop_goes_on_with() {
        let coarse = [AS_WRITTEN, &[("decay.dct_scale_percent", 5000.0)]].concat();
        let fine = [AS_WRITTEN, &[("decay.dct_scale_percent", 1.0)]].concat();
        // Nothing that JPEG could say: the file is as fine as can be.
        let other = [AS_WRITTEN, &[("decay.dct_block", 2.0)]].concat();
        for (values, is_exact) in
            [(AS_WRITTEN, true), (&coarse, true), (&fine, true), (&other, false)]
        {
            for keeps_colour in [false, true] {
                let Some(mut alone) = start(values, keeps_colour, 3) else { return };
                for number in 0..4 {
                    let frame = alone.frame(true).expect("a frame");
                    assert_eq!(frame.number, number);
                    let worn = alone.chain.read_worn().expect("read").expect("a worn picture");
                    let decoded = decoded(&frame.file.expect("a file"));
                    let differs = |(one, other): (&[u8; 3], &[u8; 3])| {
                        (0..3).map(|at| one[at].abs_diff(other[at])).max()
                    };
                    let pixels = decoded.pixels.iter().zip(&worn.pixels);
                    let largest = pixels.filter_map(differs).max().expect("pixels");
                    let limit = if is_exact || number == 0 { 0 } else { 3 };
                    assert!(largest <= limit, "frame {number}: {largest} levels");
                    let is_grey = worn.pixels.iter().all(|[r, g, b]| r == g && g == b);
                    assert_eq!(is_grey, !keeps_colour, "frame {number}");
                }
            }
        }
    }

    #[test]
    fn a_look_with_mask_and_codec_makes_the_frames_of_one_without() {
        let files = |more: &[(&str, f64)], wanted: &[&str]| {
            let mut alone = start(&[AS_WRITTEN, more].concat(), false, 5)?;
            assert_eq!(alone.left_off(), wanted);
            let files = (0..8).map(|_| alone.frame(true).expect("a frame").file.expect("a file"));
            Some(files.collect::<Vec<_>>())
        };
        let Some(plain) = files(&[], &[]) else { return };
        let (mask, codec) = (("decay.mask_amount", 1.0), ("decay.codec_amount", 1.0));
        assert!(files(&[mask], &["mask"]) == Some(plain.clone()));
        assert!(files(&[codec], &["codec"]) == Some(plain.clone()));
        assert!(files(&[mask, codec], &["mask", "codec"]) == Some(plain.clone()));
        // A switch that is off asks for nothing.
        assert!(files(&[mask, ("decay.mask", 0.0)], &[]) == Some(plain));
    }

    #[test]
    fn the_way_of_the_picture_is_told() {
        // Nothing but movement: the picture is frame 0, rolled as far as was told.
        let moves = [("decay.shift_px", 5.0), ("decay.shift_drift_x_px", -2.5)];
        let Some(mut alone) = start(&moves, true, 8) else { return };
        alone.frame(false).expect("frame 0");
        let first = alone.chain.read_worn().expect("read").expect("frame 0");
        let mut ways = Vec::new();
        for _ in 0..12 {
            let [right, down] = alone.frame(false).expect("a frame").moved_px.map(|px| px as usize);
            let worn = alone.chain.read_worn().expect("read").expect("a worn picture");
            let rolled = Rgb::from_fn(45, 37, |x, y| {
                first.pixels[(y + 37 - down) % 37 * 45 + (x + 45 - right) % 45]
            });
            assert_eq!(worn, rolled);
            ways.push([right, down]);
        }
        ways.dedup();
        assert!(ways.len() > 6, "{ways:?}");
    }

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let files = |seed| {
            let mut alone = start(AS_WRITTEN, false, seed)?;
            let files = (0..8).map(|_| alone.frame(true).expect("a frame").file.expect("a file"));
            Some(files.collect::<Vec<_>>())
        };
        let Some(one) = files(1) else { return };
        assert!(files(1) == Some(one.clone()));
        let other = files(2).expect("as before");
        assert!(one[0] == other[0] && one[1] != other[1], "frame 0 is the picture itself");
    }

    #[test]
    fn black_and_white_is_computed_in_single_precision() {
        // With numpy.float32: 0.299 r + 0.587 g + 0.114 b of these greys and colours, truncated.
        let colours =
            [([37; 3], 36), ([61; 3], 60), ([38; 3], 38), ([255, 0, 0], 76), ([0, 255, 0], 149)];
        for (colour, wanted) in colours {
            let picture = Rgb { width: 1, height: 1, pixels: vec![colour] };
            assert_eq!(black_and_white(&picture, true).pixels, [[wanted; 3]], "{colour:?}");
        }
        let picture = Rgb { width: 1, height: 1, pixels: vec![[0, 255, 0]] };
        assert_eq!(black_and_white(&picture, false).pixels, [[150; 3]]);
    }
}
