//! The test card: colour bars to set displays by, a ramp, and lines where the picture ends.

use crate::units::Picture;

/// 75 % colour bars in 8-bit BT.709 codes (Y, Cb, Cr), from white to blue: SMPTE RP 219-1, table 2.
const BARS: [[u8; 3]; 7] = [
    [180, 128, 128],
    [168, 44, 136],
    [145, 147, 44],
    [133, 63, 52],
    [63, 193, 204],
    [51, 109, 212],
    [28, 212, 120],
];
/// Codes of black and white.
const BLACK: u8 = 16;
const WHITE: u8 = 235;
/// Shares of the height: down to where the bars and the ramp go; the rest is black.
const BARS_TO: f64 = 0.67;
const RAMP_TO: f64 = 0.83;
/// Squares of the grid across the picture.
const SQUARES: u32 = 16;

/// The card of this size in pixels, both even: seven bars; a ramp from black to white; a black foot with
/// the middle marked; and over all a grid of squares, a line around the edge, and the largest circle.
pub fn test_card(width: u32, height: u32) -> Picture {
    let mut card = Picture::black(width, height);
    let (bars_to, ramp_to) =
        ((f64::from(height) * BARS_TO) as u32, (f64::from(height) * RAMP_TO) as u32);
    let bar = |x: u32, width: u32| BARS[(x * 7 / width.max(1)).min(6) as usize];
    let luma = (width * height) as usize;
    let (y_plane, chroma) = card.data_mut().split_at_mut(luma);
    let (cb_plane, cr_plane) = chroma.split_at_mut(luma / 4);
    let square = (width / SQUARES).max(1);
    let radius = f64::from(height) * 0.48;
    for y in 0..height {
        for x in 0..width {
            let ground = match y {
                y if y < bars_to => bar(x, width)[0],
                y if y < ramp_to => BLACK + (u32::from(WHITE - BLACK) * x / width.max(1)) as u8,
                _ => BLACK,
            };
            let (dx, dy) =
                (f64::from(x) - f64::from(width) / 2.0, f64::from(y) - f64::from(height) / 2.0);
            let is_edge = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
            let is_grid =
                (x + square / 2).is_multiple_of(square) || (y + square / 2).is_multiple_of(square);
            let is_circle = (dx.hypot(dy) - radius).abs() < 1.0;
            let code = match is_edge || is_circle {
                true => WHITE,
                // Seen on bright and dark alike.
                false if is_grid => {
                    if ground > 126 {
                        ground - 40
                    } else {
                        ground + 40
                    }
                }
                false => ground,
            };
            y_plane[(y * width + x) as usize] = code;
        }
    }
    for y in 0..bars_to / 2 {
        for x in 0..width / 2 {
            let [_, cb, cr] = bar(x, width / 2);
            let place = (y * (width / 2) + x) as usize;
            (cb_plane[place], cr_plane[place]) = (cb, cr);
        }
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colours of the bars as every display should show them: 75 % of full, full range RGB.
    #[test]
    fn the_bars_are_three_quarters_of_each_colour() {
        let (width, height) = (1280, 720);
        let card = test_card(width, height);
        let planes = card.planes();
        let colours = [
            (191, 191, 191),
            (191, 191, 0),
            (0, 191, 191),
            (0, 191, 0),
            (191, 0, 191),
            (191, 0, 0),
            (0, 0, 191),
        ];
        for (bar, (red, green, blue)) in colours.into_iter().enumerate() {
            // The middle of the bar, off the lines of the grid.
            let (x, y) = (bar * 183 + 80, 122);
            let luma = f64::from(planes.data[0][y * 1280 + x]) - 16.0;
            let chroma = |plane: usize| f64::from(planes.data[plane][y / 2 * 640 + x / 2]) - 128.0;
            let (cb, cr) = (chroma(1), chroma(2));
            // ITU-R BT.709-6, clause 3, in 8-bit codes.
            let luma = luma * 255.0 / 219.0;
            let made = [
                luma + 1.5748 * cr * 255.0 / 224.0,
                luma - (0.1873 * cb + 0.4681 * cr) * 255.0 / 224.0,
                luma + 1.8556 * cb * 255.0 / 224.0,
            ];
            for (made, wanted) in made.into_iter().zip([red, green, blue]) {
                assert!((made - f64::from(wanted)).abs() < 2.5, "bar {bar}: {made} for {wanted}");
            }
        }
        // The outermost pixels are the line that shows whether a display cuts the picture.
        assert!(planes.data[0][..1280].iter().all(|code| *code == 235));
    }
}
