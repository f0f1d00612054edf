//! What the window itself remembers between two drawings: nothing of it is the instrument's.

use super::{Doings, View, gallery::Gallery, pages::Page};
use crate::params::{Change, ParamIndex};
use serde::{Deserialize, Serialize};

/// What the window is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Playing in front of people: what one sees at a glance.
    #[default]
    Show,
    /// Setting up.
    Prepare,
}

/// How the window is laid out, kept from one start to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// See [`Mode`].
    pub mode: Mode,
    /// The page that is open while setting up.
    pub page: Page,
    /// Size of everything, 1 = as the display wants it.
    pub scale: f32,
}

impl Default for Layout {
    fn default() -> Self {
        Self { mode: Mode::default(), page: Page::default(), scale: 1.0 }
    }
}

/// What the window remembers. Owned by the main thread.
#[derive(Debug, Default)]
pub struct Surface {
    /// See [`Layout`].
    pub layout: Layout,
    /// Whether all keys are shown.
    pub(super) shows_keys: bool,
    /// Whether the lamp of health is open.
    pub(super) shows_health: bool,
    /// Small pictures on the window's device.
    pub(super) gallery: Gallery,
    /// The clip that the tiles were last scrolled to.
    pub(super) followed: Option<usize>,
    /// The button that the pointer holds down.
    held: Option<ParamIndex>,
}

impl Surface {
    /// A window that is laid out like this.
    pub fn new(layout: Layout) -> Self {
        Self { layout, ..Self::default() }
    }

    /// Shows all keys, or hides them again.
    pub fn toggle_keys(&mut self) {
        self.shows_keys = !self.shows_keys;
    }

    /// Tells what the pointer does to a button: a press while it goes down, a release when it comes
    /// up. What such a press does is the row's own gesture.
    pub(super) fn press(
        &mut self,
        doings: &mut Doings,
        param: ParamIndex,
        response: &egui::Response,
    ) {
        let is_down = response.is_pointer_button_down_on()
            && response.ctx.input(|input| input.pointer.primary_down());
        if is_down && self.held.is_none() {
            self.held = Some(param);
            doings.send(param, Change::Press(1.0));
        } else if response.clicked() && self.held != Some(param) {
            // A keyboard, or a program that reads the window aloud.
            doings.send(param, Change::Press(1.0));
            doings.send(param, Change::Release);
        }
    }

    /// Lets go what nobody holds any more, wherever the pointer is by now.
    pub(super) fn let_go(&mut self, ui: &egui::Ui, view: &View<'_>, doings: &mut Doings) {
        let is_down = ui.input(|input| input.pointer.primary_down() && input.focused);
        if let Some(param) = self.held.filter(|_| !is_down) {
            self.held = None;
            doings.send(view.registry.current(param), Change::Release);
        }
    }
}
