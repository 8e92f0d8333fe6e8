//! Whom the company knows: about four hundred customers, most of them some rep's.

use super::{Company, local};
use chrono::{Duration, NaiveTime};
use shared::Unavailable;
use shared::customers::command::{AddCustomer, ImportCustomers, ImportRow, TransferCustomers};
use shared::customers::{Consent, Gender, Intent, Profile, Salutation};
use shared::ids::{CustomerId, ImportId};
use shared::phone::{Country, Phone};
use shared::time::Timestamp;

/// How many customers each login has.
const OWNED: [(&str, usize); 9] =
    [("rep1", 58), ("rep2", 54), ("rep3", 56), ("rep4", 60), ("rep5", 55), ("rep6", 53), ("supervisor1", 20), ("supervisor2", 18), ("manager", 4)];
const IN_THE_POOL: usize = 12;
const IMPORTED: usize = 15;
const SOURCES: [&str; 10] = ["referral", "referral", "referral", "exhibition", "exhibition", "web", "web", "social", "store", "call"];

/// A customer whom somebody knows.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) id: CustomerId,
    pub(super) name: String,
}

impl Company<'_> {
    pub(super) fn get_to_know_customers(&mut self) -> Result<(), Unavailable> {
        for (login, count) in OWNED {
            let owner = Some(self.person(login)?.id);
            for _ in 0..count {
                let known = self.meet(login, owner)?;
                self.customers.entry(login.to_owned()).or_default().push(known);
            }
        }
        for _ in 0..IN_THE_POOL {
            self.meet("supervisor1", None)?;
        }
        self.import_a_list("rep1")?;
        self.transfer_some("supervisor1", "rep3", "rep2")
    }

    fn meet(&mut self, login: &str, owner: Option<shared::ids::UserId>) -> Result<Known, Unavailable> {
        let days = 20 + i64::try_from(self.chance.below(85)).unwrap_or(0);
        let at = self.office_hour(-days);
        let profile = self.profile(at);
        let known = Known { id: CustomerId(self.chance.id(at)), name: profile.name.clone() };
        self.act(login, at, AddCustomer { customer: known.id, owner, profile })?;
        Ok(known)
    }

    /// A list from an exhibition, taken in yesterday; it can still be undone.
    fn import_a_list(&mut self, login: &str) -> Result<(), Unavailable> {
        let at = self.office_hour(-1);
        let import = ImportId(self.chance.id(at));
        let mut rows = Vec::new();
        for _ in 0..IMPORTED {
            let mut profile = self.profile(at);
            (profile.source, profile.intent, profile.intent_reason) = ("exhibition".into(), None, String::new());
            rows.push(ImportRow::Create { customer: CustomerId(self.chance.id(at)), profile: Box::new(profile) });
        }
        self.act(login, at, ImportCustomers { import, rows })
    }

    /// Two customers have moved to another rep.
    fn transfer_some(&mut self, by: &str, from: &str, to: &str) -> Result<(), Unavailable> {
        let leaving = self.customers.get_mut(from).map(|known| known.split_off(known.len().saturating_sub(2))).unwrap_or_default();
        let (customers, to) = (leaving.iter().map(|known| known.id).collect(), Some((self.person(to)?.id, to)));
        let at = self.office_hour(-7);
        self.act(by, at, TransferCustomers { customers, to: to.map(|(id, _)| id) })?;
        if let Some((_, login)) = to {
            self.customers.entry(login.to_owned()).or_default().extend(leaving);
        }
        Ok(())
    }

    pub(super) fn profile(&mut self, met: Timestamp) -> Profile {
        let (name, gender, mail, country) = self.name();
        let year = 1950 + u16::try_from(self.chance.below(52)).unwrap_or(0);
        let concern = self.chance.below(self.words.concerns.len());
        let (need, pain) = self.words.concerns.get(concern).map(|concern| (concern.need.clone(), concern.pain.clone())).unwrap_or_default();
        let (intent, intent_reason) = self.intent();
        let region = self.chance.word(&self.words.regions);
        Profile {
            salutation: self.chance.percent(92).then_some(if gender == Gender::Male { Salutation::Mr } else { Salutation::Ms }),
            gender: self.chance.percent(85).then_some(gender),
            birth_year: self.chance.percent(80).then_some(year),
            phones: self.phones(country),
            email: if self.chance.percent(55) { mail } else { String::new() },
            company: self.company(),
            address: self.address(&region),
            region,
            occupation: self.chance.maybe(80, &self.words.occupations),
            interests: self.chance.some(3, &self.words.interests).join("、"),
            source: SOURCES.get(self.chance.below(SOURCES.len())).copied().unwrap_or_default().to_owned(),
            needs: if self.chance.percent(85) { need } else { String::new() },
            pains: if self.chance.percent(75) { pain } else { String::new() },
            intent,
            intent_reason,
            tags: self.chance.some(3, &self.words.tags),
            consents: self.consents(met),
            name,
            ..Profile::default()
        }
    }

    /// Name, gender, mail address, and the country of the phone.
    fn name(&mut self) -> (String, Gender, String, Country) {
        let number = self.chance.digits(4);
        if self.chance.percent(8) {
            let entry = self.chance.word(&self.words.simplified);
            let (name, gender) = entry.split_once(' ').unwrap_or((&entry, "m"));
            return (name.to_owned(), if gender == "f" { Gender::Female } else { Gender::Male }, format!("guest{number}@example.com"), Country::Cn);
        }
        let entry = self.chance.word(&self.words.surnames);
        let (surname, roman) = entry.split_once(' ').unwrap_or((&entry, "guest"));
        let woman = self.chance.percent(56);
        let given = self.chance.word(if woman { &self.words.women } else { &self.words.men });
        let gender = if woman { Gender::Female } else { Gender::Male };
        (format!("{surname}{given}"), gender, format!("{roman}{number}@example.com"), Country::Tw)
    }

    fn phones(&mut self, country: Country) -> Vec<Phone> {
        let mobile = match country {
            Country::Cn => format!("138{}", self.chance.digits(8)),
            Country::Tw | Country::Hk => format!("09{}", self.chance.digits(8)),
        };
        let second = format!("022{}", self.chance.digits(7));
        let second = if self.chance.percent(12) { Phone::parse(&second, Country::Tw).ok() } else { None };
        [Phone::parse(&mobile, country).ok(), second].into_iter().flatten().collect()
    }

    fn company(&mut self) -> String {
        let name = self.chance.word(&self.words.company_names) + &self.chance.word(&self.words.company_trades);
        if self.chance.percent(60) { name } else { String::new() }
    }

    fn address(&mut self, region: &str) -> String {
        let street = self.chance.word(&self.words.streets);
        let (number, floor) = (1 + self.chance.below(280), 2 + self.chance.below(14));
        if self.chance.percent(65) { format!("{region}{street} {number} 號 {floor} 樓") } else { String::new() }
    }

    fn intent(&mut self) -> (Option<Intent>, String) {
        let reasons = &self.words.intent_reasons;
        let (intent, reasons) = match self.chance.below(100) {
            0..12 => (Intent::A, &reasons.a),
            12..38 => (Intent::B, &reasons.b),
            38..70 => (Intent::C, &reasons.c),
            70..85 => (Intent::D, &reasons.d),
            _ => return (None, String::new()),
        };
        (Some(intent), self.chance.maybe(80, reasons))
    }

    fn consents(&mut self, met: Timestamp) -> Vec<Consent> {
        let at = local(met, 0, NaiveTime::MIN) + Duration::hours(9);
        let how = self.chance.word(&self.words.consent_hows);
        self.chance
            .some(2, &self.words.consent_purposes)
            .into_iter()
            .map(|purpose| Consent { purpose, at: at.min(met), how: how.clone(), withdrawn: None })
            .collect()
    }
}
