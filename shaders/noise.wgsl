// Gaussian noise on each colour by itself. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct Noise {
    key: vec2<u32>,
    // Levels per unit of noise_at, 2^20 = one.
    noise_q20: i32,
    // Half a level rounds, 0 truncates.
    half_q20: i32,
}

// How many of 32 bits are set, less 16, in units of 1/256, and an even spread between: close to a
// Gaussian as far as 5 deviations. Odd numbers only, so that none is 0: as many are below as above.
// Variance 529749, range -4223..=4223. Whole numbers only: the same on every adapter.
fn noise_at(texel: vec2<i32>, key: vec2<u32>) -> vec3<i32> {
    let words = pcg4d(vec4<u32>(vec2<u32>(texel), key));
    let counts = vec3<i32>(countOneBits(words.xyz)) - 16;
    let between = vec3<i32>((vec3<u32>(words.w) >> vec3<u32>(0u, 7u, 14u)) & vec3<u32>(127u));
    return counts * 256 + between * 2 - 127;
}

fn noise_levels(u: Noise, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    return levels + ((noise_at(texel, u.key) * u.noise_q20 + u.half_q20) >> vec3<u32>(20u));
}
