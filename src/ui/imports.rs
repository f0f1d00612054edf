//! Imports while playing: what is dropped on a window, and a tile for each import that runs.

use super::{Doings, ImportAsk, ImportJob, JobState, Layout, Mode, Surface, View, Wish, theme};
use crate::{set::ClipImport, ui::Page};
use egui::{
    Align2, Button, Color32, FontId, Frame, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, pos2,
    vec2,
};
use std::{
    f32::consts::TAU,
    path::{Path, PathBuf},
};

/// Size of a tile in points; one that has failed is as wide as its line wants.
const TILE: egui::Vec2 = vec2(236.0, 48.0);
/// Radius of a ring.
const RING: f32 = 15.0;
/// Corners of a whole ring.
const CORNERS: f32 = 40.0;

/// What is to be imported, and how; and what hovers over a window, or fell on it.
#[derive(Debug, Default)]
pub(super) struct Importer {
    /// The forward source, as it is typed.
    pub(super) forward: String,
    /// The backward source; empty = the forward one reversed.
    pub(super) backward: String,
    /// How: for what is typed and for what is dropped.
    pub(super) import: ClipImport,
    /// What was looked up last for what is typed.
    pub(super) completed: String,
    hovering: Vec<PathBuf>,
    dropped: Vec<PathBuf>,
}

impl Importer {
    /// One file is taken as a source on the page of the importer, in the place that is empty.
    fn fills_a_source(&self, layout: &Layout, files: usize) -> bool {
        files == 1 && layout.mode == Mode::Prepare && layout.page == Page::Import
    }

    /// What is named, as it would be imported now.
    pub(super) fn ask(&self) -> Option<ImportAsk> {
        let path =
            |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(PathBuf::from);
        Some(ImportAsk {
            path: path(&self.forward)?,
            backward: path(&self.backward),
            import: self.import.clone(),
        })
    }

    fn is_for_backward(&self) -> bool {
        !self.forward.trim().is_empty() && self.backward.trim().is_empty()
    }
}

impl Surface {
    /// A file is held over a window.
    pub fn hover_file(&mut self, path: PathBuf) {
        self.importer.hovering.push(path);
    }

    /// It is taken away again.
    pub fn end_hover(&mut self) {
        self.importer.hovering.clear();
    }

    /// A file was let go over a window.
    pub fn drop_file(&mut self, path: PathBuf) {
        self.importer.hovering.clear();
        self.importer.dropped.push(path);
    }

    /// What is asked for by what fell on the windows since the last time.
    pub fn take_drops(&mut self) -> Vec<Wish> {
        let files = std::mem::take(&mut self.importer.dropped);
        if self.is_locked() {
            return Vec::new();
        }
        if self.importer.fills_a_source(&self.layout, files.len()) {
            let file = files.iter().map(|file| file.display().to_string()).collect();
            match self.importer.is_for_backward() {
                true => self.importer.backward = file,
                false => self.importer.forward = file,
            }
            return Vec::new();
        }
        let import = &self.importer.import;
        let ask = |path| ImportAsk { path, backward: None, import: import.clone() };
        files.into_iter().map(|path| Wish::Import(Box::new(ask(path)))).collect()
    }

    /// What becomes of the files that are held over a window, where there are some. `clips` is how
    /// many the set has.
    pub fn hover_line(&self, clips: usize) -> Option<String> {
        let files = self.importer.hovering.len();
        if files == 0 {
            return None;
        }
        if self.is_locked() {
            return Some("The surface is locked: nothing is taken".to_owned());
        }
        if self.importer.fills_a_source(&self.layout, files) {
            let source = if self.importer.is_for_backward() { "backward" } else { "forward" };
            return Some(format!("Let go anywhere: it is the {source} source"));
        }
        Some(match files {
            1 => format!("Let go anywhere: it becomes clip {}, while the show goes on", clips + 1),
            _ => format!(
                "Let go anywhere: {files} files become clips from {} on, while the show goes on",
                clips + 1
            ),
        })
    }
}

/// Says what becomes of files that are held over the window, in the middle of it.
pub(super) fn hover(ui: &Ui, view: &View<'_>, surface: &Surface) {
    let Some(line) = surface.hover_line(view.clips.len()) else { return };
    let area = egui::Area::new(egui::Id::unique("drop")).order(egui::Order::Foreground);
    area.anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0)).interactable(false).show(ui.ctx(), |ui| {
        let stroke = Stroke::new(2.0, theme::ACCENT);
        Frame::new().fill(theme::BACKGROUND).stroke(stroke).inner_margin(24.0).show(ui, |ui| {
            ui.set_max_width(560.0);
            ui.label(RichText::new(line).size(22.0).color(theme::BRIGHT));
            let names: Vec<_> = surface.importer.hovering.iter().map(|path| name(path)).collect();
            ui.label(RichText::new(names.join("   ")).color(theme::WEAK));
        });
    });
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A tile for each import; nothing where there is none.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, doings: &mut Doings) {
    if view.desk.jobs.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for job in &view.desk.jobs {
            tile(ui, job, doings);
        }
    });
    ui.add_space(6.0);
}

