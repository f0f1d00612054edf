//! The looks as pictures: each preset as it would make the programme look just now. A click calls it.

use super::{Doings, Surface, View, menu, row, theme};
use crate::params::Change;
use egui::{
    Align2, Color32, ColorImage, Context, FontId, Rect, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::{fmt, sync::Arc};

/// Space between two tiles in points.
pub(super) const GAP: f32 = 4.0;
/// Height of the plate under a name, in parts of the letters' size.
const PLATE: f32 = 1.35;

/// A look as the window shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookCard {
    /// What it is called.
    pub name: String,
    /// Its picture, once there is one.
    pub picture: Option<Arc<ColorImage>>,
}

impl LookCard {
    /// Gives cards to these names; a name that was there keeps its picture.
    pub fn rename(cards: &mut Vec<Self>, names: Vec<String>) {
        let old = std::mem::take(cards);
        let card = |name: String| {
            let known = old.iter().find(|card| card.name == name);
            Self { picture: known.and_then(|card| card.picture.clone()), name }
        };
        cards.extend(names.into_iter().map(card));
    }
}

/// A picture on egui's device, and what it shows.
type Tile = (Arc<ColorImage>, TextureHandle);

/// The pictures of the looks on egui's device, by their place. Made again where egui is a new one: then
/// the device that had them is lost.
#[derive(Default)]
pub struct Tiles {
    context: Option<Context>,
    tiles: Vec<Option<Tile>>,
    are_shown: bool,
}

impl fmt::Debug for Tiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiles").field("are_shown", &self.are_shown).finish_non_exhaustive()
    }
}

impl Tiles {
    /// A new drawing begins.
    pub(super) fn begin(&mut self, context: &Context) {
        self.are_shown = false;
        if self.context.as_ref() != Some(context) {
            self.tiles.clear();
            self.context = Some(context.clone());
        }
    }

    /// Whether some were drawn.
    pub(super) fn are_shown(&self) -> bool {
        self.are_shown
    }

    /// The texture of a look's picture.
    fn texture(&mut self, place: usize, card: &LookCard) -> Option<egui::TextureId> {
        let (context, picture) = (self.context.as_ref()?, card.picture.as_ref()?);
        if self.tiles.len() <= place {
            self.tiles.resize_with(place + 1, || None);
        }
        match &mut self.tiles[place] {
            Some((shown, texture)) => {
                if !Arc::ptr_eq(shown, picture) {
                    texture.set(Arc::clone(picture), TextureOptions::LINEAR);
                    *shown = Arc::clone(picture);
                }
                Some(texture.id())
            }
            tile => {
                let (name, image) = (format!("look {place}"), Arc::clone(picture));
                let texture = context.load_texture(name, image, TextureOptions::LINEAR);
                let (_, texture) = tile.insert((Arc::clone(picture), texture));
                Some(texture.id())
            }
        }
    }
}

/// Narrowest tile in points: a name can still be read.
const NARROWEST: f32 = 84.0;

/// The size of tiles of which so many fill at most `lines` lines of this width; none is wider than
/// `widest`, and none so narrow that its name cannot be read: then there are more lines.
pub(super) fn tile_size(count: usize, lines: usize, width: f32, widest: f32) -> Vec2 {
    let columns = count.div_ceil(lines.max(1)).max(1) as f32;
    // Half a point less, so that rounding never breaks a line too early.
    let wide = ((width + GAP) / columns - GAP - 0.5).clamp(NARROWEST.min(widest), widest).floor();
    vec2(wide, (wide * 9.0 / 16.0).round())
}

/// All looks, as tiles of this size, in as many lines as it takes.
pub(super) fn show(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    size: Vec2,
) {
    let Some(param) = view.roles.preset else { return };
    surface.looks.are_shown |= !view.looks.is_empty();
    let in_force = view.value(param).round() as usize;
    ui.spacing_mut().item_spacing = Vec2::splat(GAP);
    ui.horizontal_wrapped(|ui| {
        for (place, card) in view.looks.iter().enumerate() {
            let number = place + 1;
            let is_on = number == in_force;
            let (room, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                let name = format!("Look {number}: {}", spoken(&card.name));
                WidgetInfo::selected(egui::Role::Button, true, is_on, name)
            });
            if ui.is_rect_visible(room) {
                let texture = surface.looks.texture(place, card);
                let aspect = card.picture.as_ref().map_or(1.0, |picture| aspect(picture));
                let is_hot = response.hovered() || response.has_focus();
                tile(ui, room, (number, card), texture.map(|id| (id, aspect)), (is_on, is_hot));
            }
            if response.clicked() {
                doings.send(param, Change::Plain(number as f64));
            }
            let response = response.on_hover_ui(|ui| {
                ui.strong(format!("{number}  {}", spoken(&card.name)));
                row::tooltip(ui, view.registry.row(param));
            });
            menu::attach(&response, view, doings, param);
        }
    });
}

