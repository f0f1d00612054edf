//! A clip followed by its reverse, made from the streams that are there.

use super::ExportError;
use crate::{
    bitstream::{Splicer, Stream},
    clip::{Clip, StreamMeta},
    units::{AccessUnitIndex, Direction},
};

/// The clip of a source that is followed by its reverse: forward, back, and over again without a
/// jump. With `backward`, the clip of another source, that one's own there and back is the backward
/// stream; without, there and back looks the same from both ends.
///
/// The last picture is not repeated at the turn: n pictures become 2 n - 1. At the turn the first
/// predicted picture of the reverse lands on the last picture of the forward stream, which is the
/// picture that it was coded against but for what the encoder lost.
///
/// # Errors
/// The two clips have other parameter sets.
pub fn palindrome(clip: &Clip, backward: Option<&Clip>) -> Result<Clip, ExportError> {
    let (forward, bank) = there_and_back(clip)?;
    let (backward_stream, backward_bank) = there_and_back(backward.unwrap_or(clip))?;
    if forward.format() != backward_stream.format() {
        return Err(ExportError::Format);
    }
    let facts = |stream: &Stream| StreamMeta::of(stream.len(), stream.bytes());
    let mut meta = clip.meta.clone();
    if let Some(backward) = backward {
        meta.backward_source = Some(backward.meta.source.clone());
        meta.backward_hash = Some(backward.meta.source_hash.clone());
    }
    meta.forward = facts(&forward);
    meta.backward = facts(&backward_stream);
    meta.intra = facts(&bank);
    meta.intra_backward = facts(&backward_bank);
    Ok(Clip {
        preview: clip.preview.clone(),
        name: clip.name.clone(),
        meta,
        forward,
        backward: backward_stream,
        bank,
        backward_bank,
        bank_interval: clip.bank_interval,
    })
}

/// The stream of a clip and its reverse, and that stream's bank.
fn there_and_back(clip: &Clip) -> Result<(Stream, Stream), ExportError> {
    let units = |stream: &Stream| u32::try_from(stream.len()).unwrap_or(u32::MAX);
    let (there, back) = (units(&clip.forward), units(&clip.backward));
    let mut splicer = Splicer::new();
    let mut bytes = Vec::with_capacity(clip.forward.bytes().len() + clip.backward.bytes().len());
    for unit in 0..there {
        splicer.splice(&clip.forward, AccessUnitIndex(unit), &mut bytes)?;
    }
    // Its first is the intra picture of the place that has just been shown.
    for unit in 1..back {
        splicer.splice(&clip.backward, AccessUnitIndex(unit), &mut bytes)?;
    }
    let codec = clip.forward.format().codec;
    let stream = Stream::parse(codec, bytes)?;

    let (mut splicer, mut bytes) = (Splicer::new(), Vec::new());
    for place in (0..units(&stream)).step_by(clip.bank_interval.max(1) as usize) {
        let (unit, direction) = match place.checked_sub(there) {
            None => (place, Direction::Forward),
            // The backward stream's access unit 1 follows the last of the forward one.
            Some(past) => (past + 1, Direction::Backward),
        };
        let intra = clip.bank_place(AccessUnitIndex(unit), direction);
        splicer.splice(intra.stream, intra.unit, &mut bytes)?;
    }
    Ok((stream, Stream::parse(codec, bytes)?))
}
