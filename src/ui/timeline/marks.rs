//! What stands in the strip beside the waveform: clean points, cues, loop, superframe, playhead, words.

use super::{FLAGS, Scene};
use crate::{
    clip,
    modulation::slice_of,
    params::{Change, ParamIndex},
    ui::{Doings, Mode, Surface, View, menu, row, theme},
    units::Direction,
};
use egui::{
    Align2, Color32, FontId, Painter, PointerButton, Pos2, Rangef, Rect, Sense, Shape, Stroke, Ui,
    pos2, vec2,
};

/// Clean points closer than this many points are left out until one zooms in.
const CLEAN_GAP: f32 = 5.0;

/// A small tick for each clean point, in the lane of its stream.
pub(super) fn clean_points(painter: &Painter, scene: &Scene<'_>) {
    let every = scene.card.clean_every;
    if every == 0 || scene.axis.unit_width() * (every as f32) < CLEAN_GAP {
        return;
    }
    let middle = scene.axis.place.center().y;
    let stroke = Stroke::new(1.0, theme::BRIGHT.gamma_multiply(0.75));
    let (first, end) = scene.axis.units_in_sight();
    for unit in (first.div_ceil(every) * every..end).step_by(every as usize) {
        let x = scene.axis.x(f64::from(unit));
        painter.vline(x, Rangef::new(middle - 5.0, middle), stroke);
    }
    let backward = scene.card.backward_bytes.len() as u32;
    for unit in (0..backward).step_by(every as usize) {
        // The mapping is its own inverse: from the other stream's end.
        let place = clip::backward_start(backward, scene.axis.units, unit, 1);
        if (first..end).contains(&place) {
            let x = scene.axis.x(f64::from(place + 1));
            painter.vline(x, Rangef::new(middle, middle + 5.0), stroke);
        }
    }
}

/// The superframe that is played, lit in its lane.
pub(super) fn superframe(painter: &Painter, scene: &Scene<'_>, view: &View<'_>) {
    let slice = f64::from(view.status.slice);
    let (left, right) = (scene.axis.x(slice), scene.axis.x(slice + f64::from(scene.axis.size)));
    let lane = scene.lane(view.status.direction);
    let lit = Rect::from_min_max(pos2(left, lane.top()), pos2(right, lane.bottom()));
    painter.rect_filled(lit.intersect(lane), 0.0, theme::ACCENT.gamma_multiply(0.42));
}

/// A bracket around what is repeated, dim where the loop is off; what is left out while it is on lies
/// in the dark.
pub(super) fn loop_bracket(painter: &Painter, scene: &Scene<'_>, view: &View<'_>) {
    let whole = scene.axis.whole();
    let (first, last, is_on) = match view.status.loop_slices {
        Some((first, last)) => (first, last, true),
        None => {
            let (Some(start), Some(end)) = (view.roles.loop_start, view.roles.loop_end) else {
                return;
            };
            let [one, other] = [start, end].map(|end| slice_of(view.value(end), whole.slices()));
            (one.min(other), one.max(other), false)
        }
    };
    if !is_on && (first, last) == (whole.first, whole.last) {
        return;
    }
    let place = scene.axis.place;
    let left = scene.axis.x(f64::from(first));
    let right = scene.axis.x(f64::from(last + scene.axis.size));
    if is_on {
        let dark = theme::WELL.gamma_multiply(0.72);
        for (from, to) in [(place.left(), left), (right, place.right())] {
            if from < to {
                let out = Rect::from_x_y_ranges(Rangef::new(from, to), place.y_range());
                painter.rect_filled(out.intersect(place), 0.0, dark);
            }
        }
    }
    let stroke = match is_on {
        true => Stroke::new(2.5, theme::ACCENT),
        false => Stroke::new(1.0, theme::WEAK),
    };
    for (x, way) in [(left, 1.0), (right, -1.0)] {
        painter.vline(x + way * stroke.width / 2.0, place.y_range(), stroke);
        for (y, into) in [(place.top(), 1.0), (place.bottom(), -1.0)] {
            let y = y + into * stroke.width / 2.0;
            painter.line_segment([pos2(x, y), pos2(x + way * 9.0, y)], stroke);
        }
    }
}

