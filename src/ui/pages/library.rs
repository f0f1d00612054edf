//! The library: everything that was ever imported, to be played or to be let go.

use crate::{
    ui::{DeskWish, Doings, LibraryCard, PruneAsk, PruneNews, Surface, View, Wish, theme},
    units::{age_text, bytes_text},
};
use egui::{Button, DragValue, Label, RichText, ScrollArea, TextEdit, Ui, vec2};
use std::sync::Arc;

/// Height of a line in points.
const LINE: f32 = 26.0;
/// Widths of the columns behind the name: damage, length, canvas, bytes, age.
const COLUMNS: [f32; 5] = [62.0, 58.0, 108.0, 72.0, 56.0];
/// Width of the button.
const PLAY: f32 = 58.0;
/// What a prune would remove is told in so many lines.
const TOLD: usize = 6;

/// What is asked of the library.
#[derive(Debug)]
pub(in crate::ui) struct Shelf {
    has_looked: bool,
    filter: String,
    is_by_age: bool,
    days: u32,
    is_by_size: bool,
    megabytes: u32,
    found: Found,
}

/// What was found in the library, kept until it or the words are others.
#[derive(Debug, Default)]
struct Found {
    library: Option<Arc<[LibraryCard]>>,
    filter: String,
    /// Places in the library.
    places: Vec<usize>,
    /// Bytes of them together.
    bytes: u64,
    /// How often it was searched.
    searches: u64,
}

impl Found {
    fn search(&mut self, library: Option<&Arc<[LibraryCard]>>, filter: &str) {
        let is_same = match (&self.library, library) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        if is_same && self.filter == filter {
            return;
        }
        self.searches += 1;
        self.library = library.cloned();
        filter.clone_into(&mut self.filter);
        let words = filter.to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let all = library.map(|cards| &cards[..]).unwrap_or_default();
        let found = all.iter().enumerate().filter(|(_, card)| is_found(card, &words));
        (self.places, self.bytes) = (Vec::new(), 0);
        for (place, card) in found {
            self.places.push(place);
            self.bytes += card.bytes;
        }
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            has_looked: false,
            filter: String::new(),
            is_by_age: true,
            days: 90,
            is_by_size: false,
            megabytes: 10_000,
            found: Found::default(),
        }
    }
}

impl Shelf {
    /// How often the library was searched.
    #[cfg(test)]
    pub(in crate::ui) fn searches(&self) -> u64 {
        self.found.searches
    }

    fn rules(&self) -> PruneAsk {
        PruneAsk {
            unused_days: self.is_by_age.then_some(self.days),
            keep_below_mb: self.is_by_size.then_some(self.megabytes),
        }
    }
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    let shelf = &mut surface.shelf;
    let mut ask = |wish| doings.wishes.push(Wish::Desk(wish));
    if !view.desk.is_open {
        ui.colored_label(theme::WARNING, "The library cannot be looked at here: no clip plays");
        return;
    }
    if !shelf.has_looked {
        shelf.has_looked = true;
        ask(DeskWish::Look);
    }
    shelf.found.search(view.desk.library.as_ref(), &shelf.filter);
    let all: &[LibraryCard] = view.desk.library.as_deref().unwrap_or_default();
    let (places, found_bytes) = (&shelf.found.places, shelf.found.bytes);
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut shelf.filter).hint_text("name, tag or encoder");
        let label = ui.label("Find");
        ui.add(field.desired_width(200.0)).labelled_by(label.id);
        let is_free = !view.desk.is_looking;
        if ui.add_enabled(is_free, Button::new("Look again")).clicked() {
            ask(DeskWish::Look);
        }
        match &view.desk.library {
            None => ui.weak("looking ..."),
            Some(_) if places.len() == all.len() => {
                ui.strong(format!("{} clips, {}", all.len(), bytes_text(found_bytes)))
            }
            Some(_) => {
                let found =
                    format!("{} of {} clips, {}", places.len(), all.len(), bytes_text(found_bytes));
                ui.strong(found)
            }
        };
    });
    ui.add_space(4.0);
    heads(ui);
    let below = 100.0 + view.desk.prune.as_ref().map_or(0.0, |news| prune_height(news));
    let height = (ui.available_height() - below).max(120.0);
    ScrollArea::vertical().auto_shrink(false).max_height(height).show_rows(
        ui,
        LINE,
        places.len(),
        |ui, shown| {
            for card in places[shown].iter().filter_map(|place| all.get(*place)) {
                line(ui, card, &mut ask);
            }
        },
    );
    ui.separator();
    prune(ui, view, shelf, &mut ask);
}

fn is_found(card: &LibraryCard, words: &[&str]) -> bool {
    let name = card.name.to_lowercase();
    let tags: Vec<String> = card.tags.iter().map(|tag| tag.to_lowercase()).collect();
    words.iter().all(|word| {
        name.contains(word)
            || card.encoder == *word
            || card.hold.is_some_and(|hold| hold.name() == *word)
            || tags.iter().any(|tag| tag.contains(word.trim_start_matches('+')))
    })
}

/// What stands in the columns.
fn heads(ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.add_space(PLAY + ui.spacing().item_spacing.x);
        let head = |text: &str| Label::new(RichText::new(text).color(theme::WEAK));
        cell(ui, name_width(ui), head("clip"));
        for (width, text) in COLUMNS.into_iter().zip(["damage", "length", "canvas", "size", "used"])
        {
            cell(ui, width, head(text));
        }
    });
}

