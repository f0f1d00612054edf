// Light runs down over what is darker. With trails it runs further in every generation.
// name: Drip
// place: 25
// param amount 0 0..1  How much of the light runs.
// param step_px 4 1..32 px  How far it runs in one generation.
// switch dark off  Whether the dark runs instead.

fn luma(colour: vec3<f32>) -> f32 {
    return dot(colour, vec3(0.2126, 0.7152, 0.0722));
}

fn stage(at: vec2<f32>) -> vec3<f32> {
    let here = picture(at);
    // Each column has a pace of its own; whole pixels keep it sharp.
    let step_px = ceil(p.step_px * chance_of(u32(at.x)).x);
    let above = picture(at - vec2(0.0, step_px));
    let lead = (luma(above) - luma(here)) * (1.0 - 2.0 * p.dark);
    return mix(here, above, smoothstep(0.0, 0.1, lead) * p.amount);
}
