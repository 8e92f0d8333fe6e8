//! Commands of one tablet that another one carries (clause D9): through real codes and the scanner's decoder, and what the server makes of them.

#[path = "../../app/scanner/src/decode.rs"]
mod decode;

use fast_qr::{ECL, QRBuilder};
use shared::Command;
use shared::carry::bag::Taker;
use shared::carry::fountain::{Collector, Fountain, Seen};
use shared::carry::hello::Ask;
use shared::carry::packing::{Giver, Waiting};
use shared::carry::parcel::Message;
use shared::carry::{Bag, Bundle, DeviceSigner, Item, Signed};
use shared::check_ins::command::{CheckInGuest, UndoCheckIn};
use shared::check_ins::{CheckIn, Method};
use shared::decide::Unavailable;
use shared::ids::{ClientId, GuestId, UserId};
use shared::meetings::Guest;
use shared::people::{Access, User};
use shared::quarantine::HeldCommand;
use shared::record::{Key, Kind, Stored};
use shared::sync::letters::Letter;
use shared::sync::protocol::*;
use shared::sync::replica::{Pending, Replica};
use shared::sync::server::{self, Session, Transaction};
use shared::testing::{World, messages};
use simulation::Weakness;
use simulation::store::MemoryStore;
use uuid::Uuid;

const WIDTH: usize = 1_280;
const HEIGHT: usize = 720;

/// A tablet of which only the outbox matters.
struct Author {
    user: UserId,
    device: ClientId,
    signer: DeviceSigner,
    certificate: String,
    incarnation: Uuid,
    epoch: Option<Uuid>,
    outbox: Vec<Waiting>,
}

impl Author {
    fn new(world: &World, user: UserId, number: u8) -> Self {
        let signer = DeviceSigner::from_seed(&[number; 32]);
        let device = ClientId(Uuid::from_u128(u128::from(number) << 90));
        let certificate = world.signer().certify(world.org, user, device, signer.public_key(), world.now);
        Self { user, device, signer, certificate, incarnation: Uuid::from_u128(u128::from(number) << 80), epoch: None, outbox: Vec::new() }
    }

    fn record(&mut self, at: shared::time::Timestamp, command: impl Into<Command>) -> Uuid {
        let seq = self.outbox.len() as u64 + 1;
        let envelope = messages::envelope(seq, at, command);
        let uuid = envelope.uuid;
        let letter = Some(serde_json::to_string(&envelope).expect("serialises"));
        self.outbox.push(Waiting { envelope, letter });
        uuid
    }

    /// The commands from one number up to another, as they are.
    fn bundle(&self, world: &World, from: u64, to: u64) -> Signed {
        let item = |Waiting { envelope, .. }: &Waiting| {
            let Envelope { seq, uuid, occurred_at, clock_offset_ms, command } = envelope.clone();
            Item { seq, uuid, occurred_at, content: shared::carry::bundle::Content::Open { clock_offset_ms, command } }
        };
        let items = self.outbox.iter().filter(|waiting| (from..=to).contains(&waiting.envelope.seq)).map(item).collect();
        let after = self.outbox.iter().find(|waiting| waiting.envelope.seq + 1 == from).map(|waiting| waiting.envelope.uuid);
        Bundle { certificate: self.certificate.clone(), meeting: world.meeting, epoch: self.epoch, incarnation: self.incarnation, after, items }
            .sign(&self.signer)
    }

    fn push(&self, from: u64) -> PushRequest {
        let commands = self.outbox.iter().map(|waiting| waiting.envelope.clone()).filter(|envelope| envelope.seq >= from);
        messages::push(self.device, self.incarnation, chrono::DateTime::UNIX_EPOCH, commands.collect())
    }
}

