//! How the patches of a plane are chosen: those first that mend most for the bits they cost.

use super::{
    book::{COUNT, Codebook, LARGE, LARGE_BITS, SMALL, SMALL_BITS},
    coder::Writer,
    model::{AMOUNT_MAX, Draw, Model, PATCHES_MAX},
    plane::{self, Base, Means, PARTS, Plane, Steps},
};

/// Places that patches can stand at in a block: the whole of it, and its quarters.
const PLACES: usize = 5;
/// Patches at all places: the large ones, then the small ones of each quarter.
const ALL: usize = COUNT * PLACES;
/// The prices of patches are looked up anew after so many blocks.
const FRESH_BLOCKS: usize = 12;
/// How much an error is worth against a bit: this times the square of a step.
pub const BIT_WORTH: f32 = 0.16;
/// How much more errors hide in a busy block: the power of its variance.
pub const HIDING: f32 = 0.5;
/// Of a variance of so many squared levels a block counts as it is.
const PLAIN_VARIANCE: f32 = 200.0;

/// What is known of a codebook's patches before the first picture.
pub struct Bench<'a> {
    book: &'a Codebook,
    /// Patches in levels, at the places of their pixels.
    patches: Vec<Spread>,
    /// The product of each two: the large with all, then each small with the small of its quarter.
    large_products: Vec<f32>,
    small_products: Vec<f32>,
}

/// A patch at a place of the block.
struct Spread {
    pixels: Vec<(u8, f32)>,
    /// Its square length.
    square: f32,
    /// Its product with a block of ones, with one that rises to the right, and downward.
    ones: f32,
    right: f32,
    down: f32,
}

impl Spread {
    fn new(pixels: Vec<(u8, f32)>) -> Self {
        let product = |of: fn(f32, f32) -> f32| {
            let at = |place: u8| of(f32::from(place % 8), f32::from(place / 8));
            pixels.iter().map(|(place, pixel)| at(*place) * pixel).sum()
        };
        Self {
            square: pixels.iter().map(|(_, pixel)| pixel * pixel).sum(),
            ones: product(|_, _| 1.0),
            right: product(|x, _| (2.0 * x - 7.0) / 16.0),
            down: product(|_, y| (2.0 * y - 7.0) / 16.0),
            pixels,
        }
    }

    fn product(&self, block: &[f32; LARGE * LARGE]) -> f32 {
        self.pixels.iter().map(|(place, pixel)| block[usize::from(*place)] * pixel).sum()
    }
}

/// How much each patch has of each block of a plane, whatever the steps.
pub struct Sketch {
    blocks: Vec<Block>,
    columns: usize,
}

struct Block {
    mean: f32,
    variance: f32,
    products: Vec<f32>,
}

impl<'a> Bench<'a> {
    /// Looks at all pairs of patches.
    pub fn new(book: &'a Codebook) -> Self {
        let large = book.large().iter().map(|patch| {
            let scale = (1 << LARGE_BITS) as f32;
            let pixels = patch.iter().enumerate();
            Spread::new(pixels.map(|(at, pixel)| (at as u8, f32::from(*pixel) / scale)).collect())
        });
        let mut patches: Vec<Spread> = large.collect();
        for quarter in 0..4_usize {
            let corner = (quarter >> 1) * SMALL * LARGE + (quarter & 1) * SMALL;
            patches.extend(book.small().iter().map(|patch| {
                let scale = (1 << SMALL_BITS) as f32;
                let at = |place: usize| (corner + place / SMALL * LARGE + place % SMALL) as u8;
                let pixels = patch.iter().enumerate();
                Spread::new(pixels.map(|(p, pixel)| (at(p), f32::from(*pixel) / scale)).collect())
            }));
        }
        let dense = |patch: &Spread| {
            let mut block = [0.0; LARGE * LARGE];
            for (place, pixel) in &patch.pixels {
                block[usize::from(*place)] = *pixel;
            }
            block
        };
        let mut large_products = Vec::with_capacity(COUNT * ALL);
        for patch in &patches[..COUNT] {
            let block = dense(patch);
            large_products.extend(patches.iter().map(|other| other.product(&block)));
        }
        let mut small_products = Vec::with_capacity(COUNT * COUNT);
        for patch in &patches[COUNT..2 * COUNT] {
            let block = dense(patch);
            let others = patches[COUNT..2 * COUNT].iter();
            small_products.extend(others.map(|other| other.product(&block)));
        }
        Self { book, patches, large_products, small_products }
    }

