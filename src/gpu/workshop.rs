//! Pipelines made off the engine thread: asked for by key, fetched when they are there.

use super::{
    device::{Gpu, one_line},
    shader::ShaderError,
};
use crossbeam::channel::{Receiver, Sender, bounded, never};
use std::{any::Any, fmt, io, panic, thread};

/// Pipelines under way at once. One performer changes one thing at a time; more is asked for again.
const JOBS: usize = 16;

/// What came of a job.
pub type Made<K> = (K, Result<wgpu::ComputePipeline, ShaderError>);

/// A thread that makes pipelines. Asking and fetching never wait; when it is dropped, what is in work is
/// finished and the rest left.
pub struct Workshop<K> {
    jobs: Option<Sender<K>>,
    made: Receiver<Made<K>>,
    worker: Option<thread::JoinHandle<()>>,
}

impl<K: fmt::Debug + Send + 'static> Workshop<K> {
    /// Starts the thread; `make` makes the pipeline of a key. Where it panics, that key has an error.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        gpu: Gpu,
        make: impl Fn(&Gpu, &K) -> Result<wgpu::ComputePipeline, ShaderError> + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, asked) = bounded::<K>(JOBS);
        // As many as can be under way, so that the worker never waits for the engine.
        let (give, made) = bounded(JOBS + 1);
        let worker = thread::Builder::new().name("shaders".to_owned()).spawn(move || {
            for key in asked {
                // Nothing is changed by `make` that could be left half done.
                let work = panic::AssertUnwindSafe(|| make(&gpu, &key));
                let pipeline = panic::catch_unwind(work)
                    .unwrap_or_else(|panicked| Err(broken_down(&key, panicked.as_ref())));
                if give.send((key, pipeline)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs: Some(jobs), made, worker: Some(worker) })
    }

    /// Asks for a pipeline; false when too many are under way: ask again later.
    pub fn ask(&self, key: K) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(key).is_ok())
    }

    /// A pipeline that is ready, if there is one.
    pub fn fetch(&self) -> Option<Made<K>> {
        self.made.try_recv().ok()
    }

    /// Waits for the next pipeline that was asked for. `None` when the worker has ended.
    pub fn wait(&self) -> Option<Made<K>> {
        self.made.recv().ok()
    }
}

impl<K> Workshop<K> {
    /// Lets the worker end once it has finished what is in work.
    fn close(&mut self) {
        self.jobs = None;
        // Nobody takes what it makes: that ends it before the next key.
        self.made = never();
    }
}

impl<K> Drop for Workshop<K> {
    fn drop(&mut self) {
        self.close();
        if let Some(worker) = self.worker.take() {
            // The panics of its work are contained.
            let _ = worker.join();
        }
    }
}

/// What is told of a key whose making panicked.
fn broken_down(key: &impl fmt::Debug, panicked: &(dyn Any + Send)) -> ShaderError {
    let text = panicked.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panicked.downcast_ref::<String>().map(String::as_str));
    ShaderError {
        name: format!("{key:?}"),
        entry: "any".to_owned(),
        reason: format!("its making broke down: {}", one_line(text.unwrap_or("no reason given"))),
    }
}

impl<K> fmt::Debug for Workshop<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workshop").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::{adapter_at_hand, compute_pipeline};

    const GOOD: &str = "@compute @workgroup_size(1) fn main() {}";

    #[test]
    fn at_the_end_only_what_is_in_work_is_finished() {
        let Some(gpu) = adapter_at_hand() else { return };
        let (tell, begun) = bounded(JOBS);
        let (gate, opened) = bounded::<()>(1);
        let mut workshop = Workshop::start(gpu, move |gpu, key: &u8| {
            tell.send(*key).expect("the test listens");
            let _ = opened.recv();
            compute_pipeline(gpu, "good", GOOD, "main", &[])
        })
        .expect("a thread");
        assert!((1..=5).all(|key| workshop.ask(key)));
        assert_eq!(begun.recv(), Ok(1));
        workshop.close();
        // From here on nothing holds the worker up.
        drop(gate);
        drop(workshop);
        assert_eq!(begun.try_iter().next(), None, "the next one was begun");
    }

    #[test]
    fn a_panic_is_the_error_of_its_key_and_the_worker_goes_on() {
        let Some(gpu) = adapter_at_hand() else { return };
        let workshop = Workshop::start(gpu, |gpu, key: &u8| {
            assert!(*key != 1, "on purpose");
            compute_pipeline(gpu, "good", GOOD, "main", &[])
        })
        .expect("a thread");
        assert!(workshop.ask(1) && workshop.ask(2));
        let (key, made) = workshop.wait().expect("an answer");
        let error = made.expect_err("it panicked");
        assert_eq!((key, error.name.as_str()), (1, "1"));
        assert!(error.reason.ends_with("broke down: on purpose"), "{}", error.reason);
        let (key, made) = workshop.wait().expect("an answer");
        assert!(key == 2 && made.is_ok(), "{made:?}");
    }
}
