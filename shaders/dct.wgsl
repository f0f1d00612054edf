// One JPEG round trip at 4:4:4 without the file. Gamma-coded R'G'B', 8-bit levels 0..=255.
// Exactly the integers of libjpeg's "islow" transform (jfdctint.c, jidctint.c), its colour
// conversion (jccolor.c, jdcolor.c; JFIF full range) and its quantiser (jcdctmgr.c).
//
// A workgroup makes a tile of 32x16 pixels = 8 blocks; a thread owns 8 pixels of a row, then 3
// columns of coefficients (one of each component), then its row again.
struct Dct {
    // Quantiser steps 1..=255, raster order: luma 64, then chroma 64.
    tables_raster: array<vec4<i32>, 32>,
}

@group(0) @binding(0) var<uniform> dct: Dct;

struct Eight {
    a: vec4<i32>,
    b: vec4<i32>,
}

// Rows of 33 words: 32 would send a column's threads to the same bank.
const ROW_STRIDE: u32 = 33u;
const COMPONENT_STRIDE: u32 = 528u;
var<workgroup> tile: array<i32, 1584>;

fn keep(at: u32, stride: u32, v: Eight) {
    tile[at] = v.a.x;
    tile[at + stride] = v.a.y;
    tile[at + 2u * stride] = v.a.z;
    tile[at + 3u * stride] = v.a.w;
    tile[at + 4u * stride] = v.b.x;
    tile[at + 5u * stride] = v.b.y;
    tile[at + 6u * stride] = v.b.z;
    tile[at + 7u * stride] = v.b.w;
}

fn fetch(at: u32, stride: u32) -> Eight {
    return Eight(
        vec4<i32>(tile[at], tile[at + stride], tile[at + 2u * stride], tile[at + 3u * stride]),
        vec4<i32>(tile[at + 4u * stride], tile[at + 5u * stride], tile[at + 6u * stride], tile[at + 7u * stride]),
    );
}

fn descale(x: i32, bits: u32) -> i32 {
    return (x + (1 << (bits - 1u))) >> bits;
}

fn descale4(x: vec4<i32>, bits: u32) -> vec4<i32> {
    return (x + vec4<i32>(1 << (bits - 1u))) >> vec4<u32>(bits);
}

fn forward(v: Eight, is_row: bool) -> Eight {
    let s = v.a + v.b.wzyx;
    let d = v.a - v.b.wzyx;
    let p = s.x + s.w;
    let m = s.x - s.w;
    let q = s.y + s.z;
    let r = s.y - s.z;
    let bits = select(15u, 11u, is_row);
    var even_0: i32;
    var even_4: i32;
    if is_row {
        even_0 = (p + q) << 2u;
        even_4 = (p - q) << 2u;
    } else {
        even_0 = descale(p + q, 2u);
        even_4 = descale(p - q, 2u);
    }
    let z = (r + m) * 4433;
    let z5 = (d.w + d.y + d.z + d.x) * 9633;
    let z1 = -(d.w + d.x) * 7373;
    let z2 = -(d.z + d.y) * 20995;
    let z3 = -(d.w + d.y) * 16069 + z5;
    let z4 = -(d.z + d.x) * 3196 + z5;
    let odd = descale4(
        vec4<i32>(d.x * 12299 + z1 + z4, d.y * 25172 + z2 + z3, d.z * 16819 + z2 + z4, d.w * 2446 + z1 + z3),
        bits,
    );
    return Eight(
        vec4<i32>(even_0, odd.x, descale(z + m * 6270, bits), odd.y),
        vec4<i32>(even_4, odd.z, descale(z - r * 15137, bits), odd.w),
    );
}

fn inverse(v: Eight, bits: u32) -> Eight {
    let z = (v.a.z + v.b.z) * 4433;
    let t2 = z - v.b.z * 15137;
    let t3 = z + v.a.z * 6270;
    let t0 = (v.a.x + v.b.x) << 13u;
    let t1 = (v.a.x - v.b.x) << 13u;
    let even = vec4<i32>(t0 + t3, t1 + t2, t1 - t2, t0 - t3);
    let a = v.b.w;
    let b = v.b.y;
    let c = v.a.w;
    let d = v.a.y;
    let z5 = (a + c + b + d) * 9633;
    let z1 = -(a + d) * 7373;
    let z2 = -(b + c) * 20995;
    let z3 = -(a + c) * 16069 + z5;
    let z4 = -(b + d) * 3196 + z5;
    let odd = vec4<i32>(d * 12299 + z1 + z4, c * 25172 + z2 + z3, b * 16819 + z2 + z4, a * 2446 + z1 + z3);
    return Eight(descale4(even + odd, bits), descale4((even - odd).wzyx, bits));
}

