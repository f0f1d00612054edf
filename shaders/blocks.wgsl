// Blocks of 4, 16 and 32 pixels: the DCT of JPEG at other sizes, as a look. Gamma-coded R'G'B',
// 8-bit levels 0..=255. Whole numbers only; 4:4:4.
//
// A workgroup makes a tile of 32x32 pixels. A thread owns one row, then one column, then the row
// again, of one component, whatever the size of the blocks; then every thread makes pixels.
struct Dct {
    // Quantiser steps 1..=255, raster order: luma 64, then chroma 64.
    tables_raster: array<vec4<i32>, 32>,
}

@group(0) @binding(0) var<uniform> dct: Dct;

const SIDE: u32 = 32u;
// Rows of 33 words: 32 would send a column's threads to the same bank.
const ROW_STRIDE: u32 = 33u;
const COMPONENT_STRIDE: u32 = 1056u;
const THREADS: u32 = 96u;
var<workgroup> tile: array<i32, 3168>;

// 2048 * sqrt(2) * cos(k * pi / 64), rounded: one quarter of the wave.
const QUARTER: array<i32, 33> = array<i32, 33>(
    2896, 2893, 2882, 2865, 2841, 2810, 2772, 2727, 2676, 2618, 2554,
    2484, 2408, 2326, 2239, 2146, 2048, 1945, 1837, 1725, 1609, 1489,
    1365, 1238, 1108, 976, 841, 704, 565, 425, 284, 142, 0,
);
// The whole wave.
var<workgroup> wave: array<i32, 128>;
const ONE: i32 = 2048;

fn quarter_at(k: u32) -> i32 {
    return QUARTER[k];
}

fn fill_wave(thread: u32) {
    for (var k = thread; k < 128u; k += THREADS) {
        let half = select(k, 128u - k, k > 64u);
        if half <= 32u {
            wave[k] = quarter_at(half);
        } else {
            wave[k] = -quarter_at(64u - half);
        }
    }
}

fn descale(x: i32, bits: u32) -> i32 {
    return (x + (1 << (bits - 1u))) >> bits;
}

// All blocks of a line of 32, in place: samples to means over the block of samples times wave.
// Even coefficients see what a block's halves have in common, odd ones what sets them apart.
fn forward(line: u32, stride: u32, size: u32, bits: u32) {
    let half = size / 2u;
    let turn = SIDE / size;
    var sums: array<i32, 16>;
    var differences: array<i32, 16>;
    for (var block = 0u; block < SIDE; block += size) {
        let start = line + block * stride;
        for (var n = 0u; n < half; n++) {
            let one = tile[start + n * stride];
            let other = tile[start + (size - 1u - n) * stride];
            sums[n] = one + other;
            differences[n] = one - other;
        }
        for (var u = 0u; u < size; u += 2u) {
            var even = 0;
            var odd = 0;
            for (var n = 0u; n < half; n++) {
                let angle = (2u * n + 1u) * turn;
                even += sums[n] * select(wave[(angle * u) & 127u], ONE, u == 0u);
                odd += differences[n] * wave[(angle * (u + 1u)) & 127u];
            }
            tile[start + u * stride] = descale(even, bits);
            tile[start + (u + 1u) * stride] = descale(odd, bits);
        }
    }
}

// The other way.
fn inverse(line: u32, stride: u32, size: u32, bits: u32) {
    let half = size / 2u;
    let turn = SIDE / size;
    var v: array<i32, 32>;
    for (var block = 0u; block < SIDE; block += size) {
        let start = line + block * stride;
        for (var u = 0u; u < size; u++) {
            v[u] = tile[start + u * stride];
        }
        for (var n = 0u; n < half; n++) {
            let angle = (2u * n + 1u) * turn;
            var even = v[0] * ONE;
            var odd = v[1] * wave[angle];
            for (var u = 2u; u < size; u += 2u) {
                even += v[u] * wave[(angle * u) & 127u];
                odd += v[u + 1u] * wave[(angle * (u + 1u)) & 127u];
            }
            tile[start + n * stride] = descale(even + odd, bits);
            tile[start + (size - 1u - n) * stride] = descale(even - odd, bits);
        }
    }
}

