//! Writing a JPEG file that holds exactly the round trip's coefficients.
//!
//! Baseline, with the Huffman codes of Annex K: the file that cjpeg makes of the same picture with
//! the same tables, byte for byte. No crate does: jpeg-encoder 0.7 divides by rounded reciprocals,
//! and decodes to other pictures wherever entries are large or chroma is sampled less.

use super::{
    Dct, Sampling, huffman,
    reference::{Coefficients, coefficients},
    tables::RASTER_FROM_ZIGZAG,
};
use crate::decay::rgb::Rgb;

/// Why a picture cannot be written as a JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteJpegError {
    /// A side is 0 or does not fit into 16 bits.
    #[error("a JPEG file cannot hold {width}x{height} pixels: each side must be 1 to 65535")]
    Size {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
}

/// The file of a picture, quantised by these tables (entries 1..=255). A decoder that works as
/// libjpeg-turbo does makes [`super::reference::round_trip`] of it.
///
/// # Errors
/// A side is 0 or larger than 65535.
pub fn write_jpeg(
    picture: &Rgb,
    tables: &Dct,
    sampling: Sampling,
) -> Result<Vec<u8>, WriteJpegError> {
    let too_large = WriteJpegError::Size { width: picture.width, height: picture.height };
    let side = |side: usize| {
        let side = u16::try_from(side).ok().filter(|side| *side > 0);
        side.map(u16::to_be_bytes).ok_or(too_large)
    };
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    let components = coefficients(picture, tables, sampling);
    let mut file = vec![0xff, 0xd8];
    // JFIF 1.1, square pixels, no thumbnail.
    segment(&mut file, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let classes: Vec<usize> = (0..components.len().min(2)).collect();
    for class in &classes {
        let raster = if *class == 0 { &tables.luma_raster } else { &tables.chroma_raster };
        let entries = RASTER_FROM_ZIGZAG.map(|place| raster[place].clamp(1, 255) as u8);
        segment(&mut file, 0xdb, &[&[*class as u8], entries.as_slice()].concat());
    }
    let mut frame = [[8].as_slice(), &height, &width, &[components.len() as u8]].concat();
    let mut scan = vec![components.len() as u8];
    for (number, component) in (0_u8..).zip(&components) {
        let factors = (component.factors.0 << 4 | component.factors.1) as u8;
        let class = number.min(1);
        frame.extend([number + 1, factors, class]);
        scan.extend([number + 1, class << 4 | class]);
    }
    segment(&mut file, 0xc0, &frame);
    for class in &classes {
        for (is_ac, code) in (0_u8..).zip(CODES[*class]) {
            let head = [is_ac << 4 | *class as u8];
            segment(&mut file, 0xc4, &[head.as_slice(), &code.lengths, code.symbols].concat());
        }
    }
    // All 64 coefficients at once, in full.
    scan.extend([0, 63, 0]);
    segment(&mut file, 0xda, &scan);
    Scan::new(&mut file).write(&components);
    file.extend([0xff, 0xd9]);
    Ok(file)
}

/// DC and AC codes of luma, then of chroma.
const CODES: [[&huffman::Code; 2]; 2] =
    [[&huffman::DC_LUMA, &huffman::AC_LUMA], [&huffman::DC_CHROMA, &huffman::AC_CHROMA]];

fn segment(file: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // The longest, that of an AC code, has 181 bytes.
    let length = (content.len() + 2) as u16;
    file.extend([0xff, marker]);
    file.extend(length.to_be_bytes());
    file.extend(content);
}

/// The coded data: Annex F.1.2.
struct Scan<'a> {
    file: &'a mut Vec<u8>,
    /// Bits not written yet, in the lowest places, and their number: less than 8 between calls.
    bits: u64,
    count: u32,
    words: [[huffman::Words; 2]; 2],
}

impl<'a> Scan<'a> {
    fn new(file: &'a mut Vec<u8>) -> Self {
        let words = CODES.map(|codes| codes.map(huffman::Code::words));
        Self { file, bits: 0, count: 0, words }
    }

    fn write(mut self, components: &[Coefficients]) {
        let Some(luma) = components.first() else { return };
        let (wide, high) = (luma.blocks_wide / luma.factors.0, luma.blocks_high / luma.factors.1);
        let mut last_dc = [0; 3];
        for mcu in 0..wide * high {
            let (mcu_x, mcu_y) = (mcu % wide, mcu / wide);
            for (number, component) in components.iter().enumerate() {
                let (across, down) = component.factors;
                for block in 0..across * down {
                    let block_x = mcu_x * across + block % across;
                    let block_y = mcu_y * down + block / across;
                    let block = &component.blocks[block_y * component.blocks_wide + block_x];
                    self.block(block, number.min(1), last_dc[number]);
                    last_dc[number] = block[0];
                }
            }
        }
        // The last byte is filled up with ones.
        self.put(0x7f, 7);
    }

    fn block(&mut self, block: &[i32; 64], class: usize, last_dc: i32) {
        let difference = block[0] - last_dc;
        self.coefficient(class, 0, 0, difference);
        let mut zeros = 0;
        for place in &RASTER_FROM_ZIGZAG[1..] {
            let value = block[*place];
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                self.symbol(class, 1, 0xf0);
                zeros -= 16;
            }
            self.coefficient(class, 1, zeros, value);
            zeros = 0;
        }
        if zeros > 0 {
            self.symbol(class, 1, 0);
        }
    }

    /// Zeros before it and size of a value in one symbol, then the value's own bits.
    fn coefficient(&mut self, class: usize, kind: usize, zeros: u8, value: i32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        self.symbol(class, kind, zeros << 4 | size as u8);
        // Negative values are told by their ones' complement.
        let bits = if value < 0 { value - 1 } else { value };
        self.put(bits as u32 & ((1 << size) - 1), size);
    }

    fn symbol(&mut self, class: usize, kind: usize, symbol: u8) {
        let (bits, count) = self.words[class][kind].of(symbol);
        self.put(bits, count);
    }

    fn put(&mut self, bits: u32, count: u32) {
        self.bits = self.bits << count | u64::from(bits);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.bits >> self.count) as u8;
            self.file.push(byte);
            // A zero keeps it from being taken for a marker.
            if byte == 0xff {
                self.file.push(0);
            }
        }
    }
}
