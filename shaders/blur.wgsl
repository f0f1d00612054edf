// Gaussian blur, one axis a pass. Gamma-coded R'G'B', 8-bit levels 0..=255.

@compute @workgroup_size(8, 8)
fn horizontal(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if is_inside(texel) {
        store(texel, convolved(texel, vec2<i32>(1, 0)));
    }
}

@compute @workgroup_size(8, 8)
fn vertical(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if is_inside(texel) {
        store(texel, convolved(texel, vec2<i32>(0, 1)));
    }
}
