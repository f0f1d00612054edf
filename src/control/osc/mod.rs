//! The OSC server: datagrams in, events out. OpenSoundControl Specification 1.0, over UDP.
//!
//! Every row is at its own address in plain values, and under `/normalised` in 0..=1. The server
//! owns one thread, named `osc`; a panic while a datagram is read costs that datagram only.
//! It answers nothing: feedback to controllers is not its business.

mod address;
mod packet;
mod value;

use super::batch::{BATCH_MESSAGES, Batch};
use crate::{
    params::{Change, ControlQueue, Counters, ParamIndex, Registry, Source},
    ports::Notices,
};
use address::{AddressBook, Found};
use packet::TimeTag;
use rosc::OscMessage;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, UdpSocket},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What the socket may hold while the thread is busy. A default one holds some 256 small datagrams,
/// a quarter of a second of a busy sender; this holds several thousand.
const RECEIVE_BUFFER_BYTES: usize = 1 << 20;

/// The longest datagram there is over IPv4 and IPv6 without jumbograms.
const LONGEST_DATAGRAM: usize = 65_535;

/// How often the thread looks whether it should end.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// How long until it is looked again whether a queue that was half full has room.
const ROOM_WAIT: Duration = Duration::from_millis(2);

/// Changes of future bundles that may wait: as many as the queue takes. Further ones run at once.
const CHANGES_HELD: usize = crate::params::QUEUE_CAPACITY;

/// Why there is no OSC.
#[derive(Debug, thiserror::Error)]
pub enum OscError {
    /// Another program has the port.
    #[error(
        "cannot listen for OSC on {address}: the port is in use; name another one, or end the \
         program that has it"
    )]
    PortInUse {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot listen for OSC on {address}: {source}; name an address of this machine, such as \
         0.0.0.0, and a port above 1023"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for OSC: {0}; close other programs")]
    Thread(io::Error),
}

/// A running OSC server. Dropping it closes the port.
#[derive(Debug)]
pub struct OscServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl OscServer {
    /// Listens on `address` (port 0: any free one) and sends what comes to `queue`.
    ///
    /// # Errors
    /// The port is in use, the address is not of this machine, or it may not be used.
    pub fn start(
        address: SocketAddr,
        registry: Arc<Registry>,
        queue: ControlQueue,
        notices: Notices,
    ) -> Result<Self, OscError> {
        let listen = |source: io::Error| match source.kind() {
            ErrorKind::AddrInUse => OscError::PortInUse { address },
            _ => OscError::Listen { address, source },
        };
        let (socket, granted) = open_socket(address).map_err(listen)?;
        if granted < RECEIVE_BUFFER_BYTES {
            notices.warn(format!(
                "OSC: the system grants {} KiB of receive buffer instead of {}; long bursts may \
                 lose messages (Linux: sysctl net.core.rmem_max={RECEIVE_BUFFER_BYTES})",
                granted >> 10,
                RECEIVE_BUFFER_BYTES >> 10,
            ));
        }
        let address = socket.local_addr().map_err(listen)?;
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            book: AddressBook::new(&registry),
            batch: Batch::new(Arc::clone(&registry), queue, Source::Osc),
            registry,
            held: Vec::new(),
        };
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("osc".to_owned())
            .spawn(move || worker.run(&socket, &stopped))
            .map_err(OscError::Thread)?;
        notices.info(format!("OSC: listening on {address}"));
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for OscServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It contains its panics; there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

/// A bound socket, and the bytes of receive buffer that it got.
fn open_socket(address: SocketAddr) -> io::Result<(UdpSocket, usize)> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // Refused or cut, it still works; what was granted is read back.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
    let told = socket.recv_buffer_size()?;
    // Linux tells twice what was asked for, to count its own bookkeeping: socket(7), SO_RCVBUF.
    let granted = if cfg!(target_os = "linux") { told / 2 } else { told };
    socket.bind(&address.into())?;
    Ok((socket.into(), granted))
}

/// A change that waits for the time of its bundle.
#[derive(Clone, Copy, Debug)]
struct Held {
    due: Instant,
    param: ParamIndex,
    change: Change,
}

