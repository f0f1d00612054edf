// Packed I420 (BT.709, limited range, 8 bits) to and from gamma-coded R'G'B' levels 0..=255.
// One buffer holds the Y, Cb and Cr planes without padding, four samples a word, first lowest.
struct I420 {
    // Of pack: 0 = the decoded picture, 65536 = the worn one.
    mix_q16: i32,
    // Of level: 65536 = as it is, 0 = black.
    level_q16: i32,
    width: u32,
    height: u32,
}

@group(0) @binding(0) var<uniform> i420: I420;
@group(2) @binding(0) var<storage, read_write> packed: array<u32>;

fn sample(index: u32) -> i32 {
    return i32((packed[index >> 2u] >> ((index & 3u) * 8u)) & 255u);
}

// Contribution of a chroma sample to R'G'B', in 1/65536, with the half that rounds.
fn colour_of(cb: i32, cr: i32) -> vec3<i32> {
    return vec3<i32>(117489 * cr, -13975 * cb - 34925 * cr, 138438 * cb) + 32768;
}

// Packed to result. A thread makes the 2x2 pixels of one chroma sample: each takes that chroma as it
// is, so that averaging them gives it back.
@compute @workgroup_size(8, 8)
fn unpack(@builtin(global_invocation_id) id: vec3<u32>) {
    let half = vec2<u32>(i420.width, i420.height) / 2u;
    if any(id.xy >= half) {
        return;
    }
    let luma_samples = i420.width * i420.height;
    let at = luma_samples + id.y * half.x + id.x;
    let colour = colour_of(sample(at) - 128, sample(at + luma_samples / 4u) - 128);
    for (var k = 0u; k < 4u; k++) {
        let texel = id.xy * 2u + vec2<u32>(k & 1u, k >> 1u);
        let luma = 76309 * (sample(texel.y * i420.width + texel.x) - 16);
        store(vec2<i32>(texel), (luma + colour) >> vec3<u32>(16u));
    }
}

fn byte_of(word: u32, place: u32) -> i32 {
    return i32((word >> (place * 8u)) & 255u);
}

// The same where the width is a multiple of 8: a thread makes 8x2 pixels from whole words.
@compute @workgroup_size(8, 8)
fn unpack_wide(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = id.xy * vec2<u32>(8u, 2u);
    if texel.x >= i420.width || texel.y >= i420.height {
        return;
    }
    let luma_samples = i420.width * i420.height;
    let chroma = (luma_samples + id.y * (i420.width / 2u)) / 4u + id.x;
    let cb = packed[chroma];
    let cr = packed[chroma + luma_samples / 16u];
    for (var k = 0u; k < 4u; k++) {
        let colour = colour_of(byte_of(cb, k) - 128, byte_of(cr, k) - 128);
        for (var row = 0u; row < 2u; row++) {
            let at = texel + vec2<u32>(k * 2u, row);
            let word = packed[(at.y * i420.width + at.x) / 4u];
            let luma = 76309 * vec2<i32>(byte_of(word, (k & 1u) * 2u) - 16, byte_of(word, (k & 1u) * 2u + 1u) - 16);
            store(vec2<i32>(at), (luma.x + colour) >> vec3<u32>(16u));
            store(vec2<i32>(at) + vec2<i32>(1, 0), (luma.y + colour) >> vec3<u32>(16u));
        }
    }
}

// source = worn picture, second = decoded picture.
fn mixed(texel: vec2<u32>) -> vec3<i32> {
    let worn = load(vec2<i32>(texel));
    if i420.mix_q16 >= 65536 {
        return worn;
    }
    let decoded = load_second(vec2<i32>(texel));
    return decoded + (((worn - decoded) * i420.mix_q16 + 32768) >> vec3<u32>(16u));
}

fn luma_of(c: vec3<i32>) -> u32 {
    return u32(16 + ((11966 * c.r + 40254 * c.g + 4064 * c.b + 32768) >> 16u));
}

// Of the sum of four pixels: Cb and Cr.
fn chroma_of(sum: vec3<i32>) -> vec2<u32> {
    let cb = -6596 * sum.r - 22188 * sum.g + 28784 * sum.b;
    let cr = 28784 * sum.r - 26145 * sum.g - 2639 * sum.b;
    return vec2<u32>(128 + ((vec2<i32>(cb, cr) + 131072) >> vec2<u32>(18u)));
}

