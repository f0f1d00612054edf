//! The machine's eye: what a classifier sees in a picture, and how alike two pictures are.
//!
//! Pure functions and types for whichever thread asks: nothing here opens a window, a port or a graphics
//! device, and nothing is for the engine thread, which knows the rows alone. A [`Classifier`] reads any
//! ONNX model that gives one number per class; [`bundled`] is a small one of drawn shapes. The closed
//! loop that keeps a picture at the edge of being recognised is [`Edge`].

mod bundled;
mod classifier;
mod edge;
mod hierarchy;
mod likeness;
mod mouth;
mod onnx;
mod preparation;
mod rows;
mod scale;
mod verdict;

pub use bundled::{ABOUT as BUNDLED_ABOUT, bundled};
pub use classifier::{Classifier, ClassifierError};
pub use edge::{Edge, EdgeState, Steer};
pub use hierarchy::{Hierarchy, HierarchyError};
pub use likeness::{Luma, structural_similarity};
pub use mouth::{Mouth, Sight};
pub use preparation::{Layout, NoteError, Preparation};
pub use rows::{
    PARAMS, RECOGNITION_BY, RECOGNITION_CLASS, RECOGNITION_CONFIDENCE, RECOGNITION_EDGE,
    RECOGNITION_FOUND, RECOGNITION_LEVEL, RECOGNITION_LOST, RECOGNITION_ON, RECOGNITION_REACH,
    RECOGNITION_STATE, RECOGNITION_STEERS, RECOGNITION_WEAR, SIGHTS, STATES, STEERED, Steering,
};
pub use scale::{Pixels, scaled};
pub use verdict::{Ranked, Verdict};
