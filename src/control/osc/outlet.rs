//! What goes out: values that changed, and how the performance goes, to everybody who asked.
//!
//! Owned by the thread of the server. Whoever subscribes with `/subscribe` is told for ten seconds,
//! or for as long as its connection lasts; fixed targets for ever. Everything at first, then what
//! changed, at most once a tick, and nobody hears the echo of what it sent by its own socket.

use super::{
    OscTarget,
    inlet::{Heard, Inlet, Wishes},
    told::{self, Bundles, Told, Wire},
};
use crate::{
    control::monitor::{Monitor, Progress, Recognised},
    params::{Counters, Registry},
};
use rosc::{OscMessage, OscType};
use std::{
    net::SocketAddr,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// How long a subscription over UDP lasts: what goes away without a word is forgotten.
const LEASE: Duration = Duration::from_secs(10);

/// Subscribers at once. Each costs 48 KiB and a look at every row at every tick.
const MOST_PEERS: usize = 32;

/// The least time between two values of one meter: thirty a second.
const METERS_EVERY: Duration = Duration::from_millis(33);

/// The least time between two reports of how it goes: ten a second.
const STATUS_EVERY: Duration = Duration::from_millis(100);

/// Where a packet came from, and where one may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A socket over UDP.
    Udp(SocketAddr),
    /// A connection, by its number.
    Tcp(usize),
}

#[derive(Debug)]
struct Peer {
    place: Place,
    /// Where it subscribed from; what comes from there is its own.
    home: Option<Place>,
    wishes: Wishes,
    told: Told,
    /// When its lease ends; `None` for those that have none.
    until: Option<Instant>,
    meters_at: Option<Instant>,
    status: StatusTold,
}

impl Peer {
    fn new(place: Place, home: Option<Place>, wishes: Wishes, until: Option<Instant>) -> Self {
        let (told, status) = (Told::default(), StatusTold::default());
        Self { place, home, wishes, told, until, meters_at: None, status }
    }

    /// Whether what comes from there is its own hand. A fixed target that is another machine is one
    /// device, from whatever port it sends.
    fn is_at(&self, origin: Place) -> bool {
        match (self.home, self.place, origin) {
            (Some(home), ..) => home == origin,
            (None, Place::Udp(target), Place::Udp(from)) => {
                target == from || (target.ip() == from.ip() && !from.ip().is_loopback())
            }
            _ => false,
        }
    }
}

/// The peers, and what they know.
pub(super) struct Outlet {
    monitor: Box<dyn Monitor>,
    peers: Vec<Peer>,
    /// Whether a value is kept back from one of them.
    is_owed: bool,
}

impl Outlet {
    /// Tells the fixed targets from the start.
    pub(super) fn new(monitor: Box<dyn Monitor>, targets: &[OscTarget]) -> Self {
        let peer = |target: &OscTarget| {
            let OscTarget { address, has_meters: meters, is_normalised: normalised } = *target;
            Peer::new(Place::Udp(address), None, Wishes { meters, normalised }, None)
        };
        Self { monitor, peers: targets.iter().map(peer).collect(), is_owed: false }
    }

    /// Whether anybody listens.
    pub(super) fn is_heard(&self) -> bool {
        !self.peers.is_empty()
    }

    /// Takes what the last packet from there said beside its events. `false` where there is no room
    /// for one more subscriber.
    pub(super) fn hear(&mut self, inlet: &Inlet, origin: Place, now: Instant) -> bool {
        let mut has_room = true;
        for heard in inlet.heard() {
            match heard {
                Heard::Value(param, plain, from) => {
                    for peer in self.peers.iter_mut().filter(|peer| peer.is_at(origin)) {
                        peer.told.knows(*param, *plain, *from);
                    }
                }
                Heard::Subscribe { port, wishes } => {
                    has_room &= self.subscribe(origin, *port, *wishes, now);
                }
                Heard::Unsubscribe { port } => {
                    let place = at_port(origin, *port);
                    self.peers.retain(|peer| peer.home.is_none() || peer.place != place);
                }
                Heard::Refresh => {
                    let same_host = |peer: &&mut Peer| match (peer.place, origin) {
                        (Place::Udp(peer), Place::Udp(from)) => peer.ip() == from.ip(),
                        (place, origin) => place == origin,
                    };
                    for peer in self.peers.iter_mut().filter(same_host) {
                        peer.told.forget();
                        peer.status = StatusTold::default();
                    }
                }
            }
        }
        has_room
    }

