//! The thread of the OSC server: waits for any of its sockets, reads, tells.

use super::{
    OscTarget,
    framing::LONGEST_PACKET,
    inlet::Inlet,
    outlet::{Outlet, Place},
    tcp::Connections,
};
use crate::{
    control::{batch::BATCH_MESSAGES, monitor::Monitor},
    params::Registry,
    ports::Notices,
};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, UdpSocket},
};
use std::{
    io::{self, ErrorKind},
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
    outlet: Option<Outlet>,
    notices: Notices,
    has_said_full: bool,
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
        Ok(Self { poll, registry, inlet, udp, tcp, outlet, notices, has_said_full: false })
    }

    pub(super) fn run(mut self, stop: &AtomicBool) {
        let mut events = Events::with_capacity(64);
        let mut bytes = vec![0; LONGEST_PACKET];
        // The system tells once only: until a socket was read empty there may be more.
        let mut may_read = true;
        let mut is_sent = true;
        while !stop.load(Ordering::Relaxed) {
            let has_more = may_read || self.tcp.as_ref().is_some_and(Connections::may_read);
            let wait = if has_more { Duration::ZERO } else { self.longest_wait(is_sent) };
            if self.poll.poll(&mut events, Some(wait)).is_err() {
                // Interrupted, or whatever must not become a busy loop.
                thread::sleep(Duration::from_millis(1));
            }
            for event in &events {
                match (event.token(), &mut self.tcp) {
                    (UDP, _) => may_read = true,
                    (LISTENER, Some(tcp)) => tcp.accept(self.poll.registry()),
                    (Token(number), Some(tcp)) => tcp.wake(number),
                    (_, None) => {}
                }
            }
            if may_read {
                may_read = self.read_udp(&mut bytes);
            }
            self.read_tcp(&mut bytes);
            is_sent = self.inlet.send();
            self.tell();
        }
    }

    fn longest_wait(&self, is_sent: bool) -> Duration {
        let is_heard = self.outlet.as_ref().is_some_and(Outlet::is_heard);
        let longest = match (is_sent, is_heard) {
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
    fn read_udp(&mut self, bytes: &mut [u8]) -> bool {
        for _ in 0..BATCH_MESSAGES {
            match self.udp.recv_from(bytes) {
                Ok((length, from)) => {
                    self.inlet.take(&bytes[..length]);
                    self.hear(Place::Udp(from));
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

    fn read_tcp(&mut self, bytes: &mut [u8]) {
        let Some(mut tcp) = self.tcp.take() else { return };
        tcp.read(bytes, &mut |number, packet| match packet {
            Some(packet) => {
                self.inlet.take(packet);
                self.hear(Place::Tcp(number));
            }
            None => self.inlet.malformed(),
        });
        self.tcp = Some(tcp);
    }

    fn hear(&mut self, origin: Place) {
        let Some(outlet) = &mut self.outlet else { return };
        let has_room = outlet.hear(&self.inlet, origin, Instant::now());
        if !has_room && !self.has_said_full {
            self.has_said_full = true;
            self.notices.warn(
                "OSC: there is no room for another subscriber; end those that are not needed",
            );
        }
    }

    fn tell(&mut self) {
        let Self { outlet, registry, inlet, udp, tcp, .. } = self;
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
        if let Some(tcp) = &mut self.tcp {
            tcp.flush(self.poll.registry(), &mut |number| {
                if let Some(outlet) = &mut self.outlet {
                    outlet.forget(Place::Tcp(number));
                }
            });
        }
    }
}
