//! What to explain to a customer, and in which order (clause E2): approved selling points that answer what the customer needs, and before that what hurts.
//!
//! A selling point answers something if one of its words stands in it, in either script and however it is written ([`folded`]).

use super::{Listing, Product, SellingPoint};
use crate::customers::search::folded;
use std::cmp::Reverse;
use std::sync::Arc;

/// A selling point, and why it is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// For which product.
    pub product: Arc<Product>,
    /// What is said.
    pub point: Arc<SellingPoint>,
    /// The pains that it answers, as they stand in the selling point.
    pub pains: Vec<String>,
    /// The needs that it answers.
    pub needs: Vec<String>,
}

/// What to explain: pains before needs, what answers more of them first, then by the product's name.
#[must_use]
pub fn pitch<'a>(points: impl Iterator<Item = (&'a Arc<Product>, &'a Arc<SellingPoint>)>, needs: &str, pains: &str) -> Vec<Explained> {
    let (needs, pains) = (folded(needs), folded(pains));
    let offered = points.filter(|(product, point)| product.listing == Listing::OnSale && point.approved.is_some());
    let mut explained: Vec<Explained> = offered
        .filter_map(|(product, point)| {
            let answered = |said: &str| -> Vec<String> { point.answers.iter().filter(|answer| stands_in(answer, said)).cloned().collect() };
            let (pains, needs) = (answered(&pains), answered(&needs));
            let is_wanted = !(pains.is_empty() && needs.is_empty());
            is_wanted.then(|| Explained { product: Arc::clone(product), point: Arc::clone(point), pains, needs })
        })
        .collect();
    explained.sort_by(|a, b| {
        let key = |one: &Explained| (Reverse(one.pains.len()), Reverse(one.needs.len()));
        key(a).cmp(&key(b)).then_with(|| (&a.product.name, a.point.id).cmp(&(&b.product.name, b.point.id)))
    });
    explained
}

fn stands_in(answer: &str, said: &str) -> bool {
    let answer = folded(answer);
    !answer.is_empty() && said.contains(&answer)
}
