//! MP4 and MOV files that GStreamer's `qtdemux` (seen in 1.22) would take the end from.
//!
//! A file that was cut without coding it anew begins at the intra picture before the cut, and its edit
//! list says from where on it is shown. The demuxer holds times inside the media against the length of
//! the movie: at the first intra picture that lies beyond that length by the media's own clock, it
//! believes that all is over. Told that the movie is as long as the media of its video is, it goes on;
//! the edit list still says what is shown.
//!
//! A file without an edit list is shown whole. The demuxer lets it end when the lengths of its pictures
//! have gone by, though with pictures out of order the first is shown later than it is decoded, and the
//! last ones therefore after that end. So the end is taken out of what it announces.
//!
//! The file is left as it is: the length is put in its place while it is read, on the thread of
//! GStreamer that reads. Boxes and fields are those of ISO/IEC 14496-12, clause 8.

use super::{
    conform::open_end,
    material::Material,
    plugins::{self, MediaError},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
    time::Duration,
};

/// Boxes that are looked at within one other: a file that holds more is damaged.
const BOXES_MAX: usize = 4096;

/// A `filesrc` of what `material` says is at `path`, for `reader`, a bin that finds its demuxer itself.
/// With the time that the file is shown for, where the demuxer is told another.
pub(super) fn file_source(
    path: &Path,
    material: &Material,
    reader: &gst::Element,
) -> Result<(gst::Element, Option<Duration>), MediaError> {
    let file = plugins::make("filesrc")?;
    file.set_property("location", path);
    let movie = match material {
        Material::Video => Movie::of(path),
        Material::Still(_) | Material::Sequence(..) => None,
    };
    let Some(movie) = movie else { return Ok((file, None)) };
    if !movie.has_edits {
        show_whole(reader);
    }
    let (shown, patch) = movie.longer.unzip();
    if let (Some(patch), Some(pad)) = (patch, file.static_pad("src")) {
        patch.apply(&pad);
    }
    Ok((file, shown))
}

/// Takes the end out of what the demuxer in `reader` announces for its video.
fn show_whole(reader: &gst::Element) {
    let Some(bin) = reader.downcast_ref::<gst::Bin>() else { return };
    bin.connect_element_added(|_, element| {
        if element.factory().is_some_and(|factory| factory.name() == "qtdemux") {
            element.connect_pad_added(|_, pad| {
                if pad.name().starts_with("video") {
                    open_end(pad);
                }
            });
        }
    });
}

/// What must be known of a file.
#[derive(Debug, PartialEq, Eq)]
struct Movie {
    /// Whether an edit list says what is shown of a video track.
    has_edits: bool,
    /// How long the file says it is shown, and what it says in place of that where its media is longer.
    longer: Option<(Duration, Patch)>,
}

impl Movie {
    /// Nothing where the file is none of these, or is cut off before its tracks are described.
    fn of(path: &Path) -> Option<Self> {
        // What cannot be read here is told by the pipeline that reads it.
        Self::read(&mut BufReader::new(File::open(path).ok()?)).ok().flatten()
    }

    fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let end = file.seek(SeekFrom::End(0))?;
        let whole = Place { kind: *b"    ", start: 0, end };
        let Some(movie) = whole.child(file, b"moov")? else { return Ok(None) };
        let Some(header) = movie.child(file, b"mvhd")? else { return Ok(None) };
        let header = Clock::read(file, header)?;
        let (mut media, mut has_edits) = (Duration::ZERO, false);
        for track in movie.children(file)?.into_iter().filter(|inner| inner.kind == *b"trak") {
            let Some(inner) = track.child(file, b"mdia")? else { continue };
            let handler = inner.child(file, b"hdlr")?;
            let kind = handler.map(|place| place.bytes::<4>(file, 8)).transpose()?;
            if kind.as_ref() != Some(b"vide") {
                continue;
            }
            has_edits |= track.child(file, b"edts")?.is_some();
            if let Some(place) = inner.child(file, b"mdhd")? {
                let clock = Clock::read(file, place)?;
                // What is written there may be what is shown as well.
                let ticks = coded_ticks(file, inner)?;
                media = media.max(clock.length()).max(Clock { ticks, ..clock }.length());
            }
        }
        let shown = header.length();
        // Without a length the file is a live one, or in fragments: nothing is held against it.
        let is_short = !shown.is_zero() && shown < media;
        let patch = || Patch { offset: header.offset, length: header.written(media) };
        Ok(Some(Self { has_edits, longer: is_short.then(|| (shown, patch())) }))
    }
}

