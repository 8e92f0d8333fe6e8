//! The demo company, told as a story: whom it employs, what it sells, whom it knows, which meetings it holds. Everything but the
//! organisation itself is done by commands, so it obeys the rules, and the audit trail is that of a real company.
//!
//! Law: times count from the first start; nothing has happened in the future.

mod after;
mod chance;
mod customers;
mod deals;
mod doors;
mod hall;
mod invitations;
mod meetings;
mod words;

use crate::auth::passwords;
use crate::first_start::{self, Login, Welcome, read_toml};
use crate::store::{Organisation, Transaction};
use chance::Chance;
use chrono::{Duration, NaiveTime};
use customers::Known;
use shared::ids::{ClientId, GuestId, MeetingId, ProductId, PromotionId, SellingPointId, TeamId, UserId};
use shared::money::{Currency, Money};
use shared::people::Role;
use shared::people::command::{AddTeam, AddUser};
use shared::products::Listing;
use shared::products::command::{AddProduct, ApproveSellingPoint, EditProduct, PutSellingPoint};
use shared::promotions::command::PutPromotion;
use shared::promotions::{Gives, Part, Terms};
use shared::sync::protocol::{Envelope, PROTO, PushAnswer, PushRequest, SCHEMA, Verdict};
use shared::sync::server::{self, Session};
use shared::time::{Timestamp, UtcOffset};
use shared::{Command, Unavailable};
use std::collections::BTreeMap;
use uuid::Uuid;
use words::{CompanyFile, Words};

/// Founds the demo company.
pub(crate) fn load(tx: &Transaction<'_>, now: Timestamp) -> Result<Welcome, Unavailable> {
    let file: CompanyFile = read_toml(include_str!("../../demo/company.toml"))?;
    let mut company = found(tx, &file, now)?;
    company.hire(&file)?;
    company.list_products(&file)?;
    company.get_to_know_customers()?;
    for line in &file.meetings {
        company.hold_meeting(line)?;
    }
    company.go_on_selling()?;
    for (place, line) in file.discounts.iter().enumerate() {
        company.ask_for_discount(place, line)?;
    }
    company.follow_up()?;
    if let Some((meeting, guests)) = company.today.take() {
        company.prepare_hall(meeting, &guests)?;
    }
    company.offer_promotions()?;
    let password_hash = passwords::hash(&file.password);
    for person in company.people.values() {
        tx.set_password_hash(company.organisation.org(), person.id, &password_hash, now)?;
    }
    let logins = file.people.iter().map(|person| Login { role: person.role, login: person.login.clone(), name: person.name.clone() }).collect();
    Ok(Welcome { organisation: file.name, logins, password: file.password, demo: true })
}

/// The company while its story is told.
struct Company<'t> {
    name: String,
    organisation: Organisation<'t>,
    now: Timestamp,
    chance: Chance,
    words: Words,
    /// By login.
    people: BTreeMap<String, Person>,
    products: Vec<(ProductId, String, Money)>,
    /// By owner's login.
    customers: BTreeMap<String, Vec<Known>>,
    /// Today's meeting, and who is expected there.
    today: Option<(Planned, Vec<GuestId>)>,
}

struct Person {
    id: UserId,
    name: String,
    device: ClientId,
    incarnation: Uuid,
    seq: u64,
}

/// A meeting that was planned.
#[derive(Clone, Copy)]
struct Planned {
    id: MeetingId,
    starts_at: Timestamp,
}

fn found<'t>(tx: &'t Transaction<'_>, file: &CompanyFile, now: Timestamp) -> Result<Company<'t>, Unavailable> {
    let first = file.people.iter().find(|person| person.role == Role::Administrator).ok_or_else(|| missing("administrator"))?;
    let administrator = first_start::administrator(&first.name, &first.login);
    let people = BTreeMap::from([(first.login.clone(), Person::new(administrator.id, &first.name))]);
    Ok(Company {
        name: file.name.clone(),
        organisation: first_start::organisation(tx, &file.name, administrator, now)?,
        now,
        chance: Chance::new(),
        words: read_toml(include_str!("../../demo/customers.toml"))?,
        people,
        products: Vec::new(),
        customers: BTreeMap::new(),
        today: None,
    })
}

