use super::*;
use crate::state::world::{World, at, customer};
use chrono::TimeDelta;
use shared::analysis::Length;
use shared::ids::ImprovementId;
use shared::improvements::ImprovementState;
use shared::money::Money;
use shared::targets::Goal as Aim;
use shared::testing::dice::Dice;
use std::collections::BTreeSet;

/// A deal over courses that was signed so many days after noon of 23 November 2026.
fn sell(world: &mut World, seller: UserId, to: CustomerId, days: i64, meeting: Option<MeetingId>) -> DealId {
    let mut command = world.open_deal(to, meeting);
    command.deal = world.id();
    world.now = at(days * 24 * 60);
    let deal = command.deal;
    world.apply(seller, command).expect("within the rules");
    world.apply(seller, world.sign(deal)).expect("within the rules");
    deal
}

fn held(replica: &Replica) -> Sales {
    sales(&mut Facts::default(), replica).expect("the settings are here")
}

fn asked(by: By) -> Asked {
    let today = "2026-11-23".parse().expect("a day");
    Asked { period: Period::of(Length::Month, today), by, measure: Measure::Amount, narrowed: Vec::new(), today }
}

fn of(world: &World, user: UserId) -> Sales {
    held(&world.replica(user))
}

const PRICE: i128 = 1_280_000;

/// In November the rep sold two and a colleague one; in October the rep sold one, a year ago the colleague one.
fn busy() -> World {
    let mut world = World::new();
    let (rep, colleague, stranger) = (world.rep, world.colleague, world.stranger);
    let (mine, theirs, others) = (world.customer, world.colleagues_customer, world.strangers_customer);
    let meeting = world.meeting;
    sell(&mut world, rep, mine, -40, None);
    sell(&mut world, rep, mine, -5, Some(meeting));
    let new = customer(&mut world, Some(rep), "陳新", |profile| (profile.source, profile.region) = ("referral".into(), "臺中".into()));
    sell(&mut world, rep, new, -1, None);
    sell(&mut world, colleague, theirs, 0, None);
    sell(&mut world, colleague, theirs, -365, None);
    sell(&mut world, stranger, others, -2, None);
    world
}

#[test]
fn i2_the_report_says_now_the_period_before_and_a_year_ago() {
    let world = busy();
    let sales = of(&world, world.supervisor);
    assert_eq!(sales.whose, Whose::Teams);
    let shown = report(&sales, &asked(By::Rep));
    assert_eq!(shown.now, Figures { amount: 3 * PRICE, deals: 3, quantity: 3, customers: 3, new_customers: 1 });
    assert_eq!((shown.before.amount, shown.year_before.amount, shown.is_cut), (PRICE, PRICE, true));
    let rows: Vec<_> = shown.lines.iter().map(|row| (row.group.clone(), row.now.deals, row.before.deals, row.year_before.deals)).collect();
    assert_eq!(rows, [(Group::Rep(world.rep), 2, 1, 0), (Group::Rep(world.colleague), 1, 0, 1)]);
    let trend: Vec<_> = shown.trend.iter().map(|(period, figures)| (period.to_string(), figures.deals)).collect();
    assert_eq!((trend.len(), &trend[0], &trend[10..]), (12, &("2025-12".into(), 0), &[("2026-10".into(), 1), ("2026-11".into(), 3)][..]));
}

#[test]
fn i2_a_period_under_way_is_compared_with_as_many_days() {
    let mut world = World::new();
    let (rep, mine) = (world.rep, world.customer);
    // 24 and 23 October.
    sell(&mut world, rep, mine, -30, None);
    sell(&mut world, rep, mine, -31, None);
    let sales = of(&world, rep);
    let before = |today: &str| report(&sales, &Asked { today: today.parse().expect("a day"), ..asked(By::Rep) }).before.deals;
    assert_eq!([before("2026-11-22"), before("2026-11-23"), before("2026-12-01")], [0, 1, 2]);
}

#[test]
fn i2_a_rep_sees_own_figures_a_supervisor_the_teams_a_manager_all_and_others_none() {
    let world = busy();
    let deals = |user| report(&of(&world, user), &asked(By::Team)).now.deals;
    assert_eq!([world.rep, world.colleague, world.supervisor, world.manager, world.director].map(deals), [2, 1, 3, 4, 0]);
}

#[test]
fn i2_every_number_is_opened_down_to_its_deals() {
    let mut world = busy();
    let mut dice = Dice::new(3);
    let people = [world.rep, world.colleague, world.stranger];
    for number in 0..30 {
        let seller = dice.pick(&people).expect("three");
        let to = customer(&mut world, Some(seller), &format!("客{number}"), |profile| profile.region = ["臺北", "高雄", ""][number % 3].into());
        sell(&mut world, seller, to, -(dice.below(60) as i64), None);
    }
    let sales = of(&world, world.manager);
    for by in By::ALL {
        let asked = asked(by);
        let shown = report(&sales, &asked);
        assert!(shown.now.deals > 10);
        for row in &shown.lines {
            let opened = deals_of(&sales, &Filter::on(asked.period.days()).and(row.group.clone()));
            assert_eq!(opened.iter().map(|deal| i128::from(deal.amount)).sum::<i128>(), row.now.amount, "{:?}", row.group);
            assert_eq!((opened.len() as u64, opened.iter().filter(|deal| deal.is_first).count() as u64), (row.now.deals, row.now.new_customers));
            assert!(opened.is_sorted_by(|one, other| one.at >= other.at));
            assert!(choices(&sales, by).contains(&row.group) || row.now.deals == 0);
        }
    }
}

