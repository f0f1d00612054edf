//! MIDI in and out through `midir`: the ALSA sequencer on Linux, CoreMIDI and WinMM elsewhere.
//!
//! Lives on the thread `midi-ports`, which looks for new ports again and again since ALSA tells of
//! none. The callbacks run on a thread of `midir` for each device.

use super::{
    LearnDesk, names,
    wire::{Board, Outlet},
};
use crate::ports::Notices;
use midir::{Ignore, MidiIO, MidiInput, MidiInputConnection, MidiOutput, MidiOutputConnection};
use std::collections::HashSet;

/// Our name on the sequencer.
const CLIENT: &str = "residua";

/// What the system calls this way of MIDI.
pub(super) const BACKEND: &str = if cfg!(target_os = "macos") {
    "CoreMIDI"
} else if cfg!(target_os = "windows") {
    "WinMM"
} else {
    "ALSA"
};

/// Everything that is plugged in.
#[derive(Default)]
pub(super) struct Ports {
    /// For looking only: connecting uses up a `MidiInput`.
    looker: Option<MidiInput>,
    inputs: Vec<Input>,
    out_looker: Option<MidiOutput>,
    outputs: Vec<Output>,
    /// Ports that refused, so that it is said once.
    refused: HashSet<String>,
}

struct Output {
    port: String,
    number: u32,
}

impl Outlet for MidiOutputConnection {
    fn send(&mut self, message: &[u8]) {
        // A device that has gone is noticed at the next look.
        let _ = MidiOutputConnection::send(self, message);
    }
}

struct Input {
    port: String,
    name: String,
    device: u32,
    connection: MidiInputConnection<()>,
}

impl Ports {
    /// Names of the devices plugged in.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.name.as_str())
    }

    /// Plugs in what is new and lets go what has gone.
    ///
    /// # Errors
    /// Why there is no MIDI at all this way, in a few words.
    pub(super) fn look(
        &mut self,
        board: &mut Board,
        desk: &LearnDesk,
        notices: &Notices,
    ) -> Result<(), String> {
        self.look_in(board, notices)?;
        self.look_out(board, desk);
        Ok(())
    }

    /// Finds ways to devices that have something to show. What cannot be told is still played.
    fn look_out(&mut self, board: &mut Board, desk: &LearnDesk) {
        if self.out_looker.is_none() {
            self.out_looker = MidiOutput::new(CLIENT).ok();
        }
        let Some(looker) = &self.out_looker else { return };
        let found = devices_at(looker);
        self.outputs.retain(|output| {
            let is_there = found.iter().any(|(_, there)| there.id() == output.port);
            if !is_there {
                board.out_gone(output.number);
            }
            is_there
        });
        for (full_name, port) in found {
            let id = port.id();
            let name = names::device_from_alsa(&full_name);
            if self.outputs.iter().any(|output| output.port == id) || !desk.shows_on(&name) {
                continue;
            }
            let Ok(output) = MidiOutput::new(CLIENT) else { return };
            // Another program may have it; it is tried again.
            let Ok(connection) = output.connect(&port, &name) else { continue };
            let number = board.out_here(&name, Box::new(connection));
            self.outputs.push(Output { port: id, number });
        }
    }

    fn look_in(&mut self, board: &mut Board, notices: &Notices) -> Result<(), String> {
        if self.looker.is_none() {
            self.looker = Some(open()?);
        }
        let Some(looker) = &self.looker else { return Ok(()) };
        let found = devices_at(looker);
        let is_there = |port: &String| found.iter().any(|(_, there)| there.id() == *port);
        self.inputs.retain(|input| {
            let is_there = is_there(&input.port);
            if !is_there {
                board.gone(input.device);
                notices.warn(format!("MIDI {}: gone; it plays on when it is back", input.name));
            }
            is_there
        });
        self.refused.retain(is_there);
        for (full_name, port) in found {
            let id = port.id();
            if self.inputs.iter().any(|input| input.port == id) || self.refused.contains(&id) {
                continue;
            }
            let name = names::device_from_alsa(&full_name);
            let mut input = open()?;
            // Clocks are heard.
            input.ignore(Ignore::SysexAndActiveSense);
            let device = board.here(&name);
            let wire = board.wire.clone();
            let take = move |micros, bytes: &[u8], (): &mut ()| wire.push(device, micros, bytes);
            match input.connect(&port, &name, take, ()) {
                Ok(connection) => {
                    notices.info(format!("MIDI {name}: plugged in ({BACKEND})"));
                    self.inputs.push(Input { port: id, name, device, connection });
                }
                Err(error) => {
                    board.gone(device);
                    notices.warn(format!(
                        "MIDI {name}: cannot be plugged in ({error}); another program may have it"
                    ));
                    self.refused.insert(id);
                }
            }
        }
        Ok(())
    }

    /// Lets everything go.
    pub(super) fn close(&mut self, board: &Board) {
        for Input { device, connection, .. } in self.inputs.drain(..) {
            // First, so that nothing comes after the word that it has gone.
            drop(connection);
            board.gone(device);
        }
        for output in self.outputs.drain(..) {
            board.out_gone(output.number);
        }
    }
}

/// The ports of devices, with their names.
fn devices_at<T: MidiIO>(looker: &T) -> Vec<(String, T::Port)> {
    let named = |port| Some((looker.port_name(&port).ok()?, port));
    let ports = looker.ports().into_iter().filter_map(named);
    ports.filter(|(name, _)| names::is_alsa_device(name)).collect()
}

/// The devices there are.
///
/// # Errors
/// Why there are none.
pub(super) fn list() -> Result<Vec<String>, String> {
    let looker = open()?;
    let names = looker.ports().into_iter().filter_map(|port| looker.port_name(&port).ok());
    let devices = names.filter(|name| names::is_alsa_device(name));
    Ok(devices.map(|name| names::device_from_alsa(&name)).collect())
}

fn open() -> Result<MidiInput, String> {
    // The library prints a line at every failed attempt, so it is not asked where it must fail.
    #[cfg(target_os = "linux")]
    std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/snd/seq")
        .map_err(|error| format!("{BACKEND}: /dev/snd/seq: {}", error.kind()))?;
    MidiInput::new(CLIENT).map_err(|_| format!("{BACKEND}: no sequencer"))
}
