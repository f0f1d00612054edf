//! All output windows: the one that is always there, and one more for each further display.

use super::{AppError, monitors, output_window::OutputWindow};
use crate::{
    output::{ProgrammeReader, test_card},
    ports::Notices,
    ui::{DisplayLine, DisplayUse},
    units::{Canvas, Picture},
};
use std::{sync::Arc, time::Instant};
use winit::{event_loop::ActiveEventLoop, monitor::MonitorHandle, window::WindowId};

/// Displays that can show the programme at once.
pub const OUTPUTS_MAX: usize = 4;

/// Owned by the main thread.
pub(super) struct Outputs {
    /// The one that is always there, in a window or filling a display.
    pub main: OutputWindow,
    /// Those that fill a display each, and their reader's place.
    others: Vec<(OutputWindow, usize)>,
    readers: Vec<ProgrammeReader>,
    canvas: Canvas,
    card: Option<Arc<Picture>>,
    notices: Notices,
}

impl Outputs {
    /// Opens the first, on this display where one is named.
    pub(super) fn open(
        events: &ActiveEventLoop,
        instance: &wgpu::Instance,
        canvas: Canvas,
        monitor: Option<&MonitorHandle>,
        mut readers: Vec<ProgrammeReader>,
        notices: Notices,
    ) -> Result<Self, AppError> {
        let first = readers.pop().ok_or(AppError::NoReader)?;
        let main = OutputWindow::open(events, instance, canvas, monitor, first, notices.clone())?;
        Ok(Self { main, others: Vec::new(), readers, canvas, card: None, notices })
    }

    /// The output with this window.
    pub(super) fn find(&mut self, id: WindowId) -> Option<&mut OutputWindow> {
        self.all().find(|output| output.id() == id)
    }

    /// All of them.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut OutputWindow> {
        std::iter::once(&mut self.main).chain(self.others.iter_mut().map(|(output, _)| output))
    }

    /// The displays there are, and what each shows.
    pub(super) fn displays(&self, events: &ActiveEventLoop) -> Vec<DisplayLine> {
        let line = |monitor: MonitorHandle| {
            let is_other = self.others.iter().any(|(other, _)| other.fills(&monitor));
            let used = match () {
                () if is_other || self.main.fills(&monitor) => DisplayUse::Filled,
                () if self.main.monitor().as_ref() == Some(&monitor) => DisplayUse::Window,
                () => DisplayUse::None,
            };
            let size = (monitor.size().width, monitor.size().height);
            DisplayLine { name: monitors::name(&monitor), size, used }
        };
        events.available_monitors().map(line).collect()
    }

    /// Fills a display: with the first output where it fills none yet, else with one more.
    pub(super) fn fill(&mut self, events: &ActiveEventLoop, instance: &wgpu::Instance, name: &str) {
        let asked = |monitor: &MonitorHandle| monitors::name(monitor) == name;
        let Some(monitor) = events.available_monitors().find(asked) else {
            return self.notices.warn(format!("the display {name} has gone"));
        };
        if self.all().any(|output| output.fills(&monitor)) {
            return;
        }
        if !self.main.is_filling() {
            return self.main.fill(Some(monitor));
        }
        let is_free = |place: &usize| self.others.iter().all(|(_, used)| used != place);
        let Some(place) = (0..self.readers.len()).find(is_free) else {
            return self.notices.warn(format!(
                "{name} stays dark: {OUTPUTS_MAX} displays can show the programme at once"
            ));
        };
        let (reader, notices) = (self.readers[place].clone(), self.notices.clone());
        match OutputWindow::open(events, instance, self.canvas, Some(&monitor), reader, notices) {
            Ok(mut output) => {
                output.fill(Some(monitor));
                output.set_card(self.card.clone());
                self.others.push((output, place));
            }
            Err(error) => self.notices.warn(format!("{name} stays dark: {error}")),
        }
    }

    /// Leaves a display: the first output becomes a window again, another one is closed.
    pub(super) fn leave(&mut self, name: &str) {
        let is_asked = |output: &OutputWindow| {
            output.filled().is_some_and(|monitor| monitors::name(&monitor) == name)
        };
        if is_asked(&self.main) {
            self.main.unfill();
        }
        self.others.retain(|(output, _)| !is_asked(output));
    }

    /// The output that a leaving key in this window is meant for: its own, else the first that fills.
    pub(super) fn leaving(&mut self, id: WindowId) -> Option<&mut OutputWindow> {
        let is_own = self.find(id).is_some_and(|output| output.is_filling());
        self.all().find(|output| output.is_filling() && (!is_own || output.id() == id))
    }

    /// Closes this window where it is not the first output. Returns whether it is not.
    pub(super) fn close_other(&mut self, id: WindowId) -> bool {
        let before = self.others.len();
        self.others.retain(|(output, _)| output.id() != id);
        self.others.len() < before
    }

    /// Shows the test card on all displays in place of the programme, or the programme again. The
    /// recording never has the card.
    pub(super) fn show_card(&mut self, is_shown: bool) {
        let Canvas { width, height, .. } = self.canvas;
        self.card = is_shown.then(|| Arc::new(test_card(width, height)));
        let card = self.card.clone();
        self.all().for_each(|output| output.set_card(card.clone()));
    }

    /// Whether the test card is shown.
    pub(super) fn shows_card(&self) -> bool {
        self.card.is_some()
    }

    /// Leaves displays that have gone: the show goes on in the window.
    pub(super) fn mind_displays(&mut self, events: &ActiveEventLoop) {
        let is_there =
            |monitor: &MonitorHandle| events.available_monitors().any(|there| there == *monitor);
        let lost = |output: &OutputWindow| output.filled().filter(|monitor| !is_there(monitor));
        if let Some(monitor) = lost(&self.main) {
            let name = monitors::name(&monitor);
            self.main.unfill();
            self.notices.warn(format!("the display {name} has gone: the output is a window again"));
        }
        let notices = &self.notices;
        self.others.retain(|(output, _)| match lost(output) {
            Some(monitor) => {
                let name = monitors::name(&monitor);
                notices.warn(format!("the display {name} has gone"));
                false
            }
            None => true,
        });
    }

    /// What has to be done now and then.
    pub(super) fn tend(&mut self, instance: &wgpu::Instance, now: Instant) {
        self.all().for_each(|output| output.tend(instance, now));
        // Another output that was left by its key is done.
        self.others.retain(|(output, _)| output.is_filling());
    }
}
