//! One small chain on a device of its own, which paints looks.

use super::{
    LooksError,
    scale::{fit, scaled},
};
use crate::{
    decay::{Chain, Frame, dct::Dct, unpacked},
    gpu::Gpu,
    params::{ParamIndex, Registry, Store},
    units::Picture,
};
use egui::ColorImage;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Room for a picture of a look, in pixels.
const LOOK_ROOM: (u32, u32) = (160, 90);
/// Room for the chain's pictures: larger, since blocks of 8 pixels on a picture as small as a look would
/// leave nothing to be seen of it.
const CHAIN_ROOM: (u32, u32) = (320, 180);
/// Generations of wear in a picture, one a tick: most looks are themselves by then, and what is coded
/// beside the chain has come back.
const GENERATIONS: u64 = 12;

/// The programme as small as looks are painted on it.
pub fn sketch(programme: &Picture) -> Picture {
    scaled(programme, fit((programme.width(), programme.height()), CHAIN_ROOM))
}

/// Paints looks on pictures of one size. Waits for its device.
#[derive(Debug)]
pub struct Easel {
    chain: Chain,
    store: Store,
    size: (u32, u32),
    is_cpu: bool,
    quit: Arc<AtomicBool>,
}

impl Easel {
    /// Makes device and chain. Takes its time, for shaders are made; gives up once `quit` is set.
    ///
    /// # Errors
    /// No device, or none that the chain runs on.
    pub fn new(
        registry: &Arc<Registry>,
        size: (u32, u32),
        tables: Option<&Dct>,
        quit: &Arc<AtomicBool>,
    ) -> Result<Self, LooksError> {
        let gpu = Gpu::headless()?.until(Arc::clone(quit));
        let is_cpu = gpu.is_cpu();
        let mut chain = Chain::new(gpu, registry, size.0, size.1, 0)?;
        chain.set_patient(true);
        // Each look would ask for shaders of its own, and be painted a dozen times.
        chain.without_fusing();
        if let Some(tables) = tables {
            chain.use_tables(tables);
        }
        Ok(Self {
            chain,
            store: Store::new(Arc::clone(registry)),
            size,
            is_cpu,
            quit: Arc::clone(quit),
        })
    }

    /// The size of the pictures that it takes.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Whether a CPU does the work.
    pub fn is_cpu(&self) -> bool {
        self.is_cpu
    }

    /// What a look makes of a picture of [`Self::size`] in a few generations: every look row neutral
    /// but for `values`, chance always the same. Stages of shaders beside the set are left out.
    ///
    /// # Errors
    /// The device failed, or the end came.
    pub fn paint(
        &mut self,
        picture: &Picture,
        values: &[(ParamIndex, f64)],
    ) -> Result<ColorImage, LooksError> {
        self.store.neutral_look();
        for (row, plain) in values {
            self.store.set(*row, *plain);
        }
        self.store.settle();
        let mut worn = picture.clone();
        let planes = picture.planes();
        for generation in 0..GENERATIONS {
            if self.quit.load(Ordering::Relaxed) {
                return Err(LooksError::Over);
            }
            self.chain.submit(&Frame {
                slot: generation,
                picture: (generation == 0).then_some(&planes),
                params: self.store.result(),
                generations: 1,
                heal: generation == 0,
                level: 1.0,
                generation,
                age: generation,
            });
            self.chain.collect(None, &mut |_, data| worn.data_mut().copy_from_slice(data));
        }
        if let Some(fault) = self.chain.is_broken() {
            return Err(LooksError::Device(fault));
        }
        let small = scaled(&worn, fit(self.size, LOOK_ROOM));
        let rgb = unpacked(&small);
        Ok(ColorImage::from_rgb([rgb.width, rgb.height], rgb.pixels.as_flattened()))
    }
}
