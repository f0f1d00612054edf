//! The server and its clients: hand-written requests, and the websocket client of `tungstenite`.

use super::*;
use crate::{
    control::{Progress, Shaky, Stage},
    params::{Change, ParamSpec, Source, Store},
};
use rosc::{OscMessage, OscPacket, OscType};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    time::Instant,
};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

const ROWS: [ParamSpec; 3] = [
    ParamSpec::float("decay.noise", "Noise", "Adds noise.", (0.0, 4.0), 0.5),
    ParamSpec::switch("programme.hold", "Hold", "Holds it.", false).transport(),
    ParamSpec::trigger("panic", "Panic", "All back."),
];

struct Bench {
    server: WebServer,
    registry: Arc<Registry>,
    queue: ControlQueue,
    store: Store,
    stage: Stage,
}

impl Bench {
    fn new() -> Self {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let (queue, stage) = (ControlQueue::default(), Stage::default());
        let plan = WebPlan {
            address: ([127, 0, 0, 1], 0).into(),
            may_move: false,
            osc: ([127, 0, 0, 1], 7700).into(),
            monitor: Box::new(stage.clone()),
            ear: Ear::default(),
        };
        let server =
            WebServer::start(plan, Arc::clone(&registry), queue.clone(), Notices::default())
                .expect("a free port");
        let store = Store::new(Arc::clone(&registry));
        let mut bench = Self { server, registry, queue, store, stage };
        bench.publish();
        bench
    }

    /// A tick.
    fn publish(&mut self) {
        while let Some(queued) = self.queue.pop() {
            self.store.apply(&queued.event);
        }
        self.store.advance(1.0);
        self.stage.publish(self.store.base(), Progress::default());
    }

    fn set(&mut self, id: &str, plain: f64) {
        let param = self.registry.find(id).expect("a row");
        self.store.set(param, plain);
        self.publish();
    }

    /// The status and the JSON of an answer.
    fn ask(&self, request: &str) -> (u16, Option<Value>) {
        let mut stream = TcpStream::connect(self.server.local_addr()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        (status, serde_json::from_str(body).ok())
    }

    fn get(&self, target: &str) -> (u16, Option<Value>) {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
    }

    fn socket(&self) -> WebSocket<MaybeTlsStream<TcpStream>> {
        let address = self.server.local_addr();
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(180))).expect("a timeout");
        stream.set_nodelay(true).expect("small messages go at once");
        let url = format!("ws://{address}/");
        tungstenite::client(url, MaybeTlsStream::Plain(stream)).expect("a websocket").0
    }
}

type Client = WebSocket<MaybeTlsStream<TcpStream>>;

fn command(client: &mut Client, command: &str, path: &str) {
    let text = json!({ "COMMAND": command, "DATA": path }).to_string();
    client.send(Message::text(text)).expect("it is sent");
}

fn next(client: &mut Client) -> (String, Vec<OscType>) {
    match client.read().expect("a message") {
        Message::Binary(packet) => {
            let (_, packet) = rosc::decoder::decode_udp(&packet).expect("OSC");
            let OscPacket::Message(OscMessage { addr, args }) = packet else { panic!("a message") };
            (addr, args)
        }
        Message::Text(text) => (text.to_string(), Vec::new()),
        other => panic!("{other:?}"),
    }
}

