//! Two tablets at one meeting, without any network.

mod hall;

use super::bag::{Readable, Taken, Taker};
use super::bundle::{Content, Signed};
use super::fountain::{Collector, Fountain, Seen};
use super::hello::{Ask, Heard};
use super::packing::{Giver, Packed, Waiting};
use super::parcel::Message;
use super::{Bag, Certificate, DeviceSigner, NotTaken};
use crate::check_ins::command::{CheckInGuest, RegisterWalkIn, UndoCheckIn};
use crate::check_ins::{CheckIn, Conflict, Method};
use crate::command::Command;
use crate::customers::Customer;
use crate::deals::Deal;
use crate::ids::{ClientId, CustomerId, GuestId, MeetingId, UserId};
use crate::invitations::ticket::TicketSigner;
use crate::meetings::Guest;
use crate::phone::{Country, Phone};
use crate::record::{Entity, Index, Scope};
use crate::sync::protocol::{CarriedAnswer, CarriedOutcome, Envelope};
use crate::sync::replica::{Pending, Replica};
use crate::sync::scopes::{held_by, may_hold_meeting};
use crate::testing::World;
use crate::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A tablet that has been at the office once.
struct Tablet {
    user: UserId,
    device: ClientId,
    replica: Replica,
    signer: DeviceSigner,
    certificate: String,
    incarnation: Uuid,
    outbox: Vec<Waiting>,
    bag: Bag,
    exchanges: u8,
    now: Timestamp,
}

impl Tablet {
    fn new(world: &World, user: UserId, number: u8) -> Self {
        let signer = DeviceSigner::from_seed(&[number; 32]);
        let device = ClientId(Uuid::from_u128(u128::from(number) << 90));
        let certificate = world.signer().certify(world.org, user, device, signer.public_key(), world.now);
        let incarnation = Uuid::from_u128(u128::from(number) << 80);
        let (replica, bag) = (world.replica(user), Bag::default());
        Self { user, device, replica, signer, certificate, incarnation, outbox: Vec::new(), bag, exchanges: 0, now: world.now }
    }

    fn record(&mut self, command: impl Into<Command>) -> Uuid {
        let command = command.into();
        self.replica.predict(&command, self.now).unwrap_or_else(|stop| panic!("{} is refused: {stop:?}", command.name()));
        let seq = self.outbox.len() as u64 + 1;
        let uuid = Uuid::from_u128((u128::from(seq) << 64) + self.device.0.as_u128());
        let envelope = Envelope { seq, uuid, occurred_at: self.now, clock_offset_ms: 0, command: command.to_raw() };
        self.outbox.push(Waiting { envelope, letter: Some(format!("{SECRET}{}", "x".repeat(300))) });
        self.replica.add_pending(Pending { uuid, at: self.now, command: Some(command), applied_at: None });
        uuid
    }

    fn seed(&mut self) -> [u8; 32] {
        self.exchanges += 1;
        let mut seed = self.signer.public_key();
        seed[1] = self.exchanges;
        seed
    }

    fn ask(&mut self, meeting: MeetingId) -> Ask {
        let (held, seed) = (self.bag.held(meeting), self.seed());
        Ask::new(&self.certificate, &self.signer, meeting, held, seed)
    }

    fn hear(&self, world: &World, ask: &Ask) -> Result<Heard, NotTaken> {
        let Message::Hello(signed) = Message::read(&through_the_air(&ask.message()))? else { panic!("a hello") };
        signed.heard(&self.replica, world.org, &world.signer().public_key())
    }

    fn pack(&mut self, heard: &Heard) -> Packed {
        let giver = Giver {
            device: self.device,
            epoch: None,
            incarnation: self.incarnation,
            certificate: &self.certificate,
            signer: &self.signer,
            outbox: &self.outbox,
            carried: &self.bag.unsettled(),
        };
        giver.pack(&mut self.replica, heard)
    }

    fn take(&mut self, world: &World, meeting: MeetingId, bundles: Vec<Signed>) -> Taken {
        let key = world.signer().public_key();
        let last = self.outbox.last().map(|waiting| waiting.envelope.uuid);
        let taker = Taker { org: world.org, organisations_key: &key, device: self.device, meeting, last, now: world.now };
        let taken = self.bag.take(bundles, taker);
        self.show();
        taken
    }

