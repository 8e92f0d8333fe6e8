//! One field over everything that a device holds of its customers: names as [`crate::customers::search`] finds them, last digits of phones, numbers of
//! contracts and receipts, products, what was noted, said, asked and complained of.
//!
//! Design: each customer is one entry of that search, whose words are all texts about them, so that words which stand in different records of one person
//! find that person. Where they stand is looked up for those few that are shown.
//!
//! Limits: [`MOST_FOUND`] customers and [`MOST_PLACES`] places of each are told, with the count of all. Guests of a meeting whose customers a device does not
//! hold are found at the venue; what a photo shows is found by nothing.

use crate::complaints::{Complaint, StepTaken};
use crate::contacts::LoggedContact;
use crate::customers::merging::MergedCustomer;
use crate::customers::search::{SearchIndex, SearchText, folded};
use crate::customers::{Customer, Salutation};
use crate::deals::Deal;
use crate::floor::GuestNote;
use crate::ids::{ComplaintId, CustomerId, DealId};
use crate::invitations::{Answer, Invitation};
use crate::record::Index;
use crate::settings::Settings;
use crate::sync::replica::Replica;
use crate::time::UtcOffset;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most customers that are told of one search: nobody reads further, another letter helps.
pub const MOST_FOUND: usize = 50;
/// Most places that are told of one customer.
pub const MOST_PLACES: usize = 3;
/// Characters of a text that are told, and how many of them stand before the word.
const EXCERPT: usize = 60;
const BEFORE: usize = 12;

/// Where words were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the name, its spelling or its initials.
    Name,
    /// In a phone number.
    Phone,
    /// In what is known of the customer.
    Profile,
    /// In the name of a record that was merged into this one.
    Former,
    /// In what was asked or said when they were invited.
    Invitation,
    /// In what was noticed at a meeting.
    Note,
    /// In a deal: its number, that of a receipt, a product, the buyer.
    Deal(DealId),
    /// In a call, visit or message.
    Contact,
    /// In a complaint, or what was done about it.
    Complaint(ComplaintId),
}

/// A customer who was found. Debug hides who.
#[derive(Clone, PartialEq, Eq)]
pub struct Hit {
    /// Who.
    pub customer: CustomerId,
    /// Whether the customer is held, and not only a deal of theirs.
    pub is_held: bool,
    /// Their name, or the buyer's of the deal.
    pub name: String,
    /// How to address them.
    pub salutation: Option<Salutation>,
    /// Where words were found, each with what stands around the word.
    pub places: Vec<(Place, String)>,
}

impl std::fmt::Debug for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hit").field("customer", &self.customer).field("places", &self.places.len()).finish_non_exhaustive()
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The best ones first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
}

/// Everything that can be found, kept in step with a replica.
#[derive(Debug, Default)]
pub struct RecordSearch {
    index: SearchIndex,
    known: BTreeSet<CustomerId>,
}

impl RecordSearch {
    /// Takes over what the replica holds now. What is as it was costs a comparison.
    pub fn follow(&mut self, replica: &Replica) {
        let clock = clock(replica);
        let now = everybody(replica);
        for gone in self.known.difference(&now) {
            self.index.remove(gone.0);
        }
        self.index.make_room(now.len().saturating_sub(self.known.len()));
        for id in &now {
            let texts = Texts::of(replica, *id, clock);
            let phones = texts.phones.iter().map(String::as_str).collect();
            let words = texts.parts.iter().map(|(_, text)| text.as_str()).collect();
            self.index.put(id.0, &SearchText { name: &texts.name, phones, words });
        }
        self.known = now;
    }

    /// The customers of whom every word is found somewhere. No word finds nobody.
    pub fn search(&mut self, replica: &Replica, query: &str) -> Hits {
        let words: Vec<_> = query.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Hits::default();
        }
        let found = self.index.search(query, MOST_FOUND);
        let clock = clock(replica);
        let hit = |id: Uuid| {
            let customer = CustomerId(id);
            let texts = Texts::of(replica, customer, clock);
            let places = texts.places(&words);
            let is_held = replica.noun::<Customer>(customer).is_some();
            Hit { customer, is_held, places, name: texts.name, salutation: texts.salutation }
        };
        Hits { hits: found.ids.into_iter().map(hit).collect(), total: found.total }
    }
}

/// Customers who are held, and those of whom a deal is held: whoever closes deals for a colleague holds no more of the customer.
fn everybody(replica: &Replica) -> BTreeSet<CustomerId> {
    let customers = replica.all::<Customer>().map(|customer| customer.id);
    customers.chain(replica.all::<Deal>().map(|deal| deal.customer)).collect()
}

fn clock(replica: &Replica) -> UtcOffset {
    replica.all::<Settings>().next().map_or(UtcOffset::EAST_8, |settings| settings.utc_offset)
}

/// Every text about one customer.
struct Texts {
    name: String,
    /// Where the name stands: in the deal, of a customer who is not held.
    named: Place,
    salutation: Option<Salutation>,
    phones: Vec<String>,
    parts: Vec<(Place, String)>,
}

