//! The loop alone: a still that is worn over and over, each result being the next picture, without a
//! clip and without the way through 4:2:0 between generations.
//!
//! The chain is the one that plays live, with the trails full. Waits for the GPU in every generation.

use crate::{
    decay::{
        Chain, DecayError, FEEDBACK, Frame, Told,
        dct::{
            self, Dct, Sampling, file::write_jpeg, reference::round_trip, tables::quality_percent,
        },
        rgb::Rgb,
    },
    gpu::Gpu,
    params::{Registry, Store},
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
];

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
            first: Some(first),
            moved_px: [0; 2],
            next: 0,
        })
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
            (true, None) => Some(self.file(told.tables)?),
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
