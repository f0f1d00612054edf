use super::*;
use crate::{
    params::{Change, Gesture, Grid, Source},
    units::Codec,
};
use proptest::prelude::*;

/// Written by hand, as the description has it.
const TEXT: &str = "residua-take 1
version \"0.1.0\"
build \"00112233445566ff\"
adapter \"a \\\"b\\\"\"
canvas 328x184@30000/1001
seed 7
set \"/sets/one.toml\" \"canvas = 5\\n\"
preset \"Dust\"
preset-value decay.mix 0.5
preset \"Two words\"
snapshot 2
snapshot-value decay.mix 0.75
exclude decay.feedback
gesture heal.all \"one_shot\"
quantise cue.1.go \"2 bars\"
place 1 0.5
shaders \"/sets/shaders\"
shader \"glow.wgsl\" 0123456789abcdef
clip \"Bunny\" \"/clips/bunny\" \"00ff\"
curve 1 \"0:0 1:1\"
list 1 \"3 1 2\"
grab 8 mpeg4 000001b6
value decay.feedback 0.1
value patch.1.target \"decay.mix\"
new playhead.speed -1
own 1 playhead.speed 0.25
plays
0 decay.feedback plain 0.30000000000000004 midi 1234
0 patch.1.target plain \"none\" osc 1235
3 heal.all fire keys 5
3 !begun
4 playhead.speed normalised 0.5 window 6
4 playhead.speed nudge -0.01 web 7
4 programme.hold toggle loop 8
4 programme.hold press 1 audio 9
4 programme.hold release clock 10
4 cue.1.go quantise \"1/4 beat\" file 11
4 cue.1.go gesture \"one_shot\" demo 12
4 cue.1.go exclude on file 13
5 !late
7 !late 9
10 !grab 2 filled
11 !grab 3 failed
11 !grab-of 9
11 !grab-of none
12 !clip \"New\" \"/clips/new\" \"11ff\"
12 !codec-late
13 !preset \"Rust\"
13 !preset-value decay.mix 0.25
13 !presets
30 !reached
31 !lost 4
12 !from
40 !end
";

fn event(slot: u64, id: &str, change: Change, source: Source, at_micros: u64) -> Record {
    let event = Event { id: id.to_owned(), change, row: None, source, at_micros };
    Record { slot, what: What::Event(event) }
}

#[test]
fn a_take_is_read_as_it_is_written() {
    let take = Take::read(TEXT.as_bytes()).expect("a take");
    assert_eq!(take.write(), TEXT);
    let header = &take.header;
    assert_eq!((header.canvas.to_string().as_str(), header.seed), ("328x184@30000/1001", 7));
    assert_eq!(header.adapter, "a \"b\"");
    assert_eq!(header.set, Some(("/sets/one.toml".to_owned(), "canvas = 5\n".to_owned())));
    assert_eq!(header.grabs, [(8, Codec::Mpeg4, vec![0, 0, 1, 0xb6])]);
    assert_eq!(header.presets[0].values, [("decay.mix".to_owned(), Value::Number(0.5))]);
    assert_eq!(header.snapshots[0].1, [("decay.mix".to_owned(), Value::Number(0.75))]);
    assert_eq!(header.gestures, [("heal.all".to_owned(), Gesture::OneShot)]);
    assert_eq!(header.values[1].1, Value::Row("decay.mix".to_owned()));
    assert_eq!(header.own, [(1, "playhead.speed".to_owned(), Value::Number(0.25))]);
    let records = &take.records;
    let plain = Change::Plain(0.1 + 0.2);
    assert_eq!(records[0], event(0, "decay.feedback", plain, Source::Midi, 1234));
    assert_eq!(
        records[9],
        event(4, "cue.1.go", Change::Quantise(Grid::QuarterBeat), Source::File, 11)
    );
    assert_eq!(
        records[10],
        event(4, "cue.1.go", Change::Gesture(Gesture::OneShot), Source::Demo, 12)
    );
    assert_eq!((take.slots(), take.from(), take.lost()), (40, 12, 4));
    assert!(take.has(Mark::CodecLate) && !take.has(Mark::Unread));
}

