//! Laws that hold after any sequence of commands, whoever gave them.

use super::*;
use crate::check_ins::{CheckIn, Conflict};
use crate::complaints::Complaint;
use crate::contacts::LoggedContact;
use crate::customers::merging::MergedCustomer;
use crate::customers::milestones::Milestone;
use crate::customers::{Contact, Customer, ImportedChange};
use crate::deals::decide::total;
use crate::deals::{Approval, ApprovalState, Contract, Deal, Stage};
use crate::floor::GuestNote;
use crate::follow_ups::{Errand, FollowUp, FollowUpState};
use crate::gist::{self, Gist};
use crate::ids::*;
use crate::invitations::{Answer, Invitation};
use crate::meetings::places::{Places, party};
use crate::meetings::{Guest, GuestOrigin, Meeting, Standing};
use crate::money::Money;
use crate::record::Scope;
use crate::sync::protocol::RowHash;
use crate::sync::records::Records;
use crate::sync::replica::{Pending, Replica};
use crate::sync::slot::Held;
use crate::targets::Target;
use crate::testing::World;
use crate::testing::dice::{Choices, Dice};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn nouns<T: Entity>(world: &World) -> Vec<Arc<T>> {
    world.all().filter_map(T::of).cloned().collect()
}

/// Somebody who has access does something.
fn step(world: &mut World, seed: u64) {
    let mut dice = Dice::new(seed);
    let user = dice.pick(&world.people()).expect("there are people");
    if world.get::<User>(user).access == Access::Revoked {
        return;
    }
    let command = Choices::of(world.all()).draw(user, world.now, &mut dice);
    assert_eq!(world.decide(user, &command), world.decide(user, &command), "the same question has the same answer");
    if let Ok(patches) = world.decide(user, &command) {
        let keys: BTreeSet<_> = patches.iter().map(Patch::key).collect();
        assert_eq!(keys.len(), patches.len(), "{command:?} changes no record twice");
    }
    world.receive(user, command);
}

fn every_law(world: &World) {
    indexes_find_what_a_scan_finds(world);
    records_survive_the_wire(world);
    a_customer_is_invited_once_per_meeting(world);
    a_guest_card_exists_for_whoever_ever_agreed(world);
    places_are_counted_and_the_line_is_of_those_who_wait(world);
    conflicts_are_between_two_check_ins_of_one_guest(world);
    money_adds_up(world);
    nobody_approves_their_own(world);
    for_whom_and_when_there_is_one_target(world);
    an_import_keeps_no_copy_where_the_customer_is_not(world);
    whatever_names_a_customer_names_one_that_there_is(world);
    whoever_is_led_is_led_by_the_same_person(world);
    an_errand_is_a_task_that_was_handed_over(world);
}

fn indexes_find_what_a_scan_finds(world: &World) {
    let mut scan: BTreeMap<Index, Vec<Uuid>> = BTreeMap::new();
    for record in world.all() {
        let indexes = record.indexes();
        assert_eq!(indexes.iter().collect::<BTreeSet<_>>().len(), indexes.len(), "each key once");
        assert_eq!(gist::of(record).map(|gist| Gist::new(&gist).indexes().collect()).as_ref(), Some(&indexes), "its gist says the same");
        for index in indexes {
            assert_eq!(index.kind(), record.key().kind);
            scan.entry(index).or_default().push(record.key().id);
        }
    }
    for (index, ids) in scan {
        assert_eq!(world.records.ids(&index).collect::<Vec<_>>(), ids, "{index}");
    }
}

fn for_whom_and_when_there_is_one_target(world: &World) {
    let targets = nouns::<Target>(world);
    let found: BTreeSet<_> = targets.iter().map(|target| (target.whose, target.period)).collect();
    assert_eq!(found.len(), targets.len());
}

fn records_survive_the_wire(world: &World) {
    for record in world.all() {
        let body = record.encode();
        assert_eq!(Record::decode(record.key().kind, &body).as_ref().ok(), Some(record), "{body}");
        let scope = record.scope();
        assert_eq!(scope.to_string().parse(), Ok(scope));
    }
}

