// Unsharp mask, vertical half and difference. Gamma-coded R'G'B', 8-bit levels 0..=255.
// source = the picture blurred along rows, second = the picture itself.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(1, 8);
    if !is_inside(first) {
        return;
    }
    let soft = convolved(first, vec2<i32>(0, 1));
    for (var place = 0; place < 8; place++) {
        let texel = first + vec2<i32>(0, place);
        if is_inside(texel) {
            let sharp = load_second(texel);
            let difference = sharp - levels_of(soft, place);
            store(texel, sharp + ((difference * convolution.amount_q16 + 32768) >> vec3<u32>(16u)));
        }
    }
}
