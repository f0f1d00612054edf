//! What a classifier says of a picture.

/// One class and how likely it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Its number: a line of the labels, or a class of a level of the hierarchy.
    pub class: usize,
    /// Its probability, 0..=1.
    pub probability: f32,
}

/// Probabilities by class, which add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// By the number of the class.
    pub probabilities: Vec<f32>,
}

impl Verdict {
    /// Of what a model gives: probabilities as they are, anything else through a softmax.
    pub(super) fn of(outputs: &[f32]) -> Self {
        let sum: f32 = outputs.iter().sum();
        let is_distribution =
            outputs.iter().all(|part| (-1e-4..=1.001).contains(part)) && (sum - 1.0).abs() < 0.01;
        if is_distribution {
            return Self { probabilities: outputs.iter().map(|part| part.max(0.0)).collect() };
        }
        let most = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = outputs.iter().map(|output| (output - most).exp()).collect();
        let sum: f32 = powers.iter().sum();
        Self { probabilities: powers.iter().map(|power| power / sum).collect() }
    }

    /// The likeliest classes, the likeliest first.
    pub fn top(&self, count: usize) -> Vec<Ranked> {
        let mut ranked: Vec<Ranked> = self.ranked().collect();
        ranked.sort_by(|one, other| other.probability.total_cmp(&one.probability));
        ranked.truncate(count);
        ranked
    }

    /// The likeliest class; of two that are alike the first.
    pub fn best(&self) -> Ranked {
        let best = self
            .ranked()
            .reduce(|best, next| if next.probability > best.probability { next } else { best });
        best.unwrap_or(Ranked { class: 0, probability: 0.0 })
    }

    /// How far a class stands above the likeliest of all others; below 0 where one is likelier.
    pub fn margin_of(&self, class: usize) -> f32 {
        let others = self.ranked().filter(|ranked| ranked.class != class);
        let best = others.map(|ranked| ranked.probability).fold(0.0, f32::max);
        self.probability_of(class) - best
    }

    /// The probability of a class; 0 where there is none of this number.
    pub fn probability_of(&self, class: usize) -> f32 {
        self.probabilities.get(class).copied().unwrap_or(0.0)
    }

    fn ranked(&self) -> impl Iterator<Item = Ranked> {
        let parts = self.probabilities.iter().enumerate();
        parts.map(|(class, probability)| Ranked { class, probability: *probability })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_become_probabilities_and_probabilities_stay() {
        let stay = Verdict::of(&[0.25, 0.75]);
        assert_eq!(stay.probabilities, [0.25, 0.75]);
        // e^1 / (1 + e) and 1 / (1 + e), by hand; no overflow far away.
        let logits = Verdict::of(&[1001.0, 1000.0]);
        assert!((logits.probabilities[0] - 0.731_06).abs() < 1e-4, "{logits:?}");
        assert!((logits.probabilities[1] - 0.268_94).abs() < 1e-4);
        assert!(Verdict::of(&[0.2, 0.2]).probabilities[0] == 0.5);
    }

    #[test]
    fn the_margin_is_above_the_best_of_the_others() {
        let verdict = Verdict::of(&[0.1, 0.6, 0.3]);
        assert_eq!(verdict.best().class, 1);
        let order: Vec<usize> = verdict.top(2).iter().map(|ranked| ranked.class).collect();
        assert_eq!(order, [1, 2]);
        assert!((verdict.margin_of(1) - 0.3).abs() < 1e-6);
        assert!((verdict.margin_of(2) + 0.3).abs() < 1e-6);
    }
}
