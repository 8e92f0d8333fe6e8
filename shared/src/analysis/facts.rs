//! What a device knows of sales, kept from one change of its replica to the next: only customers of whom something has changed are folded anew, and
//! only their deals are read.
//!
//! Law: the facts after any changes are those that are made anew.

use super::sales::{Buyer, Company, Sale};
use crate::customers::Customer;
use crate::customers::milestones::{Milestone, What};
use crate::deals::{Deal, Stage};
use crate::ids::{CustomerId, DealId};
use crate::people::User;
use crate::record::{Entity, Index};
use crate::settings::Settings;
use crate::sync::replica::{Edition, Glance, Replica};
use crate::time::Timestamp;
use foldhash::{HashMap, HashMapExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Everything sold that a device knows of.
#[derive(Debug, Default)]
pub struct Facts {
    deals: Seen<Deal>,
    milestones: Seen<Milestone>,
    customers: Seen<Customer>,
    company: Option<Company>,
    buyers: BTreeMap<CustomerId, Arc<Buyer>>,
}

/// The nouns of a kind as they were looked at last, and of which customer each tells.
#[derive(Debug)]
struct Seen<T> {
    nouns: HashMap<Uuid, Known<T>>,
    round: u32,
}

#[derive(Debug)]
struct Known<T> {
    edition: Edition<T>,
    customer: CustomerId,
    /// When it was on the screen last.
    round: u32,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { nouns: HashMap::new(), round: 0 }
    }
}

impl<T: Entity> Seen<T> {
    /// Notes the customers of nouns that are others than before, new, or gone. `of` says of whom one tells, none if it does not count. Costs one
    /// comparison for each noun.
    fn look(&mut self, replica: &Replica, of: impl Fn(&Glance<'_, T>) -> Option<CustomerId>, stale: &mut BTreeSet<CustomerId>) {
        self.round = self.round.wrapping_add(1);
        let round = self.round;
        for glance in replica.glances::<T>() {
            if let Some(known) = self.nouns.get_mut(&glance.id)
                && known.edition == glance.edition
            {
                known.round = round;
                continue;
            }
            if let Some(customer) = of(&glance) {
                stale.insert(customer);
                let before = self.nouns.insert(glance.id, Known { edition: glance.edition, customer, round });
                stale.extend(before.map(|before| before.customer));
            }
        }
        self.nouns.retain(|_, known| {
            let stays = known.round == round;
            if !stays {
                stale.insert(known.customer);
            }
            stays
        });
    }
}

impl Facts {
    /// Everybody to whom something was sold, as the replica has it now; none before it holds the organisation's settings.
    pub fn follow(&mut self, replica: &Replica) -> Option<Vec<Arc<Buyer>>> {
        let settings = replica.all::<Settings>().next()?;
        let teams = replica.all::<User>().map(|user| (user.id, user.team)).collect();
        let company = Company { teams, currency: settings.currency, clock: settings.utc_offset };
        let mut stale = BTreeSet::new();
        self.deals.look(replica, |deal| deal.noun().map(|deal| deal.customer), &mut stale);
        self.milestones.look(replica, |milestone| milestone.noun().map(|milestone| milestone.customer), &mut stale);
        // Who has bought nothing is not read, and not remembered.
        let buyers = &self.buyers;
        self.customers.look(replica, |customer| Some(CustomerId(customer.id)).filter(|id| buyers.contains_key(id)), &mut stale);
        if self.company.as_ref() != Some(&company) {
            stale.extend(self.deals.nouns.values().map(|known| known.customer));
        }
        for customer in stale {
            match buyer(replica, &company, customer) {
                Some(buyer) => drop(self.buyers.insert(customer, Arc::new(buyer))),
                None => drop(self.buyers.remove(&customer)),
            }
        }
        self.company = Some(company);
        Some(self.buyers.values().cloned().collect())
    }
}

/// A customer with what was sold to them; none if that is nothing.
fn buyer(replica: &Replica, company: &Company, id: CustomerId) -> Option<Buyer> {
    let deals = replica.nouns::<Deal>(&Index::DealsByCustomer(id));
    let sales: Vec<Sale> = deals.into_iter().filter_map(|deal| company.sale(deal)).collect();
    if sales.is_empty() { None } else { Some(Buyer::new(id, replica.noun::<Customer>(id).map(|known| &**known), sales, &told(replica, id))) }
}

/// What the customer's owner is told of deals, those of others too.
fn told(replica: &Replica, id: CustomerId) -> Vec<(Timestamp, DealId)> {
    let milestones = replica.nouns::<Milestone>(&Index::MilestonesByCustomer(id)).into_iter();
    let sold = |milestone: &Arc<Milestone>| match milestone.what {
        What::Deal { stage: Stage::Signed | Stage::Paid, signed_at, .. } => Some((signed_at.unwrap_or(milestone.at), DealId(milestone.id.0))),
        _ => None,
    };
    milestones.filter_map(sold).collect()
}
