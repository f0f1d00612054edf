//! The eye beside a show: what it sees goes out, enters ticks as events, and is in the take.

use super::{
    GOLDEN,
    common::{Instrument, free_port, library, residua, scene, succeed, trace},
    support::ffmpeg,
};
use rosc::{OscMessage, OscPacket, OscType, decoder, encoder};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    net::UdpSocket,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Somebody who is told everything.
struct Listener {
    socket: UdpSocket,
    /// What was told last, by address.
    told: BTreeMap<String, OscType>,
}

impl Listener {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Self { socket, told: BTreeMap::new() }
    }

    fn target(&self) -> String {
        format!("127.0.0.1:{},meters", self.socket.local_addr().unwrap().port())
    }

    fn take(&mut self, packet: OscPacket) {
        match packet {
            OscPacket::Message(OscMessage { addr, mut args }) => {
                self.told.insert(addr, args.remove(0));
            }
            OscPacket::Bundle(bundle) => bundle.content.into_iter().for_each(|one| self.take(one)),
        }
    }

    /// Waits until what was told is as wished.
    fn until(&mut self, what: &str, is_so: impl Fn(&BTreeMap<String, OscType>) -> bool) {
        let begin = Instant::now();
        let mut bytes = vec![0; 65_536];
        while !is_so(&self.told) {
            assert!(begin.elapsed() < Duration::from_secs(60), "never {what}: {:?}", self.told);
            if let Ok((length, _)) = self.socket.recv_from(&mut bytes) {
                self.take(decoder::decode_udp(&bytes[..length]).unwrap().1);
            }
        }
    }
}

fn float(told: &BTreeMap<String, OscType>, address: &str) -> f64 {
    told.get(address).and_then(|value| value.clone().float()).map_or(-1.0, f64::from)
}

fn is_label(told: &BTreeMap<String, OscType>, label: &str) -> bool {
    told.get("/recognition/label") == Some(&OscType::String(label.to_owned()))
}

fn send(port: u16, address: &str, value: OscType) {
    let message = OscMessage { addr: address.to_owned(), args: vec![value] };
    let packet = encoder::encode(&OscPacket::Message(message)).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&packet, ("127.0.0.1", port)).unwrap();
}

/// What the audience saw in each slot.
fn seen(trace: &[Value]) -> Vec<(u64, bool, String)> {
    let line = |line: &Value| {
        let hash = line["frame_hash"].as_str().unwrap_or("none").to_owned();
        (line["tick"].as_u64().unwrap(), line["late"].as_bool().unwrap(), hash)
    };
    trace.iter().map(line).collect()
}

/// A drawing that stands still for two seconds.
fn still(folder: &Path) -> std::path::PathBuf {
    let (picture, video) = (format!("{GOLDEN}/drawn_star.png"), folder.join("star.mp4"));
    let arguments =
        ["-loop", "1", "-framerate", "15", "-i", &picture, "-t", "2", "-pix_fmt", "yuv420p"];
    ffmpeg(&arguments, &video);
    video
}

#[test]
fn a_drawing_is_seen_hovers_at_the_edge_and_the_take_renders_the_same_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let video = still(folder.path());
    let (mut listener, port) = (Listener::new(), free_port());
    let mut command: Command = residua();
    command.args(["play", "--headless", "--no-midi", "--no-web", "--shapes", "--library"]);
    command.arg(library()).args(["--canvas", "160x160@15", "--trace-hash", "--seed", "3"]);
    command.args(["--osc", &format!("127.0.0.1:{port}"), "--osc-out", &listener.target()]);
    command.current_dir(folder.path()).args(["--record-take", "show.take"]).arg(&video);
    let mut show = Instrument::start(command);
    // Nobody has asked for it: nothing is said.
    listener.until("a tick", |told| told.contains_key("/status/tick"));
    assert!(!listener.told.contains_key("/recognition/label"));

    send(port, "/recognition/on", OscType::Int(1));
    listener.until("a star", |told| {
        is_label(told, "star") && float(told, "/recognition/confidence") > 0.8
    });
    send(port, "/recognition/level", OscType::Float(0.6));
    send(port, "/recognition/edge", OscType::Int(1));
    listener.until("worn to the edge", |told| {
        let confidence = float(told, "/recognition/confidence");
        float(told, "/recognition/wear") > 0.05 && (0.45..0.75).contains(&confidence)
    });
    // Far below: it is lost, and found again when the loop is open.
    send(port, "/recognition/level", OscType::Float(0.02));
    let has = |trace: &[Value], id: &str| trace.iter().any(|line| line.to_string().contains(id));
    show.wait_for("lost", |trace| has(trace, "recognition.lost"));
    send(port, "/recognition/edge", OscType::Int(0));
    show.wait_for("found", |trace| has(trace, "recognition.found"));
    listener.until("a star again", |told| is_label(told, "star"));
    // The loop alone opens the eye, too.
    send(port, "/recognition/on", OscType::Int(0));
    listener.until("shut", |told| float(told, "/recognition/confidence") == 0.0);
    send(port, "/recognition/edge", OscType::Int(1));
    listener.until("open", |told| float(told, "/recognition/confidence") > 0.0);
    send(port, "/recognition/edge", OscType::Int(0));
    listener.until("shut", |told| float(told, "/recognition/confidence") == 0.0);
    show.stop();

    let live = show.trace();
    assert!(
        fs::read_to_string(folder.path().join("show.take")).unwrap().contains("recognition.wear")
    );
    let lines = folder.path().join("render.jsonl");
    let mut render = residua();
    render.args(["render", "--take"]).arg(folder.path().join("show.take"));
    render.arg("--library").arg(library()).arg("--trace").arg(&lines).arg("--trace-hash");
    succeed(render.arg("-o").arg(folder.path().join("render.mkv")));
    let (live, rendered) = (seen(&live), seen(&trace(&lines)));
    assert!(live.len() > 30);
    let length = live.len().min(rendered.len());
    assert!(rendered.len().abs_diff(live.len()) <= 1, "{} of {}", rendered.len(), live.len());
    assert_eq!(live[..length], rendered[..length]);
    let differs: std::collections::BTreeSet<&String> = live.iter().map(|(.., hash)| hash).collect();
    assert!(differs.len() > 10, "the wear has changed nothing");
}

#[test]
fn without_a_classifier_likeness_is_what_it_goes_by() {
    let mut listener = Listener::new();
    let port = free_port();
    let mut command = scene("play", &["flower.mp4"]);
    command.args(["--no-web", "--set", "recognition.on=1"]);
    command.args(["--osc", &format!("127.0.0.1:{port}"), "--osc-out", &listener.target()]);
    let _show = Instrument::start(command);
    // Nothing wears it yet, so that it is what it is, up to the way through colours and back.
    listener.until("alike", |told| float(told, "/recognition/confidence") > 0.95);
    listener.until("no label", |told| is_label(told, ""));
    assert_eq!(listener.told["/recognition/by"], OscType::String("likeness".to_owned()));
    send(port, "/decay/blur_radius_px", OscType::Float(8.0));
    listener.until("another picture", |told| float(told, "/recognition/confidence") < 0.7);
}

#[test]
fn a_model_that_cannot_be_had_ends_the_show_before_it_begins() {
    let mut command = scene("play", &["flower.mp4"]);
    command.args(["--model", "/nowhere/model.onnx", "--labels", "/nowhere/labels.txt"]);
    assert!(super::common::fail(&mut command, 1).contains("labels.txt"));
}
