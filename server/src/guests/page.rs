//! What the page says and offers, as HTML without scripts: it must work in any browser, also in those inside of messengers.
//!
//! Laws: of the guest it says the surname at most, and nothing of other guests; every text that people have typed is escaped; what is offered
//! is what the rules would accept.

use super::html::escaped;
use super::language::code;
use super::qr;
use super::reply::{Notice, QUESTION_MAX, WORDS_MAX};
use crate::texts::{Language, guest_page as t};
use chrono::{Datelike, TimeDelta};
use shared::customers::surname::surname;
use shared::customers::{Contact, Customer, Salutation};
use shared::invitations::{Answer, Invitation, reminder};
use shared::meetings::places::{MOST_COMPANIONS, Places};
use shared::meetings::{Meeting, MeetingState};
use shared::time::{Timestamp, UtcOffset};
use std::sync::Arc;

/// Everything that a page is made of, read in one moment.
pub(super) struct Invited {
    pub(super) org: String,
    /// The organisation's own language.
    pub(super) language: Language,
    pub(super) rep: String,
    pub(super) invitation: Arc<Invitation>,
    pub(super) customer: Arc<Customer>,
    pub(super) meeting: Arc<Meeting>,
    pub(super) places: Option<Arc<Places>>,
}

/// Where an invitation stands, for the one who opens its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// The guest does not want to be contacted.
    Stopped,
    /// The meeting was called off.
    CalledOff,
    /// The meeting is over.
    Over,
    /// Comes.
    Comes,
    /// A place is held until the guest answers.
    Offered,
    /// Waits for a place, behind so many and one.
    Waits(usize),
    /// Said no, or cannot come after all.
    Declined,
    /// Has not said yes or no.
    Open,
}

impl Invited {
    pub(super) fn stands(&self, now: Timestamp) -> Stands {
        let id = self.invitation.id;
        if self.customer.profile.contact == Contact::Refused {
            Stands::Stopped
        } else if self.meeting.state == MeetingState::Cancelled {
            Stands::CalledOff
        } else if self.meeting.plan.ends_at <= now {
            Stands::Over
        } else if self.invitation.comes() {
            Stands::Comes
        } else if self.invitation.waiting.is_some() {
            let places = self.places.as_ref();
            match places.is_some_and(|places| places.is_offered(id)) {
                true => Stands::Offered,
                false => Stands::Waits(places.and_then(|places| places.position(id)).unwrap_or(1)),
            }
        } else {
            match self.invitation.answer {
                // Agreed and does not come: said so on the day before.
                Answer::Declined { .. } | Answer::Agreed => Stands::Declined,
                _ => Stands::Open,
            }
        }
    }
}

/// The invitation's page. `link` is its address.
pub(super) fn invitation(language: Language, link: &str, invited: &Invited, notice: Option<Notice>, now: Timestamp) -> String {
    let stands = invited.stands(now);
    let mut body = String::new();
    if !matches!(stands, Stands::Stopped | Stands::CalledOff | Stands::Over) {
        body += &notice.map(|notice| told(language, notice, &invited.rep)).unwrap_or_default();
    }
    body += &format!("<p class=\"dear\">{}</p>", escaped(&dear(language, &invited.customer)));
    body += &standing(language, stands, invited);
    if stands != Stands::Stopped {
        body += &format!("<p>{}</p>", escaped(&t::invites_you(language, &invited.org)));
        body += &meeting(language, invited);
    }
    body += &offers(language, link, stands, invited);
    page(language, &t::title(language, &invited.meeting.plan.theme), link, &body)
}

/// The page that asks once more before somebody is never contacted again, and afterwards says that it is so.
pub(super) fn stop(language: Language, link: &str, invited: &Invited) -> String {
    let body = if invited.customer.profile.contact == Contact::Refused {
        said("good", &t::stopped(language, &invited.org))
    } else {
        format!(
            "<h1>{}</h1><p>{}</p><form method=\"post\" action=\"{link}/stop?lang={}\"><button class=\"button bad\" data-testid=\"guest-stop\">{}</button></form>\
             <p><a href=\"{link}?lang={}\">{}</a></p>",
            t::stop_title(language),
            escaped(&t::stop_text(language, &invited.org)),
            code(language),
            t::stop(language),
            code(language),
            t::back(language),
        )
    };
    page(language, t::stop_title(language), &format!("{link}/stop"), &body)
}