    fn show(&mut self) {
        self.replica.set_carried(self.bag.shown(0));
        self.replica.rebase();
    }

    /// Everything that the other has and lacks here comes here.
    fn receive_from(&mut self, world: &World, other: &mut Self) -> Taken {
        let ask = self.ask(world.meeting);
        let heard = other.hear(world, &ask).expect("a colleague's hello");
        let packed = other.pack(&heard);
        let (message, count) = heard.seal(&packed.bundles, other.seed());
        assert_eq!(count, packed.bundles.len());
        let Ok(Message::Parcel(parcel)) = Message::read(&through_the_air(&message)) else { panic!("a parcel") };
        self.take(world, world.meeting, ask.open(&parcel).expect("sealed to this hello"))
    }

    fn names<T: Entity>(&self) -> usize {
        self.replica.all::<T>().count()
    }
}

/// Stands in letters, which no device opens.
const SECRET: &str = "sealed-to-the-server-";

/// Every second frame is lost.
fn through_the_air(message: &[u8]) -> Vec<u8> {
    let fountain = Fountain::new(message).expect("short enough");
    let mut collector = Collector::default();
    let seen = (0..4_000).step_by(2).find_map(|number| match collector.see(&fountain.frame(number)) {
        Seen::Whole(message) => Some(message),
        _ => None,
    });
    seen.expect("arrives")
}

fn house() -> (World, Vec<GuestId>) {
    let mut world = World::new();
    let meeting = world.meeting;
    let guests = ["林小姐", "周先生", "何太太"].map(|name| {
        let customer = world.add_customer(world.rep, name);
        world.expect_guest(meeting, customer)
    });
    (world, guests.to_vec())
}

fn check_in(world: &mut World, guest: GuestId) -> CheckInGuest {
    CheckInGuest { check_in: world.id(), meeting: world.meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }
}

fn walk_in(world: &mut World) -> RegisterWalkIn {
    let (check_in, guest, customer) = (world.id(), world.id(), world.id::<CustomerId>());
    RegisterWalkIn {
        check_in,
        guest,
        customer,
        meeting: world.meeting,
        desk: "B".into(),
        name: "現場來賓".into(),
        salutation: None,
        phone: Phone::parse("0955123456", Country::Tw).ok(),
        email: "guest@example.com".into(),
        company: String::new(),
    }
}

#[test]
fn d9_two_tablets_show_each_others_check_ins_and_the_second_one_of_a_guest_is_told_on_both() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let (a, b, c) = (check_in(&mut world, guests[0]), check_in(&mut world, guests[0]), check_in(&mut world, guests[1]));
    one.record(a.clone());
    other.record(b.clone());
    other.record(c);
    assert_eq!(one.receive_from(&world, &mut other), Taken { new: 2, ..Taken::default() });
    assert_eq!(other.receive_from(&world, &mut one), Taken { new: 1, ..Taken::default() });
    for tablet in [&one, &other] {
        assert_eq!(tablet.names::<CheckIn>(), 3);
        let conflicts: Vec<_> = tablet.replica.all::<Conflict>().map(|conflict| BTreeSet::from([conflict.first, conflict.second])).collect();
        assert_eq!(conflicts, [BTreeSet::from([a.check_in, b.check_in])]);
    }
    let theirs = one.replica.noun::<CheckIn>(b.check_in).expect("shown");
    assert_eq!((theirs.by, theirs.device), (other.user, other.device), "it stays its author's");
}

#[test]
fn d9_what_is_known_is_not_sent_again_and_what_came_twice_is_here_once() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    one.record(check_in(&mut world, guests[0]));
    assert_eq!(other.receive_from(&world, &mut one).new, 1);
    assert_eq!(other.receive_from(&world, &mut one), Taken::default());
    one.record(check_in(&mut world, guests[1]));
    assert_eq!(other.receive_from(&world, &mut one), Taken { new: 1, ..Taken::default() });
    let again = other.bag.kept.iter().map(|kept| kept.signed.clone()).collect();
    assert_eq!(other.take(&world, world.meeting, again), Taken { known: 2, ..Taken::default() });
    assert_eq!(other.names::<CheckIn>(), 2);
}

