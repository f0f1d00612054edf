//! The cues of the clip in play: go there, see and move where they are, set them where it plays.

use crate::{
    params::{Change, ParamIndex},
    ui::{Doings, Surface, View, menu, row, theme},
};
use egui::{Button, Rect, Sense, Stroke, Ui, pos2, vec2};

/// Height of a line in points.
const LINE: f32 = 24.0;
/// Widths of the time and of the pad that sets, and the space between.
const TIME: f32 = 56.0;
const SET: f32 = 46.0;
const GAP: f32 = 5.0;

/// A line for each cue.
pub(in crate::ui) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
) {
    let roles = view.roles;
    for (place, at) in roles.cues.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            if let Some(go) = roles.cue_go.get(place) {
                let word = (place + 1).to_string();
                pad(ui, view, surface, doings, *go, (&word, vec2(40.0, LINE)));
            }
            let width = (ui.available_width() - TIME - SET - 2.0 * GAP).max(40.0);
            place_of(ui, view, doings, *at, vec2(width, LINE));
            let secs = view.clip().map_or(0.0, |(_, clip)| clip.secs) * view.value(*at);
            let text = format!("{}:{:04.1}", secs as u64 / 60, secs % 60.0);
            let time = egui::Label::new(egui::RichText::new(text).monospace()).selectable(false);
            ui.add_sized(vec2(TIME, LINE), time);
            if let Some(set) = roles.cue_set.get(place) {
                pad(ui, view, surface, doings, *set, ("set", vec2(SET, LINE)));
            }
        });
    }
}

/// A pad of a trigger.
pub(super) fn pad(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    param: ParamIndex,
    (word, size): (&str, egui::Vec2),
) {
    let row = view.registry.row(param);
    let response = ui.add_sized(size, Button::new(word));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, row.name));
    surface.press(doings, param, &response);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, row));
    menu::attach(&response, view, doings, param);
}

/// Where a cue is in the clip, beside where the clip plays; dragging moves it.
fn place_of(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    param: ParamIndex,
    size: egui::Vec2,
) {
    let row = view.registry.row(param);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let part = row.normalised_from_plain(view.value(param));
    response.widget_info(|| egui::WidgetInfo::slider(true, part, row.name));
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let asked = f64::from((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
        if asked != part {
            doings.send(param, Change::Normalised(asked));
        }
    }
    let line = Rect::from_center_size(rect.center(), vec2(rect.width(), 6.0));
    let painter = ui.painter();
    painter.rect_filled(line, 2.0, theme::WELL);
    let x = |part: f64| egui::lerp(rect.left() + 4.0..=rect.right() - 4.0, part as f32);
    let played = Rect::from_min_max(line.min, pos2(x(view.status.position), line.bottom()));
    painter.rect_filled(played, 2.0, ui.visuals().widgets.hovered.bg_fill);
    let color = if response.hovered() { theme::BRIGHT } else { theme::ACCENT };
    let at = x(part);
    painter.vline(at, line.y_range().expand(3.0), Stroke::new(2.0, color));
    let flag = [vec2(-4.0, -9.0), vec2(4.0, -9.0), vec2(0.0, -3.0)];
    let flag = flag.map(|corner| pos2(at, rect.center().y) + corner).to_vec();
    painter.add(egui::Shape::convex_polygon(flag, color, Stroke::NONE));
    let response = response.on_hover_ui(|ui| row::tooltip(ui, row));
    menu::attach(&response, view, doings, param);
}
