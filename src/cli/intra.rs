//! Single pictures out of coded streams, for whoever is not the engine.

use crate::{
    bitstream::Stream,
    media::{GstDecoder, GstDecoders},
    ports::{Decoder, DecoderMaker},
    units::{AccessUnitIndex, Canvas, Picture},
};
use anyhow::{Result, bail};
use std::time::Duration;

/// How long a decoder may take over one picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// Decodes intra pictures of one stream, in any order.
pub struct IntraDecoder<'a> {
    decoder: GstDecoder,
    stream: &'a Stream,
    picture: Picture,
    /// Access units fed so far.
    fed: u64,
}

impl<'a> IntraDecoder<'a> {
    /// A decoder for a stream of intra pictures.
    pub fn new(stream: &'a Stream, canvas: Canvas) -> Result<Self> {
        let picture = Picture::black(canvas.width, canvas.height);
        Ok(Self { decoder: GstDecoders.make(stream.format())?, stream, picture, fed: 0 })
    }

    /// The picture of a unit.
    pub fn decode(&mut self, unit: AccessUnitIndex) -> Result<&Picture> {
        let number = self.fed;
        self.fed += 1;
        self.decoder.push(number, self.stream.access_unit(unit))?;
        let picture = &mut self.picture;
        if !self.decoder.pull(number, PATIENCE, &mut |planes| picture.copy_from(planes))? {
            bail!("the picture cannot be decoded");
        }
        Ok(&self.picture)
    }
}

/// The first picture of a stream.
pub fn first(stream: &Stream, canvas: Canvas) -> Result<Picture> {
    let mut decoder = IntraDecoder::new(stream, canvas)?;
    Ok(decoder.decode(AccessUnitIndex(0))?.clone())
}
