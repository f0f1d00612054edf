//! The window without a window: its widgets are found by their accessible names, as a program finds
//! them that reads the screen aloud, and what they answer is looked at.
//!
//! With `RESIDUA_PICTURES` set to a folder, [`Bench::look`] writes what was drawn there as PNG files.

mod caption;
mod clips;
mod export;
mod guide;
mod import;
mod lock;
mod mappings;
mod memory;
mod modulation;
mod outputs;
mod quiet;
mod rows;
mod show;
mod timeline;
mod wear;

use super::*;
use crate::{
    control::{Ear, LearnDesk},
    engine::Status,
    params::{Change, ControlEvent, ControlQueue, ParamIndex, Registry, Store},
    units::ClipIndex,
};
use egui::{Rect, Vec2, pos2, vec2};
use egui_kittest::{Harness, Node, kittest::Queryable};
use std::{env, fs, path::Path, sync::Arc};

/// What a window is lent, by an engine that does nothing: all rows of the instrument, three clips.
struct Studio {
    registry: Arc<Registry>,
    roles: Roles,
    status: Status,
    queue: ControlQueue,
    news: Vec<NewsLine>,
    clips: Vec<ClipCard>,
    is_blank: bool,
    looks: Vec<LookCard>,
    grabs: GrabPictures,
    learn: LearnDesk,
    ghosts: Vec<(ParamIndex, f64)>,
    ear: Ear,
    desk: DeskNow,
    surface: Surface,
    doings: Doings,
    now_secs: f64,
}

impl Studio {
    fn new(layout: Layout) -> Self {
        let registry = Arc::new(crate::engine::registry().expect("rows"));
        let store = Store::new(registry.clone());
        let status = Status {
            base: store.base().clone(),
            result: store.result().clone(),
            clip: Some(ClipIndex(0)),
            slice: 30,
            slices: 100,
            position: 0.3,
            slot_micros: 33_333,
            decode_micros: 2_000,
            gpu_micros: 9_000,
            bpm: 120.0,
            is_playing: true,
            ..Status::default()
        };
        Self {
            roles: Roles::resolve(&registry),
            registry,
            status,
            queue: ControlQueue::default(),
            news: Vec::new(),
            clips: ["rabbit", "flower", "carousel"].map(card).to_vec(),
            is_blank: false,
            looks: Vec::new(),
            grabs: GrabPictures::default(),
            learn: LearnDesk::default(),
            ghosts: Vec::new(),
            ear: Ear::default(),
            desk: DeskNow::default(),
            surface: Surface::new(layout),
            doings: Doings::default(),
            now_secs: 0.0,
        }
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let armed = self.learn.armed();
        let keys = [("space", "play or pause"), ("m", "melt (hold)"), ("p", "panic")];
        let keys = keys.map(|(key, help)| KeyLine { key: key.to_owned(), help: help.to_owned() });
        let display =
            |name: &str, used| DisplayLine { name: name.to_owned(), size: (1920, 1080), used };
        let displays = [
            display("eDP-1", DisplayUse::Window),
            display("HDMI-1", DisplayUse::None),
            display("DP-2", DisplayUse::Filled),
        ];
        let view = View {
            registry: &self.registry,
            roles: &self.roles,
            status: &self.status,
            news: &self.news,
            clips: &self.clips,
            is_blank: self.is_blank,
            looks: &self.looks,
            grabs: &self.grabs,
            queue: &self.queue,
            port_lines: &["OSC on 127.0.0.1:7700".to_owned()],
            preview: None,
            keys: &keys,
            learn: Some(&self.learn),
            armed: armed.as_deref(),
            ghosts: &self.ghosts,
            ear: &self.ear,
            desk: &self.desk,
            machine: &[("Adapter".to_owned(), "llvmpipe".to_owned())],
            recording_room: Some(std::time::Duration::from_secs(9_000)),
            displays: &displays,
            shows_card: false,
            is_locked: self.surface.is_locked(),
            now_secs: self.now_secs,
        };
        show(ui, &view, &mut self.surface, &mut self.doings);
    }
}

