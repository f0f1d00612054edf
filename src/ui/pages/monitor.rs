//! The last messages of controllers and programs, and what became of each.

use super::Page;
use crate::{
    control::{HEARD_KEPT, HeardFrom, HeardLine, Outcome, Why},
    params::{Change, ParamIndex},
    ui::{Mode, Surface, View, theme},
};
use egui::{Button, RichText, ScrollArea, Ui};
use std::collections::VecDeque;

/// What is remembered of what was heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// The newest at the end.
    lines: VecDeque<HeardLine>,
    /// Whether what is shown stays as it is.
    is_held: bool,
}

/// Has what comes overheard for as long as it is shown, and takes in what came.
pub(in crate::ui) fn tend(view: &View<'_>, surface: &mut Surface) {
    let layout = &surface.layout;
    let is_shown = layout.mode == Mode::Prepare && layout.page == Page::Mappings;
    let heard = &mut surface.heard;
    view.ear.open(is_shown && !heard.is_held);
    // No more than there is room for, whatever comes meanwhile.
    for _ in 0..HEARD_KEPT {
        let Some(line) = view.ear.take() else { return };
        if heard.is_held || !is_shown {
            continue;
        }
        if heard.lines.len() == HEARD_KEPT {
            heard.lines.pop_front();
        }
        heard.lines.push_back(line);
    }
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface) {
    let heard = &mut surface.heard;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Heard last").size(16.0).strong().color(theme::BRIGHT));
        let hold = Button::selectable(heard.is_held, "Hold");
        let hold = ui.add(hold).on_hover_text("What is shown stays, so that it can be read");
        let is_held = heard.is_held;
        hold.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::Button, true, is_held, "Hold the list")
        });
        if hold.clicked() {
            heard.is_held = !is_held;
        }
        if ui.button("Clear").clicked() {
            heard.lines.clear();
        }
    });
    if heard.lines.is_empty() {
        ui.weak("Nothing yet: move a control, or send OSC");
    }
    let height = ui.spacing().interact_size.y;
    let lines = &heard.lines;
    let scroll = ScrollArea::vertical().id_salt("heard").auto_shrink(false);
    scroll.show_rows(ui, height, lines.len(), |ui, shown| {
        for line in lines.iter().rev().skip(shown.start).take(shown.len()) {
            ui.horizontal(|ui| {
                ui.set_min_height(height);
                let kind = if matches!(line.from, HeardFrom::Device(_)) { "MIDI" } else { "OSC" };
                ui.weak(kind);
                ui.label(&line.text);
                ui.weak(line.from.to_string());
                outcome(ui, view, &line.outcome);
            });
        }
    });
}

fn outcome(ui: &mut Ui, view: &View<'_>, outcome: &Outcome) {
    match outcome {
        Outcome::Moves { first, others } => {
            let mut texts: Vec<String> =
                first.iter().map(|(param, change)| moved(view, *param, *change)).collect();
            if *others > 0 {
                texts.push(format!("{others} more"));
            }
            ui.colored_label(theme::ACCENT, texts.join(", "));
        }
        Outcome::Nothing(why) => {
            let color = if is_amiss(*why) { theme::WARNING } else { theme::WEAK };
            ui.colored_label(color, unmoved(view, *why));
        }
    }
}

/// What was asked of a parameter, such as `Glide = 1.5 s`.
fn moved(view: &View<'_>, param: ParamIndex, change: Change) -> String {
    let param = view.registry.current(param);
    let row = view.registry.row(param);
    let equals = |plain| format!("{} = {}", row.name, view.registry.format(param, plain));
    match change {
        Change::Plain(plain) => equals(plain),
        Change::Normalised(part) => equals(row.plain_from_normalised(part)),
        Change::Nudge(by) => format!("{} by {by:+.3} of its range", row.name),
        Change::Toggle => format!("{} turned round", row.name),
        Change::Fire => format!("{} fired", row.name),
        Change::Press(_) => format!("{} pressed", row.name),
        Change::Release => format!("{} let go", row.name),
        Change::Gesture(gesture) => format!("{}: a press is {}", row.name, gesture.name()),
        Change::Quantise(grid) => format!("{} waits for {}", row.name, grid.name()),
        Change::Exclude(true) => format!("{}: presets leave it alone", row.name),
        Change::Exclude(false) => format!("{}: presets move it", row.name),
    }
}

/// Whether it is worth a look that nothing came of it.
fn is_amiss(why: Why) -> bool {
    matches!(why, Why::Unmapped | Why::Unknown | Why::Refused | Why::Malformed)
}

fn unmoved(view: &View<'_>, why: Why) -> String {
    let name = |param| view.registry.row(view.registry.current(param)).name;
    match why {
        Why::Unmapped => "moves nothing: no mapping listens to it".to_owned(),
        Why::Learning => "moves nothing while a control is learnt".to_owned(),
        Why::Elsewhere { param, bank } => {
            format!("moves nothing: {} is on it in bank {bank}", name(param))
        }
        Why::Waits(param) => format!("waits: move it across {}", name(param)),
        Why::Idle(Some(param)) => format!("nothing to do for {}", name(param)),
        Why::Idle(None) => "nothing to do".to_owned(),
        Why::Half => "half of a longer message".to_owned(),
        Why::Asked => "answered".to_owned(),
        Why::Unknown => "moves nothing: no parameter has this address".to_owned(),
        Why::Refused => "refused: that is no value for it".to_owned(),
        Why::Malformed => "refused: it is no legal OSC".to_owned(),
    }
}
