//! From the bytes of devices to events: by mapping where a device has any, else by what the
//! program offers. Lives on the thread `midi`; the only file it touches is its memory.

use super::{
    auto::{AutoAssign, Memory, Remembered},
    parser::{Message, Parser},
};
use crate::{
    control::{
        batch::Batch,
        mapping::{Mapping, Mappings, Mode, Resolved},
    },
    params::{Change, Counters, Kind, Registry},
    ports::Notices,
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The name of what is plugged into our JACK port by hand.
const UNNAMED: &str = "JACK";

/// What the thread `midi` owns.
pub(super) struct Translator {
    registry: Arc<Registry>,
    batch: Batch,
    notices: Notices,
    mappings: Vec<(Mapping, Resolved)>,
    offered: AutoAssign,
    memory: Memory,
    memory_file: Option<PathBuf>,
    is_memory_stale: bool,
    devices: HashMap<u32, Device>,
}

/// One port that is plugged in.
struct Device {
    name: String,
    parser: Parser,
    /// Its mappings; a device with none takes what is offered.
    controls: Vec<Control>,
    /// By note: the pad that it struck and that has not been let go.
    down: [Option<usize>; 128],
}

/// A mapping and the state of its control.
struct Control {
    mapping: Resolved,
    is_pressed: bool,
    is_toggled: bool,
}

impl Translator {
    /// Mappings that name no parameter are left away with a notice; a memory that cannot be read
    /// starts afresh, with a notice.
    pub(super) fn new(
        registry: Arc<Registry>,
        batch: Batch,
        notices: Notices,
        mappings: Mappings,
        offered: AutoAssign,
        memory_file: Option<PathBuf>,
    ) -> Self {
        let resolve = |mapping: Mapping| match mapping.resolve(&registry) {
            Ok(resolved) => Some((mapping, resolved)),
            Err(error) => {
                notices.warn(format!("MIDI: {error}; this mapping is left away"));
                None
            }
        };
        let mappings = mappings.list.into_iter().filter_map(resolve).collect();
        let load = |path: &Path| {
            Memory::load(path).unwrap_or_else(|error| {
                notices.warn(format!(
                    "MIDI: {} cannot be read ({error}); knobs are assigned afresh",
                    path.display()
                ));
                Memory::default()
            })
        };
        let memory = memory_file.as_deref().map(load).unwrap_or_default();
        Self {
            registry,
            batch,
            notices,
            mappings,
            offered,
            memory,
            memory_file,
            is_memory_stale: false,
            devices: HashMap::new(),
        }
    }

    /// A device has been plugged in.
    pub(super) fn here(&mut self, id: u32, name: String) {
        let of_this = self.mappings.iter().filter(|(mapping, _)| mapping.is_for(&name));
        let controls = of_this
            .map(|(_, mapping)| Control { mapping: *mapping, is_pressed: false, is_toggled: false })
            .collect();
        let device = Device { name, parser: Parser::default(), controls, down: [None; 128] };
        self.devices.insert(id, device);
    }

    /// A device has gone: whatever it held is let go, since no message will come to say so.
    pub(super) fn gone(&mut self, id: u32) {
        let Some(device) = self.devices.remove(&id) else { return };
        for control in &device.controls {
            if control.is_pressed && control.mapping.mode == Mode::Gate {
                self.batch.push(control.mapping.param, Change::Normalised(control.mapping.low));
            }
        }
        for place in device.down.into_iter().flatten() {
            release(&self.offered, place, &mut self.batch);
        }
    }

    /// All devices have gone.
    pub(super) fn all_gone(&mut self) {
        for id in self.devices.keys().copied().collect::<Vec<_>>() {
            self.gone(id);
        }
    }

    /// A device has sent something.
    pub(super) fn bytes(&mut self, id: u32, bytes: &[u8]) {
        if !self.devices.contains_key(&id) {
            self.here(id, UNNAMED.to_owned());
        }
        for byte in bytes {
            let device = self.devices.get_mut(&id);
            let Some(message) = device.and_then(|device| device.parser.push(*byte)) else {
                continue;
            };
            self.message(id, message);
        }
    }

    /// Sends what was gathered and keeps what was learnt.
    pub(super) fn send(&mut self) {
        self.batch.send();
        if !std::mem::take(&mut self.is_memory_stale) {
            return;
        }
        let Some(path) = &self.memory_file else { return };
        if let Err(error) = self.memory.save(path) {
            self.notices.warn(format!(
                "MIDI: {} cannot be written ({error}); these knobs are forgotten at the end",
                path.display()
            ));
            self.memory_file = None;
        }
    }

    fn message(&mut self, id: u32, message: Message) {
        let Some(device) = self.devices.get_mut(&id) else { return };
        let is_understood = if device.controls.is_empty() {
            let mut offer = Offer {
                registry: &self.registry,
                notices: &self.notices,
                offered: &self.offered,
                batch: &mut self.batch,
                is_memory_stale: &mut self.is_memory_stale,
            };
            let remembered = self.memory.device(&device.name);
            match message {
                Message::Control { channel, number, value } => {
                    offer.knob(device, remembered, (channel, number), value)
                }
                Message::Note { number, velocity: 0, .. } => {
                    offer.pad_released(device, number);
                    true
                }
                Message::Note { number, .. } => offer.pad_pressed(device, remembered, number),
                Message::PitchBend { .. } => false,
            }
        } else {
            let mut is_heard = false;
            for control in device.controls.iter_mut().filter(|c| c.mapping.hears(message)) {
                is_heard = true;
                let row = self.registry.row(control.mapping.param);
                if let Some(change) = control.change(message, row.kind) {
                    self.batch.push(control.mapping.param, change);
                }
            }
            is_heard
        };
        if !is_understood {
            Counters::count(&self.batch.queue().counters().unknown);
        }
    }
}

fn release(offered: &AutoAssign, place: usize, batch: &mut Batch) {
    if let Some((param, change)) =
        offered.pads.get(place).and_then(|pad| Some((pad.param, pad.released?)))
    {
        batch.push(param, change);
    }
}

/// What an unmapped device needs of the translator.
struct Offer<'a> {
    registry: &'a Registry,
    notices: &'a Notices,
    offered: &'a AutoAssign,
    batch: &'a mut Batch,
    is_memory_stale: &'a mut bool,
}

