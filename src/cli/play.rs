//! `residua play`.

use super::{
    blank,
    desks::{self, Resampling},
    doors::{self, Doors, House, Reader, Wanted},
    export_desk, eye, folders,
    import_desk::{self, DeskTools},
    interrupt, library_desk,
    material::open_library,
    memory::{self, Memory},
    newcomers::Newcomers,
    opening::{is_demo, set_file},
    options::PlayOptions,
    out, presets,
    resume::{self, Lock},
    scene::Scene,
    shaders,
    takes::{self, Wishes},
    thumbnails,
};
use crate::{
    app::{self, DeskOrders, ImportDesk},
    audio::{self, Ears},
    clip::Clip,
    control::{
        AutoAssign, Ear, LearnDesk, Mappings, MidiPlan, MidiPorts, PadTarget, controller_maps,
    },
    engine::{self, ClipDesk, ReplayKind, Status},
    media::{self, Recall, Recorder, StreamFile},
    output,
    params::{Change, Registry},
    ports::{Notices, Tap},
    ui::{ClipCard, GrabPictures},
    units::Canvas,
};
use anyhow::Result;
use crossbeam::channel::bounded;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Where `r` records to when `--record` names no file; numbered.
pub const DEFAULT_RECORDING: &str = "residua.mkv";

/// Banks of presets that may wait for the thread that paints looks.
const NEW_BANKS: usize = 4;

/// What the demo does without a display.
const DEMO_RECORDING: &str = "demo.mkv";
const DEMO_SECS: u64 = 10;

/// The parameters that the first eight controllers moved take, in this order.
const KNOBS: [&str; 8] = [
    "playhead.position",
    "superframe.size",
    "playhead.speed",
    "decay.amount",
    "decay.feedback",
    "decay.dct_amount",
    "decay.shift_px",
    "decay.mix",
];

/// Pads from the lowest upward: clips first.
const CLIP_PADS: u32 = 8;

pub fn run(mut options: PlayOptions) -> Result<()> {
    let is_blank = blank::is_wanted(&options) && has_display();
    if is_blank {
        options.scene.clips = vec![blank::picture()?];
    }
    // A take that is played again is no show to go on with.
    let lock = options.take.is_none().then(Lock::take).flatten();
    let journal = lock.as_ref().and_then(|lock| resume::find(lock, &options));
    if let Some(journal) = &journal {
        resume::adopt(&mut options, journal);
    }
    options.scene.is_safe = options.safe;
    options.scene.is_lenient = options.safe || journal.is_some();
    let options = &options;
    let needs_display = !options.headless && !has_display();
    let falls_back = needs_display && options.take.is_none() && is_demo(&options.scene.clips);
    if falls_back {
        eprintln!(
            "residua: there is no display: playing {DEMO_SECS} s headless into {DEMO_RECORDING}"
        );
    } else if needs_display {
        anyhow::bail!("there is no display: add --headless, or set DISPLAY or WAYLAND_DISPLAY");
    }
    let (mut scene, played) = match &options.take {
        None => (Scene::build(&options.scene, true, &[])?, None),
        Some(path) => {
            media::init()?;
            let wishes = Wishes {
                kind: Some(ReplayKind::Overdub),
                preset: options.scene.preset.as_deref(),
                canvas: options.scene.canvas,
                ..Wishes::default()
            };
            let found = takes::find(path, &wishes, &options.scene)?;
            let (scene, take) = takes::scene(found, &options.scene, true)?;
            scene.notices.info(match options.record_take {
                Some(_) => "a take plays: after a crash it begins anew, and what you played is in the new take",
                None => {
                    "a take plays: after a crash it begins anew, and what you played is lost \
                     (--record-take FILE keeps it)"
                }
            });
            (scene, Some(take.header))
        }
    };
    if let Some(journal) = &journal {
        resume::resume(&mut scene, journal);
    }
    let file = options.record_take.as_deref();
    let take = takes::record(&mut scene, &options.scene, played.as_ref(), file)?;
    if let Some(path) = take.path() {
        out::say(format_args!("recording the take {}", path.display()));
    }
    let record = options.record.clone().or(falls_back.then(|| DEMO_RECORDING.into()));
    let duration = options.duration.or(falls_back.then(|| Duration::from_secs(DEMO_SECS)));
    let is_headless = options.headless || falls_back;
    let played = perform(options, scene, record, duration, (is_headless, is_blank), lock);
    // The engine is gone, and with it whoever told the take.
    take.join();
    played
}

