//! A JACK server without hardware, and controllers made of software.
//!
//! JACK finds its server by an environment variable, which a test cannot set for itself: it runs
//! this program once more with it set.

#![allow(dead_code, reason = "each test file uses its part")]

use crossbeam::queue::ArrayQueue;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const SERVER: &str = "JACK_DEFAULT_SERVER";

/// A process that ends with the test.
pub struct Process(Child);

impl Process {
    /// Fails where the program is not installed.
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap_or_else(|error| panic!("{program} must be installed: {error}")))
    }

    pub fn jackd(server: &str) -> Self {
        let arguments = ["-r", "-n", server, "-d", "dummy", "-r", "48000", "-p", "256"];
        let mut jackd = Self::start("jackd", &arguments);
        // Asked from outside: libjack does not bear a client of this process whose server has gone
        // beside another one that finds no server.
        until("the JACK server", || {
            let mut lsp = Command::new("jack_lsp");
            lsp.args(["-s", server]).stdout(Stdio::null()).stderr(Stdio::null());
            // Servers that start and end at one time may trip over what they share: started again.
            if jackd.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                jackd = Self::start("jackd", &arguments);
            }
            lsp.status().expect("jack_lsp is installed").success().then_some(())
        });
        jackd
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first, since a killed server leaves its shared memory behind.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// A controller made of software: what is put in goes out.
pub struct Controller {
    out: Arc<ArrayQueue<Vec<u8>>>,
    cycles: Arc<AtomicU32>,
    _client: jack::AsyncClient<(), Sender>,
}

struct Sender {
    port: jack::Port<jack::MidiOut>,
    out: Arc<ArrayQueue<Vec<u8>>>,
    cycles: Arc<AtomicU32>,
}

impl jack::ProcessHandler for Sender {
    fn process(&mut self, _: &jack::Client, scope: &jack::ProcessScope) -> jack::Control {
        self.cycles.fetch_add(1, Ordering::Relaxed);
        let mut writer = self.port.writer(scope);
        let mut time = 0;
        while let Some(bytes) = self.out.pop() {
            writer.write(&jack::RawMidi { time, bytes: &bytes }).expect("the buffer has room");
            time += 1;
        }
        jack::Control::Continue
    }
}

impl Controller {
    pub fn new(name: &str) -> Self {
        let options = jack::ClientOptions::NO_START_SERVER;
        let (client, _) = jack::Client::new(name, options).expect("a JACK server");
        let port = client.register_port("out", jack::MidiOut::default()).expect("a port");
        let out = Arc::new(ArrayQueue::new(64));
        let cycles = Arc::default();
        let sender = Sender { port, out: Arc::clone(&out), cycles: Arc::clone(&cycles) };
        let client = client.activate_async((), sender).expect("it runs");
        Self { out, cycles, _client: client }
    }

    pub fn send(&self, messages: &[&[u8]]) {
        // A connection that was just made is in force some cycles later; what is sent before is lost.
        let now = self.cycles.load(Ordering::Relaxed);
        until("cycles", || (self.cycles.load(Ordering::Relaxed) > now + 20).then_some(()));
        for message in messages {
            self.out.push(message.to_vec()).expect("the queue has room");
        }
    }
}

/// A controller that is a program of its own, written with another library: it plays byte streams to
/// the frame (48,000 a second) and hears what it is told.
pub struct StreamPlayer {
    child: Child,
    stdin: ChildStdin,
    heard: Arc<Mutex<Vec<String>>>,
}

impl StreamPlayer {
    pub fn new(name: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jack_peers/controller.py");
        // The system's own, to which Debian's packages belong, whatever else is on the path.
        let mut command = Command::new("/usr/bin/python3");
        command.args([script, name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 is installed");
        let stdin = child.stdin.take().expect("piped");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let to = Arc::clone(&heard);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                to.lock().expect("nobody panics with it").push(line);
            }
        });
        let this = Self { child, stdin, heard };
        until("a JACK client in Python (Debian: python3-jack-client)", || {
            this.take().contains(&"ready".to_owned()).then_some(())
        });
        this
    }

    /// Plays events, each at its frame, and waits until the last is out.
    pub fn play(&mut self, events: &[(u32, Vec<u8>)]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let events = events.iter().map(|(frame, bytes)| format!("{frame}:{}", hex(bytes)));
        let line = events.collect::<Vec<_>>().join(" ");
        writeln!(self.stdin, "{line}").expect("it listens");
        until("the end of the stream", || {
            let mut heard = self.heard.lock().expect("nobody panics with it");
            let done = heard.iter().position(|line| line == "done")?;
            heard.remove(done);
            Some(())
        });
    }

    /// Plays messages one after the other.
    pub fn send(&mut self, messages: &[&[u8]]) {
        let frames = (0..).step_by(48);
        let events = frames.zip(messages).map(|(frame, bytes)| (frame, bytes.to_vec()));
        self.play(&events.collect::<Vec<_>>());
    }

    /// What was heard since the last time, as hex.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().expect("nobody panics with it"))
    }
}

impl Drop for StreamPlayer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again, for half a minute at most.
pub fn until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// JACK's registry has room for eight servers on a machine.
static ONE_SERVER: Mutex<()> = Mutex::new(());

/// Runs one of the ignored tests below with a JACK server name of its own, one at a time.
pub fn run_with_server(test: &str) {
    let _one = ONE_SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = format!("residua-{test}-{}", std::process::id());
    let status = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env(SERVER, server)
        .status()
        .expect("this program runs");
    assert!(status.success(), "{test}: {status}");
}

/// The name of this test's server.
pub fn server_name() -> String {
    env::var(SERVER).expect("run by the test of the same name")
}
