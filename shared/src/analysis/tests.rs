use super::*;
use crate::customers::Customer;
use crate::deals::{Deal, Line, Stage};
use crate::ids::{DealId, MeetingId, ProductId, UserId};
use crate::money::{Currency, Money};
use crate::people::User;
use crate::record::Record;
use crate::settings::Settings;
use crate::testing::World;
use crate::testing::dice::Dice;
use crate::time::{Timestamp, UtcOffset};
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

const CLOCK: UtcOffset = UtcOffset::EAST_8;

fn id<T: From<Uuid>>(number: u64) -> T {
    Uuid::from_u128(u128::from(number)).into()
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

fn line(product: u64, price: i64, quantity: u32) -> Line {
    Line { product: id(product), name: "課程".into(), unit_price: Money::new(price, Currency::Twd), quantity, promotion: None }
}

/// A deal over 128.00, signed.
fn deal(number: u64, customer: u64, seller: u64, when: &str) -> Deal {
    static OPENED: LazyLock<Deal> = LazyLock::new(|| {
        let (world, deal) = World::with_deal();
        Deal::clone(&world.get(deal))
    });
    Deal {
        id: id(number),
        customer: id(customer),
        seller: id(seller),
        lines: vec![line(1, 12_800, 1)],
        total: Money::new(12_800, Currency::Twd),
        stage: Stage::Signed,
        opened_at: at(when),
        ..OPENED.clone()
    }
}

/// Everything that was sold, by customer. Even sellers are of team 0, odd ones of team 1; the customer's number says from where they are.
fn buyers(deals: &[Deal]) -> Vec<Buyer> {
    let teams = (0..10).map(|seller| (id(seller), Some(id(seller % 2)))).collect();
    let company = Company { teams, currency: Currency::Twd, clock: CLOCK };
    let placed = |buyer: Buyer| {
        let number = buyer.customer.0.as_u128();
        Buyer { channel: format!("c{}", number % 3), region: format!("r{}", number % 2), ..buyer }
    };
    super::buyers(deals, &company, |_| None, &Told::new()).into_iter().map(placed).collect()
}

fn all_ways() -> Vec<By> {
    By::ALL.into_iter().chain(Length::ALL.map(By::Period)).collect()
}

/// Deals of two years as chance has them: some called off or only offered, some over several products, one of them twice.
fn drawn(dice: &mut Dice, count: u64) -> Vec<Deal> {
    let from = at("2025-01-01T00:00:00Z");
    let one = |number: u64, dice: &mut Dice| {
        let lines: Vec<_> = (0..=dice.below(4)).map(|_| line(dice.below(4), 1 + dice.below(50_000) as i64, 1 + dice.below(5) as u32)).collect();
        let sum: i64 = lines.iter().map(|line| line.unit_price.minor * i64::from(line.quantity)).sum();
        let discount = dice.below(2_000) as u16;
        let stage = match dice.below(6) {
            0 => Stage::Quoted,
            1 => Stage::Cancelled { reason: "改期".into() },
            2 => Stage::Paid,
            _ => Stage::Signed,
        };
        Deal {
            meeting: dice.once_in(2).then(|| id(dice.below(5))),
            total: Money::new(sum, Currency::Twd).less(discount).expect("small"),
            opened_at: from + TimeDelta::minutes(dice.below(60 * 24 * 730) as i64),
            lines,
            discount,
            stage,
            ..deal(number, dice.below(count / 3 + 1), dice.below(6), "2025-01-01T00:00:00Z")
        }
    };
    (0..count).map(|number| one(number, dice)).collect()
}

#[test]
fn i2_shares_of_lines_add_up_and_what_is_left_goes_to_the_largest_remainder() {
    let thirds = [line(1, 100, 1), line(2, 100, 1), line(3, 100, 1)];
    assert_eq!(shares(100, &thirds), [34, 33, 33], "the earlier of those that are alike");
    assert_eq!(shares(99, &[line(1, 1, 1), line(2, 2, 1)]), [33, 66]);
    assert_eq!(shares(100, &[line(1, 1, 2), line(2, 1, 4), line(3, 1, 1)]), [29, 57, 14], "28.57, 57.14 and 14.29");
    assert_eq!(shares(0, &thirds), [0, 0, 0]);
    assert_eq!(shares(5, &[]), [] as [i64; 0]);
    assert_eq!(shares(5, &[line(1, 0, 1), line(2, 0, 1)]), [5, 0]);
    let large = [line(1, i64::MAX, 9_999), line(2, i64::MAX, 1)];
    assert_eq!(shares(i64::MAX, &large).iter().map(|share| i128::from(*share)).sum::<i128>(), i128::from(i64::MAX));
}

#[test]
fn i2_amount_quantity_customers_and_new_customers_are_counted_by_everything() {
    let deals = [
        deal(1, 1, 1, "2026-10-05T02:00:00Z"),
        Deal {
            lines: vec![line(1, 10_000, 1), line(2, 5_000, 2)],
            total: Money::new(18_000, Currency::Twd),
            ..deal(2, 1, 2, "2026-11-05T02:00:00Z")
        },
        Deal { meeting: Some(id(9)), ..deal(3, 2, 1, "2026-11-06T02:00:00Z") },
        Deal { stage: Stage::Cancelled { reason: "改期".into() }, ..deal(4, 3, 1, "2026-11-06T02:00:00Z") },
        Deal { stage: Stage::Quoted, ..deal(5, 4, 1, "2026-11-06T02:00:00Z") },
    ];
    let buyers = buyers(&deals);
    let november = Filter::on(period("2026-11").days());
    let of = |by| Report::of(&buyers, november.clone(), Some(by));
    let whole = Figures { amount: 30_800, deals: 2, quantity: 4, customers: 2, new_customers: 1 };
    assert_eq!(of(By::Rep).whole, whole);
    let product = |number| of(By::Product).groups[&Group::Product(id(number))];
    assert_eq!(product(1), Figures { amount: 9_000 + 12_800, deals: 2, quantity: 2, customers: 2, new_customers: 1 });
    assert_eq!(product(2), Figures { amount: 9_000, deals: 1, quantity: 2, customers: 1, new_customers: 0 });
    assert_eq!(of(By::Meeting).groups[&Group::Meeting(Some(id(9)))].amount, 12_800);
    assert_eq!(of(By::Meeting).groups[&Group::Meeting(None)].amount, 18_000);
    assert_eq!(of(By::Rep).groups[&Group::Rep(id(1))].new_customers, 1);
    assert_eq!(of(By::Team).groups.len(), 2);
    let by_both = november.clone().and(Group::Product(id(1))).and(Group::Rep(id(2)));
    let narrow = Report::of(&buyers, by_both, None).whole;
    assert_eq!(narrow, Figures { amount: 9_000, deals: 1, quantity: 1, customers: 1, new_customers: 0 }, "of one product its own share");
}

#[test]
fn i2_a_sale_counts_on_the_day_on_the_organisations_clock() {
    let late = [deal(1, 1, 1, "2026-10-31T15:59:59Z"), deal(2, 2, 1, "2026-10-31T16:00:00Z")];
    let report = Report::of(&buyers(&late), Filter::default(), Some(By::Period(Length::Month)));
    let deals = |text| report.groups[&Group::Period(period(text))].deals;
    assert_eq!((deals("2026-10"), deals("2026-11")), (1, 1));
}

#[test]
fn i2_who_has_bought_from_a_colleague_before_is_not_new() {
    let sale = Sale::of(&deal(5, 1, 1, "2026-11-05T02:00:00Z"), None, Currency::Twd, CLOCK).expect("sold");
    let new = |told: &[(Timestamp, DealId)]| Buyer::new(id(1), None, vec![sale.clone()], told).sales[0].is_first;
    let (earlier, later, itself) =
        ((at("2026-01-05T02:00:00Z"), id(1)), (at("2026-12-05T02:00:00Z"), id(2)), (at("2026-11-01T02:00:00Z"), sale.deal));
    assert!(new(&[]));
    assert!(!new(&[later, earlier, itself]));
    assert!(new(&[later]), "who buys from a colleague later was new here");
    assert!(new(&[itself]), "what is told of this very deal is no other, also from before it was signed");
}

#[test]
fn i2_a_sale_in_another_currency_is_not_added_to_this_one() {
    let foreign = Deal { total: Money::new(12_800, Currency::Usd), ..deal(1, 1, 1, "2026-11-05T02:00:00Z") };
    assert_eq!(Sale::of(&foreign, None, Currency::Twd, CLOCK), None);
}

#[test]
fn i2_a_period_is_compared_with_as_many_days_of_another() {
    let november = period("2026-11");
    let alike = |other: Period, today: &str| november.alike_in(other, day(today));
    let days = |first: &str, last: &str| Days { first: day(first), last: day(last) };
    assert_eq!(alike(november.previous(), "2026-11-10"), days("2026-10-01", "2026-10-10"));
    assert_eq!(alike(november.previous(), "2026-11-30"), days("2026-10-01", "2026-10-31"), "a whole month with a whole month");
    assert_eq!(alike(november.previous(), "2027-02-01"), days("2026-10-01", "2026-10-31"));
    assert_eq!(alike(november.year_before(), "2026-11-10"), days("2025-11-01", "2025-11-10"));
    let march = period("2026-03");
    assert_eq!(march.alike_in(march.previous(), day("2026-03-30")), days("2026-02-01", "2026-02-28"), "no further than its end");
    assert_eq!(
        (period("2026-01").previous(), period("2026-Q1").previous(), period("2026").previous()),
        (period("2025-12"), period("2025-Q4"), period("2025"))
    );
    assert_eq!((period("2026-Q4").year_before(), period("2025-Q4").next()), (period("2025-Q4"), period("2026-Q1")));
    assert_eq!((november.gone(day("2026-10-31")), november.gone(day("2026-11-01")), november.gone(day("2026-12-24"))), (0, 1, 30));
}

#[test]
fn i1_a_period_has_one_text() {
    for text in ["2026", "2026-Q1", "2026-Q4", "2026-01", "2026-12"] {
        assert_eq!(period(text).to_string(), text);
    }
    for text in [
        "",
        "26",
        "2026-",
        "2026-0",
        "2026-1",
        "2026-13",
        "2026-00",
        "2026-Q0",
        "2026-Q5",
        "2026-Q01",
        "+2026",
        "1899",
        "2200",
        "2026-11-01",
        "２０２６",
    ] {
        assert_eq!(text.parse::<Period>(), Err(period::NotAPeriod), "{text}");
    }
}

#[test]
fn i1_the_ends_of_time_have_periods() {
    for length in Length::ALL {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            let period = Period::of(length, day);
            assert!(period.days().contain(day));
            assert!(period.previous() <= period && period.next() >= period && period.year_before() <= period);
        }
    }
}

