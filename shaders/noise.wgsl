// Gaussian noise on each colour by itself. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct Noise {
    key: vec2<u32>,
    // Levels per unit of noise_at.
    noise_q16: i32,
    // 32768 rounds, 0 truncates.
    half_q16: i32,
}

// Sum of the four bytes of a word, less its mean: Irwin-Hall of order 4, variance 21845,
// range -510..=510. Whole numbers only: the same on every adapter.
fn noise_at(texel: vec2<i32>, key: vec2<u32>) -> vec3<i32> {
    let words = pcg4d(vec4<u32>(vec2<u32>(texel), key)).xyz;
    let low = vec3<u32>(0x00ff00ffu);
    let pairs = (words & low) + ((words >> vec3<u32>(8u)) & low);
    let sums = (pairs & vec3<u32>(0xffffu)) + (pairs >> vec3<u32>(16u));
    return vec3<i32>(sums) - 510;
}

fn noise_levels(u: Noise, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    return levels + ((noise_at(texel, u.key) * u.noise_q16 + u.half_q16) >> vec3<u32>(16u));
}
