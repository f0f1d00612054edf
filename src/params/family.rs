//! Families of rows: so many rows that are alike but for their number, declared once.
//!
//! Declared as statics. Their texts are made once a process, at the latest when the rows are joined, so
//! that an engine's tick makes none.

use super::{ParamIndex, ParamSpec, Registry};
use std::{array, ops::Deref, sync::OnceLock};

/// What stands in a pattern for the number of a member; the second for a number within that one.
pub(super) const LETTERS: [&str; 2] = ["N", "M"];

/// The declaration of `COUNT` rows. Where `N` stands alone in the id, the name or the help of the
/// pattern, it becomes the member's number, counted from 1; `M` its second number, where it has one.
///
/// ```
/// use residua::params::{Family, ParamSpec};
///
/// static PADS: Family<8> = Family::new(ParamSpec::trigger("pad.N", "Pad N", "Strikes pad N."));
///
/// assert_eq!(PADS.rows()[2].id, "pad.3");
/// ```
#[derive(Debug)]
pub struct Family<const COUNT: usize> {
    pattern: ParamSpec,
    numbers: fn(usize) -> [usize; 2],
    own: fn(ParamSpec, usize) -> ParamSpec,
    rows: OnceLock<[ParamSpec; COUNT]>,
}

impl<const COUNT: usize> Family<COUNT> {
    /// Members that are all like this row.
    pub const fn new(pattern: ParamSpec) -> Self {
        Self { pattern, numbers: |place| [place + 1, 1], own: |row, _| row, rows: OnceLock::new() }
    }

    /// With two numbers each: `numbers` gives those of the member at a place, which counts from 0.
    pub const fn numbered(mut self, numbers: fn(usize) -> [usize; 2]) -> Self {
        self.numbers = numbers;
        self
    }

    /// With what is its own in each member: `own` is given the pattern and the member's place, which
    /// counts from 0. Texts that it puts in are patterns too.
    pub const fn each(mut self, own: fn(ParamSpec, usize) -> ParamSpec) -> Self {
        self.own = own;
        self
    }

    /// The rows of all members, in their order.
    pub fn rows(&self) -> &[ParamSpec; COUNT] {
        self.rows.get_or_init(|| array::from_fn(|place| self.row(place)))
    }

    fn row(&self, place: usize) -> ParamSpec {
        let (row, numbers) = ((self.own)(self.pattern, place), (self.numbers)(place));
        let text = |pattern| with_numbers(pattern, numbers);
        ParamSpec { id: text(row.id), name: text(row.name), help: text(row.help), ..row }
    }

    /// The members' places in the registry.
    ///
    /// # Panics
    /// See [`Registry::index_of`].
    pub fn resolve(&self, registry: &Registry) -> Members<COUNT> {
        Members(self.rows().each_ref().map(|row| registry.index_of(row)))
    }
}

/// The places of a family's members in the registry, in their order; looked up once.
#[derive(Clone, Copy, Debug)]
pub struct Members<const COUNT: usize>([ParamIndex; COUNT]);

impl<const COUNT: usize> Members<COUNT> {
    /// Which member this row is, counted from 0.
    pub fn member(&self, param: ParamIndex) -> Option<usize> {
        self.0.iter().position(|member| *member == param)
    }
}

impl<const COUNT: usize> Deref for Members<COUNT> {
    type Target = [ParamIndex; COUNT];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A pattern with numbers for its [`LETTERS`]. What has none of them is given back as it is.
fn with_numbers(pattern: &'static str, numbers: [usize; 2]) -> &'static str {
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut text = String::with_capacity(pattern.len());
    for part in pattern.split_inclusive(|letter| !is_of_word(letter)) {
        let word = part.trim_end_matches(|letter| !is_of_word(letter));
        match LETTERS.iter().position(|letter| *letter == word) {
            Some(which) => text += &numbers[which].to_string(),
            None => text += word,
        }
        text += &part[word.len()..];
    }
    // Once a process for each row, so nothing piles up.
    if text == pattern { pattern } else { text.leak() }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FADERS: Family<3> = Family::new(ParamSpec::float(
        "fader.N.at",
        "Fader N",
        "Moves N; None of NN, aN and N_ is a number.",
        (0.0, 9.0),
        0.0,
    ))
    .each(|row, place| row.neutral([7.0, 8.0, 9.0][place]));

    static PADS: Family<6> =
        Family::new(ParamSpec::trigger("pad.N.M", "Pad N (M)", "Strikes pad M of row N."))
            .numbered(|place| [place / 3 + 1, place % 3 + 1]);

    #[test]
    fn a_letter_that_stands_alone_is_the_number() {
        let rows = FADERS.rows();
        assert_eq!(rows.map(|row| row.id), ["fader.1.at", "fader.2.at", "fader.3.at"]);
        assert_eq!(rows[1].name, "Fader 2");
        assert_eq!(rows[2].help, "Moves 3; None of NN, aN and N_ is a number.");
        assert_eq!(rows.map(|row| row.neutral), [7.0, 8.0, 9.0]);
        assert_eq!((rows[1].range(), rows[1].default), ((0.0, 9.0), 0.0));
    }

    #[test]
    fn members_may_have_two_numbers() {
        let rows = PADS.rows();
        let ids = ["pad.1.1", "pad.1.2", "pad.1.3", "pad.2.1", "pad.2.2", "pad.2.3"];
        assert_eq!(rows.map(|row| row.id), ids);
        assert_eq!((rows[5].name, rows[5].help), ("Pad 2 (3)", "Strikes pad 3 of row 2."));
    }

    #[test]
    fn texts_are_made_once() {
        assert!(std::ptr::eq(PADS.rows(), PADS.rows()));
        let held = ParamSpec::trigger("t", "T", "No number.").help;
        assert!(std::ptr::eq(with_numbers(held, [1, 2]), held));
    }

    #[test]
    fn members_are_found_in_the_registry() {
        let registry = Registry::join(&[FADERS.rows(), PADS.rows()]).expect("rows");
        let pads = PADS.resolve(&registry);
        let places: Vec<usize> = pads.iter().map(|pad| pad.dense()).collect();
        assert_eq!(places, [3, 4, 5, 6, 7, 8]);
        assert_eq!(registry.find("pad.2.1"), Some(pads[3]));
        assert_eq!(
            (pads.member(pads[3]), pads.member(FADERS.resolve(&registry)[2])),
            (Some(3), None)
        );
    }
}
