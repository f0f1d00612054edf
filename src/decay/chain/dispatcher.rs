//! From the steps of a plan to passes on the GPU.

use super::super::{
    STAGES,
    buffers::Uniforms,
    codec::{self, Codec},
    pictures::{Pictures, TILE_PX},
    pipelines::Pipelines,
    plan::{Executor, Place, Program, Step},
    run::{Head, RunKey},
};

/// Records the steps of generations.
pub(super) struct Dispatcher<'a, 'p> {
    pub pass: &'a mut wgpu::ComputePass<'p>,
    pub pipelines: &'a mut Pipelines,
    pub pictures: &'a Pictures,
    pub uniforms: &'a mut Uniforms,
    /// What the codec's stage does.
    pub codec: &'a mut Option<Codec>,
    /// The stage whose uniform was pushed last, and its offset: its passes share it.
    pub last: Option<(usize, u32)>,
    /// Pictures read and written, see [`Submitted::bytes_moved`].
    pub pictures_moved: u64,
    /// Number of the stage whose first pass's source is kept.
    pub kept_stage: Option<usize>,
}

impl Dispatcher<'_, '_> {
    /// Copies the picture that a step is going to read to [`Place::Spare`].
    fn keep_source(&mut self, step: &Step<'_>, uniform: u32) {
        let Some(copy) = self.pipelines.of(&Program::Run(RunKey::default())) else { return };
        let places = (step.source, step.source, Place::Spare);
        let groups = self.pictures.workgroups(TILE_PX);
        dispatch(self.pass, copy, self.pictures, self.uniforms, places, uniform, groups);
    }
}

impl Executor for Dispatcher<'_, '_> {
    fn is_ready(&mut self, run: &RunKey) -> bool {
        self.pipelines.is_ready(run)
    }

    fn run(&mut self, step: &Step<'_>) {
        let uniform = match (step.program, self.last) {
            (Program::Pass(stage, _), Some((last, offset))) if last == stage => offset,
            _ => self.uniforms.push(step.uniform),
        };
        if let Program::Pass(stage, _) = step.program
            && self.kept_stage == Some(stage)
            && self.last.is_none_or(|(last, _)| last != stage)
        {
            self.keep_source(step, uniform);
        }
        self.last = match step.program {
            Program::Pass(stage, _) => Some((stage, uniform)),
            Program::Run(_) => None,
        };
        let is_mixing = matches!(step.program, Program::Run(key) if key.head != Head::Plain);
        self.pictures_moved += 2 + u64::from(is_mixing);
        if let Program::Pass(stage, _) = step.program
            && STAGES.get(stage).is_some_and(|kind| std::ptr::eq(*kind, &codec::STAGE))
        {
            *self.codec = bytemuck::try_pod_read_unaligned(step.uniform).ok();
        }
        // A stage whose pipelines are missing is bypassed, and fused runs are asked about first.
        let Some(pipeline) = self.pipelines.of(&step.program) else { return };
        let places = (step.source, step.second, step.result);
        let groups = self.pictures.workgroups(step.tile_px);
        dispatch(self.pass, pipeline, self.pictures, self.uniforms, places, uniform, groups);
    }
}

/// Records one pass.
pub(super) fn dispatch(
    pass: &mut wgpu::ComputePass<'_>,
    pipeline: &wgpu::ComputePipeline,
    pictures: &Pictures,
    uniforms: &Uniforms,
    (source, second, result): (Place, Place, Place),
    uniform: u32,
    (columns, rows): (u32, u32),
) {
    // The plan never names a picture that is read and written at once.
    let Some(pictures) = pictures.group(source, second, result) else { return };
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, &uniforms.group, &[uniform]);
    pass.set_bind_group(1, pictures, &[]);
    pass.dispatch_workgroups(columns, rows, 1);
}
