//! The decay chain on the adapter at hand: milliseconds of a frame and of a generation, the bytes that
//! it moves and how near that is to what a plain copy takes for as many, and how many times faster than
//! the loop's first program it is.
//!
//! A frame is everything from a decoded picture in memory to a programme picture in memory. A
//! generation is what one more of them costs on the adapter alone. The CPU time of all threads says
//! what a software adapter really costs on a busy machine (Linux).
//! `cargo bench --no-default-features --bench decay`, or `make bench`, which has Python too.

mod cases;

use residua::{
    decay::{Chain, Frame, PARAMS},
    gpu::Gpu,
    params::{Registry, Store},
    units::Picture,
};
use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

const FRAMES: usize = 12;
/// Generations of one tick whose time, less that of a tick with one, gives what one costs.
const MANY: u32 = 9;
const SIZES: [(u32, u32); 3] = [(640, 360), (1280, 720), (1920, 1080)];
/// The interpreter that has numpy and Pillow.
const PYTHON: &str = "RESIDUA_BENCH_PYTHON";
/// Times that the two programs take turns.
const TURNS: usize = 3;

fn main() {
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let gpu = match Gpu::headless() {
        Ok(gpu) => gpu,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    println!("{}", gpu.adapter_name());
    for size in SIZES {
        println!("{}x{}", size.0, size.1);
        println!(
            "  {:<16} {:>9} {:>9} {:>12} {:>8} {:>8} {:>6}",
            "chain", "frame ms", "CPU ms", "generation", "MB", "copy ms", "share"
        );
        for (name, values) in cases::STAGES {
            let cost = Cost::measure(&gpu, size, values);
            let copy = copy_of(&gpu, cost.bytes);
            let [frame, cpu, generation, copy_ms] =
                [cost.frame, cost.cpu, cost.generation, copy].map(millis);
            let share = match cost.bytes {
                0 => "-".to_owned(),
                _ => format!("{:.0} %", 100.0 * copy_ms / generation.max(1e-6)),
            };
            let megabytes = cost.bytes as f64 / 1e6;
            println!(
                "  {name:<16} {frame:>9.2} {cpu:>9.2} {generation:>12.3} {megabytes:>8.1} \
                 {copy_ms:>8.3} {share:>6}"
            );
        }
    }
    against_python(&gpu);
}

/// Ratios to the loop's first program, the two taking turns.
fn against_python(gpu: &Gpu) {
    let Ok(python) = std::env::var(PYTHON) else {
        println!(
            "not measured: the ratio to Python ({PYTHON} names no interpreter; see make bench)"
        );
        return;
    };
    println!("frames against the same stages in Python (numpy, Pillow), the two taking turns");
    let size = (1280, 720);
    for (name, values) in [("loop", cases::LOOP), ("colour", cases::COLOUR)] {
        let mut ratios = Vec::new();
        for _ in 0..TURNS {
            let [theirs, their_cpu] = python_millis(&python, name, size);
            let cost = Cost::measure(gpu, size, values);
            let [ours, our_cpu] = [cost.frame, cost.cpu].map(millis);
            println!(
                "  {name:<8} {}x{}: {theirs:>6.1} ms ({their_cpu:.1} of CPU), here {ours:.1} ms \
                 ({our_cpu:.1} of CPU)",
                size.0, size.1
            );
            ratios.push(theirs / ours);
        }
        ratios.sort_by(f64::total_cmp);
        println!("  {name:<8} {:.2} times faster (median)", ratios[TURNS / 2]);
    }
}

/// Milliseconds a frame: of the clock, of the CPU.
fn python_millis(python: &str, name: &str, (width, height): (u32, u32)) -> [f64; 2] {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/decay/loop.py");
    let [width, height] = [width, height].map(|side| side.to_string());
    let arguments = [script, name, &width, &height, "15"];
    let output = Command::new(python).args(arguments).output().expect("an interpreter");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|number| number.parse().expect("milliseconds"));
    std::array::from_fn(|_| numbers.next().expect("two numbers"))
}

/// What a chain costs.
struct Cost {
    /// Median time of a frame with one generation.
    frame: Duration,
    /// Mean CPU time of it.
    cpu: Duration,
    /// What one generation more takes.
    generation: Duration,
    /// Bytes that a generation moves.
    bytes: u64,
}

impl Cost {
    fn measure(gpu: &Gpu, (width, height): (u32, u32), values: &[(&str, f64)]) -> Self {
        let registry = Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows that hold"));
        let mut store = Store::new(Arc::clone(&registry));
        for (id, value) in values {
            store.set(registry.find(id).expect("a row of this room"), *value);
        }
        store.settle();
        let mut chain =
            Chain::new(gpu.clone(), &registry, width, height, 0).expect("a chain on this adapter");
        let mut picture = Picture::black(width, height);
        for (place, sample) in picture.data_mut().iter_mut().enumerate() {
            *sample = 16 + ((place * 7919) >> 6) as u8 % 200;
        }
        let mut generation = 0;
        let mut tick = |generations: u32| {
            let start = Instant::now();
            let submitted = chain.submit(&Frame {
                slot: generation,
                picture: Some(&picture.planes()),
                params: store.result(),
                generations,
                heal: false,
                level: 1.0,
                generation,
                age: generation,
            });
            chain.collect(None, &mut |_, bytes| {
                std::hint::black_box(bytes);
            });
            let time = start.elapsed();
            // What an order needs is made beside the first ticks.
            chain.wait_for_shaders();
            generation += u64::from(generations);
            (time, submitted.bytes_moved)
        };
        // The first picture is a copy, and the first ticks run stage by stage.
        for _ in 0..3 {
            tick(1);
        }
        let cpu_before = cpu_time();
        let mut single: Vec<_> = (0..FRAMES).map(|_| tick(1)).collect();
        let cpu = (cpu_time() - cpu_before) / FRAMES as u32;
        let mut many: Vec<_> = (0..FRAMES / 2).map(|_| tick(MANY)).collect();
        single.sort();
        many.sort();
        let frame = single[FRAMES / 2].0;
        let generation = many[FRAMES / 4].0.saturating_sub(frame) / (MANY - 1);
        Self { frame, cpu, generation, bytes: single[0].1 }
    }
}

/// CPU time of all threads of this process; nothing where the system does not tell.
fn cpu_time() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let of_thread = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(of_thread).sum())
}

/// Median time of a copy that reads and writes as many bytes together, without starting it.
fn copy_of(gpu: &Gpu, bytes: u64) -> Duration {
    let size = (bytes / 2).next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
    if size == 0 {
        return Duration::ZERO;
    }
    let buffer = || {
        gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    };
    let (one, other) = (buffer(), buffer());
    let run = |copies: u32| {
        let start = Instant::now();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        for _ in 0..copies {
            encoder.copy_buffer_to_buffer(&one, 0, &other, 0, size);
        }
        gpu.queue().submit([encoder.finish()]);
        let _ = gpu.device().poll(wgpu::PollType::wait_indefinitely());
        start.elapsed()
    };
    let median = |copies| {
        let mut times: Vec<_> = (0..9).map(|_| run(copies)).collect();
        times.sort();
        times[4]
    };
    median(MANY).saturating_sub(median(1)) / (MANY - 1)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
