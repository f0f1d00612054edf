// One JPEG round trip without the file. Gamma-coded R'G'B', 8-bit levels 0..=255.
// Exactly the integers of libjpeg's "islow" transform (jfdctint.c, jidctint.c), its colour
// conversion (ycbcr.wgsl), downsampling (jcsample.c, jcprepct.c) and quantiser (jcdctmgr.c).
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

struct Pixels {
    r: Eight,
    g: Eight,
    b: Eight,
}

fn load_eight(first: vec2<i32>) -> Pixels {
    var pixels: Pixels;
    for (var k = 0; k < 4; k++) {
        let c = load(clamped(first + vec2<i32>(k, 0)));
        pixels.r.a[k] = c.r;
        pixels.g.a[k] = c.g;
        pixels.b.a[k] = c.b;
        let d = load(clamped(first + vec2<i32>(k + 4, 0)));
        pixels.r.b[k] = d.r;
        pixels.g.b[k] = d.g;
        pixels.b.b[k] = d.b;
    }
    return pixels;
}

fn luma_of(p: Pixels) -> Eight {
    return Eight(y_of(p.r.a, p.g.a, p.b.a), y_of(p.r.b, p.g.b, p.b.b));
}

fn blue_of(p: Pixels) -> Eight {
    return Eight(cb_of(p.r.a, p.g.a, p.b.a), cb_of(p.r.b, p.g.b, p.b.b));
}

fn red_of(p: Pixels) -> Eight {
    return Eight(cr_of(p.r.a, p.g.a, p.b.a), cr_of(p.r.b, p.g.b, p.b.b));
}

// A thread's place in its tile, and in the picture.
struct Place {
    row: u32,
    left: u32,
    first: vec2<i32>,
    row_start: u32,
    // First of the column of coefficients that it owns, and that column's place in the block.
    column_start: u32,
    u: u32,
}

fn place_of(group: vec3<u32>, thread: u32) -> Place {
    let row = thread >> 2u;
    let left = (thread & 3u) * 8u;
    let first = vec2<i32>(group.xy * vec2<u32>(32u, 16u) + vec2<u32>(left, row));
    let column_start = (thread >> 5u) * 8u * ROW_STRIDE + (thread & 31u);
    return Place(row, left, first, row * ROW_STRIDE + left, column_start, thread & 7u);
}

// 4:4:4.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    let pixels = load_eight(p.first);
    keep(p.row_start, 1u, forward(luma_of(pixels), true));
    keep(COMPONENT_STRIDE + p.row_start, 1u, forward(blue_of(pixels), true));
    keep(2u * COMPONENT_STRIDE + p.row_start, 1u, forward(red_of(pixels), true));
    workgroupBarrier();
    column(0u, p.column_start, p.u);
    column(1u, p.column_start, p.u);
    column(2u, p.column_start, p.u);
    workgroupBarrier();
    let luma = inverse(fetch(p.row_start, 1u), 18u);
    let cb = inverse(fetch(COMPONENT_STRIDE + p.row_start, 1u), 18u);
    let cr = inverse(fetch(2u * COMPONENT_STRIDE + p.row_start, 1u), 18u);
    store_colours(p.first, limited(luma.a), limited(cb.a), limited(cr.a));
    store_colours(p.first + vec2<i32>(4, 0), limited(luma.b), limited(cb.b), limited(cr.b));
}

// Luma alone: grey.
@compute @workgroup_size(64)
fn grey(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    keep(p.row_start, 1u, forward(luma_of(load_eight(p.first)), true));
    workgroupBarrier();
    column(0u, p.column_start, p.u);
    workgroupBarrier();
    let luma = inverse(fetch(p.row_start, 1u), 18u);
    store_colours(p.first, limited(luma.a), vec4<i32>(0), vec4<i32>(0));
    store_colours(p.first + vec2<i32>(4, 0), limited(luma.b), vec4<i32>(0), vec4<i32>(0));
}

// Where chroma is sampled less, Cb fills the left half of one component's place and Cr the right
// half; the other component's place holds what is averaged. Here: sums of two pixels of a row.
const CHROMA: u32 = COMPONENT_STRIDE;
const SUMS: u32 = 1056u;

