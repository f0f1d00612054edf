//! Other programs speak OSC to the server: `oscsend` of liblo-tools, and hand-made datagrams that no
//! honest program sends.

use residua::{
    control::{OscError, OscServer},
    params::{Change, ControlQueue, Counters, ParamSpec, Registry, Source},
    ports::Notices,
};
use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};
use std::{
    net::{SocketAddr, UdpSocket},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

const ROWS: [ParamSpec; 5] = [
    ParamSpec::float("decay.noise_amplitude", "Noise", "", (0.0, 1.0), 0.0),
    ParamSpec::int("superframe.size", "Size", "", (1, 60), 6),
    ParamSpec::choice("clip.switch", "Switch", "", &["mosh", "heal"], 0),
    ParamSpec::switch("programme.hold", "Hold", "", false),
    ParamSpec::trigger("panic", "Panic", ""),
];

const NOISE: &str = ROWS[0].id;
const SIZE: &str = ROWS[1].id;
const SWITCH: &str = ROWS[2].id;
const HOLD: &str = ROWS[3].id;
const PANIC: &str = ROWS[4].id;

/// A server, and what comes out of it.
struct Fixture {
    server: OscServer,
    registry: Arc<Registry>,
    queue: ControlQueue,
}

impl Fixture {
    fn new() -> Self {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let queue = ControlQueue::default();
        let server = OscServer::start(
            SocketAddr::from(([127, 0, 0, 1], 0)),
            Arc::clone(&registry),
            queue.clone(),
            Notices::default(),
        )
        .expect("a free port");
        Self { server, registry, queue }
    }

    /// The real thing. Fails where it is not installed.
    fn oscsend(&self, arguments: &[&str]) {
        let address = self.server.local_addr();
        let status = Command::new("oscsend")
            .args([address.ip().to_string(), address.port().to_string()])
            .args(arguments)
            .status()
            .expect("oscsend (liblo-tools) is installed");
        assert!(status.success());
    }

    fn send(&self, datagram: &[u8]) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.send_to(datagram, self.server.local_addr()).expect("it fits a datagram");
    }

    fn next(&self) -> (&'static str, Change) {
        let event = until(|| self.queue.pop()).event;
        assert_eq!(event.source, Source::Osc);
        (self.registry.row(event.param).id, event.change)
    }

    /// Waits until a counter has this value; the thread is at work on what was sent before.
    fn counted(&self, of: impl Fn(&Counters) -> &AtomicU64, expected: u64) {
        until(|| (of(self.queue.counters()).load(Ordering::Relaxed) >= expected).then_some(()));
        assert_eq!(of(self.queue.counters()).load(Ordering::Relaxed), expected);
    }

    /// That it still listens, and nothing stands before this.
    fn is_alive(&self) {
        self.oscsend(&["/superframe/size", "i", "7"]);
        assert_eq!(self.next(), (SIZE, Change::Plain(7.0)));
    }
}

/// What `poll` finds, soon.
fn until<T>(mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came");
        thread::sleep(Duration::from_millis(2));
    }
}

fn message(address: &str, args: Vec<OscType>) -> OscPacket {
    OscPacket::Message(OscMessage { addr: address.to_owned(), args })
}

fn encode(packet: &OscPacket) -> Vec<u8> {
    encoder::encode(packet).expect("a legal packet")
}

#[test]
fn every_kind_of_value_arrives_from_oscsend() {
    let fixture = Fixture::new();
    for (arguments, expected) in [
        (&["/decay/noise_amplitude", "f", "0.25"][..], (NOISE, Change::Plain(0.25))),
        (&["/decay/noise_amplitude", "d", "0.1"], (NOISE, Change::Plain(0.1))),
        (&["/decay/noise_amplitude", "h", "1"], (NOISE, Change::Plain(1.0))),
        (&["/normalised/superframe/size", "f", "0.5"], (SIZE, Change::Normalised(0.5))),
        (&["/superframe/size", "i", "99"], (SIZE, Change::Plain(99.0))),
        (&["/clip/switch", "s", "heal"], (SWITCH, Change::Plain(1.0))),
        (&["/clip/switch", "i", "0"], (SWITCH, Change::Plain(0.0))),
        (&["/programme/hold", "T"], (HOLD, Change::Plain(1.0))),
        (&["/programme/hold", "F"], (HOLD, Change::Plain(0.0))),
        (&["/programme/hold", "s", "on"], (HOLD, Change::Plain(1.0))),
        (&["/panic"], (PANIC, Change::Fire)),
        (&["/panic", "f", "1"], (PANIC, Change::Fire)),
        (&["/{panic,heal}", "i", "1"], (PANIC, Change::Fire)),
        (&["/*/noise_*", "f", "0.5"], (NOISE, Change::Plain(0.5))),
    ] {
        fixture.oscsend(arguments);
        assert_eq!(fixture.next(), expected, "{arguments:?}");
    }
    // The button is let go: nothing happens.
    fixture.oscsend(&["/panic", "f", "0"]);
    fixture.is_alive();
    fixture.oscsend(&["/normalised/superframe/size", "f", "1.5"]);
    assert_eq!(fixture.next(), (SIZE, Change::Normalised(1.5)));
    fixture.counted(|counters| &counters.clamped, 1);
    fixture.counted(|counters| &counters.malformed, 0);
    fixture.counted(|counters| &counters.unknown, 0);
}

