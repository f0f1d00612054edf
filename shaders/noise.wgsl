// Gaussian noise from a counter, whole numbers only: the same on every adapter. Range -510..=510.

// pcg4d: Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn pcg4d(counter: vec4<u32>) -> vec4<u32> {
    var v = counter * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v = v ^ (v >> vec4<u32>(16u));
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

// Sum of the four bytes of a word, less its mean: Irwin-Hall of order 4, variance 21845.
fn noise_at(texel: vec2<i32>, key: vec2<u32>) -> vec3<i32> {
    let words = pcg4d(vec4<u32>(vec2<u32>(texel), key)).xyz;
    let low = vec3<u32>(0x00ff00ffu);
    let pairs = (words & low) + ((words >> vec3<u32>(8u)) & low);
    let sums = (pairs & vec3<u32>(0xffffu)) + (pairs >> vec3<u32>(16u));
    return vec3<i32>(sums) - 510;
}
