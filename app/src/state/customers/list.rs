//! The list of customers with its search, filters and orders.
//!
//! Laws: the list keeps ids and shares records, it never copies them, so that 100,000 customers fit a phone; a word that is typed reads the
//! search index, and of the records only those found, if a filter is set.

use crate::state::order::InOrder;
use foldhash::{HashMap, HashSet};
use serde::{Deserialize, Serialize};
use shared::customers::search::{SearchIndex, SearchText, spelled};
use shared::customers::{Customer, Intent};
use shared::ids::{CustomerId, MeetingId, UserId};
use shared::invitations::Invitation;
use shared::record::Index;
use shared::sync::replica::Replica;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which customers a list shows, and in which order. A saved view is one of these with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// One of these intents; all if empty.
    pub intents: BTreeSet<Intent>,
    /// Has this tag.
    pub tag: Option<String>,
    /// Came from this source.
    pub source: Option<String>,
    /// Lives there.
    pub region: Option<String>,
    /// Whose.
    pub owner: Option<Whose>,
    /// Invited or not.
    pub invited: Option<Invited>,
    /// In which order.
    pub order: Order,
}

/// Whose customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// Nobody's.
    Pool,
    /// This person's.
    Person(UserId),
}

/// Whether customers have an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Invited {
    /// To this meeting.
    To(MeetingId),
    /// Not to this meeting.
    NotTo(MeetingId),
    /// To none.
    Never,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Last changed first.
    #[default]
    Changed,
    /// Last added first.
    Added,
    /// By name, as pinyin spells it.
    Name,
    /// Those who will buy soon first.
    Intent,
}

/// A list that a person has named and comes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub filter: Filter,
}

/// What the customers at hand have in their fields, for the filter's choices: the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// Tags.
    pub tags: Vec<String>,
    /// Sources.
    pub sources: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
}

/// What is shown of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The rows.
    pub ids: Vec<CustomerId>,
    /// How many there are in all; more than the rows if a short word found very many.
    pub total: usize,
}

/// All customers on this device, searchable and in order, kept in step with the replica.
///
/// The list can be shown before it can be searched: what is new waits to be indexed, by [`Self::prepare`] or by the first search.
#[derive(Default)]
pub struct CustomerList {
    index: SearchIndex,
    unindexed: Vec<CustomerId>,
    known: HashMap<CustomerId, Known>,
    round: u32,
    ordered: Option<(Order, Vec<CustomerId>)>,
}

struct Known {
    customer: Arc<Customer>,
    /// When it was last seen in the replica.
    round: u32,
    /// What is changed again before it is indexed is indexed once.
    is_indexed: bool,
}

/// Most rows of a search without filter: nobody scrolls further, a further letter helps.
const MOST_FOUND: usize = 1_000;
const MOST_CHOICES: usize = 30;

