//! Grab and throw: pictures kept as intra pictures, and fed back into the running decoder.
//!
//! The engine hands a picture to a desk, which codes it on a thread of its own, and goes on; what
//! comes back stands in a slot until it is thrown.

use super::{families::FAMILY_SIZE, report::Arrival};
use crate::{
    bitstream::Stream,
    clip::Clip,
    ports::Notices,
    units::{Picture, StreamFormat},
};
use crossbeam::channel::{
    Receiver, RecvTimeoutError, SendTimeoutError, Sender, TryRecvError, TrySendError,
};
use std::{sync::Arc, time::Duration};

/// How long an offline run waits for a picture to be coded.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the engine asks of the desk.
pub enum GrabRequest {
    /// Code this picture for a slot, such that it can be spliced into the streams of a clip.
    Take {
        /// The slot, counted from 0.
        slot: usize,
        /// The picture.
        picture: Arc<Picture>,
        /// The clip whose canvas and coding it gets.
        like: Arc<Clip>,
    },
    /// Code the picture of a slot again, for the streams of another clip.
    Again {
        /// The slot, counted from 0.
        slot: usize,
        /// What it holds.
        stream: Arc<Stream>,
        /// The clip whose canvas and coding it gets.
        like: Arc<Clip>,
    },
    /// Free this away from the engine.
    Retire(Arc<Stream>),
}

/// What comes back.
pub struct Grabbed {
    /// The slot, counted from 0.
    pub slot: usize,
    /// Its picture, a stream of one access unit; `None` where it could not be coded (the desk has
    /// said why).
    pub stream: Option<Arc<Stream>>,
    /// Whether it answers [`GrabRequest::Again`].
    pub is_again: bool,
}

/// The engine's end of the way to the thread that codes grabbed pictures.
pub struct GrabDesk {
    /// Requests to the thread.
    pub requests: Sender<GrabRequest>,
    /// Its answers, one for each request but [`GrabRequest::Retire`].
    pub grabs: Receiver<Grabbed>,
}

/// What a take says of the grabs of one tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GrabScript {
    /// Answers that came, and are waited for.
    pub answers: usize,
    /// Requests that found no room.
    pub refusals: usize,
}

/// Answers and refusals of one tick at most: two for each slot.
const TOLD_MAX: usize = 4 * FAMILY_SIZE;

/// The eight slots.
pub(super) struct Grabs {
    slots: [Option<Arc<Stream>>; FAMILY_SIZE],
    /// The same pictures coded again for streams of another format. What was grabbed stays what it
    /// is: coding a picture again and again would wear it.
    recoded: [Option<Arc<Stream>>; FAMILY_SIZE],
    /// Answers that are awaited for each.
    asked: [u32; FAMILY_SIZE],
    desk: Option<GrabDesk>,
    /// Whether the desk has died.
    is_desk_dead: bool,
    /// The slot to be fed next.
    thrown: Option<usize>,
    /// The format that the thrown picture was last coded again for.
    again: Option<StreamFormat>,
    notices: Notices,
    /// What happened in this tick at its own time.
    pub told: Vec<Arrival>,
    /// What is to happen, where a take is replayed.
    script: Option<GrabScript>,
}

impl Grabs {
    pub fn new(notices: Notices) -> Self {
        Self {
            slots: Default::default(),
            recoded: Default::default(),
            asked: Default::default(),
            desk: None,
            is_desk_dead: false,
            thrown: None,
            again: None,
            notices,
            told: Vec::with_capacity(TOLD_MAX),
            script: None,
        }
    }

    pub fn use_desk(&mut self, desk: GrabDesk) {
        self.desk = Some(desk);
    }

    /// The run is over: the desk may end.
    pub fn close(&mut self) {
        self.desk = None;
    }

    /// Puts a picture into a slot, as a set keeps it. Returns whether there is such a slot.
    pub fn keep(&mut self, slot: usize, stream: Arc<Stream>) -> bool {
        self.slots.get_mut(slot).map(|kept| *kept = Some(stream)).is_some()
    }

    /// What each slot (from 0) holds.
    pub fn kept(&self) -> impl Iterator<Item = (usize, &Arc<Stream>)> {
        self.slots.iter().enumerate().filter_map(|(slot, kept)| Some((slot, kept.as_ref()?)))
    }

    /// The tick that begins goes as a take says.
    pub fn follow(&mut self, script: GrabScript) {
        self.script = Some(script);
    }

    /// Which slots hold a picture, the first in the lowest bit.
    pub fn filled(&self) -> u8 {
        (0..FAMILY_SIZE)
            .filter(|slot| self.slots[*slot].is_some())
            .fold(0, |bits, slot| bits | 1 << slot)
    }

    /// Has a picture coded.
    pub fn take(&mut self, slot: usize, picture: Arc<Picture>, like: Arc<Clip>) {
        self.ask(slot, GrabRequest::Take { slot, picture, like });
    }

