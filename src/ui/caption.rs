//! Letters for the output window: a few lines of text made into a picture.
//!
//! The output knows no text, and the control window's letters live on another device, so captions
//! are laid out and drawn here, on the main thread, whenever their text changes.

use crate::output::Overlay;
use egui::epaint::text::{FontDefinitions, Fonts, TextOptions};
use egui::{Color32, FontId};

/// Space around the letters, in parts of their size.
const MARGIN: f32 = 0.6;
/// How dark the plate behind the letters is, 0..=255.
const PLATE_ALPHA: u32 = 168;

/// Lays text out and draws it.
pub struct Lettering {
    fonts: Fonts,
}

impl Default for Lettering {
    fn default() -> Self {
        let options = TextOptions { max_texture_side: 2048, ..Default::default() };
        Self { fonts: Fonts::new(options, FontDefinitions::default()) }
    }
}

impl Lettering {
    /// White letters of `size_px` on a dark plate, lines broken at `wrap_px`.
    pub fn draw(&mut self, text: &str, size_px: f32, wrap_px: f32) -> Overlay {
        let font = FontId::proportional(size_px);
        let wrap = wrap_px.max(size_px);
        let galley = self.fonts.with_pixels_per_point(1.0).layout(
            text.to_owned(),
            font,
            Color32::WHITE,
            wrap,
        );
        let atlas = self.fonts.image();
        let margin = (size_px * MARGIN).ceil();
        let width = (galley.rect.width() + 2.0 * margin).ceil() as usize;
        let height = (galley.rect.height() + 2.0 * margin).ceil() as usize;
        let mut rgba = [0, 0, 0, PLATE_ALPHA as u8].repeat(width * height);
        for row in &galley.rows {
            for glyph in &row.row.glyphs {
                let from = glyph.uv_rect;
                let corner = row.pos + glyph.pos.to_vec2() + from.offset;
                let corner = corner - galley.rect.min.to_vec2();
                let (left, top) = ((corner.x + margin).round(), (corner.y + margin).round());
                for texel_y in from.min[1]..from.max[1] {
                    for texel_x in from.min[0]..from.max[0] {
                        let x = left as i64 + i64::from(texel_x - from.min[0]);
                        let y = top as i64 + i64::from(texel_y - from.min[1]);
                        if x < 0 || y < 0 || x >= width as i64 || y >= height as i64 {
                            continue;
                        }
                        let cover = atlas[(usize::from(texel_x), usize::from(texel_y))].a();
                        let pixel = (y as usize * width + x as usize) * 4;
                        lay_white_over(&mut rgba[pixel..pixel + 4], u32::from(cover));
                    }
                }
            }
        }
        Overlay { width: width as u32, height: height as u32, rgba }
    }
}

/// White of `cover` 0..=255 over a premultiplied pixel.
fn lay_white_over(pixel: &mut [u8], cover: u32) {
    for channel in pixel {
        let under = u32::from(*channel) * (255 - cover) / 255;
        *channel = (cover + under).min(255) as u8;
    }
}
