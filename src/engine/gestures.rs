//! Gestures: what presses do, and what waits for the beat.
//!
//! On the engine thread, without allocation: every row has its place from the start, and what waits
//! stands in a list of fixed size. Whatever hand an event comes from, it is met here first.

use super::beat::Beat;
use crate::params::{
    CAPACITY, Change, ControlEvent, Gesture, Grid, Kind, ParamIndex, ParamSpec, Source,
};

/// What may wait for the beat at once: more than all fingers and all pads there are.
const WAITING_MAX: usize = 256;

/// How long a one-shot is on where it has no grid, in seconds.
const ONE_SHOT_SECS: f64 = 0.25;

/// What presses do to each row, and what it waits for: where somebody has said so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    gestures: Vec<Option<Gesture>>,
    grids: Vec<Grid>,
    version: u64,
}

impl Habits {
    pub(super) fn new() -> Self {
        Self { gestures: vec![None; CAPACITY], grids: vec![Grid::Off; CAPACITY], version: 1 }
    }

    /// What presses do to a row, where it was changed.
    pub fn changed_gesture(&self, row: ParamIndex) -> Option<Gesture> {
        self.gestures.get(row.dense()).copied().flatten()
    }

    /// What presses do to a row.
    pub fn gesture(&self, index: ParamIndex, row: &ParamSpec) -> Gesture {
        self.changed_gesture(index).unwrap_or(row.gesture)
    }

    /// What a row's triggers and presses wait for.
    pub fn grid(&self, row: ParamIndex) -> Grid {
        self.grids.get(row.dense()).copied().unwrap_or_default()
    }

    fn set_gesture(&mut self, index: ParamIndex, row: &ParamSpec, gesture: Gesture) {
        self.gestures[index.dense()] = (gesture != row.gesture).then_some(gesture);
        self.version += 1;
    }

    fn set_grid(&mut self, index: ParamIndex, grid: Grid) {
        self.grids[index.dense()] = grid;
        self.version += 1;
    }

    /// What was set of a row goes for the one that stands for it now.
    fn hand_down(&mut self, old: ParamIndex, new: ParamIndex) {
        self.gestures[new.dense()] = self.gestures[old.dense()];
        self.set_grid(new, self.grids[old.dense()]);
    }

    /// The same, where a row that waits for nothing of its own waits for this grid.
    fn grid_or(&self, row: ParamIndex, other: Grid) -> Grid {
        match self.grid(row) {
            Grid::Off => other,
            own => own,
        }
    }

    /// Copies another's, where they differ.
    pub fn copy_from(&mut self, other: &Self) {
        if self.version != other.version {
            self.gestures.clone_from(&other.gestures);
            self.grids.clone_from(&other.grids);
            self.version = other.version;
        }
    }
}

/// How an event is met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meeting {
    /// It is obeyed now.
    Now(Deed),
    /// It waits, or there is nothing to do.
    Done,
    /// It should wait, and there is no room.
    Refused,
}

/// What is to be done to a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Deed {
    /// The change, by whoever made it.
    pub event: ControlEvent,
    /// Whether it passes when somebody lets go: nothing to be undone.
    pub is_passing: bool,
    /// The plain value before, where what stands there now was passing.
    pub from: Option<f64>,
    /// The clip whose own value it is, where a press began it: a release is of the clip that was
    /// pressed, whichever is in play by then.
    pub held_in: Option<HeldIn>,
    /// Whether it waited for the beat.
    pub has_waited: bool,
}

/// The clip (from 0) in which a row is held; `None` where clips do not keep the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldIn(pub Option<u16>);

/// What a row that is held was before, and what it goes to when it is let go (plain values).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    was: f64,
    to: f64,
    place: HeldIn,
}

/// When what waits is due.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Due {
    Step(Grid),
    /// After so many ticks.
    Ticks(u32),
}

/// What happens then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// This change, once.
    Once(Change),
    /// It fires, with this force, and again at every step.
    Repeat { force: f64, has_fired: bool },
    /// It goes on, for as long as it is held; whether it was let go already.
    On { on: Change, off: Held, is_let_go: bool },
    /// It goes on for one step.
    Pulse { on: Change, off: Held },
    /// It goes back.
    Off(Held),
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    param: ParamIndex,
    source: Source,
    what: What,
    due: Due,
}

/// What presses have begun, and what waits.
#[derive(Debug)]
pub(super) struct Gestures {
    habits: Habits,
    waiting: Vec<Waiting>,
    /// Rows that somebody holds.
    held: Vec<(ParamIndex, Held)>,
    one_shot_ticks: u32,
}

