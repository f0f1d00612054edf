//! One stage as a strip: grip, switch, amount, schedule, and the rest of it where it is open.

use super::{Rack, fader, schedule, table};
use crate::{
    decay::{Lineup, StageRows},
    ui::{Doings, Surface, View, menu, row, theme},
};
use egui::{
    Align2, Button, Color32, CursorIcon, FontId, Rect, RichText, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// Height of a strip that is closed, in points.
const HEIGHT: f32 = 34.0;
/// Widths in points: grip, arrow, switch, word, schedule, the button that opens it.
const GRIP: f32 = 20.0;
const ARROW: f32 = 18.0;
const SWITCH: f32 = 128.0;
const WORD: f32 = 46.0;
const SCHEDULE: f32 = 150.0;
const MORE: f32 = 48.0;
/// Width of an amount at least.
const AMOUNT: f32 = 90.0;

/// Which strip, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The stage.
    pub(super) stage: usize,
    /// Whether it is the first, and the last.
    pub(super) ends: (bool, bool),
    /// The oldest age that schedules show.
    pub(super) span: f64,
    /// Its width in points.
    pub(super) width: f32,
}

/// A step in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To run earlier.
    Up,
    /// To run later.
    Down,
}

/// What a stage does just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// Its switch is off.
    Off,
    /// Its amount is nothing.
    Rests,
    /// Its schedule passes over this age.
    Waits,
    /// It wears the picture.
    Works,
}

impl Doing {
    fn of(view: &View<'_>, lineup: &Lineup, stage: usize) -> Self {
        let params = &view.status.result;
        match () {
            () if !lineup.is_on(stage, params) => Self::Off,
            () if lineup.amount(stage, params) <= 0.0 => Self::Rests,
            () if lineup.part(stage, params, view.status.generation.max(1)) <= 0.0 => Self::Waits,
            () => Self::Works,
        }
    }

    /// A word for it, a longer one, and the colour.
    fn words(self) -> (&'static str, &'static str, Color32) {
        match self {
            Self::Off => ("off", "Switched off", theme::WEAK),
            Self::Rests => ("rests", "On, but its amount is nothing", theme::WEAK),
            Self::Waits => ("waits", "Its schedule passes over this age", theme::WARNING),
            Self::Works => ("works", "It wears the picture just now", theme::ACCENT),
        }
    }
}

/// Draws it; gives its place, and what was asked of the order.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (rack, lineup): (&mut Rack, &Lineup),
    place: Place,
) -> (Rect, Option<Step>) {
    let stage = place.stage;
    let rows = lineup.rows(stage);
    let doing = Doing::of(view, lineup, stage);
    let is_open = rack.open.contains(&rows.switch);
    let name = view.registry.row(rows.switch).name;
    let mut step = None;
    let strip = ui.push_id(view.registry.row(rows.switch).id, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            grip(ui, rack, stage, name, doing);
            step = arrows(ui, name, place.ends);
            switch(ui, view, surface, doings, rows, doing);
            word(ui, doing);
            let gap = ui.spacing().item_spacing.x;
            let taken = GRIP + 2.0 * ARROW + SWITCH + WORD + MORE + 7.0 * gap;
            let rest = place.width - taken;
            let schedule = SCHEDULE.min(rest - AMOUNT).max(40.0);
            let amount = vec2((rest - schedule).max(AMOUNT), HEIGHT - 4.0);
            match rows.amount {
                Some(row) => {
                    drop(fader::show(ui, view, doings, row, amount, doing == Doing::Works))
                }
                None => drop(ui.allocate_exact_size(amount, Sense::hover())),
            }
            let size = vec2(schedule, HEIGHT - 4.0);
            let (of, drawn) = ((lineup, stage), (place.span, doing == Doing::Works));
            schedule::show(ui, view, &mut rack.curves[stage], of, drawn, size);
            let text = if is_open { "less" } else { "more" };
            let button = ui.add_sized(vec2(MORE, HEIGHT - 6.0), Button::new(text));
            button.widget_info(|| {
                WidgetInfo::labeled(egui::Role::Button, true, format!("{name}: {text}"))
            });
            if button.clicked() {
                rack.toggle(rows.switch);
            }
        });
        if lineup.has_tables(stage, &view.status.result) {
            let age = view.status.generation.max(1);
            let tables = lineup.tables(stage, &view.status.result, age);
            ui.horizontal(|ui| {
                ui.add_space(GRIP + 2.0 * ARROW + 20.0);
                table::show(ui, name, tables.as_ref());
            });
        }
        if is_open {
            ui.indent("rest", |ui| {
                let all = rows.others.iter().copied().chain(rows.schedule).chain([rows.place]);
                for index in all {
                    row::show(ui, view, surface, doings, index);
                }
            });
        }
    });
    let room = strip.response.rect;
    if rack.carried == Some(stage) {
        let stroke = Stroke::new(1.0, theme::BRIGHT);
        ui.painter().rect_stroke(room.expand(1.0), 3.0, stroke, StrokeKind::Outside);
    }
    (room, step)
}

