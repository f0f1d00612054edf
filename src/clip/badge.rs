//! What a clip is called, and how long its damage lives, in a word.

use super::{HoldPoint, Meta, Mosh};
use std::{ffi::OsStr, path::Path};

/// Where the badge is taken, in seconds after the other picture: by then most clips have made up
/// their mind, and nearly all are that long.
const BADGE_AFTER_SECS: f32 = 2.0;

/// Below this correlation nothing of the clip is seen, so nothing heals by itself.
const FOREVER_BELOW: f32 = 0.2;

/// Below this correlation the other picture still prevails.
const HARD_BELOW: f32 = 0.5;

/// What a clip is called: its title, or its source's file name without ending. A file name may hold
/// line breaks and what moves a terminal's cursor; a clip's name does not.
pub fn clip_name(title: Option<&str>, source: &str) -> String {
    let stem = || Path::new(source).file_stem().and_then(OsStr::to_str).unwrap_or(source);
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    title.unwrap_or_else(stem).chars().map(shown).collect()
}

impl Meta {
    /// What the clip is called: its title, or the source's file name without ending.
    pub fn name(&self) -> String {
        clip_name(self.title.as_deref(), &self.source)
    }

    /// How long damage lives in this clip, by the mosh hold at 2 s: a correlation with the clean
    /// clip below 0.2 is [`Mosh::Forever`], below 0.5 [`Mosh::Hard`], else [`Mosh::Soft`]. `None`
    /// where the clip is too short to tell.
    pub fn hold_badge(&self) -> Option<Mosh> {
        badge(&self.mosh_hold)
    }

    /// The name with the badge, as the window shows it: `rabbit · forever`.
    pub fn label(&self) -> String {
        match self.hold_badge() {
            Some(badge) => format!("{} · {badge}", self.name()),
            None => self.name(),
        }
    }

    /// Length of the forward stream in seconds.
    pub fn length_secs(&self) -> f64 {
        f64::from(self.forward.units) / self.canvas.rate.hertz()
    }

    /// Bytes of all its streams.
    pub fn stream_bytes(&self) -> u64 {
        let streams = [&self.forward, &self.backward, &self.intra, &self.intra_backward];
        streams.iter().map(|stream| stream.bytes).sum()
    }
}

fn badge(hold: &[HoldPoint]) -> Option<Mosh> {
    let point = hold.iter().find(|point| point.after_secs == BADGE_AFTER_SECS)?;
    Some(match point.correlation {
        low if low < FOREVER_BELOW => Mosh::Forever,
        middle if middle < HARD_BELOW => Mosh::Hard,
        _ => Mosh::Soft,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_badge_is_the_hold_at_two_seconds() {
        let hold = |correlation| {
            [(1.0, 0.9), (2.0, correlation), (4.0, 0.9)]
                .map(|(after_secs, correlation)| HoldPoint { after_secs, correlation })
        };
        assert_eq!(badge(&hold(-0.3)), Some(Mosh::Forever));
        assert_eq!(badge(&hold(0.19)), Some(Mosh::Forever));
        assert_eq!(badge(&hold(0.2)), Some(Mosh::Hard));
        assert_eq!(badge(&hold(0.49)), Some(Mosh::Hard));
        assert_eq!(badge(&hold(0.5)), Some(Mosh::Soft));
        assert_eq!(badge(&hold(f32::NAN)), Some(Mosh::Soft));
        assert_eq!(badge(&hold(0.0)[..1]), None);
    }
}
