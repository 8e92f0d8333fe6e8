use super::decide::joined;
use super::*;
use crate::check_ins::command::CheckInGuest;
use crate::check_ins::{CheckIn, Conflict, Method};
use crate::customers::command::{
    AddCustomer, ClaimCustomer, EditCustomer, ImportCustomers, ImportRow, MergeCustomers, ProfileChange, TransferCustomers, UndoMerge,
};
use crate::customers::milestones::Milestone;
use crate::customers::pool::PoolCard;
use crate::customers::{Consent, Contact, Intent, Withdrawal};
use crate::deals::Deal;
use crate::floor::command::NoteGuest;
use crate::floor::{Chip, GuestNote, Reader};
use crate::ids::InvitationId;
use crate::invitations::command::{PlanInvitations, PlannedInvitation, RecordAnswer};
use crate::invitations::{Answer, Channel, Invitation};
use crate::meetings::places::Places;
use crate::meetings::{Guest, Meeting};
use crate::phone::{Country, Phone};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::testing::World;
use proptest::prelude::*;

/// A rep's two records of one person; the second one goes.
fn doubles() -> (World, CustomerId, CustomerId) {
    let mut world = World::new();
    let (rep, kept) = (world.rep, world.customer);
    let double = world.add_customer(rep, "王曉明");
    (world, kept, double)
}

fn merge(world: &mut World, by: fn(&World) -> UserId, kept: CustomerId, merged: CustomerId) -> Result<(), Rejection> {
    world.apply(by(world), MergeCustomers { kept, merged }).map(|_| ())
}

fn undo(world: &mut World, by: fn(&World) -> UserId, merged: CustomerId) -> Result<(), Rejection> {
    world.apply(by(world), UndoMerge { merged }).map(|_| ())
}

fn ticket(world: &World, guest: GuestId, check_in: u128) -> CheckInGuest {
    let ticket = world.get::<Invitation>(InvitationId(guest.0)).ticket.clone();
    let check_in = uuid::Uuid::from_u128(check_in).into();
    CheckInGuest { check_in, meeting: world.meeting, guest, desk: "A".into(), method: Method::Ticket, ticket }
}

#[test]
fn a7_everything_that_happened_with_either_is_the_one_customers() {
    let (mut world, kept, double) = doubles();
    let guest = world.expect_guest(world.meeting, double);
    let check_in = world.check_in(world.meeting, guest);
    world.apply(world.rep, check_in).expect("on duty");
    let open = world.open_deal(double, Some(world.meeting));
    let deal = open.deal;
    world.apply(world.rep, open).expect("their own customer");
    let (note, owners_note) = (world.id(), world.id());
    let noted = NoteGuest { note, owners_note, meeting: world.meeting, guest, chip: Chip::Hot, words: String::new() };
    world.apply(world.colleague, noted).expect("on duty");
    let was = (*world.get::<Customer>(double)).clone();

    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert_eq!(world.find::<Customer>(double), None);
    assert_eq!(world.get::<MergedCustomer>(double).was, was, "kept whole");
    assert_eq!(world.get::<Invitation>(InvitationId(guest.0)).customer, kept);
    assert_eq!(world.get::<Guest>(guest).customer, kept);
    assert_eq!(world.get::<Guest>(guest).name, "王小明", "the card shows who it is now");
    assert_eq!(world.get::<Deal>(deal).customer, kept);
    assert_eq!(world.get::<GuestNote>(note).customer, kept);
    assert_eq!(world.get::<GuestNote>(owners_note).customer, kept);
    let told: Vec<_> = world.all().filter_map(<Milestone as crate::record::Stored>::of).map(|milestone| milestone.customer).collect();
    assert_eq!(told, [kept; 2], "the arrival and the deal");
    assert!(world.find::<Places>(world.meeting).is_some_and(|places| places.taken == 1));
}

