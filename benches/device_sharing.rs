//! One wgpu device for the engine and a window, or one each?
//!
//! An engine thread submits a chain of compute passes 30 times a second while the main thread
//! presents a window and resizes it all the time, first with the engine's device, then with its
//! own, in turns. Prints, for both, the median and the 99th percentile of the engine's submit and
//! of the whole slot (until the GPU is done); and how many reconfigurations of the surface failed,
//! because they wait for the whole device to be idle.
//!
//! Needs a display: `xvfb-run -s '-screen 0 1600x1000x24' cargo bench --bench device_sharing`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};
use winit::{
    application::ApplicationHandler,
    dpi::PhysicalSize,
    event::WindowEvent,
    event_loop::{ActiveEventLoop, ControlFlow, EventLoop, OwnedDisplayHandle},
    window::{Window, WindowId},
};

const SIZE: (u32, u32) = (640, 360);
const PASSES: usize = 3;
/// A display's pace; Xvfb has none of its own.
const FRAME: Duration = Duration::from_micros(16_667);
const SLOT: Duration = Duration::from_nanos(33_333_333);
const TURN_SECS: f64 = 5.0;
const TURNS: usize = 8;

const SHADERS: &str = "
@group(0) @binding(0) var<storage, read> from_: array<f32>;
@group(0) @binding(1) var<storage, read_write> to_: array<f32>;
@compute @workgroup_size(64) fn wear(@builtin(global_invocation_id) id: vec3u) {
    let count = arrayLength(&to_);
    if id.x >= count { return; }
    var sum = 0.0;
    for (var tap = 0u; tap < 9u; tap++) { sum += from_[min(id.x + tap, count - 1u)]; }
    to_[id.x] = sum / 9.0;
}
@vertex fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
    return vec4f(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}
@fragment fn paint(@builtin(position) at: vec4f) -> @location(0) vec4f {
    return vec4f(fract(at.xy / 64.0), sin(at.x * 0.01) * 0.5 + 0.5, 1.0);
}";

type Gpu = (wgpu::Adapter, wgpu::Device, wgpu::Queue);

fn gpu(instance: &wgpu::Instance, surface: Option<&wgpu::Surface<'_>>) -> Gpu {
    let options = wgpu::RequestAdapterOptions { compatible_surface: surface, ..Default::default() };
    let adapter = pollster::block_on(instance.request_adapter(&options)).expect("an adapter");
    let (device, queue) =
        pollster::block_on(adapter.request_device(&Default::default())).expect("a device");
    (adapter, device, queue)
}

/// Micros of each submit, and of each slot until the GPU was done.
fn engine(device: &wgpu::Device, queue: &wgpu::Queue, stop: &AtomicBool) -> Vec<[u128; 2]> {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(SHADERS.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("wear"),
        compilation_options: Default::default(),
        cache: None,
    });
    let buffer = || {
        device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(SIZE.0 * SIZE.1) * 4,
            usage: wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        })
    };
    let buffers = [buffer(), buffer()];
    let group = |from: usize| {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: buffers[from].as_entire_binding() },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: buffers[1 - from].as_entire_binding(),
                },
            ],
        })
    };
    let groups = [group(0), group(1)];
    let (mut seen, mut next) = (Vec::new(), Instant::now());
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next = (next + SLOT).max(Instant::now());
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        for step in 0..PASSES {
            pass.set_bind_group(0, &groups[step % 2], &[]);
            pass.dispatch_workgroups((SIZE.0 * SIZE.1).div_ceil(64), 1, 1);
        }
        drop(pass);
        let commands = encoder.finish();
        let before = Instant::now();
        let number = queue.submit([commands]);
        let submitted = before.elapsed();
        let wait = wgpu::PollType::Wait { submission_index: Some(number), timeout: None };
        device.poll(wait).expect("the device lives");
        seen.push([submitted.as_micros(), before.elapsed().as_micros()]);
    }
    seen
}

struct Turn {
    shared: bool,
    began: Instant,
    window_gpu: Gpu,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    pipeline: wgpu::RenderPipeline,
    stop: Arc<AtomicBool>,
    result: mpsc::Receiver<Vec<[u128; 2]>>,
    presented: u32,
    failures: Arc<AtomicU32>,
}

struct Shell {
    display: OwnedDisplayHandle,
    window: Option<Arc<Window>>,
    turn: Option<Turn>,
    turns: usize,
    seen: [Vec<[u128; 2]>; 2],
    presented: [u32; 2],
    failures: [u32; 2],
}