#[test]
fn all_marks_are_read_as_they_are_written() {
    for mark in Mark::ALL {
        let record = Record { slot: 3, what: What::Mark(*mark) };
        let mut line = String::new();
        record.write(&mut line);
        assert_eq!(Record::read(line.trim_end()), Ok(record));
    }
}

#[test]
fn what_a_kill_leaves_is_a_take() {
    let head = TEXT.find("plays\n").expect("a body") + "plays\n".len();
    for end in head..TEXT.len() {
        let take = Take::read(&TEXT.as_bytes()[..end]).expect("a take");
        assert!(take.records.len() <= TEXT[head..end].lines().count());
    }
    let cut = &TEXT[..TEXT.find("30 !reached").expect("a line") + "30 !reached\n".len()];
    assert_eq!(Take::read(cut.as_bytes()).expect("a take").slots(), 30);
    let cut = &TEXT[..TEXT.find("10 !grab").expect("a line")];
    assert_eq!(Take::read(cut.as_bytes()).expect("a take").slots(), 10);
    assert_eq!(Take::read(&TEXT.as_bytes()[..head - 1]), Err(FormatError::NoBody));
    assert_eq!(Take::read(b""), Err(FormatError::NoTake));
}

#[test]
fn what_is_wrong_is_one_line() {
    let wrong = |text: &str| Take::read(text.as_bytes()).expect_err(text).to_string();
    assert_eq!(
        wrong("residua-take 2\nplays\n"),
        "this take is of format 2, and this program reads format 1: use the program that made it"
    );
    assert!(wrong("{\"tick\":0}\n").starts_with("this is no take"));
    let head = "residua-take 1\nversion \"9.0\"\nplays\n";
    for (line, why) in [
        ("x !late", "'x' is no slot"),
        ("5 !late 4", "slot 4 comes before 5"),
        ("5 decay.mix plain 1 moon 3", "'moon' is no source"),
        ("5 decay.mix jump 1 midi 3", "'jump' is no change"),
        ("5 decay.mix fire midi 3 4", "'4' is too much"),
        ("5 decay.mix fire midi", "it ends too early"),
        ("99999999999999 !late", "slot 99999999999999 is beyond the last, 1897344000"),
        ("5 !nonsense", "'!nonsense' is not known"),
    ] {
        assert_eq!(
            wrong(&format!("{head}{line}\n")),
            format!(
                "line 4 of the take cannot be understood: {why} (version 9.0 of the program made it)"
            )
        );
    }
    let long = wrong(&format!("{head}5 !{}\n", "é".repeat(5000)));
    assert!(long.len() < 500 && !long.contains('\n'));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Take::read(&bytes);
        let head = &TEXT.as_bytes()[..TEXT.find("plays").expect("a body") + 6];
        let _ = Take::read(&[head, &bytes].concat());
    }

    #[test]
    fn a_take_with_lines_changed_is_one_or_is_refused(
        places in proptest::collection::vec((0..TEXT.len(), any::<u8>()), 1..8),
    ) {
        let mut bytes = TEXT.as_bytes().to_vec();
        for (place, byte) in places {
            bytes[place] = byte;
        }
        if let Ok(take) = Take::read(&bytes) {
            let _ = (take.slots(), take.from(), take.lost());
            let again = Take::read(take.write().as_bytes());
            // A number that is none equals nothing, itself included.
            prop_assert!(again.is_ok());
        }
    }

    #[test]
    fn every_number_comes_back_exactly(bits in any::<u64>(), text in ".*") {
        let number = f64::from_bits(bits);
        let header = Header {
            values: vec![("decay.mix".to_owned(), Value::Number(number))],
            adapter: text.clone(),
            ..Header::default()
        };
        let take = Take { header, records: Vec::new() };
        let again = Take::read(take.write().as_bytes()).expect("a take");
        prop_assert_eq!(again.header.adapter, text);
        let Value::Number(read) = again.header.values[0].1 else { panic!("a number") };
        prop_assert!(read.to_bits() == bits || number.is_nan());
    }
}
