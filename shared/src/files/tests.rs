use super::access::{awaited_from, shown_to};
use super::{Attachment, Content, ContentHash, FILE_MAX, Media, NewAttachment};
use crate::Command;
use crate::deals::command::RecordPayment;
use crate::deals::{Deal, PaymentMethod};
use crate::ids::{DealId, UserId};
use crate::money::{Currency, Money};
use crate::rejection::{Field, Rejection};
use crate::sync::protocol::RawCommand;
use crate::testing::World;

fn slip(world: &mut World, deal: DealId, bytes: &[u8]) -> RecordPayment {
    let content = Content::of(bytes, Media::Jpeg).expect("a few bytes");
    let photo = Some(NewAttachment { attachment: world.id(), content });
    RecordPayment { deal, payment: world.id(), amount: Money::new(100, Currency::Twd), method: PaymentMethod::Card, photo }
}

fn may_have(world: &World, user: UserId, hash: ContentHash) -> bool {
    shown_to(&world.records, &world.actor(user), hash).expect("memory can be read").is_some()
}

fn may_send(world: &World, user: UserId, hash: ContentHash) -> bool {
    awaited_from(&world.records, user, hash).expect("memory can be read").is_some()
}

#[test]
fn a_slip_waits_for_its_bytes_and_is_seen_by_those_who_see_the_deal() {
    let (mut world, deal) = World::with_deal();
    let payment = slip(&mut world, deal, b"slip");
    let new = payment.photo.clone().expect("a photo");
    world.apply(world.rep, payment).expect("within the rules");
    let attachment = world.get::<Attachment>(new.attachment);
    assert_eq!((attachment.deal, attachment.owner, attachment.by, attachment.stored_at), (deal, world.rep, world.rep, None));
    assert_eq!(world.get::<Deal>(deal).payments[0].photo, Some(new.attachment));
    let hash = new.content.sha256;
    for (user, has, sends) in [
        (world.rep, true, true),
        (world.supervisor, true, false),
        (world.manager, true, false),
        (world.colleague, false, false),
        (world.stranger, false, false),
        (world.other_supervisor, false, false),
        (world.administrator, false, false),
    ] {
        assert_eq!((may_have(&world, user, hash), may_send(&world, user, hash)), (has, sends), "{user:?}");
    }
    assert!(!may_have(&world, world.manager, ContentHash::of(b"another")));
}

#[test]
fn the_arrival_of_bytes_is_told_to_every_attachment_that_waited_and_to_no_other() {
    let (mut world, deal) = World::with_deal();
    let payments = [slip(&mut world, deal, b"slip"), slip(&mut world, deal, b"slip"), slip(&mut world, deal, b"other")];
    let ids = payments.clone().map(|payment| payment.photo.expect("a photo").attachment);
    payments.into_iter().for_each(|payment| drop(world.apply(world.rep, payment).expect("within the rules")));
    let arrive = |world: &mut World| {
        let patches = super::decide::stored(&world.records, ContentHash::of(b"slip"), world.now).expect("memory can be read");
        patches.iter().cloned().for_each(|patch| world.records.apply(patch));
        patches.len()
    };
    assert_eq!(arrive(&mut world), 2);
    assert_eq!(ids.map(|id| world.get::<Attachment>(id).stored_at.is_some()), [true, true, false]);
    assert_eq!(arrive(&mut world), 0, "the second time it is no news");
}

#[test]
fn what_is_held_keeps_its_photo_too() {
    let (mut world, deal) = World::with_deal();
    let mut payment = slip(&mut world, deal, b"slip");
    payment.amount = Money::new(i64::MAX, Currency::Twd);
    let hash = ContentHash::of(b"slip");
    assert!(!world.receive(world.rep, payment.into()), "above the total");
    assert!(may_send(&world, world.rep, hash) && !may_send(&world, world.colleague, hash));
    assert!(may_have(&world, world.supervisor, hash) && !may_have(&world, world.colleague, hash));
}

#[test]
fn a_file_has_a_size_and_an_id_of_its_own() {
    let (mut world, deal) = World::with_deal();
    let good = slip(&mut world, deal, b"slip");
    for bytes in [0, FILE_MAX + 1] {
        let mut bad = good.clone();
        bad.photo.as_mut().expect("a photo").content.bytes = bytes;
        let refusal = Rejection::OutOfRange { field: Field::Photo, min: 1, max: i64::from(FILE_MAX) };
        assert_eq!(world.apply(world.rep, bad), Err(refusal));
    }
    world.apply(world.rep, good.clone()).expect("within the rules");
    let again = RecordPayment { payment: world.id(), ..good };
    assert!(matches!(world.apply(world.rep, again), Err(Rejection::AlreadyExists { .. })));
}

#[test]
fn a_payment_of_an_older_app_is_understood() {
    let (world, deal) = World::with_deal();
    let args =
        format!(r#"{{"deal":"{deal}","payment":"00000000-0000-0000-0000-000000000001","amount":{{"minor":5,"currency":"TWD"}},"method":"cash"}}"#);
    let raw = RawCommand { name: "record_payment_v1".into(), args: serde_json::value::RawValue::from_string(args).expect("JSON") };
    let read = Command::read(&raw).expect("an older version");
    assert_eq!(read.name(), "record_payment_v2");
    assert!(Command::names_field_fact("record_payment_v1"), "it is never refused for good");
    world.decide(world.rep, &read).expect("within the rules");
}

#[test]
fn a_hash_has_one_text() {
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let hash: ContentHash = text.parse().expect("a hash");
    assert_eq!((hash, hash.to_string().as_str()), (ContentHash::of(b"abc"), text));
    for bad in [&text[1..], &format!("{text}0"), &text.to_uppercase(), &text.replace('b', "g"), &text.replace("ba", "é"), ""] {
        assert!(bad.parse::<ContentHash>().is_err(), "{bad}");
    }
}
