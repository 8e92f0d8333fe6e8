//! The report over everything that was sold (clause I2): who is told what, and that it follows what changes, on the database that the tests run on.

use crate::house::{Caller, House, OUR_PASSWORD, config, envelope};
use chrono::DateTime;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::start;
use shared::analysis::{By, Figures, Group, Length, Period, Question, ServersAnswer};
use shared::customers::command::{EditCustomer, ProfileChange};
use shared::deals::command::{AskCancellation, OpenDeal, RuleCancellation, SignDeal};
use shared::ids::{CustomerId, DealId, UserId};
use shared::people::Role;
use shared::sync::protocol::{PushAnswer, Verdict};
use shared::testing::messages;
use uuid::Uuid;

const PRICE: i128 = 1_280_000;

fn this_year(by: By) -> Question {
    Question { period: Period::of(Length::Year, chrono::Utc::now().date_naive()), by, narrowed: Vec::new() }
}

fn body(question: &Question) -> Value {
    serde_json::to_value(question).expect("questions serialise")
}

impl Caller {
    async fn report(&self, question: &Question) -> ServersAnswer {
        let answer = self.post("/api/analysis", &body(question)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.read()
    }

    async fn sold(&self, by: By) -> Figures {
        self.report(&this_year(by)).await.answer.now
    }
}

/// Somebody opens a deal and has it signed; their commands are numbered from here on.
async fn sell(to: CustomerId, first: u64, caller: &Caller, house: &mut House) -> DealId {
    let deal = DealId(Uuid::new_v4());
    let open = OpenDeal { deal, ..house.ours.open_deal(to, None) };
    let opened = caller.push(vec![envelope(first, open)]).await;
    let sign = SignDeal { terms: None, ..house.ours.sign(deal) };
    let signed = caller.push(vec![envelope(first + 1, sign)]).await;
    [opened, signed].iter().for_each(done);
    deal
}

fn done(answer: &PushAnswer) {
    let PushAnswer::Done { outcomes, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(outcomes[0].verdict, Verdict::Applied);
}

#[tokio::test]
async fn i2_each_role_is_told_the_figures_that_are_theirs() {
    let mut house = House::open().await;
    let (rep, stranger) = (house.ours("rep").await, house.ours("stranger").await);
    sell(house.ours.customer, 1, &rep, &mut house).await;
    sell(house.ours.strangers_customer, 1, &stranger, &mut house).await;
    let question = this_year(By::Rep);
    for (login, deals) in [("rep", 1), ("colleague", 0), ("stranger", 1), ("supervisor", 1), ("manager", 2), ("director", 2)] {
        let told = house.ours(login).await.report(&question).await;
        assert_eq!((told.answer.now.deals, told.answer.now.amount), (deals, i128::from(deals) * PRICE), "{login}");
        assert_eq!(told.actuals.whole, told.answer.now, "{login}");
    }
    for login in ["marketing", "office", "finance", "administrator"] {
        let answer = house.ours(login).await.post("/api/analysis", &body(&question)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "forbidden"), "{login}");
    }
    assert_eq!(house.theirs("director").await.sold(By::Rep).await.deals, 0, "another organisation's are its own");
    house.close().await;
}

#[tokio::test]
async fn i2_who_asks_for_another_teams_figures_is_told_none_of_them() {
    let mut house = House::open().await;
    let stranger = house.ours("stranger").await;
    sell(house.ours.strangers_customer, 1, &stranger, &mut house).await;
    let theirs = Question { narrowed: vec![Group::Rep(house.ours.stranger)], ..this_year(By::Rep) };
    assert_eq!(house.ours("manager").await.report(&theirs).await.answer.now.deals, 1);
    for login in ["rep", "supervisor"] {
        let told = house.ours(login).await.report(&theirs).await;
        assert_eq!((told.answer.now, told.answer.lines.len(), told.actuals.reps.len()), (Figures::default(), 0, 0), "{login}");
    }
    house.close().await;
}

#[tokio::test]
async fn i2_the_report_has_what_was_saved_a_moment_ago_and_no_more_what_was_called_off() {
    let mut house = House::open().await;
    let (rep, director) = (house.ours("rep").await, house.ours("director").await);
    assert_eq!(director.sold(By::Team).await, Figures::default());
    let deal = sell(house.ours.customer, 1, &rep, &mut house).await;
    let once = Figures { amount: PRICE, deals: 1, quantity: 1, customers: 1, new_customers: 1 };
    assert_eq!(director.sold(By::Team).await, once);
    let second = sell(house.ours.customer, 3, &rep, &mut house).await;
    let twice = Figures { amount: 2 * PRICE, deals: 2, quantity: 2, ..once };
    assert_eq!(director.sold(By::Team).await, twice);
    let moved = EditCustomer { customer: house.ours.customer, changes: vec![ProfileChange::Source("referral".into())] };
    done(&rep.push(vec![envelope(5, moved)]).await);
    let lines = director.report(&this_year(By::Channel)).await.answer.lines;
    assert_eq!(lines.iter().map(|line| (&line.group, line.now.deals)).collect::<Vec<_>>(), [(&Group::Channel("referral".into()), 2)]);
    let manager = house.ours("manager").await;
    let asked_at = DateTime::from_timestamp_millis(chrono::Utc::now().timestamp_millis()).expect("within time");
    done(&rep.push(vec![messages::envelope(6, asked_at, AskCancellation { deal, reason: "改期".into() })]).await);
    done(&manager.push(vec![envelope(1, RuleCancellation { deal, asked_at, refusal: None })]).await);
    assert_eq!(director.sold(By::Team).await, once, "the other one's are as they were, {second}");
    house.close().await;
}

#[tokio::test]
async fn i2_a_second_server_on_the_database_and_one_that_starts_anew_say_the_same() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    sell(house.ours.customer, 1, &rep, &mut house).await;
    let question = this_year(By::Product);
    let told = house.ours("director").await.report(&question).await;
    assert_eq!(told.answer.now.deals, 1);
    // A file has one server; a database of its own may have several.
    if matches!(house.location, server::store::Location::Postgres(_)) {
        let second = start(&config(house.data(), &house.location, false)).await.map_err(|error| error.to_string()).expect("the port is free");
        let director = Caller::log_in(&format!("http://{}", second.address), "director", OUR_PASSWORD).await;
        assert_eq!(director.report(&question).await.answer, told.answer);
        sell(house.ours.customer, 3, &rep, &mut house).await;
        assert_eq!(director.report(&question).await.answer.now.deals, 2, "what the first server was told");
        second.stop().await;
    }
    let before = house.ours("director").await.report(&question).await.answer;
    house.restart().await;
    assert_eq!(house.ours("director").await.report(&question).await.answer, before);
    house.close().await;
}

