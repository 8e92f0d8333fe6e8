use super::command::*;
use super::reduce::{Item, Offer, offer, reductions, running};
use super::*;
use crate::deals::command::{AskCancellation, ChangeDeal, OpenDeal, OrderLine, RuleCancellation, Taken};
use crate::deals::{Deal, Line};
use crate::money::{Currency, MoneyError};
use crate::products::{Listing, Product};
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use chrono::Duration;
use proptest::prelude::*;

fn twd(minor: i64) -> Money {
    Money::new(minor, Currency::Twd)
}

fn ten_percent(world: &World) -> Gives {
    Gives::Off { products: vec![world.course], least: 1, off: Reduction::Percent { off: 1_000 } }
}

fn terms(world: &World, gives: Gives) -> Terms {
    let (opens, closes) = (world.now - Duration::days(1), world.now + Duration::days(1));
    Terms { name: "年終優惠".into(), opens, closes, meetings: Vec::new(), gives, first: None }
}

fn put(world: &mut World, terms: Terms) -> PromotionId {
    let promotion = world.id();
    world.apply(world.manager, PutPromotion { promotion, version: 1, terms }).expect("within the rules");
    promotion
}

/// A deal over a course with a promotion that takes off so much.
fn taking(world: &mut World, promotion: PromotionId, off: i64) -> OpenDeal {
    let mut order = world.open_deal(world.customer, None);
    order.lines[0].promotion = Some(Taken { promotion, version: 1, off: twd(off) });
    order
}

fn sold(world: &mut World, promotion: PromotionId) -> crate::ids::DealId {
    let order = taking(world, promotion, 128_000);
    let deal = order.deal;
    world.apply(world.rep, order).expect("within the rules");
    world.apply(world.rep, world.sign(deal)).expect("signed");
    deal
}

fn check(change: impl FnOnce(&World, &mut Terms), expected: Result<(), Rejection>) {
    let mut world = World::new();
    let mut terms = terms(&world, ten_percent(&world));
    change(&world, &mut terms);
    let command = PutPromotion { promotion: world.id(), version: 1, terms };
    assert_eq!(world.apply(world.manager, command).map(|_| ()), expected);
}

#[test]
fn e3_a_promotion_takes_off_a_line_what_it_gives_and_the_total_is_the_exact_sum() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given);
    for wrong in [127_999, 128_001, 0, -1, i64::MIN] {
        let order = taking(&mut world, promotion, wrong);
        assert_eq!(world.apply(world.rep, order), Err(Rejection::PriceMismatch), "{wrong}");
    }
    let order = OpenDeal { discount: 500, total: Some(twd(1_094_400)), ..taking(&mut world, promotion, 128_000) };
    let id = order.deal;
    world.apply(world.rep, order).expect("the seller's own discount comes on top, and asks nobody");
    let deal = world.get::<Deal>(id);
    assert_eq!((deal.total, deal.approval.clone()), (twd(1_094_400), None));
    let applied = deal.lines[0].promotion.clone().expect("it has one");
    assert_eq!((applied.name.as_str(), applied.version, applied.off), ("年終優惠", 1, twd(128_000)));
    let plain = Deal { lines: vec![Line { promotion: None, ..deal.lines[0].clone() }], ..(*deal).clone() };
    assert_ne!(plain.terms(), deal.terms(), "who signs signs for the promotion");
}

#[test]
fn e3_the_first_instant_of_a_window_is_in_it_and_the_last_is_not() {
    for (before_opening, after, is_in) in [(0, 1, true), (1, 1, false), (-5, 0, false), (-5, 1, true)] {
        let mut world = World::new();
        let at = world.now;
        let mut given = terms(&world, ten_percent(&world));
        (given.opens, given.closes) = (at + Duration::milliseconds(before_opening), at + Duration::milliseconds(after));
        if before_opening >= after {
            given.closes = given.opens + Duration::milliseconds(1);
        }
        let promotion = put(&mut world, given);
        let order = taking(&mut world, promotion, 128_000);
        world.now = at;
        let expected = if is_in { Ok(()) } else { Err(Rejection::PromotionNotOn { promotion }) };
        assert_eq!(world.apply(world.rep, order).map(|_| ()), expected, "{before_opening} {after}");
    }
}

