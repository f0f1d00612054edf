//! `residua check`: a rehearsal before the show.

use super::{
    interrupt, line,
    loading::{Outcome, load_all},
    material::{default_canvas, known_canvas, open_library},
    opening::{Opened, grab_folder, open_set},
    options::{CheckOptions, SceneOptions},
    out,
    play::DEFAULT_RECORDING,
    rehearsal::{Timing, rehearse},
    scene::Scene,
};
use crate::{
    app,
    clip::{self, Clip},
    control::{self, OscServer},
    decay::Shelf,
    engine,
    gpu::Gpu,
    media::{self, StillCoder},
    params::{ControlQueue, Registry},
    ports::Notices,
    set::{self, Set},
    units::Canvas,
};
use anyhow::{Result, bail};
use serde::Serialize;
use std::{
    fs::{self, OpenOptions},
    path::Path,
    process,
    sync::{Arc, atomic::Ordering},
};

/// More late slots than this share are seen: worth a warning.
const LATE_WARNING: f64 = 0.01;

/// With more late slots than this share the programme stutters.
const LATE_PROBLEM: f64 = 0.10;

/// A recording with less room than this may not last a show.
const ROOM_WARNING_MINUTES: f64 = 60.0;

/// A recording with less room than this is hardly one.
const ROOM_PROBLEM_MINUTES: f64 = 1.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Problem,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Item {
    area: &'static str,
    verdict: Verdict,
    /// What was found, and what to do where something is to be done.
    text: String,
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Report {
    items: Vec<Item>,
    problems: usize,
    timing: Option<Timing>,
    #[serde(skip)]
    is_json: bool,
}

impl Report {
    fn add(&mut self, area: &'static str, verdict: Verdict, text: impl Into<String>) {
        let text = text.into().replace('\n', " ");
        if !self.is_json {
            out::say(format_args!("{:8} {area:9} {text}", verdict.word()));
        }
        self.problems += usize::from(verdict == Verdict::Problem);
        self.items.push(Item { area, verdict, text });
    }

    fn ok(&mut self, area: &'static str, text: impl Into<String>) {
        self.add(area, Verdict::Ok, text);
    }

    fn warning(&mut self, area: &'static str, text: impl Into<String>) {
        self.add(area, Verdict::Warning, text);
    }

    fn problem(&mut self, area: &'static str, text: impl Into<String>) {
        self.add(area, Verdict::Problem, text);
    }
}

pub fn run(options: &CheckOptions) -> Result<()> {
    if options.scene.trace.is_some() {
        bail!("a check writes no trace: `residua play --trace` does");
    }
    let mut report = Report { items: Vec::new(), problems: 0, timing: None, is_json: options.json };
    look(options, &mut report)?;
    if options.json {
        out::say(serde_json::to_string_pretty(&report)?);
    }
    match report.problems {
        0 => Ok(()),
        1 => bail!("1 problem: it cannot be played like this"),
        count => bail!("{count} problems: it cannot be played like this"),
    }
}

/// Everything, in an order in which what comes later needs what came before. An error ends the
/// program; whatever is wrong with the set or the machine is a problem and goes on.
fn look(options: &CheckOptions, report: &mut Report) -> Result<()> {
    let registry = Arc::new(engine::registry()?);
    let has_media = plugins(report);
    let adapter = adapter(report);
    let Opened { set, shelf } = match open_set(&registry, &options.scene.clips) {
        Ok(opened) => opened,
        Err(error) => {
            report.problem("set", line(&error));
            return Ok(());
        }
    };
    let canvas = known_canvas(options.scene.canvas, &set);
    let canvas = canvas.unwrap_or(default_canvas(adapter.unwrap_or(false)));
    report.ok("set", format!("{} clips at {canvas}", set.clips.len()));
    let loaded = match has_media {
        true => clips(options, &set, canvas, report)?,
        false => 0,
    };
    shaders(shelf, report);
    let are_right = values(options, &registry, report);
    osc(options, &set, &registry, report);
    midi(&set, report);
    displays(options, report);
    disk(options, canvas, report);
    if options.seconds > 0 && loaded > 0 && adapter.is_some() && are_right {
        play(options, canvas, report)?;
    }
    Ok(())
}

/// Whether the shaders of the set hold, as far as can be told without a device.
fn shaders(shelf: Option<Shelf>, report: &mut Report) {
    let Some(mut shelf) = shelf.filter(|shelf| !shelf.is_empty()) else { return };
    let problems = shelf.declare();
    for problem in &problems {
        report.problem("shaders", problem.to_string());
    }
    if problems.is_empty() {
        report.ok("shaders", format!("{} hold", shelf.len()));
    }
}

/// Whether what the command line asks for besides the set can be had.
fn values(options: &CheckOptions, registry: &Registry, report: &mut Report) -> bool {
    let SceneOptions { preset, values, positions, tables, .. } = &options.scene;
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(preset.iter().filter_map(|preset| {
        set::read_preset(registry, preset).err().map(|error| line(&error.into()))
    }));
    wrong.extend(values.iter().filter_map(|text| {
        set::parse_assignment(registry, text).err().map(|error| line(&error.into()))
    }));
    wrong.extend(
        positions
            .iter()
            .filter_map(|file| set::read_positions(file).err().map(|error| line(&error.into()))),
    );
    wrong.extend(
        tables
            .iter()
            .filter_map(|file| set::read_tables(file).err().map(|error| line(&error.into()))),
    );
    for text in &wrong {
        report.problem("values", text);
    }
    wrong.is_empty()
}

/// Whether clips can be imported and played at all.
fn plugins(report: &mut Report) -> bool {
    let missing = match media::missing_plugins() {
        Ok(missing) => missing,
        Err(error) => {
            report.problem("plug-ins", error.to_string());
            return false;
        }
    };
    for plugin in &missing {
        let (element, purpose, package) = (plugin.element, plugin.purpose, plugin.package);
        report.warning("plug-ins", format!("{element} is missing ({purpose}): install {package}"));
    }
    if missing.is_empty() {
        report.ok("plug-ins", format!("all {} elements are there", media::PLUGINS.len()));
    }
    true
}

/// Whether the adapter is a CPU; `None` where there is none.
fn adapter(report: &mut Report) -> Option<bool> {
    match Gpu::headless() {
        Ok(gpu) => {
            let name = gpu.adapter_name();
            match gpu.is_cpu() {
                true => report.warning(
                    "adapter",
                    format!("{name} is a CPU: keep the canvas small, or install a driver"),
                ),
                false => report.ok("adapter", name),
            }
            Some(gpu.is_cpu())
        }
        Err(error) => {
            report.problem("adapter", line(&error.into()));
            None
        }
    }
}

/// Imports, loads and compares every clip; returns how many can be played.
fn clips(options: &CheckOptions, set: &Set, canvas: Canvas, report: &mut Report) -> Result<usize> {
    let library = match open_library(&options.scene.conform) {
        Ok(library) => library,
        Err(error) => {
            report.problem("library", line(&error));
            return Ok(0);
        }
    };
    match try_writing(library.root()) {
        Ok(()) => report.ok("library", library.root().display().to_string()),
        Err(error) => report.warning(
            "library",
            format!(
                "{} cannot be written ({error}): nothing new can be imported",
                library.root().display()
            ),
        ),
    }
    if set.clips.is_empty() {
        report.problem("clips", "the set has none: name one with [[clip]]");
    }
    let outcomes = load_all(&library, &set.clips, canvas, &options.scene.conform)?;
    let first = outcomes.iter().position(Result::is_ok);
    for (place, outcome) in outcomes.iter().enumerate() {
        report_clip(&outcomes, place, outcome, first, report);
    }
    if let Some(Ok(ready)) = first.and_then(|first| outcomes.get(first)) {
        slots(options, set, &ready.clip, report);
    }
    Ok(outcomes.iter().filter(|outcome| outcome.is_ok()).count())
}

fn report_clip(
    outcomes: &[Outcome],
    place: usize,
    outcome: &Outcome,
    first: Option<usize>,
    report: &mut Report,
) {
    let number = place + 1;
    let clip = match outcome {
        Ok(ready) => &ready.clip,
        Err(why) => return report.problem("clips", format!("{number}: {why}")),
    };
    let name = &clip.name;
    if let Err(error) = clip.verify() {
        let repair = "`residua clips verify --repair` imports it again";
        return report.problem("clips", format!("{number} {name}: {error}; {repair}"));
    }
    let of = first.and_then(|first| Some((first + 1, outcomes.get(first)?.as_ref().ok()?)));
    if let Some((of, other)) = of
        && other.clip.forward.format() != clip.forward.format()
    {
        return report.warning(
            "clips",
            format!(
                "{number} {name}: cannot share a stream with clip {of}: going there begins with a \
                 clean picture; import both with one encoder to mosh between them"
            ),
        );
    }
    let hold = clip.meta.hold_badge().map_or(String::new(), |hold| format!(", damage {hold}"));
    let secs = clip.meta.length_secs();
    report.ok("clips", format!("{number} {name}: {secs:.1} s, checksums right{hold}"));
}

/// The pictures for throwing: stills, and what the set has kept.
fn slots(options: &CheckOptions, set: &Set, like: &Clip, report: &mut Report) {
    let mut filled = 0;
    let kept = grab_folder(&options.scene.clips).map(|folder| clip::read_grabs(&folder));
    for (slot, grab) in kept.unwrap_or_default() {
        match grab {
            Ok(_) => filled += 1,
            Err(error) => report.warning("slots", format!("{slot} is empty: {error}")),
        }
    }
    let mut coder = StillCoder::new();
    for (slot, path) in set.grabs.iter().chain(&options.scene.grabs) {
        match coder.encode_file(path, like.meta.canvas, like.meta.fit, &like.meta.coding) {
            Ok(_) => filled += 1,
            Err(error) => report.problem("slots", format!("{slot}: {error}")),
        }
    }
    if filled > 0 {
        report.ok("slots", format!("{filled} pictures to throw"));
    }
}

fn try_writing(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".check-{}", process::id()));
    OpenOptions::new().write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)
}

