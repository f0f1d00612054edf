//! What the tests of the stages share: pictures, a comparison, and one pass on the GPU.

use super::{
    buffers::{PackedBuffer, Uniforms},
    feedback::Feedback,
    pictures::{Pictures, TILE_PX},
    pipelines::{Layouts, Pipelines, run_pipeline, stage_pipelines},
    plan::Place,
    rgb::Rgb,
    run::{Head, RunKey},
    stage::{StageKind, Work},
    transfer,
};
use crate::gpu::{Gpu, ShaderText, adapter_at_hand, compute_pipeline};
use std::sync::{Mutex, OnceLock};

/// Largest difference of two pictures in levels.
pub fn largest_difference(one: &Rgb, other: &Rgb) -> u8 {
    assert_eq!((one.width, one.height), (other.width, other.height), "sizes");
    let levels = one.pixels.iter().flatten().zip(other.pixels.iter().flatten());
    levels.map(|(one, other)| one.abs_diff(*other)).max().unwrap_or(0)
}

/// Fails unless all levels are equal.
pub fn assert_same(one: &Rgb, other: &Rgb) {
    assert_eq!(largest_difference(one, other), 0, "largest difference in levels");
}

/// A picture with smooth, hard and random parts. 70x46 by habit: no multiple of any tile.
pub fn test_picture(width: usize, height: usize, seed: u32) -> Rgb {
    Rgb::from_fn(width, height, |x, y| {
        let hash = super::noise::pcg4d([x as u32, y as u32, seed, 77]);
        let grain = (hash[0] % 23) as usize;
        let bar = if (x / 11 + seed as usize).is_multiple_of(3) { 90 } else { 0 };
        [(x * 3 + grain) % 256, (y * 5 + bar) % 256, (x * 2 + y * 2 + grain * 4) % 256]
            .map(|level| level as u8)
    })
}

/// A picture before and after a filter of Pillow, see `tests/golden/pillow/make.py`.
#[derive(Debug)]
pub struct PillowGolden {
    /// The filter's radius: a standard deviation in pixels.
    pub radius: f64,
    /// Of the unsharp mask.
    pub percent: Option<f64>,
    /// Of the unsharp mask, in levels.
    pub threshold: Option<i32>,
    /// The picture before.
    pub input: Rgb,
    /// The picture after.
    pub output: Rgb,
}

/// The goldens of one filter.
pub fn pillow_goldens(filter: &str) -> Vec<PillowGolden> {
    #[derive(serde::Deserialize)]
    struct Case {
        filter: String,
        input: String,
        output: String,
        /// Row of the output where the picture starts.
        top: u32,
        radius: f64,
        percent: Option<f64>,
        threshold: Option<i32>,
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pillow");
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases.json");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
    let golden = |case: Case| {
        let read = |name: &str| image::open(folder.join(name)).expect("a golden picture").to_rgb8();
        let (input, output) = (read(&case.input), read(&case.output));
        let part = |image: &image::RgbImage, top: u32| {
            Rgb::from_fn(input.width() as usize, input.height() as usize, |x, y| {
                image.get_pixel(x as u32, y as u32 + top).0
            })
        };
        PillowGolden {
            radius: case.radius,
            percent: case.percent,
            threshold: case.threshold,
            output: part(&output, case.top),
            input: part(&input, 0),
        }
    };
    cases.into_iter().filter(|case| case.filter == filter).map(golden).collect()
}

/// Runs single passes.
pub struct Rig {
    gpu: Gpu,
    layouts: Layouts,
    /// For widths that are no multiple of 8, and for those that are.
    pipelines: [Pipelines; 2],
}

/// The rig on the adapter at hand, made once; `None` where there is none.
pub fn rig() -> Option<&'static Rig> {
    static RIG: OnceLock<Option<Rig>> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    RIG.get_or_init(|| {
        let gpu = adapter_at_hand()?;
        let layouts = Layouts::new(&gpu);
        let pipelines = [false, true].map(|is_wide| {
            let mut bypass = |_, error| panic!("{error}");
            let pipelines = Pipelines::new(&gpu, &layouts, (&[], 0), is_wide, &mut bypass);
            pipelines.expect("pipelines")
        });
        Some(Rig { gpu, layouts, pipelines })
    })
    .as_ref()
}

