//! Two tablets at one meeting, and what their people are told.

use super::*;
use crate::state::world::World;
use shared::carry::bag::Taker;
use shared::carry::packing::{Giver, Waiting};
use shared::carry::{Bag, DeviceSigner};
use shared::check_ins::Method;
use shared::check_ins::command::{CheckInGuest, RegisterWalkIn, UndoCheckIn};
use shared::deals::Stroke;
use shared::ids::{ClientId, GuestId, TableId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::phone::{Country, Phone};
use shared::seating::command::{DrawnTable, GiveSeats, GivenSeat, PutTables};
use shared::seating::{Seat, Shape};
use shared::stock::command::{HandOut, PlanItem};
use shared::stock::{Due, ItemPlan, Receipt, Sort};
use shared::sync::protocol::Envelope;
use shared::sync::replica::{Pending, Replica};
use uuid::Uuid;

struct Tablet {
    device: ClientId,
    replica: Replica,
    signer: DeviceSigner,
    certificate: String,
    outbox: Vec<Waiting>,
    bag: Bag,
    seeds: u8,
}

impl Tablet {
    fn new(world: &World, user: UserId, number: u8) -> Self {
        Self::certified_by(world.signer(), world, user, number)
    }

    fn certified_by(signer: &TicketSigner, world: &World, user: UserId, number: u8) -> Self {
        let key = DeviceSigner::from_seed(&[number; 32]);
        let device = ClientId(Uuid::from_u128(u128::from(number)));
        let certificate = signer.certify(world.org, user, device, key.public_key(), world.now);
        let (replica, bag) = (world.replica(user), Bag::default());
        Self { device, replica, signer: key, certificate, outbox: Vec::new(), bag, seeds: 0 }
    }

    fn record(&mut self, world: &World, command: impl Into<Command>) {
        let command = command.into();
        self.replica.predict(&command, world.now).unwrap_or_else(|stop| panic!("{}: {stop:?}", command.name()));
        let (seq, uuid) = (self.outbox.len() as u64 + 1, Uuid::from_u128((u128::from(self.outbox.len() as u64 + 1) << 64) + self.device.0.as_u128()));
        let envelope = Envelope { seq, uuid, occurred_at: world.now, clock_offset_ms: 0, command: command.to_raw() };
        self.outbox.push(Waiting { envelope, letter: Some("a letter to the server".repeat(20)) });
        self.replica.add_pending(Pending { uuid, at: world.now, command: Some(command), applied_at: None });
    }

    fn seed(&mut self) -> [u8; 32] {
        self.seeds += 1;
        let mut seed = self.signer.public_key();
        seed[1] = self.seeds;
        seed
    }

    fn taking(&mut self, meeting: MeetingId) -> Taking {
        let (held, seed) = (self.bag.held(meeting), self.seed());
        Taking::new(Ask::new(&self.certificate, &self.signer, meeting, held, seed))
    }

    fn hear(&self, world: &World, hello: &Signed) -> Result<Heard, Trouble> {
        asked_here(hello.heard(&self.replica, world.org, &world.signer().public_key()), world.meeting)
    }

    fn parcel(&mut self, heard: &Heard) -> Reel {
        let giver = Giver {
            device: self.device,
            epoch: None,
            incarnation: Uuid::from_u128(1),
            certificate: &self.certificate,
            signer: &self.signer,
            outbox: &self.outbox,
            carried: &self.bag.unsettled(),
        };
        let packed = giver.pack(&mut self.replica, heard);
        let seed = self.seed();
        Reel::of(&heard.seal(&packed.bundles, seed).0).expect("short enough")
    }

    fn take(&mut self, world: &World, bundles: Vec<Signed>) -> Outcome {
        let key = world.signer().public_key();
        let taker = Taker { org: world.org, organisations_key: &key, device: self.device, meeting: world.meeting, last: None, now: world.now };
        let before = self.bag.shown(0);
        let taken = self.bag.take(bundles, taker);
        let new: Vec<_> = self.bag.shown(0).into_iter().filter(|carried| !before.contains(carried)).collect();
        outcome(&taken, &new)
    }
}

/// What a camera makes of frames of which it misses two in three.
fn filmed<T>(reel: &mut Reel, mut see: impl FnMut(&[String], f64) -> Saw<T>) -> Saw<T> {
    for picture in 0..3_000_u32 {
        let code = reel.next();
        let codes = if picture % 3 == 0 { vec![code] } else { Vec::new() };
        match see(&codes, f64::from(picture) * f64::from(FRAME_MS)) {
            Saw::Nothing | Saw::Part(_) => {}
            saw => return saw,
        }
    }
    panic!("it does not arrive")
}

fn hello_of(taking: &Taking) -> Signed {
    let mut giving = Giving::default();
    match filmed(&mut taking.hello().expect("short enough"), |codes, ms| giving.see(codes, ms)) {
        Saw::Whole(hello) => hello,
        saw => panic!("{saw:?}"),
    }
}

fn receive(world: &World, taker: &mut Tablet, giver: &mut Tablet) -> Outcome {
    let mut taking = taker.taking(world.meeting);
    let heard = giver.hear(world, &hello_of(&taking)).expect("a colleague's hello");
    match filmed(&mut giver.parcel(&heard), |codes, ms| taking.see(codes, ms)) {
        Saw::Whole(bundles) => taker.take(world, bundles),
        saw => panic!("{saw:?}"),
    }
}

fn guest(world: &mut World, name: &str) -> GuestId {
    let customer = world.add_customer(world.rep, name);
    world.expect_guest(world.meeting, customer)
}

fn check_in(world: &mut World, guest: GuestId) -> CheckInGuest {
    CheckInGuest { check_in: world.id(), meeting: world.meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }
}

fn walk_in(world: &mut World) -> RegisterWalkIn {
    RegisterWalkIn {
        check_in: world.id(),
        guest: world.id(),
        customer: world.id(),
        meeting: world.meeting,
        desk: "A".into(),
        name: "現場來賓".into(),
        salutation: None,
        phone: Phone::parse("0955123456", Country::Tw).ok(),
        email: String::new(),
        company: String::new(),
    }
}

fn item(world: &mut World, receipt: Receipt) -> shared::ids::ItemId {
    let item = world.id();
    let plan = ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 10, low_at: 2, due: Due::EveryGuest, receipt };
    world.apply(world.manager, PlanItem { item, meeting: world.meeting, plan }).expect("managers plan");
    item
}