    /// Looks at a plane.
    pub fn sketch(&self, plane: &Plane) -> Sketch {
        let (columns, rows) = plane.blocks();
        let mut blocks = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let pixels: [f32; LARGE * LARGE] = std::array::from_fn(|at| {
                    let (x, y) = (column * LARGE + at % LARGE, row * LARGE + at / LARGE);
                    f32::from(plane.level(x, y))
                });
                let mean = pixels.iter().sum::<f32>() / pixels.len() as f32;
                let around_mean = pixels.map(|pixel| pixel - mean);
                let square: f32 = around_mean.iter().map(|pixel| pixel * pixel).sum();
                let products = self.patches.iter().map(|patch| patch.product(&around_mean));
                blocks.push(Block {
                    mean,
                    variance: square / pixels.len() as f32,
                    products: products.collect(),
                });
            }
        }
        Sketch { blocks, columns }
    }

    /// Draws a plane and writes it; the plane as a reader will see it.
    pub fn draw(
        &self,
        sketch: &Sketch,
        size: (usize, usize),
        steps: Steps,
        writer: &mut Writer,
        model: &mut Model,
    ) -> Drawn {
        let mut means = Means::new(sketch.columns);
        for block in &sketch.blocks {
            let level = block.mean * PARTS as f32 / steps.mean as f32;
            means.next(writer, model, level.round() as i32);
        }
        let mut drawn = Drawn::new(size);
        let mut prices = None;
        let mut products = Vec::with_capacity(ALL);
        for (place, block) in sketch.blocks.iter().enumerate() {
            if place % FRESH_BLOCKS == 0 || prices.is_none() {
                prices = Some(Prices::of(model));
            }
            let Some(prices) = &prices else { break };
            let base = means.base(place, steps);
            let around = plane::around(&drawn.counts, sketch.columns);
            let mut draws = self.choose(block, base, steps, prices, model, around, &mut products);
            model.block(writer, around, &mut draws);
            drawn.put(base, &draws, steps, self.book);
        }
        drawn
    }

    #[allow(clippy::too_many_arguments, reason = "all of them are of one block")]
    fn choose(
        &self,
        block: &Block,
        base: Base,
        steps: Steps,
        prices: &Prices,
        model: &Model,
        around: usize,
        products: &mut Vec<f32>,
    ) -> Vec<Draw> {
        let parts = PARTS as f32;
        let mean = base.mean as f32 / parts - block.mean;
        let (right, down) = (base.right as f32 / parts, base.down as f32 / parts);
        products.clear();
        products.extend(self.patches.iter().zip(&block.products).map(|(patch, product)| {
            product - mean * patch.ones - right * patch.right - down * patch.down
        }));
        let step = steps.amount as f32 / parts;
        let busy = ((block.variance + 20.0) / PLAIN_VARIANCE).clamp(0.1, 30.0).powf(HIDING);
        let worth = BIT_WORTH * step * step * busy;
        let mut draws = Vec::new();
        while draws.len() < PATCHES_MAX {
            let number = draws.len();
            let more = model.bits_of_more(number, around);
            let Some((all, amount)) =
                prices.best(&self.patches, products, step, worth, more, number)
            else {
                break;
            };
            let (quarter, place) = match all.checked_sub(COUNT) {
                None => (None, all),
                Some(small) => (Some((small / COUNT) as u8), small % COUNT),
            };
            draws.push(Draw { quarter, place, amount });
            self.take_away(products, quarter, place, amount as f32 * step);
        }
        draws
    }

    /// What is left of the products when so much of a patch is drawn.
    fn take_away(&self, products: &mut [f32], quarter: Option<u8>, place: usize, amount: f32) {
        match quarter {
            None => {
                let with = &self.large_products[place * ALL..][..ALL];
                for (product, with) in products.iter_mut().zip(with) {
                    *product -= amount * with;
                }
            }
            Some(quarter) => {
                let from = COUNT + usize::from(quarter) * COUNT;
                let all = from + place;
                for (large, product) in products[..COUNT].iter_mut().enumerate() {
                    *product -= amount * self.large_products[large * ALL + all];
                }
                let with = &self.small_products[place * COUNT..][..COUNT];
                for (product, with) in products[from..][..COUNT].iter_mut().zip(with) {
                    *product -= amount * with;
                }
            }
        }
    }
}

