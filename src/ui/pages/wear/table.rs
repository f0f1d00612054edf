//! Quantisation tables as heat maps: eight by eight steps, brighter where they are coarser.

use crate::{
    decay::dct::{Dct, tables::LARGEST_STEP},
    ui::theme,
};
use egui::{Color32, FontId, Grid, Rect, RichText, Sense, Ui, WidgetInfo, vec2};

/// Side of a cell in points.
const CELL: f32 = 11.0;
/// Cells in a line.
const SIDE: usize = 8;

/// Both tables side by side; `None` = nothing is quantised just now.
pub(super) fn show(ui: &mut Ui, name: &str, tables: Option<&Dct>) {
    ui.horizontal(|ui| {
        for (word, table) in [
            ("brightness", tables.map(|tables| &tables.luma_raster)),
            ("colour", tables.map(|tables| &tables.chroma_raster)),
        ] {
            map(ui, &format!("{name} table: {word}"), word, table);
        }
        ui.vertical(|ui| {
            ui.weak("steps of the table in force");
            match tables {
                None => drop(ui.weak("nothing is quantised")),
                Some(tables) => {
                    for (word, table) in
                        [("brightness", &tables.luma_raster), ("colour", &tables.chroma_raster)]
                    {
                        let least = table.iter().min().copied().unwrap_or_default();
                        let most = table.iter().max().copied().unwrap_or_default();
                        ui.label(format!("{word} {least} to {most}"));
                    }
                }
            }
            ui.weak("bright = coarse");
        });
    });
}

fn map(ui: &mut Ui, name: &str, word: &str, table: Option<&[i32; 64]>) {
    let side = CELL * SIDE as f32;
    let (room, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, name));
    let painter = ui.painter_at(room);
    painter.rect_filled(room, 0.0, theme::WELL);
    let Some(table) = table else {
        let font = FontId::proportional(12.0);
        painter.text(room.center(), egui::Align2::CENTER_CENTER, "rests", font, theme::WEAK);
        return;
    };
    for (place, step) in table.iter().enumerate() {
        let corner = room.min + vec2((place % SIDE) as f32, (place / SIDE) as f32) * CELL;
        // A hair apart, so that equal steps are still cells.
        let cell = Rect::from_min_size(corner, vec2(CELL - 1.0, CELL - 1.0));
        painter.rect_filled(cell, 0.0, heat(*step));
    }
    let pointed = response.hover_pos().and_then(|pointer| cell_at(room, pointer));
    response.on_hover_ui(|ui| numbers(ui, word, table, pointed));
}

/// The place in raster order that lies under the pointer.
fn cell_at(room: Rect, pointer: egui::Pos2) -> Option<usize> {
    let offset = pointer - room.min;
    let [x, y] = [offset.x, offset.y].map(|at| (at / CELL).floor());
    let is_in = |at: f32| (0.0..SIDE as f32).contains(&at);
    (is_in(x) && is_in(y)).then_some(y as usize * SIDE + x as usize)
}

/// From dark to bright, by the logarithm: between 1 and 2 lies as much as between 100 and 200.
fn heat(step: i32) -> Color32 {
    let part = (step.max(1) as f32).ln() / (LARGEST_STEP as f32).ln();
    let dark = Color32::from_rgb(0x1c, 0x20, 0x24);
    match part {
        part if part < 0.7 => dark.lerp_to_gamma(theme::ACCENT, part / 0.7),
        part => theme::ACCENT.lerp_to_gamma(theme::BRIGHT, (part - 0.7) / 0.3),
    }
}

/// All steps as numbers, the one under the pointer lit.
fn numbers(ui: &mut Ui, word: &str, table: &[i32; 64], pointed: Option<usize>) {
    let place = pointed.map(|at| (at, table[at], at % SIDE + 1, at / SIDE + 1));
    let title = match place {
        Some((_, step, column, row)) => {
            format!("{word}: step {step} in row {row}, column {column}")
        }
        None => format!("{word}: steps"),
    };
    ui.strong(title);
    ui.weak("top left = the mean of a block, to the right and down = finer detail");
    Grid::new("steps").spacing([6.0, 2.0]).show(ui, |ui| {
        for (at, step) in table.iter().enumerate() {
            let text = RichText::new(format!("{step:>3}")).monospace().size(12.0);
            let is_pointed = place.is_some_and(|(pointed, ..)| pointed == at);
            ui.label(if is_pointed { text.color(theme::BRIGHT).strong() } else { text });
            if at % SIDE == SIDE - 1 {
                ui.end_row();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn coarser_is_brighter() {
        let light = |step| {
            let [r, g, b, _] = heat(step).to_array().map(u32::from);
            2126 * r + 7152 * g + 722 * b
        };
        assert!((1..255).all(|step| light(step) <= light(step + 1)));
        assert!(light(1) < light(16) && light(16) < light(255));
    }

    #[test]
    fn a_cell_is_found_under_the_pointer() {
        let room = Rect::from_min_size(pos2(100.0, 50.0), vec2(88.0, 88.0));
        assert_eq!(cell_at(room, pos2(101.0, 51.0)), Some(0));
        assert_eq!(cell_at(room, pos2(100.0 + 7.5 * CELL, 50.0 + 2.5 * CELL)), Some(23));
        assert_eq!(cell_at(room, pos2(99.0, 51.0)), None);
        assert_eq!(cell_at(room, pos2(188.5, 51.0)), None);
    }
}
