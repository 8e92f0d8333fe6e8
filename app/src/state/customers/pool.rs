//! The pool as those see it who may take from it.

use crate::state::order::InOrder;
use shared::customers::Intent;
use shared::customers::pool::PoolCard;
use shared::sync::replica::Replica;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is looked for in the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolFilter {
    /// In which region.
    pub region: Option<String>,
    /// From which source.
    pub source: Option<String>,
    /// With one of these intents; with any if there is none.
    pub intents: Vec<Intent>,
}

/// What stands in the pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool {
    /// Those who match: a purchase soon before one later, who has waited longer before who has not.
    pub cards: Arc<Vec<Arc<PoolCard>>>,
    /// How many there are in all.
    pub total: usize,
    /// Regions in use.
    pub regions: Vec<String>,
    /// Sources in use.
    pub sources: Vec<String>,
}

/// The pool, as far as it matches.
#[must_use]
pub fn pool(replica: &Replica, filter: &PoolFilter) -> Pool {
    let (mut regions, mut sources, mut total) = (BTreeSet::new(), BTreeSet::new(), 0);
    let mut cards = Vec::new();
    for card in replica.all::<PoolCard>() {
        total += 1;
        regions.extend(Some(&card.region).filter(|region| !region.is_empty()).cloned());
        sources.extend(Some(&card.source).filter(|source| !source.is_empty()).cloned());
        let matches = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|wanted| wanted == is);
        let intent = filter.intents.is_empty() || card.intent.is_some_and(|intent| filter.intents.contains(&intent));
        if matches(&filter.region, &card.region) && matches(&filter.source, &card.source) && intent {
            cards.push(Arc::clone(card));
        }
    }
    cards.order_by_key(|card| (card.intent.is_none(), card.intent, card.since, card.customer));
    Pool { cards: Arc::new(cards), total, regions: regions.into_iter().collect(), sources: sources.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::customers::command::{AddCustomer, ClaimCustomer};

    #[test]
    fn a5_the_pool_shows_the_likeliest_first_and_leaves_the_claimed_out() {
        let mut world = World::new();
        let (likely, elsewhere) = (world.id(), world.id());
        for (customer, name, region, intent) in [(likely, "孫小美", "臺北", Intent::A), (elsewhere, "錢夫人", "高雄", Intent::B)] {
            let mut profile = world.profile(name);
            (profile.region, profile.intent) = (region.into(), Some(intent));
            world.apply(world.manager, AddCustomer { customer, owner: None, profile }).expect("a manager fills the pool");
        }
        let mut device = world.replica(world.rep);
        let shown = |device: &Replica, filter: &PoolFilter| pool(device, filter).cards.iter().map(|card| card.customer).collect::<Vec<_>>();
        assert_eq!(shown(&device, &PoolFilter::default()), [likely, elsewhere, world.pool_customer]);
        let in_taipei = PoolFilter { region: Some("臺北".into()), ..PoolFilter::default() };
        assert_eq!(shown(&device, &in_taipei), [likely]);
        let soon = PoolFilter { intents: vec![Intent::B], ..PoolFilter::default() };
        assert_eq!(shown(&device, &soon), [elsewhere]);
        assert_eq!(pool(&device, &soon).regions, ["臺北", "高雄"]);

        let command = Some(ClaimCustomer { customer: likely }.into());
        device.add_pending(shared::sync::replica::Pending { uuid: uuid::Uuid::from_u128(1), at: world.now, command, applied_at: None });
        assert_eq!(shown(&device, &PoolFilter::default()), [elsewhere, world.pool_customer], "gone at once, without a network");
    }
}