#[test]
fn d9_a_walk_in_shows_its_guest_card_and_neither_phone_nor_customer() {
    let (mut world, _) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let args = walk_in(&mut world);
    one.record(args.clone());
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let packed = one.pack(&heard);
    let text: String = packed.bundles.iter().map(|signed| signed.body.as_str()).collect();
    assert!(text.contains(SECRET) && text.contains("現場來賓"), "the letter goes, and what stands on the card");
    assert!(!text.contains("0955123456") && !text.contains("955123456") && !text.contains("guest@example.com"), "{text}");
    assert_eq!(other.take(&world, world.meeting, packed.bundles), Taken { new: 1, ..Taken::default() });
    assert_eq!(other.replica.noun::<Guest>(args.guest).map(|guest| guest.name.clone()).as_deref(), Some("現場來賓"));
    assert!(other.replica.noun::<CheckIn>(args.check_in).is_some());
    assert!(other.replica.noun::<Customer>(args.customer).is_none());
}

#[test]
fn d9_a_deal_is_carried_and_tells_its_carrier_nothing() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.supervisor, 2));
    let deal = world.open_deal(world.customer, Some(world.meeting));
    one.record(deal.clone());
    one.record(check_in(&mut world, guests[0]));
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("her supervisor's hello");
    let packed = one.pack(&heard);
    let text: String = packed.bundles.iter().map(|signed| signed.body.as_str()).collect();
    assert!(!text.contains("open_deal") && !text.contains(&deal.customer.to_string()) && !text.contains(&deal.buyer), "{text}");
    assert_eq!(other.take(&world, world.meeting, packed.bundles), Taken { new: 2, sealed: 1, ..Taken::default() });
    assert_eq!((other.names::<Deal>(), other.names::<CheckIn>()), (0, 1));
}

#[test]
fn d9_one_who_does_not_work_at_the_meeting_is_given_nothing() {
    let (world, _) = house();
    let one = Tablet::new(&world, world.rep, 1);
    for user in [world.stranger, world.other_supervisor, world.administrator, world.leaver] {
        let ask = Tablet::new(&world, user, 2).ask(world.meeting);
        assert_eq!(one.hear(&world, &ask).err(), Some(NotTaken::NotTheirs), "{user:?}");
    }
    for user in [world.colleague, world.supervisor, world.manager] {
        assert!(one.hear(&world, &Tablet::new(&world, user, 2).ask(world.meeting)).is_ok(), "{user:?}");
    }
    let ask = Tablet::new(&world, world.colleague, 2).ask(world.other_meeting);
    assert_eq!(one.hear(&world, &ask).err(), Some(NotTaken::NotTheirs), "another meeting than her own");
}

#[test]
fn d9_who_works_at_a_meeting_is_who_holds_its_scope() {
    let world = World::new();
    for user in world.people() {
        let actor = world.actor(user);
        let scopes = held_by(&world.records, &actor).expect("records in memory can always be read");
        for meeting in [world.meeting, world.other_meeting, MeetingId(Uuid::from_u128(99))] {
            let may = may_hold_meeting(&world.records, &actor, meeting).expect("records in memory can always be read");
            assert_eq!(may, scopes.contains(&Scope::Meeting(meeting)), "{user:?} and {meeting}");
        }
    }
}

#[test]
fn d9_another_organisation_is_neither_given_anything_nor_believed() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let foreign = TicketSigner::from_seed(&[9; 32]);
    let mut liar = Tablet::new(&world, world.colleague, 3);
    liar.certificate = foreign.certify(world.org, world.colleague, liar.device, liar.signer.public_key(), world.now);
    assert_eq!(one.hear(&world, &liar.ask(world.meeting)).err(), Some(NotTaken::Forged));
    liar.record(check_in(&mut world, guests[0]));
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let packed = liar.pack(&heard);
    assert_eq!(other.take(&world, world.meeting, packed.bundles), Taken { refused: 1, ..Taken::default() });
    assert_eq!(other.names::<CheckIn>(), 0);
    one.record(check_in(&mut world, guests[0]));
    let sold = one.pack(&heard).bundles;
    assert_eq!(sold[0].brought(crate::ids::OrgId(Uuid::from_u128(99)), &world.signer().public_key()).err(), Some(NotTaken::Forged));
}