/// A clip of 106 pictures whose bytes rise and fall.
fn card(name: &str) -> ClipCard {
    let bytes = |unit: u32| 200 + 40 * (unit % 25) + if unit == 0 { 6_000 } else { 0 };
    ClipCard {
        name: name.to_owned(),
        label: format!("{name} · hard"),
        hold: Some(crate::clip::Mosh::Hard),
        encoder: "mpeg4".to_owned(),
        secs: 106.0 / 30.0,
        forward_bytes: (0..106).map(bytes).collect(),
        backward_bytes: (0..106).rev().map(bytes).collect(),
        clean_every: 12,
        pictures: Pictures::default(),
    }
}

/// A window over a [`Studio`].
struct Bench {
    harness: Harness<'static, Studio>,
}

impl Bench {
    /// The page of setting up.
    fn page(page: Page) -> Self {
        Self::new(Layout { mode: Mode::Prepare, page, ..Layout::default() }, vec2(1280.0, 800.0))
    }

    /// The surface of playing.
    fn stage() -> Self {
        Self::new(Layout::default(), vec2(1280.0, 800.0))
    }

    fn new(layout: Layout, size: Vec2) -> Self {
        let builder = Harness::builder().with_size(size);
        let builder = if env::var_os(PICTURES).is_some() { builder.wgpu() } else { builder };
        let mut is_dressed = false;
        let draw = move |ui: &mut egui::Ui, studio: &mut Studio| {
            if !std::mem::replace(&mut is_dressed, true) {
                apply_theme(ui.ctx());
                ui.ctx().request_repaint();
            }
            studio.draw(ui);
        };
        let mut this = Self { harness: builder.build_ui_state(draw, Studio::new(layout)) };
        this.run();
        this
    }

    fn studio(&mut self) -> &mut Studio {
        self.harness.state_mut()
    }

    fn find(&self, id: &str) -> ParamIndex {
        self.harness.state().registry.find(id).expect("a row")
    }

    /// Sets a row, as if the engine had.
    fn set(&mut self, id: &str, plain: f64) {
        let param = self.find(id);
        let registry = Arc::clone(&self.studio().registry);
        let mut store = Store::new(registry);
        store.set(param, plain);
        store.settle();
        self.studio().status.base = store.base().clone();
        self.studio().status.result = store.result().clone();
        self.run();
    }

    /// Draws until nothing moves any more.
    fn run(&mut self) {
        self.harness.run();
    }

    /// The widget with exactly this accessible name.
    fn widget<'a>(&'a self, name: &'a str) -> Node<'a> {
        self.harness.get_by_label(name)
    }

    fn has(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    fn place(&self, name: &str) -> Rect {
        self.widget(name).rect()
    }

    /// Clicks a widget; gives what came of it.
    fn click(&mut self, name: &str) -> Vec<ControlEvent> {
        self.widget(name).click();
        self.run();
        self.events()
    }

    /// Opens the menu of the first widget with this name.
    fn open_menu(&mut self, name: &str) {
        let mut found = self.harness.query_all_by_label(name);
        found.next().expect("a widget").click_secondary();
        drop(found);
        self.run();
    }

    /// What the person did since the last time.
    fn events(&mut self) -> Vec<ControlEvent> {
        std::mem::take(&mut self.studio().doings.events)
    }

    /// Presses and lets go at a point with the pointer.
    fn click_at(&mut self, at: egui::Pos2) -> Vec<ControlEvent> {
        self.harness.drag_at(at);
        self.run();
        self.harness.drop_at(at);
        self.run();
        self.events()
    }

    /// Writes what was drawn to a file, where somebody wants to look at it.
    fn look(&mut self, name: &str) {
        let Some(folder) = env::var_os(PICTURES) else { return };
        let picture = self.harness.render().expect("a picture");
        fs::create_dir_all(&folder).expect("a folder");
        picture.save(Path::new(&folder).join(name).with_extension("png")).expect("a file");
    }
}

/// Names the folder that pictures go to.
const PICTURES: &str = "RESIDUA_PICTURES";

fn by_hand(param: ParamIndex, change: Change) -> ControlEvent {
    ControlEvent { param, change, source: crate::params::Source::Window }
}
