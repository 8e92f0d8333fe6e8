use super::search::{MOST_FOUND, Place, RecordSearch};
use super::*;
use crate::complaints::Severity;
use crate::complaints::command::{ReportComplaint, SettleComplaint};
use crate::contacts::command::LogContact;
use crate::contacts::{Came, Way};
use crate::customers::command::{EditCustomer, ProfileChange};
use crate::deals::command::{AskCancellation, ConfirmDelivery, RecordPayment, RecordRefund, RuleCancellation};
use crate::floor::Chip;
use crate::floor::command::NoteGuest;
use crate::ids::{ComplaintId, CustomerId, DealId, UserId};
use crate::invitations::command::RecordAnswer;
use crate::invitations::{Answer, Channel};
use crate::money::Money;
use crate::testing::World;
use crate::time::UtcOffset;

/// What lacks in the record of the rep's customer, as the rep's device tells it so many days from now.
fn lacks(world: &World, days: i64) -> Vec<Lack> {
    of_customer(&world.replica(world.rep), &world.get::<Customer>(world.customer), world.now + TimeDelta::days(days)).lacks
}

fn lacks_of_deal(world: &World, deal: DealId, days: i64) -> Vec<Lack> {
    of_deal(&world.get::<Deal>(deal), Some(UtcOffset::EAST_8), world.now + TimeDelta::days(days)).lacks
}

/// The rep's customer with everything known that is asked of everybody.
fn known() -> World {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    let changes = vec![ProfileChange::Source("exhibition".into()), ProfileChange::Needs("退休後的收入".into())];
    world.apply(rep, EditCustomer { customer, changes }).expect("theirs");
    world
}

fn talk(world: &mut World, came: Came, satisfaction: Option<u8>) {
    let contact = world.id();
    let log = LogContact {
        contact,
        customer: world.customer,
        at: None,
        way: Way::Call,
        came,
        words: "用得很順手".into(),
        next: None,
        satisfaction,
        task: None,
    };
    world.apply(world.rep, log).expect("theirs");
}

fn arrive(world: &mut World) -> crate::ids::GuestId {
    let guest = world.expect_guest(world.meeting, world.customer);
    let check_in = world.check_in(world.meeting, guest);
    world.apply(world.rep, check_in).expect("on duty");
    guest
}

fn sold() -> (World, DealId) {
    let mut world = known();
    let open = world.open_deal(world.customer, None);
    let deal = open.deal;
    world.apply(world.rep, open).expect("theirs");
    world.apply(world.rep, world.sign(deal)).expect("quoted");
    (world, deal)
}

#[test]
fn h1_what_is_asked_of_everybody_is_told_until_somebody_has_written_it_down() {
    let mut world = World::new();
    assert_eq!(lacks(&world, 0), [Lack::Source, Lack::Needs]);
    let (customer, rep) = (world.customer, world.rep);
    world.apply(rep, EditCustomer { customer, changes: vec![ProfileChange::Pains("怕被推銷".into())] }).expect("theirs");
    assert_eq!(lacks(&world, 0), [Lack::Source], "what hurts says what to explain as well");
    let mut bare = (*world.get::<Customer>(customer)).clone();
    (bare.profile.phones, bare.profile.email) = (Vec::new(), "wang@example.com".into());
    world.put(bare.clone());
    assert_eq!(lacks(&world, 0), [Lack::Phone, Lack::Source]);
    bare.profile.contact = Contact::Refused;
    world.put(bare);
    assert_eq!(lacks(&world, 0), [Lack::Source], "nobody asks for the phone of somebody who is not to be called");
    assert!(of_customer(&world.replica(rep), &world.get::<Customer>(customer), world.now).answered() == 1);
}

#[test]
fn h1_who_came_is_asked_for_until_somebody_notes_how_they_found_it() {
    let mut world = known();
    arrive(&mut world);
    let meeting = world.meeting;
    assert_eq!(lacks(&world, 0), [Lack::Reaction(meeting)]);
    talk(&mut world, Came::NotReached, None);
    assert_eq!(lacks(&world, 0), [Lack::Reaction(meeting)], "who was not reached has said nothing");

    let mut by_colleague = known();
    let guest_there = arrive(&mut by_colleague);
    let note =
        NoteGuest { note: by_colleague.id(), owners_note: by_colleague.id(), meeting, guest: guest_there, chip: Chip::Keen, words: String::new() };
    by_colleague.apply(by_colleague.colleague, note).expect("on duty");
    assert_eq!(lacks(&by_colleague, 0), [], "one tap at the venue is enough, whoever's");

    talk(&mut world, Came::Interested, None);
    assert_eq!(lacks(&world, 0), [], "or a talk since");

    let mut undone = known();
    arrive(&mut undone);
    let check_in = undone.replica(undone.rep).all::<crate::check_ins::CheckIn>().next().expect("one").id;
    undone.apply(undone.rep, crate::check_ins::command::UndoCheckIn { check_in }).expect("on duty");
    assert_eq!(lacks(&undone, 0), [], "who was not there after all is asked nothing");
}