// Coefficients are 8 times their size here; see `dct.wgsl` for the division.
fn quantise_column(line: u32, component: u32, u: u32, size: u32) {
    for (var y = 0u; y < SIDE; y++) {
        let entry = ((y & (size - 1u)) * 8u / size) * 8u + u * 8u / size + select(0u, 64u, component > 0u);
        let step = f32(dct.tables_raster[entry >> 2u][entry & 3u]);
        let at = line + y * ROW_STRIDE;
        let coefficient = tile[at];
        let count = floor((f32(abs(coefficient)) + 4.0 * step + 0.5) / (8.0 * step));
        tile[at] = sign(coefficient) * i32(count * step);
    }
}

fn sample_four(component: u32, first: vec2<i32>) -> vec4<i32> {
    var p: array<vec3<i32>, 4>;
    for (var k = 0; k < 4; k++) {
        p[k] = load(clamped(first + vec2<i32>(k, 0)));
    }
    let r = vec4<i32>(p[0].r, p[1].r, p[2].r, p[3].r);
    let g = vec4<i32>(p[0].g, p[1].g, p[2].g, p[3].g);
    let b = vec4<i32>(p[0].b, p[1].b, p[2].b, p[3].b);
    if component == 0u {
        return y_of(r, g, b);
    } else if component == 1u {
        return cb_of(r, g, b);
    }
    return cr_of(r, g, b);
}

fn four_at(at: u32) -> vec4<i32> {
    return limited(vec4<i32>(tile[at], tile[at + 1u], tile[at + 2u], tile[at + 3u]));
}

fn make_tile(group: vec3<u32>, thread: u32, log2_size: u32) {
    let size = 1u << log2_size;
    let component = thread / SIDE;
    let number = thread % SIDE;
    let origin = vec2<i32>(group.xy * SIDE);
    let row = component * COMPONENT_STRIDE + number * ROW_STRIDE;
    let column = component * COMPONENT_STRIDE + number;
    for (var x = 0u; x < SIDE; x += 4u) {
        let four = sample_four(component, origin + vec2<i32>(i32(x), i32(number)));
        tile[row + x] = four.x;
        tile[row + x + 1u] = four.y;
        tile[row + x + 2u] = four.z;
        tile[row + x + 3u] = four.w;
    }
    fill_wave(thread);
    workgroupBarrier();
    // Four bits of fraction; then 64 times the mean, which is 8 times JPEG's coefficients.
    forward(row, 1u, size, 11u + log2_size - 4u);
    workgroupBarrier();
    forward(column, ROW_STRIDE, size, 11u + log2_size + 4u - 6u);
    quantise_column(column, component, number & (size - 1u), size);
    // Two bits of fraction; then the 8 of JPEG's coefficients.
    inverse(column, ROW_STRIDE, size, 11u - 2u);
    workgroupBarrier();
    inverse(row, 1u, size, 11u + 2u + 3u);
    workgroupBarrier();
    for (var i = thread; i < SIDE * SIDE / 4u; i += THREADS) {
        let x = i % 8u * 4u;
        let y = i / 8u;
        let at = y * ROW_STRIDE + x;
        store_colours(
            origin + vec2<i32>(i32(x), i32(y)),
            four_at(at),
            four_at(at + COMPONENT_STRIDE),
            four_at(at + 2u * COMPONENT_STRIDE),
        );
    }
}

@compute @workgroup_size(96)
fn size_4(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    make_tile(group, thread, 2u);
}

@compute @workgroup_size(96)
fn size_16(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    make_tile(group, thread, 4u);
}

@compute @workgroup_size(96)
fn size_32(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    make_tile(group, thread, 5u);
}
