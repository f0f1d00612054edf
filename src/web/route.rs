//! What is answered to a request. Pure, but for the state of the hub that it reads, and for the moment
//! that a picture of the programme takes.
//!
//! Rooms that serve more than OSCQuery are asked here first, by their own paths, which begin with a
//! dot or another sign that no row has.

use super::{hub::Hub, query};
use crate::{params::Snapshot, ports::PictureOf};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How long a picture of the programme is waited for.
const PICTURE_WAIT: Duration = Duration::from_secs(5);

/// How often it is looked whether it is there.
const PICTURE_LOOK: Duration = Duration::from_millis(20);

/// An answer: status, and a body where there is any.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Body,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// Nothing at all.
    None,
    /// A node, an attribute, an error.
    Json(Value),
    /// A picture: WebP.
    Picture(Arc<[u8]>),
}

impl Body {
    /// Its type and its bytes.
    pub(super) fn content(&self) -> Option<(&'static str, Vec<u8>)> {
        match self {
            Self::None => None,
            Self::Json(value) => Some(("application/json", value.to_string().into_bytes())),
            Self::Picture(bytes) => Some(("image/webp", bytes.to_vec())),
        }
    }
}

impl Answer {
    fn of(body: Value) -> Self {
        Self { status: 200, body: Body::Json(body) }
    }

    /// What cannot be answered, with a line that says why.
    pub(super) fn error(status: u16, why: &str) -> Self {
        Self { status, body: Body::Json(json!({ "ERROR": why })) }
    }
}

/// Answers a GET of a path with its query: everything, HOST_INFO, or one attribute.
pub(super) fn answer(hub: &Hub, target: &str) -> Answer {
    let (path, wanted) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let Some(path) = decoded(path).filter(|path| path.starts_with('/')) else {
        return Answer::error(400, "this is no path");
    };
    // Some clients ask with the anchor of a browser, or with a value; the name counts.
    let wanted = wanted.map(|query| query.split(['&', '=', '#']).next().unwrap_or_default());
    let wanted = wanted.filter(|name| !name.is_empty());
    if wanted == Some("HOST_INFO") {
        return Answer::of(query::host_info(&hub.host));
    }
    if let Some(of) = PictureOf::at(&path).filter(|_| wanted.is_none()) {
        return picture(hub, of);
    }
    let mut base = Snapshot::default();
    hub.take(u64::MAX, &mut base);
    let Some(node) = query::node(&hub.registry, &base, &path) else {
        return Answer::error(404, "there is no such container or method");
    };
    match wanted {
        None => Answer::of(node),
        Some(name) if !query::ATTRIBUTES.contains(&name) => {
            Answer::error(400, "this attribute is not known")
        }
        Some(name) => match node.get(name) {
            Some(value) => Answer::of(json!({ name: value })),
            // The proposal: inappropriate, as the value of a container.
            None => Answer { status: 204, body: Body::None },
        },
    }
}

/// A small picture; that of the programme is made when it is asked for.
fn picture(hub: &Hub, of: PictureOf) -> Answer {
    let begin = Instant::now();
    loop {
        if let Some(bytes) = hub.shelf.get(of) {
            return Answer { status: 200, body: Body::Picture(bytes) };
        }
        if of != PictureOf::Programme || begin.elapsed() > PICTURE_WAIT || hub.is_over() {
            return Answer::error(404, "there is no such picture");
        }
        thread::sleep(PICTURE_LOOK);
    }
}

/// A path without its percent signs; `None` where it is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_or_refused() {
        assert_eq!(decoded("/a%2Fb%20c").as_deref(), Some("/a/b c"));
        for bad in ["/%", "/%4", "/%zz", "/%ff"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
