//! How stages come to stand elsewhere: which rows change. Pure.

use crate::params::ParamIndex;
use egui::Rect;

/// Where the strip at `from` lands that is let go at this height: its place among the others.
pub(super) fn target(spots: &[Rect], from: usize, y: f32) -> usize {
    let others = spots.iter().enumerate().filter(|(at, _)| *at != from);
    others.filter(|(_, spot)| spot.center().y < y).count()
}

/// What brings the stage at `from` to `to`. `places` are the stages' rows and values in the order in
/// which they run; `range` is what a place may be. Where there is room between the new neighbours one
/// row changes; otherwise all places are spread anew.
pub(super) fn moved(
    places: &[(ParamIndex, i64)],
    from: usize,
    to: usize,
    range: (f64, f64),
) -> Vec<(ParamIndex, i64)> {
    if from == to || from.max(to) >= places.len() {
        return Vec::new();
    }
    let (least, most) = (range.0 as i64, range.1 as i64);
    let mut order = places.to_vec();
    let stage = order.remove(from);
    let before = to.checked_sub(1).map_or(least - 1, |at| order[at].1);
    let after = order.get(to).map_or(most + 1, |(_, place)| *place);
    if after - before > 1 {
        // At an end no further away than need be, so that the next one has room.
        let place = match () {
            () if to == 0 => (after - 10).max(least),
            () if to == order.len() => (before + 10).min(most),
            () => before + (after - before) / 2,
        };
        return vec![(stage.0, place)];
    }
    order.insert(to, stage);
    let gap = (most - least) as f64 / order.len() as f64;
    let spread = order.iter().enumerate().map(|(at, (row, old))| {
        let place = least + ((at as f64 + 0.5) * gap) as i64;
        (*row, *old, place)
    });
    spread.filter(|(_, old, place)| old != place).map(|(row, _, place)| (row, place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    const RANGE: (f64, f64) = (0.0, 99.0);

    fn places(values: &[i64]) -> Vec<(ParamIndex, i64)> {
        let registry = crate::engine::registry().expect("rows");
        registry.iter().map(|(index, _)| index).zip(values.iter().copied()).collect()
    }

    /// The rows (by their number before) in the order that comes of it.
    fn after(values: &[i64], from: usize, to: usize) -> (Vec<usize>, usize) {
        let before = places(values);
        let changes = moved(&before, from, to, RANGE);
        assert!(changes.iter().all(|(_, place)| (0..=99).contains(place)), "{changes:?}");
        let mut now: Vec<(usize, i64)> = Vec::new();
        for (at, (row, old)) in before.iter().enumerate() {
            let new = changes.iter().find(|(changed, _)| changed == row);
            now.push((at, new.map_or(*old, |(_, place)| *place)));
        }
        now.sort_by_key(|(_, place)| *place);
        (now.into_iter().map(|(at, _)| at).collect(), changes.len())
    }

    #[test]
    fn with_room_one_row_changes() {
        assert_eq!(after(&[10, 20, 30], 2, 0), (vec![2, 0, 1], 1));
        assert_eq!(after(&[10, 20, 30], 0, 1), (vec![1, 0, 2], 1));
        assert_eq!(after(&[10, 20, 30], 0, 2), (vec![1, 2, 0], 1));
        assert_eq!(after(&[0, 99], 0, 1), (vec![1, 0], 2));
    }

    #[test]
    fn without_room_all_are_spread() {
        for (from, to, order) in
            [(0, 3, vec![1, 2, 3, 0]), (3, 1, vec![0, 3, 1, 2]), (2, 0, vec![2, 0, 1, 3])]
        {
            assert_eq!(after(&[0, 1, 1, 99], from, to).0, order);
        }
        let many: Vec<i64> = vec![50; 23];
        let (order, changes) = after(&many, 22, 5);
        assert_eq!(order[..7], [0, 1, 2, 3, 4, 22, 5]);
        assert!(changes > 20, "{changes}");
    }

    #[test]
    fn nothing_moves_where_it_stands() {
        assert_eq!(moved(&places(&[1, 2]), 1, 1, RANGE), []);
        assert_eq!(moved(&places(&[1, 2]), 0, 2, RANGE), []);
    }

    #[test]
    fn a_strip_lands_between_those_above_and_below() {
        let spot = |at: u8| Rect::from_min_size(pos2(0.0, f32::from(at) * 10.0), vec2(9.0, 10.0));
        let spots = [0, 1, 2, 3].map(spot);
        assert_eq!([1.0, 12.0, 22.0, 33.0, 99.0].map(|y| target(&spots, 1, y)), [0, 1, 1, 2, 3]);
    }
}
