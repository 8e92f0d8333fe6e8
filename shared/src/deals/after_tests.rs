use super::command::*;
use super::schedule::monthly;
use super::*;
use crate::invitations::link::LinkToken;
use crate::money::Currency;
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use chrono::TimeDelta;

fn twd(minor: i64) -> Money {
    Money::new(minor, Currency::Twd)
}

fn signed() -> (World, DealId) {
    let (mut world, deal) = World::with_deal();
    world.apply(world.rep, world.sign(deal)).expect("signed");
    (world, deal)
}

fn pay(world: &mut World, deal: DealId, minor: i64) -> Result<PaymentId, Rejection> {
    let payment = world.id();
    let command = RecordPayment { deal, payment, amount: twd(minor), method: PaymentMethod::Cash, photo: None };
    world.apply(world.rep, command).map(|_| payment)
}

fn void(deal: DealId, payment: PaymentId) -> VoidPayment {
    VoidPayment { deal, payment, reason: "同一筆記了兩次".into() }
}

fn refund(world: &mut World, deal: DealId, minor: i64) -> RecordRefund {
    RecordRefund { deal, refund: world.id(), amount: twd(minor), method: PaymentMethod::Transfer, reason: "解約退費".into() }
}

fn cancel(world: &mut World, deal: DealId) {
    world.apply(world.rep, AskCancellation { deal, reason: "客戶改變主意".into() }).expect("asked");
    let command = rule(world, deal, None);
    world.apply(world.supervisor, command).expect("granted");
}

/// The ruling on the request that stands now.
fn rule(world: &World, deal: DealId, refusal: Option<&str>) -> RuleCancellation {
    let asked_at = world.get::<Deal>(deal).cancellation.as_ref().map_or(world.now, |request| request.asked_at);
    RuleCancellation { deal, asked_at, refusal: refusal.map(Into::into) }
}

/// Another version over one book, or over this many courses.
fn version(world: &mut World, replaced: DealId, quantity: u32) -> OpenDeal {
    let mut command = world.open_deal(world.customer, None);
    command.replaces = Some(replaced);
    command.lines[0].quantity = quantity;
    command
}

#[test]
fn f1_the_total_is_the_one_that_was_shown_and_old_apps_reckon_to_the_cent() {
    let mut world = World::new();
    let of = |world: &mut World, total| {
        let mut command = world.open_deal(world.customer, None);
        command.lines[0] =
            OrderLine { product: world.book, unit_price: world.get::<crate::products::Product>(world.book).price, quantity: 1, promotion: None };
        OpenDeal { discount: 500, total, ..command }
    };
    let command = of(&mut world, None);
    world.apply(world.rep, command.clone()).expect("within the rules");
    assert_eq!(world.get::<Deal>(command.deal).total, twd(33_297), "350.50 less 17.525");
    let command = of(&mut world, Some(twd(33_297)));
    assert_eq!(world.apply(world.rep, command), Err(Rejection::PriceMismatch), "rounded to whole dollars it is another total");
    let command = of(&mut world, Some(twd(33_250)));
    world.apply(world.rep, command.clone()).expect("350.50 less 18");
    assert_eq!(world.get::<Deal>(command.deal).total, twd(33_250));
}

#[test]
fn f1_deposit_and_instalments_make_the_total_on_growing_days() {
    let mut world = World::new();
    let day: chrono::NaiveDate = "2026-12-31".parse().expect("a day");
    let good = OpenDeal { deposit: twd(280_000), instalments: monthly(twd(1_000_000), 3, day), ..world.open_deal(world.customer, None) };
    let part = good.instalments[0];
    for (instalments, expected) in [
        (vec![part], Rejection::InstalmentsOff { rest: twd(1_000_000) }),
        (vec![Instalment { amount: twd(1_000_001), ..part }], Rejection::InstalmentsOff { rest: twd(1_000_000) }),
        (vec![Instalment { amount: twd(0), ..part }], Rejection::OutOfRange { field: Field::Instalments, min: 1, max: i64::MAX }),
        (vec![Instalment { amount: twd(-1), ..part }], Rejection::OutOfRange { field: Field::Instalments, min: 1, max: i64::MAX }),
        (vec![Instalment { amount: Money::new(1_000_000, Currency::Usd), ..part }], Rejection::CurrencyMixed),
        (vec![Instalment { amount: twd(500_000), ..part }; 2], Rejection::Malformed { field: Field::Instalments }),
        (vec![Instalment { due: "9999-01-01".parse().expect("a day"), amount: twd(1_000_000) }], Rejection::Malformed { field: Field::Instalments }),
        (vec![Instalment { amount: twd(i64::MAX), ..part }, Instalment { amount: twd(1), due: good.instalments[1].due }], Rejection::MoneyOverflow),
        (vec![part; 61], Rejection::OutOfRange { field: Field::Instalments, min: 0, max: 60 }),
    ] {
        assert_eq!(world.apply(world.rep, OpenDeal { instalments, ..good.clone() }), Err(expected));
    }
    world.apply(world.rep, good.clone()).expect("within the rules");
    let deal = world.get::<Deal>(good.deal);
    assert_eq!(deal.schedule().iter().map(|part| part.amount.minor).collect::<Vec<_>>(), [280_000, 333_300, 333_300, 333_400]);
    let without = Deal { instalments: Vec::new(), ..(*deal).clone() };
    assert_ne!(deal.terms(), without.terms(), "a signature is for the instalments, too");
    world.apply(world.rep, world.sign(good.deal)).expect("signed");
    pay(&mut world, good.deal, 280_000 + 333_300 + 100).expect("within the total");
    let deal = world.get::<Deal>(good.deal);
    assert_eq!(deal.schedule().iter().map(|part| part.covered.minor).collect::<Vec<_>>(), [280_000, 333_300, 100, 0]);
    let on = |day: &str| deal.overdue(day.parse().expect("a day")).minor;
    assert_eq!((on("2027-01-31"), on("2027-02-01"), on("2027-03-01")), (0, 333_200, 333_200 + 333_400), "the last day itself is in time");
}