#[test]
fn i3_guests_are_counted_once_and_each_step_is_part_of_the_one_before_but_for_walk_ins() {
    use crate::check_ins::CheckIn;
    use crate::invitations::{Answer, Invitation};
    use crate::meetings::Guest;
    use crate::record::Stored;
    let mut world = World::new();
    let (rep, meeting) = (world.rep, world.meeting);
    let [comes, _planned, declined, unreached, agreed] = ["來", "未撥", "不來", "沒接", "答應"].map(|name| {
        let customer = world.add_customer(rep, name);
        world.invite(meeting, customer)
    });
    world.answer(comes, Answer::Agreed);
    world.answer(agreed, Answer::Agreed);
    world.answer(declined, Answer::Declined { reason: "no_time".into(), words: String::new() });
    world.answer(unreached, Answer::NoAnswer);
    let colleagues = world.colleagues_customer;
    world.expect_guest(meeting, colleagues);
    let check_in = world.check_in(meeting, crate::ids::GuestId(comes.0));
    world.apply(rep, check_in).expect("on duty");
    let count = |user: UserId| {
        let replica = world.replica(user);
        let arrived: BTreeSet<_> = replica.all::<CheckIn>().map(|check_in| check_in.guest).collect();
        let invitations: Vec<_> = replica.all::<Invitation>().collect();
        let cards: Vec<_> = replica.all::<Guest>().collect();
        let guests = Guests::of(invitations.iter().map(|it| &***it), cards.iter().map(|it| &***it), &arrived);
        let deals: Vec<_> = world.all().filter_map(Deal::of).collect();
        Funnel::of(guests.people(), deals.iter().map(|deal| &***deal))
    };
    let of_all = Funnel { planned: 6, reached: 4, agreed: 3, confirmed: 0, arrived: 1, ..Funnel::default() };
    assert_eq!(count(world.manager), of_all);
    assert_eq!(count(rep), of_all, "who works there holds the colleague's guest card and not the invitation");
}

