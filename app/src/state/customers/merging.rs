//! Two records that may be one person: what each says, what they make together, and what was merged before (clause A7).

use shared::customers::merging::decide::joined;
use shared::customers::merging::{MergedCustomer, follow};
use shared::customers::{Customer, Profile};
use shared::deals::Deal;
use shared::ids::{CustomerId, MeetingId};
use shared::invitations::Invitation;
use shared::meetings::Meeting;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One of two records.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The record.
    pub customer: Arc<Customer>,
    /// How often the customer was invited.
    pub invitations: usize,
    /// How many deals there are.
    pub deals: usize,
}

impl Side {
    fn of(replica: &Replica, customer: &Arc<Customer>) -> Self {
        let id = customer.id;
        let invitations = replica.nouns::<Invitation>(&Index::InvitationsByCustomer(id)).len();
        Self { customer: customer.clone(), invitations, deals: replica.nouns::<Deal>(&Index::DealsByCustomer(id)).len() }
    }
}

/// Two records beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Both.
    pub sides: [Side; 2],
    /// Which of them is likelier to stay: the one that is somebody's, then the one with more behind it, then the older one.
    pub likelier: usize,
    /// Meetings to come to which both are invited.
    pub twice: Vec<Arc<Meeting>>,
}

impl Comparison {
    /// What the one that stays will say.
    #[must_use]
    pub fn joined(&self, kept: usize) -> Profile {
        joined(&self.sides[kept].customer.profile, &self.sides[1 - kept].customer.profile)
    }
}

/// Compares two records; none if this device does not hold both, or they are one already.
#[must_use]
pub fn compare(replica: &Replica, one: CustomerId, other: CustomerId, now: Timestamp) -> Option<Comparison> {
    let (one, other) = (living(replica, one)?, living(replica, other)?);
    if one.id == other.id {
        return None;
    }
    let sides = [&one, &other].map(|customer| Side::of(replica, customer));
    let rank = |side: &Side| (side.customer.owner.is_some(), side.deals, side.invitations, std::cmp::Reverse(side.customer.created_at));
    let likelier = usize::from(rank(&sides[0]) < rank(&sides[1]));
    let meetings =
        |id| replica.nouns::<Invitation>(&Index::InvitationsByCustomer(id)).into_iter().map(|it| it.meeting).collect::<BTreeSet<MeetingId>>();
    let both = meetings(one.id).intersection(&meetings(other.id)).copied().collect::<Vec<_>>();
    let twice = both.into_iter().filter_map(|id| replica.noun::<Meeting>(id)).filter(|meeting| crate::state::meetings::is_ahead(meeting, now));
    Some(Comparison { twice: twice.cloned().collect(), sides, likelier })
}

/// The customer that an id stands for today.
#[must_use]
pub fn living(replica: &Replica, id: CustomerId) -> Option<Arc<Customer>> {
    replica.noun::<Customer>(follow::customer(replica, id).ok()?).cloned()
}

/// Others with one of a customer's phones.
#[must_use]
pub fn same_phone(replica: &Replica, customer: &Customer) -> Vec<Arc<Customer>> {
    let phones = customer.profile.phones.iter();
    let mut found: Vec<_> = phones.flat_map(|phone| replica.nouns::<Customer>(&Index::CustomersByPhone(phone.clone()))).cloned().collect();
    found.retain(|other| other.id != customer.id);
    found.sort_by_key(|other| other.id);
    found.dedup_by_key(|other| other.id);
    found
}

/// What was merged into a customer, the latest first.
#[must_use]
pub fn merged_into(replica: &Replica, customer: CustomerId) -> Vec<Arc<MergedCustomer>> {
    let mut merged: Vec<_> = replica.nouns::<MergedCustomer>(&Index::CustomersMergedInto(customer)).into_iter().cloned().collect();
    merged.sort_by_key(|merged| std::cmp::Reverse((merged.at, merged.was.id)));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::customers::{Happening, timeline};
    use shared::customers::command::{EditCustomer, MergeCustomers, ProfileChange, UndoMerge};
    use shared::testing::World;

    fn doubles() -> (World, CustomerId, CustomerId) {
        let mut world = World::new();
        let (rep, customer) = (world.rep, world.customer);
        let double = world.add_customer(rep, "王曉明");
        let phones = world.get::<Customer>(customer).profile.phones.clone();
        let edit = EditCustomer { customer: double, changes: vec![ProfileChange::Phones(phones)] };
        world.apply(rep, edit).expect("theirs");
        (world, customer, double)
    }

    #[test]
    fn a7_two_records_with_one_phone_are_compared_and_the_one_with_more_behind_it_is_likelier_to_stay() {
        let (mut world, customer, double) = doubles();
        let meeting = world.meeting;
        world.invite(meeting, double);
        let replica = world.replica(world.rep);
        let found = same_phone(&replica, &world.get::<Customer>(customer));
        assert_eq!(found.iter().map(|other| other.id).collect::<Vec<_>>(), [double]);
        let comparison = compare(&replica, customer, double, world.now).expect("both are held");
        assert_eq!((comparison.likelier, comparison.twice.len()), (1, 0));
        assert_eq!(comparison.joined(1).name, "王曉明");
        world.invite(meeting, customer);
        let comparison = compare(&world.replica(world.rep), customer, double, world.now).expect("both are held");
        assert_eq!(comparison.likelier, 0, "the older one");
        assert_eq!(comparison.twice.iter().map(|meeting| meeting.id).collect::<Vec<_>>(), [meeting]);
    }

    #[test]
    fn a7_after_merging_the_address_of_either_shows_the_one_and_what_was_merged_can_be_taken_back() {
        let (mut world, customer, double) = doubles();
        world.apply(world.rep, MergeCustomers { kept: customer, merged: double }).expect("both are theirs");
        let replica = world.replica(world.rep);
        assert_eq!(living(&replica, double).map(|customer| customer.id), Some(customer));
        assert_eq!(compare(&replica, customer, double, world.now), None);
        assert_eq!(merged_into(&replica, customer).iter().map(|merged| merged.was.id).collect::<Vec<_>>(), [double]);
        let events = timeline(&replica, &world.get::<Customer>(customer));
        let by = world.rep;
        assert!(events.iter().any(|event| event.what == Happening::Merged { by, name: "王曉明".into() }));
        world.apply(world.rep, UndoMerge { merged: double }).expect("theirs");
        assert_eq!(living(&world.replica(world.rep), double).map(|customer| customer.id), Some(double));
    }
}
