//! Self check-in on a stand (clause D5): what a guest is told, how one is found by surname and the last digits of the phone, and when the
//! screen goes back to its start.
//!
//! Laws:
//! - A guest is told nothing that they have not shown or typed, but for their own seat: no list, no name that was not on the ticket or typed.
//! - Whether somebody of that surname is expected cannot be asked for at leisure: misses slow down.
//! - Only a welcome lets in; whatever else is for a person at the desk.

use crate::state::seats::{SeatName, seat_of};
use crate::state::venue::Verdict;
use chrono::TimeDelta;
use shared::customers::search::{folded, is_hanzi};
use shared::customers::{Customer, Salutation};
use shared::ids::{GuestId, MeetingId};
use shared::meetings::{Guest, Plan};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::{Timestamp, UtcOffset};

/// What stands on the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Screen {
    /// Hold your ticket here.
    #[default]
    Start,
    /// Surname and digits.
    Phone,
    /// A guest without an invitation.
    WalkIn,
    /// A verdict.
    Told(Told),
    /// Staff want it back.
    Staff,
}

/// What a guest is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// Come in. The name is that of the ticket, or as it was typed; the seat is the guest's own.
    Welcome { name: String, salutation: Option<Salutation>, seat: Option<SeatName> },
    /// Is in already.
    AlreadyIn,
    /// A ticket for another meeting of the company's.
    OtherMeeting { theme: String, starts_at: Timestamp, clock: UtcOffset },
    /// The code is no ticket.
    NotATicket,
    /// Nobody was found by what was typed.
    NotFound,
    /// Anything else: a person helps.
    AskDesk,
}

impl Told {
    /// What a verdict is to the guest. `typed` is the surname, if the guest was found by it.
    pub(crate) fn of(replica: &Replica, verdict: &Verdict, typed: Option<&str>) -> Self {
        match verdict {
            Verdict::Welcome(who) => Self::Welcome {
                name: typed.map_or_else(|| who.name.clone(), str::to_owned),
                salutation: who.salutation,
                seat: seat_of(replica, who.guest),
            },
            Verdict::AlreadyIn { .. } => Self::AlreadyIn,
            Verdict::WrongMeeting { meeting: Some(meeting), .. } => {
                Self::OtherMeeting { theme: meeting.plan.theme.clone(), starts_at: meeting.plan.starts_at, clock: meeting.plan.utc_offset }
            }
            Verdict::Unreadable => Self::NotATicket,
            Verdict::NotOnList if typed.is_some() => Self::NotFound,
            Verdict::WrongMeeting { meeting: None, .. } | Verdict::NotOnList | Verdict::Revoked(_) | Verdict::Forged | Verdict::NotReady => {
                Self::AskDesk
            }
        }
    }
}

/// Milliseconds after which a screen that nobody touches goes back to the start; the start stays.
pub(crate) const fn stays_ms(screen: &Screen) -> Option<f64> {
    match screen {
        Screen::Start => None,
        Screen::Phone => Some(30_000.0),
        Screen::WalkIn => Some(60_000.0),
        Screen::Told(Told::Welcome { .. }) => Some(6_000.0),
        Screen::Told(_) => Some(9_000.0),
        Screen::Staff => Some(30_000.0),
    }
}

/// Seconds left of a screen, once they are to be told: long before what was typed is gone.
pub(crate) fn warns(screen: &Screen, untouched_ms: f64) -> Option<u32> {
    const BEFORE_MS: f64 = 10_000.0;
    let typed = matches!(screen, Screen::Phone | Screen::WalkIn | Screen::Staff);
    let left = stays_ms(screen).filter(|_| typed)? - untouched_ms;
    (left <= BEFORE_MS).then(|| (left / 1_000.0).ceil().max(0.0) as u32)
}

/// Whether a code before the camera is judged now: not under the fingers of somebody who types.
pub(crate) const fn scans(screen: &Screen) -> bool {
    matches!(screen, Screen::Start | Screen::Told(_))
}

/// How many digits of a phone are asked for: what a guest card of a colleague's customer shows.
pub(crate) const DIGITS: usize = 3;

/// The one guest who is meant; none if it is nobody, or more than one.
pub(crate) fn find(replica: &Replica, meeting: MeetingId, surname: &str, digits: &str) -> Option<GuestId> {
    let (surname, digits) = (folded(surname), digits_of(digits));
    if surname.is_empty() || digits.len() < DIGITS {
        return None;
    }
    let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
    let mut found = guests.into_iter().filter(|guest| is_surname(&surname, &guest.name) && has_digits(replica, guest, &digits));
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.id),
        _ => None,
    }
}

/// The name begins with it in Chinese, or has it as its first or last word.
fn is_surname(typed: &str, name: &str) -> bool {
    let name = folded(name);
    if name.starts_with(is_hanzi) {
        typed.starts_with(is_hanzi) && name.starts_with(typed)
    } else {
        [name.split(' ').next(), name.split(' ').next_back()].contains(&Some(typed)) || name == typed
    }
}

