// Follows how much the clip moves at each pixel. source = the new decoded picture,
// second = the one before with its motion; the result has both. Levels and motion 0..=255.

// Motion fades to this part of 256 from picture to picture: a second or two at 30 pictures.
const LEFT_OVER: i32 = 240;
// Difference in levels, summed over three colours and a cross of five pixels, that is no grain yet.
const GRAIN: i32 = 60;

fn difference(texel: vec2<i32>) -> i32 {
    let at = clamped(texel);
    let way = abs(load(at) - load_second(at));
    return way.r + way.g + way.b;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    let around = difference(texel) + difference(texel + vec2<i32>(2, 0))
        + difference(texel - vec2<i32>(2, 0)) + difference(texel + vec2<i32>(0, 2))
        + difference(texel - vec2<i32>(0, 2));
    let now = clamp(around - GRAIN, 0, 255);
    let kept = (load_motion(texel) * LEFT_OVER) >> 8u;
    store_with_motion(texel, load(texel), max(now, kept));
}
