//! The chain as a whole, against the references of its stages put together by hand.

use super::{
    Chain, Frame, PARAMS, STAGES, Submitted,
    black_and_white::{self, black_and_white, video},
    blur::{self, blurred},
    convolve::Convolution,
    dct::{self, Dct, Sampling, reference::round_trip},
    feedback::{self, fed_back},
    fixed::q16,
    i420::{packed, unpacked},
    noise::{self, Noise, generation_words, noise_q20, noisy, pcg4d},
    rgb::Rgb,
    settings,
    sharpen::{self, sharpened},
    shift::{self, offset_px, shifted},
    testing::test_picture,
};
use crate::{
    gpu::adapter_at_hand as gpu,
    params::{ParamSpec, Registry, Store},
    units::Picture,
};
use std::{sync::Arc, time::Duration};

const SEED: u64 = 99;

pub(super) struct Bench {
    pub(super) chain: Chain,
    store: Store,
    registry: Arc<Registry>,
    slot: u64,
    generation: u64,
    /// What the last tick said.
    submitted: Submitted,
}

impl Bench {
    pub(super) fn new(width: u32, height: u32) -> Option<Self> {
        let registry = Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows"));
        let chain = Chain::new(gpu()?, &registry, width, height, SEED).expect("a chain");
        assert!(chain.bypassed().is_empty(), "{:?}", chain.bypassed());
        let store = Store::new(Arc::clone(&registry));
        Some(Self {
            chain,
            store,
            registry,
            slot: 0,
            generation: 0,
            submitted: Submitted::default(),
        })
    }

    pub(super) fn set(&mut self, row: &ParamSpec, plain: f64) {
        assert_eq!(row.check(plain), Ok(plain));
        self.store.set(self.registry.index_of(row), plain);
        self.store.settle();
    }

    /// One tick; gives back the programme picture.
    pub(super) fn tick(&mut self, picture: Option<&Picture>, generations: u32) -> Vec<u8> {
        self.tick_with(picture, generations, false, 1.0)
    }

    pub(super) fn tick_with(
        &mut self,
        picture: Option<&Picture>,
        generations: u32,
        heal: bool,
        level: f32,
    ) -> Vec<u8> {
        let planes = picture.map(Picture::planes);
        let submitted = self.chain.submit(&Frame {
            slot: self.slot,
            picture: planes.as_ref(),
            params: self.store.result(),
            generations,
            heal,
            level,
            generation: self.generation,
            age: self.generation,
        });
        assert!(submitted.read_back);
        self.submitted = submitted;
        self.generation += u64::from(submitted.generations_made);
        let mut result = Vec::new();
        let slot = self.slot;
        self.slot += 1;
        self.chain.collect(None, &mut |tag, bytes| {
            assert_eq!(tag, slot);
            result = bytes.to_vec();
        });
        assert_eq!(self.chain.is_broken(), None);
        result
    }
}

pub(super) fn picture(width: u32, height: u32, seed: u32) -> Picture {
    packed(&test_picture(width as usize, height as usize, seed))
}

/// What one generation must make, from the stages' references alone.
fn reference(decoded: &Rgb, worn: Option<&Rgb>, feedback: f64, generation: u64) -> Rgb {
    let mixed = worn.map_or(decoded.clone(), |worn| fed_back(decoded, worn, q16(feedback)));
    let words = generation_words(SEED, generation);
    let moved = shifted(&mixed, offset_px(3, [0.5, 0.0], generation, [words[2], words[3]]));
    let key = [words[0], words[1]];
    let grainy = noisy(&moved, &Noise { key, noise_q20: noise_q20(2.0), half_q20: 1 << 19 });
    let soft = blurred(&grainy, &Convolution::gaussian(1.3));
    let sharp = sharpened(&soft, &sharpen::uniform(2.0, 180, 0));
    round_trip(&black_and_white(&sharp, &video(q16(0.5))), &Dct::from_amount(0.4), Sampling::Yuv444)
}