fn a_customer_is_invited_once_per_meeting(world: &World) {
    let merged = nouns::<MergedCustomer>(world);
    let came_from_another = |invitation: &Invitation| merged.iter().any(|it| it.moved.iter().any(|key| key.id == invitation.id.0));
    let mut seen = BTreeSet::new();
    for invitation in nouns::<Invitation>(world).iter().filter(|invitation| !came_from_another(invitation)) {
        assert!(seen.insert((invitation.meeting, invitation.customer)), "{invitation:?}");
    }
}

fn whatever_names_a_customer_names_one_that_there_is(world: &World) {
    let is_one = |id: CustomerId| world.find::<Customer>(id).is_some();
    assert!(nouns::<Invitation>(world).iter().all(|it| is_one(it.customer)));
    assert!(nouns::<Guest>(world).iter().all(|it| is_one(it.customer)));
    assert!(nouns::<Deal>(world).iter().all(|it| is_one(it.customer)));
    assert!(nouns::<Milestone>(world).iter().all(|it| is_one(it.customer)));
    assert!(nouns::<GuestNote>(world).iter().all(|it| is_one(it.customer)));
    assert!(nouns::<Errand>(world).iter().all(|it| is_one(it.customer)));
    for deal in nouns::<Deal>(world) {
        let milestone = world.find::<Milestone>(MilestoneId(deal.id.0));
        assert!(milestone.is_none_or(|milestone| milestone.customer == deal.customer), "a purchase is told to whoever owns its customer: {deal:?}");
    }
    // What was said and done with a customer is held by whoever holds the customer.
    let owner = |id: CustomerId| world.get::<Customer>(id).owner;
    assert!(nouns::<LoggedContact>(world).iter().all(|it| owner(it.customer) == it.owner));
    assert!(nouns::<Complaint>(world).iter().all(|it| owner(it.customer) == it.owner));
    assert!(nouns::<FollowUp>(world).iter().all(|it| owner(it.customer) == it.owner));
    for merged in nouns::<MergedCustomer>(world) {
        assert!(is_one(merged.into) && !is_one(merged.was.id), "{:?}", merged.was.id);
        assert_eq!(merged.owner, world.get::<Customer>(merged.into).owner, "it is held by whoever holds the one that stays");
    }
}

fn an_errand_is_a_task_that_was_handed_over(world: &World) {
    for errand in nouns::<Errand>(world) {
        let customer = world.get::<Customer>(errand.customer);
        assert_eq!((*errand).clone().showing(&customer), *errand, "it shows what the record says");
        assert_eq!(customer.profile.contact, Contact::Allowed, "{errand:?}");
        let marks = nouns::<FollowUp>(world);
        let handed = |mark: &&Arc<FollowUp>| mark.id == errand.id && mark.why == errand.why && mark.customer == errand.customer;
        let mark = marks.iter().find(handed).expect("the owner knows who has it");
        assert_eq!(mark.state, FollowUpState::HandedOver { to: errand.to });
    }
}

fn whoever_is_led_is_led_by_the_same_person(world: &World) {
    for invitation in nouns::<Invitation>(world) {
        if let Some(leader) = invitation.same_as {
            // A walk-in that leads has a card alone.
            let (meeting, customer) = match world.find::<Invitation>(leader) {
                Some(leader) => (leader.meeting, leader.customer),
                None => (world.get::<Guest>(GuestId(leader.0)).meeting, world.get::<Guest>(GuestId(leader.0)).customer),
            };
            assert_eq!((invitation.meeting, invitation.customer), (meeting, customer));
        }
    }
    for card in nouns::<Guest>(world) {
        if let Some(leader) = card.same_as {
            let invitation = world.find::<Invitation>(leader.0.into());
            let leader =
                world.find::<Guest>(leader).map(|leader| (leader.meeting, leader.customer)).or(invitation.map(|it| (it.meeting, it.customer)));
            assert_eq!(leader, Some((card.meeting, card.customer)));
        }
    }
}

