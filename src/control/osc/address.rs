//! Which parameters an OSC address or address pattern means. Owned by the thread of its server.

use super::value::Verb;
use crate::params::{ParamIndex, Registry};
use rosc::address::{Matcher, OscAddress};
use std::{collections::HashMap, sync::Arc};

/// Patterns remembered with what they match: building a matcher takes microseconds. A performer's
/// patches hold a few dozen; when more come all are forgotten, so that memory stays bounded.
const PATTERNS_KEPT: usize = 256;

/// Bytes of the longest pattern that is tried. The longest address has some forty.
const LONGEST_PATTERN: usize = 256;

/// Addresses that are shorter than the row's own, for what many programs send.
const ALIASES: [(&str, &str); 1] = [("/tempo", "tempo.bpm")];

/// What an address came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One parameter or more, each for all arguments.
    Rows(Verb, Arc<[ParamIndex]>),
    /// The members of a family in the order of their numbers, each for one argument.
    Family(Verb, Arc<[ParamIndex]>),
    /// A legal address of nothing.
    Nothing,
    /// No address and no pattern.
    NoAddress,
}

/// The addresses of all rows.
#[derive(Debug)]
pub(super) struct AddressBook {
    version: u64,
    rows: HashMap<String, Arc<[ParamIndex]>>,
    /// By the address of a member without its number.
    families: HashMap<String, Arc<[ParamIndex]>>,
    addresses: Vec<(OscAddress, ParamIndex)>,
    /// What patterns of rows match; `None` where they are none.
    patterns: HashMap<String, Option<Arc<[ParamIndex]>>>,
}

impl AddressBook {
    /// Every row at its address, and every family at that of its members without their number.
    pub(super) fn new(registry: &Registry) -> Self {
        // Asked for first: rows that come meanwhile are looked for again.
        let version = registry.version();
        let mut rows = HashMap::with_capacity(registry.len());
        let mut addresses = Vec::with_capacity(registry.len());
        let mut families: HashMap<String, Vec<(u32, ParamIndex)>> = HashMap::new();
        for (param, row) in registry.iter() {
            let address = row.address();
            rows.insert(address.clone(), Arc::from([param]));
            // An id that is no OSC address is still found by its exact name.
            addresses.extend(OscAddress::new(address).ok().map(|address| (address, param)));
            // Members that have two numbers stand in no one order.
            let family = row.family().filter(|(id, _)| !id.split('.').any(|part| part == "M"));
            if let Some((id, number)) = family {
                let parts = id.split('.').filter(|part| *part != "N");
                let address = parts.fold(String::new(), |address, part| address + "/" + part);
                families
                    .entry(address)
                    .or_default()
                    .extend(number.parse().map(|number: u32| (number, param)));
            }
        }
        for (param, row) in registry.iter() {
            if let Some(former) = row.former_address() {
                rows.entry(former).or_insert_with(|| Arc::from([param]));
            }
        }
        for (alias, id) in ALIASES {
            if let Some(param) = registry.find(id) {
                rows.entry(alias.to_owned()).or_insert_with(|| Arc::from([param]));
            }
        }
        let families = families.into_iter().map(|(address, mut members)| {
            members.sort_unstable();
            (address, members.into_iter().map(|(_, param)| param).collect())
        });
        let families = families.collect();
        Self { version, rows, families, addresses, patterns: HashMap::new() }
    }

    /// Is made anew where rows have come or gone.
    pub(super) fn update(&mut self, registry: &Registry) {
        if registry.version() != self.version {
            *self = Self::new(registry);
        }
    }

    /// What an address or a pattern means. A row comes before a verb of the same name.
    pub(super) fn find(&mut self, address: &str) -> Found {
        // Some senders end every address with a slash.
        let bare = address.strip_suffix('/').unwrap_or(address);
        let verb = Verb::split(bare);
        for (verb, address) in [(Verb::Plain, bare)].into_iter().chain(verb) {
            if let Some(rows) = self.rows.get(address) {
                return Found::Rows(verb, Arc::clone(rows));
            }
            if let Some(members) = self.families.get(address) {
                return Found::Family(verb, Arc::clone(members));
            }
        }
        let (verb, pattern) = verb.unwrap_or((Verb::Plain, address));
        if !pattern.contains(['*', '?', '[', '{']) {
            return Found::Nothing;
        }
        if pattern.len() > LONGEST_PATTERN {
            return Found::NoAddress;
        }
        if !self.patterns.contains_key(pattern) {
            let found = self.matches(pattern);
            if self.patterns.len() >= PATTERNS_KEPT {
                self.patterns.clear();
            }
            self.patterns.insert(pattern.to_owned(), found);
        }
        match self.patterns.get(pattern).cloned().flatten() {
            None => Found::NoAddress,
            Some(rows) if rows.is_empty() => Found::Nothing,
            Some(rows) => Found::Rows(verb, rows),
        }
    }

