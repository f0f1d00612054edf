//! Importing while playing, and the library.

use super::*;
use crate::clip::{Encoder, Mosh};

/// A desk that somebody works at, with two encoders.
fn open_desk() -> DeskNow {
    let line = |encoder, mosh, text: &str| CodingLine { encoder, mosh, text: text.to_owned() };
    DeskNow {
        is_open: true,
        canvas: "640x360@30".to_owned(),
        codings: [
            line(Encoder::Mpeg4, None, "quantizer=5 max-bframes=0 gop-size=600"),
            line(Encoder::Mpeg4, Some(Mosh::Forever), "quantizer=16 max-bframes=0 gop-size=600"),
            line(Encoder::Libx264, None, "qp 31 scenecut 0 keyint infinite"),
        ]
        .into(),
        ..DeskNow::default()
    }
}

fn bench(page: Page) -> Bench {
    let mut bench = Bench::page(page);
    bench.studio().desk = open_desk();
    bench.run();
    bench
}

fn wishes(bench: &mut Bench) -> Vec<Wish> {
    std::mem::take(&mut bench.studio().doings.wishes)
}

fn job(id: u64, name: &str, state: JobState) -> ImportJob {
    ImportJob { id, name: name.to_owned(), state }
}

fn ask(path: &str) -> ImportAsk {
    ImportAsk { path: path.into(), ..ImportAsk::default() }
}

#[test]
fn each_import_has_a_tile_and_can_be_stopped() {
    for page in [Page::Clips, Page::Import] {
        let mut bench = bench(page);
        let failed = "cat.mp4 is no clip now, and the show goes on without it: /videos/cat.mp4 has no \
                      picture track: name a file with video";
        bench.studio().desk.jobs = vec![
            job(4, "fox", JobState::Done(4)),
            job(7, "beach", JobState::Running { part: 0.42, left_secs: Some(11.2) }),
            job(8, "forest", JobState::Waiting),
            job(9, "cat", JobState::Failed(failed.to_owned())),
        ];
        bench.run();
        assert!(bench.has("42 %, 12 s left") && bench.has("is clip 4"), "{page:?}");
        assert!(bench.has(failed) && bench.has("waiting"), "{page:?}");
        bench.look(&format!("imports-{page:?}"));
        bench.click("Cancel beach");
        bench.click("Put away cat");
        assert_eq!(wishes(&mut bench), [Wish::CancelImport(7), Wish::CancelImport(9)], "{page:?}");
    }
}

#[test]
fn what_is_dropped_becomes_clips_at_once() {
    let mut bench = bench(Page::Clips);
    for file in ["/videos/a.mp4", "/videos/b.mov"] {
        bench.studio().surface.hover_file(file.into());
    }
    bench.run();
    // Three clips are there.
    assert!(bench.has("2 files become clips from 4 on") && bench.has("b.mov"));
    bench.look("hover");
    for file in ["/videos/a.mp4", "/videos/b.mov"] {
        bench.studio().surface.drop_file(file.into());
    }
    let asked = bench.studio().surface.take_drops();
    let wanted = ["/videos/a.mp4", "/videos/b.mov"].map(|file| Wish::Import(Box::new(ask(file))));
    assert_eq!(asked, wanted);
    assert_eq!(bench.studio().surface.take_drops(), []);
    bench.run();
    assert!(!bench.has("Let go anywhere"));
}

#[test]
fn a_file_that_is_taken_away_again_leaves_nothing() {
    let mut bench = bench(Page::Wear);
    bench.studio().surface.hover_file("/videos/a.mp4".into());
    bench.run();
    assert!(bench.has("becomes clip 4"));
    bench.studio().surface.end_hover();
    bench.run();
    assert!(!bench.has("becomes clip 4"));
    assert_eq!(bench.studio().surface.take_drops(), []);
}

#[test]
fn a_locked_surface_takes_nothing() {
    let mut bench = Bench::stage();
    bench.studio().desk = open_desk();
    bench.studio().surface.lock();
    bench.studio().surface.hover_file("/videos/a.mp4".into());
    bench.run();
    assert!(bench.has("nothing is taken"));
    bench.studio().surface.drop_file("/videos/a.mp4".into());
    assert_eq!(bench.studio().surface.take_drops(), []);
}

