//! What one listener has been told, so that it hears what changed and never its own echo. Pure.

use super::{packet::BUNDLE_TAG, value};
use crate::params::{CAPACITY, ParamIndex, ParamSpec, Registry, Snapshot};
use rosc::{OscMessage, OscPacket, encoder};
use std::time::{Duration, Instant};

pub use super::value::Wire;

/// How long a listener that sent a value itself is not told of any other: as long as a value may be
/// on its way to the engine and back. What it is by then, it is told.
const OWN_HAND: Duration = Duration::from_millis(250);

/// Bytes of the longest datagram that goes out: Ethernet carries 1,500 with the headers of IP and UDP,
/// and tunnels take some of these.
pub(super) const LONGEST_BUNDLE: usize = 1_400;

/// What a listener knows of every row.
#[derive(Clone, Debug)]
pub struct Told {
    /// Plain values; NaN where it was told none.
    values: Vec<f64>,
    own_until: Vec<Option<Instant>>,
}

impl Default for Told {
    fn default() -> Self {
        Self { values: vec![f64::NAN; CAPACITY], own_until: vec![None; CAPACITY] }
    }
}

impl Told {
    /// Forgets everything: it is told all again.
    pub fn forget(&mut self) {
        self.values.fill(f64::NAN);
        self.own_until.fill(None);
    }

    /// Forgets one row.
    pub fn forget_row(&mut self, param: ParamIndex) {
        self.values[param.dense()] = f64::NAN;
        self.own_until[param.dense()] = None;
    }

    /// It has sent this value itself, to be in force from this moment on.
    pub fn knows(&mut self, param: ParamIndex, plain: f64, from: Instant) {
        self.values[param.dense()] = plain;
        self.own_until[param.dense()] = Some(from + OWN_HAND);
    }

    /// Hands on every row of which it does not know the value yet, among those that are `wanted`.
    /// Returns whether a value is kept back: it is to be updated again soon, though nothing be new.
    pub fn update(
        &mut self,
        registry: &Registry,
        base: &Snapshot,
        now: Instant,
        wanted: impl Fn(ParamIndex, &ParamSpec) -> bool,
        mut tell: impl FnMut(ParamIndex, f64),
    ) -> bool {
        let mut is_owed = false;
        for (param, row) in registry.iter() {
            let place = param.dense();
            if !base.has(param) || !wanted(param, row) {
                continue;
            }
            let plain = base.get(param);
            if plain == self.values[place] {
                self.own_until[place] = None;
            } else if self.own_until[place].is_none_or(|until| until <= now) {
                self.values[place] = plain;
                self.own_until[place] = None;
                tell(param, plain);
            } else {
                is_owed = true;
            }
        }
        is_owed
    }
}

/// The message of a row's value, encoded; `None` where it has none to tell.
pub fn encoded(registry: &Registry, param: ParamIndex, plain: f64, wire: Wire) -> Option<Vec<u8>> {
    encode(value::message(registry, param, plain, wire)?)
}

/// One message, encoded.
pub(super) fn encode(message: OscMessage) -> Option<Vec<u8>> {
    // Our own addresses and values are legal.
    encoder::encode(&OscPacket::Message(message)).ok()
}

/// Messages on their way out, in bundles of bounded size.
pub(super) struct Bundles<'a> {
    bundle: Vec<u8>,
    send: &'a mut dyn FnMut(&[u8]),
}

/// A bundle of nothing, to be read at once (time tag 1).
const EMPTY: usize = BUNDLE_TAG.len() + 8;

impl<'a> Bundles<'a> {
    pub(super) fn new(send: &'a mut dyn FnMut(&[u8])) -> Self {
        let mut bundle = Vec::with_capacity(LONGEST_BUNDLE);
        bundle.extend_from_slice(BUNDLE_TAG);
        bundle.extend(1_u64.to_be_bytes());
        Self { bundle, send }
    }

    pub(super) fn add(&mut self, message: &[u8]) {
        if self.bundle.len() + 4 + message.len() > LONGEST_BUNDLE {
            self.send();
        }
        self.bundle.extend((message.len() as u32).to_be_bytes());
        self.bundle.extend_from_slice(message);
    }

