//! The beat of a MIDI clock, steady though its pulses are not. Pure; owned by the thread `midi`.
//!
//! An alpha-beta filter over the time stamps of the pulses (24 a quarter note) follows phase and
//! period. Its gains are those of the growing-memory filter, alpha = 2(2n + 1) / ((n + 1)(n + 2)) and
//! beta = 6 / ((n + 1)(n + 2)) at pulse n, which is the straight line of least squares through all
//! pulses so far (E. Brookner, Tracking and Kalman Filtering Made Easy, 1998, section 1.2.10); below
//! the least gain they stay what they are, so that a change of tempo is followed. What comes whole
//! periods late says that so many pulses were lost; but three pulses in a row that are more than a
//! third of a period off their time are another tempo, and begin the fit anew.

use super::parser::ClockMessage;
use crate::params::BPM_RANGE;
use std::time::Duration;

/// Pulses of a quarter note, which is one beat.
const PULSES_PER_BEAT: u32 = 24;
/// Pulses of one unit of a song position.
const PULSES_PER_UNIT: u32 = 6;
/// Number of pulses after which gains fall no further: eight beats. With a jitter of 2.3 ms the
/// period is then known to some 0.03 beats a minute.
const LONGEST_MEMORY: u32 = 192;
/// Pulses before the tempo is told: one beat.
const SHORTEST_MEMORY: u32 = 24;
/// A clock that is silent for so long is another one when it comes back.
const SILENCE: Duration = Duration::from_secs(2);

/// What a clock has come to say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Beat {
    /// Beats a minute, where the tempo is to be told.
    pub bpm: Option<f64>,
    /// Beats since the song's beginning, where the place is to be told.
    pub position: Option<f64>,
    /// The song starts, goes on, or stops.
    pub transport: Option<Transport>,
}

/// What the clock's transport does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// From the beginning.
    Start,
    /// From where it is.
    Continue,
    /// It stops.
    Stop,
}

/// Follows one clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Follower {
    fit: Option<Fit>,
    /// Pulses since the song's beginning; the next one is this many.
    pulses: u32,
    /// Whether the clock was started; one that only ever pulses counts from its first pulse.
    is_stopped: bool,
    /// Pulses in a row that were off their time.
    strays: u32,
    /// Pulses counted as lost since one was on time.
    lost: u32,
}

/// The line through the pulses.
#[derive(Clone, Copy, Debug)]
struct Fit {
    /// When the last pulse was due, in seconds.
    at: f64,
    /// When it came.
    came: f64,
    /// Seconds from pulse to pulse, once there were two.
    period: Option<f64>,
    /// Pulses that the fit has seen after the first.
    count: u32,
}

impl Follower {
    /// Takes a message of the clock with its time stamp.
    pub(super) fn take(&mut self, message: ClockMessage, stamp: Duration) -> Beat {
        match message {
            ClockMessage::Pulse => self.pulse(stamp.as_secs_f64()),
            ClockMessage::Start => {
                self.pulses = 0;
                self.is_stopped = false;
                Beat { position: Some(0.0), transport: Some(Transport::Start), bpm: None }
            }
            ClockMessage::Continue => {
                self.is_stopped = false;
                Beat {
                    position: Some(self.beats()),
                    transport: Some(Transport::Continue),
                    bpm: None,
                }
            }
            ClockMessage::Stop => {
                self.is_stopped = true;
                Beat { transport: Some(Transport::Stop), ..Beat::default() }
            }
            ClockMessage::Position(units) => {
                self.pulses = u32::from(units) * PULSES_PER_UNIT;
                Beat { position: Some(self.beats()), ..Beat::default() }
            }
        }
    }

    fn beats(&self) -> f64 {
        f64::from(self.pulses) / f64::from(PULSES_PER_BEAT)
    }

    fn pulse(&mut self, at: f64) -> Beat {
        let lost = self.fit(at);
        if !self.is_stopped {
            self.pulses = self.pulses.wrapping_add_signed(lost);
        }
        let is_on_beat = self.pulses.is_multiple_of(PULSES_PER_BEAT);
        let position = (is_on_beat && !self.is_stopped).then(|| self.beats());
        // A clock pulses on while it is stopped: the tempo is known before the song begins.
        if !self.is_stopped {
            self.pulses = self.pulses.wrapping_add(1);
        }
        let is_due = is_on_beat || self.is_stopped;
        Beat { bpm: self.bpm().filter(|_| is_due), position, transport: None }
    }

