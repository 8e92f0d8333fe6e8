//! Customers as the pages show them: the list with its search, filters and orders, the form, and what happened with one of them.
//!
//! Laws: the list keeps ids and shares records, it never copies them, so that 100,000 customers fit a phone; a keystroke reads the search
//! index only; a form that is refused keeps what was typed.

use crate::state::order::InOrder;
use foldhash::{HashMap, HashSet};
use serde::{Deserialize, Serialize};
use shared::check_ins::CheckIn;
use shared::customers::command::{ProfileChange, TransferCustomers};
use shared::customers::decide::{MOST_TRANSFERRED, check_profile};
use shared::customers::search::{SearchIndex, SearchText, spelled};
use shared::customers::{Contact, Customer, Gender, Intent, Profile, Salutation};
use shared::deals::{Deal, PaymentMethod};
use shared::decide::Actor;
use shared::ids::*;
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::Guest;
use shared::money::Money;
use shared::people::{Access, Role, User};
use shared::phone::{Country, Phone};
use shared::record::Index;
use shared::rejection::{Field, Rejection};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
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
    known: HashMap<CustomerId, (Arc<Customer>, u32)>,
    round: u32,
    ordered: Option<(Order, Vec<CustomerId>)>,
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
            if let Some((known, round)) = self.known.get_mut(&customer.id) {
                *round = self.round;
                if Arc::ptr_eq(known, customer) {
                    continue;
                }
            }
            changed = true;
            self.unindexed.push(customer.id);
            self.known.insert(customer.id, (Arc::clone(customer), self.round));
        }
        let (index, now) = (&mut self.index, self.round);
        self.known.retain(|id, (_, round)| {
            let stays = *round == now;
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
            if let Some((customer, _)) = self.known.get(&id) {
                self.index.put(id.0, &SearchText::of_customer(customer));
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
        for (customer, _) in self.known.values() {
            let profile = &customer.profile;
            profile.tags.iter().for_each(|tag| *tags.entry(tag.as_str()).or_insert(0_usize) += 1);
            *sources.entry(profile.source.as_str()).or_insert(0) += 1;
            *regions.entry(profile.region.as_str()).or_insert(0) += 1;
        }
        InUse { tags: most_frequent(tags), sources: most_frequent(sources), regions: most_frequent(regions) }
    }

    fn passes(&self, id: CustomerId, matcher: &Matcher<'_>) -> bool {
        self.known.get(&id).is_some_and(|(customer, _)| matcher.takes(customer))
    }

    fn order(&mut self, order: Order) {
        if self.ordered.as_ref().is_some_and(|(known, _)| *known == order) {
            return;
        }
        let customers = self.known.values().map(|(customer, _)| customer);
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

/// The colleagues to whom a person may give customers, by name.
#[must_use]
pub fn receivers(replica: &Replica, actor: &Actor) -> Vec<Arc<User>> {
    let reached = |user: &User| match actor.role {
        Role::Manager => true,
        Role::Supervisor => user.id == actor.user || (actor.team.is_some() && user.team == actor.team),
        Role::Rep | Role::Administrator => user.id == actor.user && actor.role == Role::Rep,
    };
    let mut users: Vec<_> =
        replica.all::<User>().filter(|user| user.access == Access::Granted && user.role != Role::Administrator && reached(user)).cloned().collect();
    users.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    users
}

/// The commands that give customers to somebody, or to the pool.
pub fn transfer(customers: &[CustomerId], to: Option<UserId>) -> impl Iterator<Item = TransferCustomers> {
    customers.chunks(MOST_TRANSFERRED).map(move |part| TransferCustomers { customers: part.to_vec(), to })
}

/// A profile as it stands in the form: what was typed, not yet read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileDraft {
    /// Name.
    pub name: String,
    /// Salutation.
    pub salutation: Option<Salutation>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Year of birth; years of the Republic are understood.
    pub birth_year: String,
    /// Phones, one a line.
    pub phones: String,
    /// E-mail.
    pub email: String,
    /// Company.
    pub company: String,
    /// Address.
    pub address: String,
    /// Region.
    pub region: String,
    /// Occupation.
    pub occupation: String,
    /// Interests.
    pub interests: String,
    /// Source's code.
    pub source: String,
    /// Needs.
    pub needs: String,
    /// Pains.
    pub pains: String,
    /// Intent.
    pub intent: Option<Intent>,
    /// Why.
    pub intent_reason: String,
    /// Tags, separated by commas of any kind.
    pub tags: String,
    /// Whether contact is refused.
    pub refused: bool,
}

impl ProfileDraft {
    /// The form of a profile that exists.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let profile = profile.clone();
        Self {
            name: profile.name,
            salutation: profile.salutation,
            gender: profile.gender,
            birth_year: profile.birth_year.map(|year| year.to_string()).unwrap_or_default(),
            phones: profile.phones.iter().map(spoken).collect::<Vec<_>>().join("\n"),
            email: profile.email,
            company: profile.company,
            address: profile.address,
            region: profile.region,
            occupation: profile.occupation,
            interests: profile.interests,
            source: profile.source,
            needs: profile.needs,
            pains: profile.pains,
            intent: profile.intent,
            intent_reason: profile.intent_reason,
            tags: profile.tags.join("、"),
            refused: profile.contact == Contact::Refused,
        }
    }

    /// Reads the form; what it does not show (consents) is taken from `before`.
    ///
    /// # Errors
    /// Every field that must be mended.
    pub fn read(&self, before: &Profile, home: Country) -> Result<Profile, Vec<Rejection>> {
        let mut wrong = Vec::new();
        let phones = self.phones.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| phone_in(line, home)).collect::<Option<Vec<_>>>();
        if phones.is_none() {
            wrong.push(Rejection::Malformed { field: Field::Phone });
        }
        let birth_year = year_in(&self.birth_year);
        if birth_year.is_none() {
            wrong.push(Rejection::Malformed { field: Field::BirthYear });
        }
        let plain = |text: &str| text.trim().to_owned();
        let profile = Profile {
            name: plain(&self.name),
            salutation: self.salutation,
            gender: self.gender,
            birth_year: birth_year.flatten(),
            phones: phones.unwrap_or_else(|| before.phones.clone()),
            email: plain(&self.email),
            company: plain(&self.company),
            address: plain(&self.address),
            region: plain(&self.region),
            occupation: plain(&self.occupation),
            interests: plain(&self.interests),
            source: plain(&self.source),
            needs: plain(&self.needs),
            pains: plain(&self.pains),
            intent: self.intent,
            intent_reason: plain(&self.intent_reason),
            tags: tags_in(&self.tags),
            consents: before.consents.clone(),
            contact: if self.refused { Contact::Refused } else { Contact::Allowed },
        };
        match check_profile(&profile) {
            // A phone that cannot be read is the better word for a missing way of contact.
            Err(Rejection::NoWayOfContact) if !wrong.is_empty() => {}
            Err(rejection) => wrong.push(rejection),
            Ok(()) => {}
        }
        if wrong.is_empty() { Ok(profile) } else { Err(wrong) }
    }
}

