//! How long a recording may become: a thread of its own asks now and then, since a file system may
//! take its time with the answer.

use crate::ports::Notices;
use crossbeam::channel::{RecvTimeoutError, Sender, bounded};
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// From one asking to the next: a disk does not fill faster.
const ASK_PAUSE: Duration = Duration::from_secs(5);

/// The latest answer. The thread ends after this is dropped; nobody waits for it.
pub(super) struct Room {
    value: Arc<Mutex<Option<Duration>>>,
    _until_dropped: Sender<()>,
}

impl Room {
    /// Begins to ask.
    pub(super) fn new(ask: Box<dyn Fn() -> Option<Duration> + Send>, notices: &Notices) -> Self {
        let value = Arc::new(Mutex::new(None));
        let (until_dropped, end) = bounded::<()>(0);
        let told = Arc::clone(&value);
        let asking = thread::Builder::new().name("disk-room".to_owned()).spawn(move || {
            loop {
                // Asked before the lock is taken: whoever reads never waits for a disk.
                let room = ask();
                *told.lock().unwrap_or_else(PoisonError::into_inner) = room;
                if end.recv_timeout(ASK_PAUSE) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        if let Err(error) = asking {
            notices.warn(format!("how long a recording may become is not known: {error}"));
        }
        Self { value, _until_dropped: until_dropped }
    }

    /// How long; `None` where it is not known, or not yet.
    pub(super) fn value(&self) -> Option<Duration> {
        *self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Instant};

    #[test]
    fn a_disk_that_takes_its_time_holds_nobody() {
        let (answer, answers) = mpsc::channel::<Duration>();
        let slow = Box::new(move || answers.recv().ok());
        let room = Room::new(slow, &Notices::default());
        assert_eq!(room.value(), None, "it is not waited for");
        answer.send(Duration::from_secs(7)).expect("somebody asks");
        let begun = Instant::now();
        while room.value().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never came");
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(room.value(), Some(Duration::from_secs(7)));
    }
}
