use super::command::{CancelDeal, OpenDeal, OrderLine, RecordPayment, SignDeal};
use super::decide::{CONTRACT_MAX, total};
use super::*;
use crate::deals::contract::sha256_hex;
use crate::ids::PromotionId;
use crate::money::{Currency, MoneyError};
use crate::products::command::EditProduct;
use crate::products::decide::PRICE_MAX;
use crate::products::{Listing, Product};
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use proptest::prelude::*;

fn twd(minor: i64) -> Money {
    Money::new(minor, Currency::Twd)
}

fn check(change: impl FnOnce(&World, &mut OpenDeal), expected: Result<i64, Rejection>) {
    let mut world = World::new();
    let (rep, customer) = (world.rep, world.customer);
    let mut command = world.open_deal(customer, None);
    change(&world, &mut command);
    let deal = command.deal;
    let opened = world.apply(rep, command).map(|_| world.get::<Deal>(deal).total.minor);
    assert_eq!(opened, expected);
}

fn pay(world: &mut World, deal: DealId, amount: Money) -> Result<(), Rejection> {
    let command = RecordPayment { deal, payment: world.id(), amount, method: PaymentMethod::Cash, photo: None };
    world.apply(world.rep, command).map(|_| ())
}

/// So many hundredths of what a line costs: what a promotion takes off it.
fn part(price: i64, quantity: u32, share: i64) -> i64 {
    price / 100 * i64::from(quantity) * share
}

fn bearing(price: i64, quantity: u32, off: i64) -> Line {
    let promotion = Some(Applied { promotion: PromotionId(uuid::Uuid::nil()), version: 1, name: String::new(), off: twd(off) });
    Line { product: ProductId(uuid::Uuid::nil()), name: String::new(), unit_price: twd(price), quantity, promotion }
}

proptest! {
    #[test]
    fn a_total_is_the_exact_sum_of_the_lines_less_the_discount(
        lines in prop::collection::vec((1..=PRICE_MAX, 1_u32..=9_999, 0..=100_i64), 1..=100),
        discount in 0_u16..=10_000,
    ) {
        let exact: i128 = lines.iter().map(|&(price, quantity, share)| i128::from(price) * i128::from(quantity) - i128::from(part(price, quantity, share))).sum();
        let line = |&(price, quantity, share): &(i64, u32, i64)| bearing(price, quantity, part(price, quantity, share));
        let lines: Vec<_> = lines.iter().map(line).collect();
        let sum = total(twd(0), &lines).expect("a hundred of the dearest lines fit");
        prop_assert_eq!(i128::from(sum.minor), exact);
        let reduced = sum.less(discount).expect("fits").minor;
        // Within half a dollar of the exact value, without a float; or nothing, as no more is taken off than there is.
        let difference = i128::from(reduced) * 10_000 - exact * i128::from(10_000 - discount);
        prop_assert!((-500_000..=500_000).contains(&difference), "{}", difference);
        prop_assert!((sum.minor - reduced) % 100 == 0 || reduced == 0, "the discount is of whole dollars: {}", reduced);
        let to_the_cent = i128::from(sum.less_to_the_cent(discount).expect("fits").minor) * 10_000 - exact * i128::from(10_000 - discount);
        prop_assert!((-5_000..=5_000).contains(&to_the_cent), "{}", to_the_cent);
        prop_assert!((0..=sum.minor).contains(&reduced));
        let mut turned = lines.clone();
        turned.reverse();
        prop_assert_eq!(total(twd(0), &turned), Ok(sum), "the order of lines does not matter");
    }
}

#[test]
fn a_sum_that_does_not_fit_is_an_error() {
    let line = Line { promotion: None, ..bearing(i64::MAX, 1, 0) };
    assert_eq!(total(twd(0), &[line.clone(), line]), Err(MoneyError::Overflow));
}

#[test]
fn a_discount_at_the_limit_is_given_and_above_it_is_not() {
    check(|_, deal| deal.discount = 500, Ok(1_216_000));
    check(|_, deal| deal.discount = 501, Err(Rejection::DiscountAboveLimit { limit: 500, asked: 501 }));
    let mut world = World::new();
    let command = OpenDeal { discount: 1_000, ..world.open_deal(world.customer, None) };
    assert!(world.apply(world.supervisor, command).is_ok(), "a supervisor may give more");
}

#[test]
fn no_limit_in_the_settings_allows_more_than_everything() {
    let mut world = World::new();
    let mut settings = (*world.get::<crate::settings::Settings>(world.org)).clone();
    settings.discount_limits.rep = u16::MAX;
    world.put(settings);
    let command = OpenDeal { discount: 10_001, ..world.open_deal(world.customer, None) };
    assert_eq!(world.apply(world.rep, command), Err(Rejection::DiscountAboveLimit { limit: 10_000, asked: 10_001 }));
}