#[test]
fn the_importer_takes_two_sources_and_an_encoder() {
    let mut bench = bench(Page::Import);
    for (file, hint) in [("/a.mp4", "forward source"), ("/b.mp4", "backward source")] {
        bench.studio().surface.hover_file(file.into());
        bench.run();
        assert!(bench.has(hint), "{hint}");
        bench.studio().surface.drop_file(file.into());
        assert_eq!(bench.studio().surface.take_drops(), []);
        bench.run();
    }
    bench.click("forever");
    assert!(bench.has("mpeg4: quantizer=16"));
    // It has no such settings for this encoder.
    bench.click("libx264");
    assert!(bench.has("libx264: qp 31") && bench.has("cannot share a stream"));
    bench.click("whole");
    bench.look("importer");
    bench.click("Import it now");
    let mut wanted = ImportAsk { backward: Some("/b.mp4".into()), ..ask("/a.mp4") };
    wanted.import.encoder = Some(Encoder::Libx264);
    wanted.import.fit = Some(crate::clip::Fit::Letterbox);
    assert_eq!(wishes(&mut bench), [Wish::Import(Box::new(wanted.clone()))]);
    // The same settings are for what is dropped elsewhere.
    bench.click("Clips");
    bench.studio().surface.drop_file("/c.mp4".into());
    let dropped = ImportAsk { path: "/c.mp4".into(), backward: None, ..wanted };
    assert_eq!(bench.studio().surface.take_drops(), [Wish::Import(Box::new(dropped))]);
}

#[test]
fn a_path_is_completed_while_it_is_typed() {
    let mut bench = bench(Page::Import);
    bench.widget("Forward").focus();
    bench.run();
    bench.widget("Forward").type_text("/videos/be");
    bench.run();
    let asked = wishes(&mut bench);
    assert_eq!(asked.last(), Some(&Wish::Desk(DeskWish::Complete("/videos/be".to_owned()))));
    let paths = ["/videos/beach.mp4", "/videos/bees/"].map(str::to_owned).to_vec();
    bench.studio().desk.completion = Arc::new(Completion { typed: "/videos/be".to_owned(), paths });
    bench.run();
    bench.look("completion");
    bench.click("beach.mp4");
    bench.click("Import it now");
    assert_eq!(wishes(&mut bench).last(), Some(&Wish::Import(Box::new(ask("/videos/beach.mp4")))));
}

#[test]
fn two_seconds_are_tried_before_committing() {
    let mut bench = bench(Page::Import);
    bench.click("Try two seconds");
    assert_eq!(wishes(&mut bench), [], "of nothing");
    bench.studio().surface.drop_file("/a.mp4".into());
    bench.studio().surface.take_drops();
    bench.run();
    bench.click("Try two seconds");
    assert_eq!(wishes(&mut bench), [Wish::Desk(DeskWish::Try(Box::new(ask("/a.mp4"))))]);
    let news = |bench: &mut Bench, state| {
        bench.studio().desk.trial = Some(Arc::new(TrialNews { ask: ask("/a.mp4"), state }));
        bench.run();
    };
    news(&mut bench, TrialState::Running(0.5));
    assert!(bench.has("trying two seconds"));
    // Bands that wander, on a sheet of 6 x 2 pictures.
    let colour = |at: usize| {
        let (x, y) = (at % 1536, at / 1536);
        let number = (y / 144) * 6 + x / 256;
        match (x % 256 + y % 144 + 12 * number) / 24 % 2 {
            0 => [0x6c, 0x50, 0x70, 255],
            _ => [0x20, 0x38, 0x30, 255],
        }
    };
    let done = TrialShown {
        hold: Some(Mosh::Forever),
        points: vec![(0.5, 0.04), (1.0, 0.11), (2.0, 0.13)],
        picture: [256, 144],
        size: [1536, 288],
        count: 11,
        hertz: 15.0,
        rgba: (0..1536 * 288).flat_map(colour).collect(),
    };
    news(&mut bench, TrialState::Done(done.clone()));
    assert!(bench.has("damage stays") && bench.has("0.13 after 2 s"));
    bench.place("How it moshes");
    bench.look("trial");
    news(&mut bench, TrialState::Failed("/a.mp4 has no picture track".to_owned()));
    assert!(bench.has("cannot be had: /a.mp4 has no picture track"));
    // What is chosen now was never tried.
    news(&mut bench, TrialState::Done(done));
    bench.click("forever");
    assert!(!bench.has("damage stays"));
}

