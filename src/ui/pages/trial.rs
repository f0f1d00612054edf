//! How two seconds of a source mosh: a word, the figures behind it, and a moving picture.

use crate::{
    clip::Mosh,
    ui::{TrialNews, TrialShown, TrialState, theme},
};
use egui::{ColorImage, ProgressBar, Rect, RichText, Sense, TextureHandle, Ui, pos2, vec2};
use std::{sync::Arc, time::Duration};

/// Width of the picture in points.
const WIDTH: f32 = 320.0;

/// The sheet as a texture, with what it was made from.
type Loaded = (Arc<TrialNews>, TextureHandle);

/// Draws what there is of it.
pub(super) fn show(ui: &mut Ui, news: &Arc<TrialNews>) {
    match &news.state {
        TrialState::Running(part) => {
            ui.add(ProgressBar::new(*part).desired_width(WIDTH).text("trying two seconds"));
        }
        TrialState::Failed(why) => {
            ui.colored_label(theme::ERROR, format!("Two seconds of it cannot be had: {why}"));
        }
        TrialState::Done(shown) => {
            ui.horizontal(|ui| {
                picture(ui, news, shown);
                ui.vertical(|ui| words(ui, shown));
            });
        }
    }
}

fn words(ui: &mut Ui, shown: &TrialShown) {
    let (word, help) = match shown.hold {
        Some(Mosh::Soft) => ("SOFT", "damage heals by itself within a second or two"),
        Some(Mosh::Hard) => ("HARD", "damage lives for seconds"),
        Some(Mosh::Forever) => ("FOREVER", "damage stays"),
        None => ("?", "it is too short to tell how long damage lives"),
    };
    ui.label(RichText::new(word).size(28.0).strong().color(theme::ACCENT));
    ui.label(help);
    ui.add_space(6.0);
    ui.weak("Its motion on another picture; so much of it is itself again (1 = healed):");
    for (secs, part) in &shown.points {
        ui.monospace(format!("{part:5.2} after {secs} s"));
    }
}

fn picture(ui: &mut Ui, news: &Arc<TrialNews>, shown: &TrialShown) {
    let [width, height] = shown.picture.map(|side| side.max(1) as f32);
    let (place, response) =
        ui.allocate_exact_size(vec2(WIDTH, WIDTH * height / width), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "How it moshes"));
    if shown.count == 0 || shown.rgba.len() != shown.size[0] * shown.size[1] * 4 {
        return;
    }
    let id = egui::Id::unique("trial");
    let known = ui.data(|data| data.get_temp::<Loaded>(id));
    let (_, texture) = known.filter(|(of, _)| Arc::ptr_eq(of, news)).unwrap_or_else(|| {
        let image = ColorImage::from_rgba_unmultiplied(shown.size, &shown.rgba);
        let texture = ui.ctx().load_texture("trial", image, egui::TextureOptions::LINEAR);
        ui.data_mut(|data| data.insert_temp(id, (Arc::clone(news), texture.clone())));
        (Arc::clone(news), texture)
    });
    let number = (ui.input(|input| input.time) * shown.hertz) as usize % shown.count;
    let columns = shown.size[0] / shown.picture[0].max(1);
    let (row, column) = (number / columns.max(1), number % columns.max(1));
    let [sheet_width, sheet_height] = shown.size.map(|side| side as f32);
    let corner = pos2(column as f32 * width / sheet_width, row as f32 * height / sheet_height);
    let part = Rect::from_min_size(corner, vec2(width / sheet_width, height / sheet_height));
    ui.painter().image(texture.id(), place, part, egui::Color32::WHITE);
    ui.ctx().request_repaint_after(Duration::from_secs_f64(1.0 / shown.hertz.max(1.0)));
}