#[test]
fn f1_a_payment_recorded_twice_stays_and_counts_no_more() {
    let (mut world, deal) = signed();
    pay(&mut world, deal, 640_000).expect("within the total");
    let second = pay(&mut world, deal, 640_000).expect("within the total");
    assert_eq!(world.get::<Deal>(deal).stage, Stage::Paid);
    assert_eq!(world.apply(world.rep, VoidPayment { reason: " ".into(), ..void(deal, second) }), Err(Rejection::Required { field: Field::Reason }));
    assert_eq!(world.apply(world.colleague, void(deal, second)), Err(Rejection::Forbidden));
    let unknown = void(deal, world.id());
    assert_eq!(world.apply(world.rep, unknown), Err(Rejection::DealChanged { deal }));
    world.apply(world.rep, void(deal, second)).expect("recorded by them today");
    let after = world.get::<Deal>(deal);
    assert_eq!((after.payments.len(), after.paid(), &after.stage), (2, twd(640_000), &Stage::Signed));
    assert_eq!(world.apply(world.rep, void(deal, second)), Err(Rejection::AlreadyEnded));
    pay(&mut world, deal, 640_000).expect("what did not count is still to be paid");
    let first = world.get::<Deal>(deal).payments[0].id;
    world.now += TimeDelta::days(1);
    assert_eq!(world.apply(world.rep, void(deal, first)), Err(Rejection::Forbidden), "not on another day");
    world.apply(world.supervisor, void(deal, first)).expect("supervisors always");
}

#[test]
fn f3_what_was_signed_is_called_off_by_somebody_else_and_then_given_back() {
    let (mut world, deal) = signed();
    pay(&mut world, deal, 500_000).expect("within the total");
    let early = refund(&mut world, deal, 1);
    assert_eq!(world.apply(world.rep, early), Err(Rejection::RefundAboveDue { due: twd(0) }), "nothing is to be given back yet");
    let early = rule(&world, deal, None);
    assert_eq!(world.apply(world.supervisor, early), Err(Rejection::AlreadyRuled), "nobody asks");
    world.apply(world.rep, AskCancellation { deal, reason: "客戶改變主意".into() }).expect("asked");
    let again = AskCancellation { deal, reason: "再問一次".into() };
    assert_eq!(world.apply(world.rep, again.clone()), Err(Rejection::DealChanged { deal }));
    let grant = rule(&world, deal, None);
    assert_eq!(world.apply(world.rep, grant.clone()), Err(Rejection::Forbidden));
    assert_eq!(world.apply(world.other_supervisor, grant.clone()), Err(Rejection::Forbidden));
    let refusal = rule(&world, deal, Some("課程已開始"));
    world.apply(world.supervisor, refusal).expect("refused");
    assert!(world.get::<Deal>(deal).is_sold());
    world.now += TimeDelta::minutes(1);
    world.apply(world.supervisor, again).expect("asked again, by the supervisor");
    assert_eq!(world.apply(world.manager, grant), Err(Rejection::DealChanged { deal }), "that was the first request");
    let grant = rule(&world, deal, None);
    assert_eq!(world.apply(world.supervisor, grant.clone()), Err(Rejection::NotYourOwn));
    world.apply(world.manager, grant).expect("granted");
    let after = world.get::<Deal>(deal);
    assert_eq!((&after.stage, after.open(), after.to_refund()), (&Stage::Cancelled { reason: "再問一次".into() }, twd(0), twd(500_000)));
    assert!(world.find::<Contract>(deal).is_some(), "what was signed stays");
    let too_much = refund(&mut world, deal, 500_001);
    assert_eq!(world.apply(world.rep, too_much), Err(Rejection::RefundAboveDue { due: twd(500_000) }));
    let usd = RecordRefund { amount: Money::new(1, Currency::Usd), ..refund(&mut world, deal, 1) };
    assert_eq!(world.apply(world.rep, usd), Err(Rejection::CurrencyMixed));
    let part = refund(&mut world, deal, 200_000);
    world.apply(world.rep, part.clone()).expect("within what is due");
    assert_eq!(world.apply(world.rep, part), Err(Rejection::AlreadyExists { kind: crate::Kind::Deal }));
    let first = world.get::<Deal>(deal).payments[0].id;
    assert_eq!(world.apply(world.supervisor, void(deal, first)), Err(Rejection::DealNotOpen { deal }), "what was given back had been received");
    let rest = refund(&mut world, deal, 300_000);
    world.apply(world.supervisor, rest).expect("within what is due");
    let after = world.get::<Deal>(deal);
    assert_eq!((after.refunded(), after.paid(), after.to_refund()), (twd(500_000), twd(0), twd(0)));
    let without = RecordRefund { reason: " ".into(), ..refund(&mut world, deal, 1) };
    assert_eq!(world.apply(world.rep, without), Err(Rejection::Required { field: Field::Reason }));
    // Cash that a desk takes before it has heard of it.
    pay(&mut world, deal, 10_000).expect("what was received is recorded");
    assert_eq!(world.get::<Deal>(deal).to_refund(), twd(10_000));
}

