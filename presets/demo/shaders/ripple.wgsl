// Waves run outward from the middle.
// name: Ripple
// place: 45
// param amount 0 0..1  How far the waves push the picture.
// param length_px 48 8..200 px  From one crest to the next.
// param speed 0.5 -4..4  Crests that go by in thirty generations; below 0 they run inward.

fn stage(at: vec2<f32>) -> vec3<f32> {
    let way = at - size * 0.5;
    let far = max(length(way), 1.0);
    let wave = sin((far / p.length_px - generation * p.speed / 30.0) * 6.2831853);
    return picture(at + way / far * wave * p.amount * p.length_px * 0.25);
}
