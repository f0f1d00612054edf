//! The window's end of the way to the desk that imports and looks after the library.
//!
//! The window only writes down what is asked for and reads how far it is: a short lock that no
//! thread holds while it works. The engine knows nothing of it.

use crate::{
    clip::clip_name,
    ui::{
        DeskNow, DeskWish, ExportAsk, ExportNews, ExportState, ImportAsk, ImportJob, JobState,
        TrialNews, TrialState,
    },
};
use crossbeam::channel::{Receiver, Sender, unbounded};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long the tile of an import that went well stays.
const DONE_SHOWN: Duration = Duration::from_secs(8);

/// An import, for the thread that makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportOrder {
    /// Its number on the board.
    pub id: u64,
    /// What is wanted.
    pub ask: ImportAsk,
}

/// A render, for the thread that makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportOrder {
    /// Its number on the board.
    pub id: u64,
    /// What is wanted.
    pub ask: ExportAsk,
}

/// What the desk has to show, shared by its threads and the window.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: DeskNow,
    /// Grows with whatever may be seen.
    version: u64,
    last_id: u64,
    /// When each import that went well was done.
    done: Vec<(u64, Instant)>,
}

impl Board {
    /// Everything there is to show.
    pub fn now(&self) -> DeskNow {
        self.put_away().now.clone()
    }

    /// Another number where there may be something else to show.
    pub fn version(&self) -> u64 {
        self.put_away().version
    }

    /// Takes the tiles away of what was done a while ago.
    fn put_away(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        let State { now, done, version, .. } = &mut *state;
        done.retain(|(id, at)| {
            let is_fresh = at.elapsed() < DONE_SHOWN;
            if !is_fresh {
                now.jobs.retain(|job| job.id != *id);
                *version += 1;
            }
            is_fresh
        });
        state
    }

    /// Changes something of it.
    pub fn change<T>(&self, change: impl FnOnce(&mut DeskNow) -> T) -> T {
        let mut state = self.lock();
        state.version += 1;
        change(&mut state.now)
    }

    /// Says how far an import is. Returns whether it is still wanted.
    pub fn tell(&self, id: u64, told: JobState) -> bool {
        let mut state = self.lock();
        let is_done = matches!(told, JobState::Done(_));
        let Some(job) = state.now.jobs.iter_mut().find(|job| job.id == id) else { return false };
        job.state = told;
        state.version += 1;
        if is_done {
            state.done.push((id, Instant::now()));
        }
        true
    }

    /// Says how far a render is. Returns whether it is still wanted.
    pub fn tell_export(&self, id: u64, told: ExportState) -> bool {
        let mut state = self.lock();
        let is_it = |news: &&mut Arc<ExportNews>| news.id == id && news.is_under_way();
        let Some(news) = state.now.export.as_mut().filter(is_it) else { return false };
        Arc::make_mut(news).state = told;
        state.version += 1;
        true
    }

    /// Puts a render on the board, where none is being made; gives its number.
    fn begin_export(&self, file: String) -> Option<u64> {
        let mut state = self.lock();
        if state.now.export.as_deref().is_some_and(ExportNews::is_under_way) {
            return None;
        }
        state.last_id += 1;
        let id = state.last_id;
        let now = ExportState::Running { part: 0.0, left_secs: None };
        state.now.export = Some(Arc::new(ExportNews { id, file, state: now }));
        state.version += 1;
        Some(id)
    }