#[test]
fn a7_undoing_brings_both_back_and_leaves_what_came_since_where_it_is() {
    let (mut world, kept, double) = doubles();
    let guest = world.expect_guest(world.meeting, double);
    let before: Vec<_> = world.all().cloned().collect();
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    let open = world.open_deal(kept, None);
    let deal = open.deal;
    world.apply(world.rep, open).expect("their own customer");
    undo(&mut world, |it| it.rep, double).expect("theirs");
    for record in &before {
        let now = world.records.get(record.key()).expect("nothing has gone");
        match (record, now) {
            (Record::Customer(before), Record::Customer(now)) => assert_eq!(before.profile, now.profile),
            _ => assert_eq!(record, now),
        }
    }
    assert_eq!(world.get::<Guest>(guest).name, "王曉明");
    assert_eq!(world.get::<Deal>(deal).customer, kept);
    assert_eq!(undo(&mut world, |it| it.rep, double), Err(Rejection::NotMerged));
}

#[test]
fn a7_a_profile_that_somebody_has_changed_since_is_not_turned_back() {
    let (mut world, kept, double) = doubles();
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    let change = EditCustomer { customer: kept, changes: vec![ProfileChange::Intent(Some(Intent::A))] };
    world.apply(world.rep, change).expect("theirs");
    let phones = world.get::<Customer>(kept).profile.phones.clone();
    undo(&mut world, |it| it.rep, double).expect("theirs");
    let profile = &world.get::<Customer>(kept).profile;
    assert_eq!((profile.intent, profile.phones.clone()), (Some(Intent::A), phones));
}

#[test]
fn a7_what_a_device_records_that_has_not_heard_counts_for_the_one_that_stays() {
    let (mut world, kept, double) = doubles();
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    let rep = world.rep;
    let (mine, theirs) = (world.get::<Customer>(kept).profile.phones.clone(), Phone::parse("0955123456", Country::Tw).expect("a phone"));
    let edit = EditCustomer { customer: double, changes: vec![ProfileChange::Phones(vec![theirs.clone()]), ProfileChange::Company("遠東".into())] };
    world.apply(rep, edit).expect("followed");
    let profile = world.get::<Customer>(kept).profile.clone();
    assert_eq!(profile.phones, [mine, vec![theirs]].concat(), "whoever changed a list knew nothing of the other one's");
    assert_eq!(profile.company, "遠東");

    let price = world.open_deal(kept, None);
    let open = crate::deals::command::OpenDeal { customer: double, ..price };
    let deal = open.deal;
    world.apply(rep, open).expect("followed");
    assert_eq!(world.get::<Deal>(deal).customer, kept);

    let plan = |world: &mut World, customer| PlannedInvitation { invitation: world.id(), customer, rep, channel: Channel::Phone, due: None };
    let planned = vec![plan(&mut world, kept), plan(&mut world, double)];
    let meeting = world.meeting;
    world.apply(rep, PlanInvitations { meeting, planned }).expect("chosen under both names, invited once");
    let again = PlanInvitations { meeting, planned: vec![plan(&mut world, double)] };
    assert!(matches!(world.apply(rep, again), Err(Rejection::AlreadyInvited { customer, .. }) if customer == kept));

    let row = |customer, change| ImportRow::Update { customer, changes: vec![change] };
    let rows = vec![row(double, ProfileChange::Region("臺北".into())), row(kept, ProfileChange::Occupation("教師".into()))];
    let import = world.id();
    world.apply(rep, ImportCustomers { import, rows }).expect("two rows of one person");
    let profile = &world.get::<Customer>(kept).profile;
    assert_eq!((profile.region.as_str(), profile.occupation.as_str()), ("臺北", "教師"));

    let profile = world.profile("王曉明");
    let again = AddCustomer { customer: double, owner: Some(rep), profile };
    assert!(matches!(world.apply(rep, again), Err(Rejection::AlreadyExists { .. })), "its id is not given again");
    let (to, customers) = (Some(world.colleague), vec![double]);
    world.apply(world.supervisor, TransferCustomers { customers, to }).expect("in the team");
    assert_eq!(world.get::<Customer>(kept).owner, to);
    assert_eq!(world.get::<MergedCustomer>(double).owner, to, "what was merged into it goes along");
}

