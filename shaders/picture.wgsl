// Bindings and access of working pictures. Gamma-coded BT.709 R'G'B', whole 8-bit levels 0..=255.
@group(1) @binding(0) var source: texture_2d<u32>;
@group(1) @binding(1) var second: texture_2d<u32>;
@group(1) @binding(2) var result: texture_storage_2d<rgba8uint, write>;

fn result_size() -> vec2<i32> {
    return vec2<i32>(textureDimensions(result));
}

fn is_inside(texel: vec2<i32>) -> bool {
    return all(texel < result_size());
}

// Beyond the edge lies the edge.
fn clamped(texel: vec2<i32>) -> vec2<i32> {
    return clamp(texel, vec2<i32>(0), result_size() - 1);
}

fn load(texel: vec2<i32>) -> vec3<i32> {
    return vec3<i32>(textureLoad(source, texel, 0).rgb);
}

fn load_second(texel: vec2<i32>) -> vec3<i32> {
    return vec3<i32>(textureLoad(second, texel, 0).rgb);
}

// How much the clip moves there, 0..=255, where the second picture is the decoded one; 0 while the
// motion of the clip is not followed.
fn load_motion(texel: vec2<i32>) -> i32 {
    return i32(textureLoad(second, texel, 0).a);
}

fn in_range(levels: vec3<i32>) -> vec3<i32> {
    return clamp(levels, vec3<i32>(0), vec3<i32>(255));
}

fn store(texel: vec2<i32>, levels: vec3<i32>) {
    textureStore(result, texel, vec4<u32>(vec3<u32>(in_range(levels)), 0u));
}

fn store_with_motion(texel: vec2<i32>, levels: vec3<i32>, motion: i32) {
    let all = clamp(vec4<i32>(levels, motion), vec4<i32>(0), vec4<i32>(255));
    textureStore(result, texel, vec4<u32>(all));
}
