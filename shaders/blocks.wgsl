// Blocks of 4, 16 and 32 pixels: the DCT of JPEG at other sizes, as a look. Gamma-coded R'G'B',
// 8-bit levels 0..=255. Whole numbers only; 4:4:4.
//
// A workgroup makes a tile of 32x32 pixels. A thread owns one row, then one column, then the row
// again, of one component, whatever the size of the blocks; before and after, it makes pixels.
struct Dct {
    // Quantiser steps 1..=255, raster order: luma 64, then chroma 64.
    tables_raster: array<vec4<i32>, 32>,
}

@group(0) @binding(0) var<uniform> dct: Dct;

struct Eight {
    a: vec4<i32>,
    b: vec4<i32>,
}

struct Sixteen {
    a: Eight,
    b: Eight,
}

struct ThirtyTwo {
    a: Sixteen,
    b: Sixteen,
}

const SIDE: u32 = 32u;
// Rows of 33 words: 32 would send a column's threads to the same bank.
const ROW_STRIDE: u32 = 33u;
const COMPONENT_STRIDE: u32 = 1056u;
const THREADS: u32 = 96u;
var<workgroup> tile: array<i32, 3168>;

fn fetch(at: u32, stride: u32) -> vec4<i32> {
    return vec4<i32>(tile[at], tile[at + stride], tile[at + 2u * stride], tile[at + 3u * stride]);
}

fn keep(at: u32, stride: u32, v: vec4<i32>) {
    tile[at] = v.x;
    tile[at + stride] = v.y;
    tile[at + 2u * stride] = v.z;
    tile[at + 3u * stride] = v.w;
}

fn fetch_eight(at: u32, stride: u32) -> Eight {
    return Eight(fetch(at, stride), fetch(at + 4u * stride, stride));
}

fn fetch_sixteen(at: u32, stride: u32) -> Sixteen {
    return Sixteen(fetch_eight(at, stride), fetch_eight(at + 8u * stride, stride));
}

fn fetch_all(at: u32, stride: u32) -> ThirtyTwo {
    return ThirtyTwo(fetch_sixteen(at, stride), fetch_sixteen(at + 16u * stride, stride));
}

fn keep_eight(at: u32, stride: u32, v: Eight, bits: u32) {
    keep(at, stride, descale(v.a, bits));
    keep(at + 4u * stride, stride, descale(v.b, bits));
}

fn keep_sixteen(at: u32, stride: u32, v: Sixteen, bits: u32) {
    keep_eight(at, stride, v.a, bits);
    keep_eight(at + 8u * stride, stride, v.b, bits);
}

fn keep_all(at: u32, stride: u32, v: ThirtyTwo, bits: u32) {
    keep_sixteen(at, stride, v.a, bits);
    keep_sixteen(at + 16u * stride, stride, v.b, bits);
}

fn descale(x: vec4<i32>, bits: u32) -> vec4<i32> {
    return (x + (1 << (bits - 1u))) >> vec4<u32>(bits);
}

// The transform takes itself apart: even coefficients are the transform of half the size of what
// the halves have in common; odd ones are these sums of what sets them apart. In units of 1/2048,
// sqrt(2) * cos((2n + 1) * (2k + 1) * pi / 2N); the matrices are symmetric, so that they are their
// own way back.
fn odd_2(d: vec2<i32>) -> vec2<i32> {
    return d.x * vec2<i32>(2676, 1108) + d.y * vec2<i32>(1108, -2676);
}

fn odd_4(d: vec4<i32>) -> vec4<i32> {
    return (
            d.x * vec4<i32>(2841, 2408, 1609, 565)
            + d.y * vec4<i32>(2408, -565, -2841, -1609)
            + d.z * vec4<i32>(1609, -2841, 565, 2408)
            + d.w * vec4<i32>(565, -1609, 2408, -2841)
    );
}