/// What a camera sees of a code on a screen, a little askew: dark is not black, white not white.
fn picture(text: &str) -> Vec<u8> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().expect("a frame fits a code");
    assert_eq!(code.size, 81, "version 16");
    let module = 7;
    let side = code.size * module;
    let (left, top) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
    let mut luma = vec![190; WIDTH * HEIGHT];
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (dx, dy) = (x as isize - (WIDTH / 2) as isize, y as isize - (HEIGHT / 2) as isize);
            let (sx, sy) = (dx + dy * 6 / 256 + (WIDTH / 2) as isize - left as isize, dy - dx * 6 / 256 + (HEIGHT / 2) as isize - top as isize);
            let (Ok(sx), Ok(sy)) = (usize::try_from(sx), usize::try_from(sy)) else { continue };
            if sx < side && sy < side && code[sy / module][sx / module].value() {
                luma[y * WIDTH + x] = 45;
            }
        }
    }
    luma
}

#[test]
fn d9_200_check_ins_arrive_with_30_percent_of_the_frames_lost() {
    let mut world = World::new();
    let meeting = world.meeting;
    let guests: Vec<GuestId> = (0..200)
        .map(|number| {
            let customer = world.add_customer(world.rep, &format!("來賓{number}"));
            world.expect_guest(meeting, customer)
        })
        .collect();
    let mut giver = Author::new(&world, world.rep, 1);
    let mut on_giver = world.replica(world.rep);
    for (number, guest) in guests.iter().enumerate() {
        let ticket = Some(world.signer().sign(meeting, *guest, world.now, &format!("來賓{number}")));
        let command: Command = CheckInGuest { check_in: world.id(), meeting, guest: *guest, desk: "A".into(), method: Method::Ticket, ticket }.into();
        let uuid = giver.record(world.now, command.clone());
        on_giver.add_pending(Pending { uuid, at: world.now, command: Some(command), applied_at: None });
    }
    let taker = Author::new(&world, world.colleague, 2);
    let mut on_taker: Replica = world.replica(world.colleague);
    let key = world.signer().public_key();

    let mut bag = Bag::default();
    let ask = Ask::new(&taker.certificate, &taker.signer, meeting, bag.held(meeting), [3; 32]);
    let mut rng = fastrand::Rng::with_seed(9);
    let Ok(Message::Hello(hello)) = Message::read(&filmed(&ask.message(), &mut rng).0) else { panic!("a hello") };
    let heard = hello.heard(&on_giver, world.org, &key).expect("a colleague's hello");
    let packed = Giver {
        device: giver.device,
        epoch: None,
        incarnation: giver.incarnation,
        certificate: &giver.certificate,
        signer: &giver.signer,
        outbox: &giver.outbox,
        carried: &[],
    }
    .pack(&mut on_giver, &heard);
    assert_eq!((packed.bundles.len() >= 4, packed.left), (true, 0));
    let (message, count) = heard.seal(&packed.bundles, [4; 32]);
    assert_eq!(count, packed.bundles.len());
    let (seen, shown) = filmed(&message, &mut rng);
    let blocks = Fountain::new(&message).expect("short enough").blocks();
    assert!(shown * 7 < (blocks + 12) * 10 + 70, "{shown} frames were shown for {blocks} blocks");
    println!("{} bytes, {blocks} blocks, {shown} frames shown of which three in ten were lost", message.len());
    let Ok(Message::Parcel(parcel)) = Message::read(&seen) else { panic!("a parcel") };
    let bundles = ask.open(&parcel).expect("sealed to this hello");
    let (device, now) = (taker.device, world.now);
    let taken = bag.take(bundles, Taker { org: world.org, organisations_key: &key, device, meeting, last: None, now });
    assert_eq!((taken.new, taken.sealed, taken.refused), (200, 0, 0));
    on_taker.set_carried(bag.shown(0));
    on_taker.rebase();
    assert_eq!(on_taker.all::<CheckIn>().filter(|check_in| check_in.by == world.rep && check_in.device == giver.device).count(), 200);
}