#[test]
fn h1_who_bought_is_asked_for_when_care_is_due_and_by_the_organisations_own_days() {
    let (mut world, _) = sold();
    assert_eq!((lacks(&world, 6), lacks(&world, 7)), (vec![], vec![Lack::Contact]));
    assert_eq!(lacks(&world, 30), [Lack::Contact, Lack::Satisfaction]);
    talk(&mut world, Came::Spoke, None);
    assert_eq!((lacks(&world, 7), lacks(&world, 30)), (vec![], vec![Lack::Satisfaction]));
    talk(&mut world, Came::Spoke, Some(5));
    assert_eq!(lacks(&world, 365), []);
    let (mut world, _) = sold();
    let mut settings = (*world.get::<Settings>(world.org)).clone();
    (settings.follow_ups.first_care, settings.follow_ups.second_care) = (None, Some(90));
    world.put(settings);
    assert_eq!((lacks(&world, 89), lacks(&world, 90)), (vec![], vec![Lack::Satisfaction]), "what nobody wants to be reminded of lacks nowhere");
}

#[test]
fn h1_a_clock_set_back_makes_nothing_lack() {
    let (mut world, deal) = sold();
    arrive(&mut world);
    let before = (lacks(&world, 0), lacks_of_deal(&world, deal, 0));
    assert_eq!((lacks(&world, -400), lacks_of_deal(&world, deal, -400)), before);
    assert_eq!(before, (vec![Lack::Reaction(world.meeting)], vec![]), "whoever came after the purchase is asked how they found it");
}

#[test]
fn h1_a_deal_lacks_slips_deliveries_and_refunds() {
    let (mut world, deal) = sold();
    let (rep, total) = (world.rep, world.get::<Deal>(deal).total);
    let pay = |world: &mut World, minor, method| {
        let payment = world.id();
        let amount = Money { minor, ..total };
        world.apply(rep, RecordPayment { deal, payment, amount, method, photo: None }).expect("below the total");
        payment
    };
    pay(&mut world, 100_000, PaymentMethod::Cash);
    assert_eq!(lacks_of_deal(&world, deal, DELIVERY_DAYS - 1), [], "cash leaves no slip, and a delivery takes its time");
    let card = pay(&mut world, 50_000, PaymentMethod::Card);
    assert_eq!((lacks_of_deal(&world, deal, 0), lacks_of_deal(&world, deal, DELIVERY_DAYS)), (vec![Lack::Slip(card)], vec![Lack::Delivery]));
    let mut photographed = (*world.get::<Deal>(deal)).clone();
    photographed.payments[1].photo = Some(world.id());
    world.put(photographed);
    world.apply(rep, ConfirmDelivery { deal }).expect("sold");
    let whole = of_deal(&world.get::<Deal>(deal), Some(UtcOffset::EAST_8), world.now + TimeDelta::days(365));
    assert_eq!((whole.answered(), whole.lacks), (2, vec![]));

    let (mut world, deal) = sold();
    let amount = Money { minor: 100_000, ..total };
    let payment = RecordPayment { deal, payment: world.id(), amount, method: PaymentMethod::Cash, photo: None };
    world.apply(rep, payment).expect("below the total");
    world.apply(rep, AskCancellation { deal, reason: "客戶改變主意".into() }).expect("sold");
    let asked_at = world.get::<Deal>(deal).cancellation.as_ref().expect("asked").asked_at;
    world.apply(world.supervisor, RuleCancellation { deal, asked_at, refusal: None }).expect("of the team");
    assert_eq!(lacks_of_deal(&world, deal, 365), [Lack::Refund], "what was called off is not delivered");
    let refund = RecordRefund { deal, refund: world.id(), amount, method: PaymentMethod::Transfer, reason: "解約退費".into() };
    world.apply(world.supervisor, refund).expect("of the team");
    assert_eq!(lacks_of_deal(&world, deal, 365), []);
}

