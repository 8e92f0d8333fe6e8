//! The desk at the door (clause D1): what a scanned code or a chosen guest means, told from what this device holds.
//!
//! Law: a good ticket admits a guest whom this device has never heard of; everything else must be on the list.

mod brief;
mod gate;
pub(crate) mod unanswered;
mod walk_in;

pub(crate) use brief::{Brief, brief};
pub(crate) use gate::{Gate, Seen};
pub(crate) use walk_in::{Known, PhoneGap, WalkIn, WalkInGaps, WalkInIds};

use crate::state::order::InOrder;
use crate::state::people::name_of;
use chrono::TimeDelta;
use shared::check_ins::{CheckIn, Conflict};
use shared::customers::Salutation;
use shared::customers::merging::follow;
use shared::decide::Actor;
use shared::ids::{CheckInId, ConflictId, CustomerId, GuestId, MeetingId};
use shared::invitations::ticket::{BadTicket, Ticket};
use shared::meetings::{Guest, GuestOrigin, Meeting, MeetingState, Standing};
use shared::people::Role;
use shared::record::Index;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A guest as the desk sees one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Who {
    pub(crate) guest: GuestId,
    /// The customer behind the guest; none if only the ticket is known.
    pub(crate) customer: Option<CustomerId>,
    pub(crate) name: String,
    pub(crate) salutation: Option<Salutation>,
    pub(crate) company: String,
    pub(crate) phone_tail: String,
    /// Name of whoever invited the guest; empty if not known here.
    pub(crate) inviter: String,
}

/// What the desk tells a guest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Come in.
    Welcome(Who),
    /// Is in already.
    AlreadyIn { who: Who, arrival: Arrival },
    /// A good ticket, but not for today's door.
    WrongMeeting { name: String, meeting: Option<Arc<Meeting>> },
    /// Nobody of that identity is on the list.
    NotOnList,
    /// Was on the list and said no, or was struck off.
    Revoked(Who),
    /// The code is something else than a ticket.
    Unreadable,
    /// It looks like a ticket, and nobody here signed it.
    Forged,
    /// The company's key has not reached this device, so it cannot tell.
    NotReady,
}

/// How a verdict looks and sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Welcome,
    Caution,
    Refusal,
}

/// The check-in by which a guest is in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) check_in: CheckInId,
    pub(crate) at: Timestamp,
    pub(crate) desk: String,
    /// Name of whoever let the guest in.
    pub(crate) by: String,
}

impl Verdict {
    pub(crate) const fn tone(&self) -> Tone {
        match self {
            Self::Welcome(_) => Tone::Welcome,
            Self::AlreadyIn { .. } => Tone::Caution,
            Self::WrongMeeting { .. } | Self::NotOnList | Self::Revoked(_) | Self::Unreadable | Self::Forged | Self::NotReady => Tone::Refusal,
        }
    }

    /// The guest, where one is known.
    pub(crate) const fn who(&self) -> Option<&Who> {
        match self {
            Self::Welcome(who) | Self::AlreadyIn { who, .. } | Self::Revoked(who) => Some(who),
            Self::WrongMeeting { .. } | Self::NotOnList | Self::Unreadable | Self::Forged | Self::NotReady => None,
        }
    }
}

/// Whether a text is a ticket of this organisation's, whole and genuine.
pub(crate) fn is_ticket(replica: &Replica, text: &str) -> bool {
    settings(replica).is_some_and(|settings| Ticket::verify(text, &settings.ticket_key).is_ok())
}

/// What a scanned code means at the door of a meeting.
pub(crate) fn verdict_of_code(replica: &Replica, meeting: MeetingId, code: &str) -> Verdict {
    let Some(settings) = settings(replica) else { return Verdict::NotReady };
    let ticket = match Ticket::verify(code, &settings.ticket_key) {
        Ok(ticket) => ticket,
        Err(BadTicket::NotATicket) => return Verdict::Unreadable,
        Err(BadTicket::Forged) => return Verdict::Forged,
    };
    if ticket.meeting != meeting {
        return Verdict::WrongMeeting { name: ticket.name, meeting: replica.noun::<Meeting>(ticket.meeting).cloned() };
    }
    match follow::guest(replica, ticket.guest).ok().and_then(|guest| replica.noun::<Guest>(guest)) {
        Some(guest) => verdict_on(replica, guest),
        None => admitted(replica, stranger(&ticket)),
    }
}

