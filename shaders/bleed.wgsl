// Chroma smeared to the right, then held per block; luma stays. Gamma-coded R'G'B', 8-bit levels
// 0..=255. Names that end in _q6 are levels in 1/64.
struct Bleed {
    // How far a colour reaches to the right.
    radius_px: i32,
    // Side of the blocks: 1, 2, 4, 8, 16 or 32.
    block_px: i32,
    // 65536 = no colour stays at its place.
    amount_q16: i32,
    unused: i32,
}

@group(0) @binding(0) var<uniform> bleed: Bleed;

// ITU-R BT.709-6, item 3.2; their sum is 65536.
const LUMA_Q16: vec3<i32> = vec3<i32>(13933, 46871, 4732);
const WHITE_Q6: i32 = 16320;

fn luma(levels: vec3<i32>) -> i32 {
    let parts = LUMA_Q16 * levels;
    return parts.r + parts.g + parts.b;
}

fn whole_luma(levels: vec3<i32>) -> i32 {
    return (luma(levels) + 32768) >> 16u;
}

// The green nearest to a luma; may lie a little outside of the range. Division is of whole numbers
// above zero: 256 levels are added first and taken off afterwards.
fn green_of(luma_q16: i32, red: i32, blue: i32) -> i32 {
    let left_q16 = luma_q16 - LUMA_Q16.r * red - LUMA_Q16.b * blue;
    return (left_q16 + LUMA_Q16.g / 2 + LUMA_Q16.g * 256) / LUMA_Q16.g - 256;
}

// The levels with the colour of a mean, and their own luma. A colour that does not exist at this luma
// is paled until it does. Green comes last and takes what rounding left of the luma.
fn with_colour_of(levels: vec3<i32>, mean_q6: vec3<i32>) -> vec3<i32> {
    let own_luma_q16 = luma(levels);
    let luma_q6 = (own_luma_q16 + 512) >> 10u;
    let own = (levels << vec3<u32>(6u)) - luma_q6;
    let other = mean_q6 - whole_luma(mean_q6);
    let colour = own + (((other - own) * bleed.amount_q16 + 32768) >> vec3<u32>(16u));
    let room = select(vec3<i32>(luma_q6), vec3<i32>(WHITE_Q6 - luma_q6), colour > vec3<i32>(0));
    let parts_q16 = (room << vec3<u32>(16u)) / max(abs(colour), vec3<i32>(1));
    let part_q16 = min(min(parts_q16.r, parts_q16.g), min(parts_q16.b, 65536));
    let pale = (colour * part_q16 + 32768) >> vec3<u32>(16u);
    let red = clamp((luma_q6 + pale.r + 32) >> 6u, 0, 255);
    let blue = clamp((luma_q6 + pale.b + 32) >> 6u, 0, 255);
    let nearest = vec3<i32>(red, clamp(green_of(own_luma_q16, red, blue), 0, 255), blue);
    let wanted = whole_luma(levels);
    if whole_luma(nearest) == wanted {
        return nearest;
    }
    // Rounded across: green aims at the whole luma itself.
    let green = green_of(wanted << 16u, red, blue);
    let edge = clamp(green, 0, 255);
    // Where green is at its end, red goes one level, or blue where red is at its end, too.
    let step = green - edge;
    let redder = clamp(red + step, 0, 255);
    let bluer = clamp(blue + step, 0, 255);
    return vec3<i32>(redder, edge, select(blue, bluer, redder == red));
}

// Pixels in a row that a thread makes: the window moves on from one to the next.
const RUN_PX: i32 = 32;

// The mean of the pixels to the left, the own one counting radius + 1 times, the farthest once.
@compute @workgroup_size(8, 8)
fn smear(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(RUN_PX, 1);
    if !is_inside(first) {
        return;
    }
    let reach = bleed.radius_px + 1;
    let weights = reach * (reach + 1) / 2;
    var sum = vec3<i32>(0);
    var weighed = vec3<i32>(0);
    for (var step = -bleed.radius_px; step < 0; step++) {
        let levels = load(clamped(first + vec2<i32>(step, 0)));
        sum += levels;
        weighed += levels * (reach + step);
    }
    // Now as if the window ended one pixel before the first.
    let outside = load(clamped(first - vec2<i32>(reach, 0)));
    weighed += sum + outside;
    sum += outside;
    for (var place = 0; place < RUN_PX; place++) {
        let texel = first + vec2<i32>(place, 0);
        if !is_inside(texel) {
            return;
        }
        let levels = load(texel);
        weighed += levels * reach - sum;
        sum += levels - load(clamped(texel - vec2<i32>(reach, 0)));
        let mean_q6 = (weighed * 64 + weights / 2) / weights;
        store(texel, with_colour_of(levels, mean_q6));
    }
}

// A workgroup makes 32x32 pixels, a thread a cell of 4x4.
const CELL_PX: i32 = 4;
const CELLS: i32 = 8;
var<workgroup> cells: array<vec3<i32>, 64>;

fn sum_within(first: vec2<i32>, side: i32) -> vec3<i32> {
    var sum = vec3<i32>(0);
    for (var at = 0; at < side * side; at++) {
        let texel = first + vec2<i32>(at % side, at / side);
        sum += select(vec3<i32>(0), load(clamped(texel)), is_inside(texel));
    }
    return sum;
}

fn mean_q6_of(sum: vec3<i32>, first: vec2<i32>) -> vec3<i32> {
    let size = min(result_size() - first, vec2<i32>(bleed.block_px));
    // Cells beyond the edge have no pixels, and make none.
    let count = max(size.x * size.y, 1);
    return (sum * 64 + count / 2) / count;
}

fn hold_within(first: vec2<i32>, side: i32, mean_q6: vec3<i32>) {
    for (var at = 0; at < side * side; at++) {
        let texel = first + vec2<i32>(at % side, at / side);
        if is_inside(texel) {
            store(texel, with_colour_of(load(texel), mean_q6));
        }
    }
}

@compute @workgroup_size(8, 8)
fn hold(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first = vec2<i32>(id.xy) * CELL_PX;
    let side = bleed.block_px;
    if side >= CELL_PX {
        cells[index] = sum_within(first, CELL_PX);
    }
    workgroupBarrier();
    if side < CELL_PX {
        for (var at = 0; at < 4; at++) {
            let corner = first + vec2<i32>(at & 1, at >> 1u) * 2;
            hold_within(corner, 2, mean_q6_of(sum_within(corner, 2), corner));
        }
        return;
    }
    let across = side / CELL_PX;
    let origin = vec2<i32>(local.xy) / across * across;
    var sum = vec3<i32>(0);
    for (var at = 0; at < across * across; at++) {
        let cell = origin + vec2<i32>(at % across, at / across);
        sum += cells[cell.y * CELLS + cell.x];
    }
    hold_within(first, CELL_PX, mean_q6_of(sum, first / side * side));
}
