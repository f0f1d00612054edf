//! A websocket: OSC both ways, and the commands of OSCQuery. Runs on the client's thread.
//!
//! The client sends `{"COMMAND": "LISTEN", "DATA": "/path"}` or `IGNORE`, and OSC packets as binary
//! frames. It is sent the values that it listens to as OSC packets, and where rows come or go
//! `PATH_ADDED`, `PATH_REMOVED`, `PATH_CHANGED` as commands.

use super::{http::is_nothing_there, hub::Hub};
use crate::{
    control::osc::{Inlet, LONGEST_PACKET, Told, Wire, encoded},
    params::{Counters, ParamIndex, Snapshot, Source},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};
use tungstenite::{
    Error, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};

/// How long a read waits before it is looked for what is to be told: a few times a tick.
const READ_WAIT: Duration = Duration::from_millis(4);

/// Messages read before it is looked for what is to be told.
const READ_AT_ONCE: usize = 256;

/// What a client asks for.
#[derive(Deserialize)]
struct Command {
    #[serde(rename = "COMMAND")]
    command: String,
    #[serde(rename = "DATA")]
    data: Option<String>,
}

/// One client.
struct Session<'a> {
    hub: &'a Hub,
    socket: WebSocket<TcpStream>,
    inlet: Inlet,
    told: Told,
    /// The paths that it listens to, and the rows there.
    listened: BTreeMap<String, Option<ParamIndex>>,
    /// All rows by address, as they were last seen.
    paths: BTreeMap<String, ParamIndex>,
    rows_version: u64,
    base: Snapshot,
    base_version: u64,
    /// Whether a value is kept back from it.
    is_owed: bool,
}

/// Serves a client until one of both has enough. `received` came after its request.
pub(super) fn attend(stream: TcpStream, received: Vec<u8>, hub: &Hub) {
    if stream.set_read_timeout(Some(READ_WAIT)).is_err() {
        return;
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_PACKET))
        .max_frame_size(Some(LONGEST_PACKET));
    let socket = WebSocket::from_partially_read(stream, received, Role::Server, Some(config));
    let mut session = Session {
        hub,
        socket,
        inlet: Inlet::new(Arc::clone(&hub.registry), hub.queue.clone(), Source::Web)
            .overheard(hub.ear.clone()),
        told: Told::default(),
        listened: BTreeMap::new(),
        paths: paths(hub),
        rows_version: hub.registry.version(),
        base: Snapshot::default(),
        base_version: u64::MAX,
        is_owed: false,
    };
    // A client that goes away is no error.
    let _ = session.run();
}

fn paths(hub: &Hub) -> BTreeMap<String, ParamIndex> {
    hub.registry.iter().map(|(param, row)| (row.address(), param)).collect()
}

impl Session<'_> {
    fn run(&mut self) -> Result<(), Error> {
        while !self.hub.is_over() {
            let begin = Instant::now();
            for _ in 0..READ_AT_ONCE {
                match self.socket.read() {
                    Ok(Message::Text(text)) => self.obey(text.as_str()),
                    Ok(Message::Binary(packet)) => self.take(&packet),
                    Ok(_) => {}
                    Err(Error::Io(error)) if is_nothing_there(&error) => break,
                    Err(error) => return Err(error),
                }
                // A client that never pauses is no reason to keep what it has sent back.
                if begin.elapsed() >= READ_WAIT {
                    break;
                }
            }
            self.inlet.send();
            self.tell_of_rows()?;
            self.tell_of_values()?;
        }
        let _ = self.socket.close(None);
        self.socket.flush()
    }

    fn take(&mut self, packet: &[u8]) {
        self.inlet.take(packet);
        for (param, plain, from) in self.inlet.values() {
            self.told.knows(param, plain, from);
        }
    }

    fn obey(&mut self, text: &str) {
        let command: Option<Command> = serde_json::from_str(text).ok();
        match command.as_ref().map(|known| (known.command.as_str(), known.data.as_deref())) {
            Some(("LISTEN", Some(path))) => {
                let row = self.paths.get(path).copied();
                if row.is_some() {
                    self.listened.insert(path.to_owned(), row);
                }
                // It is told the value at once, from which it goes on.
                row.into_iter().for_each(|row| self.told.forget_row(row));
                self.base_version = u64::MAX;
            }
            Some(("IGNORE", Some(path))) => drop(self.listened.remove(path)),
            _ => Counters::count(&self.hub.queue.counters().malformed),
        }
    }

    /// Says which rows came, went, or were declared in another way.
    fn tell_of_rows(&mut self) -> Result<(), Error> {
        let version = self.hub.registry.version();
        if version == self.rows_version {
            return Ok(());
        }
        self.rows_version = version;
        let now = paths(self.hub);
        let before = std::mem::replace(&mut self.paths, now);
        let all: BTreeSet<&String> = before.keys().chain(self.paths.keys()).collect();
        let mut commands = Vec::new();
        for path in all {
            let command = match (before.get(path), self.paths.get(path)) {
                (None, _) => "PATH_ADDED",
                (_, None) => "PATH_REMOVED",
                (Some(old), Some(new)) if old != new => "PATH_CHANGED",
                _ => continue,
            };
            commands.push(json!({ "COMMAND": command, "DATA": path }).to_string());
        }
        for (path, row) in &mut self.listened {
            *row = self.paths.get(path).copied();
        }
        for command in commands {
            self.socket.send(Message::text(command))?;
        }
        Ok(())
    }

    /// Sends the values that it listens to, of which it does not know.
    fn tell_of_values(&mut self) -> Result<(), Error> {
        if self.listened.is_empty() {
            return Ok(());
        }
        let version = self.hub.take(self.base_version, &mut self.base);
        if version == self.base_version && !self.is_owed {
            return Ok(());
        }
        self.base_version = version;
        let listened: BTreeSet<ParamIndex> = self.listened.values().copied().flatten().collect();
        let registry = &self.hub.registry;
        let mut packets = Vec::new();
        self.is_owed = self.told.update(
            registry,
            &self.base,
            Instant::now(),
            |param, _| listened.contains(&param),
            |param, plain| packets.extend(encoded(registry, param, plain, Wire::Tagged)),
        );
        for packet in packets {
            self.socket.write(Message::binary(packet))?;
        }
        self.socket.flush()
    }
}