fn table(world: &mut World) -> TableId {
    let table = world.id();
    let drawn = DrawnTable { table, name: "1".into(), shape: Shape::Round, seats: 8, x: 300, y: 400, turn: 0 };
    world.apply(world.manager, PutTables { meeting: world.meeting, tables: vec![drawn] }).expect("managers draw");
    table
}

#[test]
fn d9_what_came_is_told_in_check_ins_walk_ins_seats_gifts_and_what_only_the_server_may_read() {
    let mut world = World::new();
    let (one, two) = (guest(&mut world, "林小姐"), guest(&mut world, "周先生"));
    let (table, cup, signed) = (table(&mut world), item(&mut world, Receipt::None), item(&mut world, Receipt::Signature));
    let (mut taker, mut giver) = (Tablet::new(&world, world.colleague, 1), Tablet::new(&world, world.rep, 2));
    let seat =
        |world: &mut World, guest, number| GivenSeat { seating: world.id(), guest, seat: Seat { table, number }, instead_of: None, no_show: None };
    let given = vec![seat(&mut world, one, 1), seat(&mut world, two, 2)];
    let first = check_in(&mut world, one);
    let undo = UndoCheckIn { check_in: first.check_in };
    let gift = |world: &mut World, item, strokes| HandOut { handout: world.id(), item, guest: one, desk: None, desk_name: "A".into(), strokes };
    let strokes: Vec<Stroke> = shared::testing::dice::signature();
    let (plain, for_signature) = (gift(&mut world, cup, Vec::new()), gift(&mut world, signed, strokes));
    let (second, walk_in) = (check_in(&mut world, two), walk_in(&mut world));
    let deal = world.open_deal(world.customer, Some(world.meeting));
    let commands: [Command; 8] = [
        first.into(),
        undo.into(),
        second.into(),
        walk_in.into(),
        GiveSeats { meeting: world.meeting, desk: None, given }.into(),
        plain.into(),
        for_signature.into(),
        deal.into(),
    ];
    commands.into_iter().for_each(|command| giver.record(&world, command));
    let numbers = Numbers { check_ins: 2, walk_ins: 1, seats: 2, gifts: 2, changes: 1, sealed: 1 };
    assert_eq!(receive(&world, &mut taker, &mut giver), Outcome::New { numbers, some_refused: false });
    assert_eq!(receive(&world, &mut taker, &mut giver), Outcome::NothingNew, "what is here is not given again");
    let again = taker.bag.kept.iter().map(|kept| kept.signed.clone()).collect();
    assert_eq!(taker.take(&world, again), Outcome::NothingNew, "nor counted again if it is");
}