fn odd_8(d: Eight) -> Eight {
    return Eight(
        (
            d.a.x * vec4<i32>(2882, 2772, 2554, 2239)
            + d.a.y * vec4<i32>(2772, 1837, 284, -1365)
            + d.a.z * vec4<i32>(2554, 284, -2239, -2772)
            + d.a.w * vec4<i32>(2239, -1365, -2772, 284)
            + d.b.x * vec4<i32>(1837, -2554, -841, 2882)
            + d.b.y * vec4<i32>(1365, -2882, 1837, 841)
            + d.b.z * vec4<i32>(841, -2239, 2882, -2554)
            + d.b.w * vec4<i32>(284, -841, 1365, -1837)
        ),
        (
            d.a.x * vec4<i32>(1837, 1365, 841, 284)
            + d.a.y * vec4<i32>(-2554, -2882, -2239, -841)
            + d.a.z * vec4<i32>(-841, 1837, 2882, 1365)
            + d.a.w * vec4<i32>(2882, 841, -2554, -1837)
            + d.b.x * vec4<i32>(-284, -2772, 1365, 2239)
            + d.b.y * vec4<i32>(-2772, 2239, 284, -2554)
            + d.b.z * vec4<i32>(1365, 284, -1837, 2772)
            + d.b.w * vec4<i32>(2239, -2554, 2772, -2882)
        ),
    );
}

fn odd_16(d: Sixteen) -> Sixteen {
    let p = d.a.a;
    let q = d.a.b;
    let r = d.b.a;
    let s = d.b.b;
    return Sixteen(
        Eight(
            (
            p.x * vec4<i32>(2893, 2865, 2810, 2727)
            + p.y * vec4<i32>(2865, 2618, 2146, 1489)
            + p.z * vec4<i32>(2810, 2146, 976, -425)
            + p.w * vec4<i32>(2727, 1489, -425, -2146)
            + q.x * vec4<i32>(2618, 704, -1725, -2893)
            + q.y * vec4<i32>(2484, -142, -2618, -2326)
            + q.z * vec4<i32>(2326, -976, -2893, -704)
            + q.w * vec4<i32>(2146, -1725, -2484, 1238)
            + r.x * vec4<i32>(1945, -2326, -1489, 2618)
            + r.y * vec4<i32>(1725, -2727, -142, 2810)
            + r.z * vec4<i32>(1489, -2893, 1238, 1725)
            + r.w * vec4<i32>(1238, -2810, 2326, -142)
            + s.x * vec4<i32>(976, -2484, 2865, -1945)
            + s.y * vec4<i32>(704, -1945, 2727, -2865)
            + s.z * vec4<i32>(425, -1238, 1945, -2484)
            + s.w * vec4<i32>(142, -425, 704, -976)
            ),
            (
            p.x * vec4<i32>(2618, 2484, 2326, 2146)
            + p.y * vec4<i32>(704, -142, -976, -1725)
            + p.z * vec4<i32>(-1725, -2618, -2893, -2484)
            + p.w * vec4<i32>(-2893, -2326, -704, 1238)
            + q.x * vec4<i32>(-1945, 425, 2484, 2727)
            + q.y * vec4<i32>(425, 2727, 2146, -704)
            + q.z * vec4<i32>(2484, 2146, -1238, -2865)
            + q.w * vec4<i32>(2727, -704, -2865, 142)
            + r.x * vec4<i32>(976, -2810, -425, 2893)
            + r.y * vec4<i32>(-1489, -1945, 2618, 425)
            + r.z * vec4<i32>(-2865, 976, 1945, -2810)
            + r.w * vec4<i32>(-2146, 2865, -1489, -976)
            + s.x * vec4<i32>(142, 1725, -2810, 2618)
            + s.y * vec4<i32>(2326, -1238, -142, 1489)
            + s.z * vec4<i32>(2810, -2893, 2727, -2326)
            + s.w * vec4<i32>(1238, -1489, 1725, -1945)
            ),
        ),
        Eight(
            (
            p.x * vec4<i32>(1945, 1725, 1489, 1238)
            + p.y * vec4<i32>(-2326, -2727, -2893, -2810)
            + p.z * vec4<i32>(-1489, -142, 1238, 2326)
            + p.w * vec4<i32>(2618, 2810, 1725, -142)
            + q.x * vec4<i32>(976, -1489, -2865, -2146)
            + q.y * vec4<i32>(-2810, -1945, 976, 2865)
            + q.z * vec4<i32>(-425, 2618, 1945, -1489)
            + q.w * vec4<i32>(2893, 425, -2810, -976)
            + r.x * vec4<i32>(-142, -2865, 704, 2727)
            + r.y * vec4<i32>(-2865, 1238, 2146, -2484)
            + r.z * vec4<i32>(704, 2146, -2727, 425)
            + r.w * vec4<i32>(2727, -2484, 425, 1945)
            + s.x * vec4<i32>(-1238, -704, 2326, -2893)
            + s.y * vec4<i32>(-2484, 2893, -2618, 1725)
            + s.z * vec4<i32>(1725, -976, 142, 704)
            + s.w * vec4<i32>(2146, -2326, 2484, -2618)
            ),
            (
            p.x * vec4<i32>(976, 704, 425, 142)
            + p.y * vec4<i32>(-2484, -1945, -1238, -425)
            + p.z * vec4<i32>(2865, 2727, 1945, 704)
            + p.w * vec4<i32>(-1945, -2865, -2484, -976)
            + q.x * vec4<i32>(142, 2326, 2810, 1238)
            + q.y * vec4<i32>(1725, -1238, -2893, -1489)
            + q.z * vec4<i32>(-2810, -142, 2727, 1725)
            + q.w * vec4<i32>(2618, 1489, -2326, -1945)
            + r.x * vec4<i32>(-1238, -2484, 1725, 2146)
            + r.y * vec4<i32>(-704, 2893, -976, -2326)
            + r.z * vec4<i32>(2326, -2618, 142, 2484)
            + r.w * vec4<i32>(-2893, 1725, 704, -2618)
            + s.x * vec4<i32>(2146, -425, -1489, 2727)
            + s.y * vec4<i32>(-425, -976, 2146, -2810)
            + s.z * vec4<i32>(-1489, 2146, -2618, 2865)
            + s.w * vec4<i32>(2727, -2810, 2865, -2893)
            ),
        ),
    );
}

