// Shows a planar picture: 8-bit Y'CbCr 4:2:0, BT.709, limited range -> R'G'B' 0..=1, gamma-coded (never sRGB-converted); then a caption, premultiplied RGBA, over it.

struct Corner {
    @builtin(position) position: vec4f,
    @location(0) at: vec2f,
}

@group(0) @binding(0) var smooth_sampler: sampler;
@group(0) @binding(1) var luma: texture_2d<f32>;
@group(0) @binding(2) var blue_difference: texture_2d<f32>;
@group(0) @binding(3) var red_difference: texture_2d<f32>;
@group(0) @binding(4) var caption: texture_2d<f32>;

// One triangle that covers the viewport; the viewport is the place of the picture or caption.
@vertex
fn corner(@builtin(vertex_index) index: u32) -> Corner {
    let at = vec2f(f32(index & 1u), f32(index >> 1u)) * 2.0;
    return Corner(vec4f(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0), at);
}

// ITU-R BT.709-6, items 3.2 to 3.4 (8 bits): Y' = (D - 16) / 219, C = (D - 128) / 224.
@fragment
fn picture(corner: Corner) -> @location(0) vec4f {
    let y = (textureSample(luma, smooth_sampler, corner.at).r * 255.0 - 16.0) / 219.0;
    let b = (textureSample(blue_difference, smooth_sampler, corner.at).r * 255.0 - 128.0) / 224.0;
    let r = (textureSample(red_difference, smooth_sampler, corner.at).r * 255.0 - 128.0) / 224.0;
    let rgb = vec3f(y + 1.5748 * r, y - 0.187324 * b - 0.468124 * r, y + 1.8556 * b);
    return vec4f(clamp(rgb, vec3f(0.0), vec3f(1.0)), 1.0);
}

@fragment
fn lettering(corner: Corner) -> @location(0) vec4f {
    return textureSample(caption, smooth_sampler, corner.at);
}
