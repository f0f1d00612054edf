//! The rack of wear: the looks, the chain as a whole, and its stages as strips in the order in which
//! they run.

mod chain;
mod fader;
mod order;
mod schedule;
mod strip;
mod table;

use crate::{
    decay::{Lineup, dct::Dct},
    params::{ParamIndex, Registry},
    ui::{Doings, Surface, View, looks, pages::Page},
};
use egui::{CollapsingHeader, Rect, ScrollArea, Ui};

/// Lines of looks, and the widest of them in points.
const LOOKS: (usize, f32) = (3, 118.0);

/// What the window remembers of the rack.
#[derive(Debug, Default)]
pub struct Rack {
    lineup: Option<Lineup>,
    /// Tables of a file.
    tables: Option<Dct>,
    /// The switches of the stages whose strips are open.
    open: Vec<ParamIndex>,
    /// The stage whose grip is held.
    carried: Option<usize>,
    /// The schedules as drawn, by stage.
    curves: Vec<schedule::Curve>,
}

impl Rack {
    /// Which quantisation tables the choice `file` means.
    pub(in crate::ui) fn use_tables(&mut self, tables: Option<Dct>) {
        self.tables = tables;
        self.lineup = None;
    }

    /// The stages as they are declared now.
    fn refresh(&mut self, registry: &Registry) {
        if self.lineup.as_ref().is_some_and(|lineup| !lineup.is_old(registry)) {
            return;
        }
        let mut lineup = Lineup::find(registry);
        if let Some(tables) = &self.tables {
            lineup.use_tables(tables);
        }
        self.curves.clear();
        self.curves.resize_with(lineup.len(), schedule::Curve::default);
        self.carried = None;
        self.lineup = Some(lineup);
    }

    fn toggle(&mut self, switch: ParamIndex) {
        match self.open.iter().position(|open| *open == switch) {
            Some(at) => drop(self.open.swap_remove(at)),
            None => self.open.push(switch),
        }
    }
}

/// Draws the page.
pub(super) fn show(ui: &mut Ui, view: &View<'_>, surface: &mut Surface, doings: &mut Doings) {
    // Taken out, so that the surface can be lent to what is drawn.
    let mut rack = std::mem::take(&mut surface.rack);
    rack.refresh(view.registry);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if !view.looks.is_empty() {
            CollapsingHeader::new("Looks").default_open(true).show_unindented(ui, |ui| {
                let size =
                    looks::tile_size(view.looks.len(), LOOKS.0, ui.available_width(), LOOKS.1);
                looks::show(ui, view, surface, doings, size);
            });
            ui.add_space(6.0);
        }
        if let Some(lineup) = rack.lineup.take() {
            chain::show(ui, view, surface, doings, &lineup);
            ui.add_space(6.0);
            stages(ui, view, surface, doings, &mut rack, &lineup);
            rack.lineup = Some(lineup);
        }
    });
    surface.rack = rack;
}

/// One strip for each stage; a strip that is carried to another place goes there when it is let go.
fn stages(
    ui: &mut Ui,
    view: &View<'_>,
    surface: &mut Surface,
    doings: &mut Doings,
    rack: &mut Rack,
    lineup: &Lineup,
) {
    // Before the first slot nothing has a value.
    if lineup.age_rows().iter().any(|row| !view.status.result.has(*row)) {
        ui.weak("The instrument has not begun yet");
        return;
    }
    let order = lineup.order(&view.status.base);
    let places: Vec<(ParamIndex, i64)> = order
        .iter()
        .map(|stage| lineup.rows(*stage).place)
        .map(|row| (row, view.value(row).round() as i64))
        .collect();
    let span = schedule::span(view, lineup);
    // Once for all, so that all are alike.
    let width = ui.available_width();
    let mut spots: Vec<Rect> = Vec::new();
    let mut asked: Option<(usize, usize)> = None;
    for (at, stage) in order.iter().enumerate() {
        let ends = (at == 0, at + 1 == order.len());
        let place = strip::Place { stage: *stage, ends, span, width };
        let (room, wish) = strip::show(ui, view, surface, doings, (rack, lineup), place);
        spots.push(room);
        match wish {
            Some(strip::Step::Up) => asked = Some((at, at - 1)),
            Some(strip::Step::Down) => asked = Some((at, at + 1)),
            None => {}
        }
    }
    if let Some(carried) = rack.carried {
        let from = order.iter().position(|stage| *stage == carried);
        let pointer = ui.ctx().pointer_latest_pos();
        if let (Some(from), Some(pointer)) = (from, pointer) {
            let to = order::target(&spots, from, pointer.y);
            strip::landing(ui, &spots, from, to);
            if !ui.input(|input| input.pointer.primary_down()) {
                asked = Some((from, to));
            }
        }
        if !ui.input(|input| input.pointer.primary_down()) {
            rack.carried = None;
        }
    }
    if let Some((from, to)) = asked {
        let range = view.registry.row(places[from].0).range();
        for (row, place) in order::moved(&places, from, to, range) {
            doings.send(row, crate::params::Change::Plain(place as f64));
        }
    }
}

/// The sections whose rows stand on this page.
fn sections() -> &'static [&'static str] {
    Page::Wear.sections()
}
