use super::*;
use crate::analysis::{Answer, By, Company, Figures, Group, Length, Line, Period, Told, buyers};
use crate::customers::Customer;
use crate::deals::{self, Stage};
use crate::ids::{MeetingId, ProductId};
use crate::money::{Currency, Money};
use crate::people::Role;
use crate::record::Entity;
use crate::testing::World;
use crate::testing::dice::{Choices, Dice};
use crate::time::UtcOffset;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A world and the ledger that is told of whatever changes in it.
struct Life {
    world: World,
    ledger: Ledger,
    opened: Deal,
    sold: Vec<DealId>,
}

impl Life {
    fn new() -> Self {
        let (world, opened) = World::with_deal();
        let opened = Deal::clone(&world.get(opened));
        let ledger = anew(&world);
        Self { world, ledger, opened, sold: Vec::new() }
    }

    fn put<T: Entity>(&mut self, noun: T) {
        let record: Record = noun.into();
        self.ledger.note(record.key(), Some(&record));
        self.world.records.put(record);
    }

    fn customers(&self) -> Vec<CustomerId> {
        self.world.all().filter_map(<Customer as crate::record::Stored>::of).map(|customer| customer.id).collect()
    }

    /// Something happens: a command, or what many commands come to.
    fn step(&mut self, dice: &mut Dice) {
        let people = self.world.people();
        match dice.below(12) {
            0..4 => self.sell(dice),
            4 => self.change_deal(dice, |deal, _| deal.stage = Stage::Cancelled { reason: "改期".into() }),
            5 => self.change_deal(dice, |deal, others| deal.customer = others),
            6 => {
                let customer = dice.pick(&self.customers()).expect("there are some");
                let mut customer = Customer::clone(&self.world.get(customer));
                customer.profile.region = dice.pick(&["臺北", "高雄", " 臺北 ", ""]).expect("four").into();
                customer.profile.source = dice.pick(&["referral", "王先生的名單", ""]).expect("three").into();
                customer.owner = dice.pick(&people).filter(|_| !dice.once_in(3));
                self.put(customer);
            }
            7 => {
                let user = dice.pick(&people).expect("there are people");
                let team = dice.pick(&[Some(self.world.north), None]).expect("two");
                let user = User { team, ..User::clone(&self.world.get(user)) };
                self.put(user);
            }
            8 => {
                let clock = UtcOffset::from_minutes(dice.below(1_600) as i16 - 800).expect("an offset");
                let currency = if dice.once_in(8) { Currency::Usd } else { Currency::Twd };
                let settings = Settings { utc_offset: clock, currency, ..Settings::clone(&self.world.get(self.world.org)) };
                self.put(settings);
            }
            9 => {
                if let Some(deal) = dice.pick(&self.sold) {
                    let key = Key { kind: crate::Kind::Deal, id: deal.0 };
                    self.ledger.note(key, None);
                    self.world.records.apply(crate::Patch::Delete(key));
                    self.sold.retain(|other| *other != deal);
                }
            }
            _ => {
                let user = dice.pick(&people).expect("there are people");
                let command = Choices::of(self.world.all()).draw(user, self.world.now, dice);
                if let Ok(patches) = self.world.apply(user, command) {
                    for patch in patches {
                        let key = patch.key();
                        let now = self.world.records.get(key);
                        self.ledger.note(key, now);
                    }
                }
            }
        }
    }

    fn sell(&mut self, dice: &mut Dice) {
        let (customer, seller) = (dice.pick(&self.customers()).expect("some"), dice.pick(&self.world.people()).expect("some"));
        let line = |dice: &mut Dice| deals::Line {
            product: ProductId(Uuid::from_u128(dice.below(4).into())),
            name: "課程".into(),
            unit_price: Money::new(dice.below(50_000) as i64, Currency::Twd),
            quantity: 1 + dice.below(200) as u32,
            promotion: None,
        };
        let lines: Vec<_> = (0..=dice.below(4)).map(|_| line(dice)).collect();
        let sum = lines.iter().map(|line| line.unit_price.minor * i64::from(line.quantity)).sum();
        let currency = if dice.once_in(10) { Currency::Usd } else { Currency::Twd };
        let meeting = dice.once_in(2).then(|| MeetingId(Uuid::from_u128(dice.below(5).into())));
        let opened_at = self.world.now - TimeDelta::minutes(dice.below(60 * 24 * 800) as i64);
        let deal: DealId = dice.id();
        self.sold.push(deal);
        let total = Money::new(sum, currency);
        self.put(Deal { id: deal, customer, seller, lines, total, meeting, opened_at, stage: Stage::Signed, ..self.opened.clone() });
    }

