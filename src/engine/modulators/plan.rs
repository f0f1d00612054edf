//! In which order modulators and patches have their turn.
//!
//! Whoever writes a row comes before whoever reads it, so that a chain of modulators is through in one
//! tick. Where they go round in a ring there is no such order: the first of the ring, by number (LFOs,
//! envelopes, sequencers, patches), comes first and reads what the tick before has left.

use super::rows::{ENVELOPES, LFOS, PATCHES, Rows, SEQUENCERS};
use crate::params::{CAPACITY, ParamIndex};

/// Modulators and patches: each a bit of a word.
pub const NODES: usize = LFOS + ENVELOPES + SEQUENCERS + PATCHES;

const _: () = assert!(NODES <= 64, "their sets are words of 64 bits");

/// Of a row that none of them reads or makes.
const NOBODY: u8 = u8::MAX;

/// Who has a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Lfo(usize),
    Envelope(usize),
    Sequencer(usize),
    Patch(usize),
}

impl Node {
    fn number(self) -> usize {
        match self {
            Self::Lfo(place) => place,
            Self::Envelope(place) => LFOS + place,
            Self::Sequencer(place) => LFOS + ENVELOPES + place,
            Self::Patch(place) => LFOS + ENVELOPES + SEQUENCERS + place,
        }
    }

    fn of_number(number: usize) -> Self {
        const PATCHES_FROM: usize = LFOS + ENVELOPES + SEQUENCERS;
        match number {
            0..LFOS => Self::Lfo(number),
            _ if number < LFOS + ENVELOPES => Self::Envelope(number - LFOS),
            _ if number < PATCHES_FROM => Self::Sequencer(number - LFOS - ENVELOPES),
            _ => Self::Patch(number - PATCHES_FROM),
        }
    }
}

/// The two rows that a patch joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    pub source: ParamIndex,
    pub target: ParamIndex,
}

/// What is joined to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joints {
    /// Of each patch, where it joins anything.
    pub wires: [Option<Wire>; PATCHES],
    /// What each envelope waits for.
    pub triggers: [Option<ParamIndex>; ENVELOPES],
}

impl Default for Joints {
    fn default() -> Self {
        Self { wires: [None; PATCHES], triggers: [None; ENVELOPES] }
    }
}

/// Who reads and who makes each row.
#[derive(Debug)]
pub struct Hands {
    reader: Vec<u8>,
    maker: Vec<u8>,
}

impl Hands {
    pub fn new(rows: &Rows) -> Self {
        let mut hands = Self { reader: vec![NOBODY; CAPACITY], maker: vec![NOBODY; CAPACITY] };
        // Fewer than 64.
        let mut tell = |node: Node, read: &mut dyn Iterator<Item = ParamIndex>| {
            read.for_each(|row| hands.reader[row.dense()] = node.number() as u8);
        };
        for (place, lfo) in rows.lfos.iter().enumerate() {
            tell(Node::Lfo(place), &mut lfo.read().into_iter());
        }
        for (place, envelope) in rows.envelopes.iter().enumerate() {
            tell(Node::Envelope(place), &mut envelope.read().into_iter());
        }
        for (place, sequencer) in rows.sequencers.iter().enumerate() {
            tell(Node::Sequencer(place), &mut sequencer.read());
        }
        for (place, patch) in rows.patches.iter().enumerate() {
            tell(Node::Patch(place), &mut patch.read().into_iter());
        }
        let lfos = rows.lfos.iter().map(|lfo| lfo.out);
        let envelopes = rows.envelopes.iter().map(|envelope| envelope.out);
        let sequencers = rows.sequencers.iter().map(|sequencer| sequencer.out);
        for (number, out) in (0..).zip(lfos.chain(envelopes).chain(sequencers)) {
            hands.maker[out.dense()] = number;
        }
        hands
    }

    /// Who makes a row.
    pub fn maker(&self, row: ParamIndex) -> Option<Node> {
        node(self.maker[row.dense()])
    }

    fn reader(&self, row: ParamIndex) -> Option<Node> {
        node(self.reader[row.dense()])
    }

    /// The order for these joints.
    pub fn order(&self, joints: &Joints) -> [Node; NODES] {
        let mut waits_for = [0_u64; NODES];
        let mut wait = |who: Node, whom: Node| waits_for[who.number()] |= 1 << whom.number();
        let wires =
            || joints.wires.iter().enumerate().filter_map(|(at, wire)| Some((at, (*wire)?)));
        for (at, wire) in wires() {
            let patch = Node::Patch(at);
            if let Some(reader) = self.reader(wire.target) {
                wait(reader, patch);
            }
            if let Some(maker) = self.maker(wire.source) {
                wait(patch, maker);
            }
            for (other, _) in wires().filter(|(_, other)| other.source == wire.target) {
                wait(Node::Patch(other), patch);
            }
        }
        for (place, trigger) in joints.triggers.iter().enumerate() {
            let Some(trigger) = *trigger else { continue };
            if let Some(maker) = self.maker(trigger) {
                wait(Node::Envelope(place), maker);
            }
            for (at, _) in wires().filter(|(_, wire)| wire.target == trigger) {
                wait(Node::Envelope(place), Node::Patch(at));
            }
        }
        in_order(&waits_for)
    }
}

