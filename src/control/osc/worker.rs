//! The thread of the OSC server: waits for any of its sockets, reads, tells.

use super::{
    OscTarget,
    framing::LONGEST_PACKET,
    inlet::Inlet,
    outlet::{Outlet, Place},
    tcp::Connections,
};
use crate::{
    control::{HeardFrom, batch::BATCH_MESSAGES, monitor::Monitor},
    params::Registry,
    ports::Notices,
};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, UdpSocket},
};
use std::{
    io::{self, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How often the thread looks whether it should end.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// How long until it is looked again whether a queue that was half full has room.
const ROOM_WAIT: Duration = Duration::from_millis(2);

/// How often it is looked whether the instrument has published a tick while somebody listens: a few
/// times a tick.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// How long the thread rests after a panic, so that one in every turn is no busy loop.
const PANIC_WAIT: Duration = Duration::from_millis(100);

/// How long nothing is read after an error that says nothing.
const ERROR_WAIT: Duration = Duration::from_millis(10);

const UDP: Token = Token(0);
const LISTENER: Token = Token(1);
const FIRST_CONNECTION: usize = 2;

/// What the thread owns.
pub(super) struct Worker {
    poll: Poll,
    registry: Arc<Registry>,
    inlet: Inlet,
    udp: UdpSocket,
    tcp: Option<Connections>,
    audience: Audience,
    events: Events,
    bytes: Vec<u8>,
    /// The system tells once only: until a socket was read empty there may be more.
    may_read: bool,
    is_sent: bool,
}

/// Who listens, and whether it was said that there is no room for more.
struct Audience {
    outlet: Option<Outlet>,
    notices: Notices,
    has_said_full: bool,
}

impl Audience {
    /// Takes in what the last packet said beside its events.
    fn hear(&mut self, inlet: &Inlet, origin: Place) {
        let Some(outlet) = &mut self.outlet else { return };
        let has_room = outlet.hear(inlet, origin, Instant::now());
        if !has_room && !self.has_said_full {
            self.has_said_full = true;
            self.notices.warn(
                "OSC: there is no room for another subscriber; end those that are not needed",
            );
        }
    }
}

impl Worker {
    pub(super) fn new(
        registry: Arc<Registry>,
        inlet: Inlet,
        udp: std::net::UdpSocket,
        tcp: Option<TcpListener>,
        monitor: Option<Box<dyn Monitor>>,
        targets: &[OscTarget],
        notices: Notices,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        udp.set_nonblocking(true)?;
        let mut udp = UdpSocket::from_std(udp);
        poll.registry().register(&mut udp, UDP, Interest::READABLE)?;
        let tcp = tcp.map(|mut listener| {
            poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
            Ok::<_, io::Error>(Connections::new(listener, FIRST_CONNECTION))
        });
        let tcp = tcp.transpose()?;
        let outlet = monitor.map(|monitor| Outlet::new(monitor, targets));
        Ok(Self {
            poll,
            registry,
            inlet,
            udp,
            tcp,
            audience: Audience { outlet, notices, has_said_full: false },
            events: Events::with_capacity(64),
            bytes: vec![0; LONGEST_PACKET],
            may_read: true,
            is_sent: true,
        })
    }

    /// Works until it is told to stop. A panic costs the turn that it came in, and is reported.
    pub(super) fn run(mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if catch_unwind(AssertUnwindSafe(|| self.turn())).is_err() {
                self.audience.notices.error("OSC failed; it begins again");
                // Whatever the system told meanwhile, it does not tell again.
                self.may_read = true;
                thread::sleep(PANIC_WAIT);
            }
        }
    }

    /// Waits for what comes, takes it, and tells.
    fn turn(&mut self) {
        let has_more = self.may_read || self.tcp.as_ref().is_some_and(Connections::may_read);
        let wait = if has_more { Duration::ZERO } else { self.longest_wait() };
        if self.poll.poll(&mut self.events, Some(wait)).is_err() {
            // Interrupted, or whatever must not become a busy loop.
            thread::sleep(Duration::from_millis(1));
        }
        for event in &self.events {
            match (event.token(), &mut self.tcp) {
                (UDP, _) => self.may_read = true,
                (LISTENER, Some(tcp)) => tcp.accept(self.poll.registry()),
                (Token(number), Some(tcp)) => tcp.wake(number),
                (_, None) => {}
            }
        }
        if self.may_read {
            self.may_read = self.read_udp();
        }
        self.read_tcp();
        self.is_sent = self.inlet.send();
        self.tell();
    }

    fn longest_wait(&self) -> Duration {
        let is_heard = self.audience.outlet.as_ref().is_some_and(Outlet::is_heard);
        let longest = match (self.is_sent, is_heard) {
            (false, _) => ROOM_WAIT,
            (true, true) => LOOK_EVERY,
            (true, false) => LONGEST_WAIT,
        };
        let due = self.inlet.next_due(Instant::now()).unwrap_or(longest);
        // A part of a millisecond would be none at all, and a busy loop.
        due.clamp(Duration::from_millis(1), longest)
    }

    /// Takes what has arrived, so that a flood is thinned before it meets the queue. Returns whether
    /// there may be more.
    fn read_udp(&mut self) -> bool {
        for _ in 0..BATCH_MESSAGES {
            match self.udp.recv_from(&mut self.bytes) {
                Ok((length, from)) => {
                    self.inlet.hears(HeardFrom::Program(from));
                    self.inlet.take(&self.bytes[..length]);
                    self.audience.hear(&self.inlet, Place::Udp(from));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    thread::sleep(ERROR_WAIT);
                    return true;
                }
            }
        }
        true
    }

    fn read_tcp(&mut self) {
        let Self { inlet, tcp, audience, bytes, .. } = self;
        let Some(tcp) = tcp else { return };
        tcp.read(bytes, &mut |number, packet| {
            inlet.hears(HeardFrom::Connection(number));
            match packet {
                Some(packet) => {
                    inlet.take(packet);
                    audience.hear(inlet, Place::Tcp(number));
                }
                None => inlet.malformed(),
            }
        });
    }

    fn tell(&mut self) {
        let Self { audience, registry, inlet, udp, tcp, .. } = self;
        let outlet = &mut audience.outlet;
        if let Some(outlet) = outlet {
            outlet.tell(registry, inlet, Instant::now(), &mut |place, bundle| match place {
                // A target that is not there, or a full buffer: what is newer comes anyway.
                Place::Udp(target) => drop(udp.send_to(bundle, target)),
                Place::Tcp(number) => {
                    if let Some(tcp) = tcp {
                        tcp.send(number, bundle);
                    }
                }
            });
        }
        if let Some(tcp) = tcp {
            tcp.flush(self.poll.registry(), &mut |number| {
                if let Some(outlet) = outlet {
                    outlet.forget(Place::Tcp(number));
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        control::{
            Ear, HeardFrom, HeardLine, Outcome, Progress, Shaky, Stage,
            osc::{OscPlan, OscServer, OscTarget},
        },
        params::{Change, ControlQueue, ParamSpec, Registry, Store},
        ports::Notices,
    };
    use std::{io::Write, net::UdpSocket, sync::Arc, time::Duration};

    const ROWS: [ParamSpec; 1] = [ParamSpec::float("t.level", "Level", "", (0.0, 8.0), 2.0)];

    #[test]
    fn whoever_looks_on_hears_who_sent_what_by_udp_and_by_tcp() {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let ear = Ear::default();
        ear.open(true);
        let here = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let plan = OscPlan { ear: ear.clone(), ..OscPlan::from(here) };
        let server = OscServer::start(
            plan,
            Arc::clone(&registry),
            ControlQueue::default(),
            Notices::default(),
        )
        .expect("a free port");
        let message = b"/t/level\0\0\0\0,i\0\0\0\0\0\x03";
        let line = || {
            let begin = std::time::Instant::now();
            loop {
                if let Some(line) = ear.take() {
                    return line;
                }
                assert!(begin.elapsed() < Duration::from_secs(60), "nothing was heard");
                std::thread::sleep(Duration::from_millis(2));
            }
        };
        let level = registry.find("t.level").expect("a row");
        let first = vec![(level, Change::Plain(3.0))];
        let outcome = Outcome::Moves { first, others: 0 };
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        udp.send_to(message, server.local_addr()).expect("it is sent");
        let from = HeardFrom::Program(udp.local_addr().expect("an address"));
        let text = "/t/level 3".to_owned();
        assert_eq!(line(), HeardLine { from, text: text.clone(), outcome: outcome.clone() });
        // OSC 1.0 over a stream: the length goes before.
        let mut tcp = std::net::TcpStream::connect(server.local_addr()).expect("it listens");
        let packet = [&20_u32.to_be_bytes()[..], message].concat();
        tcp.write_all(&packet).expect("it is sent");
        let heard = line();
        assert!(matches!(heard.from, HeardFrom::Connection(_)), "{heard:?}");
        assert_eq!((heard.text, heard.outcome), (text, outcome));
    }

    #[test]
    fn a_panic_is_said_and_ends_nothing() {
        let listener = UdpSocket::bind("127.0.0.1:0").expect("a port");
        listener.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let stage = Stage::default();
        stage.publish(Store::new(Arc::clone(&registry)).base(), Progress::default());
        let address = listener.local_addr().expect("an address");
        let target = OscTarget { address, has_meters: false, is_normalised: false };
        let plan = OscPlan {
            targets: vec![target],
            monitor: Some(Box::new(Shaky::from(stage))),
            ..OscPlan::from(std::net::SocketAddr::from(([127, 0, 0, 1], 0)))
        };
        let notices = Notices::default();
        let server = OscServer::start(plan, registry, ControlQueue::default(), notices.clone());
        let _server = server.expect("a free port");
        let mut bytes = [0; 2000];
        let length = listener.recv(&mut bytes).expect("it tells, in spite of all");
        let told = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(told.contains("/t/level"), "{told}");
        let said =
            std::iter::from_fn(|| notices.take()).any(|line| line.text.contains("OSC failed"));
        assert!(said);
    }
}
