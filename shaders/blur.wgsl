// Gaussian blur, one axis a pass, or one box of three a pass. Gamma-coded R'G'B', levels 0..=255.

fn put(texel: vec2<i32>, levels: vec3<u32>) {
    if is_inside(texel) {
        store(texel, vec3<i32>(levels));
    }
}

fn blur(first: vec2<i32>, axis: vec2<i32>) {
    let run = convolved(first, axis);
    put(first, run[0]);
    put(first + axis, run[1]);
    put(first + axis * 2, run[2]);
    put(first + axis * 3, run[3]);
    put(first + axis * 4, run[4]);
    put(first + axis * 5, run[5]);
    put(first + axis * 6, run[6]);
    put(first + axis * 7, run[7]);
}

@compute @workgroup_size(8, 8)
fn horizontal(@builtin(global_invocation_id) id: vec3<u32>) {
    blur(vec2<i32>(id.xy) * vec2<i32>(8, 1), vec2<i32>(1, 0));
}

@compute @workgroup_size(8, 8)
fn vertical(@builtin(global_invocation_id) id: vec3<u32>) {
    blur(vec2<i32>(id.xy) * vec2<i32>(1, 8), vec2<i32>(0, 1));
}

fn blur_once(first: vec2<i32>, axis: vec2<i32>) {
    var sums = sliding(first, axis);
    for (var place = 0; place < 8; place++) {
        put(first + axis * place, slide(&sums, first, axis, place));
    }
}

@compute @workgroup_size(8, 8)
fn horizontal_box(@builtin(global_invocation_id) id: vec3<u32>) {
    blur_once(vec2<i32>(id.xy) * vec2<i32>(8, 1), vec2<i32>(1, 0));
}

@compute @workgroup_size(8, 8)
fn vertical_box(@builtin(global_invocation_id) id: vec3<u32>) {
    blur_once(vec2<i32>(id.xy) * vec2<i32>(1, 8), vec2<i32>(0, 1));
}
