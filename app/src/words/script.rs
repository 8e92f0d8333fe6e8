//! What is said or written to a guest: the settings' text in the guest's language, with the blanks filled.

use super::{clock, date};
use crate::texts::{self as t, speaking};
use shared::customers::{Profile, Salutation};
use shared::invitations::Channel;
use shared::meetings::Plan;
use shared::settings::{Fault, Language, Purpose, Settings, template};

/// What the blanks of a text are filled with.
#[derive(Clone, Copy, Debug)]
pub struct Blanks<'a> {
    /// The guest.
    pub profile: &'a Profile,
    /// Who writes or calls.
    pub rep: &'a str,
    /// The meeting.
    pub plan: &'a Plan,
}

/// A template with the blanks filled, in a language.
#[must_use]
pub fn script(text: &str, language: Language, settings: &Settings, blanks: Blanks<'_>) -> String {
    let Blanks { profile, rep, plan } = blanks;
    let (salutation, date, time) = speaking(language.into(), || {
        let salutation = match profile.salutation {
            Some(Salutation::Mr) => t::customers::mr(),
            Some(Salutation::Ms) => t::customers::ms(),
            None => "",
        };
        (salutation, date(plan.starts_at, plan.utc_offset), clock(plan.starts_at, plan.utc_offset))
    });
    let blanks = template::Blanks {
        customer: &profile.name,
        salutation,
        company: &profile.company,
        rep,
        org: &settings.name,
        theme: &plan.theme,
        date: &date,
        time: &time,
        venue: &plan.venue,
    };
    template::filled(text, &blanks)
}

/// What a purpose is called.
#[must_use]
pub fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Invite => t::settings::invite(),
        Purpose::Remind => t::settings::remind(),
    }
}

/// A channel as a place for a text: call script, text message, mail, share and LINE; none is all of them.
#[must_use]
pub fn text_of_channel(channel: Option<Channel>) -> &'static str {
    match channel {
        None => t::settings::all_channels(),
        Some(Channel::Phone) => t::settings::call_script(),
        Some(Channel::Sms) => t::settings::sms(),
        Some(Channel::Mail) => t::settings::mail(),
        Some(Channel::Other) => t::settings::share(),
    }
}

/// What is wrong with a wording.
#[must_use]
pub fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Pushy => t::settings::pushy(),
        Fault::Misleading => t::settings::misleading(),
        Fault::Exaggerated => t::settings::exaggerated(),
    }
}

/// What a contract's variable stands for.
#[must_use]
pub fn contract_variable(name: &str) -> &'static str {
    match name {
        "number" => t::settings::contract_number(),
        "org" => t::settings::var_org(),
        "buyer" => t::settings::contract_buyer(),
        "items" => t::settings::contract_items(),
        "total" => t::deals::total(),
        "deposit" => t::settings::contract_deposit(),
        "schedule" => t::settings::contract_schedule(),
        "replaces" => t::settings::contract_replaces(),
        "date" => t::settings::contract_date(),
        "rep" => t::settings::contract_rep(),
        _ => "",
    }
}

/// What a variable stands for.
#[must_use]
pub fn variable(name: &str) -> &'static str {
    match name {
        "customer" => t::settings::var_customer(),
        "salutation" => t::settings::var_salutation(),
        "company" => t::settings::var_company(),
        "rep" => t::settings::var_rep(),
        "org" => t::settings::var_org(),
        "theme" => t::settings::var_theme(),
        "date" => t::settings::var_date(),
        "time" => t::settings::var_time(),
        "venue" => t::settings::var_venue(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use crate::texts::{Language as Shown, set_language};
    use shared::settings::template::{CONTRACT_VARIABLES, VARIABLES};

    fn written(template: &str, language: Language, fill: impl FnOnce(&mut Profile)) -> String {
        let world = World::new();
        let mut profile = world.profile("王小明");
        fill(&mut profile);
        let settings = world.get::<Settings>(world.org);
        script(template, language, &settings, Blanks { profile: &profile, rep: "林佳穎", plan: &world.plan(&[]) })
    }

    #[test]
    fn b2_every_variable_is_filled_and_named() {
        let template: String = VARIABLES.iter().map(|name| format!("{{{name}}}|")).collect();
        let text = written(&template, Language::ZhHant, |profile| {
            profile.salutation = Some(Salutation::Mr);
            profile.company = "宏達".into();
        });
        assert_eq!(text, "王小明|先生|宏達|林佳穎|匯成顧問|秋季理財說明會|11月30日 週一|09:00|國際會議中心|");
        for name in VARIABLES {
            assert!(!variable(name).is_empty(), "{name}");
        }
        for name in CONTRACT_VARIABLES {
            assert!(!contract_variable(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn b2_a_text_is_in_the_guests_language_whatever_language_the_app_has() {
        set_language(Shown::ZhHant);
        let english = written("Dear {salutation} {customer}, {date} at {time}", Language::En, |profile| {
            profile.name = "David Chen".into();
            profile.salutation = Some(Salutation::Mr);
        });
        assert_eq!(english, "Dear Mr David Chen, Mon 30 Nov at 09:00");
        assert_eq!(crate::texts::language(), Shown::ZhHant, "and the app stays in its own");
        let simplified = written("{customer}{salutation}，{date}", Language::ZhHans, |profile| profile.salutation = Some(Salutation::Ms));
        assert_eq!(simplified, "王小明女士，11月30日 周一");
    }

    #[test]
    fn b2_a_blank_that_stays_empty_leaves_no_hole() {
        assert_eq!(written("Dear {salutation} {customer} {company}, hello", Language::En, |_| ()), "Dear 王小明, hello");
    }
}
