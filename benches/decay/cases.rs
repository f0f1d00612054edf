//! What is measured: values besides the defaults.

/// A name, and the values.
pub type Case = (&'static str, &'static [(&'static str, f64)]);

/// The chain without work, each stage for itself, and all together.
pub const STAGES: &[Case] = &[
    ("neutral", &[]),
    ("feedback", &[("decay.feedback", 0.9)]),
    ("feedback turned", &[("decay.feedback", 0.9), ("decay.feedback_zoom", 1.01)]),
    ("mirror", &[("decay.mirror_fold", 5.0)]),
    ("shift", &[("decay.shift_px", 3.0)]),
    ("errors", &[("decay.errors_moved", 0.2)]),
    ("noise", &[("decay.noise_amplitude", 2.0)]),
    ("shift + noise", &[("decay.shift_px", 3.0), ("decay.noise_amplitude", 2.0)]),
    ("bleed 64 px", &[("decay.bleed_amount", 1.0), ("decay.bleed_radius_px", 64.0)]),
    (
        "bleed blocks",
        &[
            ("decay.bleed_amount", 1.0),
            ("decay.bleed_radius_px", 0.0),
            ("decay.bleed_subsampling_px", 5.0),
        ],
    ),
    ("blur 1.3 px", &[("decay.blur_radius_px", 1.3)]),
    ("blur 8 px", &[("decay.blur_radius_px", 8.0)]),
    ("sharpen 2 px", &[("decay.sharpen_amount", 1.8)]),
    ("colour drift", &[("decay.colour_drift_hue_degrees", 5.0)]),
    ("bit planes", &[("decay.bit_planes_low", 4.0)]),
    ("palette", &[("decay.palette_amount", 1.0)]),
    ("black and white", &[("decay.black_and_white_amount", 1.0)]),
    ("dct", &[("decay.dct_amount", 0.5)]),
    ("dct 4:2:0", &[("decay.dct_amount", 0.5), ("decay.dct_sampling", 2.0)]),
    ("dct 32 px", &[("decay.dct_amount", 0.5), ("decay.dct_block", 3.0)]),
    ("block hold", &[("decay.block_hold_threshold", 8.0)]),
    ("mask", &[("decay.mask_amount", 1.0), ("decay.feedback", 0.9)]),
    ("codec", &[("decay.codec_amount", 1.0)]),
    ("the loop", LOOP),
    ("all, in colour", COLOUR),
];

/// The stages of the recursive compression loop, on a picture that wears itself.
pub const LOOP: &[(&str, f64)] = &[
    ("decay.feedback", 1.0),
    ("decay.shift_px", 3.0),
    ("decay.noise_amplitude", 2.0),
    ("decay.blur_radius_px", 1.3),
    ("decay.black_and_white_amount", 1.0),
    ("decay.dct_table", 2.0),
    ("decay.dct_scale_percent", 5000.0),
    ("decay.dct_jitter", 0.25),
    ("decay.dct_sampling", 2.0),
];

/// All stages of the loop in every generation, nothing black and white.
pub const COLOUR: &[(&str, f64)] = &[
    ("decay.feedback", 1.0),
    ("decay.shift_px", 3.0),
    ("decay.noise_amplitude", 2.0),
    ("decay.blur_radius_px", 1.3),
    ("decay.sharpen_amount", 1.8),
    ("decay.dct_table", 2.0),
    ("decay.dct_scale_percent", 5000.0),
    ("decay.dct_jitter", 0.25),
    ("decay.dct_sampling", 2.0),
];
