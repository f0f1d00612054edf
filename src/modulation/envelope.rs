//! Envelopes: attack, decay, sustain, release, in straight lines.

/// What an envelope is told at one tick. Times are whole ways: a decay over half the way takes as long
/// as one over all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnvelopeSettings {
    /// From 0 to the top; 0 = at once.
    pub attack_secs: f64,
    /// From the top to the sustained level.
    pub decay_secs: f64,
    /// The sustained level, 0..=1.
    pub sustain: f64,
    /// How long that level is kept after a strike, which has no end of its own.
    pub hold_secs: f64,
    /// From where it is when it is let go to 0.
    pub release_secs: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Stage {
    #[default]
    Rest,
    Attack,
    Decay,
    /// With how long a strike still holds it.
    Sustain(f64),
    /// With the level that it was let go at.
    Release(f64),
}

/// An envelope: where it has got to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope {
    stage: Stage,
    /// 0..=1, before the force.
    level: f64,
    force: f64,
    /// Whether a gate keeps it, rather than a strike.
    is_gated: bool,
    was_open: bool,
}

impl Envelope {
    /// Begins anew with this force, 0..=1, from where it is, so that nothing jumps.
    pub fn strike(&mut self, force: f64) {
        let value = self.value();
        self.force = force.clamp(0.0, 1.0);
        self.level = if self.force > 0.0 { (value / self.force).min(1.0) } else { 0.0 };
        self.stage = Stage::Attack;
        self.is_gated = false;
    }

    /// Keeps it at the sustained level for as long as the gate is open; opening begins anew.
    pub fn gate(&mut self, is_open: bool) {
        if is_open && !self.was_open {
            self.strike(1.0);
            self.is_gated = true;
        }
        if !is_open && self.is_gated && self.stage != Stage::Rest {
            self.is_gated = false;
            self.stage = Stage::Release(self.level);
        }
        self.was_open = is_open;
    }

    /// The value now, 0..=1.
    pub fn value(&self) -> f64 {
        self.level * self.force
    }

    /// The value now; then goes on by `secs`. What a stage leaves of that time belongs to the next,
    /// so that no length depends on how often it is asked.
    pub fn next(&mut self, settings: &EnvelopeSettings, secs: f64) -> f64 {
        // With nothing to wait for, the top is reached in the tick of the strike.
        let mut left = self.pass(settings, 0.0);
        let value = self.value();
        left += secs;
        // At most one pass for each stage.
        for _ in 0..4 {
            left = self.pass(settings, left);
        }
        value
    }

    /// Goes on within the stage by `secs`, and to the next when it is over; returns the time left.
    fn pass(&mut self, settings: &EnvelopeSettings, secs: f64) -> f64 {
        match self.stage {
            Stage::Rest => 0.0,
            Stage::Attack => self.approach(1.0, 1.0, settings.attack_secs, secs, Stage::Decay),
            Stage::Decay => {
                let (goal, held) = (settings.sustain, Stage::Sustain(settings.hold_secs));
                self.approach(goal, 1.0 - goal, settings.decay_secs, secs, held)
            }
            Stage::Sustain(held_secs) => {
                self.level = settings.sustain;
                if self.is_gated {
                    return 0.0;
                }
                let left = secs - held_secs;
                self.stage = match left >= 0.0 {
                    true => Stage::Release(self.level),
                    false => Stage::Sustain(-left),
                };
                left.max(0.0)
            }
            Stage::Release(from) => {
                self.approach(0.0, from, settings.release_secs, secs, Stage::Rest)
            }
        }
    }