#[test]
fn d9_whoever_films_a_parcel_or_keeps_it_for_later_cannot_open_it() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    one.record(check_in(&mut world, guests[0]));
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let packed = one.pack(&heard);
    let (message, _) = heard.seal(&packed.bundles, one.seed());
    let Ok(Message::Parcel(parcel)) = Message::read(&message) else { panic!("a parcel") };
    let window = |text: &str| message.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(!window("check_in") && !window(&guests[0].to_string()));
    assert_eq!(ask.open(&parcel), Ok(packed.bundles));
    assert_eq!(other.ask(world.meeting).open(&parcel), Err(NotTaken::Damaged), "not even the same device, with its next hello");
}

#[test]
fn d9_a_tablet_that_lacks_the_servers_key_gives_what_comes_before_and_says_how_much_stays() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    one.record(check_in(&mut world, guests[0]));
    one.record(walk_in(&mut world));
    one.record(check_in(&mut world, guests[1]));
    one.outbox.iter_mut().for_each(|waiting| waiting.letter = None);
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let packed = one.pack(&heard);
    assert_eq!(packed.left, 2, "the walk-in has no letter, and what was recorded after it must not overtake it");
    assert_eq!(other.take(&world, world.meeting, packed.bundles).new, 1);
}

#[test]
fn d9_a_hole_in_the_outbox_ends_a_bundle_and_the_rest_is_genuine() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    for guest in guests {
        one.record(check_in(&mut world, guest));
    }
    one.outbox.remove(1);
    assert_eq!(other.receive_from(&world, &mut one), Taken { new: 2, ..Taken::default() });
    assert_eq!(other.bag.kept.len(), 2);
}

#[test]
fn d9_what_is_carried_goes_on_to_a_third_tablet_as_it_was_signed() {
    let (mut world, guests) = house();
    let (mut one, mut other, mut third) =
        (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2), Tablet::new(&world, world.supervisor, 3));
    let first = check_in(&mut world, guests[0]);
    one.record(first.clone());
    other.receive_from(&world, &mut one);
    other.record(check_in(&mut world, guests[1]));
    assert_eq!(third.receive_from(&world, &mut other), Taken { new: 2, ..Taken::default() });
    assert_eq!(third.replica.noun::<CheckIn>(first.check_in).map(|check_in| check_in.by), Some(one.user));
    assert_eq!(third.receive_from(&world, &mut one), Taken::default(), "she has it by way of the other");
    assert_eq!(one.receive_from(&world, &mut third).new, 1, "her own does not come back to her");
}

#[test]
fn d9_ones_own_command_may_rest_on_what_was_carried_here() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let first = check_in(&mut world, guests[0]);
    one.record(first.clone());
    other.record(check_in(&mut world, guests[1]));
    other.receive_from(&world, &mut one);
    other.record(UndoCheckIn { check_in: first.check_in });
    let is_undone = |tablet: &Tablet| tablet.replica.noun::<CheckIn>(first.check_in).expect("shown").undone.is_some();
    assert!(is_undone(&other));
    other.show();
    assert!(is_undone(&other), "after a new start too");
    assert!(!is_undone(&one));
    one.receive_from(&world, &mut other);
    assert!(is_undone(&one), "and where it is carried back");
}