impl Gestures {
    /// At `hertz` ticks a second.
    pub fn new(hertz: f64) -> Self {
        Self {
            habits: Habits::new(),
            waiting: Vec::with_capacity(WAITING_MAX),
            held: Vec::with_capacity(WAITING_MAX),
            one_shot_ticks: (ONE_SHOT_SECS * hertz).round().max(1.0) as u32,
        }
    }

    /// What presses do, and what waits for what.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// Puts back what presses do to a row.
    pub fn put_gesture(&mut self, param: ParamIndex, row: &ParamSpec, gesture: Gesture) {
        self.habits.set_gesture(param, row, gesture);
    }

    /// Puts back what a row waits for.
    pub fn put_grid(&mut self, param: ParamIndex, grid: Grid) {
        self.habits.set_grid(param, grid);
    }

    /// Meets an event on a row whose plain value is `plain`, in the clip `place`. `jumps` is the grid
    /// of jumps where the row is one, else off.
    pub fn meet(
        &mut self,
        event: &ControlEvent,
        row: &ParamSpec,
        (plain, place): (f64, HeldIn),
        jumps: Grid,
    ) -> Meeting {
        let param = event.param;
        let grid = self.habits.grid_or(param, jumps);
        match event.change {
            Change::Gesture(gesture) => {
                self.habits.set_gesture(param, row, gesture);
                Meeting::Done
            }
            Change::Quantise(grid) => {
                self.habits.set_grid(param, grid);
                Meeting::Done
            }
            Change::Exclude(_) => now(event, event.change),
            Change::Press(force) => self.press(event, row, (plain, place), grid, force),
            Change::Release => self.release(event, row, grid),
            change if row.kind == Kind::Trigger => match force_of(change) {
                Some(force) => self.at_step(event, grid, What::Once(Change::Press(force))),
                None => Meeting::Done,
            },
            change => {
                // Exact control: whatever a press has begun is over. Of what waits, nudges add up.
                let from = self.let_go(param, place).map(|held| held.was);
                if !matches!(change, Change::Nudge(_)) {
                    // What another clip keeps goes back as it was to.
                    self.forget(param, |what| match what {
                        What::Off(held) => held.place == place,
                        _ => true,
                    });
                }
                // Only jumps wait: a fader is where it is.
                let grid = if jumps == Grid::Off { Grid::Off } else { grid };
                match self.at_step(event, grid, What::Once(change)) {
                    Meeting::Now(deed) => Meeting::Now(Deed { from, ..deed }),
                    waits => waits,
                }
            }
        }
    }

    fn press(
        &mut self,
        event: &ControlEvent,
        row: &ParamSpec,
        (plain, place): (f64, HeldIn),
        grid: Grid,
        force: f64,
    ) -> Meeting {
        if row.is_meter || row.kind == Kind::Reference || force.is_nan() || force <= 0.0 {
            return Meeting::Done;
        }
        let param = event.param;
        let gesture = self.habits.gesture(param, row);
        if row.kind == Kind::Trigger {
            return match gesture {
                _ if grid == Grid::Off => now(event, Change::Press(force)),
                Gesture::OneShot => self.at_step(event, grid, What::Once(Change::Press(force))),
                Gesture::Latch if self.forget(param, is_repeat) => Meeting::Done,
                Gesture::Hold | Gesture::Latch => {
                    if gesture == Gesture::Hold
                        && !self.hold(param, Held { was: 0.0, to: 0.0, place })
                    {
                        return Meeting::Refused;
                    }
                    self.at_step(event, grid, What::Repeat { force, has_fired: false })
                }
            };
        }
        // Where it is passing already, it goes back to where it came from.
        let under_way = self.let_go(param, place);
        let was = under_way.map_or(plain, |held| held.was);
        let (on, off) = match row.kind {
            Kind::Bool => (Change::Plain(1.0), Held { was, to: 0.0, place }),
            _ => (Change::Normalised(force), Held { was, to: was, place }),
        };
        match gesture {
            Gesture::Hold => {
                if !self.hold(param, off) {
                    return Meeting::Refused;
                }
                match under_way {
                    Some(_) => passing(event, on, place),
                    None => self.at_step(event, grid, What::On { on, off, is_let_go: false }),
                }
            }
            Gesture::Latch => {
                let change = if row.kind == Kind::Bool { Change::Toggle } else { on };
                match self.at_step(event, grid, What::Once(change)) {
                    Meeting::Now(deed) => {
                        Meeting::Now(Deed { from: under_way.map(|held| held.was), ..deed })
                    }
                    waits => waits,
                }
            }
            Gesture::OneShot => self.at_step(event, grid, What::Pulse { on, off }),
        }
    }

