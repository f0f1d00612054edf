//! The desk with real videos: what comes in, what is stopped, what fails, what the library keeps.

use super::*;
use crate::{
    app::{DeskOrders, ImportDesk},
    cli::{library_desk, newcomers::Arrivals, thumbnails},
    ports::Severity,
    ui::{DeskNow, DeskWish, LibraryCard, PruneAsk, PruneNews, TrialNews, TrialState},
};
use clap::Parser;
use std::{fs, process::Command, time::Instant};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Parser)]
struct Words {
    #[command(flatten)]
    conform: ConformOptions,
}

fn conform(words: &[&str]) -> ConformOptions {
    Words::parse_from([&["residua"], words].concat()).conform
}

/// A desk beside a show that has one clip, over a library in `root`.
struct Show {
    desk: ImportDesk,
    arrivals: Arrivals,
    tools: DeskTools,
    threads: Vec<JoinHandle<()>>,
}

impl Show {
    fn start(root: &Path) -> Self {
        let (desk, DeskOrders { imports, wishes, .. }) = ImportDesk::new();
        let canvas = "160x96@30".parse().expect("a canvas");
        let (newcomers, arrivals) = Newcomers::new(canvas, 1, thumbnails::orders().0);
        let tools = DeskTools {
            library: Library::open(root).expect("a library"),
            conform: conform(&[]),
            newcomers,
            board: desk.board().clone(),
            notices: Notices::default(),
            quit: Arc::default(),
        };
        let threads = vec![
            start(tools.clone(), imports).expect("a thread"),
            library_desk::start(tools.clone(), Vec::new(), wishes).expect("a thread"),
        ];
        Self { desk, arrivals, tools, threads }
    }