fn until(mut seen: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !seen() {
        assert!(begin.elapsed() < Duration::from_secs(180), "it never came");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn nodes_attributes_and_errors_are_answered() {
    let mut bench = Bench::new();
    bench.set("decay.noise", 1.5);
    until(|| bench.get("/decay/noise?VALUE") == (200, Some(json!({"VALUE": [1.5]}))));
    let (status, host) = bench.get("/?HOST_INFO");
    let host = host.expect("JSON");
    assert_eq!((status, &host["OSC_PORT"]), (200, &json!(7700)));
    assert_eq!(host["WS_PORT"], bench.server.local_addr().port());
    let (status, root) = bench.get("/");
    let noise = &root.expect("JSON")["CONTENTS"]["decay"]["CONTENTS"]["noise"];
    assert_eq!((status, &noise["VALUE"]), (200, &json!([1.5])));
    assert_eq!(bench.get("/decay/noise?TYPE"), (200, Some(json!({"TYPE": "f"}))));
    assert_eq!(bench.get("/decay?VALUE"), (204, None), "a container has no value");
    assert_eq!(bench.get("/panic?RANGE"), (204, None));
    for (target, status) in [
        ("/nothing", 404),
        ("/nothing?VALUE", 404),
        ("/decay/noise?GABBAGABBAHEY", 400),
        ("/%zz", 400),
    ] {
        assert_eq!(bench.get(target).0, status, "{target}");
    }
    assert_eq!(bench.ask("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").0, 405);
    assert_eq!(bench.ask("nonsense\r\n\r\n").0, 400);
    assert_eq!(bench.ask("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").0, 403);
    let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(20_000));
    assert_eq!(bench.ask(&long).0, 431);
}

#[test]
fn who_comes_when_all_places_are_taken_is_told_so() {
    let bench = Bench::new();
    let mut clients: Vec<Client> = (0..64).map(|_| bench.socket()).collect();
    let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    // As many at once as are told at once, and more.
    let mut others: Vec<TcpStream> = Vec::new();
    for _ in 0..12 {
        let mut stream = TcpStream::connect(bench.server.local_addr()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it is sent");
        others.push(stream);
    }
    for mut stream in others {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer, and no reset");
        assert!(text.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{text}");
        let body = text.split_once("\r\n\r\n").expect("a head").1;
        assert_eq!(body, r#"{"ERROR":"64 clients are connected, which is the most: close one"}"#);
    }
    // Those that were there are served as before, and where one goes there is room for another.
    command(&mut clients[63], "LISTEN", "/decay/noise");
    assert_eq!(next(&mut clients[63]).0, "/decay/noise");
    clients[0].close(None).expect("open until now");
    drop(clients.remove(0));
    until(|| bench.get("/panic?TYPE").0 == 200);
}

#[test]
fn one_connection_asks_several_times() {
    let bench = Bench::new();
    let mut stream = TcpStream::connect(bench.server.local_addr()).expect("it listens");
    let one = "GET /panic?TYPE HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "HEAD /panic HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{one}{one}{last}").as_bytes()).expect("it is sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("answers");
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!(text.matches(r#"{"TYPE":"N"}"#).count(), 2);
    assert!(text.ends_with("\r\n\r\n"), "a HEAD has no body");
}

#[test]
fn listeners_hear_values_and_no_echo() {
    let mut bench = Bench::new();
    let (mut one, mut other) = (bench.socket(), bench.socket());
    for client in [&mut one, &mut other] {
        command(client, "LISTEN", "/decay/noise");
        let (address, args) = next(client);
        assert_eq!((address.as_str(), args), ("/decay/noise", vec![OscType::Float(0.5)]));
    }
    command(&mut other, "LISTEN", "/programme/hold");
    assert_eq!(next(&mut other), ("/programme/hold".to_owned(), vec![OscType::Bool(false)]));
    // One sets the value over its socket: the event is that of the web, and only the other hears it.
    let message = OscMessage { addr: "/decay/noise".to_owned(), args: vec![2.0_f32.into()] };
    let packet = rosc::encoder::encode(&OscPacket::Message(message)).expect("legal");
    one.send(Message::binary(packet)).expect("it is sent");
    until(|| !bench.queue.is_empty());
    let event = bench.queue.pop().expect("an event").event;
    assert_eq!((event.change, event.source), (Change::Plain(2.0), Source::Web));
    bench.store.apply(&event);
    bench.publish();
    assert_eq!(next(&mut other), ("/decay/noise".to_owned(), vec![OscType::Float(2.0)]));
    bench.set("decay.noise", 3.0);
    assert_eq!(next(&mut one), ("/decay/noise".to_owned(), vec![OscType::Float(3.0)]));
    assert_eq!(next(&mut other).1, [OscType::Float(3.0)]);
    // What is ignored is not heard. Commands are obeyed in order: the answer to the second comes
    // after the first.
    command(&mut other, "IGNORE", "/decay/noise");
    command(&mut other, "LISTEN", "/programme/hold");
    assert_eq!(next(&mut other), ("/programme/hold".to_owned(), vec![OscType::Bool(false)]));
    bench.set("decay.noise", 1.0);
    bench.set("programme.hold", 1.0);
    assert_eq!(next(&mut other), ("/programme/hold".to_owned(), vec![OscType::Bool(true)]));
}

#[test]
fn a_value_that_follows_at_once_is_told_though_nothing_else_is_new() {
    let mut bench = Bench::new();
    let mut client = bench.socket();
    command(&mut client, "LISTEN", "/decay/noise");
    assert_eq!(next(&mut client).1, [OscType::Float(0.5)]);
    let message = OscMessage { addr: "/decay/noise".to_owned(), args: vec![2.0_f32.into()] };
    let packet = rosc::encoder::encode(&OscPacket::Message(message)).expect("legal");
    client.send(Message::binary(packet)).expect("it is sent");
    until(|| !bench.queue.is_empty());
    let event = bench.queue.pop().expect("an event").event;
    bench.store.apply(&event);
    // Another hand in the same tick: its own value is never seen, and no tick comes after.
    bench.set("decay.noise", 3.0);
    assert_eq!(next(&mut client).1, [OscType::Float(3.0)]);
}

#[test]
fn a_client_that_never_pauses_is_heard_while_it_sends() {
    let message = OscMessage { addr: "/decay/noise".to_owned(), args: vec![2.0_f32.into()] };
    let packet = rosc::encoder::encode(&OscPacket::Message(message)).expect("legal");
    // Fewer than are read at once; none of them waits for the last. A busy machine may leave the
    // server asleep all the while, so that it is tried again with another.
    let is_heard = (0..10).any(|_| {
        let bench = Bench::new();
        let mut client = bench.socket();
        (0..200).any(|_| {
            client.send(Message::binary(packet.clone())).expect("it is sent");
            // Awake, so that the pauses are as short as they should be.
            let sent = Instant::now();
            while sent.elapsed() < Duration::from_millis(1) {
                std::hint::spin_loop();
            }
            !bench.queue.is_empty()
        })
    });
    assert!(is_heard, "200 messages, and none has come through");
}

#[test]
fn rows_that_come_and_go_are_told() {
    const LOW: ParamSpec = ParamSpec::float("shader.glow", "Glow", "", (0.0, 1.0), 0.0);
    const HIGH: ParamSpec = ParamSpec::float("shader.glow", "Glow", "", (0.0, 9.0), 0.0);
    let bench = Bench::new();
    let mut client = bench.socket();
    // That it is attended to.
    command(&mut client, "LISTEN", "/panic");
    command(&mut client, "LISTEN", "/decay/noise");
    assert_eq!(next(&mut client).0, "/decay/noise");
    let low = bench.registry.replace(&[], &[LOW]).expect("rows");
    let told = |client: &mut Client| -> Value {
        serde_json::from_str(&next(client).0).expect("a command")
    };
    assert_eq!(told(&mut client), json!({"COMMAND": "PATH_ADDED", "DATA": "/shader/glow"}));
    let high = bench.registry.replace(&low, &[HIGH]).expect("rows");
    assert_eq!(told(&mut client), json!({"COMMAND": "PATH_CHANGED", "DATA": "/shader/glow"}));
    assert_eq!(
        bench.get("/shader/glow?RANGE").1,
        Some(json!({"RANGE": [{"MIN": 0.0, "MAX": 9.0}]}))
    );
    bench.registry.replace(&high, &[]).expect("rows");
    assert_eq!(told(&mut client), json!({"COMMAND": "PATH_REMOVED", "DATA": "/shader/glow"}));
    assert_eq!(bench.get("/shader/glow").0, 404);
}

#[test]
fn what_no_client_sends_costs_nothing_else() {
    let bench = Bench::new();
    let mut client = bench.socket();
    for text in ["", "{}", "[1]", r#"{"COMMAND": "DANCE", "DATA": "/panic"}"#, r#"{"COMMAND": 1}"#]
    {
        client.send(Message::text(text)).expect("it is sent");
    }
    client.send(Message::binary(b"not OSC".to_vec())).expect("it is sent");
    let malformed = || bench.queue.counters().malformed.load(Ordering::Relaxed);
    until(|| malformed() == 6);
    // What is too long ends its own connection only.
    let mut long = bench.socket();
    let _ = long.send(Message::binary(vec![0; 1 << 17]));
    until(|| long.read().is_err());
    command(&mut client, "LISTEN", "/decay/noise");
    assert_eq!(next(&mut client).0, "/decay/noise");
}

#[test]
fn a_panic_is_said_and_ends_nothing() {
    let mut bench = Bench::new();
    let notices = Notices::default();
    let plan = WebPlan {
        address: ([127, 0, 0, 1], 0).into(),
        may_move: false,
        osc: ([127, 0, 0, 1], 7700).into(),
        monitor: Box::new(Shaky::from(bench.stage.clone())),
        ear: Ear::default(),
    };
    let registry = Arc::clone(&bench.registry);
    let server = WebServer::start(plan, registry, bench.queue.clone(), notices.clone());
    bench.server = server.expect("a free port");
    until(|| {
        let mut lines = std::iter::from_fn(|| notices.take());
        lines.any(|line| line.text == "OSCQuery failed; it begins again")
    });
    bench.set("decay.noise", 1.5);
    until(|| bench.get("/decay/noise?VALUE") == (200, Some(json!({"VALUE": [1.5]}))));
}

#[test]
fn a_taken_port_is_said_or_the_next_one_is_taken() {
    let bench = Bench::new();
    let taken = bench.server.local_addr();
    let start = |may_move| {
        let monitor = Box::new(Stage::default());
        let ear = Ear::default();
        let plan = WebPlan { address: taken, may_move, osc: taken, monitor, ear };
        let registry = Arc::clone(&bench.registry);
        WebServer::start(plan, registry, ControlQueue::default(), Notices::default())
    };
    let error = start(false).expect_err("it is taken");
    assert_eq!(
        error.to_string(),
        format!(
            "cannot serve OSCQuery on {taken}: the port is in use; name another one, or end the \
             program that has it"
        )
    );
    assert_ne!(start(true).expect("another port").local_addr(), taken);
    drop(bench.server);
    TcpStream::connect(taken).expect_err("it is closed");
}