fn aspect(picture: &ColorImage) -> f32 {
    picture.size[0] as f32 / picture.size[1].max(1) as f32
}

/// The name as a person says it: `big_tiles` is `big tiles`.
fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

fn tile(
    ui: &Ui,
    room: Rect,
    (number, card): (usize, &LookCard),
    picture: Option<(egui::TextureId, f32)>,
    (is_on, is_hot): (bool, bool),
) {
    let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
    painter.rect_filled(room, 2.0, theme::WELL);
    let letters = FontId::proportional((room.height() * 0.24).clamp(11.5, 18.0));
    let plate_height = (letters.size * PLATE).round();
    if let Some((texture, aspect)) = picture {
        // The tile is filled; what does not fit is cut off alike at both sides.
        let (wide, high) = (room.width() / room.height() / aspect, 1.0_f32);
        let (wide, high) = if wide > 1.0 { (1.0, high / wide) } else { (wide, high) };
        let part = Rect::from_center_size(pos2(0.5, 0.5), vec2(wide, high));
        painter.image(texture, room, part, Color32::WHITE);
    }
    let plate =
        Rect::from_min_max(pos2(room.left(), room.bottom() - plate_height), room.right_bottom());
    let (fill, ink) = match (is_on, picture.is_some()) {
        (true, _) => (theme::ACCENT, theme::BACKGROUND),
        (false, true) => (Color32::from_black_alpha(0xc0), theme::BRIGHT),
        (false, false) => (Color32::TRANSPARENT, theme::TEXT),
    };
    painter.rect_filled(plate, 0.0, fill);
    let at = plate.left_center() + vec2(4.0, 0.0);
    let name = spoken(&card.name);
    let whole = painter.layout_no_wrap(format!("{number} {name}"), letters.clone(), ink);
    // Where not both have room, the name is what a person looks for.
    let is_whole = whole.size().x <= plate.width() - 6.0;
    let text = if is_whole { format!("{number} {name}") } else { name };
    painter.text(at, Align2::LEFT_CENTER, text, letters, ink);
    let stroke = match (is_on, is_hot) {
        (true, _) => Stroke::new(3.0, theme::ACCENT),
        (false, true) => Stroke::new(1.0, theme::BRIGHT),
        (false, false) => Stroke::NONE,
    };
    painter.rect_stroke(room, 2.0, stroke, StrokeKind::Inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(level: u8) -> LookCard {
        let image = ColorImage::filled([16, 9], Color32::from_gray(level));
        LookCard { name: "ink".to_owned(), picture: Some(Arc::new(image)) }
    }

    #[test]
    fn a_new_egui_gets_the_pictures_again() {
        let mut tiles = Tiles::default();
        let is_on = |context: &Context, id| context.tex_manager().read().meta(id).is_some();
        let (first, second) = (Context::default(), Context::default());
        tiles.begin(&first);
        let old = tiles.texture(3, &card(9)).expect("a texture");
        assert!(is_on(&first, old) && !is_on(&second, old));
        // The same egui keeps it, also for another picture.
        tiles.begin(&first);
        assert_eq!(tiles.texture(3, &card(99)), Some(old));
        tiles.begin(&second);
        let new = tiles.texture(3, &card(9)).expect("a texture");
        assert!(is_on(&second, new));
        assert_eq!(tiles.texture(0, &LookCard::default()), None);
    }

    #[test]
    fn tiles_fill_their_lines() {
        // By hand: 12 columns in 1264 points are (1264 + 4) / 12 - 4 = 101.67 wide.
        assert_eq!(tile_size(23, 2, 1264.0, 118.0), vec2(101.0, 57.0));
        assert_eq!(tile_size(3, 2, 1264.0, 118.0), vec2(118.0, 66.0));
        // Too many for two lines.
        assert_eq!(tile_size(100, 2, 1264.0, 118.0).x, NARROWEST);
    }
}
