//! How the instrument is doing: time used of each slot, late slots, refused events, the recorder.

use super::{View, theme};
use crate::{
    engine::{Recording, TempoSource},
    params::{BEATS_PER_BAR, Counters},
};
use egui::{Rect, RichText, Sense, Ui, pos2, vec2};
use std::sync::atomic::{AtomicU64, Ordering};

/// The beat of the bar, the tempo, and who leads it.
pub(super) fn beat(ui: &mut Ui, view: &View<'_>) {
    let status = view.status;
    let beats = BEATS_PER_BAR as u32;
    let now = status.beats.rem_euclid(BEATS_PER_BAR) as u32;
    let room = vec2(10.0 * beats as f32, ui.spacing().interact_size.y);
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    for beat in 0..beats {
        let at = rect.left_center() + vec2(10.0 * beat as f32 + 5.0, 0.0);
        let color = if beat == now { theme::ACCENT } else { ui.visuals().faint_bg_color };
        ui.painter().circle_filled(at, 3.0, color);
    }
    ui.label(format!("{:.1} bpm", status.bpm));
    match (status.tempo_source, status.is_tempo_locked) {
        (TempoSource::Internal, _) => {}
        (source, true) => {
            ui.weak(source.name()).on_hover_text("This clock leads the beat");
        }
        (source, false) => {
            ui.colored_label(theme::WARNING, format!("no {} clock", source.name()))
                .on_hover_text("The beat goes on at its last tempo until the clock is back");
        }
    }
}

/// What the recorder is doing.
pub(super) fn recorder(ui: &mut Ui, view: &View<'_>) {
    match view.status.recording {
        Recording::Off => {
            ui.weak("not recording");
        }
        Recording::On { slots, refused } => {
            let micros = slots * u64::from(view.status.slot_micros);
            let seconds = micros / 1_000_000;
            let text = format!("REC {:02}:{:02}", seconds / 60, seconds % 60);
            if refused > 0 {
                ui.colored_label(theme::WARNING, format!("{refused} pictures refused"));
            }
            ui.colored_label(theme::ERROR, RichText::new(text).strong());
        }
    }
}

/// What of a slot the decoder takes, what the GPU, and what is left: one bar, with words.
pub(super) fn tick_bar(ui: &mut Ui, view: &View<'_>) {
    let status = view.status;
    let slot = status.slot_micros.max(1);
    let parts = [("decode", status.decode_micros), ("GPU", status.gpu_micros)];
    let used: u32 = parts.iter().map(|(_, micros)| micros).sum();
    let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let painter = ui.painter_at(place);
    painter.rect_filled(place, 3.0, theme::WELL);
    let color = match f64::from(used) / f64::from(slot) {
        part if part > 0.95 => theme::ERROR,
        part if part > 0.7 => theme::WARNING,
        _ => theme::ACCENT,
    };
    let width = |micros: u32| place.width() * (micros as f32 / slot as f32).clamp(0.0, 1.0);
    let mut left = place.left();
    for (number, (_, micros)) in parts.iter().enumerate() {
        let right = (left + width(*micros)).min(place.right());
        let filled = Rect::from_min_max(pos2(left, place.top()), pos2(right, place.bottom()));
        // The second part is hatched by a paler shade: a light line stands between them.
        painter.rect_filled(filled, 0.0, color.gamma_multiply(if number == 0 { 1.0 } else { 0.6 }));
        painter.vline(right, place.y_range(), egui::Stroke::new(1.0, theme::BRIGHT));
        left = right;
    }
    let millis = |micros: u32| f64::from(micros) / 1000.0;
    let [(_, decode), (_, gpu)] = parts;
    ui.label(format!(
        "decode {:.1} ms   GPU {:.1} ms   slack {:.1} ms   of {:.1} ms",
        millis(decode),
        millis(gpu),
        millis(slot.saturating_sub(used)),
        millis(slot)
    ));
}

/// What was late, refused, clamped, not understood.
pub(super) fn counts(ui: &mut Ui, view: &View<'_>) {
    let status = view.status;
    ui.horizontal_wrapped(|ui| {
        ui.weak(format!("slot {}", status.slot));
        let late = format!("{} late", status.late_slots);
        counted(ui, status.late_slots, &late, "Slots that showed the last picture again");
        let Counters { refused, clamped, malformed, unknown } = view.queue.counters();
        for (counter, word, help) in [
            (refused, "refused", "Events that found the queue to the engine full"),
            (clamped, "clamped", "Values outside their range"),
            (malformed, "malformed", "Messages that could not be understood"),
            (unknown, "unknown", "Messages for no parameter"),
        ] {
            let count = read(counter);
            counted(ui, count, &format!("{count} {word}"), help);
        }
    });
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// A count that is only worth a look when it is not 0.
fn counted(ui: &mut Ui, count: u64, text: &str, help: &str) {
    let color = if count == 0 { ui.visuals().weak_text_color() } else { theme::WARNING };
    ui.colored_label(color, text).on_hover_text(help);
}
