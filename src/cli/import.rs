//! `residua import`.

use super::{
    options::ImportOptions,
    scene::{default_canvas, import, open_library},
};
use crate::{clip::Clip, gpu::Gpu, media, set::ClipEntry};
use anyhow::{Result, bail};

pub fn run(options: &ImportOptions) -> Result<()> {
    media::init()?;
    // The same canvas as `play` would take, so that what is imported now is there then.
    let canvas = options
        .canvas
        .unwrap_or_else(|| default_canvas(Gpu::headless().is_ok_and(|gpu| gpu.is_cpu())));
    if options.backward.is_some() && options.sources.len() > 1 {
        bail!("--backward goes with one video: import the others on their own");
    }
    let library = open_library(&options.conform)?;
    for source in &options.sources {
        let entry = ClipEntry { path: source.clone(), backward: options.backward.clone() };
        let folder = import(&library, &entry, canvas, &options.conform)?;
        let clip = Clip::load(&folder)?;
        println!("{}", folder.display());
        println!("{}", summary(&clip));
    }
    Ok(())
}

/// One line on a clip: pictures, bytes, encoder, mosh hold.
fn summary(clip: &Clip) -> String {
    let meta = &clip.meta;
    let streams = [&meta.forward, &meta.backward, &meta.intra, &meta.intra_backward];
    let bytes: u64 = streams.iter().map(|stream| stream.bytes).sum();
    let hold: Vec<String> = meta
        .mosh_hold
        .iter()
        .map(|point| format!("{:.2} after {} s", point.correlation, point.after_secs))
        .collect();
    let hold = if hold.is_empty() { "too short to tell".to_owned() } else { hold.join(", ") };
    format!(
        "{} pictures, {:.1} MB, {}; mosh hold (1 = healed): {hold}",
        meta.forward.units,
        bytes as f64 / 1e6,
        meta.coding.encoder.name(),
    )
}
