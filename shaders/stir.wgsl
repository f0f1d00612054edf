// Feedback, shift and noise of one generation. Gamma-coded R'G'B', 8-bit levels 0..=255.
// source = worn picture of the generation before, second = decoded picture.
struct Stir {
    // Where the picture moves, already wrapped into 0..size.
    offset_px: vec2<i32>,
    noise_key: vec2<u32>,
    // 0 = the decoded picture alone, 65536 = the loop alone.
    feedback_q16: i32,
    // Levels per unit of noise_at.
    noise_q16: i32,
    unused: vec2<i32>,
}

@group(0) @binding(0) var<uniform> stir: Stir;

// Always at least one level nearer to the decoded picture unless the loop is alone: no ghost stays.
fn fed_back(decoded: vec3<i32>, worn: vec3<i32>) -> vec3<i32> {
    let way = (decoded - worn) * (65536 - stir.feedback_q16);
    let up = select(vec3<i32>(0), vec3<i32>(65535), decoded > worn);
    return worn + ((way + up) >> vec3<u32>(16u));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    var origin = texel - stir.offset_px;
    origin = select(origin, origin + result_size(), origin < vec2<i32>(0));
    var levels: vec3<i32>;
    if stir.feedback_q16 <= 0 {
        levels = load_second(origin);
    } else if stir.feedback_q16 >= 65536 {
        levels = load(origin);
    } else {
        levels = fed_back(load_second(origin), load(origin));
    }
    if stir.noise_q16 > 0 {
        levels += (noise_at(texel, stir.noise_key) * stir.noise_q16 + 32768) >> vec3<u32>(16u);
    }
    store(texel, levels);
}
