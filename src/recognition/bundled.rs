//! The classifier that comes with the program: drawn shapes, nothing else.

use super::classifier::{Classifier, ClassifierError};

/// What it is, in one line.
pub const ABOUT: &str = "the bundled model knows twelve kinds of drawn shapes and nothing else: name an ImageNet \
     classifier for photographs";

/// The classifier of `presets/recognition`: 64x64 pixels, twelve classes, trained on what the drawings'
/// generator beside it makes.
///
/// # Errors
/// It cannot be read, which a test rules out.
pub fn bundled() -> Result<Classifier, ClassifierError> {
    Classifier::new(
        "the bundled model",
        include_bytes!("../../presets/recognition/shapes12.onnx").to_vec(),
        include_str!("../../presets/recognition/labels.txt"),
    )
}