/// The page that asks once more before somebody is sent no more reminders, and afterwards says that it is so.
pub(super) fn no_reminders(language: Language, link: &str, invited: &Invited, is_reminded: bool) -> String {
    let (org, lang) = (&invited.org, code(language));
    let body = if is_reminded {
        format!(
            "<h1>{}</h1><p>{}</p><form method=\"post\" action=\"{link}/reminders?lang={lang}\">\
             <button class=\"button\" data-testid=\"guest-no-reminders\">{}</button></form>",
            t::no_reminders_title(language),
            escaped(&t::no_reminders_text(language, org)),
            t::no_reminders(language),
        )
    } else {
        said("good", &t::no_reminders_done(language, org))
    };
    let back = format!("<p><a href=\"{link}?lang={lang}\">{}</a></p>", t::back(language));
    page(language, t::no_reminders_title(language), &format!("{link}/reminders"), &(body + &back))
}

/// A page that says one thing, where there is no invitation to show.
pub(super) fn plain(language: Language, title: &str, text: &str) -> String {
    let body = format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(text));
    page(language, title, "", &body)
}

/// `here` is the path of this page, for the choice of language; empty where another language would show another page.
fn page(language: Language, title: &str, here: &str, body: &str) -> String {
    let choices = if here.is_empty() { String::new() } else { languages(language, here) };
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex, nofollow\"><meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{}</title><link rel=\"stylesheet\" href=\"/guest.css\"></head><body><main>{body}</main>{choices}</body></html>\n",
        t::tag(language),
        escaped(title),
    )
}

fn languages(current: Language, here: &str) -> String {
    let one = |language: Language| {
        let (name, tag, code) = (t::own_name(language), t::tag(language), code(language));
        let mark = if language == current { " aria-current=\"true\"" } else { "" };
        format!("<a href=\"{here}?lang={code}\" lang=\"{tag}\" hreflang=\"{tag}\"{mark}>{name}</a>")
    };
    let all: String = [Language::ZhHant, Language::ZhHans, Language::En].map(one).concat();
    format!("<nav aria-label=\"{}\">{all}</nav>", t::languages(current))
}

fn dear(language: Language, customer: &Customer) -> String {
    match (surname(&customer.profile.name), customer.profile.salutation) {
        (Some(name), Some(Salutation::Mr)) => t::dear_mr(language, name),
        (Some(name), Some(Salutation::Ms)) => t::dear_ms(language, name),
        _ => t::dear_guest(language).to_owned(),
    }
}

fn said(mood: &str, text: &str) -> String {
    format!("<p class=\"said {mood}\" role=\"status\" data-testid=\"guest-said\">{}</p>", escaped(text))
}

fn told(language: Language, notice: Notice, rep: &str) -> String {
    let (mood, text) = match notice {
        Notice::Asked => ("good", t::asked(language, rep)),
        Notice::NotEnoughPlaces(left) => ("bad", t::not_enough_places(language, left)),
        Notice::NotNoted => ("bad", t::not_noted(language, rep)),
        Notice::WordsTooLong => ("bad", t::too_long(language, WORDS_MAX)),
        Notice::QuestionTooLong => ("bad", t::too_long(language, QUESTION_MAX)),
        Notice::NothingAsked => ("bad", t::nothing_asked(language).to_owned()),
    };
    format!("<p class=\"said {mood}\" role=\"alert\" data-testid=\"guest-notice\">{}</p>", escaped(&text))
}

fn standing(language: Language, stands: Stands, invited: &Invited) -> String {
    let companions = invited.invitation.companions;
    match stands {
        Stands::Stopped => said("good", &t::stopped(language, &invited.org)),
        Stands::CalledOff => said("bad", t::called_off(language)),
        Stands::Over => said("soft", t::over(language)),
        Stands::Comes if companions > 0 => said("good", &t::comes_with(language, companions)) + &ticket(language, invited),
        Stands::Comes => said("good", t::comes(language)) + &ticket(language, invited),
        Stands::Offered => said("good", t::offered(language)),
        Stands::Waits(position) => said("soft", &t::waits(language, position, &invited.rep)),
        Stands::Declined => said("soft", t::declined(language)),
        Stands::Open => String::new(),
    }
}

fn ticket(language: Language, invited: &Invited) -> String {
    let drawn = invited.invitation.ticket.as_deref().and_then(|ticket| qr::drawing(ticket, t::ticket(language)));
    drawn.map_or_else(String::new, |drawing| {
        format!(
            "<section class=\"ticket\" data-testid=\"guest-ticket\"><h2>{}</h2>{drawing}<p>{}</p></section>",
            t::ticket(language),
            t::ticket_show(language)
        )
    })
}

