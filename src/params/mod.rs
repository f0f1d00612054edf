//! Whatever can be controlled: the rows that declare it, the values it has, the events that move it.
//!
//! A parameter is declared once, as a [`ParamSpec`] in the room that obeys it; address, widget,
//! preset key and documentation are derived from that row. Ids are stable for ever.
//!
//! Owns no thread. [`Store`] belongs to the engine thread; every other thread only sends
//! [`ControlEvent`]s through the bounded [`ControlQueue`].

mod event;
mod family;
mod gesture;
mod registry;
mod spec;
mod store;

/// Snapshots of a set: two rows of pads.
pub const SNAPSHOTS: usize = 16;

pub use event::{
    Change, ControlEvent, ControlQueue, Counters, QUEUE_CAPACITY, Queued, Source, UnknownSource,
};
pub use family::{Family, Members};
pub use gesture::{BEATS_PER_BAR, BPM_RANGE, Gesture, Grid, UnknownWord};
pub use registry::{CAPACITY, ParamIndex, Registry, RegistryError};
pub use spec::{Curve, Kind, ParamSpec, Scope, ValueError, switch_from_word};
pub use store::{Applied, Snapshot, Store};
