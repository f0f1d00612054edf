//! The threads behind the engine's desks: recorders, grabbed pictures, clips made while playing.
//!
//! Each waits for requests and does what a tick must not do: files, encoders, imports. They end when
//! the engine does.

use super::{
    intra, line,
    newcomers::{self, Newcomers},
    options::ConformOptions,
    thumbnails::Thumbnails,
};
use crate::{
    bitstream::Stream,
    clip::{self, Clip},
    engine::{Desk, DeskRequest, GrabDesk, GrabRequest, Grabbed},
    library::{Library, Loaded},
    media::{ImportRequest, Recall, Recorder, StillCoder},
    ports::{Notices, PictureSink},
    units::{Canvas, Picture},
};
use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::{
    fs,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Requests that may wait: one for each slot of a performer's eight, pressed at once.
const GRABS_WAITING: usize = 8;

/// The thread that makes and finishes recorders.
pub fn recorders(
    path: PathBuf,
    canvas: Canvas,
    notices: Notices,
) -> Result<(Desk, JoinHandle<()>)> {
    // One request of each kind may wait: the engine asks for nothing twice.
    let (requests, orders): (Sender<DeskRequest>, Receiver<DeskRequest>) = bounded(4);
    let (made, recorders) = bounded(1);
    let thread = thread::Builder::new().name("recorder-desk".to_owned()).spawn(move || {
        for order in orders {
            match order {
                DeskRequest::Start => {
                    let recorder = match Recorder::start(&path, canvas, notices.clone()) {
                        Ok(recorder) => {
                            let file = recorder.path();
                            notices.wrote(format!("recording {}", file.display()), file);
                            Some(Box::new(recorder) as Box<dyn PictureSink>)
                        }
                        Err(error) => {
                            notices.error(error.to_string());
                            None
                        }
                    };
                    if made.send(recorder).is_err() {
                        return;
                    }
                }
                // A recorder finishes its file when it is dropped, and says so.
                DeskRequest::Finish(recorder) => drop(recorder),
            }
        }
    })?;
    Ok((Desk { requests, recorders }, thread))
}

/// The thread that codes grabbed pictures, and keeps them in the set's folder where there is one.
/// `like` is a clip whose coding is prepared for, so that the first grab is as quick as the rest;
/// `thumbnails` is told what each slot holds.
pub fn grabs(
    folder: Option<PathBuf>,
    like: Option<Arc<Clip>>,
    thumbnails: Thumbnails,
    notices: Notices,
) -> Result<(GrabDesk, JoinHandle<()>)> {
    let (requests, orders) = bounded::<GrabRequest>(GRABS_WAITING);
    let (done, grabs) = bounded(GRABS_WAITING);
    let thread = thread::Builder::new().name("grabs".to_owned()).spawn(move || {
        let mut coder = StillCoder::new();
        if let Some(like) = like
            && let Err(error) = coder.prepare(like.meta.canvas, &like.meta.coding)
        {
            notices.warn(format!("pictures cannot be grabbed: {error}"));
        }
        for order in orders {
            let is_again = matches!(order, GrabRequest::Again { .. });
            let (slot, coded) = match order {
                GrabRequest::Take { slot, picture, like } => {
                    let coded = code(&mut coder, &picture, &like);
                    // The picture is free again before the file is written.
                    drop(picture);
                    (slot, coded)
                }
                GrabRequest::Again { slot, stream, like } => {
                    let picture =
                        intra::first(&stream, like.meta.canvas).context("the picture kept before");
                    (slot, picture.and_then(|picture| code(&mut coder, &picture, &like)))
                }
                GrabRequest::Retire(stream) => {
                    drop(stream);
                    continue;
                }
            };
            let stream = match coded {
                Ok(stream) => Some(Arc::new(stream)),
                Err(error) => {
                    notices.error(format!("slot {} was not filled: {}", slot + 1, line(&error)));
                    None
                }
            };
            if done.send(Grabbed { slot, stream: stream.clone(), is_again }).is_err() {
                return;
            }
            if let Some(stream) = stream.as_ref().filter(|_| !is_again) {
                thumbnails.add_grab(slot, stream);
            }
            if let (Some(folder), Some(stream)) = (&folder, &stream)
                && !is_again
                && let Err(error) = clip::write_grab(folder, slot as u8 + 1, stream)
            {
                notices.warn(format!("slot {} is not kept: {error}", slot + 1));
            }
        }
    })?;
    Ok((GrabDesk { requests, grabs }, thread))
}

fn code(coder: &mut StillCoder, picture: &Picture, like: &Clip) -> Result<Stream> {
    Ok(coder.encode(picture, like.meta.canvas, &like.meta.coding)?)
}

/// What a resample is made from, and where it goes.
pub struct Resampling {
    /// The last seconds of the programme.
    pub recall: Recall,
    /// Where clips go.
    pub library: Library,
    /// How the set's own clips are imported.
    pub conform: ConformOptions,
    /// The clip whose canvas and coding the new ones get.
    pub like: Arc<Clip>,
}

/// The thread that makes clips of the programme, for requests of so many seconds; `quit` ends one that
/// is being made.
pub fn resamples(
    resampling: Resampling,
    newcomers: Newcomers,
    notices: Notices,
    quit: Arc<AtomicBool>,
) -> Result<(Sender<f64>, JoinHandle<()>)> {
    let (requests, orders) = bounded::<f64>(1);
    let thread = thread::Builder::new().name("resample".to_owned()).spawn(move || {
        for secs in orders {
            let made =
                resample(&resampling, secs, &quit).and_then(|Loaded { clip, folder, .. }| {
                    let entry = newcomers::entry_of(&clip.meta, &folder, None, &resampling.conform);
                    newcomers.add(Arc::new(clip), entry).map_err(anyhow::Error::msg)
                });
            match made {
                Ok(_) => {}
                Err(_) if quit.load(Ordering::Relaxed) => return,
                Err(error) => notices.error(format!("no clip was made: {}", line(&error))),
            }
        }
    })?;
    Ok((requests, thread))
}

fn resample(resampling: &Resampling, secs: f64, quit: &AtomicBool) -> Result<Loaded> {
    let Resampling { recall, library, like, .. } = resampling;
    let folder = library.resamples_folder();
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let saved = recall.save(secs, &folder.join("resample.mkv"))?;
    let request = ImportRequest {
        fit: like.meta.fit,
        coding: like.meta.coding.clone(),
        ..ImportRequest::new(saved.path, like.meta.canvas)
    };
    // The end of the show does not wait for a clip that nobody will play.
    let mut tell = |_| match quit.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    Ok(library.load(&request, &mut tell)?)
}