fn keep_sums(start: u32, v: Eight) {
    tile[start] = v.a.x + v.a.y;
    tile[start + 1u] = v.a.z + v.a.w;
    tile[start + 2u] = v.b.x + v.b.y;
    tile[start + 3u] = v.b.z + v.b.w;
}

fn keep_all_sums(p: Place, pixels: Pixels) {
    let start = SUMS + p.row * ROW_STRIDE + p.left / 2u;
    keep_sums(start, blue_of(pixels));
    keep_sums(start + 16u, red_of(pixels));
}

// jcsample.c: halves are rounded up and down in turn.
const TURNS: vec4<i32> = vec4<i32>(0, 1, 0, 1);

// Stores luma in the first channel and the nearest chroma sample in the others, all 0..=255.
fn store_samples(first: vec2<i32>, luma: vec4<i32>, cb: vec4<i32>, cr: vec4<i32>) {
    for (var k = 0; k < 4; k++) {
        let texel = first + vec2<i32>(k, 0);
        if is_inside(texel) {
            store(texel, vec3<i32>(luma[k], cb[k], cr[k]) + 128);
        }
    }
}

fn store_eight_samples(p: Place, luma: Eight, chroma_row: u32) {
    let start = CHROMA + chroma_row * ROW_STRIDE + p.left / 2u;
    let cb = vec4<i32>(tile[start], tile[start + 1u], tile[start + 2u], tile[start + 3u]);
    let cr = vec4<i32>(tile[start + 16u], tile[start + 17u], tile[start + 18u], tile[start + 19u]);
    store_samples(p.first, limited(luma.a), cb.xxyy, cr.xxyy);
    store_samples(p.first + vec2<i32>(4, 0), limited(luma.b), cb.zzww, cr.zzww);
}

fn inverse_chroma_row(p: Place) {
    let v = inverse(fetch(CHROMA + p.row_start, 1u), 18u);
    keep(CHROMA + p.row_start, 1u, Eight(limited(v.a), limited(v.b)));
}

// 4:2:2, up to the samples: `dct_upsample.wgsl` makes colours of them.
@compute @workgroup_size(64)
fn half_width(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    let pixels = load_eight(p.first);
    keep_all_sums(p, pixels);
    keep(p.row_start, 1u, forward(luma_of(pixels), true));
    workgroupBarrier();
    let sums = fetch(SUMS + p.row_start, 1u);
    let averages = Eight((sums.a + TURNS) >> vec4<u32>(1u), (sums.b + TURNS) >> vec4<u32>(1u));
    keep(CHROMA + p.row_start, 1u, forward(averages, true));
    workgroupBarrier();
    column(0u, p.column_start, p.u);
    column(1u, p.column_start, p.u);
    workgroupBarrier();
    inverse_chroma_row(p);
    workgroupBarrier();
    store_eight_samples(p, inverse(fetch(p.row_start, 1u), 18u), p.row);
}

// 4:2:0, up to the samples: `dct_upsample.wgsl` makes colours of them.
@compute @workgroup_size(64)
fn half_size(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    let pixels = load_eight(p.first);
    keep_all_sums(p, pixels);
    keep(p.row_start, 1u, forward(luma_of(pixels), true));
    workgroupBarrier();
    // A tile has eight rows of chroma: half of the threads do.
    if thread < 32u {
        // Below the picture the last average repeats, not the average of the last row.
        let last = (result_size().y - 1) / 2 - i32(group.y) * 8;
        let upper = SUMS + 2u * u32(min(i32(p.row), last)) * ROW_STRIDE + p.left;
        let one = fetch(upper, 1u);
        let other = fetch(upper + ROW_STRIDE, 1u);
        keep(CHROMA + p.row_start, 1u, forward(
            Eight(
                (one.a + other.a + 1 + TURNS) >> vec4<u32>(2u),
                (one.b + other.b + 1 + TURNS) >> vec4<u32>(2u),
            ),
            true,
        ));
    }
    workgroupBarrier();
    column(0u, p.column_start, p.u);
    if thread < 32u {
        column(1u, p.column_start, p.u);
    }
    workgroupBarrier();
    if thread < 32u {
        inverse_chroma_row(p);
    }
    workgroupBarrier();
    store_eight_samples(p, inverse(fetch(p.row_start, 1u), 18u), p.row / 2u);
}
