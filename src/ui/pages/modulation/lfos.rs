//! LFOs: the wave as the modulation room makes it, and a dot where it is.

use super::card;
use crate::{
    engine::LfoRows,
    modulation::{Lfo, LfoSettings, LfoShape, Pace},
    ui::{Doings, Surface, View, theme},
};
use egui::{Pos2, Rect, Shape, Stroke, Ui, lerp, pos2};

/// Least width of a card, and its height.
const CARD: (f32, f32) = (140.0, 74.0);
/// Points of a wave that are drawn.
const POINTS: u32 = 48;
/// Periods of a wave that is another in each.
const PERIODS: f64 = 4.0;

/// Draws them.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    lfos: &[LfoRows],
) {
    let rows = |lfo: &LfoRows| (lfo.out, lfo.read().to_vec());
    card::grid(ui, view, surface, doings, (lfos, CARD.0, CARD.1), rows, |ui, _, at, room| {
        let periods = view.status.lfo_periods.get(at).copied().unwrap_or_default();
        wave(ui, view, &lfos[at], periods, room);
    });
}

fn wave(ui: &Ui, view: &View<'_>, rows: &LfoRows, periods: f64, room: Rect) {
    if !ui.is_rect_visible(room) {
        return;
    }
    let int = |row| view.result(row).round() as i64;
    let shape = LfoShape::of_choice(int(rows.shape));
    let span = match shape {
        LfoShape::SampleAndHold | LfoShape::RandomWalk => PERIODS,
        _ => 1.0,
    };
    let first = (periods / span).floor() * span;
    let settings = |beats: f64| LfoSettings {
        shape,
        pace: Pace::Beats { beats, period_beats: 1.0 },
        phase: view.result(rows.phase),
        width: view.result(rows.width),
        seed: int(rows.seed).unsigned_abs(),
    };
    let y = |value: f64| lerp(room.bottom()..=room.top(), ((value + 1.0) / 2.0) as f32);
    let x = |part: f64| lerp(room.left()..=room.right(), part as f32);
    let mut lfo = Lfo::default();
    let is_stepped = matches!(shape, LfoShape::Square | LfoShape::SampleAndHold);
    let mut points: Vec<Pos2> = Vec::with_capacity(2 * POINTS as usize);
    for point in 0..POINTS {
        // Just short of the end, which is the next period's.
        let part = f64::from(point) / f64::from(POINTS - 1) * 0.999;
        let at = pos2(x(part), y(lfo.next(&settings(first + part * span), 0.0)));
        let before = points.last().filter(|before| is_stepped && before.y != at.y);
        points.extend(before.map(|before| pos2(at.x, before.y)));
        points.push(at);
    }
    ui.painter().hline(room.x_range(), y(0.0), Stroke::new(1.0, theme::RAISED));
    ui.painter().add(Shape::line(points, Stroke::new(1.5, theme::TEXT)));
    let dot = pos2(x((periods - first) / span), y(view.result(rows.out)));
    ui.painter().circle_filled(dot, 4.0, theme::ACCENT);
}
