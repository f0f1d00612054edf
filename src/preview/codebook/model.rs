//! What is known of the answers that make up a picture: one way to write them and one to read them.

use super::{
    book::COUNT,
    coder::{Chance, EVEN_BITS, Reader, Writer},
};

/// Patches that one block may hold.
pub const PATCHES_MAX: usize = 20;
/// The largest amount of a patch, in steps.
pub const AMOUNT_MAX: u32 = 400;
/// The largest difference of a block's mean to what was expected, in steps.
pub const MEAN_MAX: i32 = 4000;
/// Sizes are told one by one up to here.
const UNARY_MAX: u32 = 14;
/// The bits that the place of a patch in its list begins with.
const BUCKETS: usize = COUNT.ilog2() as usize + 1;

/// Where answers go to or come from.
pub trait Answers {
    /// Writes this answer, or reads one.
    fn answer(&mut self, chance: &mut Chance, yes: bool) -> bool;
    /// The same of several bits of even chance.
    fn even(&mut self, value: u32, bits: u32) -> u32;
}

impl Answers for Writer {
    fn answer(&mut self, chance: &mut Chance, yes: bool) -> bool {
        self.put(chance, yes);
        yes
    }

    fn even(&mut self, value: u32, bits: u32) -> u32 {
        self.put_even(value, bits);
        value
    }
}

impl Answers for Reader<'_> {
    fn answer(&mut self, chance: &mut Chance, _: bool) -> bool {
        self.get(chance)
    }

    fn even(&mut self, _: u32, bits: u32) -> u32 {
        self.get_even(bits)
    }
}

/// One patch in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// The quarter of the block that a small patch stands in, row by row; none for a large one.
    pub quarter: Option<u8>,
    /// Place in the codebook's list.
    pub place: usize,
    /// How much of it, in steps; never 0.
    pub amount: i32,
}

/// What is known of one plane's answers: luma and chroma are unlike each other.
#[derive(Clone, Debug)]
pub struct Model {
    more: [[Chance; 3]; 4],
    is_small: [Chance; 3],
    quarter: [Chance; 3],
    buckets: [[Chance; BUCKETS]; 2],
    halves: [[Chance; 3 * BUCKETS]; 2],
    amounts: [[Chance; 4]; 3],
    mean_zero: [Chance; 4],
    mean_sign: [Chance; 3],
    means: [[Chance; UNARY_MAX as usize]; 4],
}

impl Default for Model {
    fn default() -> Self {
        let more = |a, b, c| [Chance::of(a), Chance::of(b), Chance::of(c)];
        Self {
            more: [more(40, 110, 180), more(60, 110, 170), more(70, 120, 170), more(100, 140, 180)],
            is_small: [Chance::of(70), Chance::of(90), Chance::of(110)],
            quarter: [Chance::of(128); 3],
            buckets: [[Chance::of(225); BUCKETS]; 2],
            halves: [[Chance::of(128); 3 * BUCKETS]; 2],
            amounts: [[Chance::of(110); 4]; 3],
            mean_zero: [Chance::of(150), Chance::of(110), Chance::of(80), Chance::of(40)],
            mean_sign: [Chance::of(128); 3],
            means: [[Chance::of(130); UNARY_MAX as usize]; 4],
        }
    }
}

impl Model {
    /// Whether there is another patch, after so many of the block, with so many in the blocks around.
    fn more(&mut self, count: usize, around: usize) -> &mut Chance {
        &mut self.more[count.min(3)][around_kind(around)]
    }

    /// A block's patches, with how many stand in its left and upper neighbours together.
    pub fn block(&mut self, answers: &mut impl Answers, around: usize, draws: &mut Vec<Draw>) {
        let known = draws.len();
        for number in 0..PATCHES_MAX {
            let given = draws.get(number).copied();
            if !answers.answer(self.more(number, around), number < known) {
                break;
            }
            let draw = self.draw(answers, number, given.unwrap_or_default());
            match given {
                None => draws.push(draw),
                Some(_) => draws[number] = draw,
            }
        }
    }

    fn draw(&mut self, answers: &mut impl Answers, number: usize, given: Draw) -> Draw {
        let is_small = answers.answer(&mut self.is_small[number.min(2)], given.quarter.is_some());
        let quarter = is_small.then(|| {
            let given = given.quarter.unwrap_or(0);
            let low = answers.answer(&mut self.quarter[0], given & 2 != 0);
            let right = answers.answer(&mut self.quarter[1 + usize::from(low)], given & 1 != 0);
            u8::from(low) << 1 | u8::from(right)
        });
        let place = self.place(answers, is_small, given.place);
        let is_negative = answers.even(u32::from(given.amount < 0), 1) == 1;
        let mut amount = 1;
        let chances = &mut self.amounts[number.min(2)];
        let more = |amount: u32| amount < given.amount.unsigned_abs();
        while amount < AMOUNT_MAX
            && answers.answer(&mut chances[(amount as usize - 1).min(3)], more(amount))
        {
            amount += 1;
        }
        let amount = amount.cast_signed();
        Draw { quarter, place, amount: if is_negative { -amount } else { amount } }
    }

