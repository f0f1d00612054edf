//! The round trip, on the CPU and on the GPU, against pictures and programs of libjpeg-turbo.

use super::{
    Dct, Sampling,
    file::{WriteJpegError, write_jpeg},
    reference::round_trip,
    stored::stored_tables,
    tables::{self, quality_percent},
};
use crate::decay::{
    noise::pcg4d,
    rgb::Rgb,
    testing::{Rig, assert_same, rig},
};
use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Output},
};

#[derive(serde::Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    mode: String,
    subsampling: String,
    luma_raster: Vec<i32>,
    chroma_raster: Option<Vec<i32>>,
}

struct Golden {
    name: String,
    tables: Dct,
    sampling: Sampling,
    input: Rgb,
    output: Rgb,
}

/// Input and output of round trips through libjpeg-turbo 3.2.0, with their tables.
fn goldens() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/jpeg");
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases.json");
    let cases: Cases = serde_json::from_str(&text).expect("cases");
    let read = |name: &str, end: &str| {
        let path = folder.join(format!("{name}_{end}.png"));
        let image = image::open(&path).expect("a golden picture").to_rgb8();
        let (width, height) = image.dimensions();
        Rgb {
            width: width as usize,
            height: height as usize,
            pixels: image.pixels().map(|pixel| pixel.0).collect(),
        }
    };
    let table = |raster: Vec<i32>| <[i32; 64]>::try_from(raster).expect("64 entries");
    let goldens = cases.cases.into_iter().map(|case| {
        let luma_raster = table(case.luma_raster);
        // A grey picture has no chroma to quantise: any table does.
        let chroma = case.chroma_raster.filter(|raster| !raster.is_empty());
        let chroma_raster = chroma.map_or(tables::ANNEX_K_CHROMA_RASTER, table);
        let sampling = match (case.mode.as_str(), case.subsampling.as_str()) {
            ("L", _) => Sampling::Grey,
            (_, "444") => Sampling::Yuv444,
            (_, "422") => Sampling::Yuv422,
            (_, "420") => Sampling::Yuv420,
            other => panic!("{other:?}"),
        };
        let (input, output) = (read(&case.name, "in"), read(&case.name, "out"));
        let tables = Dct { luma_raster, chroma_raster };
        Golden { name: case.name, tables, sampling, input, output }
    });
    goldens.collect()
}

/// The passes on the GPU, their pipelines made once.
struct Shaders {
    rig: &'static Rig,
    pipelines: HashMap<(&'static str, &'static str), wgpu::ComputePipeline>,
}

impl Shaders {
    fn new() -> Option<Self> {
        let rig = rig()?;
        let pipelines = Sampling::ALL
            .iter()
            .flat_map(|sampling| sampling.passes())
            .map(|pass| ((pass.text.name, pass.entry), rig.pipeline(&pass.text, pass.entry)))
            .collect();
        Some(Self { rig, pipelines })
    }

    fn round_trip(&self, picture: &Rgb, tables: &Dct, sampling: Sampling) -> Rgb {
        sampling.passes().iter().fold(picture.clone(), |picture, pass| {
            let pipeline = &self.pipelines[&(pass.text.name, pass.entry)];
            self.rig.run_pipeline(pipeline, pass.tile_px, tables, &picture)
        })
    }
}

#[test]
fn the_reference_is_libjpeg_to_the_last_bit() {
    let goldens = goldens();
    assert_eq!(goldens.len(), 13);
    for golden in goldens {
        println!("{}", golden.name);
        let result = round_trip(&golden.input, &golden.tables, golden.sampling);
        assert_same(&result, &golden.output);
    }
}

