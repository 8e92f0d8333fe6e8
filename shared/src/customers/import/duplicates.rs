//! Who is there already: each good row judged against the customers held and against the rows before it.
//!
//! Law: importing the same file twice changes nothing. So a row is the same if what it says is there already; and rows that write to one
//! customer are judged together: if they leave it as it was, all of them are the same. And by what an earlier row has found somebody, they are found
//! the next time: of e-mail address and year of birth, what the file says first stays, whatever later rows say.

use super::read::RowOutcome;
use crate::customers::command::ProfileChange;
use crate::customers::decide::{changed, works_on};
use crate::customers::search::folded;
use crate::customers::{Customer, Profile};
use crate::decide::{Actor, Unavailable, View, ViewExt};
use crate::ids::CustomerId;
use crate::phone::Phone;
use crate::record::Index;
use foldhash::HashMap;
use std::sync::Arc;

/// Whom a row doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// A customer that is held.
    Customer(CustomerId),
    /// An earlier row of the file, by its number.
    Row(u32),
}

/// By what a row doubles somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The same name and a phone in common.
    NameAndPhone,
    /// The same name and e-mail address.
    NameAndEmail,
    /// The same name and year of birth.
    NameAndBirthYear,
    /// A phone in common, another name: a family, an office, or a misspelling.
    Phone,
    /// The same e-mail address, another name.
    Email,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nobody known.
    New,
    /// Somebody known, of whom it says nothing new.
    Same {
        /// Whom.
        of: Of,
    },
    /// Somebody known, of whom it says something else.
    Duplicate {
        /// Whom.
        of: Of,
        /// By what.
        by: By,
    },
}

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A new customer.
    Create,
    /// What the row says replaces what is there; phones and tags are added; what the row leaves empty stays.
    Update,
    /// Nothing.
    Skip,
}

/// A good row with its judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Which of the outcomes.
    pub outcome: usize,
    /// The row's number in the file.
    pub row: u32,
    /// What it is.
    pub judgement: Judgement,
    /// What is done with it; begins as what is right for most.
    action: Action,
    may_update: bool,
    chosen: bool,
}

/// The judgements of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements {
    /// One for each good row, in their order.
    pub rows: Vec<Judged>,
    /// What rows write besides: where several candidates fit a row, a later row can bring another one closer. One list for each time that the file
    /// is judged again: index into `rows`, and to whom.
    pub(super) echoes: Vec<Vec<(usize, Of)>>,
}

/// The customers held, found by what the indexes of the store do not know. Made once per import.
#[derive(Clone, Default)]
pub struct Known {
    by_email: HashMap<String, Vec<Of>>,
    by_name_and_year: HashMap<(String, u16), Vec<Of>>,
}

/// Of whom the file has told an e-mail address or a year of birth by now.
#[derive(Default)]
pub(super) struct Told(HashMap<Of, TheirKeys>);

#[derive(Clone, Copy, Default)]
struct TheirKeys {
    email: bool,
    birth_year: bool,
}

impl Told {
    /// What a row changes about somebody.
    pub(super) fn changes(&mut self, of: Of, held: &Profile, row: &Profile) -> Vec<ProfileChange> {
        let told = self.0.entry(of).or_default();
        let mut changes = news(held, row);
        changes.retain(|change| match change {
            ProfileChange::Email(_) => !told.email,
            ProfileChange::BirthYear(_) => !told.birth_year,
            _ => true,
        });
        told.email |= !row.email.is_empty();
        told.birth_year |= row.birth_year.is_some();
        changes
    }
}

/// Judges rows step by step. What the default actions of earlier rows lead to is what later rows are compared with.
#[derive(Default)]
pub struct Judge {
    known: Known,
    by_phone: HashMap<Phone, Vec<Of>>,
    /// What becomes of customers and new rows by the rows judged so far.
    becoming: HashMap<Of, Profile>,
    told: Told,
    judged: Vec<Judged>,
    next: usize,
}

impl By {
    /// Whether the names agree: then it is taken for the same person.
    #[must_use]
    pub const fn is_same_name(self) -> bool {
        matches!(self, Self::NameAndPhone | Self::NameAndEmail | Self::NameAndBirthYear)
    }
}