#[test]
fn e3_what_is_for_a_meeting_is_for_no_other() {
    let mut world = World::new();
    let mut given = terms(&world, ten_percent(&world));
    given.meetings = vec![world.meeting];
    let promotion = put(&mut world, given);
    let (meeting, other) = (world.meeting, world.other_meeting);
    for at in [meeting, other] {
        world.expect_guest(at, world.customer);
    }
    for (at, expected) in [(None, false), (Some(other), false), (Some(meeting), true)] {
        let order = OpenDeal { meeting: at, ..taking(&mut world, promotion, 128_000) };
        let expected = if expected { Ok(()) } else { Err(Rejection::PromotionNotOn { promotion }) };
        assert_eq!(world.apply(world.rep, order).map(|_| ()), expected, "{at:?}");
    }
}

#[test]
fn e3_a_promotion_changed_or_withdrawn_after_a_deal_was_opened_is_kept_as_it_was_agreed_on() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given.clone());
    let order = taking(&mut world, promotion, 128_000);
    let (id, lines) = (order.deal, order.lines.clone());
    world.apply(world.rep, order).expect("within the rules");
    let less = Gives::Off { products: vec![world.course], least: 1, off: Reduction::Percent { off: 500 } };
    let changed = PutPromotion { promotion, version: 2, terms: Terms { gives: less, closes: given.opens + Duration::hours(1), ..given } };
    world.apply(world.manager, changed).expect("another version");
    world.apply(world.manager, WithdrawPromotion { promotion }).expect("within the rules");
    assert_eq!(world.get::<Deal>(id).total, twd(1_152_000), "what was agreed on");
    let deposit = ChangeDeal {
        deal: id,
        lines: lines.clone(),
        discount: 0,
        deposit: twd(100),
        approval_reason: None,
        total: Some(twd(1_152_000)),
        instalments: Vec::new(),
    };
    world.now += Duration::days(30);
    world.apply(world.rep, deposit).expect("long after the window");
    let late = OpenDeal { lines, ..world.open_deal(world.customer, None) };
    assert_eq!(world.apply(world.rep, late), Err(Rejection::PromotionNotOn { promotion }), "a new deal does not have it");
    world.apply(world.rep, world.sign(id)).expect("signed");
    let version = OpenDeal { replaces: Some(id), ..taking(&mut world, promotion, 128_000) };
    world.apply(world.rep, version).expect("another version of the contract keeps it");
    assert_eq!(world.get::<Promotion>(promotion).version(1).map(|terms| terms.gives.clone()), Some(ten_percent(&world)), "it can be read for ever");
}

#[test]
fn e3_a_desk_that_could_not_know_of_the_change_has_promised_what_it_saw() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given.clone());
    let order = taking(&mut world, promotion, 128_000);
    world.apply(world.manager, PutPromotion { promotion, version: 2, terms: given }).expect("another version");
    world.apply(world.manager, WithdrawPromotion { promotion }).expect("within the rules");
    assert!(world.apply(world.rep, order).is_ok());
}

#[test]
fn e3_a_bundle_costs_its_price_to_the_cent_and_no_line_less_than_nothing() {
    let mut world = World::new();
    let parts = vec![Part { product: world.course, quantity: 1 }, Part { product: world.book, quantity: 3 }];
    let given = terms(&world, Gives::Bundle { parts, price: twd(1_000_000) });
    let promotion = put(&mut world, given);
    let price = |world: &World, product| world.get::<Product>(product).price;
    let line = |world: &World, product, quantity, off| OrderLine {
        product,
        unit_price: price(world, product),
        quantity,
        promotion: Some(Taken { promotion, version: 1, off: twd(off) }),
    };
    // 12,800 and three of 350.50 are 13,851.50: 3,851.50 less, by worth in whole dollars, the rest on the last.
    let order = OpenDeal {
        lines: vec![line(&world, world.course, 1, 355_900), line(&world, world.book, 3, 29_250)],
        total: Some(twd(1_000_000)),
        ..world.open_deal(world.customer, None)
    };
    let short = OpenDeal {
        deal: world.id(),
        lines: vec![line(&world, world.course, 1, 355_900), line(&world, world.book, 2, 29_250)],
        total: None,
        ..order.clone()
    };
    assert_eq!(world.apply(world.rep, short), Err(Rejection::PriceMismatch));
    world.apply(world.rep, order).expect("exactly its price");
}

