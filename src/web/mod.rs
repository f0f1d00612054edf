//! The instrument over HTTP: OSCQuery, so that other programs see every row without typing.
//!
//! One port serves plain requests and websockets. The thread `web` takes connections in and passes
//! the newest state on to them; each connection has a thread of its own, which may wait for its
//! client as long as it likes. Nothing here is waited for by the engine: what goes in is a
//! [`ControlEvent`](crate::params::ControlEvent) like any other, what goes out is read from a
//! [`Monitor`].
//!
//! Source: the OSCQuery proposal, <https://github.com/Vidvox/OSCQueryProposal>.

mod announce;
mod http;
mod hub;
mod query;
mod route;
mod socket;
#[cfg(test)]
mod tests;

use crate::{
    control::{Ear, Monitor},
    params::{ControlQueue, Registry},
    ports::Notices,
};
use announce::Announcement;
use hub::Hub;
use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener, TcpStream},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// The port that is tried first where none is named.
pub const DEFAULT_PORT: u16 = 8080;

/// How many ports above are tried where any would do.
const PORTS_TRIED: u16 = 20;

/// Clients at once; further ones are told so.
const MOST_CLIENTS: usize = 64;

/// Clients that are being told so at once; further ones wait until they are taken in.
const MOST_TURNED_AWAY: usize = 8;

/// How often new clients are looked for, and the newest state: a few times a tick.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// The same while there is no client.
const LOOK_IDLY: Duration = Duration::from_millis(20);

/// How long the thread rests after a panic, so that one in every turn is no busy loop.
const PANIC_WAIT: Duration = Duration::from_millis(100);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Another program has the port.
    #[error(
        "cannot serve OSCQuery on {address}: the port is in use; name another one, or end the \
         program that has it"
    )]
    PortInUse {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot serve OSCQuery on {address}: {source}; name an address of this machine, such as \
         0.0.0.0, and a port above 1023"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for OSCQuery: {0}; close other programs")]
    Thread(io::Error),
}

/// What a server is to do.
pub struct WebPlan {
    /// Where it serves. Port 0: any free one.
    pub address: SocketAddr,
    /// Whether the next free port will do where this one is taken.
    pub may_move: bool,
    /// Where OSC is listened for, as clients are told.
    pub osc: SocketAddr,
    /// Where the newest state is read.
    pub monitor: Box<dyn Monitor>,
    /// Who looks on at what comes.
    pub ear: Ear,
}

/// A running server. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _announcement: Option<Announcement>,
}

impl WebServer {
    /// Serves as planned, announces itself where that is possible, and sends what comes to `queue`.
    ///
    /// # Errors
    /// The port is in use, the address is not of this machine, or it may not be used.
    pub fn start(
        plan: WebPlan,
        registry: Arc<Registry>,
        queue: ControlQueue,
        notices: Notices,
    ) -> Result<Self, WebError> {
        let WebPlan { address, may_move, osc, monitor, ear } = plan;
        let listener = listen(address, may_move)?;
        let address =
            listener.local_addr().map_err(|source| WebError::Listen { address, source })?;
        let stop = Arc::new(AtomicBool::new(false));
        let host = query::Host { name: announce::name(), osc, web: address };
        let announcement = Announcement::of(&host, &notices);
        let hub = Arc::new(Hub::new(registry, queue, host, Arc::clone(&stop), ear));
        let told = notices.clone();
        let thread = thread::Builder::new()
            .name("web".to_owned())
            .spawn(move || serve(&listener, &hub, monitor, &told))
            .map_err(WebError::Thread)?;
        notices.info(format!("OSCQuery: http://{address}"));
        Ok(Self { address, stop, thread: Some(thread), _announcement: announcement })
    }

    /// Where it serves.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It contains its panics; there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

fn listen(address: SocketAddr, may_move: bool) -> Result<TcpListener, WebError> {
    let first = address.port();
    let last = if may_move && first > 0 { first.saturating_add(PORTS_TRIED) } else { first };
    // After those any free one.
    let ports = (first..=last).chain(may_move.then_some(0));
    let mut outcome = Err(io::Error::from(ErrorKind::AddrInUse));
    for port in ports {
        outcome = TcpListener::bind(SocketAddr::new(address.ip(), port));
        if !matches!(&outcome, Err(error) if error.kind() == ErrorKind::AddrInUse) {
            break;
        }
    }
    let listener = outcome.and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => WebError::PortInUse { address },
        _ => WebError::Listen { address, source },
    })
}

/// Threads of clients.
type Clients = Vec<JoinHandle<()>>;

/// Takes clients in, and the newest state, until it is told to stop. A panic costs the turn that it
/// came in, and is reported.
fn serve(listener: &TcpListener, hub: &Arc<Hub>, mut monitor: Box<dyn Monitor>, notices: &Notices) {
    let (mut clients, mut turned_away) = (Clients::new(), Clients::new());
    while !hub.is_over() {
        let turn = AssertUnwindSafe(|| {
            turn(listener, hub, monitor.as_mut(), (&mut clients, &mut turned_away), notices);
        });
        if catch_unwind(turn).is_err() {
            notices.error("OSCQuery failed; it begins again");
            thread::sleep(PANIC_WAIT);
        }
    }
    for client in clients.into_iter().chain(turned_away) {
        let _ = client.join();
    }
}

fn turn(
    listener: &TcpListener,
    hub: &Arc<Hub>,
    monitor: &mut dyn Monitor,
    (clients, turned_away): (&mut Clients, &mut Clients),
    notices: &Notices,
) {
    if monitor.update() {
        hub.pass_on(monitor);
    }
    let next = match turned_away.len() < MOST_TURNED_AWAY {
        true => listener.accept(),
        false => Err(ErrorKind::WouldBlock.into()),
    };
    match next {
        Ok((stream, _)) => {
            clients.retain(|client| !client.is_finished());
            if clients.len() < MOST_CLIENTS {
                clients.extend(attend(stream, hub, notices, http::attend));
            } else {
                turned_away.extend(attend(stream, hub, notices, turn_away));
            }
        }
        // Nobody waits, or whatever must not become a busy loop.
        Err(_) if clients.is_empty() && turned_away.is_empty() => thread::sleep(LOOK_IDLY),
        Err(_) => {
            thread::sleep(LOOK_EVERY);
            clients.retain(|client| !client.is_finished());
            turned_away.retain(|client| !client.is_finished());
        }
    }
}

fn turn_away(stream: TcpStream, hub: &Hub) -> io::Result<()> {
    http::turn_away(stream, hub, MOST_CLIENTS)
}

/// Gives a client a thread, which does this for it; without one it gets nothing. A panic there costs
/// its connection only.
fn attend(
    stream: TcpStream,
    hub: &Arc<Hub>,
    notices: &Notices,
    work: fn(TcpStream, &Hub) -> io::Result<()>,
) -> Option<JoinHandle<()>> {
    let (hub, notices) = (Arc::clone(hub), notices.clone());
    let work = move || {
        // A client that goes away is no error.
        if catch_unwind(AssertUnwindSafe(|| work(stream, &hub))).is_err() {
            notices.error("OSCQuery: a client was too much; its connection is closed");
        }
    };
    thread::Builder::new().name("web-client".to_owned()).spawn(work).ok()
}