fn osc(options: &CheckOptions, set: &Set, registry: &Arc<Registry>, report: &mut Report) {
    let Some(address) = options.osc.or(set.osc) else {
        return report.ok("OSC", "not asked for");
    };
    let (queue, notices) = (ControlQueue::default(), Notices::default());
    match OscServer::start(address, Arc::clone(registry), queue, notices) {
        Ok(_) => report.ok("OSC", format!("{address} is free")),
        Err(error) => report.problem("OSC", error.to_string()),
    }
}

fn midi(set: &Set, report: &mut Report) {
    let (ports, reasons) = control::midi::input_ports();
    let mut devices: Vec<&str> =
        set.mappings.list.iter().map(|mapping| mapping.device.as_str()).collect();
    devices.sort_unstable();
    devices.dedup();
    for device in devices.iter().filter(|device| !device.is_empty()) {
        let wanted = device.to_lowercase();
        match ports.iter().find(|port| port.name.to_lowercase().contains(&wanted)) {
            Some(port) => report.ok("MIDI", format!("'{device}' is there: {}", port.name)),
            None => report.warning(
                "MIDI",
                format!(
                    "'{device}', which the set maps, is not there: plug it in (also while playing)"
                ),
            ),
        }
    }
    match ports.is_empty() {
        true => report.ok("MIDI", format!("no inputs ({})", reasons.join("; "))),
        false => report.ok("MIDI", format!("{} inputs", ports.len())),
    }
}

