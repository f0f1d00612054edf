//! A message as people read it, for whoever looks on. Pure.

use rosc::{OscMessage, OscType};

/// Arguments that are told, of a list or of an array.
const ARGUMENTS_TOLD: usize = 6;
/// Characters of an address, or of a text, that are told.
const CHARACTERS_TOLD: usize = 60;

/// Address and arguments, short enough for a line.
pub(super) fn text_of(message: &OscMessage) -> String {
    let mut text = shortened(&message.addr);
    push_list(&mut text, &message.args);
    text
}

fn push_list(text: &mut String, arguments: &[OscType]) {
    for argument in arguments.iter().take(ARGUMENTS_TOLD) {
        text.push(' ');
        push(text, argument);
    }
    if arguments.len() > ARGUMENTS_TOLD {
        text.push_str(" ...");
    }
}

fn push(text: &mut String, argument: &OscType) {
    match argument {
        OscType::Int(value) => text.push_str(&value.to_string()),
        OscType::Long(value) => text.push_str(&value.to_string()),
        OscType::Float(value) => text.push_str(&value.to_string()),
        OscType::Double(value) => text.push_str(&value.to_string()),
        OscType::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        OscType::String(word) => {
            text.push('"');
            text.push_str(&shortened(word));
            text.push('"');
        }
        OscType::Array(array) => {
            text.push('[');
            push_list(text, &array.content);
            text.push_str(" ]");
        }
        OscType::Nil => text.push_str("nil"),
        OscType::Inf => text.push_str("inf"),
        OscType::Blob(bytes) => text.push_str(&format!("({} bytes)", bytes.len())),
        OscType::Char(letter) => text.extend(letter.escape_debug()),
        OscType::Time(_) => text.push_str("(time)"),
        OscType::Color(_) => text.push_str("(colour)"),
        OscType::Midi(_) => text.push_str("(MIDI)"),
    }
}

/// What does not print is told by its code, what is long is cut.
fn shortened(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String =
        letters.by_ref().take(CHARACTERS_TOLD).flat_map(char::escape_debug).collect();
    if letters.next().is_some() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::{Ear, HeardFrom, Outcome, Why, osc::Inlet},
        params::{Change, ControlQueue, ParamSpec, Registry, Source},
    };
    use rosc::OscArray;
    use std::sync::Arc;

    const ROWS: [ParamSpec; 6] = [
        ParamSpec::float("t.a", "A", "", (0.0, 8.0), 0.0),
        ParamSpec::float("t.b", "B", "", (0.0, 8.0), 0.0),
        ParamSpec::float("t.c", "C", "", (0.0, 8.0), 0.0),
        ParamSpec::float("t.d", "D", "", (0.0, 8.0), 0.0),
        ParamSpec::float("t.e", "E", "", (0.0, 8.0), 0.0),
        ParamSpec::trigger("panic", "Panic", ""),
    ];

    fn text(addr: &str, args: Vec<OscType>) -> String {
        text_of(&OscMessage { addr: addr.to_owned(), args })
    }

    #[test]
    fn what_is_long_is_cut_and_what_does_not_print_is_told() {
        let array = OscArray { content: vec![OscType::Nil, OscType::Float(0.25)] };
        let args = vec![OscType::Int(-3), OscType::String("a\nb".to_owned()), array.into()];
        assert_eq!(text("/t/a", args), r#"/t/a -3 "a\nb" [ nil 0.25 ]"#);
        assert_eq!(
            text("/t", vec![OscType::Bool(true); 7]),
            "/t".to_owned() + &" true".repeat(6) + " ..."
        );
        assert_eq!(text(&"x".repeat(61), vec![]), "x".repeat(60) + "...");
    }

    /// The bytes are those of the OpenSoundControl Specification 1.0: strings end in 1 to 4 zeros.
    #[test]
    fn whoever_looks_on_hears_of_each_message_what_became_of_it() {
        let registry = Arc::new(Registry::join(&[&ROWS]).expect("rows"));
        let ear = Ear::default();
        let queue = ControlQueue::default();
        let inlet = Inlet::new(Arc::clone(&registry), queue.clone(), Source::Osc);
        let mut inlet = inlet.overheard(ear.clone());
        inlet.hears(HeardFrom::Connection(3));
        inlet.take(b"/t/a\0\0\0\0,f\0\0\x40\x00\x00\x00");
        assert_eq!(ear.take(), None, "nobody looks on");
        ear.open(true);
        let find = |id| registry.find(id).expect("a row");
        let nothing = Outcome::Nothing;
        let moves = |first, others| Outcome::Moves { first, others };
        let to = |id, plain| (find(id), Change::Plain(plain));
        let all = ["t.a", "t.b", "t.c", "t.d"].map(|id| to(id, 1.0)).to_vec();
        let cases: [(&[u8], &str, Outcome); 8] = [
            (b"/t/a\0\0\0\0,f\0\0\x40\x00\x00\x00", "/t/a 2", moves(vec![to("t.a", 2.0)], 0)),
            (b"/t/*\0\0\0\0,i\0\0\x00\x00\x00\x01", "/t/* 1", moves(all, 1)),
            (b"/t/x\0\0\0\0,i\0\0\x00\x00\x00\x01", "/t/x 1", nothing(Why::Unknown)),
            (b"/t/a\0\0\0\0,s\0\0loud\0\0\0\0", "/t/a \"loud\"", nothing(Why::Refused)),
            (b"/panic\0\0,i\0\0\x00\x00\x00\x00", "/panic 0", nothing(Why::Idle(None))),
            (b"/refresh\0\0\0\0,\0\0\0", "/refresh", nothing(Why::Asked)),
            (b"/learn\0\0,\0\0\0", "/learn", nothing(Why::Refused)),
            (b"GET / HTTP", "a packet", nothing(Why::Malformed)),
        ];
        for (bytes, text, outcome) in cases {
            inlet.take(bytes);
            let line = ear.take().expect("a line");
            assert_eq!((line.text.as_str(), line.outcome), (text, outcome));
            assert_eq!(line.from, HeardFrom::Connection(3));
            assert_eq!(ear.take(), None, "{text}");
        }
        ear.open(false);
        inlet.take(b"/t/a\0\0\0\0,f\0\0\x40\x00\x00\x00");
        assert_eq!(ear.take(), None);
    }
}