impl Offer<'_> {
    fn knob(
        &mut self,
        device: &mut Device,
        remembered: &mut Remembered,
        controller: (u8, u8),
        value: u8,
    ) -> bool {
        let found = remembered.knob(controller, &self.offered.knobs, self.registry);
        let Some((param, is_new)) = found else { return false };
        if is_new {
            *self.is_memory_stale = true;
            self.notices.info(format!(
                "MIDI {}: knob CC {} is now {}",
                device.name,
                controller.1,
                self.registry.row(param).name
            ));
        }
        self.batch.push(param, Change::Normalised(f64::from(value) / 127.0));
        true
    }

    fn pad_pressed(&mut self, device: &mut Device, remembered: &mut Remembered, note: u8) -> bool {
        if self.offered.pads.is_empty() {
            return false;
        }
        if remembered.lowest_note.is_none_or(|lowest| note < lowest) {
            remembered.lowest_note = Some(note);
            *self.is_memory_stale = true;
            let first = self.pad_name(0);
            self.notices
                .info(format!("MIDI {}: the pads begin at note {note}, {first}", device.name));
        }
        let place = usize::from(note - remembered.lowest_note.unwrap_or(note));
        let Some(pad) = self.offered.pads.get(place) else { return false };
        // Struck again without having been let go: some pads send no release.
        self.pad_released(device, note);
        device.down[usize::from(note)] = Some(place);
        self.batch.push(pad.param, pad.pressed);
        true
    }

    fn pad_released(&mut self, device: &mut Device, note: u8) {
        if let Some(place) = device.down[usize::from(note)].take() {
            release(self.offered, place, self.batch);
        }
    }

    fn pad_name(&self, place: usize) -> String {
        let Some(pad) = self.offered.pads.get(place) else { return String::new() };
        let row = self.registry.row(pad.param);
        match pad.pressed {
            Change::Plain(value) if !matches!(row.kind, Kind::Trigger) => {
                format!("{} {}", row.name, row.format(value))
            }
            _ => row.name.to_owned(),
        }
    }
}

impl Control {
    /// What a message that the mapping hears does to its parameter.
    fn change(&mut self, message: Message, kind: Kind) -> Option<Change> {
        let (part, is_pressed) = match message {
            Message::Control { value, .. } => (f64::from(value) / 127.0, value >= 64),
            Message::Note { velocity, .. } => (f64::from(velocity) / 127.0, velocity > 0),
            Message::PitchBend { value, .. } => (part_from_bend(value), value > 8192),
        };
        let Resolved { low, high, invert, mode, .. } = self.mapping;
        let (part, is_pressed) =
            if invert { (1.0 - part, !is_pressed) } else { (part, is_pressed) };
        let was_pressed = std::mem::replace(&mut self.is_pressed, is_pressed);
        let is_new_press = is_pressed && !was_pressed;
        if matches!(kind, Kind::Trigger) {
            return is_new_press.then_some(Change::Fire);
        }
        match mode {
            Mode::Absolute => Some(Change::Normalised(low + (high - low) * part)),
            Mode::Toggle if !is_new_press => None,
            // The parameter itself knows where it is, whoever moved it.
            Mode::Toggle if kind == Kind::Bool => Some(Change::Toggle),
            Mode::Toggle => {
                self.is_toggled = !self.is_toggled;
                Some(Change::Normalised(if self.is_toggled { high } else { low }))
            }
            Mode::Gate if is_pressed == was_pressed => None,
            Mode::Gate => Some(Change::Normalised(if is_pressed { high } else { low })),
            Mode::Trigger => is_new_press.then_some(Change::Normalised(high)),
        }
    }
}

