//! How much memory something takes, by an allocator that counts.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of memory that a reader may hold at once for every byte of its input. The index of the
/// shortest pictures there can be takes four times their bytes, and while a vector grows by
/// doubling, three times that.
pub const PER_BYTE: usize = 16;

/// Bytes of memory that every reader may hold at once besides.
pub const FLOOR: usize = 4096;

/// Does `work`; its result, and the most bytes that it held at once besides what was held before.
pub fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = work();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// Does `work` on an input of so many bytes; fails where it holds more than is in proportion.
pub fn in_proportion<T>(input_bytes: usize, floor: usize, work: impl FnOnce() -> T) -> T {
    let (result, held) = peak(work);
    let most = input_bytes * PER_BYTE + floor;
    assert!(held <= most, "{held} bytes of memory for {input_bytes} of input, {most} are enough");
    result
}
