//! `residua set collect`: a set with everything it needs in one folder; and what packing has in common
//! with it.

use super::{
    interrupt,
    loading::{Ready, is_clip_folder, load_all},
    material::{known_canvas, open_library, usual_canvas},
    opening::{Opened, open_set_file},
    options::{CollectOptions, ConformOptions},
    out, presets,
};
use crate::{
    engine,
    library::{self, Collected},
    media,
    set::{self, PresetPlaces, Set},
    units::Canvas,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

pub fn collect(options: &CollectOptions) -> Result<()> {
    let bundle = Bundle::gather(&options.set, &options.preset, options.canvas, &options.conform)?;
    let mut sources: Vec<Vec<PathBuf>> = vec![Vec::new(); bundle.set.clips.len()];
    if options.with_sources {
        for (place, clip) in bundle.set.clips.iter().enumerate() {
            // A clip folder's sources are where it says, if they still are.
            sources[place] = match is_clip_folder(clip) {
                true => library::sources_of(&clip.path)?,
                false => {
                    [Some(clip.path.clone()), clip.backward.clone()].into_iter().flatten().collect()
                }
            };
        }
    }
    out::say(bundle.collect(&sources, true, &options.folder)?.display());
    Ok(())
}

/// A set with its clips in memory, ready to go into a folder.
pub struct Bundle<'a> {
    file: &'a Path,
    /// Presets that were named besides.
    presets: &'a [PathBuf],
    set: Set,
    places: PresetPlaces,
    canvas: Canvas,
    /// The clips in their order.
    pub clips: Vec<Ready>,
}

impl<'a> Bundle<'a> {
    /// Reads a set, and imports and loads its clips.
    ///
    /// # Errors
    /// The set, a preset that was named, or a clip.
    pub fn gather(
        file: &'a Path,
        presets: &'a [PathBuf],
        canvas: Option<Canvas>,
        conform: &ConformOptions,
    ) -> Result<Self> {
        media::init()?;
        let registry = Arc::new(engine::registry()?);
        let Opened { set, .. } = open_set_file(&registry, file)?;
        for preset in presets {
            // What this program does not know may be known where it goes.
            let name = preset.display().to_string();
            let text = fs::read_to_string(preset).with_context(|| name.clone())?;
            set::parse_preset_leniently(&registry, &name, &text)?;
        }
        let canvas = known_canvas(canvas, &set).unwrap_or_else(usual_canvas);
        let library = open_library(conform)?;
        let clips = load_all(&library, &set.clips, canvas, conform)?.into_iter();
        let clips = clips.collect::<Result<_, String>>().map_err(anyhow::Error::msg)?;
        let places = presets::places(&set, Some(file));
        Ok(Self { file, presets, set, places, canvas, clips })
    }

    /// Makes a folder of it; returns the new set's file.
    ///
    /// # Errors
    /// Something cannot be copied; nothing is left behind then.
    pub fn collect(
        &self,
        sources: &[Vec<PathBuf>],
        is_with_clips: bool,
        folder: &Path,
    ) -> Result<PathBuf> {
        let quit = interrupt::flag()?;
        let folders: Vec<PathBuf> = self.clips.iter().map(|ready| ready.folder.clone()).collect();
        let what = Collected {
            set: self.file,
            folders: &folders,
            sources,
            presets: self.presets,
            places: &self.places,
            canvas: self.canvas,
            is_with_clips,
        };
        Ok(library::collect(&what, folder, &|| quit.load(Ordering::Relaxed))?)
    }
}
