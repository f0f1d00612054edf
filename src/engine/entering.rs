//! From clip to clip: by the performer's choice, or by chance.

use super::{
    instrument::Engine,
    replay::Replay,
    report::Arrival,
    rows::CLIPS_MAX,
    shape::{self, Shape},
    status::NextClip,
};
use crate::{
    clip::Clip,
    modulation::markov_stays,
    params::{Change, Grid, ParamIndex, Snapshot},
    playhead::{Mode, Playhead},
    ports::DecoderMaker,
    units::{ClipIndex, Direction},
};
use std::sync::Arc;

impl<M: DecoderMaker> Engine<M> {
    /// The clip that was selected, and moved from there by whatever modulates the choice, to the first
    /// or the last at most; `None` where no such clip was selected.
    pub(super) fn wanted_clip(&self) -> Option<usize> {
        let (row, clips) = (self.rows.clip_select, self.clips.len());
        let selected = selected_clip(self.store.base(), row, clips)?;
        let moved = selected as i64 + self.store.offset(row) as i64;
        Some(moved.clamp(0, clips as i64 - 1) as usize)
    }

    /// The clip that was chosen and is not played yet: it waits for the beat, or for the superframe's
    /// end.
    pub(super) fn next_clip(&self) -> Option<NextClip> {
        let row = self.rows.clip_select;
        let spec = self.store.registry().row(row);
        let of_beat = self.hands.gestures.awaited(row).and_then(|(change, waits_for)| {
            let part = |part: f64| spec.plain_from_normalised(part);
            let plain = match change {
                Change::Plain(plain) => spec.clamp(plain),
                Change::Normalised(whole) => part(whole),
                Change::Nudge(by) => {
                    part(spec.normalised_from_plain(self.store.base().get(row)) + by)
                }
                _ => return None,
            };
            let clip = (plain as usize).checked_sub(1)?;
            (clip < self.clips.len()).then_some((clip, waits_for))
        });
        let asked = || self.wanted_clip().map(|clip| (clip, Grid::Off));
        let (clip, waits_for) = of_beat.or_else(asked)?;
        (clip != self.clip).then_some(NextClip { clip: ClipIndex(clip as u16), waits_for })
    }

    /// Before an access unit is chosen: to whatever clip and place chance or the performer wants.
    pub(super) fn go_over(&mut self) {
        self.wander();
        self.enter_selected_clip();
        self.jump_to_cue();
    }

    /// Goes over to the selected clip, at the superframe's end or now.
    fn enter_selected_clip(&mut self) {
        let rows = self.rows;
        let Some(wanted) = self.wanted_clip() else {
            self.notices.warn(format!(
                "there is no clip {}: the set has {}",
                self.store.base().int(rows.clip_select),
                self.clips.len()
            ));
            self.store.set(rows.clip_select, (self.clip + 1) as f64);
            return;
        };
        let settings = self.settings();
        let left = &mut self.playheads[self.clip];
        let may_enter = settings.jumps_now || !settings.is_playing || left.is_between_superframes();
        if wanted == self.clip || !may_enter {
            return;
        }
        // What was asked of the clip that is left is asked of the one that is entered.
        let is_scrub = left.is_scrub(&settings);
        let is_heal_asked = left.is_heal_due();
        let is_over = left.is_between_superframes();
        left.enter(false);
        // A cue that was not reached any more was one of the clip that is left.
        left.take_jump();
        left.note_position(settings.position);
        let is_together = self.store.result().is_on(rows.clip_together);
        let shape = Shape(&self.clips.clips()[self.clip]);
        if is_together && is_over && !is_scrub && settings.is_playing {
            // Its superframe is over: the next place is that of the clip that is entered.
            left.move_on(&shape, &settings);
        }
        let place = left.knob_position(&shape, &settings);
        let way = left.way();
        let superframe_number = left.superframe_number();
        self.own.save(self.clip, self.store.base());
        self.own.load(wanted, &mut self.store);
        let settings = self.settings();

        let wanted_stream = self.clips.clips()[wanted].stream(Direction::Forward);
        let can_follow = self.splicer.can_follow(wanted_stream);
        if !can_follow && self.is_news(self.clip, wanted) {
            self.notices.info("this clip has another coding: it is entered with an intra picture");
        }
        let is_healing =
            is_heal_asked || self.store.result().int(rows.clip_switch) == 1 || !can_follow;
        self.clip = wanted;
        let playhead = &mut self.playheads[wanted];
        playhead.enter(is_healing);
        if is_together {
            // All move as one: the clip is entered where the other was left, on the same way.
            playhead.set_superframe_number(superframe_number);
            if !is_scrub {
                playhead.join(&Shape(&self.clips.clips()[wanted]), &settings, place, way);
                self.store.set(self.playhead_rows.position, place);
            }
            playhead.note_position(f64::NAN);
        } else if settings.mode == Mode::Manual || is_scrub {
            // The knob stands where it stands: the new clip goes there too.
            playhead.note_position(f64::NAN);
        } else {
            let own = playhead.knob_position(&Shape(&self.clips.clips()[wanted]), &settings);
            // At a stop a scrub to its own place shows the new clip.
            playhead.note_position(if settings.is_playing { own } else { f64::NAN });
            self.store.set(self.playhead_rows.position, own);
        }
    }