#[test]
fn d9_a_copy_goes_when_its_rows_are_here_when_its_scope_goes_and_when_it_is_old() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    let (first, second) = (one.record(check_in(&mut world, guests[0])), one.record(check_in(&mut world, guests[1])));
    other.receive_from(&world, &mut one);
    let signed = other.bag.unsettled()[0].clone();
    let ruled = |uuid, version, applied| CarriedOutcome { uuid, version, applied };
    let mut bag = other.bag.clone();
    assert!(bag.note(&[(signed.clone(), CarriedAnswer::Ruled { outcomes: vec![ruled(first, 7, true)] })]));
    assert_eq!(bag.unsettled().len(), 1, "the second one waits");
    assert!(!bag.tidy(9, world.now, |_| true));
    bag.note(&[(signed.clone(), CarriedAnswer::Ruled { outcomes: vec![ruled(second, 8, false)] })]);
    assert_eq!(bag.shown(0).iter().map(|carried| (carried.uuid, carried.applied_at)).collect::<Vec<_>>(), [(first, Some(7))]);
    assert_eq!(bag.shown(7), [], "its row says what has become of it since, though the bundle is kept");
    assert!(bag.unsettled().is_empty());
    let mut of_a_new_history = bag.clone();
    of_a_new_history.forget_outcomes();
    assert_eq!(of_a_new_history.unsettled().len(), 1);
    assert!(!bag.tidy(6, world.now, |_| true), "its rows are not here yet");
    assert!(bag.tidy(7, world.now, |_| true));
    assert!(bag.kept.is_empty());
    for (is_held, days) in [(false, 0), (true, 15), (true, -15)] {
        let mut bag = other.bag.clone();
        assert!(bag.tidy(0, world.now + chrono::TimeDelta::days(days), |scope| is_held && scope == Scope::Meeting(world.meeting)));
        assert!(bag.kept.is_empty());
    }
    assert!(other.bag.note(&[(signed, CarriedAnswer::Refused)]));
    assert!(other.bag.kept.is_empty());
}

#[test]
fn d9_a_certificate_says_whose_a_device_is_and_one_changed_character_anywhere_is_noticed() {
    let world = World::new();
    let (device, key) = (ClientId(Uuid::from_u128(5)), DeviceSigner::from_seed(&[1; 32]).public_key());
    let text = world.signer().certify(world.org, world.rep, device, key, world.now);
    let certificate = Certificate::verify(&text, &world.signer().public_key()).expect("genuine");
    assert_eq!((certificate.org, certificate.user, certificate.device, certificate.key), (world.org, world.rep, device, key));
    assert_eq!((certificate.until - world.now).num_days(), super::certificate::DAYS);
    for at in 0..text.len() {
        let mut forged = text.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ascii");
        assert_eq!(Certificate::verify(&forged, &world.signer().public_key()), None, "changed at {at}");
    }
    let ticket = world.signer().sign(world.meeting, GuestId(Uuid::nil()), world.now, "王小明");
    assert_eq!(Certificate::verify(&ticket, &world.signer().public_key()), None, "a ticket is none");
}

#[test]
fn d9_five_hundred_commands_are_split_into_bundles_that_are_read_and_parcels_that_can_be_shown() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    for number in 0..500_usize {
        if number % 2 == 0 {
            one.record(check_in(&mut world, guests[number % 3]));
        } else {
            one.record(walk_in(&mut world));
        }
    }
    let mut taken = 0;
    let mut rounds = 0;
    while taken < 500 {
        let ask = other.ask(world.meeting);
        let heard = one.hear(&world, &ask).expect("a colleague's hello");
        let packed = one.pack(&heard);
        assert_eq!(packed.left, 0);
        let (message, count) = heard.seal(&packed.bundles, one.seed());
        assert!(count > 0 && message.len() <= super::parcel::MOST_BYTES, "{count} bundles, {} bytes", message.len());
        let Ok(Message::Parcel(parcel)) = Message::read(&through_the_air(&message)) else { panic!("a parcel") };
        let came = other.take(&world, world.meeting, ask.open(&parcel).expect("sealed to this hello"));
        assert_eq!(came.refused, 0);
        taken += came.new;
        rounds += 1;
    }
    assert!(rounds < 6, "{rounds}");
    assert_eq!(other.names::<CheckIn>(), 500);
}

fn readable_of(signed: &Signed, world: &World) -> usize {
    let brought = signed.brought(world.org, &world.signer().public_key()).expect("genuine");
    brought.bundle.items.iter().filter(|item| matches!(item.content, Content::Open { .. })).count()
}