/// Up to when a medium shows pictures, in ticks of its clock: what they last together, and how much
/// later than decoded they are shown.
fn coded_ticks(file: &mut (impl Read + Seek), media: Place) -> io::Result<u64> {
    let info = media.child(file, b"minf")?;
    let table = info.map(|info| info.child(file, b"stbl")).transpose()?.flatten();
    let Some(table) = table else { return Ok(0) };
    let mut sum: u64 = 0;
    table.rows(file, b"stts", |count, ticks| {
        sum = sum.saturating_add(u64::from(count) * u64::from(ticks));
    })?;
    // Version 1 has offsets below 0 as well; so have files of version 0, though they should not.
    let (mut earliest, mut latest) = (0_i32, 0_i32);
    table.rows(file, b"ctts", |_, offset| {
        earliest = earliest.min(offset.cast_signed());
        latest = latest.max(offset.cast_signed());
    })?;
    Ok(sum.saturating_add(u64::from(latest.abs_diff(earliest))))
}

/// A length that is read in another's place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Patch {
    /// Where in the file the other stands.
    offset: u64,
    /// In the file's notation.
    length: Vec<u8>,
}

impl Patch {
    /// Puts the length in its place in what `pad`, the way out of a `filesrc`, is asked for.
    fn apply(self, pad: &gst::Pad) {
        let kinds = gst::PadProbeType::PULL | gst::PadProbeType::BUFFER;
        pad.add_probe(kinds, move |_, info| {
            if let Some(buffer) = info.buffer_mut()
                && let start = buffer.offset()
                && self.touches(start, buffer.size())
                && let Ok(mut bytes) = buffer.make_mut().map_writable()
            {
                self.patch(start, &mut bytes);
            }
            gst::PadProbeReturn::Ok
        });
    }

    fn touches(&self, start: u64, bytes: usize) -> bool {
        start < self.offset + self.length.len() as u64
            && self.offset < start.saturating_add(bytes as u64)
    }

    /// `bytes` stand at `start` in the file.
    fn patch(&self, start: u64, bytes: &mut [u8]) {
        for (place, byte) in (self.offset..).zip(&self.length) {
            let index = place.checked_sub(start).and_then(|index| usize::try_from(index).ok());
            if let Some(there) = index.and_then(|index| bytes.get_mut(index)) {
                *there = *byte;
            }
        }
    }
}

/// A box's contents.
#[derive(Clone, Copy, Debug)]
struct Place {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

impl Place {
    /// `N` bytes from `skip` bytes after the start.
    fn bytes<const N: usize>(
        self,
        file: &mut (impl Read + Seek),
        skip: u64,
    ) -> io::Result<[u8; N]> {
        if self.start + skip + N as u64 > self.end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = [0; N];
        file.seek(SeekFrom::Start(self.start + skip))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn child(self, file: &mut (impl Read + Seek), kind: &[u8; 4]) -> io::Result<Option<Self>> {
        Ok(self.children(file)?.into_iter().find(|child| child.kind == *kind))
    }

    /// The boxes inside; those before whatever is damaged.
    fn children(self, file: &mut (impl Read + Seek)) -> io::Result<Vec<Self>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while self.start + at + 8 <= self.end && found.len() < BOXES_MAX {
            let head: [u8; 8] = self.bytes(file, at)?;
            let [a, b, c, d, kind @ ..] = head;
            let (size, head) = match u32::from_be_bytes([a, b, c, d]) {
                0 => (self.end - self.start - at, 8),
                1 => match self.bytes(file, at + 8) {
                    Ok(size) => (u64::from_be_bytes(size), 16),
                    Err(_) => break,
                },
                size => (u64::from(size), 8),
            };
            if size < head || size > self.end - self.start - at {
                break;
            }
            let start = self.start + at + head;
            at += size;
            found.push(Self { kind, start, end: self.start + at });
        }
        Ok(found)
    }
}

impl Place {
    /// The pairs in the table `kind` of those inside: version and flags, how many, the pairs.
    fn rows(
        self,
        file: &mut (impl Read + Seek),
        kind: &[u8; 4],
        mut each: impl FnMut(u32, u32),
    ) -> io::Result<()> {
        let Some(table) = self.child(file, kind)? else { return Ok(()) };
        let rows = u64::from(u32::from_be_bytes(table.bytes(file, 4)?));
        file.seek(SeekFrom::Start(table.start + 8))?;
        for _ in 0..rows.min((table.end - table.start - 8) / 8) {
            let (mut one, mut other) = ([0; 4], [0; 4]);
            file.read_exact(&mut one)?;
            file.read_exact(&mut other)?;
            each(u32::from_be_bytes(one), u32::from_be_bytes(other));
        }
        Ok(())
    }
}

/// The clock in the header of a movie or of a medium, and the length by it.
#[derive(Clone, Copy, Debug)]
struct Clock {
    ticks_per_sec: u32,
    ticks: u64,
    is_wide: bool,
    /// Where the length stands.
    offset: u64,
}

impl Clock {
    /// Version and flags, two dates, the clock's rate, the length: dates and length have 8 bytes each
    /// in version 1, 4 otherwise.
    fn read(file: &mut (impl Read + Seek), place: Place) -> io::Result<Self> {
        let [version]: [u8; 1] = place.bytes(file, 0)?;
        let is_wide = version == 1;
        let rate = 4 + if is_wide { 16 } else { 8 };
        let ticks_per_sec = u32::from_be_bytes(place.bytes(file, rate)?);
        let ticks = if is_wide {
            u64::from_be_bytes(place.bytes(file, rate + 4)?)
        } else {
            u64::from(u32::from_be_bytes(place.bytes(file, rate + 4)?))
        };
        Ok(Self { ticks_per_sec, ticks, is_wide, offset: place.start + rate + 4 })
    }

