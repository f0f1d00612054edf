//! Exports play in a browser: a page in headless Chromium shows what ffmpeg decodes.

mod common;

use common::{CANVAS, demo_clip, library, peer, residua, succeed};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const WIDTH: usize = 328;
const HEIGHT: usize = 184;

/// The pictures that are compared.
const PICTURES: [usize; 6] = [0, 1, 29, 64, 100, 143];

/// Cells of the grid over whose pixels the mean is taken, across and down.
const CELLS: [usize; 2] = [8, 4];

/// How far a mean may be off, of 255: browsers round where they convert colours.
const TOLERANCE: f64 = 6.0;

/// A browser may take its time on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Seeks to the middle of each picture, draws it, sends the means of its cells; then plays to the
/// end.
const PAGE: &str = r#"<!doctype html><video id="v" muted preload="auto"></video><script>
const v = document.getElementById("v");
const tell = (what) => fetch("/result", {method: "POST", body: JSON.stringify(what)});
const fail = (why) => tell({error: String(why)});
const event = (name) => new Promise((done) => v.addEventListener(name, done, {once: true}));
const pause = (millis) => new Promise((done) => setTimeout(done, millis));
// A seek may be over before its picture is on the screen.
const frame = (time) => new Promise((done) => {
  const look = (_, facts) =>
    Math.abs(facts.mediaTime - time) < 0.01 ? done() : v.requestVideoFrameCallback(look);
  v.requestVideoFrameCallback(look);
});
v.addEventListener("error", () => fail(v.error.message));
async function run() {
  const loaded = event("loadeddata");
  v.src = "/clip.mp4";
  await loaded;
  const canvas = document.createElement("canvas");
  const [width, height] = [v.videoWidth, v.videoHeight];
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", {willReadFrequently: true});
  const pictures = [];
  for (const number of PICTURES) {
    const [seeked, shown] = [event("seeked"), frame(number / 30)];
    v.currentTime = (number + 0.5) / 30;
    // A picture that is on the screen already is not shown anew.
    await Promise.race([shown, seeked.then(() => pause(2000))]);
    context.drawImage(v, 0, 0);
    const data = context.getImageData(0, 0, width, height).data;
    const [across, down] = CELLS;
    const means = [];
    for (let row = 0; row < down; row++) for (let column = 0; column < across; column++) {
      const [x0, x1] = [column, column + 1].map((n) => Math.floor(n * width / across));
      const [y0, y1] = [row, row + 1].map((n) => Math.floor(n * height / down));
      const sum = [0, 0, 0];
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++)
        for (let c = 0; c < 3; c++) sum[c] += data[(y * width + x) * 4 + c];
      means.push(...sum.map((s) => s / ((x1 - x0) * (y1 - y0))));
    }
    pictures.push(means);
  }
  const ended = event("ended");
  v.currentTime = Math.max(0, v.duration - 1);
  await v.play();
  await ended;
  tell({width, height, duration: v.duration, pictures});
}
run().catch(fail);
</script>"#;

/// Serves the page and the file, and passes on what the page tells.
fn serve(listener: TcpListener, file: Vec<u8>, told: Sender<String>) {
    let page =
        PAGE.replace("PICTURES", &format!("{PICTURES:?}")).replace("CELLS", &format!("{CELLS:?}"));
    for stream in listener.incoming().flatten() {
        let (page, file, told) = (page.clone(), file.clone(), told.clone());
        // A browser asks for several things at once, and lets go of some.
        thread::spawn(move || answer(stream, &page, &file, &told));
    }
}

fn answer(stream: TcpStream, page: &str, file: &[u8], told: &Sender<String>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut request = String::new();
    reader.read_line(&mut request).ok()?;
    let (mut length, mut range) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        if let Some(value) = line.strip_prefix("range: bytes=") {
            let (begin, end) = value.split_once('-')?;
            let last = file.len() - 1;
            range = Some((begin.parse::<usize>().ok()?, end.parse().unwrap_or(last).min(last)));
        }
    }
    let mut stream = stream;
    let mut reply = |head: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()
    };
    match request.split_whitespace().nth(1)? {
        "/" => reply("200 OK\r\nContent-Type: text/html", page.as_bytes()),
        "/clip.mp4" => match range {
            Some((begin, end)) => {
                let total = file.len();
                let head = format!(
                    "206 Partial Content\r\nContent-Type: video/mp4\r\n\
                     Content-Range: bytes {begin}-{end}/{total}"
                );
                reply(&head, file.get(begin..=end)?)
            }
            None => reply("200 OK\r\nContent-Type: video/mp4", file),
        },
        "/result" => {
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            told.send(String::from_utf8(body).ok()?).ok()?;
            reply("204 No Content", &[])
        }
        _ => reply("404 Not Found", &[]),
    }
}

