// Gives the decoded picture back where the mask is off. Gamma-coded R'G'B', 8-bit levels 0..=255.
// Reads the motion of the clip and the decoded picture around the pixel.
struct Mask {
    // 0 = by motion, 1 = by luma.
    by: i32,
    // 1 = the mask is on where it would be off.
    is_inverted: i32,
    // Where the mask begins, in sums of five: 0..=1275.
    threshold: i32,
    // How much more of the mask each step above the threshold brings.
    gain_q16: i32,
    // 65536 = nothing worn stays where the mask is off.
    amount_q16: i32,
    unused_0: i32,
    unused_1: i32,
    unused_2: i32,
}

// ITU-R BT.709-6, item 3.2.
fn mask_luma(texel: vec2<i32>) -> i32 {
    let parts = vec3<i32>(13933, 46871, 4732) * load_second(texel);
    return (parts.r + parts.g + parts.b + 32768) >> 16u;
}

// A single pixel does not decide: the centre and four at a distance are summed.
fn mask_sum(by: i32, texel: vec2<i32>) -> i32 {
    var around = array<vec2<i32>, 5>(
        texel,
        clamped(texel + vec2<i32>(3, 0)),
        clamped(texel - vec2<i32>(3, 0)),
        clamped(texel + vec2<i32>(0, 3)),
        clamped(texel - vec2<i32>(0, 3)),
    );
    var sum = 0;
    for (var at = 0; at < 5; at++) {
        if by == 0 {
            sum += load_motion(around[at]);
        } else {
            sum += mask_luma(around[at]);
        }
    }
    return sum;
}

fn mask_levels(u: Mask, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    let above = clamp((mask_sum(u.by, texel) - u.threshold) * u.gain_q16, 0, 65536);
    let is_on = select(above, 65536 - above, u.is_inverted == 1);
    // Two factors of 16 bits of fraction would not fit.
    let back_q15 = (((65536 - is_on) >> 1u) * (u.amount_q16 >> 1u)) >> 15u;
    return levels + (((load_second(texel) - levels) * back_q15 + 16384) >> vec3<u32>(15u));
}
