//! `residua import`.

use super::{
    loading::load_all,
    material::{open_library, usual_canvas},
    options::ImportOptions,
    out,
};
use crate::{clip::Meta, media, set::ClipEntry};
use anyhow::{Result, anyhow, bail};

pub fn run(options: &ImportOptions) -> Result<()> {
    media::init()?;
    // The same canvas as `play` would take, so that what is imported now is there then.
    let canvas = options.canvas.unwrap_or_else(usual_canvas);
    if options.backward.is_some() && options.sources.len() > 1 {
        bail!("--backward goes with one video: import the others on their own");
    }
    let library = open_library(&options.conform)?;
    let entry = |path| ClipEntry { backward: options.backward.clone(), ..ClipEntry::of(path) };
    let entries: Vec<ClipEntry> = options.sources.iter().cloned().map(entry).collect();
    let mut failures = Vec::new();
    for outcome in load_all(&library, &entries, canvas, &options.conform)? {
        match outcome {
            Ok(ready) => {
                out::say(ready.folder.display());
                out::say(summary(&ready.clip.meta));
            }
            Err(why) => failures.push(why),
        }
    }
    match (failures.len(), entries.len()) {
        (0, _) => Ok(()),
        (1, 1) => Err(anyhow!(failures.remove(0))),
        (failed, all) => {
            for why in failures {
                eprintln!("residua: {why}");
            }
            bail!("{failed} of {all} videos could not be imported")
        }
    }
}

/// One line on a clip: pictures, bytes, encoder, mosh hold.
fn summary(meta: &Meta) -> String {
    let hold: Vec<String> = meta
        .mosh_hold
        .iter()
        .map(|point| format!("{:.2} after {} s", point.correlation, point.after_secs))
        .collect();
    let hold = match meta.hold_badge() {
        Some(badge) => format!("{badge}: {}", hold.join(", ")),
        None if hold.is_empty() => "too short to tell".to_owned(),
        None => hold.join(", "),
    };
    format!(
        "{} pictures, {:.1} MB, {}; mosh hold (1 = healed): {hold}",
        meta.forward.units,
        meta.stream_bytes() as f64 / 1e6,
        meta.coding.encoder.name(),
    )
}
