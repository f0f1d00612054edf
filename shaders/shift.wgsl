// Moves the picture by whole pixels; what leaves at one edge comes in at the other.
struct Shift {
    // Right and down, already wrapped into 0..size.
    offset_px: vec2<i32>,
    unused: vec2<i32>,
}

fn shift_from(u: Shift, texel: vec2<i32>) -> vec2<i32> {
    let origin = texel - u.offset_px;
    return select(origin, origin + result_size(), origin < vec2<i32>(0));
}