    fn release(&mut self, event: &ControlEvent, row: &ParamSpec, grid: Grid) -> Meeting {
        let param = event.param;
        // The latest press of it: two clips may hold it.
        let Some(place) = self.held.iter().rposition(|(held, _)| *held == param) else {
            return Meeting::Done;
        };
        let (_, off) = self.held.remove(place);
        for place in 0..self.waiting.len() {
            let Waiting { param: of, due, .. } = self.waiting[place];
            match &mut self.waiting[place].what {
                _ if of != param => {}
                // A tap between two steps is a step long.
                What::On { is_let_go, .. } => {
                    *is_let_go = true;
                    return Meeting::Done;
                }
                // It fires once at least.
                What::Repeat { force, has_fired: false } => {
                    let once = What::Once(Change::Press(*force));
                    self.waiting.remove(place);
                    return self.wait(event, once, due);
                }
                _ => {}
            }
        }
        if row.kind == Kind::Trigger {
            self.forget(param, is_repeat);
            return Meeting::Done;
        }
        self.at_step(event, grid, What::Off(off))
    }

    /// Does it now where there is no grid, else at its next step, in the place of whatever of its
    /// kind waits for that row already.
    fn at_step(&mut self, event: &ControlEvent, grid: Grid, what: What) -> Meeting {
        match what {
            _ if grid != Grid::Off => self.wait(event, what, Due::Step(grid)),
            What::Once(change) => now(event, change),
            What::Repeat { force, .. } => now(event, Change::Press(force)),
            What::On { on, off, .. } => passing(event, on, off.place),
            What::Off(held) => match passing(event, Change::Plain(held.to), held.place) {
                Meeting::Now(deed) => {
                    Meeting::Now(Deed { is_passing: false, from: Some(held.was), ..deed })
                }
                other => other,
            },
            What::Pulse { on, off } => {
                match self.wait(event, What::Off(off), Due::Ticks(self.one_shot_ticks)) {
                    Meeting::Done => passing(event, on, off.place),
                    refused => refused,
                }
            }
        }
    }

    fn wait(&mut self, event: &ControlEvent, what: What, due: Due) -> Meeting {
        let ControlEvent { param, source, change } = *event;
        let is_alike = |waiting: &&mut Waiting| {
            let is_same = std::mem::discriminant(&waiting.what) == std::mem::discriminant(&what);
            waiting.param == param && is_same
        };
        let new = Waiting { param, source, what, due };
        let is_added = matches!(change, Change::Nudge(_));
        if let Some(alike) = self.waiting.iter_mut().find(is_alike).filter(|_| !is_added) {
            *alike = new;
            return Meeting::Done;
        }
        if self.waiting.len() == WAITING_MAX {
            return Meeting::Refused;
        }
        self.waiting.push(new);
        Meeting::Done
    }

    /// What waits for the beat to be done to a row, the latest of it, and the step that it waits for.
    pub fn awaited(&self, param: ParamIndex) -> Option<(Change, Grid)> {
        self.waiting.iter().rev().filter(|waiting| waiting.param == param).find_map(
            |waiting| match (waiting.what, waiting.due) {
                (
                    What::Once(change)
                    | What::On { on: change, .. }
                    | What::Pulse { on: change, .. },
                    Due::Step(grid),
                ) => Some((change, grid)),
                _ => None,
            },
        )
    }

    /// A row was declared in another way: what presses do to it is what they did.
    pub fn hand_down(&mut self, old: ParamIndex, new: ParamIndex) {
        self.habits.hand_down(old, new);
    }