impl Shell {
    fn begin(&mut self) {
        let window = self.window.clone().expect("made when resumed");
        let shared = self.turns.is_multiple_of(2);
        let display = Box::new(self.display.clone());
        let instance = wgpu::Instance::new(
            wgpu::InstanceDescriptor::new_with_display_handle_from_env(display),
        );
        let surface = instance.create_surface(window.clone()).expect("a surface");
        let window_gpu = gpu(&instance, Some(&surface));
        let failures = Arc::new(AtomicU32::new(0));
        let counter = failures.clone();
        window_gpu.1.on_uncaptured_error(Arc::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        }));
        let (device, queue) = if shared {
            (window_gpu.1.clone(), window_gpu.2.clone())
        } else {
            let headless = wgpu::Instance::new(
                wgpu::InstanceDescriptor::new_without_display_handle_from_env(),
            );
            let (_, device, queue) = gpu(&headless, None);
            (device, queue)
        };
        let size = window.inner_size();
        let mut config = surface
            .get_default_config(&window_gpu.0, size.width, size.height)
            .expect("the adapter was asked for this surface");
        config.present_mode = wgpu::PresentMode::Fifo;
        surface.configure(&window_gpu.1, &config);
        let module = window_gpu.1.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(SHADERS.into()),
        });
        let pipeline = window_gpu.1.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: None,
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("corner"),
                compilation_options: Default::default(),
                buffers: &[],
            },
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("paint"),
                compilation_options: Default::default(),
                targets: &[Some(config.format.into())],
            }),
            multiview_mask: None,
            cache: None,
        });
        let stop = Arc::new(AtomicBool::new(false));
        let (send, result) = mpsc::channel();
        let engine_stop = stop.clone();
        std::thread::spawn(move || send.send(engine(&device, &queue, &engine_stop)));
        self.turn = Some(Turn {
            shared,
            began: Instant::now(),
            window_gpu,
            surface,
            config,
            pipeline,
            stop,
            result,
            presented: 0,
            failures,
        });
    }
}

impl Turn {
    fn present(&mut self, size: PhysicalSize<u32>) {
        use wgpu::CurrentSurfaceTexture as Current;
        let (_, device, queue) = &self.window_gpu;
        if (self.config.width, self.config.height) != (size.width, size.height) {
            (self.config.width, self.config.height) = (size.width.max(1), size.height.max(1));
            self.surface.configure(device, &self.config);
        }
        let texture = match self.surface.get_current_texture() {
            Current::Success(texture) | Current::Suboptimal(texture) => texture,
            _ => return self.surface.configure(device, &self.config),
        };
        let view = texture.texture.create_view(&Default::default());
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            ..Default::default()
        });
        pass.set_pipeline(&self.pipeline);
        pass.draw(0..3, 0..1);
        drop(pass);
        queue.submit([encoder.finish()]);
        queue.present(texture);
        self.presented += 1;
    }
}

impl ApplicationHandler for Shell {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        let attributes = Window::default_attributes().with_inner_size(PhysicalSize::new(640, 360));
        self.window = Some(Arc::new(events.create_window(attributes).expect("a window")));
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        let Some(window) = self.window.clone() else { return };
        if self.turn.is_none() {
            self.begin();
        }
        let Some(turn) = &mut self.turn else { return };
        let secs = turn.began.elapsed().as_secs_f64();
        let swing = (secs * 7.0).sin() * 0.4 + 1.0;
        let size = PhysicalSize::new((800.0 * swing) as u32, (600.0 * swing) as u32);
        let _ = window.request_inner_size(size);
        turn.present(window.inner_size());
        std::thread::sleep(FRAME);
        if secs < TURN_SECS {
            return;
        }
        turn.stop.store(true, Ordering::Relaxed);
        let seen = turn.result.recv().expect("the engine thread sends when told to stop");
        let which = usize::from(!turn.shared);
        // The first half second compiles pipelines.
        self.seen[which].extend(seen.into_iter().skip(15));
        self.presented[which] += turn.presented;
        self.failures[which] += turn.failures.load(Ordering::Relaxed);
        self.turn = None;
        self.turns += 1;
        if self.turns == TURNS {
            events.exit();
        }
    }
}

fn main() {
    let events = EventLoop::new().expect("a display: run under xvfb-run where there is none");
    events.set_control_flow(ControlFlow::Poll);
    let display = events.owned_display_handle();
    let mut shell = Shell {
        display,
        window: None,
        turn: None,
        turns: 0,
        seen: Default::default(),
        presented: [0; 2],
        failures: [0; 2],
    };
    events.run_app(&mut shell).expect("the event loop runs");
    for (which, name) in ["one shared device", "a device each"].into_iter().enumerate() {
        for (part, what) in ["submit", "whole slot"].into_iter().enumerate() {
            let mut micros: Vec<u128> = shell.seen[which].iter().map(|slot| slot[part]).collect();
            micros.sort_unstable();
            let at = |percent: usize| micros[(micros.len() - 1) * percent / 100];
            println!(
                "{name}: {what} median {} us, p99 {} us, longest {} us \
                 ({} slots, {} presents, {} failed reconfigurations)",
                at(50),
                at(99),
                at(100),
                micros.len(),
                shell.presented[which],
                shell.failures[which],
            );
        }
    }
}
