// Follows how much the clip moves at each pixel. source = the new decoded picture,
// second = the one before with its motion; the result has both. Levels and motion 0..=255.

// Motion fades to this part of 256 from picture to picture: half of it is gone in half a second at 30
// pictures, all of it in three.
const LEFT_OVER: i32 = 244;
// Difference in levels, summed over three colours of five pixels, that is no grain yet: three levels
// each, what a well compressed wall differs by.
const GRAIN: i32 = 45;
// What is above the grain counts this many times.
const GAIN: i32 = 2;
// Distance of the four pixels around that are looked at, in pixels. A single one does not decide, and
// motion runs into the flat insides of what moves.
const AROUND_PX: i32 = 4;

struct Place {
    difference: i32,
    motion: i32,
}

fn place(texel: vec2<i32>) -> Place {
    let at = clamped(texel);
    let before = vec4<i32>(textureLoad(second, at, 0));
    let way = abs(load(at) - before.rgb);
    return Place(way.r + way.g + way.b, before.a);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if !is_inside(texel) {
        return;
    }
    let own = place(texel);
    let right = place(texel + vec2<i32>(AROUND_PX, 0));
    let left = place(texel - vec2<i32>(AROUND_PX, 0));
    let below = place(texel + vec2<i32>(0, AROUND_PX));
    let above = place(texel - vec2<i32>(0, AROUND_PX));
    let differences = own.difference + right.difference + left.difference + below.difference
        + above.difference;
    let now = clamp((differences - GRAIN) * GAIN, 0, 255);
    // Half of what was stays at its place, half comes from around.
    let motions = 4 * own.motion + right.motion + left.motion + below.motion + above.motion;
    let kept = (motions * LEFT_OVER) >> 11u;
    store_with_motion(texel, load(texel), max(now, kept));
}
