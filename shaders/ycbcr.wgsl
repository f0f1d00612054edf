// Colour of JPEG (JFIF, full range BT.601): jccolor.c and jdcolor.c. Luma and chroma -128..=127.

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

// Stores four pixels of a row, as many as are inside; luma and chroma are within their range.
fn store_colours(first: vec2<i32>, luma: vec4<i32>, cb: vec4<i32>, cr: vec4<i32>) {
    let y = luma + 128;
    let r = y + ((91881 * cr + 32768) >> vec4<u32>(16u));
    let g = y + ((-22554 * cb - 46802 * cr + 32768) >> vec4<u32>(16u));
    let b = y + ((116130 * cb + 32768) >> vec4<u32>(16u));
    for (var k = 0; k < 4; k++) {
        let texel = first + vec2<i32>(k, 0);
        if is_inside(texel) {
            store(texel, vec3<i32>(r[k], g[k], b[k]));
        }
    }
}
