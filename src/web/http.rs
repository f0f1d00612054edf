//! HTTP/1.1 with one client: reads requests, writes answers. Runs on the client's thread.
//!
//! Only what is asked for by a program of this network, by an address or a local name, is answered:
//! a page that a browser has from elsewhere is turned away, be it by its origin or by a name that
//! was made to point here.

use super::{
    hub::Hub,
    route::{self, Answer},
    socket,
};
use httparse::{EMPTY_HEADER, Request, Status};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, TcpStream},
    time::{Duration, Instant},
};

/// Bytes of the longest head of a request.
const LONGEST_HEAD: usize = 16 << 10;

/// Most headers of a request.
const MOST_HEADERS: usize = 64;

/// How long a request may take to arrive, and a connection may rest between two.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the request of a client may take for whom there is no room.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);

/// How long one read waits before it is looked whether the server closes.
const READ_WAIT: Duration = Duration::from_millis(100);

/// How long a client may take to read a part of an answer.
const WRITE_WAIT: Duration = Duration::from_secs(5);

/// The head of a request, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Head {
    method: String,
    target: String,
    host: Option<String>,
    origin: Option<String>,
    /// The key of a websocket that is asked for.
    socket_key: Option<String>,
    keeps: bool,
    length: usize,
}

/// Serves a client until one of both has enough.
///
/// # Errors
/// What the connection says when it breaks.
pub(super) fn attend(mut stream: TcpStream, hub: &Hub) -> io::Result<()> {
    set_up(&stream)?;
    let mut received = Vec::new();
    loop {
        let head = match read_head(&mut stream, &mut received, hub, PATIENCE)? {
            Some(Ok(head)) => head,
            Some(Err(answer)) => return write(&mut stream, &answer, false, false),
            None => return Ok(()),
        };
        received.drain(..head.length);
        if !is_ours(&head) {
            let why = "pages from elsewhere are not answered: ask by address";
            return write(&mut stream, &Answer::error(403, why), false, false);
        }
        if let Some(key) = &head.socket_key {
            let key = tungstenite::handshake::derive_accept_key(key.as_bytes());
            write!(
                stream,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {key}\r\n\r\n"
            )?;
            socket::attend(stream, received, hub);
            return Ok(());
        }
        let answer = match head.method.as_str() {
            "GET" | "HEAD" => route::answer(hub, &head.target),
            _ => Answer::error(405, "only GET is answered: values are set by OSC"),
        };
        // A body that came along is not looked for.
        let keeps = head.keeps && answer.status != 405;
        write(&mut stream, &answer, head.method == "HEAD", keeps)?;
        if !keeps {
            return Ok(());
        }
    }
}

/// Tells a client that there is no room for it. Its request is read first: who closes a connection on
/// which something lies unread resets it, and the answer is lost.
///
/// # Errors
/// What the connection says when it breaks.
pub(super) fn turn_away(mut stream: TcpStream, hub: &Hub, clients: usize) -> io::Result<()> {
    set_up(&stream)?;
    let answer = match read_head(&mut stream, &mut Vec::new(), hub, SHORT_PATIENCE)? {
        Some(Ok(_)) => {
            let why = format!("{clients} clients are connected, which is the most: close one");
            Answer::error(503, &why)
        }
        Some(Err(answer)) => answer,
        None => return Ok(()),
    };
    write(&mut stream, &answer, false, false)
}

fn set_up(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(READ_WAIT))?;
    stream.set_write_timeout(Some(WRITE_WAIT))
}

