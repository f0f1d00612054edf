//! The displays, as the window system tells of them.

use super::AppError;
use winit::{event_loop::ActiveEventLoop, monitor::MonitorHandle};

/// What the window system calls a display.
pub(super) fn name(monitor: &MonitorHandle) -> String {
    monitor.name().unwrap_or_else(|| "unnamed".to_owned())
}

/// Its name and size.
pub(super) fn describe(monitor: &MonitorHandle) -> String {
    let size = monitor.size();
    format!("{} ({}x{})", name(monitor), size.width, size.height)
}

/// The display with this name, in any case of letters.
pub(super) fn find(events: &ActiveEventLoop, asked: &str) -> Result<MonitorHandle, AppError> {
    let is_asked = |monitor: &MonitorHandle| name(monitor).eq_ignore_ascii_case(asked);
    events.available_monitors().find(is_asked).ok_or_else(|| {
        let known: Vec<String> =
            events.available_monitors().map(|monitor| describe(&monitor)).collect();
        AppError::UnknownDisplay { name: asked.to_owned(), known: known.join(", ") }
    })
}

/// A display that the control window is not on: where an audience looks.
pub(super) fn second(events: &ActiveEventLoop) -> Option<MonitorHandle> {
    let primary = events.primary_monitor()?;
    events.available_monitors().find(|monitor| *monitor != primary)
}
