//! Envelopes: the course of a strike as the modulation room makes it, and how high it is now.

use super::card;
use crate::{
    engine::EnvelopeRows,
    modulation::{Envelope, EnvelopeSettings},
    ui::{Doings, Surface, View, theme},
};
use egui::{Align2, FontId, Pos2, Rect, Shape, Stroke, Ui, lerp, pos2};

/// Least width of a card, and its height.
const CARD: (f32, f32) = (140.0, 92.0);
/// Points of a course that are drawn.
const POINTS: u32 = 40;
/// Height of the line that names what begins it.
const TRIGGER: f32 = 16.0;
/// Width of the bar that shows how high it is.
const BAR: f32 = 8.0;

/// Draws them.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    envelopes: &[EnvelopeRows],
) {
    let rows = |envelope: &EnvelopeRows| {
        let rows = std::iter::once(envelope.trigger).chain(envelope.read());
        (envelope.out, rows.collect())
    };
    let size = (envelopes, CARD.0, CARD.1);
    card::grid(ui, view, surface, doings, size, rows, |ui, _, at, room| {
        course(ui, view, &envelopes[at], room);
    });
}

fn course(ui: &Ui, view: &View<'_>, rows: &EnvelopeRows, room: Rect) {
    if !ui.is_rect_visible(room) {
        return;
    }
    let painter = ui.painter_at(room);
    let begins = match view.named_by(rows.trigger) {
        Some(named) => format!("on {}", view.registry.row(named).name),
        None => "nothing begins it".to_owned(),
    };
    let letters = FontId::proportional(12.0);
    painter.text(room.left_bottom(), Align2::LEFT_BOTTOM, begins, letters, theme::WEAK);
    let settings = EnvelopeSettings {
        attack_secs: view.result(rows.attack),
        decay_secs: view.result(rows.decay),
        sustain: view.result(rows.sustain),
        hold_secs: view.result(rows.hold),
        release_secs: view.result(rows.release),
    };
    let EnvelopeSettings { attack_secs, decay_secs, hold_secs, release_secs, .. } = settings;
    let all = (attack_secs + decay_secs + hold_secs + release_secs).max(0.05);
    let mut picture = room;
    picture.set_bottom(room.bottom() - TRIGGER);
    let (x, bar) = (picture.left()..=picture.right() - BAR - 6.0, picture.right() - BAR);
    let y = |value: f64| lerp(picture.bottom()..=picture.top(), value as f32);
    let mut envelope = Envelope::default();
    envelope.strike(1.0);
    let points: Vec<Pos2> = (0..POINTS)
        .map(|point| {
            let part = point as f32 / (POINTS - 1) as f32;
            let value = envelope.next(&settings, all / f64::from(POINTS - 1));
            pos2(lerp(x.clone(), part), y(value))
        })
        .collect();
    painter.add(Shape::line(points, Stroke::new(1.5, theme::TEXT)));
    let scale = Rect::from_x_y_ranges(bar..=picture.right(), picture.y_range());
    painter.rect_filled(scale, 1.0, theme::RAISED);
    let mut level = scale;
    level.set_top(y(view.result(rows.out).clamp(0.0, 1.0)));
    painter.rect_filled(level, 1.0, theme::ACCENT);
}