/// The next head; `None` where there will be none in time, an answer where it is no request.
fn read_head(
    stream: &mut TcpStream,
    received: &mut Vec<u8>,
    hub: &Hub,
    patience: Duration,
) -> io::Result<Option<Result<Head, Answer>>> {
    let begin = Instant::now();
    let mut part = [0; 4096];
    loop {
        match parse(received) {
            Ok(Some(head)) => return Ok(Some(Ok(head))),
            Ok(None) if received.len() > LONGEST_HEAD => {
                return Ok(Some(Err(Answer::error(431, "the request is too long"))));
            }
            Ok(None) => {}
            Err(_) => return Ok(Some(Err(Answer::error(400, "this is no request")))),
        }
        if hub.is_over() || begin.elapsed() > patience {
            return Ok(None);
        }
        match stream.read(&mut part) {
            Ok(0) => return Ok(None),
            Ok(length) => received.extend_from_slice(&part[..length]),
            Err(error) if is_nothing_there(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn parse(received: &[u8]) -> Result<Option<Head>, httparse::Error> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    let Status::Complete(length) = request.parse(received)? else { return Ok(None) };
    let header = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
    };
    let has = |name: &str, word: &str| {
        header(name).is_some_and(|value| {
            value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    let wants_socket = has("Upgrade", "websocket") && has("Connection", "upgrade");
    let is_old = request.version == Some(0);
    Ok(Some(Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        host: header("Host"),
        origin: header("Origin"),
        socket_key: header("Sec-WebSocket-Key").filter(|_| wants_socket),
        keeps: !has("Connection", "close") && (!is_old || has("Connection", "keep-alive")),
        length,
    }))
}

/// Whether a request comes from a program, or from a page that was served here. A page that hides where
/// it is from may be anybody's.
fn is_ours(head: &Head) -> bool {
    let host = head.host.as_deref().unwrap_or_default();
    let is_local = is_local_name(without_port(host));
    let same = |origin: &str| origin.split_once("://").is_some_and(|(_, origin)| origin == host);
    is_local && head.origin.as_deref().is_none_or(same)
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// An address, or a name that no name server of the internet gives out. Old clients send none.
fn is_local_name(name: &str) -> bool {
    name.is_empty()
        || name.parse::<IpAddr>().is_ok()
        || !name.contains('.')
        || name.trim_end_matches('.').ends_with(".local")
}

fn write(stream: &mut TcpStream, answer: &Answer, is_head: bool, keeps: bool) -> io::Result<()> {
    let content = answer.body.content();
    let reason = match answer.status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    if let Some((kind, bytes)) = &content {
        text += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", bytes.len());
    }
    if answer.status == 405 {
        text += "Allow: GET, HEAD\r\n";
    }
    text += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    text += if keeps { "Connection: keep-alive\r\n\r\n" } else { "Connection: close\r\n\r\n" };
    stream.write_all(text.as_bytes())?;
    match content {
        Some((_, bytes)) if !is_head => stream.write_all(&bytes),
        _ => Ok(()),
    }
}

/// Whether a socket only says that nothing has come within the time.
pub(super) fn is_nothing_there(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(host: &str, origin: Option<&str>) -> Head {
        let origin = origin.map(str::to_owned);
        Head { host: Some(host.to_owned()), origin, ..Head::default() }
    }

    #[test]
    fn pages_from_elsewhere_are_not_answered() {
        for (host, origin) in [
            ("127.0.0.1:8080", None),
            ("[::1]:8080", None),
            ("localhost:8080", Some("http://localhost:8080")),
            ("stage.local:8080", None),
            ("stage", None),
            ("", None),
        ] {
            assert!(is_ours(&head(host, origin)), "{host} {origin:?}");
        }
        for (host, origin) in [
            ("127.0.0.1:8080", Some("http://example.org")),
            // A page in a frame that hides where it is from, or one from a file.
            ("stage", Some("null")),
            ("127.0.0.1:8080", Some("null")),
            ("127.0.0.1:8080", Some("http://127.0.0.1:3000")),
            ("rebound.example.org:8080", None),
            ("rebound.example.org:8080", Some("http://rebound.example.org:8080")),
        ] {
            assert!(!is_ours(&head(host, origin)), "{host} {origin:?}");
        }
    }

    #[test]
    fn heads_are_read_whole() {
        let text = b"GET /a?VALUE HTTP/1.1\r\nhost: x\r\nConnection: Keep-Alive, Upgrade\r\n\
            Upgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\nrest";
        let head = parse(text).expect("legal").expect("whole");
        assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/a?VALUE"));
        assert_eq!((head.socket_key.as_deref(), head.keeps), (Some("k"), true));
        assert_eq!(&text[head.length..], b"rest");
        assert_eq!(parse(&text[..40]).expect("so far legal"), None);
        assert!(parse(b"\x80\x02not HTTP\r\n\r\n").is_err());
        let old = parse(b"GET / HTTP/1.0\r\n\r\n").expect("legal").expect("whole");
        assert!(!old.keeps);
    }
}
