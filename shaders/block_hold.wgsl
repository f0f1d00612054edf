// Blocks that hardly differ from the worn picture stay as they were worn. Gamma-coded R'G'B', 8-bit
// levels 0..=255. second = the worn picture of the generation before.
struct BlockHold {
    // Side of the blocks: 8, 16, 32 or 64.
    block_px: i32,
    // Mean difference of a colour up to which a block stays, in 1/256 level.
    threshold_q8: i32,
    unused: vec2<i32>,
}

@group(0) @binding(0) var<uniform> block_hold: BlockHold;

// A workgroup makes 64x64 pixels, a thread a cell of 8x8.
const CELL_PX: i32 = 8;
const CELLS: i32 = 8;
var<workgroup> cells: array<i32, 64>;

@compute @workgroup_size(8, 8)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first = vec2<i32>(id.xy) * CELL_PX;
    let end = min(first + CELL_PX, result_size());
    var sum = 0;
    for (var y = first.y; y < end.y; y++) {
        for (var x = first.x; x < end.x; x++) {
            let way = abs(load(vec2<i32>(x, y)) - load_second(vec2<i32>(x, y)));
            sum += way.r + way.g + way.b;
        }
    }
    cells[index] = sum;
    workgroupBarrier();
    let across = block_hold.block_px / CELL_PX;
    let origin = vec2<i32>(local.xy) / across * across;
    var total = 0;
    for (var at = 0; at < across * across; at++) {
        let cell = origin + vec2<i32>(at % across, at / across);
        total += cells[cell.y * CELLS + cell.x];
    }
    let corner = first / block_hold.block_px * block_hold.block_px;
    let size = min(result_size() - corner, vec2<i32>(block_hold.block_px));
    let stays = total * 256 <= block_hold.threshold_q8 * 3 * size.x * size.y;
    for (var y = first.y; y < end.y; y++) {
        for (var x = first.x; x < end.x; x++) {
            let texel = vec2<i32>(x, y);
            if stays {
                store(texel, load_second(texel));
            } else {
                store(texel, load(texel));
            }
        }
    }
}
