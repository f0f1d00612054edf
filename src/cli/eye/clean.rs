//! Clean pictures of any place, by a decoder of the eye's own.

use crate::{
    bitstream::{Splicer, Stream},
    clip::Clip,
    engine::Shape,
    media::{GstDecoder, GstDecoders},
    playhead::{ClipShape, IntraPicture},
    ports::{Decoder, DecoderMaker},
    units::{AccessUnitIndex, Canvas, Direction, Picture, StreamFormat},
};
use anyhow::{Context, Result, bail};
use std::time::Duration;

/// How long a decoder may take over one picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// A place in a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Counted from 0.
    pub clip: usize,
    pub direction: Direction,
    pub unit: AccessUnitIndex,
}

/// The clean point at or before a place.
pub fn point(clip: &Clip, place: Place) -> Place {
    Place { unit: Shape(clip).heal_place(place.direction, place.unit).unit, ..place }
}

/// The decoder.
pub struct Clean {
    decoder: Option<(StreamFormat, GstDecoder)>,
    splicer: Splicer,
    access_unit: Vec<u8>,
    picture: Picture,
    /// The place of the picture.
    place: Option<Place>,
    fed: u64,
}

impl Clean {
    pub fn new(canvas: Canvas) -> Self {
        Self {
            decoder: None,
            splicer: Splicer::new(),
            access_unit: Vec::new(),
            picture: Picture::black(canvas.width, canvas.height),
            place: None,
            fed: 0,
        }
    }

    /// The clean picture of a place, from the clean point at or before it on.
    pub fn exact(&mut self, clip: &Clip, place: Place) -> Result<&Picture> {
        if self.place != Some(place) {
            let decoded = self.go_to(clip, place);
            if decoded.is_err() {
                self.rest();
            }
            decoded?;
        }
        Ok(&self.picture)
    }

    /// Nobody looks: the decoder goes.
    pub fn rest(&mut self) {
        (self.decoder, self.place) = (None, None);
    }

    fn go_to(&mut self, clip: &Clip, place: Place) -> Result<()> {
        let heal = Shape(clip).heal_place(place.direction, place.unit);
        let here = self.place.filter(|here| {
            (here.clip, here.direction) == (place.clip, place.direction)
                && (heal.unit.0..=place.unit.0).contains(&here.unit.0)
        });
        let from = match here {
            Some(here) => here.unit.0,
            None => {
                let (stream, unit) = match heal.intra {
                    IntraPicture::Own(unit) => (clip.stream(place.direction), unit),
                    IntraPicture::Bank(unit) => (clip.bank_of(place.direction), unit),
                };
                self.feed(stream, unit)?;
                heal.unit.0
            }
        };
        for unit in from + 1..=place.unit.0 {
            self.feed(clip.stream(place.direction), AccessUnitIndex(unit))?;
        }
        self.place = Some(place);
        Ok(())
    }

    fn feed(&mut self, stream: &Stream, unit: AccessUnitIndex) -> Result<()> {
        if self.decoder.as_ref().is_none_or(|(format, _)| format != stream.format()) {
            self.splicer.reset();
            self.decoder = Some((stream.format().clone(), GstDecoders.make(stream.format())?));
        }
        let (_, decoder) = self.decoder.as_mut().context("there is no decoder")?;
        self.access_unit.clear();
        self.splicer.splice(stream, unit, &mut self.access_unit)?;
        let number = self.fed;
        self.fed += 1;
        decoder.push(number, &self.access_unit)?;
        let picture = &mut self.picture;
        if !decoder.pull(number, PATIENCE, &mut |planes| picture.copy_from(planes))? {
            bail!("the clean picture cannot be decoded");
        }
        Ok(())
    }
}
