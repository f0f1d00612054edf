//! A walk into a file.

use super::{ExportError, Walk};
use crate::{
    engine::FlashLimiter,
    media::{GstDecoder, Recorder, StreamFile},
    ports::{Decoder, Shown, SplicedUnit},
    units::{Canvas, Picture},
};
use std::{sync::Arc, time::Duration};

/// How long the decoder may take over one picture: a loaded machine may take its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Writes the spliced stream of `slots` slots, without decoding or encoding anything. Slots that
/// hold prolong the picture before. Before each slot `goes_on` is told how many are done; where it says
/// no the render ends early.
///
/// # Errors
/// It could not be spliced, or the file took no more.
pub fn copy(
    walk: &mut Walk,
    slots: u64,
    file: &mut StreamFile,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(), ExportError> {
    for slot in 0..slots {
        if !goes_on(slot) {
            return Err(ExportError::Ended { slots: slot });
        }
        let Some(fed) = walk.next_slot()? else { continue };
        let unit = SplicedUnit {
            slot,
            part: 0,
            parts: 1,
            is_intra: fed.is_intra,
            format: fed.format,
            bytes: fed.bytes,
        };
        if !file.write(&unit) {
            return Err(ExportError::Ended { slots: slot });
        }
    }
    Ok(())
}

/// Decodes `slots` slots and records the pictures as they are: what the engine records with a look
/// that changes nothing; with `is_limited`, flashes are held back as it does. Slots that hold repeat
/// the picture before. Before each slot `goes_on` is told how many are done; where it says no the
/// render ends early.
///
/// # Errors
/// It could not be spliced or decoded, or the file took no more.
pub fn decode(
    walk: &mut Walk,
    slots: u64,
    canvas: Canvas,
    is_limited: bool,
    recorder: &mut Recorder,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(), ExportError> {
    let mut decoder: Option<GstDecoder> = None;
    let mut pictures = Pictures::new(canvas);
    let mut limiter = is_limited.then(|| FlashLimiter::new(canvas));
    for slot in 0..slots {
        if !goes_on(slot) {
            return Err(ExportError::Ended { slots: slot });
        }
        if let Some(fed) = walk.next_slot()? {
            if fed.begins {
                decoder = Some(GstDecoder::new(fed.format)?);
            }
            let Some(decoder) = &mut decoder else { return Err(ExportError::NoPicture { slot }) };
            decoder.push(slot, fed.bytes)?;
            let before = pictures.last();
            let picture = pictures.fresh();
            if !decoder.pull(slot, PATIENCE, &mut |planes| picture.copy_from(planes))? {
                return Err(ExportError::NoPicture { slot });
            }
            if let Some(limiter) = &mut limiter {
                limiter.limit(slot, &before, picture);
            }
        }
        if !recorder.write(&Shown { slot, picture: pictures.last() }) {
            return Err(ExportError::Ended { slots: slot });
        }
    }
    Ok(())
}

/// Pictures that are used again when the recorder has let go of them.
struct Pictures {
    canvas: Canvas,
    pool: Vec<Arc<Picture>>,
    last: usize,
}

impl Pictures {
    fn new(canvas: Canvas) -> Self {
        let black = Arc::new(Picture::black(canvas.width, canvas.height));
        Self { canvas, pool: vec![black], last: 0 }
    }

    /// A picture that nobody else holds; it is the last from now on.
    fn fresh(&mut self) -> &mut Picture {
        let free = self.pool.iter_mut().position(|picture| Arc::get_mut(picture).is_some());
        self.last = free.unwrap_or_else(|| {
            self.pool.push(Arc::new(Picture::black(self.canvas.width, self.canvas.height)));
            self.pool.len() - 1
        });
        // Nobody else holds it: nothing is copied.
        Arc::make_mut(&mut self.pool[self.last])
    }

    fn last(&self) -> Arc<Picture> {
        Arc::clone(&self.pool[self.last])
    }
}
