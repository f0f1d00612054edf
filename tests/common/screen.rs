//! A screen of their own for tests of real windows.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A screen with a window manager; gone when the test ends.
pub struct Screen {
    pub name: String,
    children: Vec<Child>,
}

impl Screen {
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is needed for the tests");
        let mut number = String::new();
        let pipe = server.stdout.take().expect("its display number");
        BufReader::new(pipe).read_line(&mut number).expect("its display number");
        let name = format!(":{}", number.trim());
        let manager = Command::new("openbox")
            .env("DISPLAY", &name)
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is needed for the tests");
        Self { name, children: vec![manager, server] }
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.name)
            .output()
            .expect("xdotool is needed for the tests");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The window whose title is exactly this; waits for it.
    pub fn window(&self, title: &str) -> String {
        let begin = Instant::now();
        loop {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")]);
            if let Some(window) = found.lines().last().filter(|line| !line.is_empty()) {
                return window.to_owned();
            }
            assert!(begin.elapsed() < Duration::from_secs(180), "no window '{title}'");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Mean brightness of the whole screen, 0..=1.
    pub fn brightness(&self) -> f64 {
        let output = Command::new("import")
            .args(["-silent", "-window", "root", "-colorspace", "gray"])
            .args(["-format", "%[fx:mean]", "info:-"])
            .env("DISPLAY", &self.name)
            .output()
            .expect("ImageMagick is needed for the tests");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim().parse().unwrap_or_else(|_| {
            panic!("no screenshot: {text}{}", String::from_utf8_lossy(&output.stderr))
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