fn luma_at(index: u32) -> u32 {
    return luma_of(mixed(vec2<u32>(index % i420.width, index / i420.width)));
}

// `index` counts the samples of both chroma planes: a word may hold the end of Cb and the start of Cr.
fn chroma_at(index: u32) -> u32 {
    let quarter = i420.width * i420.height / 4u;
    let half_width = i420.width / 2u;
    let is_cr = index >= quarter;
    let place = select(index, index - quarter, is_cr);
    let texel = vec2<u32>(place % half_width, place / half_width) * 2u;
    let sum = mixed(texel) + mixed(texel + vec2<u32>(1u, 0u))
        + mixed(texel + vec2<u32>(0u, 1u)) + mixed(texel + vec2<u32>(1u, 1u));
    let chroma = chroma_of(sum);
    return select(chroma.x, chroma.y, is_cr);
}

// Mix of source and second to packed. A thread makes one word: rows may end within it.
@compute @workgroup_size(64)
fn pack(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let word = id.y * groups.x * 64u + id.x;
    let luma_samples = i420.width * i420.height;
    let first = word * 4u;
    var samples: vec4<u32>;
    if first < luma_samples {
        for (var k = 0u; k < 4u; k++) {
            samples[k] = luma_at(first + k);
        }
    } else {
        for (var k = 0u; k < 4u; k++) {
            let index = first + k - luma_samples;
            if index < luma_samples / 2u {
                samples[k] = chroma_at(index);
            }
        }
    }
    if word < arrayLength(&packed) {
        packed[word] = samples.x | (samples.y << 8u) | (samples.z << 16u) | (samples.w << 24u);
    }
}

struct PackedQuad {
    // Two luma samples of each row, Cb, Cr: where they belong in their words.
    upper: u32,
    lower: u32,
    cb: u32,
    cr: u32,
}

fn quad(texel: vec2<u32>) -> PackedQuad {
    let a = mixed(texel);
    let b = mixed(texel + vec2<u32>(1u, 0u));
    let c = mixed(texel + vec2<u32>(0u, 1u));
    let d = mixed(texel + vec2<u32>(1u, 1u));
    let chroma = chroma_of(a + b + c + d);
    return PackedQuad(
        luma_of(a) | (luma_of(b) << 8u),
        luma_of(c) | (luma_of(d) << 8u),
        chroma.x,
        chroma.y,
    );
}

// The same where the width is a multiple of 8: a thread makes 8x2 pixels and writes whole words.
@compute @workgroup_size(8, 8)
fn pack_wide(@builtin(global_invocation_id) id: vec3<u32>) {
    let texel = id.xy * vec2<u32>(8u, 2u);
    if texel.x >= i420.width || texel.y >= i420.height {
        return;
    }
    let q0 = quad(texel);
    let q1 = quad(texel + vec2<u32>(2u, 0u));
    let q2 = quad(texel + vec2<u32>(4u, 0u));
    let q3 = quad(texel + vec2<u32>(6u, 0u));
    let luma_samples = i420.width * i420.height;
    let upper = (texel.y * i420.width + texel.x) / 4u;
    let lower = upper + i420.width / 4u;
    let chroma = (luma_samples + id.y * (i420.width / 2u)) / 4u + id.x;
    packed[upper] = q0.upper | (q1.upper << 16u);
    packed[upper + 1u] = q2.upper | (q3.upper << 16u);
    packed[lower] = q0.lower | (q1.lower << 16u);
    packed[lower + 1u] = q2.lower | (q3.lower << 16u);
    packed[chroma] = q0.cb | (q1.cb << 8u) | (q2.cb << 16u) | (q3.cb << 24u);
    packed[chroma + luma_samples / 16u] = q0.cr | (q1.cr << 8u) | (q2.cr << 16u) | (q3.cr << 24u);
}

// Toward black, in place: luma toward 16, chroma toward 128.
@compute @workgroup_size(64)
fn level(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let word = id.y * groups.x * 64u + id.x;
    if word >= arrayLength(&packed) {
        return;
    }
    let black = select(128, 16, word * 4u < i420.width * i420.height);
    let old = packed[word];
    var faded = 0u;
    for (var k = 0u; k < 4u; k++) {
        let value = i32((old >> (k * 8u)) & 255u) - black;
        let dimmed = black + ((value * i420.level_q16 + 32768) >> 16u);
        faded |= u32(dimmed) << (k * 8u);
    }
    packed[word] = faded;
}
