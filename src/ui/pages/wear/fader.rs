//! A wide fader with its name and value in it: what was set, how far modulation takes it, what comes of
//! it.

use crate::{
    engine::Modulated,
    params::{Change, ParamIndex},
    ui::{Doings, View, menu, row, theme},
};
use egui::{
    Align2, Event, EventFilter, FontId, Key, Rangef, Rect, Response, Sense, Stroke, Ui, Vec2, pos2,
    vec2,
};

/// A step of the arrow keys, normalised; a tenth of it with shift.
const STEP: f64 = 0.01;

/// Draws it. `is_lit`: what it sets does something just now. Dragging sets it, finer with shift; arrow
/// keys step it; a double click puts it back to where it was at first.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    doings: &mut Doings,
    index: ParamIndex,
    size: Vec2,
    is_lit: bool,
) -> Response {
    let param = view.registry.row(index);
    let (room, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let plain = view.value(index);
    let set = param.normalised_from_plain(plain);
    response.widget_info(|| egui::WidgetInfo::slider(true, plain, param.name));
    let wished = wished(ui, &response, room, set);
    if response.double_clicked() {
        doings.send(index, Change::Plain(param.default));
    } else if let Some(part) = wished.filter(|part| *part != set) {
        doings.send(index, Change::Normalised(part.clamp(0.0, 1.0)));
    }
    let painter = ui.painter_at(room);
    painter.rect_filled(room, 3.0, theme::WELL);
    let at = |part: f64| egui::lerp(room.x_range(), part.clamp(0.0, 1.0) as f32);
    let [neutral, in_force] =
        [param.neutral, view.result(index)].map(|plain| param.normalised_from_plain(plain));
    let fill = if is_lit { theme::ACCENT.gamma_multiply(0.5) } else { theme::RAISED };
    let ends = Rangef::new(at(neutral.min(in_force)), at(neutral.max(in_force)));
    painter.rect_filled(Rect::from_x_y_ranges(ends, room.y_range()), 0.0, fill);
    if let Some(Modulated { down, up, .. }) = view.status.modulation(index) {
        let reach = Rangef::new(at(set - down), at(set + up));
        painter.hline(reach, room.bottom() - 1.5, Stroke::new(3.0, theme::ACCENT));
    }
    let is_hot = response.hovered() || response.has_focus();
    let needle = if is_hot { theme::BRIGHT } else { theme::TEXT };
    painter.vline(at(set), room.y_range(), Stroke::new(2.0, needle));
    if let Some(ghost) = view.ghost(index).filter(|ghost| (ghost - set).abs() > 0.01) {
        painter.vline(at(ghost), room.y_range(), Stroke::new(1.5, theme::WARNING));
    }
    if response.has_focus() {
        painter.rect_stroke(room, 3.0, Stroke::new(1.0, theme::BRIGHT), egui::StrokeKind::Inside);
    }
    let font = FontId::proportional(13.0);
    let value = painter.layout_no_wrap(param.format(plain), font.clone(), theme::BRIGHT);
    let corner = pos2(room.right() - 6.0 - value.size().x, room.center().y - value.size().y / 2.0);
    painter.galley(corner, value, theme::BRIGHT);
    // A name that is too long for both keeps out of the value's way.
    let names = Rect::from_min_max(room.min, pos2(corner.x - 6.0, room.bottom()));
    let names = painter.with_clip_rect(names.intersect(ui.clip_rect()));
    let left = room.left_center() + vec2(6.0, 0.0);
    let is_armed = view.armed == Some(param.id);
    let ink = if is_armed { theme::ACCENT } else { theme::TEXT };
    names.text(left, Align2::LEFT_CENTER, param.name, font, ink);
    let response = response.on_hover_ui(|ui| row::tooltip(ui, param));
    menu::attach(&response, view, doings, index);
    response
}

/// Where the person wants it, normalised.
fn wished(ui: &Ui, response: &Response, room: Rect, set: f64) -> Option<f64> {
    let is_fine = ui.input(|input| input.modifiers.shift);
    if response.is_pointer_button_down_on()
        && ui.input(|input| input.pointer.primary_down())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let part = f64::from((pointer.x - room.left()) / room.width()).clamp(0.0, 1.0);
        let moved = f64::from(response.drag_delta().x / room.width());
        return Some(if is_fine { set + moved * 0.1 } else { part });
    }
    if !response.has_focus() {
        return None;
    }
    let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let steps = ui.input(|input| {
        let is_down = |event: &Event, wanted: Key| matches!(event, Event::Key { key, pressed: true, .. } if *key == wanted);
        let count = |key| input.events.iter().filter(|event| is_down(event, key)).count() as f64;
        count(Key::ArrowRight) - count(Key::ArrowLeft)
    });
    let step = if is_fine { STEP / 10.0 } else { STEP };
    (steps != 0.0).then_some(set + steps * step)
}
