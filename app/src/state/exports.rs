//! Customers given out as a file: what stands in it, and what is kept of it.
//!
//! Laws: nobody's customers stand in a file who may not be exported; a file of ours is read by our import as it was written.

use crate::state::customers::{Filter, Invited, Whose};
use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::texts as t;
use crate::words;
use shared::customers::{Consent, Contact, Customer, Gender, Profile, Salutation};
use shared::decide::{Actor, Unavailable};
use shared::exports::decide::may_export;
use shared::exports::table::Table;
use shared::exports::{self, Export, Format};
use shared::ids::{CustomerId, ExportId, MeetingId};
use shared::meetings::Meeting;
use shared::rejection::Field;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;

/// The columns that our import reads again, in their order.
const FIELDS: [Field; 17] = [
    Field::Name,
    Field::Salutation,
    Field::Phone,
    Field::Email,
    Field::Company,
    Field::Occupation,
    Field::Gender,
    Field::BirthYear,
    Field::Region,
    Field::Address,
    Field::Source,
    Field::Intent,
    Field::IntentReason,
    Field::Needs,
    Field::Pains,
    Field::Interests,
    Field::Tags,
];

/// A file in the making.
#[derive(Default)]
pub struct Writing {
    ids: Vec<CustomerId>,
    next: usize,
    table: Table,
}

/// What was kept of one export, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: ExportId,
    /// Who has it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// As what.
    pub format: Format,
    /// How many customers.
    pub rows: u32,
    /// Which were chosen, in words.
    pub filters: Vec<String>,
}

impl Writing {
    /// A file about these customers, with its header.
    #[must_use]
    pub fn begin(ids: Vec<CustomerId>) -> Self {
        Self { ids, next: 0, table: Table { rows: vec![header()] } }
    }

    /// Writes some more; whether all are written. Whoever may not be exported is left out.
    ///
    /// # Errors
    /// [`Unavailable`] if the replica cannot be read.
    pub fn step(&mut self, replica: &Replica, actor: &Actor, customers: usize) -> Result<bool, Unavailable> {
        let end = self.ids.len().min(self.next + customers);
        for id in &self.ids[self.next..end] {
            if let Some(customer) = replica.noun::<Customer>(*id)
                && may_export(replica, actor, customer)?
            {
                self.table.rows.push(row(replica, customer));
            }
        }
        self.next = end;
        Ok(end == self.ids.len())
    }

    /// How many customers were looked at.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.next
    }

    /// How many customers are in it, and the file's content.
    #[must_use]
    pub fn finish(self) -> (u32, Table) {
        (u32::try_from(self.table.rows.len() - 1).unwrap_or(u32::MAX), self.table)
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("customers", &self.ids.len()).field("next", &self.next).finish_non_exhaustive()
    }
}

/// What is kept of which customers were chosen.
#[must_use]
pub fn filters(searched: &str, filter: &Filter) -> exports::Filters {
    exports::Filters {
        searched: !searched.trim().is_empty(),
        intents: filter.intents.iter().copied().collect(),
        tag: filter.tag.clone(),
        source: filter.source.clone(),
        region: filter.region.clone(),
        owner: filter.owner.map(|owner| match owner {
            Whose::Pool => exports::Whose::Pool,
            Whose::Person(id) => exports::Whose::Person(id),
        }),
        invited: filter.invited.map(|invited| match invited {
            Invited::To(meeting) => exports::Invited::To(meeting),
            Invited::NotTo(meeting) => exports::Invited::NotTo(meeting),
            Invited::Never => exports::Invited::Never,
        }),
    }
}

/// Everything that was exported, the latest first.
#[must_use]
pub fn items(replica: &Replica) -> Vec<Item> {
    let mut items: Vec<Item> = replica.all::<Export>().map(|export| item(replica, export)).collect();
    items.order_by_key(|item| (std::cmp::Reverse(item.at), item.id));
    items
}

fn item(replica: &Replica, export: &Export) -> Item {
    Item {
        id: export.id,
        by: name_of(replica, export.by),
        at: export.at,
        reason: export.reason.clone(),
        format: export.format,
        rows: export.rows,
        filters: in_words(replica, &export.filters),
    }
}