/// The settings of [`reference`].
fn set_all(bench: &mut Bench, feedback: f64) {
    bench.set(&feedback::FEEDBACK, feedback);
    bench.set(&shift::SHIFT_PX, 3.0);
    bench.set(&shift::SHIFT_DRIFT_X_PX, 0.5);
    bench.set(&noise::NOISE_AMPLITUDE, 2.0);
    bench.set(&blur::BLUR_RADIUS_PX, 1.3);
    bench.set(&sharpen::SHARPEN_AMOUNT, 1.8);
    bench.set(&black_and_white::BLACK_AND_WHITE_AMOUNT, 0.5);
    bench.set(&dct::DCT_AMOUNT, 0.4);
}

#[test]
fn the_neutral_chain_changes_no_bit_at_any_even_size() {
    for (width, height) in [(426, 240), (270, 480), (854, 480), (18, 18), (16, 16)] {
        let Some(mut bench) = Bench::new(width, height) else { return };
        let mut any = Picture::black(width, height);
        for (place, sample) in (0..).zip(any.data_mut()) {
            *sample = pcg4d([place, 0, 0, 0])[0] as u8;
        }
        let result = bench.tick(Some(&any), 1);
        assert!(result == any.data(), "{width}x{height}");
        assert_eq!(bench.generation, 0, "a neutral chain makes no generation");
        // Without a new picture the last one stays.
        assert!(bench.tick(None, 1) == any.data(), "{width}x{height}");
        let wrong = picture(width, height, 1);
        assert!(bench.tick(Some(&wrong), 1) != any.data(), "the comparison notices");
    }
}

#[test]
fn all_stages_together_agree_with_their_references() {
    for (width, height) in [(70, 46), (64, 32)] {
        for feedback in [0.0, 0.7, 1.0] {
            let Some(mut bench) = Bench::new(width, height) else { return };
            set_all(&mut bench, feedback);
            let mut worn: Option<Rgb> = None;
            for generation in 0..4 {
                let picture = picture(width, height, generation as u32);
                let decoded = unpacked(&picture);
                let next = reference(&decoded, worn.as_ref(), feedback, generation);
                let result = bench.tick(Some(&picture), 1);
                assert!(result == packed(&next).data(), "{width}x{height}, {feedback}");
                worn = Some(next);
                if generation == 1 {
                    // The first generations ran stage by stage, the next ones are fused.
                    bench.chain.wait_for_shaders();
                }
            }
        }
    }
}

/// Sets something of every point stage.
fn set_points(bench: &mut Bench) {
    for (id, plain) in [
        ("decay.mirror_fold", 1.0),
        ("decay.shift_px", 3.0),
        ("decay.errors_moved", 0.3),
        ("decay.errors_black", 0.05),
        ("decay.noise_amplitude", 4.0),
        ("decay.colour_drift_hue_degrees", 7.0),
        ("decay.bit_planes_low", 2.0),
        ("decay.palette_amount", 0.5),
        ("decay.black_and_white_amount", 0.3),
        ("decay.mask_amount", 0.8),
    ] {
        let index = bench.registry.find(id).expect("a row");
        bench.store.set(index, plain);
    }
    bench.store.settle();
}

#[test]
fn fused_stages_make_what_they_make_one_by_one() {
    let heads: [&[(&ParamSpec, f64)]; 3] = [
        &[(&feedback::FEEDBACK, 0.0)],
        &[(&feedback::FEEDBACK, 0.7)],
        &[(&feedback::FEEDBACK, 0.7), (&feedback::FEEDBACK_ZOOM, 1.03)],
    ];
    for head in heads {
        for backward in [false, true] {
            let Some(mut fused) = Bench::new(70, 46) else { return };
            let Some(mut single) = Bench::new(70, 46) else { return };
            single.chain.without_fusing();
            for bench in [&mut fused, &mut single] {
                set_points(bench);
                for (row, plain) in head {
                    bench.set(row, *plain);
                }
                for (place, kind) in (1..).zip(if backward { STAGES.as_slice() } else { &[] }) {
                    bench.set(&kind.common[0], 99.0 - f64::from(place));
                }
            }
            for number in 0..5 {
                let picture = picture(70, 46, number);
                let together = fused.tick(Some(&picture), 1);
                assert!(together == single.tick(Some(&picture), 1), "{number}: {head:?}");
                fused.chain.wait_for_shaders();
            }
            let moved = [&fused, &single].map(|bench| bench.submitted.bytes_moved);
            assert!(moved[0] * 2 < moved[1], "stages have fused: {moved:?}");
        }
    }
}

