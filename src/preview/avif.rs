//! The best way: AVIF, with the full size in a box of its own behind the picture.

use super::{PIXELS_MAX, PreviewError, Way, bmff, open, scale, search};
use crate::media::{AV1_QUANTISER_MAX, AV1_SIDE_MIN, av1_still};
use avif_serialize::{Aviffy, constants};
use image::RgbImage;
use re_rav1d::dav1d::{
    Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings,
    pixel::{MatrixCoefficients, YUVRange},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A temporal delimiter (AV1 specification, 5.6).
const DELIMITER: [u8; 2] = [0x12, 0];

/// The quantiser that is tried first.
const FIRST: u32 = 44;

/// The best picture that fits.
///
/// # Errors
/// The encoder is missing or fails.
pub fn encode(
    picture: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
) -> Result<Option<Vec<u8>>, PreviewError> {
    // The next size takes about the quantiser of the last one.
    let mut start = FIRST;
    search::best(picture, &mut |small| {
        let (width, height) = small.dimensions();
        let small = scale::to(small, width.max(AV1_SIDE_MIN), height.max(AV1_SIDE_MIN));
        let Some((quantiser, bytes)) = finest(&small, full, budget_bytes, start)? else {
            return Ok(None);
        };
        start = quantiser;
        Ok(Some((decode(&bytes)?, bytes)))
    })
}

/// A picture with the finest quantiser that fits, and this quantiser.
fn finest(
    small: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
    start: u32,
) -> Result<Option<(u32, Vec<u8>)>, PreviewError> {
    let planes = limited(small);
    // All below `low` are too fine, `high` and above fit.
    let (mut low, mut high, mut fits) = (0, AV1_QUANTISER_MAX + 1, None);
    let (mut quantiser, mut pace) = (start, 2);
    while low < high {
        let bytes = once(&planes, small.dimensions(), full, quantiser)?;
        if bytes.len() <= budget_bytes {
            high = quantiser;
            fits = Some((quantiser, bytes));
        } else {
            low = quantiser + 1;
        }
        // Away from the start in growing steps, then halving what is left.
        quantiser = match (low > 0, high <= AV1_QUANTISER_MAX) {
            (false, _) => high.saturating_sub(pace),
            (_, false) => (low + pace).min(AV1_QUANTISER_MAX),
            (true, true) => low.midpoint(high),
        };
        pace *= 2;
    }
    Ok(fits)
}

/// Luma and both chroma planes at half the size, BT.601 in limited range.
fn limited(picture: &RgbImage) -> [Vec<u8>; 3] {
    let (width, height) = picture.dimensions();
    let luma = |[r, g, b]: [f32; 3]| 16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0;
    let blue = |[r, g, b]: [f32; 3]| 128.0 + (-37.797 * r - 74.203 * g + 112.0 * b) / 255.0;
    let red = |[r, g, b]: [f32; 3]| 128.0 + (112.0 * r - 93.786 * g - 18.214 * b) / 255.0;
    let half = |of: &dyn Fn([f32; 3]) -> f32| {
        let (across, down) = (width.div_ceil(2), height.div_ceil(2));
        let mean = |place: u32| {
            let (x, y) = (place % across * 2, place / across * 2);
            let at = |dx: u32, dy: u32| {
                let pixel = picture.get_pixel((x + dx).min(width - 1), (y + dy).min(height - 1));
                of(pixel.0.map(f32::from))
            };
            (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0
        };
        (0..across * down).map(|place| mean(place).round() as u8).collect()
    };
    [
        picture.pixels().map(|pixel| luma(pixel.0.map(f32::from)).round() as u8).collect(),
        half(&blue),
        half(&red),
    ]
}

fn once(
    planes: &[Vec<u8>; 3],
    (width, height): (u32, u32),
    full: (u16, u16),
    quantiser: u32,
) -> Result<Vec<u8>, PreviewError> {
    let planes = planes.each_ref().map(Vec::as_slice);
    let coded = av1_still(planes, (width, height), quantiser)
        .map_err(|error| PreviewError::Encode { way: Way::Avif, reason: error.to_string() })?;
    // A container has no use for the mark between pictures.
    let coded = coded.strip_prefix(&DELIMITER).unwrap_or(&coded);
    let mut bytes = Aviffy::new()
        .set_matrix_coefficients(constants::MatrixCoefficients::Bt601)
        .set_full_color_range(false)
        .set_chroma_subsampling((true, true))
        .set_seq_profile(0)
        .to_vec(coded, None, width, height, 8);
    bytes.extend(bmff::free_box(full));
    Ok(bytes)
}

/// The picture of a file at its stored size, its transparent parts over black.
///
/// # Errors
/// It is no whole AVIF file, or an enormous one.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PreviewError> {
    let failed = |reason: String| PreviewError::Decode(reason.replace('\n', " "));
    // Whatever a strange file does to the decoder is an error of this file.
    let guarded = catch_unwind(AssertUnwindSafe(|| {
        let file =
            avif_parse::read_avif(&mut &bytes[..]).map_err(|error| failed(error.to_string()))?;
        let picture = rgb(&planes(&file.primary_item)?)?;
        let alpha = file.alpha_item.as_ref().map(|item| rgb(&planes(item)?)).transpose()?;
        Ok((picture, alpha, file.premultiplied_alpha))
    }));
    let (picture, alpha, is_over_black) =
        guarded.map_err(|_| PreviewError::Broken("its decoder does not understand it"))??;
    let Some(alpha) = alpha.filter(|alpha| alpha.dimensions() == picture.dimensions()) else {
        return Ok(picture);
    };
    if is_over_black {
        return Ok(picture);
    }
    let both = picture.pixels().zip(alpha.pixels());
    let rgba: Vec<u8> =
        both.flat_map(|(pixel, alpha)| [pixel[0], pixel[1], pixel[2], alpha[0]]).collect();
    let (width, height) = picture.dimensions();
    RgbImage::from_raw(width, height, open::over_black(&rgba))
        .ok_or(PreviewError::Broken("it has fewer pixels than it says"))
}

/// The first picture of coded data.
fn planes(data: &[u8]) -> Result<Picture, PreviewError> {
    let failed = |error: Error| PreviewError::Decode(error.to_string());
    // The decoder takes no nothing: built for testing, it ends the program.
    if data.is_empty() {
        return Err(PreviewError::Broken("there is no picture in it"));
    }
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(PIXELS_MAX as u32);
    let mut decoder = Decoder::with_settings(&settings).map_err(failed)?;
    match decoder.send_data(data.to_vec(), None, None, None) {
        Ok(()) | Err(Error::Again) => {}
        Err(error) => return Err(failed(error)),
    }
    decoder.get_picture().map_err(|error| match error {
        Error::Again => PreviewError::Broken("it ends within its picture"),
        error => failed(error),
    })
}

/// Red, green and blue as ITU-T H.273 tells of the picture's matrix and range.
fn rgb(picture: &Picture) -> Result<RgbImage, PreviewError> {
    let (width, height) = (picture.width(), picture.height());
    let layout = picture.pixel_layout();
    let depth = picture.bit_depth();
    let is_wide = depth > 8;
    let most = ((1_u32 << depth) - 1) as f32;
    let plane = |component: PlanarImageComponent| {
        (picture.plane(component), picture.stride(component) as usize)
    };
    let luma = plane(PlanarImageComponent::Y);
    let chroma = (layout != PixelLayout::I400)
        .then(|| (plane(PlanarImageComponent::U), plane(PlanarImageComponent::V)));
    let (across, down) = match layout {
        PixelLayout::I420 => (2, 2),
        PixelLayout::I422 => (2, 1),
        PixelLayout::I444 | PixelLayout::I400 => (1, 1),
    };
    let level = |(plane, stride): &(re_rav1d::dav1d::Plane, usize), x: u32, y: u32| {
        let at = y as usize * stride + x as usize * if is_wide { 2 } else { 1 };
        let bytes = plane.as_ref().get(at..).unwrap_or_default();
        match (is_wide, bytes) {
            (true, [low, high, ..]) => f32::from(u16::from_le_bytes([*low, *high])) / most,
            (false, [level, ..]) => f32::from(*level) / most,
            _ => 0.0,
        }
    };
    // Chroma between its own places: three parts of the nearer, one of the farther, where it is halved.
    let smooth = |plane: &(re_rav1d::dav1d::Plane, usize), x: u32, y: u32| {
        let places = |at: u32, times: u32, end: u32| match times {
            1 => (at, at),
            _ if at.is_multiple_of(2) => (at / 2, (at / 2).saturating_sub(1)),
            _ => (at / 2, (at / 2 + 1).min(end.div_ceil(2) - 1)),
        };
        let (near_x, far_x) = places(x, across, width);
        let (near_y, far_y) = places(y, down, height);
        let row = |y: u32| 0.75 * level(plane, near_x, y) + 0.25 * level(plane, far_x, y);
        0.75 * row(near_y) + 0.25 * row(far_y)
    };
    let is_full = picture.color_range() == YUVRange::Full;
    let (red_share, blue_share) = match picture.matrix_coefficients() {
        MatrixCoefficients::BT709 => (0.2126, 0.0722),
        MatrixCoefficients::BT2020NonConstantLuminance => (0.2627, 0.0593),
        _ => (0.299, 0.114),
    };
    let is_green_blue_red = picture.matrix_coefficients() == MatrixCoefficients::Identity;
    let limit =
        |level: f32, span: f32| if is_full { level } else { (level - 16.0 / 255.0) * 255.0 / span };
    let middle = (1_u32 << (depth - 1)) as f32 / most;
    let byte = |level: f32| (level * 255.0).round().clamp(0.0, 255.0) as u8;
    Ok(RgbImage::from_fn(width, height, |x, y| {
        let light = limit(level(&luma, x, y), 219.0);
        let Some((cb, cr)) = &chroma else { return image::Rgb([byte(light); 3]) };
        let (cb, cr) = (smooth(cb, x, y), smooth(cr, x, y));
        if is_green_blue_red {
            return image::Rgb([byte(limit(cr, 219.0)), byte(light), byte(limit(cb, 219.0))]);
        }
        let span = if is_full { 1.0 } else { 255.0 / 224.0 };
        let (cb, cr) = ((cb - middle) * span, (cr - middle) * span);
        let red = light + 2.0 * (1.0 - red_share) * cr;
        let blue = light + 2.0 * (1.0 - blue_share) * cb;
        let green = (light - red_share * red - blue_share * blue) / (1.0 - red_share - blue_share);
        image::Rgb([byte(red), byte(green), byte(blue)])
    }))
}
