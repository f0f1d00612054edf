//! The program with windows: the event loop, the control window, the output window, the keys.
//!
//! Owns the main thread until the person quits. Never touches decoder or decay: it sends
//! [`ControlEvent`](crate::params::ControlEvent)s through the queue, reads the status, and hands
//! pictures from the programme's slot to its windows.
//!
//! On an X server without a window manager the windows place themselves and can fill the screen,
//! but nobody gives them the keyboard: that takes a window manager (or `xdotool windowfocus`).

mod control_window;
mod error;
mod gpu;
mod greeting;
mod import_desk;
mod keys;
mod layout;
mod leave;
mod looks;
mod monitors;
mod output_window;
mod outputs;
mod room;
mod screen;
mod shell;
mod wake_lock;

pub use error::AppError;
pub use import_desk::{Board, DeskOrders, ExportOrder, ImportDesk, ImportOrder};
pub use keys::{APP_KEYS, KEYS, Key, KeyBinding, SHORTCUTS};
pub use looks::{LooksPlan, LooksPort, start as start_looks};
pub use outputs::OUTPUTS_MAX;
pub use screen::Screen;

use crate::{
    control::{Ear, LearnDesk},
    decay::dct::Dct,
    engine::Status,
    output::ProgrammeReader,
    params::{ControlQueue, Registry},
    ports::Notices,
    ui::{ClipCard, GrabPictures},
    units::Canvas,
};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// What the windows are made of.
pub struct Config {
    /// All rows.
    pub registry: Arc<Registry>,
    /// Where what the person does goes.
    pub queue: ControlQueue,
    /// What all threads have to say. The windows take it from here.
    pub notices: Notices,
    /// The engine's status after each slot.
    pub status: triple_buffer::Output<Status>,
    /// The programme, for output windows: [`OUTPUTS_MAX`] of them, one at least.
    pub outputs: Vec<ProgrammeReader>,
    /// The programme, for the preview in the control window.
    pub preview: ProgrammeReader,
    /// The clips, in the order of the set.
    pub clips: Vec<ClipCard>,
    /// Whether the only clip is a blank, because nothing was named: the first that comes in is played.
    pub is_blank: bool,
    /// Clips that are made while playing; each becomes the last.
    pub new_clips: crossbeam::channel::Receiver<ClipCard>,
    /// The looks as pictures.
    pub looks: LooksPort,
    /// Quantisation tables of a file, where the set has some.
    pub tables: Option<Dct>,
    /// Small pictures of what is grabbed.
    pub grabs: GrabPictures,
    /// Lines on the ports that are open, such as `OSC on 127.0.0.1:9000`.
    pub port_lines: Vec<String>,
    /// Where MIDI controllers learn, where they are listened to.
    pub learn: Option<LearnDesk>,
    /// Where what comes in is overheard.
    pub ear: Ear,
    /// Where videos become clips while playing, and the library is looked after.
    pub desk: Option<ImportDesk>,
    /// The canvas: the first size of the output window.
    pub canvas: Canvas,
    /// What plays on what: names and values, such as the adapter's.
    pub machine: Vec<(String, String)>,
    /// Tells how long a recording may become.
    pub recording_room: Box<dyn Fn() -> Option<Duration> + Send>,
    /// Where it is kept how the control window is laid out, if anywhere.
    pub layout: Option<PathBuf>,
    /// Whether the output starts in full screen.
    pub fullscreen: bool,
    /// The display that the output goes to.
    pub display: Option<String>,
    /// Further displays that the programme fills from the start.
    pub also: Vec<String>,
    /// Whether another display will do where that one is not there.
    pub is_display_a_wish: bool,
    /// Where the output is, for whoever writes it down.
    pub screen: Arc<Screen>,
    /// Set by whoever ends the show; set here when the control window is closed.
    pub quit: Arc<AtomicBool>,
}

/// Opens the windows and runs them until the person quits, or `quit` is set. Called on the main
/// thread, once in the life of the process.
///
/// # Errors
/// [`AppError::NoDisplay`] where there is nothing to open windows on (then the instrument can still
/// play without); a display that does not exist; no graphics adapter.
pub fn run(config: Config) -> Result<(), AppError> {
    shell::run(config)
}

/// The names of the displays, for `residua devices`. Called instead of [`run`], on the main thread.
///
/// # Errors
/// [`AppError::NoDisplay`].
pub fn displays() -> Result<Vec<String>, AppError> {
    shell::displays()
}
