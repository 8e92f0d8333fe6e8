//! The form of a customer: what was typed, read into a profile, and what that changes.
//!
//! Law: a form that is refused keeps what was typed.

use crate::state::phones::{phone_in, spoken};
use chrono::{NaiveDateTime, TimeDelta};
use shared::customers::command::ProfileChange;
use shared::customers::decide::check_profile;
use shared::customers::{Consent, Contact, Gender, Intent, Profile, Salutation};
use shared::phone::Country;
use shared::rejection::{Field, Rejection};
use shared::settings::Language;
use shared::time::{Timestamp, UtcOffset};

/// A profile as it stands in the form: what was typed, not yet read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Whether the server's reminders are refused.
    pub no_reminders: bool,
    /// A consent that is recorded with the form: for what; none if empty.
    pub consent_purpose: String,
    /// How it was given.
    pub consent_how: String,
    /// When, on the clock of the place; now if empty.
    pub consent_at: Option<NaiveDateTime>,
    /// In which language the customer is written to.
    pub language: Option<Language>,
}

/// The clock by which times in a form are meant.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now.
    pub now: Timestamp,
    /// How the place is ahead of UTC.
    pub offset: UtcOffset,
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
            no_reminders: profile.reminders == Contact::Refused,
            consent_purpose: String::new(),
            consent_how: String::new(),
            consent_at: None,
            language: profile.language,
        }
    }

    /// Reads the form; consents that were recorded before are taken from `before`.
    ///
    /// # Errors
    /// Every field that must be mended.
    pub fn read(&self, before: &Profile, home: Country, clock: Clock) -> Result<Profile, Vec<Rejection>> {
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
            consents: before.consents.iter().cloned().chain(self.consent(clock)).collect(),
            contact: if self.refused { Contact::Refused } else { Contact::Allowed },
            reminders: if self.no_reminders { Contact::Refused } else { Contact::Allowed },
            language: self.language,
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

/// The instant of a time on the clock of a place.
#[must_use]
pub fn local(at: NaiveDateTime, offset: UtcOffset) -> Timestamp {
    at.checked_sub_signed(TimeDelta::minutes(offset.minutes().into())).unwrap_or(at).and_utc()
}

impl ProfileDraft {
    fn consent(&self, clock: Clock) -> Option<Consent> {
        let purpose = self.consent_purpose.trim().to_owned();
        let at = self.consent_at.map_or(clock.now, |at| local(at, clock.offset));
        (!purpose.is_empty()).then(|| Consent { purpose, at, how: self.consent_how.trim().to_owned(), withdrawn: None })
    }
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
        intent => Intent, intent_reason => IntentReason, tags => Tags, contact => Contact,
        reminders => Reminders, language => Language,
    }
    // Added one by one, so that what colleagues record meanwhile stays.
    let new = after.consents.iter().filter(|consent| !before.consents.contains(consent));
    changes.extend(new.cloned().map(ProfileChange::ConsentGiven));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::phone::Phone;

    fn clock() -> Clock {
        Clock { now: "2026-11-30T08:00:00Z".parse().expect("valid"), offset: UtcOffset::EAST_8 }
    }

    #[test]
    fn a1_a_consent_goes_in_with_the_form_and_leaves_those_before_alone() {
        let before =
            Consent { purpose: "寄送".to_owned(), at: "2026-01-01T00:00:00Z".parse().expect("valid"), how: "紙本".to_owned(), withdrawn: None };
        let profile = Profile {
            name: "王小明".to_owned(),
            phones: vec![Phone::parse("0912345678", Country::Tw).expect("valid")],
            consents: vec![before],
            ..Profile::default()
        };
        let mut draft = ProfileDraft::of(&profile);
        let recorded = |draft: &ProfileDraft| changes(&profile, &draft.read(&profile, Country::Tw, clock()).expect("valid"));
        draft.consent_how = "電話".to_owned();
        assert_eq!(recorded(&draft), [], "a way without a purpose is no consent");
        draft.consent_purpose = " 行銷 ".to_owned();
        let given = |at: &str| Consent { purpose: "行銷".to_owned(), at: at.parse().expect("valid"), how: "電話".to_owned(), withdrawn: None };
        assert_eq!(recorded(&draft), [ProfileChange::ConsentGiven(given("2026-11-30T08:00:00Z"))], "now, if no time is told");
        draft.consent_at = "2026-11-29T10:30:00".parse().ok();
        assert_eq!(recorded(&draft), [ProfileChange::ConsentGiven(given("2026-11-29T02:30:00Z"))], "on the clock of the place");
        draft.consent_purpose = "行".repeat(101);
        let wrong = draft.read(&profile, Country::Tw, clock()).expect_err("too long");
        assert!(matches!(wrong[..], [Rejection::TooLong { field: Field::Consent, .. }]));
    }

    #[test]
    fn a_form_says_of_every_field_what_to_mend_and_keeps_the_rest() {
        let draft = ProfileDraft { phones: "0912".to_owned(), birth_year: "昨天".to_owned(), ..ProfileDraft::default() };
        let wrong = draft.read(&Profile::default(), Country::Tw, clock()).expect_err("nothing fits");
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
    fn a1_an_unchanged_form_changes_nothing_and_a_year_of_the_republic_is_understood() {
        let profile = Profile {
            name: "王小明".to_owned(),
            birth_year: Some(1971),
            phones: vec![Phone::parse("0912345678", Country::Tw).expect("valid")],
            tags: vec!["養生".to_owned(), "團購".to_owned()],
            ..Profile::default()
        };
        let mut draft = ProfileDraft::of(&profile);
        assert_eq!(changes(&profile, &draft.read(&profile, Country::Tw, clock()).expect("valid")), []);
        draft.birth_year = "民國60年".to_owned();
        draft.tags = "養生, 團購;VIP".to_owned();
        let after = draft.read(&profile, Country::Tw, clock()).expect("valid");
        assert_eq!(after.birth_year, Some(1971));
        assert_eq!(changes(&profile, &after), [ProfileChange::Tags(vec!["養生".to_owned(), "團購".to_owned(), "VIP".to_owned()])]);
    }
}
