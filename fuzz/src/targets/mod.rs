//! What is asked of the readers, whatever the bytes: no panic, memory in proportion, and results that
//! agree with themselves. One function per fuzz target; `tests/corpus.rs` calls the same ones.
//!
//! Names rooms as `crate::bitstream` and so on, which every user of this file has.

mod clip_folder;
mod memory;
mod midi;
mod nal_splitter;
mod osc;
mod set;
mod splice;
mod streams;
mod take;

pub use clip_folder::clip_folder;
pub use midi::midi;
pub use nal_splitter::nal_splitter;
pub use osc::osc;
pub use set::{preset, set};
pub use splice::splice;
pub use streams::{parameter_sets, slice_headers, vops};
pub use take::take;

/// A target: whether the input was more than refused.
pub type Target = fn(&[u8]) -> bool;

/// All of them, by the names of their folders of seeds.
pub const ALL: [(&str, Target); 11] = [
    ("nal_splitter", nal_splitter),
    ("parameter_sets", parameter_sets),
    ("slice_headers", slice_headers),
    ("vops", vops),
    ("clip_folder", clip_folder),
    ("splice", splice),
    ("take", take),
    ("osc", osc),
    ("midi", midi),
    ("set", set),
    ("preset", preset),
];

/// Stands between the parts of an input that has several.
const SEPARATOR: &[u8] = b"\xff\xfe\xfd\xfc";

/// The parts of an input, at least one.
fn parts(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let found = input.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        let part = &input[..found.unwrap_or(input.len())];
        match found {
            Some(at) => input = &input[at + SEPARATOR.len()..],
            None => is_over = true,
        }
        Some(part)
    })
}
