//! OSC over TCP: the connections, and the bytes in and out of them.
//!
//! Owned by the thread of the server; nothing here blocks. A peer that does not read what it asked
//! for is disconnected, so that no memory is spent on it.

use super::framing::{Deframer, Framing, frame};
use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream},
};
use std::io::{self, ErrorKind, Read, Write};

/// Connections at once; further ones are closed at once.
const MOST_CONNECTIONS: usize = 32;

/// Bytes that may wait for a peer: all rows several times over.
const MOST_WAITING: usize = 1 << 20;

/// Bytes read of one connection before the others have their turn.
const READ_AT_ONCE: usize = 1 << 16;

#[derive(Debug)]
struct Connection {
    number: usize,
    stream: TcpStream,
    deframer: Deframer,
    waiting: Vec<u8>,
    /// Whether there may be more to read: the system tells once only.
    may_read: bool,
    is_over: bool,
}

/// All connections.
#[derive(Debug)]
pub(super) struct Connections {
    listener: TcpListener,
    open: Vec<Connection>,
    /// The number of the next one; below are the tokens of the server's own sockets.
    next: usize,
}

impl Connections {
    /// Takes connections of this listener, and numbers them from `first` on.
    pub(super) fn new(listener: TcpListener, first: usize) -> Self {
        Self { listener, open: Vec::new(), next: first }
    }

    /// Takes everybody in who waits.
    pub(super) fn accept(&mut self, registry: &Registry) {
        loop {
            match self.listener.accept() {
                Ok((mut stream, _)) if self.open.len() < MOST_CONNECTIONS => {
                    let number = self.next;
                    self.next += 1;
                    // What is small goes out at once.
                    let _ = stream.set_nodelay(true);
                    if registry.register(&mut stream, Token(number), Interest::READABLE).is_ok() {
                        self.open.push(Connection {
                            number,
                            stream,
                            deframer: Deframer::default(),
                            waiting: Vec::new(),
                            may_read: true,
                            is_over: false,
                        });
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// The system has told of this connection.
    pub(super) fn wake(&mut self, number: usize) {
        if let Some(found) = self.open.iter_mut().find(|open| open.number == number) {
            found.may_read = true;
        }
    }

    /// Whether there may be more to read at once.
    pub(super) fn may_read(&self) -> bool {
        self.open.iter().any(|open| open.may_read)
    }

    /// Reads a part of what has come; hands on the connection's number and its packets, `None` for
    /// one that is broken.
    pub(super) fn read(&mut self, scratch: &mut [u8], take: &mut dyn FnMut(usize, Option<&[u8]>)) {
        for open in self.open.iter_mut().filter(|open| open.may_read) {
            let mut left = READ_AT_ONCE;
            while left > 0 && open.may_read {
                match open.stream.read(scratch) {
                    Ok(0) => (open.may_read, open.is_over) = (false, true),
                    Ok(length) => {
                        left = left.saturating_sub(length);
                        let number = open.number;
                        let mut packet = |packet: Option<&[u8]>| take(number, packet);
                        if open.deframer.push(&scratch[..length], &mut packet).is_err() {
                            take(number, None);
                            (open.may_read, open.is_over) = (false, true);
                        }
                    }
                    Err(error) => match error.kind() {
                        ErrorKind::Interrupted => {}
                        ErrorKind::WouldBlock => open.may_read = false,
                        _ => (open.may_read, open.is_over) = (false, true),
                    },
                }
            }
        }
    }

    /// Sends a packet, as soon as the connection takes it.
    pub(super) fn send(&mut self, number: usize, packet: &[u8]) {
        if let Some(open) = self.open.iter_mut().find(|open| open.number == number) {
            frame(open.deframer.framing().unwrap_or(Framing::Size), packet, &mut open.waiting);
            open.is_over |= open.waiting.len() > MOST_WAITING;
        }
    }

    /// Writes what waits, and closes what is over; hands on the numbers of those.
    pub(super) fn flush(&mut self, registry: &Registry, closed: &mut dyn FnMut(usize)) {
        for open in &mut self.open {
            let mut written = 0;
            while written < open.waiting.len() {
                match open.stream.write(&open.waiting[written..]) {
                    Ok(length) if length > 0 => written += length,
                    Err(error) if is_for_later(&error) => break,
                    _ => {
                        open.is_over = true;
                        break;
                    }
                }
            }
            open.waiting.drain(..written);
            if open.is_over {
                let _ = registry.deregister(&mut open.stream);
                closed(open.number);
            }
        }
        self.open.retain(|open| !open.is_over);
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