#[test]
fn a7_two_who_merge_the_same_two_are_both_right() {
    let (mut world, kept, double) = doubles();
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    merge(&mut world, |it| it.supervisor, double, kept).expect("one customer by now");
    assert_eq!(world.get::<Customer>(kept).owner, Some(world.rep));
    assert_eq!(world.find::<MergedCustomer>(kept), None);
}

#[test]
fn a7_whoever_may_work_on_both_may_merge_them() {
    let people: [(fn(&World) -> UserId, bool); 5] =
        [(|it| it.rep, false), (|it| it.supervisor, true), (|it| it.manager, true), (|it| it.other_supervisor, false), (|it| it.director, false)];
    for (by, may) in people {
        let mut world = World::new();
        let (kept, merged) = (world.customer, world.colleagues_customer);
        assert_eq!(merge(&mut world, by, kept, merged).is_ok(), may, "{:?}", by(&world));
    }
    let (mut world, kept, double) = doubles();
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert_eq!(undo(&mut world, |it| it.colleague, double), Err(Rejection::Forbidden));
    undo(&mut world, |it| it.supervisor, double).expect("in the team");
}

#[test]
fn a7_a_colleagues_record_comes_with_its_invitations_and_goes_back_with_them() {
    let mut world = World::new();
    let (kept, double) = (world.customer, world.colleagues_customer);
    let invitation = world.invite(world.other_meeting, double);
    merge(&mut world, |it| it.supervisor, kept, double).expect("in the team");
    assert_eq!(world.get::<Invitation>(invitation).rep, world.rep);
    undo(&mut world, |it| it.supervisor, double).expect("in the team");
    assert_eq!(world.get::<Invitation>(invitation).rep, world.colleague);
    assert_eq!(world.get::<Customer>(double).owner, Some(world.colleague));
    assert_eq!(world.get::<Invitation>(invitation).customer, double);
}

#[test]
fn a7_nobody_loses_a_customer_to_the_pool_and_a_card_of_nobody_goes() {
    let mut world = World::new();
    let (kept, double) = (world.pool_customer, world.customer);
    merge(&mut world, |it| it.manager, kept, double).expect("a manager may");
    assert_eq!(world.get::<Customer>(kept).owner, Some(world.rep));
    assert_eq!(world.find::<PoolCard>(kept), None);

    let mut world = World::new();
    let pool = world.pool_customer;
    let other: CustomerId = world.id();
    let profile = world.profile("李聞雄");
    world.apply(world.manager, AddCustomer { customer: other, owner: None, profile }).expect("a manager may");
    merge(&mut world, |it| it.manager, pool, other).expect("both in the pool");
    assert_eq!(world.find::<PoolCard>(other), None);
    world.apply(world.rep, ClaimCustomer { customer: other }).expect("followed");
    assert_eq!(world.get::<Customer>(pool).owner, Some(world.rep));
}

