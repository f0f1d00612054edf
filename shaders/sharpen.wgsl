// Unsharp mask: the last of the blur along columns, and the difference. Gamma-coded R'G'B', 0..=255.
// source = the picture blurred as far as that, second = the picture itself.

fn sharpen(texel: vec2<i32>, soft: vec3<u32>) {
    if !is_inside(texel) {
        return;
    }
    let sharp = load_second(texel);
    let difference = sharp - vec3<i32>(soft);
    // Division cuts toward zero.
    let driven = sharp + difference * convolution.percent / 100;
    store(texel, select(sharp, driven, abs(difference) > vec3<i32>(convolution.threshold_levels)));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(1, 8);
    let run = convolved(first, vec2<i32>(0, 1));
    sharpen(first, run[0]);
    sharpen(first + vec2<i32>(0, 1), run[1]);
    sharpen(first + vec2<i32>(0, 2), run[2]);
    sharpen(first + vec2<i32>(0, 3), run[3]);
    sharpen(first + vec2<i32>(0, 4), run[4]);
    sharpen(first + vec2<i32>(0, 5), run[5]);
    sharpen(first + vec2<i32>(0, 6), run[6]);
    sharpen(first + vec2<i32>(0, 7), run[7]);
}

@compute @workgroup_size(8, 8)
fn last_box(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = vec2<i32>(id.xy) * vec2<i32>(1, 8);
    var sums = sliding(first, vec2<i32>(0, 1));
    for (var place = 0; place < 8; place++) {
        sharpen(first + vec2<i32>(0, place), slide(&sums, first, vec2<i32>(0, 1), place));
    }
}
