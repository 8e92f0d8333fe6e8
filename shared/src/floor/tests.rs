use super::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, NoteGuest, UndoAgendaMark};
use super::{AgendaMark, Chip, GuestNote, HelpCall, Need, Reader, Step};
use crate::customers::Customer;
use crate::customers::command::TransferCustomers;
use crate::ids::{GuestId, GuestNoteId, HelpCallId};
use crate::meetings::command::CancelMeeting;
use crate::record::Scope;
use crate::sync::scopes::held_by;
use crate::testing::World;
use crate::{Command, Field, Kind, Rejection};

fn note(world: &mut World, guest: GuestId, chip: Chip, words: &str) -> NoteGuest {
    NoteGuest { note: world.id(), owners_note: world.id(), meeting: world.meeting, guest, chip, words: words.into() }
}

fn call(world: &mut World, place: &str) -> CallForHelp {
    CallForHelp { call: world.id(), meeting: world.meeting, need: Need::Closer, place: place.into() }
}

fn owners_copy(world: &World, id: GuestNoteId) -> Scope {
    crate::record::Entity::scope(&*world.get::<GuestNote>(id))
}

#[test]
fn d6_a_point_begins_and_ends_and_a_wrong_tap_is_taken_back_once() {
    let mut world = World::new();
    let mark = world.id();
    let command = MarkAgenda { mark, meeting: world.meeting, minute: 0, title: " 開場 ".into(), step: Step::Started };
    world.apply(world.colleague, command.clone()).expect("on duty");
    let stored = world.get::<AgendaMark>(mark);
    assert_eq!((stored.title.as_str(), stored.by, stored.undone), ("開場", world.colleague, false));
    assert_eq!(world.apply(world.rep, command), Err(Rejection::AlreadyExists { kind: Kind::AgendaMark }));
    assert_eq!(world.apply(world.stranger, UndoAgendaMark { mark }), Err(Rejection::Forbidden));
    assert_eq!(world.apply(world.rep, UndoAgendaMark { mark }).map(|patches| patches.len()), Ok(1));
    assert_eq!(world.apply(world.rep, UndoAgendaMark { mark }).map(|patches| patches.len()), Ok(0), "it is taken back");
    assert!(world.get::<AgendaMark>(mark).undone);
}

#[test]
fn d6_what_is_noticed_of_a_guest_reaches_whoever_owns_the_customer() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let command = note(&mut world, guest, Chip::Doubtful, " 怕太貴 ");
    let owners = command.owners_note;
    world.apply(world.colleague, command.clone()).expect("on duty");
    let copy = world.get::<GuestNote>(owners);
    assert_eq!((copy.reader, copy.words.as_str(), copy.by, copy.customer), (Reader::Owner(world.rep), "怕太貴", world.colleague, world.customer));
    assert_eq!(owners_copy(&world, command.note), Scope::Meeting(world.meeting));
    assert_eq!(owners_copy(&world, owners), Scope::Person(world.rep));

    // Given to somebody who is not on duty: what is noticed from then on is theirs to read, and they hold it.
    world.apply(world.manager, TransferCustomers { customers: vec![world.customer], to: Some(world.stranger) }).expect("a manager may");
    let later = note(&mut world, guest, Chip::Hot, "");
    world.apply(world.rep, later.clone()).expect("on duty");
    let scope = owners_copy(&world, later.owners_note);
    assert!(held_by(&world.records, &world.actor(world.stranger)).expect("memory can be read").contains(&scope));
    let pool = (*world.get::<Customer>(world.customer)).clone();
    world.put(Customer { owner: None, ..pool });
    let of_the_pool = note(&mut world, guest, Chip::Cold, "");
    world.apply(world.rep, of_the_pool.clone()).expect("on duty");
    assert_eq!(world.get::<GuestNote>(of_the_pool.owners_note).reader, Reader::Owner(world.get::<crate::meetings::Guest>(guest).inviter));
}

#[test]
fn d6_a_note_is_of_a_guest_of_this_meeting_and_has_two_names() {
    let mut world = World::new();
    let guest = world.expect_guest(world.other_meeting, world.strangers_customer);
    let elsewhere = note(&mut world, guest, Chip::Keen, "");
    assert_eq!(world.apply(world.rep, elsewhere), Err(Rejection::NotFound { kind: Kind::Guest }));
    let guest = world.expect_guest(world.meeting, world.customer);
    let one_name = NoteGuest {
        owners_note: GuestNoteId(uuid::Uuid::from_u128(7)),
        note: GuestNoteId(uuid::Uuid::from_u128(7)),
        ..note(&mut world, guest, Chip::Keen, "")
    };
    assert_eq!(world.apply(world.rep, one_name), Err(Rejection::AlreadyExists { kind: Kind::GuestNote }));
}

