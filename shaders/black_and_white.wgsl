// Moves every pixel toward its BT.709 luma. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct BlackAndWhite {
    // 65536 = no colour left.
    amount_q16: i32,
    unused_0: i32,
    unused_1: i32,
    unused_2: i32,
}

@group(0) @binding(0) var<uniform> black_and_white: BlackAndWhite;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    let levels = load(texel);
    let luma = (13933 * levels.r + 46871 * levels.g + 4732 * levels.b + 32768) >> 16u;
    let way = (vec3<i32>(luma) - levels) * black_and_white.amount_q16;
    store(texel, levels + ((way + 32768) >> vec3<u32>(16u)));
}
