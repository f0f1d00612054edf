//! In the steady state our code in the engine asks the heap for nothing. Every allocation of a run of
//! ticks is told apart by the call that made it: what wgpu does behind its own doors (it makes an encoder
//! and a command buffer of every submission) is counted, too, but it is not ours.
//!
//! One test alone: an allocator belongs to a whole program.

mod common;

use common::{CANVAS, demo_clip, library, residua, succeed};
use residua::{
    clip::{Clip, SliceBuffer},
    decay::{Chain, Shelf},
    engine::{self, Engine, Pace, Score, Setup, SlotObserver, SlotReport},
    gpu::Gpu,
    params::{Change, ControlEvent, ControlQueue, Source, Store},
    ports::{Decoder, DecoderError, DecoderMaker, Notices, PictureSink, Shown},
    units::{Canvas, Picture, Planes, StreamFormat},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Ticks before the count begins: pools have filled, shaders are made, windows have been walked over.
const WARM_UP: u64 = 90;

/// Ticks of the count.
const TICKS: u64 = 60;

/// Makes one grey of the number of every access unit, out of memory that it has.
struct Grey(Picture);

impl Decoder for Grey {
    fn push(&mut self, number: u64, _: &[u8]) -> Result<(), DecoderError> {
        self.0.data_mut().fill(40 + (number % 160) as u8);
        Ok(())
    }

    fn pull(
        &mut self,
        _: u64,
        _: Duration,
        take: &mut dyn FnMut(&Planes<'_>),
    ) -> Result<bool, DecoderError> {
        take(&self.0.planes());
        Ok(true)
    }
}

struct Greys;

impl DecoderMaker for Greys {
    type Decoder = Grey;

    fn make(&self, format: &StreamFormat) -> Result<Grey, DecoderError> {
        Ok(Grey(Picture::black(format.width, format.height)))
    }
}

/// Counts what it is offered; a wasteful one takes memory for each.
struct Taker {
    is_wasteful: bool,
    taken: Arc<AtomicU64>,
}

impl PictureSink for Taker {
    fn offer(&mut self, shown: &Shown) -> bool {
        self.taken.fetch_add(1, Ordering::Relaxed);
        if self.is_wasteful {
            std::hint::black_box(vec![shown.slot; 3]);
        }
        true
    }
}

/// Notes the age of the picture.
struct Witness(Arc<AtomicU64>);

impl SlotObserver for Witness {
    fn event(&mut self, _: u64, _: &ControlEvent, _: std::time::Duration) {}

    fn slot(&mut self, report: &SlotReport, _: Option<&Shown>) {
        self.0.store(report.generation, Ordering::Relaxed);
    }
}

fn rabbit() -> PathBuf {
    let mut command = residua();
    command.args(["import", "--canvas", CANVAS, "--encoder", "mpeg4", "--library"]).arg(library());
    let output = succeed(command.arg(demo_clip("toy_rabbit.mp4")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    PathBuf::from(text.lines().next().expect("the folder"))
}

/// Who asked for memory how often while the engine ticked.
struct Count {
    /// Allocations whose innermost caller outside the standard library is ours, by that call.
    ours: BTreeMap<String, u64>,
    /// All others.
    others: u64,
}

/// Runs an engine with these values and counts once it has warmed up.
fn count(values: &[(&str, f64)], is_wasteful: bool) -> Count {
    let canvas: Canvas = CANVAS.parse().expect("a canvas");
    let registry = Arc::new(engine::registry().expect("rows"));
    let gpu = Gpu::headless().expect("an adapter (Debian: mesa-vulkan-drivers)");
    let mut chain = Chain::new(gpu, &registry, canvas.width, canvas.height, 0).expect("a chain");
    let shaders = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/shaders");
    let mut shelf = Shelf::new(&shaders, Arc::clone(&registry));
    let news = shelf.look(&chain.workbench(), false);
    assert!(news.problems.is_empty() && !news.changes.is_empty());
    news.changes.into_iter().for_each(|change| drop(chain.exchange(change)));
    let (queue, notices) = (ControlQueue::default(), Notices::default());
    let mut engine = Engine::new(Setup {
        store: Store::new(Arc::clone(&registry)),
        queue: queue.clone(),
        notices: notices.clone(),
        clips: SliceBuffer::new(vec![Arc::new(Clip::load(&rabbit()).expect("a clip"))]),
        canvas,
        chain,
        maker: Arc::new(Greys),
        score: Score::default(),
        registry: Arc::clone(&registry),
    })
    .expect("an engine");
    let (taken, age) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    engine.add_sink(Box::new(Taker { is_wasteful, taken: Arc::clone(&taken) }));
    engine.observe(Box::new(Witness(Arc::clone(&age))));
    let (status, _read) = triple_buffer::triple_buffer(&engine::Status::default());
    engine.publish(status);
    let send = |id: &str, plain| {
        let param = registry.find(id).unwrap_or_else(|| panic!("no row {id}"));
        let change = Change::Plain(plain);
        assert!(queue.send(ControlEvent { param, change, source: Source::Osc }));
    };
    values.iter().for_each(|(id, plain)| send(id, *plain));
    // Worn ones are modulated by all there is: looks, the playhead, each other, and a trigger.
    let targets = ["decay.noise_amplitude", "playhead.position", "lfo.3.rate_hz", "heal.codec"];
    let patches = if values.is_empty() { 0 } else { engine::PATCHES };
    for patch in 1..=patches {
        let source = match patch % 5 {
            0 => "sequencer.1.out".to_owned(),
            1 => "envelope.1.out".to_owned(),
            _ => format!("lfo.{}.out", patch % 8 + 1),
        };
        let plain = |id: &str| registry.plain_of(registry.find(id));
        send(&format!("patch.{patch}.source"), plain(&source));
        send(&format!("patch.{patch}.target"), plain(targets[patch % 4]));
        send(&format!("patch.{patch}.depth"), 0.7);
        send(&format!("lfo.{}.shape", patch % 8 + 1), (patch % 7) as f64);
        send("envelope.1.trigger", plain("heal.codec"));
    }
    let mut run = |ticks: std::ops::Range<u64>| {
        for slot in ticks {
            // A hand on two faders, one of the look and one of the transport.
            send("decay.feedback_zoom", 0.95 + (slot % 40) as f64 / 400.0);
            send("playhead.speed", (slot % 7) as f64 / 2.0);
            // Worn ones have all the time they want: a codec that comes late here is worth a line.
            let decode_until = Instant::now() + Duration::from_secs(1);
            let is_live = values.is_empty();
            engine.tick(slot, if is_live { Pace::Live { decode_until } } else { Pace::Offline });
            engine.collect(None);
        }
    };
    run(0..WARM_UP);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("heap.json");
    let profiler = dhat::Profiler::builder().file_name(&file).trim_backtraces(None).build();
    run(WARM_UP..WARM_UP + TICKS);
    drop(profiler);

    assert_eq!(notices.take().map(|notice| notice.text), None);
    assert_eq!(taken.load(Ordering::Relaxed), WARM_UP + TICKS);
    // A neutral picture has no age; a worn one is made anew twice a tick.
    let generations = if values.is_empty() { 0 } else { 2 * (WARM_UP + TICKS) };
    assert_eq!(age.load(Ordering::Relaxed), generations);
    told_apart(&file)
}

/// Reads a profile.
fn told_apart(file: &Path) -> Count {
    let profile: Value =
        serde_json::from_slice(&fs::read(file).expect("a profile")).expect("it is JSON");
    let frames: Vec<&str> =
        profile["ftbl"].as_array().expect("frames").iter().filter_map(Value::as_str).collect();
    let own = own_files();
    let mut count = Count { ours: BTreeMap::new(), others: 0 };
    for point in profile["pps"].as_array().expect("points") {
        let times = point["tbk"].as_u64().expect("a number");
        let calls: Vec<&str> = point["fs"]
            .as_array()
            .expect("calls")
            .iter()
            .map(|frame| frames[frame.as_u64().expect("a number") as usize])
            .collect();
        // Threads beside the engine may do as they like.
        if !calls.iter().any(|call| file_of(call) == "src/engine/tick.rs") {
            continue;
        }
        let told = calls.iter().find_map(|call| {
            let is_ours = own.contains(file_of(call));
            // Generic calls of wgpu are compiled with ours, without the crate's name.
            let is_theirs = file_of(call).starts_with("src/api/")
                || ["wgpu::", "wgpu_core::", "wgpu_hal::"].iter().any(|room| call.contains(room));
            (is_ours || is_theirs).then_some((is_ours, *call))
        });
        match told {
            Some((false, _)) => count.others += times,
            Some((true, call)) => {
                let call = call.split_once(": ").map_or(call, |(_, call)| call);
                *count.ours.entry(call.to_owned()).or_default() += times;
            }
            None => unreachable!("tick.rs is ours"),
        }
    }
    count
}

/// The file of a call such as `0x1f: submit (src/decay/chain.rs:298:45)`.
fn file_of(call: &str) -> &str {
    let place = call.rsplit_once('(').map_or("", |(_, place)| place);
    place.split_once(':').map_or("", |(file, _)| file)
}

/// Our source files, as the profile names them: by the last three parts of their paths.
fn own_files() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeSet::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The library's paths begin at the package, the test's at the root of the disk.
            for path in [path.as_path(), path.strip_prefix(root).expect("within")] {
                let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
                files.insert(parts[parts.len().saturating_sub(3)..].join("/"));
            }
        }
    }
    files
}

#[test]
fn ticks_take_no_memory() {
    // Every stage at work, several generations a tick, trails and all.
    let worn: &[(&str, f64)] = &[
        ("decay.amount", 0.6),
        ("decay.feedback", 0.7),
        ("decay.feedback_turn_degrees", 1.5),
        ("decay.generations_per_second", 60.0),
        ("decay.mask_by", 0.0),
        ("decay.dct_jitter", 0.5),
        ("age.shift_every", 3.0),
        ("programme.level", 0.9),
        ("shader.ripple_amount", 0.5),
    ];
    for (values, is_wasteful) in [(&[] as &[_], false), (worn, false), (worn, true)] {
        let counted = count(values, is_wasteful);
        println!("ours {:#?}\nothers {} a tick", counted.ours, counted.others / TICKS);
        // The graphics library is known to take memory: a count that misses it misses ours as well.
        assert!(counted.others >= TICKS, "{}", counted.others);
        if is_wasteful {
            let (call, times) = counted.ours.first_key_value().expect("the waste is found");
            assert!(counted.ours.len() == 1 && call.starts_with("offer "), "{:#?}", counted.ours);
            assert_eq!(*times, TICKS);
        } else {
            assert!(counted.ours.is_empty(), "{:#?}", counted.ours);
        }
    }
}
