//! From packets to events: what every way in has in common, be it UDP, TCP, or a browser.
//!
//! Owned by the thread that reads. What cannot be understood is counted, and costs itself only.

use super::{
    address::{AddressBook, Found},
    packet::{self, TimeTag},
    text,
    value::{self, Refused},
};
use crate::{
    control::{
        batch::Batch,
        ear::{Ear, HeardFrom, HeardLine, Notes, Why},
    },
    params::{Change, ControlQueue, Counters, ParamIndex, Registry, Source},
    ports::Notices,
};
use rosc::{OscMessage, OscType};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Changes of future bundles that may wait: as many as the queue takes. Further ones run at once.
const CHANGES_HELD: usize = crate::params::QUEUE_CAPACITY;

/// The least time between two lines on `/learn` and `/unlearn`: a person reads them, and a flood must not
/// drive out what others have to say.
const LINE_EVERY: Duration = Duration::from_millis(250);

/// Characters of a wrong id that are repeated in a line.
const NAME_SHOWN: usize = 60;

/// What `/learn` and `/unlearn` ask of whoever teaches MIDI controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearnRequest {
    /// The next control that is moved shall move this parameter.
    Arm(ParamIndex),
    /// Nothing is to be learned any more; with a parameter: what was learned for it is forgotten.
    Unlearn(Option<ParamIndex>),
}

/// Where [`LearnRequest`]s go. Called on the thread that reads OSC: it must not block.
pub type LearnHook = Box<dyn FnMut(LearnRequest) + Send>;

/// What a packet had to say beside its events.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// The sender knows that this row will have this plain value, from this moment on.
    Value(ParamIndex, f64, Instant),
    /// It wants to be told what changes; at this port of its host, where it names one.
    Subscribe { port: Option<u16>, wishes: Wishes },
    /// It wants to be told no more.
    Unsubscribe { port: Option<u16> },
    /// It wants everything again.
    Refresh,
}

/// How a subscriber wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// The meters too.
    pub(super) meters: bool,
    /// Values as 0..=1 under `/normalised`.
    pub(super) normalised: bool,
}

/// A change that waits for the time of its bundle.
#[derive(Clone, Copy, Debug)]
struct Held {
    due: Instant,
    param: ParamIndex,
    change: Change,
}

/// Reads packets.
pub struct Inlet {
    registry: Arc<Registry>,
    book: AddressBook,
    batch: Batch,
    /// In order of arrival.
    held: Vec<Held>,
    learn: Option<LearnHook>,
    /// Where it is said why nothing is learnt, and when that was done last.
    notices: Option<Notices>,
    said: Option<Instant>,
    heard: Vec<Heard>,
    messages: u64,
    /// Who looks on at what comes, and who sends it.
    ear: Ear,
    from: HeardFrom,
}

impl std::fmt::Debug for Inlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inlet").field("messages", &self.messages).finish_non_exhaustive()
    }
}

impl Inlet {
    /// An inlet whose events have this source.
    pub fn new(registry: Arc<Registry>, queue: ControlQueue, source: Source) -> Self {
        Self {
            book: AddressBook::new(&registry),
            batch: Batch::new(Arc::clone(&registry), queue, source),
            registry,
            held: Vec::new(),
            learn: None,
            notices: None,
            said: None,
            heard: Vec::new(),
            messages: 0,
            ear: Ear::default(),
            from: HeardFrom::Browser,
        }
    }

    /// With somebody who teaches MIDI controllers, where there is one; why nothing is learnt is said in
    /// a line.
    #[must_use]
    pub fn teaching(mut self, learn: Option<LearnHook>, notices: Notices) -> Self {
        self.learn = learn;
        self.notices = Some(notices);
        self
    }

    /// With somebody who may look on at what comes.
    #[must_use]
    pub fn overheard(mut self, ear: Ear) -> Self {
        self.ear = ear;
        self
    }

    /// Whoever sends what is taken next.
    pub(super) fn hears(&mut self, from: HeardFrom) {
        self.from = from;
    }

    /// Takes a packet: a message or a bundle. A panic on the way costs this packet only.
    pub fn take(&mut self, packet: &[u8]) {
        self.heard.clear();
        if catch_unwind(AssertUnwindSafe(|| self.read(packet))).is_err() {
            self.malformed();
        }
    }

    /// Counts a packet that has no legal form.
    pub(super) fn malformed(&self) {
        Counters::count(&self.counters().malformed);
        if self.ear.is_open() {
            self.put_line("a packet".to_owned(), Notes::default(), Why::Malformed);
        }
    }

