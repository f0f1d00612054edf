//! A timeline function over one clip or several: which superframe of which clip comes when. Pure.

use crate::modulation::{Timeline, markov_stays};

/// One superframe of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The clip, counted from 0.
    pub clip: usize,
    /// The forward index of the slice.
    pub slice: u32,
}

/// What a course is made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Superframes of the course: the initial one, and one less positions of the function.
    pub superframes: u32,
    /// The function. Its own number of superframes is set to one less than those of the course.
    pub timeline: Timeline,
    /// After each position: the probability of staying with the clip; else the next takes over.
    pub stays: f64,
    /// Seed of that chance.
    pub seed: u64,
}

impl Course {
    /// The superframes for clips of so many slices each.
    ///
    /// The first is where the first clip begins, whatever the function says. Then each position is
    /// looked up in the function laid over the clip that is active; positions are counted over all
    /// clips together.
    pub fn steps(&self, slices: &[u32]) -> Vec<Step> {
        let superframes = self.superframes.saturating_sub(1);
        let timeline = Timeline { superframes, ..self.timeline };
        let shape = timeline.shape();
        let mut clip = 0;
        let mut steps = vec![Step { clip, slice: 0 }];
        for number in 0..u64::from(superframes) {
            let len = slices.get(clip).copied().unwrap_or(1);
            steps.push(Step { clip, slice: timeline.slice_at(shape, number, len) });
            if !markov_stays(self.seed, number, self.stays) {
                clip = (clip + 1) % slices.len().max(1);
            }
        }
        steps
    }

    /// Where a clip of so many slices would be at each superframe of the course, if it were active:
    /// what moves while another clip plays, where all move together.
    pub fn positions(&self, slices: u32) -> Vec<u32> {
        let alone = Self { stays: 1.0, ..*self };
        alone.steps(&[slices]).into_iter().map(|step| step.slice).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modulation::Wave;

    fn course(superframes: u32, stays: f64) -> Course {
        let wave = Wave::Sinusoid {
            is_rectified: false,
            amplitude_secondary: 0.0,
            frequency_secondary: 0.0,
        };
        let timeline = Timeline { wave, frequency: 0.5, superframes: 1 };
        Course { superframes, timeline, stays, seed: 3 }
    }

    #[test]
    fn the_initial_superframe_comes_before_one_less_positions() {
        // numpy: x = -cos(linspace(0, pi, 5)) = -1, -.7071, 0, .7071, 1;
        // ((x + 1) / 2 * (101 - 2) + 1).astype(int) = 1, 15, 50, 85, 100.
        let slices: Vec<u32> = course(6, 1.0).steps(&[101]).iter().map(|step| step.slice).collect();
        assert_eq!(slices, [0, 1, 15, 50, 85, 100]);
        assert_eq!(course(1, 1.0).steps(&[101]), [Step { clip: 0, slice: 0 }]);
    }

    #[test]
    fn clips_take_turns_and_share_one_count_of_positions() {
        // Never staying: 0 (initial), 0, 1, 0, 1, 0; each place in its own clip's function.
        let steps = course(6, 0.0).steps(&[101, 11]);
        let clips: Vec<usize> = steps.iter().map(|step| step.clip).collect();
        assert_eq!(clips, [0, 0, 1, 0, 1, 0]);
        // ((x + 1) / 2 * (11 - 2) + 1).astype(int) = 1, 2, 5, 8, 10.
        let slices: Vec<u32> = steps.iter().map(|step| step.slice).collect();
        assert_eq!(slices, [0, 1, 2, 50, 8, 100]);
        assert_eq!(course(6, 0.0).positions(11), [0, 1, 2, 5, 8, 10]);
    }

    #[test]
    fn a_seed_gives_the_same_turns_and_another_seed_others() {
        let turns = |seed| {
            let steps = Course { seed, ..course(200, 0.5) }.steps(&[50, 60, 70]);
            steps.iter().map(|step| step.clip).collect::<Vec<_>>()
        };
        assert_eq!(turns(1), turns(1));
        assert_ne!(turns(1), turns(2));
        assert!(turns(1).contains(&2));
    }
}