#[test]
fn a_deposit_is_between_nothing_and_the_total() {
    let out_of_range = |max| Err(Rejection::OutOfRange { field: Field::Deposit, min: 0, max });
    check(|_, deal| deal.deposit = twd(1_280_000), Ok(1_280_000));
    check(|_, deal| deal.deposit = twd(1_280_001), out_of_range(1_280_000));
    check(|_, deal| deal.deposit = twd(-1), out_of_range(1_280_000));
    check(|_, deal| deal.deposit = Money::new(0, Currency::Usd), Err(Rejection::CurrencyMixed));
}

#[test]
fn the_price_is_the_lists_and_neither_nothing_nor_negative_nor_beyond_measure() {
    let bad_price = Err(Rejection::OutOfRange { field: Field::Price, min: 1, max: PRICE_MAX });
    for minor in [0, -1, i64::MIN, i64::MAX] {
        check(|_, deal| deal.lines[0].unit_price = twd(minor), bad_price.clone());
    }
    check(|_, deal| deal.lines[0].unit_price = twd(1), Err(Rejection::PriceMismatch));
    check(|_, deal| deal.lines[0].unit_price = Money::new(1_280_000, Currency::Usd), Err(Rejection::PriceMismatch));
    for quantity in [0, 10_000, u32::MAX] {
        check(|_, deal| deal.lines[0].quantity = quantity, Err(Rejection::OutOfRange { field: Field::Quantity, min: 1, max: 9_999 }));
    }
}

#[test]
fn a_deal_has_one_line_at_least_and_a_hundred_at_most() {
    check(|_, deal| deal.lines.clear(), Err(Rejection::DealEmpty));
    check(|_, deal| deal.lines = vec![deal.lines[0]; 100], Ok(128_000_000));
    check(|_, deal| deal.lines = vec![deal.lines[0]; 101], Err(Rejection::OutOfRange { field: Field::Rows, min: 1, max: 100 }));
}

#[test]
fn a_withdrawn_product_is_not_sold_and_old_deals_keep_their_price() {
    let (mut world, deal) = World::with_deal();
    let product = world.get::<Product>(world.course);
    let edit = EditProduct {
        product: product.id,
        name: "新課程".into(),
        description: String::new(),
        price: twd(1),
        listing: Listing::Withdrawn,
        suits: None,
    };
    world.apply(world.manager, edit).expect("within the rules");
    let line = world.get::<Deal>(deal).lines[0].clone();
    assert_eq!((line.name.as_str(), line.unit_price), ("理財課程", product.price));
    let command = world.open_deal(world.customer, None);
    assert_eq!(world.apply(world.rep, command), Err(Rejection::PriceMismatch));
}

#[test]
fn a_closer_sells_to_a_colleagues_guest_at_the_meeting_and_nowhere_else() {
    let mut world = World::new();
    let (meeting, customer, closer) = (world.meeting, world.customer, world.colleague);
    let not_found = Err(Rejection::NotFound { kind: crate::Kind::Customer });
    let at_meeting = world.open_deal(customer, Some(meeting));
    assert_eq!(world.decide(closer, &at_meeting.clone().into()).map(|_| ()), not_found, "not a guest yet");
    world.expect_guest(meeting, customer);
    let outside = world.open_deal(customer, None);
    assert_eq!(world.decide(closer, &outside.into()).map(|_| ()), not_found);
    let elsewhere = world.open_deal(customer, Some(world.other_meeting));
    assert_eq!(world.decide(closer, &elsewhere.into()).map(|_| ()), Err(Rejection::Forbidden));
    assert_eq!(world.decide(world.stranger, &at_meeting.clone().into()).map(|_| ()), Err(Rejection::Forbidden));
    let deal = at_meeting.deal;
    world.apply(closer, at_meeting).expect("the closer sells");
    assert_eq!(world.get::<Deal>(deal).seller, closer);
}

#[test]
fn what_happened_in_the_field_is_never_refused_for_good() {
    let mut world = World::new();
    let open = world.open_deal(world.customer, None);
    let (sign, deal) = (world.sign(open.deal), open.deal);
    let pay = RecordPayment { deal, payment: world.id(), amount: twd(1), method: PaymentMethod::Cash, photo: None };
    for fact in [crate::Command::from(open), sign.into(), pay.into()] {
        assert!(fact.is_field_fact(), "{}", fact.name());
    }
    assert!(!crate::Command::from(CancelDeal { deal, reason: String::new() }).is_field_fact());
}

#[test]
fn a_signature_is_kept_with_the_exact_text_and_who_saw_it() {
    let (mut world, deal) = World::with_deal();
    let command = world.sign(deal);
    world.apply(world.supervisor, command.clone()).expect("within the rules");
    let contract = world.get::<Contract>(deal);
    assert_eq!((&contract.text, &contract.sha256, contract.rep, contract.witness), (&command.text, &command.sha256, world.rep, world.supervisor));
    assert_eq!(world.get::<Deal>(deal).stage, Stage::Signed);
    assert_eq!(world.apply(world.rep, command), Err(Rejection::DealNotOpen { deal }), "a signed contract is never overwritten");
}

