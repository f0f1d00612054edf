// Folds the picture over a line: one side shows the mirror image of the other.
struct Mirror {
    // Where the fold is; a side of 0 = not folded on that axis.
    line_px: vec2<i32>,
    // 1 = what is right of (below) the line shows the left (upper) side, -1 the other way, 0 nothing.
    side: vec2<i32>,
}

fn mirror_from(u: Mirror, texel: vec2<i32>) -> vec2<i32> {
    let folded = 2 * u.line_px - 1 - texel;
    let is_beyond = (texel - u.line_px) * u.side >= select(vec2<i32>(1), vec2<i32>(0), u.side > vec2<i32>(0));
    return clamped(select(texel, folded, is_beyond & (u.side != vec2<i32>(0))));
}
