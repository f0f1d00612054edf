//! The contents of the control window: every parameter as a widget drawn from its row, the
//! playhead, meters, the programme's preview, and what the instrument has to say.
//!
//! Runs on the main thread. Knows no window and no device (`app` has them), and no particular
//! parameter: which rows the playhead strip and the clip buttons move is said in the [`View`].
//! Changes nothing itself; what a person does comes out as [`ControlEvent`]s, but for what controllers
//! shall learn, which is asked of their desk.

mod caption;
mod habits;
mod learn;
mod meters;
mod pads;
mod rows;
mod strip;
mod theme;

pub use caption::Lettering;
pub use theme::{BACKGROUND, apply_theme};

use crate::{
    control::LearnDesk,
    engine::Status,
    params::{Change, ControlEvent, ControlQueue, ParamIndex, Registry, Source},
    ports::Notice,
};

/// Lines of news that are visible at once.
const NEWS_LINES: usize = 4;

/// A notice, and when it came.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsLine {
    /// Seconds since the window opened.
    pub at_secs: f64,
    /// What was said.
    pub notice: Notice,
}

/// Everything the window shows, lent for one drawing.
pub struct View<'a> {
    /// All rows.
    pub registry: &'a Registry,
    /// The instrument after its latest slot.
    pub status: &'a Status,
    /// What was said, oldest first.
    pub news: &'a [NewsLine],
    /// Names of the clips, in the order of the set.
    pub clip_names: &'a [String],
    /// The queue to the engine, for its counters.
    pub queue: &'a ControlQueue,
    /// Lines on the ports that are open, such as `OSC on 127.0.0.1:9000`.
    pub port_lines: &'a [String],
    /// The programme, and its width over its height.
    pub preview: Option<(egui::TextureId, f32)>,
    /// The row that scrubbing in the playhead strip moves (normalised), if there is one.
    pub strip: Option<ParamIndex>,
    /// The row whose plain value n chooses clip n, counted from 1, if there is one.
    pub clip_select: Option<ParamIndex>,
    /// One line on the keys.
    pub keys_line: &'a str,
    /// Where controllers learn, where there are any.
    pub learn: Option<&'a LearnDesk>,
    /// Id of the parameter that waits for a control.
    pub armed: Option<&'a str>,
}

impl View<'_> {
    /// The plain value that was set; before the first slot of the row, the default.
    fn value(&self, param: ParamIndex) -> f64 {
        match self.status.base.has(param) {
            true => self.status.base.get(param),
            false => self.registry.row(param).default,
        }
    }

    /// The plain value in force, smoothed and modulated.
    fn result(&self, param: ParamIndex) -> f64 {
        match self.status.result.has(param) {
            true => self.status.result.get(param),
            false => self.value(param),
        }
    }
}

/// What the person at the window did to a parameter.
fn by_hand(param: ParamIndex, change: Change) -> ControlEvent {
    ControlEvent { param, change, source: Source::Window }
}

/// Draws the whole window and adds what the person did to `events`.
pub fn show(ui: &mut egui::Ui, view: &View<'_>, events: &mut Vec<ControlEvent>) {
    egui::Panel::top("top").show(ui, |ui| meters::top_line(ui, view));
    // Always as high as it may get: what is above must not move when somebody says something.
    let line_height = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
    let news_height = line_height * (NEWS_LINES + 1) as f32;
    egui::Panel::bottom("news").exact_size(news_height).show(ui, |ui| news(ui, view));
    egui::Panel::left("rows").default_size(430.0).size_range(320.0..=640.0).show(ui, |ui| {
        learn::line(ui, view);
        rows::show(ui, view, events);
    });
    egui::CentralPanel::default().show(ui, |ui| {
        preview(ui, view);
        strip::show(ui, view, events);
        strip::clips(ui, view, events);
        ui.add_space(6.0);
        meters::show(ui, view);
    });
}

/// The programme, as wide as there is room, but leaving some for what lies below.
fn preview(ui: &mut egui::Ui, view: &View<'_>) {
    let room = egui::vec2(ui.available_width(), (ui.available_height() - 230.0).max(90.0));
    let Some((texture, aspect)) = view.preview else {
        let (place, _) = ui.allocate_exact_size(room, egui::Sense::hover());
        ui.painter().rect_filled(place, 2.0, egui::Color32::BLACK);
        let text = "No picture yet";
        let font = egui::FontId::proportional(14.0);
        let color = ui.visuals().weak_text_color();
        ui.painter().text(place.center(), egui::Align2::CENTER_CENTER, text, font, color);
        return;
    };
    let width = room.x.min(room.y * aspect);
    ui.vertical_centered(|ui| ui.image((texture, egui::vec2(width, width / aspect))));
}

/// The latest lines, newest last, and the keys at the foot.
fn news(ui: &mut egui::Ui, view: &View<'_>) {
    ui.with_layout(egui::Layout::bottom_up(egui::Align::LEFT), |ui| {
        let keys = egui::RichText::new(view.keys_line).weak().small();
        ui.add(egui::Label::new(keys).truncate()).on_hover_text(view.keys_line);
        for line in view.news.iter().rev().take(NEWS_LINES) {
            let color = theme::severity_color(ui, line.notice.severity);
            let seconds = line.at_secs as u64;
            ui.horizontal(|ui| {
                ui.weak(format!("{:02}:{:02}", seconds / 60, seconds % 60));
                let text = egui::RichText::new(&line.notice.text).color(color);
                ui.add(egui::Label::new(text).truncate()).on_hover_text(&line.notice.text);
            });
        }
    });
}

#[cfg(test)]
mod tests;