fn perform(
    options: &PlayOptions,
    scene: Scene,
    record: Option<PathBuf>,
    duration: Option<Duration>,
    (is_headless, is_blank): (bool, bool),
    lock: Option<Lock>,
) -> Result<()> {
    let Scene {
        registry,
        queue,
        notices,
        set,
        canvas,
        clip_names,
        clip_hashes,
        presets: shelf,
        tables,
        mut engine,
        trace,
        thumbnails,
        thumbnail_orders,
        grab_thread,
        shaders,
        adapter,
        ..
    } = scene;
    let last_words = notices.clone();
    let quit = interrupt::flag()?;

    let ear = Ear::default();
    // What was asked for and cannot be had ends here, before anything plays.
    let classifier = eye::classifier(options, &notices)?;
    let labels = classifier.as_ref().map(|classifier| classifier.labels().into());
    let house = House {
        labels: labels.unwrap_or_default(),
        registry: Arc::clone(&registry),
        queue: queue.clone(),
        notices: notices.clone(),
        rate: canvas.rate,
        ear: ear.clone(),
    };
    let wanted = Wanted { osc: set.osc, osc_out: set.osc_out.clone(), web: set.web };
    let wanted = Wanted::of(&options.network, wanted);
    let learn = (!options.no_midi).then(LearnDesk::default);
    let teacher = learn.clone().map(|desk| doors::teacher(desk, &registry));
    let doors = Doors::open(&options.network, wanted, &house, teacher, || {
        let (status_in, status_out) = triple_buffer::triple_buffer(&Status::default());
        engine.publish(status_in);
        status_out
    })?;
    let recorder =
        record.as_ref().map(|path| Recorder::start(path, canvas, notices.clone())).transpose()?;
    if let Some(recorder) = recorder {
        out::say(format_args!("recording {}", recorder.path().display()));
        engine.start_recording(Box::new(recorder));
    }
    if let Some(path) = &options.record_stream {
        let file = StreamFile::start(path, canvas.rate, notices.clone())?;
        out::say(format_args!("recording the stream {}", file.path().display()));
        engine.record_stream(Box::new(file));
    }
    let path = record.unwrap_or_else(|| DEFAULT_RECORDING.into());
    let recording = path.clone();
    let (desk, desk_thread) = desks::recorders(path, canvas, notices.clone())?;
    engine.use_desk(desk);
    let clips = (0..).map_while(|clip| engine.clip(clip)).count();
    let (newcomers, arrivals) = Newcomers::new(canvas, clips, thumbnails.clone());
    let mut threads = vec![grab_thread, desk_thread];
    if let Some(like) = engine.clip(0).cloned() {
        let recall = Recall::start(canvas, notices.clone())?;
        engine.listen(Box::new(recall.clone()));
        let conform = options.scene.conform.clone();
        let resampling = Resampling { recall, library: open_library(&conform)?, conform, like };
        let (resamples, thread) =
            desks::resamples(resampling, newcomers.clone(), notices.clone(), Arc::clone(&quit))?;
        engine.use_clip_desk(ClipDesk { resamples, arrivals: arrivals.clips });
        threads.push(thread);
    }
    let import_desk = match is_headless {
        true => None,
        false => {
            let (desk, DeskOrders { imports, exports, wishes }) = ImportDesk::new();
            newcomers.begin_with((0..).map_while(|clip| engine.clip(clip).cloned()));
            let tools = DeskTools {
                library: open_library(&options.scene.conform)?,
                conform: options.scene.conform.clone(),
                newcomers: newcomers.clone(),
                board: desk.board().clone(),
                notices: notices.clone(),
                quit: Arc::clone(&quit),
            };
            threads.push(import_desk::start(tools.clone(), imports)?);
            threads.push(export_desk::start(tools.clone(), exports)?);
            threads.push(library_desk::start(tools, set.clips.clone(), wishes)?);
            Some(desk)
        }
    };
    if let Some(shaders) = shaders {
        let (desk, thread) = shaders::watch(shaders, notices.clone(), Arc::clone(&quit))?;
        engine.use_shader_desk(desk);
        threads.push(thread);
    }
    let of_engine = (0..).map_while(|clip| engine.clip(clip));
    // The label says where another clip stands in for one that is missing.
    let card = |(label, clip): (String, &Arc<Clip>)| {
        let card = ClipCard { label, ..ClipCard::of(clip) };
        thumbnails.add_clip(clip, &card.pictures);
        card
    };
    let clips = clip_names.into_iter().zip(of_engine).map(card).collect();
    engine.kept_grabs().for_each(|(slot, stream)| thumbnails.add_grab(slot, stream));
    let grabs = GrabPictures::default();
    if !is_headless {
        let quit = Arc::clone(&quit);
        threads.push(thumbnails::start(thumbnail_orders, canvas, grabs.clone(), quit)?);
    }
    let screen = Arc::new(app::Screen::default());
    let file = set_file(&options.scene.clips);
    let is_demo = is_demo(&options.scene.clips);
    let journal = match lock {
        Some(lock) => Some((resume::fixed(options, canvas)?, lock)),
        None => None,
    };
    let bank = presets::bank(&shelf);
    let (shown, banks) = bounded(NEW_BANKS);
    let memory = Memory {
        shelf,
        shown,
        set: memory::set_file(&set, file, is_demo, canvas),
        keeps_by_itself: file.is_some() && !is_demo,
        is_copy_of_demo: is_demo,
        hashes: clip_hashes,
        newcomers,
        journal,
        registry: Arc::clone(&registry),
        notices: notices.clone(),
        own_rows: engine::registry()?,
        screen: Arc::clone(&screen),
        // Without MIDI nobody learns.
        learn: learn.clone().unwrap_or_default(),
    };
    let memory = memory::start(memory, &mut engine)?;
    let (wish, tap) = (Arc::new(audio::Wish::default()), Arc::new(Tap::default()));
    engine.use_ears(audio::Wisher::new(&registry, Arc::clone(&wish)));
    let ears = Ears::start(&registry, queue.clone(), notices.clone(), wish, Arc::clone(&tap));
    if options.take.is_none() {
        threads.push(eye::open(&mut engine, classifier, &house, &quit)?);
    }
    let midi = learn.clone().map(|desk| {
        let (status_in, status) = triple_buffer::triple_buffer(&Status::default());
        engine.publish(status_in);
        let config = folders::config();
        let maps = config.as_ref().map(|config| config.join("controllers"));
        let plan = MidiPlan {
            mappings: if options.safe { Mappings::default() } else { set.mappings.clone() },
            controllers: match options.safe {
                true => Vec::new(),
                false => controller_maps(maps.as_deref(), &notices),
            },
            auto_assign: match options.safe {
                true => AutoAssign::default(),
                false => auto_assign(&registry),
            },
            memory: config.filter(|_| !options.safe).map(|config| config.join("midi.toml")),
            desk,
            ear: ear.clone(),
            monitor: Some(Box::new(Reader::new(status, &registry, canvas.rate))),
            tap: Some(tap),
        };
        MidiPorts::start(Arc::clone(&registry), queue.clone(), notices.clone(), plan)
    });
    let (status_in, status_out) = triple_buffer::triple_buffer(&Status::default());
    engine.publish(status_in);
    // One for each output, one for the preview, one for the looks.
    let (writer, readers) = output::programme(if is_headless { 0 } else { app::OUTPUTS_MAX + 2 });
    engine.add_sink(Box::new(writer));
    let mut outputs = readers;
    let windows = match (outputs.pop(), outputs.pop()) {
        (Some(preview), Some(programme)) => {
            let (registry, notices) = (Arc::clone(&registry), notices.clone());
            let quit = Arc::clone(&quit);
            let plan = app::LooksPlan { registry, bank, banks, tables, programme, notices, quit };
            let (looks, thread) = app::start_looks(plan)?;
            threads.push(thread);
            Some((preview, looks))
        }
        _ => None,
    };

    let slots = duration.map(|duration| canvas.rate.slot_at(duration).max(1));
    let engine_quit = Arc::clone(&quit);
    let engine_thread = thread::Builder::new().name("engine".to_owned()).spawn(move || {
        // However the engine ends, nobody waits for it.
        let _quit = QuitAtEnd(engine_quit.clone());
        engine.run_live(&engine_quit, slots);
    })?;

    let shown = match windows {
        Some((preview, looks)) => app::run(app::Config {
            registry,
            queue,
            notices,
            status: status_out,
            outputs,
            preview,
            clips,
            is_blank,
            new_clips: arrivals.cards,
            desk: import_desk,
            looks,
            tables,
            grabs,
            port_lines: doors.lines(),
            learn,
            ear,
            canvas,
            machine: machine(&adapter, canvas),
            recording_room: Box::new(move || media::room_for(&recording, canvas)),
            layout: folders::state().map(|folder| folder.join("window.toml")),
            fullscreen: options.fullscreen,
            display: options.display.clone(),
            also: options.also.clone(),
            is_display_a_wish: options.is_display_a_wish,
            screen,
            quit: Arc::clone(&quit),
        }),
        None => {
            wait_headless(&quit, &notices);
            Ok(())
        }
    };
    quit.store(true, Ordering::Relaxed);
    drop(ears);
    drop(midi);
    drop(doors);
    // Panics of threads are reported by the panic hook; the recording is finished all the same.
    let engine_ended = engine_thread.join();
    memory.finish(engine_ended.is_ok() && shown.is_ok());
    for thread in threads {
        let _ = thread.join();
    }
    if let Some(trace) = trace {
        trace.join();
    }
    while let Some(notice) = last_words.take() {
        eprintln!("residua: {}", notice.text);
    }
    shown?;
    engine_ended.map_err(|_| anyhow::anyhow!("the engine stopped: please report what it said"))
}

