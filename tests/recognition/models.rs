//! Classifiers: parity with what others compute, models of other shapes, and models that do not fit.

use super::{
    GOLDEN,
    common::{fail, residua, succeed},
    onnx::{FLOAT, Graph, INT64, mobile_net_v2},
    open, pixels,
};
use residua::{
    decay::rgb::Rgb,
    recognition::{Classifier, Layout, bundled, scaled},
};
use serde_json::Value;
use std::{fs, path::Path};

const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/presets/recognition");

#[test]
fn the_bundled_model_says_what_onnxruntime_says() {
    let said: Value =
        serde_json::from_slice(&fs::read(format!("{GOLDEN}/classes.json")).unwrap()).unwrap();
    let files = [&format!("{BUNDLED}/shapes12.onnx"), &format!("{BUNDLED}/labels.txt")];
    let opened = Classifier::open(Path::new(files[0]), Path::new(files[1])).unwrap();
    for eye in [bundled().unwrap(), opened] {
        for (name, said) in said.as_object().unwrap() {
            let verdict = eye.look(pixels(&open(name))).unwrap();
            let wanted: Vec<f64> = said["probabilities"]
                .as_array()
                .unwrap()
                .iter()
                .map(|p| p.as_f64().unwrap())
                .collect();
            assert_eq!(verdict.probabilities.len(), wanted.len());
            for (ours, wanted) in verdict.probabilities.iter().zip(wanted) {
                assert!((f64::from(*ours) - wanted).abs() < 1e-3, "{name}: {ours} for {wanted}");
            }
            assert_eq!(eye.labels()[verdict.best().class], said["class"].as_str().unwrap());
        }
    }
}

#[test]
fn pictures_are_scaled_as_pillow_does() {
    let star = open("parity_star.png");
    let cut: Vec<[u8; 3]> =
        (0..77 * 101).map(|at| star.pixels[at / 101 * star.width + at % 101]).collect();
    let odd = Rgb { width: 101, height: 77, pixels: cut };
    for (picture, name) in
        [(&star, "parity_star_small.png"), (&odd, "odd_37x41.png"), (&odd, "odd_150x90.png")]
    {
        let golden = open(name);
        let ours = scaled(pixels(picture), golden.width, golden.height);
        assert!(ours == golden.pixels, "{name}");
    }
}

