//! `residua render --take`.

use super::{say, write};
use crate::{
    cli::{
        interrupt,
        options::RenderOptions,
        out,
        takes::{self, Wishes},
    },
    engine::{Engine, ReplayKind},
    media::GstDecoders,
    take,
    units::Canvas,
};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Renders a take.
pub fn run(path: &Path, options: &RenderOptions) -> Result<()> {
    let output = options.output.as_deref().context("name the file to write with --output")?;
    let quit = interrupt::flag()?;
    let canvas = options.size.as_deref().map(|size| canvas(path, size)).transpose()?;
    let kind = if options.steady { ReplayKind::Steady } else { ReplayKind::Exact };
    let wishes = Wishes {
        kind: Some(kind),
        canvas,
        preset: options.scene.preset.as_deref(),
        is_px_scaled: options.scale_px,
        is_lenient: options.anyway,
    };
    let found = takes::find(path, &wishes, &options.scene)?;
    let (first, slots) = (found.take.from(), found.take.slots());
    if slots <= first {
        bail!("{} ends before it shows a picture", path.display());
    }
    let (scene, _) = takes::scene(found, &options.scene, false)?;
    let notices = scene.notices.clone();
    let next = options.steady.then_some(0);
    let run = |engine: &mut Engine<GstDecoders>| engine.run_take(&quit);
    let made = write(scene, output, &quit, (first, next), run);
    say(&notices);
    for path in made? {
        out::say(path.display());
    }
    Ok(())
}

/// The take's canvas in another size.
fn canvas(path: &Path, size: &str) -> Result<Canvas> {
    if size.contains('@') {
        bail!("a take has its own rate, and no other can be asked for: write --size WIDTHxHEIGHT");
    }
    let rate = take::read(path)?.header.canvas.rate;
    format!("{size}@{rate}").parse().with_context(|| format!("--size {size}"))
}