    fn ask(&mut self, slot: usize, request: GrabRequest) {
        let Some(desk) = &self.desk else {
            self.notices.warn(match self.is_desk_dead {
                true => "pictures are grabbed no more: save the set and start anew",
                false => "pictures cannot be grabbed here: there is nothing to code them",
            });
            self.thrown = None;
            return;
        };
        let sent = match &mut self.script {
            None => desk.requests.try_send(request).map_err(|error| match error {
                TrySendError::Full(_) => true,
                TrySendError::Disconnected(_) => false,
            }),
            Some(script) if script.refusals > 0 => {
                script.refusals -= 1;
                Err(true)
            }
            // Whatever was asked for then is asked for now, however long it takes.
            Some(_) => desk.requests.send_timeout(request, PATIENCE).map_err(|error| match error {
                SendTimeoutError::Timeout(_) => true,
                SendTimeoutError::Disconnected(_) => false,
            }),
        };
        match sent {
            Ok(()) => self.asked[slot] += 1,
            Err(true) => {
                self.notices.warn("not grabbed: the pictures before are still being coded");
                self.thrown = None;
                self.told.push(Arrival::GrabRefused);
            }
            Err(false) => self.lose_desk(),
        }
    }

    /// The desk has died: nothing is awaited any more.
    fn lose_desk(&mut self) {
        self.desk = None;
        self.is_desk_dead = true;
        self.asked = Default::default();
        self.thrown = None;
        self.notices.error(
            "pictures are grabbed no more, since what codes them has died: those in the slots can \
             still be thrown; save the set and start anew",
        );
    }

    /// Takes coded pictures in. `is_patient` waits for those under way; a take that is replayed says
    /// itself how many come now, and those are waited for.
    pub fn collect(&mut self, is_patient: bool) {
        loop {
            let Some(desk) = &self.desk else { return };
            let waits = match &mut self.script {
                None => is_patient && self.asked.iter().any(|asked| *asked > 0),
                Some(script) if script.answers == 0 => return,
                Some(script) => {
                    script.answers -= 1;
                    true
                }
            };
            let answer = match waits {
                true => desk.grabs.recv_timeout(PATIENCE).map_err(|error| match error {
                    RecvTimeoutError::Timeout => TryRecvError::Empty,
                    RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
                }),
                false => desk.grabs.try_recv(),
            };
            let Grabbed { slot, stream, is_again } = match answer {
                Ok(grabbed) => grabbed,
                Err(TryRecvError::Empty) => {
                    if waits {
                        self.asked = Default::default();
                    }
                    return;
                }
                Err(TryRecvError::Disconnected) => return self.lose_desk(),
            };
            self.told.push(Arrival::Grab { slot: slot as u8, is_filled: stream.is_some() });
            let Some(asked) = self.asked.get_mut(slot) else { continue };
            *asked = asked.saturating_sub(1);
            match stream {
                Some(stream) => {
                    let recoded = self.recoded[slot].take();
                    let old = match is_again {
                        true => self.recoded[slot].replace(stream),
                        false => self.slots[slot].replace(stream),
                    };
                    for old in [recoded, old].into_iter().flatten() {
                        // A full queue: then it is freed here, which is rare and short.
                        let _ = desk.requests.try_send(GrabRequest::Retire(old));
                    }
                    if !is_again {
                        self.notices.info(format!("slot {} holds a picture", slot + 1));
                    }
                }
                None => self.thrown = self.thrown.filter(|thrown| *thrown != slot),
            }
        }
    }

    /// Wants the picture of a slot fed.
    pub fn throw(&mut self, slot: usize) {
        if self.slots[slot].is_none() && self.asked[slot] == 0 {
            self.notices.warn(format!("slot {} is empty: grab a picture first", slot + 1));
            return;
        }
        self.thrown = Some(slot);
        self.again = None;
    }

    /// Whatever waits to be fed is fed no more.
    pub fn forget_throw(&mut self) {
        self.thrown = None;
    }

    /// The thrown picture, once it is coded for streams of this format; where it is coded for
    /// others it is coded again first, for `like`.
    pub fn thrown(
        &mut self,
        format: &StreamFormat,
        like: &Arc<Clip>,
    ) -> Option<(usize, Arc<Stream>)> {
        let slot = self.thrown.filter(|slot| self.asked[*slot] == 0)?;
        let stream = self.slots[slot].clone()?;
        let candidates = [Some(&stream), self.recoded[slot].as_ref()];
        let fits = |stream: &&Arc<Stream>| stream.format() == format;
        if let Some(stream) = candidates.into_iter().flatten().find(fits).cloned() {
            self.thrown = None;
            return Some((slot, stream));
        }
        if self.again.as_ref() == Some(format) {
            // The clip was made with other tools than those that are here: no coding of ours is its.
            self.thrown = None;
            let (slot, name) = (slot + 1, &like.name);
            self.notices.warn(format!(
                "slot {slot} cannot be thrown into {name}: pictures are coded otherwise here; \
                 import that clip again"
            ));
            return None;
        }
        self.again = Some(format.clone());
        self.ask(slot, GrabRequest::Again { slot, stream, like: Arc::clone(like) });
        None
    }
}
