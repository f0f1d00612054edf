// The worn picture (source) mixed with the decoded one (second). Gamma-coded R'G'B', levels 0..=255.
struct Feedback {
    // Where a pixel of the worn picture is taken from: two rows of a matrix, then what is added.
    matrix_q16: vec4<i32>,
    offset_q16: vec2<i32>,
    // 0 = the decoded picture alone, 65536 = the loop alone.
    feedback_q16: i32,
    unused: i32,
}

// Always at least one level nearer to the decoded picture unless the loop is alone: no ghost stays.
fn fed_back(decoded: vec3<i32>, worn: vec3<i32>, feedback_q16: i32) -> vec3<i32> {
    let way = (decoded - worn) * (65536 - feedback_q16);
    let up = select(vec3<i32>(0), vec3<i32>(65535), decoded > worn);
    return worn + ((way + up) >> vec3<u32>(16u));
}

fn feedback_mixed(u: Feedback, texel: vec2<i32>) -> vec3<i32> {
    return fed_back(load_second(texel), load(texel), u.feedback_q16);
}

// Beyond the edge lies the picture's mirror image.
fn mirrored(texel: vec2<i32>) -> vec2<i32> {
    let size = result_size();
    let period = size * 2;
    let within = ((texel % period) + period) % period;
    return select(within, period - 1 - within, within >= size);
}

// Bilinear between the four nearest pixels, in 1/256.
fn feedback_turned(u: Feedback, texel: vec2<i32>) -> vec3<i32> {
    let across = u.matrix_q16.xz * texel.x + u.matrix_q16.yw * texel.y + u.offset_q16;
    let first = across >> vec2<u32>(16u);
    let part = (across >> vec2<u32>(8u)) & vec2<i32>(255);
    let upper = load(mirrored(first)) * (256 - part.x)
        + load(mirrored(first + vec2<i32>(1, 0))) * part.x;
    let lower = load(mirrored(first + vec2<i32>(0, 1))) * (256 - part.x)
        + load(mirrored(first + vec2<i32>(1, 1))) * part.x;
    let worn = (upper * (256 - part.y) + lower * part.y + 32768) >> vec3<u32>(16u);
    return fed_back(load_second(texel), worn, u.feedback_q16);
}
