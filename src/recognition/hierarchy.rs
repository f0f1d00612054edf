//! Classes above the classes: `child TAB parent` lines, and what a verdict says one level up.

use super::verdict::Verdict;
use std::collections::BTreeMap;

/// Why a hierarchy cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// A line that is no pair.
    #[error("line {line} is no child and parent with a tab between them")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// A child with two parents.
    #[error("line {line}: {child} has a parent already")]
    Twice {
        /// Counted from 1.
        line: usize,
        /// The child.
        child: String,
    },
    /// One that is above itself.
    #[error("{child} is above itself: take one of the lines out")]
    Ring {
        /// One of the ring.
        child: String,
    },
    /// None of the labels is in it.
    #[error("none of the labels has a parent: each child must be written as in the labels")]
    Stranger,
}

/// Of each label, what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// By label: itself, its parent, and so on to the top.
    chains: Vec<Vec<String>>,
}

impl Hierarchy {
    /// Levels alone: every label is its own top.
    pub fn flat(labels: &[String]) -> Self {
        Self { chains: labels.iter().map(|label| vec![label.clone()]).collect() }
    }

    /// Reads a file's text for these labels.
    ///
    /// # Errors
    /// A line that is no pair, a ring, two parents, or nothing of the labels.
    pub fn parse(text: &str, labels: &[String]) -> Result<Self, HierarchyError> {
        let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let number = at + 1;
            let pair = line.split_once('\t').map(|(child, parent)| (child.trim(), parent.trim()));
            let pair = pair.filter(|(child, parent)| !child.is_empty() && !parent.is_empty());
            let (child, parent) = pair.ok_or(HierarchyError::Line { line: number })?;
            if parents.insert(child, parent).is_some() {
                return Err(HierarchyError::Twice { line: number, child: child.to_owned() });
            }
        }
        if !labels.iter().any(|label| parents.contains_key(label.as_str())) {
            return Err(HierarchyError::Stranger);
        }
        let chain = |label: &String| {
            let mut chain = vec![label.clone()];
            let mut at = label.as_str();
            while let Some(parent) = parents.get(at) {
                if chain.iter().any(|below| below == parent) {
                    return Err(HierarchyError::Ring { child: label.clone() });
                }
                chain.push((*parent).to_owned());
                at = parent;
            }
            Ok(chain)
        };
        Ok(Self { chains: labels.iter().map(chain).collect::<Result<_, _>>()? })
    }

    /// How many levels there are: 1 = the labels alone.
    pub fn levels(&self) -> usize {
        self.chains.iter().map(Vec::len).max().unwrap_or(1)
    }

    /// What stands above a label at this level (0 = itself); the topmost where it has none so high.
    pub fn above(&self, label: usize, level: usize) -> &str {
        let chain = self.chains.get(label);
        let name = chain.and_then(|chain| chain.get(level).or(chain.last()));
        name.map_or("", String::as_str)
    }

    /// The classes of a level, and the verdict with the probabilities of what is beneath each added up.
    pub fn verdict(&self, verdict: &Verdict, level: usize) -> (Vec<&str>, Verdict) {
        let mut names: Vec<&str> = Vec::new();
        let mut probabilities: Vec<f32> = Vec::new();
        for (label, probability) in verdict.probabilities.iter().enumerate() {
            let name = self.above(label, level);
            let known = if level == 0 { None } else { names.iter().position(|one| *one == name) };
            match known {
                Some(at) => probabilities[at] += probability,
                None => {
                    names.push(name);
                    probabilities.push(*probability);
                }
            }
        }
        (names, Verdict { probabilities })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<String> {
        ["tabby", "lynx", "collie", "bus"].map(str::to_owned).to_vec()
    }

    #[test]
    fn parents_get_the_sum_of_their_children() {
        let text = "# animals\ntabby\tcat\nlynx\tcat\ncollie\tdog\ncat\tanimal\ndog\tanimal\n";
        let hierarchy = Hierarchy::parse(text, &labels()).expect("a hierarchy");
        assert_eq!(hierarchy.levels(), 3);
        let verdict = Verdict { probabilities: vec![0.25, 0.25, 0.125, 0.375] };
        let (names, first) = hierarchy.verdict(&verdict, 1);
        assert_eq!(
            (names, first.probabilities.clone()),
            (vec!["cat", "dog", "bus"], vec![0.5, 0.125, 0.375])
        );
        let (names, top) = hierarchy.verdict(&verdict, 2);
        assert_eq!((names, top.probabilities), (vec!["animal", "bus"], vec![0.625, 0.375]));
        assert_eq!(hierarchy.verdict(&verdict, 0).1, verdict);
        // The bus alone is likelier than either cat, and less likely than both.
        assert_eq!((verdict.best().class, first.best().class), (3, 0));
    }

    #[test]
    fn what_is_no_hierarchy_is_refused() {
        let parse = |text| Hierarchy::parse(text, &labels()).expect_err("wrong");
        assert_eq!(parse("tabby cat"), HierarchyError::Line { line: 1 });
        assert_eq!(
            parse("tabby\tcat\n\ntabby\tpet"),
            HierarchyError::Twice { line: 3, child: "tabby".to_owned() }
        );
        let ring = HierarchyError::Ring { child: "tabby".to_owned() };
        assert_eq!(parse("tabby\tcat\ncat\ttabby"), ring);
        assert_eq!(parse("oak\ttree"), HierarchyError::Stranger);
    }
}