impl Rig {
    /// What a point stage makes of two pictures.
    pub fn point<T: bytemuck::Pod>(
        &self,
        kind: &'static StageKind,
        uniform: &T,
        source: &Rgb,
        second: &Rgb,
    ) -> Rgb {
        self.point_with_motion(kind, uniform, source, second, &[])
    }

    /// The same where the second picture has motion; without any it has none.
    pub fn point_with_motion<T: bytemuck::Pod>(
        &self,
        kind: &'static StageKind,
        uniform: &T,
        source: &Rgb,
        second: &Rgb,
        motion: &[u8],
    ) -> Rgb {
        let pipeline = run_pipeline(&self.gpu, &self.layouts, &RunKey::alone(0), &[kind]);
        let pipeline = pipeline.expect("a pipeline");
        let (width, height) = (source.width as u32, source.height as u32);
        let pictures = Pictures::new(&self.gpu, &self.layouts, width, height);
        self.write(&pictures, Place::Work(0), source);
        self.write_with_motion(&pictures, Place::Work(1), second, motion);
        let places = (Place::Work(0), Place::Work(1), Place::Work(2));
        self.dispatch(&pipeline, uniform, &pictures, places, &[0; 4], pictures.workgroups(TILE_PX));
        self.read(&pictures, Place::Work(2))
    }

    /// The motion that `motion` makes of a new decoded picture and the one before with its motion.
    /// What it makes of the levels must be the new picture.
    pub fn motion(&self, new: &Rgb, before: &Rgb, motion: &[u8]) -> Vec<u8> {
        let pictures = Pictures::new(&self.gpu, &self.layouts, new.width as u32, new.height as u32);
        self.write(&pictures, Place::Work(0), new);
        self.write_with_motion(&pictures, Place::Decoded, before, motion);
        let places = (Place::Work(0), Place::Decoded, Place::Spare);
        let pipeline = &self.of(&pictures).motion;
        let groups = pictures.workgroups(TILE_PX);
        self.dispatch(pipeline, &[0_u8; 16], &pictures, places, &[0; 4], groups);
        assert_same(&self.read(&pictures, Place::Spare), new);
        self.read_all(&pictures, Place::Spare).into_iter().map(|pixel| pixel[3]).collect()
    }

    /// What one pass of a stage makes of two pictures.
    pub fn pass<T: bytemuck::Pod>(
        &self,
        kind: &'static StageKind,
        pass: usize,
        uniform: &T,
        source: &Rgb,
        second: &Rgb,
    ) -> Rgb {
        let Work::Passes { passes } = &kind.work else { panic!("{} is a point", kind.name) };
        let pipelines = stage_pipelines(&self.gpu, &self.layouts, &[kind], 0, kind);
        let pipelines = pipelines.expect("pipelines");
        self.run(&pipelines[pass], passes[pass].tile_px, uniform, source, second)
    }

    /// What several passes of a stage make, one after the other; all see the first picture as the
    /// second.
    pub fn passes<T: bytemuck::Pod>(
        &self,
        kind: &'static StageKind,
        numbers: &[usize],
        uniform: &T,
        source: &Rgb,
    ) -> Rgb {
        let Work::Passes { passes } = &kind.work else { panic!("{} is a point", kind.name) };
        let pipelines = stage_pipelines(&self.gpu, &self.layouts, &[kind], 0, kind);
        let pipelines = pipelines.expect("pipelines");
        numbers.iter().fold(source.clone(), |now, pass| {
            self.run(&pipelines[*pass], passes[*pass].tile_px, uniform, &now, source)
        })
    }

