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

// Eight pixels in a row along the axis, each colour apart: two times four sums.
struct Run {
    r: array<vec4<i32>, 2>,
    g: array<vec4<i32>, 2>,
    b: array<vec4<i32>, 2>,
}

fn weight_at(distance: i32) -> i32 {
    let reached = min(distance, convolution.radius_px);
    let weight = convolution.weights_q16[reached >> 2u][reached & 3];
    return select(0, weight, distance <= convolution.radius_px);
}

// A thread makes eight pixels, since loads cost the most: every pixel is loaded once and weighed
// eight times. From one load to the next all weights move on by one place.
fn convolved(first: vec2<i32>, axis: vec2<i32>) -> Run {
    let half = vec4<i32>(32768);
    var r_0 = half;
    var r_1 = half;
    var g_0 = half;
    var g_1 = half;
    var b_0 = half;
    var b_1 = half;
    var weights_0 = vec4<i32>(0);
    var weights_1 = vec4<i32>(0);
    for (var step = -convolution.radius_px; step <= 7 + convolution.radius_px; step++) {
        let levels = load(clamped(first + axis * step));
        weights_1 = vec4<i32>(weights_0.w, weights_1.xyz);
        weights_0 = vec4<i32>(weight_at(abs(step)), weights_0.xyz);
        r_0 += weights_0 * levels.r;
        r_1 += weights_1 * levels.r;
        g_0 += weights_0 * levels.g;
        g_1 += weights_1 * levels.g;
        b_0 += weights_0 * levels.b;
        b_1 += weights_1 * levels.b;
    }
    return Run(
        array<vec4<i32>, 2>(r_0 >> vec4<u32>(16u), r_1 >> vec4<u32>(16u)),
        array<vec4<i32>, 2>(g_0 >> vec4<u32>(16u), g_1 >> vec4<u32>(16u)),
        array<vec4<i32>, 2>(b_0 >> vec4<u32>(16u), b_1 >> vec4<u32>(16u)),
    );
}

fn levels_of(run: Run, place: i32) -> vec3<i32> {
    if place < 4 {
        return vec3<i32>(run.r[0][place], run.g[0][place], run.b[0][place]);
    }
    return vec3<i32>(run.r[1][place - 4], run.g[1][place - 4], run.b[1][place - 4]);
}