    /// Nothing where it is not known, which all ones stand for.
    fn length(self) -> Duration {
        let unknown = if self.is_wide { u64::MAX } else { u64::from(u32::MAX) };
        if self.ticks == unknown || self.ticks_per_sec == 0 {
            return Duration::ZERO;
        }
        let rate = u64::from(self.ticks_per_sec);
        let nanos = self.ticks % rate * 1_000_000_000 / rate;
        Duration::from_secs(self.ticks / rate) + Duration::from_nanos(nanos)
    }

    /// A length by this clock, rounded up, as it is written.
    fn written(self, length: Duration) -> Vec<u8> {
        let rate = u128::from(self.ticks_per_sec);
        let ticks = (length.as_nanos() * rate).div_ceil(1_000_000_000);
        if self.is_wide {
            u64::try_from(ticks).unwrap_or(u64::MAX - 1).to_be_bytes().to_vec()
        } else {
            u32::try_from(ticks).unwrap_or(u32::MAX - 1).to_be_bytes().to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: &[u8; 4], inner: &[u8]) -> Vec<u8> {
        let size = 8 + inner.len() as u32;
        [&size.to_be_bytes()[..], kind, inner].concat()
    }

    /// The head of an `mvhd` or `mdhd`, by the standard's table.
    fn clock(rate: u32, ticks: u32) -> Vec<u8> {
        [&[0; 12][..], &rate.to_be_bytes(), &ticks.to_be_bytes(), &[0; 8]].concat()
    }

    fn wide_clock(rate: u32, ticks: u64) -> Vec<u8> {
        [&[1][..], &[0; 19], &rate.to_be_bytes(), &ticks.to_be_bytes(), &[0; 8]].concat()
    }

    fn track(kind: &[u8; 4], clock: &[u8]) -> Vec<u8> {
        let handler = [&[0; 8][..], kind, &[0; 12]].concat();
        let media = [boxed(b"mdhd", clock), boxed(b"hdlr", &handler)].concat();
        boxed(b"trak", &boxed(b"mdia", &media))
    }

    /// With the times of its pictures, how many last how long; and how many are shown how much later.
    fn timed(track: &[u8], times: &[(u32, u32)], later: &[(u32, u32)]) -> Vec<u8> {
        let table = |kind, rows: &[(u32, u32)]| {
            let pairs = rows.iter().flat_map(|(n, ticks)| [n.to_be_bytes(), ticks.to_be_bytes()]);
            let head = [[0; 4], (rows.len() as u32).to_be_bytes()];
            boxed(kind, &[head.concat(), pairs.flatten().collect()].concat())
        };
        let tables = [table(b"stts", times), table(b"ctts", later)].concat();
        let info = boxed(b"minf", &boxed(b"stbl", &tables));
        boxed(b"trak", &boxed(b"mdia", &[&track[16..], &info[..]].concat()))
    }

    fn movie(header: &[u8], tracks: &[Vec<u8>]) -> Vec<u8> {
        let inner = [boxed(b"mvhd", header), tracks.concat()].concat();
        [boxed(b"ftyp", b"isom"), boxed(b"mdat", &[7; 33]), boxed(b"moov", &inner)].concat()
    }

    fn read(file: &[u8]) -> Option<Movie> {
        Movie::read(&mut Cursor::new(file)).expect("readable")
    }

    fn longer(file: &[u8]) -> Option<(Duration, Patch)> {
        read(file).expect("a movie").longer
    }

    #[test]
    fn a_movie_gets_the_length_of_its_video() {
        let video = track(b"vide", &clock(10240, 44032));
        let sound = track(b"soun", &clock(44100, 441_000));
        let file = movie(&clock(1000, 3000), &[sound, video]);
        // 44032 / 10240 is 4.3 s. By hand: 12 bytes of ftyp, 41 of mdat, the heads of moov and mvhd,
        // then 16 bytes before the length.
        let (shown, patch) = longer(&file).expect("a longer movie");
        let at = 12 + 41 + 8 + 8 + 16;
        let length = 4300_u32.to_be_bytes().to_vec();
        assert_eq!(shown, Duration::from_secs(3));
        assert_eq!(patch, Patch { offset: at, length: length.clone() });
        // However it is read, that is all that differs.
        let mut wanted = file.clone();
        wanted[at as usize..][..4].copy_from_slice(&length);
        for step in [1, 3, 7, 64, 1000] {
            let mut seen = Vec::new();
            for (start, part) in (0..).step_by(step).zip(file.chunks(step)) {
                let mut part = part.to_vec();
                if patch.touches(start, part.len()) {
                    patch.patch(start, &mut part);
                }
                seen.extend(part);
            }
            assert_eq!(seen, wanted, "in steps of {step}");
        }

        // The header of the media says what is shown; the times of its pictures say more: 90 of
        // 0.05 s and one of 0.1 s, shown up to 0.2 s later.
        let pictures = |later| {
            let track = track(b"vide", &clock(10240, 30720));
            let video = timed(&track, &[(90, 512), (1, 1024)], later);
            let (_, patch) = longer(&movie(&clock(1000, 3000), &[video])).expect("a longer movie");
            patch.length
        };
        assert_eq!(pictures(&[]), 4600_u32.to_be_bytes().to_vec());
        assert_eq!(pictures(&[(45, 1024), (46, 2048)]), 4800_u32.to_be_bytes().to_vec());
        // 0.1 s earlier to 0.1 s later.
        assert_eq!(
            pictures(&[(45, 1024), (46, 1024_u32.wrapping_neg())]),
            4800_u32.to_be_bytes().to_vec()
        );

        let wide = movie(&wide_clock(600, 1800), &[track(b"vide", &wide_clock(10240, 44032))]);
        let (_, patch) = longer(&wide).expect("a longer movie");
        assert_eq!((patch.length, patch.offset), (2580_u64.to_be_bytes().to_vec(), at + 8));
    }

    #[test]
    fn others_stay_as_they_are() {
        let video = track(b"vide", &clock(10240, 44032));
        let sound = track(b"soun", &clock(44100, 441_000));
        // As long already; only the sound is longer; no length at all; the video's is not known.
        assert_eq!(longer(&movie(&clock(1000, 4300), std::slice::from_ref(&video))), None);
        assert_eq!(longer(&movie(&clock(1000, 5000), &[video.clone(), sound])), None);
        assert_eq!(longer(&movie(&clock(1000, 0), std::slice::from_ref(&video))), None);
        let unknown = track(b"vide", &clock(10240, u32::MAX));
        assert_eq!(longer(&movie(&clock(1000, 3000), &[unknown])), None);
        // Not of this kind, and cut off everywhere: no panic, and nothing from nowhere.
        assert_eq!(read(b"RIFF and so on, which is no box"), None);
        assert_eq!(read(&[]), None);
        let whole = movie(&clock(1000, 3000), &[video]);
        for end in 0..whole.len() {
            let cut = Movie::read(&mut Cursor::new(&whole[..end]));
            assert!(!matches!(cut, Ok(Some(_))), "cut off at {end}");
        }
    }

    #[test]
    fn an_edit_list_counts_where_it_is_the_videos() {
        let edits = boxed(b"edts", &boxed(b"elst", &[0; 20]));
        let track = |kind, is_edited: bool| {
            let whole = track(kind, &clock(10240, 10240));
            boxed(b"trak", &[if is_edited { &edits[..] } else { &[] }, &whole[8..]].concat())
        };
        let has_edits = |video, sound| {
            let tracks = [track(b"vide", video), track(b"soun", sound)];
            read(&movie(&clock(1000, 1000), &tracks)).expect("a movie").has_edits
        };
        assert!(has_edits(true, false) && has_edits(true, true));
        assert!(!has_edits(false, true) && !has_edits(false, false));
    }
}