#[test]
fn h1_a_slip_is_asked_for_as_long_as_whoever_received_the_money_may_record_it_again() {
    let (mut world, deal) = sold();
    let (rep, clock) = (world.rep, UtcOffset::EAST_8);
    let amount = Money { minor: 100_000, ..world.get::<Deal>(deal).total };
    let payment = world.id();
    world.apply(rep, RecordPayment { deal, payment, amount, method: PaymentMethod::Transfer, photo: None }).expect("below the total");
    let received = world.get::<Deal>(deal).payments[0].clone();
    let (actor, settings) = (world.actor(rep), world.get::<Settings>(world.org));
    let mut asked = Vec::new();
    for hours in 0..48 {
        let now = received.at + TimeDelta::hours(hours);
        let lacks = of_deal(&world.get::<Deal>(deal), Some(clock), now).lacks.contains(&Lack::Slip(payment));
        assert_eq!(lacks, crate::deals::after::may_void(&actor, &received, now, &settings), "{hours} h");
        asked.push(lacks);
    }
    assert!(asked[0] && !asked[47]);
    assert_eq!(of_deal(&world.get::<Deal>(deal), None, received.at).lacks, [], "no clock, no day");

    world.apply(rep, AskCancellation { deal, reason: "客戶改變主意".into() }).expect("sold");
    let asked_at = world.get::<Deal>(deal).cancellation.as_ref().expect("asked").asked_at;
    world.apply(world.supervisor, RuleCancellation { deal, asked_at, refusal: None }).expect("of the team");
    assert_eq!(lacks_of_deal(&world, deal, 0), [Lack::Refund], "nobody records anew what is given back");
}

#[test]
fn h1_what_has_another_version_lacks_nothing_and_the_version_is_asked() {
    let (mut world, deal) = sold();
    let payment = RecordPayment {
        deal,
        payment: world.id(),
        amount: Money { minor: 50_000, ..world.get::<Deal>(deal).total },
        method: PaymentMethod::Card,
        photo: None,
    };
    let slip = payment.payment;
    world.apply(world.rep, payment).expect("below the total");
    let mut version = world.open_deal(world.customer, None);
    version.replaces = Some(deal);
    version.lines[0].quantity = 2;
    version.deposit = world.get::<Deal>(deal).paid();
    let next = version.deal;
    world.apply(world.rep, version).expect("theirs");
    world.apply(world.rep, world.sign(next)).expect("quoted");
    assert!(world.get::<Deal>(deal).is_replaced());
    assert_eq!((lacks_of_deal(&world, deal, 365), lacks_of_deal(&world, next, 0)), (vec![], vec![Lack::Slip(slip)]));
}

fn found(world: &World, user: UserId, query: &str) -> Vec<(CustomerId, Vec<Place>)> {
    let replica = world.replica(user);
    let mut search = RecordSearch::default();
    search.follow(&replica);
    let hits = search.search(&replica, query).hits;
    hits.into_iter().map(|hit| (hit.customer, hit.places.into_iter().map(|(place, _)| place).collect())).collect()
}

/// A customer of whom something is said in every kind of record.
fn talked_of() -> (World, DealId, ComplaintId) {
    let (mut world, deal) = sold();
    let guest = arrive(&mut world);
    let (customer, meeting, rep) = (world.customer, world.meeting, world.rep);
    let declined = Answer::Declined { reason: "no_time".into(), words: "週末才有空".into() };
    let invitation = crate::ids::InvitationId(guest.0);
    let answer = RecordAnswer { invitation, channel: Channel::Phone, answer: declined, questions: vec!["可以分期嗎".into()] };
    world.apply(rep, answer).expect("theirs");
    let note = NoteGuest { note: world.id(), owners_note: world.id(), meeting, guest, chip: Chip::Doubtful, words: "擔心手續費".into() };
    world.apply(rep, note).expect("on duty");
    talk(&mut world, Came::Spoke, None);
    let (complaint, deadline) = (world.id(), "2026-12-01".parse().expect("a day"));
    let what = "講義印錯了".to_owned();
    world.apply(rep, ReportComplaint { complaint, customer, deal: Some(deal), what, severity: Severity::Minor, deadline }).expect("theirs");
    world.apply(world.supervisor, SettleComplaint { complaint, outcome: "補寄勘誤表".into() }).expect("of the team");
    (world, deal, complaint)
}

