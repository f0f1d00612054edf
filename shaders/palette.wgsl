// Takes every pixel to the nearest colour of a palette. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct Palette {
    // Sixteen colours: red in the lowest byte, then green, then blue.
    colours: array<vec4<u32>, 4>,
    // How many of them there are.
    count: i32,
    // 65536 = the palette's colour alone.
    amount_q16: i32,
    // Height of the pattern in levels.
    dither: i32,
    unused: i32,
}

// Place in an ordered pattern of 4x4, 0..=15 (Bayer, 1973): bits of x ^ y and y, the lowest first.
fn palette_pattern(texel: vec2<i32>) -> i32 {
    let x = texel.x ^ texel.y;
    let y = texel.y;
    return ((x & 1) << 3u) | ((y & 1) << 2u) | (x & 2) | ((y & 2) >> 1u);
}

fn palette_levels(u: Palette, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    let dithered = levels + (((palette_pattern(texel) * 2 - 15) * u.dither) >> 5u);
    var best = vec3<i32>(0);
    var least = 0x7fffffff;
    for (var k = 0; k < u.count; k++) {
        let word = u.colours[k >> 2u][k & 3];
        let colour = vec3<i32>((vec3<u32>(word) >> vec3<u32>(0u, 8u, 16u)) & vec3<u32>(255u));
        let way = colour - dithered;
        // The eye weighs green most.
        let distance = 2 * way.r * way.r + 4 * way.g * way.g + way.b * way.b;
        best = select(best, colour, distance < least);
        least = min(least, distance);
    }
    return levels + (((best - levels) * u.amount_q16 + 32768) >> vec3<u32>(16u));
}
