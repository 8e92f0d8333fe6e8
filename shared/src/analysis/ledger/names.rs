//! Names as small numbers, in the order in which they were met.

use foldhash::{HashMap, HashMapExt};
use std::hash::Hash;

/// Numbers for names.
#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    names: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { names: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Names<T> {
    /// The number of a name; a new one if it was not met before.
    pub(super) fn number(&mut self, name: T) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).expect("fewer names than bytes of memory");
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// The name of a number that was given out.
    pub(super) fn named(&self, number: u64) -> T {
        usize::try_from(number).ok().and_then(|number| self.names.get(number)).cloned().expect("a number that was given out")
    }

    /// All names, in the order of their numbers.
    pub(super) fn all(&self) -> &[T] {
        &self.names
    }
}
