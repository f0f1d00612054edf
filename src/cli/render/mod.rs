//! `residua render`.

use super::{
    options::{FunctionOption, RenderOptions},
    scene::Scene,
};
use crate::{
    media::Recorder,
    ports::{PictureSink, Shown},
};
use anyhow::{Context, Result, bail};
use crossbeam::channel::{Sender, bounded};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Gives every picture to the recorder, waiting where it is behind. A recorder that has ended by
/// itself ends the render.
struct Patient {
    recorder: Option<Recorder>,
    back: Sender<Recorder>,
    quit: Arc<AtomicBool>,
}

impl PictureSink for Patient {
    fn offer(&mut self, shown: &Shown) -> bool {
        let is_taken = self.recorder.as_mut().is_some_and(|recorder| recorder.write(shown));
        if !is_taken {
            self.quit.store(true, Ordering::Relaxed);
        }
        is_taken
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            let _ = self.back.send(recorder);
        }
    }
}

pub fn run(options: &RenderOptions) -> Result<()> {
    let function = match options.function {
        FunctionOption::RectifiedSine => 0.0,
        FunctionOption::Sinusoid => 1.0,
    };
    let extra = [
        ("playhead.mode", 2.0),
        ("playhead.function", function),
        ("playhead.superframes", f64::from(options.superframes)),
        ("playhead.frequency", options.frequency),
    ];
    let Scene { canvas, notices, mut engine, trace, .. } =
        Scene::build(&options.scene, false, &extra)?;
    let recorder = Recorder::start(&options.output, canvas, notices.clone())?;
    let path = recorder.path().to_owned();
    let (back, finished) = bounded(1);
    let quit = Arc::new(AtomicBool::new(false));
    let patient = Patient { recorder: Some(recorder), back, quit: Arc::clone(&quit) };
    engine.add_sink(Box::new(patient));
    let stop = Arc::clone(&quit);
    ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be caught")?;
    let slots = engine.slots_of_superframes(options.superframes);
    engine.run_offline(&quit, slots);
    let has_failed = engine.has_failed();
    drop(engine);
    let recorded = finished.recv().map(Recorder::finish);
    if let Some(trace) = trace {
        trace.join();
    }
    while let Some(notice) = notices.take() {
        eprintln!("residua: {}", notice.text);
    }
    if let Ok(recorded) = recorded {
        recorded?;
    }
    if has_failed || quit.load(Ordering::Relaxed) {
        bail!("{} is not whole: the render ended early", path.display());
    }
    println!("{}", path.display());
    Ok(())
}
