//! One clip as a tile: its picture, number and name, whether it plays or waits to.

use crate::{
    clip::Mosh,
    params::{Change, ParamIndex},
    ui::{ClipCard, Doings, Surface, View, gallery::letters, menu, theme},
};
use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

/// Space between a tile's edge and its letters.
const MARGIN: f32 = 5.0;
/// Letters of lesser weight.
const SMALL: f32 = 11.5;

/// How large tiles are, and what stands on them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Width in points; the picture is as wide.
    pub width: f32,
    /// Height of the name's letters in points.
    pub letters: f32,
    /// Whether length, encoder and badge stand below the name.
    pub has_facts: bool,
}

impl Form {
    fn picture_height(self) -> f32 {
        (self.width * 9.0 / 16.0).round()
    }

    /// Height in points.
    pub fn height(self) -> f32 {
        let facts = if self.has_facts { SMALL + 5.0 } else { 0.0 };
        self.picture_height() + (self.letters * 1.3).round() + facts + 7.0
    }
}

/// What a clip does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Plays,
    Waits,
    Nothing,
}

impl Doing {
    fn of(view: &View<'_>, place: usize) -> Self {
        let status = view.status;
        match place {
            _ if status.clip.is_some_and(|clip| usize::from(clip.0) == place) => Self::Plays,
            _ if status.next_clip.is_some_and(|next| usize::from(next.clip.0) == place) => {
                Self::Waits
            }
            _ => Self::Nothing,
        }
    }
}

/// The tile of the clip at `place`; a click plays it.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    (param, place): (ParamIndex, usize),
    form: Form,
) {
    let Some(clip) = view.clips.get(place) else { return };
    let size = vec2(form.width, form.height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let doing = Doing::of(view, place);
    response.widget_info(|| {
        let name = format!("{} {}", place + 1, clip.name);
        let is_playing = doing == Doing::Plays;
        let mut info = egui::WidgetInfo::selected(egui::Role::Button, true, is_playing, name);
        info.current_text_value = Some(spoken(clip, doing));
        info
    });
    if response.clicked() {
        doings.send(param, Change::Plain((place + 1) as f64));
    }
    if ui.is_rect_visible(rect) {
        let played = view.status.position;
        paint(ui, surface, clip, (place, doing, played), (rect, form), &response);
    }
    menu::attach(&response, view, doings, param);
    response.on_hover_ui(|ui| {
        ui.label(&clip.label);
        let clean = format!("a clean point every {} pictures", clip.clean_every);
        ui.weak(format!("{}, {}, {clean}", minutes(clip.secs), clip.encoder));
    });
}

fn paint(
    ui: &Ui,
    surface: &mut Surface,
    clip: &ClipCard,
    (place, doing, played): (usize, Doing, f64),
    (rect, form): (Rect, Form),
    response: &egui::Response,
) {
    let widgets = &ui.visuals().widgets;
    let fill = if response.hovered() { widgets.hovered.bg_fill } else { widgets.inactive.bg_fill };
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, fill);
    let picture = Rect::from_min_size(rect.min, vec2(rect.width(), form.picture_height()));
    painter.rect_filled(picture, 3.0, theme::WELL);
    surface.gallery.paint(ui, &clip.pictures, picture, response.hovered());
    let number = (place + 1).to_string();
    let strong = form.letters + 2.0;
    plate(painter, picture.left_top(), Align2::LEFT_TOP, &number, (strong, theme::BRIGHT), None);
    let corner = picture.right_top();
    let word = |text, color, fill| {
        plate(painter, corner, Align2::RIGHT_TOP, text, (form.letters - 2.0, color), fill);
    };
    let left = rect.left() + MARGIN;
    let width = rect.width() - 2.0 * MARGIN;
    let mut y = picture.bottom() + 2.0;
    let mut name_width = width;
    if form.has_facts {
        let font = FontId::proportional(SMALL);
        let length = painter.layout_no_wrap(minutes(clip.secs), font, theme::TEXT);
        let wide = length.size().x;
        painter.galley(pos2(left + width - wide, y + 3.0), length, theme::TEXT);
        name_width -= wide + 5.0;
    }
    letters(painter, pos2(left, y), &clip.name, (form.letters, theme::BRIGHT), name_width);
    if form.has_facts {
        y += (form.letters * 1.3).round();
        let right = clip.hold.map_or(rect.right() - MARGIN, |hold| badge(painter, rect, y, hold));
        letters(painter, pos2(left, y), &clip.encoder, (SMALL, theme::TEXT), right - left - 4.0);
    }
    match doing {
        Doing::Plays => {
            word("PLAYS", theme::BACKGROUND, Some(theme::ACCENT));
            // How far it is.
            let mut bar = picture.with_min_y(picture.bottom() - 4.0);
            painter.rect_filled(bar, 0.0, theme::WELL);
            bar.set_width(bar.width() * played.clamp(0.0, 1.0) as f32);
            painter.rect_filled(bar, 0.0, theme::ACCENT);
            frame(painter, rect, 3.0, theme::ACCENT);
        }
        Doing::Waits => {
            word("NEXT", theme::WARNING, None);
            let corners = [rect.left_top(), rect.right_top(), rect.right_bottom()];
            let path: Vec<Pos2> =
                corners.into_iter().chain([rect.left_bottom(), rect.left_top()]).collect();
            let stroke = Stroke::new(2.0, theme::WARNING);
            painter.extend(Shape::dashed_line(&path, stroke, 7.0, 5.0));
        }
        Doing::Nothing => {}
    }
    if response.has_focus() {
        frame(painter, rect.shrink(3.0), 1.0, theme::BRIGHT);
    }
}