/// A numbered flag for each cue; a click goes there.
pub(super) fn cues(
    ui: &Ui,
    scene: &Scene<'_>,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
) {
    let slices = scene.axis.whole().slices();
    let place = scene.axis.place;
    for (number, (at, go)) in view.roles.cues.iter().zip(&view.roles.cue_go).enumerate() {
        let x = scene.axis.x(f64::from(slice_of(view.value(*at), slices)));
        if !place.x_range().contains(x) {
            continue;
        }
        let flag = Flag { number: number + 1, at: *at, go: *go, foot: pos2(x, place.bottom()) };
        flag.show(ui, scene, view, surface, doings);
    }
}

struct Flag {
    number: usize,
    at: ParamIndex,
    go: ParamIndex,
    foot: Pos2,
}

impl Flag {
    fn show(
        &self,
        ui: &Ui,
        scene: &Scene<'_>,
        view: &View<'_>,
        surface: &mut Surface,
        doings: &mut Doings,
    ) {
        let top = scene.axis.place.top() - FLAGS;
        let cloth = Rect::from_min_size(pos2(self.foot.x, top), vec2(FLAGS + 2.0, FLAGS));
        // A flag at the end hangs to the left.
        let is_turned = cloth.right() > scene.axis.place.right();
        let cloth = if is_turned { cloth.translate(vec2(-cloth.width(), 0.0)) } else { cloth };
        let id = ui.scope_id().with(("cue", self.number));
        let response = ui.interact(cloth, id, Sense::click_and_drag());
        let row = view.registry.row(self.go);
        let name = format!("{} in the strip", row.name);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
        match surface.layout.mode {
            // A hand that plays moves no cue by accident, and its press counts at once.
            Mode::Show => surface.press(doings, self.go, &response),
            Mode::Prepare => self.set_up(ui, scene, view, surface, doings, &response),
        }
        let is_set = view.value(self.at) != view.registry.row(self.at).default;
        let (fill, ink) = match is_set {
            _ if response.hovered() => (theme::BRIGHT, theme::BACKGROUND),
            true => (theme::TEXT, theme::BACKGROUND),
            false => (theme::RAISED, theme::TEXT),
        };
        let painter = ui.painter();
        let pole = Rangef::new(top, self.foot.y);
        painter.vline(self.foot.x, pole, Stroke::new(1.0, fill.gamma_multiply(0.8)));
        painter.rect_filled(cloth, 1.0, fill);
        let font = FontId::proportional(11.0);
        painter.text(cloth.center(), Align2::CENTER_CENTER, self.number, font, ink);
        let response = response
            .on_hover_cursor(egui::CursorIcon::PointingHand)
            .on_hover_ui(|ui| row::tooltip(ui, row));
        menu::attach(&response, view, doings, self.go);
    }
}

impl Flag {
    /// A drag moves the cue, a click goes there, a click with alt puts it back where it was at first.
    fn set_up(
        &self,
        ui: &Ui,
        scene: &Scene<'_>,
        view: &View<'_>,
        surface: &mut Surface,
        doings: &mut Doings,
        response: &egui::Response,
    ) {
        let pointer = response.interact_pointer_pos();
        if let Some(origin) = ui.input(|input| input.pointer.press_origin())
            && response.drag_started()
        {
            surface.strip.flag_offset = origin.x - self.foot.x;
        }
        if let Some(pointer) = pointer.filter(|_| response.dragged_by(PointerButton::Primary)) {
            let whole = scene.axis.whole();
            let slice = scene.axis.slice(pointer.x - surface.strip.flag_offset);
            if slice != slice_of(view.value(self.at), whole.slices()) {
                doings.send(self.at, Change::Normalised(whole.position_of(slice)));
            }
        } else if response.clicked() && ui.input(|input| input.modifiers.alt) {
            doings.send(self.at, Change::Plain(view.registry.row(self.at).default));
        } else if response.clicked() {
            doings.send(self.go, Change::Press(1.0));
            doings.send(self.go, Change::Release);
        }
    }
}

