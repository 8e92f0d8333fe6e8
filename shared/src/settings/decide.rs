//! Rules about settings: administrators keep them; what is said to guests, and the words of dictionaries, managers too.
//!
//! Law: a command about texts and dictionaries changes one entry. Two people who work on two of them overwrite nothing of each other's, also when one of
//! them was without a network.

use super::command::{MoveEntry, PutEntry, PutWording, RemoveWording, SetContractTemplate, SetDevicePolicy, SetEntryState, SetTemplate};
use super::template::{CONTRACT_VARIABLES, VARIABLES, missing_variables, unknown_variables};
use super::wording::is_same;
use super::{DevicePolicy, Dictionary, Entry, EntryState, Language, Purpose, Settings, Template, Texts, Wording};
use crate::customers::search::folded;
use crate::deals::contract::sha256_hex;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::invitations::Channel;

/// Most entries of a dictionary, those not offered any more included.
pub const MOST_ENTRIES: usize = 200;
/// Most wordings that are marked.
pub const MOST_WORDINGS: usize = 300;
/// Longest template of a contract, in characters: filled, it still has to be within the longest contract ([`crate::deals::decide::CONTRACT_MAX`]).
pub const CONTRACT_TEMPLATE_MAX: usize = 20_000;
const PHRASE_MAX: usize = 40;
const WHY_MAX: usize = 300;
const CODE_MAX: usize = 40;

/// Sets how devices guard what is on them.
pub(crate) fn set_device_policy<V: View + ?Sized>(view: &V, args: &SetDevicePolicy, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    let (idle, lease) = (DevicePolicy::IDLE_MINUTES, DevicePolicy::LEASE_HOURS);
    within(Field::IdleMinutes, args.idle_minutes.into(), (*idle.start()).into(), (*idle.end()).into())?;
    within(Field::LeaseHours, args.lease_hours.into(), (*lease.start()).into(), (*lease.end()).into())?;
    let settings = context.settings(view)?;
    let devices = DevicePolicy { idle_minutes: args.idle_minutes, lease_hours: args.lease_hours };
    Ok(vec![Patch::put(Settings { devices, ..(*settings).clone() })])
}

/// Writes one text to guests.
pub(crate) fn set_template<V: View + ?Sized>(view: &V, args: &SetTemplate, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    match args.channel {
        Some(_) => text(Field::Template, &args.text, WORDS_MAX)?,
        None => required_text(Field::Template, &args.text, WORDS_MAX)?,
    }
    if let Some(name) = unknown_variables(&args.text, &VARIABLES).first() {
        return Err(Rejection::UnknownVariable { name: (*name).to_owned() }.into());
    }
    let mut settings = (*context.settings(view)?).clone();
    let written = tidy(&args.text);
    match args.channel {
        None => {
            let common = common_text(&mut settings, args.purpose);
            *common = std::mem::take(common).with(args.language, written);
        }
        Some(channel) => set_own_text(&mut settings.templates, args.purpose, channel, args.language, written),
    }
    Ok(vec![Patch::put(settings)])
}

/// Writes the text that contracts are made from, and raises its version if it says something else.
pub(crate) fn set_contract_template<V: View + ?Sized>(view: &V, args: &SetContractTemplate, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    required_text(Field::ContractText, &args.text, CONTRACT_TEMPLATE_MAX)?;
    if let Some(name) = unknown_variables(&args.text, &CONTRACT_VARIABLES).first() {
        return Err(Rejection::UnknownVariable { name: (*name).to_owned() }.into());
    }
    if let Some(name) = missing_variables(&args.text).first() {
        return Err(Rejection::MissingVariable { name: (*name).to_owned() }.into());
    }
    let mut settings = (*context.settings(view)?).clone();
    let written = tidy(&args.text);
    let now = settings.contract_template.of(args.language);
    if now == written {
        return Ok(Vec::new());
    }
    if sha256_hex(now) != args.before {
        return Err(Rejection::TextChanged.into());
    }
    settings.contract_template = std::mem::take(&mut settings.contract_template).with(args.language, written);
    settings.contract_template_version = settings.contract_template_version.saturating_add(1);
    Ok(vec![Patch::put(settings)])
}

