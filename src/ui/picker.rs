//! Choosing one parameter out of all: a list that shortens while one types.

use super::{View, theme};
use crate::params::{Kind, ParamIndex, ParamSpec};
use egui::{
    Button, Key, Popup, PopupCloseBehavior, Response, RichText, ScrollArea, TextEdit, Ui, vec2,
};

/// Width of the list in points.
const WIDTH: f32 = 320.0;
/// Its height.
const HEIGHT: f32 = 280.0;

/// A button with the name of the parameter that the reference `index` names; a click opens the list
/// of those that are `meant`. Returns the reference's new value, where one was chosen.
pub(super) fn reference(
    ui: &mut Ui,
    view: &View<'_>,
    index: ParamIndex,
    width: f32,
    meant: impl Fn(&ParamSpec) -> bool,
) -> (Response, Option<f64>) {
    let named = view.named_by(index);
    let text = match named {
        Some(named) => RichText::new(view.registry.row(named).name),
        None => RichText::new("none").color(theme::WEAK),
    };
    let button = Button::new(text).truncate();
    let button = ui.add_sized(vec2(width, ui.spacing().interact_size.y), button);
    let row = view.registry.row(index);
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, row.name));
    let chosen = list(&button, view, Some(named), meant);
    (button, chosen.map(|chosen| view.registry.plain_of(chosen)))
}

/// The list, opened by a click on `button`. `named`: what is chosen now, where it may be taken back.
pub(super) fn list(
    button: &Response,
    view: &View<'_>,
    named: Option<Option<ParamIndex>>,
    meant: impl Fn(&ParamSpec) -> bool,
) -> Option<Option<ParamIndex>> {
    let was_open = Popup::is_id_open(&button.ctx, Popup::default_response_id(button));
    let popup = Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let shown = popup.show(|ui| {
        ui.set_width(WIDTH);
        let key = ui.scope_id().with("sought");
        let mut sought: String = match was_open {
            true => ui.data(|data| data.get_temp(key)).unwrap_or_default(),
            false => String::new(),
        };
        let field = TextEdit::singleline(&mut sought).hint_text("name or id");
        let field = ui.add(field.desired_width(f32::INFINITY));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Find"));
        if !was_open {
            field.request_focus();
        }
        let found = found(view, &sought, meant);
        let is_taken = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let mut chosen = is_taken.then(|| found.first().map(|first| Some(*first))).flatten();
        if let Some(named) = named.filter(|_| sought.is_empty())
            && ui.add(Button::selectable(named.is_none(), "none")).clicked()
        {
            chosen = Some(None);
        }
        if found.is_empty() {
            ui.weak("nothing is called so");
        }
        let height = ui.spacing().interact_size.y;
        let scroll = ScrollArea::vertical().max_height(HEIGHT).auto_shrink([false, true]);
        scroll.show_rows(ui, height, found.len(), |ui, shown| {
            for index in &found[shown] {
                if entry(ui, view, *index, named.flatten() == Some(*index)).clicked() {
                    chosen = Some(Some(*index));
                }
            }
        });
        ui.data_mut(|data| data.insert_temp(key, sought));
        if chosen.is_some() {
            ui.close();
        }
        chosen
    });
    shown.and_then(|shown| shown.inner)
}

/// One line of the list: the performer's name, and the exact one.
fn entry(ui: &mut Ui, view: &View<'_>, index: ParamIndex, is_chosen: bool) -> Response {
    let row = view.registry.row(index);
    let id = RichText::new(row.id).color(theme::WEAK).small();
    let button = Button::selectable(is_chosen, row.name).right_text(id).truncate();
    let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
    let button = ui.add_sized(size, button);
    let name = format!("{} ({})", row.name, row.id);
    button.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, is_chosen, name.as_str())
    });
    button
}

/// The rows in whose name or id all words are found: first what moves by itself, then the others, in
/// the order of the registry.
fn found(view: &View<'_>, sought: &str, meant: impl Fn(&ParamSpec) -> bool) -> Vec<ParamIndex> {
    let sought = sought.to_lowercase();
    let words: Vec<&str> = sought.split_whitespace().collect();
    let is_found = |row: &ParamSpec| {
        let text = format!("{} {}", row.name.to_lowercase(), row.id);
        words.iter().all(|word| text.contains(word))
    };
    let rows = view.registry.iter().filter(|(_, row)| row.kind != Kind::Reference);
    let rows = rows.filter(|(_, row)| meant(row) && is_found(row));
    let mut found: Vec<_> = rows.map(|(index, _)| index).collect();
    found.sort_by_key(|index| !view.registry.row(*index).is_meter);
    found
}
