//! The engine's way through the clips, without the engine: one access unit for each slot.

use super::{Course, ExportError, Step};
use crate::{
    bitstream::Splicer,
    clip::{Clip, SliceBuffer},
    engine::Shape,
    modulation::{Curve, Positions},
    playhead::{AtRest, Choice, IntraPicture, Mode, Playhead, Settings},
    units::{Direction, StreamFormat},
};

/// Where a walk goes.
#[derive(Clone, Debug)]
pub enum Route {
    /// Wherever the playhead's own mode of travel takes it, in one clip.
    Free {
        /// The clip, counted from 0.
        clip: usize,
    },
    /// From superframe to superframe of a course.
    Course {
        /// The course.
        course: Course,
        /// Whether the clips that are not active move, too: where they were says in which direction
        /// they are played when their turn comes.
        is_together: bool,
        /// Whether another clip is entered with its own intra picture.
        heals: bool,
    },
}

/// The playhead's settings while it follows a course: it goes where it is put, stays there
/// otherwise, and leaves no picture out, so that every superframe has its full size.
pub(super) fn on_course(settings: Settings) -> Settings {
    Settings {
        is_playing: true,
        mode: Mode::Manual,
        at_rest: AtRest::Bloom,
        position: 0.0,
        push: 0.0,
        // A heal makes its superframe longer: the next begins when it is due all the same.
        jumps_now: true,
        skips_intra: false,
        blooms: false,
        is_reversed: false,
        loop_points: None,
        glide_ticks: 0,
        heals_on_jump: false,
        stutter_units: None,
        ..settings
    }
}

/// What is fed in one slot.
#[derive(Clone, Copy, Debug)]
pub struct Fed<'a> {
    /// The clip, counted from 0.
    pub clip: usize,
    /// What the playhead chose.
    pub choice: Choice,
    /// Whether the access unit holds an intra picture.
    pub is_intra: bool,
    /// Whether a new decoder begins here: the first slot, and another format.
    pub begins: bool,
    /// The format of the stream.
    pub format: &'a StreamFormat,
    /// The access unit, legal after all before it.
    pub bytes: &'a [u8],
}

/// A walk through the clips.
#[derive(Debug)]
pub struct Walk {
    clips: SliceBuffer,
    playheads: Vec<Playhead>,
    settings: Settings,
    clip: usize,
    wanted: usize,
    steps: Vec<Step>,
    /// The positions of each clip at every step, where all move together.
    together: Vec<Vec<u32>>,
    heals: bool,
    slot: u64,
    splicer: Splicer,
    format: Option<StreamFormat>,
    bytes: Vec<u8>,
}

impl Walk {
    /// A walk through these clips, from its beginning.
    ///
    /// # Errors
    /// There is no clip.
    pub fn new(clips: SliceBuffer, settings: Settings, route: &Route) -> Result<Self, ExportError> {
        if clips.is_empty() {
            return Err(ExportError::NoClip);
        }
        let mut walk = Self {
            playheads: vec![Playhead::default(); clips.len()],
            settings,
            clip: 0,
            wanted: 0,
            steps: Vec::new(),
            together: Vec::new(),
            heals: false,
            slot: 0,
            splicer: Splicer::new(),
            format: None,
            bytes: Vec::new(),
            clips,
        };
        match route {
            Route::Free { clip } => {
                walk.clip = (*clip).min(walk.clips.len() - 1);
                walk.wanted = walk.clip;
            }
            Route::Course { course, is_together, heals } => {
                walk.settings = on_course(settings);
                walk.heals = *heals;
                let slices = walk.slices();
                walk.steps = course.steps(&slices);
                if *is_together {
                    walk.together = slices.iter().map(|slices| course.positions(*slices)).collect();
                }
            }
        }
        Ok(walk)
    }

    /// What the functions `drawn` and `list` follow in the clip of a free route.
    pub fn set_paths(&mut self, curve: Option<Curve>, positions: Option<Positions>) {
        let playhead = &mut self.playheads[self.clip];
        playhead.set_curve(curve);
        playhead.set_positions(positions);
    }