fn node(number: u8) -> Option<Node> {
    (number != NOBODY).then(|| Node::of_number(number.into()))
}

/// All nodes, each after those it waits for.
fn in_order(waits_for: &[u64; NODES]) -> [Node; NODES] {
    let mut left = u64::MAX >> (64 - NODES);
    std::array::from_fn(|_| {
        // Whoever waits for nobody but itself.
        let may_come = |at: &usize| {
            let bit = 1_u64 << at;
            left & bit != 0 && waits_for[*at] & left & !bit == 0
        };
        let next = (0..NODES).find(may_come).unwrap_or_else(|| first_of_ring(waits_for, left));
        left &= !(1 << next);
        Node::of_number(next)
    })
}

/// The lowest of a ring among `left`, of which each waits for another.
fn first_of_ring(waits_for: &[u64; NODES], left: u64) -> usize {
    let next = |at: usize| (waits_for[at] & left & !(1 << at)).trailing_zeros() as usize % NODES;
    // Whoever goes from one to what it waits for is in a ring after as many steps as there are.
    let inside = (0..NODES).fold(left.trailing_zeros() as usize % NODES, |at, _| next(at));
    let (mut first, mut at) = (inside, next(inside));
    while at != inside {
        first = first.min(at);
        at = next(at);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine, params::Registry};

    fn order(joins: &[(usize, &str, &str)], triggers: &[(usize, &str)]) -> Vec<Node> {
        let registry: Registry = engine::registry().expect("rows");
        let row = |id: &str| registry.find(id).unwrap_or_else(|| panic!("no {id}"));
        let mut joints = Joints::default();
        for (patch, source, target) in joins {
            let wire = Wire { source: row(source), target: row(target) };
            joints.wires[patch - 1] = Some(wire);
        }
        for (envelope, trigger) in triggers {
            joints.triggers[envelope - 1] = Some(row(trigger));
        }
        let order = Hands::new(&Rows::resolve(&registry)).order(&joints);
        for number in 0..NODES {
            let turns = order.iter().filter(|node| node.number() == number).count();
            assert_eq!(turns, 1, "{:?}", Node::of_number(number));
        }
        order.to_vec()
    }

    fn comes_before(order: &[Node], one: Node, other: Node) -> bool {
        let place = |node| order.iter().position(|found| *found == node);
        place(one) < place(other)
    }

    #[test]
    fn writers_come_before_readers_however_they_are_numbered() {
        // Sequencer 2 sets the depth by which LFO 8 modulates the rate of LFO 1, which opens
        // envelope 1, which modulates what patch 2 reads.
        let order = order(
            &[
                (9, "sequencer.2.out", "patch.5.depth"),
                (5, "lfo.8.out", "lfo.1.rate_hz"),
                (7, "envelope.1.out", "decay.feedback"),
                (2, "decay.feedback", "mix.clean"),
            ],
            &[(1, "lfo.1.out")],
        );
        let chain = [
            Node::Sequencer(1),
            Node::Patch(8),
            Node::Patch(4),
            Node::Lfo(0),
            Node::Envelope(0),
            Node::Patch(6),
            Node::Patch(1),
        ];
        for pair in chain.windows(2) {
            assert!(comes_before(&order, pair[0], pair[1]), "{pair:?} in {order:?}");
        }
        assert!(comes_before(&order, Node::Lfo(7), Node::Patch(4)));
    }

    #[test]
    fn a_ring_begins_with_its_lowest_and_what_hangs_on_it_waits() {
        // LFO 2 -> rate of LFO 3 -> rate of LFO 2; LFO 1 hangs on LFO 3 and is in no ring.
        let order = order(
            &[
                (1, "lfo.2.out", "lfo.3.rate_hz"),
                (2, "lfo.3.out", "lfo.2.rate_hz"),
                (3, "lfo.3.out", "lfo.1.rate_hz"),
            ],
            &[],
        );
        let ring = [Node::Lfo(1), Node::Patch(0), Node::Lfo(2), Node::Patch(2), Node::Lfo(0)];
        for pair in ring.windows(2) {
            assert!(comes_before(&order, pair[0], pair[1]), "{pair:?} in {order:?}");
        }
        // A patch that sets its own depth, and two that set each other's.
        order_of_depths();
    }

    fn order_of_depths() {
        let own = order(&[(4, "lfo.1.out", "patch.4.depth")], &[]);
        assert!(comes_before(&own, Node::Lfo(0), Node::Patch(3)));
        let both =
            order(&[(6, "lfo.1.out", "patch.5.depth"), (5, "lfo.1.out", "patch.6.depth")], &[]);
        assert!(comes_before(&both, Node::Patch(4), Node::Patch(5)));
    }
}
