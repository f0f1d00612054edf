//! What presses do, and the grid that waits for the beat.

use std::str::FromStr;

/// Beats of one bar: the instrument counts in four.
pub const BEATS_PER_BAR: f64 = 4.0;

/// The slowest and the fastest tempo, in beats a minute.
pub const BPM_RANGE: (f64, f64) = (20.0, 300.0);

/// What a press of a button, pad or key does to its row, whatever source it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gesture {
    /// On while it is down; a value goes back to where it was. A trigger fires on the way down and,
    /// where it has a grid, at every step of it until let go.
    #[default]
    Hold,
    /// Every press turns it round; a value stays where it was pressed to. A trigger with a grid fires at every step from one press to the
    /// next; one without fires at each press.
    Latch,
    /// On for one step of the grid, or a quarter of a second without one. A trigger fires once.
    OneShot,
}

/// The beats that something waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grid {
    /// It waits for nothing.
    #[default]
    Off,
    /// The next quarter of a beat.
    QuarterBeat,
    /// The next half of a beat.
    HalfBeat,
    /// The next beat.
    Beat,
    /// Every other beat.
    TwoBeats,
    /// The next bar of [`BEATS_PER_BAR`] beats.
    Bar,
    /// Every other bar.
    TwoBars,
    /// Every fourth bar.
    FourBars,
}

/// No such gesture or grid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is none of {}", known.join(", "))]
pub struct UnknownWord {
    word: String,
    known: &'static [&'static str],
}

impl Gesture {
    /// Their names, as files and messages have them, in the order of [`Self::ALL`].
    pub const NAMES: &'static [&'static str] = &["hold", "latch", "one_shot"];
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Latch, Self::OneShot];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Grid {
    /// Their names, as files, rows and messages have them, in the order of [`Self::ALL`].
    pub const NAMES: &'static [&'static str] =
        &["off", "1/4 beat", "1/2 beat", "1 beat", "2 beats", "1 bar", "2 bars", "4 bars"];
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Off,
        Self::QuarterBeat,
        Self::HalfBeat,
        Self::Beat,
        Self::TwoBeats,
        Self::Bar,
        Self::TwoBars,
        Self::FourBars,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The grid of a choice row whose names are [`Self::NAMES`].
    pub fn of_choice(choice: i64) -> Self {
        usize::try_from(choice).ok().and_then(|at| Self::ALL.get(at)).copied().unwrap_or_default()
    }

    /// From one step to the next, in beats; `None` where nothing is waited for.
    pub fn beats(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::QuarterBeat => Some(0.25),
            Self::HalfBeat => Some(0.5),
            Self::Beat => Some(1.0),
            Self::TwoBeats => Some(2.0),
            Self::Bar => Some(BEATS_PER_BAR),
            Self::TwoBars => Some(2.0 * BEATS_PER_BAR),
            Self::FourBars => Some(4.0 * BEATS_PER_BAR),
        }
    }
}

fn find<T: Copy>(all: &[T], known: &'static [&'static str], word: &str) -> Result<T, UnknownWord> {
    let place = known.iter().position(|name| *name == word);
    let found = place.and_then(|place| all.get(place)).copied();
    found.ok_or_else(|| UnknownWord { word: word.to_owned(), known })
}

impl FromStr for Gesture {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        find(&Self::ALL, Self::NAMES, word)
    }
}

impl FromStr for Grid {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        find(&Self::ALL, Self::NAMES, word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for gesture in Gesture::ALL {
            assert_eq!(gesture.name().parse(), Ok(gesture));
        }
        for (place, grid) in Grid::ALL.into_iter().enumerate() {
            assert_eq!(grid.name().parse(), Ok(grid));
            assert_eq!(Grid::of_choice(place as i64), grid);
        }
        assert_eq!((Grid::of_choice(-1), Grid::of_choice(8)), (Grid::Off, Grid::Off));
        assert_eq!(
            "held".parse::<Gesture>().map_err(|error| error.to_string()),
            Err("'held' is none of hold, latch, one_shot".to_owned())
        );
        let beats: Vec<_> = Grid::ALL.iter().filter_map(|grid| grid.beats()).collect();
        assert_eq!(beats, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]);
    }
}
