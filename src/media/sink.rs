//! Where pictures and access units come out of a pipeline.

use gstreamer_app::{AppSink, app_sink::AppSinkBuilder};

/// An `appsink` that hands on what comes as soon as it comes, and keeps nothing.
pub(super) fn app_sink<'a>() -> AppSinkBuilder<'a> {
    // An end that waits until all is taken out holds the lock that a change of state needs. A source
    // of one picture may end before its pipeline has started, and then neither would ever go on.
    AppSink::builder().sync(false).async_(false).wait_on_eos(false).enable_last_sample(false)
}