#[test]
fn f3_what_nobody_has_signed_is_called_off_with_what_was_paid_to_be_given_back() {
    let (mut world, deal) = World::with_deal();
    pay(&mut world, deal, 100_000).expect("within the total");
    world.apply(world.rep, CancelDeal { deal, reason: "改買別家".into() }).expect("nobody has signed");
    assert_eq!(world.get::<Deal>(deal).to_refund(), twd(100_000));
    let back = refund(&mut world, deal, 100_000);
    world.apply(world.rep, back).expect("what is due");
    assert_eq!(world.get::<Deal>(deal).paid(), twd(0));
}

#[test]
fn f3_another_version_takes_the_place_of_what_was_signed_with_all_that_was_paid() {
    let (mut world, first) = signed();
    pay(&mut world, first, 1_000_000).expect("within the total");
    let command = version(&mut world, first, 2);
    let second = command.deal;
    assert!(world.apply(world.rep, OpenDeal { customer: world.strangers_customer, ..command.clone() }).is_err());
    world.apply(world.rep, command).expect("another version");
    assert!(world.get::<Deal>(first).is_sold(), "until the other one is signed");
    pay(&mut world, first, 100_000).expect("what comes meanwhile");
    world.apply(world.rep, world.sign(second)).expect("signed");
    let (before, after) = (world.get::<Deal>(first), world.get::<Deal>(second));
    assert_eq!((&before.stage, before.open(), before.to_refund()), (&Stage::Replaced { by: second }, twd(0), twd(0)));
    assert_eq!((after.paid(), after.open(), &after.stage), (twd(1_100_000), twd(1_460_000), &Stage::Signed));
    assert!(world.find::<Contract>(first).is_some() && world.find::<Contract>(second).is_some(), "both contracts stay");
    // A desk that has not heard of the other version yet.
    pay(&mut world, first, 1_460_000).expect("it belongs to the version that counts");
    assert_eq!(world.get::<Deal>(second).stage, Stage::Paid);
    assert_eq!(world.get::<Deal>(first).payments.len(), 2);

    let cheaper = version(&mut world, second, 1);
    let third = cheaper.deal;
    world.apply(world.rep, cheaper).expect("another version");
    world.apply(world.rep, world.sign(third)).expect("signed");
    let after = world.get::<Deal>(third);
    assert_eq!((&after.stage, after.to_refund(), after.open()), (&Stage::Paid, twd(1_280_000), twd(0)));
    let back = refund(&mut world, third, 1_280_000);
    assert_eq!(world.apply(world.rep, back.clone()), Err(Rejection::Forbidden), "a cheaper version is no way round somebody else's approval");
    world.apply(world.supervisor, back).expect("what was paid above the total");
    assert_eq!(world.get::<Deal>(third).paid(), twd(1_280_000));

    // What was given back went along, too: nobody gets it twice.
    let fourth = version(&mut world, third, 1);
    world.apply(world.rep, fourth.clone()).expect("another version");
    world.apply(world.rep, world.sign(fourth.deal)).expect("signed");
    let after = world.get::<Deal>(fourth.deal);
    assert_eq!((after.paid(), after.to_refund(), after.refunds.len()), (twd(1_280_000), twd(0), 1));
    assert_eq!((world.get::<Deal>(third).paid(), world.get::<Deal>(third).refunded()), (twd(0), twd(0)), "no money is in two deals");
}