#[test]
fn the_loops_own_tables_lie_about_its_base_as_its_jitter_says() {
    let goldens = goldens();
    let seeds: Vec<_> =
        goldens.iter().filter(|golden| golden.name.contains("seed_table")).collect();
    assert_eq!(seeds.len(), 3);
    for golden in seeds {
        // Where 255 is far away; truncation took half a step.
        let ratios: Vec<f64> = (tables::LOOP_RASTER.iter().zip(golden.tables.luma_raster))
            .filter(|(base, _)| **base <= 120)
            .map(|(base, entry)| (f64::from(entry) + 0.5) / f64::from(*base))
            .collect();
        let count = ratios.len() as f64;
        let mean = ratios.iter().sum::<f64>() / count;
        let variance = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / count;
        // Jitter 0.25, growth 1.01 to 1.25; 41 entries know both to a tenth or so.
        assert!((0.9..1.35).contains(&mean), "{}: {mean}", golden.name);
        assert!((0.19..0.33).contains(&variance.sqrt()), "{}: {variance}", golden.name);
    }
}

#[test]
fn the_shaders_are_libjpeg_to_the_last_bit() {
    let Some(shaders) = Shaders::new() else { return };
    for golden in goldens() {
        println!("{}", golden.name);
        let result = shaders.round_trip(&golden.input, &golden.tables, golden.sampling);
        assert_same(&result, &golden.output);
    }
}

/// Draws without end, each from its own counter.
struct Draws {
    seed: u32,
    case: u32,
    number: u32,
}

impl Draws {
    /// A whole number of `0..below`.
    fn below(&mut self, below: usize) -> usize {
        self.number += 1;
        pcg4d([self.number, self.case, self.seed, 0x6a70_6567])[0] as usize % below
    }

    /// A table: fine, coarse, anything, or all of the largest step.
    fn table(&mut self) -> [i32; 64] {
        match [1, 12, 60, 255, 0][self.below(5)] {
            0 => [255; 64],
            most => std::array::from_fn(|_| 1 + self.below(most) as i32),
        }
    }

    /// Grey or not, smooth parts, hard edges and noise side by side, up to 70x70. Some are stark:
    /// darkest and brightest only, so that coarse tables drive them far out of range.
    fn picture(&mut self) -> Rgb {
        // Every tenth is a strip: that is where edges meet.
        let most = if self.below(10) == 0 { 6 } else { 70 };
        let (width, height) = (1 + self.below(most), 1 + self.below(70));
        let key: [usize; 6] = std::array::from_fn(|_| self.below(1 << 16));
        let noise = [0, 8, 256][self.below(3)];
        let (is_grey, is_stark) = (self.below(6) == 0, self.below(5) == 0);
        let (split_x, split_y) = (self.below(width), self.below(height));
        Rgb::from_fn(width, height, |x, y| {
            let words = pcg4d([x as u32, y as u32, key[0] as u32, key[1] as u32]);
            let pixel = std::array::from_fn(|channel| {
                let key = key[2 + channel];
                let grain = if noise > 0 { words[channel] as usize % noise } else { 0 };
                let level = match (x < split_x, y < split_y) {
                    (true, true) => (key + x * (key % 7) + y * (key % 5)) / 2 + grain,
                    (false, true) => (key >> (x / 3 % 2 * 8)) + grain,
                    (true, false) => key + grain,
                    (false, false) => words[channel] as usize,
                };
                if is_stark { (level as u8 >> 7) * 255 } else { level as u8 }
            });
            if is_grey { [pixel[0]; 3] } else { pixel }
        })
    }
}

/// Runs a program of libjpeg-turbo.
fn run(program: &str, folder: &Path, arguments: &[&str]) {
    let Output { status, stderr, .. } = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: run scripts/setup test"));
    assert!(status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&stderr));
}

/// The JPEG file that cjpeg makes, with the options of its that say how.
fn encoded(folder: &Path, picture: &Rgb, options: &[&str]) -> Vec<u8> {
    let mut ppm = format!("P6 {} {} 255\n", picture.width, picture.height).into_bytes();
    ppm.extend(picture.pixels.iter().flatten());
    std::fs::write(folder.join("in.ppm"), ppm).expect("written");
    let mut arguments = vec!["-dct", "int"];
    arguments.extend(options);
    arguments.extend(["-outfile", "in.jpg", "in.ppm"]);
    run("cjpeg", folder, &arguments);
    std::fs::read(folder.join("in.jpg")).expect("read")
}

