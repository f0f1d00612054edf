//! The codec's thread: a picture through JPEG and back, and what that changed.
//!
//! Baseline JPEG, 4:2:0. Two maintained crates do the work; the thread owns all memory between. It
//! contains its panics. Nothing here knows the GPU.

use super::codec::{packed_difference, part_of};
use crossbeam::channel::{Receiver, Sender, bounded};
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use std::{fmt, io, panic, thread};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Why a picture did not come back.
#[derive(Debug, thiserror::Error)]
pub enum CoderError {
    /// The encoder refused.
    #[error("the JPEG encoder failed: {0}")]
    Encode(#[from] EncodingError),
    /// The decoder did not take what the encoder made.
    #[error("the JPEG decoder failed: {0}")]
    Decode(#[from] DecodeErrors),
    /// One of them panicked.
    #[error("the JPEG codec broke down")]
    Panicked,
}

/// A picture on its way. It is used again and again: nothing is allocated after the first.
#[derive(Debug, Default)]
pub struct Job {
    /// Width and height in pixels.
    pub size_px: [u16; 2],
    /// Quality, 1..=100.
    pub quality: u8,
    /// The picture, four bytes a pixel, rows without padding; the fourth is without meaning.
    pub pixels: Vec<u8>,
    /// The decoded picture of the same tick, in the same form.
    pub decoded: Vec<u8>,
    /// The difference coded - sent, a word for each pixel ([`packed_difference`]).
    pub difference: Vec<u32>,
    /// The way coded - decoded in the same form. Before, that of the last time.
    pub way: Vec<u32>,
    /// How much of the last way is held up in the picture from outside, and is no part of what is sent.
    pub held_q16: i32,
}

/// What came of a job.
pub type Coded = (Job, Result<(), CoderError>);

/// The thread. Sending and fetching never wait.
pub struct Coder {
    jobs: Option<Sender<Job>>,
    coded: Receiver<Coded>,
    worker: Option<thread::JoinHandle<()>>,
}

impl Coder {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let mut memory = Memory::default();
        Self::start_with(move |job| memory.code(job))
    }

    /// The same with other work.
    pub(super) fn start_with(
        mut code: impl FnMut(&mut Job) -> Result<(), CoderError> + Send + 'static,
    ) -> io::Result<Self> {
        // One job at a time goes round.
        let (jobs, asked) = bounded::<Job>(1);
        let (give, coded) = bounded(1);
        let worker = thread::Builder::new().name("codec".to_owned()).spawn(move || {
            for mut job in asked {
                // What a panic leaves half done is never looked at: the codec is off afterwards.
                let work = panic::AssertUnwindSafe(|| code(&mut job));
                let result = panic::catch_unwind(work).unwrap_or(Err(CoderError::Panicked));
                if give.send((job, result)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs: Some(jobs), coded, worker: Some(worker) })
    }

    /// Sends a picture; gives it back where the thread has one already or has ended.
    pub fn send(&self, job: Job) -> Option<Job> {
        match &self.jobs {
            Some(jobs) => jobs.try_send(job).err().map(|refused| refused.into_inner()),
            None => Some(job),
        }
    }

    /// A picture that is back, if there is one.
    pub fn fetch(&self) -> Option<Coded> {
        self.coded.try_recv().ok()
    }

    /// Waits for the picture that was sent. `None` when the thread has ended.
    pub fn wait(&self) -> Option<Coded> {
        self.coded.recv().ok()
    }
}

impl Drop for Coder {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(worker) = self.worker.take() {
            // A picture is coded in a moment; its panics are contained.
            let _ = worker.join();
        }
    }
}

impl fmt::Debug for Coder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coder").finish_non_exhaustive()
    }
}

/// What the thread keeps between pictures.
#[derive(Default)]
struct Memory {
    jpeg: Vec<u8>,
    coded: Vec<u8>,
}