fn displays(options: &CheckOptions, report: &mut Report) {
    if options.headless {
        return report.ok("displays", "none needed");
    }
    let names = app::displays().unwrap_or_default();
    match &options.display {
        Some(wanted) if !names.contains(wanted) => {
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            report.problem("displays", format!("'{wanted}' is not there ({there}): plug it in"));
        }
        _ if names.is_empty() => report.warning(
            "displays",
            "none: it can only be played with --headless; connect one, or set DISPLAY or \
             WAYLAND_DISPLAY",
        ),
        _ => report.ok("displays", names.join(", ")),
    }
}

fn disk(options: &CheckOptions, canvas: Canvas, report: &mut Report) {
    let path = options.record.as_deref().unwrap_or(Path::new(DEFAULT_RECORDING));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let shown = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let shown = shown.display();
    if let Err(error) = try_writing(folder) {
        return report
            .problem("disk", format!("{shown} cannot be written ({error}): record elsewhere"));
    }
    let Some(room) = media::room_for(path, canvas) else {
        return report.warning("disk", format!("{shown}: the free space is not known"));
    };
    let minutes = room.as_secs_f64() / 60.0;
    let text = format!("{shown} has room for about {minutes:.0} minutes of recording");
    match minutes {
        few if few < ROOM_PROBLEM_MINUTES => {
            report.problem("disk", format!("{text}: make room, or record elsewhere"));
        }
        some if some < ROOM_WARNING_MINUTES => {
            report.warning("disk", format!("{text}: make room for a longer show"));
        }
        _ => report.ok("disk", text),
    }
}

fn play(options: &CheckOptions, canvas: Canvas, report: &mut Report) -> Result<()> {
    let quit = interrupt::flag()?;
    let scene = match Scene::build(&options.scene, true, &[]) {
        Ok(scene) => scene,
        Err(error) => {
            report.problem("timing", line(&error));
            return Ok(());
        }
    };
    let (timing, words) = match rehearse(scene, options.seconds, &quit) {
        Ok(measured) => measured,
        Err(error) => {
            report.problem("timing", line(&error));
            return Ok(());
        }
    };
    if quit.load(Ordering::Relaxed) {
        bail!("stopped: the check is not whole");
    }
    for word in words {
        report.warning("timing", word);
    }
    let (decode, gpu) = (timing.decode, timing.gpu);
    let text = format!(
        "{} slots of {:.1} ms at {canvas}, {} late; decode p50 {:.1} p99 {:.1} ms, GPU p50 {:.1} \
         p99 {:.1} ms, slack {:.1} ms",
        timing.slots,
        timing.slot_millis,
        timing.late,
        decode.p50_millis,
        decode.p99_millis,
        gpu.p50_millis,
        gpu.p99_millis,
        timing.slack_millis,
    );
    match timing.late as f64 / timing.slots.max(1) as f64 {
        late if late > LATE_PROBLEM => {
            report.problem("timing", format!("{text}: too slow, take a smaller canvas"));
        }
        late if late > LATE_WARNING || timing.slack_millis < 0.0 => {
            report.warning(
                "timing",
                format!("{text}: tight, end other programs or take a smaller canvas"),
            );
        }
        _ => report.ok("timing", text),
    }
    report.timing = Some(timing);
    Ok(())
}
