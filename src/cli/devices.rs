//! `residua devices`.

use super::out;
use crate::{app, audio, control, gpu, media};
use anyhow::Result;

pub fn run() -> Result<()> {
    out::say("adapters:");
    let adapters = gpu::adapters().into_iter().map(|adapter| {
        let kind = if adapter.is_cpu { ", a CPU" } else { "" };
        format!("{} ({}, {}{kind})", adapter.name, adapter.backend, adapter.driver)
    });
    list(adapters, "none: install a Vulkan driver (Debian: mesa-vulkan-drivers)");
    out::say("displays:");
    list(app::displays().unwrap_or_default(), "none: without one, play with --headless");
    out::say("MIDI inputs:");
    let (ports, reasons) = control::midi::input_ports();
    let ports = ports.into_iter().map(|port| format!("{} ({})", port.name, port.backend));
    list(ports, &format!("none ({})", reasons.join("; ")));
    out::say("sound inputs:");
    match audio::inputs() {
        Ok(inputs) => list(inputs, "none: plug something in, or connect JACK"),
        Err(reason) => list([], &format!("none ({reason})")),
    }
    out::say("encoders and decoders:");
    let devices = media::devices()?.into_iter().map(|device| {
        let state = if device.is_installed {
            "there".to_owned()
        } else if device.plugin.package.is_empty() {
            "not here".to_owned()
        } else {
            format!("missing: install {}", device.plugin.package)
        };
        format!("{}: {} ({state})", device.plugin.element, device.plugin.purpose)
    });
    list(devices, "none");
    Ok(())
}

fn list(lines: impl IntoIterator<Item = String>, none: &str) {
    let mut is_empty = true;
    for line in lines {
        out::say(format_args!("  {line}"));
        is_empty = false;
    }
    if is_empty {
        out::say(format_args!("  {none}"));
    }
}
