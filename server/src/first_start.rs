//! The first start: founds an organisation in an empty database, as the demo company or with nothing but an administrator.

use crate::auth::passwords;
use crate::config::Config;
use crate::letters::LetterBox;
use crate::store::{NewOrganisation, Organisation, Store, Transaction, organisations};
use crate::{demo, random};
use serde::Deserialize;
use shared::Unavailable;
use shared::customers::{Customer, pool};
use shared::decide::{Patch, ViewExt};
use shared::follow_ups::FollowUpRules;
use shared::ids::{OrgId, UserId};
use shared::invitations::ticket::TicketSigner;
use shared::money::Currency;
use shared::people::{Access, Role, User};
use shared::phone::Country;
use shared::settings::{DevicePolicy, DiscountLimits, Entry, Settings, Template, Texts, Wording};
use shared::sync::server;
use shared::time::{Timestamp, UtcOffset};
use uuid::Uuid;

/// What there is to tell after a first start. The password is shown here and nowhere else.
pub struct Welcome {
    /// The organisation's name.
    pub organisation: String,
    /// Who can log in.
    pub logins: Vec<Login>,
    /// The password of all of them.
    pub password: String,
    /// Whether everybody knows the password.
    pub demo: bool,
}

/// One who can log in.
pub struct Login {
    /// As what.
    pub role: Role,
    /// The login.
    pub login: String,
    /// The name.
    pub name: String,
}

impl std::fmt::Display for Welcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "Log in to {} as", self.organisation)?;
        for Login { role, login, name } in &self.logins {
            writeln!(f, "  {:<14} {login:<12} {name}", format!("{role:?}").to_lowercase())?;
        }
        writeln!(f, "Password: {}", self.password)?;
        f.write_str(if self.demo {
            "This is a demo company with a password that everybody knows: do not put it on a public network.\n"
        } else {
            "It is not shown again; change it after the first log-in.\n"
        })
    }
}

/// Founds the first organisation, unless there is one.
///
/// # Errors
/// [`Unavailable`]; the database is then still empty.
pub async fn found(store: &Store, config: &Config) -> Result<Option<Welcome>, Unavailable> {
    if !store.read(organisations).await?.is_empty() {
        return Ok(None);
    }
    let (demo, now) = (!config.no_demo, chrono::Utc::now());
    let founded = store.write(move |tx| {
        // Another server may be having its first start on the same database.
        if !tx.is_unsettled()? {
            return Ok(None);
        }
        if demo { demo::load(tx, now) } else { empty(tx, now) }.map(Some)
    });
    founded.await
}

/// Gives organisations of earlier releases what this one wants them to have.
///
/// # Errors
/// [`Unavailable`].
pub(crate) async fn give_what_is_lacking(store: &Store) -> Result<(), Unavailable> {
    give_letter_keys(store).await?;
    give_pool_cards(store).await
}

/// Organisations that were founded before there were letters are given their key.
async fn give_letter_keys(store: &Store) -> Result<(), Unavailable> {
    for org in store.read(organisations).await? {
        let lacking = move |tx: &Transaction<'_>| {
            let settings = tx.of(org)?.get::<Settings>(org)?;
            Ok(settings.filter(|settings| settings.letter_key.is_none()))
        };
        if store.read(lacking).await?.is_none() {
            continue;
        }
        let give = move |tx: &Transaction<'_>| {
            let mut opened = tx.of(org)?;
            // Another server may have done it meanwhile.
            let Some(settings) = lacking(tx)? else { return Ok(()) };
            let settings = Settings { letter_key: Some(opened.letter_box().public_key()), ..(*settings).clone() };
            server::apply(&mut opened, vec![Patch::put(settings)]).map(drop)
        };
        store.write(give).await?;
    }
    Ok(())
}

/// Customers who came into the pool before it had cards are given theirs.
async fn give_pool_cards(store: &Store) -> Result<(), Unavailable> {
    const AT_ONCE: usize = 500;
    for org in store.read(organisations).await? {
        let lacking = store.read(move |tx| tx.of(org)?.without_pool_card()).await?;
        for part in lacking.chunks(AT_ONCE).map(<[_]>::to_vec) {
            let give = move |tx: &Transaction<'_>| {
                let mut opened = tx.of(org)?;
                let mut patches = Vec::with_capacity(part.len());
                for id in &part {
                    if let Some(customer) = opened.get::<Customer>(*id)? {
                        patches.extend(pool::follow(&opened, &customer)?);
                    }
                }
                server::apply(&mut opened, patches).map(drop)
            };
            store.write(give).await?;
        }
    }
    Ok(())
}

/// A new organisation with its settings and one administrator: what must exist before the first command can be given.
pub(crate) fn organisation<'t>(tx: &'t Transaction<'_>, name: &str, administrator: User, now: Timestamp) -> Result<Organisation<'t>, Unavailable> {
    let ticket_seed = random::bytes();
    let org = OrgId(Uuid::now_v7());
    let mut founded = tx.found(&NewOrganisation { org, epoch: Uuid::new_v4(), ticket_seed, created_at: now })?;
    let settings = settings(org, name, &TicketSigner::from_seed(&ticket_seed), &founded.letter_box())?;
    server::apply(&mut founded, vec![Patch::put(settings), Patch::put(administrator)])?;
    Ok(founded)
}