/// A phone ends with them: whole where the customer is held, else as far as the card shows.
fn has_digits(replica: &Replica, guest: &Guest, digits: &str) -> bool {
    let shown = digits_of(&guest.phone_masked);
    let by_card = !shown.is_empty() && digits.ends_with(&shown[shown.len().saturating_sub(DIGITS)..]);
    match replica.noun::<Customer>(guest.customer) {
        Some(customer) => customer.profile.phones.iter().any(|phone| phone.e164().ends_with(digits)),
        None => by_card,
    }
}

/// Full-width digits are digits too.
fn digits_of(text: &str) -> String {
    folded(text).chars().filter(char::is_ascii_digit).collect()
}

/// Misses at the stand, in milliseconds of a clock that only moves forward.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Misses {
    count: u32,
    last: f64,
}

impl Misses {
    /// Nobody was found.
    pub(crate) fn note(&mut self, now: f64) {
        *self = Self { count: self.count + 1, last: now };
    }

    /// A guest was let in.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Milliseconds until somebody may try again: three misses are free, then 30 s, twice as long each time, ten minutes at most. Tickets are
    /// scanned meanwhile.
    pub(crate) fn wait_ms(&self, now: f64) -> f64 {
        const FREE: u32 = 3;
        const FIRST: f64 = 30_000.0;
        const MOST: f64 = 600_000.0;
        if self.count < FREE {
            return 0.0;
        }
        let pause = (FIRST * 2.0_f64.powi((self.count - FREE).min(10).cast_signed())).min(MOST);
        (pause - (now - self.last)).max(0.0)
    }
}

