//! One elementary stream in memory, with an index of its access units.

use super::{h264, mpeg4};
use crate::units::{AccessUnitIndex, Codec, StreamFormat};

/// Parameter sets (SPS, all PPS together, or MPEG-4 headers) may take this many bytes each. Encoders
/// need some 50; the splicer keeps room for this much, so that it never allocates.
pub(super) const PARAMETER_SETS_MAX: usize = 4096;

/// An elementary stream and the index of its access units.
///
/// The bytes stay as they were given, so checksums of the file they came from hold. The index takes
/// 24 bytes for an access unit of one slice NAL unit.
#[derive(Debug)]
pub struct Stream {
    bytes: Vec<u8>,
    format: StreamFormat,
    index: Index,
}

/// Where the pictures lie, per coding.
#[derive(Debug)]
pub(super) enum Index {
    H264(h264::Index),
    Mpeg4(mpeg4::Index),
}

impl Stream {
    /// Indexes a stream: an Annex B byte stream of H.264, or MPEG-4 part 2 with its headers.
    ///
    /// Takes time in proportion to the bytes; not for the engine thread.
    ///
    /// # Errors
    /// The bytes are no such stream, are damaged where the index must be read, or use something that
    /// cannot be spliced: interlaced pictures, B pictures, more than one reference picture, slice
    /// groups, memory management or reference list commands, pictures that are not references,
    /// picture order count type 1, other samples than 8 bit 4:2:0, parameter sets that change.
    /// Damage inside the coded pictures is not looked for.
    pub fn parse(codec: Codec, mut bytes: Vec<u8>) -> Result<Self, StreamError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(StreamError::TooLong(bytes.len()));
        }
        let (format, index) = match codec {
            Codec::H264 => {
                let (format, index) = h264::index(&bytes)?;
                (format, Index::H264(index))
            }
            Codec::Mpeg4 => {
                let (format, index) = mpeg4::index(&bytes)?;
                (format, Index::Mpeg4(index))
            }
        };
        // A buffer that was grown byte by byte may be half empty; copying it is not free either.
        if bytes.capacity() - bytes.len() > bytes.len() / 32 {
            bytes.shrink_to_fit();
        }
        Ok(Self { bytes, format, index })
    }

    /// What a decoder must know before its first access unit.
    pub fn format(&self) -> &StreamFormat {
        &self.format
    }

    /// Number of access units, at least 1.
    pub fn len(&self) -> usize {
        match &self.index {
            Index::H264(index) => index.len(),
            Index::Mpeg4(index) => index.len(),
        }
    }

    /// Never: a stream without a picture does not parse.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether decoding may begin here: an IDR picture (H.264) or an I-VOP (MPEG-4).
    /// `false` beyond the end.
    pub fn is_intra(&self, unit: AccessUnitIndex) -> bool {
        match &self.index {
            Index::H264(index) => index.is_intra(unit.0 as usize),
            Index::Mpeg4(index) => index.is_intra(unit.0 as usize),
        }
    }

    /// The bytes of an access unit as they were given, start codes and whatever stands before the
    /// picture (parameter sets, SEI) included; all access units together are all bytes.
    /// Empty beyond the end.
    pub fn access_unit(&self, unit: AccessUnitIndex) -> &[u8] {
        let (unit, len) = (unit.0 as usize, self.bytes.len());
        let range = match &self.index {
            Index::H264(index) => index.range(unit, len),
            Index::Mpeg4(index) => index.range(unit, len),
        };
        self.bytes.get(range).unwrap_or_default()
    }

    /// The whole stream, as it was given.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of memory this stream takes: stream, index and all.
    pub fn memory_bytes(&self) -> usize {
        let index = match &self.index {
            Index::H264(index) => index.memory_bytes(),
            Index::Mpeg4(index) => index.memory_bytes(),
        };
        size_of::<Self>() + self.bytes.capacity() + self.format.signature.len() + index
    }

    /// The most bytes that splicing one access unit of this stream can append.
    pub fn spliced_bytes_max(&self) -> usize {
        self.format.signature.len()
            + match &self.index {
                Index::H264(index) => index.spliced_bytes_max(),
                Index::Mpeg4(index) => index.spliced_bytes_max(),
            }
    }

    /// Where the pictures lie.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }
}

/// Why bytes are no stream that can be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Offsets are kept in 32 bits.
    #[error("a stream of {0} bytes is too long: cut the clip so that it stays below 4 GiB")]
    TooLong(usize),
    /// No sequence parameter set or video object layer comes before the pictures.
    #[error("the stream has no {0}, so nothing can decode it: import the clip again")]
    NoHeaders(&'static str),
    /// There is no picture in it.
    #[error("the stream holds no picture: import the clip again")]
    NoPicture,
    /// It is coded in a way that cannot be joined in any order.
    #[error("the stream uses {0}, which cannot be spliced: import the clip with residua's encoder")]
    Unsupported(&'static str),
    /// It cannot be read.
    #[error("the {what} at byte {at} is damaged: import the clip again")]
    Damaged {
        /// The part of the stream.
        what: &'static str,
        /// Where it begins.
        at: usize,
    },
}
