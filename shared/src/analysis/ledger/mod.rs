//! Everything that an organisation has sold, in few bytes a deal, kept up to date row by row: what a server counts its reports from, which has no
//! time to read a million deals for each.
//!
//! Laws: a ledger that was told of every row that changed says what one says that is made anew. What follows from other rows than the deal and its
//! customer (who is in which team, on whose clock days count, in what currency the report is) is looked up when it is counted, so that such a
//! change costs nothing. Of a customer whom somebody's device does not hold, neither channel nor region is told.
//!
//! ```text
//! rows that changed ─ note ─▶ stale customers ─ settle ─▶ their deals are read anew ─▶ packed sales
//!                                                        report ─▶ unpacked, one customer at a time ─▶ Tally
//! ```

mod names;
mod packed;
#[cfg(test)]
mod tests;

use super::reach::Reach;
use super::sales::{Buyer, Sale, origin};
use super::standard::{Against, Question, ServersAnswer, Standard};
use crate::customers::Customer;
use crate::deals::Deal;
use crate::decide::{Unavailable, View, ViewExt};
use crate::ids::{CustomerId, DealId, OrgId, TeamId, UserId};
use crate::people::User;
use crate::record::{Index, Key, Record};
use crate::settings::Settings;
use crate::time::Timestamp;
use foldhash::HashMap;
use names::Names;
use packed::Named;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A region that so many buyers share names nobody.
const SHARED_BY: u32 = 3;

/// Everything that an organisation has sold.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: Vec<Account>,
    account_of: HashMap<CustomerId, u32>,
    sold_to: HashMap<DealId, u32>,
    named: Named,
    words: Names<String>,
    teams: BTreeMap<UserId, Option<TeamId>>,
    settings: Option<Arc<Settings>>,
    stale: Stale,
}

/// What was sold to one customer.
#[derive(Clone, Debug)]
struct Account {
    customer: CustomerId,
    holder: Holder,
    channel: u32,
    region: u32,
    sales: Vec<u8>,
}

/// On whose devices the customer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// The customer was not found.
    Nobody,
    /// In the pool.
    Pool,
    /// A person's.
    Person(UserId),
}

/// What has changed and was not read anew.
#[derive(Clone, Debug, Default)]
struct Stale {
    customers: BTreeSet<CustomerId>,
    people: BTreeSet<UserId>,
    settings: Option<OrgId>,
}

impl Ledger {
    /// Notes that a row has changed: what it is now, or that it is gone. [`Ledger::settle`] reads what follows.
    pub fn note(&mut self, key: Key, now: Option<&Record>) {
        use crate::record::Kind;
        match key.kind {
            Kind::Deal => {
                let before = self.sold_to.get(&DealId(key.id)).map(|account| self.accounts[*account as usize].customer);
                let after = match now {
                    Some(Record::Deal(deal)) => Some(deal.customer),
                    _ => None,
                };
                self.stale.customers.extend(before.into_iter().chain(after));
            }
            Kind::Customer if self.account_of.contains_key(&CustomerId(key.id)) => drop(self.stale.customers.insert(CustomerId(key.id))),
            Kind::User => drop(self.stale.people.insert(UserId(key.id))),
            Kind::Settings => self.stale.settings = Some(OrgId(key.id)),
            _ => {}
        }
    }

    /// Reads anew what has changed.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read; what was not read stays stale.
    pub fn settle<V: View + ?Sized>(&mut self, view: &V) -> Result<(), Unavailable> {
        while let Some(customer) = self.stale.customers.first().copied() {
            let deals = view.list::<Deal>(&Index::DealsByCustomer(customer))?;
            let found = view.get::<Customer>(customer)?;
            self.empty(customer);
            deals.iter().for_each(|deal| self.take_deal(deal));
            self.place(customer, found.as_deref());
            self.stale.customers.remove(&customer);
        }
        while let Some(person) = self.stale.people.first().copied() {
            match view.get::<User>(person)? {
                Some(user) => self.take_user(&user),
                None => drop(self.teams.remove(&person)),
            }
            self.stale.people.remove(&person);
        }
        if let Some(org) = self.stale.settings {
            self.settings = view.get::<Settings>(org)?;
            self.stale.settings = None;
        }
        Ok(())
    }

    /// Takes in a deal that it does not know yet, in any order.
    pub fn take_deal(&mut self, deal: &Deal) {
        if deal.sold_at().is_none() || self.sold_to.get(&deal.id).is_some_and(|account| self.accounts[*account as usize].customer == deal.customer) {
            return;
        }
        let account = self.account(deal.customer);
        self.named.pack(deal, &mut self.accounts[account as usize].sales);
        self.sold_to.insert(deal.id, account);
    }

    /// Takes in a customer, after all of their deals.
    pub fn take_customer(&mut self, customer: &Customer) {
        self.place(customer.id, Some(customer));
    }

    /// Takes in somebody who may sell.
    pub fn take_user(&mut self, user: &User) {
        self.teams.insert(user.id, user.team);
    }

    /// Takes in the organisation's settings.
    pub fn take_settings(&mut self, settings: &Settings) {
        self.settings = Some(Arc::new(settings.clone()));
    }

    /// Gives back memory that was set aside while deals were taken in.
    pub fn shrink(&mut self) {
        self.accounts.iter_mut().for_each(|account| account.sales.shrink_to_fit());
        self.accounts.shrink_to_fit();
    }