#[test]
fn i3_deals_are_counted_as_offered_signed_and_paid() {
    let stages = [Stage::Quoted, Stage::Signed, Stage::Paid, Stage::Cancelled { reason: String::new() }];
    let deals: Vec<_> =
        stages.into_iter().enumerate().map(|(number, stage)| Deal { stage, ..deal(number as u64, 1, 1, "2026-11-05T02:00:00Z") }).collect();
    let funnel = Funnel::of([], &deals);
    assert_eq!((funnel.quoted, funnel.signed, funnel.paid), (3, 2, 1));
}

/// What a replica that lives on says after each change, and what one says that has never seen anything else.
fn facts_follow(seed: u64) {
    use crate::sync::protocol::Row;
    use crate::testing::messages;
    let mut dice = Dice::new(seed);
    let mut world = World::new();
    let mut replica = world.replica(world.manager);
    let mut facts = Facts::default();
    let customers: Vec<_> = (0..6).map(|number| world.add_customer(world.rep, &format!("客{number}"))).collect();
    let sellers = [world.rep, world.colleague, world.stranger];
    let mut version = 1;
    for round in 0..40_u64 {
        version += 1;
        let customer = dice.pick(&customers).expect("six");
        let record: Record = match dice.below(8) {
            0..4 => {
                let stage = if dice.once_in(3) { Stage::Cancelled { reason: "改期".into() } } else { Stage::Signed };
                let seller = dice.pick(&sellers).expect("three");
                let deal = deal(dice.below(12), 1, 1, "2026-11-05T02:00:00Z");
                // The same scope, as if the seller had not changed: a row moves by a tombstone.
                Deal { customer, seller: if round % 2 == 0 { world.rep } else { seller }, stage, ..deal }.into()
            }
            4 => {
                let mut customer = Customer::clone(&world.get(customer));
                customer.profile.region = dice.pick(&["臺北", "高雄"]).expect("two").into();
                world.put(customer.clone());
                customer.into()
            }
            5 => User { team: dice.once_in(2).then_some(world.south), ..User::clone(&world.get(world.rep)) }.into(),
            6 => {
                let clock = UtcOffset::from_minutes(dice.below(1_400) as i16 - 700).expect("an offset");
                Settings { utc_offset: clock, ..Settings::clone(&world.get(world.org)) }.into()
            }
            _ => {
                let gone: Option<Deal> = replica.all::<Deal>().next().map(|deal| Deal::clone(deal));
                let Some(gone) = gone else { continue };
                replica.take_row(&Row { body: None, ..messages::row(&gone.into(), version) });
                continue;
            }
        };
        if let Record::Deal(deal) = &record {
            let before = replica.noun::<Deal>(deal.id).filter(|before| before.seller != deal.seller).map(|before| Deal::clone(before));
            before.into_iter().for_each(|before| replica.take_row(&Row { body: None, ..messages::row(&before.into(), version) }));
        }
        let before = facts.follow(&replica).expect("there are settings");
        replica.take_row(&messages::row(&record, version));
        let after = facts.follow(&replica).expect("there are settings");
        assert_eq!(after, Facts::default().follow(&replica).expect("there are settings"), "round {round}");
        if let Record::Deal(deal) = &record {
            let is_same = |buyer: &Arc<Buyer>| after.iter().any(|other| Arc::ptr_eq(buyer, other));
            let folded = before.iter().filter(|buyer| !is_same(buyer)).count();
            assert!(folded <= 2, "only who has bought {:?}, or did before, is folded anew", deal.id);
        }
    }
}