    fn matches(&self, pattern: &str) -> Option<Arc<[ParamIndex]>> {
        let matcher = Matcher::new(pattern).ok()?;
        let matching = self.addresses.iter().filter(|(address, _)| matcher.match_address(address));
        Some(matching.map(|(_, param)| *param).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamSpec;
    use proptest::prelude::*;

    const ROWS: [ParamSpec; 9] = [
        ParamSpec::float("decay.noise_amplitude", "", "", (0.0, 1.0), 0.0),
        ParamSpec::float("decay.feedback", "", "", (0.0, 1.0), 0.0),
        ParamSpec::trigger("heal.all", "", ""),
        ParamSpec::trigger("panic", "", ""),
        ParamSpec::float("macro.10", "", "", (0.0, 1.0), 0.0),
        ParamSpec::float("macro.2", "", "", (0.0, 1.0), 0.0),
        ParamSpec::float("lfo.1.rate", "", "", (0.0, 1.0), 0.0),
        ParamSpec::trigger("gesture.1.record", "", ""),
        ParamSpec::float("tempo.bpm", "", "", (20.0, 300.0), 120.0),
    ];

    fn book() -> AddressBook {
        AddressBook::new(&Registry::join(&[&ROWS]).expect("rows"))
    }

    fn found(book: &mut AddressBook, address: &str) -> Vec<(usize, Verb)> {
        match book.find(address) {
            Found::Rows(verb, rows) => rows.iter().map(|param| (param.dense(), verb)).collect(),
            _ => Vec::new(),
        }
    }

    fn family(book: &mut AddressBook, address: &str) -> Option<(Verb, Vec<usize>)> {
        match book.find(address) {
            Found::Family(verb, rows) => Some((verb, rows.iter().map(|row| row.dense()).collect())),
            _ => None,
        }
    }

    #[test]
    fn rows_are_at_their_addresses() {
        let book = &mut book();
        assert_eq!(found(book, "/decay/noise_amplitude"), [(0, Verb::Plain)]);
        assert_eq!(found(book, "/normalised/decay/feedback"), [(1, Verb::Normalised)]);
        assert_eq!(found(book, "/panic"), [(3, Verb::Plain)]);
        assert_eq!(found(book, "/panic/"), [(3, Verb::Plain)]);
        assert_eq!(found(book, "/press/panic"), [(3, Verb::Press)]);
        assert_eq!(found(book, "/gesture/1/record"), [(7, Verb::Plain)], "a row, no verb");
        assert_eq!(found(book, "/gesture/gesture/1/record"), [(7, Verb::Gesture)]);
        assert_eq!(found(book, "/tempo"), [(8, Verb::Plain)]);
        assert_eq!(found(book, "/tempo/bpm"), [(8, Verb::Plain)]);
        for unknown in ["/decay", "/decay/feedbac", "/Panic", "/", ""] {
            assert_eq!(book.find(unknown), Found::Nothing, "{unknown}");
        }
    }

    #[test]
    fn families_stand_in_the_order_of_their_numbers() {
        let book = &mut book();
        assert_eq!(family(book, "/macro"), Some((Verb::Plain, vec![5, 4])));
        assert_eq!(family(book, "/normalised/macro/"), Some((Verb::Normalised, vec![5, 4])));
        assert_eq!(family(book, "/lfo/rate"), Some((Verb::Plain, vec![6])));
        assert_eq!(family(book, "/lfo"), None);
    }

    #[test]
    fn rows_come_and_go() {
        const GUEST: ParamSpec = ParamSpec::switch("shader.ripple", "", "", true);
        let registry = Registry::join(&[&ROWS]).expect("rows");
        let book = &mut AddressBook::new(&registry);
        assert_eq!(book.find("/shader/*"), Found::Nothing);
        let guests = registry.replace(&[], &[GUEST]).expect("rows");
        book.update(&registry);
        assert_eq!(found(book, "/shader/ripple"), [(9, Verb::Plain)]);
        assert_eq!(found(book, "/shader/*"), [(9, Verb::Plain)]);
        registry.replace(&guests, &[]).expect("rows");
        book.update(&registry);
        assert_eq!(book.find("/shader/ripple"), Found::Nothing);
        assert_eq!(found(book, "/panic"), [(3, Verb::Plain)]);
    }

    #[test]
    fn patterns_match_by_part() {
        let book = &mut book();
        for _ in 0..2 {
            assert_eq!(found(book, "/decay/*"), [(0, Verb::Plain), (1, Verb::Plain)]);
            assert_eq!(found(book, "/{heal,decay}/{all,feedback}").len(), 2);
            assert_eq!(found(book, "/pani?"), [(3, Verb::Plain)]);
            assert_eq!(found(book, "/*"), [(3, Verb::Plain)]);
            assert_eq!(found(book, "/exclude/decay/*").len(), 2);
            assert_eq!(found(book, "/exclude/*"), [(3, Verb::Exclude)]);
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