fn a_guest_card_exists_for_whoever_ever_agreed(world: &World) {
    for invitation in nouns::<Invitation>(world) {
        let ever_agreed = invitation.attempts.iter().any(|attempt| attempt.answer == Answer::Agreed);
        let card = world.find::<Guest>(GuestId(invitation.id.0));
        let comes = invitation.comes();
        assert!(card.is_some() || !comes, "{invitation:?}");
        assert!(card.is_none() || ever_agreed, "{invitation:?}");
        assert_eq!(invitation.ticket.is_some(), comes, "who comes has a ticket, and nobody else: {invitation:?}");
        if let Some(card) = card {
            assert_eq!((card.meeting, card.customer, card.origin), (invitation.meeting, invitation.customer, GuestOrigin::Invited));
            assert_eq!(card.standing != Standing::Revoked, comes, "{card:?}");
        }
    }
    for card in nouns::<Guest>(world) {
        let customer = world.get::<Customer>(card.customer);
        assert_eq!((*card).clone().showing(&customer.profile), *card, "a card shows what the record says");
    }
}

fn places_are_counted_and_the_line_is_of_those_who_wait(world: &World) {
    let invitations = nouns::<Invitation>(world);
    for meeting in nouns::<Meeting>(world) {
        let places = world.find::<Places>(meeting.id).map_or(Places::none_taken(meeting.id), |places| (*places).clone());
        let of_meeting = || invitations.iter().filter(|invitation| invitation.meeting == meeting.id);
        let taken: u32 = of_meeting().filter(|invitation| invitation.comes()).map(|invitation| party(invitation.companions)).sum();
        assert_eq!(places.taken, taken, "{places:?}");
        let waiting: BTreeSet<_> = of_meeting().filter(|invitation| invitation.waiting.is_some()).map(|it| (it.id, party(it.companions))).collect();
        assert_eq!(places.line.iter().map(|entry| (entry.invitation, entry.party)).collect::<BTreeSet<_>>(), waiting);
        assert_eq!(places.line.len(), waiting.len(), "nobody stands in line twice");
        let free = places.free(meeting.plan.capacity);
        assert!(places.line.iter().all(|entry| entry.offered || entry.party > free), "what is free and fits is offered: {places:?}");
    }
    for invitation in invitations.iter().filter(|invitation| invitation.waiting.is_some()) {
        assert_eq!((&invitation.answer, &invitation.ticket), (&Answer::Agreed, &None), "{invitation:?}");
    }
}

fn conflicts_are_between_two_check_ins_of_one_guest(world: &World) {
    for conflict in nouns::<Conflict>(world) {
        assert_eq!(conflict.id.0, conflict.second.0);
        assert_ne!(conflict.first, conflict.second);
        for check_in in [conflict.first, conflict.second] {
            let check_in = world.get::<CheckIn>(check_in);
            assert_eq!((check_in.guest, check_in.meeting), (conflict.guest, conflict.meeting));
            assert!(check_in.undone.is_none() || conflict.ruling.is_some(), "what was taken back leaves no question open");
        }
        if let Some(ruling) = &conflict.ruling {
            assert!([conflict.first, conflict.second].contains(&ruling.kept));
        }
    }
    for check_in in nouns::<CheckIn>(world) {
        assert_eq!(world.get::<Guest>(check_in.guest).meeting, check_in.meeting);
    }
}

fn money_adds_up(world: &World) {
    for deal in nouns::<Deal>(world) {
        let zero = Money::new(0, deal.total.currency);
        let sum = total(zero, &deal.lines).expect("what is in a deal fits");
        assert!([sum.less(deal.discount), sum.less_to_the_cent(deal.discount)].contains(&Ok(deal.total)), "{deal:?}");
        // Above the total only where a cheaper version has taken the place of what was paid, until that is given back.
        assert!(deal.paid().minor >= 0 && (deal.replaces.is_some() || deal.paid().minor <= deal.total.minor), "{deal:?}");
        assert!((0..=deal.total.minor).contains(&deal.deposit.minor), "{deal:?}");
        let rest: i64 = deal.instalments.iter().map(|part| part.amount.minor).sum();
        assert!(deal.instalments.is_empty() || rest + deal.deposit.minor == deal.total.minor, "{deal:?}");
        let covered: i64 = deal.schedule().iter().map(|part| part.covered.minor).sum();
        assert!(deal.instalments.is_empty() || covered == deal.paid().minor.min(deal.total.minor), "what came in covers exactly as much: {deal:?}");
        let was_sold = matches!(deal.stage, Stage::Replaced { .. }) || deal.cancellation.as_ref().is_some_and(|_| !deal.is_sold());
        assert_eq!(world.find::<Contract>(deal.id).is_some(), deal.is_sold() || was_sold, "sold is what was signed");
        assert_eq!(deal.signed_at.is_some(), deal.is_sold() || was_sold, "{deal:?}");
        if deal.is_sold() {
            assert_eq!(deal.stage == Stage::Paid, deal.open().minor == 0, "{deal:?}");
        }
        if let Stage::Replaced { by } = deal.stage {
            let after = world.get::<Deal>(by);
            assert!(after.replaces.is_some() && (after.customer, after.seller) == (deal.customer, deal.seller), "{after:?}");
            assert!(deal.payments.iter().all(|before| after.payments.iter().any(|payment| payment.id == before.id)), "no payment is lost");
            assert!(deal.refunds.iter().all(|before| after.refunds.contains(before)), "what was given back is not given back again");
        }
        let mut seen = BTreeSet::new();
        assert!(deal.payments.iter().map(|payment| payment.id).chain(deal.refunds.iter().map(|refund| refund.id)).all(|id| seen.insert(id)));
    }
}

