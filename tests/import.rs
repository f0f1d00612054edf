//! Imports judged by ffmpeg and ffprobe: counts, pictures, order, heals, and what cannot be imported.

#![cfg(feature = "media")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod support;

use residua::{
    bitstream::Stream,
    clip::{Clip, Encoder, Meta},
    media::{self, ImportError, ImportRequest, Imported, SourceHashes},
    units::{AccessUnitIndex, Direction, Picture},
};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use support::{decode, ffmpeg, ffmpeg_pictures, frames, psnr};
use tempfile::TempDir;

const FLOWER: &str = "presets/demo/flower.mp4";
const RABBIT: &str = "presets/demo/toy_rabbit.mp4";
const CANVAS: &str = "320x180@30000/1001";

fn request(source: impl Into<PathBuf>, encoder: Encoder) -> ImportRequest {
    ImportRequest { coding: encoder.into(), ..ImportRequest::new(source, CANVAS.parse().unwrap()) }
}

fn import(request: &ImportRequest, folder: &Path) -> Result<Imported, ImportError> {
    let hashes = SourceHashes::of(request)?;
    media::import(request, &hashes, folder, &mut |_| ControlFlow::Continue(()))
}

/// A finished import of the demo's flower, made once for all tests.
struct Flower {
    folder: TempDir,
    clip: Clip,
    forward: Vec<Picture>,
}

fn flower(encoder: Encoder) -> &'static Flower {
    static CLIPS: [OnceLock<Flower>; 2] = [OnceLock::new(), OnceLock::new()];
    CLIPS[encoder as usize].get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        import(&request(FLOWER, encoder), &folder.path().join("clip")).unwrap();
        let clip = Clip::load(&folder.path().join("clip")).unwrap();
        let forward = decode(&[(&clip.forward, 0..clip.forward.len() as u32)]);
        Flower { folder, clip, forward }
    })
}

#[test]
fn every_picture_of_the_source_is_there() {
    for encoder in Encoder::SOFTWARE {
        let flower = flower(encoder);
        let expected = frames(Path::new(FLOWER));
        assert_eq!(flower.clip.forward.len(), expected);
        assert_eq!(flower.clip.backward.len(), expected);
        assert_eq!(flower.clip.bank.len(), expected.div_ceil(12));
        flower.clip.verify().unwrap();
        assert_eq!(flower.clip.name, "flower");
    }
}

#[test]
fn only_the_first_picture_is_an_intra_picture() {
    for encoder in Encoder::SOFTWARE {
        let clip = &flower(encoder).clip;
        let intra = |stream: &Stream| {
            (0..stream.len() as u32).filter(|unit| stream.is_intra(AccessUnitIndex(*unit))).count()
        };
        assert_eq!((intra(&clip.forward), intra(&clip.backward)), (1, 1));
        assert_eq!(intra(&clip.bank), clip.bank.len());
        assert_eq!(clip.bank.format(), clip.forward.format());
        assert_eq!(clip.backward.format(), clip.forward.format());
    }
}

#[test]
fn mpeg4_has_one_intra_picture_in_600() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.mkv");
    let graph = "testsrc2=s=64x48:r=30:d=43";
    ffmpeg(&["-f", "lavfi", "-i", graph, "-c:v", "mpeg4", "-q:v", "3"], &long);
    let mut request = request(&long, Encoder::Mpeg4);
    request.canvas = "64x48@30".parse().unwrap();
    let clip_folder = folder.path().join("clip");
    import(&request, &clip_folder).unwrap();
    let types = support::picture_types(&clip_folder.join("forward.m4v"));
    assert_eq!(types.len(), 1290);
    let clip = Clip::load(&clip_folder).unwrap();
    for (unit, kind) in (0..).zip(types.chars()) {
        assert_eq!(kind == 'I', unit % 600 == 0, "{unit}");
        assert_eq!(kind == 'I', clip.forward.is_intra(AccessUnitIndex(unit)), "{unit}");
    }
}

#[test]
fn straight_play_is_ffmpegs_decode_bit_for_bit() {
    for encoder in Encoder::SOFTWARE {
        let flower = flower(encoder);
        let ending = if encoder == Encoder::Libx264 { "h264" } else { "m4v" };
        let file = flower.folder.path().join(format!("clip/forward.{ending}"));
        let expected = ffmpeg_pictures(&file, 320, 180, "");
        assert_eq!(expected.len(), flower.forward.len());
        for (number, (ours, theirs)) in flower.forward.iter().zip(&expected).enumerate() {
            assert!(ours == theirs, "{encoder}: picture {number} differs");
        }
    }
}