/// A phone as people at home read it: `0912 345 678` rather than `+886912345678`.
#[must_use]
pub fn spoken(phone: &Phone) -> String {
    let e164 = phone.e164();
    let grouped = |prefix: &str, digits: &str, sizes: &[usize]| {
        let mut out = prefix.to_owned();
        let mut rest = digits;
        for size in sizes {
            let (head, tail) = rest.split_at((*size).min(rest.len()));
            if !out.is_empty() && out != "0" && out != "+" && !head.is_empty() {
                out.push(' ');
            }
            out.push_str(head);
            rest = tail;
        }
        out + rest
    };
    if let Some(digits) = e164.strip_prefix("+886") {
        if digits.starts_with('9') { grouped("0", digits, &[3, 3, 3]) } else { grouped("0", digits, &[1, 4, 4]) }
    } else if let Some(digits) = e164.strip_prefix("+852") {
        grouped("+852", digits, &[4, 4])
    } else if let Some(digits) = e164.strip_prefix("+86") {
        grouped("+86", digits, &[3, 4, 4])
    } else {
        e164.to_owned()
    }
}

/// The phone in what was pasted, which may have words around it: `手機:0912-345-678(王)`.
#[must_use]
pub fn phone_in(text: &str, home: Country) -> Option<Phone> {
    if let Ok(phone) = Phone::parse(text, home) {
        return Some(phone);
    }
    let belongs = |c: char| c.is_ascii_digit() || ('\u{ff10}'..='\u{ff19}').contains(&c) || matches!(c, '+' | '\u{ff0b}');
    let start = text.find(belongs)?;
    let end = text.rfind(belongs)?;
    let end = end + text[end..].chars().next().map_or(0, char::len_utf8);
    Phone::parse(&text[start..end], home).ok()
}

