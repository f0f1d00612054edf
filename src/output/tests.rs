//! What the painter draws, read back from a texture.

use super::*;
use crate::units::Picture;

/// 100 % colour bars in 8 bits as tabulated for BT.709 (SMPTE RP 219 and text books):
/// Y', Cb, Cr and what they stand for.
const BARS: [([u8; 3], [u8; 3]); 8] = [
    ([235, 128, 128], [255, 255, 255]),
    ([219, 16, 138], [255, 255, 0]),
    ([188, 154, 16], [0, 255, 255]),
    ([173, 42, 26], [0, 255, 0]),
    ([78, 214, 230], [255, 0, 255]),
    ([63, 102, 240], [255, 0, 0]),
    ([32, 240, 118], [0, 0, 255]),
    ([16, 128, 128], [0, 0, 0]),
];

/// A device, or a loud skip where there is no adapter and none is demanded.
fn device() -> Option<(wgpu::Device, wgpu::Queue)> {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    let instance = wgpu::Instance::new(descriptor);
    let adapter = match pollster::block_on(instance.request_adapter(&Default::default())) {
        Ok(adapter) => adapter,
        Err(error) if std::env::var_os("REQUIRE_GPU").is_none() => {
            eprintln!("SKIPPED, NOTHING TESTED: no graphics adapter ({error})");
            return None;
        }
        Err(error) => panic!("REQUIRE_GPU is set, and there is no adapter: {error}"),
    };
    Some(pollster::block_on(adapter.request_device(&Default::default())).expect("a device"))
}

/// Draws into a window of this size (a multiple of 64 wide); RGBA rows.
fn shown(
    picture: Option<&Picture>,
    overlay: Option<&Overlay>,
    size: (u32, u32),
) -> Option<Vec<u8>> {
    let (device, queue) = device()?;
    let format = wgpu::TextureFormat::Rgba8Unorm;
    let mut painter = Painter::new(&device, format);
    if let Some(picture) = picture {
        painter.set_picture(&device, &queue, picture);
    }
    painter.set_overlay(&device, &queue, overlay);
    let target = device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(size.0 * size.1 * 4),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    painter.draw(&mut encoder, &target.create_view(&Default::default()), size);
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(size.0 * 4),
        rows_per_image: None,
    };
    encoder.copy_texture_to_buffer(
        target.as_image_copy(),
        wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
        target.size(),
    );
    queue.submit([encoder.finish()]);
    buffer.map_async(wgpu::MapMode::Read, .., |mapped| mapped.expect("mapped"));
    device.poll(wgpu::PollType::wait_indefinitely()).expect("the device lives");
    let bytes = buffer.get_mapped_range(..).expect("mapped").to_vec();
    Some(bytes)
}

fn pixel(rgba: &[u8], width: u32, x: u32, y: u32) -> [u8; 3] {
    let at = ((y * width + x) * 4) as usize;
    [rgba[at], rgba[at + 1], rgba[at + 2]]
}

/// Whether two colours are equal but for rounding: codes of chroma are 255 / 224 of a step apart,
/// with factors up to 1.86.
fn same(seen: [u8; 3], wanted: [u8; 3]) -> bool {
    seen.iter().zip(wanted).all(|(seen, wanted)| seen.abs_diff(wanted) <= 2)
}

fn flat([y, b, r]: [u8; 3]) -> Picture {
    let mut picture = Picture::black(64, 32);
    let (luma, chroma) = picture.data_mut().split_at_mut(64 * 32);
    luma.fill(y);
    chroma[..32 * 16].fill(b);
    chroma[32 * 16..].fill(r);
    picture
}

#[test]
fn colour_bars_have_their_colours() {
    for (codes, wanted) in BARS {
        let Some(rgba) = shown(Some(&flat(codes)), None, (64, 32)) else { return };
        for (x, y) in [(0, 0), (31, 15), (63, 31)] {
            let seen = pixel(&rgba, 64, x, y);
            assert!(same(seen, wanted), "{codes:?} is {seen:?}, not {wanted:?}");
        }
    }
}

#[test]
fn the_comparison_tells_another_matrix_apart() {
    // The green bar of BT.601 (145, 54, 34) read as BT.709 is no green bar.
    let Some(rgba) = shown(Some(&flat([145, 54, 34])), None, (64, 32)) else { return };
    assert!(!same(pixel(&rgba, 64, 31, 15), [0, 255, 0]));
    assert!(!same([255, 0, 0], [0, 0, 255]));
}

#[test]
fn the_aspect_is_kept() {
    let Some(rgba) = shown(Some(&flat([235, 128, 128])), None, (64, 64)) else { return };
    for (y, wanted) in [(0, [0; 3]), (15, [0; 3]), (16, [255; 3]), (47, [255; 3]), (48, [0; 3])] {
        let seen = pixel(&rgba, 64, 32, y);
        assert!(same(seen, wanted), "row {y} is {seen:?}");
    }
    assert_eq!(
        letterbox((16, 9), (1600, 1200)),
        Place { x: 0.0, y: 150.0, width: 1600.0, height: 900.0 }
    );
    assert_eq!(
        letterbox((4, 3), (1600, 900)),
        Place { x: 200.0, y: 0.0, width: 1200.0, height: 900.0 }
    );
}

#[test]
fn a_place_never_leaves_its_window() {
    for width in 1..300 {
        for picture in [(1280, 720), (641, 359), (16, 8192)] {
            let place = letterbox(picture, (width, 211));
            assert!(place.x >= 0.0 && place.x + place.width <= width as f32, "{place:?}");
            assert!(place.y >= 0.0 && place.y + place.height <= 211.0, "{place:?}");
        }
    }
}

#[test]
fn a_caption_lies_at_the_foot() {
    let overlay = Overlay { width: 16, height: 8, rgba: vec![255; 16 * 8 * 4] };
    let Some(rgba) = shown(None, Some(&overlay), (64, 64)) else { return };
    let white: Vec<_> = (0..64 * 64)
        .map(|at| (at % 64, at / 64))
        .filter(|(x, y)| pixel(&rgba, 64, *x, *y) == [255; 3])
        .collect();
    // 6 % of 64 rows are left below: rows 52 to 59, columns 24 to 39, as sharp as it was made.
    assert_eq!(white.len(), 16 * 8);
    assert_eq!((white[0], white[16 * 8 - 1]), ((24, 52), (39, 59)));
}
