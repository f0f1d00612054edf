//! Letters for the output window.

use super::Lettering;

#[test]
fn letters_are_white_on_a_plate() {
    let overlay = Lettering::default().draw("Hi", 24.0, 400.0);
    assert_eq!(overlay.rgba.len(), (overlay.width * overlay.height * 4) as usize);
    let pixels = || overlay.rgba.chunks_exact(4);
    // Premultiplied: no channel above its alpha.
    assert!(pixels().all(|pixel| pixel[..3].iter().all(|channel| *channel <= pixel[3])));
    assert!(pixels().any(|pixel| pixel == [255; 4]));
    assert_eq!(pixels().next(), Some(&[0, 0, 0, 168][..]));
    let white = |overlay: &crate::output::Overlay| {
        overlay.rgba.chunks_exact(4).filter(|pixel| pixel[0] > 128).count()
    };
    let more = Lettering::default().draw("Hi Hi Hi", 24.0, 400.0);
    assert!(white(&more) > 2 * white(&overlay));
    // Too long for its width: more lines, not a wider picture.
    let broken = Lettering::default().draw("Hi Hi Hi", 24.0, 40.0);
    assert!(broken.width < more.width && broken.height > more.height);
}
