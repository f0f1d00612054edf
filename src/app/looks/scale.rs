//! Pictures made smaller: each sample is the mean of those that it covers. Pure.

use crate::units::Picture;

/// The largest size of even sides with about the picture's shape that fits into `room`; a picture
/// that is no larger stays as it is.
pub(super) fn fit(picture: (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let (width, height) = picture;
    if width <= room.0 && height <= room.1 {
        return picture;
    }
    let even = |side: f64| ((side / 2.0).round() as u32 * 2).max(2);
    let [width, height] = [width, height].map(f64::from);
    let scale = (f64::from(room.0) / width).min(f64::from(room.1) / height);
    (even(width * scale).min(room.0), even(height * scale).min(room.1))
}

/// The picture at another size of even sides, no larger than its own.
pub(super) fn scaled(picture: &Picture, (width, height): (u32, u32)) -> Picture {
    let mut small = Picture::black(width, height);
    let planes = picture.planes();
    let mut rest = small.data_mut();
    for plane in 0..3 {
        let shift = usize::from(plane > 0);
        let from = [planes.width as usize >> shift, planes.height as usize >> shift];
        let to = [width as usize >> shift, height as usize >> shift];
        let (target, next) = rest.split_at_mut(to[0] * to[1]);
        rest = next;
        shrink(planes.data[plane], from, target, to);
    }
    small
}

/// One plane, rows without padding.
fn shrink(source: &[u8], from: [usize; 2], target: &mut [u8], to: [usize; 2]) {
    let span = |axis: usize, place: usize| {
        let start = place * from[axis] / to[axis];
        start..((place + 1) * from[axis] / to[axis]).max(start + 1)
    };
    for (y, row) in target.chunks_mut(to[0]).enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            let (columns, rows) = (span(0, x), span(1, y));
            let count = (columns.len() * rows.len()) as u32;
            let line = |y: usize| &source[y * from[0]..][columns.clone()];
            let sum: u32 = rows.flat_map(line).map(|sample| u32::from(*sample)).sum();
            *sample = ((sum + count / 2) / count) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_kept_and_sides_are_even() {
        for (picture, small) in [
            ((1920, 1080), (320, 180)),
            ((512, 512), (180, 180)),
            ((1080, 1920), (102, 180)),
            ((64, 48), (64, 48)),
            ((4000, 10), (320, 2)),
        ] {
            assert_eq!(fit(picture, (320, 180)), small, "{picture:?}");
        }
    }

    #[test]
    fn samples_are_means() {
        let mut picture = Picture::black(4, 4);
        let luma = [10, 20, 1, 1, 30, 41, 1, 2, 0, 0, 200, 200, 0, 0, 200, 200];
        picture.data_mut()[..16].copy_from_slice(&luma);
        picture.data_mut()[16..].copy_from_slice(&[10, 20, 30, 41, 90, 90, 90, 90]);
        // By hand: 101 / 4 = 25.25, 5 / 4 = 1.25; of the chroma planes one sample is left.
        assert_eq!(scaled(&picture, (2, 2)).data(), [25, 1, 0, 200, 25, 90]);
        assert_eq!(scaled(&picture, (4, 4)), picture);
    }
}
