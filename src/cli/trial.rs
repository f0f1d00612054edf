//! Tries the first two seconds of a source on the thread of the library's desk.

use super::{
    import_desk::{DeskTools, entry},
    line,
};
use crate::{
    library::LibraryError,
    media::{ImportError, Progress, Sheet, Trial},
    ui::{ImportAsk, TrialNews, TrialShown, TrialState},
};
use std::{ops::ControlFlow, sync::Arc};

/// Tries what is asked for, until another try is asked for.
pub fn work(tools: &DeskTools, ask: ImportAsk) {
    let tell = |state: TrialState| {
        let news = Arc::new(TrialNews { ask: ask.clone(), state });
        tools.board.change(|now| {
            let is_wanted = now.trial.as_ref().is_some_and(|trial| trial.ask == ask);
            if is_wanted {
                now.trial = Some(news);
            }
            is_wanted && !tools.is_over()
        })
    };
    let request = entry(ask.clone()).and_then(|entry| {
        let canvas = tools.newcomers.canvas();
        tools.conform.request(&entry, canvas).map_err(|error| line(&error))
    });
    let request = match request {
        Ok(request) => request,
        Err(why) => {
            tell(TrialState::Failed(why));
            return;
        }
    };
    let mut progress = |Progress { part, .. }: Progress| match tell(TrialState::Running(part)) {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    };
    let state = match tools.library.trial(&request, &mut progress) {
        Ok(trial) => TrialState::Done(shown(trial)),
        Err(LibraryError::Import(ImportError::Stopped)) => return,
        Err(error) => TrialState::Failed(error.to_string().replace('\n', " ")),
    };
    tell(state);
}

fn shown(trial: Trial) -> TrialShown {
    let Trial { meta, sheet } = trial;
    let size = sheet.size();
    let Sheet { width, height, count, hertz, rgba, .. } = sheet;
    TrialShown {
        hold: meta.hold_badge(),
        points: meta.mosh_hold.iter().map(|at| (at.after_secs, at.correlation)).collect(),
        picture: [width, height],
        size,
        count,
        hertz,
        rgba,
    }
}