/// A browser that is gone with this value.
struct Browser {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    fn open(address: &str) -> Self {
        let profile = TempDir::new().expect("a folder");
        let child = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            .args(["--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(address)
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromium is needed for this test");
        Self { child, _profile: profile }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the page tells of a file.
fn browse(file: &Path) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let bytes = fs::read(file).expect("there");
    let (told, heard): (Sender<String>, Receiver<String>) = channel();
    thread::spawn(move || serve(listener, bytes, told));
    let _browser = Browser::open(&address);
    let text = heard.recv_timeout(PATIENCE).expect("the page tells something");
    serde_json::from_str(&text).expect("JSON")
}

/// The means of the same cells as ffmpeg decodes and converts the pictures.
fn means(file: &Path) -> Vec<Vec<f64>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-vf", "scale=in_color_matrix=bt709:in_range=tv", "-f", "rawvideo"])
        .args(["-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-"])
        .output()
        .expect("ffmpeg is needed for the tests");
    let pictures: Vec<&[u8]> = output.stdout.chunks_exact(WIDTH * HEIGHT * 3).collect();
    PICTURES.iter().map(|number| cells(pictures[*number])).collect()
}

fn cells(picture: &[u8]) -> Vec<f64> {
    let [across, down] = CELLS;
    let mut means = Vec::new();
    for cell in 0..across * down {
        let (column, row) = (cell % across, cell / across);
        let columns = column * WIDTH / across..(column + 1) * WIDTH / across;
        let rows = row * HEIGHT / down..(row + 1) * HEIGHT / down;
        let pixels = (columns.len() * rows.len()) as f64;
        for colour in 0..3 {
            let sum: f64 = rows
                .clone()
                .flat_map(|y| columns.clone().map(move |x| (y * WIDTH + x) * 3 + colour))
                .map(|at| f64::from(picture[at]))
                .sum();
            means.push(sum / pixels);
        }
    }
    means
}

fn is_alike(seen: &[f64], wanted: &[f64]) {
    assert_eq!(seen.len(), wanted.len());
    let most = seen.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(most <= TOLERANCE, "a cell is off by {most}");
}

#[test]
fn a_copied_stream_plays_in_chromium_as_ffmpeg_decodes_it() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("out.mp4");
    let mut command = residua();
    command.args(["render", "--canvas", CANVAS, "--library"]).arg(library());
    command.arg("-f").arg(demo_clip("flower.mp4")).arg(demo_clip("toy_rabbit.mp4"));
    command.args(["--markov_p", "0.6", "--n_superframes", "24", "--copy", "-o"]).arg(&file);
    succeed(&mut command);
    let name = file.display().to_string();
    let entry = ["-v", "error", "-show_entries", "stream=profile", "-of", "csv=p=0", &name];
    assert_eq!(peer("ffprobe", &entry).trim(), "High");

    let told = browse(&file);
    assert_eq!(told["error"], Value::Null, "{told}");
    assert_eq!((told["width"].as_u64(), told["height"].as_u64()), (Some(328), Some(184)));
    // 24 superframes of 6 at 30 a second.
    assert!((told["duration"].as_f64().expect("a length") - 4.8).abs() < 0.01, "{told}");
    let pictures = told["pictures"].as_array().expect("pictures");
    let wanted = means(&file);
    assert_eq!(pictures.len(), wanted.len());
    for (seen, wanted) in pictures.iter().zip(&wanted) {
        let seen: Vec<f64> =
            seen.as_array().expect("means").iter().filter_map(Value::as_f64).collect();
        is_alike(&seen, wanted);
    }
    // They are not one picture over and over.
    assert!((wanted[0][0] - wanted[4][0]).abs() > 1.0 || (wanted[1][9] - wanted[5][9]).abs() > 1.0);
}

#[test]
#[should_panic(expected = "a cell is off by")]
fn another_picture_is_not_alike() {
    let grey = vec![128; WIDTH * HEIGHT * 3];
    let mut spoilt = grey.clone();
    spoilt[..WIDTH * 3 * 20].fill(200);
    is_alike(&cells(&spoilt), &cells(&grey));
}