/// A user for [`organisation`].
pub(crate) fn administrator(name: &str, login: &str) -> User {
    let (name, login) = (name.to_owned(), login.to_owned());
    User { id: UserId(Uuid::now_v7()), name, login, role: Role::Administrator, team: None, access: Access::Granted }
}

fn empty(tx: &Transaction<'_>, now: Timestamp) -> Result<Welcome, Unavailable> {
    let name = "Huixiao".to_owned();
    let user = administrator("Administrator", "admin");
    let (id, login) = (user.id, Login { role: user.role, login: user.login.clone(), name: user.name.clone() });
    let org = organisation(tx, &name, user, now)?.org();
    let password = readable_password();
    tx.set_password_hash(org, id, &passwords::hash(&password), now)?;
    Ok(Welcome { organisation: name, logins: vec![login], password, demo: false })
}

/// What stands in demo/settings.toml; organisation, name and key are added.
#[derive(Deserialize)]
struct Defaults {
    country: Country,
    utc_offset: UtcOffset,
    currency: Currency,
    contract_template_version: u32,
    discount_limits: DiscountLimits,
    refusal_reasons: Vec<Entry>,
    sources: Vec<Entry>,
    invitation_script: Texts,
    reminder_script: Texts,
    templates: Vec<Template>,
    wordings: Vec<Wording>,
    contract_template: Texts,
}

fn settings(org: OrgId, name: &str, signer: &TicketSigner, letter_box: &LetterBox) -> Result<Settings, Unavailable> {
    let defaults: Defaults = read_toml(include_str!("../demo/settings.toml"))?;
    Ok(Settings {
        org,
        name: name.to_owned(),
        country: defaults.country,
        utc_offset: defaults.utc_offset,
        currency: defaults.currency,
        ticket_key: signer.public_key(),
        letter_key: Some(letter_box.public_key()),
        refusal_reasons: defaults.refusal_reasons,
        sources: defaults.sources,
        discount_limits: defaults.discount_limits,
        invitation_script: defaults.invitation_script,
        reminder_script: defaults.reminder_script,
        templates: defaults.templates,
        wordings: defaults.wordings,
        contract_template: defaults.contract_template,
        contract_template_version: defaults.contract_template_version,
        devices: DevicePolicy::default(),
        follow_ups: FollowUpRules::default(),
    })
}

/// Reads a file that was built in.
pub(crate) fn read_toml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Unavailable> {
    toml::from_str(text).map_err(|error| Unavailable(error.to_string()))
}

/// 20 characters that cannot be mistaken for each other: 98 bits.
fn readable_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<u8> = random::bytes::<20>().iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    letters.chunks(5).map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::invitations::Channel;
    use shared::settings::template::{CONTRACT_VARIABLES, VARIABLES, missing_variables, unknown_variables};
    use shared::settings::wording::marks;
    use shared::settings::{Dictionary, Language, Purpose};

    #[test]
    fn b2_what_a_company_begins_with_is_within_its_own_rules() {
        let defaults: Defaults = read_toml(include_str!("../demo/settings.toml")).expect("the file that was built in");
        let mut texts = Vec::new();
        for language in Language::ALL {
            texts.push(defaults.invitation_script.of(language).to_owned());
            texts.push(defaults.reminder_script.of(language).to_owned());
            texts.extend(defaults.templates.iter().map(|template| template.texts.of(language).to_owned()));
        }
        for text in texts {
            assert!(!text.is_empty(), "every text stands in every language");
            assert_eq!(unknown_variables(&text, &VARIABLES), Vec::<&str>::new(), "{text}");
            assert_eq!(marks(&text, &defaults.wordings), [], "{text}");
        }
        for text in Language::ALL.map(|language| defaults.contract_template.of(language)) {
            assert_eq!((unknown_variables(text, &CONTRACT_VARIABLES), missing_variables(text)), (vec![], vec![]), "{text}");
        }
        let entries = Dictionary::ALL.map(|which| match which {
            Dictionary::RefusalReasons => &defaults.refusal_reasons,
            Dictionary::Sources => &defaults.sources,
        });
        for entry in entries.into_iter().flatten() {
            assert!(Language::ALL.into_iter().all(|language| !entry.texts.of(language).is_empty()), "{}", entry.code);
        }
        for wording in &defaults.wordings {
            assert!(Language::ALL.into_iter().all(|language| !wording.why.of(language).is_empty()), "{}", wording.code);
            assert_eq!(marks(&wording.phrase, &defaults.wordings).len(), 1, "{} stands once", wording.phrase);
        }
        for channel in [Channel::Sms, Channel::Mail, Channel::Other] {
            assert!(defaults.templates.iter().any(|template| (template.purpose, template.channel) == (Purpose::Invite, channel)), "{channel:?}");
        }
    }
}
