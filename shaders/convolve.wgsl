// A Gaussian along one axis: three boxes, as Pillow makes it. Whole levels in and out, 0..=255.
//
// The two ends of a box weigh less than the pixels between, and each box rounds to whole levels.
// Beyond the edge of what a box reads lies the edge, for every box anew.
struct Convolution {
    // How far a box reaches from its centre, ends included.
    reach_px: i32,
    // 2^24 = one: of every pixel but the ends, of each end.
    inner_q24: u32,
    outer_q24: u32,
    // Of sharpen: 100 = the difference once; differences up to the threshold are left alone.
    percent: i32,
    threshold_levels: i32,
    unused_0: i32,
    unused_1: i32,
    unused_2: i32,
}

@group(0) @binding(0) var<uniform> convolution: Convolution;

const HALF_Q24: u32 = 0x800000u;

// A thread makes eight pixels in a row along the axis, since loads cost the most.
alias Run = array<vec3<u32>, 8>;

fn load_along(first: vec2<i32>, axis: vec2<i32>, place: i32) -> vec3<u32> {
    return vec3<u32>(load(clamped(first + axis * place)));
}

// What three boxes of two pixels' reach need for a run, one colour: the places -6 to 13.
struct Line {
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
    d: vec4<u32>,
    e: vec4<u32>,
}

fn weighed(before: vec4<u32>, now: vec4<u32>, after: vec4<u32>) -> vec4<u32> {
    let is_two = convolution.reach_px > 1;
    let near = select(convolution.outer_q24, convolution.inner_q24, is_two);
    let far = select(0u, convolution.outer_q24, is_two);
    let nearest = vec4<u32>(before.w, now.xyz) + vec4<u32>(now.yzw, after.x);
    let farthest = vec4<u32>(before.zw, now.xy) + vec4<u32>(now.zw, after.xy);
    let sum = convolution.inner_q24 * now + near * nearest + far * farthest;
    return (sum + HALF_Q24) >> vec4<u32>(24u);
}

// The outermost places come out wrong: nobody needs them any more.
fn boxed(v: Line) -> Line {
    return Line(
        weighed(v.a, v.a, v.b),
        weighed(v.a, v.b, v.c),
        weighed(v.b, v.c, v.d),
        weighed(v.c, v.d, v.e),
        weighed(v.d, v.e, v.e),
    );
}

// Puts the edges' levels where the next box reads beyond them: before place 0, after `last`.
fn edged(v: Line, is_first: bool, last: i32) -> Line {
    let before = select(vec4<u32>(v.a.zw, v.b.xy), v.b.zzzz, is_first);
    let p1 = select(v.b.w, v.b.z, last < 1);
    let p2 = select(v.c.x, p1, last < 2);
    let p3 = select(v.c.y, p2, last < 3);
    let p4 = select(v.c.z, p3, last < 4);
    let p5 = select(v.c.w, p4, last < 5);
    let p6 = select(v.d.x, p5, last < 6);
    let p7 = select(v.d.y, p6, last < 7);
    let p8 = select(v.d.z, p7, last < 8);
    let p9 = select(v.d.w, p8, last < 9);
    let p10 = select(v.e.x, p9, last < 10);
    let p11 = select(v.e.y, p10, last < 11);
    return Line(
        vec4<u32>(v.a.xy, before.xy),
        vec4<u32>(before.zw, v.b.z, p1),
        vec4<u32>(p2, p3, p4, p5),
        vec4<u32>(p6, p7, p8, p9),
        vec4<u32>(p10, p11, v.e.zw),
    );
}

fn thrice(v: Line, is_first: bool, last: i32) -> Line {
    return boxed(edged(boxed(edged(boxed(v), is_first, last)), is_first, last));
}

