//! The reminder on the day before that the server sends by itself (clause B7): to whom, when, to which address, and how often it is tried.
//!
//! Laws: whether a guest is sent something is decided anew at each try, by the records of that moment; a reminder is told from others by
//! [`Reminder`], so a meeting that was moved has another one; a day and an hour count on the meeting's clock.

use super::{Channel, Invitation};
use crate::customers::{Contact, Customer, Profile};
use crate::ids::InvitationId;
use crate::meetings::{Meeting, MeetingState};
use crate::time::Timestamp;
use chrono::{Days, SubsecRound, TimeDelta, Timelike};

/// On the day before, reminders begin to be sent at this hour.
const FROM_HOUR: u32 = 10;
/// From this hour on none is begun.
const BEGUN_UNTIL_HOUR: u32 = 20;
/// From this hour on none is tried again: nobody is woken.
const TRIED_UNTIL_HOUR: u32 = 21;
/// Tries of one reminder.
pub const MOST_ATTEMPTS: u32 = 10;
/// Longest wait between two tries, in minutes.
const LONGEST_WAIT_MINUTES: i64 = 60;
/// Longest wait that a gateway may ask for: the day is over then.
const LONGEST_ASKED_WAIT: TimeDelta = TimeDelta::days(1);

/// Reminders that an invitation tells of.
pub const MOST_NOTED: usize = 8;

/// By what a reminder is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// 電子郵件, through SMTP.
    Mail,
    /// 簡訊, through a gateway.
    Sms,
}

impl Carrier {
    /// Every carrier.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];

    /// The channel whose text is sent.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Mail => Channel::Mail,
            Self::Sms => Channel::Sms,
        }
    }
}

/// One reminder: a guest is sent it once at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reminder {
    /// Whose.
    pub invitation: InvitationId,
    /// By what.
    pub carrier: Carrier,
    /// Of which start of the meeting; milliseconds count, no less.
    pub starts_at: Timestamp,
}

/// Why a reminder is not sent any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// The meeting was called off.
    CalledOff,
    /// The meeting begins at another time now.
    Moved,
    /// The guest does not come, or waits for a place.
    NotComing,
    /// The guest asked not to be contacted, or not to be sent reminders.
    OptedOut,
    /// There is no address any more to which it could be sent.
    NoAddress,
    /// The day before is over, or its evening.
    TooLate,
}

impl Reminder {
    /// The reminder that a guest should be sent now, if there is one.
    #[must_use]
    pub fn due(invitation: &Invitation, customer: &Customer, meeting: &Meeting, carrier: Carrier, now: Timestamp) -> Option<Self> {
        let reminder = Self { invitation: invitation.id, carrier, starts_at: meeting.plan.starts_at.trunc_subsecs(3) };
        let begins = is_due(meeting, now) && reminder.address(invitation, customer, meeting, now).is_ok();
        begins.then_some(reminder)
    }

    /// To where it is sent.
    ///
    /// # Errors
    /// Why it is not sent any more.
    pub fn address<'c>(&self, invitation: &Invitation, customer: &'c Customer, meeting: &Meeting, now: Timestamp) -> Result<&'c str, Unwanted> {
        if meeting.state == MeetingState::Cancelled {
            Err(Unwanted::CalledOff)
        } else if meeting.plan.starts_at.trunc_subsecs(3) != self.starts_at {
            Err(Unwanted::Moved)
        } else if !invitation.comes() {
            Err(Unwanted::NotComing)
        } else if opted_out(&customer.profile) {
            Err(Unwanted::OptedOut)
        } else if !is_day_before(meeting, now, TRIED_UNTIL_HOUR) {
            Err(Unwanted::TooLate)
        } else {
            address(&customer.profile, self.carrier).ok_or(Unwanted::NoAddress)
        }
    }
}

/// Whether reminders of a meeting begin to be sent now: from ten in the morning until eight in the evening of the day before.
#[must_use]
pub fn is_due(meeting: &Meeting, now: Timestamp) -> bool {
    meeting.state == MeetingState::Planned && is_day_before(meeting, now, BEGUN_UNTIL_HOUR)
}

/// Whether somebody is sent nothing by the server.
#[must_use]
pub fn opted_out(profile: &Profile) -> bool {
    profile.contact == Contact::Refused || profile.reminders == Contact::Refused
}

/// How long to wait after so many tries, one or more; none: it is given up. A gateway may ask for more time than we would leave.
#[must_use]
pub fn wait(attempts: u32, asked: Option<TimeDelta>) -> Option<TimeDelta> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doubled = 1_i64.checked_shl(attempts.saturating_sub(1)).unwrap_or(LONGEST_WAIT_MINUTES);
    let ours = TimeDelta::minutes(doubled.min(LONGEST_WAIT_MINUTES));
    Some(asked.map_or(ours, |asked| asked.clamp(ours, LONGEST_ASKED_WAIT)))
}