#[test]
fn e3_a_gift_is_a_line_whose_price_is_off_for_as_much_as_was_bought() {
    let world = World::new();
    let gives = Gives::Gift { bought: Part { product: world.course, quantity: 2 }, gift: Part { product: world.book, quantity: 1 } };
    let item = |product, minor, quantity| Item { product, unit_price: twd(minor), quantity };
    let off = |bought, given| reductions(&gives, &[item(world.course, 1_280_000, bought), item(world.book, 35_050, given)]).expect("fits");
    assert_eq!(off(1, 1), None, "too few were bought");
    assert_eq!(off(2, 1), Some(vec![twd(0), twd(35_050)]));
    assert_eq!(off(5, 2), Some(vec![twd(0), twd(70_100)]));
    assert_eq!(off(2, 3), Some(vec![twd(0), twd(35_050)]), "the others are paid for");
    assert_eq!(reductions(&gives, &[item(world.course, 1_280_000, 2)]), Ok(None), "nothing is given");
}

#[test]
fn e3_an_offer_says_what_it_saves_or_what_is_missing() {
    let mut world = World::new();
    let (course, book) = (world.course, world.book);
    let parts = vec![Part { product: course, quantity: 1 }, Part { product: book, quantity: 2 }];
    let given = terms(&world, Gives::Bundle { parts, price: twd(1_300_000) });
    let id = put(&mut world, given);
    let promotion = world.get::<Promotion>(id);
    let item = |product, minor, quantity| Item { product, unit_price: twd(minor), quantity };
    let asked = |basket: &[Item], taken: &[usize]| -> Option<Offer> {
        let running = running(&promotion, &[], None, world.now).expect("it runs");
        offer(running, basket, |at| taken.contains(&at)).expect("fits")
    };
    assert_eq!(asked(&[], &[]), None, "an empty basket is offered nothing");
    let near = asked(&[item(course, 1_280_000, 1), item(book, 35_050, 1)], &[]).expect("nearly");
    assert_eq!((near.missing, near.saves), (vec![Part { product: book, quantity: 1 }], twd(0)));
    let full = [item(course, 1_280_000, 1), item(book, 35_050, 2)];
    let whole = asked(&full, &[]).expect("it applies");
    assert_eq!((whole.missing, whole.saves, whole.off.len()), (vec![], twd(50_100), 2));
    assert_eq!(asked(&full, &[0]), None, "a line bears one promotion");
    assert!(running(&promotion, &[], None, world.now + Duration::days(1)).is_none());
    assert!(running(&promotion, &[(id, 1)], None, world.now + Duration::days(90)).is_some(), "what was agreed on stays");
}

#[test]
fn e3_a_deal_has_one_version_of_a_promotion_and_only_on_lines_that_it_names() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given.clone());
    world.apply(world.manager, PutPromotion { promotion, version: 2, terms: given }).expect("another version");
    let mut two = taking(&mut world, promotion, 128_000);
    two.lines.push(OrderLine { promotion: Some(Taken { promotion, version: 2, off: twd(128_000) }), ..two.lines[0] });
    assert_eq!(world.apply(world.rep, two), Err(Rejection::PriceMismatch));
    let mut strange = taking(&mut world, promotion, 3_505);
    (strange.lines[0].product, strange.lines[0].unit_price) = (world.book, twd(35_050));
    assert_eq!(world.apply(world.rep, strange), Err(Rejection::PriceMismatch));
    let mut unknown = taking(&mut world, promotion, 128_000);
    unknown.lines[0].promotion = Some(Taken { promotion, version: 3, off: twd(128_000) });
    assert_eq!(world.apply(world.rep, unknown), Err(Rejection::NotFound { kind: crate::Kind::Promotion }));
}