fn nobody_approves_their_own(world: &World) {
    for deal in nouns::<Deal>(world) {
        assert!(!deal.is_sold() || !deal.lacks_approval(), "nobody signs before somebody approved: {deal:?}");
        for request in [&deal.approval, &deal.cancellation] {
            if let Some(Approval { asked_by, state: ApprovalState::Granted { by, .. } | ApprovalState::Refused { by, .. }, .. }) = request {
                assert!(by != asked_by && *by != deal.seller, "{deal:?}");
            }
        }
    }
}

fn an_import_keeps_no_copy_where_the_customer_is_not(world: &World) {
    for change in nouns::<ImportedChange>(world) {
        let customer = world.get::<Customer>(change.customer);
        assert_eq!(Record::from((*change).clone()).scope(), Record::from((*customer).clone()).scope());
    }
}

/// A world whose meetings have so few places that guests soon wait in line.
fn narrow() -> World {
    let mut world = World::new();
    for id in [world.meeting, world.other_meeting] {
        let mut meeting = (*world.get::<Meeting>(id)).clone();
        meeting.plan.capacity = 2;
        world.put(meeting);
    }
    world
}

/// A device of a user with rows and pending commands of its own.
fn device(world: &World, user: UserId, seeds: &[u64]) -> (Replica, Records) {
    let mut replica = world.replica(user);
    let mut records = Records::default();
    let scopes = crate::sync::scopes::held_by(&world.records, &world.actor(user)).expect("memory can be read");
    world.all().filter(|record| scopes.contains(&record.scope())).for_each(|record| records.put(record.clone()));
    for &seed in seeds {
        let choices: Vec<_> = records_of(&records);
        let command = Choices::of(choices.iter()).draw(user, world.now, &mut Dice::new(seed));
        let context = Context { actor: world.actor(user), at: world.now, device: world.device(user), authority: None };
        if let Ok(patches) = decide(&records, &command, &context) {
            patches.into_iter().for_each(|patch| records.apply(patch));
        }
        replica.add_pending(Pending { uuid: Uuid::from_u128(u128::from(seed)), at: world.now, command: Some(command), applied_at: None });
    }
    (replica, records)
}

fn records_of(records: &Records) -> Vec<Record> {
    let mut all: Vec<_> = crate::Kind::ALL.iter().flat_map(|&kind| records.of_kind(kind)).cloned().collect();
    all.sort_unstable_by_key(Record::key);
    all
}