#[test]
fn damage_is_the_same_every_time_and_ffmpegs() {
    // Jumps all over the clip, both ways: what comes out must depend on nothing but what goes in.
    let jumps = [0, 90, 31, 130, 7, 66, 112, 48, 90, 15];
    for encoder in Encoder::SOFTWARE {
        let flower = flower(encoder);
        let clip = &flower.clip;
        let mut parts = vec![(&clip.forward, 0..6)];
        for (number, start) in (1_u32..).zip(jumps) {
            let direction = if number % 3 == 0 { Direction::Backward } else { Direction::Forward };
            parts.push((clip.stream(direction), start + 1..start + 7));
        }
        let once = decode(&parts);
        assert!(once == decode(&parts), "{encoder}: two runs differ");
        let file = flower.folder.path().join("spliced");
        fs::write(&file, support::splice(&parts)).unwrap();
        let theirs = ffmpeg_pictures(&file, 320, 180, "");
        assert_eq!(once.len(), theirs.len());
        let differing = once.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
        assert_eq!(differing, 0, "{encoder}: {differing} pictures differ from ffmpeg's");
        assert!(once[40] != flower.forward[40], "no damage at all");
    }
}

#[test]
fn the_same_source_gives_the_same_streams() {
    for encoder in Encoder::SOFTWARE {
        let folder = tempfile::tempdir().unwrap();
        let again = import(&request(FLOWER, encoder), &folder.path().join("clip")).unwrap();
        assert_eq!(again.meta, flower(encoder).clip.meta);
    }
}

/// The files of a clip folder by name, with all their bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Memory that is given back holds this byte afterwards, in pieces of the size of pictures.
fn dirty_memory(byte: u8) {
    let pieces = (0..400).map(|piece| vec![byte; 20_000 + piece * 500]).collect::<Vec<_>>();
    assert!(std::hint::black_box(pieces).iter().flatten().all(|found| *found == byte));
}

#[test]
fn other_widths_give_the_same_bytes_whatever_was_in_memory() {
    let source = tempfile::tempdir().unwrap();
    let moving = source.path().join("moving.mkv");
    let graph = "testsrc2=s=426x240:r=25:d=0.8";
    ffmpeg(&["-f", "lavfi", "-i", graph, "-c:v", "mpeg4", "-q:v", "2"], &moving);
    for (canvas, encoder) in ["426x240@25", "322x182@25"]
        .into_iter()
        .flat_map(|canvas| Encoder::SOFTWARE.map(|encoder| (canvas, encoder)))
    {
        let folder = tempfile::tempdir().unwrap();
        let imports = [0x55, 0xaa, 0xff].map(|byte| {
            let clip = folder.path().join(format!("{byte}"));
            dirty_memory(byte);
            let mut request = request(&moving, encoder);
            request.canvas = canvas.parse().unwrap();
            import(&request, &clip).unwrap();
            files(&clip)
        });
        // The C library's own way: all memory that is handed out holds this byte.
        let processes = [1_u8, 170].map(|byte| {
            let clip = folder.path().join(format!("process-{byte}"));
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_residua"))
                .args(["import", "--canvas", canvas, "--encoder", &encoder.to_string()])
                .arg("--library")
                .arg(&clip)
                .arg(&moving)
                .env("MALLOC_PERTURB_", byte.to_string())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let made = fs::read_dir(&clip).unwrap().map(|entry| entry.unwrap().path());
            let made: Vec<_> = made.filter(|path| path.join("clip.toml").is_file()).collect();
            assert_eq!(made.len(), 1, "{made:?}");
            // What the library keeps beside a clip is none of it.
            let mut found = files(&made[0]);
            found.retain(|(name, _)| imports[0].iter().any(|(known, _)| known == name));
            found
        });
        for others in [&imports[1], &imports[2], &processes[0], &processes[1]] {
            assert_eq!(others.len(), imports[0].len());
            for ((name, bytes), (other, others)) in imports[0].iter().zip(others) {
                assert_eq!(name, other);
                assert!(bytes == others, "{canvas}, {encoder}: {name} differs");
            }
        }
    }
}

