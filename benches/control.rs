//! From the wire to the tick: how long an OSC message is on its way to the queue, and how long an
//! event waits there for the tick that it enters.
//!
//! Real datagrams over the loop-back device, the server that the instrument has, and a stub of its
//! engine: a tick every thirtieth of a second that drains the queue and applies what was in it.
//! Builds without GStreamer.

use residua::{
    control::osc::OscServer,
    engine,
    params::{ControlQueue, QUEUE_CAPACITY, Store},
    ports::Notices,
    units::FrameRate,
};
use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The row whose values number the messages: whole numbers from 1 on.
const NUMBERED: &str = "playhead.superframes";

/// Messages of each measure, and how many a second.
const LOADS: [(usize, u64); 3] = [(3_000, 1_000), (20_000, 10_000), (50_000, 50_000)];

fn main() {
    println!("milliseconds; queue-to-tick waits for the next thirtieth of a second by design");
    for (messages, per_second) in LOADS {
        measure(messages, per_second);
    }
}

/// An event as it entered its tick.
struct Entered {
    number: usize,
    at: Duration,
    tick: Duration,
}

fn measure(messages: usize, per_second: u64) {
    let registry = Arc::new(engine::registry().expect("the rows of this build join"));
    let queue = ControlQueue::default();
    let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let server =
        OscServer::start(address, Arc::clone(&registry), queue.clone(), Notices::default())
            .expect("a free port");
    let is_over = Arc::new(AtomicBool::new(false));
    let (stub_queue, stub_over) = (queue.clone(), Arc::clone(&is_over));
    let numbered = registry.find(NUMBERED).expect("a row");
    let mut store = Store::new(registry);
    let stub = thread::spawn(move || {
        let rate = FrameRate::whole(30);
        let (start, mut slot) = (Instant::now(), 0);
        let (mut entered, mut worst) = (Vec::with_capacity(messages), Duration::ZERO);
        while !stub_over.load(Ordering::Relaxed) {
            slot += 1;
            thread::sleep((start + rate.time_of(slot)).saturating_duration_since(Instant::now()));
            let (begun, tick) = (Instant::now(), stub_queue.now());
            for _ in 0..stub_queue.len() {
                let Some(queued) = stub_queue.pop() else { break };
                store.apply(&queued.event);
                let number = store.base().int(numbered) as usize;
                entered.push(Entered { number, at: queued.at, tick });
            }
            worst = worst.max(begun.elapsed());
        }
        (entered, worst)
    });
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.connect(server.local_addr()).expect("an address");
    let mut sent = vec![Duration::ZERO; messages + 1];
    let start = Instant::now();
    for (number, moment) in sent.iter_mut().enumerate().skip(1) {
        let due = start + Duration::from_secs(1) * number as u32 / per_second as u32;
        // A sleep is coarser than the gap between two messages: it waits awake.
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        let datagram = datagram(number as i32);
        *moment = queue.now();
        socket.send(&datagram).expect("it is sent");
    }
    thread::sleep(Duration::from_millis(200));
    is_over.store(true, Ordering::Relaxed);
    let (entered, worst) = stub.join().expect("the stub");
    let wire = entered.iter().map(|event| event.at.saturating_sub(sent[event.number]));
    let wait = entered.iter().map(|event| event.tick.saturating_sub(event.at));
    let refused = queue.counters().refused.load(Ordering::Relaxed);
    println!(
        "{per_second:>6} messages a second: wire to queue {}; queue to tick {}; {} of {messages} \
         entered (of values that come together the latest), {refused} refused by a queue of \
         {QUEUE_CAPACITY}; longest drain {:.2}",
        percentiles(wire),
        percentiles(wait),
        entered.len(),
        worst.as_secs_f64() * 1e3,
    );
}

/// An OSC message by hand: address, types, one int.
fn datagram(number: i32) -> Vec<u8> {
    let mut bytes = format!("/{}", NUMBERED.replace('.', "/")).into_bytes();
    for text in ["", ",i"] {
        bytes.extend_from_slice(text.as_bytes());
        let padded = (bytes.len() / 4 + 1) * 4;
        bytes.resize(padded, 0);
    }
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes
}

fn percentiles(times: impl Iterator<Item = Duration>) -> String {
    let mut millis: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    let Some(last) = millis.len().checked_sub(1) else { return "nothing came".to_owned() };
    let at = |part: f64| millis[(last as f64 * part).round() as usize];
    format!("p50 {:.3}, p99 {:.3}, max {:.3}", at(0.5), at(0.99), at(1.0))
}
