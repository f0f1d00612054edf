//! What stands before the first slot: with what and from where the performance began.

use super::words::{Words, bytes, hex, quoted};
use crate::{
    params::{Gesture, Grid},
    units::{Canvas, Codec},
};
use std::fmt::Write as _;

/// A value of a row: a number, or for a row that names another, that one's id (`none` for none).
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The plain value, exactly.
    Number(f64),
    /// The id of another row.
    Row(String),
}

impl Value {
    pub(super) fn write(&self) -> String {
        match self {
            // The shortest digits that are read as the same number again.
            Self::Number(number) => number.to_string(),
            Self::Row(id) => quoted(id),
        }
    }

    pub(super) fn read(words: &mut Words<'_>) -> Result<Self, String> {
        let word = words.next()?;
        Ok(word.parse().map_or(Self::Row(word), Self::Number))
    }
}

/// A preset that could be called up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresetFacts {
    /// What it is called.
    pub name: String,
    /// Its values; every other look is neutral in it.
    pub values: Vec<(String, Value)>,
}

/// A clip of the performance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClipFacts {
    /// What the performer called it.
    pub name: String,
    /// Where it was named: a clip folder, or the video that it was imported from.
    pub path: String,
    /// XXH3-128 of its streams' hashes, 32 hexadecimal digits: see [`crate::clip::Meta::fingerprint`].
    pub fingerprint: String,
}

/// What a performance began with.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The program's version.
    pub version: String,
    /// XXH3-64 of the program, 16 hexadecimal digits.
    pub build: String,
    /// The adapter that made the pictures.
    pub adapter: String,
    /// Size and rate of the programme.
    pub canvas: Canvas,
    /// Seed of noise.
    pub seed: u64,
    /// The set's file, and its text.
    pub set: Option<(String, String)>,
    /// Presets that could be called by number, the first first.
    pub presets: Vec<PresetFacts>,
    /// Snapshots that held something: number from 1, and the looks that are not neutral in it.
    pub snapshots: Vec<(u8, Vec<(String, Value)>)>,
    /// Rows that presets and snapshots leave alone.
    pub excluded: Vec<String>,
    /// What presses do to rows, where it was changed.
    pub gestures: Vec<(String, Gesture)>,
    /// What rows wait for.
    pub grids: Vec<(String, Grid)>,
    /// Where the beat began, in beats: not 0 where the performance went on after a crash.
    pub beats: f64,
    /// Where playheads began: clip from 1, place 0..=1.
    pub places: Vec<(u16, f64)>,
    /// Folder of users' shaders.
    pub shader_folder: Option<String>,
    /// The shaders in it: name of the file, and XXH3-64 of its text.
    pub shaders: Vec<(String, String)>,
    /// The clips, in their order.
    pub clips: Vec<ClipFacts>,
    /// Of clips counted from 1, what the function `drawn` follows.
    pub curves: Vec<(u16, String)>,
    /// Of clips counted from 1, what the function `list` follows.
    pub lists: Vec<(u16, String)>,
    /// Pictures that could be thrown: slot from 1, coding, the coded picture.
    pub grabs: Vec<(u8, Codec, Vec<u8>)>,
    /// Quantisation tables of a file: luma and chroma, in raster order.
    pub tables: Option<([i32; 64], [i32; 64])>,
    /// What was set, where it is not the default.
    pub values: Vec<(String, Value)>,
    /// What a clip that comes later keeps at first.
    pub new_clip: Vec<(String, Value)>,
    /// Of clips counted from 1, what each keeps for itself.
    pub own: Vec<(u16, String, Value)>,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            version: String::new(),
            build: String::new(),
            adapter: String::new(),
            canvas: Canvas::DEFAULT,
            seed: 0,
            set: None,
            presets: Vec::new(),
            snapshots: Vec::new(),
            excluded: Vec::new(),
            gestures: Vec::new(),
            grids: Vec::new(),
            beats: 0.0,
            places: Vec::new(),
            shader_folder: None,
            shaders: Vec::new(),
            clips: Vec::new(),
            curves: Vec::new(),
            lists: Vec::new(),
            grabs: Vec::new(),
            tables: None,
            values: Vec::new(),
            new_clip: Vec::new(),
            own: Vec::new(),
        }
    }
}

fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "h264",
        Codec::Mpeg4 => "mpeg4",
    }
}

fn table_text(table: &[i32; 64]) -> String {
    table.map(|step| step.to_string()).join(",")
}

fn table(words: &mut Words<'_>) -> Result<[i32; 64], String> {
    let word = words.next()?;
    let steps: Option<Vec<i32>> = word.split(',').map(|step| step.parse().ok()).collect();
    let steps = steps.and_then(|steps| <[i32; 64]>::try_from(steps).ok());
    let steps = steps.filter(|steps| steps.iter().all(|step| (1..=255).contains(step)));
    steps.ok_or_else(|| "a quantisation table has 64 steps of 1 to 255".to_owned())
}