/// What choosing a guest from the list means.
pub(crate) fn verdict_of_guest(replica: &Replica, meeting: MeetingId, guest: GuestId) -> Verdict {
    match replica.noun::<Guest>(guest) {
        None => match unanswered::one(replica, meeting, guest) {
            Some(card) => verdict_on(replica, &card),
            None => Verdict::NotOnList,
        },
        Some(guest) if guest.meeting != meeting => {
            Verdict::WrongMeeting { name: guest.name.clone(), meeting: replica.noun::<Meeting>(guest.meeting).cloned() }
        }
        Some(guest) => verdict_on(replica, guest),
    }
}

/// A guest card as the desk sees it.
pub(crate) fn who(replica: &Replica, guest: &Guest) -> Who {
    Who {
        guest: guest.id,
        customer: Some(guest.customer),
        name: guest.name.clone(),
        salutation: guest.salutation,
        company: guest.company.clone(),
        phone_tail: guest.phone_masked.clone(),
        inviter: name_of(replica, guest.inviter),
    }
}

/// The check-in that counts: the one that a person ruled for last; else, as the rules have it, the one that raised no conflict; else the earliest.
pub(crate) fn arrival_of(replica: &Replica, guest: GuestId) -> Option<Arrival> {
    let conflict_of = |check_in: &CheckIn| replica.noun::<Conflict>(ConflictId(check_in.id.0));
    let all = replica.nouns::<CheckIn>(&Index::CheckInsByGuest(guest));
    let rulings = all.iter().filter_map(|check_in| conflict_of(check_in)?.ruling.as_ref());
    let kept = rulings.max_by_key(|ruling| ruling.at).map(|ruling| ruling.kept);
    let standing = || all.iter().filter(|check_in| check_in.undone.is_none());
    let first = || standing().min_by_key(|check_in| (conflict_of(check_in).is_some(), check_in.at, check_in.id));
    let counts = standing().find(|check_in| Some(check_in.id) == kept).or_else(first)?;
    Some(Arrival { check_in: counts.id, at: counts.at, desk: counts.desk.clone(), by: name_of(replica, counts.by) })
}

/// The organisation's settings, once they are here.
pub(crate) fn settings(replica: &Replica) -> Option<&Arc<Settings>> {
    replica.noun::<Settings>(replica.actor()?.org)
}

/// The numbers at a door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Invited guests who have not said no.
    pub(crate) expected: usize,
    /// How many of them are in, and invited guests of whom only the ticket is known.
    pub(crate) arrived: usize,
    /// Guests without an invitation who are in.
    pub(crate) walk_ins: usize,
    /// Conflicts that wait for a ruling.
    pub(crate) conflicts: usize,
}

/// Counts what the door shows.
pub(crate) fn numbers(replica: &Replica, meeting: MeetingId) -> Numbers {
    let mut numbers = Numbers { conflicts: open_conflicts(replica, meeting), ..Numbers::default() };
    let arrivals = first_arrivals(replica, meeting);
    let mut walk_ins = 0;
    for guest in replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting)) {
        match guest.origin {
            GuestOrigin::Invited => numbers.expected += usize::from(guest.standing != Standing::Revoked || arrivals.contains_key(&guest.id)),
            GuestOrigin::WalkIn => walk_ins += usize::from(arrivals.contains_key(&guest.id)),
        }
    }
    Numbers { arrived: arrivals.len() - walk_ins, walk_ins, ..numbers }
}

/// Each guest who is in, with the earliest check-in that stands.
pub(crate) fn first_arrivals(replica: &Replica, meeting: MeetingId) -> BTreeMap<GuestId, &Arc<CheckIn>> {
    let mut arrivals: BTreeMap<GuestId, &Arc<CheckIn>> = BTreeMap::new();
    for check_in in replica.nouns::<CheckIn>(&Index::CheckInsByMeeting(meeting)) {
        if check_in.undone.is_none() {
            let first = arrivals.entry(check_in.guest).or_insert(check_in);
            if (check_in.at, check_in.id) < (first.at, first.id) {
                *first = check_in;
            }
        }
    }
    arrivals
}

