// Loses bit planes. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct BitPlanes {
    // Bits that are left.
    kept: i32,
    // What is put in the place of the lost low ones: half of what they could hold.
    filling: i32,
    unused_0: i32,
    unused_1: i32,
}

fn bit_planes_levels(u: BitPlanes, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    return (levels & vec3<i32>(u.kept)) | vec3<i32>(u.filling);
}