fn woven(even: vec4<i32>, odd: vec4<i32>) -> Eight {
    return Eight(vec4<i32>(even.x, odd.x, even.y, odd.y), vec4<i32>(even.z, odd.z, even.w, odd.w));
}

fn evens(v: Eight) -> vec4<i32> {
    return vec4<i32>(v.a.xz, v.b.xz);
}

fn odds(v: Eight) -> vec4<i32> {
    return vec4<i32>(v.a.yw, v.b.yw);
}

fn forward_4(v: vec4<i32>) -> vec4<i32> {
    let even = v.xy + v.wz;
    let odd = odd_2(v.xy - v.wz);
    return vec4<i32>((even.x + even.y) * 2048, odd.x, (even.x - even.y) * 2048, odd.y);
}

fn forward_8(v: Eight) -> Eight {
    return woven(forward_4(v.a + v.b.wzyx), odd_4(v.a - v.b.wzyx));
}

fn forward_16(v: Sixteen) -> Sixteen {
    let even = forward_8(Eight(v.a.a + v.b.b.wzyx, v.a.b + v.b.a.wzyx));
    let odd = odd_8(Eight(v.a.a - v.b.b.wzyx, v.a.b - v.b.a.wzyx));
    return Sixteen(woven(even.a, odd.a), woven(even.b, odd.b));
}

fn forward_32(v: ThirtyTwo) -> ThirtyTwo {
    let even = forward_16(Sixteen(
        Eight(v.a.a.a + v.b.b.b.wzyx, v.a.a.b + v.b.b.a.wzyx),
        Eight(v.a.b.a + v.b.a.b.wzyx, v.a.b.b + v.b.a.a.wzyx),
    ));
    let odd = odd_16(Sixteen(
        Eight(v.a.a.a - v.b.b.b.wzyx, v.a.a.b - v.b.b.a.wzyx),
        Eight(v.a.b.a - v.b.a.b.wzyx, v.a.b.b - v.b.a.a.wzyx),
    ));
    return ThirtyTwo(
        Sixteen(woven(even.a.a, odd.a.a), woven(even.a.b, odd.a.b)),
        Sixteen(woven(even.b.a, odd.b.a), woven(even.b.b, odd.b.b)),
    );
}

fn inverse_4(v: vec4<i32>) -> vec4<i32> {
    let even = vec2<i32>(v.x + v.z, v.x - v.z) * 2048;
    let odd = odd_2(v.yw);
    return vec4<i32>(even + odd, (even - odd).yx);
}