#[test]
fn i2_who_bought_from_a_colleague_is_not_new_though_that_deal_is_not_held() {
    let mut world = World::new();
    let (rep, colleague) = (world.rep, world.colleague);
    let shared_one = world.customer;
    let (meeting, deal) = (world.meeting, world.id());
    let guest = world.expect_guest(meeting, shared_one);
    let check_in = world.check_in(meeting, guest);
    world.apply(rep, check_in).expect("on duty");
    let command = shared::deals::command::OpenDeal { deal, ..world.open_deal(shared_one, Some(meeting)) };
    world.apply(colleague, command).expect("a closer at the meeting");
    world.apply(colleague, world.sign(deal)).expect("within the rules");
    world.now += TimeDelta::days(1);
    let command = world.open_deal(shared_one, None);
    let own = command.deal;
    world.apply(rep, command).expect("within the rules");
    world.apply(rep, world.sign(own)).expect("within the rules");
    let sales = of(&world, rep);
    let held: Vec<_> = sales.buyers.iter().flat_map(|buyer| &buyer.sales).map(|sale| (sale.deal, sale.is_first)).collect();
    assert_eq!(held, [(own, false)]);
}

fn aim(world: &mut World, whose: TargetOf, deals: u32) {
    let (id, manager) = (world.id(), world.manager);
    let goal = Aim { amount: Some(Money::new(2_560_000, Currency::Twd)), deals: Some(deals) };
    world.put(Target { id, whose, period: asked(By::Rep).period, goal, set_by: manager, set_at: at(0) });
}

#[test]
fn i2_a_change_has_its_sign_and_from_nothing_there_is_none() {
    let check = |now, before, text: Option<&str>| assert_eq!(change(now, before).as_deref(), text);
    check(150, 100, Some("+50"));
    check(50, 100, Some("−50"));
    check(100, 100, Some("0"));
    check(0, 3, Some("−100"));
    check(7, 0, None);
}

#[test]
fn i1_actual_stands_against_target_where_the_device_holds_all_of_it() {
    let mut world = busy();
    let (rep, team) = (TargetOf::Rep { rep: world.rep }, TargetOf::Team { team: world.north });
    for whose in [TargetOf::Department, team, rep] {
        aim(&mut world, whose, 4);
    }
    let period = asked(By::Rep).period;
    let of = |user| {
        let replica = world.replica(user);
        let sold = actuals(&held(&replica), period);
        let goals = goals(&replica, Some(&sold), &world.actor(user), period);
        goals.into_iter().filter(|goal| goal.target.is_some()).map(|goal| (goal.whose, goal.actual.map(|actual| actual.deals))).collect::<Vec<_>>()
    };
    assert_eq!(of(world.rep), [(TargetOf::Department, None), (team, None), (rep, Some(2))]);
    assert_eq!(of(world.supervisor), [(TargetOf::Department, None), (team, Some(3)), (rep, Some(2))]);
    assert_eq!(of(world.manager), [(TargetOf::Department, Some(4)), (team, Some(3)), (rep, Some(2))]);
    assert_eq!(of(world.colleague), [(TargetOf::Department, None), (team, None)], "another's target is not told");
    let replica = world.replica(world.director);
    let told = actuals(&held(&world.replica(world.manager)), period);
    let of_director = |actuals| {
        let goals = goals(&replica, actuals, &world.actor(world.director), period);
        goals.into_iter().map(|goal| (goal.whose, goal.actual.map(|actual| actual.deals))).collect::<Vec<_>>()
    };
    assert_eq!(of_director(Some(&told)), [(TargetOf::Department, Some(4)), (team, Some(3))]);
    assert_eq!(of_director(None), [(TargetOf::Department, None), (team, None)], "not told, never told as none");
    assert_eq!((reached(2, 4), reached(5, 4), reached(1, 3), reached(0, 4)), (50, 125, 33, 0));
}

#[test]
fn i1_whoever_sets_targets_is_shown_where_none_is_set() {
    let world = World::new();
    let period = asked(By::Rep).period;
    let open = |user| {
        let replica = world.replica(user);
        let sold = actuals(&held(&replica), period);
        let goals = goals(&replica, Some(&sold), &world.actor(user), period);
        goals.into_iter().filter(|goal| goal.may_set).map(|goal| goal.whose).collect::<Vec<_>>()
    };
    assert_eq!(open(world.rep), []);
    let of_team: BTreeSet<_> = [world.rep, world.colleague].map(|rep| TargetOf::Rep { rep }).into();
    assert_eq!(open(world.supervisor).into_iter().collect::<BTreeSet<_>>(), of_team);
    assert_eq!(open(world.manager)[0], TargetOf::Department);
    assert_eq!(open(world.manager).len(), 1 + 2 + 6, "two teams, and six who sell and have access");
}