impl Texts {
    fn of(replica: &Replica, id: CustomerId, clock: UtcOffset) -> Self {
        let mut texts = Self { name: String::new(), named: Place::Name, salutation: None, phones: Vec::new(), parts: Vec::new() };
        if let Some(customer) = replica.noun::<Customer>(id) {
            let profile = &customer.profile;
            texts.name.clone_from(&profile.name);
            texts.salutation = profile.salutation;
            texts.phones = profile.phones.iter().map(|phone| phone.e164().to_owned()).collect();
            let [email, company, address, region] = [&profile.email, &profile.company, &profile.address, &profile.region];
            let [occupation, interests, needs, pains] = [&profile.occupation, &profile.interests, &profile.needs, &profile.pains];
            texts.add(Place::Profile, [email, company, address, region, occupation, interests, needs, pains, &profile.intent_reason]);
            texts.add(Place::Profile, &profile.tags);
        }
        for merged in replica.nouns::<MergedCustomer>(&Index::CustomersMergedInto(id)) {
            texts.add(Place::Former, [&merged.was.profile.name]);
        }
        for invitation in replica.nouns::<Invitation>(&Index::InvitationsByCustomer(id)) {
            texts.add(Place::Invitation, &invitation.questions);
            let refused = invitation.attempts.iter().filter_map(|attempt| match &attempt.answer {
                Answer::Declined { words, .. } => Some(words),
                _ => None,
            });
            texts.add(Place::Invitation, refused);
        }
        for note in replica.nouns::<GuestNote>(&Index::GuestNotesByCustomer(id)) {
            texts.add(Place::Note, [&note.words]);
        }
        for deal in replica.nouns::<Deal>(&Index::DealsByCustomer(id)) {
            let place = Place::Deal(deal.id);
            texts.add(place, [&deal.number(clock)]);
            texts.add(place, &deal.payments.iter().map(|payment| payment.number(clock)).collect::<Vec<_>>());
            texts.add(place, deal.lines.iter().map(|line| &line.name));
            if texts.name.is_empty() {
                texts.name.clone_from(&deal.buyer);
                texts.named = place;
            } else if deal.buyer != texts.name {
                texts.add(place, [&deal.buyer]);
            }
        }
        for contact in replica.nouns::<LoggedContact>(&Index::ContactsByCustomer(id)) {
            texts.add(Place::Contact, std::iter::once(&contact.words).chain(contact.next.iter().map(|next| &next.words)));
        }
        for complaint in replica.nouns::<Complaint>(&Index::ComplaintsByCustomer(id)) {
            let place = Place::Complaint(complaint.id);
            texts.add(place, std::iter::once(&complaint.what).chain(complaint.steps.iter().filter_map(|step| said(&step.what))));
        }
        texts
    }

    fn add<'a>(&mut self, place: Place, texts: impl IntoIterator<Item = &'a String>) {
        self.parts.extend(texts.into_iter().filter(|text| !text.trim().is_empty()).map(|text| (place, text.clone())));
    }

    /// Where the words stand: each word once where it stands first, then where else.
    fn places(&self, words: &[String]) -> Vec<(Place, String)> {
        let mut found: Vec<(Place, String)> = Vec::new();
        let in_parts = |word: &'_ String| {
            let word = word.clone();
            self.parts.iter().filter_map(move |(place, text)| excerpt(text, &word).map(|around| (*place, around)))
        };
        let mut more = Vec::new();
        for word in words {
            if excerpt(&self.name, word).is_some() {
                found.push((self.named, self.name.clone()));
            }
            let mut of_word = in_parts(word);
            match of_word.next() {
                Some(first) => found.push(first),
                None if excerpt(&self.name, word).is_some() => {}
                None => found.push(self.in_phone_or_spelling(word)),
            }
            more.extend(of_word);
        }
        let mut told: Vec<(Place, String)> = Vec::new();
        for place in found.into_iter().chain(more) {
            if told.len() < MOST_PLACES && !told.contains(&place) {
                told.push(place);
            }
        }
        told
    }

    fn in_phone_or_spelling(&self, word: &str) -> (Place, String) {
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let phone = self.phones.iter().find(|phone| phone.contains(word.trim_start_matches('0')));
        match phone.filter(|_| is_number) {
            Some(phone) => (Place::Phone, phone.clone()),
            None => (self.named, self.name.clone()),
        }
    }
}

fn said(step: &StepTaken) -> Option<&String> {
    match step {
        StepTaken::Noted { words } | StepTaken::Told { words, .. } => Some(words),
        StepTaken::Settled { outcome } => Some(outcome),
        StepTaken::Reopened { reason } => Some(reason),
        StepTaken::Assigned { .. } => None,
    }
}

/// What stands around a folded word in a text; none if it does not stand there.
fn excerpt(text: &str, word: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    // Where in the folded text each of its characters begins, and which character of the text it was.
    let mut origins = Vec::with_capacity(text.len());
    for (nth, c) in text.chars().enumerate() {
        if let Some(c) = crate::customers::search::fold(c).filter(|c| *c != ' ') {
            origins.push((plain.len(), nth));
            plain.push(c);
        }
    }
    let begin = plain.find(word)?;
    let at = origins.iter().find(|(place, _)| *place == begin).map_or(0, |(_, nth)| *nth);
    let length = text.chars().count();
    if length <= EXCERPT {
        return Some(text.to_owned());
    }
    let from = at.saturating_sub(BEFORE).min(length - EXCERPT);
    let shown: String = text.chars().skip(from).take(EXCERPT).collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + EXCERPT < length { "…" } else { "" });
    Some(format!("{before}{shown}{after}"))
}