    fn subscribe(
        &mut self,
        origin: Place,
        port: Option<u16>,
        wishes: Wishes,
        now: Instant,
    ) -> bool {
        let place = at_port(origin, port);
        let until = matches!(place, Place::Udp(_)).then(|| now + LEASE);
        if let Some(peer) = self.peers.iter_mut().find(|peer| peer.place == place) {
            // A fixed target needs no lease.
            if peer.until.is_some() {
                peer.until = until;
            }
            if peer.wishes != wishes {
                peer.wishes = wishes;
                peer.told.forget();
            }
            return true;
        }
        let has_room = self.peers.len() < MOST_PEERS;
        if has_room {
            self.peers.push(Peer::new(place, Some(origin), wishes, until));
        }
        has_room
    }

    /// Forgets a connection that is gone.
    pub(super) fn forget(&mut self, place: Place) {
        self.peers.retain(|peer| peer.place != place);
    }

    /// Tells everybody what is new, where there is anything.
    pub(super) fn tell(
        &mut self,
        registry: &Registry,
        inlet: &Inlet,
        now: Instant,
        send: &mut dyn FnMut(Place, &[u8]),
    ) {
        self.peers.retain(|peer| peer.until.is_none_or(|until| until > now));
        if self.peers.is_empty() || !(self.monitor.update() || self.is_owed) {
            return;
        }
        self.is_owed = false;
        let report = Report::new(self.monitor.as_ref(), inlet);
        for peer in &mut self.peers {
            let place = peer.place;
            let mut send = |bundle: &[u8]| send(place, bundle);
            let mut bundles = Bundles::new(&mut send);
            let wire = if peer.wishes.normalised { Wire::Normalised } else { Wire::Plain };
            let is_time = |at: Option<Instant>| at.is_none_or(|at| now >= at);
            let has_meters = peer.wishes.meters && is_time(peer.meters_at);
            if has_meters {
                peer.meters_at = Some(now + METERS_EVERY);
            }
            self.is_owed |= peer.told.update(
                registry,
                self.monitor.base(),
                now,
                |_, row| !row.is_meter || has_meters,
                |param, plain| {
                    if let Some(message) = told::encoded(registry, param, plain, wire) {
                        bundles.add(&message);
                    }
                },
            );
            if is_time(peer.status.next_at) {
                peer.status.next_at = Some(now + STATUS_EVERY);
                peer.status.tell(&report, &mut bundles);
            }
            bundles.send();
        }
    }
}

fn at_port(origin: Place, port: Option<u16>) -> Place {
    match (origin, port) {
        (Place::Udp(from), Some(port)) => Place::Udp(SocketAddr::new(from.ip(), port)),
        (origin, _) => origin,
    }
}