fn is_day_before(meeting: &Meeting, now: Timestamp, until_hour: u32) -> bool {
    let clock = meeting.plan.utc_offset;
    let tomorrow = clock.day_of(now).checked_add_days(Days::new(1));
    tomorrow == Some(clock.day_of(meeting.plan.starts_at)) && (FROM_HOUR..until_hour).contains(&clock.at(now).hour())
}

/// The first phone that takes text messages, or the mail address.
fn address(profile: &Profile, carrier: Carrier) -> Option<&str> {
    match carrier {
        Carrier::Mail => Some(profile.email.as_str()).filter(|email| !email.is_empty()),
        Carrier::Sms => profile.phones.iter().find(|phone| phone.may_take_texts()).map(|phone| phone.e164()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::MeetingId;
    use crate::invitations::command::{ConfirmInvitation, RecordAnswer};
    use crate::invitations::{Answer, Confirmation};
    use crate::phone::{Country, Phone};
    use crate::testing::World;

    /// A world in which somebody with a mail address and a mobile said yes to a meeting that begins on 30 November at 09:00 in Taipei.
    struct Evening {
        world: World,
        invitation: InvitationId,
        meeting: MeetingId,
    }

    impl Evening {
        fn new() -> Self {
            let mut world = World::new();
            let (meeting, customer) = (world.meeting, world.customer);
            let known = world.get::<Customer>(customer);
            let profile =
                Profile { email: "ming@example.com".into(), phones: vec![phone("02 2712 3456"), phone("0912 345 678")], ..known.profile.clone() };
            world.put(Customer { profile, ..(*known).clone() });
            let invitation = world.invite(meeting, customer);
            let mut evening = Self { world, invitation, meeting };
            evening.answer(Answer::Agreed);
            evening
        }

        fn answer(&mut self, answer: Answer) {
            let said = RecordAnswer { invitation: self.invitation, channel: Channel::Phone, answer, questions: Vec::new() };
            self.world.apply(self.world.rep, said).expect("the rules accept it");
        }

        fn profile(&mut self, change: impl FnOnce(&mut Profile)) {
            let mut customer = (*self.world.get::<Customer>(self.world.customer)).clone();
            change(&mut customer.profile);
            self.world.put(customer);
        }

        fn meeting(&mut self, change: impl FnOnce(&mut Meeting)) {
            let mut meeting = (*self.world.get::<Meeting>(self.meeting)).clone();
            change(&mut meeting);
            self.world.put(meeting);
        }

        fn due(&self, carrier: Carrier, now: &str) -> Option<Reminder> {
            let world = &self.world;
            let (invitation, customer, meeting) = (world.get(self.invitation), world.get(world.customer), world.get(self.meeting));
            Reminder::due(&invitation, &customer, &meeting, carrier, at(now))
        }

        fn address(&self, reminder: Reminder, now: &str) -> Result<String, Unwanted> {
            let world = &self.world;
            let (invitation, customer, meeting) =
                (world.get::<Invitation>(self.invitation), world.get::<Customer>(world.customer), world.get::<Meeting>(self.meeting));
            reminder.address(&invitation, &customer, &meeting, at(now)).map(str::to_owned)
        }
    }

    fn phone(text: &str) -> Phone {
        Phone::parse(text, Country::Tw).expect("a number")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    /// Noon of the day before, in Taipei.
    const NOON: &str = "2026-11-29T04:00:00Z";

    #[test]
    fn b7_a_reminder_begins_on_the_day_before_from_ten_to_eight_on_the_meetings_clock() {
        let mut evening = Evening::new();
        for (now, begins) in [
            ("2026-11-29T01:59:59Z", false),
            ("2026-11-29T02:00:00Z", true),
            ("2026-11-29T11:59:59Z", true),
            ("2026-11-29T12:00:00Z", false),
            ("2026-11-28T04:00:00Z", false),
            ("2026-11-30T04:00:00Z", false),
        ] {
            assert_eq!(evening.due(Carrier::Mail, now).is_some(), begins, "{now}");
        }
        // 17:00 on the 29th in Greenwich is 01:00 on the 30th in Taipei.
        evening.meeting(|meeting| meeting.plan.starts_at = at("2026-11-29T17:00:00Z"));
        assert!(evening.due(Carrier::Mail, NOON).is_some(), "tomorrow in Taipei, today in Greenwich");
    }

    #[test]
    fn b7_who_comes_is_reminded_also_when_confirmed_and_nobody_else() {
        let mut evening = Evening::new();
        evening
            .world
            .apply(evening.world.rep, ConfirmInvitation { invitation: evening.invitation, confirmation: Confirmation::Confirmed })
            .expect("ok");
        assert!(evening.due(Carrier::Sms, NOON).is_some());
        for answer in [Answer::NoAnswer, Answer::Declined { reason: "busy".into(), words: String::new() }, Answer::CallBack { at: at(NOON) }] {
            let mut evening = Evening::new();
            let mut invitation = (*evening.world.get::<Invitation>(evening.invitation)).clone();
            invitation.answer = answer;
            evening.world.put(invitation);
            assert_eq!(evening.due(Carrier::Sms, NOON), None);
        }
        evening
            .world
            .apply(evening.world.rep, ConfirmInvitation { invitation: evening.invitation, confirmation: Confirmation::CannotCome })
            .expect("ok");
        assert_eq!(evening.due(Carrier::Sms, NOON), None);
    }

    #[test]
    fn b7_mail_goes_to_the_address_and_a_text_message_to_the_first_mobile() {
        let mut evening = Evening::new();
        let [mail, sms] = Carrier::ALL.map(|carrier| evening.due(carrier, NOON).expect("due"));
        assert_eq!(evening.address(mail, NOON).as_deref(), Ok("ming@example.com"));
        assert_eq!(evening.address(sms, NOON).as_deref(), Ok("+886912345678"), "not the land line before it");
        evening.profile(|profile| {
            profile.email.clear();
            profile.phones.truncate(1);
        });
        assert_eq!((evening.due(Carrier::Mail, NOON), evening.due(Carrier::Sms, NOON)), (None, None));
        assert_eq!(evening.address(sms, NOON), Err(Unwanted::NoAddress));
    }

    #[test]
    fn b7_what_happens_between_queue_and_sending_stops_it() {
        let reminder = Evening::new().due(Carrier::Mail, NOON).expect("due");
        let check = |happens: &dyn Fn(&mut Evening), now: &str, expected| {
            let mut evening = Evening::new();
            happens(&mut evening);
            assert_eq!(evening.address(reminder, now), expected);
        };
        check(&|_| (), NOON, Ok("ming@example.com".into()));
        check(&|evening| evening.meeting(|meeting| meeting.state = MeetingState::Cancelled), NOON, Err(Unwanted::CalledOff));
        check(&|evening| evening.meeting(|meeting| meeting.plan.starts_at += TimeDelta::hours(1)), NOON, Err(Unwanted::Moved));
        check(&|evening| evening.answer(Answer::NoAnswer), NOON, Err(Unwanted::NotComing));
        check(&|evening| evening.profile(|profile| profile.contact = Contact::Refused), NOON, Err(Unwanted::OptedOut));
        check(&|evening| evening.profile(|profile| profile.reminders = Contact::Refused), NOON, Err(Unwanted::OptedOut));
        check(&|_| (), "2026-11-29T12:59:59Z", Ok("ming@example.com".into()));
        check(&|_| (), "2026-11-29T13:00:00Z", Err(Unwanted::TooLate));
        check(&|_| (), "2026-11-30T00:00:00Z", Err(Unwanted::TooLate));
    }

    #[test]
    fn b7_a_meeting_that_was_moved_has_another_reminder() {
        let mut evening = Evening::new();
        let before = evening.due(Carrier::Mail, NOON).expect("due");
        evening.meeting(|meeting| meeting.plan.starts_at += TimeDelta::hours(1));
        let after = evening.due(Carrier::Mail, NOON).expect("due");
        assert_ne!(before, after);
        assert_eq!(evening.address(before, NOON), Err(Unwanted::Moved));
        assert!(evening.address(after, NOON).is_ok());
    }

    #[test]
    fn b7_waits_grow_up_to_an_hour_and_then_it_is_given_up() {
        let waits: Vec<_> = (1..=MOST_ATTEMPTS).map(|attempts| wait(attempts, None).map(|wait| wait.num_minutes())).collect();
        let expected = [Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(60), Some(60), Some(60), None];
        assert_eq!(waits, expected);
        assert_eq!(wait(u32::MAX, None), None);
    }

    #[test]
    fn b7_a_gateway_may_ask_for_more_time_but_not_for_less() {
        for (asked, minutes) in [(0, 4), (10 * 60, 10), (i64::from(u32::MAX), 24 * 60), (-5, 4)] {
            assert_eq!(wait(3, Some(TimeDelta::seconds(asked))), Some(TimeDelta::minutes(minutes)), "{asked}");
        }
        assert_eq!(wait(MOST_ATTEMPTS, Some(TimeDelta::seconds(1))), None);
    }
}