#[test]
fn generations_of_one_tick_are_those_of_several() {
    let Some(mut many) = Bench::new(70, 46) else { return };
    let Some(mut single) = Bench::new(70, 46) else { return };
    let picture = picture(70, 46, 1);
    for bench in [&mut many, &mut single] {
        set_all(bench, 0.8);
    }
    let together = many.tick(Some(&picture), 5);
    for _ in 0..4 {
        single.tick(Some(&picture), 1);
    }
    assert!(together == single.tick(None, 1));
    assert_eq!(many.generation, 5);
    // A tick without a generation shows what was worn before.
    assert!(many.tick(None, 0) == together);
}

#[test]
fn a_run_repeats_and_another_seed_differs() {
    let run = |seed: u64| {
        let mut bench = Bench::new(64, 48)?;
        let registry = Arc::clone(&bench.registry);
        bench.chain = Chain::new(gpu()?, &registry, 64, 48, seed).expect("a chain");
        set_all(&mut bench, 0.9);
        Some((0..6).map(|n| bench.tick(Some(&picture(64, 48, n)), 2)).collect::<Vec<_>>())
    };
    let Some(first) = run(1) else { return };
    assert!(run(1) == Some(first.clone()));
    assert!(run(2) != Some(first));
}

#[test]
fn healing_starts_from_the_decoded_picture() {
    let Some(mut bench) = Bench::new(70, 46) else { return };
    set_all(&mut bench, 1.0);
    let (old, new) = (picture(70, 46, 1), picture(70, 46, 2));
    for _ in 0..3 {
        bench.tick(Some(&old), 1);
    }
    let generation = bench.generation;
    let result = bench.tick_with(Some(&new), 1, true, 1.0);
    let wanted = reference(&unpacked(&new), None, 1.0, generation);
    assert!(result == packed(&wanted).data());
    // Healed without a new generation, the decoded picture itself is shown.
    assert!(bench.tick_with(Some(&new), 0, true, 1.0) == new.data());
}

#[test]
fn the_loop_alone_lets_no_new_picture_in() {
    let Some(mut bench) = Bench::new(70, 46) else { return };
    bench.set(&feedback::FEEDBACK, 1.0);
    let first = bench.tick(Some(&picture(70, 46, 1)), 1);
    let second = bench.tick(Some(&picture(70, 46, 2)), 1);
    assert!(first == second);
    assert_eq!(bench.generation, 2);
    bench.set(&feedback::FEEDBACK, 0.0);
    let newest = picture(70, 46, 3);
    assert!(bench.tick(Some(&newest), 1) == newest.data());
}

#[test]
fn switches_macro_and_mix_take_wear_away() {
    let Some(mut bench) = Bench::new(70, 46) else { return };
    let clean = picture(70, 46, 1);
    bench.set(&dct::DCT_AMOUNT, 0.5);
    let worn = bench.tick(Some(&clean), 1);
    let wanted = round_trip(&unpacked(&clean), &Dct::from_amount(0.5), Sampling::Yuv444);
    assert!(worn == packed(&wanted).data());
    bench.set(&dct::DCT, 0.0);
    assert!(bench.tick(Some(&clean), 1) == clean.data());
    bench.set(&dct::DCT, 1.0);
    bench.set(&settings::MIX, 0.0);
    let generation = bench.generation;
    assert!(bench.tick(Some(&clean), 1) == clean.data());
    assert_eq!(bench.generation, generation + 1, "wear goes on unseen");
}

