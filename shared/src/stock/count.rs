//! How many of an item are left, where, and who goes without: counted from what was handed out.
//!
//! Law: left = arrived − handed out − returned, and may be below zero. What is below zero somewhere is a shortage there, and names the guests who
//! got theirs last.

use super::{Due, Handout, Item};
use crate::ids::{DeskId, GuestId, HandoutId};
use std::collections::BTreeMap;

/// An item in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemCount {
    /// Handed out and not taken back.
    pub handed_out: i64,
    /// What should be there.
    pub left: i64,
    /// The shares of all desks.
    pub shared: i64,
    /// Promised to desks beyond what has arrived.
    pub promised_twice: i64,
    /// Each desk with a share or a handout.
    pub desks: BTreeMap<DeskId, DeskCount>,
    /// What is lacking, and whom it concerns.
    pub shortages: Vec<Shortage>,
    /// Guests who have more than one, with their handouts, the first one first.
    pub twice: BTreeMap<GuestId, Vec<HandoutId>>,
}

/// One desk's share in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskCount {
    /// Its share.
    pub share: i64,
    /// Handed out of it.
    pub handed_out: i64,
}

impl DeskCount {
    /// What the desk should still have.
    #[must_use]
    pub const fn left(self) -> i64 {
        self.share - self.handed_out
    }
}

/// More handed out than there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// At which desk; none if it is lacking in the whole.
    pub desk: Option<DeskId>,
    /// How many.
    pub missing: i64,
    /// The guests beyond the last one that there was, in the order in which they got theirs.
    pub guests: Vec<GuestId>,
}

/// Counts an item.
pub fn count<'a>(item: &Item, handouts: impl IntoIterator<Item = &'a Handout>) -> ItemCount {
    let mut standing: Vec<&Handout> = handouts.into_iter().filter(|handout| handout.item == item.id && handout.undone.is_none()).collect();
    standing.sort_unstable_by_key(|handout| (handout.at, handout.id));
    let mut desks: BTreeMap<DeskId, DeskCount> = BTreeMap::new();
    for share in &item.shares {
        desks.entry(share.desk).or_default().share += i64::from(share.quantity);
    }
    let mut by_guest: BTreeMap<GuestId, Vec<HandoutId>> = BTreeMap::new();
    for handout in &standing {
        by_guest.entry(handout.guest).or_default().push(handout.id);
        if let Some(desk) = handout.desk {
            desks.entry(desk).or_default().handed_out += 1;
        }
    }
    let there = i64::from(item.arrived) - i64::from(item.returned);
    let handed_out = i64::try_from(standing.len()).unwrap_or(i64::MAX);
    let shared: i64 = desks.values().map(|desk| desk.share).sum();
    let mut shortages: Vec<Shortage> = desks
        .iter()
        .filter(|(_, count)| count.left() < 0)
        .map(|(&desk, count)| beyond(Some(desk), count.share, standing.iter().filter(|handout| handout.desk == Some(desk))))
        .collect();
    if handed_out > there.max(0) {
        shortages.push(beyond(None, there, standing.iter()));
    }
    ItemCount {
        handed_out,
        left: there - handed_out,
        shared,
        promised_twice: (shared - i64::from(item.arrived)).max(0),
        desks,
        shortages,
        twice: by_guest.into_iter().filter(|(_, handouts)| handouts.len() > 1).collect(),
    }
}

/// Of some guests who should get one and have none, those for whom nothing is left; in the order given. None for what not every guest gets.
pub fn without<'a>(item: &Item, count: &ItemCount, handouts: impl IntoIterator<Item = &'a Handout>, expected: &[GuestId]) -> Vec<GuestId> {
    if item.plan.due != Due::EveryGuest {
        return Vec::new();
    }
    let has: std::collections::BTreeSet<GuestId> =
        handouts.into_iter().filter(|handout| handout.item == item.id && handout.undone.is_none()).map(|handout| handout.guest).collect();
    let left = usize::try_from(count.left).unwrap_or(0);
    expected.iter().filter(|guest| !has.contains(guest)).skip(left).copied().collect()
}

fn beyond<'a>(desk: Option<DeskId>, there: i64, handouts: impl Iterator<Item = &'a &'a Handout>) -> Shortage {
    let there = there.max(0);
    let guests: Vec<GuestId> = handouts.skip(usize::try_from(there).unwrap_or(usize::MAX)).map(|handout| handout.guest).collect();
    Shortage { desk, missing: i64::try_from(guests.len()).unwrap_or(i64::MAX), guests }
}
