//! What happens where a control stands elsewhere than its parameter: pickup, jump, scale, relative.
//!
//! Pure: told where the parameter is and what time it is. One [`Hand`] per mapping, owned by the
//! thread `midi`.

use crate::{control::mapping::Takeover, params::ParamSpec};
use std::time::Duration;

/// How long what was sent may take until it is seen in the parameter. Ticks take 17 to 42 ms, but a
/// late picture makes events wait; what has not come after so long was overruled.
const ARRIVAL: Duration = Duration::from_millis(500);

/// What was sent within this time is one movement with what comes now.
const MOMENT: Duration = Duration::from_millis(200);

/// Control and parameter count as one when they are this near, in normalised values: a little more
/// than one of the 128 steps that a controller has.
const NEAR: f64 = 1.2 / 127.0;

/// How a control holds its parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Hand {
    is_latched: bool,
    /// Where the control was last, as a normalised value of the parameter.
    last: Option<f64>,
    sent: Option<Sent>,
}

/// The value that was sent last.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sent {
    normalised: f64,
    at: Duration,
    has_arrived: bool,
}

impl Hand {
    /// The control was moved to where the parameter would have the normalised value `target`; returns
    /// the value that the parameter is to have. `plain` is what it has now; `None` = nobody knows,
    /// then it jumps.
    pub(super) fn moved(
        &mut self,
        target: f64,
        takeover: Takeover,
        (row, plain): (&ParamSpec, Option<f64>),
        now: Duration,
    ) -> Option<f64> {
        let last = self.last.replace(target);
        let Some(plain) = plain else { return Some(target) };
        self.look(row, plain, now);
        let value = self.value(row, plain);
        let asked = match takeover {
            Takeover::Jump => Some(target),
            Takeover::Pickup => {
                let has_crossed = last.is_some_and(|last| (last - value) * (target - value) <= 0.0);
                self.is_latched |= has_crossed || (target - value).abs() <= NEAR;
                self.is_latched.then_some(target)
            }
            Takeover::Scale => last.map(|last| scaled(value, last, target)),
            Takeover::Relative => last.map(|last| (value + target - last).clamp(0.0, 1.0)),
        }?;
        self.sent(asked, now);
        Some(asked)
    }

    /// Notes what is on its way to the parameter.
    pub(super) fn sent(&mut self, normalised: f64, now: Duration) {
        self.sent = Some(Sent { normalised, at: now, has_arrived: false });
    }

    /// Looks at the parameter: where something else has moved it, the control lets it go.
    pub(super) fn look(&mut self, row: &ParamSpec, plain: f64, now: Duration) {
        let Some(sent) = &mut self.sent else { return };
        if row.plain_from_normalised(sent.normalised) == plain {
            sent.has_arrived = true;
        } else if sent.has_arrived || now.saturating_sub(sent.at) > ARRIVAL {
            self.sent = None;
            self.is_latched = false;
        }
    }

    /// The parameter's value: what is on its way there counts.
    pub(super) fn value(&self, row: &ParamSpec, plain: f64) -> f64 {
        self.sent.map_or_else(|| row.normalised_from_plain(plain), |sent| sent.normalised)
    }

    /// What was sent a moment ago.
    pub(super) fn recent(&self, now: Duration) -> Option<f64> {
        let sent = self.sent.filter(|sent| now.saturating_sub(sent.at) < MOMENT)?;
        Some(sent.normalised)
    }

    /// Where the control is while it waits to be picked up, as a normalised value of the parameter.
    pub(super) fn waiting(&self) -> Option<f64> {
        self.last.filter(|_| !self.is_latched)
    }

    /// Notes where the control is while nobody listens to it.
    pub(super) fn idle(&mut self, target: f64) {
        *self = Self { last: Some(target), ..Self::default() };
    }

    /// Lets the parameter go.
    pub(super) fn release(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }
}

