//! One lamp for how the machine is doing, which opens into reasons.

use super::{Surface, View, theme};
use crate::ports::Severity;
use egui::{Align2, Color32, FontId, Sense, Ui, vec2};

/// How long what is missing counts, in seconds. What failed counts until it was seen.
const FRESH_SECS: f64 = 20.0;
/// Lines of what was said, at most.
const LINES_MAX: usize = 12;
/// Share of late slots that is worth a warning.
const LATE_WORTH_A_WORD: f64 = 0.02;
/// Slots before which a share says nothing: the start of a show.
const SLOTS_THAT_SAY: u64 = 60;

/// Whether so many late slots of so many are worth a word.
pub(super) fn is_late(late: u64, slots: u64) -> bool {
    slots >= SLOTS_THAT_SAY && late as f64 / slots as f64 > LATE_WORTH_A_WORD
}

/// What is wrong, worst first.
pub(super) fn reasons(view: &View<'_>, surface: &Surface) -> Vec<(Severity, String)> {
    let status = view.status;
    let mut reasons = Vec::new();
    let (late, slots) = surface.lately.count(status.slot, status.late_slots);
    if is_late(late, slots) {
        let text = format!(
            "{late} of the last {slots} slots were late: the audience saw the picture before again. \
             Turn stages off, or play a smaller canvas"
        );
        reasons.push((Severity::Warning, text));
    }
    if let crate::engine::Recording::On { refused, .. } = status.recording
        && refused > 0
    {
        let text =
            format!("{refused} pictures are missing from the recording: it could not keep up");
        reasons.push((Severity::Warning, text));
    }
    let is_new = |at: f64| surface.seen_secs.is_none_or(|seen| at > seen);
    let bad = view.news.iter().rev().filter(|line| match line.notice.severity {
        Severity::Error => is_new(line.at_secs),
        Severity::Warning => view.now_secs - line.at_secs < FRESH_SECS,
        Severity::Info => false,
    });
    let bad = bad.map(|line| (line.notice.severity, line.notice.text.clone()));
    reasons.extend(bad.take(LINES_MAX));
    reasons.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    reasons
}

/// The lamp. Its sign says what its colour does.
pub(super) fn lamp(ui: &mut Ui, view: &View<'_>, surface: &mut Surface) {
    let reasons = reasons(view, surface);
    let (sign, color, word): (&str, Color32, &str) = match reasons.first() {
        None => ("OK", theme::ACCENT, "All is well"),
        Some((Severity::Error, _)) => ("!!", theme::ERROR, "Something failed"),
        Some(_) => ("!", theme::WARNING, "Something is missing"),
    };
    let (place, response) = ui.allocate_exact_size(vec2(34.0, 26.0), Sense::click());
    let is_bad = !reasons.is_empty();
    let fill = if is_bad { color } else { theme::RAISED };
    let ink = if is_bad { theme::BACKGROUND } else { color };
    ui.painter().rect_filled(place, 13.0, fill);
    let font = FontId::proportional(14.0);
    ui.painter().text(place.center(), Align2::CENTER_CENTER, sign, font, ink);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Health: {word}"))
    });
    if response.clicked() && !view.is_locked {
        surface.shows_health = !surface.shows_health;
        if !surface.shows_health {
            seen(view, surface);
        }
    }
    let response = response.on_hover_text(word);
    let mut is_open = surface.shows_health;
    egui::Popup::from_response(&response)
        .open_bool(&mut is_open)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_max_width(420.0);
            if reasons.is_empty() {
                ui.label("All is well");
            }
            for (severity, text) in &reasons {
                ui.colored_label(theme::severity_color(ui, *severity), text);
            }
        });
    if surface.shows_health && !is_open {
        seen(view, surface);
    }
    surface.shows_health = is_open;
}

/// What failed was read, and counts no more.
fn seen(view: &View<'_>, surface: &mut Surface) {
    let latest = view.news.iter().map(|line| line.at_secs).reduce(f64::max);
    surface.seen_secs = latest.or(surface.seen_secs);
}