    fn change_deal(&mut self, dice: &mut Dice, change: impl Fn(&mut Deal, CustomerId)) {
        let Some(deal) = dice.pick(&self.sold) else { return };
        let mut deal = Deal::clone(&self.world.get(deal));
        change(&mut deal, dice.pick(&self.customers()).expect("some"));
        self.put(deal);
    }
}

/// A ledger of all rows, as a server makes it when it starts.
fn anew(world: &World) -> Ledger {
    let mut ledger = Ledger::default();
    let all = |take: &mut dyn FnMut(&Record)| world.all().for_each(take);
    all(&mut |record| {
        if let Record::Deal(deal) = record {
            ledger.take_deal(deal);
        }
    });
    all(&mut |record| match record {
        Record::Customer(customer) => ledger.take_customer(customer),
        Record::User(user) => ledger.take_user(user),
        Record::Settings(settings) => ledger.take_settings(settings),
        _ => {}
    });
    ledger.shrink();
    ledger
}

fn question(world: &World, by: By, length: Length) -> Question {
    Question { period: Period::of(length, world.now.date_naive()), by, narrowed: Vec::new() }
}

/// What the device of somebody says, who holds everything that they may.
fn on_the_device(world: &World, user: UserId, question: &Question) -> Answer {
    let replica = world.replica(user);
    let settings = world.get::<Settings>(world.org);
    let teams = replica.all::<User>().map(|user| (user.id, user.team)).collect();
    let company = Company { teams, currency: settings.currency, clock: settings.utc_offset };
    let deals: Vec<_> = replica.all::<Deal>().collect();
    let buyers = buyers(deals.iter().map(|deal| &***deal), &company, |id| replica.noun::<Customer>(id).map(|known| &**known), &Told::new());
    let mut standard = Standard::new(question, settings.utc_offset.day_of(world.now), None);
    buyers.iter().for_each(|buyer| standard.add(buyer));
    standard.finish()
}