impl Judged {
    /// What is done with the row.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What a person may choose for the row.
    #[must_use]
    pub const fn choices(&self) -> &'static [Action] {
        match self.judgement {
            Judgement::New => &[Action::Create, Action::Skip],
            Judgement::Same { .. } => &[Action::Skip, Action::Create],
            Judgement::Duplicate { .. } if self.may_update => &[Action::Update, Action::Create, Action::Skip],
            Judgement::Duplicate { .. } => &[Action::Create, Action::Skip],
        }
    }

    /// Chooses another action; one that is not among the [`Self::choices`] is not taken.
    pub fn choose(&mut self, action: Action) {
        if self.choices().contains(&action) {
            self.action = action;
            self.chosen = true;
        }
    }

    /// Whether a person has chosen the action.
    pub(super) const fn is_chosen(&self) -> bool {
        self.chosen
    }
}

impl Known {
    /// Collects the customers held.
    #[must_use]
    pub fn of<'a>(customers: impl IntoIterator<Item = &'a Customer>) -> Self {
        let mut known = Self::default();
        for customer in customers {
            known.add(Of::Customer(customer.id), &customer.profile);
        }
        known
    }

    fn add(&mut self, of: Of, profile: &Profile) {
        if !profile.email.is_empty() {
            add_once(self.by_email.entry(profile.email.to_lowercase()).or_default(), of);
        }
        if let Some(year) = profile.birth_year {
            add_once(self.by_name_and_year.entry((folded(&profile.name), year)).or_default(), of);
        }
    }
}

