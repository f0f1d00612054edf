//! How the instrument is doing: time used of each slot, late slots, refused events, the recorder.

use super::{View, theme};
use crate::{
    engine::{Recording, TempoSource},
    params::{BEATS_PER_BAR, Counters},
};
use egui::{RichText, Ui, vec2};
use std::sync::atomic::{AtomicU64, Ordering};

/// The beat of the bar, the tempo, and who leads it.
pub(super) fn beat(ui: &mut Ui, view: &View<'_>) {
    let status = view.status;
    let beats = BEATS_PER_BAR as u32;
    let now = status.beats.rem_euclid(BEATS_PER_BAR) as u32;
    let room = vec2(10.0 * beats as f32, ui.spacing().interact_size.y);
    let (rect, _) = ui.allocate_exact_size(room, egui::Sense::hover());
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

/// The meters below the playhead.
pub(super) fn show(ui: &mut Ui, view: &View<'_>) {
    let status = view.status;
    bar(ui, "Decode", status.decode_micros, status.slot_micros);
    bar(ui, "GPU", status.gpu_micros, status.slot_micros);
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
    for line in view.port_lines {
        ui.weak(line);
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// A count that is only worth a look when it is not 0.
fn counted(ui: &mut Ui, count: u64, text: &str, help: &str) {
    let color = if count == 0 { ui.visuals().weak_text_color() } else { theme::WARNING };
    ui.colored_label(color, text).on_hover_text(help);
}

/// The part of a slot that something takes.
fn bar(ui: &mut Ui, name: &str, micros: u32, slot_micros: u32) {
    let part = micros as f32 / slot_micros.max(1) as f32;
    ui.horizontal(|ui| {
        let (label, _) = ui.allocate_exact_size(vec2(52.0, 16.0), egui::Sense::hover());
        let font = egui::FontId::proportional(13.0);
        let weak = ui.visuals().weak_text_color();
        ui.painter().text(label.left_center(), egui::Align2::LEFT_CENTER, name, font, weak);
        let width = (ui.available_width() - 130.0).max(40.0);
        let (place, _) = ui.allocate_exact_size(vec2(width, 8.0), egui::Sense::hover());
        ui.painter().rect_filled(place, 2.0, ui.visuals().extreme_bg_color);
        let mut filled = place;
        filled.set_width(place.width() * part.clamp(0.0, 1.0));
        let color = match part {
            part if part > 0.95 => theme::ERROR,
            part if part > 0.7 => theme::WARNING,
            _ => theme::ACCENT,
        };
        ui.painter().rect_filled(filled, 2.0, color);
        let millis = [micros, slot_micros].map(|micros| f64::from(micros) / 1000.0);
        ui.weak(format!("{:.1} of {:.1} ms", millis[0], millis[1]));
    });
}