/// How many conflicts of a meeting wait for a ruling.
pub(crate) fn open_conflicts(replica: &Replica, meeting: MeetingId) -> usize {
    replica.nouns::<Conflict>(&Index::ConflictsByMeeting(meeting)).into_iter().filter(|conflict| conflict.ruling.is_none()).count()
}

/// The doors at which somebody may stand: today's first, then the others by how near they are in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Doors {
    /// Meetings of today, or running now, on their own clocks.
    pub(crate) today: Vec<Arc<Meeting>>,
    /// The others, the nearest first: for a rehearsal, or when the device's clock is wrong.
    pub(crate) others: Vec<Arc<Meeting>>,
}

/// The meetings at whose door the actor may work.
pub(crate) fn doors(replica: &Replica, actor: &Actor, now: Timestamp) -> Doors {
    let mut meetings: Vec<_> = replica.all::<Meeting>().filter(|meeting| works_at(replica, actor, meeting)).cloned().collect();
    meetings.order_by_key(|meeting| ((meeting.plan.starts_at - now).abs(), meeting.id));
    let (mut today, others): (Vec<_>, Vec<_>) = meetings.into_iter().partition(|meeting| is_today(meeting, now));
    today.order_by_key(|meeting| (meeting.plan.starts_at, meeting.id));
    Doors { today, others }
}

/// Whether the rules would let the actor check guests in at a meeting.
pub(crate) fn works_at(replica: &Replica, actor: &Actor, meeting: &Meeting) -> bool {
    let on_duty = || meeting.plan.staff.iter().any(|staff| actor.need_reach(replica, staff.user).is_ok());
    meeting.state == MeetingState::Planned
        && match actor.role {
            Role::Manager => true,
            Role::Rep | Role::Supervisor => on_duty(),
            Role::Director | Role::Marketing | Role::Office | Role::Finance | Role::Administrator => false,
        }
}

fn is_today(meeting: &Meeting, now: Timestamp) -> bool {
    let plan = &meeting.plan;
    let runs = plan.starts_at - TimeDelta::hours(3) <= now && now <= plan.ends_at;
    runs || plan.utc_offset.day_of(plan.starts_at) == plan.utc_offset.day_of(now)
}

fn verdict_on(replica: &Replica, guest: &Guest) -> Verdict {
    let who = who(replica, guest);
    if guest.standing == Standing::Revoked && arrival_of(replica, guest.id).is_none() {
        return Verdict::Revoked(who);
    }
    admitted(replica, who)
}

fn admitted(replica: &Replica, who: Who) -> Verdict {
    match arrival_of(replica, who.guest) {
        Some(arrival) => Verdict::AlreadyIn { who, arrival },
        None => Verdict::Welcome(who),
    }
}