fn meeting(language: Language, invited: &Invited) -> String {
    let plan = &invited.meeting.plan;
    let address = if plan.address.trim().is_empty() { String::new() } else { format!("<br><span class=\"soft\">{}</span>", escaped(&plan.address)) };
    let item = |item: &shared::meetings::AgendaItem| {
        let at = clock(plan.starts_at + TimeDelta::minutes(item.minute.into()), plan.utc_offset);
        let speaker = if item.speaker.is_empty() { String::new() } else { format!("<br><span class=\"soft\">{}</span>", escaped(&item.speaker)) };
        format!("<li><time>{at}</time><span>{}{speaker}</span></li>", escaped(&item.title))
    };
    let agenda: String = plan.agenda.iter().map(item).collect();
    let agenda = if agenda.is_empty() { agenda } else { format!("<h2>{}</h2><ol class=\"agenda\">{agenda}</ol>", t::agenda(language)) };
    format!(
        "<h1>{}</h1><dl><dt>{}</dt><dd>{}<br><span class=\"soft\">{}</span></dd><dt>{}</dt><dd>{}{address}</dd><dt>{}</dt><dd>{}</dd></dl>{agenda}",
        escaped(&plan.theme),
        t::when(language),
        escaped(&span(language, plan.starts_at, plan.ends_at, plan.utc_offset)),
        t::on_the_clock(language, offset(plan.utc_offset)),
        t::where_at(language),
        escaped(&plan.venue),
        t::inviter(language),
        escaped(&invited.rep),
    )
}

fn offers(language: Language, link: &str, stands: Stands, invited: &Invited) -> String {
    if matches!(stands, Stands::Stopped | Stands::CalledOff | Stands::Over) {
        return String::new();
    }
    let lang = code(language);
    let form = |inside: &str| format!("<form method=\"post\" action=\"{link}?lang={lang}\">{inside}</form>");
    let mut out = String::new();
    if stands == Stands::Comes {
        out += &format!("<p><a class=\"button\" href=\"{link}/meeting.ics\" data-testid=\"guest-calendar\">{}</a></p>", t::calendar(language));
    }
    let party = party(language, invited.invitation.companions);
    let accept = format!(
        "{party}<button class=\"button good\" name=\"answer\" value=\"accept\" data-testid=\"guest-accept\">{}</button>",
        t::accept(language)
    );
    let change =
        format!("{party}<button class=\"button\" name=\"answer\" value=\"accept\" data-testid=\"guest-change\">{}</button>", t::save(language));
    out += &match stands {
        Stands::Comes | Stands::Waits(_) => folded(t::change_companions(language), "guest-party", &form(&change)),
        Stands::Declined => folded(t::accept(language), "guest-again", &form(&accept)),
        _ => format!("<h2>{}</h2>{}", t::will_you_come(language), form(&accept)),
    };
    if stands != Stands::Declined {
        let decline = format!(
            "<label>{}<textarea name=\"words\" rows=\"3\" maxlength=\"{WORDS_MAX}\"></textarea></label>\
             <button class=\"button\" name=\"answer\" value=\"decline\" data-testid=\"guest-decline\">{}</button>",
            t::why(language),
            t::send_decline(language),
        );
        out += &folded(t::decline(language), "guest-declining", &form(&decline));
    }
    let ask = format!(
        "<label>{}<textarea name=\"question\" rows=\"3\" maxlength=\"{QUESTION_MAX}\" required></textarea></label>\
         <button class=\"button\" name=\"answer\" value=\"ask\" data-testid=\"guest-ask\">{}</button>",
        t::your_question(language),
        t::send_question(language),
    );
    out += &folded(t::ask(language), "guest-asking", &form(&ask));
    if !reminder::opted_out(&invited.customer.profile) {
        out += &format!("<p class=\"soft\"><a href=\"{link}/reminders?lang={lang}\">{}</a></p>", t::no_reminders(language));
    }
    out + &format!("<p class=\"soft\"><a href=\"{link}/stop?lang={lang}\" data-testid=\"guest-to-stop\">{}</a></p>", t::stop_link(language))
}

fn folded(title: &str, test_id: &str, inside: &str) -> String {
    format!("<details data-testid=\"{test_id}\"><summary>{title}</summary>{inside}</details>")
}

fn party(language: Language, now: u8) -> String {
    let option = |companions: u8| {
        let words = if companions == 0 { t::nobody_else(language).to_owned() } else { t::so_many_more(language, companions) };
        let selected = if companions == now { " selected" } else { "" };
        format!("<option value=\"{companions}\"{selected}>{words}</option>")
    };
    let options: String = (0..=MOST_COMPANIONS).map(option).collect();
    format!("<label>{}<select name=\"companions\" data-testid=\"guest-companions\">{options}</select></label>", t::companions(language))
}

/// From when to when on the meeting's clock: the day once if it is one.
pub(crate) fn span(language: Language, from: Timestamp, until: Timestamp, place: UtcOffset) -> String {
    let start = format!("{} {}", day(language, from, place), clock(from, place));
    let end = clock(until, place);
    if place.day_of(from) == place.day_of(until) { format!("{start}–{end}") } else { format!("{start} – {} {end}", day(language, until, place)) }
}

