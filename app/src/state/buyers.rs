//! With whom a deal can be made: the customers on this device, and the guests of the meetings where the user works.

use crate::state::venue::works_at;
use shared::customers::Customer;
use shared::customers::search::{SearchIndex, SearchText};
use shared::decide::Actor;
use shared::ids::{CustomerId, GuestId, MeetingId};
use shared::meetings::{Guest, Meeting};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;

/// A possible buyer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Buyer {
    pub(crate) customer: CustomerId,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) phone_tail: String,
    /// The meeting at which the deal is made: the latest one that has begun and has the buyer's guest card.
    pub(crate) meeting: Option<MeetingId>,
}

/// All possible buyers, ready to be searched.
#[derive(Debug, Default)]
pub(crate) struct BuyerSearch(SearchIndex);

impl BuyerSearch {
    const MOST: usize = 30;

    /// Everybody who can be chosen now.
    pub(crate) fn new(replica: &Replica, actor: &Actor) -> Self {
        let mut index = SearchIndex::new();
        index.make_room(replica.most_of::<Customer>());
        replica.glances::<Customer>().for_each(|glance| index.put_customer(&glance));
        // A closer sells to guests whom a colleague invited: then only the card is here.
        let meetings = replica.all::<Meeting>().filter(|meeting| works_at(replica, actor, meeting));
        for guest in meetings.flat_map(|meeting| replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting.id))) {
            if replica.noun::<Customer>(guest.customer).is_none() {
                index.put(guest.id.0, &SearchText::of_guest(guest));
            }
        }
        Self(index)
    }

    /// Those who fit, the best first.
    pub(crate) fn find(&mut self, replica: &Replica, query: &str, now: Timestamp) -> Vec<Buyer> {
        let found = self.0.search(query, Self::MOST).ids;
        found
            .into_iter()
            .filter_map(|id| {
                let guest = || replica.noun::<Guest>(GuestId(id)).map(|guest| guest.customer);
                buyer(replica, replica.noun::<Customer>(CustomerId(id)).map(|customer| customer.id).or_else(guest)?, now)
            })
            .collect()
    }
}

/// A customer as a buyer, from the record or from a guest card.
pub(crate) fn buyer(replica: &Replica, customer: CustomerId, now: Timestamp) -> Option<Buyer> {
    let cards = replica.nouns::<Guest>(&Index::GuestsByCustomer(customer));
    let begins = |card: &Guest| replica.noun::<Meeting>(card.meeting).map(|meeting| meeting.plan.starts_at);
    let soon = now + chrono::TimeDelta::hours(3);
    let meeting = cards.iter().filter_map(|card| Some((begins(card)?, card.meeting))).filter(|(begins, _)| *begins <= soon).max();
    let meeting = meeting.map(|(_, meeting)| meeting);
    if let Some(record) = replica.noun::<Customer>(customer) {
        let profile = &record.profile;
        let phone_tail = profile.phones.first().map(shared::phone::Phone::masked).unwrap_or_default();
        return Some(Buyer { customer, name: profile.name.clone(), company: profile.company.clone(), phone_tail, meeting });
    }
    let card = cards.first()?;
    // Without the record, only the meeting gives the right to sell.
    let meeting = meeting.or(Some(card.meeting));
    Some(Buyer { customer, name: card.name.clone(), company: card.company.clone(), phone_tail: card.phone_masked.clone(), meeting })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::World;

    #[test]
    fn own_customers_and_guests_of_colleagues_can_buy() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.colleagues_customer);
        let replica = world.replica(world.rep);
        let mut search = BuyerSearch::new(&replica, &world.actor(world.rep));
        let names = |search: &mut BuyerSearch, query: &str| {
            search.find(&replica, query, world.now).into_iter().map(|buyer| (buyer.name, buyer.meeting)).collect::<Vec<_>>()
        };
        assert_eq!(names(&mut search, "wxm"), [("王小明".to_owned(), None)]);
        assert_eq!(names(&mut search, "cmh"), [("陳美華".to_owned(), Some(world.meeting))]);
        assert_eq!(names(&mut search, "張大同"), [], "nobody sells to a stranger's customer");
    }

    #[test]
    fn a_deal_belongs_to_the_meeting_that_has_begun() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        let replica = world.replica(world.rep);
        let starts_at = replica.noun::<Meeting>(world.meeting).expect("held").plan.starts_at;
        let at = |when| buyer(&replica, world.customer, when).expect("held").meeting;
        assert_eq!(at(starts_at - chrono::TimeDelta::days(1)), None);
        assert_eq!(at(starts_at + chrono::TimeDelta::hours(1)), Some(world.meeting));
    }
}