fn inverse_8(v: Eight) -> Eight {
    let even = inverse_4(evens(v));
    let odd = odd_4(odds(v));
    return Eight(even + odd, (even - odd).wzyx);
}

fn inverse_16(v: Sixteen) -> Sixteen {
    let even = inverse_8(Eight(evens(v.a), evens(v.b)));
    let odd = odd_8(Eight(odds(v.a), odds(v.b)));
    return Sixteen(
        Eight(even.a + odd.a, even.b + odd.b),
        Eight((even.b - odd.b).wzyx, (even.a - odd.a).wzyx),
    );
}

fn inverse_32(v: ThirtyTwo) -> ThirtyTwo {
    let even = inverse_16(Sixteen(
        Eight(evens(v.a.a), evens(v.a.b)),
        Eight(evens(v.b.a), evens(v.b.b)),
    ));
    let odd = odd_16(Sixteen(
        Eight(odds(v.a.a), odds(v.a.b)),
        Eight(odds(v.b.a), odds(v.b.b)),
    ));
    return ThirtyTwo(
        Sixteen(
            Eight(even.a.a + odd.a.a, even.a.b + odd.a.b),
            Eight(even.b.a + odd.b.a, even.b.b + odd.b.b),
        ),
        Sixteen(
            Eight((even.b.b - odd.b.b).wzyx, (even.b.a - odd.b.a).wzyx),
            Eight((even.a.b - odd.a.b).wzyx, (even.a.a - odd.a.a).wzyx),
        ),
    );
}

// A step of the table that is stretched to blocks of `size`.
fn step_at(component: u32, u: u32, v: u32, size: u32) -> f32 {
    let entry = select(0u, 64u, component > 0u) + v * 8u / size * 8u + u * 8u / size;
    return f32(dct.tables_raster[entry >> 2u][entry & 3u]);
}

// All of a column. Coefficients are 8 times their size here; see `dct.wgsl` for the division.
fn quantise(column: u32, component: u32, x: u32, size: u32) {
    let u = x & (size - 1u);
    for (var y = 0u; y < SIDE; y += 4u) {
        let v = y & (size - 1u);
        let steps = vec4<f32>(
            step_at(component, u, v, size),
            step_at(component, u, v + 1u, size),
            step_at(component, u, v + 2u, size),
            step_at(component, u, v + 3u, size),
        );
        let at = column + y * ROW_STRIDE;
        let coefficients = fetch(at, ROW_STRIDE);
        let counts = floor((vec4<f32>(abs(coefficients)) + 4.0 * steps + 0.5) / (8.0 * steps));
        keep(at, ROW_STRIDE, sign(coefficients) * vec4<i32>(counts * steps));
    }
}

struct Place {
    origin: vec2<i32>,
    component: u32,
    row: u32,
    column: u32,
    x: u32,
}

fn place_of(group: vec3<u32>, thread: u32) -> Place {
    let component = thread / SIDE;
    let number = thread % SIDE;
    let start = component * COMPONENT_STRIDE;
    return Place(vec2<i32>(group.xy * SIDE), component, start + number * ROW_STRIDE, start + number, number);
}

fn load_tile(origin: vec2<i32>, thread: u32) {
    for (var i = thread; i < SIDE * SIDE / 4u; i += THREADS) {
        let x = i % 8u * 4u;
        let y = i / 8u;
        let first = origin + vec2<i32>(vec2<u32>(x, y));
        let p = load(clamped(first));
        let q = load(clamped(first + vec2<i32>(1, 0)));
        let s = load(clamped(first + vec2<i32>(2, 0)));
        let t = load(clamped(first + vec2<i32>(3, 0)));
        let r = vec4<i32>(p.r, q.r, s.r, t.r);
        let g = vec4<i32>(p.g, q.g, s.g, t.g);
        let b = vec4<i32>(p.b, q.b, s.b, t.b);
        let at = y * ROW_STRIDE + x;
        keep(at, 1u, y_of(r, g, b));
        keep(COMPONENT_STRIDE + at, 1u, cb_of(r, g, b));
        keep(2u * COMPONENT_STRIDE + at, 1u, cr_of(r, g, b));
    }
}