#[test]
fn e3_a_product_taken_off_the_list_stays_in_an_open_deal_with_its_promotion() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given);
    let order = taking(&mut world, promotion, 128_000);
    let deal = order.deal;
    world.apply(world.rep, order).expect("within the rules");
    world.put(Product { listing: Listing::Withdrawn, ..(*world.get::<Product>(world.course)).clone() });
    world.apply(world.rep, world.sign(deal)).expect("what was agreed on is signed");
    assert_eq!(world.get::<Deal>(deal).total, twd(1_152_000));
}

#[test]
fn e3_two_desks_give_the_last_of_the_first_and_a_manager_hears_of_the_later_one() {
    let mut world = World::new();
    let mut given = terms(&world, ten_percent(&world));
    given.first = Some(1);
    let promotion = put(&mut world, given);
    let late = {
        world.now += Duration::minutes(10);
        sold(&mut world, promotion)
    };
    // The other desk signed before, and is heard of later.
    world.now -= Duration::minutes(10);
    let early = sold(&mut world, promotion);
    let takings = |world: &World| world.all().filter_map(<Taking as crate::record::Stored>::of).cloned().collect::<Vec<_>>();
    assert_eq!(beyond(&world.get(promotion), &takings(&world)), [late]);
    assert_eq!(world.get::<Deal>(late).total, twd(1_152_000), "money that was agreed on stays");
    let honour = |deal| HonourPromotion { promotion, deal, reason: "已答應客戶".into() };
    for nobody in [world.rep, world.supervisor, world.director, world.administrator] {
        assert_eq!(world.apply(nobody, honour(late)), Err(Rejection::Forbidden));
    }
    let empty = HonourPromotion { reason: " ".into(), ..honour(late) };
    assert_eq!(world.apply(world.manager, empty), Err(Rejection::Required { field: Field::Reason }));
    world.apply(world.manager, honour(late)).expect("within the rules");
    assert!(world.get::<Deal>(late).is_honoured(promotion));
    assert_eq!(world.apply(world.manager, honour(late)), Err(Rejection::AlreadyRuled));
    let ask = AskCancellation { deal: early, reason: "改變主意".into() };
    world.apply(world.rep, ask).expect("within the rules");
    let asked_at = world.get::<Deal>(early).cancellation.as_ref().expect("asked").asked_at;
    let rule = RuleCancellation { deal: early, asked_at, refusal: None };
    world.apply(world.supervisor, rule).expect("within the rules");
    assert!(beyond(&world.get(promotion), &takings(&world)).is_empty(), "what is called off frees its place");
}

#[test]
fn e3_a_promotion_is_kept_by_managers_and_administrators_and_no_change_is_overwritten_unseen() {
    let mut world = World::new();
    let terms = terms(&world, ten_percent(&world));
    for nobody in [world.rep, world.supervisor, world.director, world.marketing, world.office, world.finance] {
        let command = PutPromotion { promotion: world.id(), version: 1, terms: terms.clone() };
        assert_eq!(world.apply(nobody, command), Err(Rejection::Forbidden));
    }
    let promotion = put(&mut world, terms.clone());
    let again = PutPromotion { promotion, version: 1, terms: terms.clone() };
    assert_eq!(world.apply(world.administrator, again), Err(Rejection::TextChanged));
    world.apply(world.administrator, WithdrawPromotion { promotion }).expect("within the rules");
    assert_eq!(world.apply(world.manager, PutPromotion { promotion, version: 2, terms }), Err(Rejection::AlreadyEnded));
}

