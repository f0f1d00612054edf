//! The keys, the same in both windows, and what has to be done when they are let go.

use crate::{
    params::{Change, ControlEvent, ParamIndex, Registry, Source},
    ui::KeyLine,
};
use winit::{
    event::KeyEvent,
    keyboard::{Key as WinitKey, KeyCode, NamedKey, PhysicalKey},
};

/// A key, as the person finds it: letters by what is printed on them, digits by their place (so
/// that they work without shift on layouts that want it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The space bar.
    Space,
    /// The left arrow.
    Left,
    /// The right arrow.
    Right,
    /// The up arrow.
    Up,
    /// The down arrow.
    Down,
    /// Escape.
    Escape,
    /// A letter, in lower case.
    Letter(char),
    /// A digit of the row above the letters, or of the number pad.
    Digit(u8),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Space => f.write_str("space"),
            Key::Left => f.write_str("left"),
            Key::Right => f.write_str("right"),
            Key::Up => f.write_str("up"),
            Key::Down => f.write_str("down"),
            Key::Escape => f.write_str("esc"),
            Key::Letter(letter) => write!(f, "{letter}"),
            Key::Digit(digit) => write!(f, "{digit}"),
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyBinding {
    /// The key.
    pub key: Key,
    /// Id of the parameter it moves.
    pub param: &'static str,
    /// What pressing does. A nudge repeats while the key is held; nothing else does.
    pub pressed: Change,
    /// What letting go does.
    pub released: Option<Change>,
    /// What it is good for, in few words.
    pub help: &'static str,
}

const fn key(key: Key, param: &'static str, pressed: Change, help: &'static str) -> KeyBinding {
    KeyBinding { key, param, pressed, released: None, help }
}

/// A key that is a button: what it does is its row's gesture.
const fn button(key: Key, param: &'static str, help: &'static str) -> KeyBinding {
    let (pressed, released) = (Change::Press(1.0), Some(Change::Release));
    KeyBinding { key, param, pressed, released, help }
}

const fn clip(digit: u8) -> KeyBinding {
    key(Key::Digit(digit), "clip.select", Change::Plain(digit as f64), "clip")
}

/// One press of an arrow, in parts of the range.
const SCRUB_STEP: f64 = 0.01;
/// One press of up or down, in parts of the range of speed.
const SPEED_STEP: f64 = 0.03125;

/// All keys that move parameters.
pub const KEYS: &[KeyBinding] = &[
    button(Key::Space, "playhead.play", "play or pause"),
    key(Key::Left, "playhead.position", Change::Nudge(-SCRUB_STEP), "scrub back"),
    key(Key::Right, "playhead.position", Change::Nudge(SCRUB_STEP), "scrub on"),
    key(Key::Up, "playhead.speed", Change::Nudge(SPEED_STEP), "faster"),
    key(Key::Down, "playhead.speed", Change::Nudge(-SPEED_STEP), "slower"),
    button(Key::Letter('h'), "heal.all", "heal"),
    button(Key::Letter('m'), "mosh.melt", "melt (hold)"),
    button(Key::Letter('s'), "playhead.stutter", "stutter (hold)"),
    button(Key::Letter('l'), "loop.on", "loop"),
    button(Key::Letter('t'), "tempo.tap", "tap the tempo"),
    button(Key::Letter('b'), "programme.blackout", "blackout"),
    button(Key::Letter('o'), "programme.hold", "hold"),
    button(Key::Letter('r'), "recorder.on", "record"),
    button(Key::Letter('k'), "take.keep", "keep the last minute"),
    button(Key::Letter('p'), "panic", "panic"),
    clip(1),
    clip(2),
    clip(3),
    clip(4),
    clip(5),
    clip(6),
    clip(7),
    clip(8),
    clip(9),
];

/// What a letter does while control is down (without shift, with it): ids of triggers.
pub const SHORTCUTS: &[(char, bool, &str, &str)] = &[
    ('z', false, "edit.undo", "undo"),
    ('z', true, "edit.redo", "redo"),
    ('y', false, "edit.redo", "redo"),
    ('s', false, "set.save", "save set"),
];

/// The keys that the windows keep to themselves.
pub const APP_KEYS: &[(Key, &str)] = &[
    (Key::Letter('?'), "all keys"),
    (Key::Letter('f'), "full screen (hold for two seconds to leave)"),
    (Key::Escape, "leave full screen (hold for two seconds)"),
];