/// Files in a folder of their own.
fn files(model: &[u8], labels: usize) -> (tempfile::TempDir, [std::path::PathBuf; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["model.onnx", "labels.txt"].map(|name| folder.path().join(name));
    fs::write(&paths[0], model).unwrap();
    let names: String = (0..labels).map(|class| format!("class {class}\n")).collect();
    fs::write(&paths[1], names).unwrap();
    (folder, paths)
}

#[test]
fn a_mobile_net_v2_loads_and_runs() {
    let model = mobile_net_v2();
    let (_folder, [model, labels]) = files(&model, 1000);
    let eye = Classifier::open(&model, &labels).unwrap();
    let preparation = eye.preparation();
    assert_eq!((preparation.shape(), preparation.short_side), ([1, 3, 224, 224], 256));
    assert_eq!(preparation.mean, [0.485, 0.456, 0.406]);
    let verdict = eye.look(pixels(&open("parity_star.png"))).unwrap();
    let sum: f32 = verdict.probabilities.iter().sum();
    assert!((sum - 1.0).abs() < 1e-4 && verdict.probabilities.len() == 1000, "{sum}");
    // It looks: another picture is something else, by a little at least.
    let other = eye.look(pixels(&open("drawn_face.png"))).unwrap();
    assert_ne!(verdict, other);

    let mut command = residua();
    command.args(["recognise", &format!("{GOLDEN}/parity_star.png")]);
    command.arg("--model").arg(&model).arg("--labels").arg(&labels);
    let said = String::from_utf8(succeed(&mut command).stdout).unwrap();
    assert_eq!(said.lines().count(), 5, "{said}");
    assert!(said.contains(&eye.labels()[verdict.best().class]), "{said}");
}

/// The mean of each channel as a class.
fn means(shape: &[u64], is_last: bool) -> Vec<u8> {
    let mut graph = Graph::default();
    let mut at = graph.input("picture", FLOAT, shape);
    if is_last {
        at = graph.node("Transpose", &[&at], &[("perm", &[0, 3, 1, 2])]);
    }
    at = graph.node("GlobalAveragePool", &[&at], &[]);
    at = graph.node("Flatten", &[&at], &[("axis", &[1])]);
    graph.model(&at, &[1, 3])
}

#[test]
fn layouts_logits_and_notes_are_as_by_hand() {
    // ImageNet's preparation of a flat (255, 0, 51): (1 - .485) / .229, -.456 / .224, (.2 - .406) / .225,
    // then a softmax.
    let logits = [2.248_9_f64, -2.035_7, -0.915_6];
    let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
    let flat = Rgb::from_fn(50, 30, |_, _| [255, 0, 51]);
    for (shape, is_last) in [([1, 3, 32, 48], false), ([1, 32, 48, 3], true), ([0, 0, 0, 3], true)]
    {
        let (folder, [model, labels]) = files(&means(&shape, is_last), 3);
        let eye = Classifier::open(&model, &labels).unwrap();
        assert_eq!(eye.preparation().layout, if is_last { Layout::Nhwc } else { Layout::Nchw });
        let verdict = eye.look(pixels(&flat)).unwrap();
        for (ours, logit) in verdict.probabilities.iter().zip(logits) {
            assert!((f64::from(*ours) - logit.exp() / sum).abs() < 1e-3, "{shape:?}: {verdict:?}");
        }
        // A note takes the levels as they are: means 1, 0, 0.2 are no distribution either.
        fs::write(folder.path().join("model.toml"), "mean = [0.0, 0.0, 0.0]\n").unwrap();
        let eye = Classifier::open(&model, &labels).unwrap();
        let verdict = eye.look(pixels(&flat)).unwrap();
        let sum: f64 = [1.0_f64, 0.0, 0.2].iter().map(|logit| logit.exp()).sum();
        assert!((f64::from(verdict.probabilities[0]) - 1.0_f64.exp() / sum).abs() < 1e-3);
        fs::write(folder.path().join("model.toml"), "mean = 3\n").unwrap();
        assert!(Classifier::open(&model, &labels).unwrap_err().to_string().contains("model.toml"));
    }
}

#[test]
fn models_that_do_not_fit_say_what_was_seen_and_what_is_expected() {
    let two_inputs = {
        let mut graph = Graph::default();
        let one = graph.input("picture", FLOAT, &[1, 3, 8, 8]);
        let other = graph.input("mask", FLOAT, &[1, 3, 8, 8]);
        let sum = graph.node("Add", &[&one, &other], &[]);
        let sum = graph.node("GlobalAveragePool", &[&sum], &[]);
        graph.model(&sum, &[1, 3, 1, 1])
    };
    let words = {
        let mut graph = Graph::default();
        let tokens = graph.input("tokens", INT64, &[1, 77]);
        graph.model(&tokens, &[1, 77])
    };
    let whole = {
        let mut graph = Graph::default();
        let picture = graph.input("picture", FLOAT, &[1, 3, 4, 4]);
        let same = graph.node("Relu", &[&picture], &[]);
        graph.model(&same, &[1, 3, 4, 4])
    };
    let cases: [(Vec<u8>, usize, &[&str]); 7] = [
        (means(&[1, 5, 8, 8], false), 5, &["picture f32 [1, 5, 8, 8]", "[1, 3, HEIGHT, WIDTH]"]),
        (means(&[4, 3, 8, 8], false), 3, &["[4, 3, 8, 8]", "expected"]),
        (two_inputs, 3, &["picture f32 [1, 3, 8, 8], mask f32", "expected one input"]),
        (words, 77, &["tokens", "[1, 77]", "expected one input"]),
        (means(&[1, 3, 8, 8], false), 2, &["f32 [1, 3]", "expected f32 [1, 2]"]),
        (whole, 3, &["[1, 3, 4, 4]", "expected f32 [1, 3]"]),
        (b"a text, and no model".to_vec(), 3, &["is no model that can be run"]),
    ];
    for (model, labels, wanted) in cases {
        let (_folder, [model, labels]) = files(&model, labels);
        let error = Classifier::open(&model, &labels).expect_err(wanted[0]).to_string();
        assert!(wanted.iter().all(|words| error.contains(words)), "{error} for {wanted:?}");
        assert!(error.contains("model.onnx") && !error.contains('\n'), "{error}");
    }
    let (_folder, [model, labels]) = files(&means(&[1, 3, 8, 8], false), 0);
    assert!(Classifier::open(&model, &labels).unwrap_err().to_string().contains("has no labels"));
    // The same line on the command line, and exit code 1.
    let (_folder, [model, labels]) = files(&means(&[1, 5, 8, 8], false), 5);
    let mut command = residua();
    command.args(["recognise", &format!("{GOLDEN}/parity_star.png")]);
    command.arg("--model").arg(&model).arg("--labels").arg(&labels);
    assert!(fail(&mut command, 1).contains("[1, 5, 8, 8]"));
}

#[test]
fn a_damaged_model_is_refused_or_runs_and_never_ends_the_program() {
    let whole = fs::read(format!("{BUNDLED}/shapes12.onnx")).unwrap();
    let (_folder, [model, labels]) = files(&whole, 12);
    assert!(Classifier::open(&model, &labels).is_ok());
    for length in [0, 1, 7, 60, 700, 20_000, 190_000, whole.len() - 1] {
        fs::write(&model, &whole[..length]).unwrap();
        let error = Classifier::open(&model, &labels).expect_err("cut off").to_string();
        assert!(error.contains("model.onnx") && !error.contains('\n'), "{length}: {error}");
    }
    // Bytes changed in the small parts of the file: names, shapes, attributes.
    for at in (0..400).chain(whole.len() - 600..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x15;
        fs::write(&model, &damaged).unwrap();
        if let Err(error) = Classifier::open(&model, &labels) {
            assert!(error.to_string().contains("model.onnx"), "{at}: {error}");
        }
    }
}

#[test]
fn the_command_line_says_five_classes_and_what_stands_above_them() {
    let star = format!("{GOLDEN}/parity_star.png");
    let mut command = residua();
    let said = String::from_utf8(succeed(command.args(["recognise", &star])).stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 6 && lines[0].contains("twelve kinds of drawn shapes"), "{said}");
    // onnxruntime's 0.962891 and 0.027739.
    assert_eq!(lines[1..3], ["0.963  star", "0.028  cross"], "{said}");

    let folder = tempfile::tempdir().unwrap();
    let above = folder.path().join("above.tsv");
    fs::write(&above, "star\tspiky\ncross\tspiky\ntriangle\tspiky\ncircle\tround\nspiky\tshape\n")
        .unwrap();
    let mut command = residua();
    command.args(["recognise", &star]).arg("--hierarchy").arg(&above);
    let said = String::from_utf8(succeed(&mut command).stdout).unwrap();
    assert!(said.contains("0.963  star < spiky < shape\n"), "{said}");
    // 0.962891 + 0.027739 + 0.00228.
    assert!(said.contains("level 1:\n0.993  spiky\n"), "{said}");
    fs::write(&above, "star spiky\n").unwrap();
    let mut command = residua();
    command.args(["recognise", &star]).arg("--hierarchy").arg(&above);
    assert!(fail(&mut command, 1).contains("line 1"));
    // One of the two alone is wrong usage.
    let alone = residua().args(["recognise", &star, "--labels", "x.txt"]).output().unwrap();
    assert_eq!(alone.status.code(), Some(2));
}