fn in_words(replica: &Replica, filters: &exports::Filters) -> Vec<String> {
    let theme = |meeting: MeetingId| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone()).unwrap_or_default();
    let mut out = Vec::new();
    out.extend(filters.searched.then(|| t::exports::searched().to_owned()));
    out.extend((!filters.intents.is_empty()).then(|| filters.intents.iter().map(|intent| format!("{intent:?}")).collect::<Vec<_>>().join(" ")));
    out.extend(filters.tag.clone());
    out.extend(filters.source.as_deref().map(|source| source_words(replica, source)));
    out.extend(filters.region.clone());
    out.extend(filters.owner.map(|owner| match owner {
        exports::Whose::Pool => t::customers::pool().to_owned(),
        exports::Whose::Person(id) => name_of(replica, id),
    }));
    out.extend(filters.invited.map(|invited| match invited {
        exports::Invited::To(meeting) => t::customers::invited_to(theme(meeting)),
        exports::Invited::NotTo(meeting) => t::customers::not_invited_to(theme(meeting)),
        exports::Invited::Never => t::customers::never_invited().to_owned(),
    }));
    out
}

fn header() -> Vec<String> {
    let name = |field| if field == Field::IntentReason { t::exports::intent_reason() } else { words::field_name(field) };
    let others = [t::exports::consents(), words::field_name(Field::Owner), t::exports::contact()];
    FIELDS.into_iter().map(name).chain(others).map(str::to_owned).collect()
}

fn row(replica: &Replica, customer: &Customer) -> Vec<String> {
    let profile = &customer.profile;
    let mut row: Vec<String> = FIELDS.into_iter().map(|field| cell(replica, profile, field)).collect();
    row.push(profile.consents.iter().map(consent).collect::<Vec<_>>().join("\n"));
    row.push(customer.owner.map_or_else(|| t::customers::pool().to_owned(), |owner| name_of(replica, owner)));
    row.push(if profile.contact == Contact::Refused { t::exports::not_to_be_contacted().to_owned() } else { String::new() });
    row
}

fn cell(replica: &Replica, profile: &Profile, field: Field) -> String {
    match field {
        Field::Name => profile.name.clone(),
        Field::Salutation => match profile.salutation {
            Some(Salutation::Mr) => t::customers::mr().to_owned(),
            Some(Salutation::Ms) => t::customers::ms().to_owned(),
            None => String::new(),
        },
        // With dashes no spreadsheet takes it for a number, which would lose its zero.
        Field::Phone => profile.phones.iter().map(|phone| crate::state::phones::spoken(phone).replace(' ', "-")).collect::<Vec<_>>().join(" / "),
        Field::Email => profile.email.clone(),
        Field::Company => profile.company.clone(),
        Field::Occupation => profile.occupation.clone(),
        Field::Gender => match profile.gender {
            Some(Gender::Male) => t::customers::male().to_owned(),
            Some(Gender::Female) => t::customers::female().to_owned(),
            Some(Gender::Other) => t::exports::other_gender().to_owned(),
            None => String::new(),
        },
        Field::BirthYear => profile.birth_year.map(|year| year.to_string()).unwrap_or_default(),
        Field::Region => profile.region.clone(),
        Field::Address => profile.address.clone(),
        Field::Source => source_words(replica, &profile.source),
        Field::Intent => profile.intent.map(|intent| format!("{intent:?}")).unwrap_or_default(),
        Field::IntentReason => profile.intent_reason.clone(),
        Field::Needs => profile.needs.clone(),
        Field::Pains => profile.pains.clone(),
        Field::Interests => profile.interests.clone(),
        Field::Tags => profile.tags.join("、"),
        _ => String::new(),
    }
}