/// What the columns leave for the name.
fn name_width(ui: &Ui) -> f32 {
    let gap = ui.spacing().item_spacing.x;
    let columns: f32 = COLUMNS.iter().map(|width| width + gap).sum();
    (ui.available_width() - columns - gap).max(80.0)
}

fn line(ui: &mut Ui, card: &LibraryCard, ask: &mut impl FnMut(DeskWish)) {
    ui.horizontal(|ui| {
        ui.set_height(LINE - ui.spacing().item_spacing.y);
        let play =
            ui.add_enabled(card.refusal.is_none(), Button::new("Play").min_size(vec2(PLAY, 0.0)));
        let label = format!("Play {}", card.name);
        let can = card.refusal.is_none();
        play.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, can, &label));
        let play = play.on_hover_text("Becomes the last clip of the set, at once");
        if play.clicked() {
            ask(DeskWish::Play(card.folder.clone()));
        }
        let tags: String = card.tags.iter().map(|tag| format!("  +{tag}")).collect();
        let mut name = egui::text::LayoutJob::default();
        let color = if can { theme::BRIGHT } else { theme::WEAK };
        RichText::new(if can { card.name.clone() } else { format!("! {}", card.name) })
            .size(15.0)
            .color(color)
            .append_to(&mut name, ui.style(), egui::FontSelection::Default, egui::Align::Center);
        RichText::new(tags).color(theme::ACCENT).append_to(
            &mut name,
            ui.style(),
            egui::FontSelection::Default,
            egui::Align::Center,
        );
        cell(ui, name_width(ui), Label::new(name)).on_hover_ui(|ui| {
            ui.label(&card.name);
            if let Some(why) = &card.refusal {
                ui.colored_label(theme::WARNING, why);
            }
            ui.weak(format!("{}, {}", card.encoder, card.folder.display()));
        });
        let texts = [
            card.hold.map_or_else(|| "-".to_owned(), |hold| hold.to_string()),
            format!("{:.1} s", card.secs),
            card.canvas.clone(),
            bytes_text(card.bytes),
            card.age_secs.map_or_else(|| "-".to_owned(), age_text),
        ];
        for (width, text) in COLUMNS.into_iter().zip(texts) {
            cell(ui, width, Label::new(RichText::new(text).color(theme::TEXT)));
        }
    });
}

fn cell(ui: &mut Ui, width: f32, label: Label) -> egui::Response {
    let from_left = egui::Layout::left_to_right(egui::Align::Center);
    let room = vec2(width, ui.available_height());
    ui.allocate_ui_with_layout(room, from_left, |ui| {
        ui.set_min_width(width);
        ui.add(label.truncate())
    })
    .inner
}

fn prune_height(news: &PruneNews) -> f32 {
    20.0 * (news.lines.len().min(TOLD) as f32 + 3.0)
}

fn prune(ui: &mut Ui, view: &View<'_>, shelf: &mut Shelf, ask: &mut impl FnMut(DeskWish)) {
    ui.horizontal_wrapped(|ui| {
        ui.strong("Make room:");
        ui.checkbox(&mut shelf.is_by_age, "what was not used for");
        let days = ui.add(DragValue::new(&mut shelf.days).range(1..=3_650).suffix(" days"));
        days.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Days without use")
        });
        ui.checkbox(&mut shelf.is_by_size, "until all take no more than");
        let size = DragValue::new(&mut shelf.megabytes).range(0..=10_000_000).suffix(" MB");
        let size = ui.add(size.speed(50.0));
        size.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Megabytes"));
    });
    let rules = shelf.rules();
    ui.horizontal_wrapped(|ui| {
        let has_rule = rules != PruneAsk::default();
        let look =
            ui.add_enabled(has_rule && !view.desk.is_looking, Button::new("Show what would go"));
        if look.on_hover_text("Removes nothing").clicked() {
            ask(DeskWish::PlanPrune(rules));
        }
        ui.weak("What this set uses stays, and every source does.");
    });
    let Some(news) = &view.desk.prune else { return };
    let what = match news.lines.len() {
        0 => "Nothing goes by these rules".to_owned(),
        count if news.is_done => format!("{count} removed, {}", bytes_text(news.bytes)),
        count => format!("{count} would go, {}", bytes_text(news.bytes)),
    };
    let spared = match news.spared {
        0 => String::new(),
        count => format!("; {count} stay for the set"),
    };
    ui.label(format!("{what}; {} stay{spared}", bytes_text(news.bytes_left)));
    for line in news.lines.iter().take(TOLD) {
        ui.weak(line);
    }
    if news.lines.len() > TOLD {
        ui.weak(format!("and {} more", news.lines.len() - TOLD));
    }
    // What is confirmed is what was shown.
    if !news.is_done && !news.lines.is_empty() && news.ask == rules {
        let text = RichText::new(format!("Remove {} for good", news.lines.len())).strong();
        let button = Button::new(text.color(theme::ERROR));
        if ui.add_enabled(!view.desk.is_looking, button).clicked() {
            ask(DeskWish::Prune(rules));
        }
    }
}