/// Six dots to take hold of, lit at the edge while the stage works.
fn grip(ui: &mut Ui, rack: &mut Rack, stage: usize, name: &str, doing: Doing) {
    let (room, response) = ui.allocate_exact_size(vec2(GRIP, HEIGHT), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Carry {name}")));
    let painter = ui.painter_at(room);
    let lamp = Rect::from_min_size(room.min, vec2(4.0, HEIGHT));
    let (_, _, color) = doing.words();
    let lamp_color = if doing == Doing::Works { color } else { theme::RAISED };
    painter.rect_filled(lamp, 1.0, lamp_color);
    let dots = if response.hovered() { theme::BRIGHT } else { theme::WEAK };
    for dot in 0..6_u8 {
        let (column, line) = (f32::from(dot % 2), f32::from(dot / 2));
        let at = pos2(room.left() + 9.0 + 5.0 * column, room.center().y - 5.0 + 5.0 * line);
        painter.circle_filled(at, 1.3, dots);
    }
    if response.drag_started() {
        rack.carried = Some(stage);
    }
    response.on_hover_cursor(CursorIcon::Grab).on_hover_text("Drag: the stage runs elsewhere");
}

fn arrows(ui: &mut Ui, name: &str, (is_first, is_last): (bool, bool)) -> Option<Step> {
    let mut step = None;
    for (word, asked, is_end) in [("up", Step::Up, is_first), ("down", Step::Down, is_last)] {
        let sense = if is_end { Sense::hover() } else { Sense::click() };
        let (room, button) = ui.allocate_exact_size(vec2(ARROW, HEIGHT - 6.0), sense);
        button.widget_info(|| {
            WidgetInfo::labeled(egui::Role::Button, !is_end, format!("Move {name} {word}"))
        });
        let is_hot = button.hovered() || button.has_focus();
        let color = match () {
            () if is_end => theme::RAISED,
            () if is_hot => theme::BRIGHT,
            () => theme::WEAK,
        };
        let (at, tall) = (room.center(), if asked == Step::Up { -4.0 } else { 4.0 });
        let corners = [vec2(-5.0, -tall), vec2(5.0, -tall), vec2(0.0, tall)];
        let corners = corners.map(|corner| at + corner).to_vec();
        ui.painter().add(egui::Shape::convex_polygon(corners, color, Stroke::NONE));
        if button.clicked() {
            step = Some(asked);
        }
    }
    step
}

fn switch(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    rows: &StageRows,
    doing: Doing,
) {
    let param = view.registry.row(rows.switch);
    let is_on = view.value(rows.switch) >= 0.5;
    // Lit while it works, as a key that is held down; an empty frame while it is off.
    let (ink, fill, frame) = match (is_on, doing) {
        (_, Doing::Works) => (theme::BACKGROUND, theme::ACCENT, Stroke::NONE),
        (true, _) => (theme::TEXT, theme::RAISED, Stroke::NONE),
        (false, _) => (theme::WEAK, theme::WELL, Stroke::new(1.0, theme::RAISED)),
    };
    let text = RichText::new(param.name).size(15.0).color(ink);
    let text = if doing == Doing::Works { text.strong().color(ink) } else { text };
    let button = Button::new(text).truncate().fill(fill).stroke(frame);
    let response = ui.add_sized(vec2(SWITCH, HEIGHT - 4.0), button);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_on, param.name));
    surface.press(doings, rows.switch, &response);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, param));
    menu::attach(&response, view, doings, rows.switch);
}

fn word(ui: &mut Ui, doing: Doing) {
    let (word, help, color) = doing.words();
    let (room, response) = ui.allocate_exact_size(vec2(WORD, HEIGHT), Sense::hover());
    let font = FontId::proportional(13.0);
    ui.painter().text(room.left_center(), Align2::LEFT_CENTER, word, font, color);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, word));
    response.on_hover_text(help);
}

/// A line where a strip that is carried would land.
pub(super) fn landing(ui: &Ui, spots: &[Rect], from: usize, to: usize) {
    if from == to {
        return;
    }
    // Places count the others alone.
    let next = if to > from { to + 1 } else { to };
    let y = match (spots.get(next), spots.last()) {
        (Some(spot), _) => spot.top() - 2.0,
        (None, Some(last)) => last.bottom() + 2.0,
        (None, None) => return,
    };
    let Some(spot) = spots.first() else { return };
    ui.painter().hline(spot.x_range(), y, Stroke::new(3.0, theme::ACCENT));
}
