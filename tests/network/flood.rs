//! A flood of everything that no honest program sends, while it plays.

use super::*;
use rosc::{OscMessage, OscPacket, OscType, encoder};
use std::net::UdpSocket;

/// Messages a second.
const RATE: usize = 50_000;
const SECS: usize = 4;

fn message(address: &str, args: Vec<OscType>) -> Vec<u8> {
    let message = OscMessage { addr: address.to_owned(), args };
    encoder::encode(&OscPacket::Message(message)).expect("legal")
}

/// Bundles in bundles until a datagram is full.
fn nested_bundles() -> Vec<u8> {
    let mut datagram = Vec::new();
    for rest in (0..3_250_u32).rev() {
        datagram.extend(b"#bundle\0\0\0\0\0\0\0\0\x01");
        datagram.extend((rest * 20).to_be_bytes());
    }
    datagram
}

/// What is sent in turn: mostly values of one fader, and now and then something nobody should.
fn flood(address: &str) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let bad = [
        message("/decay/noise_amplitude", vec![f32::NAN.into()]),
        message("/decay/noise_amplitude", vec!["9".repeat(64_000).into()]),
        message("/no/such/address", vec![1_i32.into()]),
        message("/superframe/size", vec![OscType::Blob(vec![1, 2, 3])]),
        message(&format!("/decay/{{{}", "*".repeat(200)), vec![1_i32.into()]),
        nested_bundles(),
        b"not OSC at all".to_vec(),
    ];
    let good: Vec<Vec<u8>> = (0..100)
        .map(|step| message("/decay/noise_amplitude", vec![(step as f32 / 100.0).into()]))
        .collect();
    let begin = Instant::now();
    // Packets of a hundredth of a second, then a rest up to the next.
    for burst in 0..SECS * 100 {
        for number in 0..RATE / 100 {
            let datagram = match number % 100 {
                99 => &bad[(burst * 5 + number / 100) % bad.len()],
                step => &good[step],
            };
            // A full buffer loses it, as on any network.
            let _ = socket.send_to(datagram, address);
        }
        let next = begin + Duration::from_millis(10) * (burst as u32 + 1);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn late(trace: &[Value]) -> usize {
    trace.iter().filter(|line| line["late"] == true).count()
}

/// How often the comparison is made, until once nothing comes between.
const ROUNDS: usize = 4;

/// Slots that came while a flood went to this address, and how many of them were late.
fn slots_during(house: &House, address: &str) -> (usize, usize) {
    let from = house.instrument.trace().len();
    let begin = Instant::now();
    flood(address);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(2 * SECS as u64), "the flood itself was too slow: {took:?}");
    let trace = house.instrument.trace();
    (trace.len() - from, late(&trace[from..]))
}

/// Sending takes the machine's time too, and others may be at work on it: a flood of the instrument is
/// compared with the same flood of somebody who reads nothing. What others do only ever adds.
#[test]
fn a_flood_is_counted_and_shown_and_makes_no_tick_late() {
    let port = free_port();
    let mut status = Talker::start(Command::new("oscdump").args(["-L", &port.to_string()]), false);
    let mut house = House::open(&["--osc-out", &format!("127.0.0.1:{port}")]);
    let nobody = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let nobody = nobody.local_addr().expect("an address").to_string();
    let address = format!("127.0.0.1:{}", house.osc);
    let is_harmless = (0..ROUNDS).any(|_| {
        let (_, before) = slots_during(&house, &nobody);
        let (slots, during) = slots_during(&house, &address);
        eprintln!(
            "late: {during} of {slots} slots while flooded, {before} while somebody else was"
        );
        during <= before + slots / 60
    });
    assert!(is_harmless, "slots are late while it is flooded, each time");
    // It goes on, at once, and says what came.
    house.send(&["/superframe/size", "i", "17"]);
    house.has_event("superframe.size", "plain", 17.0);
    thread::sleep(Duration::from_millis(500));
    let counted = |status: &mut Talker, name: &str| -> usize {
        status.listens();
        let start = format!("/status/osc/{name} i ");
        let last = status.heard.iter().rev().find_map(|line| line.split(start.as_str()).nth(1));
        last.and_then(|number| number.trim().parse().ok()).expect("it was told")
    };
    let received = counted(&mut status, "received");
    let malformed = counted(&mut status, "malformed");
    let unknown = counted(&mut status, "unknown");
    let refused = counted(&mut status, "refused");
    eprintln!("{received} read, {malformed} malformed, {unknown} unknown, {refused} refused");
    assert!(received > RATE, "most of it was lost before it was read: {received}");
    assert!(malformed > received / 200 && unknown > received / 2000);
    assert_eq!(refused, 0, "values are thinned before they meet the queue");
    house.instrument.stop();
}