fn store_tile(origin: vec2<i32>, thread: u32) {
    for (var i = thread; i < SIDE * SIDE / 4u; i += THREADS) {
        let x = i % 8u * 4u;
        let y = i / 8u;
        let at = y * ROW_STRIDE + x;
        store_colours(
            origin + vec2<i32>(vec2<u32>(x, y)),
            limited(fetch(at, 1u)),
            limited(fetch(COMPONENT_STRIDE + at, 1u)),
            limited(fetch(2u * COMPONENT_STRIDE + at, 1u)),
        );
    }
}

// Rows leave four bits of fraction; columns then 64 times the mean over the block, which is 8 times
// JPEG's coefficients. On the way back two bits of fraction, then the 8 of JPEG's coefficients.
const ROW_BITS: u32 = 7u;
const COLUMN_BITS: u32 = 9u;
const BACK_COLUMN_BITS: u32 = 9u;
const BACK_ROW_BITS: u32 = 16u;

@compute @workgroup_size(96)
fn size_4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    load_tile(p.origin, thread);
    workgroupBarrier();
    for (var i = 0u; i < 8u; i++) {
        let at = p.row + i * 4u;
        keep(at, 1u, descale(forward_4(fetch(at, 1u)), ROW_BITS + 2u));
    }
    workgroupBarrier();
    for (var i = 0u; i < 8u; i++) {
        let at = p.column + i * 4u * ROW_STRIDE;
        keep(at, ROW_STRIDE, descale(forward_4(fetch(at, ROW_STRIDE)), COLUMN_BITS + 2u));
    }
    quantise(p.column, p.component, p.x, 4u);
    for (var i = 0u; i < 8u; i++) {
        let at = p.column + i * 4u * ROW_STRIDE;
        keep(at, ROW_STRIDE, descale(inverse_4(fetch(at, ROW_STRIDE)), BACK_COLUMN_BITS));
    }
    workgroupBarrier();
    for (var i = 0u; i < 8u; i++) {
        let at = p.row + i * 4u;
        keep(at, 1u, descale(inverse_4(fetch(at, 1u)), BACK_ROW_BITS));
    }
    workgroupBarrier();
    store_tile(p.origin, thread);
}

@compute @workgroup_size(96)
fn size_16(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    load_tile(p.origin, thread);
    workgroupBarrier();
    for (var i = 0u; i < 2u; i++) {
        let at = p.row + i * 16u;
        keep_sixteen(at, 1u, forward_16(fetch_sixteen(at, 1u)), ROW_BITS + 4u);
    }
    workgroupBarrier();
    for (var i = 0u; i < 2u; i++) {
        let at = p.column + i * 16u * ROW_STRIDE;
        keep_sixteen(at, ROW_STRIDE, forward_16(fetch_sixteen(at, ROW_STRIDE)), COLUMN_BITS + 4u);
    }
    quantise(p.column, p.component, p.x, 16u);
    for (var i = 0u; i < 2u; i++) {
        let at = p.column + i * 16u * ROW_STRIDE;
        keep_sixteen(at, ROW_STRIDE, inverse_16(fetch_sixteen(at, ROW_STRIDE)), BACK_COLUMN_BITS);
    }
    workgroupBarrier();
    for (var i = 0u; i < 2u; i++) {
        let at = p.row + i * 16u;
        keep_sixteen(at, 1u, inverse_16(fetch_sixteen(at, 1u)), BACK_ROW_BITS);
    }
    workgroupBarrier();
    store_tile(p.origin, thread);
}

@compute @workgroup_size(96)
fn size_32(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let p = place_of(group, thread);
    load_tile(p.origin, thread);
    workgroupBarrier();
    keep_all(p.row, 1u, forward_32(fetch_all(p.row, 1u)), ROW_BITS + 5u);
    workgroupBarrier();
    keep_all(p.column, ROW_STRIDE, forward_32(fetch_all(p.column, ROW_STRIDE)), COLUMN_BITS + 5u);
    quantise(p.column, p.component, p.x, 32u);
    keep_all(p.column, ROW_STRIDE, inverse_32(fetch_all(p.column, ROW_STRIDE)), BACK_COLUMN_BITS);
    workgroupBarrier();
    keep_all(p.row, 1u, inverse_32(fetch_all(p.row, 1u)), BACK_ROW_BITS);
    workgroupBarrier();
    store_tile(p.origin, thread);
}