impl Memory {
    /// Codes a picture, and puts the difference into the job.
    fn code(&mut self, job: &mut Job) -> Result<(), CoderError> {
        let (pixels, _) = job.pixels.as_chunks_mut::<4>();
        job.difference.resize(pixels.len(), 0);
        job.way.resize(pixels.len(), 0);
        if job.held_q16 != 0 {
            for (pixel, way) in pixels.iter_mut().zip(&job.way) {
                for (level, held) in pixel.iter_mut().zip(part_of(*way, job.held_q16)) {
                    *level = (i32::from(*level) - held).clamp(0, 255) as u8;
                }
            }
        }
        self.jpeg.clear();
        let [width, height] = job.size_px;
        let mut encoder = Encoder::new(&mut self.jpeg, job.quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.encode(&job.pixels, width, height, ColorType::Rgba)?;
        let options = DecoderOptions::default()
            .set_max_width(usize::from(width))
            .set_max_height(usize::from(height))
            .jpeg_set_out_colorspace(ColorSpace::RGBA);
        self.coded.resize(job.pixels.len(), 0);
        JpegDecoder::new_with_options(ZCursor::new(&self.jpeg), options)
            .decode_into(&mut self.coded)?;
        less(&self.coded, &job.pixels, &mut job.difference);
        less(&self.coded, &job.decoded, &mut job.way);
        Ok(())
    }
}

/// The differences of two pictures of four bytes a pixel.
fn less(one: &[u8], other: &[u8], differences: &mut [u32]) {
    let pairs = one.as_chunks::<4>().0.iter().zip(other.as_chunks::<4>().0);
    for (difference, (one, other)) in differences.iter_mut().zip(pairs) {
        let way = |colour: usize| i32::from(one[colour]) - i32::from(other[colour]);
        *difference = packed_difference([way(0), way(1), way(2)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decay::testing::test_picture;
    use std::process::Command;

    fn job(quality: u8) -> Job {
        let bytes = |seed| -> Vec<u8> {
            let picture = test_picture(70, 46, seed);
            picture.pixels.into_iter().flat_map(|[r, g, b]| [r, g, b, 255]).collect()
        };
        let (pixels, decoded) = (bytes(1), bytes(2));
        Job { size_px: [70, 46], quality, pixels, decoded, ..Job::default() }
    }

    fn through(job: Job) -> Job {
        let coder = Coder::start().expect("a thread");
        assert!(coder.send(job).is_none());
        let (job, result) = coder.wait().expect("an answer");
        result.expect("coded");
        job
    }

    /// Mean size of the difference of a colour.
    fn mean(job: &Job) -> f64 {
        let colours = job.difference.iter().flat_map(|pixel| part_of(*pixel, 65536));
        let sum: i32 = colours.map(i32::abs).sum();
        f64::from(sum) / (3.0 * 70.0 * 46.0)
    }

    #[test]
    fn a_flat_grey_picture_comes_back_as_it_was_and_a_coarse_one_worse_than_a_fine_one() {
        let flat = Job { pixels: vec![128; 64 * 48 * 4], size_px: [64, 48], ..job(1) };
        assert_eq!(through(flat).difference, vec![0; 64 * 48]);
        let [fine, middle, coarse] = [95, 40, 5].map(|quality| mean(&through(job(quality))));
        println!("mean differences {fine:.2}, {middle:.2}, {coarse:.2}");
        assert!(fine < middle && middle < coarse);
        assert!(coarse > 5.0, "{coarse}");
    }

    #[test]
    fn what_is_held_up_from_outside_is_not_sent() {
        let wanted = through(job(10));
        // The same picture with a way held up in it that stays within the levels: a third of (0 or 90,
        // -60, 30) on a picture between 60 and 190.
        let within = |level: u8| 60 + level / 2;
        let plain = Job { pixels: job(10).pixels.into_iter().map(within).collect(), ..job(10) };
        let ways: Vec<u32> =
            (0..70 * 46).map(|i| packed_difference([90 * (i & 1), -60, 30])).collect();
        let pairs = plain.pixels.chunks(4).enumerate();
        let pixels = pairs.flat_map(|(i, pixel)| {
            [pixel[0] + 30 * (i & 1) as u8, pixel[1] - 20, pixel[2] + 10, pixel[3]]
        });
        let lifted = Job { pixels: pixels.collect(), way: ways, held_q16: 65536 / 3, ..job(10) };
        let (plain, lifted) = (through(plain), through(lifted));
        assert_eq!(lifted.pixels, plain.pixels, "the picture without it");
        assert_eq!(lifted.difference, plain.difference);
        assert!(wanted.difference != plain.difference, "the comparison notices");
    }

    #[test]
    fn the_way_leads_from_the_decoded_picture_to_the_coded_one() {
        let job = through(job(10));
        let rest = job.pixels.chunks(4).zip(job.decoded.chunks(4));
        for ((sent, decoded), (change, way)) in rest.zip(job.difference.iter().zip(&job.way)) {
            let (change, way) = (part_of(*change, 65536), part_of(*way, 65536));
            for i in 0..3 {
                let coded = i32::from(sent[i]) + change[i];
                assert!((0..=255).contains(&coded));
                assert_eq!(i32::from(decoded[i]) + way[i], coded);
            }
        }
    }

    /// Another decoder says what the encoder made, so that nothing here is checked against itself.
    #[test]
    fn ffmpeg_sees_the_same_picture() {
        let mut memory = Memory::default();
        let mut job = job(30);
        memory.code(&mut job).expect("coded");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("coded.jpg");
        std::fs::write(&path, &memory.jpeg).expect("written");
        let probe = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "stream=width,height,pix_fmt", "-of", "csv=p=0"])
            .arg(&path)
            .output()
            .expect("ffprobe");
        assert_eq!(String::from_utf8_lossy(&probe.stdout).trim(), "70,46,yuvj420p");
        let decoded = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
            .output()
            .expect("ffmpeg");
        assert_eq!(decoded.stdout.len(), 70 * 46, "{}", String::from_utf8_lossy(&decoded.stderr));
        // Luma of our picture by JFIF (BT.601), against the luma that ffmpeg decodes: colours that do
        // not exist are limited in ours alone, so most must agree, not all.
        let luma = memory.coded.chunks(4).map(|pixel| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            0.299 * r + 0.587 * g + 0.114 * b
        });
        let far =
            luma.zip(&decoded.stdout).filter(|(our, their)| (our - f64::from(**their)).abs() > 3.0);
        let far = far.count();
        println!("{far} of {} lumas more than 3 levels apart", 70 * 46);
        assert!(far < 70 * 46 / 4, "{far}");
    }
}
