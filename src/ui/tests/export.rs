//! The page that renders a clip into a file.

use super::*;

fn bench() -> Bench {
    let mut bench = Bench::page(Page::Export);
    bench.studio().desk.is_open = true;
    bench.run();
    bench
}

fn asked(bench: &mut Bench) -> Option<ExportAsk> {
    match std::mem::take(&mut bench.studio().doings.wishes).pop()? {
        Wish::Desk(DeskWish::Export(ask)) => Some(*ask),
        other => panic!("{other:?}"),
    }
}

fn news(bench: &mut Bench, state: ExportState) {
    let news = ExportNews { id: 1, file: "rabbit-render.mkv".to_owned(), state };
    bench.studio().desk.export = Some(Arc::new(news));
    bench.run();
}

#[test]
fn it_begins_with_how_the_clip_plays() {
    let mut bench = bench();
    // Nothing of it moves what plays.
    assert_eq!(bench.events(), []);
    let size = bench.find("superframe.size");
    let default = bench.harness.state().registry.row(size).default;
    bench.click("Start the render");
    let ask = asked(&mut bench).expect("a render");
    assert_eq!((ask.clip, ask.is_copy, ask.file.as_str()), (0, true, "rabbit-render.mkv"));
    assert!(ask.values.contains(&("superframe.size", default)));
    bench.click("Encode the pictures");
    bench.widget("File").focus();
    bench.run();
    bench.widget("File").type_text("night.mp4");
    bench.run();
    bench.click("Start the render");
    let ask = asked(&mut bench).expect("a render");
    assert_eq!((ask.is_copy, ask.file.as_str()), (false, "night.mp4"));
    assert_eq!(bench.events(), []);
}

#[test]
fn its_length_is_told_in_superframes_pictures_and_time() {
    let mut bench = bench();
    bench.studio().surface.exporter.values.clear();
    bench.set("playhead.superframes", 100.0);
    bench.studio().surface.exporter.values.clear();
    bench.run();
    // 100 x 6 pictures of a clip that has 30 a second.
    assert!(bench.has("100 superframes of 6: 600 pictures, 00:20.0"));
    bench.place("The function over the clip");
    bench.look("export");
}

#[test]
fn only_what_the_function_goes_by_is_shown() {
    let mut bench = bench();
    let function = bench.find("playhead.function");
    let place = bench.harness.state().roles.course.iter().position(|row| *row == function);
    let place = place.expect("a row");
    for (choice, shown, hidden) in [
        (1.0, "Second periods", "Chance step"),
        (5.0, "Chance step", "Second periods"),
        (6.0, "Chance hold", "Chance step"),
    ] {
        bench.studio().surface.exporter.values[place] = choice;
        bench.run();
        assert!(bench.has(shown) && !bench.has(hidden), "{choice}");
    }
    bench.look("export-held");
}

#[test]
fn progress_stop_and_the_file_are_at_hand() {
    let mut bench = bench();
    news(&mut bench, ExportState::Running { part: 0.42, left_secs: Some(3.2) });
    assert!(bench.has("42 %, 4 s left"));
    bench.look("export-running");
    bench.click("Start the render");
    assert_eq!(asked(&mut bench), None, "one at a time");
    bench.click("Cancel the render");
    let wishes = std::mem::take(&mut bench.studio().doings.wishes);
    assert_eq!(wishes, [Wish::Desk(DeskWish::CancelExport)]);
    news(&mut bench, ExportState::Done(vec!["/shows/rabbit-render.mkv".into()]));
    bench.click("rabbit-render.mkv");
    let wishes = std::mem::take(&mut bench.studio().doings.wishes);
    assert_eq!(wishes, [Wish::Reveal("/shows/rabbit-render.mkv".into())]);
    news(&mut bench, ExportState::Failed("the disk is full".to_owned()));
    assert!(bench.has("the disk is full"));
}

#[test]
fn another_clip_is_rendered_while_one_plays() {
    let mut bench = bench();
    bench.click("Clip");
    bench.click("2 flower");
    bench.click("Start the render");
    let ask = asked(&mut bench).expect("a render");
    assert_eq!((ask.clip, ask.file.as_str()), (1, "flower-render.mkv"));
}

#[test]
fn without_a_desk_the_page_says_so() {
    let bench = Bench::page(Page::Export);
    assert!(bench.has("Nothing can be rendered here"));
}