    /// Beats a minute, once there were enough pulses.
    pub(super) fn bpm(&self) -> Option<f64> {
        let fit = self.fit.filter(|fit| fit.count >= SHORTEST_MEMORY)?;
        let bpm = 60.0 / (fit.period? * f64::from(PULSES_PER_BEAT));
        let (slowest, fastest) = BPM_RANGE;
        (slowest..=fastest).contains(&bpm).then_some(bpm)
    }

    /// Takes a pulse into the line. Returns how many were lost before it; a negative number takes back
    /// what was said of those before.
    fn fit(&mut self, at: f64) -> i32 {
        let begun = Some(Fit { at, came: at, period: None, count: 0 });
        let is_new = |fit: &Fit| !(0.0..SILENCE.as_secs_f64()).contains(&(at - fit.came));
        if self.fit.as_ref().is_none_or(is_new) {
            *self = Self { fit: begun, strays: 0, lost: 0, ..*self };
            return 0;
        }
        let Some(fit) = &mut self.fit else { return 0 };
        fit.came = at;
        let Some(period) = fit.period else {
            *fit = Fit { at, period: Some(at - fit.at), count: 1, ..*fit };
            return 0;
        };
        let mut late = at - (fit.at + period);
        let is_settled = fit.count >= SHORTEST_MEMORY;
        let mut lost = 0;
        if is_settled && late.abs() > period / 3.0 {
            self.strays += 1;
            // One pulse may be lost or held up; several are another tempo, and none was lost.
            if self.strays >= 3 {
                let taken_back = -(self.lost as i32);
                *self = Self { fit: begun, strays: 0, lost: 0, ..*self };
                return taken_back;
            }
            // What was thought lost may come after all, beside the next one.
            let periods = (late / period).round();
            let is_whole = (late - periods * period).abs() <= period / 3.0;
            if is_whole && periods >= -f64::from(self.lost) {
                lost = periods as i32;
                self.lost = self.lost.saturating_add_signed(lost);
                fit.at += periods * period;
                late -= periods * period;
            }
        } else {
            (self.strays, self.lost) = (0, 0);
        }
        fit.count = (fit.count + 1).min(LONGEST_MEMORY);
        let n = f64::from(fit.count);
        let alpha = 2.0 * (2.0 * n + 1.0) / ((n + 1.0) * (n + 2.0));
        let beta = 6.0 / ((n + 1.0) * (n + 2.0));
        fit.at += period + alpha * late;
        fit.period = Some(period + beta * late);
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Seeded noise in -1..=1 (Knuth's MMIX generator).
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        }
    }

    /// The tempi told while `beats` beats of `bpm` go by, each pulse up to `jitter_secs` early or
    /// late; they begin at `from`, in seconds, whose end is returned.
    fn play(
        follower: &mut Follower,
        noise: &mut Noise,
        (bpm, beats): (f64, u32),
        jitter_secs: f64,
        from: f64,
    ) -> (Vec<f64>, f64) {
        let period = 60.0 / bpm / 24.0;
        let mut told = Vec::new();
        for pulse in 0..beats * 24 {
            let at = from + f64::from(pulse) * period + jitter_secs * noise.next();
            let beat = follower.take(ClockMessage::Pulse, Duration::from_secs_f64(at));
            told.extend(beat.bpm);
        }
        (told, from + f64::from(beats * 24) * period)
    }

    #[test]
    fn jittery_pulses_make_a_steady_tempo() {
        for seed in 1..=20 {
            for bpm in [60.0, 125.0, 174.0] {
                let (mut follower, mut noise) = (Follower::default(), Noise(seed));
                let (told, _) = play(&mut follower, &mut noise, (bpm, 64), 0.0023, 1.0);
                // Eight beats to settle.
                for told in &told[8..] {
                    assert!((told - bpm).abs() < 0.1, "seed {seed}: {bpm} reads {told}");
                }
                assert!(told.len() >= 62);
            }
        }
    }