#[test]
fn what_is_no_signature_signs_nothing() {
    let (mut world, deal) = World::with_deal();
    let good = world.sign(deal);
    let point = Point(10, 10, 0);
    for (command, expected) in [
        (SignDeal { strokes: vec![Stroke(vec![point])], ..good.clone() }, Rejection::SignatureTooSmall),
        (SignDeal { strokes: Vec::new(), ..good.clone() }, Rejection::SignatureTooSmall),
        (
            SignDeal { strokes: vec![Stroke(Vec::new()); 1_001], ..good.clone() },
            Rejection::OutOfRange { field: Field::Signature, min: 0, max: 1_000 },
        ),
        (
            SignDeal { strokes: vec![Stroke(vec![point; 20_001])], ..good.clone() },
            Rejection::OutOfRange { field: Field::Signature, min: 0, max: 20_000 },
        ),
        (SignDeal { consent: false, ..good.clone() }, Rejection::ConsentMissing),
        (SignDeal { text: format!("{} ", good.text), ..good.clone() }, Rejection::ContractTextAltered),
        (SignDeal { sha256: good.sha256.to_uppercase(), ..good.clone() }, Rejection::ContractTextAltered),
        (SignDeal { signer: " ".into(), ..good.clone() }, Rejection::Required { field: Field::SignerName }),
        (SignDeal { signer: "龍".repeat(5_000), ..good.clone() }, Rejection::TooLong { field: Field::SignerName, max: 100, found: 5_000 }),
        (
            SignDeal { text: "龍".repeat(CONTRACT_MAX + 1), sha256: sha256_hex(&"龍".repeat(CONTRACT_MAX + 1)), ..good.clone() },
            Rejection::TooLong { field: Field::ContractText, max: 50_000, found: 50_001 },
        ),
    ] {
        assert_eq!(world.apply(world.rep, command), Err(expected));
    }
    assert!(world.apply(world.rep, good).is_ok());
}

#[test]
fn payments_add_up_to_the_total_and_no_further() {
    let (mut world, deal) = World::with_deal();
    pay(&mut world, deal, twd(280_000)).expect("a deposit before the signature");
    let sign = world.sign(deal);
    world.apply(world.rep, sign).expect("within the rules");
    assert_eq!(pay(&mut world, deal, twd(1_000_001)), Err(Rejection::PaymentAboveTotal { open: twd(1_000_000) }));
    assert_eq!(pay(&mut world, deal, twd(i64::MAX)), Err(Rejection::PaymentAboveTotal { open: twd(1_000_000) }));
    for minor in [0, -1, i64::MIN] {
        assert_eq!(pay(&mut world, deal, twd(minor)), Err(Rejection::OutOfRange { field: Field::Amount, min: 1, max: i64::MAX }));
    }
    assert_eq!(pay(&mut world, deal, Money::new(1, Currency::Cny)), Err(Rejection::CurrencyMixed));
    pay(&mut world, deal, twd(1_000_000)).expect("the rest");
    assert_eq!((world.get::<Deal>(deal).stage.clone(), world.get::<Deal>(deal).open()), (Stage::Paid, twd(0)));
}

#[test]
fn a_payment_is_counted_once() {
    let (mut world, deal) = World::with_deal();
    let command = RecordPayment { deal, payment: world.id(), amount: twd(100), method: PaymentMethod::Transfer, photo: None };
    world.apply(world.rep, command.clone()).expect("within the rules");
    assert!(matches!(world.apply(world.rep, command), Err(Rejection::AlreadyExists { .. })));
}

#[test]
fn a_deal_is_called_off_before_anybody_has_signed() {
    let cancel = |deal| CancelDeal { deal, reason: "改期".into() };
    let (mut world, deal) = World::with_deal();
    world.apply(world.rep, CancelDeal { reason: " ".into(), ..cancel(deal) }).expect_err("a reason is needed");
    let long = CancelDeal { reason: "龍".repeat(5_000), ..cancel(deal) };
    assert_eq!(world.apply(world.rep, long), Err(Rejection::TooLong { field: Field::Reason, max: 2_000, found: 5_000 }));
    world.apply(world.rep, cancel(deal)).expect("within the rules");
    let sign = world.sign(deal);
    assert_eq!(world.apply(world.rep, sign), Err(Rejection::DealNotOpen { deal }));
    assert_eq!(world.apply(world.rep, cancel(deal)), Err(Rejection::DealNotOpen { deal }));
}

#[test]
fn a_buyers_name_is_one_line_within_bounds() {
    check(|_, deal| deal.buyer = "龍".repeat(5_000), Err(Rejection::TooLong { field: Field::Name, max: 100, found: 5_000 }));
    check(|_, deal| deal.buyer = "王\n小明".into(), Err(Rejection::Malformed { field: Field::Name }));
    check(|_, deal| deal.buyer = String::new(), Err(Rejection::Required { field: Field::Name }));
}

#[test]
fn two_lines_of_one_product_are_two_lines() {
    check(
        |world, deal| {
            let book = OrderLine { product: world.book, unit_price: twd(35_050), quantity: 3, promotion: None };
            deal.lines = vec![book, book];
        },
        Ok(210_300),
    );
}