    /// Whether it has not been said yet that these two clips differ in their coding; then it is.
    fn is_news(&mut self, one: usize, other: usize) -> bool {
        let said = &mut self.said_codings[one.min(other) % CLIPS_MAX];
        let bit = 1 << (one.max(other) % CLIPS_MAX);
        let is_news = *said & bit == 0;
        *said |= bit;
        is_news
    }

    /// After each superframe chance says whether the clip goes on or the next one is entered; unless
    /// the performer has chosen one.
    fn wander(&mut self) {
        let stay = self.store.result().get(self.rows.clip_stay);
        let is_playing = self.store.result().is_on(self.playhead_rows.play);
        let is_over = self.playheads[self.clip].is_between_superframes();
        if !is_playing || !is_over || self.superframes_ended == self.superframes_wandered {
            return;
        }
        self.superframes_wandered = self.superframes_ended;
        let seed = self.playhead_rows.seed(self.store.result());
        if self.wanted_clip() == Some(self.clip)
            && !markov_stays(seed, self.superframes_ended, stay)
        {
            let next = (self.clip + 1) % self.clips.len();
            let offset = self.store.offset(self.rows.clip_select);
            // Modulation may ask for a clip beyond the last: the choice itself stays one there is.
            let choice = ((next + 1) as f64 - offset).clamp(1.0, self.clips.len() as f64);
            self.store.set(self.rows.clip_select, choice);
        }
    }

    /// Jumps to the cue that was asked for: of the clip that is about to be entered, where one is.
    fn jump_to_cue(&mut self) {
        let wanted = self.wanted_clip();
        let Some(cue) = self.cue_due.filter(|_| wanted == Some(self.clip)) else { return };
        self.cue_due = None;
        let position = self.store.result().get(self.rows.families.cue_at[cue]);
        let settings = self.settings();
        let playhead = &mut self.playheads[self.clip];
        playhead.jump(position);
        if settings.mode == Mode::Manual {
            // The knob would pull it back.
            let shape = Shape(&self.clips.clips()[self.clip]);
            let knob = Playhead::knob_of(&shape, &settings, position);
            self.store.cut(self.playhead_rows.position, knob);
            let asked = self.settings().position;
            self.playheads[self.clip].note_position(asked);
        }
    }

    /// Takes in clips that were made while playing.
    pub(super) fn take_arrived_clips(&mut self) {
        while let Some(clip) =
            self.clip_desk.as_ref().and_then(|desk| desk.arrivals.try_recv().ok())
        {
            self.arrivals.push(Arrival::Clip(Arc::clone(&clip)));
            self.add_clip(clip);
        }
        while let Some(clip) = self.replay.as_mut().and_then(Replay::take_clip) {
            self.arrivals.push(Arrival::Clip(Arc::clone(&clip)));
            self.add_clip(clip);
        }
    }

    fn add_clip(&mut self, clip: Arc<Clip>) {
        if self.clips.len() >= CLIPS_MAX {
            self.notices
                .warn(format!("{} finds no place: a set has {CLIPS_MAX} clips at most", clip.name));
            return;
        }
        if (clip.meta.canvas.width, clip.meta.canvas.height)
            != (self.canvas.width, self.canvas.height)
        {
            self.notices.warn(format!("{} has another canvas: it was left out", clip.name));
            return;
        }
        let bytes = shape::spliced_bytes_max(&clip);
        self.access_unit.reserve(bytes);
        self.clean.reserve(bytes);
        self.playheads.push(Playhead::default());
        self.own.add();
        self.features.add(&clip);
        self.notices.info(format!("clip {} is {}", self.clips.len() + 1, clip.name));
        self.clips.push(clip);
    }
}

/// The selected clip as an index; `None` where there is no such clip.
pub(super) fn selected_clip(base: &Snapshot, row: ParamIndex, clips: usize) -> Option<usize> {
    usize::try_from(base.int(row) - 1).ok().filter(|clip| *clip < clips)
}
