//! The chain offline: pictures go in and come out as they are, without the way through 4:2:0. Every
//! call here waits for the GPU.

use super::{
    super::{STAGES, dct, dct::Dct, rgb::Rgb, shift, transfer},
    Chain, DecayError, Frame, Place, Worn,
};

/// What a generation does by chance, told before it is made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// How far the picture moves, right and down, wrapped into 0..size.
    pub shift_px: [i32; 2],
    /// The tables that it is quantised by, if it is.
    pub tables: Option<Dct>,
    /// Whether that is the last thing done.
    pub ends_compressed: bool,
}

impl Chain {
    /// Goes on from this picture, of the chain's size, as the worn one. `is_grey`: its colours are
    /// equal everywhere.
    pub fn load_worn(&mut self, picture: &Rgb, is_grey: bool) {
        let place = Place::Work(0);
        transfer::write(&self.gpu, self.pictures.texture(place), picture);
        self.worn = Some(Worn { place, is_grey });
    }

    /// The worn picture; `None` where there is none.
    ///
    /// # Errors
    /// The device has failed.
    pub fn read_worn(&self) -> Result<Option<Rgb>, DecayError> {
        self.worn.map(|worn| self.read(worn.place)).transpose()
    }

    /// From now on the picture is kept that goes into the first pass of the DCT.
    pub fn keep_uncompressed(&mut self) {
        self.kept_stage = STAGES.iter().position(|kind| kind.name == dct::STAGE.name);
    }

    /// The picture that went into the DCT of the last generation: what a JPEG file is made of that
    /// holds what came out. Only after [`Self::keep_uncompressed`], where the DCT has run and no
    /// stage follows the motion of a clip.
    ///
    /// # Errors
    /// The device has failed.
    pub fn read_uncompressed(&self) -> Result<Rgb, DecayError> {
        self.read(Place::Spare)
    }

    /// What the first generation of this frame is going to do.
    pub fn tell(&mut self, frame: &Frame<'_>) -> Told {
        self.rack.sort(frame.params);
        let now = self.now(frame);
        let mut told = Told::default();
        let mut is_grey = self.worn.is_some_and(|worn| worn.is_grey);
        self.rack.turns(&now, is_grey, &mut |stage, manner, turn| {
            let name = STAGES.get(stage).map(|kind| kind.name);
            told.ends_compressed = name == Some(dct::STAGE.name);
            if name == Some(shift::STAGE.name) {
                told.shift_px =
                    bytemuck::pod_read_unaligned::<shift::Shift>(turn.uniform).offset_px;
            } else if name == Some(dct::STAGE.name) {
                told.tables = Some(bytemuck::pod_read_unaligned(turn.uniform));
            }
            is_grey = turn.greys || (is_grey && manner.keeps_grey);
            is_grey
        });
        told
    }

    fn read(&self, place: Place) -> Result<Rgb, DecayError> {
        transfer::read(&self.gpu, self.pictures.texture(place)).map_err(DecayError::Device)
    }
}