/// The file that cjpeg makes with these tables.
fn encoded_with(folder: &Path, picture: &Rgb, tables: &Dct, sampling: Sampling) -> Vec<u8> {
    let lines = [tables.luma_raster, tables.chroma_raster]
        .map(|table| table.map(|entry| entry.to_string()).join(" "));
    std::fs::write(folder.join("tables.txt"), lines.join("\n")).expect("written");
    let how = match sampling {
        Sampling::Yuv444 => ["-sample", "1x1"].as_slice(),
        Sampling::Yuv422 => &["-sample", "2x1"],
        Sampling::Yuv420 => &["-sample", "2x2"],
        Sampling::Grey => &["-grayscale"],
    };
    encoded(folder, picture, &[["-baseline", "-qtables", "tables.txt"].as_slice(), how].concat())
}

/// The picture that djpeg makes of a file.
fn decoded(folder: &Path, jpeg: &[u8]) -> Rgb {
    std::fs::write(folder.join("out.jpg"), jpeg).expect("written");
    run("djpeg", folder, &["-dct", "int", "-pnm", "-outfile", "out.pnm", "out.jpg"]);
    let image = image_of_pnm(&std::fs::read(folder.join("out.pnm")).expect("read"));
    assert!(image.width > 0 && image.height > 0);
    image
}

/// Reads P5 and P6 as djpeg writes them.
fn image_of_pnm(bytes: &[u8]) -> Rgb {
    let mut words = bytes.splitn(3, |byte| *byte == b'\n');
    let [magic, size, rest] = std::array::from_fn(|_| words.next().expect("a line"));
    let size: Vec<usize> = std::str::from_utf8(size)
        .expect("text")
        .split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect();
    let levels = rest.strip_prefix(b"255\n").expect("8 bits");
    let pixels: Vec<[u8; 3]> = match magic {
        b"P5" => levels.iter().map(|level| [*level; 3]).collect(),
        b"P6" => levels.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(pixels.len(), size[0] * size[1]);
    Rgb { width: size[0], height: size[1], pixels }
}

/// The seed of the fresh cases: from `RESIDUA_JPEG_SEED`, or from the process and its folder.
fn seed(folder: &Path) -> u32 {
    let seed = match std::env::var("RESIDUA_JPEG_SEED") {
        Ok(seed) => seed.parse().expect("RESIDUA_JPEG_SEED is a whole number"),
        // The folder's name is drawn anew by the system.
        Err(_) => xxhash_rust::xxh3::xxh3_64(folder.as_os_str().as_encoded_bytes()) as u32,
    };
    println!("RESIDUA_JPEG_SEED={seed}");
    seed
}

/// A fresh case.
struct Fresh<'a> {
    folder: &'a Path,
    picture: Rgb,
    tables: Dct,
    sampling: Sampling,
    /// The file that the system's libjpeg makes of it.
    jpeg: Vec<u8>,
}