fn cards() -> Arc<[LibraryCard]> {
    let card = |name: &str, bytes, tags: &[&str], refusal: Option<&str>| LibraryCard {
        folder: format!("/library/{name}").into(),
        name: name.to_owned(),
        hold: Some(Mosh::Hard),
        secs: 12.5,
        canvas: "640x360@30".to_owned(),
        encoder: "mpeg4".to_owned(),
        bytes,
        age_secs: Some(7_200),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        refusal: refusal.map(str::to_owned),
    };
    [
        card("beach", 3_000_000, &["slow", "sea"], None),
        card("carousel", 1_500_000, &[], None),
        card("forest", 500_000, &["slow"], Some("damaged: its stream is gone")),
    ]
    .into()
}

#[test]
fn the_library_is_looked_at_once_and_searched() {
    let mut bench = bench(Page::Library);
    assert_eq!(wishes(&mut bench), [Wish::Desk(DeskWish::Look)]);
    bench.run();
    assert_eq!(wishes(&mut bench), []);
    bench.studio().desk.library = Some(cards());
    bench.run();
    // 3 + 1.5 + 0.5 MB.
    assert!(bench.has("3 clips, 5.0 MB"));
    bench.look("library");
    bench.click("Play carousel");
    let play = DeskWish::Play("/library/carousel".into());
    assert_eq!(wishes(&mut bench), [Wish::Desk(play)]);
    // What is damaged cannot be played.
    bench.click("Play forest");
    assert_eq!(wishes(&mut bench), []);
    bench.widget("Find").focus();
    bench.run();
    bench.widget("Find").type_text("slow");
    bench.run();
    assert!(bench.has("2 of 3 clips, 3.5 MB"));
    assert!(bench.harness.query_by_label("Play carousel").is_none());
}

#[test]
fn nothing_goes_that_was_not_shown_before() {
    let mut bench = bench(Page::Library);
    bench.studio().desk.library = Some(cards());
    bench.run();
    wishes(&mut bench);
    bench.click("Show what would go");
    let rules = PruneAsk { unused_days: Some(90), keep_below_mb: None };
    assert_eq!(wishes(&mut bench), [Wish::Desk(DeskWish::PlanPrune(rules))]);
    let news = PruneNews {
        ask: rules,
        lines: vec!["forest, 500 kB".to_owned()],
        bytes: 500_000,
        bytes_left: 4_500_000,
        spared: 2,
        is_done: false,
    };
    bench.studio().desk.prune = Some(Arc::new(news.clone()));
    bench.run();
    assert!(bench.has("1 would go, 500 kB; 4.5 MB stay; 2 stay for the set"));
    bench.look("prune");
    bench.click("Remove 1 for good");
    assert_eq!(wishes(&mut bench), [Wish::Desk(DeskWish::Prune(rules))]);
    // By other rules than those that were looked at, nothing can be removed.
    bench.click("until all take no more than");
    assert!(!bench.has("for good"));
    bench.click("until all take no more than");
    bench.studio().desk.prune = Some(Arc::new(PruneNews { is_done: true, ..news }));
    bench.run();
    assert!(bench.has("1 removed") && !bench.has("for good"));
}

#[test]
fn without_a_desk_the_pages_say_so() {
    for page in [Page::Import, Page::Library] {
        let mut bench = Bench::page(page);
        assert!(bench.has("no clip plays"), "{page:?}");
        assert_eq!(wishes(&mut bench), []);
    }
}
