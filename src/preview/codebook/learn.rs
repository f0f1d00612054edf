//! Learns a codebook from pictures: what their blocks have beyond what their means show, gathered in
//! 256 shapes of each size (k-means on directions), the most useful first.

use super::{
    book::{COUNT, Codebook, LARGE, LARGE_BITS, SMALL, SMALL_BITS},
    coder::Writer,
    draw::Bench,
    model::Model,
    plane::{Means, PARTS, Plane, Steps},
};

/// Blocks that are looked at, of each size.
const EXAMPLES: usize = 12_000;
/// Rounds of gathering.
const ROUNDS: usize = 10;
/// Blocks with less than this, as squared levels of a pixel, show nothing.
const LEAST_SQUARE: f32 = 12.0;
/// The steps at which patches are counted: about those of a picture in 4 KiB.
const COUNTED_AT: u8 = 0x40;

/// A codebook of what is in these pictures. The same pictures give the same one.
pub fn learn(planes: &[Plane]) -> Codebook {
    let mut examples = (Vec::new(), Vec::new());
    for plane in planes {
        gather(plane, &mut examples);
    }
    let (large, small) = (thin(examples.0), thin(examples.1));
    let large = shapes(&large).into_iter().map(|shape| whole(&shape, LARGE_BITS)).collect();
    let small = shapes(&small).into_iter().map(|shape| whole(&shape, SMALL_BITS)).collect();
    sorted(&Codebook::new(large, small), planes)
}

type Blocks<const N: usize> = Vec<[f32; N]>;

/// What the blocks of a plane have beyond their means, where they have something.
fn gather(plane: &Plane, examples: &mut (Blocks<64>, Blocks<16>)) {
    let (columns, rows) = plane.blocks();
    let mut means = Means::new(columns);
    let steps = Steps { amount: PARTS, mean: PARTS };
    let (mut nowhere, mut model) = (Writer::behind(Vec::new()), Model::default());
    let level = |column: usize, row: usize, at: usize| {
        let (x, y) = (column * LARGE + at % LARGE, row * LARGE + at / LARGE);
        i32::from(plane.level(x, y))
    };
    for place in 0..columns * rows {
        let sum: i32 = (0..64).map(|at| level(place % columns, place / columns, at)).sum();
        means.next(&mut nowhere, &mut model, (sum + 32) / 64);
    }
    for place in 0..columns * rows {
        let base = means.base(place, steps);
        let rest: [f32; 64] = std::array::from_fn(|at| {
            let (x, y) = ((at % LARGE) as i32, (at / LARGE) as i32);
            let shown = base.mean + (base.right * (2 * x - 7) + base.down * (2 * y - 7)) / 16;
            level(place % columns, place / columns, at) as f32 - shown as f32 / PARTS as f32
        });
        examples.0.extend(centred(rest));
        for quarter in 0..4 {
            let corner = (quarter >> 1) * SMALL * LARGE + (quarter & 1) * SMALL;
            let part = std::array::from_fn(|at| rest[corner + at / SMALL * LARGE + at % SMALL]);
            examples.1.extend(centred::<16>(part));
        }
    }
}

/// A block without its mean, where anything is left.
fn centred<const N: usize>(block: [f32; N]) -> Option<[f32; N]> {
    let mean = block.iter().sum::<f32>() / N as f32;
    let block = block.map(|level| level - mean);
    (square(&block) > LEAST_SQUARE * N as f32).then_some(block)
}

fn square<const N: usize>(block: &[f32; N]) -> f32 {
    block.iter().map(|level| level * level).sum()
}

/// So many of them as are looked at, from all places alike.
fn thin<const N: usize>(blocks: Blocks<N>) -> Blocks<N> {
    let count = blocks.len().min(EXAMPLES);
    (0..count).map(|number| blocks[number * blocks.len() / count]).collect()
}

/// The directions that blocks lie in, either way.
fn shapes<const N: usize>(blocks: &Blocks<N>) -> Blocks<N> {
    let count = blocks.len().min(COUNT);
    let unit = |block: [f32; N]| {
        let length = square(&block).sqrt().max(1e-6);
        block.map(|level| level / length)
    };
    let mut shapes: Blocks<N> =
        (0..count).map(|number| unit(blocks[number * blocks.len() / count])).collect();
    for _ in 0..ROUNDS {
        let mut sums = vec![[0.0_f32; N]; count];
        for block in blocks {
            let mut best = (0.0_f32, 0);
            for (number, shape) in shapes.iter().enumerate() {
                let product: f32 = shape.iter().zip(block).map(|(a, b)| a * b).sum();
                if product.abs() > best.0.abs() {
                    best = (product, number);
                }
            }
            // The strong ones draw more, but not by their square.
            let weight = best.0.signum() / square(block).sqrt().sqrt();
            for (sum, level) in sums[best.1].iter_mut().zip(block) {
                *sum += weight * level;
            }
        }
        for (number, (shape, sum)) in shapes.iter_mut().zip(sums).enumerate() {
            *shape = match square(&sum) > 1e-3 {
                true => unit(sum),
                // Nobody's direction: another example's.
                false => unit(blocks[(number * 7919 + 13) % blocks.len()]),
            };
        }
    }
    shapes
}

/// Pixels as they stand in the file.
fn whole<const N: usize>(shape: &[f32; N], bits: u32) -> [i8; N] {
    let scale = (1_u32 << bits) as f32;
    shape.map(|level| (level * scale).round().clamp(-127.0, 127.0) as i8)
}

/// The same patches, those first that these pictures take most often.
fn sorted(book: &Codebook, planes: &[Plane]) -> Codebook {
    let bench = Bench::new(book);
    let mut uses = vec![[0_u32; 2]; COUNT];
    for plane in planes {
        let sketch = bench.sketch(plane);
        let (mut writer, mut model) = (Writer::behind(Vec::new()), Model::default());
        let size = (plane.width, plane.height);
        let drawn = bench.draw(&sketch, size, Steps::of(COUNTED_AT), &mut writer, &mut model);
        for (sum, uses) in uses.iter_mut().zip(drawn.uses) {
            *sum = [sum[0] + uses[0], sum[1] + uses[1]];
        }
    }
    let order = |kind: usize| {
        let mut places: Vec<usize> = (0..COUNT).collect();
        places.sort_by_key(|place| std::cmp::Reverse(uses[*place][kind]));
        places
    };
    Codebook::new(
        order(0).into_iter().map(|place| book.large()[place]).collect(),
        order(1).into_iter().map(|place| book.small()[place]).collect(),
    )
}