/// What a screen shows: every record, and what every index finds.
fn screen_shows(replica: &Replica, expected: &Records, keys: &BTreeSet<Key>, indexes: &BTreeSet<Index>) {
    for key in keys {
        assert_eq!(replica.find(*key), expected.get(*key), "{key:?}");
    }
    for index in indexes {
        assert_eq!(View::records(replica, index), View::records(expected, index), "{index}");
    }
    let customers: BTreeSet<_> = replica.all::<Customer>().map(|customer| customer.id).collect();
    let known: BTreeSet<_> = expected.of_kind(crate::Kind::Customer).map(|record| CustomerId(record.key().id)).collect();
    assert_eq!(customers, known);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_commands_keeps_every_law(seeds in prop::collection::vec(any::<u64>(), 0..150)) {
        let mut world = narrow();
        for seed in seeds {
            step(&mut world, seed);
        }
        every_law(&world);
    }

    #[test]
    fn a_screen_is_base_and_pending_and_nothing_else(
        before in prop::collection::vec(any::<u64>(), 0..60),
        pending in prop::collection::vec(any::<u64>(), 0..30),
        who in 0_usize..4,
    ) {
        let mut world = World::new();
        for seed in before {
            step(&mut world, seed);
        }
        let user = [world.rep, world.colleague, world.supervisor, world.manager][who];
        let (mut replica, expected) = device(&world, user, &pending);
        let records = records_of(&expected);
        let keys = world.all().filter(|record| replica.find(record.key()).is_some()).chain(&records).map(Record::key).collect();
        let indexes = world.all().chain(&records).flat_map(Record::indexes).collect();
        screen_shows(&replica, &expected, &keys, &indexes);
        replica.rebase();
        screen_shows(&replica, &expected, &keys, &indexes);
        // What nobody has looked at is read in the end.
        while replica.read_some(3) {}
        screen_shows(&replica, &expected, &keys, &indexes);

        // Without its pending commands a device shows its rows again.
        for waiting in replica.pending().to_vec() {
            replica.drop_pending(waiting.uuid);
        }
        replica.rebase();
        let base = world.replica(user);
        for key in &keys {
            prop_assert_eq!(replica.find(*key), base.find(*key));
        }
    }

    #[test]
    fn a_digest_is_that_of_the_rows_held(rows in prop::collection::vec((0_u8..3, 0_u128..12, 0_u8..4, any::<bool>()), 0..80)) {
        let kinds = ["team", "product", "kind_of_a_newer_app"];
        let scopes = [Scope::Org, Scope::Pool, Scope::Person(UserId(Uuid::from_u128(1))), Scope::Person(UserId(Uuid::from_u128(2)))];
        let mut replica = Replica::new(ClientId(Uuid::nil()), None);
        let mut naive = BTreeMap::new();
        for (version, (kind, id, scope, put)) in rows.into_iter().enumerate() {
            let (kind, id, scope) = (kinds[usize::from(kind)], Uuid::from_u128(id), scopes[usize::from(scope)]);
            if put {
                let version = version as u64;
                let held = Held { scope, version, hash: RowHash::of(kind, id, version, "{}") };
                replica.put_row(kind, id, held, None);
                naive.insert((kind, id), held);
            } else {
                replica.delete_row(kind, id, scope);
                if naive.get(&(kind, id)).is_some_and(|held: &Held| held.scope == scope) {
                    naive.remove(&(kind, id));
                }
            }
        }
        prop_assert_eq!(replica.base_len(), naive.len());
        let held: BTreeMap<_, _> = replica.all_held().map(|(kind, id, held)| ((kind, id), *held)).collect();
        prop_assert_eq!(&held, &naive.iter().map(|(key, held)| (*key, *held)).collect());
        for scope in scopes {
            let mut digest = crate::sync::protocol::Digest::default();
            naive.values().filter(|held| held.scope == scope).for_each(|held| digest.add(held.hash));
            prop_assert_eq!(replica.digest(scope), digest);
            let rows = replica.drop_scope(scope);
            prop_assert_eq!(rows as u64, digest.count);
        }
        prop_assert_eq!(replica.base_len(), 0);
    }
}

/// The dice must reach every command with success, or the laws above would be empty.
#[test]
fn drawn_commands_succeed_of_every_name() {
    let (mut world, mut succeeded) = (narrow(), BTreeSet::new());
    for seed in 0..30_000 {
        if seed % 1_000 == 0 {
            world = narrow();
        }
        let mut dice = Dice::new(seed);
        let user = dice.pick(&world.people()).expect("there are people");
        let command = Choices::of(world.all()).draw(user, world.now, &mut dice);
        let name = command.name();
        if world.receive(user, command) {
            succeeded.insert(name);
        }
    }
    // The server alone may ask for it.
    assert_eq!(succeeded, Command::NAMES.iter().copied().filter(|name| *name != "note_reminder_v1").collect());
}