// Coefficients are 8 times their size here. Division in f32 is exact enough: quotients stay below
// 2^13, and the added half keeps them 1/4080 or more away from the next whole number.
fn quantised(coefficient: i32, component: u32, place: u32) -> i32 {
    let entry = place + select(0u, 64u, component > 0u);
    let step = f32(dct.tables_raster[entry >> 2u][entry & 3u]);
    let count = floor((f32(abs(coefficient)) + 4.0 * step + 0.5) / (8.0 * step));
    return sign(coefficient) * i32(count * step);
}

fn column(component: u32, at: u32, u: u32) {
    let start = component * COMPONENT_STRIDE + at;
    let v = forward(fetch(start, ROW_STRIDE), false);
    let c = component;
    keep(start, ROW_STRIDE, inverse(
        Eight(
            vec4<i32>(quantised(v.a.x, c, u), quantised(v.a.y, c, 8u + u), quantised(v.a.z, c, 16u + u), quantised(v.a.w, c, 24u + u)),
            vec4<i32>(quantised(v.b.x, c, 32u + u), quantised(v.b.y, c, 40u + u), quantised(v.b.z, c, 48u + u), quantised(v.b.w, c, 56u + u)),
        ),
        11u,
    ));
}

fn y_of(r: vec4<i32>, g: vec4<i32>, b: vec4<i32>) -> vec4<i32> {
    return ((19595 * r + 38470 * g + 7471 * b + 32768) >> vec4<u32>(16u)) - 128;
}

fn cb_of(r: vec4<i32>, g: vec4<i32>, b: vec4<i32>) -> vec4<i32> {
    return (-11059 * r - 21709 * g + 32768 * b + 32767) >> vec4<u32>(16u);
}

fn cr_of(r: vec4<i32>, g: vec4<i32>, b: vec4<i32>) -> vec4<i32> {
    return (32768 * r - 27439 * g - 5329 * b + 32767) >> vec4<u32>(16u);
}

fn limited(v: vec4<i32>) -> vec4<i32> {
    return clamp(v, vec4<i32>(-128), vec4<i32>(127));
}

fn store_four(first: vec2<i32>, luma: vec4<i32>, cb: vec4<i32>, cr: vec4<i32>) {
    let y = limited(luma) + 128;
    let u = limited(cb);
    let v = limited(cr);
    let r = y + ((91881 * v + 32768) >> vec4<u32>(16u));
    let g = y + ((-22554 * u - 46802 * v + 32768) >> vec4<u32>(16u));
    let b = y + ((116130 * u + 32768) >> vec4<u32>(16u));
    for (var k = 0; k < 4; k++) {
        let texel = first + vec2<i32>(k, 0);
        if is_inside(texel) {
            store(texel, vec3<i32>(r[k], g[k], b[k]));
        }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = thread >> 2u;
    let left = (thread & 3u) * 8u;
    let first = vec2<i32>(group.xy * vec2<u32>(32u, 16u) + vec2<u32>(left, row));
    let row_start = row * ROW_STRIDE + left;
    let column_start = (thread >> 5u) * 8u * ROW_STRIDE + (thread & 31u);
    let u = thread & 7u;
    var r: Eight;
    var g: Eight;
    var b: Eight;
    for (var k = 0; k < 4; k++) {
        let c = load(clamped(first + vec2<i32>(k, 0)));
        r.a[k] = c.r;
        g.a[k] = c.g;
        b.a[k] = c.b;
        let d = load(clamped(first + vec2<i32>(k + 4, 0)));
        r.b[k] = d.r;
        g.b[k] = d.g;
        b.b[k] = d.b;
    }
    keep(row_start, 1u, forward(Eight(y_of(r.a, g.a, b.a), y_of(r.b, g.b, b.b)), true));
    keep(COMPONENT_STRIDE + row_start, 1u, forward(Eight(cb_of(r.a, g.a, b.a), cb_of(r.b, g.b, b.b)), true));
    keep(2u * COMPONENT_STRIDE + row_start, 1u, forward(Eight(cr_of(r.a, g.a, b.a), cr_of(r.b, g.b, b.b)), true));
    workgroupBarrier();
    column(0u, column_start, u);
    column(1u, column_start, u);
    column(2u, column_start, u);
    workgroupBarrier();
    let luma = inverse(fetch(row_start, 1u), 18u);
    let cb = inverse(fetch(COMPONENT_STRIDE + row_start, 1u), 18u);
    let cr = inverse(fetch(2u * COMPONENT_STRIDE + row_start, 1u), 18u);
    store_four(first, luma.a, cb.a, cr.a);
    store_four(first + vec2<i32>(4, 0), luma.b, cb.b, cr.b);
}
