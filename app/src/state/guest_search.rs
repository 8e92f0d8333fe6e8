//! Finding a guest of one meeting by a few characters (clauses A3, D1): names, pinyin, initials, the last digits of a phone, company.

use crate::state::order::InOrder;
use crate::state::venue::{Arrival, Who, arrival_of, who};
use shared::customers::search::{SearchIndex, SearchText};
use shared::ids::{GuestId, MeetingId};
use shared::meetings::{Guest, Standing};
use shared::record::Index;
use shared::sync::replica::Replica;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The guests of a meeting, ready to be searched.
#[derive(Debug, Default)]
pub(crate) struct GuestSearch {
    index: SearchIndex,
    known: BTreeSet<Uuid>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FoundGuests {
    pub(crate) rows: Vec<GuestRow>,
    /// How many there are in all; more than the rows if there are too many to read.
    pub(crate) total: usize,
}

/// A guest in the results.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GuestRow {
    pub(crate) who: Who,
    /// None if the guest is not in yet.
    pub(crate) arrival: Option<Arrival>,
    pub(crate) standing: Standing,
}

impl GuestSearch {
    /// More results than this are no help at a door.
    const MOST: usize = 40;

    /// Takes over the guests as they are now. Those who have not changed cost next to nothing.
    pub(crate) fn follow(&mut self, replica: &Replica, meeting: MeetingId) {
        let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
        let now: BTreeSet<Uuid> = guests.iter().map(|guest| guest.id.0).collect();
        for gone in self.known.difference(&now) {
            self.index.remove(*gone);
        }
        for guest in guests {
            self.index.put(guest.id.0, &SearchText::of_guest(guest));
        }
        self.known = now;
    }

    /// The guests who fit, those who are not in yet first.
    pub(crate) fn find(&mut self, replica: &Replica, query: &str) -> FoundGuests {
        let found = self.index.search(query, Self::MOST);
        let guests = found.ids.iter().filter_map(|id| replica.noun::<Guest>(GuestId(*id)));
        let mut rows: Vec<_> =
            guests.map(|guest| GuestRow { who: who(replica, guest), arrival: arrival_of(replica, guest.id), standing: guest.standing }).collect();
        rows.order_by_key(|row| row.arrival.is_some());
        FoundGuests { rows, total: found.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::World;

    fn names(search: &mut GuestSearch, replica: &Replica, query: &str) -> Vec<String> {
        search.find(replica, query).rows.into_iter().map(|row| row.who.name).collect()
    }

    #[test]
    fn a3_a_guest_is_found_by_initials_pinyin_hanzi_and_the_last_digits() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        let other = world.add_customer(world.rep, "李小華");
        world.expect_guest(world.meeting, other);
        let replica = world.replica(world.rep);
        let tail: String = replica.all::<Guest>().find(|guest| guest.name == "李小華").expect("held").phone_masked.chars().skip(3).collect();
        let mut search = GuestSearch::default();
        search.follow(&replica, world.meeting);
        for query in ["lxh", "lixiaohua", "李", "小华", tail.as_str()] {
            assert_eq!(names(&mut search, &replica, query), ["李小華"], "{query}");
        }
        assert_eq!(search.find(&replica, "").total, 2);
    }

    #[test]
    fn d1_those_who_are_in_stand_below_and_those_who_are_gone_are_not_found() {
        let mut world = World::new();
        let first = world.expect_guest(world.meeting, world.customer);
        let other = world.add_customer(world.rep, "王小美");
        world.expect_guest(world.meeting, other);
        let command = world.check_in(world.meeting, first);
        world.apply(world.rep, command).expect("on duty");
        let replica = world.replica(world.rep);
        let mut search = GuestSearch::default();
        search.follow(&replica, world.meeting);
        assert_eq!(names(&mut search, &replica, "wx"), ["王小美", "王小明"]);
        search.follow(&replica, world.other_meeting);
        assert_eq!(search.find(&replica, "wx"), FoundGuests::default());
    }
}