#[test]
fn d6_a_call_is_answered_by_one_and_a_second_who_sets_out_is_noted_behind() {
    let mut world = World::new();
    let command = call(&mut world, " 5 桌 ");
    let id = command.call;
    world.apply(world.rep, command).expect("on duty");
    assert_eq!(world.get::<HelpCall>(id).place, "5 桌");
    assert_eq!(world.apply(world.stranger, AnswerHelpCall { call: id }), Err(Rejection::Forbidden), "not on duty there");
    world.apply(world.colleague, AnswerHelpCall { call: id }).expect("on duty");
    assert_eq!(world.apply(world.colleague, AnswerHelpCall { call: id }).map(|patches| patches.len()), Ok(0), "has set out");
    world.apply(world.supervisor, AnswerHelpCall { call: id }).expect("cannot see the first");
    let coming: Vec<_> = world.get::<HelpCall>(id).coming.iter().map(|coming| coming.by).collect();
    assert_eq!(coming, [world.colleague, world.supervisor]);
}

#[test]
fn d6_a_call_is_settled_once_and_nobody_sets_out_after_that() {
    let mut world = World::new();
    let command = call(&mut world, "入口");
    let id = command.call;
    world.apply(world.rep, command).expect("on duty");
    world.apply(world.colleague, CloseHelpCall { call: id }).expect("on duty");
    assert_eq!(world.apply(world.rep, CloseHelpCall { call: id }).map(|patches| patches.len()), Ok(0));
    assert_eq!(world.apply(world.supervisor, AnswerHelpCall { call: id }).map(|patches| patches.len()), Ok(0));
    let stored = world.get::<HelpCall>(id);
    assert_eq!((stored.closed.map(|closed| closed.by), stored.coming.len()), (Some(world.colleague), 0));
}

#[test]
fn d6_what_happened_in_the_hall_is_never_refused_for_good() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let facts: Vec<Command> = vec![
        MarkAgenda { mark: world.id(), meeting: world.meeting, minute: 0, title: "開場".into(), step: Step::Started }.into(),
        note(&mut world, guest, Chip::Keen, "").into(),
        call(&mut world, "5 桌").into(),
        AnswerHelpCall { call: HelpCallId(uuid::Uuid::from_u128(1)) }.into(),
        CloseHelpCall { call: HelpCallId(uuid::Uuid::from_u128(1)) }.into(),
    ];
    world.apply(world.manager, CancelMeeting { meeting: world.meeting }).expect("a manager may");
    for fact in facts {
        assert!(fact.is_field_fact(), "{}", fact.name());
        assert!(!world.receive(world.rep, fact), "the meeting was called off, or the call is not known");
    }
    assert_eq!(world.all().filter(|record| matches!(record, crate::Record::HeldCommand(_))).count(), 5, "each waits for a person");
}

#[test]
fn d6_no_field_is_unbounded() {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let long = note(&mut world, guest, Chip::Question, &"問".repeat(301));
    assert_eq!(world.apply(world.rep, long), Err(Rejection::TooLong { field: Field::Words, max: 300, found: 301 }));
    let place = call(&mut world, &"桌".repeat(41));
    assert_eq!(world.apply(world.rep, place), Err(Rejection::TooLong { field: Field::Seat, max: 40, found: 41 }));
    let nowhere = call(&mut world, " ");
    assert_eq!(world.apply(world.rep, nowhere), Err(Rejection::Required { field: Field::Seat }));
    let title = MarkAgenda { mark: world.id(), meeting: world.meeting, minute: 0, title: "題".repeat(101), step: Step::Started };
    assert_eq!(world.apply(world.rep, title), Err(Rejection::TooLong { field: Field::Agenda, max: 100, found: 101 }));
    let called = call(&mut world, "5 桌");
    world.apply(world.rep, called.clone()).expect("on duty");
    let full = (*world.get::<HelpCall>(called.call)).clone();
    let coming = (0..10).map(|number| super::Coming { by: crate::ids::UserId(uuid::Uuid::from_u128(900 + number)), at: full.at }).collect();
    world.put(HelpCall { coming, ..full });
    assert_eq!(world.apply(world.colleague, AnswerHelpCall { call: called.call }).map(|patches| patches.len()), Ok(0), "ten are enough");
}