/// The value that has gone as much of its way to the end as the control has of its own.
fn scaled(value: f64, last: f64, target: f64) -> f64 {
    let by = target - last;
    let (way, left) = if by > 0.0 { (1.0 - value, 1.0 - last) } else { (value, last) };
    // A control at its end has no way left: there both have met.
    if left <= 0.0 { target } else { (value + by * way / left).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROW: ParamSpec = ParamSpec::float("t.a", "A", "", (0.0, 10.0), 5.0);

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A control and a parameter that obeys it at once.
    struct Desk {
        hand: Hand,
        plain: f64,
        now: Duration,
        takeover: Takeover,
    }

    impl Desk {
        fn new(takeover: Takeover) -> Self {
            Self { hand: Hand::default(), plain: 5.0, now: at(0), takeover }
        }

        /// Moves the control; the parameter's normalised value afterwards, if it was moved.
        fn go(&mut self, target: f64) -> Option<f64> {
            self.now += at(40);
            let asked = self.hand.moved(target, self.takeover, (&ROW, Some(self.plain)), self.now);
            if let Some(asked) = asked {
                self.plain = ROW.plain_from_normalised(asked);
                self.hand.look(&ROW, self.plain, self.now);
            }
            asked
        }
    }

    #[test]
    fn pickup_latches_by_crossing_and_lets_go_when_something_else_moves_the_parameter() {
        let mut desk = Desk::new(Takeover::Pickup);
        assert_eq!(desk.go(0.38), None);
        // .38 to .62 steps over .5 without ever being there.
        assert_eq!(desk.go(0.62), Some(0.62));
        assert_eq!(desk.go(0.9), Some(0.9));
        // A preset.
        desk.plain = 2.0;
        assert_eq!(desk.go(0.85), None);
        assert_eq!(desk.go(0.3), None);
        assert_eq!(desk.go(0.15), Some(0.15));
        // Exactly there is as good as across.
        desk.plain = 5.0;
        assert_eq!(desk.go(0.5), Some(0.5));
    }

    #[test]
    fn what_is_on_its_way_is_no_other_hand() {
        let mut hand = Hand::default();
        let mut go = |target, plain, millis| {
            hand.moved(target, Takeover::Pickup, (&ROW, Some(plain)), at(millis))
        };
        assert_eq!(go(0.5, 5.0, 0), Some(0.5));
        // The tick has not come yet: the parameter still shows what it had.
        assert_eq!(go(0.6, 5.0, 5), Some(0.6));
        assert_eq!(go(0.7, 5.0, 10), Some(0.7));
        assert_eq!(go(0.8, 6.0, 30), Some(0.8));
        // Long after, it is what somebody else wanted.
        assert_eq!(go(0.9, 6.0, 900), None);
    }

    #[test]
    fn another_hand_is_seen_between_two_moves() {
        let mut hand = Hand::default();
        let pickup = |hand: &mut Hand, target, plain, millis| {
            hand.moved(target, Takeover::Pickup, (&ROW, Some(plain)), at(millis))
        };
        assert_eq!(pickup(&mut hand, 0.5, 5.0, 0), Some(0.5));
        hand.look(&ROW, 5.0, at(30));
        hand.look(&ROW, 9.0, at(60));
        assert_eq!(pickup(&mut hand, 0.6, 9.0, 70), None);
    }

    #[test]
    fn jump_jumps_and_relative_moves_by_as_much() {
        let mut desk = Desk::new(Takeover::Jump);
        assert_eq!(desk.go(0.1), Some(0.1));
        let mut desk = Desk::new(Takeover::Relative);
        assert_eq!(desk.go(0.1), None);
        assert_eq!(desk.go(0.25), Some(0.65));
        assert_eq!(desk.go(0.0), Some(0.4));
        desk.plain = 10.0;
        assert_eq!(desk.go(1.0), Some(1.0));
    }

    #[test]
    fn scale_meets_at_the_end() {
        let mut desk = Desk::new(Takeover::Scale);
        assert_eq!(desk.go(0.8), None);
        // Half of what is left of the way up: .8 to .9 of the control, .5 to .75 of the value.
        let half = desk.go(0.9).expect("it moves");
        assert!((half - 0.75).abs() < 1e-9, "{half}");
        assert_eq!(desk.go(1.0), Some(1.0));
        assert_eq!(desk.go(0.5), Some(0.5));
    }

    #[test]
    fn where_nobody_knows_the_parameter_it_jumps() {
        let mut hand = Hand::default();
        assert_eq!(hand.moved(0.2, Takeover::Pickup, (&ROW, None), at(0)), Some(0.2));
    }

    proptest! {
        /// However it is moved, values stay within 0..=1, and pickup never makes a jump: it moves the
        /// parameter only when it was there, or went across.
        #[test]
        fn no_jump(
            moves in prop::collection::vec(0.0..=1.0_f64, 1..60),
            way in prop::sample::select(vec![Takeover::Pickup, Takeover::Scale, Takeover::Relative])
        ) {
            let mut desk = Desk::new(way);
            let mut last = None;
            for target in moves {
                let before = desk.plain / 10.0;
                let asked = desk.go(target);
                if let Some(asked) = asked {
                    prop_assert!((0.0..=1.0).contains(&asked));
                }
                if let (Takeover::Pickup, Some(asked)) = (way, asked) {
                    let least = last.map_or(target, |last: f64| last.min(target));
                    let most = last.map_or(target, |last: f64| last.max(target));
                    prop_assert!(before >= least - 0.01 && before <= most + 0.01);
                    prop_assert_eq!(asked, target);
                }
                last = Some(target);
            }
        }
    }
}