/// A day as people write it.
pub(crate) fn day(language: Language, at: Timestamp, place: UtcOffset) -> String {
    let day = place.day_of(at);
    let nth = |all: &'static str, index: u32| all.split(' ').nth(index as usize).unwrap_or_default();
    let weekday = nth(t::weekdays(language), day.weekday().num_days_from_monday());
    t::day(language, day.day(), nth(t::months(language), day.month0()), weekday, day.year())
}

/// The time of day.
pub(crate) fn clock(at: Timestamp, place: UtcOffset) -> String {
    place.at(at).format("%H:%M").to_string()
}

fn offset(place: UtcOffset) -> String {
    let minutes = place.minutes();
    let sign = if minutes < 0 { '−' } else { '+' };
    format!("{sign}{}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::World;

    fn invited(change: impl FnOnce(&mut World)) -> Invited {
        let mut world = World::new();
        let (meeting, customer) = (world.meeting, world.customer);
        let invitation = world.invite(meeting, customer);
        change(&mut world);
        Invited {
            org: "匯成<顧問>".into(),
            language: Language::ZhHant,
            rep: "林佳穎".into(),
            invitation: world.get(invitation),
            customer: world.get(customer),
            meeting: world.get(meeting),
            places: world.find(meeting),
        }
    }

    fn shown(language: Language, invited: &Invited) -> String {
        invitation(language, "TOKEN", invited, None, World::new().now)
    }

    #[test]
    fn b6_the_page_tells_the_meeting_on_its_own_clock_in_three_languages() {
        let invited = invited(|_| {});
        for (language, when) in [
            (Language::ZhHant, "2026年11月30日（週一） 09:00–12:00"),
            (Language::ZhHans, "2026年11月30日（周一） 09:00–12:00"),
            (Language::En, "Monday, 30 November 2026 09:00–12:00"),
        ] {
            let page = shown(language, &invited);
            for text in [when, "秋季理財說明會", "國際會議中心", "臺北市信義路五段", "林佳穎", "UTC+8:00", "匯成&lt;顧問&gt;"]
            {
                assert!(page.contains(text), "{text} in {page}");
            }
        }
    }

    #[test]
    fn b6_the_page_says_no_more_of_a_guest_than_the_surname() {
        let invited = invited(|world| {
            let mut customer = (*world.get::<Customer>(world.customer)).clone();
            customer.profile.salutation = Some(Salutation::Ms);
            customer.profile.email = "wang@example.com".into();
            customer.profile.company = "宏達".into();
            world.put(customer);
        });
        let page = shown(Language::ZhHant, &invited);
        assert!(page.contains("王女士，您好"), "{page}");
        for secret in ["小明", "wang@", "宏達", invited.customer.profile.phones[0].e164(), &invited.customer.id.to_string()] {
            assert!(!page.contains(secret), "{secret}");
        }
    }

    #[test]
    fn b6_there_is_no_script_and_nothing_from_elsewhere_on_the_page() {
        let page = shown(
            Language::En,
            &invited(|world| {
                let mut meeting = (*world.get::<Meeting>(world.meeting)).clone();
                meeting.plan.theme = "<script>alert(1)</script>\" onload=\"x".into();
                world.put(meeting);
            }),
        );
        assert!(!page.contains("<script") && !page.contains("\" onload") && !page.contains("style=") && !page.contains("://"), "{page}");
        assert!(page.contains("noindex"));
    }

    #[test]
    fn b6_what_is_offered_follows_from_where_the_invitation_stands() {
        let at = |minutes: i64| World::new().now + TimeDelta::minutes(minutes);
        let open = invited(|_| {});
        assert_eq!(open.stands(at(0)), Stands::Open);
        assert!(shown(Language::En, &open).contains("value=\"accept\""));
        assert_eq!(open.stands(at(60 * 24 * 8)), Stands::Over);
        let over = invitation(Language::En, "TOKEN", &open, None, at(60 * 24 * 8));
        assert!(over.contains("is over") && !over.contains("<form"), "{over}");
        let off = invited(|world| {
            let mut meeting = (*world.get::<Meeting>(world.meeting)).clone();
            meeting.state = MeetingState::Cancelled;
            world.put(meeting);
        });
        assert!(!shown(Language::En, &off).contains("<form"));
        let comes = invited(|world| {
            let id = world.all().find_map(<Invitation as shared::record::Stored>::of).map(|invitation| invitation.id).expect("invited");
            world.answer(id, Answer::Agreed);
        });
        let page = shown(Language::En, &comes);
        assert_eq!(comes.stands(at(0)), Stands::Comes);
        assert!(page.contains("<svg") && page.contains("meeting.ics") && page.contains("value=\"decline\""), "{page}");
    }
}
