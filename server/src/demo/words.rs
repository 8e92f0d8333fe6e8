//! What stands in the files of server/demo/.

use serde::Deserialize;
use shared::meetings::{AgendaItem, Duty};
use shared::people::Role;

#[derive(Deserialize)]
pub(super) struct CompanyFile {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) teams: Vec<TeamLine>,
    pub(super) people: Vec<PersonLine>,
    pub(super) products: Vec<ProductLine>,
    pub(super) meetings: Vec<MeetingLine>,
    pub(super) discounts: Vec<DiscountLine>,
}

#[derive(Deserialize)]
pub(super) struct TeamLine {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct PersonLine {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) role: Role,
    /// Place in the list of teams.
    pub(super) team: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct ProductLine {
    pub(super) name: String,
    pub(super) description: String,
    /// Whole dollars.
    pub(super) price: i64,
    /// Whom it suits.
    #[serde(default)]
    pub(super) suits: String,
    /// What may be said for it.
    #[serde(default)]
    pub(super) points: Vec<PointLine>,
}

/// Something that may be said for a product, and what it answers.
#[derive(Deserialize)]
pub(super) struct PointLine {
    pub(super) text: String,
    pub(super) answers: Vec<String>,
}

/// A discount above a rep's limit.
#[derive(Deserialize)]
pub(super) struct DiscountLine {
    /// Login.
    pub(super) rep: String,
    pub(super) basis_points: u16,
    pub(super) reason: String,
    /// Since it was asked for.
    pub(super) hours: i64,
    /// Login of whoever ruled on it.
    pub(super) ruled_by: Option<String>,
    /// None if it was approved.
    pub(super) refused_because: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MeetingLine {
    pub(super) key: String,
    pub(super) theme: String,
    #[serde(flatten)]
    pub(super) when: When,
    pub(super) venue: String,
    pub(super) address: String,
    pub(super) capacity: u32,
    pub(super) reps: Vec<String>,
    /// Customers that each rep invites.
    pub(super) each: usize,
    pub(super) odds: Odds,
    /// Login and duty.
    pub(super) staff: Vec<(String, Duty)>,
    agenda: Vec<AgendaLine>,
    #[serde(default)]
    pub(super) preparations: Vec<PreparationLine>,
}

/// A task before a meeting: whose, how many days before, and how far it is.
#[derive(Deserialize)]
pub(super) struct PreparationLine {
    pub(super) what: String,
    #[serde(default)]
    pub(super) note: String,
    /// Whose task it is: everybody's of a role, or one person's, by login.
    pub(super) role: Option<Role>,
    pub(super) person: Option<String>,
    pub(super) days_before: i64,
    /// Login of whoever has done it.
    pub(super) done_by: Option<String>,
    /// Login of whoever is at it.
    pub(super) begun_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum When {
    /// Days from the first start, at a local time (hours and minutes).
    Day { days: i64, at: String },
    /// Hours from the first start, up to the next half hour.
    Soon { hours: i64 },
}

/// What a hundred customers say; the rest nobody has tried yet.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Odds {
    pub(super) agreed: usize,
    pub(super) declined: usize,
    pub(super) call_back: usize,
    pub(super) no_answer: usize,
    pub(super) wrong_number: usize,
}

#[derive(Deserialize)]
struct AgendaLine {
    minute: u16,
    title: String,
    #[serde(default)]
    speaker: String,
}

impl MeetingLine {
    pub(super) fn agenda(&self) -> Vec<AgendaItem> {
        self.agenda.iter().map(|line| AgendaItem { minute: line.minute, title: line.title.clone(), speaker: line.speaker.clone() }).collect()
    }
}

/// Words from which customers are put together.
#[derive(Deserialize)]
pub(super) struct Words {
    /// Each with its romanisation after a space.
    pub(super) surnames: Vec<String>,
    pub(super) women: Vec<String>,
    pub(super) men: Vec<String>,
    /// Whole names in simplified script, each with m or f after a space.
    pub(super) simplified: Vec<String>,
    pub(super) company_names: Vec<String>,
    pub(super) company_trades: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) streets: Vec<String>,
    pub(super) occupations: Vec<String>,
    pub(super) interests: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) consent_purposes: Vec<String>,
    pub(super) consent_hows: Vec<String>,
    pub(super) questions: Vec<String>,
    pub(super) words: Vec<String>,
    pub(super) cancel_reasons: Vec<String>,
    pub(super) concerns: Vec<Concern>,
    pub(super) intent_reasons: IntentReasons,
}

#[derive(Deserialize)]
pub(super) struct Concern {
    pub(super) need: String,
    pub(super) pain: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) struct IntentReasons {
    pub(super) a: Vec<String>,
    pub(super) b: Vec<String>,
    pub(super) c: Vec<String>,
    pub(super) d: Vec<String>,
}
