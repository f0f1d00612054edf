//! Which parameters an OSC address or address pattern means. Owned by the thread of its server.

use super::value::Scale;
use crate::params::{ParamIndex, Registry};
use rosc::address::{Matcher, OscAddress};
use std::{collections::HashMap, sync::Arc};

/// Patterns remembered with what they match: building a matcher takes microseconds. A performer's
/// patches hold a few dozen; when more come all are forgotten, so that memory stays bounded.
const PATTERNS_KEPT: usize = 256;

/// Bytes of the longest pattern that is tried. The longest address has some forty.
const LONGEST_PATTERN: usize = 256;

/// A parameter, and how the numbers for it are meant.
pub(super) type Target = (ParamIndex, Scale);

/// What an address came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One parameter or more.
    Targets(Arc<[Target]>),
    /// A legal address of nothing.
    Nothing,
    /// No address and no pattern.
    NoAddress,
}

/// The addresses of all rows.
#[derive(Debug)]
pub(super) struct AddressBook {
    version: u64,
    exact: HashMap<String, Arc<[Target]>>,
    addresses: Vec<(OscAddress, Target)>,
    patterns: HashMap<String, Found>,
}

impl AddressBook {
    /// Every row at its address, and once more under `/normalised`.
    pub(super) fn new(registry: &Registry) -> Self {
        // Asked for first: rows that come meanwhile are looked for again.
        let version = registry.version();
        let mut exact = HashMap::with_capacity(registry.len() * 2);
        let mut addresses = Vec::with_capacity(registry.len() * 2);
        for (param, row) in registry.iter() {
            let plain = row.address();
            let normalised = format!("/normalised{plain}");
            for (address, scale) in [(plain, Scale::Plain), (normalised, Scale::Normalised)] {
                let target = (param, scale);
                exact.insert(address.clone(), Arc::from([target]));
                // An id that is no OSC address is still found by its exact name.
                addresses.extend(OscAddress::new(address).ok().map(|address| (address, target)));
            }
        }
        Self { version, exact, addresses, patterns: HashMap::new() }
    }

    /// Is made anew where rows have come or gone.
    pub(super) fn update(&mut self, registry: &Registry) {
        if registry.version() != self.version {
            *self = Self::new(registry);
        }
    }

    /// What an address or a pattern means.
    pub(super) fn find(&mut self, address: &str) -> Found {
        if let Some(targets) = self.exact.get(address).or_else(|| {
            // Some senders end every address with a slash.
            self.exact.get(address.strip_suffix('/')?)
        }) {
            return Found::Targets(Arc::clone(targets));
        }
        if !address.contains(['*', '?', '[', '{']) {
            return Found::Nothing;
        }
        if address.len() > LONGEST_PATTERN {
            return Found::NoAddress;
        }
        if let Some(found) = self.patterns.get(address) {
            return found.clone();
        }
        let found = self.matches(address);
        if self.patterns.len() >= PATTERNS_KEPT {
            self.patterns.clear();
        }
        self.patterns.insert(address.to_owned(), found.clone());
        found
    }

    fn matches(&self, pattern: &str) -> Found {
        let Ok(matcher) = Matcher::new(pattern) else { return Found::NoAddress };
        let matching = self.addresses.iter().filter(|(address, _)| matcher.match_address(address));
        let targets: Arc<[Target]> = matching.map(|(_, target)| *target).collect();
        if targets.is_empty() { Found::Nothing } else { Found::Targets(targets) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;
    use proptest::prelude::*;

    const ROWS: [ParamSpec; 4] = [
        ParamSpec::float("decay.noise_amplitude", "", "", (0.0, 1.0), 0.0),
        ParamSpec::float("decay.feedback", "", "", (0.0, 1.0), 0.0),
        ParamSpec::trigger("heal.all", "", ""),
        ParamSpec::trigger("panic", "", ""),
    ];

    fn book() -> AddressBook {
        AddressBook::new(&Registry::join(&[&ROWS]).expect("rows"))
    }

    fn found(book: &mut AddressBook, address: &str) -> Vec<(usize, Scale)> {
        match book.find(address) {
            Found::Targets(targets) => {
                targets.iter().map(|(param, scale)| (param.dense(), *scale)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn rows_are_at_their_addresses() {
        let book = &mut book();
        assert_eq!(found(book, "/decay/noise_amplitude"), [(0, Scale::Plain)]);
        assert_eq!(found(book, "/normalised/decay/feedback"), [(1, Scale::Normalised)]);
        assert_eq!(found(book, "/panic"), [(3, Scale::Plain)]);
        assert_eq!(found(book, "/panic/"), [(3, Scale::Plain)]);
        for unknown in ["/decay", "/decay/feedbac", "/Panic", "/", ""] {
            assert_eq!(book.find(unknown), Found::Nothing, "{unknown}");
        }
    }

    #[test]
    fn rows_come_and_go() {
        const GUEST: ParamSpec = ParamSpec::switch("shader.ripple", "", "", true);
        let registry = Registry::join(&[&ROWS]).expect("rows");
        let book = &mut AddressBook::new(&registry);
        assert_eq!(book.find("/shader/*"), Found::Nothing);
        let guests = registry.replace(&[], &[GUEST]).expect("rows");
        book.update(&registry);
        assert_eq!(found(book, "/shader/ripple"), [(4, Scale::Plain)]);
        assert_eq!(found(book, "/shader/*"), [(4, Scale::Plain)]);
        registry.replace(&guests, &[]).expect("rows");
        book.update(&registry);
        assert_eq!(book.find("/shader/ripple"), Found::Nothing);
        assert_eq!(found(book, "/panic"), [(3, Scale::Plain)]);
    }

    #[test]
    fn patterns_match_by_part() {
        let book = &mut book();
        for _ in 0..2 {
            assert_eq!(found(book, "/decay/*"), [(0, Scale::Plain), (1, Scale::Plain)]);
            assert_eq!(found(book, "/{heal,decay}/{all,feedback}").len(), 2);
            assert_eq!(found(book, "/pani?"), [(3, Scale::Plain)]);
            assert_eq!(found(book, "/*"), [(3, Scale::Plain)]);
            assert_eq!(book.find("/nothing/*"), Found::Nothing);
            for bad in ["/decay/{feedback", "*", "/decay/[", "/[z-a]"] {
                assert_eq!(book.find(bad), Found::NoAddress, "{bad}");
            }
        }
        assert_eq!(book.find(&"/*".repeat(200)), Found::NoAddress);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let book = &mut book();
        for number in 0..10 * PATTERNS_KEPT {
            book.find(&format!("/*/{number}"));
        }
        assert!(book.patterns.len() <= PATTERNS_KEPT);
    }

    proptest! {
        #[test]
        fn no_pattern_is_too_much(pattern in "/[a-c/*?{},!\\[\\]-]{0,24}") {
            book().find(&pattern);
        }
    }
}