    /// What one pass of a stage makes of a picture and a packed buffer.
    pub fn pass_with_packed<T: bytemuck::Pod>(
        &self,
        kind: &'static StageKind,
        pass: usize,
        uniform: &T,
        source: &Rgb,
        packed: &[u8],
    ) -> Rgb {
        let Work::Passes { passes, .. } = &kind.work else { panic!("{} is a point", kind.name) };
        let pipelines = stage_pipelines(&self.gpu, &self.layouts, &[kind], 0, kind);
        let (width, height) = (source.width as u32, source.height as u32);
        let pictures = Pictures::new(&self.gpu, &self.layouts, width, height);
        self.write(&pictures, Place::Work(0), source);
        let places = (Place::Work(0), Place::Work(0), Place::Work(2));
        let groups = pictures.workgroups(passes[pass].tile_px);
        let pipelines = pipelines.expect("pipelines");
        self.dispatch(&pipelines[pass], uniform, &pictures, places, packed, groups);
        self.read(&pictures, Place::Work(2))
    }

    /// What a head makes of the worn and the decoded picture.
    pub fn head(&self, head: Head, uniform: &Feedback, worn: &Rgb, decoded: &Rgb) -> Rgb {
        let pipeline = run_pipeline(&self.gpu, &self.layouts, &RunKey::of(head), &[]);
        self.run(&pipeline.expect("a pipeline"), TILE_PX, uniform, worn, decoded)
    }

    /// A pipeline for [`Rig::run_pipeline`].
    pub fn pipeline(&self, text: &ShaderText, entry: &str) -> wgpu::ComputePipeline {
        let wgsl = text.wgsl();
        compute_pipeline(&self.gpu, text.name, &wgsl, entry, &self.layouts.groups())
            .expect("a pipeline")
    }

    /// What a pipeline makes of a picture; its workgroups make `tile_px` pixels each.
    pub fn run_pipeline<T: bytemuck::Pod>(
        &self,
        pipeline: &wgpu::ComputePipeline,
        tile_px: (u32, u32),
        uniform: &T,
        source: &Rgb,
    ) -> Rgb {
        self.run(pipeline, tile_px, uniform, source, source)
    }

    fn run<T: bytemuck::Pod>(
        &self,
        pipeline: &wgpu::ComputePipeline,
        tile_px: (u32, u32),
        uniform: &T,
        source: &Rgb,
        second: &Rgb,
    ) -> Rgb {
        let (width, height) = (source.width as u32, source.height as u32);
        let pictures = Pictures::new(&self.gpu, &self.layouts, width, height);
        self.write(&pictures, Place::Work(0), source);
        self.write(&pictures, Place::Work(1), second);
        let places = (Place::Work(0), Place::Work(1), Place::Work(2));
        self.dispatch(pipeline, uniform, &pictures, places, &[0; 4], pictures.workgroups(tile_px));
        self.read(&pictures, Place::Work(2))
    }

    /// What `unpack` makes of a packed picture.
    pub fn unpack<T: bytemuck::Pod>(&self, uniform: &T, packed: &[u8], size: (u32, u32)) -> Rgb {
        let pictures = Pictures::new(&self.gpu, &self.layouts, size.0, size.1);
        let places = (Place::Work(0), Place::Work(0), Place::Decoded);
        let groups = pictures.unpack_workgroups();
        self.dispatch(&self.of(&pictures).unpack, uniform, &pictures, places, packed, groups);
        self.read(&pictures, Place::Decoded)
    }