    /// Moves the level to `goal` at a pace that takes `whole_secs` for `whole`.
    fn approach(&mut self, goal: f64, whole: f64, whole_secs: f64, secs: f64, then: Stage) -> f64 {
        let way = (goal - self.level).abs();
        let needed_secs = if whole > 0.0 { whole_secs * way / whole } else { 0.0 };
        if secs >= needed_secs {
            self.level = goal;
            self.stage = then;
            return secs - needed_secs;
        }
        self.level += (goal - self.level) * secs / needed_secs;
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADSR: EnvelopeSettings = EnvelopeSettings {
        attack_secs: 0.5,
        decay_secs: 1.0,
        sustain: 0.5,
        hold_secs: 0.5,
        release_secs: 1.0,
    };

    fn near(found: &[f64], wanted: &[f64]) {
        for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            assert!((found - wanted).abs() < 1e-9, "{place}: {found} is not {wanted}");
        }
        assert_eq!(found.len(), wanted.len());
    }

    fn run(envelope: &mut Envelope, settings: &EnvelopeSettings, count: usize) -> Vec<f64> {
        (0..count).map(|_| envelope.next(settings, 0.25)).collect()
    }

    #[test]
    fn a_strike_goes_through_all_stages_and_ends() {
        let mut envelope = Envelope::default();
        near(&run(&mut envelope, &ADSR, 2), &[0.0, 0.0]);
        envelope.strike(1.0);
        // Up by a half a tick, down to a half by an eighth, half a second there, down by an eighth.
        let wanted =
            [0.0, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.5, 0.5, 0.375, 0.25, 0.125, 0.0, 0.0];
        near(&run(&mut envelope, &ADSR, 14), &wanted);
        // Half the force, half of all.
        envelope.strike(0.5);
        let halves = wanted.map(|value| value / 2.0);
        near(&run(&mut envelope, &ADSR, 14), &halves);
    }

    #[test]
    fn a_gate_keeps_it_until_it_is_let_go() {
        let mut envelope = Envelope::default();
        envelope.gate(true);
        assert!((run(&mut envelope, &ADSR, 20)[19] - 0.5).abs() < 1e-9);
        envelope.gate(true);
        near(&run(&mut envelope, &ADSR, 3), &[0.5; 3]);
        envelope.gate(false);
        near(&run(&mut envelope, &ADSR, 6), &[0.5, 0.375, 0.25, 0.125, 0.0, 0.0]);
        // Let go on the way up: down from there, in the time of a release.
        envelope.gate(true);
        near(&run(&mut envelope, &ADSR, 1), &[0.0]);
        envelope.gate(false);
        near(&run(&mut envelope, &ADSR, 3), &[0.5, 0.375, 0.25]);
    }

    #[test]
    fn without_times_it_is_up_in_the_tick_of_the_strike() {
        let quick = EnvelopeSettings {
            attack_secs: 0.0,
            decay_secs: 0.5,
            sustain: 0.0,
            hold_secs: 0.0,
            release_secs: 0.0,
        };
        let mut envelope = Envelope::default();
        envelope.strike(0.8);
        near(&run(&mut envelope, &quick, 4), &[0.8, 0.4, 0.0, 0.0]);
        // Struck again on its way: from where it is, here with less force.
        envelope.strike(0.8);
        near(&run(&mut envelope, &quick, 1), &[0.8]);
        let slow = EnvelopeSettings { attack_secs: 1.0, ..quick };
        envelope.strike(0.5);
        // 0.4 of 0.5: four fifths of the way up; a fifth of a second later the top.
        near(&run(&mut envelope, &slow, 2), &[0.4, 0.45]);
    }

    #[test]
    fn lengths_do_not_depend_on_how_often_it_is_asked() {
        let (mut often, mut seldom) = (Envelope::default(), Envelope::default());
        often.strike(1.0);
        seldom.strike(1.0);
        let often: Vec<f64> = (0..120).map(|_| often.next(&ADSR, 0.03)).collect();
        let seldom: Vec<f64> = (0..12).map(|_| seldom.next(&ADSR, 0.3)).collect();
        let tenth: Vec<f64> = often.into_iter().step_by(10).collect();
        near(&seldom, &tenth);
    }
}
