//! A JACK server without hardware, and controllers made of software.
//!
//! JACK finds its server by an environment variable, which a test cannot set for itself: it runs
//! this program once more with it set.

#![allow(dead_code, reason = "each test file uses its part")]

use crossbeam::queue::ArrayQueue;
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
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

    /// A server, started again where it does not come: what killed programs left in JACK's shared
    /// memory keeps new servers from starting.
    pub fn jackd(server: &str) -> Self {
        let log = env::temp_dir().join(format!("{server}.log"));
        for _ in 0..SERVER_TRIES {
            let told = fs::File::create(&log).expect("a log");
            let mut command = Command::new("jackd");
            command.args(["-r", "-n", server, "-d", "dummy", "-r", "48000", "-p", "256"]);
            command.stdin(Stdio::null()).stderr(told.try_clone().expect("a log")).stdout(told);
            let mut jackd = Self(command.spawn().expect("jackd is installed"));
            let deadline = Instant::now() + SERVER_TRY;
            while Instant::now() < deadline && jackd.0.try_wait().is_ok_and(|end| end.is_none()) {
                // Asked from outside: libjack does not bear a client of this process whose server
                // has gone beside another one that finds no server.
                let mut lsp = Command::new("jack_lsp");
                lsp.args(["-s", server]).stdout(Stdio::null()).stderr(Stdio::null());
                if lsp.status().expect("jack_lsp is installed").success() {
                    return jackd;
                }
                thread::sleep(Duration::from_millis(2));
            }
            let said = fs::read_to_string(&log).unwrap_or_default();
            eprintln!("the JACK server did not come, and is started again; it said: {said}");
            let _ = jackd.0.kill();
            drop(jackd);
            clear_shared_memory();
        }
        panic!("the JACK server never came");
    }
}

/// How often a server is started, and how long each has to answer.
const SERVER_TRIES: u32 = 6;
const SERVER_TRY: Duration = Duration::from_secs(10);

/// Removes what JACK has left in shared memory, unless a server runs.
fn clear_shared_memory() {
    let mut running = Command::new("pgrep");
    if running
        .args(["-x", "jackd|jackdbus"])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.code() != Some(1))
    {
        return;
    }
    for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("jack") {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
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
    /// There until the end.
    stdin: Option<ChildStdin>,
    heard: Arc<Mutex<Vec<String>>>,
    is_late: Arc<AtomicBool>,
}

impl StreamPlayer {
    pub fn new(name: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jack_peers/controller.py");
        // The system's own, to which Debian's packages belong, whatever else is on the path.
        let mut command = Command::new("/usr/bin/python3");
        command.args([script, name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 is installed");
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let is_late: Arc<AtomicBool> = Arc::default();
        let (to, late) = (Arc::clone(&heard), Arc::clone(&is_late));
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                match line.as_str() {
                    "late" => late.store(true, Ordering::Release),
                    _ => to.lock().expect("nobody panics with it").push(line),
                }
            }
        });
        let this = Self { child, stdin, heard, is_late };
        until("a JACK client in Python (Debian: python3-jack-client)", || {
            this.take().contains(&"ready".to_owned()).then_some(())
        });
        this
    }

    /// Plays events, each at its frame, and waits until the last is out.
    pub fn play(&mut self, events: &[(u32, Vec<u8>)]) {
        self.is_late.store(false, Ordering::Release);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let events = events.iter().map(|(frame, bytes)| format!("{frame}:{}", hex(bytes)));
        let line = events.collect::<Vec<_>>().join(" ");
        let stdin = self.stdin.as_mut().expect("until the end");
        writeln!(stdin, "{line}").expect("it listens");
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

    /// Whether the server left cycles out while the last stream was played, so that it came late.
    pub fn was_late(&self) -> bool {
        self.is_late.load(Ordering::Acquire)
    }

    /// What was heard since the last time, as hex.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().expect("nobody panics with it"))
    }
}

impl Drop for StreamPlayer {
    fn drop(&mut self) {
        // Its input ends, and so does it: a killed client leaves its shared memory behind.
        drop(self.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && self.child.try_wait().is_ok_and(|end| end.is_none()) {
            thread::sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again, for half a minute at most.
pub fn until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// The name of the one server: JACK's registry has room for eight on a machine, and those that were
/// killed keep their place until one of the same name starts.
const TEST_SERVER: &str = "residua-tests";

/// Runs one of the ignored tests below with a JACK server of its own, one at a time on this machine.
pub fn run_with_server(test: &str) {
    let lock = env::temp_dir().join(format!("{TEST_SERVER}.lock"));
    let lock = fs::File::create(lock).expect("a file to lock");
    lock.lock().expect("nobody else's server");
    let status = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env(SERVER, TEST_SERVER)
        .status()
        .expect("this program runs");
    assert!(status.success(), "{test}: {status}");
}

/// The name of this test's server.
pub fn server_name() -> String {
    env::var(SERVER).expect("run by the test of the same name")
}