    /// A place in a list: how many bits it has, then these bits.
    fn place(&mut self, answers: &mut impl Answers, is_small: bool, given: usize) -> usize {
        let kind = usize::from(is_small);
        let given_bucket = (given + 1).ilog2() as usize;
        let mut bucket = 0;
        while bucket + 1 < BUCKETS
            && answers.answer(&mut self.buckets[kind][bucket], bucket < given_bucket)
        {
            bucket += 1;
        }
        let rest = (given + 1) as u32;
        let mut value = 1_u32;
        for bit in (0..bucket).rev() {
            let given = rest >> bit & 1;
            let from_top = bucket - 1 - bit;
            let yes = match from_top {
                0 => answers.answer(&mut self.halves[kind][3 * bucket], given == 1),
                1 => {
                    let chance = &mut self.halves[kind][3 * bucket + 1 + (value & 1) as usize];
                    answers.answer(chance, given == 1)
                }
                _ => answers.even(given, 1) == 1,
            };
            value = value << 1 | u32::from(yes);
        }
        (value as usize - 1).min(COUNT - 1)
    }

    /// A block's mean as its difference to what was expected, in steps; `around` is how large the
    /// differences of its neighbours are together.
    pub fn mean(&mut self, answers: &mut impl Answers, around: u32, given: i32) -> i32 {
        let kind = match around {
            0 => 0,
            1..=2 => 1,
            3..=6 => 2,
            _ => 3,
        };
        if answers.answer(&mut self.mean_zero[kind], given == 0) {
            return 0;
        }
        let is_negative = answers.answer(&mut self.mean_sign[0], given < 0);
        let target = given.unsigned_abs();
        let mut size = 1;
        while size < UNARY_MAX {
            if !answers.answer(&mut self.means[kind][size as usize], size < target) {
                break;
            }
            size += 1;
        }
        if size == UNARY_MAX {
            size += answers.even(target.saturating_sub(UNARY_MAX), MEAN_MAX.ilog2() + 1);
        }
        let size = size.min(MEAN_MAX.cast_unsigned()).cast_signed();
        if is_negative { -size } else { size }
    }

    /// What it costs to say that there is no further patch, in bits, less than saying that there is.
    pub fn bits_of_more(&self, count: usize, around: usize) -> f32 {
        let chance = self.more[count.min(3)][around_kind(around)];
        chance.cost_bits(true) - chance.cost_bits(false)
    }

    /// What a patch costs beside its place and amount, in bits.
    pub fn bits_of_size(&self, number: usize, is_small: bool) -> f32 {
        // The quarter, near enough, and the sign.
        let rest = if is_small { 2.0 } else { 0.0 } + EVEN_BITS;
        self.is_small[number.min(2)].cost_bits(is_small) + rest
    }

    /// What a place costs, in bits, for all places of a list.
    pub fn bits_of_places(&self, is_small: bool) -> [f32; COUNT] {
        let kind = usize::from(is_small);
        let mut before = 0.0;
        let mut of_bucket = [0.0; BUCKETS];
        for (bucket, bits) in of_bucket.iter_mut().enumerate() {
            let chance = self.buckets[kind][bucket];
            let end = if bucket + 1 < BUCKETS { chance.cost_bits(false) } else { 0.0 };
            *bits = before + end + bucket.saturating_sub(2) as f32;
            before += chance.cost_bits(true);
        }
        std::array::from_fn(|place| {
            let value = place + 1;
            let bucket = value.ilog2() as usize;
            let halves = &self.halves[kind][3 * bucket..];
            let first = bucket >= 1 && value >> (bucket - 1) & 1 == 1;
            let mut bits = of_bucket[bucket];
            if bucket >= 1 {
                bits += halves[0].cost_bits(first);
            }
            if bucket >= 2 {
                let second = value >> (bucket - 2) & 1 == 1;
                bits += halves[1 + usize::from(first)].cost_bits(second);
            }
            bits
        })
    }

    /// What an amount costs, in bits, without its sign.
    pub fn bits_of_amount(&self, number: usize, amount: u32) -> f32 {
        let chances = self.amounts[number.min(2)];
        let step = |at: u32, yes| chances[(at as usize - 1).min(3)].cost_bits(yes);
        (1..amount.min(8)).map(|at| step(at, true)).sum::<f32>()
            + step(amount, false)
            + amount.saturating_sub(8) as f32 * step(8, true)
    }
}

fn around_kind(around: usize) -> usize {
    match around {
        0 => 0,
        1..=3 => 1,
        _ => 2,
    }
}
