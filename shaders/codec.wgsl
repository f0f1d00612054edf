// Adds what a codec made of an earlier picture, -255..=255, in ten bits for each of red, green and
// blue, red lowest. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct Codec {
    // How much of the difference is added: 65536 = all.
    added_q16: i32,
    // What of it is added again in every generation; for the chain.
    held_q16: i32,
    // 0 = what the codec changed, 1 = its way from the decoded picture, which stands behind.
    is_held: i32,
    unused: i32,
}

@group(0) @binding(0) var<uniform> codec: Codec;
@group(2) @binding(0) var<storage, read_write> differences: array<u32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    let size = result_size();
    let place = (codec.is_held * size.y + texel.y) * size.x + texel.x;
    let word = bitcast<i32>(differences[place]);
    // Up to the top, then down with the sign.
    let difference = (vec3<i32>(word) << vec3<u32>(22u, 12u, 2u)) >> vec3<u32>(22u);
    let way = (difference * codec.added_q16 + 32768) >> vec3<u32>(16u);
    store(texel, load(texel) + way);
}
