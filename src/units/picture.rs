//! One decoded picture in planar 4:2:0.

/// A packed I420 picture: the luma plane, then Cb, then Cr, rows without padding.
/// 8 bits a sample, BT.709, limited range (luma 16..=235, chroma 16..=240).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Picture {
    /// A black picture. `width` and `height` are even.
    pub fn black(width: u32, height: u32) -> Self {
        let luma = (width * height) as usize;
        let mut data = vec![16; luma];
        data.resize(luma * 3 / 2, 128);
        Self { width, height, data }
    }

    /// Width of the luma plane in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the luma plane in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All three planes, packed.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// All three planes, packed, to be written.
    pub fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The planes as a decoder would lend them.
    pub fn planes(&self) -> Planes<'_> {
        let luma = (self.width * self.height) as usize;
        let (y, chroma) = self.data.split_at(luma);
        let (u, v) = chroma.split_at(luma / 4);
        Planes {
            width: self.width,
            height: self.height,
            data: [y, u, v],
            stride: [self.width as usize, self.width as usize / 2, self.width as usize / 2],
        }
    }

    /// Copies lent planes in. The part of a larger picture beyond this size is left away
    /// (decoders that code in units of 16 pixels may lend such), a smaller one leaves the rest.
    pub fn copy_from(&mut self, planes: &Planes<'_>) {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut rest = self.data.as_mut_slice();
        for plane in 0..3 {
            let shift = usize::from(plane > 0);
            let (columns, rows) = (width >> shift, height >> shift);
            let (target, next) = rest.split_at_mut(columns * rows);
            rest = next;
            let stride = planes.stride[plane].max(1);
            let lent_columns = columns.min(planes.width as usize >> shift);
            let lent_rows = planes.data[plane].chunks(stride).take(planes.height as usize >> shift);
            for (row, lent) in target.chunks_mut(columns).zip(lent_rows) {
                let count = lent_columns.min(lent.len());
                row[..count].copy_from_slice(&lent[..count]);
            }
        }
    }
}

/// The three planes of a 4:2:0 picture, lent by whoever holds them.
#[derive(Clone, Copy, Debug)]
pub struct Planes<'a> {
    /// Width of the luma plane in pixels.
    pub width: u32,
    /// Height of the luma plane in pixels.
    pub height: u32,
    /// Y, Cb, Cr samples.
    pub data: [&'a [u8]; 3],
    /// Bytes from one row to the next.
    pub stride: [usize; 3],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_planes_are_packed() {
        // 4x2 luma in rows of 6 bytes, 2x1 chroma in rows of 3.
        let y = [1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99];
        let lent = Planes {
            width: 4,
            height: 2,
            data: [&y, &[9, 10, 99], &[11, 12, 99]],
            stride: [6, 3, 3],
        };
        let mut picture = Picture::black(4, 2);
        picture.copy_from(&lent);
        assert_eq!(picture.data(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }
}
