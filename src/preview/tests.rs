use super::*;
use image::{ImageFormat, Rgb};
use proptest::prelude::*;
use std::{fs, io::Cursor};

/// Something with edges, shades and colours.
fn drawn(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let disc = (x as i32 - width as i32 / 3).pow(2) + (y as i32 - height as i32 / 2).pow(2);
        let is_inside = disc < (height as i32 / 4).pow(2);
        let shade = (255 * y / height.max(1)) as u8;
        if is_inside { Rgb([220, 60, shade]) } else { Rgb([shade / 2, 90, 200 - shade / 2]) }
    })
}

fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 =
        one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.as_raw().len() as f64
}

#[test]
fn every_way_fits_the_budget_keeps_the_size_and_is_known_by_its_bytes() {
    let book = Codebook::built_in();
    for (width, height) in [(1, 1), (7, 3), (64, 200), (161, 90)] {
        let picture = drawn(width, height);
        for way in Way::ALL {
            for budget in [700, BUDGET_BYTES] {
                let bytes = encode(way, &picture, budget, &book).expect("it fits");
                assert!(bytes.len() <= budget, "{way}: {} of {budget}", bytes.len());
                assert_eq!(Way::of(&bytes), Some(way), "{width}x{height}");
                let decoded = decode(&bytes, &book).expect("it is whole");
                assert_eq!(decoded.dimensions(), (width, height), "{way}");
                let away = difference(&picture, &decoded);
                // Video has one colour for four pixels: of a few pixels, many are some levels off.
                let most = if width * height < 64 { 24.0 } else { 14.0 };
                assert!(away < most, "{way} of {width}x{height} in {budget}: {away}");
            }
        }
    }
}

#[test]
fn what_cannot_fit_is_said() {
    let book = Codebook::built_in();
    for (way, budget) in [(Way::Lanczos, 10), (Way::Webp, 20), (Way::Avif, 60), (Way::Codebook, 15)]
    {
        let error = encode(way, &drawn(40, 30), budget, &book).expect_err("too little");
        let line = error.to_string();
        assert!(line.contains(way.name()) && line.contains("--bytes"), "{line}");
    }
    let error = encode(Way::Webp, &RgbImage::new(0, 5), 4096, &book).expect_err("no pixels");
    assert!(error.to_string().contains("0x5"), "{error}");
}

#[test]
fn raw_pixels_have_exactly_the_old_header() {
    // By hand: 600x400 shrunk to 45x30 is 4,050 bytes of pixels; the next size, 46x30 or 46x31, is
    // 4,140 or more. 600 = 2*256 + 88, 400 = 256 + 144.
    let bytes =
        encode(Way::Lanczos, &drawn(600, 400), 4096, &Codebook::built_in()).expect("it fits");
    assert_eq!(bytes[..8], [2, 88, 1, 144, 0, 45, 0, 30]);
    assert_eq!(bytes.len(), 8 + 4050);
    // A picture that fits as it is stays as it is.
    let small = drawn(20, 10);
    let bytes = encode(Way::Lanczos, &small, 4096, &Codebook::built_in()).expect("it fits");
    assert_eq!(bytes[..8], [0, 20, 0, 10, 0, 20, 0, 10]);
    assert_eq!(&bytes[8..], small.as_raw().as_slice());
}

#[test]
fn another_codebook_is_refused_by_name() {
    let (own, other) = (Codebook::built_in(), Codebook::new(vec![[1; 64]], vec![[2; 16]]));
    let bytes = encode(Way::Codebook, &drawn(90, 60), 2000, &other).expect("it fits");
    assert_eq!(codebook_hash(&bytes), Some(other.hash()));
    let line = decode(&bytes, &own).expect_err("another one").to_string();
    let hashes = [other.hash(), own.hash()].map(|hash| format!("{hash:08x}"));
    assert!(hashes.iter().all(|hash| line.contains(hash)) && line.contains("--codebook"), "{line}");
    decode(&bytes, &other).expect("its own");
}

#[test]
fn a_codebook_is_what_its_file_says() {
    let book = Codebook::built_in();
    let bytes = book.write();
    assert_eq!(bytes.len(), 8 + 256 * (64 + 16));
    assert_eq!(Codebook::read(&bytes).expect("it is whole"), book);
    assert!(Codebook::read(&bytes[1..]).is_err() && Codebook::read(b"").is_err());
    // Patches have no mean and length 1, but for rounding: pixels count in 1/256.
    for patch in book.large() {
        let sum: i32 = patch.iter().map(|pixel| i32::from(*pixel)).sum();
        let square: i32 = patch.iter().map(|pixel| i32::from(*pixel).pow(2)).sum();
        let length = f64::from(square).sqrt() / 256.0;
        // A peak that a byte does not hold is cut: a dot.
        let is_cut = patch.iter().any(|pixel| pixel.unsigned_abs() >= 127);
        assert!(is_cut || sum.abs() <= 32, "{sum}");
        assert!(is_cut || (0.98..1.02).contains(&length), "{length}");
        assert!(length < 1.02, "{length}");
    }
}

