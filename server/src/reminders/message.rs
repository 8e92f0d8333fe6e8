//! What is sent to one guest, in the language that they read.

use crate::guests::page::clock;
use crate::texts::{Language, guest_page, reminder as t};
use chrono::Datelike;
use shared::customers::{Customer, Salutation};
use shared::invitations::link::LinkToken;
use shared::invitations::reminder::Carrier;
use shared::meetings::Meeting;
use shared::settings::template::{Blanks, filled};
use shared::settings::{Purpose, Settings};
use shared::time::{Timestamp, UtcOffset};
use uuid::Uuid;

/// A message as it is sent. Never stored, and Debug hides it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Names it to carriers: the same at each try.
    pub(super) id: Uuid,
    /// Mail address, or phone in E.164 form.
    pub(super) to: String,
    /// Who sends it, as guests read it.
    pub(super) org: String,
    /// What it is about.
    pub(super) subject: String,
    /// What it says.
    pub(super) text: String,
    /// The address that takes whoever opens or posts to it off the list.
    pub(super) no_more: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a reminder is made of, read in one moment.
pub(super) struct Reminded<'a> {
    pub(super) settings: &'a Settings,
    pub(super) customer: &'a Customer,
    pub(super) meeting: &'a Meeting,
    pub(super) rep: &'a str,
    /// Where guests reach this server, without a slash at the end.
    pub(super) public_url: &'a str,
    pub(super) link: &'a LinkToken,
}

impl Reminded<'_> {
    /// The message; none where the organisation has written no reminder.
    pub(super) fn message(&self, id: Uuid, to: &str, carrier: Carrier) -> Option<Message> {
        let reads = self.customer.profile.reads().unwrap_or_else(|| crate::guests::language::of_country(self.settings.country));
        let template = self.settings.text_for(Purpose::Remind, carrier.channel(), reads);
        if template.trim().is_empty() {
            return None;
        }
        let (language, page) = (Language::from(reads), format!("{}{}", self.public_url, self.link.path()));
        let (said, no_more) = (self.said(template, language), format!("{page}/reminders"));
        let text = match carrier {
            Carrier::Mail => format!("{said}\n\n{}\n{page}\n\n{}\n{no_more}\n", t::page(language), t::no_more(language)),
            // Every character costs: the page behind the link says the rest.
            Carrier::Sms => format!("{said}\n{page}"),
        };
        let (org, subject) = (self.settings.name.clone(), t::subject(language, &self.meeting.plan.theme));
        Some(Message { id, to: to.to_owned(), org, subject, text, no_more })
    }

    fn said(&self, template: &str, language: Language) -> String {
        let (profile, plan) = (&self.customer.profile, &self.meeting.plan);
        let salutation = match profile.salutation {
            Some(Salutation::Mr) => t::mr(language),
            Some(Salutation::Ms) => t::ms(language),
            None => "",
        };
        let blanks = Blanks {
            customer: &profile.name,
            salutation,
            company: &profile.company,
            rep: self.rep,
            org: &self.settings.name,
            theme: &plan.theme,
            date: &date(language, plan.starts_at, plan.utc_offset),
            time: &clock(plan.starts_at, plan.utc_offset),
            venue: &plan.venue,
        };
        filled(template, &blanks)
    }
}

/// A day without its year: it is tomorrow.
fn date(language: Language, at: Timestamp, place: UtcOffset) -> String {
    let day = place.day_of(at);
    let nth = |all: &'static str, index: u32| all.split(' ').nth(index as usize).unwrap_or_default();
    let weekday = nth(guest_page::weekdays(language), day.weekday().num_days_from_monday());
    t::date(language, day.day(), nth(guest_page::months(language), day.month0()), weekday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::customers::Profile;
    use shared::invitations::link::TOKEN_BYTES;
    use shared::settings::{Language as Reads, Template, Texts};
    use shared::testing::World;

    fn message(carrier: Carrier, change: impl FnOnce(&mut Settings, &mut Profile)) -> Option<Message> {
        let world = World::new();
        let (mut settings, mut customer) = ((*world.get::<Settings>(world.org)).clone(), (*world.get::<Customer>(world.customer)).clone());
        let texts = |text: &str| Texts { zh_hant: text.to_owned(), ..Texts::default() };
        settings.reminder_script =
            texts("{customer}{salutation}，明天 {date} {time}「{theme}」，{venue}。{org}{rep}").with(Reads::En, "{date} {time}".into());
        change(&mut settings, &mut customer.profile);
        let (meeting, link) = (world.get::<Meeting>(world.meeting), LinkToken::of(&[1; TOKEN_BYTES]));
        let public_url = "https://guests.example.com";
        let reminded = Reminded { settings: &settings, customer: &customer, meeting: &meeting, rep: "林佳穎", public_url, link: &link };
        reminded.message(Uuid::nil(), "to", carrier)
    }

    const PAGE: &str = "https://guests.example.com/i/AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";

    #[test]
    fn b7_a_mail_says_what_the_organisation_has_written_with_the_page_and_the_way_out() {
        let mail = message(Carrier::Mail, |_, profile| profile.salutation = Some(Salutation::Mr)).expect("written");
        let said = "王小明先生，明天 11月30日（週一） 09:00「秋季理財說明會」，國際會議中心。匯成顧問林佳穎";
        let expected = format!("{said}\n\n您的邀請、入場券與回覆：\n{PAGE}\n\n不想再收到活動提醒：\n{PAGE}/reminders\n");
        assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("活動提醒：秋季理財說明會", expected.as_str()));
        assert_eq!(mail.no_more, format!("{PAGE}/reminders"));
    }

    #[test]
    fn b7_a_text_message_has_its_own_wording_and_nothing_but_the_page_behind_it() {
        let own =
            Template { purpose: Purpose::Remind, channel: Carrier::Sms.channel(), texts: Texts::default().with(Reads::ZhHant, "{theme}".into()) };
        let sms = message(Carrier::Sms, |settings, _| settings.templates = vec![own]).expect("written");
        assert_eq!(sms.text, format!("秋季理財說明會\n{PAGE}"));
    }

    #[test]
    fn b7_a_guest_is_written_to_in_the_language_they_read() {
        let english = message(Carrier::Mail, |_, profile| profile.language = Some(Reads::En)).expect("written");
        assert!(english.text.starts_with("Monday, 30 November 09:00\n\nYour invitation"), "{}", english.text);
        assert_eq!(english.subject, "Reminder: 秋季理財說明會");
    }

    #[test]
    fn b7_where_no_reminder_is_written_none_is_sent() {
        assert_eq!(message(Carrier::Mail, |settings, _| settings.reminder_script = Texts::default()), None);
    }
}