impl Header {
    /// The lines after the first, up to the one that says that it plays.
    pub(super) fn write(&self, out: &mut String) {
        let mut line = |words: String| {
            out.push_str(&words);
            out.push('\n');
        };
        line(format!("version {}", quoted(&self.version)));
        line(format!("build {}", quoted(&self.build)));
        line(format!("adapter {}", quoted(&self.adapter)));
        line(format!("canvas {}", self.canvas));
        line(format!("seed {}", self.seed));
        if let Some((path, text)) = &self.set {
            line(format!("set {} {}", quoted(path), quoted(text)));
        }
        for preset in &self.presets {
            line(format!("preset {}", quoted(&preset.name)));
            for (id, value) in &preset.values {
                line(format!("preset-value {id} {}", value.write()));
            }
        }
        for (number, values) in &self.snapshots {
            line(format!("snapshot {number}"));
            for (id, value) in values {
                line(format!("snapshot-value {id} {}", value.write()));
            }
        }
        for id in &self.excluded {
            line(format!("exclude {id}"));
        }
        for (id, gesture) in &self.gestures {
            line(format!("gesture {id} {}", quoted(gesture.name())));
        }
        for (id, grid) in &self.grids {
            line(format!("quantise {id} {}", quoted(grid.name())));
        }
        if self.beats != 0.0 {
            line(format!("beats {}", self.beats));
        }
        for (clip, place) in &self.places {
            line(format!("place {clip} {place}"));
        }
        if let Some(folder) = &self.shader_folder {
            line(format!("shaders {}", quoted(folder)));
        }
        for (name, hash) in &self.shaders {
            line(format!("shader {} {hash}", quoted(name)));
        }
        for clip in &self.clips {
            line(format!("clip {}", clip.write()));
        }
        for (clip, curve) in &self.curves {
            line(format!("curve {clip} {}", quoted(curve)));
        }
        for (clip, list) in &self.lists {
            line(format!("list {clip} {}", quoted(list)));
        }
        for (slot, codec, picture) in &self.grabs {
            line(format!("grab {slot} {} {}", codec_name(*codec), hex(picture)));
        }
        if let Some((luma, chroma)) = &self.tables {
            line(format!("tables {} {}", table_text(luma), table_text(chroma)));
        }
        for (id, value) in &self.values {
            line(format!("value {id} {}", value.write()));
        }
        for (id, value) in &self.new_clip {
            line(format!("new {id} {}", value.write()));
        }
        for (clip, id, value) in &self.own {
            line(format!("own {clip} {id} {}", value.write()));
        }
    }

    /// Takes a line in; the error is what is wrong with it.
    pub(super) fn read(&mut self, line: &str) -> Result<(), String> {
        let mut words = Words::of(line);
        match words.next()?.as_str() {
            "version" => self.version = words.next()?,
            "build" => self.build = words.next()?,
            "adapter" => self.adapter = words.next()?,
            "canvas" => self.canvas = words.read("canvas")?,
            "seed" => self.seed = words.read("seed")?,
            "set" => self.set = Some((words.next()?, words.next()?)),
            "preset" => self.presets.push(PresetFacts { name: words.next()?, values: Vec::new() }),
            "preset-value" => {
                let preset = self.presets.last_mut().ok_or("it belongs to no preset")?;
                preset.values.push((words.id()?, Value::read(&mut words)?));
            }
            "snapshot" => self.snapshots.push((words.read("number")?, Vec::new())),
            "snapshot-value" => {
                let (_, values) = self.snapshots.last_mut().ok_or("it belongs to no snapshot")?;
                values.push((words.id()?, Value::read(&mut words)?));
            }
            "exclude" => self.excluded.push(words.id()?),
            "gesture" => self.gestures.push((words.id()?, words.read("gesture")?)),
            "quantise" => self.grids.push((words.id()?, words.read("grid")?)),
            "beats" => {
                let beats: f64 = words.read("beats")?;
                if !(0.0..=1e9).contains(&beats) {
                    return Err(format!("{beats} is no number of beats"));
                }
                self.beats = beats;
            }
            "place" => self.places.push((words.read("clip")?, words.read("place")?)),
            "shaders" => self.shader_folder = Some(words.next()?),
            "shader" => self.shaders.push((words.next()?, words.hash()?)),
            "clip" => self.clips.push(ClipFacts::read(&mut words)?),
            "curve" => self.curves.push((words.read("clip")?, words.next()?)),
            "list" => self.lists.push((words.read("clip")?, words.next()?)),
            "grab" => {
                let slot = words.read("slot")?;
                let codec = match words.next()?.as_str() {
                    "h264" => Codec::H264,
                    "mpeg4" => Codec::Mpeg4,
                    other => return Err(format!("'{other}' is no coding")),
                };
                let picture = bytes(&words.next()?).ok_or("a picture has no such digits")?;
                self.grabs.push((slot, codec, picture));
            }
            "tables" => self.tables = Some((table(&mut words)?, table(&mut words)?)),
            "value" => self.values.push((words.id()?, Value::read(&mut words)?)),
            "new" => self.new_clip.push((words.id()?, Value::read(&mut words)?)),
            "own" => {
                let (clip, id) = (words.read("clip")?, words.id()?);
                self.own.push((clip, id, Value::read(&mut words)?));
            }
            other => return Err(format!("'{other}' is not known")),
        }
        words.end()
    }
}

impl ClipFacts {
    pub(super) fn write(&self) -> String {
        format!("{} {} {}", quoted(&self.name), quoted(&self.path), quoted(&self.fingerprint))
    }

    pub(super) fn read(words: &mut Words<'_>) -> Result<Self, String> {
        Ok(Self { name: words.next()?, path: words.next()?, fingerprint: words.next()? })
    }
}

/// Writes a line of a body, for the recorder, which writes many.
pub(super) fn push_line(out: &mut String, slot: u64, words: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{slot} {words}");
}