#[test]
fn patches_of_a_picture_draw_it_better_than_patches_of_another() {
    // Stripes of one width; leaves have none of them.
    let stripes =
        RgbImage::from_fn(192, 128, |x, y| Rgb([if (x + 2 * y) % 10 < 5 { 230 } else { 20 }; 3]));
    let own = Codebook::learned([&stripes]);
    let score = |book: &Codebook| {
        let bytes = encode(Way::Codebook, &stripes, 600, book).expect("it fits");
        let decoded = decode(&bytes, book).expect("its own");
        score::compare(&stripes, &decoded).expect("the same size").ssimulacra2
    };
    let (with_own, with_others) = (score(&own), score(&Codebook::built_in()));
    assert!(with_own > with_others + 5.0, "{with_own} {with_others}");
}

#[test]
fn transparent_parts_are_black_and_exif_turns() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.png");
    let rgba = image::RgbaImage::from_raw(2, 1, vec![200, 100, 50, 255, 200, 100, 50, 51]);
    rgba.expect("two pixels").save(&path).expect("it is written");
    // 51 of 255 is a fifth.
    assert_eq!(open(&path).expect("it is read").as_raw(), &[200, 100, 50, 40, 20, 10]);

    // EXIF (TIFF 6.0): orientation (tag 0x112, SHORT) 6 is a quarter turn clockwise.
    let mut jpeg = Cursor::new(Vec::new());
    drawn(40, 20).write_to(&mut jpeg, ImageFormat::Jpeg).expect("it is coded");
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = (exif.len() + 2) as u16;
    let mut bytes = jpeg.get_ref()[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg.get_ref()[2..]);
    let path = folder.path().join("turned.jpg");
    fs::write(&path, bytes).expect("it is written");
    let turned = open(&path).expect("it is read");
    assert_eq!(turned.dimensions(), (20, 40));
    let upright = image::imageops::rotate90(&drawn(40, 20));
    assert!(difference(&turned, &upright) < 6.0);
}

#[test]
fn the_same_picture_is_the_same_and_half_of_it_is_not() {
    let picture = drawn(120, 80);
    let same = score::compare(&picture, &picture).expect("the same size");
    assert!((same.ssimulacra2 - 100.0).abs() < 1e-6 && same.dssim.abs() < 1e-6, "{same:?}");
    let grey = RgbImage::from_pixel(120, 80, Rgb([128; 3]));
    let other = score::compare(&picture, &grey).expect("the same size");
    assert!(other.ssimulacra2 < 0.0 && other.dssim > 0.1, "{other:?}");
    assert!(score::compare(&picture, &drawn(80, 120)).is_err());
}

#[test]
fn a_quick_one_fits_and_every_webp_reader_reads_it() {
    let picture = drawn(1280, 720);
    let bytes = encode_quickly(&picture, BUDGET_BYTES).expect("it fits");
    assert!(bytes.len() <= BUDGET_BYTES);
    let other =
        image::load_from_memory_with_format(&bytes, ImageFormat::WebP).expect("a WebP file");
    let small = decode_small(&bytes, &Codebook::built_in()).expect("a preview");
    assert_eq!((other.width(), other.height()), small.dimensions());
    let full = decode(&bytes, &Codebook::built_in()).expect("a preview");
    assert_eq!(full.dimensions(), (1280, 720));
    assert!(difference(&full, &picture) < 6.0);
}

#[test]
fn enormous_sizes_are_refused_before_anything_is_decoded() {
    // 65535x65535 in eight bytes, and one pixel.
    let lanczos = [255, 255, 255, 255, 0, 1, 0, 1, 1, 2, 3];
    assert!(matches!(decode(&lanczos, &Codebook::built_in()), Err(PreviewError::Size { .. })));
    let mut drawn = codebook::MAGIC.to_vec();
    drawn.extend([5, 0, 9, 0, 9, 255, 255, 255, 255, 40]);
    drawn.extend(Codebook::built_in().hash().to_be_bytes());
    assert!(matches!(decode(&drawn, &Codebook::built_in()), Err(PreviewError::Broken(_))));
}

/// Something of each way, to be spoilt.
fn whole() -> &'static [Vec<u8>] {
    static WHOLE: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    WHOLE.get_or_init(|| {
        let book = Codebook::built_in();
        let code = |way| encode(way, &drawn(48, 32), 1200, &book).expect("it fits");
        Way::ALL.map(code).to_vec()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn spoilt_bytes_give_an_error_or_a_picture(
        way in 0..4_usize,
        spoils in prop::collection::vec((0..2000_usize, any::<u8>()), 0..12),
        keep in 0..2000_usize,
    ) {
        let mut bytes = whole()[way].clone();
        let length = bytes.len();
        for (place, byte) in spoils {
            // The sides, in the first bytes of two ways, stay: large ones take long, not wrong.
            if place % length >= 12 {
                bytes[place % length] = byte;
            }
        }
        bytes.truncate(keep.max(1));
        if let Ok(picture) = decode(&bytes, &Codebook::built_in()) {
            prop_assert!(picture.width() > 0 && picture.height() > 0);
        }
    }

    #[test]
    fn any_bytes_give_an_error_or_a_picture(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode(&bytes, &Codebook::built_in());
        let drawn = [&codebook::MAGIC[..], &bytes].concat();
        if drawn.get(4..8).is_none_or(|sides| sides[0] < 2 && sides[2] < 2) {
            let _ = decode(&drawn, &Codebook::built_in());
        }
    }
}
