//! The best way: AVIF, with the full size in a box of its own behind the picture.

use super::{PIXELS_MAX, PreviewError, Way, bmff, open, search};
use image::RgbImage;
use ravif::{Encoder, Img, RGB8};
use re_rav1d::dav1d::{
    Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings,
    pixel::{MatrixCoefficients, YUVRange},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// From the slowest and best, 1, to 10.
const SPEED: u8 = 3;
/// Qualities that are tried for one size at most.
const TRIES: u32 = 8;
/// The quality that is tried first.
const FIRST: f32 = 35.0;

/// The best picture that fits.
///
/// # Errors
/// The encoder fails.
pub fn encode(
    picture: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
) -> Result<Option<Vec<u8>>, PreviewError> {
    // The next size takes about the quality of the last one.
    let mut start = FIRST;
    search::best(picture, &mut |small| {
        let Some((quality, bytes)) = finest(small, full, budget_bytes, start)? else {
            return Ok(None);
        };
        start = quality;
        Ok(Some((decode(&bytes)?, bytes)))
    })
}

/// A picture with the highest quality that fits, and this quality.
fn finest(
    small: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
    start: f32,
) -> Result<Option<(f32, Vec<u8>)>, PreviewError> {
    let (mut low, mut high) = (0.0_f32, 100.0_f32);
    let (mut quality, mut pace, mut fits) = (start, 8.0, None);
    for _ in 0..TRIES {
        let bytes = once(small, full, quality)?;
        let is_short = bytes.len() <= budget_bytes;
        let is_near = is_short && bytes.len() + budget_bytes / 50 >= budget_bytes;
        if is_short {
            low = quality;
            fits = Some((quality, bytes));
        } else {
            high = quality;
        }
        if is_near
            || high - low < 0.6
            || (is_short && quality >= 100.0)
            || (!is_short && quality <= 1.0)
        {
            break;
        }
        // Away from the start in growing steps, then halving what is left.
        quality = match (low > 0.0, high < 100.0) {
            (true, true) => f32::midpoint(low, high),
            (true, false) => (quality + pace).min(100.0),
            _ => (quality - pace).max(1.0),
        };
        pace *= 2.0;
    }
    Ok(fits)
}

fn once(small: &RgbImage, full: (u16, u16), quality: f32) -> Result<Vec<u8>, PreviewError> {
    let pixels: Vec<RGB8> = small.pixels().map(|pixel| RGB8::from(pixel.0)).collect();
    let picture = Img::new(&pixels[..], small.width() as usize, small.height() as usize);
    let encoder = Encoder::new()
        .with_quality(quality.clamp(1.0, 100.0))
        .with_speed(std::env::var("AV_SPEED").map_or(SPEED, |s| s.parse().unwrap()))
        .with_num_threads(Some(1));
    let coded = encoder.encode_rgb(picture).map_err(|error| PreviewError::Encode {
        way: Way::Avif,
        reason: error.to_string().replace('\n', " "),
    })?;
    let mut bytes = coded.avif_file;
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
            _ if at % 2 == 0 => (at / 2, (at / 2).saturating_sub(1)),
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