    /// What the board shows once it is as it is waited for.
    fn wait(&self, what: &str, is_so: impl Fn(&DeskNow) -> bool) -> DeskNow {
        let begin = Instant::now();
        loop {
            let now = self.desk.board().now();
            if is_so(&now) {
                return now;
            }
            assert!(begin.elapsed() < PATIENCE, "{what}: {now:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn import(&self, path: impl Into<PathBuf>) {
        self.desk.import(ImportAsk { path: path.into(), ..ImportAsk::default() });
    }

    /// The line of the import that is waited for.
    fn failure(&self) -> String {
        let failed = |now: &DeskNow| match now.jobs.last().map(|job| job.state.clone()) {
            Some(JobState::Failed(why)) => Some(why),
            _ => None,
        };
        failed(&self.wait("a failure", |now| failed(now).is_some())).expect("one")
    }

    fn notice(&self) -> (Severity, String) {
        let begin = Instant::now();
        loop {
            if let Some(notice) = self.tools.notices.take() {
                return (notice.severity, notice.text);
            }
            assert!(begin.elapsed() < PATIENCE, "nothing was said");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn tried(&self, path: PathBuf) -> TrialNews {
        let ask = ImportAsk { path, ..ImportAsk::default() };
        self.desk.wish(DeskWish::Try(Box::new(ask.clone())));
        let is_over = |news: &TrialNews| !matches!(news.state, TrialState::Running(_));
        let now = self.wait("a try", |now| now.trial.as_deref().is_some_and(is_over));
        let news = (*now.trial.expect("one")).clone();
        assert_eq!(news.ask, ask);
        news
    }

    fn library(&self) -> Vec<LibraryCard> {
        self.desk.wish(DeskWish::Look);
        let now = self.wait("the library", |now| !now.is_looking);
        now.library.expect("it was looked at").to_vec()
    }

    fn prune(&self, wish: fn(PruneAsk) -> DeskWish) -> PruneNews {
        let everything = PruneAsk { unused_days: None, keep_below_mb: Some(0) };
        self.desk.wish(wish(everything));
        let now = self.wait("the plan", |now| !now.is_looking);
        (*now.prune.expect("a plan")).clone()
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        self.tools.quit.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo").join(name)
}

/// Length of a video in seconds, as ffprobe has it.
fn length_secs(video: &Path) -> f64 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"])
        .arg(video)
        .output()
        .expect("ffprobe is needed for the tests");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

fn part(now: &DeskNow) -> Option<f32> {
    match now.jobs.first().map(|job| &job.state) {
        Some(JobState::Running { part, .. }) => Some(*part),
        _ => None,
    }
}

#[test]
fn a_video_comes_in_with_progress_and_stays_in_the_library() {
    let root = tempfile::tempdir().expect("a folder");
    let show = Show::start(root.path());
    let now = show.wait("the encoders", |now| !now.codings.is_empty());
    assert_eq!(now.canvas, "160x96@30");
    show.import(demo("flower.mp4"));
    let begun = part(&show.wait("progress", |now| part(now).is_some_and(|part| part > 0.0)));
    let later = part(&show.wait("more", |now| part(now) > begun && part(now) != Some(1.0)));
    assert!(later > begun && later < Some(1.0), "{begun:?}, then {later:?}");
    // The set had one.
    let is_done =
        |now: &DeskNow| now.jobs.first().is_some_and(|job| job.state == JobState::Done(2));
    show.wait("clip 2", is_done);
    let clip = show.arrivals.clips.try_recv().expect("for the engine");
    let card = show.arrivals.cards.try_recv().expect("for the window");
    assert_eq!((clip.meta.name(), card.name.as_str()), ("flower".to_owned(), "flower"));
    assert!((clip.meta.length_secs() - length_secs(&demo("flower.mp4"))).abs() < 0.1);
    // What two seconds of it said is what all of it says: the encoder knows nothing of the rest.
    let tried = show.tried(demo("flower.mp4"));
    let TrialState::Done(tried) = &tried.state else { panic!("{tried:?}") };
    assert_eq!(tried.points.iter().map(|(secs, _)| *secs).collect::<Vec<_>>(), [0.5, 1.0, 2.0]);
    for ((secs, part), whole) in tried.points.iter().zip(&clip.meta.mosh_hold) {
        assert!((part - whole.correlation).abs() < 0.01, "{part} after {secs} s, not {whole:?}");
    }
    // 2.1 s at 30 a second are 63 pictures; every other one, from the first, is shown.
    assert_eq!((tried.count, tried.hertz, tried.picture), (32, 15.0, [160, 96]));
    assert_eq!(tried.size, [6 * 160, 6 * 96]);
    // It moves.
    let picture = |number: usize| -> Vec<u8> {
        let row = |y: usize| {
            let from = (((number / 6) * 96 + y) * 960 + (number % 6) * 160) * 4;
            tried.rgba[from..from + 160 * 4].to_vec()
        };
        (0..96).flat_map(row).collect()
    };
    assert_ne!(picture(5), picture(31));

    // A set names its source: that makes the same clip again.
    let added = show.tools.newcomers.added();
    assert_eq!(added[0].path, demo("flower.mp4"));
    assert_eq!(added[0].hash.as_deref(), Some(clip.meta.source_hash.as_str()));

    let found = show.library();
    assert_eq!((found.len(), found[0].name.as_str(), &found[0].refusal), (1, "flower", &None));
    // What the set uses stays, whatever the rules.
    let plan = show.prune(DeskWish::PlanPrune);
    assert_eq!((plan.lines.len(), plan.spared, plan.is_done), (0, 1, false));

    // Another show has it at once, and by its folder.
    let other = Show::start(root.path());
    other.desk.wish(DeskWish::Play(found[0].folder.clone()));
    let begin = Instant::now();
    while other.tools.newcomers.added().is_empty() {
        assert!(begin.elapsed() < PATIENCE, "it was never played");
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(other.tools.newcomers.added()[0].path, found[0].folder);
    assert_eq!(other.arrivals.clips.try_recv().expect("for the engine").meta, clip.meta);

    // A third one does not need it.
    let third = Show::start(root.path());
    let plan = third.prune(DeskWish::PlanPrune);
    assert_eq!((plan.lines.len(), plan.bytes, plan.bytes_left), (1, found[0].bytes, 0));
    assert!(found[0].folder.exists(), "to look removes nothing");
    let done = third.prune(DeskWish::Prune);
    assert!(done.is_done && done.lines == plan.lines);
    assert!(!found[0].folder.exists());
    assert_eq!(third.library(), []);
}

#[test]
fn an_import_that_is_cancelled_leaves_nothing_and_the_next_one_comes() {
    let root = tempfile::tempdir().expect("a folder");
    let show = Show::start(root.path());
    show.import(demo("toy_rabbit.mp4"));
    show.import(root.path().join("gone.mp4"));
    let now = show.wait("progress", |now| part(now).is_some_and(|part| part > 0.0));
    assert_eq!(now.jobs[1].state, JobState::Waiting);
    show.desk.cancel(now.jobs[0].id);
    let (severity, text) = show.notice();
    assert_eq!(severity, Severity::Info);
    assert!(text.starts_with("toy_rabbit.mp4 is not imported"), "{text}");
    assert!(show.failure().contains("gone.mp4"));
    let left: Vec<_> = fs::read_dir(root.path()).expect("a folder").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(show.arrivals.clips.is_empty() && show.tools.newcomers.added().is_empty());
}

#[test]
fn what_cannot_be_imported_says_what_happened_and_what_to_do() {
    let root = tempfile::tempdir().expect("a folder");
    let show = Show::start(&root.path().join("library"));
    let write = |name: &str| {
        let path = root.path().join(name);
        fs::write(&path, "canvas = \"64x64@25\"\n").expect("written");
        path
    };
    fs::create_dir(root.path().join("empty")).expect("a folder");
    let set = write("show.toml");
    for (path, wanted) in [
        (write("notes.mp4"), "check that it plays elsewhere".to_owned()),
        (set.clone(), format!("residua play {}", set.display())),
        (root.path().join("empty"), "name a video, or a folder of pictures".to_owned()),
    ] {
        let tried = show.tried(path.clone()).state;
        assert!(matches!(tried, TrialState::Failed(_)), "{tried:?}");
        show.import(&path);
        let (severity, text) = show.notice();
        let name = path.file_name().expect("a name").to_string_lossy();
        let begin = format!("{name} is no clip now, and the show goes on without it: ");
        assert!(text.starts_with(&begin) && text.contains(&wanted), "{text}");
        assert_eq!((severity, show.failure()), (Severity::Error, text));
    }
}

#[test]
fn numbered_pictures_are_a_clip() {
    let root = tempfile::tempdir().expect("a folder");
    let pictures = root.path().join("pictures");
    fs::create_dir(&pictures).expect("a folder");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=1"])
        .arg(pictures.join("shot_%02d.png"))
        .status()
        .expect("ffmpeg is needed for the tests");
    assert!(made.success());
    let show = Show::start(&root.path().join("library"));
    show.import(&pictures);
    show.wait("clip 2", |now| now.jobs.first().is_some_and(|job| job.state == JobState::Done(2)));
    let clip = show.arrivals.clips.try_recv().expect("for the engine");
    // 25 pictures at 25 a second on a canvas of 30.
    assert!((clip.meta.length_secs() - 1.0).abs() < 0.05, "{}", clip.meta.length_secs());
    assert_eq!(show.tools.newcomers.added()[0].path, pictures);
}

#[test]
fn a_set_names_a_clip_so_that_it_is_the_same_again() {
    let root = tempfile::tempdir().expect("a folder");
    let show = Show::start(root.path());
    show.import(demo("flower.mp4"));
    show.wait("clip 2", |now| now.jobs.first().is_some_and(|job| job.state == JobState::Done(2)));
    let meta = &show.arrivals.clips.try_recv().expect("a clip").meta.clone();
    let folder = Path::new("/library/0123");
    let named = |asked: Option<ClipEntry>, words: &[&str]| {
        newcomers::entry_of(meta, folder, asked, &conform(words))
    };
    let asked = ClipEntry::of(demo("flower.mp4"));
    assert_eq!(named(Some(asked.clone()), &[]), asked);
    // Where the command line says otherwise, everything is said.
    let said = named(Some(asked.clone()), &["--encoder", "libx264", "--fit", "stretch"]);
    assert_eq!(said.path, asked.path);
    assert_eq!(said.import.encoder, Some(Encoder::Mpeg4));
    assert_eq!(said.import.fit, Some(crate::clip::Fit::Crop));
    // What a set cannot say: then only the folder is the same clip.
    let own = named(Some(asked), &["--encoder_config", "qscale", "9"]);
    assert_eq!(own, ClipEntry::of(folder.to_owned()));
}
