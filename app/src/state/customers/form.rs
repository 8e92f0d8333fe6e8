//! The form of a customer: what was typed, read into a profile, and what that changes.
//!
//! Law: a form that is refused keeps what was typed.

use crate::state::phones::{phone_in, spoken};
use shared::customers::command::ProfileChange;
use shared::customers::decide::check_profile;
use shared::customers::{Contact, Gender, Intent, Profile, Salutation};
use shared::phone::Country;
use shared::rejection::{Field, Rejection};

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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::phone::Phone;

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
}