/// How it goes, as it is told: address and value.
struct Report(Vec<(&'static str, OscType)>);

impl Report {
    fn new(monitor: &dyn Monitor, inlet: &Inlet) -> Self {
        let progress = monitor.progress();
        let Progress { tick, rate, late, clip, slice, generation, is_recording, .. } = progress;
        // Every program reads an int32; counts that leave it stay at its end.
        let int = |count: u64| OscType::Int(i32::try_from(count).unwrap_or(i32::MAX));
        let Counters { refused, clamped, malformed, unknown } = inlet.counters();
        let counted = |counter: &std::sync::atomic::AtomicU64| int(counter.load(Ordering::Relaxed));
        let mut report = vec![
            ("/status/tick", int(tick)),
            ("/status/rate", OscType::Float(rate as f32)),
            ("/status/late", int(late)),
            ("/status/clip", int(u64::from(clip))),
            ("/status/slice", int(u64::from(slice))),
            ("/status/generation", int(generation)),
            ("/status/recording", int(u64::from(is_recording))),
            ("/status/osc/received", int(inlet.messages())),
            ("/status/osc/refused", counted(refused)),
            ("/status/osc/clamped", counted(clamped)),
            ("/status/osc/malformed", counted(malformed)),
            ("/status/osc/unknown", counted(unknown)),
        ];
        if let Some(Recognised { class, confidence }) = progress.recognised {
            let label = monitor.label(class).to_owned();
            report.push(("/recognition/label", OscType::String(label)));
            report.push(("/recognition/confidence", OscType::Float(confidence)));
        }
        Self(report)
    }
}

#[derive(Debug, Default)]
struct StatusTold {
    values: Vec<OscType>,
    next_at: Option<Instant>,
}

impl StatusTold {
    fn tell(&mut self, report: &Report, bundles: &mut Bundles<'_>) {
        self.values.resize(report.0.len(), OscType::Nil);
        for ((address, value), told) in report.0.iter().zip(&mut self.values) {
            if value != told {
                *told = value.clone();
                let message = OscMessage { addr: (*address).to_owned(), args: vec![value.clone()] };
                if let Some(message) = told::encode(message) {
                    bundles.add(&message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::Stage,
        params::{ControlQueue, ParamSpec, Source, Store},
    };
    use rosc::{OscPacket, encoder};
    use std::sync::Arc;

    const ROWS: [ParamSpec; 4] = [
        ParamSpec::float("t.level", "Level", "", (0.0, 4.0), 0.5),
        ParamSpec::switch("t.hold", "Hold", "", false),
        ParamSpec::trigger("t.go", "Go", ""),
        ParamSpec::float("t.meter", "Meter", "", (0.0, 1.0), 0.125).meter(),
    ];

    struct Bench {
        registry: Arc<Registry>,
        store: Store,
        inlet: Inlet,
        outlet: Outlet,
        stage: Stage,
        progress: Progress,
        begin: Instant,
    }

    impl Bench {
        fn new(targets: &[&str]) -> Self {
            let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
            let progress = Progress { rate: 30.0, clip: 1, ..Progress::default() };
            let stage = Stage::default();
            let targets: Vec<_> = targets
                .iter()
                .map(|target| OscTarget {
                    address: target.parse().expect("an address"),
                    has_meters: false,
                    is_normalised: false,
                })
                .collect();
            Self {
                store: Store::new(Arc::clone(&registry)),
                inlet: Inlet::new(Arc::clone(&registry), ControlQueue::default(), Source::Osc),
                outlet: Outlet::new(Box::new(stage.clone()), &targets),
                registry,
                stage,
                progress,
                begin: Instant::now(),
            }
        }

        fn from(&mut self, origin: Place, millis: u64, address: &str, args: Vec<OscType>) -> bool {
            let message = OscMessage { addr: address.to_owned(), args };
            let packet = encoder::encode(&OscPacket::Message(message)).expect("legal");
            self.inlet.take(&packet);
            self.outlet.hear(&self.inlet, origin, self.begin + Duration::from_millis(millis))
        }

        fn set(&mut self, row: usize, plain: f64) {
            let param = self.registry.index_of(&ROWS[row]);
            self.store.set(param, plain);
        }

        /// A tick, and who is told what, status apart.
        fn tick(&mut self, millis: u64) -> Vec<(Place, String, OscType)> {
            self.all(millis)
                .into_iter()
                .filter(|(_, address, _)| !address.starts_with("/status"))
                .collect()
        }

        fn all(&mut self, millis: u64) -> Vec<(Place, String, OscType)> {
            self.progress.tick += 1;
            self.stage.publish(self.store.base(), self.progress);
            let mut told = Vec::new();
            let now = self.begin + Duration::from_millis(millis);
            self.outlet.tell(&self.registry, &self.inlet, now, &mut |place, bundle| {
                let (_, packet) = rosc::decoder::decode_udp(bundle).expect("legal");
                let OscPacket::Bundle(bundle) = packet else { panic!("a bundle") };
                for content in bundle.content {
                    let OscPacket::Message(mut message) = content else { panic!("a message") };
                    told.push((place, message.addr, message.args.remove(0)));
                }
            });
            told
        }
    }

    fn udp(address: &str) -> Place {
        Place::Udp(address.parse().expect("an address"))
    }

    fn told(place: Place, address: &str, value: impl Into<OscType>) -> (Place, String, OscType) {
        (place, address.to_owned(), value.into())
    }

    #[test]
    fn a_lease_is_renewed_or_ends() {
        let mut bench = Bench::new(&[]);
        let (from, place) = (udp("10.0.0.2:5000"), udp("10.0.0.2:9000"));
        assert_eq!(bench.tick(0), []);
        assert!(bench.from(from, 0, "/subscribe", vec![9000_i32.into()]));
        let all = [told(place, "/t/level", 0.5_f32), told(place, "/t/hold", 0_i32)];
        assert_eq!(bench.tick(10), all);
        bench.set(1, 1.0);
        assert_eq!(bench.tick(9_900), [told(place, "/t/hold", 1_i32)]);
        bench.from(from, 9_950, "/subscribe", vec![9000_i32.into()]);
        bench.set(1, 0.0);
        assert_eq!(bench.tick(19_900), [told(place, "/t/hold", 0_i32)]);
        bench.set(1, 1.0);
        assert_eq!(bench.tick(19_960), []);
        assert!(!bench.outlet.is_heard());
    }

    #[test]
    fn who_says_so_is_told_no_more() {
        let mut bench = Bench::new(&[]);
        let (one, other) = (udp("10.0.0.2:5000"), Place::Tcp(3));
        bench.from(one, 0, "/subscribe", vec![]);
        bench.from(other, 0, "/subscribe", vec![]);
        assert_eq!(bench.tick(10).len(), 4);
        bench.from(one, 20, "/unsubscribe", vec![]);
        bench.set(0, 1.0);
        assert_eq!(
            bench.tick(30_000),
            [told(other, "/t/level", 1.0_f32)],
            "connections have no lease"
        );
        bench.outlet.forget(other);
        assert!(!bench.outlet.is_heard());
    }

    #[test]
    fn the_one_who_sent_it_hears_no_echo_and_all_others_hear_it() {
        let target = "10.0.0.9:9000";
        let mut bench = Bench::new(&[target]);
        let (one, other) = (udp("127.0.0.1:5000"), udp("127.0.0.1:5001"));
        bench.from(one, 0, "/subscribe", vec![]);
        bench.from(other, 0, "/subscribe", vec![]);
        assert_eq!(bench.tick(10).len(), 6);
        bench.from(one, 20, "/t/level", vec![2_i32.into()]);
        bench.set(0, 2.0);
        let expected = [told(udp(target), "/t/level", 2.0_f32), told(other, "/t/level", 2.0_f32)];
        assert_eq!(bench.tick(40), expected);
        // The tablet sends from another port than it listens at.
        bench.from(udp("10.0.0.9:61000"), 50, "/normalised/t/level", vec![0.75_f32.into()]);
        bench.set(0, 3.0);
        let expected = [told(one, "/t/level", 3.0_f32), told(other, "/t/level", 3.0_f32)];
        assert_eq!(bench.tick(60), expected);
    }

    #[test]
    fn wishes_are_granted_and_meters_have_a_limit() {
        let mut bench = Bench::new(&[]);
        let from = udp("10.0.0.2:5000");
        bench.from(from, 0, "/subscribe", vec!["normalised".into(), "meters".into()]);
        let all = [
            told(from, "/normalised/t/level", 0.125_f32),
            told(from, "/normalised/t/hold", 0.0_f32),
            told(from, "/normalised/t/meter", 0.125_f32),
        ];
        assert_eq!(bench.tick(0), all);
        bench.set(3, 0.25);
        assert_eq!(bench.tick(20), []);
        assert_eq!(bench.tick(40), [told(from, "/normalised/t/meter", 0.25_f32)]);
        bench.from(from, 50, "/refresh", vec![]);
        assert_eq!(bench.tick(80).len(), 3);
    }

    #[test]
    fn how_it_goes_is_told_ten_times_a_second_and_where_it_changed() {
        let mut bench = Bench::new(&["10.0.0.9:9000"]);
        let status = |told: Vec<(Place, String, OscType)>| -> Vec<(String, OscType)> {
            let status = told.into_iter().filter(|(_, address, _)| address.starts_with("/status"));
            status.map(|(_, address, value)| (address, value)).collect()
        };
        let first = status(bench.all(0));
        for (address, value) in [
            ("/status/tick", OscType::Int(1)),
            ("/status/rate", OscType::Float(30.0)),
            ("/status/clip", OscType::Int(1)),
            ("/status/recording", OscType::Int(0)),
            ("/status/osc/unknown", OscType::Int(0)),
        ] {
            assert!(first.contains(&(address.to_owned(), value)), "{address}");
        }
        assert_eq!(first.len(), 12);
        assert_eq!(status(bench.all(50)), []);
        bench.from(udp("10.0.0.3:1"), 60, "/nothing", vec![]);
        let expected = [
            ("/status/tick".to_owned(), OscType::Int(3)),
            ("/status/osc/received".to_owned(), OscType::Int(1)),
            ("/status/osc/unknown".to_owned(), OscType::Int(1)),
        ];
        assert_eq!(status(bench.all(100)), expected);
    }

    #[test]
    fn subscribers_have_a_limit() {
        let mut bench = Bench::new(&[]);
        for port in 1..=MOST_PEERS as i32 {
            assert!(bench.from(udp("10.0.0.2:5000"), 0, "/subscribe", vec![port.into()]));
        }
        assert!(!bench.from(udp("10.0.0.2:5000"), 0, "/subscribe", vec![9000_i32.into()]));
        assert!(bench.from(udp("10.0.0.2:5000"), 0, "/subscribe", vec![1_i32.into()]));
    }
}
