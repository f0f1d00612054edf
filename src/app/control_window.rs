//! The control window: a winit window, egui's state, and the device that draws it.

use super::{
    AppError,
    gpu::{Drawn, Gpu},
};
use crate::{
    ui::{self, Doings, Surface, View},
    units::Picture,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use winit::{
    dpi::{PhysicalPosition, PhysicalSize},
    event::WindowEvent,
    event_loop::ActiveEventLoop,
    window::{Window, WindowId},
};

/// First size in pixels.
pub(super) const SIZE: (u32, u32) = (1280, 800);
/// Shortest time between two drawings: 30 a second are as many as the eye wants of sliders.
const DRAW_PAUSE: Duration = Duration::from_millis(33);
/// The same where a CPU draws and nobody's hand is on the window.
const DRAW_PAUSE_CPU: Duration = Duration::from_millis(120);
/// How long after an event a hand is taken to be still on the window.
const HAND_ON: Duration = Duration::from_millis(500);
/// Pause before a device that was lost is asked for again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Owned by the main thread.
pub(super) struct ControlWindow {
    window: Arc<Window>,
    egui: egui_winit::State,
    gpu: Option<Gpu>,
    is_stale: bool,
    draw_at: Option<Instant>,
    last_drawn: Instant,
    last_touched: Instant,
    /// The next picture of the preview, and the one that it shows.
    picture: Option<Arc<Picture>>,
    shown: Option<Arc<Picture>>,
}

impl ControlWindow {
    /// Opens the window.
    pub(super) fn open(
        events: &ActiveEventLoop,
        instance: &wgpu::Instance,
    ) -> Result<Self, AppError> {
        let attributes = Window::default_attributes()
            .with_title("Residua")
            .with_inner_size(PhysicalSize::new(SIZE.0, SIZE.1))
            // Without a window manager nothing else would place it.
            .with_position(PhysicalPosition::new(0, 0));
        let window = Arc::new(events.create_window(attributes)?);
        let gpu = Gpu::new(instance, window.clone())?;
        let egui = new_egui(&window, &gpu);
        Ok(Self {
            window,
            egui,
            gpu: Some(gpu),
            is_stale: true,
            draw_at: None,
            last_drawn: Instant::now(),
            last_touched: Instant::now(),
            picture: None,
            shown: None,
        })
    }

    /// Which window this is.
    pub(super) fn id(&self) -> WindowId {
        self.window.id()
    }

    /// Whether something is being typed. A button that has the focus keeps no key from the instrument.
    pub(super) fn wants_keys(&self) -> bool {
        self.egui.egui_ctx().text_edit_focused()
    }

    /// Hands an event to egui.
    pub(super) fn on_event(&mut self, event: &WindowEvent) {
        if let (WindowEvent::Resized(size), Some(gpu)) = (event, &mut self.gpu) {
            gpu.resize(size.width, size.height);
        }
        if matches!(event, WindowEvent::RedrawRequested) {
            return;
        }
        if self.egui.on_window_event(&self.window, event).repaint {
            self.is_stale = true;
            self.last_touched = Instant::now();
        }
    }

    /// The next drawing will differ from the last.
    pub(super) fn mark_stale(&mut self) {
        self.is_stale = true;
    }

    /// Takes a new programme picture for the preview of the next drawing.
    pub(super) fn set_preview(&mut self, picture: Arc<Picture>) {
        // A programme that rests sends the same picture again and again.
        if self.picture.is_none() && self.shown.as_ref() == Some(&picture) {
            return;
        }
        self.picture = Some(picture);
        self.is_stale = true;
    }

    /// Asks for a drawing if there is something new and the last one is long enough ago.
    pub(super) fn tend(&mut self, instance: &wgpu::Instance, now: Instant) {
        let is_idle = now > self.last_touched + HAND_ON;
        let is_slow = is_idle && self.gpu.as_ref().is_some_and(Gpu::is_cpu);
        let pause = if is_slow { DRAW_PAUSE_CPU } else { DRAW_PAUSE };
        if now < self.last_drawn + pause {
            return;
        }
        if self.gpu.is_none() && now >= self.last_drawn + RETRY_PAUSE {
            self.last_drawn = now;
            match Gpu::new(instance, self.window.clone()) {
                Ok(gpu) => {
                    // The letters were on the lost device: a new egui makes them again.
                    self.egui = new_egui(&self.window, &gpu);
                    self.gpu = Some(gpu);
                    self.is_stale = true;
                }
                Err(error) => log::warn!("the control window cannot be drawn yet: {error}"),
            }
        }
        if self.is_stale || self.draw_at.is_some_and(|at| at <= now) {
            self.window.request_redraw();
        }
    }

    /// Draws, and adds what the person did.
    pub(super) fn draw(&mut self, view: View<'_>, surface: &mut Surface, doings: &mut Doings) {
        // Without a device nothing is drawn, and the pause before it is asked for again goes on.
        let Some(gpu) = &mut self.gpu else { return };
        self.last_drawn = Instant::now();
        if let Some(picture) = self.picture.take() {
            gpu.set_preview(&picture);
            self.shown = Some(picture);
        }
        let view = View { preview: gpu.preview(), ..view };
        let input = self.egui.take_egui_input(&self.window);
        let context = self.egui.egui_ctx().clone();
        let output = context.run_ui(input, |ui| ui::show(ui, &view, surface, doings));
        self.egui.handle_platform_output(&self.window, output.platform_output);
        let primitives = context.tessellate(output.shapes, output.pixels_per_point);
        let root = output.viewport_output.get(&egui::ViewportId::ROOT);
        let delay = root.map_or(Duration::MAX, |root| root.repaint_delay);
        self.draw_at = Instant::now().checked_add(delay);
        match gpu.draw(&primitives, output.textures_delta, output.pixels_per_point) {
            Drawn::Yes => self.is_stale = false,
            Drawn::Later => self.is_stale = true,
            Drawn::Lost => {
                self.gpu = None;
                // The next device has no picture: a programme that is held would send none.
                self.picture = self.picture.take().or_else(|| self.shown.take());
            }
        }
    }
}

fn new_egui(window: &Window, gpu: &Gpu) -> egui_winit::State {
    let context = egui::Context::default();
    ui::apply_theme(&context);
    egui_winit::State::new(
        context,
        egui::ViewportId::ROOT,
        window,
        Some(window.scale_factor() as f32),
        window.theme(),
        Some(gpu.max_texture_side()),
    )
}
