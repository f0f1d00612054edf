//! What the window itself remembers between two drawings: nothing of it is the instrument's.

use super::{
    Doings, View,
    exports::Exporter,
    gallery::Gallery,
    glance::Glance,
    guide::Step,
    imports::Importer,
    looks::Tiles,
    pages::{Cards, Heard, Page, Rack, Shelf},
};
use crate::{
    decay::dct::Dct,
    params::{Change, ParamIndex},
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Smallest and largest size of everything.
const SCALES: (f32, f32) = (0.5, 4.0);

/// How long the lock's button is held before it opens, in seconds.
pub(super) const UNLOCK_SECS: f64 = 1.5;

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

/// Late slots of the last while, so that what is over is forgotten.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// Slots and late slots at some moments, oldest first.
    seen: VecDeque<(u64, u64)>,
}

impl Lately {
    /// Slots that are looked back on: ten seconds at 30 a second.
    const SLOTS: u64 = 300;
    /// From one moment that is kept to the next.
    const STEP: u64 = 10;

    /// Notes where the counts stand.
    pub(super) fn note(&mut self, slot: u64, late: u64) {
        if self.seen.back().is_none_or(|(last, _)| slot >= last + Self::STEP) {
            self.seen.push_back((slot, late));
        }
        while self.seen.len() > 1 && self.seen[1].0 + Self::SLOTS <= slot {
            self.seen.pop_front();
        }
    }

    /// Late slots, and slots, since the oldest moment that is kept.
    pub(super) fn count(&self, slot: u64, late: u64) -> (u64, u64) {
        let (slot_then, late_then) = self.seen.front().copied().unwrap_or((slot, late));
        (late.saturating_sub(late_then), slot.saturating_sub(slot_then))
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
    /// What the timeline strip remembers.
    pub(super) strip: super::timeline::Strip,
    /// Pictures of the looks.
    pub(super) looks: Tiles,
    /// The rack of wear.
    pub(super) rack: Rack,
    /// The page of modulation.
    pub(super) modulation: Cards,
    /// What controllers and programs sent last.
    pub(super) heard: Heard,
    /// What is to be imported, and how.
    pub(super) importer: Importer,
    /// What is to be rendered, and how.
    pub(super) exporter: Exporter,
    /// What is asked of the library.
    pub(super) shelf: Shelf,
    /// Small pictures on the window's device.
    pub(super) gallery: Gallery,
    /// The clip that the tiles were last scrolled to.
    pub(super) followed: Option<usize>,
    /// Whether the surface is locked.
    is_locked: bool,
    /// Since when the key out of the lock is held, in seconds of the window.
    unlocking_since: Option<f64>,
    /// How far somebody is who began without a clip.
    pub(super) guide: Step,
    /// Whether what plays was seen clean on the way.
    pub(super) was_clean: bool,
    /// The instrument as it was drawn last.
    pub(super) glance: Glance,
    /// Until when what failed was seen in the lamp of health, in seconds of the window.
    pub(super) seen_secs: Option<f64>,
    /// How many slots were late of late.
    pub(super) lately: Lately,
    /// The button that the pointer holds down, and whether it was let go already because the window
    /// lost the keyboard.
    held: Option<(ParamIndex, bool)>,
}

impl Surface {
    /// A window that is laid out like this.
    pub fn new(layout: Layout) -> Self {
        Self { layout, ..Self::default() }
    }

    /// Draws everything at the layout's size, and takes over what the person does to it with egui's own
    /// keys (control with plus, minus, 0).
    pub(super) fn scale(&mut self, context: &egui::Context) {
        let key = egui::Id::unique("scaled");
        // A context that is new, as after a lost device, has forgotten it.
        if context.data_mut(|data| data.get_temp_mut_or_default::<bool>(key).to_owned()) {
            self.layout.scale = context.zoom_factor();
        } else {
            context.set_zoom_factor(self.layout.scale.clamp(SCALES.0, SCALES.1));
            context.data_mut(|data| data.insert_temp(key, true));
        }
    }

    /// Which quantisation tables the choice `file` means.
    pub fn with_tables(mut self, tables: Option<Dct>) -> Self {
        self.rack.use_tables(tables);
        self
    }

    /// Whether looks were drawn the last time.
    pub fn shows_looks(&self) -> bool {
        self.looks.are_shown()
    }

    /// Whether the surface is locked: it stays the one for playing, and no menu, no list of keys and
    /// no other dialog opens, until the lock's own button is held.
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Locks the surface for playing.
    pub fn lock(&mut self) {
        self.layout.mode = Mode::Show;
        self.is_locked = true;
        self.shows_keys = false;
        self.shows_health = false;
        self.unlocking_since = None;
    }

    /// Holds the lock's button, or does not; unlocks once it was held for [`UNLOCK_SECS`]. Returns
    /// how much of that is over, 0..=1.
    pub(super) fn hold_lock(&mut self, is_held: bool, now_secs: f64) -> f64 {
        let since = self.unlocking_since.filter(|_| is_held);
        self.unlocking_since = is_held.then(|| since.unwrap_or(now_secs));
        let part = since.map_or(0.0, |since| (now_secs - since) / UNLOCK_SECS);
        if part >= 1.0 {
            self.is_locked = false;
            self.unlocking_since = None;
        }
        part.min(1.0)
    }

    /// Shows all keys, or hides them again.
    pub fn toggle_keys(&mut self) {
        self.shows_keys = !self.shows_keys && !self.is_locked;
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
            self.held = Some((param, false));
            doings.send(param, Change::Press(1.0));
        } else if response.clicked() && self.held.is_none() {
            // A keyboard, or a program that reads the window aloud.
            doings.send(param, Change::Press(1.0));
            doings.send(param, Change::Release);
        }
    }

    /// Lets go what nobody holds any more, wherever the pointer is by now.
    pub(super) fn let_go(&mut self, ui: &egui::Ui, view: &View<'_>, doings: &mut Doings) {
        let (is_down, is_lost) = ui.input(|input| {
            let is_lost = input.events.contains(&egui::Event::WindowFocused(false));
            (input.pointer.primary_down(), is_lost)
        });
        let Some((param, is_let_go)) = self.held else { return };
        if !is_let_go && (!is_down || is_lost) {
            doings.send(view.registry.current(param), Change::Release);
        }
        self.held = is_down.then_some((param, is_let_go || is_lost));
    }
}