    fn account(&mut self, customer: CustomerId) -> u32 {
        if let Some(account) = self.account_of.get(&customer) {
            return *account;
        }
        let number = u32::try_from(self.accounts.len()).expect("fewer customers than bytes of memory");
        let unknown = self.words.number(String::new());
        self.accounts.push(Account { customer, holder: Holder::Nobody, channel: unknown, region: unknown, sales: Vec::new() });
        self.account_of.insert(customer, number);
        number
    }

    /// Forgets what was sold to a customer.
    fn empty(&mut self, customer: CustomerId) {
        let Some(number) = self.account_of.get(&customer).copied() else { return };
        let sales = std::mem::take(&mut self.accounts[number as usize].sales);
        for sale in self.named.unpack(&sales) {
            // A deal that has moved on to another customer is that one's by now.
            if self.sold_to.get(&sale.deal) == Some(&number) {
                self.sold_to.remove(&sale.deal);
            }
        }
    }

    /// Takes in from where a customer is, and whose.
    fn place(&mut self, id: CustomerId, customer: Option<&Customer>) {
        let Some(number) = self.account_of.get(&id).copied() else { return };
        let (channel, region) = customer.map(origin).unwrap_or_default();
        let [channel, region] = [channel, region].map(|word| self.words.number(word.to_owned()));
        let account = &mut self.accounts[number as usize];
        (account.channel, account.region) = (channel, region);
        account.holder = customer.map_or(Holder::Nobody, |customer| customer.owner.map_or(Holder::Pool, Holder::Person));
    }

    /// The report for somebody; none before the organisation has settings.
    #[must_use]
    pub fn report(&self, reach: Reach, question: &Question, now: Timestamp) -> Option<ServersAnswer> {
        let settings = self.settings.as_ref()?;
        let within = reach.group();
        let mut standard = Standard::new(question, settings.utc_offset.day_of(now), within.as_ref());
        let mut against = Against::new(question.period, within.as_ref());
        self.each(reach, settings, |buyer| {
            standard.add(buyer);
            against.add(buyer);
        });
        Some(ServersAnswer { as_of: now, currency: settings.currency, answer: standard.finish(), actuals: against.finish() })
    }

    /// How many deals it holds, and in how many bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let sales: usize = self.accounts.iter().map(|account| account.sales.capacity()).sum();
        let accounts = self.accounts.capacity() * size_of::<Account>();
        // A table of hashes has a byte beside each place.
        let indexes = self.account_of.capacity() * (size_of::<(CustomerId, u32)>() + 1) + self.sold_to.capacity() * (size_of::<(DealId, u32)>() + 1);
        (self.sold_to.len(), sales + accounts + indexes)
    }

    /// Every customer to whom something was sold, one after the other, as somebody may know them.
    fn each(&self, reach: Reach, settings: &Settings, mut take: impl FnMut(&Buyer)) {
        let teams: Vec<Option<TeamId>> = self.named.people.all().iter().map(|person| self.team_of(*person)).collect();
        let [channels, regions] = [self.told_channels(reach, settings), self.told_regions(reach)];
        for account in &self.accounts {
            let sales = self.named.unpack(&account.sales).filter(|sale| sale.currency == settings.currency);
            let sales = sales.map(|sale| Sale {
                deal: sale.deal,
                seller: self.named.people.named(sale.seller.into()),
                team: teams[sale.seller as usize],
                meeting: sale.meeting,
                at: sale.at,
                day: settings.utc_offset.day_of(sale.at),
                is_first: false,
                parts: sale.parts,
            });
            let sales: Vec<Sale> = sales.collect();
            if sales.is_empty() {
                continue;
            }
            let is_known = self.is_known(reach, account.holder);
            let word = |word: u32, told: &[bool]| if is_known && told[word as usize] { self.words.named(word.into()) } else { String::new() };
            let (channel, region) = (word(account.channel, &channels), word(account.region, &regions));
            let mut buyer = Buyer { customer: account.customer, channel, region, sales };
            buyer.put_in_order(&[]);
            take(&buyer);
        }
    }

    fn team_of(&self, person: UserId) -> Option<TeamId> {
        self.teams.get(&person).copied().flatten()
    }

    /// Whether somebody's device would hold the customer, or they are told totals of all.
    fn is_known(&self, reach: Reach, holder: Holder) -> bool {
        match (reach, holder) {
            (Reach::Everybody | Reach::Totals, _) => true,
            (Reach::Own(user), Holder::Person(owner)) => user == owner,
            (Reach::Team(team), Holder::Person(owner)) => self.team_of(owner) == Some(team),
            (Reach::Team(_), Holder::Pool) => true,
            (Reach::Own(_), Holder::Pool) | (Reach::Own(_) | Reach::Team(_), Holder::Nobody) => false,
        }
    }

    /// Which words are told as channels. One in somebody's own words may name a person, however many came through them, and is not for who knows no customer.
    fn told_channels(&self, reach: Reach, settings: &Settings) -> Vec<bool> {
        let is_own = |word: &String| settings.sources.iter().any(|entry| entry.code == *word);
        self.words.all().iter().map(|word| reach != Reach::Totals || is_own(word)).collect()
    }

    /// Which words are told as regions: to who knows no customer, those where so many live that they name nobody.
    fn told_regions(&self, reach: Reach) -> Vec<bool> {
        let words = self.words.all();
        if reach != Reach::Totals {
            return vec![true; words.len()];
        }
        let mut living = vec![0_u32; words.len()];
        for account in self.accounts.iter().filter(|account| !account.sales.is_empty()) {
            living[account.region as usize] += 1;
        }
        living.into_iter().map(|living| living >= SHARED_BY).collect()
    }
}
