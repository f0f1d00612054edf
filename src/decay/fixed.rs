//! Fixed-point fractions: names end in `_q16`, 65536 is one.

/// 1 in the fixed-point fractions of this room: 1/65536 is far below what moves an 8-bit level, and
/// a level times 1 fits into 32 bits with room for sums.
pub const ONE_Q16: i32 = 65536;

/// Luma of red, green and blue: ITU-R BT.709-6, item 3.2. The sum is one.
pub const LUMA_Q16: [i32; 3] = [13933, 46871, 4732];

/// A fraction as a whole number of 1/65536.
pub fn q16(value: f64) -> i32 {
    (value * f64::from(ONE_Q16)).round() as i32
}