#[test]
fn e3_no_promotion_is_out_of_bounds() {
    let out = |field, min, max| Err(Rejection::OutOfRange { field, min, max });
    check(|_, _| {}, Ok(()));
    check(|_, terms| terms.name = " ".into(), Err(Rejection::Required { field: Field::Name }));
    check(|_, terms| terms.closes = terms.opens, Err(Rejection::EndsBeforeStart));
    check(|_, terms| terms.first = Some(0), out(Field::Quantity, 1, 1_000_000));
    check(|world, terms| terms.meetings = vec![world.meeting; 51], out(Field::Rows, 0, 50));
    check(|_, terms| terms.gives = Gives::Bundle { parts: Vec::new(), price: twd(1) }, out(Field::Rows, 1, 50));
    let bundle = |world: &World, quantity, price| Gives::Bundle { parts: vec![Part { product: world.book, quantity }], price };
    check(|world, terms| terms.gives = bundle(world, 0, twd(1)), out(Field::Quantity, 1, 9_999));
    for minor in [0, -1, i64::MIN, i64::MAX] {
        check(|world, terms| terms.gives = bundle(world, 1, twd(minor)), out(Field::Price, 1, 1_000_000_000_000));
    }
    check(|world, terms| terms.gives = bundle(world, 1, Money::new(1, Currency::Usd)), Err(Rejection::CurrencyMixed));
    let off = |world: &World, least, off| Gives::Off { products: vec![world.book], least, off: Reduction::Percent { off } };
    check(|world, terms| terms.gives = off(world, 0, 1), out(Field::Quantity, 1, 9_999));
    for share in [0, 10_001] {
        check(|world, terms| terms.gives = off(world, 1, share), out(Field::Discount, 1, 10_000));
    }
    let same = |world: &World| Part { product: world.book, quantity: 1 };
    let to_itself = |world: &World, terms: &mut Terms| terms.gives = Gives::Gift { bought: same(world), gift: same(world) };
    check(to_itself, Err(Rejection::Malformed { field: Field::Item }));
}

#[test]
fn e3_what_overflows_or_mixes_currencies_is_an_error_and_no_panic() {
    let (one, other) = (crate::ids::ProductId(uuid::Uuid::from_u128(1)), crate::ids::ProductId(uuid::Uuid::from_u128(2)));
    let item = |product, unit_price| Item { product, unit_price, quantity: 9_999 };
    let amount = Gives::Off { products: vec![one], least: 1, off: Reduction::Amount { off: twd(i64::MAX) } };
    assert_eq!(reductions(&amount, &[item(one, twd(i64::MAX))]), Err(MoneyError::Overflow));
    assert_eq!(reductions(&amount, &[item(one, Money::new(1, Currency::Usd))]), Err(MoneyError::CurrencyMixed));
    let part = |product| Part { product, quantity: 9_999 };
    let bundle = Gives::Bundle { parts: vec![part(one), part(other)], price: twd(1) };
    assert_eq!(reductions(&bundle, &[item(one, twd(i64::MAX)), item(other, twd(1))]), Err(MoneyError::Overflow));
    assert_eq!(reductions(&bundle, &[item(one, twd(1)), item(other, Money::new(1, Currency::Usd))]), Err(MoneyError::CurrencyMixed));
}

proptest! {
    #[test]
    fn e3_what_a_bundle_takes_off_is_spread_exactly_and_no_line_is_worth_less_than_nothing(
        lines in prop::collection::vec((1..=1_000_000_000_000_i64, 1_u32..=9_999, 1_u32..=20), 1..=12),
        share in 0..=10_000_i64,
        twd: bool,
    ) {
        let currency = if twd { Currency::Twd } else { Currency::Usd };
        let product = |at: usize| crate::ids::ProductId(uuid::Uuid::from_u128(at as u128));
        let item = |(at, &(minor, quantity, _)): (usize, &(i64, u32, u32))| Item { product: product(at), unit_price: Money::new(minor, currency), quantity };
        let items: Vec<_> = lines.iter().enumerate().map(item).collect();
        let parts: Vec<_> = lines.iter().enumerate().map(|(at, line)| Part { product: product(at), quantity: line.2 }).collect();
        let single: i128 = lines.iter().map(|&(minor, _, each)| i128::from(minor) * i128::from(each)).sum();
        let price = i64::try_from(single * i128::from(share) / 10_000).expect("fits").max(1);
        let times = lines.iter().map(|&(_, quantity, each)| quantity / each).min().expect("one at least");
        let off = reductions(&Gives::Bundle { parts, price: Money::new(price, currency) }, &items).expect("fits");
        let expected = (single - i128::from(price)) * i128::from(times);
        let sum: i128 = off.iter().flatten().map(|off| i128::from(off.minor)).sum();
        prop_assert_eq!(sum, expected.max(0));
        for (off, item) in off.iter().flatten().zip(&items) {
            prop_assert!((0..=item.unit_price.minor * i64::from(item.quantity)).contains(&off.minor), "{off:?} of {item:?}");
        }
    }
}