/// What plays on what.
fn machine(adapter: &str, canvas: Canvas) -> Vec<(String, String)> {
    let line = |name: &str, value: String| (name.to_owned(), value);
    vec![
        line("Canvas", canvas.to_string()),
        line("Graphics", adapter.to_owned()),
        line("Version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}

/// Ends the program when its engine has ended, by a panic or otherwise.
struct QuitAtEnd(Arc<AtomicBool>);

impl Drop for QuitAtEnd {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whether windows can be opened. On Linux without either variable no attempt need be made.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Says on standard error what a window would show.
fn wait_headless(quit: &AtomicBool, notices: &Notices) {
    while !quit.load(Ordering::Relaxed) {
        while let Some(notice) = notices.take() {
            eprintln!("residua: {}", notice.text);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What unmapped controllers move.
fn auto_assign(registry: &Registry) -> AutoAssign {
    let find = |id: &str| registry.find(id);
    // What a press does is the row's own gesture.
    let pressed = |id: &str| {
        let (pressed, released) = (Change::Press(1.0), Some(Change::Release));
        find(id).map(|param| PadTarget { param, pressed, released })
    };
    let clips = (1..=CLIP_PADS).filter_map(|clip| {
        let param = find(engine::CLIP_SELECT.id)?;
        Some(PadTarget { param, pressed: Change::Plain(f64::from(clip)), released: None })
    });
    let rest = [
        engine::HEAL_ALL.id,
        engine::PROGRAMME_HOLD.id,
        engine::MOSH_BLOOM.id,
        engine::PROGRAMME_BLACKOUT.id,
    ];
    AutoAssign {
        knobs: KNOBS.iter().filter_map(|id| find(id)).collect(),
        pads: clips.chain(rest.into_iter().filter_map(pressed)).collect(),
        modulation_wheel: find("mosh.melt_amount"),
        pitch_bend: find("playhead.bend"),
        program: find("preset.select"),
    }
}
