//! Milliseconds a frame of the decay chain on the adapter at hand, and how many plain texture copies
//! of the same run that is (the ratio is what can be compared between machines).
//!
//! The CPU time of all threads says what a software adapter really costs on a busy machine (Linux).
//! A frame is everything from a decoded picture in memory to a programme picture in memory.
//! `cargo bench --no-default-features --bench decay`

use residua::{
    decay::{Chain, Frame, PARAMS},
    gpu::Gpu,
    params::{Registry, Store},
    units::Picture,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const FRAMES: usize = 15;

/// What is set besides the defaults.
const CASES: &[(&str, &[(&str, f64)])] = &[
    ("neutral", &[]),
    ("feedback", &[("decay.feedback", 0.9)]),
    ("shift", &[("decay.shift_px", 3.0)]),
    ("noise", &[("decay.noise_amplitude", 2.0)]),
    ("blur 1.3 px", &[("decay.blur_radius_px", 1.3)]),
    ("blur 8 px", &[("decay.blur_radius_px", 8.0)]),
    ("sharpen 2 px", &[("decay.sharpen_amount", 1.8)]),
    ("black and white", &[("decay.black_and_white_amount", 1.0)]),
    ("dct", &[("decay.dct_amount", 0.5)]),
    ("bleed 64 px", &[("decay.bleed_amount", 1.0), ("decay.bleed_radius_px", 64.0)]),
    (
        "bleed blocks",
        &[
            ("decay.bleed_amount", 1.0),
            ("decay.bleed_radius_px", 0.0),
            ("decay.bleed_subsampling_px", 5.0),
        ],
    ),
    ("block hold", &[("decay.block_hold_threshold", 8.0)]),
    ("mask", &[("decay.mask_amount", 1.0), ("decay.feedback", 0.9)]),
    ("codec", &[("decay.codec_amount", 1.0)]),
    (
        "all",
        &[
            ("decay.feedback", 0.9),
            ("decay.shift_px", 3.0),
            ("decay.noise_amplitude", 2.0),
            ("decay.blur_radius_px", 1.3),
            ("decay.sharpen_amount", 1.8),
            ("decay.black_and_white_amount", 1.0),
            ("decay.dct_amount", 0.5),
        ],
    ),
    (
        "all, half mixed",
        &[
            ("decay.mix", 0.5),
            ("decay.feedback", 0.9),
            ("decay.shift_px", 3.0),
            ("decay.noise_amplitude", 2.0),
            ("decay.blur_radius_px", 1.3),
            ("decay.sharpen_amount", 1.8),
            ("decay.black_and_white_amount", 1.0),
            ("decay.dct_amount", 0.5),
        ],
    ),
];

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
    for (width, height) in [(640, 360), (1280, 720)] {
        let copy = texture_copy(&gpu, width, height);
        println!("{width}x{height}: one texture copy {:.2} ms", millis(copy));
        println!(
            "  {:<16} {:>8} {:>8} {:>8} {:>8}",
            "chain", "least ms", "median", "CPU ms", "copies"
        );
        for (name, values) in CASES {
            let [least, median, cpu] = chain(&gpu, width, height, values);
            let copies = least.as_secs_f64() / copy.as_secs_f64();
            let [least, median, cpu] = [least, median, cpu].map(millis);
            println!("  {name:<16} {least:>8.2} {median:>8.2} {cpu:>8.2} {copies:>8.1}");
        }
    }
}

/// Least time, median time and mean CPU time of a frame with one generation.
fn chain(gpu: &Gpu, width: u32, height: u32, values: &[(&str, f64)]) -> [Duration; 3] {
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
    let mut times = Vec::new();
    let cpu_before = cpu_time();
    for slot in 0..FRAMES as u64 {
        let start = Instant::now();
        chain.submit(&Frame {
            slot,
            picture: Some(&picture.planes()),
            params: store.result(),
            generations: 1,
            heal: false,
            level: 1.0,
            generation: slot,
            age: slot,
        });
        chain.collect(None, &mut |_, bytes| {
            std::hint::black_box(bytes);
        });
        times.push(start.elapsed());
    }
    assert_eq!(chain.is_broken(), None);
    let cpu = (cpu_time() - cpu_before) / FRAMES as u32;
    times.sort();
    [times[0], times[FRAMES / 2], cpu]
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

/// Least time of a copy from one picture to another.
fn texture_copy(gpu: &Gpu, width: u32, height: u32) -> Duration {
    let texture = || {
        gpu.device().create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Uint,
            usage: wgpu::TextureUsages::COPY_SRC | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        })
    };
    let (one, other) = (texture(), texture());
    let once = || {
        let start = Instant::now();
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        encoder.copy_texture_to_texture(one.as_image_copy(), other.as_image_copy(), one.size());
        gpu.queue().submit([encoder.finish()]);
        let _ = gpu.device().poll(wgpu::PollType::wait_indefinitely());
        start.elapsed()
    };
    (0..50).map(|_| once()).min().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