/// What the thread owns.
struct Worker {
    registry: Arc<Registry>,
    book: AddressBook,
    batch: Batch,
    /// In order of arrival.
    held: Vec<Held>,
}

impl Worker {
    fn run(mut self, socket: &UdpSocket, stop: &AtomicBool) {
        let mut datagram = vec![0; LONGEST_DATAGRAM];
        let mut is_sent = true;
        while !stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            let next = self.held.iter().map(|held| held.due.saturating_duration_since(now)).min();
            let longest = if is_sent { LONGEST_WAIT } else { ROOM_WAIT };
            let wait = next.unwrap_or(longest).min(longest);
            // A timeout of zero would mean none at all.
            let _ = socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))));
            match socket.recv(&mut datagram) {
                Ok(length) => {
                    self.take_contained(&datagram[..length]);
                    self.drain(socket, &mut datagram);
                }
                Err(error) if is_nothing_there(&error) => {}
                // Whatever else a socket may report must not become a busy loop.
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
            self.release(Instant::now());
            is_sent = self.batch.send_with_room();
        }
    }

    /// Takes what else has arrived, so that a flood is thinned before it meets the queue.
    fn drain(&mut self, socket: &UdpSocket, datagram: &mut [u8]) {
        if socket.set_nonblocking(true).is_err() {
            return;
        }
        for _ in 0..BATCH_MESSAGES {
            match socket.recv(datagram) {
                Ok(length) => self.take_contained(&datagram[..length]),
                Err(_) => break,
            }
        }
        let _ = socket.set_nonblocking(false);
    }

    fn take_contained(&mut self, datagram: &[u8]) {
        let counters = self.batch.queue().clone();
        if catch_unwind(AssertUnwindSafe(|| self.take(datagram))).is_err() {
            Counters::count(&counters.counters().malformed);
        }
    }

    fn take(&mut self, datagram: &[u8]) {
        let now = Instant::now();
        let now_tag =
            TimeTag::of(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO));
        let malformed = packet::for_each_message(datagram, &mut |tag, message| {
            let due = tag.wait_from(now_tag).map(|wait| now + wait);
            self.take_message(due, &message);
        });
        for _ in 0..malformed {
            Counters::count(&self.batch.queue().counters().malformed);
        }
    }

    fn take_message(&mut self, due: Option<Instant>, message: &OscMessage) {
        self.book.update(&self.registry);
        let targets = match self.book.find(&message.addr) {
            Found::Targets(targets) => targets,
            Found::Nothing => {
                return Counters::count(&self.batch.queue().counters().unknown);
            }
            Found::NoAddress => {
                return Counters::count(&self.batch.queue().counters().malformed);
            }
        };
        let mut is_refused = false;
        for (param, scale) in targets.iter() {
            match value::change_from(self.registry.row(*param), *scale, &message.args) {
                Ok(Some(change)) => self.put(due, *param, change),
                Ok(None) => {}
                Err(value::Refused) => is_refused = true,
            }
        }
        if is_refused {
            Counters::count(&self.batch.queue().counters().malformed);
        }
    }

    fn put(&mut self, due: Option<Instant>, param: ParamIndex, change: Change) {
        // The store clamps these on the way to plain values and cannot tell, so it is counted here.
        if matches!(change, Change::Normalised(value) if !(0.0..=1.0).contains(&value)) {
            Counters::count(&self.batch.queue().counters().clamped);
        }
        match due {
            Some(due) if self.held.len() < CHANGES_HELD => {
                self.held.push(Held { due, param, change });
            }
            _ => self.batch.push(param, change),
        }
    }

    /// Lets go what is due, the earliest first.
    fn release(&mut self, now: Instant) {
        if self.held.iter().all(|held| held.due > now) {
            return;
        }
        // Stable: what is due at one moment goes in order of arrival.
        self.held.sort_by_key(|held| held.due);
        let count = self.held.partition_point(|held| held.due <= now);
        for held in self.held.drain(..count) {
            self.batch.push(held.param, held.change);
        }
    }
}

/// Whether a socket only says that nothing has come within the time.
fn is_nothing_there(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
