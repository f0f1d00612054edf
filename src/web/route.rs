//! What is answered to a request. Pure, but for the state of the hub that it reads.
//!
//! Rooms that serve more than OSCQuery are asked here first, by their own paths, which begin with a
//! dot or another sign that no row has.

use super::{hub::Hub, query};
use crate::params::Snapshot;
use serde_json::{Value, json};

/// An answer: status, and JSON where there is any.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Answer {
    fn of(body: Value) -> Self {
        Self { status: 200, body: Some(body) }
    }

    /// What cannot be answered, with a line that says why.
    pub(super) fn error(status: u16, why: &str) -> Self {
        Self { status, body: Some(json!({ "ERROR": why })) }
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
            None => Answer { status: 204, body: None },
        },
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