/// Makes fresh cases and gives each to `look`.
fn fresh_cases(count: u32, look: &dyn Fn(&Fresh<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let seed = seed(folder);
    for case in 0..count {
        let mut draws = Draws { seed, case, number: 0 };
        let picture = draws.picture();
        let tables = Dct { luma_raster: draws.table(), chroma_raster: draws.table() };
        let sampling = Sampling::ALL[case as usize % 4];
        println!("case {case}: {}x{}, {sampling:?}", picture.width, picture.height);
        let jpeg = encoded_with(folder, &picture, &tables, sampling);
        look(&Fresh { folder, picture, tables, sampling, jpeg });
    }
}

#[test]
fn the_reference_is_the_libjpeg_of_this_system_in_fresh_cases() {
    fresh_cases(300, &|fresh| {
        let result = round_trip(&fresh.picture, &fresh.tables, fresh.sampling);
        assert_same(&result, &decoded(fresh.folder, &fresh.jpeg));
    });
}

#[test]
fn the_shaders_are_the_libjpeg_of_this_system_in_fresh_cases() {
    let Some(shaders) = Shaders::new() else { return };
    fresh_cases(60, &|fresh| {
        let result = shaders.round_trip(&fresh.picture, &fresh.tables, fresh.sampling);
        assert_same(&result, &decoded(fresh.folder, &fresh.jpeg));
    });
}

#[test]
fn written_files_are_those_of_cjpeg_and_decode_to_the_round_trip() {
    fresh_cases(120, &|fresh| {
        let Fresh { folder, picture, tables, sampling, jpeg } = fresh;
        let sampling = *sampling;
        let written = write_jpeg(picture, tables, sampling).expect("a file");
        assert_same(&decoded(folder, &written), &round_trip(picture, tables, sampling));
        let first = written.iter().zip(jpeg).position(|(one, other)| one != other);
        assert!(written == *jpeg, "from byte {first:?} of {} and {}", written.len(), jpeg.len());
        // Grey files hold one table.
        let stored = stored_tables(&written).expect("tables");
        let chroma =
            if sampling == Sampling::Grey { tables.luma_raster } else { tables.chroma_raster };
        assert_eq!(stored, Dct { luma_raster: tables.luma_raster, chroma_raster: chroma });
    });
    let (width, height) = (65_536, 1);
    let wide = Rgb::from_fn(width, height, |_, _| [0; 3]);
    let wanted = Err(WriteJpegError::Size { width, height });
    assert_eq!(write_jpeg(&wide, &Dct::flat(1), Sampling::Grey), wanted);
}

#[test]
fn every_quality_has_the_tables_of_cjpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let picture = Rgb::from_fn(8, 8, |_, _| [0; 3]);
    for quality in 1..=100 {
        let wanted = Dct::ANNEX_K.scaled(quality_percent(quality));
        let jpeg = encoded(folder, &picture, &["-baseline", "-quality", &quality.to_string()]);
        assert_eq!(stored_tables(&jpeg), Ok(wanted), "{quality}");
        // Without -baseline, entries may have 16 bits.
        let jpeg = encoded(folder, &picture, &["-quality", &quality.to_string()]);
        assert_eq!(stored_tables(&jpeg), Ok(wanted), "{quality}");
        assert!(quality > 10 || jpeg.windows(5).any(|head| head == [0xff, 0xdb, 0, 131, 0x10]));
    }
}

#[test]
fn a_grey_picture_takes_the_short_way_unnoticed() {
    let Some(shaders) = Shaders::new() else { return };
    let grey = crate::decay::testing::test_picture(70, 46, 3).map(|_, _, [r, _, _]| [r.into(); 3]);
    for amount in [0.1, 0.34, 1.0] {
        let tables = Dct::from_amount(amount);
        let wanted = round_trip(&grey, &tables, Sampling::Yuv444);
        for sampling in Sampling::ALL {
            assert_same(&round_trip(&grey, &tables, sampling), &wanted);
            assert_same(&shaders.round_trip(&grey, &tables, sampling), &wanted);
        }
    }
}

#[test]
fn the_knob_goes_from_nothing_through_annex_k_to_the_mosaic() {
    assert_eq!(Dct::from_amount(0.0).luma_raster, [1; 64]);
    let annex_k = Dct::from_amount((1.0_f64 / 25.5).cbrt());
    assert_eq!(annex_k.luma_raster, tables::ANNEX_K_LUMA_RASTER);
    assert_eq!(annex_k.chroma_raster, tables::ANNEX_K_CHROMA_RASTER);
    let mosaic = Dct::from_amount(1.0);
    assert_eq!((mosaic.luma_raster, mosaic.chroma_raster), ([255; 64], [255; 64]));
}
