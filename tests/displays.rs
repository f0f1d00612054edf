//! Several displays: an X server with outputs that are made of nothing, which come and go.

mod common;

use common::{CANVAS, Instrument, demo_clip, library, residua};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// An X server whose displays are DUMMY0, DUMMY1, ...; gone when the test ends.
struct Desk {
    name: String,
    children: Vec<Child>,
    _folder: TempDir,
}

const CONFIG: &str = r#"
Section "Device"
    Identifier "dummy"
    Driver "dummy"
    VideoRam 256000
EndSection
Section "Monitor"
    Identifier "monitor"
    HorizSync 5.0-1000.0
    VertRefresh 5.0-200.0
EndSection
Section "Screen"
    Identifier "screen"
    Device "dummy"
    Monitor "monitor"
    DefaultDepth 24
    SubSection "Display"
        Depth 24
        Virtual 4096 2048
    EndSubSection
EndSection
Section "ServerFlags"
    Option "AutoAddDevices" "false"
EndSection
"#;

impl Desk {
    /// Two displays side by side: 1280x800, and 800x600 at its right.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("xorg.conf");
        fs::write(&config, CONFIG).expect("written");
        let mut server = Command::new("Xorg");
        server.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-config"]).arg(&config);
        server.arg("-logfile").arg(folder.path().join("xorg.log"));
        let server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = server.expect("Xorg with its dummy driver is needed for the tests");
        let mut number = String::new();
        let pipe = server.stdout.take().expect("its display number");
        BufReader::new(pipe).read_line(&mut number).expect("its display number");
        let name = format!(":{}", number.trim());
        let mut this = Self { name, children: vec![server], _folder: folder };
        let displays = ["--output", "DUMMY0", "--mode", "1280x800", "--output", "DUMMY1"];
        this.run("xrandr", &["--addmode", "DUMMY1", "800x600"]);
        let made = this.run(
            "xrandr",
            &[&displays[..], &["--mode", "800x600", "--right-of", "DUMMY0"]].concat(),
        );
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let manager =
            Command::new("openbox").env("DISPLAY", &this.name).stderr(Stdio::null()).spawn();
        this.children.insert(0, manager.expect("openbox is needed for the tests"));
        this
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let output = Command::new(program).args(arguments).env("DISPLAY", &self.name).output();
        output.unwrap_or_else(|error| panic!("{program} is needed for the tests: {error}"))
    }

    /// Place and size of all windows with this title, as `xdotool` tells them.
    fn windows(&self, title: &str) -> Vec<String> {
        let title = format!("^{title}$");
        let found = self.run("xdotool", &["search", "--onlyvisible", "--name", &title]);
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        let mut places = found
            .lines()
            .map(|window| {
                let told = self.run("xdotool", &["getwindowgeometry", "--shell", window]);
                let told = String::from_utf8_lossy(&told.stdout).into_owned();
                let value = |key: &str| {
                    let line = told.lines().find_map(|line| line.strip_prefix(key));
                    line.unwrap_or_default().to_owned()
                };
                format!("{}x{}+{}+{}", value("WIDTH="), value("HEIGHT="), value("X="), value("Y="))
            })
            .collect::<Vec<_>>();
        places.sort();
        places
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            let seen = self.windows("Residua output");
            assert!(begin.elapsed() < Duration::from_secs(180), "{what}: {seen:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn two_displays_show_the_programme_and_one_that_goes_ends_nothing() {
    let desk = Desk::start();
    let mut command = residua();
    command.env("DISPLAY", &desk.name);
    command.args(["play", "--no-midi", "--fullscreen", "--display", "DUMMY1", "--also", "DUMMY0"]);
    command.args(["--canvas", CANVAS, "--library"]).arg(library()).arg(demo_clip("toy_rabbit.mp4"));
    let mut instrument = Instrument::start(command);
    let both = ["1280x800+0+0", "800x600+1280+0"];
    desk.wait("both displays are filled", || desk.windows("Residua output") == both);

    // The first output's display is unplugged: it is a window again, on what is left.
    let slots = instrument.trace().len();
    desk.run("xrandr", &["--output", "DUMMY1", "--off"]);
    desk.wait("the output is a window", || {
        let windows = desk.windows("Residua output");
        windows.len() == 2 && windows.iter().all(|place| !place.starts_with("800x600"))
    });
    instrument.wait_for("slots after that", |trace| trace.len() > slots + 60);
    instrument.stop();
}

#[test]
fn a_display_that_is_not_there_is_named() {
    let desk = Desk::start();
    let mut command = residua();
    command.env("DISPLAY", &desk.name);
    command.args(["play", "--no-midi", "--no-osc", "--also", "HDMI-9"]);
    command.args(["--canvas", CANVAS, "--library"]).arg(library()).arg(demo_clip("toy_rabbit.mp4"));
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("HDMI-9") && said.contains("DUMMY1 (800x600)"), "{said}");
}