/// A guest of whom only the ticket is known.
fn stranger(ticket: &Ticket) -> Who {
    Who {
        guest: ticket.guest,
        customer: None,
        name: ticket.name.clone(),
        salutation: None,
        company: String::new(),
        phone_tail: String::new(),
        inviter: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::check_ins::command::{RuleConflict, UndoCheckIn};
    use shared::customers::command::MergeCustomers;
    use shared::ids::{InvitationId, UserId};
    use shared::invitations::Confirmation;
    use shared::invitations::command::ConfirmInvitation;
    use shared::phone::Country;
    use shared::testing::World;
    use uuid::Uuid;

    /// A world with one guest who agreed to come.
    fn world() -> (World, GuestId) {
        let mut world = World::new();
        let guest = world.expect_guest(world.meeting, world.customer);
        (world, guest)
    }

    fn ticket(world: &World, guest: GuestId, name: &str) -> String {
        world.signer().sign(world.meeting, guest, world.now, name)
    }

    fn scan(world: &World, code: &str) -> Verdict {
        verdict_of_code(&world.replica(world.rep), world.meeting, code)
    }

    fn let_in(world: &mut World, by: fn(&World) -> UserId, guest: GuestId) -> CheckInId {
        let command = world.check_in(world.meeting, guest);
        let check_in = command.check_in;
        world.apply(by(world), command).expect("on duty");
        check_in
    }

    #[test]
    fn d1_a_ticket_in_the_search_is_known_once_it_is_whole() {
        let (world, guest) = world();
        let (replica, code) = (world.replica(world.rep), ticket(&world, guest, "王小明"));
        assert!(is_ticket(&replica, &code));
        let cut = (0..code.len()).filter(|at| code.is_char_boundary(*at));
        assert!(cut.into_iter().all(|at| !is_ticket(&replica, &code[..at])), "no part of it is");
    }

    #[test]
    fn a7_either_ticket_of_one_person_lets_the_one_guest_in() {
        let (mut world, guest) = world();
        let (rep, kept) = (world.rep, world.customer);
        let double = world.add_customer(rep, "王曉明");
        let other = world.expect_guest(world.meeting, double);
        world.apply(rep, MergeCustomers { kept, merged: double }).expect("both are theirs");
        let Verdict::Welcome(who) = scan(&world, &ticket(&world, other, "王曉明")) else { panic!("must be welcome") };
        assert_eq!((who.guest, who.name.as_str()), (guest, "王小明"));
        let_in(&mut world, |world| world.rep, other);
        assert!(matches!(scan(&world, &ticket(&world, guest, "王小明")), Verdict::AlreadyIn { .. }), "the second scan is told");
    }

    #[test]
    fn d1_a_good_ticket_of_a_guest_on_the_list_is_welcome_with_all_that_is_known() {
        let (world, guest) = world();
        let Verdict::Welcome(who) = scan(&world, &ticket(&world, guest, "王小明")) else { panic!("must be welcome") };
        assert_eq!((who.name.as_str(), who.inviter.as_str(), who.customer), ("王小明", "林佳穎", Some(world.customer)));
        assert!(who.phone_tail.starts_with("•••"));
    }

    #[test]
    fn d1_a_good_ticket_of_a_guest_whom_this_device_has_never_seen_is_welcome() {
        let (mut world, _) = world();
        let unseen = world.id();
        let Verdict::Welcome(who) = scan(&world, &ticket(&world, unseen, "趙無名")) else { panic!("must be welcome") };
        assert_eq!((who.name.as_str(), who.customer), ("趙無名", None));
    }

    #[test]
    fn d1_a_guest_who_is_in_is_told_when_where_and_by_whom() {
        let (mut world, guest) = world();
        let when = world.now;
        let_in(&mut world, |world| world.colleague, guest);
        let Verdict::AlreadyIn { arrival, .. } = scan(&world, &ticket(&world, guest, "王小明")) else { panic!("must be in") };
        assert_eq!((arrival.at, arrival.desk.as_str(), arrival.by.as_str()), (when, "A", "吳宗翰"));
    }

    #[test]
    fn a_check_in_taken_back_makes_the_guest_welcome_again() {
        let (mut world, guest) = world();
        let check_in = let_in(&mut world, |world| world.rep, guest);
        assert_eq!(scan(&world, &ticket(&world, guest, "王小明")).tone(), Tone::Caution);
        world.apply(world.rep, UndoCheckIn { check_in }).expect("on duty");
        assert_eq!(scan(&world, &ticket(&world, guest, "王小明")).tone(), Tone::Welcome);
    }

    #[test]
    fn d2_of_two_check_ins_the_one_that_a_person_ruled_for_counts() {
        let (mut world, guest) = world();
        let first = let_in(&mut world, |world| world.rep, guest);
        let second = let_in(&mut world, |world| world.colleague, guest);
        let counts = |world: &World| arrival_of(&world.replica(world.rep), guest).map(|arrival| arrival.check_in);
        assert_eq!(counts(&world), Some(first));
        world.apply(world.rep, RuleConflict { conflict: ConflictId(second.0), keep: second }).expect("on duty");
        assert_eq!(counts(&world), Some(second));
    }

    #[test]
    fn d1_a_ticket_of_another_meeting_says_which() {
        let (mut world, _) = world();
        let guest = world.id();
        let code = world.signer().sign(world.other_meeting, guest, world.now, "王小明");
        let Verdict::WrongMeeting { name, meeting } = scan(&world, &code) else { panic!("must be of another meeting") };
        assert_eq!((name.as_str(), meeting.map(|meeting| meeting.id)), ("王小明", Some(world.other_meeting)));
    }

    #[test]
    fn d1_who_said_no_is_refused_with_the_ticket_and_told_by_name() {
        let (mut world, guest) = world();
        let (invitation, confirmation) = (InvitationId(guest.0), Confirmation::CannotCome);
        world.apply(world.rep, ConfirmInvitation { invitation, confirmation }).expect("agreed before");
        assert!(matches!(scan(&world, &ticket(&world, guest, "王小明")), Verdict::Revoked(who) if who.name == "王小明"));
    }

    #[test]
    fn d1_another_code_and_a_forged_ticket_are_told_apart() {
        use shared::invitations::ticket::TicketSigner;
        let (world, guest) = world();
        let forged = TicketSigner::from_seed(&[8; 32]).sign(world.meeting, guest, world.now, "王小明");
        assert_eq!(scan(&world, &forged), Verdict::Forged);
        for code in ["", "https://example.com/menu", "WIFI:S:guest;;", "HX1."] {
            assert_eq!(scan(&world, code), Verdict::Unreadable, "{code}");
        }
    }

    #[test]
    fn without_the_companys_key_no_ticket_is_called_forged() {
        let (world, _) = world();
        let empty = Replica::new(world.device(world.rep), Some(world.actor(world.rep)));
        assert_eq!(verdict_of_code(&empty, world.meeting, "HX1.AAAA"), Verdict::NotReady);
    }

    #[test]
    fn d1_a_guest_chosen_from_the_list_who_is_gone_is_not_on_the_list() {
        let (world, guest) = world();
        let replica = world.replica(world.rep);
        assert_eq!(verdict_of_guest(&replica, world.meeting, GuestId(Uuid::nil())), Verdict::NotOnList);
        assert!(matches!(verdict_of_guest(&replica, world.meeting, guest), Verdict::Welcome(_)));
        assert!(matches!(verdict_of_guest(&replica, world.other_meeting, guest), Verdict::WrongMeeting { .. }));
    }

    #[test]
    fn d2_the_numbers_count_guests_and_not_check_ins() {
        let (mut world, first) = world();
        let second = world.add_customer(world.rep, "李小華");
        let second = world.expect_guest(world.meeting, second);
        let third = world.add_customer(world.rep, "張三豐");
        world.expect_guest(world.meeting, third);
        for guest in [first, first, second] {
            let_in(&mut world, |world| world.rep, guest);
        }
        let ids = WalkInIds { check_in: world.id(), guest: world.id(), customer: world.id() };
        let form = WalkIn { name: "路人甲".into(), phone: "0912-345-678".into(), ..WalkIn::default() };
        world.apply(world.rep, form.command(ids, world.meeting, "A", Country::Tw).expect("complete")).expect("on duty");
        let replica = world.replica(world.rep);
        assert_eq!(numbers(&replica, world.meeting), Numbers { expected: 3, arrived: 2, walk_ins: 1, conflicts: 1 });
        assert!(matches!(form.known(&replica, world.meeting), Some(Known::Arrived(who, _)) if who.name == "路人甲"), "not to be let in twice");
        assert!(matches!(form.known(&replica, world.other_meeting), Some(Known::Customer { id, .. }) if id == ids.customer));
    }

    #[test]
    fn todays_meeting_on_its_own_clock_comes_first_and_others_stay_within_reach() {
        let (world, _) = world();
        let (replica, actor) = (world.replica(world.rep), world.actor(world.rep));
        let starts_at = replica.noun::<Meeting>(world.meeting).expect("held").plan.starts_at;
        let ids = |meetings: &[Arc<Meeting>]| meetings.iter().map(|meeting| meeting.id).collect::<Vec<_>>();
        let on_the_day = doors(&replica, &actor, starts_at - TimeDelta::hours(8));
        assert_eq!(ids(&on_the_day.today), [world.meeting], "a rep has no business at another's door");
        let before = doors(&replica, &actor, starts_at - TimeDelta::days(3));
        assert_eq!((ids(&before.today), ids(&before.others)), (vec![], vec![world.meeting]));
        assert!(!works_at(&replica, &world.actor(world.administrator), replica.noun::<Meeting>(world.meeting).expect("held")));
    }
}