impl CustomerList {
    /// Takes over what has changed in the replica; says whether anything has. Costs one comparison of pointers per customer.
    pub fn follow(&mut self, replica: &Replica) -> bool {
        self.round = self.round.wrapping_add(1);
        let mut changed = false;
        for customer in replica.all::<Customer>() {
            let waits = match self.known.entry(customer.id) {
                Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    known.round = self.round;
                    if Arc::ptr_eq(&known.customer, customer) {
                        continue;
                    }
                    known.customer = Arc::clone(customer);
                    !std::mem::take(&mut known.is_indexed)
                }
                Entry::Vacant(entry) => {
                    entry.insert(Known { customer: Arc::clone(customer), round: self.round, is_indexed: false });
                    false
                }
            };
            changed = true;
            if !waits {
                self.unindexed.push(customer.id);
            }
        }
        let (index, now) = (&mut self.index, self.round);
        self.known.retain(|id, known| {
            let stays = known.round == now;
            if !stays {
                changed = true;
                index.remove(id.0);
            }
            stays
        });
        if changed {
            self.ordered = None;
        }
        changed
    }

    /// Indexes some of the customers that cannot be searched yet; says whether there are more.
    pub fn prepare(&mut self, most: usize) -> bool {
        for id in self.unindexed.drain(self.unindexed.len().saturating_sub(most)..) {
            if let Some(known) = self.known.get_mut(&id).filter(|known| !known.is_indexed) {
                self.index.put(id.0, &SearchText::of_customer(&known.customer));
                known.is_indexed = true;
            }
        }
        !self.unindexed.is_empty()
    }

    /// The customers that match the words and the filter: with words the best match first, else in the filter's order.
    pub fn shown(&mut self, replica: &Replica, words: &str, filter: &Filter) -> Shown {
        let matcher = Matcher::new(replica, filter);
        if words.trim().is_empty() {
            self.order(filter.order);
            let all = self.ordered.as_ref().map_or(&[][..], |(_, ids)| ids);
            let ids: Vec<_> = if matcher.takes_all { all.to_vec() } else { all.iter().copied().filter(|id| self.passes(*id, &matcher)).collect() };
            return Shown { total: ids.len(), ids };
        }
        self.prepare(usize::MAX);
        let limit = if matcher.takes_all { MOST_FOUND } else { self.known.len() };
        let found = self.index.search(words, limit);
        let ids: Vec<_> = found.ids.into_iter().map(CustomerId).filter(|id| self.passes(*id, &matcher)).collect();
        Shown { total: if matcher.takes_all { found.total } else { ids.len() }, ids }
    }

    /// What the fields hold, for the choices of the filter.
    #[must_use]
    pub fn in_use(&self) -> InUse {
        let [mut tags, mut sources, mut regions] = [const { BTreeMap::new() }; 3];
        for known in self.known.values() {
            let profile = &known.customer.profile;
            profile.tags.iter().for_each(|tag| *tags.entry(tag.as_str()).or_insert(0_usize) += 1);
            *sources.entry(profile.source.as_str()).or_insert(0) += 1;
            *regions.entry(profile.region.as_str()).or_insert(0) += 1;
        }
        InUse { tags: most_frequent(tags), sources: most_frequent(sources), regions: most_frequent(regions) }
    }

    fn passes(&self, id: CustomerId, matcher: &Matcher<'_>) -> bool {
        self.known.get(&id).is_some_and(|known| matcher.takes(&known.customer))
    }

    fn order(&mut self, order: Order) {
        if self.ordered.as_ref().is_some_and(|(known, _)| *known == order) {
            return;
        }
        let customers = self.known.values().map(|known| &known.customer);
        let ids = match order {
            Order::Changed => sorted(customers, |customer| std::cmp::Reverse(customer.changed_at)),
            Order::Added => sorted(customers, |customer| std::cmp::Reverse(customer.created_at)),
            Order::Name => sorted(customers, |customer| spelled(&customer.profile.name)),
            Order::Intent => {
                sorted(customers, |customer| (customer.profile.intent.map_or(u8::MAX, |intent| intent as u8), std::cmp::Reverse(customer.changed_at)))
            }
        };
        self.ordered = Some((order, ids));
    }
}

fn sorted<'a, K: Ord>(customers: impl Iterator<Item = &'a Arc<Customer>>, key: impl Fn(&Customer) -> K) -> Vec<CustomerId> {
    let mut keyed: Vec<_> = customers.map(|customer| (key(customer), customer.id)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, id)| id).collect()
}

fn most_frequent(counts: BTreeMap<&str, usize>) -> Vec<String> {
    let mut counts: Vec<_> = counts.into_iter().filter(|(text, _)| !text.is_empty()).collect();
    counts.order_by_key(|(text, count)| (std::cmp::Reverse(*count), *text));
    counts.into_iter().take(MOST_CHOICES).map(|(text, _)| text.to_owned()).collect()
}

