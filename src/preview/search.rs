//! The search for the size that a picture is best stored at: fewer pixels, each of them finer, or more
//! of them, coarser.

use super::{Codebook, PreviewError, codebook::Painter, scale, score};
use image::RgbImage;

/// Sizes are judged on pictures of this longer side at most, in pixels: what is seen of 4 KiB is seen there.
const JUDGED_SIDE: u32 = 640;
/// Sizes that are tried, as factors of what is judged: half of it first, then whither it gets better.
const FACTORS: [f64; 13] = [0.05, 0.1, 0.16, 0.2, 0.25, 0.29, 0.34, 0.4, 0.5, 0.6, 0.72, 0.86, 1.0];
/// The first of them that is tried, by its place.
const FIRST: usize = 8;
/// How blocks' edges are softened.
const SOFT: u8 = 5;

/// What a size gives: the stored picture and its bytes; none where it does not fit.
pub type Tried = Result<Option<(RgbImage, Vec<u8>)>, PreviewError>;

/// What has been tried at a size: nothing yet, nothing that fits, or its score and its bytes.
type Known = Option<Option<(f64, Vec<u8>)>>;

/// The bytes of the size that looks best, by SSIMULACRA2.
///
/// # Errors
/// What `try_size` says.
pub fn best(
    picture: &RgbImage,
    try_size: &mut dyn FnMut(&RgbImage) -> Tried,
) -> Result<Option<Vec<u8>>, PreviewError> {
    let judged = scale::fitted(picture, JUDGED_SIDE);
    let judge = score::Judge::new(&judged);
    let mut known: [Known; FACTORS.len()] = [const { None }; _];
    let mut look = |place: usize, known: &mut [Known]| {
        if known[place].is_none() {
            let (width, height) = scale::size(judged.dimensions(), FACTORS[place]);
            let tried = try_size(&scale::to(&judged, width, height))?;
            let (width, height) = judged.dimensions();
            known[place] =
                Some(tried.map(|(stored, bytes)| {
                    (judge.score(&scale::to(&stored, width, height)), bytes)
                }));
        }
        let found = known[place].as_ref().and_then(Option::as_ref);
        Ok::<f64, PreviewError>(found.map_or(f64::NEG_INFINITY, |(score, _)| *score))
    };
    let mut at = FIRST;
    // Where nothing fits yet, smaller ones may.
    while look(at, &mut known)? == f64::NEG_INFINITY && at > 0 {
        at -= 1;
    }
    // A size beside the best may be worse by chance, so the next but one is looked at as well.
    loop {
        let mut best = (look(at, &mut known)?, at);
        for place in at.saturating_sub(2)..(at + 3).min(FACTORS.len()) {
            best = match look(place, &mut known)? {
                score if score > best.0 => (score, place),
                _ => best,
            };
        }
        if best.1 == at {
            break;
        }
        at = best.1;
    }
    Ok(known[at].take().flatten().map(|(_, bytes)| bytes))
}

/// The one of these previews that looks best.
///
/// # Errors
/// One cannot be decoded.
pub fn better(
    picture: &RgbImage,
    previews: impl IntoIterator<Item = Vec<u8>>,
    decode: impl Fn(&[u8]) -> Result<RgbImage, PreviewError>,
) -> Result<Option<Vec<u8>>, PreviewError> {
    let judged = scale::fitted(picture, JUDGED_SIDE);
    let judge = score::Judge::new(&judged);
    let (width, height) = judged.dimensions();
    let mut best: Option<(f64, Vec<u8>)> = None;
    for bytes in previews {
        let score = judge.score(&scale::to(&decode(&bytes)?, width, height));
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, bytes));
        }
    }
    Ok(best.map(|(_, bytes)| bytes))
}

/// The same, drawn with patches.
pub fn codebook(
    picture: &RgbImage,
    full: (u16, u16),
    budget_bytes: usize,
    book: &Codebook,
) -> Option<Vec<u8>> {
    let painter = Painter::new(book);
    let found = best(picture, &mut |small| {
        let subject = painter.look(small, full);
        Ok(painter.paint(&subject, budget_bytes, SOFT).map(|(bytes, stored)| (stored, bytes)))
    });
    // Drawing cannot fail: it has no foreign coder.
    found.ok().flatten()
}
