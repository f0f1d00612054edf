//! The card of a source: its name, its picture, and a click that folds its rows open.

use crate::{
    params::ParamIndex,
    ui::{Doings, Surface, View, menu, pages::list, row, theme},
};
use egui::{Align2, FontId, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2};

/// Height of the line with the name.
pub(super) const NAME: f32 = 20.0;

/// As many cards to a line as there is room for; the rows of the one that is open beneath its line.
pub(super) fn grid<T>(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (sources, least, height): (&[T], f32, f32),
    meter_and_rows: impl Fn(&T) -> (ParamIndex, Vec<ParamIndex>),
    mut picture: impl FnMut(&mut Ui, &mut Doings, usize, Rect),
) {
    let gap = ui.spacing().item_spacing.x;
    let room = ui.available_width();
    let in_line = (((room + gap) / (least + gap)) as usize).clamp(1, sources.len().max(1));
    let width = (room + gap) / in_line as f32 - gap;
    for (line, members) in sources.chunks(in_line).enumerate() {
        ui.horizontal(|ui| {
            for (place, source) in members.iter().enumerate() {
                let (meter, _) = meter_and_rows(source);
                let room = one(ui, view, surface, doings, meter, Vec2::new(width, height));
                picture(ui, doings, line * in_line + place, room);
            }
        });
        let open = surface.modulation.open;
        let mut open =
            members.iter().map(&meter_and_rows).filter(|(meter, _)| open == Some(*meter));
        if let Some((_, rows)) = open.next() {
            list::lines(ui, view, surface, doings, &rows);
            ui.add_space(6.0);
        }
    }
}

/// The card itself; gives the room for its picture.
fn one(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    meter: ParamIndex,
    size: Vec2,
) -> Rect {
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    let spec = view.registry.row(meter);
    let head = Rect::from_min_size(place.min, Vec2::new(size.x, NAME));
    let head = ui.interact(head, ui.scope_id().with(spec.id), Sense::click());
    let is_open = surface.modulation.open == Some(meter);
    head.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_open, spec.name));
    if head.clicked() {
        surface.modulation.toggle(meter);
    }
    let fill = if is_open || head.hovered() { theme::RAISED } else { theme::WELL };
    ui.painter().rect_filled(place, 4.0, theme::WELL);
    ui.painter().rect_filled(head.rect, 4.0, fill);
    if is_open {
        let edge = Stroke::new(1.0, theme::ACCENT);
        ui.painter().rect_stroke(place, 4.0, edge, StrokeKind::Inside);
    }
    let letters = FontId::proportional(13.0);
    let at = |x: f32| pos2(x, head.rect.center().y);
    let text = |at, align, text: String, color| {
        ui.painter().text(at, align, text, letters.clone(), color);
    };
    let sign = if is_open { "-" } else { "+" };
    text(at(place.left() + 6.0), Align2::LEFT_CENTER, format!("{sign} {}", spec.name), theme::TEXT);
    let value = spec.format(view.result(meter));
    text(at(place.right() - 6.0), Align2::RIGHT_CENTER, value, theme::WEAK);
    let head = head.on_hover_ui(|ui| row::tooltip(ui, spec));
    menu::attach(&head, view, doings, meter);
    let mut room = place.shrink(6.0);
    room.set_top(place.top() + NAME + 4.0);
    room
}