/// Until when a device that is made a kiosk now stays open: an hour after the meeting, or half an hour for practice on another day.
pub(crate) fn until(plan: &Plan, now: Timestamp) -> Timestamp {
    let ends = plan.ends_at + TimeDelta::hours(1);
    let is_its_time = plan.starts_at - TimeDelta::hours(4) <= now && now < ends;
    if is_its_time { ends } else { now + TimeDelta::minutes(30) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::venue::verdict_of_guest;
    use shared::customers::Profile;
    use shared::ids::TableId;
    use shared::phone::{Country, Phone};
    use shared::seating::command::{DrawnTable, GiveSeats, GivenSeat, PutTables};
    use shared::seating::{Seat, Shape};
    use shared::testing::World;

    fn guest(world: &mut World, owner: &str, name: &str, phone: &str) -> GuestId {
        let owner = if owner == "rep" { world.rep } else { world.colleague };
        let phones = vec![Phone::parse(phone, Country::Tw).expect("a phone")];
        let customer = world.add_customer(owner, name);
        let held = (*world.get::<Customer>(customer)).clone();
        world.put(Customer { profile: Profile { phones, ..held.profile.clone() }, ..held });
        world.expect_guest(world.meeting, customer)
    }

    fn finds(world: &World, surname: &str, digits: &str) -> Option<GuestId> {
        find(&world.replica(world.rep), world.meeting, surname, digits)
    }

    #[test]
    fn d5_a_guest_is_found_by_surname_and_the_last_digits() {
        let mut world = World::new();
        let own = guest(&mut world, "rep", "陳怡君", "0912345678");
        let colleagues = guest(&mut world, "colleague", "歐陽修", "0922333444");
        let english = guest(&mut world, "colleague", "David Chen", "0933555666");
        for (surname, digits, who) in [
            ("陳", "678", Some(own)),
            ("陈", "678", Some(own)),
            (" 陳 ", "６７８", Some(own)),
            ("陳怡君", "345678", Some(own)),
            ("歐陽", "444", Some(colleagues)),
            ("欧阳", "333444", Some(colleagues)),
            ("chen", "666", Some(english)),
            ("DAVID", "666", Some(english)),
            ("陳", "677", None),
            ("林", "678", None),
            ("陳", "78", None),
            ("陳", "", None),
            ("", "678", None),
            ("che", "666", None),
            ("怡君", "678", None),
            ("c", "678", None),
        ] {
            assert_eq!(finds(&world, surname, digits), who, "{surname} {digits}");
        }
        assert_eq!(finds(&world, "陳", "000678"), None, "of one's own customers the whole phone is known");
    }

    #[test]
    fn d5_two_who_fit_are_nobody_and_those_of_another_meeting_are_not_found() {
        let mut world = World::new();
        guest(&mut world, "rep", "陳怡君", "0912345678");
        let elsewhere = find(&world.replica(world.manager), world.other_meeting, "陳", "678");
        assert_eq!(elsewhere, None);
        guest(&mut world, "colleague", "陳大文", "0988111678");
        assert_eq!(finds(&world, "陳", "678"), None, "which of them it is, the desk asks");
    }

    #[test]
    fn d5_no_verdict_tells_a_name_that_was_not_shown_or_typed() {
        let mut world = World::new();
        let id = guest(&mut world, "colleague", "陳怡君", "0912345678");
        let judge = |world: &World| verdict_of_guest(&world.replica(world.rep), world.meeting, id);
        let told = |world: &World, verdict: &Verdict, typed| Told::of(&world.replica(world.rep), verdict, typed);
        assert_eq!(told(&world, &judge(&world), Some("陳")), Told::Welcome { name: "陳".into(), salutation: None, seat: None });
        let command = world.check_in(world.meeting, id);
        world.apply(world.rep, command).expect("on duty");
        for typed in [None, Some("陳")] {
            assert_eq!(told(&world, &judge(&world), typed), Told::AlreadyIn);
        }
        assert_eq!(told(&world, &Verdict::NotOnList, Some("陳")), Told::NotFound);
        for verdict in [Verdict::NotOnList, Verdict::Forged, Verdict::NotReady] {
            assert_eq!(told(&world, &verdict, None), Told::AskDesk);
        }
    }

    #[test]
    fn d5_whoever_is_let_in_is_told_their_own_seat() {
        let mut world = World::new();
        let id = guest(&mut world, "colleague", "陳怡君", "0912345678");
        let table: TableId = world.id();
        let drawn = DrawnTable { table, name: "3".into(), shape: Shape::Round, seats: 8, x: 300, y: 300, turn: 0 };
        world.apply(world.manager, PutTables { meeting: world.meeting, tables: vec![drawn] }).expect("managers draw");
        let seat = Seat { table, number: 5 };
        let given = vec![GivenSeat { seating: world.id(), guest: id, seat, instead_of: None, no_show: None }];
        world.apply(world.manager, GiveSeats { meeting: world.meeting, desk: None, given }).expect("office");
        let replica = world.replica(world.rep);
        let verdict = verdict_of_guest(&replica, world.meeting, id);
        let seat = Some(SeatName { seat, table: "3".into(), shape: Shape::Round });
        assert_eq!(Told::of(&replica, &verdict, Some("陳")), Told::Welcome { name: "陳".into(), salutation: None, seat });
    }

    #[test]
    fn d5_the_screen_goes_back_to_its_start_and_warns_who_types() {
        let welcome = Screen::Told(Told::Welcome { name: "陳".into(), salutation: None, seat: None });
        assert_eq!(stays_ms(&Screen::Start), None);
        assert!(
            [Screen::Phone, Screen::WalkIn, Screen::Staff, welcome.clone(), Screen::Told(Told::AskDesk)]
                .iter()
                .all(|screen| stays_ms(screen).is_some())
        );
        assert_eq!(warns(&Screen::Phone, 19_000.0), None);
        assert_eq!(warns(&Screen::Phone, 20_000.0), Some(10));
        assert_eq!(warns(&Screen::Phone, 29_100.0), Some(1));
        assert_eq!(warns(&welcome, 5_900.0), None, "nothing is lost with a verdict");
        assert!(scans(&Screen::Start) && scans(&welcome));
        assert!(!scans(&Screen::Phone) && !scans(&Screen::WalkIn) && !scans(&Screen::Staff));
    }

    #[test]
    fn d5_names_cannot_be_tried_at_leisure() {
        let mut misses = Misses::default();
        for _ in 0..2 {
            misses.note(0.0);
            assert_eq!(misses.wait_ms(0.0), 0.0);
        }
        misses.note(1_000.0);
        assert_eq!((misses.wait_ms(1_000.0), misses.wait_ms(31_000.0)), (30_000.0, 0.0));
        misses.note(31_000.0);
        assert_eq!(misses.wait_ms(31_000.0), 60_000.0);
        for _ in 0..50 {
            misses.note(0.0);
        }
        assert_eq!(misses.wait_ms(0.0), 600_000.0);
        misses.forget();
        assert_eq!(misses.wait_ms(0.0), 0.0);
    }

    #[test]
    fn d5_a_kiosk_stays_open_until_an_hour_after_its_meeting_and_briefly_for_practice() {
        let world = World::new();
        let plan = world.plan(&[]);
        assert_eq!(until(&plan, plan.starts_at - TimeDelta::hours(1)), plan.ends_at + TimeDelta::hours(1));
        assert_eq!(until(&plan, plan.ends_at), plan.ends_at + TimeDelta::hours(1));
        let days_before = plan.starts_at - TimeDelta::days(2);
        assert_eq!(until(&plan, days_before), days_before + TimeDelta::minutes(30));
        let after = plan.ends_at + TimeDelta::hours(2);
        assert_eq!(until(&plan, after), after + TimeDelta::minutes(30));
    }
}