fn reaches(world: &World) -> Vec<Reach> {
    vec![Reach::Everybody, Reach::Totals, Reach::Team(world.north), Reach::Own(world.rep), Reach::Own(world.stranger)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i2_a_ledger_that_is_told_of_every_change_says_what_one_made_anew_says(seed in any::<u64>()) {
        let mut life = Life::new();
        let mut dice = Dice::new(seed);
        for round in 0..12 {
            for _ in 0..=dice.below(12) {
                life.step(&mut dice);
            }
            life.ledger.settle(&life.world.records).expect("records in memory can always be read");
            let fresh = anew(&life.world);
            prop_assert_eq!(life.ledger.size().0, fresh.size().0, "as many deals");
            let by = By::ALL[round % By::ALL.len()];
            for reach in reaches(&life.world) {
                let question = question(&life.world, by, Length::ALL[round % 3]);
                prop_assert_eq!(life.ledger.report(reach, &question, life.world.now), fresh.report(reach, &question, life.world.now), "{:?} {:?}", reach, by);
            }
        }
    }

    #[test]
    fn i2_a_servers_report_is_that_of_a_device_that_holds_everything(seed in any::<u64>()) {
        let mut life = Life::new();
        let mut dice = Dice::new(seed);
        (0..80).for_each(|_| life.step(&mut dice));
        life.ledger.settle(&life.world.records).expect("records in memory can always be read");
        for user in [life.world.manager, life.world.rep, life.world.supervisor] {
            let actor = life.world.actor(user);
            // A supervisor who leads nobody is told what a rep is, and holds the pool all the same.
            let Some(reach) = Reach::of(&actor).filter(|reach| actor.role != Role::Supervisor || matches!(reach, Reach::Team(_))) else { continue };
            for by in By::ALL {
                let question = question(&life.world, by, Length::Year);
                let told = life.ledger.report(reach, &question, life.world.now).expect("there are settings").answer;
                let held = on_the_device(&life.world, user, &question);
                if actor.role == Role::Manager {
                    prop_assert_eq!(told, held, "by {:?}", by);
                } else {
                    // A colleague's deal, which the device does not hold, made the customer a known one.
                    prop_assert!(told.now.new_customers <= held.now.new_customers);
                    let rest = |answer: &Answer| {
                        let line = |line: &Line| (line.group.clone(), Figures { new_customers: 0, ..line.now });
                        answer.lines.iter().map(line).collect::<Vec<_>>()
                    };
                    prop_assert_eq!(rest(&told), rest(&held), "{:?} by {:?}", actor.role, by);
                }
            }
        }
    }
}

#[test]
fn the_lives_that_are_drawn_sell_call_off_and_move_on() {
    let mut life = Life::new();
    let mut dice = Dice::new(7);
    (0..200).for_each(|_| life.step(&mut dice));
    life.ledger.settle(&life.world.records).expect("records in memory can always be read");
    let question = question(&life.world, By::Rep, Length::Year);
    let told = life.ledger.report(Reach::Everybody, &question, life.world.now).expect("there are settings");
    assert!(told.answer.trend.iter().filter(|(_, figures)| figures.deals > 0).count() > 1);
    assert!(told.answer.lines.len() > 2 && told.actuals.reps.len() > 1 && !told.actuals.teams.is_empty());
    let off = life.sold.iter().filter(|deal| !life.world.get::<Deal>(**deal).is_sold()).count();
    assert!(off > 2 && life.sold.len() > off + 10, "{off} of {}", life.sold.len());
}

#[test]
fn i2_each_role_is_told_its_own_figures_and_others_none() {
    let world = World::new();
    let of = |role, team| Reach::of(&crate::decide::Actor { org: world.org, user: world.rep, role, team });
    for team in [None, Some(world.north)] {
        assert_eq!(of(Role::Rep, team), Some(Reach::Own(world.rep)));
        assert_eq!(of(Role::Manager, team), Some(Reach::Everybody));
        assert_eq!(of(Role::Director, team), Some(Reach::Totals));
        for role in [Role::Marketing, Role::Office, Role::Finance, Role::Administrator] {
            assert_eq!(of(role, team), None, "{role:?}");
        }
    }
    assert_eq!(of(Role::Supervisor, Some(world.north)), Some(Reach::Team(world.north)));
    assert_eq!(of(Role::Supervisor, None), Some(Reach::Own(world.rep)));
}

#[test]
fn i2_asking_for_another_teams_figures_gives_none_of_them() {
    let mut life = Life::new();
    let mut dice = Dice::new(3);
    (0..40).for_each(|_| life.sell(&mut dice));
    life.ledger.settle(&life.world.records).expect("records in memory can always be read");
    let (rep, stranger, now) = (life.world.rep, life.world.stranger, life.world.now);
    let narrowed = |group| Question { narrowed: vec![group], ..question(&life.world, By::Rep, Length::Year) };
    let deals = |reach, group| {
        let told = life.ledger.report(reach, &narrowed(group), now).expect("there are settings");
        told.answer.trend.iter().map(|(_, figures)| figures.deals).sum::<u64>()
    };
    assert!(deals(Reach::Own(rep), Group::Rep(rep)) > 0 && deals(Reach::Everybody, Group::Rep(stranger)) > 0);
    assert_eq!(deals(Reach::Own(rep), Group::Rep(stranger)), 0);
    let told = life.ledger.report(Reach::Own(rep), &narrowed(Group::Rep(stranger)), now).expect("there are settings");
    assert!(told.actuals.reps.keys().all(|of| *of == rep), "nor what stands against others' targets");
}

#[test]
fn i2_who_is_told_totals_is_told_no_words_that_might_name_a_customer() {
    let mut life = Life::new();
    let mut dice = Dice::new(5);
    let owner = life.world.rep;
    let introduced = "王小明介紹";
    let bought = [
        ("referral", "臺北"),
        ("referral", "臺北"),
        ("", "王宅對面"),
        (introduced, "臺北"),
        (introduced, "王宅對面"),
        (introduced, "高雄"),
        ("高雄", "高雄"),
        ("高雄", ""),
    ];
    for (number, (source, region)) in bought.into_iter().enumerate() {
        let id = life.world.add_customer(owner, &format!("客{number}"));
        let mut customer = Customer::clone(&life.world.get(id));
        (customer.profile.source, customer.profile.region) = (source.into(), region.into());
        life.put(customer);
        life.sell(&mut dice);
        let sold = *life.sold.last().expect("just now");
        let deal = Deal { customer: id, total: Money::new(100, Currency::Twd), ..Deal::clone(&life.world.get(sold)) };
        life.put(Deal { opened_at: life.world.now, ..deal });
    }
    life.ledger.settle(&life.world.records).expect("records in memory can always be read");
    let groups = |reach, by| {
        let told = life.ledger.report(reach, &question(&life.world, by, Length::Year), life.world.now).expect("there are settings");
        told.answer.lines.into_iter().map(|line| (line.group, line.now.deals)).collect::<BTreeSet<_>>()
    };
    let channels = |words: &[(&str, u64)]| words.iter().map(|(word, deals)| (Group::Channel((*word).into()), *deals)).collect::<BTreeSet<_>>();
    let regions = |words: &[(&str, u64)]| words.iter().map(|(word, deals)| (Group::Region((*word).into()), *deals)).collect::<BTreeSet<_>>();
    assert_eq!(groups(Reach::Everybody, By::Channel), channels(&[("", 1), ("referral", 2), (introduced, 3), ("高雄", 2)]));
    assert_eq!(
        groups(Reach::Totals, By::Channel),
        channels(&[("", 6), ("referral", 2)]),
        "the organisation's own sources only, however many share others"
    );
    assert_eq!(groups(Reach::Everybody, By::Region), regions(&[("", 1), ("王宅對面", 2), ("臺北", 3), ("高雄", 2)]));
    assert_eq!(groups(Reach::Totals, By::Region), regions(&[("", 5), ("臺北", 3)]), "where many live names nobody; channels count for no region");
}

#[test]
fn i2_a_deal_takes_few_bytes() {
    let mut life = Life::new();
    let mut dice = Dice::new(11);
    let per_customer = 3;
    let mut ledger = Ledger::default();
    for number in 0..30_000_u128 {
        if number < 40 {
            life.sell(&mut dice);
        }
        let like = life.world.get::<Deal>(life.sold[(number % life.sold.len() as u128) as usize]);
        let (id, customer) = (DealId(Uuid::from_u128(number)), CustomerId(Uuid::from_u128(number / per_customer)));
        ledger.take_deal(&Deal { id, customer, ..Deal::clone(&like) });
    }
    ledger.shrink();
    let (deals, bytes) = ledger.size();
    assert_eq!(deals, 30_000);
    assert!(bytes / deals < 160, "{} bytes a deal", bytes / deals);
}

#[test]
fn i2_an_answer_is_the_same_after_the_wire() {
    let life = Life::new();
    let mut told = life.ledger.report(Reach::Everybody, &question(&life.world, By::Channel, Length::Month), life.world.now).expect("settings");
    let figures = Figures { amount: i128::MAX, deals: u64::MAX, ..Figures::default() };
    told.answer.now = figures;
    told.answer.before.amount = i128::MIN;
    told.actuals.teams.insert(life.world.north, figures);
    told.answer.lines.push(Line { group: Group::Team(None), now: figures, before: figures, year_before: figures });
    let text = serde_json::to_string(&told).expect("serialises");
    assert_eq!(serde_json::from_str::<ServersAnswer>(&text).expect("the same"), told);
}

#[test]
fn i2_a_question_is_narrowed_once_in_every_way() {
    let world = World::new();
    let of = |narrowed: Vec<Group>| Question { narrowed, ..question(&world, By::Rep, Length::Month) }.is_sound();
    assert!(of(vec![]) && of(vec![Group::Rep(world.rep), Group::Team(None)]));
    assert!(!of(vec![Group::Rep(world.rep), Group::Rep(world.stranger)]));
    assert!(!of(vec![Group::Period(Period::of(Length::Month, world.now.date_naive()))]));
    assert!(!question(&world, By::Period(Length::Month), Length::Month).is_sound());
}
