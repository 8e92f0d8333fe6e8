//! Sorting in one copy: the lists of the pages are short, and the standard sort is five kilobytes of download for every type that it sorts.

use std::cmp::Ordering;

/// Stable sorting, as [`slice::sort_by`] does it, for lists of a screen's length.
pub(crate) trait InOrder<T> {
    /// Sorts by a comparison.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// Sorts by a key, made anew for every comparison.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }
}

impl<T> InOrder<T> for Vec<T> {
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let places = places_in_order(self.len(), &|one, other| compare(&self[one], &self[other]));
        let mut items: Vec<_> = self.drain(..).map(Some).collect();
        self.extend(places.into_iter().filter_map(|place| items[place].take()));
    }
}

fn places_in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_stays_as_it_stood() {
        let mut words = vec!["pear", "fig", "apple", "kiwi", "nut", ""];
        words.order_by_key(|word| word.len());
        assert_eq!(words, ["", "fig", "nut", "pear", "kiwi", "apple"]);
        words.order_by(|one, other| other.cmp(one));
        assert_eq!(words, ["pear", "nut", "kiwi", "fig", "apple", ""]);
    }
}
