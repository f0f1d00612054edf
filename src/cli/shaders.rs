//! The shaders beside a set: made at the start, and looked after while playing by a thread of their own.

use crate::{
    decay::{Chain, ShaderNews, Shelf, USER_STAGES, Workbench},
    engine::ShaderDesk,
    ports::Notices,
};
use anyhow::{Result, bail};
use crossbeam::channel::bounded;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often the folder is looked into. An edit is dealt with at the second look that finds it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Changes on their way: all stages may come and go at once.
const CHANGES: usize = 2 * USER_STAGES;

/// What the shaders of a set are looked after with.
pub struct Shaders {
    shelf: Shelf,
    bench: Workbench,
}

/// Makes the shaders of a set and puts them into a chain. With `notices` a shader that cannot be had is
/// told there, and the rest plays.
///
/// # Errors
/// Without `notices`, the first shader that cannot be had.
pub fn place(mut shelf: Shelf, chain: &mut Chain, notices: Option<&Notices>) -> Result<Shaders> {
    let bench = chain.workbench();
    let ShaderNews { changes, problems, .. } = shelf.look(&bench, false);
    for problem in problems {
        match notices {
            Some(notices) => notices.warn(problem.to_string()),
            None => bail!(problem),
        }
    }
    for change in changes {
        drop(chain.exchange(change));
    }
    Ok(Shaders { shelf, bench })
}

/// The thread that looks whether shaders have come, changed or gone. It ends with the engine.
pub fn watch(
    shaders: Shaders,
    notices: Notices,
    quit: Arc<AtomicBool>,
) -> Result<(ShaderDesk, JoinHandle<()>)> {
    let (send, changes) = bounded(CHANGES);
    let (retired, old) = bounded(CHANGES);
    let thread = thread::Builder::new().name("user-shaders".to_owned()).spawn(move || {
        let Shaders { mut shelf, bench } = shaders;
        while !quit.load(Ordering::Relaxed) {
            thread::sleep(LOOK_EVERY);
            // What was replaced is freed here.
            old.try_iter().for_each(drop);
            let look = AssertUnwindSafe(|| shelf.look(&bench, true));
            let Ok(ShaderNews { changes, lines, problems }) = catch_unwind(look) else {
                notices.error("a shader could not be looked through: please report its text");
                continue;
            };
            for change in changes {
                if send.send(change).is_err() {
                    return;
                }
            }
            lines.into_iter().for_each(|line| notices.info(line));
            problems.into_iter().for_each(|problem| notices.warn(problem.to_string()));
        }
    })?;
    Ok((ShaderDesk { changes, retired }, thread))
}
