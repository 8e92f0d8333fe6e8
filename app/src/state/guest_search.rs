//! Finding a guest of one meeting by a few characters (clauses A3, D1): names, pinyin, initials, the last digits of a phone, company.

use crate::state::order::InOrder;
use crate::state::venue::{Arrival, Who, arrival_of, unanswered, who};
use shared::customers::Customer;
use shared::customers::search::{SearchIndex, SearchText};
use shared::ids::{GuestId, MeetingId};
use shared::meetings::{Guest, Standing};
use shared::phone::Phone;
use shared::record::Index;
use shared::sync::replica::Replica;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The guests of a meeting, ready to be searched.
#[derive(Debug, Default)]
pub(crate) struct GuestSearch {
    index: SearchIndex,
    known: BTreeSet<Uuid>,
    unanswered: BTreeMap<Uuid, Guest>,
}

/// Digits of a phone that a card shows.
const ON_CARDS: usize = 3;
/// Digits of a phone that is written whole, with the zero before it.
const WHOLE: usize = 9;

/// The digits of a query that is a phone, or the end of one longer than a card shows.
fn dialled(query: &str) -> Option<String> {
    let is_of_a_phone = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')');
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    (digits.len() > ON_CARDS && query.chars().all(is_of_a_phone)).then_some(digits)
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
    /// Whether the guest has said yes at some time, or walked in.
    pub(crate) has_card: bool,
}

impl GuestSearch {
    /// More results than this are no help at a door.
    const MOST: usize = 24;
    /// Guests whose phones end alike, of whom those are left out whose phone is known to be another.
    const MOST_BY_PHONE: usize = 200;

    /// Takes over the guests as they are now. Those who have not changed cost next to nothing.
    pub(crate) fn follow(&mut self, replica: &Replica, meeting: MeetingId) {
        self.follow_all(replica, meeting, Vec::new());
    }

    /// As [`Self::follow`], with those who were invited and have not said yes.
    pub(crate) fn follow_with_unanswered(&mut self, replica: &Replica, meeting: MeetingId) {
        self.follow_all(replica, meeting, unanswered::of_meeting(replica, meeting));
    }

    fn follow_all(&mut self, replica: &Replica, meeting: MeetingId, unanswered: Vec<Guest>) {
        let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
        let all = || guests.iter().map(|guest| &***guest).chain(&unanswered);
        let now: BTreeSet<Uuid> = all().map(|guest| guest.id.0).collect();
        for gone in self.known.difference(&now) {
            self.index.remove(*gone);
        }
        for guest in all() {
            self.index.put(guest.id.0, &SearchText::of_guest(guest));
        }
        self.known = now;
        self.unanswered = unanswered.into_iter().map(|guest| (guest.id.0, guest)).collect();
    }

    /// The guests who fit: those who are expected, then those who never said yes, then those who are in.
    pub(crate) fn find(&mut self, replica: &Replica, query: &str) -> FoundGuests {
        match dialled(query) {
            Some(digits) => self.find_phone(replica, &digits),
            None => self.find_words(replica, query, Self::MOST),
        }
    }

    /// A whole phone, or more of it than a card shows: the cards that end as it does, but for those of whom it is known that theirs is another.
    fn find_phone(&mut self, replica: &Replica, digits: &str) -> FoundGuests {
        let tail = &digits[digits.len() - ON_CARDS..];
        let FoundGuests { mut rows, .. } = self.find_words(replica, tail, Self::MOST_BY_PHONE);
        // A whole number is written with a 0, or with 00 and the country, before what is the same everywhere.
        let whole = (digits.len() >= WHOLE).then(|| digits.trim_start_matches('0'));
        let fits = |phone: &Phone| phone.e164().ends_with(digits) || whole.is_some_and(|whole| phone.e164().ends_with(whole));
        rows.retain(|row| {
            let customer = row.who.customer.and_then(|id| replica.noun::<Customer>(id));
            customer.is_none_or(|customer| customer.profile.phones.is_empty() || customer.profile.phones.iter().any(fits))
        });
        let total = rows.len();
        rows.truncate(Self::MOST);
        FoundGuests { rows, total }
    }

    fn find_words(&mut self, replica: &Replica, query: &str, most: usize) -> FoundGuests {
        let found = self.index.search(query, most);
        let row = |guest: &Guest, has_card| GuestRow {
            who: who(replica, guest),
            arrival: arrival_of(replica, guest.id),
            standing: guest.standing,
            has_card,
        };
        let with_card = |id: &Uuid| replica.noun::<Guest>(GuestId(*id)).map(|guest| row(guest, true));
        let without = |id: &Uuid| self.unanswered.get(id).map(|guest| row(guest, false));
        let mut rows: Vec<_> = found.ids.iter().filter_map(|id| with_card(id).or_else(|| without(id))).collect();
        rows.order_by_key(|row| (row.arrival.is_some(), !row.has_card));
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
    fn a3_a_guest_is_found_by_the_whole_phone_however_it_is_written() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        let other = world.add_customer(world.rep, "李小華");
        world.expect_guest(world.meeting, other);
        let phone = world.get::<Customer>(other).profile.phones[0].clone();
        let national = format!("0{}", phone.e164().strip_prefix("+886").expect("of Taiwan"));
        let tail = &national[national.len() - 5..];
        let spaced = format!("{} {}-{}", &national[..4], &national[4..7], &national[7..]);
        let (before, last) = national[national.len() - 4..].split_at(1);
        let another = format!("{}{last}", if before == "1" { "2" } else { "1" });
        let abroad = format!("00{}", &phone.e164()[1..]);
        let mut search = GuestSearch::default();
        let replica = world.replica(world.rep);
        search.follow(&replica, world.meeting);
        for query in [phone.e164(), &national, tail, &spaced, &abroad] {
            assert_eq!(names(&mut search, &replica, query), ["李小華"], "{query}");
        }
        assert!(names(&mut search, &replica, &another).is_empty(), "the rep's own customer has another phone");
        assert!(names(&mut search, &replica, &format!("0{last}")).is_empty() || before == "0", "four digits are no whole number");
        let of_others = world.replica(world.colleague);
        search.follow(&of_others, world.meeting);
        assert!(names(&mut search, &of_others, &another).contains(&"李小華".to_owned()), "a colleague knows the last digits alone");
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

    #[test]
    fn d1_who_was_invited_and_never_answered_is_found_where_it_is_asked_for() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        let other = world.add_customer(world.rep, "王小美");
        let invitation = world.invite(world.meeting, other);
        let mut search = GuestSearch::default();
        search.follow(&world.replica(world.rep), world.meeting);
        assert_eq!(names(&mut search, &world.replica(world.rep), "wx"), ["王小明"], "no seat is given to somebody without a card");
        search.follow_with_unanswered(&world.replica(world.rep), world.meeting);
        let found = search.find(&world.replica(world.rep), "wx").rows.into_iter().map(|row| (row.who.name, row.has_card)).collect::<Vec<_>>();
        assert_eq!(found, [("王小明".to_owned(), true), ("王小美".to_owned(), false)]);
        let command = world.check_in(world.meeting, GuestId(invitation.0));
        world.apply(world.rep, command).expect("on duty");
        search.follow_with_unanswered(&world.replica(world.rep), world.meeting);
        assert!(search.find(&world.replica(world.rep), "xiaomei").rows.iter().all(|row| row.arrival.is_some() && row.has_card));
    }
}