/// What patches cost, in bits, for some blocks.
struct Prices {
    places: [[f32; COUNT]; 2],
    sizes: [[f32; 2]; 3],
    amounts: [[f32; 10]; 3],
}

impl Prices {
    fn of(model: &Model) -> Self {
        Self {
            places: [model.bits_of_places(false), model.bits_of_places(true)],
            sizes: std::array::from_fn(|number| {
                [model.bits_of_size(number, false), model.bits_of_size(number, true)]
            }),
            amounts: std::array::from_fn(|number| {
                std::array::from_fn(|amount| model.bits_of_amount(number, amount.max(1) as u32))
            }),
        }
    }

    /// The patch that mends most for what it costs, and how much of it; none where none is worth it.
    fn best(
        &self,
        patches: &[Spread],
        products: &[f32],
        step: f32,
        worth: f32,
        more: f32,
        number: usize,
    ) -> Option<(usize, i32)> {
        let number = number.min(2);
        let mut best = (0.0, None);
        for (all, (patch, product)) in patches.iter().zip(products).enumerate() {
            let full = product.abs();
            // One step of anything mends less than this.
            if full < step * 0.6 * patch.square {
                continue;
            }
            let is_small = usize::from(all >= COUNT);
            let amount =
                (full / (step * patch.square) + 0.45).max(1.0).min(AMOUNT_MAX as f32) as u32;
            let drawn = amount as f32 * step;
            let mended = drawn * (2.0 * full - drawn * patch.square);
            let bits = more
                + self.sizes[number][is_small]
                + self.places[is_small][all % COUNT]
                + self.amounts[number][amount.min(9) as usize];
            let gain = mended - worth * bits;
            if gain > best.0 {
                let amount = amount.cast_signed();
                best = (gain, Some((all, if *product < 0.0 { -amount } else { amount })));
            }
        }
        best.1
    }
}

/// A plane as it is drawn, block by block.
#[derive(Debug)]
pub struct Drawn {
    /// The pixels drawn so far.
    pub plane: Plane,
    /// How many patches stand in each block.
    pub counts: Vec<u8>,
    /// How often each patch was taken: large, then small ones. The most useful stand first in a codebook.
    pub uses: Vec<[u32; 2]>,
}

impl Drawn {
    /// Nothing is drawn yet.
    pub fn new((width, height): (usize, usize)) -> Self {
        let plane = Plane { width, height, levels: vec![0; width * height] };
        Self { plane, counts: Vec::new(), uses: vec![[0; 2]; COUNT] }
    }

    /// The next block.
    pub fn put(&mut self, base: Base, draws: &[Draw], steps: Steps, book: &Codebook) {
        let (columns, _) = self.plane.blocks();
        let (column, row) = (self.counts.len() % columns, self.counts.len() / columns);
        let pixels = plane::draw(base, draws, steps, book);
        let (x, y) = (column * LARGE, row * LARGE);
        let across = LARGE.min(self.plane.width - x);
        for line in 0..LARGE.min(self.plane.height - y) {
            let at = (y + line) * self.plane.width + x;
            self.plane.levels[at..at + across].copy_from_slice(&pixels[line * LARGE..][..across]);
        }
        for draw in draws {
            self.uses[draw.place][usize::from(draw.quarter.is_some())] += 1;
        }
        self.counts.push(draws.len() as u8);
    }
}
