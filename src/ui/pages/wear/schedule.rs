//! A stage's schedule by age: the part of its amount that it has in each generation, and where the
//! picture is.

use crate::{
    decay::Lineup,
    params::Snapshot,
    ui::{View, theme},
};
use egui::{
    Align2, FontId, Rangef, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Columns of a drawing.
const COLUMNS: usize = 64;
/// Ages that a drawing shows at least.
const LEAST_SPAN: f64 = 200.0;
/// The part at the upper edge: the rows go as far.
const MOST: f64 = 2.0;

/// A schedule as it is drawn, kept until one of its rows changes.
#[derive(Debug, Default)]
pub(super) struct Curve {
    key: Vec<f64>,
    columns: Vec<f64>,
}

impl Curve {
    fn refresh(&mut self, lineup: &Lineup, stage: usize, params: &Snapshot, span: f64) {
        let rows = lineup.age_rows().into_iter().chain(lineup.rows(stage).schedule);
        let key: Vec<f64> = rows.map(|row| params.get(row)).chain([span]).collect();
        if self.key == key {
            return;
        }
        self.columns = columns(lineup, stage, params, span);
        self.key = key;
    }
}

/// The largest part in the ages of each column.
fn columns(lineup: &Lineup, stage: usize, params: &Snapshot, span: f64) -> Vec<f64> {
    let age = |column: usize| age_at(column as f64 / COLUMNS as f64, span);
    let column = |column: usize| {
        let first = age(column).ceil().max(1.0) as u64;
        let last = (age(column + 1).ceil() as u64).max(first + 1);
        (first..last).map(|age| lineup.part(stage, params, age)).fold(0.0, f64::max)
    };
    (0..COLUMNS).map(column).collect()
}

/// The age at a part of the width: early ages, in which most happens, have more room.
fn age_at(part: f64, span: f64) -> f64 {
    part * part * span
}

fn part_at(age: f64, span: f64) -> f64 {
    (age / span).clamp(0.0, 1.0).sqrt()
}

/// The oldest age that all drawings show.
pub(super) fn span(view: &View<'_>, lineup: &Lineup) -> f64 {
    let starts = (0..lineup.len()).map(|stage| lineup.rows(stage).schedule[0]);
    let latest = lineup.age_rows().into_iter().chain(starts).map(|row| view.result(row));
    (latest.fold(0.0, f64::max) * 1.5).max(LEAST_SPAN)
}

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    curve: &mut Curve,
    (lineup, stage): (&Lineup, usize),
    (span, is_lit): (f64, bool),
    size: Vec2,
) -> Response {
    let params = &view.status.result;
    curve.refresh(lineup, stage, params, span);
    let (room, response) = ui.allocate_exact_size(size, Sense::hover());
    let age = view.status.generation;
    let now = lineup.part(stage, params, age.max(1));
    let name = view.registry.row(lineup.rows(stage).switch).name;
    response.widget_info(|| {
        let text = format!("{name} by age: part {now:.2} at age {age}");
        WidgetInfo::labeled(egui::Role::Image, true, text)
    });
    let painter = ui.painter_at(room);
    painter.rect_filled(room, 2.0, theme::WELL);
    let x = |part: f64| egui::lerp(room.x_range(), part as f32);
    let y = |part: f64| egui::lerp(room.bottom()..=room.top(), (part / MOST) as f32);
    let color = match () {
        () if is_lit => theme::ACCENT.gamma_multiply(0.6),
        // It waits for an age that lies elsewhere.
        () if now <= 0.0 => theme::WEAK.gamma_multiply(0.6),
        () => theme::RAISED,
    };
    // Neighbours that are alike are one piece.
    let mut from = 0;
    for piece in curve.columns.chunk_by(|one, other| one == other) {
        let ends = Rangef::new(
            x(from as f64 / COLUMNS as f64),
            x((from + piece.len()) as f64 / COLUMNS as f64),
        );
        from += piece.len();
        if piece[0] > 0.0 {
            let tall = Rangef::new(y(piece[0].min(MOST)), room.bottom());
            painter.rect_filled(Rect::from_x_y_ranges(ends, tall), 0.0, color);
        }
    }
    // Where it is no longer young, and old.
    for row in lineup.age_rows() {
        let at = x(part_at(params.get(row), span));
        let tick = Rangef::new(room.bottom() - 5.0, room.bottom());
        painter.vline(at, tick, Stroke::new(1.0, theme::TEXT));
    }
    let cursor = x(part_at(age as f64, span));
    let light = if is_lit { theme::BRIGHT } else { theme::WEAK };
    painter.vline(cursor, room.y_range(), Stroke::new(1.5, light));
    let tip = pos2(cursor, room.top() + 5.0);
    let head = vec![tip, tip + vec2(-4.0, -5.0), tip + vec2(4.0, -5.0)];
    painter.add(egui::Shape::convex_polygon(head, light, Stroke::NONE));
    if now == 1.0 && !is_lit {
        return response.on_hover_ui(|ui| tooltip(ui, view, lineup, stage));
    }
    let text = format!("\u{d7}{now:.2}");
    // Out of the cursor's way.
    let is_left = cursor < room.center().x;
    let (at, align) = match is_left {
        true => (room.right_top() + vec2(-4.0, 2.0), Align2::RIGHT_TOP),
        false => (room.left_top() + vec2(4.0, 2.0), Align2::LEFT_TOP),
    };
    painter.text(at, align, text, FontId::proportional(11.0), theme::TEXT);
    response.on_hover_ui(|ui| tooltip(ui, view, lineup, stage))
}

/// The rows of the schedule in words.
fn tooltip(ui: &mut Ui, view: &View<'_>, lineup: &Lineup, stage: usize) {
    ui.set_max_width(320.0);
    ui.label(
        "The part of its amount that the stage has at each age of the picture, in generations.",
    );
    for row in lineup.rows(stage).schedule.into_iter().chain(lineup.age_rows()) {
        let param = view.registry.row(row);
        ui.weak(format!("{}: {}", param.name, param.format(view.result(row))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Store;
    use std::sync::Arc;

    #[test]
    fn a_drawing_is_the_schedule() {
        let registry = Arc::new(crate::engine::registry().expect("rows"));
        let lineup = Lineup::find(&registry);
        let mut store = Store::new(Arc::clone(&registry));
        for (id, plain) in [
            ("age.noise_from", 10.0),
            ("age.noise_young", 0.5),
            ("age.noise_middle", 0.25),
            ("age.young_until", 50.0),
            ("age.old_from", 98.0),
        ] {
            store.set(registry.find(id).expect("a row"), plain);
        }
        store.settle();
        let switch = registry.find("decay.noise").expect("a row");
        let stages = 0..lineup.len();
        let noise = stages.into_iter().find(|stage| lineup.rows(*stage).switch == switch);
        let drawn = columns(&lineup, noise.expect("a stage"), store.result(), 200.0);
        // By hand: column c begins at the age 200 (c / 64)^2; 10 is in column 14 (9.57 to 10.99), 50
        // begins column 32, and 98 is in column 44 (94.5 to 98.9).
        let expected = |column: usize| match column {
            ..14 => 0.0,
            14..32 => 0.5,
            32..44 => 0.25,
            _ => 1.0,
        };
        for (column, part) in drawn.iter().enumerate() {
            assert_eq!(*part, expected(column), "column {column}");
        }
        assert_eq!(part_at(50.0, 200.0), 0.5);
    }
}
