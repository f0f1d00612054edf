//! Stages that performers write: a `.wgsl` file in the set's `shaders/` folder is a stage.
//!
//! A comment at the head of the file declares its parameters ([`header`]), which become rows like all
//! others ([`rows`]). Its function `stage` is put together with `shaders/user.wgsl` and looked through
//! before a device sees it ([`source`]), so that a mistake has a line and a message. A [`Shelf`] looks
//! after the folder: it reads files and makes pipelines, and so belongs to a thread that is not the
//! engine's. What it makes is a [`ShaderChange`], which a chain takes in at a tick boundary.
//!
//! Such stages compute in floats: the picture is the same again on the same adapter and driver, not
//! on every one. `docs/shaders.md` tells performers how to write one.

mod header;
mod rows;
mod shelf;
mod source;
mod stage;
#[cfg(test)]
mod tests;

pub use rows::stage_rows;
pub use shelf::{ShaderNews, Shelf, UserShaderError, shader_files};

use super::{pipelines::Layouts, rack::Slot};
use crate::gpu::Gpu;

/// Most stages of users in one chain. Each may cost a pass in every generation; a set that wants more
/// puts two into one file.
pub const USER_STAGES: usize = 8;

/// Something that is wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    /// Counted from 1.
    line: usize,
    /// What is wrong.
    why: String,
}

/// What the shaders of users are made with: a chain's device, and what its passes bind.
#[derive(Clone, Debug)]
pub struct Workbench {
    pub(super) gpu: Gpu,
    pub(super) layouts: Layouts,
}

/// A user's stage on its way into a chain, or what was there before on its way out.
#[derive(Debug)]
pub struct ShaderChange {
    /// Which of the [`USER_STAGES`] places.
    pub(super) place: usize,
    /// The stage; `None` = the place is empty.
    pub(super) slot: Option<Slot>,
    /// Its pipeline, where there is a stage.
    pub(super) pipelines: Vec<wgpu::ComputePipeline>,
}

impl ShaderChange {
    /// Whether an earlier one need not be made any more once this one is.
    pub fn replaces(&self, earlier: &Self) -> bool {
        self.place == earlier.place
    }
}
