//! WGSL text to compute pipelines.

use super::device::{Gpu, one_line};

/// The text of one shader: its own file last, the shared files it builds on before it. WGSL knows
/// no inclusion; declaring the parts in Rust keeps every file plain WGSL.
#[derive(Clone, Copy, Debug)]
pub struct ShaderText {
    /// Name of the shader's own file without `.wgsl`, for messages.
    pub name: &'static str,
    /// The files, in order, embedded with `include_str!`.
    pub parts: &'static [&'static str],
}

impl ShaderText {
    /// The whole WGSL module, exactly as the device gets it.
    pub fn wgsl(&self) -> String {
        self.parts.join("\n")
    }
}

/// A shader that this device does not take.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the shader {name} ({entry}) does not work on this graphics adapter: {reason}")]
pub struct ShaderError {
    /// The shader.
    pub name: String,
    /// Its entry point.
    pub entry: String,
    /// What the compiler said.
    pub reason: String,
}

/// Makes a compute pipeline from a whole WGSL module; `name` is for messages.
///
/// # Errors
/// WGSL or a layout that does not hold: caught by an error scope, so nothing panics.
pub fn compute_pipeline(
    gpu: &Gpu,
    name: &str,
    wgsl: &str,
    entry: &str,
    layouts: &[&wgpu::BindGroupLayout],
) -> Result<wgpu::ComputePipeline, ShaderError> {
    let refusal =
        |reason| Err(ShaderError { name: name.to_owned(), entry: entry.to_owned(), reason });
    if gpu.is_over() {
        return refusal("the end came before it was made".to_owned());
    }
    let device = gpu.device();
    // A driver whose own compiler gives up says so by an internal error.
    let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
    let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(wgsl.into()),
    });
    let layouts: Vec<Option<&wgpu::BindGroupLayout>> = layouts.iter().copied().map(Some).collect();
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(name),
        bind_group_layouts: &layouts,
        immediate_size: 0,
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: Some(&layout),
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            // Every shader writes the workgroup memory that it reads.
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        },
        cache: None,
    });
    let invalid = pollster::block_on(scope.pop());
    let failed = pollster::block_on(internal.pop());
    match invalid.or(failed) {
        None => Ok(pipeline),
        Some(error) => refusal(one_line(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_wgsl_is_an_error_and_the_device_lives_on() {
        let Some(gpu) = crate::gpu::adapter_at_hand() else { return };
        let bad = "@compute @workgroup_size(1) fn main() { x }";
        let good = "@compute @workgroup_size(1) fn main() {}";
        let error = compute_pipeline(&gpu, "bad", bad, "main", &[]).expect_err("must not compile");
        assert_eq!(error.name, "bad");
        assert!(compute_pipeline(&gpu, "good", good, "missing", &[]).is_err());
        assert!(compute_pipeline(&gpu, "good", good, "main", &[]).is_ok());
        assert_eq!(gpu.faults().first(), None);
    }
    #[test]
    fn nothing_is_made_after_the_end() {
        let Some(gpu) = crate::gpu::adapter_at_hand() else { return };
        let quit = std::sync::Arc::default();
        let gpu = gpu.until(std::sync::Arc::clone(&quit));
        let good = "@compute @workgroup_size(1) fn main() {}";
        assert!(compute_pipeline(&gpu, "good", good, "main", &[]).is_ok());
        quit.store(true, std::sync::atomic::Ordering::Relaxed);
        let error = compute_pipeline(&gpu, "good", good, "main", &[]).expect_err("it is over");
        assert_eq!(error.reason, "the end came before it was made");
    }
}