#[test]
fn a7_one_person_invited_twice_is_one_guest_whichever_ticket_they_show() {
    let (mut world, kept, double) = doubles();
    let (first, second) = (world.expect_guest(world.meeting, kept), world.expect_guest(world.meeting, double));
    assert_eq!(world.get::<Places>(world.meeting).taken, 2);
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert_eq!(world.get::<Places>(world.meeting).taken, 1, "a person takes one place");
    assert_eq!(world.get::<Guest>(second).same_as, Some(first));
    assert_eq!(world.get::<Invitation>(InvitationId(second.0)).same_as, Some(InvitationId(first.0)));

    let shown = ticket(&world, second, 1);
    let scan = shown.check_in;
    world.apply(world.rep, shown).expect("a good ticket of the same person");
    assert_eq!(world.get::<CheckIn>(scan).guest, first);
    let shown = ticket(&world, first, 2);
    world.apply(world.colleague, shown).expect("the other ticket");
    assert_eq!(world.all().filter_map(<Conflict as crate::record::Stored>::of).count(), 1, "the second scan of one guest is told");

    let answer = RecordAnswer { invitation: InvitationId(second.0), channel: Channel::Phone, answer: Answer::NoAnswer, questions: Vec::new() };
    world.apply(world.rep, answer).expect("followed");
    assert_eq!(world.get::<Invitation>(InvitationId(first.0)).answer, Answer::NoAnswer);
}

#[test]
fn a7_whoever_has_a_place_leads_and_undoing_gives_the_other_one_a_place_again() {
    let (mut world, kept, double) = doubles();
    let declined = world.invite(world.meeting, kept);
    world.answer(declined, Answer::Declined { reason: "no_time".into(), words: String::new() });
    let comes = world.expect_guest(world.meeting, double);
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert_eq!(world.get::<Invitation>(declined).same_as, Some(InvitationId(comes.0)), "the yes leads");
    assert_eq!(world.get::<Places>(world.meeting).taken, 1);
    undo(&mut world, |it| it.rep, double).expect("theirs");
    assert_eq!(world.get::<Invitation>(declined).same_as, None);
    assert_eq!(world.get::<Places>(world.meeting).taken, 1);

    let (mut world, kept, double) = doubles();
    let guests = [world.expect_guest(world.meeting, kept), world.expect_guest(world.meeting, double)];
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    undo(&mut world, |it| it.rep, double).expect("theirs");
    assert_eq!(world.get::<Places>(world.meeting).taken, 2);
    assert!(guests.iter().all(|guest| world.get::<Guest>(*guest).same_as.is_none()));
    assert!(guests.iter().all(|guest| world.get::<Invitation>(InvitationId(guest.0)).comes()));
}

#[test]
fn a7_what_has_happened_with_both_guests_stays_and_a_meeting_that_is_over_is_left_alone() {
    let (mut world, kept, double) = doubles();
    let guests = [world.expect_guest(world.meeting, kept), world.expect_guest(world.meeting, double)];
    for guest in guests {
        let check_in = world.check_in(world.meeting, guest);
        world.apply(world.rep, check_in).expect("on duty");
    }
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert!(guests.iter().all(|guest| world.get::<Guest>(*guest).same_as.is_none()));

    let (mut world, kept, double) = doubles();
    let guests = [world.expect_guest(world.meeting, kept), world.expect_guest(world.meeting, double)];
    world.now = world.get::<Meeting>(world.meeting).plan.ends_at + chrono::TimeDelta::hours(1);
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert!(guests.iter().all(|guest| world.get::<Guest>(*guest).same_as.is_none()));
}

#[test]
fn a7_a_customer_who_was_merged_into_another_one_goes_along_with_it() {
    let (mut world, kept, double) = doubles();
    let rep = world.rep;
    let third = world.add_customer(rep, "汪小明");
    let guest = world.expect_guest(world.meeting, third);
    merge(&mut world, |it| it.rep, double, third).expect("both are theirs");
    merge(&mut world, |it| it.rep, kept, double).expect("both are theirs");
    assert_eq!(world.get::<MergedCustomer>(third).into, kept);
    assert_eq!(world.get::<Guest>(guest).customer, kept);
    undo(&mut world, |it| it.rep, double).expect("theirs");
    assert_eq!((world.get::<MergedCustomer>(third).into, world.get::<Guest>(guest).customer), (double, double));
    undo(&mut world, |it| it.rep, third).expect("theirs");
    assert_eq!(world.get::<Guest>(guest).customer, third);
}