#[tokio::test]
async fn i2_a_question_that_makes_no_sense_is_refused_and_without_a_secret_nobody_is_told() {
    let house = House::open().await;
    let director = house.ours("director").await;
    let twice = vec![Group::Rep(house.ours.rep), Group::Rep(house.ours.stranger)];
    for question in [
        body(&Question { narrowed: twice, ..this_year(By::Rep) }),
        body(&this_year(By::Period(Length::Month))),
        json!({ "period": "2026-13", "by": "rep" }),
        json!({ "period": "2026", "by": "name" }),
        json!({}),
    ] {
        let answer = director.post("/api/analysis", &question).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "malformed"), "{question}");
    }
    let question = body(&this_year(By::Rep));
    assert_eq!(director.without_secret().post("/api/analysis", &question).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(Caller::new(&house.url).post("/api/analysis", &question).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(director.get("/api/analysis?by=rep").await.status, StatusCode::METHOD_NOT_ALLOWED, "words of customers stand in no address");
    house.close().await;
}

#[tokio::test]
async fn i2_no_name_of_a_customer_leaves_with_the_figures() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    sell(house.ours.customer, 1, &rep, &mut house).await;
    let named = EditCustomer {
        customer: house.ours.customer,
        changes: vec![ProfileChange::Source("王小明介紹".into()), ProfileChange::Region("王宅對面".into())],
    };
    done(&rep.push(vec![envelope(3, named)]).await);
    for by in By::ALL {
        let director = house.ours("director").await.post("/api/analysis", &body(&this_year(by))).await;
        assert_eq!(director.status, StatusCode::OK);
        for word in ["王", &house.ours.customer.to_string()] {
            assert!(!director.text.contains(word), "{by:?}: {}", director.text);
        }
    }
    let own = rep.report(&this_year(By::Channel)).await.answer.lines;
    assert_eq!(own[0].group, Group::Channel("王小明介紹".into()), "whose customer it is reads their own words");
    house.close().await;
}

#[tokio::test]
async fn i2_who_leaves_or_changes_role_is_told_no_more_than_they_may() {
    use shared::people::Access;
    use shared::people::command::EditUser;
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    sell(house.ours.customer, 1, &rep, &mut house).await;
    let (director, administrator) = (house.ours("director").await, house.ours("administrator").await);
    assert_eq!(director.sold(By::Rep).await.deals, 1);
    let edit = |user: UserId, role: Role, access: Access| {
        let found = house.ours.get::<shared::people::User>(user);
        EditUser { user, name: found.name.clone(), role, team: found.team, access }
    };
    done(&administrator.push(vec![envelope(1, edit(house.ours.director, Role::Marketing, Access::Granted))]).await);
    assert_eq!(director.post("/api/analysis", &body(&this_year(By::Rep))).await.status, StatusCode::FORBIDDEN);
    done(&administrator.push(vec![envelope(2, edit(house.ours.director, Role::Director, Access::Revoked))]).await);
    assert_ne!(director.post("/api/analysis", &body(&this_year(By::Rep))).await.status, StatusCode::OK);
    house.close().await;
}
