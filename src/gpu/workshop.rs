//! Pipelines made off the engine thread: asked for by key, fetched when they are there.

use super::{device::Gpu, shader::ShaderError};
use crossbeam::channel::{Receiver, Sender, bounded};
use std::{fmt, io, thread};

/// Pipelines under way at once. One performer changes one thing at a time; more is asked for again.
const JOBS: usize = 16;

/// What came of a job.
pub type Made<K> = (K, Result<wgpu::ComputePipeline, ShaderError>);

/// A thread that makes pipelines. Asking and fetching never wait.
pub struct Workshop<K> {
    jobs: Option<Sender<K>>,
    made: Receiver<Made<K>>,
    worker: Option<thread::JoinHandle<()>>,
}

impl<K: Send + 'static> Workshop<K> {
    /// Starts the thread; `make` makes the pipeline of a key.
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
                let pipeline = make(&gpu, &key);
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

impl<K> Drop for Workshop<K> {
    fn drop(&mut self) {
        self.jobs = None;
        // What was made and not fetched is in the way of a worker that wants to end.
        while self.made.try_recv().is_ok() {}
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has said so itself.
            let _ = worker.join();
        }
    }
}

impl<K> fmt::Debug for Workshop<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workshop").finish_non_exhaustive()
    }
}