/// A message from screen to camera: each frame drawn, three in ten lost, the others read by the scanner. How many were shown is told.
fn filmed(message: &[u8], rng: &mut fastrand::Rng) -> (Vec<u8>, usize) {
    let fountain = Fountain::new(message).expect("short enough");
    let mut collector = Collector::default();
    for number in 0.. {
        let text = fountain.frame(number);
        if rng.u8(..10) < 3 {
            continue;
        }
        let codes = decode::codes_in(WIDTH, HEIGHT, &picture(&text));
        assert_eq!(codes, [text], "the scanner reads what the screen shows");
        if let Seen::Whole(seen) = collector.see(&codes[0]) {
            return (seen, number as usize + 1);
        }
        assert!(number < 4_000, "it does not arrive");
    }
    unreachable!("numbers have an end past patience");
}

/// A server that holds a world, and an author with two check-ins and their undoing in the outbox.
fn house() -> (World, MemoryStore, Author, Vec<Uuid>) {
    let mut world = World::new();
    let guest = world.expect_guest(world.meeting, world.customer);
    let other = world.expect_guest(world.meeting, world.colleagues_customer);
    let mut author = Author::new(&world, world.rep, 1);
    let (first, second) = (world.check_in(world.meeting, guest), world.check_in(world.meeting, other));
    let undo = UndoCheckIn { check_in: first.check_in };
    let uuids = vec![author.record(world.now, first), author.record(world.now, second), author.record(world.now, undo)];
    let store = MemoryStore::of(&world).begun(Uuid::from_u128(1), Weakness::None);
    (world, store, author, uuids)
}

/// The guest whose check-in the author has second.
fn invited(world: &mut World) -> GuestId {
    let cards = world.records.of_kind(Kind::Guest).filter_map(<Guest as Stored>::of).map(|guest| guest.id);
    cards.last().expect("two were invited")
}

fn carry(world: &World, store: &mut MemoryStore, by: UserId, carried: Vec<Signed>) -> Vec<CarriedAnswer> {
    let session = Session { org: world.org, user: by };
    let request = PushRequest { carried, ..messages::push(ClientId(Uuid::from_u128(50)), Uuid::from_u128(51), world.now, Vec::new()) };
    match server::push_opening(store, session, &request, world.now, open).expect("memory is always available") {
        PushAnswer::Done { carried, .. } => carried,
        other => panic!("{other:?}"),
    }
}

fn open(letter: &Letter) -> Option<Envelope> {
    serde_json::from_str(&letter.sealed).ok()
}

fn send(world: &World, store: &mut MemoryStore, author: &Author, from: u64) -> PushAnswer {
    server::push(store, Session { org: world.org, user: author.user }, &author.push(from), world.now).expect("memory is always available")
}

/// Which commands were ruled on, and whether they took effect.
fn ruled(answer: &CarriedAnswer) -> Vec<(Uuid, bool)> {
    match answer {
        CarriedAnswer::Ruled { outcomes } => outcomes.iter().map(|outcome| (outcome.uuid, outcome.applied)).collect(),
        CarriedAnswer::Refused => panic!("refused"),
    }
}

#[test]
fn d9_whoever_comes_first_it_counts_once_and_the_author_is_acknowledged() {
    for carrier_first in [true, false] {
        let (world, mut store, author, uuids) = house();
        let all: Vec<_> = uuids.iter().map(|uuid| (*uuid, true)).collect();
        if carrier_first {
            assert_eq!(ruled(&carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 1, 3)])[0]), all);
        }
        let PushAnswer::Done { last_seq: 3, outcomes, .. } = send(&world, &mut store, &author, 1) else { panic!("not done") };
        assert_eq!(outcomes.iter().map(|outcome| (outcome.uuid, outcome.verdict == Verdict::Applied)).collect::<Vec<_>>(), all);
        let version = store.version();
        assert_eq!(ruled(&carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 1, 3)])[0]), all);
        assert_eq!(store.version(), version, "nothing takes effect twice");
        assert_eq!(store.ruled().len(), 3);
        let check_ins: Vec<_> = store.records().of_kind(Kind::CheckIn).filter_map(<CheckIn as Stored>::of).cloned().collect();
        assert!(check_ins.iter().all(|check_in| check_in.by == world.rep && check_in.device == author.device), "they are their author's");
        assert_eq!(check_ins.len(), 2);
    }
}

