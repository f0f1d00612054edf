//! The first clip of a show that began with none: it is played as soon as it is there, and clean.

use crate::{
    params::{Change, ControlEvent, Source},
    ui::Roles,
};
use std::time::{Duration, Instant};

/// Pause before it is asked for again: the engine may not have it yet.
const ASK_PAUSE: Duration = Duration::from_millis(500);

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Greeting {
    /// Nothing: the show began with clips, or goes on.
    Over,
    /// The first clip.
    Clip,
    /// That it plays; when it was asked for.
    Play(Option<Instant>),
}

impl Greeting {
    /// A show that begins with a blank alone, or with clips.
    pub(super) fn new(is_blank: bool) -> Self {
        if is_blank { Self::Clip } else { Self::Over }
    }

    /// Whether there is nothing to play yet.
    pub(super) fn is_waiting(self) -> bool {
        self == Self::Clip
    }

    /// Goes on; `clips` is how many there are, `playing` the one in play, from 0. Gives what is to be
    /// done.
    pub(super) fn tend(
        &mut self,
        roles: &Roles,
        clips: usize,
        playing: Option<usize>,
        now: Instant,
    ) -> Vec<ControlEvent> {
        let event = |param, change| ControlEvent { param, change, source: Source::Window };
        match *self {
            Self::Over => Vec::new(),
            // Somebody was faster.
            _ if playing.is_some_and(|place| place > 0) => {
                let asked = std::mem::replace(self, Self::Over);
                let heal = roles.heal.filter(|_| matches!(asked, Self::Play(Some(_))));
                let pressed = [Change::Press(1.0), Change::Release];
                heal.into_iter()
                    .flat_map(|heal| pressed.map(|change| event(heal, change)))
                    .collect()
            }
            Self::Clip if clips > 1 => {
                *self = Self::Play(None);
                Vec::new()
            }
            Self::Clip => Vec::new(),
            Self::Play(asked) if asked.is_some_and(|at| now < at + ASK_PAUSE) => Vec::new(),
            Self::Play(_) => {
                *self = Self::Play(Some(now));
                roles.clip.map(|clip| event(clip, Change::Plain(2.0))).into_iter().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_clip_is_played_and_healed_once() {
        let registry = crate::engine::registry().expect("rows");
        let roles = Roles::resolve(&registry);
        let (mut greeting, begun) = (Greeting::new(true), Instant::now());
        let mut tend = |clips, playing, millis| -> Vec<(&str, Change)> {
            let now = begun + Duration::from_millis(millis);
            let events = greeting.tend(&roles, clips, Some(playing), now);
            events.into_iter().map(|event| (registry.row(event.param).id, event.change)).collect()
        };
        let none: Vec<(&str, Change)> = Vec::new();
        let select = vec![("clip.select", Change::Plain(2.0))];
        assert_eq!(tend(1, 0, 0), none, "nothing is there");
        assert_eq!(tend(2, 0, 10), none);
        assert_eq!(tend(2, 0, 20), select);
        assert_eq!(tend(2, 0, 30), none, "it is waited for");
        assert_eq!(tend(2, 0, 600), select, "the engine did not have it");
        let heal = vec![("heal.all", Change::Press(1.0)), ("heal.all", Change::Release)];
        assert_eq!(tend(2, 1, 700), heal);
        assert_eq!(tend(3, 0, 9_000), none, "from then on the person chooses");
        assert!(!Greeting::new(false).is_waiting());
    }
}