/// 0..=1 of a 14-bit wheel, of which rest (8,192) is exactly the middle though it has one step less
/// above than below.
fn part_from_bend(value: u16) -> f64 {
    let from_rest = f64::from(value) - 8192.0;
    0.5 + from_rest / if from_rest > 0.0 { 2.0 * 8191.0 } else { 2.0 * 8192.0 }
}

/// The parameter and change of every event sent, for tests.
#[cfg(test)]
fn sent(translator: &mut Translator) -> Vec<(crate::params::ParamIndex, Change)> {
    translator.send();
    std::iter::from_fn(|| translator.batch.queue().pop())
        .map(|queued| (queued.event.param, queued.event.change))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::{PadTarget, mapping::MessageKind},
        params::{ControlQueue, ParamSpec, Source},
    };
    use proptest::prelude::*;

    const ROWS: [ParamSpec; 4] = [
        ParamSpec::float("t.a", "Position", "", (0.0, 10.0), 0.0),
        ParamSpec::float("t.b", "Speed", "", (0.0, 10.0), 0.0),
        ParamSpec::switch("t.hold", "Hold", "", false),
        ParamSpec::trigger("t.heal", "Heal", ""),
    ];

    fn translator(list: Vec<Mapping>, memory_file: Option<PathBuf>) -> Translator {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let [a, b, hold, heal] = ROWS.map(|row| registry.index_of(&row));
        let pad = |param, pressed, released| PadTarget { param, pressed, released };
        let offered = AutoAssign {
            knobs: vec![a, b],
            pads: vec![
                pad(heal, Change::Fire, None),
                pad(hold, Change::Plain(1.0), Some(Change::Plain(0.0))),
            ],
        };
        let batch = Batch::new(Arc::clone(&registry), ControlQueue::default(), Source::Midi);
        let notices = Notices::default();
        Translator::new(registry, batch, notices, Mappings { list }, offered, memory_file)
    }

    fn said(translator: &Translator) -> Vec<String> {
        std::iter::from_fn(|| translator.notices.take()).map(|notice| notice.text).collect()
    }

    fn plain(translator: &mut Translator) -> Vec<(&'static str, Change)> {
        let registry = Arc::clone(&translator.registry);
        sent(translator).into_iter().map(|(param, c)| (registry.row(param).id, c)).collect()
    }

    #[test]
    fn the_first_knobs_take_what_is_offered_and_are_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("midi.toml");
        let mut translator = self::translator(vec![], Some(file.clone()));
        translator.here(1, "nano".to_owned());
        translator.bytes(1, &[0xB0, 16, 127, 17, 0, 18, 64]);
        let expected = [("t.a", Change::Normalised(1.0)), ("t.b", Change::Normalised(0.0))];
        assert_eq!(plain(&mut translator), expected);
        assert_eq!(
            said(&translator),
            ["MIDI nano: knob CC 16 is now Position", "MIDI nano: knob CC 17 is now Speed"]
        );
        let unknown = &translator.batch.queue().counters().unknown;
        assert_eq!(unknown.load(std::sync::atomic::Ordering::Relaxed), 1);
        // After a restart the second knob is what it was, though it is moved first; and silently.
        let mut translator = self::translator(vec![], Some(file));
        translator.here(7, "nano".to_owned());
        translator.bytes(7, &[0xB0, 17, 127]);
        assert_eq!(plain(&mut translator), [("t.b", Change::Normalised(1.0))]);
        assert!(said(&translator).is_empty());
    }

    #[test]
    fn pads_count_from_the_lowest_note() {
        let mut translator = translator(vec![], None);
        translator.here(1, "pads".to_owned());
        translator.bytes(1, &[0x99, 41, 100]);
        assert_eq!(plain(&mut translator), [("t.heal", Change::Fire)]);
        translator.bytes(1, &[0x99, 40, 100, 41, 100]);
        let expected = [("t.heal", Change::Fire), ("t.hold", Change::Plain(1.0))];
        assert_eq!(plain(&mut translator), expected);
        assert_eq!(
            said(&translator),
            [
                "MIDI pads: the pads begin at note 41, Heal",
                "MIDI pads: the pads begin at note 40, Heal"
            ]
        );
        translator.bytes(1, &[0x89, 41, 0]);
        assert_eq!(plain(&mut translator), [("t.hold", Change::Plain(0.0))]);
    }

    #[test]
    fn what_is_held_is_let_go_when_its_device_goes() {
        let gate = Mapping {
            device: "keys".to_owned(),
            kind: MessageKind::Note,
            number: 60,
            param: "t.a".to_owned(),
            min: Some(2.5),
            mode: Mode::Gate,
            ..Mapping::default()
        };
        let mut translator = translator(vec![gate], None);
        translator.here(1, "pads".to_owned());
        translator.here(2, "My Keys".to_owned());
        translator.bytes(1, &[0x90, 1, 1, 2, 1]);
        translator.bytes(2, &[0x90, 60, 1]);
        let pressed = plain(&mut translator);
        assert_eq!(
            pressed[1..],
            [("t.hold", Change::Plain(1.0)), ("t.a", Change::Normalised(1.0))]
        );
        translator.gone(1);
        translator.gone(2);
        let released = [("t.hold", Change::Plain(0.0)), ("t.a", Change::Normalised(0.25))];
        assert_eq!(plain(&mut translator), released);
        translator.all_gone();
        assert_eq!(plain(&mut translator), []);
    }

    #[test]
    fn modes_do_what_they_say() {
        let cc = |number, param: &str, mode, invert| Mapping {
            number,
            param: param.to_owned(),
            mode,
            invert,
            ..Mapping::default()
        };
        let bend = Mapping {
            kind: MessageKind::PitchBend,
            channel: Some(2),
            param: "t.b".to_owned(),
            min: Some(10.0),
            max: Some(5.0),
            ..Mapping::default()
        };
        let mut translator = translator(
            vec![
                cc(1, "t.a", Mode::Absolute, true),
                cc(2, "t.hold", Mode::Toggle, false),
                cc(3, "t.a", Mode::Toggle, false),
                cc(4, "t.hold", Mode::Gate, false),
                cc(5, "t.heal", Mode::Absolute, false),
                cc(6, "t.a", Mode::Trigger, false),
                cc(7, "t.gone", Mode::Absolute, false),
                bend,
            ],
            None,
        );
        assert_eq!(said(&translator).len(), 1);
        translator.here(1, "any".to_owned());
        let on = Change::Normalised(1.0);
        let off = Change::Normalised(0.0);
        for (bytes, expected) in [
            (&[0xB0, 1, 127][..], vec![("t.a", off)]),
            (&[0xB0, 2, 127, 2, 127, 2, 0, 2, 64], vec![("t.hold", Change::Toggle); 2]),
            (&[0xB0, 3, 127], vec![("t.a", on)]),
            (&[0xB0, 3, 0, 3, 127], vec![("t.a", off)]),
            (&[0xB0, 4, 127], vec![("t.hold", on)]),
            (&[0xB0, 4, 63], vec![("t.hold", off)]),
            (&[0xB0, 5, 127, 5, 100, 5, 1, 5, 90], vec![("t.heal", Change::Fire); 2]),
            (&[0xB0, 6, 127, 6, 0], vec![("t.a", on)]),
            (&[0xB0, 7, 127, 99, 1], vec![]),
            (&[0xE0, 0, 64], vec![]),
            (&[0xE1, 0, 64], vec![("t.b", Change::Normalised(0.75))]),
            (&[0xE1, 127, 127], vec![("t.b", Change::Normalised(0.5))]),
            (&[0xE1, 0, 0], vec![("t.b", Change::Normalised(1.0))]),
        ] {
            translator.bytes(1, bytes);
            assert_eq!(plain(&mut translator), expected, "{bytes:?}");
        }
    }

    proptest! {
        /// Other people's traffic: values stay within 0..=1, and nothing breaks.
        #[test]
        fn no_traffic_is_too_much(
            traffic in prop::collection::vec((0_u32..3, any::<[u8; 3]>()), 0..200)
        ) {
            let mut translator = translator(vec![], None);
            for (id, bytes) in traffic {
                match bytes[0] {
                    0..10 => translator.here(id, "pads".to_owned()),
                    10..20 => translator.gone(id),
                    _ => translator.bytes(id, &bytes),
                }
            }
            for (_, change) in sent(&mut translator) {
                if let Change::Normalised(value) = change {
                    prop_assert!((0.0..=1.0).contains(&value));
                }
            }
        }
    }
}
