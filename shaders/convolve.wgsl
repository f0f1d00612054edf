// Convolution with a symmetric kernel along one axis. Whole levels in and out, 0..=255.
struct Convolution {
    radius_px: i32,
    // Of sharpen: 65536 = the difference once.
    amount_q16: i32,
    unused: vec2<i32>,
    // Centre first, then outwards; centre + 2 * rest = 65536.
    weights_q16: array<vec4<i32>, 7>,
}

@group(0) @binding(0) var<uniform> convolution: Convolution;

fn convolved(texel: vec2<i32>, axis: vec2<i32>) -> vec3<i32> {
    var sum = load(texel) * convolution.weights_q16[0].x + 32768;
    for (var i = 1; i <= convolution.radius_px; i++) {
        let pair = load(clamped(texel - axis * i)) + load(clamped(texel + axis * i));
        sum += pair * convolution.weights_q16[i >> 2u][i & 3];
    }
    return sum >> vec3<u32>(16u);
}