#[test]
fn i2_facts_that_follow_a_replica_are_those_that_are_made_anew() {
    (0..24).for_each(facts_follow);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i2_shares_add_up_to_the_total_and_none_is_a_minor_unit_off(
        total in 0..1_000_000_000_i64,
        lines in prop::collection::vec((1..10_000_000_i64, 1..9_999_u32), 1..20),
    ) {
        let lines: Vec<_> = lines.into_iter().enumerate().map(|(at, (price, quantity))| line(at as u64, price, quantity)).collect();
        let shares = shares(total, &lines);
        prop_assert_eq!(shares.iter().sum::<i64>(), total);
        let sum: i128 = lines.iter().map(|line| i128::from(line.unit_price.minor) * i128::from(line.quantity)).sum();
        for (line, share) in lines.iter().zip(shares) {
            let exact = i128::from(total) * i128::from(line.unit_price.minor) * i128::from(line.quantity);
            prop_assert!((i128::from(share) * sum - exact).abs() < sum, "less than one minor unit from its part");
        }
    }

    #[test]
    fn i2_the_whole_is_what_the_deals_say_and_no_deal_counts_twice(seed in any::<u64>()) {
        let deals = drawn(&mut Dice::new(seed), 90);
        let sold: Vec<_> = deals.iter().filter(|deal| deal.is_sold()).collect();
        let twice: Vec<_> = deals.iter().chain(&deals).cloned().collect();
        for given in [&deals, &twice] {
            let whole = Report::of(&buyers(given), Filter::default(), None).whole;
            prop_assert_eq!(whole.amount, sold.iter().map(|deal| i128::from(deal.total.minor)).sum::<i128>());
            prop_assert_eq!(whole.deals, sold.len() as u64);
            prop_assert_eq!(whole.quantity, sold.iter().flat_map(|deal| &deal.lines).map(|line| u64::from(line.quantity)).sum::<u64>());
            let customers: BTreeSet<_> = sold.iter().map(|deal| deal.customer).collect();
            prop_assert_eq!((whole.customers, whole.new_customers), (customers.len() as u64, customers.len() as u64), "everybody was new once");
        }
    }

    #[test]
    fn i2_groups_add_up_to_the_whole_in_every_way_and_period(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let buyers = buyers(&drawn(&mut dice, 90));
        let length = dice.pick(&Length::ALL).expect("three");
        let period = Period::of(length, day("2025-01-01") + TimeDelta::days(dice.below(730) as i64));
        for filter in [Filter::default(), Filter::on(period.days()), Filter::on(period.days()).and(Group::Product(id(1)))] {
            for by in all_ways() {
                let report = Report::of(&buyers, filter.clone(), Some(by));
                prop_assert_eq!(report.whole, Report::of(&buyers, filter.clone(), None).whole);
                let sum = |measure| report.groups.values().map(|figures| figures.of(measure)).sum::<i128>();
                let whole = |measure| report.whole.of(measure);
                for measure in [Measure::Amount, Measure::Quantity] {
                    prop_assert_eq!(sum(measure), whole(measure), "{:?} by {:?}", measure, by);
                }
                for measure in [Measure::Deals, Measure::NewCustomers] {
                    prop_assert!(sum(measure) == whole(measure) || (by == By::Product && sum(measure) > whole(measure)));
                }
                let is_of_customers = matches!(by, By::Channel | By::Region);
                let (parts, all) = (sum(Measure::Customers), whole(Measure::Customers));
                prop_assert!(parts == all || (!is_of_customers && parts > all));
                for (group, figures) in &report.groups {
                    prop_assert_eq!(group.by(), by);
                    let alone = Report::of(&buyers, filter.clone().and(group.clone()), None).whole;
                    prop_assert_eq!(&alone, figures, "a group is what narrowing down to it gives");
                }
            }
        }
    }

    #[test]
    fn i2_a_deal_that_is_called_off_changes_exactly_its_own_figures(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let before = drawn(&mut dice, 60);
        let sold: Vec<_> = before.iter().filter(|deal| deal.is_sold()).map(|deal| deal.id).collect();
        let Some(off) = dice.pick(&sold) else { return Ok(()) };
        let after: Vec<_> = before.iter().map(|deal| if deal.id == off { Deal { stage: Stage::Cancelled { reason: "退".into() }, ..deal.clone() } } else { deal.clone() }).collect();
        let gone = before.iter().find(|deal| deal.id == off).expect("one of them");
        let own = buyers(std::slice::from_ref(gone));
        for by in all_ways() {
            let [one, two] = [&before, &after].map(|deals| Report::of(&buyers(deals), Filter::default(), Some(by)));
            let its = Report::of(&own, Filter::default(), Some(by));
            for (group, figures) in &one.groups {
                let (left, its) = (two.groups.get(group).copied().unwrap_or_default(), its.groups.get(group).copied().unwrap_or_default());
                for measure in [Measure::Amount, Measure::Deals, Measure::Quantity] {
                    prop_assert_eq!(figures.of(measure) - left.of(measure), its.of(measure));
                }
                prop_assert!(its.deals > 0 || figures.customers == left.customers);
            }
        }
    }

    #[test]
    fn i2_counting_as_they_come_is_counting_all_at_once_in_any_order(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let mut buyers = buyers(&drawn(&mut dice, 90));
        for by in all_ways() {
            let at_once = Report::of(&buyers, Filter::default(), Some(by));
            let by_some = dice.below(buyers.len().max(1) as u64) as usize;
            buyers.rotate_left(by_some);
            let mut tally = Tally::new(Filter::default(), Some(by));
            // As a server reads them: one at a time, gone as soon as it was counted.
            for buyer in buyers.clone() {
                tally.add(&buyer);
            }
            prop_assert_eq!(tally.finish(), at_once);
        }
    }

    #[test]
    fn i1_each_instant_lies_in_exactly_one_month_quarter_and_year(seconds in -2_000_000_000_i64..7_000_000_000, minutes in -840_i16..=840) {
        let clock = UtcOffset::from_minutes(minutes).expect("an offset");
        let day = clock.day_of(Timestamp::from_timestamp(seconds, 0).expect("within time"));
        for length in Length::ALL {
            let period = Period::of(length, day);
            prop_assert!(period.days().contain(day));
            for other in [period.previous(), period.next()] {
                prop_assert!(other != period && !other.days().contain(day));
            }
            prop_assert_eq!(period.days().last.succ_opt(), Some(period.next().days().first), "no day is between two");
            prop_assert_eq!(period.next().previous(), period);
            prop_assert_eq!(period.next().year_before().next(), period.next().next().year_before());
        }
        let [month, quarter, year] = Length::ALL.map(|length| Period::of(length, day).days());
        prop_assert!(quarter.contain(month.first) && quarter.contain(month.last) && year.contain(quarter.first) && year.contain(quarter.last));
    }
}

#[test]
fn the_deals_that_are_drawn_differ_in_all_that_is_counted() {
    let deals = drawn(&mut Dice::new(1), 90);
    let meetings: BTreeSet<Option<MeetingId>> = deals.iter().map(|deal| deal.meeting).collect();
    let products: BTreeSet<ProductId> = deals.iter().flat_map(|deal| &deal.lines).map(|line| line.product).collect();
    let ids: BTreeSet<DealId> = deals.iter().map(|deal| deal.id).collect();
    assert!(meetings.len() > 3 && products.len() == 4 && ids.len() == 90);
}
