// Second half of the JPEG round trip at 4:2:2 and 4:2:0: libjpeg's "fancy" upsampling (jdsample.c),
// then colour. From luma (r) and the nearest chroma sample (g, b), 0..=255, to gamma-coded R'G'B'.
// A thread makes four pixels of a row, or of two rows.

// Chroma -128..=127 of a sample; beyond the edge lies the edge.
fn chroma_at(sample: vec2<i32>, scale: vec2<i32>) -> vec2<i32> {
    let last = (result_size() - 1) / scale;
    return load(clamp(sample, vec2<i32>(0), last) * scale).gb - 128;
}

fn luma_four(first: vec2<i32>) -> vec4<i32> {
    return vec4<i32>(
        load(clamped(first)).r,
        load(clamped(first + vec2<i32>(1, 0))).r,
        load(clamped(first + vec2<i32>(2, 0))).r,
        load(clamped(first + vec2<i32>(3, 0))).r,
    ) - 128;
}

// Planes of one or two samples across are not worth it to libjpeg: they repeat.
fn is_fancy() -> bool {
    return result_size().x > 4;
}

// Four neighbouring samples, or sums of two rows: one chroma in a vector of four. The middle two
// are those of the pixels.
struct Neighbours {
    cb: vec4<i32>,
    cr: vec4<i32>,
}

// 3/4 of the nearest and 1/4 of the next, halves up and down in turn.
fn across(v: vec4<i32>) -> vec4<i32> {
    return 3 * v.yyzz + v.xzyw;
}

@compute @workgroup_size(8, 8)
fn half_width(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(4, 1);
    if !is_inside(first) {
        return;
    }
    let scale = vec2<i32>(2, 1);
    var n: Neighbours;
    for (var k = 0; k < 4; k++) {
        let c = chroma_at(vec2<i32>(first.x / 2 - 1 + k, first.y), scale);
        n.cb[k] = c.x;
        n.cr[k] = c.y;
    }
    let luma = luma_four(first);
    if is_fancy() {
        let turns = vec4<i32>(1, 2, 1, 2);
        store_colours(first, luma, (across(n.cb) + turns) >> vec4<u32>(2u), (across(n.cr) + turns) >> vec4<u32>(2u));
    } else {
        store_colours(first, luma, n.cb.yyzz, n.cr.yyzz);
    }
}

fn store_row(first: vec2<i32>, near: Neighbours, far: Neighbours) {
    let luma = luma_four(first);
    if is_fancy() {
        let turns = vec4<i32>(8, 7, 8, 7);
        let cb = across(3 * near.cb + far.cb) + turns;
        let cr = across(3 * near.cr + far.cr) + turns;
        store_colours(first, luma, cb >> vec4<u32>(4u), cr >> vec4<u32>(4u));
    } else {
        store_colours(first, luma, near.cb.yyzz, near.cr.yyzz);
    }
}

@compute @workgroup_size(8, 8)
fn half_size(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(4, 2);
    if !is_inside(first) {
        return;
    }
    let scale = vec2<i32>(2, 2);
    var above: Neighbours;
    var here: Neighbours;
    var below: Neighbours;
    for (var k = 0; k < 4; k++) {
        let sample = first / 2 + vec2<i32>(k - 1, 0);
        let a = chroma_at(sample - vec2<i32>(0, 1), scale);
        let h = chroma_at(sample, scale);
        let b = chroma_at(sample + vec2<i32>(0, 1), scale);
        above.cb[k] = a.x;
        above.cr[k] = a.y;
        here.cb[k] = h.x;
        here.cr[k] = h.y;
        below.cb[k] = b.x;
        below.cr[k] = b.y;
    }
    store_row(first, here, above);
    store_row(first + vec2<i32>(0, 1), here, below);
}
