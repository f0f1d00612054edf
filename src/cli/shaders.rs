//! The shaders beside a set: made at the start, and looked after while playing by a thread of their own.

use crate::{
    decay::{Chain, ShaderChange, ShaderNews, Shelf, USER_STAGES, Workbench},
    engine::ShaderDesk,
    ports::Notices,
};
use anyhow::{Result, bail};
use crossbeam::channel::{Sender, TrySendError, bounded};
use std::{
    collections::VecDeque,
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

/// What the engine has not taken in yet: it takes nothing while the picture is held. Of each place the
/// latest change, so that there is no end to edits meanwhile.
#[derive(Default)]
struct Backlog(VecDeque<ShaderChange>);

impl Backlog {
    /// One more, in the place of those that it replaces; they are freed here.
    fn add(&mut self, change: ShaderChange) {
        self.0.retain(|earlier| !change.replaces(earlier));
        self.0.push_back(change);
    }

    /// Hands on as much as there is room for. Whether anybody is still there to take it.
    fn hand_on(&mut self, to: &Sender<ShaderChange>) -> bool {
        while let Some(change) = self.0.pop_front() {
            match to.try_send(change) {
                Ok(()) => {}
                Err(TrySendError::Full(change)) => {
                    self.0.push_front(change);
                    return true;
                }
                Err(TrySendError::Disconnected(_)) => return false,
            }
        }
        true
    }
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

/// The thread that looks whether shaders have come, changed or gone. It never waits for the engine, and
/// ends with it or when it is told to.
pub fn watch(
    shaders: Shaders,
    notices: Notices,
    quit: Arc<AtomicBool>,
) -> Result<(ShaderDesk, JoinHandle<()>)> {
    let (send, changes) = bounded(CHANGES);
    let (retired, old) = bounded(CHANGES);
    let thread = thread::Builder::new().name("user-shaders".to_owned()).spawn(move || {
        let Shaders { mut shelf, bench } = shaders;
        let mut backlog = Backlog::default();
        while !quit.load(Ordering::Relaxed) {
            thread::sleep(LOOK_EVERY);
            // What was replaced is freed here.
            old.try_iter().for_each(drop);
            let look = AssertUnwindSafe(|| shelf.look(&bench, true));
            let Ok(ShaderNews { changes, lines, problems }) = catch_unwind(look) else {
                notices.error("a shader could not be looked through: please report its text");
                continue;
            };
            changes.into_iter().for_each(|change| backlog.add(change));
            if !backlog.hand_on(&send) {
                return;
            }
            lines.into_iter().for_each(|line| notices.info(line));
            problems.into_iter().for_each(|problem| notices.warn(problem.to_string()));
        }
    })?;
    Ok((ShaderDesk { changes, retired }, thread))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gpu::adapter_at_hand, params::Registry};
    use std::fs;

    const LOOKS: usize = 3;

    #[test]
    fn edits_go_on_while_the_engine_takes_nothing() {
        let Some(gpu) = adapter_at_hand() else { return };
        let registry = Arc::new(Registry::join(&[crate::decay::PARAMS.as_slice()]).expect("rows"));
        let mut chain = Chain::new(gpu, &registry, 16, 16, 0).expect("a chain");
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::new(folder.path(), registry);
        let shaders = place(shelf, &mut chain, None).expect("no shader yet");
        let (notices, quit) = (Notices::default(), Arc::new(AtomicBool::new(false)));
        let (desk, thread) = watch(shaders, notices.clone(), Arc::clone(&quit)).expect("a thread");
        // All places, each edited more often than there is room on the way.
        for look in 0..=LOOKS {
            for number in 0..USER_STAGES {
                let text =
                    format!("fn stage(at: vec2<f32>) -> vec3<f32> {{ return vec3({look}.0); }}");
                let text = format!("{text}{}", " ".repeat(look));
                fs::write(folder.path().join(format!("s{number}.wgsl")), text).expect("written");
            }
            for _ in 0..USER_STAGES {
                let said = std::iter::repeat_with(|| {
                    thread::sleep(Duration::from_millis(5));
                    notices.take()
                });
                let said = said.flatten().next().expect("it goes on for ever");
                assert!(said.text.ends_with("is in play"), "{}", said.text);
            }
        }
        // As many as there is room for, then the latest of every place.
        let mut taken = Vec::new();
        while taken.len() < CHANGES + USER_STAGES {
            taken.push(desk.changes.recv_timeout(Duration::from_secs(60)).expect("a change"));
        }
        thread::sleep(3 * LOOK_EVERY);
        assert!(desk.changes.try_recv().is_err(), "the edits between are not made any more");
        let latest = &taken[CHANGES..];
        for (number, change) in latest.iter().enumerate() {
            assert!(latest[..number].iter().all(|other| !change.replaces(other)));
        }
        // Full again, and nobody takes: it ends when it is told to.
        quit.store(true, Ordering::Relaxed);
        thread.join().expect("it ends");
    }
}