/// All keys with what they do, for the control window.
pub(super) fn key_lines() -> Vec<KeyLine> {
    let line = |key: String, help: &str| KeyLine { key, help: help.to_owned() };
    let mut lines: Vec<KeyLine> = Vec::new();
    for binding in KEYS {
        match binding.key {
            Key::Digit(1) => lines.push(line("1-9".to_owned(), binding.help)),
            Key::Digit(_) => {}
            key => lines.push(line(key.to_string(), binding.help)),
        }
    }
    lines.push(line("shift".to_owned(), "with a key that is held: it stays"));
    for (letter, is_shifted, _, help) in SHORTCUTS {
        let shift = if *is_shifted { "shift+" } else { "" };
        lines.push(line(format!("ctrl+{shift}{letter}"), help));
    }
    lines.push(line("ctrl +  ctrl -".to_owned(), "larger, smaller"));
    lines.extend(APP_KEYS.iter().map(|(key, help)| line(key.to_string(), help)));
    lines
}

/// The key of a window event, if it is one that anything here may be bound to.
pub(super) fn key_of(event: &KeyEvent) -> Option<Key> {
    if let PhysicalKey::Code(code) = event.physical_key
        && let Some(digit) = digit_of(code)
    {
        return Some(Key::Digit(digit));
    }
    match &event.logical_key {
        WinitKey::Named(NamedKey::Space) => Some(Key::Space),
        WinitKey::Named(NamedKey::ArrowLeft) => Some(Key::Left),
        WinitKey::Named(NamedKey::ArrowRight) => Some(Key::Right),
        WinitKey::Named(NamedKey::ArrowUp) => Some(Key::Up),
        WinitKey::Named(NamedKey::ArrowDown) => Some(Key::Down),
        WinitKey::Named(NamedKey::Escape) => Some(Key::Escape),
        WinitKey::Character(text) => {
            let mut letters = text.chars().flat_map(char::to_lowercase);
            match (letters.next(), letters.next()) {
                (Some(' '), None) => Some(Key::Space),
                (Some(letter), None) => Some(Key::Letter(letter)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn digit_of(code: KeyCode) -> Option<u8> {
    use KeyCode::*;
    const ROW: [KeyCode; 9] =
        [Digit1, Digit2, Digit3, Digit4, Digit5, Digit6, Digit7, Digit8, Digit9];
    const PAD: [KeyCode; 9] =
        [Numpad1, Numpad2, Numpad3, Numpad4, Numpad5, Numpad6, Numpad7, Numpad8, Numpad9];
    let place = ROW.iter().zip(PAD).position(|(row, pad)| *row == code || pad == code)?;
    u8::try_from(place + 1).ok()
}

/// The bindings whose parameters exist, and which of them are down.
#[derive(Debug)]
pub(super) struct Keyboard {
    bindings: Vec<(KeyBinding, ParamIndex)>,
    held: Vec<Key>,
    shortcuts: Vec<(char, bool, ParamIndex)>,
}

impl Keyboard {
    /// Looks every binding's parameter up; one that does not exist is logged and left out.
    pub(super) fn new(registry: &Registry) -> Self {
        let mut bindings = Vec::new();
        for binding in KEYS {
            match registry.find(binding.param) {
                Some(param) => bindings.push((*binding, param)),
                None => log::warn!("key {} has no parameter {}", binding.key, binding.param),
            }
        }
        let shortcut = |(letter, is_shifted, id, _): &(char, bool, &str, &str)| {
            registry.find(id).map(|param| (*letter, *is_shifted, param))
        };
        let shortcuts = SHORTCUTS.iter().filter_map(shortcut).collect();
        Self { bindings, held: Vec::new(), shortcuts }
    }

    /// A letter went down while control was.
    pub(super) fn shortcut(&self, letter: char, is_shifted: bool) -> Option<ControlEvent> {
        let is_meant =
            |&&(of, shift, _): &&(char, bool, ParamIndex)| (of, shift) == (letter, is_shifted);
        let (_, _, param) = *self.shortcuts.iter().find(is_meant)?;
        Some(ControlEvent { param, change: Change::Fire, source: Source::Keys })
    }

    /// A key went down, or the system repeats it. `is_latching`: what it turns on stays on.
    pub(super) fn press(
        &mut self,
        key: Key,
        is_repeat: bool,
        is_latching: bool,
    ) -> Option<ControlEvent> {
        let (binding, param) = *self.bindings.iter().find(|(binding, _)| binding.key == key)?;
        let is_held = is_repeat || self.held.contains(&key);
        let is_button = matches!(binding.pressed, Change::Press(_));
        if is_button && is_latching && !is_held {
            // Let go, nothing is let go.
            return Some(ControlEvent { param, change: Change::Toggle, source: Source::Keys });
        }
        if !self.held.contains(&key) {
            self.held.push(key);
        }
        if is_held && !matches!(binding.pressed, Change::Nudge(_)) {
            return None;
        }
        Some(ControlEvent { param, change: binding.pressed, source: Source::Keys })
    }

    /// A key went up.
    pub(super) fn release(&mut self, key: Key) -> Option<ControlEvent> {
        let place = self.held.iter().position(|held| *held == key)?;
        self.held.swap_remove(place);
        let (binding, param) = *self.bindings.iter().find(|(binding, _)| binding.key == key)?;
        Some(ControlEvent { param, change: binding.released?, source: Source::Keys })
    }

    /// The windows lost the keyboard: nothing may stay held that nobody holds any more.
    pub(super) fn release_all(&mut self) -> Vec<ControlEvent> {
        let held = self.held.clone();
        held.into_iter().filter_map(|key| self.release(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;

    fn registry() -> Registry {
        let rows = [
            ParamSpec::switch("playhead.play", "Play", "", true).transport(),
            ParamSpec::float("playhead.position", "Position", "", (0.0, 1.0), 0.0).transport(),
            ParamSpec::switch("mosh.melt", "Melt", "", false),
            ParamSpec::trigger("heal.all", "Heal", ""),
        ];
        Registry::join(&[&rows]).expect("rows")
    }

    fn changes(events: impl IntoIterator<Item = ControlEvent>) -> Vec<Change> {
        events.into_iter().map(|event| event.change).collect()
    }

    #[test]
    fn no_key_is_bound_twice() {
        for (place, binding) in KEYS.iter().enumerate() {
            assert!(KEYS[..place].iter().all(|earlier| earlier.key != binding.key));
            assert!(APP_KEYS.iter().all(|(key, _)| *key != binding.key));
            assert!(!binding.help.is_empty());
        }
    }

    #[test]
    fn only_nudges_repeat() {
        let mut keys = Keyboard::new(&registry());
        assert_eq!(changes(keys.press(Key::Space, false, false)), [Change::Press(1.0)]);
        assert_eq!(keys.press(Key::Space, true, false), None);
        assert_eq!(changes(keys.release(Key::Space)), [Change::Release]);
        assert_eq!(changes(keys.press(Key::Space, false, false)), [Change::Press(1.0)]);
        for is_repeat in [false, true, true] {
            assert_eq!(changes(keys.press(Key::Right, is_repeat, false)), [Change::Nudge(0.01)]);
        }
        assert_eq!(keys.release(Key::Right), None);
    }

    #[test]
    fn shift_lets_a_button_stay_down() {
        let mut keys = Keyboard::new(&registry());
        assert_eq!(changes(keys.press(Key::Letter('m'), false, true)), [Change::Toggle]);
        assert_eq!(keys.release(Key::Letter('m')), None);
        // Pressed without, it stays a button, whatever comes meanwhile.
        assert_eq!(changes(keys.press(Key::Letter('m'), false, false)), [Change::Press(1.0)]);
        assert_eq!(keys.press(Key::Letter('m'), true, true), None);
        assert_eq!(changes(keys.release(Key::Letter('m'))), [Change::Release]);
        assert_eq!(changes(keys.press(Key::Right, false, true)), [Change::Nudge(0.01)]);
    }

    #[test]
    fn control_undoes_and_redoes() {
        let registry = crate::engine::registry().expect("rows");
        let keys = Keyboard::new(&registry);
        let id = |letter, is_shifted| {
            keys.shortcut(letter, is_shifted).map(|event| registry.row(event.param).id)
        };
        assert_eq!(id('z', false), Some("edit.undo"));
        assert_eq!((id('z', true), id('y', false)), (Some("edit.redo"), Some("edit.redo")));
        assert_eq!(id('x', false), None);
        assert_eq!(keys.shortcuts.len(), SHORTCUTS.len());
    }

    #[test]
    fn what_is_held_is_let_go() {
        let mut keys = Keyboard::new(&registry());
        let melt = registry().find("mosh.melt").expect("row");
        let press = keys.press(Key::Letter('m'), false, false).expect("bound");
        assert_eq!((press.param, press.change), (melt, Change::Press(1.0)));
        assert_eq!(changes(keys.release(Key::Letter('m'))), [Change::Release]);
        assert_eq!(keys.release(Key::Letter('m')), None);
        let _ = keys.press(Key::Letter('m'), false, false);
        let _ = keys.press(Key::Right, false, false);
        assert_eq!(changes(keys.release_all()), [Change::Release]);
        assert_eq!(keys.release_all(), []);
    }

    #[test]
    fn a_key_without_a_parameter_does_nothing() {
        let mut keys = Keyboard::new(&registry());
        assert_eq!(keys.press(Key::Letter('r'), false, false), None);
        assert_eq!(keys.press(Key::Letter('x'), false, false), None);
        assert_eq!(changes(keys.press(Key::Letter('h'), false, false)), [Change::Press(1.0)]);
    }

    #[test]
    fn every_key_is_listed_once() {
        let lines = key_lines();
        for key in ["space", "m", "1-9", "f", "p", "ctrl+z", "ctrl+shift+z"] {
            assert_eq!(lines.iter().filter(|line| line.key == key).count(), 1, "{key}");
        }
        assert!(lines.iter().all(|line| !line.help.is_empty()));
    }
}
