// Transmission errors: blocks that are lost or taken from elsewhere, rows of blocks that slip.
struct Errors {
    key: vec2<u32>,
    // Side of a block, and how far at most one is moved.
    block_px: i32,
    reach_px: i32,
    // Chances of 65536: a block loses its detail, a block is black, a block is taken from elsewhere, a
    // row of blocks slips from somewhere to its end.
    flat: u32,
    black: u32,
    moved: u32,
    slipped: u32,
}

// Words that belong to a block; those of a row of blocks have -1 for x.
fn errors_words(u: Errors, block: vec2<i32>) -> vec4<u32> {
    return pcg4d(vec4<u32>(vec2<u32>(block), u.key));
}

// -reach..=reach from 16 bits of chance.
fn errors_way(u: Errors, chance: vec2<u32>) -> vec2<i32> {
    return ((vec2<i32>(chance & vec2<u32>(0xffffu)) * (2 * u.reach_px + 1)) >> vec2<u32>(16u)) - u.reach_px;
}

fn errors_from(u: Errors, texel: vec2<i32>) -> vec2<i32> {
    let block = texel / u.block_px;
    var origin = texel;
    let row = errors_words(u, vec2<i32>(-1, block.y));
    let slip_at = i32((row.y & 0xffffu) * u32(result_size().x) >> 16u);
    if (row.x & 0xffffu) < u.slipped && texel.x >= slip_at {
        origin.x += errors_way(u, row.zw).x;
    }
    let words = errors_words(u, block);
    if (words.x & 0xffffu) < u.flat {
        origin = block * u.block_px;
    } else if (words.x >> 16u) < u.moved {
        origin += errors_way(u, words.zw);
    }
    return clamped(origin);
}

fn errors_levels(u: Errors, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    let words = errors_words(u, texel / u.block_px);
    return select(levels, vec3<i32>(0), (words.y & 0xffffu) < u.black);
}