fn frame(painter: &Painter, rect: Rect, width: f32, color: Color32) {
    painter.rect_stroke(rect, 3.0, Stroke::new(width, color), StrokeKind::Inside);
}

/// A word in a corner of a picture, on a plate that keeps it legible.
pub(super) fn plate(
    painter: &Painter,
    corner: Pos2,
    align: Align2,
    text: &str,
    (size, color): (f32, Color32),
    fill: Option<Color32>,
) {
    let font = FontId::proportional(size);
    let galley = painter.layout_no_wrap(text.to_owned(), font, color);
    let place = align.anchor_size(corner, galley.size() + vec2(2.0 * MARGIN, 2.0));
    painter.rect_filled(place, 3.0, fill.unwrap_or(theme::BACKGROUND));
    painter.galley(place.min + vec2(MARGIN, 1.0), galley, color);
}

/// How long damage lives in it: the word, and before it one to three bars. Returns where it begins.
fn badge(painter: &Painter, tile: Rect, y: f32, hold: Mosh) -> f32 {
    let font = FontId::proportional(SMALL);
    let word = hold.name().to_uppercase();
    let galley = painter.layout_no_wrap(word, font, theme::BRIGHT);
    let bottom = y + galley.size().y - 2.0;
    let x = tile.right() - MARGIN - galley.size().x;
    painter.galley(pos2(x, y), galley, theme::BRIGHT);
    let left = x - 3.0 - 4.0 * Mosh::ALL.len() as f32;
    for (step, mosh) in Mosh::ALL.into_iter().enumerate() {
        let height = 4.0 + 3.0 * step as f32;
        let corner = pos2(left + 4.0 * step as f32, bottom - height);
        let bar = Rect::from_min_size(corner, Vec2::new(3.0, height));
        let is_full = mosh as usize <= hold as usize;
        painter.rect_filled(bar, 0.0, if is_full { theme::ACCENT } else { theme::WELL });
    }
    left
}

/// What a program says that reads the window aloud, beside number and name.
fn spoken(clip: &ClipCard, doing: Doing) -> String {
    let mut parts = vec![minutes(clip.secs), clip.encoder.clone()];
    parts.extend(clip.hold.map(|hold| hold.name().to_uppercase()));
    match doing {
        Doing::Plays => parts.push("PLAYS".to_owned()),
        Doing::Waits => parts.push("NEXT".to_owned()),
        Doing::Nothing => {}
    }
    parts.join(", ")
}

/// A length as minutes and seconds.
pub(super) fn minutes(secs: f64) -> String {
    let secs = secs.round() as u64;
    format!("{}:{:02}", secs / 60, secs % 60)
}