#[test]
fn pictures_are_the_sources_in_both_orders() {
    // Truth: ffmpeg's own decode and scaling of the source.
    let source = ffmpeg_pictures(Path::new(FLOWER), 320, 180, "scale=320:180:flags=bilinear");
    for encoder in Encoder::SOFTWARE {
        let flower = flower(encoder);
        let backward = decode(&[(&flower.clip.backward, 0..flower.clip.backward.len() as u32)]);
        let last = source.len() - 1;
        for number in (0..=last).step_by(7) {
            let forward = psnr(&flower.forward[number], &source[number]);
            assert!(forward > 30.0, "{encoder} forward {number}: {forward:.1} dB");
            let against = psnr(&backward[last - number], &source[number]);
            assert!(against > 30.0, "{encoder} backward {number}: {against:.1} dB");
            let both = psnr(&backward[last - number], &flower.forward[number]);
            assert!(both > 34.0, "{encoder} both ways {number}: {both:.1} dB");
        }
        // The measure must tell wrong order from right.
        let wrong = psnr(&backward[0], &flower.forward[0]);
        assert!(wrong < 30.0, "{encoder}: the first pictures of both ways look alike: {wrong:.1}");
    }
}

#[test]
fn the_bank_heals_both_ways() {
    for encoder in Encoder::SOFTWARE {
        let flower = flower(encoder);
        let clip = &flower.clip;
        let backward = decode(&[(&clip.backward, 0..clip.backward.len() as u32)]);
        for (direction, clean) in
            [(Direction::Forward, &flower.forward), (Direction::Backward, &backward)]
        {
            for unit in [5, 40, 77, 120] {
                let place = clip.bank_place(AccessUnitIndex(unit), direction);
                let (bank, next) = (place.unit.0, place.next.0);
                assert!(next <= unit + 1 && unit + 1 - next < 12);
                let healed = decode(&[
                    (place.stream, bank..bank + 1),
                    (clip.stream(direction), next..next + 10),
                ]);
                for (step, picture) in healed.iter().enumerate() {
                    let db = psnr(picture, &clean[next as usize - 1 + step]);
                    assert!(db >= 35.0, "{encoder} {direction:?} {unit}+{step}: {db:.1} dB");
                }
            }
        }
    }
}

#[test]
fn the_mosh_hold_is_measured() {
    for encoder in Encoder::SOFTWARE {
        let hold = &flower(encoder).clip.meta.mosh_hold;
        let after: Vec<_> = hold.iter().map(|point| point.after_secs).collect();
        assert_eq!(after, [0.5, 1.0, 2.0, 4.0]);
        assert!(hold.iter().all(|point| (-1.0..=1.0).contains(&point.correlation)), "{hold:?}");
    }
}

#[test]
fn the_facts_read_as_they_were_written() {
    let folder = flower(Encoder::Mpeg4).folder.path().join("clip");
    let meta = Meta::read(&folder).unwrap();
    assert_eq!(meta, flower(Encoder::Mpeg4).clip.meta);
    assert_eq!(meta.source, "flower.mp4");
    // Nothing of the import is left in the folder.
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["backward.m4v", "clip.toml", "forward.m4v", "intra.m4v", "intra_backward.m4v"]
    );
}

#[test]
fn a_damaged_clip_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let whole = flower(Encoder::Mpeg4).folder.path().join("clip");
    for entry in fs::read_dir(whole).unwrap().flatten() {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let file = folder.path().join("backward.m4v");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&file, &bytes).unwrap();
    // Either it does not load, or the checksum finds it.
    let found = Clip::load(folder.path()).and_then(|clip| clip.verify());
    assert!(found.unwrap_err().to_string().contains("backward.m4v"));
    fs::write(&file, &bytes[..middle]).unwrap();
    assert!(Clip::load(folder.path()).is_err());
    fs::remove_file(&file).unwrap();
    assert!(Clip::load(folder.path()).unwrap_err().to_string().contains("backward.m4v"));
}

#[test]
fn a_backward_source_is_played_in_its_own_order() {
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short.mkv");
    ffmpeg(&["-i", RABBIT, "-an", "-frames:v", "30", "-c:v", "mpeg4", "-q:v", "2"], &short);
    let mut request = request(&short, Encoder::Libx264);
    request.backward = Some(FLOWER.into());
    let clip_folder = folder.path().join("clip");
    import(&request, &clip_folder).unwrap();
    let clip = Clip::load(&clip_folder).unwrap();
    assert_eq!(clip.backward.len(), frames(Path::new(FLOWER)));
    let flower = flower(Encoder::Libx264);
    let backward = decode(&[(&clip.backward, 0..20)]);
    assert!(backward == flower.forward[..20], "the backward stream is not the flower");
    let place = clip.bank_place(AccessUnitIndex(30), Direction::Backward);
    assert_eq!((place.unit.0, place.next.0), (2, 25));
}