    /// How many things wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What is due in this tick, one after the other: `place` begins at 0 and is moved on.
    pub fn due(&mut self, place: &mut usize, beat: &Beat) -> Option<Deed> {
        while let Some(waiting) = self.waiting.get_mut(*place) {
            let is_due = match &mut waiting.due {
                Due::Step(grid) => beat.has_stepped(*grid),
                Due::Ticks(ticks) => {
                    let is_due = *ticks == 0;
                    *ticks = ticks.saturating_sub(1);
                    is_due
                }
            };
            if !is_due {
                *place += 1;
                continue;
            }
            let (change, then, held) = match waiting.what {
                What::Once(change) => (change, None, None),
                What::Repeat { force, .. } => {
                    let then = What::Repeat { force, has_fired: true };
                    (Change::Press(force), Some(then), None)
                }
                What::On { on, off, is_let_go: false } => (on, None, Some(off)),
                What::On { on, off, is_let_go: true } | What::Pulse { on, off } => {
                    (on, Some(What::Off(off)), Some(off))
                }
                What::Off(held) => (Change::Plain(held.to), None, Some(held)),
            };
            let is_off = matches!(waiting.what, What::Off(_));
            let is_passing = held.is_some() && !is_off;
            let from = held.filter(|_| is_off).map(|held| held.was);
            let held_in = held.map(|held| held.place);
            let event = ControlEvent { param: waiting.param, change, source: waiting.source };
            match then {
                Some(what) => {
                    waiting.what = what;
                    *place += 1;
                }
                None => {
                    self.waiting.remove(*place);
                }
            }
            return Some(Deed { event, is_passing, from, held_in, has_waited: true });
        }
        None
    }

    /// Nothing waits any more, and nothing is held: gives each row that was, and the plain value that
    /// it goes back to.
    pub fn clear(&mut self, mut back: impl FnMut(ParamIndex, HeldIn, f64)) {
        for waiting in self.waiting.drain(..) {
            if let What::Off(held) = waiting.what {
                back(waiting.param, held.place, held.to);
            }
        }
        self.held.drain(..).for_each(|(param, held)| back(param, held.place, held.to));
    }

    /// A row is held no more, and does not go back by itself.
    pub fn forget_row(&mut self, param: ParamIndex, place: HeldIn) {
        self.let_go(param, place);
    }

    /// Nobody holds a row any more, and nothing waits to turn it on. Returns what it would have gone
    /// back to, where it is on.
    fn let_go(&mut self, param: ParamIndex, place: HeldIn) -> Option<Held> {
        let held = self.held.iter().position(|(of, held)| (*of, held.place) == (param, place));
        let held = held.map(|held| self.held.remove(held).1);
        let has_waited =
            self.forget(param, |what| matches!(what, What::On { .. } | What::Pulse { .. }));
        let goes_back = self.waiting.iter().position(|waiting| {
            let is_back = matches!(waiting.what, What::Off(held) if held.place == place);
            waiting.param == param && is_back
        });
        match goes_back.map(|place| self.waiting.remove(place).what) {
            Some(What::Off(held)) => Some(held),
            _ => held.filter(|_| !has_waited),
        }
    }

    /// Somebody holds a row. Returns whether there was room to remember it.
    fn hold(&mut self, param: ParamIndex, off: Held) -> bool {
        let is_it = |(of, held): &&mut (ParamIndex, Held)| (*of, held.place) == (param, off.place);
        if let Some((_, held)) = self.held.iter_mut().find(is_it) {
            *held = off;
            return true;
        }
        let has_room = self.held.len() < WAITING_MAX;
        if has_room {
            self.held.push((param, off));
        }
        has_room
    }

    /// What of this kind waits for a row waits no more. Returns whether there was any.
    fn forget(&mut self, param: ParamIndex, is_meant: impl Fn(&What) -> bool) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.param != param || !is_meant(&waiting.what));
        self.waiting.len() < before
    }
}

fn is_repeat(what: &What) -> bool {
    matches!(what, What::Repeat { .. })
}

fn now(event: &ControlEvent, change: Change) -> Meeting {
    let event = ControlEvent { change, ..*event };
    let (is_passing, from, held_in, has_waited) = (false, None, None, false);
    Meeting::Now(Deed { event, is_passing, from, held_in, has_waited })
}

fn passing(event: &ControlEvent, change: Change, place: HeldIn) -> Meeting {
    let event = ControlEvent { change, ..*event };
    let (is_passing, from, held_in, has_waited) = (true, None, Some(place), false);
    Meeting::Now(Deed { event, is_passing, from, held_in, has_waited })
}

/// The force with which a change fires a trigger. Its value is the gate of a pad or a button: it
/// fires on the way up.
fn force_of(change: Change) -> Option<f64> {
    match change {
        Change::Fire | Change::Toggle => Some(1.0),
        Change::Plain(force) | Change::Normalised(force) | Change::Press(force) if force > 0.0 => {
            Some(force.min(1.0))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "gestures_tests.rs"]
mod tests;