    /// Puts an import on the board; gives its number.
    fn add(&self, name: String) -> u64 {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.now.jobs.push(ImportJob { id, name, state: JobState::Waiting });
        state.version += 1;
        id
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The window's end.
#[derive(Clone, Debug)]
pub struct ImportDesk {
    board: Board,
    imports: Sender<ImportOrder>,
    exports: Sender<ExportOrder>,
    wishes: Sender<DeskWish>,
}

/// What the desk's threads work off.
#[derive(Debug)]
pub struct DeskOrders {
    /// Videos that shall become clips.
    pub imports: Receiver<ImportOrder>,
    /// Clips that shall become files.
    pub exports: Receiver<ExportOrder>,
    /// Everything else.
    pub wishes: Receiver<DeskWish>,
}

impl ImportDesk {
    /// A desk that nobody works at yet, and what its threads work off.
    pub fn new() -> (Self, DeskOrders) {
        let ((imports, for_imports), (exports, for_exports)) = (unbounded(), unbounded());
        let (wishes, others) = unbounded();
        let board = Board::default();
        board.change(|now| now.is_open = true);
        let orders = DeskOrders { imports: for_imports, exports: for_exports, wishes: others };
        (Self { board, imports, exports, wishes }, orders)
    }

    /// What it has to show.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// A video shall become a clip of the set.
    pub fn import(&self, ask: ImportAsk) {
        let file = ask.path.file_name().unwrap_or(ask.path.as_os_str());
        let id = self.board.add(clip_name(None, &file.to_string_lossy()));
        if self.imports.send(ImportOrder { id, ask }).is_err() {
            let why = "nobody imports any more: the program is about to end".to_owned();
            self.board.tell(id, JobState::Failed(why));
        }
    }

    /// The import stops; one that is over goes from the board.
    pub fn cancel(&self, id: u64) {
        self.board.change(|now| now.jobs.retain(|job| job.id != id));
    }

    /// A clip along a function becomes a file; one at a time.
    fn export(&self, ask: ExportAsk) {
        let Some(id) = self.board.begin_export(ask.file.clone()) else { return };
        if self.exports.send(ExportOrder { id, ask }).is_err() {
            let why = "nobody renders any more: the program is about to end".to_owned();
            self.board.tell_export(id, ExportState::Failed(why));
        }
    }

    /// Something of the library, of a folder, or a render.
    pub fn wish(&self, wish: DeskWish) {
        match wish {
            DeskWish::Export(ask) => return self.export(*ask),
            DeskWish::CancelExport => {
                let id = self.board.now().export.map(|news| news.id);
                return id.into_iter().for_each(|id| {
                    self.board.tell_export(id, ExportState::Stopped);
                });
            }
            _ => {}
        }
        if matches!(wish, DeskWish::Look | DeskWish::PlanPrune(_) | DeskWish::Prune(_)) {
            self.board.change(|now| now.is_looking = true);
        }
        if let DeskWish::Try(ask) = &wish {
            let state = TrialState::Running(0.0);
            let news = TrialNews { ask: (**ask).clone(), state };
            self.board.change(|now| now.trial = Some(Arc::new(news)));
        }
        // Where nobody works any more, nobody waits for it either.
        let _ = self.wishes.send(wish);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cancelled_is_wanted_no_more() {
        let (desk, DeskOrders { imports: orders, .. }) = ImportDesk::new();
        let ask = ImportAsk { path: "/videos/a b.mp4".into(), ..ImportAsk::default() };
        desk.import(ask.clone());
        let order = orders.try_recv().expect("an order");
        assert_eq!(order.ask, ask);
        let board = desk.board();
        assert_eq!(board.now().jobs[0].name, "a b");
        assert!(board.tell(order.id, JobState::Running { part: 0.5, left_secs: None }));
        desk.cancel(order.id);
        assert!(!board.tell(order.id, JobState::Running { part: 0.6, left_secs: None }));
        assert_eq!(board.now().jobs, []);
        desk.import(ask);
        assert_ne!(orders.try_recv().expect("an order").id, order.id);
    }

    #[test]
    fn whatever_is_to_be_seen_is_another_version() {
        let (desk, DeskOrders { imports, exports: _exports, .. }) = ImportDesk::new();
        let board = desk.board();
        let mut versions = vec![board.version()];
        assert_eq!(board.version(), versions[0], "to look changes nothing");
        desk.import(ImportAsk { path: "/videos/a.mp4".into(), ..ImportAsk::default() });
        versions.push(board.version());
        let id = imports.try_recv().expect("an order").id;
        board.tell(id, JobState::Running { part: 0.5, left_secs: None });
        versions.push(board.version());
        desk.cancel(id);
        versions.push(board.version());
        desk.wish(DeskWish::Export(Box::default()));
        versions.push(board.version());
        desk.wish(DeskWish::CancelExport);
        versions.push(board.version());
        assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    }

    #[test]
    fn one_render_is_made_at_a_time_until_it_is_stopped() {
        let (desk, DeskOrders { exports, .. }) = ImportDesk::new();
        let wish = || {
            let ask = ExportAsk { file: "a.mkv".to_owned(), ..ExportAsk::default() };
            desk.wish(DeskWish::Export(Box::new(ask)));
        };
        wish();
        let first = exports.try_recv().expect("an order").id;
        wish();
        assert!(exports.try_recv().is_err(), "while one is made no other begins");
        let running = ExportState::Running { part: 0.5, left_secs: None };
        assert!(desk.board().tell_export(first, running.clone()));
        desk.wish(DeskWish::CancelExport);
        assert!(!desk.board().tell_export(first, running));
        let news = desk.board().now().export.expect("news");
        assert_eq!(news.state, ExportState::Stopped);
        wish();
        assert_ne!(exports.try_recv().expect("an order").id, first);
    }
}
