//! Single pictures as AV1, for previews.
//!
//! Runs on the caller's thread, which waits for the threads of GStreamer; never the engine's.

use super::{MediaError, init, plugins};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSrc};
use gstreamer_video as gst_video;

/// The coarsest quantiser; 0 is the finest.
pub const AV1_QUANTISER_MAX: u32 = 63;
/// The shortest side that is coded, in pixels.
pub const AV1_SIDE_MIN: u32 = 8;
/// How long one picture may take.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(120);

/// One picture, three planes of 4:2:0 (BT.601, limited range), as AV1: a sequence header and a frame.
///
/// # Errors
/// The plug-in is missing, the planes have not the size, the encoder failed.
pub fn av1_still(
    planes: [&[u8]; 3],
    (width, height): (u32, u32),
    quantiser: u32,
) -> Result<Vec<u8>, MediaError> {
    init()?;
    let failed = |error: &dyn std::fmt::Display| MediaError::Encode(error.to_string());
    let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
        .fps(gst::Fraction::new(1, 1))
        .colorimetry(&gst_video::VideoColorimetry::new(
            gst_video::VideoColorRange::Range16_235,
            gst_video::VideoColorMatrix::Bt601,
            gst_video::VideoTransferFunction::Srgb,
            gst_video::VideoColorPrimaries::Bt709,
        ))
        .build()
        .map_err(|error| failed(&error))?;
    let caps = info.to_caps().map_err(|error| failed(&error))?;
    let mut data = vec![0; info.size()];
    let half = (width.div_ceil(2), height.div_ceil(2));
    for (number, (plane, (across, down))) in
        planes.into_iter().zip([(width, height), half, half]).enumerate()
    {
        let across = across as usize;
        if plane.len() != across * down as usize {
            return Err(MediaError::Encode("a plane has not the size of the picture".into()));
        }
        let (stride, offset) = (info.stride()[number] as usize, info.offset()[number]);
        for (row, line) in plane.chunks_exact(across).enumerate() {
            data[offset + row * stride..][..across].copy_from_slice(line);
        }
    }
    let encoder = plugins::make("av1enc")?;
    let quantiser = quantiser.min(AV1_QUANTISER_MAX).to_string();
    let settings = [
        ("end-usage", "q"),
        ("usage-profile", "all-intra"),
        // Of this profile every picture is a key.
        ("keyframe-max-dist", "0"),
        // Between quality and time; how many threads there are must not change the bytes.
        ("cpu-used", "6"),
        ("threads", "1"),
        ("row-mt", "false"),
        ("min-quantizer", &quantiser),
        ("max-quantizer", &quantiser),
    ];
    plugins::configure(&encoder, &settings);
    let source = AppSrc::builder().caps(&caps).format(gst::Format::Time).build();
    let sink = AppSink::builder().sync(false).async_(false).build();
    let pipeline = gst::Pipeline::new();
    plugins::chain(&pipeline, &[source.upcast_ref(), &encoder, sink.upcast_ref()])?;
    let run = || {
        pipeline.set_state(gst::State::Playing).map_err(|error| failed(&error))?;
        let mut buffer = gst::Buffer::from_mut_slice(data);
        buffer.make_mut().set_pts(gst::ClockTime::ZERO);
        buffer.make_mut().set_duration(gst::ClockTime::SECOND);
        source.push_buffer(buffer).map_err(|error| failed(&error))?;
        source.end_of_stream().map_err(|error| failed(&error))?;
        let sample = sink.try_pull_sample(PATIENCE);
        let missing = || MediaError::Encode("av1enc gives no picture".into());
        let coded = sample.as_ref().and_then(|sample| sample.buffer()).ok_or_else(missing)?;
        Ok(coded.map_readable().map_err(|error| failed(&error))?.to_vec())
    };
    let coded = run();
    // What cannot be stopped is freed with the pipeline.
    let _ = pipeline.set_state(gst::State::Null);
    coded
}