#[test]
fn d9_what_comes_behind_a_hole_waits_and_what_the_author_goes_on_with_follows() {
    let (mut world, mut store, mut author, uuids) = house();
    let late = carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 2, 3)]);
    assert_eq!(late, [CarriedAnswer::Ruled { outcomes: Vec::new() }]);
    let both = vec![author.bundle(&world, 1, 1), author.bundle(&world, 2, 3)];
    let answers = carry(&world, &mut store, world.colleague, both);
    assert_eq!(answers.iter().flat_map(ruled).map(|(uuid, _)| uuid).collect::<Vec<_>>(), uuids);
    let guest = invited(&mut world);
    let fourth = world.check_in(world.meeting, guest);
    author.record(world.now, fourth);
    let PushAnswer::Done { last_seq: 4, outcomes, .. } = send(&world, &mut store, &author, 4) else { panic!("not done") };
    assert_eq!(outcomes.len(), 1);
}

#[test]
fn d9_what_was_given_before_a_restore_waits_for_its_author() {
    let (world, mut store, mut author, uuids) = house();
    author.epoch = Some(Uuid::from_u128(99));
    let given = || vec![author.bundle(&world, 1, 3)];
    assert_eq!(carry(&world, &mut store, world.colleague, given()), [CarriedAnswer::Ruled { outcomes: Vec::new() }]);
    let again = Author { incarnation: Uuid::from_u128(98), outbox: author.outbox.clone(), ..Author::new(&world, world.rep, 1) };
    assert!(matches!(send(&world, &mut store, &again, 1), PushAnswer::Done { last_seq: 3, .. }));
    assert_eq!(ruled(&carry(&world, &mut store, world.colleague, given())[0]), uuids.iter().map(|uuid| (*uuid, true)).collect::<Vec<_>>());
}

#[test]
fn d9_a_command_that_its_device_has_forgotten_and_another_one_carries_counts() {
    let (mut world, mut store, author, uuids) = house();
    let mut fallen = Author::new(&world, world.rep, 1);
    let guest = invited(&mut world);
    let another = world.check_in(world.meeting, guest);
    fallen.record(world.now, another);
    assert!(matches!(send(&world, &mut store, &fallen, 1), PushAnswer::Done { last_seq: 1, .. }));
    let answers = carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 1, 3)]);
    assert_eq!(ruled(&answers[0]).len(), uuids.len());
    assert_eq!(store.ruled().len(), 4);
}

#[test]
fn d9_numbers_that_a_copy_of_the_device_has_used_fill_no_hole() {
    let (mut world, mut store, author, uuids) = house();
    let mut copy = Author::new(&world, world.rep, 1);
    let guest = invited(&mut world);
    for _ in 0..2 {
        let another = world.check_in(world.meeting, guest);
        copy.record(world.now, another);
    }
    assert!(matches!(send(&world, &mut store, &copy, 1), PushAnswer::Done { last_seq: 2, .. }));
    let late = carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 2, 3)]);
    assert_eq!(late, [CarriedAnswer::Ruled { outcomes: Vec::new() }], "what was recorded before was ruled on by nobody");
    let both = vec![author.bundle(&world, 1, 1), author.bundle(&world, 2, 3)];
    let answers = carry(&world, &mut store, world.colleague, both);
    assert_eq!(answers.iter().flat_map(ruled).map(|(uuid, _)| uuid).collect::<Vec<_>>(), uuids);
}

