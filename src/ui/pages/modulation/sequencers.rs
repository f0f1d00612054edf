//! Sequencers: steps as bars to be dragged, painted across, and the one that plays lit.

use super::card;
use crate::{
    engine::SequencerRows,
    modulation::sequenced,
    params::{Change, Grid, ParamIndex},
    ui::{Doings, Surface, View, menu, row, theme},
};
use egui::{Color32, PointerButton, Rect, Sense, Stroke, Ui, lerp, pos2, remap_clamp};

/// Least width of a card, and its height.
const CARD: (f32, f32) = (300.0, 116.0);
/// Between two bars.
const GAP: f32 = 3.0;

/// Draws them.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    sequencers: &[SequencerRows],
) {
    let rows = |sequencer: &SequencerRows| {
        (sequencer.out, vec![sequencer.length, sequencer.beats, sequencer.glide])
    };
    let size = (sequencers, CARD.0, CARD.1);
    card::grid(ui, view, surface, doings, size, rows, |ui, doings, at, room| {
        bars(ui, view, doings, &sequencers[at], room);
    });
}

/// The step that plays, counted from 0, and how many are played.
fn playing(view: &View<'_>, rows: &SequencerRows) -> (usize, usize) {
    let length = (view.result(rows.length).round().max(1.0) as usize).min(rows.steps.len());
    // Its choices are the grids without the first, which is none.
    let grid = Grid::of_choice(view.result(rows.beats).round() as i64 + 1);
    let now = sequenced(&[], view.status.beats, grid.beats().unwrap_or(1.0), 0.0);
    ((now.number % length as u64) as usize, length)
}

fn bars(ui: &Ui, view: &View<'_>, doings: &mut Doings, rows: &SequencerRows, room: Rect) {
    let (now, length) = playing(view, rows);
    let width = room.width() / rows.steps.len() as f32;
    let place = |step: usize| {
        let left = room.left() + width * step as f32;
        Rect::from_x_y_ranges(left..=left + width - GAP, room.y_range())
    };
    for (step, index) in rows.steps.iter().enumerate() {
        let spec = view.registry.row(*index);
        let place = place(step);
        let bar = ui.interact(place, ui.scope_id().with(spec.id), Sense::click_and_drag());
        let value = view.value(*index);
        bar.widget_info(|| egui::WidgetInfo::slider(true, value, spec.name));
        let is_drawn = bar.is_pointer_button_down_on() || bar.dragged_by(PointerButton::Primary);
        let is_held = ui.input(|input| input.pointer.button_down(PointerButton::Primary));
        if let Some(pointer) = bar.interact_pointer_pos().filter(|_| is_drawn && is_held) {
            // Whichever bar the pointer is over by now: a stroke paints them all.
            let over = ((pointer.x - room.left()) / width).clamp(0.0, 255.0) as usize;
            let painted = rows.steps[over.min(rows.steps.len() - 1)];
            let part = remap_clamp(pointer.y, room.bottom()..=room.top(), 0.0..=1.0);
            paint(view, doings, painted, f64::from(part));
        }
        if bar.double_clicked() {
            doings.send(*index, Change::Plain(spec.default));
        }
        let color = match () {
            () if step == now => theme::BRIGHT,
            () if step < length => theme::ACCENT,
            () => theme::ACCENT.gamma_multiply(0.3),
        };
        draw(ui, (place, spec.normalised_from_plain(value)), view.ghost(*index), color);
        let in_force = spec.normalised_from_plain(view.result(*index));
        let painter = ui.painter();
        let y = |part: f64| lerp(place.bottom()..=place.top(), part as f32);
        if view.status.modulation(*index).is_some() {
            painter.hline(place.x_range(), y(in_force), Stroke::new(2.0, theme::BRIGHT));
        }
        if step == now {
            // A foot beside the colour.
            let foot =
                Rect::from_x_y_ranges(place.x_range(), place.bottom() + 2.0..=place.bottom() + 5.0);
            painter.rect_filled(foot, 0.0, theme::BRIGHT);
        }
        let bar = bar.on_hover_ui(|ui| row::tooltip(ui, spec));
        menu::attach(&bar, view, doings, *index);
    }
}

fn paint(view: &View<'_>, doings: &mut Doings, index: ParamIndex, part: f64) {
    let row = view.registry.row(index);
    let plain = row.plain_from_normalised(part);
    if plain != view.value(index) {
        doings.send(index, Change::Plain(plain));
    }
}

fn draw(ui: &Ui, (place, part): (Rect, f64), ghost: Option<f64>, color: Color32) {
    let painter = ui.painter();
    painter.rect_filled(place, 1.0, theme::RAISED);
    let y = |part: f64| lerp(place.bottom()..=place.top(), part as f32);
    let mut bar = place;
    bar.set_top(y(part).min(place.bottom() - 1.0));
    painter.rect_filled(bar, 1.0, color);
    if let Some(ghost) = ghost {
        let (left, y) = (place.left(), y(ghost));
        painter.line_segment(
            [pos2(left, y), pos2(place.right(), y)],
            Stroke::new(1.5, theme::WARNING),
        );
    }
}
