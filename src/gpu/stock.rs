//! A few things kept by key, the least recently used of which goes when another one is wanted. A
//! [`Workshop`] makes them and frees them, so that the engine thread does neither. What the GPU still
//! uses when it goes lives until the GPU has done with it; wgpu sees to that.

use super::{shader::ShaderError, workshop::Workshop};
use std::fmt;

/// One place of a stock.
struct Kept<K, V> {
    key: K,
    state: State<V>,
    /// When it was used last, in uses of the stock.
    used: u64,
}

enum State<V> {
    UnderWay,
    There(V),
    /// It cannot be made: not asked for again as long as it is wanted now and then.
    Refused,
}

/// Things by key. Asking never waits and, after the start, allocates nothing.
pub struct Stock<K, V> {
    kept: Vec<Kept<K, V>>,
    places: usize,
    uses: u64,
    /// Things asked for that have not come, also those that have lost their place meanwhile.
    under_way: usize,
    workshop: Option<Workshop<K, V>>,
}

impl<K: Copy + Eq + fmt::Debug + Send + 'static, V: Send + 'static> Stock<K, V> {
    /// An empty one of this many places (1 or more). Without a workshop it stays empty.
    pub fn new(places: usize, workshop: Option<Workshop<K, V>>) -> Self {
        Self { kept: Vec::with_capacity(places), places, uses: 0, under_way: 0, workshop }
    }

    /// The thing of a key, if it is there.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.kept.iter().find(|kept| kept.key == *key).and_then(|kept| match &kept.state {
            State::There(thing) => Some(thing),
            _ => None,
        })
    }

    /// Whether the thing of a key is there, which is going to be used; asks for it where it is not.
    pub fn is_ready(&mut self, key: &K) -> bool {
        self.uses += 1;
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.key == *key) {
            kept.used = self.uses;
            return matches!(kept.state, State::There(_));
        }
        if self.workshop.as_ref().is_some_and(|workshop| workshop.ask(*key)) {
            self.under_way += 1;
            let new = Kept { key: *key, state: State::UnderWay, used: self.uses };
            let is_full = self.kept.len() >= self.places;
            match self.kept.iter_mut().min_by_key(|kept| kept.used) {
                Some(oldest) if is_full => {
                    let old = std::mem::replace(oldest, new);
                    self.give_back(old.state);
                }
                _ => self.kept.push(new),
            }
        }
        false
    }

    /// Takes in what has been made meanwhile.
    pub fn fetch(&mut self) {
        while let Some((key, made)) = self.workshop.as_ref().and_then(Workshop::fetch) {
            self.take(key, made);
        }
    }

    /// Waits for all that is under way. Not for the engine thread.
    pub fn wait(&mut self) {
        while self.under_way > 0 {
            let Some((key, made)) = self.workshop.as_ref().and_then(Workshop::wait) else { return };
            self.take(key, made);
        }
    }

    /// Asks for nothing any more.
    pub fn close(&mut self) {
        self.workshop = None;
    }

    fn take(&mut self, key: K, made: Result<V, ShaderError>) {
        self.under_way = self.under_way.saturating_sub(1);
        let state = made.map_or(State::Refused, State::There);
        match self.kept.iter_mut().find(|kept| kept.key == key) {
            Some(kept) => {
                // Asked for twice where it had lost its place in between.
                let old = std::mem::replace(&mut kept.state, state);
                self.give_back(old);
            }
            None => self.give_back(state),
        }
    }

    fn give_back(&self, state: State<V>) {
        if let (State::There(thing), Some(workshop)) = (state, &self.workshop) {
            workshop.give_back(thing);
        }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Stock<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kept.iter().map(|kept| &kept.key)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
    use std::thread::{self, ThreadId};

    /// Tells where it is freed, and what it was.
    struct Thing(u8, Sender<(u8, ThreadId)>);

    impl Drop for Thing {
        fn drop(&mut self) {
            // Those that live longer than the test tell nobody.
            let _ = self.1.send((self.0, thread::current().id()));
        }
    }

    /// What things tell of their end.
    type Freed = Receiver<(u8, ThreadId)>;

    /// A stock of three places whose things tell their end. 100 and above cannot be made; each waits
    /// for the gate.
    fn stock() -> (Stock<u8, Thing>, Freed, Sender<()>) {
        let (tell, freed) = unbounded();
        let (gate, opened) = bounded::<()>(16);
        let workshop = Workshop::start(move |key: &u8| {
            let _ = opened.recv();
            let thing = Thing(*key, tell.clone());
            if *key >= 100 {
                std::mem::forget(thing);
                let (name, entry) = (key.to_string(), "main".to_owned());
                return Err(ShaderError { name, entry, reason: "too large".to_owned() });
            }
            Ok(thing)
        });
        (Stock::new(3, Some(workshop.expect("a thread"))), freed, gate)
    }

    fn have(stock: &mut Stock<u8, Thing>, gate: &Sender<()>, key: u8) {
        assert!(!stock.is_ready(&key));
        gate.send(()).expect("the worker listens");
        stock.wait();
    }

    fn there(stock: &Stock<u8, Thing>) -> Vec<u8> {
        (0..=255).filter(|key| stock.get(key).is_some_and(|thing| thing.0 == *key)).collect()
    }

    #[test]
    fn the_least_recently_used_goes_and_is_freed_elsewhere() {
        let (mut stock, freed, gate) = stock();
        for key in 1..=3 {
            have(&mut stock, &gate, key);
        }
        assert!([1, 2, 3].iter().all(|key| stock.is_ready(key)));
        // The order of use is now 1, 3, 2: not that in which they were made.
        assert!(stock.is_ready(&1) && stock.is_ready(&3) && stock.is_ready(&2));
        have(&mut stock, &gate, 4);
        assert_eq!(there(&stock), [2, 3, 4]);
        let (key, thread) = freed.recv().expect("it is freed");
        assert!(key == 1 && thread != thread::current().id());
        have(&mut stock, &gate, 5);
        assert_eq!(there(&stock), [2, 4, 5]);
        let (key, thread) = freed.recv().expect("it is freed");
        assert!(key == 3 && thread != thread::current().id());
    }

    #[test]
    fn what_comes_too_late_is_freed_elsewhere() {
        let (mut stock, freed, gate) = stock();
        // The first loses its place before it is made, and is asked for again.
        for key in [1, 2, 3, 4, 1] {
            assert!(!stock.is_ready(&key));
        }
        for _ in 0..5 {
            gate.send(()).expect("the worker listens");
        }
        stock.wait();
        assert_eq!(there(&stock), [1, 3, 4]);
        let mut gone = [freed.recv().expect("one"), freed.recv().expect("two")];
        gone.sort_by_key(|(key, _)| *key);
        assert!(gone.iter().all(|(_, thread)| *thread != thread::current().id()));
        // The first of the two that were made of 1, and the 2 that nobody wants.
        assert_eq!(gone.map(|(key, _)| key), [1, 2]);
        assert!(stock.is_ready(&1));
        assert!(freed.try_recv().is_err(), "no more than these");
    }

    #[test]
    fn what_cannot_be_made_is_not_asked_for_again() {
        let (mut stock, _freed, gate) = stock();
        have(&mut stock, &gate, 100);
        assert!(!stock.is_ready(&100) && stock.under_way == 0 && stock.get(&100).is_none());
        have(&mut stock, &gate, 1);
        assert_eq!(there(&stock), [1]);
        let mut without = Stock::<u8, Thing>::new(3, None);
        assert!(!without.is_ready(&1) && without.under_way == 0);
        without.wait();
    }
}