#[test]
fn d9_what_was_cut_off_goes_on_where_it_was() {
    let mut world = World::new();
    let guests = ["林小姐", "周先生", "何太太"].map(|name| guest(&mut world, name));
    let (mut taker, mut giver) = (Tablet::new(&world, world.colleague, 1), Tablet::new(&world, world.rep, 2));
    for guest in guests {
        let args = check_in(&mut world, guest);
        giver.record(&world, args);
        let args = walk_in(&mut world);
        giver.record(&world, args);
    }
    let mut taking = taker.taking(world.meeting);
    let heard = giver.hear(&world, &hello_of(&taking)).expect("a colleague's hello");
    let mut reel = giver.parcel(&heard);
    assert!(!taking.is_paused(99_000.0), "nothing has begun yet");
    let Saw::Part(before) = taking.see(&[reel.next()], 100_000.0) else { panic!("more than one block") };
    assert_eq!(before.known, 1);
    assert!(!taking.is_paused(102_000.0));
    assert!(taking.is_paused(103_000.0), "the tablet was turned away");
    assert_eq!(taking.see(&[], 103_000.0), Saw::Nothing);
    // Some frames were shown to nobody; any others will do.
    (0..before.of).for_each(|_| drop(reel.next()));
    let mut known = before.known;
    let bundles = loop {
        match taking.see(&[reel.next()], 200_000.0) {
            Saw::Part(part) => {
                assert!(part.known >= known && part.of == before.of);
                known = part.known;
            }
            Saw::Whole(bundles) => break bundles,
            saw => panic!("{saw:?}"),
        }
    };
    assert!(!taking.is_paused(200_000.0));
    assert!(matches!(taker.take(&world, bundles), Outcome::New { numbers: Numbers { check_ins: 3, walk_ins: 3, .. }, .. }));
}

#[test]
fn d9_who_is_given_nothing_is_told_why() {
    let world = World::new();
    let giver = Tablet::new(&world, world.rep, 2);
    let refused = |mut tablet: Tablet, meeting| giver.hear(&world, &hello_of(&tablet.taking(meeting))).err();
    let foreign = Tablet::certified_by(&TicketSigner::from_seed(&[9; 32]), &world, world.colleague, 3);
    assert_eq!(refused(foreign, world.meeting), Some(Trouble::Foreign));
    assert_eq!(refused(Tablet::new(&world, world.stranger, 4), world.meeting), Some(Trouble::NotOnDuty));
    assert_eq!(refused(Tablet::new(&world, world.manager, 5), world.other_meeting), Some(Trouble::OtherMeeting));
    assert_eq!(refused(Tablet::new(&world, world.colleague, 6), world.meeting), None);
}

#[test]
fn d9_a_code_that_is_of_no_use_here_is_told_and_a_ticket_is_no_matter() {
    let mut world = World::new();
    let guest = guest(&mut world, "林小姐");
    let (mut taker, mut giver) = (Tablet::new(&world, world.colleague, 1), Tablet::new(&world, world.rep, 2));
    let args = check_in(&mut world, guest);
    giver.record(&world, args);
    let (mut former, mut taking) = (taker.taking(world.meeting), taker.taking(world.meeting));
    let ticket = world.signer().sign(world.meeting, guest, world.now, "林小姐");
    assert_eq!(taking.see(&[ticket], 0.0), Saw::Nothing);
    let heard = giver.hear(&world, &hello_of(&former)).expect("a colleague's hello");
    let mut reel = giver.parcel(&heard);
    assert_eq!(filmed(&mut reel.clone(), |codes, ms| taking.see(codes, ms)), Saw::Not(Trouble::NotForUs), "it was for the hello before");
    assert!(matches!(filmed(&mut reel.clone(), |codes, ms| former.see(codes, ms)), Saw::Whole(_)));
    let mut giving = Giving::default();
    assert!(matches!(filmed(&mut reel, |codes, ms| giving.see(codes, ms)), Saw::Not(Trouble::BothGive)));
    let mut other = Tablet::new(&world, world.supervisor, 3).taking(world.meeting).hello().expect("short enough");
    assert_eq!(filmed(&mut other, |codes, ms| taking.see(codes, ms)), Saw::Not(Trouble::BothTake));
}

#[test]
fn d9_a_parcel_of_strangers_is_refused_as_a_whole() {
    let mut world = World::new();
    let guest = guest(&mut world, "林小姐");
    let (mut taker, giver) = (Tablet::new(&world, world.colleague, 1), Tablet::new(&world, world.rep, 2));
    let mut liar = Tablet::certified_by(&TicketSigner::from_seed(&[9; 32]), &world, world.rep, 3);
    let args = check_in(&mut world, guest);
    liar.record(&world, args);
    let mut taking = taker.taking(world.meeting);
    let heard = giver.hear(&world, &hello_of(&taking)).expect("a colleague's hello");
    let Saw::Whole(bundles) = filmed(&mut liar.parcel(&heard), |codes, ms| taking.see(codes, ms)) else { panic!("a parcel") };
    assert_eq!(taker.take(&world, bundles), Outcome::Refused);
    assert!(taker.bag.kept.is_empty());
}

#[test]
fn d9_how_long_it_takes_is_said_by_the_blocks() {
    let reel = Reel::of(&[7; 128 << 10]).expect("the longest message");
    assert_eq!(reel.seconds(), 41);
    assert!(Reel::of(&vec![7; 1 << 20]).is_none());
    assert!(Reel::of(&[1, 2, 3]).expect("short").next().starts_with(shared::carry::fountain::PREFIX));
}
