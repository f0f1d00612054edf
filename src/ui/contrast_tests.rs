//! Whether what is written can be read: contrast by WCAG 2.2, clauses 1.4.3 and 1.4.11.
//!
//! What is drawn dimmed on purpose (a control that cannot be used now) is not asked for there.

use super::*;

/// Least contrast of letters, and of shapes that must be told apart.
const LETTERS: f64 = 4.5;
const SHAPES: f64 = 3.0;

/// One colour in front of another.
struct Pair {
    what: &'static str,
    ink: Color32,
    ground: Color32,
    least: f64,
}

/// Relative luminance, 0..=1, as WCAG 2.2 defines it.
fn luminance(color: Color32) -> f64 {
    let linear = |byte: u8| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

/// Contrast ratio, 1..=21, as WCAG 2.2 defines it.
fn contrast(one: Color32, other: Color32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A colour of which `part` lies over another, as the window's surface blends (gamma-coded).
fn over(color: Color32, part: f32, ground: Color32) -> Color32 {
    let blend = |top: u8, below: u8| {
        (f32::from(top) * part + f32::from(below) * (1.0 - part)).round() as u8
    };
    Color32::from_rgb(
        blend(color.r(), ground.r()),
        blend(color.g(), ground.g()),
        blend(color.b(), ground.b()),
    )
}

/// Every pair that the window shows.
fn pairs() -> Vec<Pair> {
    let grounds = [
        ("the background", BACKGROUND),
        ("wells", WELL),
        ("what can be taken hold of", RAISED),
        ("the same under the pointer", HOVERED),
    ];
    let inks = [
        ("letters", TEXT),
        ("letters that stand out", BRIGHT),
        ("lesser letters", WEAK),
        ("what is in force", ACCENT),
        ("warnings", WARNING),
        ("errors", ERROR),
    ];
    let mut pairs: Vec<Pair> = Vec::new();
    let mut add = |what, ink, ground, least| pairs.push(Pair { what, ink, ground, least });
    for (_, ground) in grounds {
        inks.iter().for_each(|(what, ink)| add(what, *ink, ground, LETTERS));
    }
    // Filled buttons and plates carry dark letters.
    for (what, fill) in
        [("on what is in force", ACCENT), ("on a warning", WARNING), ("on an error", ERROR)]
    {
        add(what, BACKGROUND, fill, LETTERS);
    }
    add("on a lit pad", BACKGROUND, BRIGHT, LETTERS);
    add("a cue's number", BACKGROUND, TEXT, LETTERS);
    for (what, ground) in grounds {
        add(what, BRIGHT, over(ACCENT, CHOSEN, ground), LETTERS);
    }
    // Shapes: bars of the waveform (the lane at rest is dimmer), the lit superframe, the loop.
    add("the lane that is played", WEAK, WELL, SHAPES);
    add("the lane that rests", over(WEAK, super::super::timeline::AT_REST, WELL), WELL, SHAPES);
    add("the loop", ACCENT, WELL, SHAPES);
    add("clean points", over(BRIGHT, 0.75, WELL), WELL, SHAPES);
    pairs
}

#[test]
fn everything_can_be_read() {
    let bad: Vec<String> = pairs()
        .iter()
        .map(|pair| (pair, contrast(pair.ink, pair.ground)))
        .filter(|(pair, ratio)| *ratio < pair.least)
        .map(|(pair, ratio)| {
            format!(
                "{}: {:?} on {:?} is {ratio:.2}, not {}",
                pair.what, pair.ink, pair.ground, pair.least
            )
        })
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    // Black on white is 21 by definition; #767676 is known as the darkest grey that white letters
    // pass on, at 4.54, and #777777 fails at 4.48.
    let grey = Color32::from_gray;
    assert!((contrast(grey(0), grey(255)) - 21.0).abs() < 1e-9);
    assert!((contrast(grey(0x76), grey(255)) - 4.54).abs() < 0.005);
    assert!((contrast(grey(255), grey(0x77)) - 4.48).abs() < 0.005);
    assert_eq!(contrast(BRIGHT, BRIGHT), 1.0);
}
