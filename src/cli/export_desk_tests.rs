//! The desk against the command line: the same words, the same file.

use super::*;
use crate::{
    app::{DeskOrders, ImportDesk},
    cli::{newcomers::Newcomers, thumbnails},
    library::Library,
    media::{self, ImportRequest},
    ports::Notices,
    ui::{DeskWish, ExportNews},
    units::Canvas,
};
use std::{
    ops::ControlFlow,
    process::Command as Process,
    sync::atomic::{AtomicBool, Ordering},
};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A desk beside a show of one clip, and the clip's folder.
struct Show {
    desk: ImportDesk,
    tools: DeskTools,
    thread: Option<JoinHandle<()>>,
    root: tempfile::TempDir,
    clip: PathBuf,
}

impl Show {
    fn start() -> Self {
        media::init().expect("GStreamer");
        let root = tempfile::tempdir().expect("a folder");
        let library = Library::open(&root.path().join("library")).expect("a library");
        let canvas: Canvas = "160x96@30".parse().expect("a canvas");
        let video = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/demo/flower.mp4");
        let request = ImportRequest::new(video, canvas);
        let loaded = library.load(&request, &mut |_| ControlFlow::Continue(())).expect("a clip");
        let (desk, DeskOrders { exports, .. }) = ImportDesk::new();
        let (newcomers, _arrivals) = Newcomers::new(canvas, 1, thumbnails::orders().0);
        newcomers.begin_with([Arc::new(loaded.clip)].into_iter());
        let cli = Cli::parse_from(["residua", "render", "clip", "-o", "a.mkv"]);
        let Command::Render(options) = cli.command else { panic!("not render") };
        let tools = DeskTools {
            library,
            conform: options.scene.conform,
            newcomers,
            board: desk.board().clone(),
            notices: Notices::default(),
            quit: Arc::new(AtomicBool::new(false)),
        };
        let thread = Some(start(tools.clone(), exports).expect("a thread"));
        Self { desk, tools, thread, root, clip: loaded.folder }
    }

    fn file(&self, name: &str) -> String {
        self.root.path().join(name).display().to_string()
    }

    fn ask(&self, file: &str, is_copy: bool) -> ExportAsk {
        let values = vec![
            ("playhead.function", 1.0),
            ("superframe.size", 5.0),
            ("playhead.superframes", 12.0),
            ("playhead.frequency", 1.5),
            ("playhead.rectified", 0.0),
            ("playhead.amplitude_secondary", 0.5),
            ("playhead.frequency_secondary", 3.25),
            ("playhead.seed", 7.0),
        ];
        ExportAsk { values, is_copy, file: self.file(file), ..ExportAsk::default() }
    }

    fn wait(&self, is_so: impl Fn(&ExportNews) -> bool) -> ExportNews {
        let begun = Instant::now();
        loop {
            let news = self.desk.board().now().export;
            if let Some(news) = news.as_deref().filter(|news| is_so(news)) {
                return news.clone();
            }
            assert!(begun.elapsed() < PATIENCE, "{news:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn made(&self, ask: ExportAsk) -> ExportState {
        self.desk.wish(DeskWish::Export(Box::new(ask)));
        self.wait(|news| !news.is_under_way()).state
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        self.tools.quit.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What ffmpeg finds in a file: of each packet, or of each picture, time and hash.
fn hashes(file: &Path, is_copy: bool) -> String {
    let coding: &[&str] = if is_copy { &["-c", "copy"] } else { &[] };
    let output = Process::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(coding)
        .args(["-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg is needed for the tests");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_comes_out_is_what_the_command_line_makes() {
    let show = Show::start();
    for is_copy in [true, false] {
        let state = show.made(show.ask(&format!("window-{is_copy}.mkv"), is_copy));
        let ExportState::Done(files) = state else { panic!("{state:?}") };
        // Typed by hand.
        let typed = show.file(&format!("typed-{is_copy}.mkv"));
        let line = format!(
            "residua render {} --function sinusoid --superframe-size 5 --superframes 12 --frequency 1.5 \
             --amplitude-secondary 0.5 --frequency-secondary 3.25 --set playhead.seed=7 --library {} \
             --output {typed}{}",
            show.clip.display(),
            show.file("library"),
            if is_copy { " --copy" } else { "" },
        );
        let cli = Cli::try_parse_from(line.split_whitespace()).expect("words");
        let Command::Render(options) = cli.command else { panic!("not render") };
        render::run(&options).expect("a render");
        let (window, typed) = (hashes(&files[0], is_copy), hashes(Path::new(&typed), is_copy));
        // 12 superframes of 5.
        assert_eq!(window.lines().count(), 60, "{window}");
        assert_eq!(window, typed);
        let notice = show.tools.notices.take().expect("it is said");
        assert_eq!(notice.file.as_ref(), Some(&files[0]), "found by a click");
    }
}

#[test]
fn a_render_that_is_stopped_leaves_nothing() {
    let show = Show::start();
    let mut ask = show.ask("long.mkv", false);
    ask.values[2].1 = 50_000.0;
    show.desk.wish(DeskWish::Export(Box::new(ask)));
    let is_begun = |news: &ExportNews| match news.state {
        ExportState::Running { part, .. } => part > 0.0,
        _ => panic!("{news:?}"),
    };
    show.wait(is_begun);
    assert!(Path::new(&show.file("long.mkv")).exists());
    show.desk.wish(DeskWish::CancelExport);
    let begun = Instant::now();
    while Path::new(&show.file("long.mkv")).exists() {
        assert!(begun.elapsed() < PATIENCE, "it stays");
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(show.wait(|_| true).state, ExportState::Stopped);
}

#[test]
fn what_cannot_be_made_says_why() {
    let show = Show::start();
    let state = show.made(show.ask("a.avi", true));
    let ExportState::Failed(why) = state else { panic!("{state:?}") };
    assert!(
        why.contains("a.avi is not made, and the show goes on") && why.contains(".mkv"),
        "{why}"
    );
    let gone = ExportAsk { clip: 4, ..show.ask("a.mkv", true) };
    let state = show.made(gone);
    let ExportState::Failed(why) = state else { panic!("{state:?}") };
    assert!(why.ends_with("there is no clip 5"), "{why}");
}