#[test]
fn a7_a_profile_takes_what_the_other_alone_says_and_a_refusal_of_either() {
    let world = World::new();
    let (mut kept, mut other) = (world.profile("王小明"), world.profile("王曉明"));
    kept.needs = "退休".into();
    kept.tags = vec!["重點".into()];
    kept.company = "遠東".into();
    other.needs = "子女教育".into();
    other.tags = vec!["重點".into(), "老友".into()];
    other.company = "亞東".into();
    other.email = "wang@example.com".into();
    other.birth_year = Some(1_970);
    (other.intent, other.intent_reason) = (Some(Intent::B), "看過兩次".into());
    other.contact = Contact::Refused;
    let withdrawn = Some(Withdrawal { at: world.now, how: "電話".into() });
    other.consents = vec![Consent { purpose: "行銷".into(), at: world.now, how: "紙本".into(), withdrawn }];
    let both = joined(&kept, &other);
    assert_eq!((both.name.as_str(), both.company.as_str(), both.email.as_str()), ("王小明", "遠東", "wang@example.com"));
    assert_eq!(both.phones, [kept.phones.clone(), other.phones.clone()].concat());
    assert_eq!((both.needs.as_str(), both.tags.clone()), ("退休\n子女教育", vec!["重點".to_owned(), "老友".into()]));
    assert_eq!((both.intent, both.intent_reason.as_str(), both.birth_year), (Some(Intent::B), "看過兩次", Some(1_970)));
    assert_eq!((both.contact, both.consents.clone()), (Contact::Refused, other.consents));
    assert_eq!(joined(&both, &both), both, "the same twice is the same");
}

proptest! {
    #[test]
    fn a7_what_two_sound_profiles_make_is_sound(needs in "[a-z\n]{0,1500}", more in "[a-z]{0,1500}", phones in 0_usize..6, others in 1_usize..6) {
        let world = World::new();
        let profile = |needs: String, count: usize, first: usize| {
            let phone = |number: usize| Phone::parse(&format!("09{:08}", first + number), Country::Tw).expect("a phone");
            Profile { needs, email: "a@example.com".into(), phones: (0..count).map(phone).collect(), ..world.profile("王小明") }
        };
        let both = joined(&profile(needs, phones, 0), &profile(more, others, 50));
        prop_assert_eq!(crate::customers::decide::check_profile(&both), Ok(()));
    }
}

#[test]
fn a7_a_note_for_the_owner_follows_the_customer_to_its_new_owner() {
    let (mut world, kept, _) = doubles();
    let guest = world.expect_guest(world.meeting, kept);
    let (note, owners_note) = (world.id(), world.id());
    world.apply(world.rep, NoteGuest { note, owners_note, meeting: world.meeting, guest, chip: Chip::Hot, words: String::new() }).expect("on duty");
    world.apply(world.manager, TransferCustomers { customers: vec![kept], to: Some(world.stranger) }).expect("a manager may");
    assert_eq!(world.get::<GuestNote>(owners_note).reader, Reader::Owner(world.stranger));
    assert_eq!(world.get::<GuestNote>(note).reader, Reader::Staff);
}

#[test]
fn a7_whoever_asked_not_to_be_contacted_while_they_were_one_is_contacted_as_neither() {
    use crate::customers::command::{EditCustomer, MergeCustomers, ProfileChange, UndoMerge};
    let mut world = World::new();
    let (rep, kept) = (world.rep, world.customer);
    let merged = world.add_customer(rep, "王曉明");
    world.apply(rep, MergeCustomers { kept, merged }).expect("within the rules");
    let refusal = EditCustomer { customer: kept, changes: vec![ProfileChange::Contact(Contact::Refused)] };
    world.apply(rep, refusal).expect("within the rules");
    world.apply(rep, UndoMerge { merged }).expect("within the rules");
    for customer in [kept, merged] {
        assert_eq!(world.get::<Customer>(customer).profile.contact, Contact::Refused);
    }
}
