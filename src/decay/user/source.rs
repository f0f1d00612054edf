//! From a user's text to a whole WGSL module, looked through before a device sees it. Pure.
//!
//! The user's text stands first, so that its lines are the module's lines; WGSL does not mind that
//! what it calls is declared below.

use super::{Fault, header::Header};
use naga::{
    AddressSpace,
    valid::{Capabilities, ValidationFlags, Validator},
};
use std::{error::Error, fmt::Write as _};

const CHANCE: &str = include_str!("../../../shaders/chance.wgsl");
const USER: &str = include_str!("../../../shaders/user.wgsl");

/// Characters of a message that are shown. What is longer quotes the file.
const WHY_MAX: usize = 160;

/// What every shader must have.
const STAGE: &str = "fn stage(at: vec2<f32>) -> vec3<f32>";

/// A shader that holds.
#[derive(Clone, Debug)]
pub struct Source {
    /// The whole module.
    pub wgsl: String,
    /// Whether it reads the worn picture of the generation before, rather than the decoded one.
    pub reads_worn: bool,
}

impl Source {
    /// Puts a shader together and looks it through.
    ///
    /// # Errors
    /// The first thing that is wrong in it.
    pub fn new(text: &str, header: &Header) -> Result<Self, Fault> {
        for (param, line) in header.params.iter().zip(&header.lines) {
            let alone = format!("struct Params {{ {}: f32 }}", param.name);
            if naga::front::wgsl::parse_str(&alone).is_err() {
                let why =
                    format!("'{}' is a word of WGSL: name the parameter otherwise", param.name);
                return Err(Fault { line: *line, why });
            }
        }
        let wgsl = module(text, header);
        let fault = |offset: Option<usize>, why: &str| fault(text, offset, why);
        let parsed = naga::front::wgsl::parse_str(&wgsl).map_err(|error| {
            // Of several places the last one is what does not fit to the others.
            let places = error.labels().filter_map(|(span, _)| Some(span.to_range()?.start));
            fault(places.filter(|offset| *offset < text.len()).max(), error.message())
        })?;
        for (handle, variable) in parsed.global_variables.iter() {
            let span = parsed.global_variables.get_span(handle).to_range();
            let begin = span.map_or(usize::MAX, |span| span.start);
            if begin < text.len() && variable.space != AddressSpace::Private {
                let why = "a stage has no bindings and no shared memory of its own: it reads \
                    pictures by picture(at), clip(at) or worn(at), and values by its parameters";
                return Err(fault(Some(begin), why));
            }
        }
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        validator.validate(&parsed).map_err(|error| {
            let offset = error.location(&wgsl).map(|location| location.offset as usize);
            fault(offset, &with_causes(error.as_inner()))
        })?;
        let code = without_comments(text);
        let reads_worn = calls(&code, "worn").is_some();
        if let (true, Some(offset)) = (reads_worn, calls(&code, "clip")) {
            return Err(fault(Some(offset), "a stage reads clip(at) or worn(at), not both"));
        }
        Ok(Self { wgsl, reads_worn })
    }
}

/// The whole module: the user's text, its parameters, and what is lent to it.
fn module(text: &str, header: &Header) -> String {
    let mut params = String::new();
    for param in &header.params {
        // Writing to a String cannot fail.
        let _ = writeln!(params, "    {}: f32,", param.name);
    }
    if params.is_empty() {
        // A struct without members is none.
        params.push_str("    residua_none: f32,\n");
    }
    format!("{text}\nstruct Params {{\n{params}}}\n{CHANCE}\n{USER}")
}