// All three boxes, where they reach one or two pixels. Written out, so that all stays in registers.
fn convolved(first: vec2<i32>, axis: vec2<i32>) -> Run {
    let from_first = dot(first, axis);
    let is_first = from_first == 0;
    let last = dot(result_size() - 1, axis) - from_first;
    let x0 = load_along(first, axis, -6);
    let x1 = load_along(first, axis, -5);
    let x2 = load_along(first, axis, -4);
    let x3 = load_along(first, axis, -3);
    let x4 = load_along(first, axis, -2);
    let x5 = load_along(first, axis, -1);
    let x6 = load_along(first, axis, 0);
    let x7 = load_along(first, axis, 1);
    let x8 = load_along(first, axis, 2);
    let x9 = load_along(first, axis, 3);
    let x10 = load_along(first, axis, 4);
    let x11 = load_along(first, axis, 5);
    let x12 = load_along(first, axis, 6);
    let x13 = load_along(first, axis, 7);
    let x14 = load_along(first, axis, 8);
    let x15 = load_along(first, axis, 9);
    let x16 = load_along(first, axis, 10);
    let x17 = load_along(first, axis, 11);
    let x18 = load_along(first, axis, 12);
    let x19 = load_along(first, axis, 13);
    let r = thrice(Line(
        vec4<u32>(x0.r, x1.r, x2.r, x3.r),
        vec4<u32>(x4.r, x5.r, x6.r, x7.r),
        vec4<u32>(x8.r, x9.r, x10.r, x11.r),
        vec4<u32>(x12.r, x13.r, x14.r, x15.r),
        vec4<u32>(x16.r, x17.r, x18.r, x19.r),
    ), is_first, last);
    let g = thrice(Line(
        vec4<u32>(x0.g, x1.g, x2.g, x3.g),
        vec4<u32>(x4.g, x5.g, x6.g, x7.g),
        vec4<u32>(x8.g, x9.g, x10.g, x11.g),
        vec4<u32>(x12.g, x13.g, x14.g, x15.g),
        vec4<u32>(x16.g, x17.g, x18.g, x19.g),
    ), is_first, last);
    let b = thrice(Line(
        vec4<u32>(x0.b, x1.b, x2.b, x3.b),
        vec4<u32>(x4.b, x5.b, x6.b, x7.b),
        vec4<u32>(x8.b, x9.b, x10.b, x11.b),
        vec4<u32>(x12.b, x13.b, x14.b, x15.b),
        vec4<u32>(x16.b, x17.b, x18.b, x19.b),
    ), is_first, last);
    return Run(
        vec3<u32>(r.b.z, g.b.z, b.b.z),
        vec3<u32>(r.b.w, g.b.w, b.b.w),
        vec3<u32>(r.c.x, g.c.x, b.c.x),
        vec3<u32>(r.c.y, g.c.y, b.c.y),
        vec3<u32>(r.c.z, g.c.z, b.c.z),
        vec3<u32>(r.c.w, g.c.w, b.c.w),
        vec3<u32>(r.d.x, g.d.x, b.d.x),
        vec3<u32>(r.d.y, g.d.y, b.d.y),
    );
}

// One box of any reach, as a running sum.
struct Sliding {
    // Of all pixels but the ends.
    inner: vec3<u32>,
    left: vec3<u32>,
}

fn sliding(first: vec2<i32>, axis: vec2<i32>) -> Sliding {
    var inner = load_along(first, axis, 0);
    for (var step = 1; step < convolution.reach_px; step++) {
        inner += load_along(first, axis, step) + load_along(first, axis, -step);
    }
    return Sliding(inner, load_along(first, axis, -convolution.reach_px));
}

// The pixel at this place; moves on to the next one.
fn slide(sums: ptr<function, Sliding>, first: vec2<i32>, axis: vec2<i32>, place: i32) -> vec3<u32> {
    let right = load_along(first, axis, place + convolution.reach_px);
    let ends = (*sums).left + right;
    let whole = convolution.inner_q24 * (*sums).inner + convolution.outer_q24 * ends;
    (*sums).left = load_along(first, axis, place + 1 - convolution.reach_px);
    (*sums).inner += right - (*sums).left;
    return (whole + HALF_Q24) >> vec3<u32>(24u);
}
