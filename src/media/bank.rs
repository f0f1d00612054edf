//! The intra bank: what a heal feeds.
//!
//! Made from the decoded stream, not from the source: the predicted pictures that follow a heal were
//! coded against the stream's own pictures, losses included, so that is what a heal must give them.

use super::{
    GstDecoder,
    coding::Recipe,
    encoder::{StreamEncoder, conformed_caps},
    fault::Fault,
};
use crate::{
    bitstream::Stream,
    clip::BANK_INTERVAL,
    ports::Decoder,
    units::{AccessUnitIndex, Canvas, Planes},
};
use gstreamer as gst;
use gstreamer_video as gst_video;
use std::{path::Path, time::Duration};

/// How long the decoder may take over one picture.
const PATIENCE: Duration = Duration::from_secs(20);

/// Decodes `stream` from its start to its end, writes its bank to `path`, and shows every decoded
/// picture with its place to `look`.
pub(super) fn make(
    stream: &Stream,
    recipe: &Recipe,
    canvas: Canvas,
    path: &Path,
    look: &mut dyn FnMut(u32, &Planes<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let info = gst_video::VideoInfo::from_caps(&conformed_caps(canvas))
        .map_err(|error| Fault::Other(error.to_string()))?;
    let mut decoder =
        GstDecoder::new(stream.format()).map_err(|error| Fault::Other(error.to_string()))?;
    let mut bank = StreamEncoder::start(recipe, canvas, path, true)?;
    for unit in 0..stream.len() as u32 {
        let number = u64::from(unit);
        let mut taken = Ok(());
        let mut take = |planes: &Planes<'_>| {
            taken = look(unit, planes).and_then(|()| {
                if unit.is_multiple_of(BANK_INTERVAL) {
                    bank.push(&buffer(&info, planes)?)?;
                }
                Ok(())
            });
        };
        let came = decoder
            .push(number, stream.access_unit(AccessUnitIndex(unit)))
            .and_then(|()| decoder.pull(number, PATIENCE, &mut take))
            .map_err(|error| Fault::Other(error.to_string()))?;
        taken?;
        if !came {
            return Err(Fault::Other(format!("no picture for access unit {unit}")));
        }
    }
    bank.finish().map(|_| ())
}

/// A picture as GStreamer lays it out: rows padded to whole words.
pub(super) fn buffer(
    info: &gst_video::VideoInfo,
    planes: &Planes<'_>,
) -> Result<gst::Buffer, Fault> {
    let mut bytes = vec![0; info.size()];
    for plane in 0..3 {
        let shift = usize::from(plane > 0);
        let (columns, rows) = (info.width() as usize >> shift, info.height() as usize >> shift);
        let stride = usize::try_from(info.stride()[plane]).unwrap_or(columns);
        let lent = planes.data[plane].chunks(planes.stride[plane].max(1));
        let target = bytes[info.offset()[plane]..].chunks_mut(stride);
        for (row, lent) in target.zip(lent).take(rows) {
            let short = || Fault::Other("a decoded picture is smaller than its canvas".to_owned());
            row.get_mut(..columns)
                .zip(lent.get(..columns))
                .map(|(row, lent)| row.copy_from_slice(lent))
                .ok_or_else(short)?;
        }
    }
    Ok(gst::Buffer::from_mut_slice(bytes))
}