impl Company<'_> {
    fn hire(&mut self, file: &CompanyFile) -> Result<(), Unavailable> {
        let at = self.now - Duration::days(120);
        let mut teams = Vec::new();
        for team in &file.teams {
            let id = TeamId(self.chance.id(at));
            self.act("admin", at, AddTeam { team: id, name: team.name.clone() })?;
            teams.push(id);
        }
        for person in file.people.iter().filter(|person| person.role != Role::Administrator) {
            let user = UserId(self.chance.id(at));
            let (name, login, role) = (person.name.clone(), person.login.clone(), person.role);
            let team = person.team.and_then(|team| teams.get(team).copied());
            self.act("admin", at, AddUser { user, name, login, role, team })?;
            self.people.insert(person.login.clone(), Person::new(user, &person.name));
        }
        Ok(())
    }

    fn list_products(&mut self, file: &CompanyFile) -> Result<(), Unavailable> {
        let at = self.now - Duration::days(110);
        for product in &file.products {
            let id = ProductId(self.chance.id(at));
            let (name, description) = (product.name.clone(), product.description.clone());
            let price = Money::new(product.price * Currency::Twd.minor_per_major(), Currency::Twd);
            self.act("manager", at, AddProduct { product: id, name: name.clone(), description: description.clone(), price })?;
            if !product.suits.is_empty() {
                let (name, suits) = (name.clone(), Some(product.suits.clone()));
                self.act("manager", at, EditProduct { product: id, name, description, price, listing: Listing::OnSale, suits })?;
            }
            for line in &product.points {
                let (point, text) = (SellingPointId(self.chance.id(at)), line.text.clone());
                self.act("manager", at, PutSellingPoint { point, product: id, text: text.clone(), answers: line.answers.clone() })?;
                self.act("manager", at, ApproveSellingPoint { point, text })?;
            }
            self.products.push((id, name, price));
        }
        Ok(())
    }

    /// A bundle that runs, and a gift that begins next week. Neither is there for a single product: who buys one is offered the rest.
    fn offer_promotions(&mut self) -> Result<(), Unavailable> {
        let at = self.now - Duration::days(3);
        let [first, second, ..] = &self.products[..] else { return Ok(()) };
        let part = |product: &(ProductId, String, Money)| Part { product: product.0, quantity: 1 };
        let price = Money::new((first.2.minor + second.2.minor) / 1_000 * 900, first.2.currency);
        let (opens, soon) = (self.now - Duration::days(3), self.now + Duration::days(7));
        let offers = [
            ("成套優惠價", opens, Gives::Bundle { parts: vec![part(first), part(second)], price }, Some(20)),
            ("新春加購禮", soon, Gives::Gift { bought: Part { quantity: 2, ..part(first) }, gift: part(second) }, None),
        ];
        for (name, opens, gives, first) in offers {
            let promotion = PromotionId(self.chance.id(at));
            let terms = Terms { name: name.into(), opens, closes: opens + Duration::days(30), meetings: Vec::new(), gives, first };
            self.act("manager", at, PutPromotion { promotion, version: 1, terms })?;
        }
        Ok(())
    }

    /// Somebody gives a command on their device, and the server accepts it.
    fn act(&mut self, login: &str, at: Timestamp, command: impl Into<Command>) -> Result<(), Unavailable> {
        self.send(login, at, &command.into(), |verdict| *verdict == Verdict::Applied)
    }

    /// Somebody records what has happened without having the right to; it waits for a ruling.
    fn act_without_right(&mut self, login: &str, at: Timestamp, command: impl Into<Command>) -> Result<(), Unavailable> {
        self.send(login, at, &command.into(), |verdict| matches!(verdict, Verdict::Quarantined { .. }))
    }

    fn send(&mut self, login: &str, at: Timestamp, command: &Command, expected: fn(&Verdict) -> bool) -> Result<(), Unavailable> {
        let at = at.min(self.now);
        let person = self.people.get_mut(login).ok_or_else(|| missing(login))?;
        person.seq += 1;
        let uuid = self.chance.id(at);
        let envelope = Envelope { seq: person.seq, uuid, occurred_at: at, clock_offset_ms: 0, command: command.to_raw() };
        let request = PushRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: None,
            client: person.device,
            incarnation: person.incarnation,
            sent_at: at,
            commands: vec![envelope],
            carried: Vec::new(),
        };
        let session = Session { org: self.organisation.org(), user: person.id };
        match server::push(&mut self.organisation, session, &request, self.now)? {
            PushAnswer::Done { outcomes, .. } if outcomes.iter().all(|outcome| expected(&outcome.verdict)) => Ok(()),
            other => Err(Unavailable(format!("the demo's {} by {login} was ruled on otherwise: {other:?}", command.name()))),
        }
    }

    fn person(&self, login: &str) -> Result<&Person, Unavailable> {
        self.people.get(login).ok_or_else(|| missing(login))
    }

    /// An instant within office hours (9 to 19 o'clock) of a day counted from today; never later than a few minutes ago.
    fn office_hour(&mut self, days: i64) -> Timestamp {
        let minutes = i64::try_from(self.chance.below(600)).unwrap_or(0);
        let at = local(self.now, days, NaiveTime::MIN) + Duration::minutes(9 * 60 + minutes);
        let recent = i64::try_from(self.chance.below(90)).unwrap_or(0);
        at.min(self.now - Duration::minutes(2 + recent))
    }
}

impl Person {
    fn new(id: UserId, name: &str) -> Self {
        Self { id, name: name.to_owned(), device: ClientId(Uuid::new_v4()), incarnation: Uuid::new_v4(), seq: 0 }
    }
}

/// A local time, so many days from an instant's day.
fn local(from: Timestamp, days: i64, time: NaiveTime) -> Timestamp {
    let day = UtcOffset::EAST_8.day_of(from) + Duration::days(days);
    day.and_time(time).and_utc() - Duration::minutes(i64::from(UtcOffset::EAST_8.minutes()))
}

fn missing(what: &str) -> Unavailable {
    Unavailable(format!("the demo has no {what}"))
}
