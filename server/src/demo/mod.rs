//! The demo company, told as a story: whom it employs, what it sells, whom it knows, which meetings it holds. Everything but the
//! organisation itself is done by commands, so it obeys the rules, and the audit trail is that of a real company.
//!
//! Law: times count from the first start; no command lies in the future.

mod words;

use crate::auth::passwords;
use crate::first_start::{self, Login, Welcome};
use crate::random;
use crate::store::{Organisation, Transaction};
use shared::ids::{ClientId, TeamId, UserId};
use shared::money::{Currency, Money};
use shared::people::Role;
use shared::people::command::{AddTeam, AddUser};
use shared::products::command::AddProduct;
use shared::sync::protocol::{Envelope, PROTO, PushAnswer, PushRequest, SCHEMA, Verdict};
use shared::sync::server::{self, Session};
use shared::time::Timestamp;
use shared::{Command, Unavailable};
use std::collections::BTreeMap;
use uuid::Uuid;
use words::CompanyFile;

/// Founds the demo company.
pub(crate) fn load(tx: &Transaction<'_>, now: Timestamp) -> Result<Welcome, Unavailable> {
    let file: CompanyFile = first_start::read_toml(include_str!("../../demo/company.toml"))?;
    let mut company = found(tx, &file, now)?;
    company.hire(&file)?;
    company.list_products(&file)?;
    let password_hash = passwords::hash(&file.password);
    for user in company.people.values() {
        tx.set_password_hash(company.organisation.org(), user.id, &password_hash, now)?;
    }
    let logins = file.people.iter().map(|person| Login { role: person.role, login: person.login.clone(), name: person.name.clone() }).collect();
    Ok(Welcome { organisation: file.name, logins, password: file.password, demo: true })
}

/// The company while its story is told.
struct Company<'t> {
    organisation: Organisation<'t>,
    now: Timestamp,
    /// By login.
    people: BTreeMap<String, Person>,
}

#[derive(Clone)]
struct Person {
    id: UserId,
    device: ClientId,
    incarnation: Uuid,
    seq: u64,
}

fn found<'t>(tx: &'t Transaction<'_>, file: &CompanyFile, now: Timestamp) -> Result<Company<'t>, Unavailable> {
    let first =
        file.people.iter().find(|person| person.role == Role::Administrator).ok_or_else(|| Unavailable("the demo has no administrator".into()))?;
    let administrator = first_start::administrator(&first.name, &first.login);
    let people = BTreeMap::from([(first.login.clone(), Person::new(administrator.id))]);
    let organisation = first_start::organisation(tx, &file.name, administrator, now)?;
    Ok(Company { organisation, now, people })
}

impl Company<'_> {
    fn hire(&mut self, file: &CompanyFile) -> Result<(), Unavailable> {
        let at = self.now - chrono::Duration::days(120);
        let mut teams = Vec::new();
        for team in &file.teams {
            let id = TeamId(id(at));
            self.act("admin", at, AddTeam { team: id, name: team.name.clone() })?;
            teams.push(id);
        }
        for person in file.people.iter().filter(|person| person.role != Role::Administrator) {
            let user = UserId(id(at));
            let (name, login, role) = (person.name.clone(), person.login.clone(), person.role);
            let team = person.team.and_then(|team| teams.get(team).copied());
            self.act("admin", at, AddUser { user, name, login, role, team })?;
            self.people.insert(person.login.clone(), Person::new(user));
        }
        Ok(())
    }

    fn list_products(&mut self, file: &CompanyFile) -> Result<(), Unavailable> {
        let at = self.now - chrono::Duration::days(110);
        for product in &file.products {
            let id = id(at).into();
            let price = Money::new(product.price * Currency::Twd.minor_per_major(), Currency::Twd);
            self.act("manager", at, AddProduct { product: id, name: product.name.clone(), description: product.description.clone(), price })?;
        }
        Ok(())
    }

    /// Somebody gives a command on their device, and the server rules on it.
    fn act(&mut self, login: &str, at: Timestamp, command: impl Into<Command>) -> Result<(), Unavailable> {
        let command = command.into();
        let person = self.people.get_mut(login).ok_or_else(|| Unavailable(format!("the demo has no {login}")))?;
        person.seq += 1;
        let envelope = Envelope { seq: person.seq, uuid: id(at), occurred_at: at.min(self.now), clock_offset_ms: 0, command: command.to_raw() };
        let request = PushRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: None,
            client: person.device,
            incarnation: person.incarnation,
            sent_at: at,
            commands: vec![envelope],
        };
        let session = Session { org: self.organisation.org(), user: person.id };
        match server::push(&mut self.organisation, session, &request, self.now)? {
            PushAnswer::Done { outcomes, .. } if outcomes.iter().all(|outcome| outcome.verdict == Verdict::Applied) => Ok(()),
            other => Err(Unavailable(format!("the demo's {} by {login} was not applied: {other:?}", command.name()))),
        }
    }
}

impl Person {
    fn new(id: UserId) -> Self {
        Self { id, device: ClientId(Uuid::new_v4()), incarnation: Uuid::new_v4(), seq: 0 }
    }
}

/// A new id that sorts by the time at which it was made (version 7).
fn id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes()).into_uuid()
}
