//! The loop: compressed again and again until the class changes.

use super::pixels;
use crate::{
    decay::rgb::Rgb,
    recognition::{Classifier, Hierarchy},
};
use anyhow::{Result, bail};
use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

/// The names of a row's columns.
pub const HEAD: &str = "round\tstate\tbytes\tclass\tconfidence\trecognised";

/// One picture on its way, with what there is to say of it.
pub struct Step {
    pub picture: Rgb,
    /// Its file, where this way makes one; else its size in a file says nothing.
    pub file: Vec<u8>,
    /// Its size or quality, for people.
    pub state: String,
}

/// Makes pictures that are ever more compressed.
pub trait Way {
    /// The next, or none where it gets no smaller.
    fn next(&mut self) -> Result<Option<Step>>;
}

/// Says whether a picture is still taken for what it was.
pub struct Judge {
    pub classifier: Classifier,
    pub hierarchy: Hierarchy,
    pub level: usize,
    pub margin: f32,
}

/// What a picture is taken for.
struct Said {
    class: usize,
    name: String,
    probability: f32,
    /// How far it stands above all others.
    margin: f32,
}

impl Judge {
    /// What it sees; where a class is given its name and probability decide whether that is lost.
    fn look(&self, picture: &Rgb, target: Option<usize>) -> Result<(Said, f32)> {
        let verdict = self.classifier.look(pixels(picture))?;
        let (names, verdict) = self.hierarchy.verdict(&verdict, self.level);
        let best = verdict.best();
        let margin = verdict.margin_of(best.class);
        let name = names.get(best.class).copied().unwrap_or_default().to_owned();
        let said = Said { class: best.class, name, probability: best.probability, margin };
        Ok((said, target.map_or(margin, |target| verdict.margin_of(target))))
    }
}

/// A row of the table.
pub struct Row {
    pub round: u32,
    pub state: String,
    pub bytes: usize,
    pub class: String,
    pub confidence: f32,
    pub is_recognised: bool,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { round, state, bytes, class, confidence, is_recognised } = self;
        let is_recognised = if *is_recognised { "yes" } else { "no" };
        write!(f, "{round}\t{state}\t{bytes}\t{class}\t{confidence:.3}\t{is_recognised}")
    }
}

/// A round that is over.
pub struct Seen<'a> {
    pub row: &'a Row,
    pub step: &'a Step,
}

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The class has changed.
    Lost,
    /// The cap.
    Most,
    /// There is no smaller picture.
    Smallest,
    /// By a person.
    Interrupted,
}

/// How the loop went.
pub struct Told {
    pub target: String,
    /// The last round in which it was recognised; 0 = the picture itself.
    pub last: u32,
    pub end: End,
}

/// Goes on until the picture is lost, or `most` rounds are over.
pub fn until_lost(
    judge: &Judge,
    picture: &Rgb,
    way: &mut dyn Way,
    most: u32,
    quit: &AtomicBool,
    tell: &mut dyn FnMut(&Seen<'_>) -> Result<()>,
) -> Result<Told> {
    let (first, _) = judge.look(picture, None)?;
    if first.margin < judge.margin {
        let Said { name, probability, margin, .. } = first;
        bail!(
            "it is not recognised to begin with: {name} at {probability:.3} is {margin:.3} above the \
             others, {:.3} are asked for (--margin)",
            judge.margin
        );
    }
    let mut told = Told { target: first.name, last: 0, end: End::Most };
    // Where nothing is compressed any further the picture itself is the result.
    let step = Step { picture: picture.clone(), file: Vec::new(), state: "original".to_owned() };
    let row = Row {
        round: 0,
        state: step.state.clone(),
        bytes: 0,
        class: told.target.clone(),
        confidence: first.probability,
        is_recognised: true,
    };
    tell(&Seen { row: &row, step: &step })?;
    for round in 1..=most {
        if quit.load(Ordering::Relaxed) {
            told.end = End::Interrupted;
            break;
        }
        let Some(step) = way.next()? else {
            told.end = End::Smallest;
            break;
        };
        let (said, above) = judge.look(&step.picture, Some(first.class))?;
        let is_recognised = said.class == first.class && above >= judge.margin;
        let row = Row {
            round,
            state: step.state.clone(),
            bytes: step.file.len(),
            class: said.name,
            confidence: said.probability,
            is_recognised,
        };
        tell(&Seen { row: &row, step: &step })?;
        if !is_recognised {
            told.end = End::Lost;
            break;
        }
        told.last = round;
    }
    Ok(told)
}