const fn common_text(settings: &mut Settings, purpose: Purpose) -> &mut Texts {
    match purpose {
        Purpose::Invite => &mut settings.invitation_script,
        Purpose::Remind => &mut settings.reminder_script,
    }
}

fn set_own_text(templates: &mut Vec<Template>, purpose: Purpose, channel: Channel, language: Language, written: String) {
    let is_it = |template: &Template| template.purpose == purpose && template.channel == channel;
    match templates.iter().position(is_it) {
        Some(place) => {
            let texts = std::mem::take(&mut templates[place].texts).with(language, written);
            if texts.is_empty() {
                templates.remove(place);
            } else {
                templates[place].texts = texts;
            }
        }
        None if written.is_empty() => {}
        None => templates.push(Template { purpose, channel, texts: Texts::default().with(language, written) }),
    }
}

/// Adds an entry to a dictionary, or gives one other words.
pub(crate) fn put_entry<V: View + ?Sized>(view: &V, args: &PutEntry, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    code(&args.code)?;
    let texts = texts(Field::Entry, &args.texts, NAME_MAX)?;
    let mut settings = (*context.settings(view)?).clone();
    let entries = dictionary(&mut settings, args.dictionary);
    if entries.iter().any(|other| other.code != args.code && other.state == EntryState::InUse && reads_alike(&other.texts, &texts)) {
        return Err(Rejection::AlreadyListed.into());
    }
    match entries.iter_mut().find(|entry| entry.code == args.code) {
        Some(entry) => entry.texts = texts,
        None => {
            length(Field::Entry, entries.len() + 1, 0, MOST_ENTRIES as i64)?;
            entries.push(Entry { code: args.code.clone(), texts, state: EntryState::InUse });
        }
    }
    Ok(vec![Patch::put(settings)])
}

/// Offers an entry no more, or again.
pub(crate) fn set_entry_state<V: View + ?Sized>(view: &V, args: &SetEntryState, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    let mut settings = (*context.settings(view)?).clone();
    let entries = dictionary(&mut settings, args.dictionary);
    let place = place_of(entries, &args.code)?;
    let others = entries.iter().filter(|other| other.code != args.code && other.state == EntryState::InUse);
    if args.state == EntryState::InUse && others.clone().any(|other| reads_alike(&other.texts, &entries[place].texts)) {
        return Err(Rejection::AlreadyListed.into());
    }
    // Whoever declines has a reason, and whoever comes has a source: something must be offered.
    if args.state == EntryState::Retired && others.count() == 0 {
        return Err(Rejection::OutOfRange { field: Field::Entry, min: 1, max: MOST_ENTRIES as i64 }.into());
    }
    entries[place].state = args.state;
    Ok(vec![Patch::put(settings)])
}

/// Puts an entry to another place.
pub(crate) fn move_entry<V: View + ?Sized>(view: &V, args: &MoveEntry, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    let mut settings = (*context.settings(view)?).clone();
    let entries = dictionary(&mut settings, args.dictionary);
    let place = place_of(entries, &args.code)?;
    let entry = entries.remove(place);
    let to = match &args.before {
        Some(before) if *before == args.code => place,
        Some(before) => place_of(entries, before)?,
        None => entries.len(),
    };
    entries.insert(to, entry);
    Ok(vec![Patch::put(settings)])
}

