//! Colours and sizes: dark and calm, so that the programme is the brightest thing in the room.

use crate::ports::Severity;
use egui::{Color32, CornerRadius, Stroke};

/// What is in force, played, on.
pub(super) const ACCENT: Color32 = Color32::from_rgb(0x6c, 0xb8, 0xa8);
/// Something is missing.
pub(super) const WARNING: Color32 = Color32::from_rgb(0xd9, 0xa4, 0x48);
/// Something failed; also the recorder's red.
pub(super) const ERROR: Color32 = Color32::from_rgb(0xee, 0x84, 0x76);

/// What the window is cleared to. Panels are not filled: where a CPU draws, each layer that covers
/// the window costs as much as everything else in it.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x16, 0x18, 0x1b);
/// What lies deep: strips, scales.
pub(super) const WELL: Color32 = Color32::from_rgb(0x0c, 0x0d, 0x0f);
/// What can be taken hold of.
pub(super) const RAISED: Color32 = Color32::from_rgb(0x27, 0x2a, 0x2f);
/// The same under the pointer.
const HOVERED: Color32 = Color32::from_rgb(0x31, 0x35, 0x3b);
/// Letters.
pub(super) const TEXT: Color32 = Color32::from_rgb(0xc6, 0xca, 0xd0);
/// Letters that stand out.
pub(super) const BRIGHT: Color32 = Color32::from_rgb(0xf0, 0xf2, 0xf4);

/// Letters of lesser weight.
pub(super) const WEAK: Color32 = Color32::from_rgb(0x9b, 0xa1, 0xa9);

/// What of the accent a chosen button is filled with.
const CHOSEN: f32 = 0.45;

/// The colour of a line of this severity.
pub(super) fn severity_color(ui: &egui::Ui, severity: Severity) -> Color32 {
    match severity {
        Severity::Info => ui.visuals().text_color(),
        Severity::Warning => WARNING,
        Severity::Error => ERROR,
    }
}

/// Gives a context the instrument's look. Called once, before the first drawing.
pub fn apply_theme(context: &egui::Context) {
    context.set_theme(egui::Theme::Dark);
    context.style_mut_of(egui::Theme::Dark, |style| {
        let visuals = &mut style.visuals;
        visuals.panel_fill = Color32::TRANSPARENT;
        visuals.window_fill = BACKGROUND;
        visuals.extreme_bg_color = WELL;
        visuals.faint_bg_color = RAISED;
        visuals.weak_text_color = Some(WEAK);
        visuals.selection.bg_fill = ACCENT.gamma_multiply(CHOSEN);
        visuals.selection.stroke = Stroke::new(1.0, BRIGHT);
        visuals.slider_trailing_fill = true;
        let widgets = &mut visuals.widgets;
        widgets.noninteractive.bg_stroke = Stroke::new(1.0, RAISED);
        widgets.noninteractive.fg_stroke = Stroke::new(1.0, TEXT);
        for (widget, fill) in [
            (&mut widgets.inactive, RAISED),
            (&mut widgets.hovered, HOVERED),
            (&mut widgets.active, HOVERED),
            (&mut widgets.open, HOVERED),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::NONE;
            widget.corner_radius = CornerRadius::same(3);
            widget.expansion = 0.0;
            widget.fg_stroke = Stroke::new(1.0, TEXT);
        }
        widgets.hovered.fg_stroke.color = BRIGHT;
        widgets.active.fg_stroke.color = BRIGHT;
        style.spacing.item_spacing = egui::vec2(8.0, 4.0);
        style.spacing.slider_rail_height = 4.0;
        // Nothing may keep the window busy while nothing happens.
        style.animation_time = 0.08;
    });
}

#[cfg(test)]
#[path = "contrast_tests.rs"]
mod tests;