#[test]
fn h1_words_are_found_in_every_record_and_it_is_told_where() {
    let (world, deal, complaint) = talked_of();
    let number = world.get::<Deal>(deal).number(UtcOffset::EAST_8);
    let product = world.get::<Deal>(deal).lines[0].name.clone();
    let phone = world.get::<Customer>(world.customer).profile.phones[0].e164().to_owned();
    for (query, place) in [
        ("小明", Place::Name),
        ("wangxiaom", Place::Name),
        ("wxm", Place::Name),
        (&phone[phone.len() - 4..], Place::Phone),
        ("退休後", Place::Profile),
        ("退休后", Place::Profile),
        ("分期", Place::Invitation),
        ("週末", Place::Invitation),
        ("手續費", Place::Note),
        (&number, Place::Deal(deal)),
        (&number.to_lowercase().replace('-', ""), Place::Deal(deal)),
        (&product, Place::Deal(deal)),
        ("順手", Place::Contact),
        ("印錯", Place::Complaint(complaint)),
        ("勘誤", Place::Complaint(complaint)),
    ] {
        assert_eq!(found(&world, world.rep, query), [(world.customer, vec![place])], "{query}");
    }
}

#[test]
fn h1_words_that_stand_in_different_records_find_the_person_and_every_one_must_be_found() {
    let (world, _, complaint) = talked_of();
    assert_eq!(found(&world, world.rep, "小明 印錯"), [(world.customer, vec![Place::Name, Place::Complaint(complaint)])]);
    assert_eq!(found(&world, world.rep, "印錯　手續費"), [(world.customer, vec![Place::Complaint(complaint), Place::Note])]);
    for query in ["小明 漏水", "", "  ", "-", "印錯手續費"] {
        assert_eq!(found(&world, world.rep, query), [], "{query}");
    }
}

#[test]
fn h1_nobody_finds_what_their_device_does_not_hold() {
    let (world, ..) = talked_of();
    for user in [world.colleague, world.stranger, world.other_supervisor, world.office, world.administrator] {
        assert_eq!(found(&world, user, "印錯"), []);
        assert_eq!(found(&world, user, "小明"), []);
    }
    assert_eq!((found(&world, world.supervisor, "印錯").len(), found(&world, world.manager, "印錯").len()), (1, 1));
}

#[test]
fn h1_a_deal_with_a_colleagues_guest_is_found_by_its_buyer_and_says_so() {
    let mut world = World::new();
    let (customer, meeting, colleague) = (world.customer, world.meeting, world.colleague);
    world.expect_guest(meeting, customer);
    let deal = world.open_deal(customer, Some(meeting));
    world.apply(colleague, deal.clone()).expect("a guest there");
    let replica = world.replica(colleague);
    let mut search = RecordSearch::default();
    search.follow(&replica);
    let hits = search.search(&replica, "王小明").hits;
    assert_eq!((hits.len(), hits[0].is_held, hits[0].name.as_str()), (1, false, "王小明"));
    let number = world.get::<Deal>(deal.deal).number(UtcOffset::EAST_8);
    for query in ["王小明", "wxm", &number] {
        assert_eq!(found(&world, colleague, query), [(customer, vec![Place::Deal(deal.deal)])], "the deal is all there is to open: {query}");
    }
}

#[test]
fn h1_a_search_follows_what_changes_and_what_goes() {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    let mut search = RecordSearch::default();
    search.follow(&world.replica(rep));
    world.apply(rep, EditCustomer { customer, changes: vec![ProfileChange::Needs("換一台車".into())] }).expect("theirs");
    let after = world.replica(rep);
    assert_eq!(search.search(&after, "換一台").total, 0, "it has not followed yet");
    search.follow(&after);
    assert_eq!(search.search(&after, "換一台").total, 1);
    search.follow(&world.replica(world.stranger));
    assert_eq!(search.search(&world.replica(world.stranger), "換一台").total, 0);
}

#[test]
fn h1_a_long_text_is_told_around_the_word_and_a_long_list_by_its_count() {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    let needs = format!("{}手續費{}", "很長的說明".repeat(30), "還有更多".repeat(30));
    world.apply(rep, EditCustomer { customer, changes: vec![ProfileChange::Needs(needs)] }).expect("theirs");
    for number in 0..MOST_FOUND {
        world.add_customer(rep, &format!("手續費{number}"));
    }
    let replica = world.replica(rep);
    let mut search = RecordSearch::default();
    search.follow(&replica);
    let hits = search.search(&replica, "手續費");
    assert_eq!((hits.hits.len(), hits.total), (MOST_FOUND, MOST_FOUND + 1));
    let hits = search.search(&replica, "小明 手續費").hits;
    let (_, told) = hits[0].places.last().expect("the needs");
    assert!(told.starts_with('…') && told.ends_with('…') && told.contains("手續費") && told.chars().count() <= 62, "{told}");
}
