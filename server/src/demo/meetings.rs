//! The meetings the company holds: one is over, one begins in hours, one is tomorrow, one next week.

use super::words::{MeetingLine, When};
use super::{Company, Planned, local, missing};
use chrono::{DurationRound, NaiveTime, TimeDelta};
use shared::Unavailable;
use shared::ids::{GuestId, MeetingId, PreparationId};
use shared::meetings::command::PlanMeeting;
use shared::meetings::{Plan, Staff};
use shared::preparations::Owner;
use shared::preparations::command::{AddPreparation, Progress, SetPreparationState};
use shared::time::{Timestamp, UtcOffset};

impl Company<'_> {
    /// Each is told as far as it has come by now.
    pub(super) fn hold_meeting(&mut self, line: &MeetingLine) -> Result<(), Unavailable> {
        let meeting = self.plan_meeting(line)?;
        self.prepare(line, meeting)?;
        match line.key.as_str() {
            "past" => {
                let agreed = self.invite(line, meeting, -16, -8)?;
                let expected = self.confirm(&agreed, -7, 96)?;
                let arrived = self.open_doors(meeting, &expected)?;
                self.close_deals(meeting, &arrived)
            }
            "today" => {
                let agreed = self.invite(line, meeting, -12, -2)?;
                let expected = self.confirm(&agreed, -1, 90)?;
                self.today = Some((meeting, expected.iter().map(|invited| GuestId(invited.invitation.0)).collect()));
                Ok(())
            }
            "tomorrow" => {
                let agreed = self.invite(line, meeting, -10, -1)?;
                self.confirm(&agreed, 0, 25).map(drop)
            }
            "next_week" => {
                self.invite(line, meeting, -3, 0)?;
                self.respect_a_refusal(meeting)
            }
            other => Err(missing(other)),
        }
    }

    fn plan_meeting(&mut self, line: &MeetingLine) -> Result<Planned, Unavailable> {
        let starts_at = self.start_of(&line.when)?;
        let at = starts_at.min(self.now) - TimeDelta::days(21);
        let id = MeetingId(self.chance.id(at));
        let mut staff = Vec::new();
        for (login, duty) in &line.staff {
            staff.push(Staff { user: self.person(login)?.id, duty: *duty });
        }
        let plan = Plan {
            theme: line.theme.clone(),
            starts_at,
            ends_at: starts_at + TimeDelta::hours(3),
            utc_offset: UtcOffset::EAST_8,
            venue: line.venue.clone(),
            address: line.address.clone(),
            capacity: line.capacity,
            agenda: line.agenda(),
            staff,
        };
        self.act("manager", at, PlanMeeting { meeting: id, plan })?;
        Ok(Planned { id, starts_at })
    }

    /// What there is to do before it, and what is done by now.
    fn prepare(&mut self, line: &MeetingLine, meeting: Planned) -> Result<(), Unavailable> {
        let planned = meeting.starts_at.min(self.now) - TimeDelta::days(20);
        for task in &line.preparations {
            let preparation = PreparationId(self.chance.id(planned));
            let owner = match (task.role, &task.person) {
                (Some(role), None) => Owner::Role { role },
                (None, Some(login)) => Owner::Person { user: self.person(login)?.id },
                _ => return Err(missing("owner of a task")),
            };
            let due = UtcOffset::EAST_8.day_of(meeting.starts_at) - TimeDelta::days(task.days_before);
            let (what, note) = (task.what.clone(), task.note.clone());
            self.act("manager", planned, AddPreparation { preparation, meeting: meeting.id, what, note, owner, due })?;
            let at = (meeting.starts_at - TimeDelta::days(task.days_before + 1)).min(self.now - TimeDelta::hours(3));
            let told = [(&task.done_by, Progress::Done), (&task.begun_by, Progress::Doing)];
            for (login, progress) in told.into_iter().filter_map(|(login, progress)| Some((login.as_ref()?, progress))) {
                self.act(login, at, SetPreparationState { preparation, progress })?;
            }
        }
        Ok(())
    }

    fn start_of(&self, when: &When) -> Result<Timestamp, Unavailable> {
        match when {
            When::Day { days, at } => {
                let time = NaiveTime::parse_from_str(at, "%H:%M").map_err(|_| missing("time of a meeting"))?;
                Ok(local(self.now, *days, time))
            }
            When::Soon { hours } => {
                let soon = self.now + TimeDelta::hours(*hours);
                soon.duration_round_up(TimeDelta::minutes(30)).map_err(|_| missing("half hour"))
            }
        }
    }
}
