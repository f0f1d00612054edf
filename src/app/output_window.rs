//! The output window: nothing but the programme, on any display, in a window or filling it.

use super::{AppError, control_window, leave::LeaveHold, wake_lock::WakeLock};
use crate::{
    output::{Presenter, PresenterConfig, ProgrammeReader},
    ports::Notices,
    ui::Lettering,
    units::{Canvas, Picture},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use winit::{
    dpi::{PhysicalPosition, PhysicalSize},
    event_loop::ActiveEventLoop,
    monitor::MonitorHandle,
    window::{Fullscreen, Window, WindowId},
};

/// How long a window manager may take to fill the screen before that is done without one.
const MANAGER_PATIENCE: Duration = Duration::from_millis(700);

/// The window in full screen.
struct Filling {
    monitor: Option<MonitorHandle>,
    since: Instant,
    /// Size and place before.
    before: (PhysicalSize<u32>, PhysicalPosition<i32>),
    /// Whether no window manager did it, so that none will undo it.
    is_forced: bool,
    _wake_lock: WakeLock,
}

/// Owned by the main thread; its presenter draws it.
pub(super) struct OutputWindow {
    // Before the window: the surface must go first.
    presenter: Presenter,
    window: Arc<Window>,
    notices: Notices,
    filling: Option<Filling>,
    /// The hand on the key that leaves full screen.
    pub(super) leaving: LeaveHold,
    lettering: Lettering,
    caption: Option<String>,
}

impl OutputWindow {
    /// Opens the window, with the canvas's size where the display has room for it.
    pub(super) fn open(
        events: &ActiveEventLoop,
        instance: &wgpu::Instance,
        canvas: Canvas,
        monitor: Option<&MonitorHandle>,
        programme: ProgrammeReader,
        notices: Notices,
    ) -> Result<Self, AppError> {
        let home = monitor.cloned().or_else(|| events.primary_monitor());
        let home = home.or_else(|| events.available_monitors().next());
        let room = home.as_ref().map_or(PhysicalSize::new(1920, 1080), MonitorHandle::size);
        let size = fitting((canvas.width, canvas.height), (room.width, room.height));
        let mut attributes = Window::default_attributes()
            .with_title("Residua output")
            .with_inner_size(PhysicalSize::new(size.0, size.1));
        if let Some(home) = &home {
            let corner = home.position();
            let beside = match monitor {
                Some(_) => (0, 0),
                None if control_window::SIZE.0 + size.0 <= room.width => {
                    (control_window::SIZE.0 as i32, 0)
                }
                // No room beside the control window: at the display's far corner.
                None => ((room.width - size.0) as i32, (room.height - size.1) as i32),
            };
            let position = PhysicalPosition::new(corner.x + beside.0, corner.y + beside.1);
            attributes = attributes.with_position(position);
        }
        let window = Arc::new(events.create_window(attributes)?);
        let size = window.inner_size();
        let presenter = Presenter::spawn(PresenterConfig {
            name: "the output window".to_owned(),
            instance: instance.clone(),
            surface: instance.create_surface(window.clone())?,
            size: (size.width, size.height),
            programme,
            notices: notices.clone(),
        })
        .map_err(AppError::Thread)?;
        Ok(Self {
            presenter,
            window,
            notices,
            filling: None,
            leaving: LeaveHold::default(),
            lettering: Lettering::default(),
            caption: None,
        })
    }

    /// Which window this is.
    pub(super) fn id(&self) -> WindowId {
        self.window.id()
    }

    /// Whether it fills a display.
    pub(super) fn is_filling(&self) -> bool {
        self.filling.is_some()
    }

    /// The display that it fills.
    pub(super) fn filled(&self) -> Option<MonitorHandle> {
        self.filling.as_ref().and_then(|filling| filling.monitor.clone())
    }

    /// Whether it fills this display.
    pub(super) fn fills(&self, monitor: &MonitorHandle) -> bool {
        self.filled().as_ref() == Some(monitor)
    }

    /// Shows a picture in place of the programme, or the programme again.
    pub(super) fn set_card(&self, card: Option<Arc<Picture>>) {
        self.presenter.set_card(card);
    }

    /// The display that it is on, or fills.
    pub(super) fn monitor(&self) -> Option<MonitorHandle> {
        self.filled().or_else(|| self.window.current_monitor())
    }

    /// The window has a new size.
    pub(super) fn on_resize(&mut self, size: PhysicalSize<u32>) {
        self.presenter.resize((size.width, size.height));
        // Letters are made for the window's size.
        let caption = self.caption.take();
        self.set_caption(caption);
    }

    /// The window system lost what was drawn.
    pub(super) fn on_redraw(&self) {
        self.presenter.redraw();
    }

    /// Fills the display the window is on, or a named one.
    pub(super) fn fill(&mut self, monitor: Option<MonitorHandle>) {
        if self.is_filling() {
            return;
        }
        let monitor = monitor.or_else(|| self.window.current_monitor());
        let position = self.window.outer_position().unwrap_or_default();
        let before = (self.window.inner_size(), position);
        self.window.set_fullscreen(Some(Fullscreen::Borderless(monitor.clone())));
        self.window.set_cursor_visible(false);
        self.filling = Some(Filling {
            monitor,
            since: Instant::now(),
            before,
            is_forced: false,
            _wake_lock: WakeLock::take(self.notices.clone()),
        });
    }

    /// Goes back to being a window.
    pub(super) fn unfill(&mut self) {
        let Some(filling) = self.filling.take() else { return };
        self.leaving.release();
        self.window.set_fullscreen(None);
        self.window.set_cursor_visible(true);
        if filling.is_forced {
            let _ = self.window.request_inner_size(filling.before.0);
            self.window.set_outer_position(filling.before.1);
        }
    }

    /// What has to be done now and then: lost surfaces, full screen without a window manager.
    pub(super) fn tend(&mut self, instance: &wgpu::Instance, now: Instant) {
        if self.presenter.wants_surface() {
            match instance.create_surface(self.window.clone()) {
                Ok(surface) => self.presenter.give_surface(surface),
                Err(error) => log::debug!("no new surface yet: {error}"),
            }
        }
        if self.leaving.left(now) == Some(Duration::ZERO) {
            self.unfill();
        }
        let Some(filling) = &mut self.filling else { return };
        let Some(monitor) = &filling.monitor else { return };
        let is_patient = now < filling.since + MANAGER_PATIENCE;
        if !filling.is_forced && !is_patient && self.window.inner_size() != monitor.size() {
            // A bare X server has nobody who would do it for us.
            filling.is_forced = true;
            self.window.set_outer_position(monitor.position());
            let _ = self.window.request_inner_size(monitor.size());
        }
    }

    /// Lays these lines over the programme on this display, or none.
    pub(super) fn set_caption(&mut self, caption: Option<String>) {
        if caption == self.caption {
            return;
        }
        let size = self.window.inner_size();
        let letters_px = (size.height as f32 / 24.0).clamp(13.0, 48.0).round();
        let wrap_px = size.width as f32 * 0.88;
        let overlay =
            caption.as_deref().map(|text| Arc::new(self.lettering.draw(text, letters_px, wrap_px)));
        self.presenter.set_overlay(overlay);
        self.caption = caption;
    }

    /// The line that counts down while the leaving key is held.
    pub(super) fn countdown(&self, now: Instant) -> Option<String> {
        let left = self.leaving.left(now).filter(|_| self.is_filling())?;
        // A tenth of a second is as fine as anybody reads.
        let tenths = left.as_millis().div_ceil(100);
        Some(format!("Leaving full screen in {}.{} s: keep holding", tenths / 10, tenths % 10))
    }
}

/// The canvas's size, or less of the same aspect where the display has less room.
fn fitting(canvas: (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let parts = [(canvas.0, room.0), (canvas.1, room.1)];
    let scale = parts.map(|(size, room)| f64::from(room) * 0.9 / f64::from(size));
    let scale = scale[0].min(scale[1]).min(1.0);
    let side = |size: u32| ((f64::from(size) * scale).round() as u32).max(1);
    (side(canvas.0), side(canvas.1))
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn a_canvas_larger_than_the_display_is_shown_smaller() {
        assert_eq!(fitting((640, 360), (1920, 1080)), (640, 360));
        assert_eq!(fitting((3840, 2160), (1920, 1080)), (1728, 972));
        assert_eq!(fitting((1000, 4000), (1920, 1000)), (225, 900));
    }
}