#[test]
fn d9_records_of_another_scope_are_not_shown_even_if_a_colleagues_device_offers_them() {
    let (mut world, guests) = house();
    let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
    one.record(check_in(&mut world, guests[0]));
    let ask = other.ask(world.meeting);
    let heard = one.hear(&world, &ask).expect("a colleague's hello");
    let packed = one.pack(&heard);
    assert_eq!(readable_of(&packed.bundles[0], &world), 1);
    let mut bundle = packed.bundles[0].brought(world.org, &world.signer().public_key()).expect("genuine").bundle;
    let customer = crate::Record::from((*world.get::<Customer>(world.customer)).clone());
    let deal: Command = world.open_deal(world.customer, Some(world.meeting)).into();
    bundle.items[0].content = Content::Sealed { letter: String::new(), shown: vec![super::bundle::ShownRecord::of(&customer)] };
    let mut second = bundle.items[0].clone();
    (second.seq, second.uuid) = (2, Uuid::from_u128(77));
    second.content = Content::Open { clock_offset_ms: 0, command: deal.to_raw() };
    bundle.items.push(second);
    other.take(&world, world.meeting, vec![bundle.sign(&one.signer)]);
    let shown = other.bag.shown(0);
    assert_eq!(shown[0].readable, Readable::Nothing);
    assert!(other.replica.noun::<Customer>(world.customer).is_none());
    assert_eq!(other.names::<Deal>(), 0);
}

#[test]
fn d9_an_author_without_access_or_rights_is_not_shown() {
    let (mut world, guests) = house();
    let mut other = Tablet::new(&world, world.colleague, 2);
    let mut stranger = Tablet::new(&world, world.stranger, 1);
    let args = check_in(&mut world, guests[0]);
    stranger.replica = world.replica(world.manager);
    stranger.record(args);
    let ask = other.ask(world.meeting);
    let heard = Tablet::new(&world, world.rep, 3).hear(&world, &ask).expect("a colleague's hello");
    let packed = stranger.pack(&heard);
    assert_eq!(other.take(&world, world.meeting, packed.bundles).new, 1);
    assert_eq!(other.names::<CheckIn>(), 0, "she does not work there: the server will say so");
    assert_eq!(other.replica.nouns::<CheckIn>(&Index::CheckInsByMeeting(world.meeting)).len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// One byte of a message, of a bundle's text, or of its signature is another: nothing comes of it.
    #[test]
    fn d9_one_changed_byte_anywhere_is_noticed(at in any::<proptest::sample::Index>(), bit in 0_u8..8) {
        let (mut world, guests) = house();
        let (mut one, mut other) = (Tablet::new(&world, world.rep, 1), Tablet::new(&world, world.colleague, 2));
        one.record(check_in(&mut world, guests[0]));
        one.record(walk_in(&mut world));
        let ask = other.ask(world.meeting);
        let mut hello = ask.message();
        let place = at.index(hello.len());
        hello[place] ^= 1 << bit;
        if let Ok(Message::Hello(signed)) = Message::read(&hello) {
            let same = signed == ask.signed;
            prop_assert!(same || signed.heard(&one.replica, world.org, &world.signer().public_key()).is_err());
        }
        let heard = one.hear(&world, &ask).expect("a colleague's hello");
        let packed = one.pack(&heard);
        let (mut message, _) = heard.seal(&packed.bundles, one.seed());
        let place = at.index(message.len());
        message[place] ^= 1 << bit;
        if let Ok(Message::Parcel(parcel)) = Message::read(&message) {
            // X25519 takes no notice of the highest bit of a key (RFC 7748 section 5); ours is bound to the cipher's key, byte for byte.
            prop_assert_eq!(ask.open(&parcel), Err(NotTaken::Damaged));
        }
        let signed = &packed.bundles[0];
        let mut body = signed.body.clone().into_bytes();
        let place = at.index(body.len());
        body[place] ^= 1 << bit;
        if let Ok(body) = String::from_utf8(body) {
            let changed = Signed { body, ..signed.clone() };
            prop_assert!(changed.brought(world.org, &world.signer().public_key()).is_err());
        }
        let mut signature = signed.signature.clone().into_bytes();
        let place = at.index(signature.len() - 1);
        signature[place] ^= 1 << bit;
        if let Ok(signature) = String::from_utf8(signature) {
            let changed = Signed { signature, ..signed.clone() };
            prop_assert!(changed.brought(world.org, &world.signer().public_key()).is_err());
        }
    }
}