/// Where the playhead was told to be, and where it is, with an arrow the way it goes; two bars at rest.
pub(super) fn playhead(painter: &Painter, scene: &Scene<'_>, view: &View<'_>) {
    let place = scene.axis.place;
    if let Some(position) = view.roles.position {
        let row = view.registry.row(position);
        let told = scene.part.slice_at(row.normalised_from_plain(view.value(position)));
        let x = scene.axis.x(f64::from(told));
        painter.vline(x, place.y_range(), Stroke::new(1.0, theme::TEXT));
    }
    let status = view.status;
    let color = if status.is_playing { theme::ACCENT } else { theme::BRIGHT };
    let x = scene.axis.x(scene.unit(view));
    if !place.expand(1.0).x_range().contains(x) {
        return;
    }
    painter.vline(x, place.y_range(), Stroke::new(3.0, color));
    let at = pos2(x, scene.lane(status.direction).center().y);
    let way = if status.direction == Direction::Forward { 1.0 } else { -1.0 };
    // It keeps inside, where the playhead is at an end.
    let inside = place.x_range().contains(x + way * 12.0);
    let at = if inside { at } else { at - vec2(way * 12.0, 0.0) };
    let edge = Stroke::new(1.0, theme::WELL);
    if status.is_playing {
        let arrow = [vec2(0.0, -8.0), vec2(way * 12.0, 0.0), vec2(0.0, 8.0)];
        painter.add(Shape::convex_polygon(arrow.map(|corner| at + corner).to_vec(), color, edge));
    } else {
        let plate = Rect::from_center_size(at + vec2(way * 7.0, 0.0), vec2(14.0, 19.0));
        painter.rect_filled(plate, 1.0, theme::WELL);
        for bar in [4.0, 10.0] {
            let bar = Rect::from_center_size(at + vec2(way * bar, 0.0), vec2(4.0, 15.0));
            painter.rect_filled(bar, 0.0, color);
        }
    }
}

/// An arrow at the beginning of each lane says which way its stream is played.
pub(super) fn lanes(painter: &Painter, scene: &Scene<'_>, view: &View<'_>) {
    let place = scene.axis.place;
    painter.hline(place.x_range(), place.center().y, Stroke::new(1.0, theme::RAISED));
    for (direction, way) in [(Direction::Forward, 1.0), (Direction::Backward, -1.0)] {
        let lane = scene.lane(direction);
        let y = lane.top() + if way > 0.0 { 7.0 } else { lane.height() - 7.0 };
        let at = pos2(place.left() + 9.0, y);
        let plate = Rect::from_center_size(at, vec2(16.0, 13.0));
        painter.rect_filled(plate, 2.0, theme::WELL.gamma_multiply(0.8));
        let is_played = direction == view.status.direction;
        let color = if is_played { theme::ACCENT } else { theme::WEAK };
        let arrow = [vec2(-4.0 * way, -4.0), vec2(4.0 * way, 0.0), vec2(-4.0 * way, 4.0)];
        let arrow = arrow.map(|corner| at + corner).to_vec();
        painter.add(Shape::convex_polygon(arrow, color, Stroke::NONE));
    }
}

/// Letters on a plate of their own, so that they can be read over anything.
pub(super) fn plate(painter: &Painter, at: Pos2, align: Align2, text: &str, color: Color32) {
    let font = FontId::proportional(12.0);
    let galley = painter.layout_no_wrap(text.to_owned(), font, color);
    let place = align.anchor_size(at, galley.size());
    painter.rect_filled(place.expand2(vec2(4.0, 1.0)), 2.0, theme::WELL.gamma_multiply(0.85));
    painter.galley(place.min, galley, color);
}
