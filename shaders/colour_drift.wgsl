// Turns the hue and changes the saturation. Gamma-coded R'G'B', 8-bit levels 0..=255.
struct ColourDrift {
    // Rows of a matrix; each sums to 65536, so grey stays grey.
    red_q16: vec4<i32>,
    green_q16: vec4<i32>,
    blue_q16: vec4<i32>,
}

fn colour_drift_levels(u: ColourDrift, texel: vec2<i32>, levels: vec3<i32>) -> vec3<i32> {
    let sums = u.red_q16.xyz * levels.r + u.green_q16.xyz * levels.g + u.blue_q16.xyz * levels.b;
    return (sums + 32768) >> vec3<u32>(16u);
}
