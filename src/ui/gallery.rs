//! Small pictures on the window's device. They are put there when they are first seen.
//!
//! A device that is lost takes them with it, and egui begins anew; they are then put there again.

use super::flipbook::{Flipbook, Pictures};
use egui::{ColorImage, Context, Pos2, Rect, TextureHandle, TextureOptions, Ui, pos2, vec2};
use std::time::Duration;

/// How fast one leafs through a clip's pictures, in pages a second.
const PAGES_PER_SEC: f64 = 5.0;

/// What is on the device.
#[derive(Default)]
pub(super) struct Gallery {
    context: Option<Context>,
    stills: Vec<Print>,
    /// The one clip whose pictures move: that under the pointer, and since when it is there.
    moving: Option<(Print, f64)>,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Gallery of {}", self.stills.len())
    }
}

/// A book on the device.
struct Print {
    of: Pictures,
    texture: TextureHandle,
    page_size: [usize; 2],
    pages: usize,
}

impl Print {
    fn new(ui: &Ui, of: &Pictures, book: &Flipbook) -> Self {
        let [width, height] = book.page_size();
        let image = ColorImage::from_rgb([width, height * book.pages()], book.rgb());
        let texture = ui.ctx().load_texture("small pictures", image, TextureOptions::LINEAR);
        Self { of: of.clone(), texture, page_size: book.page_size(), pages: book.pages() }
    }

    /// A page in the middle of a place, as large as it fits.
    fn paint(&self, ui: &Ui, page: usize, place: Rect) {
        let [width, height] = self.page_size.map(|side| side as f32);
        let scale = (place.width() / width).min(place.height() / height);
        let picture = Rect::from_center_size(place.center(), vec2(width, height) * scale);
        // Half a pixel inside, so that nothing shows of its neighbours.
        let whole = height * self.pages as f32;
        let v = |row: f32| (page as f32 * height + row) / whole;
        let part = Rect::from_min_max(pos2(0.0, v(0.5)), pos2(1.0, v(height - 0.5)));
        ui.painter().image(self.texture.id(), picture, part, egui::Color32::WHITE);
    }
}

impl Gallery {
    /// Draws a clip's picture, or asks for it where there is none yet; pictures `in_motion` are leafed
    /// through. Returns whether there was one.
    pub(super) fn paint(
        &mut self,
        ui: &Ui,
        pictures: &Pictures,
        place: Rect,
        in_motion: bool,
    ) -> bool {
        if self.context.as_ref() != Some(ui.ctx()) {
            *self = Self { context: Some(ui.ctx().clone()), ..Self::default() };
        }
        pictures.want();
        if in_motion {
            pictures.want_moving();
        }
        match pictures.moving().filter(|_| in_motion) {
            Some(book) => self.leaf(ui, pictures, book, place),
            None => self.paint_still(ui, pictures, place),
        }
    }

    fn leaf(&mut self, ui: &Ui, pictures: &Pictures, book: &Flipbook, place: Rect) -> bool {
        let now = ui.input(|input| input.time);
        if self.moving.as_ref().is_none_or(|(print, _)| print.of != *pictures) {
            self.moving = Some((Print::new(ui, pictures, book), now));
        }
        let Some((print, since)) = &self.moving else { return false };
        let page = ((now - since) * PAGES_PER_SEC) as usize % print.pages;
        print.paint(ui, page, place);
        ui.ctx().request_repaint_after(Duration::from_secs_f64(1.0 / PAGES_PER_SEC));
        true
    }

    fn paint_still(&mut self, ui: &Ui, pictures: &Pictures, place: Rect) -> bool {
        if self.moving.as_ref().is_some_and(|(print, _)| print.of == *pictures) {
            self.moving = None;
        }
        let known = self.stills.iter().position(|print| print.of == *pictures);
        let known = known.or_else(|| {
            let print = Print::new(ui, pictures, pictures.still()?);
            // What was grabbed over is of no use any more.
            self.stills.retain(|print| print.of.are_kept());
            self.stills.push(print);
            Some(self.stills.len() - 1)
        });
        let Some(print) = known.and_then(|place| self.stills.get(place)) else { return false };
        print.paint(ui, 0, place);
        true
    }
}

/// Letters in one line, cut off with three dots where they are wider than `width`.
pub(super) fn letters(
    painter: &egui::Painter,
    at: Pos2,
    text: &str,
    (size, color): (f32, egui::Color32),
    width: f32,
) {
    let font = egui::FontId::proportional(size);
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = painter.layout_job(job);
    painter.galley(at, galley, color);
}