    /// What `pack` makes of two pictures.
    pub fn pack<T: bytemuck::Pod>(&self, uniform: &T, worn: &Rgb, decoded: &Rgb) -> Vec<u8> {
        let pictures =
            Pictures::new(&self.gpu, &self.layouts, worn.width as u32, worn.height as u32);
        self.write(&pictures, Place::Work(0), worn);
        self.write(&pictures, Place::Decoded, decoded);
        let blank = vec![0; worn.width * worn.height * 3 / 2];
        let places = (Place::Work(0), Place::Decoded, Place::Work(1));
        let groups = pictures.pack_workgroups();
        self.dispatch(&self.of(&pictures).pack, uniform, &pictures, places, &blank, groups)
    }

    /// What `level` makes of a packed picture.
    pub fn level<T: bytemuck::Pod>(&self, uniform: &T, packed: &[u8], size: (u32, u32)) -> Vec<u8> {
        let pictures = Pictures::new(&self.gpu, &self.layouts, size.0, size.1);
        let places = (Place::Decoded, Place::Decoded, Place::Work(1));
        let groups = pictures.word_workgroups();
        self.dispatch(&self.of(&pictures).level, uniform, &pictures, places, packed, groups)
    }

    fn of(&self, pictures: &Pictures) -> &Pipelines {
        &self.pipelines[usize::from(pictures.is_wide())]
    }

    /// Runs a pass and gives back the packed picture as it is then.
    fn dispatch<T: bytemuck::Pod>(
        &self,
        pipeline: &wgpu::ComputePipeline,
        uniform: &T,
        pictures: &Pictures,
        (source, second, result): (Place, Place, Place),
        packed: &[u8],
        groups: (u32, u32),
    ) -> Vec<u8> {
        let mut uniforms = Uniforms::new(&self.gpu, &self.layouts, 1);
        let buffer = PackedBuffer::new(&self.gpu, &self.layouts, packed.len());
        buffer.write(&self.gpu, packed);
        let offset = uniforms.push(bytemuck::bytes_of(uniform));
        uniforms.upload(&self.gpu);
        let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &uniforms.group, &[offset]);
        pass.set_bind_group(1, pictures.group(source, second, result), &[]);
        pass.set_bind_group(2, &buffer.group, &[]);
        pass.dispatch_workgroups(groups.0, groups.1, 1);
        drop(pass);
        let mut bytes =
            transfer::fetch(&self.gpu, encoder, buffer.buffer.size(), |encoder, memory| {
                encoder.copy_buffer_to_buffer(&buffer.buffer, 0, memory, 0, memory.size());
            })
            .expect("bytes");
        bytes.truncate(packed.len());
        bytes
    }

    fn write(&self, pictures: &Pictures, place: Place, picture: &Rgb) {
        transfer::write(&self.gpu, pictures.texture(place), picture);
    }

    fn write_with_motion(&self, pictures: &Pictures, place: Place, picture: &Rgb, motion: &[u8]) {
        let motion = motion.iter().copied().chain(std::iter::repeat(0));
        let pixels = picture.pixels.iter().zip(motion);
        let texels: Vec<[u8; 4]> = pixels.map(|([r, g, b], motion)| [*r, *g, *b, motion]).collect();
        transfer::write_texels(&self.gpu, pictures.texture(place), &texels);
    }

    fn read(&self, pictures: &Pictures, place: Place) -> Rgb {
        transfer::read(&self.gpu, pictures.texture(place)).expect("a picture")
    }

    fn read_all(&self, pictures: &Pictures, place: Place) -> Vec<[u8; 4]> {
        transfer::read_texels(&self.gpu, pictures.texture(place)).expect("texels")
    }
}

#[test]
#[should_panic(expected = "largest difference in levels")]
fn one_wrong_level_is_noticed() {
    let picture = test_picture(70, 46, 1);
    let mut wrong = picture.clone();
    wrong.pixels[70 * 46 - 1][2] ^= 1;
    assert_same(&picture, &wrong);
}

#[test]
#[should_panic(expected = "sizes")]
fn a_wrong_size_is_noticed() {
    assert_same(&test_picture(70, 46, 1), &test_picture(46, 70, 1));
}