#[test]
fn wear_adds_to_the_stages_that_are_on() {
    let Some(mut bench) = Bench::new(70, 46) else { return };
    let clean = picture(70, 46, 1);
    for stage in [&noise::NOISE, &blur::BLUR, &sharpen::SHARPEN] {
        bench.set(stage, 0.0);
    }
    bench.set(&settings::AMOUNT, 0.5);
    bench.set(&dct::DCT_AMOUNT, 0.1);
    // Full wear adds 0.55 to the blocks.
    let wanted =
        round_trip(&unpacked(&clean), &Dct::from_amount(0.1 + 0.5 * 0.55), Sampling::Yuv444);
    assert!(bench.tick(Some(&clean), 1) == packed(&wanted).data());
}

#[test]
fn the_level_fades_clean_and_worn_pictures_to_black() {
    let Some(mut bench) = Bench::new(70, 46) else { return };
    let clean = picture(70, 46, 1);
    let black = Picture::black(70, 46);
    let half = |picture: &[u8]| -> Vec<u8> {
        let faded = picture.iter().zip(black.data()).map(|(sample, black)| {
            let way = i32::from(*sample) - i32::from(*black);
            (i32::from(*black) + ((way * 32768 + 32768) >> 16)) as u8
        });
        faded.collect()
    };
    assert!(bench.tick_with(Some(&clean), 1, false, 0.5) == half(clean.data()));
    assert!(bench.tick_with(Some(&clean), 1, false, 0.0) == black.data());
    bench.set(&black_and_white::BLACK_AND_WHITE_AMOUNT, 1.0);
    let worn = bench.tick(Some(&clean), 1);
    assert!(bench.tick_with(None, 1, false, 0.5) == half(&worn));
    assert!(bench.tick_with(None, 1, false, 0.0) == black.data());
}

#[test]
fn pictures_come_back_in_order_and_a_full_ring_goes_on_wearing() {
    let Some(mut bench) = Bench::new(64, 32) else { return };
    bench.set(&feedback::FEEDBACK, 0.5);
    let mut made = Vec::new();
    for slot in 0..6 {
        let picture = picture(64, 32, slot);
        let submitted = bench.chain.submit(&Frame {
            slot: 100 + u64::from(slot),
            picture: Some(&picture.planes()),
            params: bench.store.result(),
            generations: 1,
            heal: false,
            level: 1.0,
            generation: u64::from(slot),
            age: 0,
        });
        made.push((submitted.generations_made, submitted.read_back));
    }
    assert_eq!(made[..4], [(1, true); 4]);
    assert_eq!(made[4..], [(1, false); 2]);
    let mut slots = Vec::new();
    bench.chain.collect(Some(Duration::from_secs(180)), &mut |slot, bytes| {
        assert_eq!(bytes.len(), 64 * 32 * 3 / 2);
        slots.push(slot);
    });
    assert_eq!(slots, [100, 101, 102, 103]);
    assert_eq!(bench.chain.pending(), 0);
}

#[test]
fn a_lost_device_is_reported_and_nothing_panics() {
    let Some(gpu) = gpu() else { return };
    let registry = Registry::join(&[PARAMS.as_slice()]).expect("rows");
    let store = Store::new(Arc::new(Registry::join(&[PARAMS.as_slice()]).expect("rows")));
    let mut chain = Chain::new(gpu.clone(), &registry, 64, 32, 0).expect("a chain");
    gpu.device().destroy();
    let picture = picture(64, 32, 0);
    for slot in 0..3 {
        chain.submit(&Frame {
            slot,
            picture: Some(&picture.planes()),
            params: store.result(),
            generations: 1,
            heal: false,
            level: 1.0,
            generation: 0,
            age: 0,
        });
        chain.collect(Some(Duration::from_millis(10)), &mut |_, _| panic!("no picture can come"));
    }
    assert!(chain.is_broken().is_some());
}

#[test]
fn a_canvas_too_large_for_the_device_is_refused() {
    let Some(gpu) = gpu() else { return };
    let registry = Registry::join(&[PARAMS.as_slice()]).expect("rows");
    let side = gpu.device().limits().max_texture_dimension_2d + 2;
    let error = Chain::new(gpu, &registry, side, 16, 0).expect_err("too large");
    assert!(error.to_string().contains("choose a smaller canvas"), "{error}");
}

#[test]
fn the_chain_may_move_to_the_engine_thread() {
    fn is_send<T: Send>() {}
    is_send::<Chain>();
}
