//! The OSC server: messages in, events out; and the other way round, values that changed.
//! OpenSoundControl Specification 1.0, over UDP and TCP at one port.
//!
//! Every row is at its own address in plain values, and under `/normalised`, `/press`, `/toggle`,
//! `/nudge`, `/gesture`, `/quantise`, `/exclude` for what else can be done to it. The server owns one
//! thread, named `osc`, which never blocks on anybody; a panic while a packet is read costs that
//! packet only, another one its turn. It knows nothing of the engine: what goes out it reads from a [`Monitor`].

mod address;
mod framing;
pub mod fuzz;
mod inlet;
mod outlet;
mod packet;
mod tcp;
mod text;
mod told;
mod value;
mod worker;

pub use framing::LONGEST_PACKET;
pub use inlet::{Inlet, LearnHook, LearnRequest};
pub use told::{Told, Wire, encoded};

use super::{Ear, monitor::Monitor};
use crate::{
    params::{ControlQueue, Registry, Source},
    ports::Notices,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};
use worker::Worker;

/// What the socket may hold while the thread is busy. A default one holds some 256 small datagrams,
/// a quarter of a second of a busy sender; this holds several thousand.
const RECEIVE_BUFFER_BYTES: usize = 1 << 20;

/// How often a free port is looked for that UDP and TCP both have.
const PORT_TRIES: usize = 16;

/// Somebody who is told what changes without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OscTarget {
    /// Where, over UDP.
    pub address: SocketAddr,
    /// Whether it is told the meters too.
    pub has_meters: bool,
    /// Whether it is told values as 0..=1 under `/normalised`.
    pub is_normalised: bool,
}

/// What an OSC server is to do.
pub struct OscPlan {
    /// Where it listens, over UDP and TCP; port 0: any free one.
    pub address: SocketAddr,
    /// Who is told what changes without asking.
    pub targets: Vec<OscTarget>,
    /// Where what goes out is read; without one nothing goes out.
    pub monitor: Option<Box<dyn Monitor>>,
    /// Who looks on at what comes.
    pub ear: Ear,
    /// Who teaches MIDI controllers; without one `/learn` is refused in a line.
    pub learn: Option<LearnHook>,
}

impl From<SocketAddr> for OscPlan {
    fn from(address: SocketAddr) -> Self {
        Self { address, targets: Vec::new(), monitor: None, ear: Ear::default(), learn: None }
    }
}

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
    /// Listens as planned and sends what comes to `queue`. Where only TCP is taken by another program
    /// it does without, and says so.
    ///
    /// # Errors
    /// The port is in use, the address is not of this machine, or it may not be used.
    pub fn start(
        plan: impl Into<OscPlan>,
        registry: Arc<Registry>,
        queue: ControlQueue,
        notices: Notices,
    ) -> Result<Self, OscError> {
        let OscPlan { address, targets, monitor, ear, learn } = plan.into();
        let listen = |source: io::Error| match source.kind() {
            ErrorKind::AddrInUse => OscError::PortInUse { address },
            _ => OscError::Listen { address, source },
        };
        let (udp, granted) = open_socket(address).map_err(listen)?;
        if granted < RECEIVE_BUFFER_BYTES {
            notices.warn(format!(
                "OSC: the system grants {} KiB of receive buffer instead of {}; long bursts may \
                 lose messages (Linux: sysctl net.core.rmem_max={RECEIVE_BUFFER_BYTES})",
                granted >> 10,
                RECEIVE_BUFFER_BYTES >> 10,
            ));
        }
        let (udp, tcp) = beside(address, udp).map_err(listen)?;
        let address = udp.local_addr().map_err(listen)?;
        if let Err(error) = &tcp {
            notices.warn(format!(
                "OSC: only over UDP ({address} cannot be had for TCP: {error}); name another port"
            ));
        }
        let inlet = Inlet::new(Arc::clone(&registry), queue, Source::Osc);
        let inlet = inlet.teaching(learn, notices.clone()).overheard(ear);
        let stop = Arc::new(AtomicBool::new(false));
        let worker =
            Worker::new(registry, inlet, udp, tcp.ok(), monitor, &targets, notices.clone())
                .map_err(listen)?;
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("osc".to_owned())
            .spawn(move || worker.run(&stopped))
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

/// A TCP listener at the port of the UDP socket. Where any port would do, another one is taken for
/// both rather than have one alone.
fn beside(
    asked: SocketAddr,
    mut udp: UdpSocket,
) -> io::Result<(UdpSocket, io::Result<mio::net::TcpListener>)> {
    let mut tries = if asked.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        let tcp = mio::net::TcpListener::bind(udp.local_addr()?);
        tries -= 1;
        if tcp.is_ok() || tries == 0 {
            return Ok((udp, tcp));
        }
        // The new one first, so that it is another.
        udp = open_socket(asked)?.0;
    }
}