impl Judge {
    /// A judge who knows the customers held.
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// Judges some more of the outcomes; returns how many of them are done with.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    pub fn step<V: View + ?Sized>(&mut self, view: &V, actor: &Actor, outcomes: &[RowOutcome], rows: usize) -> Result<usize, Unavailable> {
        let end = outcomes.len().min(self.next.saturating_add(rows));
        for (index, outcome) in outcomes.iter().enumerate().take(end).skip(self.next) {
            if let Some(profile) = &outcome.profile {
                let judged = self.judge(view, actor, index, outcome.row, profile)?;
                self.judged.push(judged);
            }
            self.next = index + 1;
        }
        Ok(self.next)
    }

    /// The judgements, after every row has been judged.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    pub fn finish<V: View + ?Sized>(mut self, view: &V, actor: &Actor, outcomes: &[RowOutcome]) -> Result<Judgements, Unavailable> {
        let echoes = self.settle(view, actor, outcomes)?;
        let mut unchanged = Vec::new();
        for (of, profile) in &self.becoming {
            if let Of::Customer(id) = of
                && view.get::<Customer>(*id)?.is_some_and(|customer| customer.profile == *profile)
            {
                unchanged.push(*of);
            }
        }
        let mut rows = self.judged;
        for row in &mut rows {
            if let Judgement::Duplicate { of, .. } = row.judgement
                && row.action == Action::Update
                && unchanged.contains(&of)
            {
                row.judgement = Judgement::Same { of };
                row.action = Action::Skip;
            }
        }
        Ok(Judgements { rows, echoes })
    }

    /// Judges the file again as if it had been imported, and takes in what that would change, until it changes nothing.
    fn settle<V: View + ?Sized>(&mut self, view: &V, actor: &Actor, outcomes: &[RowOutcome]) -> Result<Vec<Vec<(usize, Of)>>, Unavailable> {
        let mut echoes = Vec::new();
        for _ in 0..MOST_ECHOES {
            let before = self.becoming.clone();
            self.told = Told::default();
            let mut writes = Vec::new();
            for index in 0..self.judged.len() {
                let Some(profile) = outcomes.get(self.judged[index].outcome).and_then(|outcome| outcome.profile.as_deref()) else { continue };
                if let Some((closeness, of, held)) = self.closest(view, profile)?
                    && closeness.is_same_name()
                    && held.may_update(view, actor)?
                {
                    self.write(of, &held, profile);
                    writes.push((index, of));
                }
            }
            if self.is_as(&before, view)? {
                break;
            }
            echoes.push(writes);
        }
        Ok(echoes)
    }

    fn is_as<V: View + ?Sized>(&self, before: &HashMap<Of, Profile>, view: &V) -> Result<bool, Unavailable> {
        for (of, profile) in &self.becoming {
            let same = match (before.get(of), of) {
                (Some(old), _) => old == profile,
                (None, Of::Customer(id)) => view.get::<Customer>(*id)?.is_some_and(|customer| customer.profile == *profile),
                (None, Of::Row(_)) => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn write(&mut self, of: Of, held: &Held, profile: &Profile) {
        let next = changed(&held.profile, &self.told.changes(of, &held.profile, profile));
        self.register(of, &next);
        self.becoming.insert(of, next);
    }

    fn judge<V: View + ?Sized>(&mut self, view: &V, actor: &Actor, outcome: usize, row: u32, profile: &Profile) -> Result<Judged, Unavailable> {
        let Some((closeness, of, held)) = self.closest(view, profile)? else {
            self.told.changes(Of::Row(row), profile, profile);
            self.becoming.insert(Of::Row(row), profile.clone());
            self.register(Of::Row(row), profile);
            return Ok(Judged { outcome, row, judgement: Judgement::New, action: Action::Create, may_update: false, chosen: false });
        };
        let may_update = held.may_update(view, actor)?;
        let Closeness::By(by) = closeness else {
            self.told.changes(of, &held.profile, profile);
            return Ok(Judged { outcome, row, judgement: Judgement::Same { of }, action: Action::Skip, may_update, chosen: false });
        };
        // Another name: a person decides; by default nothing is overwritten and nobody is doubled.
        let action = if by.is_same_name() && may_update { Action::Update } else { Action::Skip };
        if action == Action::Update {
            self.write(of, &held, profile);
        }
        Ok(Judged { outcome, row, judgement: Judgement::Duplicate { of, by }, action, may_update, chosen: false })
    }

    /// The candidate that is most certainly the same person, as it is by now.
    fn closest<V: View + ?Sized>(&self, view: &V, profile: &Profile) -> Result<Option<(Closeness, Of, Held)>, Unavailable> {
        let mut best: Option<(Closeness, Of, Held)> = None;
        for of in self.candidates(view, profile)? {
            let Some(held) = self.held(view, of)? else { continue };
            let Some(closeness) = closeness(&held.profile, profile) else { continue };
            if best.as_ref().is_none_or(|(least, first, _)| (closeness, of) < (*least, *first)) {
                best = Some((closeness, of, held));
            }
        }
        Ok(best)
    }

    fn candidates<V: View + ?Sized>(&self, view: &V, profile: &Profile) -> Result<Vec<Of>, Unavailable> {
        let mut found = Vec::new();
        for phone in &profile.phones {
            for customer in view.list::<Customer>(&Index::CustomersByPhone(phone.clone()))? {
                add_once(&mut found, Of::Customer(customer.id));
            }
            self.by_phone.get(phone).into_iter().flatten().for_each(|of| add_once(&mut found, *of));
        }
        if !profile.email.is_empty() {
            self.known.by_email.get(&profile.email.to_lowercase()).into_iter().flatten().for_each(|of| add_once(&mut found, *of));
        }
        if let Some(year) = profile.birth_year {
            self.known.by_name_and_year.get(&(folded(&profile.name), year)).into_iter().flatten().for_each(|of| add_once(&mut found, *of));
        }
        Ok(found)
    }

    fn held<V: View + ?Sized>(&self, view: &V, of: Of) -> Result<Option<Held>, Unavailable> {
        let customer = match of {
            Of::Customer(id) => view.get::<Customer>(id)?,
            Of::Row(_) => None,
        };
        let profile = self.becoming.get(&of).cloned().or_else(|| customer.as_ref().map(|customer| customer.profile.clone()));
        Ok(profile.map(|profile| Held { profile, customer }))
    }

    fn register(&mut self, of: Of, profile: &Profile) {
        for phone in &profile.phones {
            add_once(self.by_phone.entry(phone.clone()).or_default(), of);
        }
        self.known.add(of, profile);
    }
}

/// A candidate: who it is, and what becomes of it by the rows judged so far.
struct Held {
    profile: Profile,
    customer: Option<Arc<Customer>>,
}

impl Held {
    fn may_update<V: View + ?Sized>(&self, view: &V, actor: &Actor) -> Result<bool, Unavailable> {
        self.customer.as_ref().map_or(Ok(true), |customer| works_on(view, actor, customer))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    NothingNew,
    By(By),
}

impl Closeness {
    const fn is_same_name(self) -> bool {
        match self {
            Self::NothingNew => true,
            Self::By(by) => by.is_same_name(),
        }
    }
}

fn closeness(held: &Profile, row: &Profile) -> Option<Closeness> {
    let name = folded(&held.name) == folded(&row.name);
    let phone = row.phones.iter().any(|phone| held.phones.contains(phone));
    let email = !row.email.is_empty() && held.email.eq_ignore_ascii_case(&row.email);
    let year = row.birth_year.is_some() && held.birth_year == row.birth_year;
    let by = match (name, phone, email, year) {
        (true, true, ..) => By::NameAndPhone,
        (true, _, true, _) => By::NameAndEmail,
        (true, _, _, true) => By::NameAndBirthYear,
        (_, true, ..) => By::Phone,
        (_, _, true, _) => By::Email,
        _ => return None,
    };
    Some(if name && news(held, row).is_empty() { Closeness::NothingNew } else { Closeness::By(by) })
}

/// How often a file is judged again at most; two rounds settle all but contrived ones.
const MOST_ECHOES: usize = 8;
const PHONES: usize = 5;
const TAGS: usize = 30;
const CONSENTS: usize = 50;

/// One text of both profiles, and the change that sets it.
type Text<'a> = (&'a String, &'a String, fn(String) -> ProfileChange);

/// What a row says of somebody that is not there yet. What the row leaves empty is never among it; a name that differs by script or width only
/// is the same name.
pub(super) fn news(held: &Profile, row: &Profile) -> Vec<ProfileChange> {
    let mut changes = Vec::new();
    if folded(&held.name) != folded(&row.name) {
        changes.push(ProfileChange::Name(row.name.clone()));
    }
    let texts: [Text<'_>; 10] = [
        (&held.email, &row.email, ProfileChange::Email),
        (&held.company, &row.company, ProfileChange::Company),
        (&held.address, &row.address, ProfileChange::Address),
        (&held.region, &row.region, ProfileChange::Region),
        (&held.occupation, &row.occupation, ProfileChange::Occupation),
        (&held.interests, &row.interests, ProfileChange::Interests),
        (&held.source, &row.source, ProfileChange::Source),
        (&held.needs, &row.needs, ProfileChange::Needs),
        (&held.pains, &row.pains, ProfileChange::Pains),
        (&held.intent_reason, &row.intent_reason, ProfileChange::IntentReason),
    ];
    changes.extend(texts.into_iter().filter(|(held, row, _)| !row.is_empty() && held != row).map(|(_, row, change)| change(row.clone())));
    changes.extend(row.salutation.filter(|_| held.salutation != row.salutation).map(|value| ProfileChange::Salutation(Some(value))));
    changes.extend(row.gender.filter(|_| held.gender != row.gender).map(|value| ProfileChange::Gender(Some(value))));
    changes.extend(row.birth_year.filter(|_| held.birth_year != row.birth_year).map(|value| ProfileChange::BirthYear(Some(value))));
    changes.extend(row.intent.filter(|_| held.intent != row.intent).map(|value| ProfileChange::Intent(Some(value))));
    changes.extend(added(&held.phones, &row.phones, PHONES, |one, other| one == other).map(ProfileChange::Phones));
    changes.extend(added(&held.tags, &row.tags, TAGS, |one, other| one == other).map(ProfileChange::Tags));
    changes.extend(added(&held.consents, &row.consents, CONSENTS, |one, other| one.purpose == other.purpose).map(ProfileChange::Consents));
    changes
}

/// A list with what is not in it yet, as long as there is room; none if nothing is added.
fn added<T: Clone>(held: &[T], row: &[T], most: usize, same: fn(&T, &T) -> bool) -> Option<Vec<T>> {
    let mut all = held.to_vec();
    for new in row {
        if all.len() < most && !all.iter().any(|known| same(known, new)) {
            all.push(new.clone());
        }
    }
    (all.len() > held.len()).then_some(all)
}

fn add_once(list: &mut Vec<Of>, of: Of) {
    if !list.contains(&of) {
        list.push(of);
    }
}
