// Unsharp mask, vertical half and difference. Gamma-coded R'G'B', 8-bit levels 0..=255.
// source = the picture blurred along rows, second = the picture itself.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    let sharp = load_second(texel);
    let difference = sharp - convolved(texel, vec2<i32>(0, 1));
    store(texel, sharp + ((difference * convolution.amount_q16 + 32768) >> vec3<u32>(16u)));
}