/// The year in what was typed: none if nothing was; a number below 130 is a year of the Republic (民國).
#[expect(clippy::option_option, reason = "outer: whether it can be read; inner: whether there is one")]
fn year_in(text: &str) -> Option<Option<u16>> {
    let text = text.trim().trim_start_matches("民國").trim_start_matches("民国").trim_end_matches('年').trim();
    if text.is_empty() {
        return Some(None);
    }
    let year: u16 = text.parse().ok()?;
    Some(Some(if (1..130).contains(&year) { year + 1911 } else { year }))
}

fn tags_in(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', '\u{ff0c}', '、', ';', '\u{ff1b}', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// What to change so that one profile becomes the other: only the fields that differ, so that a colleague's edit of another field stays.
#[must_use]
pub fn changes(before: &Profile, after: &Profile) -> Vec<ProfileChange> {
    let mut changes = Vec::new();
    macro_rules! differing {
        ($($field:ident => $change:ident),+ $(,)?) => {$(
            if before.$field != after.$field {
                changes.push(ProfileChange::$change(after.$field.clone()));
            }
        )+};
    }
    differing! {
        name => Name, salutation => Salutation, gender => Gender, birth_year => BirthYear, phones => Phones, email => Email, company => Company,
        address => Address, region => Region, occupation => Occupation, interests => Interests, source => Source, needs => Needs, pains => Pains,
        intent => Intent, intent_reason => IntentReason, tags => Tags, consents => Consents, contact => Contact,
    }
    changes
}

/// Something that happened with a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What can happen with a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// The record was made.
    Added,
    /// Somebody tried to reach the customer.
    Attempt {
        /// For which meeting.
        meeting: MeetingId,
        /// By whom.
        by: UserId,
        /// How.
        channel: Channel,
        /// With which result.
        answer: Answer,
    },
    /// Came to a meeting.
    Arrived {
        /// Which.
        meeting: MeetingId,
        /// At which desk.
        desk: String,
        /// The check-in was taken back.
        undone: bool,
    },
    /// A deal was opened.
    Deal {
        /// Which.
        deal: DealId,
        /// Over how much.
        total: Money,
    },
    /// Something was paid.
    Paid {
        /// For which deal.
        deal: DealId,
        /// How much.
        amount: Money,
        /// How.
        method: PaymentMethod,
    },
}