/// A filter with what it must know of invitations.
struct Matcher<'a> {
    filter: &'a Filter,
    invited: HashSet<CustomerId>,
    takes_all: bool,
}

impl<'a> Matcher<'a> {
    fn new(replica: &Replica, filter: &'a Filter) -> Self {
        let invited = match filter.invited {
            None => HashSet::default(),
            Some(Invited::To(meeting) | Invited::NotTo(meeting)) => {
                replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting)).into_iter().map(|invitation| invitation.customer).collect()
            }
            Some(Invited::Never) => replica.all::<Invitation>().map(|invitation| invitation.customer).collect(),
        };
        let takes_all = Filter { order: Order::default(), ..filter.clone() } == Filter::default();
        Self { filter, invited, takes_all }
    }

    fn takes(&self, customer: &Customer) -> bool {
        let (filter, profile) = (self.filter, &customer.profile);
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        self.takes_all
            || ((filter.intents.is_empty() || profile.intent.is_some_and(|intent| filter.intents.contains(&intent)))
                && filter.tag.as_ref().is_none_or(|tag| profile.tags.contains(tag))
                && is(&filter.source, &profile.source)
                && is(&filter.region, &profile.region)
                && filter.owner.is_none_or(|whose| customer.owner == whose.owner())
                && filter.invited.is_none_or(|invited| self.invited.contains(&customer.id) == matches!(invited, Invited::To(_))))
    }
}

