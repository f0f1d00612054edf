//! Several imports at once: one per core, with one account of how far all of them are.

use crate::media::Progress;
use std::{
    fmt,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Does all jobs, as many at once as there are cores, and waits for them. The results come in the
/// order of the jobs; `None` where the work panicked (the panic hook has said why), which ends no
/// other.
pub fn in_parallel<J: Sync, R: Send>(
    jobs: &[J],
    work: impl Fn(usize, &J) -> R + Sync,
) -> Vec<Option<R>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { return done };
            let result = catch_unwind(AssertUnwindSafe(|| work(number, job)));
            done.push((number, result.ok()));
        }
    };
    let mut results: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.min(jobs.len())).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            for (number, result) in worker.join().into_iter().flatten() {
                results[number] = result;
            }
        }
    });
    results
}

/// How far several imports have come, from any thread.
#[derive(Debug)]
pub struct Batch {
    started: Instant,
    jobs: Mutex<Vec<Job>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Job {
    part: f32,
    is_over: bool,
    /// It was there already, or could not be done: it says nothing about the time of the others.
    was_idle: bool,
}

/// All of them together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchProgress {
    /// How many are over, well or not.
    pub over: usize,
    /// How many there are.
    pub all: usize,
    /// Share of the work that is done, 0..=1.
    pub part: f32,
    /// Time left, as soon as it can be told.
    pub left: Option<Duration>,
}

impl Batch {
    /// An account of so many imports, from now on.
    pub fn new(jobs: usize) -> Self {
        Self { started: Instant::now(), jobs: Mutex::new(vec![Job::default(); jobs]) }
    }

    /// One of them has come so far.
    pub fn tell(&self, job: usize, progress: Progress) {
        self.change(job, |job| job.part = progress.part);
    }

    /// One of them is over; `was_work` says whether anything was imported.
    pub fn over(&self, job: usize, was_work: bool) {
        self.change(job, |job| *job = Job { part: 1.0, is_over: true, was_idle: !was_work });
    }

    /// All of them together.
    pub fn progress(&self) -> BatchProgress {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        summary(&jobs, self.started.elapsed())
    }

    fn change(&self, job: usize, change: impl FnOnce(&mut Job)) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.get_mut(job) {
            change(job);
        }
    }
}

fn summary(jobs: &[Job], elapsed: Duration) -> BatchProgress {
    let working: Vec<f32> = jobs.iter().filter(|job| !job.was_idle).map(|job| job.part).collect();
    let part = match working.len() {
        0 => 1.0,
        count => working.iter().sum::<f32>() / count as f32,
    };
    // Too early, the estimate would jump about.
    let is_steady = part > 0.02 && elapsed > Duration::from_millis(500);
    let left = is_steady.then(|| elapsed.mul_f32((1.0 - part).max(0.0) / part));
    let over = jobs.iter().filter(|job| job.is_over).count();
    BatchProgress { over, all: jobs.len(), part, left }
}

impl fmt::Display for BatchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all > 1 {
            write!(f, "{} of {}, ", self.over, self.all)?;
        }
        write!(f, "{:.0} %", self.part * 100.0)?;
        if let Some(left) = self.left {
            write!(f, ", {} s left", left.as_secs_f64().ceil())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order_and_a_panic_its_place() {
        let jobs: Vec<u32> = (0..50).collect();
        let results = in_parallel(&jobs, |number, job| {
            assert_eq!(number, *job as usize);
            assert!(*job != 7, "seven");
            job * 2
        });
        let expected: Vec<_> = jobs.iter().map(|job| (*job != 7).then_some(job * 2)).collect();
        assert_eq!(results, expected);
        assert!(in_parallel(&[] as &[u32], |_, job| *job).is_empty());
    }

    #[test]
    fn jobs_run_at_once() {
        // Each of two waits for the other; alone, the first would wait for ever.
        if thread::available_parallelism().map_or(1, NonZero::get) < 2 {
            eprintln!("one core: NOT TESTED whether jobs run at once");
            return;
        }
        let meeting = std::sync::Barrier::new(2);
        let met = in_parallel(&[(), ()], |_, ()| meeting.wait().is_leader());
        assert_eq!(met.iter().flatten().filter(|is_leader| **is_leader).count(), 1);
    }

    #[test]
    fn what_was_there_already_says_nothing_about_the_time() {
        let job = |part, is_over, was_idle| Job { part, is_over, was_idle };
        let jobs = [
            job(1.0, true, true),
            job(1.0, true, false),
            job(0.5, false, false),
            job(0.0, false, false),
        ];
        // Half of what is to be done took 10 s, so the other half does.
        let found = summary(&jobs, Duration::from_secs(10));
        let left = Some(Duration::from_secs(10));
        assert_eq!(found, BatchProgress { over: 2, all: 4, part: 0.5, left });
        assert_eq!(found.to_string(), "2 of 4, 50 %, 10 s left");
        assert_eq!(summary(&jobs[..1], Duration::ZERO).to_string(), "100 %");
    }
}