    /// Slices of every clip.
    fn slices(&self) -> Vec<u32> {
        slices(&self.clips, self.settings.superframe_size)
    }

    /// The access unit of the next slot; `None` where the picture is held.
    ///
    /// # Errors
    /// What comes next cannot be spliced.
    pub fn next_slot(&mut self) -> Result<Option<Fed<'_>>, ExportError> {
        self.take_step();
        self.slot += 1;
        self.enter_wanted();
        let Self { clips, playheads, settings, clip, splicer, format, bytes, .. } = self;
        let here: &Clip = &clips.clips()[*clip];
        let shape = Shape(here);
        let playhead = &mut playheads[*clip];
        loop {
            let Some(choice) = playhead.next(&shape, settings) else { return Ok(None) };
            // The position follows the playhead, as the engine writes it back.
            if !playhead.is_scrub(settings) && settings.mode != Mode::Manual {
                let own = playhead.knob_position(&shape, settings);
                playhead.note_position(own);
                settings.position = own;
            }
            let (stream, unit) = match choice.heal {
                Some(IntraPicture::Bank(unit)) => (here.bank_of(choice.direction), unit),
                Some(IntraPicture::Own(unit)) => (here.stream(choice.direction), unit),
                None => (here.stream(choice.direction), choice.unit),
            };
            let begins = format.as_ref() != Some(stream.format());
            if begins {
                splicer.reset();
                if choice.heal.is_none() {
                    playhead.heal();
                    continue;
                }
                *format = Some(stream.format().clone());
            }
            bytes.clear();
            splicer.splice(stream, unit, bytes)?;
            let is_intra = stream.is_intra(unit);
            return Ok(Some(Fed {
                clip: *clip,
                choice,
                is_intra,
                begins,
                format: stream.format(),
                bytes,
            }));
        }
    }

    /// Takes what the course wants in this slot.
    fn take_step(&mut self) {
        let size = u64::from(self.settings.superframe_size.max(1));
        if !self.slot.is_multiple_of(size) {
            return;
        }
        let number = (self.slot / size) as usize;
        let Some(step) = self.steps.get(number).copied() else { return };
        let slices = self.slices();
        self.wanted = step.clip;
        self.settings.position = position(step.slice, slices[step.clip]);
        if number == 0 {
            return;
        }
        for (clip, positions) in self.together.iter().enumerate() {
            if clip == step.clip {
                continue;
            }
            // It is played to nobody: what counts is where it has been, and which way it went.
            let settings =
                Settings { position: position(positions[number], slices[clip]), ..self.settings };
            let here: &Clip = &self.clips.clips()[clip];
            let playhead = &mut self.playheads[clip];
            if playhead.is_heal_due() {
                playhead.enter(false);
            }
            playhead.note_position(f64::NAN);
            for _ in 0..size {
                playhead.next(&Shape(here), &settings);
                if playhead.is_between_superframes() {
                    break;
                }
            }
        }
    }

    /// Goes over to the wanted clip.
    fn enter_wanted(&mut self) {
        if self.wanted == self.clip {
            return;
        }
        let left = &mut self.playheads[self.clip];
        let is_heal_asked = left.is_heal_due();
        left.enter(false);
        left.note_position(self.settings.position);
        let stream = self.clips.clips()[self.wanted].stream(Direction::Forward);
        let is_healing = is_heal_asked || self.heals || !self.splicer.can_follow(stream);
        self.clip = self.wanted;
        let playhead = &mut self.playheads[self.clip];
        playhead.enter(is_healing);
        // The position is meant for this clip, wherever it was left.
        playhead.note_position(f64::NAN);
    }
}

/// Slices of every clip at this superframe size.
pub fn slices(clips: &SliceBuffer, size: u32) -> Vec<u32> {
    let units = |clip: &Clip| u32::try_from(clip.forward.len()).unwrap_or(u32::MAX);
    clips.clips().iter().map(|clip| crate::playhead::slices(units(clip), size)).collect()
}

/// A slice as the parameter has it, 0..=1.
pub fn position(slice: u32, slices: u32) -> f64 {
    match slices.saturating_sub(1) {
        0 => 0.0,
        last => f64::from(slice) / f64::from(last),
    }
}