/// What happened with a customer, the latest first.
#[must_use]
pub fn timeline(replica: &Replica, customer: &Customer) -> Vec<Event> {
    let mut events = vec![Event { at: customer.created_at, what: Happening::Added }];
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByCustomer(customer.id)) {
        let meeting = invitation.meeting;
        events.extend(invitation.attempts.iter().map(|attempt| Event {
            at: attempt.at,
            what: Happening::Attempt { meeting, by: attempt.by, channel: attempt.channel, answer: attempt.answer.clone() },
        }));
    }
    for guest in replica.nouns::<Guest>(&Index::GuestsByCustomer(customer.id)) {
        events.extend(replica.nouns::<CheckIn>(&Index::CheckInsByGuest(guest.id)).into_iter().map(|check_in| Event {
            at: check_in.at,
            what: Happening::Arrived { meeting: guest.meeting, desk: check_in.desk.clone(), undone: check_in.undone.is_some() },
        }));
    }
    for deal in replica.nouns::<Deal>(&Index::DealsByCustomer(customer.id)) {
        events.push(Event { at: deal.opened_at, what: Happening::Deal { deal: deal.id, total: deal.total } });
        events.extend(
            deal.payments.iter().map(|paid| Event { at: paid.at, what: Happening::Paid { deal: deal.id, amount: paid.amount, method: paid.method } }),
        );
    }
    events.order_by_key(|event| std::cmp::Reverse(event.at));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{self, World};
    use shared::customers::command::EditCustomer;

    fn shown(world: &World, words: &str, filter: &Filter) -> Vec<CustomerId> {
        let replica = world.replica(world.manager);
        let mut list = CustomerList::default();
        list.follow(&replica);
        let mut shown = list.shown(&replica, words, filter).ids;
        shown.sort_unstable();
        shown
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

    #[test]
    fn a_form_says_of_every_field_what_to_mend_and_keeps_the_rest() {
        let draft = ProfileDraft { phones: "0912".to_owned(), birth_year: "昨天".to_owned(), ..ProfileDraft::default() };
        let wrong = draft.read(&Profile::default(), Country::Tw).expect_err("nothing fits");
        assert_eq!(
            wrong,
            [Field::Phone, Field::BirthYear]
                .map(|field| Rejection::Malformed { field })
                .into_iter()
                .chain([Rejection::Required { field: Field::Name }])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_messy_paste_gives_the_phone() {
        for text in ["手機:0912-345-678", "0912 345 678(王小明)", "０９１２３４５６７８", "TEL +886 912 345 678"] {
            assert_eq!(phone_in(text, Country::Tw).as_ref().map(Phone::e164), Some("+886912345678"), "{text}");
        }
        assert_eq!(phone_in("王小明", Country::Tw), None);
    }

    #[test]
    fn a_phone_is_shown_as_it_is_spoken_and_read_back_the_same() {
        for (e164, text) in [
            ("+886912345678", "0912 345 678"),
            ("+886223456789", "02 2345 6789"),
            ("+85291234567", "+852 9123 4567"),
            ("+8613800138000", "+86 138 0013 8000"),
        ] {
            let phone = Phone::try_from(e164.to_owned()).expect("valid");
            assert_eq!(spoken(&phone), text);
            assert_eq!(Phone::parse(text, Country::Tw), Ok(phone));
        }
    }

    #[test]
    fn an_unchanged_form_changes_nothing_and_a_year_of_the_republic_is_understood() {
        let profile = Profile {
            name: "王小明".to_owned(),
            birth_year: Some(1971),
            phones: vec![Phone::parse("0912345678", Country::Tw).expect("valid")],
            tags: vec!["養生".to_owned(), "團購".to_owned()],
            ..Profile::default()
        };
        let mut draft = ProfileDraft::of(&profile);
        assert_eq!(changes(&profile, &draft.read(&profile, Country::Tw).expect("valid")), []);
        draft.birth_year = "民國60年".to_owned();
        draft.tags = "養生, 團購;VIP".to_owned();
        let after = draft.read(&profile, Country::Tw).expect("valid");
        assert_eq!(after.birth_year, Some(1971));
        assert_eq!(changes(&profile, &after), [ProfileChange::Tags(vec!["養生".to_owned(), "團購".to_owned(), "VIP".to_owned()])]);
    }

    #[test]
    fn a_timeline_tells_what_happened_latest_first() {
        let mut world = World::new();
        let (meeting, customer, rep) = (world.meeting, world.customer, world.rep);
        let guest = world.expect_guest(meeting, customer);
        let check_in = world.check_in(meeting, guest);
        world.apply(rep, check_in).expect("on duty");
        let deal = world.open_deal(customer, Some(meeting));
        world.apply(rep, deal).expect("own customer");
        let events = timeline(&world.replica(rep), &world.get::<Customer>(customer));
        let kinds: Vec<_> = events.iter().map(|event| std::mem::discriminant(&event.what)).collect();
        assert_eq!(kinds.len(), 4);
        assert!(matches!(events[0].what, Happening::Deal { .. }) && matches!(events[1].what, Happening::Arrived { undone: false, .. }));
        assert!(matches!(events[3].what, Happening::Added));
    }

    #[test]
    fn a_supervisor_gives_customers_within_the_team_only() {
        let world = World::new();
        let ids = |user| receivers(&world.replica(user), &world.actor(user)).iter().map(|user| user.id).collect::<BTreeSet<_>>();
        assert_eq!(ids(world.supervisor), [world.rep, world.colleague, world.supervisor].into());
        assert_eq!(ids(world.rep), [world.rep].into());
        assert!(ids(world.manager).contains(&world.stranger) && !ids(world.manager).contains(&world.leaver));
    }
}
