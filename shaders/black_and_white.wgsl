// Moves every pixel toward its luma. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct BlackAndWhite {
    // Of red, green, blue; their sum is 65536.
    weights_q16: vec3<i32>,
    // 65536 = no colour left.
    amount_q16: i32,
    // 32768 rounds the luma, 0 truncates it.
    half_q16: i32,
    unused_0: i32,
    unused_1: i32,
    unused_2: i32,
    // Greys that become one level darker, 32 a word.
    lost_greys: array<vec4<u32>, 2>,
}

fn black_and_white_levels(u: BlackAndWhite, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    let parts = u.weights_q16 * levels;
    let word = u.lost_greys[levels.r >> 7u][(levels.r >> 5u) & 3];
    let bit = i32((word >> u32(levels.r & 31)) & 1u);
    let is_grey = levels.r == levels.g && levels.g == levels.b;
    let luma = ((parts.r + parts.g + parts.b + u.half_q16) >> 16u) - select(0, bit, is_grey);
    let way = (vec3<i32>(luma) - levels) * u.amount_q16;
    return levels + ((way + 32768) >> vec3<u32>(16u));
}