#[test]
fn e3_a_version_keeps_the_place_of_its_contract_and_gets_no_earlier_one() {
    let mut world = World::new();
    let old = world.open_deal(world.customer, None);
    let (old, lines) = (old.deal, {
        let lines = old.lines.clone();
        world.apply(world.rep, old).expect("within the rules");
        lines
    });
    world.apply(world.rep, world.sign(old)).expect("signed, without a promotion");
    world.now += Duration::hours(1);
    let mut given = terms(&world, ten_percent(&world));
    given.first = Some(1);
    let promotion = put(&mut world, given);
    let honest = sold(&mut world, promotion);
    world.now += Duration::hours(1);
    let version = OpenDeal { replaces: Some(old), ..taking(&mut world, promotion, 128_000) };
    let late = version.deal;
    assert_eq!(version.lines.len(), lines.len());
    world.apply(world.rep, version).expect("within the rules");
    world.apply(world.rep, world.sign(late)).expect("signed");
    assert!(world.get::<Deal>(late).sold_at() < world.get::<Deal>(honest).sold_at(), "a version is a sale of the first one's day");
    let takings = |world: &World| world.all().filter_map(<Taking as crate::record::Stored>::of).cloned().collect::<Vec<_>>();
    assert_eq!(beyond(&world.get(promotion), &takings(&world)), [late], "and takes its place when it is signed");
    let again = OpenDeal { replaces: Some(honest), ..taking(&mut world, promotion, 128_000) };
    let kept = again.deal;
    world.apply(world.rep, again).expect("within the rules");
    world.apply(world.rep, world.sign(kept)).expect("signed");
    assert_eq!(beyond(&world.get(promotion), &takings(&world)), [late], "a version of the first one is the first one");
}

#[test]
fn e3_what_was_changed_or_withdrawn_is_taken_for_as_long_as_a_device_may_not_have_heard_of_it() {
    for (hours, expected) in [(72, true), (73, false)] {
        let mut world = World::new();
        let given = Terms { closes: world.now + Duration::days(300), ..terms(&world, ten_percent(&world)) };
        let promotion = put(&mut world, given);
        let order = taking(&mut world, promotion, 128_000);
        let at = world.now;
        world.apply(world.manager, WithdrawPromotion { promotion }).expect("within the rules");
        world.now = at + Duration::hours(hours);
        let expected = if expected { Ok(()) } else { Err(Rejection::PromotionNotOn { promotion }) };
        assert_eq!(world.apply(world.rep, order).map(|_| ()), expected, "{hours}");
    }
}

#[test]
fn e3_what_was_agreed_on_is_kept_and_grows_no_more_once_it_is_over() {
    let mut world = World::new();
    let given = terms(&world, ten_percent(&world));
    let promotion = put(&mut world, given);
    let order = taking(&mut world, promotion, 128_000);
    let deal = order.deal;
    let line = order.lines[0];
    world.apply(world.rep, order).expect("within the rules");
    world.now += Duration::days(180);
    let more = |quantity: u32| ChangeDeal {
        deal,
        lines: vec![OrderLine { quantity, promotion: Some(Taken { promotion, version: 1, off: twd(128_000 * i64::from(quantity)) }), ..line }],
        discount: 0,
        deposit: twd(0),
        approval_reason: None,
        total: Some(twd(1_152_000 * i64::from(quantity))),
        instalments: Vec::new(),
    };
    assert_eq!(world.apply(world.rep, more(50)).map(|_| ()), Err(Rejection::PromotionNotOn { promotion }));
    world.apply(world.rep, more(1)).expect("as it was agreed on");
}

#[test]
fn e3_what_is_for_the_guests_of_a_meeting_is_for_them_alone() {
    let mut world = World::new();
    let mut given = terms(&world, ten_percent(&world));
    given.meetings = vec![world.meeting];
    let promotion = put(&mut world, given);
    let order = OpenDeal { meeting: Some(world.meeting), ..taking(&mut world, promotion, 128_000) };
    assert_eq!(world.apply(world.rep, order.clone()).map(|_| ()), Err(Rejection::PromotionNotOn { promotion }), "not invited");
    world.expect_guest(world.meeting, world.customer);
    world.apply(world.rep, order).expect("a guest");
}
