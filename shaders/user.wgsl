// Runs a user's stage: lends it pictures, values and chance. Gamma-coded R'G'B' 0..=1, in whole levels.
struct ResiduaStage {
    key: vec4<u32>,
    size: vec2<f32>,
    generation: f32,
    age: f32,
    // How much is shown of what the stage makes: 1 = all.
    part: f32,
    @align(16) p: Params,
}
@group(0) @binding(0) var<uniform> residua_stage: ResiduaStage;
@group(1) @binding(0) var residua_input: texture_2d<u32>;
@group(1) @binding(1) var residua_second: texture_2d<u32>;
@group(1) @binding(2) var residua_result: texture_storage_2d<rgba8uint, write>;

var<private> size: vec2<f32>;
var<private> generation: f32;
var<private> age: f32;
var<private> p: Params;

// Beyond the edge lies the edge.
fn residua_inside(texel: vec2<i32>) -> vec2<i32> {
    return clamp(texel, vec2<i32>(0), vec2<i32>(textureDimensions(residua_result)) - 1);
}

fn residua_input_at(texel: vec2<i32>) -> vec3<f32> {
    return vec3<f32>(textureLoad(residua_input, residua_inside(texel), 0).rgb) / 255.0;
}

fn residua_second_at(texel: vec2<i32>) -> vec3<f32> {
    return vec3<f32>(textureLoad(residua_second, residua_inside(texel), 0).rgb) / 255.0;
}

// From the texel before a place to that place, with what is left over. Centres are at halves.
struct ResiduaPlace {
    texel: vec2<i32>,
    part: vec2<f32>,
}

fn residua_place(at: vec2<f32>) -> ResiduaPlace {
    let start = clamp(at - 0.5, vec2<f32>(-1.0), size);
    let corner = floor(start);
    return ResiduaPlace(vec2<i32>(corner), start - corner);
}

// The picture as it came to this stage.
fn picture(at: vec2<f32>) -> vec3<f32> {
    let place = residua_place(at);
    let t = place.texel;
    let upper = mix(residua_input_at(t), residua_input_at(t + vec2<i32>(1, 0)), place.part.x);
    let lower = mix(
        residua_input_at(t + vec2<i32>(0, 1)), residua_input_at(t + vec2<i32>(1, 1)), place.part.x
    );
    return mix(upper, lower, place.part.y);
}

fn residua_other(at: vec2<f32>) -> vec3<f32> {
    let place = residua_place(at);
    let t = place.texel;
    let upper = mix(residua_second_at(t), residua_second_at(t + vec2<i32>(1, 0)), place.part.x);
    let lower = mix(
        residua_second_at(t + vec2<i32>(0, 1)), residua_second_at(t + vec2<i32>(1, 1)), place.part.x
    );
    return mix(upper, lower, place.part.y);
}

// The decoded picture.
fn clip(at: vec2<f32>) -> vec3<f32> {
    return residua_other(at);
}

// The worn picture of the generation before; the decoded one where there is none.
fn worn(at: vec2<f32>) -> vec3<f32> {
    return residua_other(at);
}

// Words of chance as numbers from 0 up to, not including, 1.
fn residua_numbers(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(words >> vec4<u32>(8u)) / 16777216.0;
}

// Four numbers that belong to this pixel in this generation.
fn chance(at: vec2<f32>) -> vec4<f32> {
    let texel = vec2<u32>(vec2<i32>(floor(at)));
    return residua_numbers(pcg4d(vec4<u32>(texel, residua_stage.key.xy)));
}

// Four numbers that belong to the whole picture in this generation; others for another number.
fn chance_of(number: u32) -> vec4<f32> {
    return residua_numbers(pcg4d(vec4<u32>(number, residua_stage.key.zw, 1u)));
}

@compute @workgroup_size(8, 8)
fn residua_main(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = vec2<i32>(id.xy);
    if any(texel >= vec2<i32>(textureDimensions(residua_result))) {
        return;
    }
    size = residua_stage.size;
    generation = residua_stage.generation;
    age = residua_stage.age;
    p = residua_stage.p;
    let at = vec2<f32>(texel) + 0.5;
    var colour: vec3<f32> = stage(at);
    if residua_stage.part != 1.0 {
        colour = mix(residua_input_at(texel), colour, residua_stage.part);
    }
    let levels = vec3<u32>(floor(clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0)) * 255.0 + 0.5));
    textureStore(residua_result, texel, vec4<u32>(min(levels, vec3<u32>(255u)), 255u));
}
