//! `residua recognise`: what a classifier sees in a picture, and how far it can be compressed until it
//! sees something else.

mod results;
mod rounds;
mod ways;

use super::{
    decay::picture,
    interrupt,
    options::{LossWay, ModelOptions, RecogniseOptions},
    out,
};
use crate::{
    decay::rgb::Rgb,
    recognition::{BUNDLED_ABOUT, Classifier, Hierarchy, Pixels, Verdict, bundled},
};
use anyhow::{Context, Result, bail};
use results::Results;
use rounds::{End, Judge, until_lost};
use std::{fs, path::Path};

/// Classes that are printed.
const TOP: usize = 5;

pub fn run(options: &RecogniseOptions) -> Result<()> {
    let classifier = classifier(&options.model)?;
    let hierarchy = match &options.hierarchy {
        None => Hierarchy::flat(classifier.labels()),
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
            Hierarchy::parse(&text, classifier.labels())
                .with_context(|| path.display().to_string())?
        }
    };
    let picture = picture::open(&options.picture)?;
    match (options.until_lost, &options.output) {
        (Some(way), Some(output)) => {
            let judge =
                Judge { classifier, hierarchy, level: options.level, margin: options.margin };
            lose(options, way, output, &judge, picture)
        }
        _ => {
            let verdict = classifier.look(pixels(&picture))?;
            if options.model.model.is_none() {
                out::say(format_args!("# {BUNDLED_ABOUT}"));
            }
            out::print(&told(&verdict, &hierarchy))
        }
    }
}

/// The classifier that was asked for, or the bundled one.
pub fn classifier(options: &ModelOptions) -> Result<Classifier> {
    Ok(match (&options.model, &options.labels) {
        (Some(model), Some(labels)) => Classifier::open(model, labels)?,
        _ => bundled()?,
    })
}

fn pixels(picture: &Rgb) -> Pixels<'_> {
    Pixels { width: picture.width, height: picture.height, pixels: &picture.pixels }
}

/// The likeliest classes, and of each level above what is likeliest.
fn told(verdict: &Verdict, hierarchy: &Hierarchy) -> String {
    let line = |probability: f32, name: &str| format!("{probability:.3}  {name}\n");
    let mut text = String::new();
    for ranked in verdict.top(TOP) {
        let above: Vec<&str> = (1..hierarchy.levels())
            .map(|level| hierarchy.above(ranked.class, level))
            .filter(|name| *name != hierarchy.above(ranked.class, 0))
            .collect();
        let mut name = hierarchy.above(ranked.class, 0).to_owned();
        for above in above {
            if !name.ends_with(above) {
                name += &format!(" < {above}");
            }
        }
        text += &line(ranked.probability, &name);
    }
    for level in 1..hierarchy.levels() {
        let (names, verdict) = hierarchy.verdict(verdict, level);
        text += &format!("level {level}:\n");
        for ranked in verdict.top(TOP) {
            text += &line(ranked.probability, names[ranked.class]);
        }
    }
    text
}

fn lose(
    options: &RecogniseOptions,
    way: LossWay,
    output: &Path,
    judge: &Judge,
    picture: Rgb,
) -> Result<()> {
    if options.level >= judge.hierarchy.levels() {
        let levels = judge.hierarchy.levels() - 1;
        bail!("--level {}: the hierarchy has levels 0 to {levels}", options.level);
    }
    let mut results = Results::open(output, way)?;
    let quit = interrupt::flag()?;
    let mut way = ways::start(options, way, &picture)?;
    let table = |row: &rounds::Row| out::say(row);
    out::say(rounds::HEAD);
    let told =
        until_lost(judge, &picture, way.as_mut(), options.most_rounds, &quit, &mut |seen| {
            table(seen.row);
            results.take(seen)
        })?;
    for path in results.finish()? {
        out::say(path.display());
    }
    let (target, last) = (&told.target, told.last);
    match told.end {
        End::Lost => {
            out::say(format_args!("{target} until round {last}; lost in round {}", last + 1))
        }
        End::Most => out::say(format_args!(
            "{target} to the end: still recognised after {last} rounds (--most-rounds)"
        )),
        End::Smallest => out::say(format_args!(
            "{target} to the end: still recognised at round {last}, and it gets no smaller"
        )),
        End::Interrupted => bail!("ended early, after round {last}"),
    }
    Ok(())
}