#[test]
fn f3_a_version_is_its_sellers_whoever_opens_it() {
    let (mut world, first) = signed();
    let command = version(&mut world, first, 2);
    world.apply(world.supervisor, command.clone()).expect("she reaches the deal");
    assert_eq!(world.get::<Deal>(command.deal).seller, world.rep);
}

#[test]
fn f3_two_who_are_one_customer_no_more_part_with_all_versions() {
    use crate::customers::command::{MergeCustomers, UndoMerge};
    let mut world = World::new();
    let double = world.add_customer(world.rep, "王曉明");
    let first = world.open_deal(double, None);
    world.apply(world.rep, first.clone()).expect("within the rules");
    world.apply(world.rep, world.sign(first.deal)).expect("signed");
    world.apply(world.rep, MergeCustomers { kept: world.customer, merged: double }).expect("within the rules");
    let second = version(&mut world, first.deal, 2);
    world.apply(world.rep, second.clone()).expect("another version");
    world.apply(world.rep, UndoMerge { merged: double }).expect("within the rules");
    assert_eq!(world.get::<Deal>(second.deal).customer, double);
    world.apply(world.rep, world.sign(second.deal)).expect("signed");
}

#[test]
fn f3_a_version_of_what_was_called_off_or_replaced_meanwhile_takes_the_last_ones_place() {
    let (mut world, first) = signed();
    pay(&mut world, first, 500_000).expect("within the total");
    let (a, b) = (version(&mut world, first, 2), version(&mut world, first, 3));
    for version in [&a, &b] {
        world.apply(world.rep, version.clone()).expect("another version");
        world.apply(world.rep, world.sign(version.deal)).expect("what a customer signs is never refused for good");
    }
    let stage = |world: &World, deal| world.get::<Deal>(deal).stage.clone();
    assert_eq!((stage(&world, first), stage(&world, a.deal)), (Stage::Replaced { by: a.deal }, Stage::Replaced { by: b.deal }));
    assert_eq!(world.get::<Deal>(b.deal).paid(), twd(500_000));
    let c = version(&mut world, b.deal, 1);
    world.apply(world.rep, c.clone()).expect("another version");
    cancel(&mut world, b.deal);
    world.apply(world.rep, world.sign(c.deal)).expect("signed before anybody knew");
    assert_eq!((stage(&world, b.deal), world.get::<Deal>(c.deal).paid()), (Stage::Replaced { by: c.deal }, twd(500_000)));
}

#[test]
fn f3_delivery_is_noted_once_and_only_of_what_is_sold() {
    let (mut world, deal) = World::with_deal();
    assert_eq!(world.apply(world.rep, ConfirmDelivery { deal }), Err(Rejection::DealNotOpen { deal }));
    world.apply(world.rep, world.sign(deal)).expect("signed");
    world.apply(world.rep, ConfirmDelivery { deal }).expect("sold");
    let at = world.get::<Deal>(deal).delivered.clone().expect("noted").at;
    world.now += TimeDelta::hours(1);
    world.apply(world.supervisor, ConfirmDelivery { deal }).expect("said again");
    assert_eq!(world.get::<Deal>(deal).delivered.as_ref().map(|delivered| (delivered.by, delivered.at)), Some((world.rep, at)));
}

#[test]
fn f2_a_copy_is_shared_of_what_was_signed_and_a_link_is_one_deals_alone() {
    let (mut world, deal) = World::with_deal();
    let link = |byte| LinkToken::of(&[byte; 24]).hash();
    assert_eq!(world.apply(world.rep, ShareContract { deal, link: link(1) }), Err(Rejection::NotFound { kind: crate::Kind::Contract }));
    world.apply(world.rep, world.sign(deal)).expect("signed");
    for byte in 0..10 {
        world.apply(world.rep, ShareContract { deal, link: link(byte) }).expect("signed");
        world.apply(world.rep, ShareContract { deal, link: link(byte) }).expect("the same again");
    }
    assert_eq!(world.get::<Deal>(deal).copies, (2..10).map(link).collect::<Vec<_>>(), "the oldest go");
    let other = world.open_deal(world.customer, None);
    world.apply(world.rep, other.clone()).expect("within the rules");
    world.apply(world.rep, world.sign(other.deal)).expect("signed");
    let stolen = ShareContract { deal: other.deal, link: link(5) };
    assert_eq!(world.apply(world.rep, stolen), Err(Rejection::AlreadyExists { kind: crate::Kind::Deal }));
    world.apply(world.rep, WithdrawCopies { deal }).expect("own");
    assert!(world.get::<Deal>(deal).copies.is_empty());
}
