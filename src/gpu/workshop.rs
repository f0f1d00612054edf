//! Things made and freed off the engine thread, such as pipelines: asked for by key, fetched when they
//! are there, given back when they are wanted no more.

use super::{device::one_line, shader::ShaderError};
use crossbeam::channel::{Receiver, Sender, bounded, never, select};
use std::{any::Any, fmt, io, panic, thread};

/// Things under way at once. One performer changes one thing at a time; more is asked for again.
const JOBS: usize = 16;

/// Things made that nobody has fetched: all that can be under way, so that the worker never waits for
/// the engine.
const UNFETCHED: usize = JOBS + 1;

/// Things given back that wait for the worker, which may have a thing in work: no more than are asked
/// for meanwhile, each in the place of another, and as many that come too late.
const RETURNED: usize = 2 * UNFETCHED;

/// What came of a job.
pub type Made<K, V> = (K, Result<V, ShaderError>);

/// A thread that makes things and frees them. Asking, fetching and giving back never wait; when it is
/// dropped, what is in work is finished and the rest left.
pub struct Workshop<K, V> {
    jobs: Option<Sender<K>>,
    returned: Option<Sender<V>>,
    made: Receiver<Made<K, V>>,
    worker: Option<thread::JoinHandle<()>>,
}

impl<K: fmt::Debug + Send + 'static, V: Send + 'static> Workshop<K, V> {
    /// Starts the thread; `make` makes the thing of a key. Where it panics, that key has an error.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(make: impl Fn(&K) -> Result<V, ShaderError> + Send + 'static) -> io::Result<Self> {
        let (jobs, asked) = bounded::<K>(JOBS);
        let (returned, back) = bounded::<V>(RETURNED);
        let (give, made) = bounded(UNFETCHED);
        let worker = thread::Builder::new().name("shaders".to_owned()).spawn(move || {
            loop {
                back.try_iter().for_each(drop);
                let key = select! {
                    recv(asked) -> key => key,
                    // Also when the other end is gone: then so are the jobs.
                    recv(back) -> old => match old {
                        Ok(_) => continue,
                        Err(_) => asked.recv(),
                    },
                };
                let Ok(key) = key else { return };
                // Nothing is changed by `make` that could be left half done.
                let work = panic::AssertUnwindSafe(|| make(&key));
                let thing = panic::catch_unwind(work)
                    .unwrap_or_else(|panicked| Err(broken_down(&key, panicked.as_ref())));
                if give.send((key, thing)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs: Some(jobs), returned: Some(returned), made, worker: Some(worker) })
    }

    /// Asks for a thing; false when too many are under way: ask again later.
    pub fn ask(&self, key: K) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(key).is_ok())
    }

    /// A thing that is ready, if there is one.
    pub fn fetch(&self) -> Option<Made<K, V>> {
        self.made.try_recv().ok()
    }

    /// Waits for the next thing that was asked for. `None` when the worker has ended.
    pub fn wait(&self) -> Option<Made<K, V>> {
        self.made.recv().ok()
    }

    /// Gives a thing back, to be freed by the worker.
    pub fn give_back(&self, thing: V) {
        if let Some(returned) = &self.returned {
            // Where there is no room it is freed here: slower, not wrong.
            let _ = returned.try_send(thing);
        }
    }
}

impl<K, V> Workshop<K, V> {
    /// Lets the worker end once it has finished what is in work.
    fn close(&mut self) {
        self.jobs = None;
        self.returned = None;
        // Nobody takes what it makes: that ends it before the next key.
        self.made = never();
    }
}

impl<K, V> Drop for Workshop<K, V> {
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

impl<K, V> fmt::Debug for Workshop<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workshop").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_end_only_what_is_in_work_is_finished() {
        let (tell, begun) = bounded(JOBS);
        let (gate, opened) = bounded::<()>(1);
        let mut workshop = Workshop::start(move |key: &u8| {
            tell.send(*key).expect("the test listens");
            let _ = opened.recv();
            Ok(*key)
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
        let workshop = Workshop::start(|key: &u8| {
            assert!(*key != 1, "on purpose");
            Ok(*key)
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

    #[test]
    fn as_much_as_can_come_back_while_it_is_busy_is_freed_by_the_worker() {
        /// Tells the thread that frees it.
        struct Tells(Sender<thread::ThreadId>);
        impl Drop for Tells {
            fn drop(&mut self) {
                self.0.send(thread::current().id()).expect("the test listens");
            }
        }
        let (gate, opened) = bounded::<()>(0);
        let (tell, freed) = bounded(2 * RETURNED);
        let workshop = Workshop::start(move |(): &()| {
            let _ = opened.recv();
            Ok(Tells(tell.clone()))
        })
        .expect("a thread");
        let mut things = Vec::new();
        for _ in 0..RETURNED {
            assert!(workshop.ask(()));
            gate.send(()).expect("the worker waits");
            things.push(workshop.wait().expect("an answer").1.expect("a thing"));
        }
        // Busy with another one.
        assert!(workshop.ask(()));
        things.drain(..).for_each(|thing| workshop.give_back(thing));
        assert_eq!(freed.try_iter().count(), 0, "freed here, or by a worker that has work in hand");
        gate.send(()).expect("the worker waits");
        let worker = workshop.worker.as_ref().expect("it runs").thread().id();
        assert!(freed.iter().take(RETURNED).all(|thread| thread == worker));
        assert!(worker != thread::current().id());
    }
}