    /// Sends what there is.
    pub(super) fn send(&mut self) {
        if self.bundle.len() > EMPTY {
            (self.send)(&self.bundle);
            self.bundle.truncate(EMPTY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Change, ControlEvent, Source, Store};
    use std::sync::Arc;

    const ROWS: [ParamSpec; 2] = [
        ParamSpec::float("t.level", "Level", "", (0.0, 4.0), 0.5),
        ParamSpec::float("t.other", "Other", "", (0.0, 4.0), 0.25),
    ];

    struct Bench {
        registry: Arc<Registry>,
        store: Store,
        told: Told,
        begin: Instant,
    }

    impl Bench {
        fn new() -> Self {
            let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
            let store = Store::new(Arc::clone(&registry));
            Self { registry, store, told: Told::default(), begin: Instant::now() }
        }

        fn set(&mut self, row: usize, plain: f64) {
            let param = self.registry.index_of(&ROWS[row]);
            let change = Change::Plain(plain);
            self.store.apply(&ControlEvent { param, change, source: Source::Osc });
        }

        fn hears(&mut self, millis: u64) -> Vec<(usize, f64)> {
            self.hears_and_is_owed(millis).0
        }

        fn hears_and_is_owed(&mut self, millis: u64) -> (Vec<(usize, f64)>, bool) {
            let mut heard = Vec::new();
            let now = self.begin + Duration::from_millis(millis);
            let base = self.store.base().clone();
            let is_owed = self.told.update(
                &self.registry,
                &base,
                now,
                |_, _| true,
                |param, plain| {
                    heard.push((param.dense(), plain));
                },
            );
            (heard, is_owed)
        }

        fn sends(&mut self, row: usize, plain: f64, millis: u64) {
            let from = self.begin + Duration::from_millis(millis);
            self.told.knows(self.registry.index_of(&ROWS[row]), plain, from);
        }
    }

    #[test]
    fn everything_at_first_then_what_changed() {
        let mut bench = Bench::new();
        assert_eq!(bench.hears(0), [(0, 0.5), (1, 0.25)]);
        assert_eq!(bench.hears(30), []);
        bench.set(1, 3.0);
        assert_eq!(bench.hears(60), [(1, 3.0)]);
        bench.told.forget();
        assert_eq!(bench.hears(90), [(0, 0.5), (1, 3.0)]);
    }

    #[test]
    fn nobody_hears_an_echo_not_even_of_what_was_before() {
        let mut bench = Bench::new();
        bench.hears(0);
        bench.sends(0, 2.0, 10);
        // The engine has not got it yet.
        assert_eq!(bench.hears(20), []);
        bench.set(0, 2.0);
        assert_eq!(bench.hears(50), []);
        // Somebody else moves it.
        bench.set(0, 1.0);
        assert_eq!(bench.hears(60), [(0, 1.0)]);
    }

    #[test]
    fn a_value_that_did_not_come_into_force_is_put_right() {
        let mut bench = Bench::new();
        bench.hears(0);
        bench.sends(0, 2.0, 10);
        assert_eq!(bench.hears_and_is_owed(259), (vec![], true));
        assert_eq!(bench.hears_and_is_owed(260), (vec![(0, 0.5)], false));
    }

    #[test]
    fn bundles_are_short_and_whole() {
        let message = |number: i32| {
            encode(OscMessage { addr: "/a/long/address".to_owned(), args: vec![number.into()] })
                .expect("legal")
        };
        let mut sent = Vec::new();
        let mut send = |bundle: &[u8]| sent.push(bundle.to_vec());
        let mut bundles = Bundles::new(&mut send);
        for number in 0..200 {
            bundles.add(&message(number));
        }
        bundles.send();
        bundles.send();
        // 16 + 4 + 4 bytes each with the size before it 28: (1400 - 16) / 28 = 49 to a bundle.
        assert_eq!(sent.len(), 5);
        let mut numbers = Vec::new();
        for bundle in sent {
            assert!(bundle.len() <= LONGEST_BUNDLE);
            let (_, packet) = rosc::decoder::decode_udp(&bundle).expect("a legal bundle");
            let OscPacket::Bundle(bundle) = packet else { panic!("a bundle") };
            assert_eq!((bundle.timetag.seconds, bundle.timetag.fractional), (0, 1));
            for content in bundle.content {
                let OscPacket::Message(message) = content else { panic!("a message") };
                numbers.push(message.args[0].clone().int().expect("an int"));
            }
        }
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
    }
}