#[test]
fn i3_the_way_of_guests_is_told_by_meeting_rep_and_channel_and_adds_up() {
    let mut world = World::new();
    let (rep, colleague, meeting) = (world.rep, world.colleague, world.meeting);
    for (number, owner) in [rep, rep, colleague].into_iter().enumerate() {
        let guest =
            customer(&mut world, Some(owner), &format!("客{number}"), |profile| profile.source = ["referral", "", "referral"][number].into());
        let guest = world.expect_guest(meeting, guest);
        if number != 1 {
            let command = world.check_in(meeting, guest);
            world.apply(rep, command).expect("on duty");
        }
    }
    let bought = world.get::<Guest>(world.replica(rep).all::<Guest>().find(|guest| guest.inviter == rep).expect("one").id).customer;
    let command = world.open_deal(bought, Some(meeting));
    let deal = command.deal;
    world.apply(rep, command).expect("within the rules");
    world.apply(rep, world.sign(deal)).expect("within the rules");
    let replica = world.replica(world.manager);
    let today = world.get::<Meeting>(meeting).plan.starts_at.date_naive();
    let asked = Asked { today, period: Period::of(Length::Month, today), ..asked(By::Rep) };
    let whole = Funnel { planned: 3, reached: 3, agreed: 3, arrived: 2, quoted: 1, signed: 1, ..Funnel::default() };
    for by in WayBy::ALL {
        let (all, groups) = ways(&replica, &asked, by).expect("not by product");
        assert_eq!(all, whole);
        for figure in [|it: &Funnel| it.planned, |it: &Funnel| it.arrived, |it: &Funnel| it.signed] {
            assert_eq!(groups.iter().map(|(_, funnel)| figure(funnel)).sum::<usize>(), figure(&whole), "{by:?}");
        }
    }
    assert_eq!(way_of(&replica, meeting), whole, "one meeting's evening is counted alike");
    let narrowed = |group| Asked { narrowed: vec![group], ..asked.clone() };
    assert_eq!(ways(&replica, &narrowed(Group::Rep(colleague)), WayBy::Rep).expect("by rep").0.planned, 1);
    assert_eq!(ways(&replica, &narrowed(Group::Channel("referral".into())), WayBy::Rep).expect("by channel").0.planned, 2);
    assert_eq!(ways(&replica, &narrowed(Group::Product(world.course)), WayBy::Rep), None);
}

#[test]
fn i4_measures_come_back_in_the_next_report_of_their_kind() {
    let mut world = World::new();
    let (id, owner) = (world.id::<ImprovementId>(), world.rep);
    let of = |group| Improvement {
        id,
        about: About::Report { measure: Measure::Amount, group, period: asked(By::Rep).period, finding: "少三成".into() },
        measure: "陪訪".into(),
        owner,
        until: asked(By::Rep).today,
        state: ImprovementState::Open,
        decided_by: owner,
        decided_at: at(0),
    };
    for group in [None, Some(Group::Team(Some(world.north)))] {
        assert!(By::ALL.into_iter().all(|by| is_of_report(&of(group.clone()), by)), "{group:?}");
    }
    let about_rep = of(Some(Group::Rep(world.rep)));
    assert_eq!(By::ALL.into_iter().filter(|by| is_of_report(&about_rep, *by)).collect::<Vec<_>>(), [By::Rep]);
    let refusals = Improvement { about: About::RefusalReason { code: "no_time".into() }, ..of(None) };
    assert!(!is_of_report(&refusals, By::Rep));
}

#[test]
fn i4_the_report_as_a_file_has_a_line_for_each_group_and_the_whole() {
    let world = busy();
    let shown = report(&of(&world, world.manager), &asked(By::Rep));
    let header: Vec<String> = (0..8).map(|column| format!("h{column}")).collect();
    let table = table(&shown, header.clone(), "合計".into(), |group| if *group == Group::Rep(world.rep) { "林佳穎".into() } else { "—".into() });
    assert_eq!(table.rows.len(), 1 + shown.lines.len() + 1);
    assert_eq!((&table.rows[0], table.rows[1].join(",").as_str()), (&header, "林佳穎,25600,2,2,2,1,12800,0"));
    assert_eq!(table.rows.last().expect("the whole").join(","), "合計,51200,4,4,4,2,12800,12800");
    assert_eq!((major(35_050), major(5), major(-150), major(0)), ("350.50".into(), "0.05".into(), "-1.50".into(), "0".into()));
    assert!(table.rows.iter().all(|row| row.len() == FIGURES.len() + 1));
}