impl Whose {
    const fn owner(self) -> Option<UserId> {
        match self {
            Self::Pool => None,
            Self::Person(id) => Some(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::customers::transfer;
    use crate::state::world::{self, World};
    use shared::customers::command::{EditCustomer, ProfileChange};

    fn shown(world: &World, words: &str, filter: &Filter) -> Vec<CustomerId> {
        let replica = world.replica(world.manager);
        let mut list = CustomerList::default();
        list.follow(&replica);
        let mut shown = list.shown(&replica, words, filter).ids;
        shown.sort_unstable();
        shown
    }

    #[test]
    fn what_changes_again_before_it_is_indexed_is_indexed_once() {
        let mut world = World::new();
        let mut list = CustomerList::default();
        for name in ["錢多多", "錢更多"] {
            let edit = EditCustomer { customer: world.customer, changes: vec![ProfileChange::Name(name.to_owned())] };
            world.apply(world.rep, edit).expect("own customer");
            assert!(list.follow(&world.replica(world.rep)));
        }
        assert!(!list.prepare(1), "one customer, one to index");
        let found = |list: &mut CustomerList, words| list.shown(&world.replica(world.rep), words, &Filter::default()).ids;
        assert_eq!((found(&mut list, "錢更多"), found(&mut list, "錢多多")), (vec![world.customer], vec![]));
    }

    #[test]
    fn a_list_follows_what_is_added_changed_and_taken_away() {
        let mut world = World::new();
        let mut list = CustomerList::default();
        assert!(list.follow(&world.replica(world.rep)));
        let before = list.shown(&world.replica(world.rep), "", &Filter::default()).ids;
        assert_eq!(before, [world.customer]);
        let added = world.add_customer(world.rep, "歐陽娜娜");
        let edit = EditCustomer { customer: world.customer, changes: vec![ProfileChange::Name("錢多多".to_owned())] };
        world.apply(world.rep, edit).expect("own customer");
        let replica = world.replica(world.rep);
        assert!(list.follow(&replica));
        assert_eq!(list.shown(&replica, "錢多", &Filter::default()).ids, [world.customer]);
        assert_eq!(list.shown(&replica, "王小明", &Filter::default()).ids, []);
        let away = transfer(&[added], Some(world.colleague)).next().expect("one part");
        world.apply(world.manager, away).expect("a manager may");
        let replica = world.replica(world.rep);
        assert!(list.follow(&replica));
        assert_eq!(list.shown(&replica, "", &Filter::default()).total, 1);
    }

    #[test]
    fn a_replica_that_did_not_change_costs_no_new_order() {
        let world = World::new();
        let replica = world.replica(world.manager);
        let mut list = CustomerList::default();
        assert!(list.follow(&replica));
        assert!(!list.follow(&replica));
    }

    #[test]
    fn a_search_does_not_wait_for_all_to_be_prepared() {
        let mut world = World::new();
        let added: Vec<_> = ["歐陽娜娜", "歐陽明", "歐陽華"].into_iter().map(|name| world.add_customer(world.rep, name)).collect();
        let replica = world.replica(world.rep);
        let mut list = CustomerList::default();
        list.follow(&replica);
        assert!(list.prepare(1), "most are still to come");
        assert_eq!(list.shown(&replica, "oy", &Filter::default()).ids.len(), added.len());
        assert!(!list.prepare(1), "the search has taken in the rest");
        let edit = EditCustomer { customer: added[0], changes: vec![ProfileChange::Name("錢多多".to_owned())] };
        world.apply(world.rep, edit).expect("own customer");
        let replica = world.replica(world.rep);
        list.follow(&replica);
        assert_eq!(list.shown(&replica, "oy", &Filter::default()).ids.len(), added.len() - 1, "a changed one is found by its new words only");
        assert!(!list.prepare(1));
    }

    #[test]
    fn filters_join_and_the_pool_is_nobodys() {
        let mut world = World::new();
        let rep = world.rep;
        let warm = world::customer(&mut world, Some(rep), "林美玲", |profile| {
            profile.intent = Some(Intent::A);
            profile.region = "台北".to_owned();
            profile.tags = vec!["養生".to_owned()];
        });
        world::customer(&mut world, Some(rep), "林大同", |profile| profile.region = "台北".to_owned());
        let filter = Filter { region: Some("台北".to_owned()), intents: [Intent::A, Intent::B].into(), ..Filter::default() };
        assert_eq!(shown(&world, "", &filter), [warm]);
        assert_eq!(shown(&world, "林", &filter), [warm]);
        assert_eq!(shown(&world, "", &Filter { tag: Some("養生".to_owned()), ..Filter::default() }), [warm]);
        assert_eq!(shown(&world, "", &Filter { owner: Some(Whose::Pool), ..Filter::default() }), [world.pool_customer]);
    }

    #[test]
    fn who_has_an_invitation_can_be_told_from_who_has_none() {
        let mut world = World::new();
        let (meeting, customer) = (world.meeting, world.customer);
        world.invite(meeting, customer);
        let filter = |invited| Filter { invited: Some(invited), ..Filter::default() };
        assert_eq!(shown(&world, "", &filter(Invited::To(meeting))), [customer]);
        assert_eq!(shown(&world, "", &filter(Invited::NotTo(meeting))).len(), 3);
        assert_eq!(shown(&world, "", &filter(Invited::Never)).len(), 3);
        assert_eq!(shown(&world, "", &filter(Invited::NotTo(world.other_meeting))).len(), 4);
    }

    #[test]
    fn orders_put_the_right_ones_first() {
        let mut world = World::new();
        let rep = world.rep;
        let cold = world::customer(&mut world, Some(rep), "丁一", |profile| profile.intent = Some(Intent::D));
        let hot = world::customer(&mut world, Some(rep), "白二", |profile| profile.intent = Some(Intent::A));
        let replica = world.replica(rep);
        let mut list = CustomerList::default();
        list.follow(&replica);
        let mut by = |order| list.shown(&replica, "", &Filter { order, ..Filter::default() }).ids;
        assert_eq!(by(Order::Intent), [hot, cold, world.customer]);
        assert_eq!(by(Order::Added), [hot, cold, world.customer]);
        assert_eq!(by(Order::Name), [hot, cold, world.customer], "bai er, ding yi, wang xiao ming");
    }
}