/// What is wrong, by the user's lines. What is wrong elsewhere comes of what they lack.
fn fault(text: &str, offset: Option<usize>, why: &str) -> Fault {
    let mut why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = why.char_indices().nth(WHY_MAX) {
        why.truncate(end);
        why.push_str(" ...");
    }
    let line_of = |offset: usize| text[..offset].matches('\n').count() + 1;
    match offset.filter(|offset| text.is_char_boundary(*offset) && *offset < text.len()) {
        Some(offset) => Fault { line: line_of(offset), why },
        None => {
            let line = text.lines().count().max(1);
            let hint = match calls(&without_comments(text), "stage") {
                Some(_) => "at the end of the file: is a bracket open, or is it no",
                None => "there must be a",
            };
            Fault { line, why: format!("{why} ({hint} `{STAGE}`)") }
        }
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// The text with blanks for its comments, byte for byte. Block comments of WGSL nest.
fn without_comments(text: &str) -> Vec<u8> {
    let mut code = text.as_bytes().to_vec();
    let (mut place, mut depth, mut is_line) = (0, 0_u32, false);
    while place < code.len() {
        let pair = (code[place], code.get(place + 1).copied().unwrap_or(0));
        let mut length = 1;
        match pair {
            (b'\n', _) => is_line = false,
            (b'/', b'/') if depth == 0 => is_line = true,
            (b'/', b'*') if !is_line => (depth, length) = (depth + 1, 2),
            (b'*', b'/') if !is_line && depth > 0 => {
                code[place..place + 2].fill(b' ');
                (depth, length) = (depth - 1, 2);
            }
            _ => {}
        }
        if (is_line || depth > 0) && code[place] != b'\n' {
            code[place..place + length].fill(b' ');
        }
        place += length;
    }
    code
}

/// Where a function is first called or declared.
fn calls(code: &[u8], name: &str) -> Option<usize> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    memchr::memmem::find_iter(code, name).find(|place| {
        let mut after =
            code[place + name.len()..].iter().skip_while(|byte| byte.is_ascii_whitespace());
        !code[..*place].last().is_some_and(is_letter) && after.next() == Some(&b'(')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "// param amount 0 0..1\n// param size_px 1 0..9\n";

    fn source(text: &str) -> Result<Source, Fault> {
        let header = Header::parse("ripple", text).expect("a head");
        Source::new(text, &header)
    }

    #[test]
    fn all_that_is_lent_can_be_used() {
        let whole = source(&format!(
            "{HEAD}const TURN = 6.2831853;\nvar<private> sum: f32;\n\
             fn wave(x: f32) -> f32 {{ return sin(x * TURN / max(p.size_px, 1.0)); }}\n\
             fn stage(at: vec2<f32>) -> vec3<f32> {{\n\
                 sum = chance(at).x + chance_of(3u).w + generation + age;\n\
                 let moved = at + vec2<f32>(wave(at.y) * p.amount, 0.0) + size * 0.0;\n\
                 return mix(picture(moved), clip(at), 0.5) + sum * 0.0;\n}}\n"
        ));
        assert!(whole.is_ok_and(|whole| !whole.reads_worn));
        let worn = source("fn stage(at: vec2<f32>) -> vec3<f32> { return worn (at); } // clip(at)");
        assert!(worn.is_ok_and(|worn| worn.reads_worn));
        let quiet = source(
            "/* worn(at) /* nested */ worn(at) */ // worn(at)\n\
             fn stage(at: vec2<f32>) -> vec3<f32> { let worn = 1.0; return picture(at) * worn; }",
        );
        assert!(quiet.is_ok_and(|quiet| !quiet.reads_worn));
    }

    #[test]
    fn mistakes_have_the_line_of_the_users_file() {
        let stage = |body: &str| format!("fn stage(at: vec2<f32>) -> vec3<f32> {{\n{body}\n}}\n");
        for (text, line, why) in [
            (format!("{HEAD}{}", stage("    return pixture(at);")), 4, "`pixture`"),
            (format!("{HEAD}{}", stage("    return picture(at)")), 5, "expected"),
            (format!("{HEAD}{}", stage("    let x = p.amont; return picture(at);")), 4, "amont"),
            // Of a wrong type: found when the module is validated, or before.
            (stage("\n\n    return 1.0;"), 4, "vec3<f32>"),
            (stage("    let a: vec2<f32> = picture(at); return picture(at);"), 2, "a"),
            (
                format!("\n\nvar<workgroup> shared_: f32;\n{}", stage("return picture(at);")),
                3,
                "bindings",
            ),
            (
                format!(
                    "@group(0) @binding(0) var<uniform> own: f32;\n{}",
                    stage("return vec3(own);")
                ),
                1,
                "bindings",
            ),
            (stage("    return clip(at) + \n  worn(at);"), 2, "not both"),
            ("fn stag(at: vec2<f32>) -> vec3<f32> {\n return picture(at);\n}".to_owned(), 3, STAGE),
            ("fn stage(at: vec2<f32>) -> f32 {\n return 1.0;\n}\n".to_owned(), 3, STAGE),
            ("fn stage(at: vec2<f32>) -> vec3<f32> {\n return picture(at);\n".to_owned(), 2, STAGE),
            (String::new(), 1, STAGE),
            (
                format!("\n// param loop 0 0..1\n{}", stage("return vec3(0.0);")),
                2,
                "'loop' is a word",
            ),
            (stage("/* ä without end"), 2, "..."),
            (
                format!("{HEAD}fn picture(at: vec2<f32>) {{}}\n{}", stage("return vec3(0.0);")),
                3,
                "picture",
            ),
        ] {
            let fault = source(&text).expect_err(&text);
            assert_eq!(fault.line, line, "{text}: {fault:?}");
            assert!(fault.why.contains(why), "{text}: {fault:?}");
            assert!(!fault.why.contains('\n') && fault.why.chars().count() < 320);
        }
    }

    #[test]
    fn comments_become_blanks_of_the_same_length() {
        let text = "a/*b/*c*/d*/e//f/*g\nh";
        assert_eq!(without_comments(text), b"a           e      \nh");
    }
}