#[test]
fn d9_nobody_is_believed_but_a_device_of_the_organisation_with_a_certificate_of_today() {
    let (mut world, mut store, author, _) = house();
    let mut forged = author.bundle(&world, 1, 3);
    forged.body = forged.body.replace("\"seq\":1", "\"seq\":2").replace("\"seq\":2", "\"seq\":1");
    let mut foreign = Author { outbox: author.outbox.clone(), ..Author::new(&world, world.rep, 3) };
    let other = shared::invitations::ticket::TicketSigner::from_seed(&[8; 32]);
    foreign.certificate = other.certify(world.org, world.rep, foreign.device, foreign.signer.public_key(), world.now);
    let mut borrowed = Author { outbox: author.outbox.clone(), ..Author::new(&world, world.colleague, 4) };
    borrowed.certificate = author.certificate.clone();
    let bundles = vec![forged, foreign.bundle(&world, 1, 3), borrowed.bundle(&world, 1, 3)];
    assert_eq!(carry(&world, &mut store, world.colleague, bundles), vec![CarriedAnswer::Refused; 3]);
    world.now += chrono::TimeDelta::days(91);
    assert_eq!(carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 1, 3)]), [CarriedAnswer::Refused]);
    assert!(store.ruled().is_empty());
}

#[test]
fn d9_the_authors_rights_count_and_not_the_carriers() {
    let (world, mut store, _, _) = house();
    let mut stranger = Author::new(&world, world.stranger, 5);
    let mut of_meeting = World::new();
    let guest = of_meeting.expect_guest(of_meeting.meeting, of_meeting.customer);
    let there = of_meeting.check_in(of_meeting.meeting, guest);
    stranger.record(world.now, there);
    let answers = carry(&world, &mut store, world.manager, vec![stranger.bundle(&world, 1, 1)]);
    assert_eq!(ruled(&answers[0]).iter().map(|(_, applied)| *applied).collect::<Vec<_>>(), [false]);
    let held = store.records().of_kind(Kind::HeldCommand).filter_map(<HeldCommand as Stored>::of).cloned().collect::<Vec<_>>();
    assert_eq!(held.iter().map(|held| held.by).collect::<Vec<_>>(), [world.stranger], "a person decides, and sees whose it is");
}

#[test]
fn d9_without_access_an_author_is_held_for_a_person_and_a_carrier_hears_nothing() {
    let (world, mut store, author, uuids) = house();
    let revoke = |store: &mut MemoryStore, user: UserId| {
        let record = store.records().get(Key { kind: Kind::User, id: user.0 }).and_then(<User as Stored>::of).cloned().expect("stored");
        let gone = User { access: Access::Revoked, ..(*record).clone() };
        server::apply(store, vec![shared::Patch::put(gone)]).map(drop)
    };
    let done: Result<(), Unavailable> = revoke(&mut store, world.colleague);
    done.expect("memory is always available");
    assert_eq!(carry(&world, &mut store, world.colleague, vec![author.bundle(&world, 1, 3)]), []);
    assert!(store.ruled().is_empty());
    revoke(&mut store, world.rep).expect("memory is always available");
    let answers = carry(&world, &mut store, world.manager, vec![author.bundle(&world, 1, 3)]);
    assert_eq!(ruled(&answers[0]), uuids.iter().map(|uuid| (*uuid, false)).collect::<Vec<_>>());
    assert_eq!(store.records().of_kind(Kind::HeldCommand).count(), 3);
}

#[test]
fn d9_a_letter_that_cannot_be_opened_holds_up_what_comes_after_it() {
    let (world, mut store, author, uuids) = house();
    let mut bundle = author.bundle(&world, 1, 3).brought(world.org, &world.signer().public_key()).expect("genuine").bundle;
    let sealed = |letter: &str| shared::carry::bundle::Content::Sealed { letter: letter.into(), shown: Vec::new() };
    bundle.items[0].content = sealed(author.outbox[0].letter.as_deref().expect("has one"));
    bundle.items[1].content = sealed("of another server");
    let answers = carry(&world, &mut store, world.colleague, vec![bundle.sign(&author.signer)]);
    assert_eq!(ruled(&answers[0]), [(uuids[0], true)]);
}
