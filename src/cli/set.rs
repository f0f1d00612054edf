//! `residua set collect`: a set with everything it needs in one folder.

use super::{
    interrupt,
    loading::{is_clip_folder, load_all},
    material::{known_canvas, open_library, usual_canvas},
    opening::{Opened, open_set_file},
    options::CollectOptions,
    out,
};
use crate::{
    engine,
    library::{self, Collected},
    media, set,
};
use anyhow::{Result, bail};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

pub fn collect(options: &CollectOptions) -> Result<()> {
    media::init()?;
    let registry = Arc::new(engine::registry()?);
    let Opened { set, .. } = open_set_file(&registry, &options.set)?;
    for preset in &options.preset {
        set::read_preset(&registry, preset)?;
    }
    let canvas = known_canvas(options.canvas, &set).unwrap_or_else(usual_canvas);
    let library = open_library(&options.conform)?;
    let mut folders = Vec::with_capacity(set.clips.len());
    for outcome in load_all(&library, &set.clips, canvas, &options.conform)? {
        match outcome {
            Ok(ready) => folders.push(ready.folder),
            Err(why) => bail!("{why}"),
        }
    }
    let mut sources: Vec<Vec<PathBuf>> = vec![Vec::new(); set.clips.len()];
    if options.with_sources {
        for (place, clip) in set.clips.iter().enumerate() {
            // A clip folder's sources are where it says, if they still are.
            sources[place] = match is_clip_folder(clip) {
                true => library::sources_of(&clip.path)?,
                false => {
                    [Some(clip.path.clone()), clip.backward.clone()].into_iter().flatten().collect()
                }
            };
        }
    }
    let quit = interrupt::flag()?;
    let what = Collected {
        set: &options.set,
        folders: &folders,
        sources: &sources,
        presets: &options.preset,
        canvas,
        is_with_clips: true,
    };
    let collected = library::collect(&what, &options.folder, &|| quit.load(Ordering::Relaxed))?;
    out::say(collected.display());
    Ok(())
}