fn tile(ui: &mut Ui, job: &ImportJob, doings: &mut Doings) {
    let width = match job.state {
        JobState::Failed(_) => ui.available_width().clamp(TILE.x, 640.0),
        _ => TILE.x,
    };
    ui.allocate_ui_with_layout(
        vec2(width, TILE.y),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            let (place, _) = ui.allocate_exact_size(vec2(TILE.y, TILE.y), Sense::hover());
            ring(ui, place.center(), &job.state);
            let text_width = width - TILE.y - 44.0;
            ui.allocate_ui_with_layout(
                vec2(text_width, TILE.y),
                egui::Layout::top_down(egui::Align::Min),
                |ui| {
                    ui.set_width(text_width);
                    ui.add_space(5.0);
                    let title = RichText::new(&job.name).size(15.0).color(theme::BRIGHT);
                    ui.add(egui::Label::new(title).truncate());
                    let (line, color) = line(&job.state);
                    let said = egui::Label::new(RichText::new(&line).size(13.0).color(color));
                    match job.state {
                        JobState::Failed(_) => ui.add(said.wrap()),
                        _ => ui.add(said.truncate()),
                    }
                },
            );
            let (word, help) = match job.state {
                JobState::Waiting | JobState::Running { .. } => {
                    ("Cancel", "Stops it; nothing of it is left behind")
                }
                JobState::Done(_) | JobState::Failed(_) => ("Put away", "The tile goes"),
            };
            let button = ui
                .add(Button::new(RichText::new("×").size(17.0)).min_size(vec2(28.0, 28.0)))
                .on_hover_text(help);
            let label = format!("{word} {}", job.name);
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
            if button.clicked() {
                doings.wishes.push(Wish::CancelImport(job.id));
            }
        },
    );
}

fn line(state: &JobState) -> (String, Color32) {
    match state {
        JobState::Waiting => ("waiting its turn".to_owned(), theme::WEAK),
        JobState::Running { part, left_secs } => {
            let percent = (part * 100.0).floor();
            let line = match left_secs {
                Some(secs) => format!("{percent:.0} %, {:.0} s left", secs.ceil()),
                None => format!("{percent:.0} %"),
            };
            (line, theme::TEXT)
        }
        JobState::Done(clip) => (format!("is clip {clip}"), theme::ACCENT),
        JobState::Failed(why) => (why.clone(), theme::ERROR),
    }
}

/// How far it is, as a ring; what is over has a sign in it.
fn ring(ui: &Ui, middle: Pos2, state: &JobState) {
    let painter = ui.painter();
    let rail = Stroke::new(3.0, theme::RAISED);
    painter.circle_stroke(middle, RING, rail);
    let part = match state {
        JobState::Waiting => 0.0,
        JobState::Running { part, .. } => part.clamp(0.0, 1.0),
        JobState::Done(_) | JobState::Failed(_) => 1.0,
    };
    let (_, color) = line(state);
    let color = if matches!(state, JobState::Running { .. }) { theme::ACCENT } else { color };
    let corners = (part * CORNERS).ceil() as usize;
    if corners > 0 {
        let at = |corner: usize| {
            // From the top, the way a clock goes.
            let (sin, cos) = (TAU * part * corner as f32 / corners as f32).sin_cos();
            middle + RING * vec2(sin, -cos)
        };
        painter.add(Shape::line((0..=corners).map(at).collect(), Stroke::new(3.0, color)));
    }
    match state {
        JobState::Done(_) => {
            let tick =
                vec![middle + vec2(-6.0, 0.0), middle + vec2(-1.5, 5.0), middle + vec2(6.5, -5.0)];
            painter.add(Shape::line(tick, Stroke::new(2.5, color)));
        }
        JobState::Failed(_) => {
            painter.text(middle, Align2::CENTER_CENTER, "!", FontId::proportional(18.0), color);
        }
        JobState::Waiting => {
            let bar =
                |x: f32| Rect::from_center_size(pos2(middle.x + x, middle.y), vec2(3.0, 10.0));
            painter.rect_filled(bar(-3.5), 0.0, color);
            painter.rect_filled(bar(3.5), 0.0, color);
        }
        JobState::Running { .. } => {}
    }
}