    #[test]
    fn a_pulse_that_is_lost_or_late_changes_nothing() {
        // What becomes of pulse 500 of 1000: it never comes; or it comes with the next one.
        for late_secs in [None, Some(0.02)] {
            for seed in 1..=20 {
                let (mut follower, mut noise) = (Follower::default(), Noise(seed));
                let (mut tempi, mut places) = (Vec::new(), Vec::new());
                let mut last = Duration::ZERO;
                for pulse in 0..1000_u32 {
                    // 20 ms a pulse are 125 bpm.
                    let mut at = 1.0 + f64::from(pulse) * 0.02 + 0.0023 * noise.next();
                    if pulse == 500 {
                        let Some(late) = late_secs else { continue };
                        at += late;
                    }
                    last = last.max(Duration::from_secs_f64(at));
                    let beat = follower.take(ClockMessage::Pulse, last);
                    tempi.extend(beat.bpm);
                    places.extend(beat.position);
                }
                // Every beat but the first, of which eight to settle.
                assert_eq!(tempi.len(), 41, "seed {seed}, {late_secs:?}: {tempi:?}");
                for told in &tempi[8..] {
                    assert!((told - 125.0).abs() < 0.1, "seed {seed}, {late_secs:?}: {told}");
                }
                // 1000 pulses begin 42 beats.
                assert_eq!(places, (0..42).map(f64::from).collect::<Vec<_>>(), "{late_secs:?}");
            }
        }
    }

    #[test]
    fn half_the_tempo_is_a_tempo_and_no_loss() {
        let (mut follower, mut noise) = (Follower::default(), Noise(3));
        let (_, end) = play(&mut follower, &mut noise, (120.0, 32), 0.001, 1.0);
        let (told, end) = play(&mut follower, &mut noise, (60.0, 32), 0.001, end);
        assert!((told[told.len() - 1] - 60.0).abs() < 0.1, "{told:?}");
        // 64 beats have gone by.
        let next = follower.take(ClockMessage::Pulse, Duration::from_secs_f64(end));
        assert_eq!(next.position, Some(64.0));
    }

    #[test]
    fn another_tempo_is_followed() {
        let (mut follower, mut noise) = (Follower::default(), Noise(7));
        let (_, end) = play(&mut follower, &mut noise, (125.0, 32), 0.0023, 1.0);
        let (told, end) = play(&mut follower, &mut noise, (90.0, 32), 0.0023, end);
        assert!((told[told.len() - 1] - 90.0).abs() < 0.1, "{told:?}");
        // A slow change, as a performer makes it.
        let (told, _) = play(&mut follower, &mut noise, (91.0, 48), 0.0023, end);
        assert!((told[told.len() - 1] - 91.0).abs() < 0.1, "{told:?}");
    }

    #[test]
    fn the_song_starts_stops_and_goes_on_where_it_was() {
        let mut follower = Follower::default();
        let at = Duration::from_millis;
        let start = follower.take(ClockMessage::Start, at(0));
        assert_eq!((start.position, start.transport), (Some(0.0), Some(Transport::Start)));
        let positions: Vec<_> = (0..49)
            .filter_map(|n| follower.take(ClockMessage::Pulse, at(n * 20)).position)
            .collect();
        assert_eq!(positions, [0.0, 1.0, 2.0]);
        assert_eq!(follower.take(ClockMessage::Stop, at(980)).transport, Some(Transport::Stop));
        assert_eq!(follower.take(ClockMessage::Pulse, at(980)).position, None);
        // 16 sixteenths are four beats.
        let place = follower.take(ClockMessage::Position(16), at(990));
        assert_eq!((place.position, place.transport), (Some(4.0), None));
        let on = follower.take(ClockMessage::Continue, at(995));
        assert_eq!((on.position, on.transport), (Some(4.0), Some(Transport::Continue)));
        assert_eq!(follower.take(ClockMessage::Pulse, at(1000)).position, Some(4.0));
    }

    proptest! {
        /// Whatever stamps come, forward or back: what is told is a tempo.
        #[test]
        fn no_stamps_are_too_much(stamps in prop::collection::vec(0_u64..10_000_000, 0..300)) {
            let mut follower = Follower::default();
            for micros in stamps {
                let beat = follower.take(ClockMessage::Pulse, Duration::from_micros(micros));
                if let Some(bpm) = beat.bpm {
                    prop_assert!((20.0..=300.0).contains(&bpm));
                }
            }
        }
    }
}