#[test]
fn what_cannot_be_understood_is_counted_and_costs_nothing_else() {
    let fixture = Fixture::new();
    fixture.oscsend(&["/no/such/address", "f", "1"]);
    fixture.oscsend(&["/nothing/*", "f", "1"]);
    fixture.counted(|counters| &counters.unknown, 2);

    fixture.oscsend(&["/clip/switch", "s", "melt"]);
    fixture.oscsend(&["/superframe/size"]);
    fixture.oscsend(&["/superframe/size", "N"]);
    fixture.oscsend(&["/superframe/size", "ii", "1", "2"]);
    fixture.oscsend(&["/superframe/[", "i", "1"]);
    fixture.counted(|counters| &counters.malformed, 5);

    let mut malformed = 5;
    let mut refuse = |datagram: &[u8]| {
        fixture.send(datagram);
        malformed += 1;
        fixture.counted(|counters| &counters.malformed, malformed);
        fixture.is_alive();
    };
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        refuse(&encode(&message("/decay/noise_amplitude", vec![value.into()])));
        refuse(&encode(&message("/panic", vec![f64::from(value).into()])));
    }
    refuse(b"");
    refuse(b"/panic");
    refuse(b"not OSC at all");
    refuse(b"#bundle\0");
    refuse(&encode(&message("/superframe/size", vec!["9".repeat(60_000).into()])));
    refuse(&encode(&message(&format!("/{}", "*".repeat(60_000)), vec![])));
    refuse(&nested_bundles());
    refuse(&nested_arrays());

    fixture.send(&encode(&message(&format!("/{}", "a".repeat(60_000)), vec![])));
    fixture.counted(|counters| &counters.unknown, 3);
    fixture.is_alive();
}

/// 65,000 bytes of bundles within bundles: a decoder that recurses overflows its stack.
fn nested_bundles() -> Vec<u8> {
    let mut datagram = Vec::new();
    for rest in (0..3_250_u32).rev() {
        datagram.extend(b"#bundle\0\0\0\0\0\0\0\0\x01");
        datagram.extend((rest * 20).to_be_bytes());
    }
    datagram
}

/// Arrays within arrays: decoded in a loop, but freed by recursion.
fn nested_arrays() -> Vec<u8> {
    let mut datagram = b"/panic\0\0,".to_vec();
    datagram.extend([b'['; 32_000]);
    datagram.extend([b']'; 32_000]);
    datagram.extend([0; 3]);
    datagram
}

#[test]
fn a_bundle_of_the_near_future_waits_and_others_do_not() {
    let fixture = Fixture::new();
    let bundle = |timetag, value: i32| {
        let content = vec![message("/superframe/size", vec![value.into()])];
        encode(&OscPacket::Bundle(OscBundle { timetag, content }))
    };
    let after = |duration| OscTime::try_from(SystemTime::now() + duration).expect("a time");
    let sent = Instant::now();
    fixture.send(&bundle(after(Duration::from_millis(600)), 3));
    fixture.send(&bundle(after(Duration::from_secs(3600)), 1));
    fixture.send(&bundle(OscTime { seconds: 12, fractional: 0 }, 2));
    // One thread takes them in this order; values of one batch may be thinned to the latest.
    let mut seen = Vec::new();
    while seen.last() != Some(&(SIZE, Change::Plain(3.0))) {
        seen.push(fixture.next());
    }
    assert!(sent.elapsed() >= Duration::from_millis(590), "it did not wait");
    assert_eq!(seen[seen.len() - 2], (SIZE, Change::Plain(2.0)));
}

#[test]
fn a_flood_refuses_nothing_and_the_latest_value_wins() {
    let fixture = Fixture::new();
    let address = fixture.server.local_addr();
    let flood = thread::spawn(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        for value in 0..20_000_i32 {
            let datagram = encode(&message("/superframe/size", vec![(value % 60).into()]));
            socket.send_to(&datagram, address).expect("it is sent");
        }
    });
    // Ticks of thirty a second.
    while !flood.is_finished() {
        while fixture.queue.pop().is_some() {}
        thread::sleep(Duration::from_millis(33));
    }
    flood.join().expect("it sent everything");
    fixture.oscsend(&["/superframe/size", "i", "42"]);
    until(|| (fixture.next() == (SIZE, Change::Plain(42.0))).then_some(()));
    fixture.counted(|counters| &counters.refused, 0);
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let fixture = Fixture::new();
    let address = fixture.server.local_addr();
    let start = |address| {
        OscServer::start(
            address,
            Arc::clone(&fixture.registry),
            fixture.queue.clone(),
            Notices::default(),
        )
    };
    let error = start(address).expect_err("the port is taken");
    assert!(matches!(error, OscError::PortInUse { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "cannot listen for OSC on {address}: the port is in use; name another one, or end the \
             program that has it"
        )
    );
    // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    let error =
        start(SocketAddr::from(([192, 0, 2, 1], 9000))).expect_err("it is no address of ours");
    assert!(error.to_string().contains("name an address of this machine"), "{error}");
    // Closed, it is free again.
    drop(fixture.server);
    OscServer::start(address, fixture.registry, fixture.queue, Notices::default())
        .expect("the port is free");
}
