//! The list of customers with its search, filters and orders.
//!
//! Laws: the list keeps ids and no records, so that 100,000 customers fit a phone and need not be read before they are listed in the first
//! order, and searched; a word that is typed reads the search index, and of the records only those found, if a filter is set.

use crate::state::order::InOrder;
use foldhash::{HashMap, HashSet};
use serde::{Deserialize, Serialize};
use shared::customers::search::{SearchIndex, spelled};
use shared::customers::{Customer, CustomerGist, Intent};
use shared::ids::{CustomerId, MeetingId, UserId};
use shared::invitations::Invitation;
use shared::record::Index;
use shared::sync::replica::{Edition, Glance, Replica};
use shared::time::Timestamp;
use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

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
    /// None if the index has another than the list.
    edition: Option<Edition<Customer>>,
    changed_at: Timestamp,
    /// When it was last seen in the replica.
    round: u32,
    /// What is changed again before it is indexed is indexed once.
    is_indexed: bool,
}

/// Most rows of a search without filter: nobody scrolls further, a further letter helps.
const MOST_FOUND: usize = 1_000;
const MOST_CHOICES: usize = 30;

impl CustomerList {
    /// Takes over what has changed in the replica; says whether anything has. Costs one comparison per customer.
    pub fn follow(&mut self, replica: &Replica) -> bool {
        self.round = self.round.wrapping_add(1);
        let mut changed = false;
        self.known.reserve(replica.most_of::<Customer>().saturating_sub(self.known.len()));
        for glance in replica.glances::<Customer>() {
            let id = CustomerId(glance.id);
            let waits = match self.known.entry(id) {
                Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    if known.edition.as_ref() == Some(&glance.edition) {
                        known.round = self.round;
                        continue;
                    }
                    let Some(changed_at) = changed_at(&glance) else { continue };
                    (known.edition, known.changed_at, known.round) = (Some(glance.edition), changed_at, self.round);
                    !std::mem::take(&mut known.is_indexed)
                }
                Entry::Vacant(entry) => {
                    let Some(changed_at) = changed_at(&glance) else { continue };
                    entry.insert(Known { edition: Some(glance.edition), changed_at, round: self.round, is_indexed: false });
                    false
                }
            };
            changed = true;
            if !waits {
                self.unindexed.push(id);
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
    pub fn prepare(&mut self, replica: &Replica, most: usize) -> bool {
        self.index.make_room(self.unindexed.len());
        for id in self.unindexed.drain(self.unindexed.len().saturating_sub(most)..) {
            if let Some(known) = self.known.get_mut(&id).filter(|known| !known.is_indexed) {
                known.is_indexed = true;
                match replica.glance::<Customer>(id) {
                    Some(glance) if known.edition.as_ref() == Some(&glance.edition) => self.index.put_customer(&glance),
                    // The replica has gone on, and the list has not followed yet: then it is taken in anew.
                    _ => known.edition = None,
                }
            }
        }
        !self.unindexed.is_empty()
    }

    /// The customers that match the words and the filter: with words the best match first, else in the filter's order.
    pub fn shown(&mut self, replica: &Replica, words: &str, filter: &Filter) -> Shown {
        self.shown_within(MOST_FOUND, replica, words, filter)
    }

    /// As [`Self::shown`], however many a short word finds.
    pub fn all_shown(&mut self, replica: &Replica, words: &str, filter: &Filter) -> Vec<CustomerId> {
        self.shown_within(usize::MAX, replica, words, filter).ids
    }

    fn shown_within(&mut self, most: usize, replica: &Replica, words: &str, filter: &Filter) -> Shown {
        let matcher = Matcher::new(replica, filter);
        if words.trim().is_empty() {
            self.order(replica, filter.order);
            let all = self.ordered.iter().flat_map(|(_, ids)| ids).copied();
            let ids: Vec<_> = all.filter(|id| matcher.takes(replica, *id)).collect();
            return Shown { total: ids.len(), ids };
        }
        self.prepare(replica, usize::MAX);
        let limit = if matcher.takes_all { most.min(self.known.len()) } else { self.known.len() };
        let found = self.index.search(words, limit);
        let ids: Vec<_> = found.ids.into_iter().map(CustomerId).filter(|id| matcher.takes(replica, *id)).collect();
        Shown { total: if matcher.takes_all { found.total } else { ids.len() }, ids }
    }

    /// What the fields hold, for the choices of the filter.
    #[must_use]
    pub fn in_use(replica: &Replica) -> InUse {
        let [mut tags, mut sources, mut regions] = [const { BTreeMap::new() }; 3];
        for customer in replica.all::<Customer>() {
            let profile = &customer.profile;
            profile.tags.iter().for_each(|tag| *tags.entry(tag.as_str()).or_insert(0_usize) += 1);
            *sources.entry(profile.source.as_str()).or_insert(0) += 1;
            *regions.entry(profile.region.as_str()).or_insert(0) += 1;
        }
        InUse { tags: most_frequent(tags), sources: most_frequent(sources), regions: most_frequent(regions) }
    }

    fn order(&mut self, replica: &Replica, order: Order) {
        if self.ordered.as_ref().is_some_and(|(known, _)| *known == order) {
            return;
        }
        let customers = || self.known.keys().filter_map(|id| replica.noun::<Customer>(*id));
        let ids = match order {
            Order::Changed => sorted(self.known.iter().map(|(id, known)| (Reverse(known.changed_at), *id))),
            Order::Added => sorted(customers().map(|customer| (Reverse(customer.created_at), customer.id))),
            Order::Name => sorted(customers().map(|customer| (spelled(&customer.profile.name), customer.id))),
            Order::Intent => sorted(customers().map(|customer| {
                let intent = customer.profile.intent.map_or(u8::MAX, |intent| intent as u8);
                ((intent, Reverse(customer.changed_at)), customer.id)
            })),
        };
        self.ordered = Some((order, ids));
    }
}

/// When a customer was last changed, read from the gist if there is one. None if the record cannot be read.
fn changed_at(glance: &Glance<'_, Customer>) -> Option<Timestamp> {
    let gist = glance.gist().and_then(CustomerGist::read);
    gist.map(|gist| gist.changed_at).or_else(|| glance.noun().map(|customer| customer.changed_at))
}

fn sorted<K: Ord>(keyed: impl Iterator<Item = (K, CustomerId)>) -> Vec<CustomerId> {
    let mut keyed: Vec<_> = keyed.collect();
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

    fn takes(&self, replica: &Replica, id: CustomerId) -> bool {
        self.takes_all || replica.noun::<Customer>(id).is_some_and(|customer| self.fits(customer))
    }

    fn fits(&self, customer: &Customer) -> bool {
        let (filter, profile) = (self.filter, &customer.profile);
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        (filter.intents.is_empty() || profile.intent.is_some_and(|intent| filter.intents.contains(&intent)))
            && filter.tag.as_ref().is_none_or(|tag| profile.tags.contains(tag))
            && is(&filter.source, &profile.source)
            && is(&filter.region, &profile.region)
            && filter.owner.is_none_or(|whose| customer.owner == whose.owner())
            && filter.invited.is_none_or(|invited| self.invited.contains(&customer.id) == matches!(invited, Invited::To(_)))
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
    use shared::sync::protocol::RowHash;
    use shared::sync::slot::Held;

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
        assert!(!list.prepare(&world.replica(world.rep), 1), "one customer, one to index");
        let found = |list: &mut CustomerList, words| list.shown(&world.replica(world.rep), words, &Filter::default()).ids;
        assert_eq!((found(&mut list, "錢更多"), found(&mut list, "錢多多")), (vec![world.customer], vec![]));
    }

    #[test]
    fn what_the_replica_has_lost_while_it_was_to_be_indexed_is_found_once_it_is_back() {
        let world = World::new();
        let (whole, mut list) = (world.replica(world.rep), CustomerList::default());
        let mut emptied = whole.clone();
        emptied.clear_rows();
        assert!(list.follow(&whole));
        assert!(!list.prepare(&emptied, usize::MAX));
        assert!(list.follow(&whole));
        assert_eq!(list.shown(&whole, "王小", &Filter::default()).ids, [world.customer]);
    }

    #[test]
    fn a_customer_whom_this_build_cannot_read_any_more_leaves_the_list() {
        let world = World::new();
        let (mut replica, mut list) = (world.replica(world.rep), CustomerList::default());
        list.follow(&replica);
        assert_eq!(list.shown(&replica, "王小", &Filter::default()).total, 1);
        let held = *replica.held("customer", world.customer.0).expect("held");
        replica.put_row("customer", world.customer.0, Held { version: held.version + 1, hash: RowHash(held.hash.0 + 1), ..held }, None);
        assert!(list.follow(&replica));
        assert_eq!(list.shown(&replica, "王小", &Filter::default()).total, 0);
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
        assert!(list.prepare(&replica, 1), "most are still to come");
        assert_eq!(list.shown(&replica, "oy", &Filter::default()).ids.len(), added.len());
        assert!(!list.prepare(&replica, 1), "the search has taken in the rest");
        let edit = EditCustomer { customer: added[0], changes: vec![ProfileChange::Name("錢多多".to_owned())] };
        world.apply(world.rep, edit).expect("own customer");
        let replica = world.replica(world.rep);
        list.follow(&replica);
        assert_eq!(list.shown(&replica, "oy", &Filter::default()).ids.len(), added.len() - 1, "a changed one is found by its new words only");
        assert!(!list.prepare(&replica, 1));
    }

    #[test]
    fn a4_filters_join_and_the_pool_is_nobodys() {
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
    fn a4_who_has_an_invitation_can_be_told_from_who_has_none() {
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
    fn a4_orders_put_the_right_ones_first() {
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
