// Gaussian blur, one axis a pass. Gamma-coded R'G'B', 8-bit levels 0..=255.

fn blur(first: vec2<i32>, axis: vec2<i32>) {
    if !is_inside(first) {
        return;
    }
    let run = convolved(first, axis);
    for (var place = 0; place < 8; place++) {
        let texel = first + axis * place;
        if is_inside(texel) {
            store(texel, levels_of(run, place));
        }
    }
}

@compute @workgroup_size(8, 8)
fn horizontal(@builtin(global_invocation_id) id: vec3<u32>) {
    blur(vec2<i32>(id.xy) * vec2<i32>(8, 1), vec2<i32>(1, 0));
}

@compute @workgroup_size(8, 8)
fn vertical(@builtin(global_invocation_id) id: vec3<u32>) {
    blur(vec2<i32>(id.xy) * vec2<i32>(1, 8), vec2<i32>(0, 1));
}