    fn put_line(&self, text: String, notes: Notes, why: Why) {
        self.ear.put(HeardLine { from: self.from.clone(), text, outcome: notes.outcome(why) });
    }

    /// What could not be taken.
    pub(super) fn counters(&self) -> &Counters {
        self.batch.queue().counters()
    }

    /// Messages read since the start.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// What the last packet said beside its events.
    pub(super) fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// The values that the last packet's sender knows the rows to have from these moments on.
    pub fn values(&self) -> impl Iterator<Item = (ParamIndex, f64, Instant)> {
        self.heard.iter().filter_map(|heard| match heard {
            Heard::Value(param, plain, from) => Some((*param, *plain, *from)),
            _ => None,
        })
    }

    /// How long until the next change of a future bundle is due.
    pub(super) fn next_due(&self, now: Instant) -> Option<Duration> {
        self.held.iter().map(|held| held.due.saturating_duration_since(now)).min()
    }

    /// Sends what was taken to the engine, with what is due of future bundles; while the engine is
    /// behind it stays here and is thinned. Returns whether it was sent.
    pub fn send(&mut self) -> bool {
        self.release(Instant::now());
        self.batch.send_with_room()
    }

    fn read(&mut self, packet: &[u8]) {
        let now = Instant::now();
        let now_tag =
            TimeTag::of(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO));
        self.book.update(&self.registry);
        let malformed = packet::for_each_message(packet, &mut |tag, message| {
            let due = tag.wait_from(now_tag).map(|wait| now + wait);
            self.take_message(due, &message);
        });
        for _ in 0..malformed {
            self.malformed();
        }
    }

    fn take_message(&mut self, due: Option<Instant>, message: &OscMessage) {
        self.messages += 1;
        if self.ear.is_open() {
            self.batch.note_all();
        }
        let why = self.meet(due, message);
        match why {
            Why::Unknown => Counters::count(&self.counters().unknown),
            Why::Refused => Counters::count(&self.counters().malformed),
            _ => {}
        }
        if let Some(notes) = self.batch.noted() {
            self.put_line(text::text_of(message), notes, why);
        }
    }

    /// Does what a message asks for. Returns what there is to say of it where it changes nothing, and
    /// [`Why::Refused`] where it does not change everything that it means.
    fn meet(&mut self, due: Option<Instant>, message: &OscMessage) -> Why {
        let outcome = match self.book.find(&message.addr) {
            Found::Rows(verb, rows) => {
                let mut outcome = Ok(());
                for param in rows.iter() {
                    match value::change_from(&self.registry, *param, verb, &message.args) {
                        Ok(Some(change)) => self.put(due, *param, change),
                        Ok(None) => {}
                        Err(Refused) => outcome = Err(Refused),
                    }
                }
                outcome
            }
            Found::Family(verb, members) => {
                let (changes, outcome) =
                    value::changes_from(&self.registry, &members, verb, &message.args);
                for (param, change) in changes {
                    self.put(due, param, change);
                }
                outcome
            }
            Found::Nothing => match self.take_wish(message) {
                Some(outcome) => return outcome.map_or(Why::Refused, |()| Why::Asked),
                None => return Why::Unknown,
            },
            Found::NoAddress => Err(Refused),
        };
        outcome.map_or(Why::Refused, |()| Why::Idle(None))
    }

    /// What is asked of the server itself; `None` where it is nothing of the kind.
    fn take_wish(&mut self, message: &OscMessage) -> Option<Result<(), Refused>> {
        let heard = match message.addr.trim_end_matches('/') {
            "/subscribe" => {
                subscription(&message.args).map(|(port, wishes)| Heard::Subscribe { port, wishes })
            }
            "/unsubscribe" => {
                subscription(&message.args).map(|(port, _)| Heard::Unsubscribe { port })
            }
            "/refresh" => Ok(Heard::Refresh),
            "/learn" => return Some(self.learn(&message.args)),
            "/unlearn" => return Some(self.unlearn(&message.args)),
            _ => return None,
        };
        Some(heard.map(|heard| self.heard.push(heard)))
    }

    fn learn(&mut self, args: &[OscType]) -> Result<(), Refused> {
        let Some(param) = self.named("/learn", args)? else {
            return self.refuse("/learn", "it needs the id of a parameter");
        };
        self.teach("/learn", LearnRequest::Arm(param))
    }

    fn unlearn(&mut self, args: &[OscType]) -> Result<(), Refused> {
        let param = self.named("/unlearn", args)?;
        self.teach("/unlearn", LearnRequest::Unlearn(param))
    }

    fn teach(&mut self, address: &str, request: LearnRequest) -> Result<(), Refused> {
        let Some(learn) = &mut self.learn else {
            return self.refuse(address, "MIDI is switched off");
        };
        learn(request);
        Ok(())
    }

    /// The row that a message names by its id or by its address; `None` where it names none.
    fn named(&mut self, address: &str, args: &[OscType]) -> Result<Option<ParamIndex>, Refused> {
        match args {
            [] => Ok(None),
            [OscType::String(name)] => {
                let id = name.trim().trim_start_matches('/').replace('/', ".");
                match self.registry.find(&id) {
                    Some(param) => Ok(Some(param)),
                    None => {
                        let shown: String = id.chars().take(NAME_SHOWN).collect();
                        let near = self.registry.suggestions(&shown);
                        let shown = shown.escape_debug();
                        let why = match near.as_slice() {
                            [] => format!("there is no parameter '{shown}'"),
                            near => {
                                let near = near.join(", ");
                                format!("there is no parameter '{shown}'; the nearest: {near}")
                            }
                        };
                        self.refuse(address, &why)
                    }
                }
            }
            _ => self.refuse(address, "it takes one text, the id of a parameter"),
        }
    }

    /// Says why there is nothing to be done.
    fn refuse<T>(&mut self, address: &str, why: &str) -> Result<T, Refused> {
        let is_due = self.said.is_none_or(|said| said.elapsed() >= LINE_EVERY);
        if let Some(notices) = self.notices.as_ref().filter(|_| is_due) {
            notices.warn(format!("OSC {address}: {why}"));
            self.said = Some(Instant::now());
        }
        Err(Refused)
    }

    fn put(&mut self, due: Option<Instant>, param: ParamIndex, change: Change) {
        // The store clamps these on the way to plain values and cannot tell, so it is counted here.
        if matches!(change, Change::Normalised(value) if !(0.0..=1.0).contains(&value)) {
            Counters::count(&self.counters().clamped);
        }
        if let Some(plain) = value::leads_to(self.registry.row(param), change) {
            // Who sent what the row does not take knows nothing of what became of it.
            let is_taken = !matches!(change, Change::Plain(sent) if sent != plain);
            let plain = if is_taken { plain } else { f64::NAN };
            self.heard.push(Heard::Value(param, plain, due.unwrap_or_else(Instant::now)));
        }
        match due {
            Some(due) if self.held.len() < CHANGES_HELD => {
                self.batch.note(param, change);
                self.held.push(Held { due, param, change });
            }
            _ => self.batch.push(param, change),
        }
    }

    /// Lets go what is due, the earliest first.
    fn release(&mut self, now: Instant) {
        if self.held.iter().all(|held| held.due > now) {
            return;
        }
        // Stable: what is due at one moment goes in order of arrival.
        self.held.sort_by_key(|held| held.due);
        let count = self.held.partition_point(|held| held.due <= now);
        for held in self.held.drain(..count) {
            self.batch.push(held.param, held.change);
        }
    }
}