/// Adds a wording to those that are marked, or changes one.
pub(crate) fn put_wording<V: View + ?Sized>(view: &V, args: &PutWording, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    code(&args.code)?;
    required(Field::Wording, &args.phrase, PHRASE_MAX)?;
    // Nothing but dashes and brackets would be found nowhere, or everywhere.
    if folded(&args.phrase).is_empty() {
        return Err(Rejection::Malformed { field: Field::Wording }.into());
    }
    let why = texts(Field::Why, &args.why, WHY_MAX)?;
    let mut settings = (*context.settings(view)?).clone();
    if settings.wordings.iter().any(|other| other.code != args.code && is_same(&other.phrase, &args.phrase)) {
        return Err(Rejection::AlreadyListed.into());
    }
    let wording = Wording { code: args.code.clone(), phrase: tidy(&args.phrase), fault: args.fault, why };
    match settings.wordings.iter_mut().find(|other| other.code == args.code) {
        Some(before) => *before = wording,
        None => {
            length(Field::Wording, settings.wordings.len() + 1, 0, MOST_WORDINGS as i64)?;
            settings.wordings.push(wording);
        }
    }
    Ok(vec![Patch::put(settings)])
}

/// Marks a wording no more. One that is not there is not marked.
pub(crate) fn remove_wording<V: View + ?Sized>(view: &V, args: &RemoveWording, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    let mut settings = (*context.settings(view)?).clone();
    let before = settings.wordings.len();
    settings.wordings.retain(|wording| wording.code != args.code);
    if settings.wordings.len() == before {
        return Err(Rejection::NotFound { kind: Kind::Settings }.into());
    }
    Ok(vec![Patch::put(settings)])
}

const fn dictionary(settings: &mut Settings, which: Dictionary) -> &mut Vec<Entry> {
    match which {
        Dictionary::RefusalReasons => &mut settings.refusal_reasons,
        Dictionary::Sources => &mut settings.sources,
    }
}

fn place_of(entries: &[Entry], code: &str) -> Result<usize, Stop> {
    entries.iter().position(|entry| entry.code == code).ok_or_else(|| Rejection::NotFound { kind: Kind::Settings }.into())
}

/// A stable code: small letters, figures, dash, underscore. People never see it.
fn code(code: &str) -> Result<(), Rejection> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if (1..=CODE_MAX).contains(&code.len()) && code.chars().all(allowed) { Ok(()) } else { Err(Rejection::Malformed { field: Field::Entry }) }
}

/// Texts that are written in one language at least, tidied.
fn texts(field: Field, texts: &Texts, max: usize) -> Result<Texts, Rejection> {
    let mut tidied = Texts::default();
    for language in Language::ALL {
        line(field, texts.of(language), max)?;
        tidied = tidied.with(language, tidy(texts.of(language)));
    }
    if tidied.is_empty() { Err(Rejection::Required { field }) } else { Ok(tidied) }
}

/// Whether two entries could not be told apart in some language.
fn reads_alike(one: &Texts, other: &Texts) -> bool {
    let alike = |language| !one.of(language).is_empty() && folded(one.of(language)) == folded(other.of(language));
    Language::ALL.into_iter().any(alike)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn set(world: &mut World, idle_minutes: u8, lease_hours: u16) -> Result<DevicePolicy, Rejection> {
        world.apply(world.administrator, SetDevicePolicy { idle_minutes, lease_hours })?;
        Ok(world.get::<Settings>(world.org).devices)
    }

    #[test]
    fn m3_an_administrator_sets_when_devices_lock_and_how_long_they_show_customers() {
        let mut world = World::new();
        assert_eq!(world.get::<Settings>(world.org).devices, DevicePolicy { idle_minutes: 5, lease_hours: 72 });
        assert_eq!(set(&mut world, 2, 24), Ok(DevicePolicy { idle_minutes: 2, lease_hours: 24 }));
        let idle = Err(Rejection::OutOfRange { field: Field::IdleMinutes, min: 2, max: 5 });
        assert_eq!(set(&mut world, 1, 24), idle);
        assert_eq!(set(&mut world, 6, 24), idle);
        let lease = Err(Rejection::OutOfRange { field: Field::LeaseHours, min: 1, max: 720 });
        assert_eq!(set(&mut world, 5, 0), lease);
        assert_eq!(set(&mut world, 5, 721), lease);
        assert_eq!(set(&mut world, 5, 720), Ok(DevicePolicy { idle_minutes: 5, lease_hours: 720 }));
    }
}
