//! What a device is called, without the numbers that change from one start to the next. Pure.

/// JACK clients that stand for other devices: their ports carry the devices' names.
const BRIDGES: [&str; 4] = ["a2j", "a2jmidid", "system", "Midi-Bridge"];

/// The device behind an ALSA sequencer port, as `midir` names it: `client:port 20:0`.
pub(super) fn device_from_alsa(name: &str) -> String {
    let stable = match name.rsplit_once(' ') {
        Some((stable, numbers)) if is_address(numbers) => stable,
        _ => name,
    };
    match stable.split_once(':') {
        // A device's only port, or its first, is the device: `nanoKONTROL2:nanoKONTROL2 MIDI 1`.
        Some((client, port)) if port.starts_with(client) => {
            port.strip_suffix(" MIDI 1").unwrap_or(port).trim().to_owned()
        }
        _ => stable.trim().to_owned(),
    }
}

/// Whether an ALSA sequencer port is a device: not the system's own, and not a copy of others.
pub(super) fn is_alsa_device(name: &str) -> bool {
    !["Midi Through", "System:", "PipeWire", "residua:"].iter().any(|own| name.starts_with(own))
}

/// The device behind a JACK port, given as `client:port`.
pub(super) fn device_from_jack(name: &str) -> String {
    let (client, port) = name.split_once(':').unwrap_or((name, ""));
    if !BRIDGES.contains(&client) {
        return client.to_owned();
    }
    // `a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1`,
    // `Midi-Bridge:nanoKONTROL2 3:(capture_0) nanoKONTROL2 MIDI 1`.
    let port = port.split(" [").next().unwrap_or(port);
    let port = port.split(":(").next().unwrap_or(port);
    match port.rsplit_once(' ') {
        Some((stable, number)) if is_number(number) => stable.to_owned(),
        _ => port.to_owned(),
    }
}

/// Whether a JACK port only passes on what an ALSA sequencer port brings as well.
pub(super) fn is_jack_bridge(name: &str) -> bool {
    name.split_once(':').is_some_and(|(client, _)| BRIDGES.contains(&client))
}

fn is_address(text: &str) -> bool {
    text.split_once(':').is_some_and(|(client, port)| is_number(client) && is_number(port))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_change_are_left_away() {
        for (name, device) in [
            ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nanoKONTROL2"),
            ("Launchpad Pro:Launchpad Pro MIDI 2 28:1", "Launchpad Pro MIDI 2"),
            ("VMPK Output:out 129:0", "VMPK Output:out"),
            ("odd name", "odd name"),
        ] {
            assert_eq!(device_from_alsa(name), device);
        }
        for (name, device) in [
            ("a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1", "nanoKONTROL2"),
            ("Midi-Bridge:nanoKONTROL2 3:(capture_0) nanoKONTROL2 MIDI 1", "nanoKONTROL2"),
            ("keys:out", "keys"),
            ("system:midi_capture_1", "midi_capture_1"),
        ] {
            assert_eq!(device_from_jack(name), device);
        }
    }

    #[test]
    fn what_is_no_device_is_left_alone() {
        assert!(!is_alsa_device("Midi Through:Midi Through Port-0 14:0"));
        assert!(is_alsa_device("APC MINI:APC MINI MIDI 1 24:0"));
        assert!(is_jack_bridge("a2j:APC MINI [24] (capture): APC MINI MIDI 1"));
        assert!(!is_jack_bridge("keys:out"));
    }
}