/// A port, and wishes by name.
fn subscription(args: &[OscType]) -> Result<(Option<u16>, Wishes), Refused> {
    let (mut port, mut wishes) = (None, Wishes::default());
    for argument in args {
        match argument {
            OscType::String(word) if word == "meters" => wishes.meters = true,
            OscType::String(word) if word == "normalised" => wishes.normalised = true,
            argument => {
                let number = match argument {
                    OscType::String(text) => text.parse().ok(),
                    argument => value::number(argument),
                };
                let legal = number.filter(|number| number.fract() == 0.0);
                let legal = legal.filter(|number| (1.0..=65_535.0).contains(number));
                port = Some(legal.ok_or(Refused)? as u16);
            }
        }
    }
    Ok((port, wishes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;
    use rosc::{OscPacket, encoder};
    use std::sync::mpsc;

    const ROWS: [ParamSpec; 3] = [
        ParamSpec::float("macro.1", "", "", (0.0, 1.0), 0.0),
        ParamSpec::float("macro.2", "", "", (0.0, 1.0), 0.0),
        ParamSpec::trigger("panic", "", ""),
    ];

    fn message(address: &str, args: Vec<OscType>) -> Vec<u8> {
        let message = OscMessage { addr: address.to_owned(), args };
        encoder::encode(&OscPacket::Message(message)).expect("a legal message")
    }

    fn inlet() -> (Inlet, ControlQueue) {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let queue = ControlQueue::default();
        (Inlet::new(registry, queue.clone(), Source::Web), queue)
    }

    fn malformed(inlet: &Inlet) -> u64 {
        inlet.counters().malformed.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[test]
    fn a_family_takes_a_list_or_an_array() {
        let (mut inlet, queue) = inlet();
        let array = OscType::Array([OscType::Nil, OscType::Float(0.5)].into_iter().collect());
        for args in [vec![OscType::Float(0.25), OscType::Int(1)], vec![array]] {
            inlet.take(&message("/macro", args));
            inlet.send();
        }
        let events: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|queued| (queued.event.param.dense(), queued.event.change, queued.event.source))
            .collect();
        let plain = |member, value| (member, Change::Plain(value), Source::Web);
        assert_eq!(events, [plain(0, 0.25), plain(1, 1.0), plain(1, 0.5)]);
        assert_eq!(malformed(&inlet), 0);
        inlet.take(&message("/macro", vec![OscType::Int(0); 3]));
        inlet.take(&message("/macro", vec![]));
        assert_eq!(malformed(&inlet), 2);
    }

    #[test]
    fn wishes_are_heard() {
        let (mut inlet, _) = inlet();
        let both = Wishes { meters: true, normalised: true };
        for (address, args, heard) in [
            ("/subscribe", vec![], Heard::Subscribe { port: None, wishes: Wishes::default() }),
            (
                "/subscribe",
                vec![9000_i32.into(), "meters".into(), "normalised".into()],
                Heard::Subscribe { port: Some(9000), wishes: both },
            ),
            ("/unsubscribe", vec!["9000".into()], Heard::Unsubscribe { port: Some(9000) }),
            ("/refresh", vec![], Heard::Refresh),
        ] {
            inlet.take(&message(address, args));
            assert_eq!(inlet.heard(), [heard]);
        }
        for wrong in [OscType::Int(0), 65_536_i32.into(), 1.5_f32.into(), "everything".into()] {
            inlet.take(&message("/subscribe", vec![wrong]));
        }
        assert_eq!((inlet.heard(), malformed(&inlet)), ([].as_slice(), 4));
    }

    #[test]
    fn learning_is_passed_on() {
        let (inlet, _) = inlet();
        let (asked, requests) = mpsc::channel();
        let notices = Notices::default();
        let hook: LearnHook = Box::new(move |request| {
            let _ = asked.send(request);
        });
        let mut inlet = inlet.teaching(Some(hook), notices.clone());
        let second = inlet.registry.index_of(&ROWS[1]);
        for (address, args) in [
            ("/learn", vec!["macro.2".into()]),
            ("/learn", vec!["/macro/2".into()]),
            ("/unlearn", vec![]),
            ("/unlearn", vec!["macro.2".into()]),
        ] {
            inlet.take(&message(address, args));
        }
        let expected = [
            LearnRequest::Arm(second),
            LearnRequest::Arm(second),
            LearnRequest::Unlearn(None),
            LearnRequest::Unlearn(Some(second)),
        ];
        assert_eq!(requests.try_iter().collect::<Vec<_>>(), expected);
        inlet.take(&message("/learn", vec!["macro.3".into()]));
        inlet.take(&message("/learn", vec![]));
        assert_eq!(malformed(&inlet), 2);
        let line = notices.take().expect("a line").text;
        assert_eq!(
            line,
            "OSC /learn: there is no parameter 'macro.3'; the nearest: macro.1, macro.2"
        );
        assert_eq!(notices.take(), None, "a flood would drive out other lines");
    }

    #[test]
    fn why_nothing_is_learnt_is_said() {
        for (args, line) in [
            (vec![], "OSC /learn: it needs the id of a parameter"),
            (vec![OscType::Int(3)], "OSC /learn: it takes one text, the id of a parameter"),
            (vec!["macro.2".into()], "OSC /learn: MIDI is switched off"),
            (vec!["\u{7}".into()], "OSC /learn: there is no parameter '\\u{7}'"),
        ] {
            let notices = Notices::default();
            let mut inlet = inlet().0.teaching(None, notices.clone());
            inlet.take(&message("/learn", args));
            assert_eq!(notices.take().expect("a line").text, line);
            assert_eq!(malformed(&inlet), 1);
        }
        let notices = Notices::default();
        let mut inlet = inlet().0.teaching(None, notices.clone());
        inlet.take(&message("/unlearn", vec!["x".repeat(60_000).as_str().into()]));
        assert!(notices.take().expect("a line").text.len() < 200);
    }
}