fn consent(consent: &Consent) -> String {
    let withdrawn = consent.withdrawn.as_ref().map(|withdrawn| format!("{} {}", t::exports::withdrawn(), withdrawn.at.format("%Y-%m-%d")));
    let parts = [consent.purpose.clone(), consent.at.format("%Y-%m-%d").to_string(), consent.how.clone(), withdrawn.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn source_words(replica: &Replica, code: &str) -> String {
    let entry = replica.all::<Settings>().flat_map(|settings| &settings.sources).find(|entry| entry.code == code);
    entry.map_or_else(|| code.to_owned(), |entry| words::in_language(&entry.texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::import::{Checking, Counts, Opened};
    use crate::state::world::{self, World, at};
    use crate::texts::{Language, set_language};
    use shared::customers::Intent;
    use shared::customers::import::{Mapping, Settings as ImportSettings, by_tables};
    use shared::exports::command::RecordExport;
    use shared::exports::table::csv;
    use shared::ids::UserId;
    use shared::phone::{Country, Phone};
    use std::collections::BTreeSet;

    fn everybody(world: &World) -> Vec<CustomerId> {
        world.all().filter_map(|record| if let shared::Record::Customer(customer) = record { Some(customer.id) } else { None }).collect()
    }

    fn written(world: &World, actor: UserId) -> Table {
        let replica = world.replica(world.manager);
        let mut writing = Writing::begin(everybody(world));
        while !writing.step(&replica, &world.actor(actor), 1).expect("memory can be read") {}
        writing.finish().1
    }

    #[test]
    fn a7_a_file_holds_only_whom_its_author_may_export_even_if_more_are_on_the_device() {
        let world = World::new();
        let rows = |actor| written(&world, actor).rows.len() - 1;
        let all = everybody(&world).len();
        assert_eq!(rows(world.manager), all);
        assert!((1..all).contains(&rows(world.supervisor)));
        assert_eq!((rows(world.rep), rows(world.administrator)), (0, 0));
        let owners: BTreeSet<_> = written(&world, world.supervisor).rows.into_iter().skip(1).map(|row| row[18].clone()).collect();
        let strangers = name_of(&world.replica(world.manager), world.stranger);
        assert!(!owners.contains(&strangers), "another team's customer");
    }

    #[test]
    fn a7_a_file_of_ours_is_imported_again_without_a_change_in_every_language() {
        let mut world = World::new();
        let manager = world.manager;
        world::customer(&mut world, Some(manager), "=王小明", |profile| {
            profile.salutation = Some(Salutation::Ms);
            profile.gender = Some(Gender::Other);
            profile.birth_year = Some(1985);
            profile.phones = ["0912345678", "02-23456789", "+8613800138000"].map(|phone| Phone::parse(phone, Country::Tw).expect("a phone")).to_vec();
            profile.email = "wang@example.com".to_owned();
            profile.company = "-晨光, \"北\"".to_owned();
            profile.address = "+台北市 信義路".to_owned();
            profile.region = "@台北".to_owned();
            profile.occupation = "'工程師".to_owned();
            profile.source = "老客戶帶來".to_owned();
            profile.needs = "＝濾心\n兩支".to_owned();
            profile.pains = "水垢".to_owned();
            profile.interests = "登山".to_owned();
            profile.intent = Some(Intent::B);
            profile.intent_reason = "等搬家".to_owned();
            profile.tags = vec!["VIP".to_owned(), "老客戶".to_owned()];
        });
        for language in [Language::ZhHant, Language::ZhHans, Language::En] {
            set_language(language);
            let table = written(&world, manager);
            let columns: Vec<_> = FIELDS.map(Some).into_iter().chain([None; 3]).collect();
            assert_eq!(Mapping::of_header(&table.rows[0]).columns, columns, "{language:?}");
            let opened = Opened::open(csv(&table), by_tables, |_| None).expect("a list");
            let replica = world.replica(manager);
            let mut checking = Checking::begin(&opened, ImportSettings { country: Country::Tw, at: at(0) }, &replica);
            let checked = loop {
                if let Some(checked) = checking.step(&replica, &world.actor(manager), 10).expect("memory can be read") {
                    break checked;
                }
            };
            assert_eq!(checked.counts(), Counts { same: table.rows.len() - 1, ..Counts::default() }, "{language:?}");
        }
    }

    #[test]
    fn a7_phones_stay_texts_with_their_zero() {
        let world = World::new();
        for row in written(&world, world.manager).rows.into_iter().skip(1) {
            assert!(row[2].parse::<f64>().is_err(), "{}", row[2]);
        }
    }

    #[test]
    fn a7_managers_and_administrators_read_who_exported_what_and_why_and_no_name_that_was_searched() {
        let mut world = World::new();
        let filter = Filter {
            intents: BTreeSet::from([Intent::A]),
            tag: Some("VIP".to_owned()),
            owner: Some(Whose::Person(world.rep)),
            invited: Some(Invited::NotTo(world.meeting)),
            ..Filter::default()
        };
        let filters = filters(" 王小明 ", &filter);
        let supervisor = world.supervisor;
        let export = RecordExport { export: world.id(), reason: "寄送禮品".to_owned(), format: Format::Csv, rows: 2, filters };
        world.apply(supervisor, export).expect("within the rules");
        set_language(Language::ZhHant);
        for reader in [world.manager, world.administrator] {
            let items = items(&world.replica(reader));
            assert_eq!(items.len(), 1);
            let rep = name_of(&world.replica(reader), world.rep);
            let theme = world.get::<Meeting>(world.meeting).plan.theme.clone();
            assert_eq!(items[0].filters, [t::exports::searched(), "A", "VIP", &rep, &t::customers::not_invited_to(theme)]);
            assert_eq!((items[0].rows, items[0].reason.as_str()), (2, "寄送禮品"));
            assert!(!format!("{items:?}").contains("王小明"));
        }
        assert_eq!(items(&world.replica(world.rep)), []);
    }
}
