//! The report that everybody looks at: one period, the one before, the same a year before, and how it went over time. A device makes it of what
//! it holds, a server of everything; what is shown is of the same type, so that pages draw both alike.

use super::figures::{By, Figures, Filter, Group, Report, Tally};
use super::period::{Days, Length, Period};
use super::sales::Buyer;
use crate::ids::{TeamId, UserId};
use crate::money::Currency;
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Of which time.
    pub period: Period,
    /// By what it is grouped.
    pub by: By,
    /// Narrowed down to these groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed: Vec<Group>,
}

impl Question {
    /// Whether it makes sense: sales are narrowed down once in every way, and their time is the period.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ways: BTreeSet<By> = self.narrowed.iter().map(Group::by).collect();
        ways.len() == self.narrowed.len() && ways.iter().chain([&self.by]).all(|by| By::ALL.contains(by))
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Of what.
    pub group: Group,
    /// In the period.
    pub now: Figures,
    /// In the period before.
    pub before: Figures,
    /// In the same period a year before.
    pub year_before: Figures,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// In the period.
    pub now: Figures,
    /// Of the period before.
    pub before: Figures,
    /// Of the same period a year before.
    pub year_before: Figures,
    /// Whether those are of as many days as have begun of this one, which is not over.
    pub is_cut: bool,
    /// In the order of the groups; those of the other periods that have nothing now too.
    pub lines: Vec<Line>,
    /// This period and those before it, each whole, the earliest first.
    pub trend: Vec<(Period, Figures)>,
}

/// What was sold in a period, as targets are set: the whole, the teams', the people's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actuals {
    /// Everything.
    pub whole: Figures,
    /// By team.
    pub teams: BTreeMap<TeamId, Figures>,
    /// By rep.
    pub reps: BTreeMap<UserId, Figures>,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServersAnswer {
    /// Of what moment.
    pub as_of: Timestamp,
    /// What amounts are in.
    pub currency: Currency,
    /// The report.
    pub answer: Answer,
    /// What stands against the targets of the period.
    pub actuals: Actuals,
}

/// How many periods the picture over time goes back, this one included.
const fn trend_of(length: Length) -> usize {
    match length {
        Length::Month => 12,
        Length::Quarter => 8,
        Length::Year => 5,
    }
}

/// Makes a report, one customer after the other, as a [`Tally`] counts them.
#[derive(Clone, Debug)]
pub struct Standard {
    period: Period,
    others: [Days; 2],
    is_cut: bool,
    first: Period,
    tallies: [Tally; 3],
    over_time: Tally,
}

impl Standard {
    /// Begins one. `within` narrows it down to whose figures are told.
    #[must_use]
    pub fn new(question: &Question, today: NaiveDate, within: Option<&Group>) -> Self {
        let period = question.period;
        let narrow = |days| Filter { days: Some(days), groups: question.narrowed.iter().chain(within).cloned().collect() };
        let compared = [period.previous(), period.year_before()];
        let others = compared.map(|other| period.alike_in(other, today));
        let first = (1..trend_of(period.length())).fold(period, |period, _| period.previous());
        let span = Days { first: first.days().first, last: period.days().last };
        Self {
            period,
            others,
            is_cut: others != compared.map(Period::days),
            first,
            tallies: [period.days(), others[0], others[1]].map(|days| Tally::new(narrow(days), Some(question.by))),
            over_time: Tally::new(narrow(span), Some(By::Period(period.length()))),
        }
    }

    /// Counts what one customer has bought.
    pub fn add(&mut self, buyer: &Buyer) {
        self.tallies.iter_mut().for_each(|tally| tally.add(buyer));
        self.over_time.add(buyer);
    }

    /// The days from the first to the last that it looks at.
    #[must_use]
    pub fn span(&self) -> Days {
        let first = self.others.iter().map(|days| days.first).chain([self.first.days().first]).min().unwrap_or(NaiveDate::MIN);
        Days { first, last: self.period.days().last }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> Answer {
        let [now, before, year_ago] = self.tallies.map(Tally::finish);
        let groups: BTreeSet<&Group> = now.groups.keys().chain(before.groups.keys()).chain(year_ago.groups.keys()).collect();
        let of = |report: &Report, group: &Group| report.groups.get(group).copied().unwrap_or_default();
        let line =
            |group: &&Group| Line { group: (*group).clone(), now: of(&now, group), before: of(&before, group), year_before: of(&year_ago, group) };
        let lines = groups.iter().map(line).collect();
        let over_time = self.over_time.finish();
        let mut trend = Vec::new();
        let mut period = self.first;
        while period <= self.period {
            trend.push((period, of(&over_time, &Group::Period(period))));
            period = period.next();
        }
        Answer { now: now.whole, before: before.whole, year_before: year_ago.whole, is_cut: self.is_cut, lines, trend }
    }
}

/// Counts what stands against targets, one customer after the other.
#[derive(Clone, Debug)]
pub struct Against {
    teams: Tally,
    reps: Tally,
}

impl Against {
    /// Begins to count. `within` narrows it down to whose figures are told.
    #[must_use]
    pub fn new(period: Period, within: Option<&Group>) -> Self {
        let filter = Filter { days: Some(period.days()), groups: within.into_iter().cloned().collect() };
        Self { teams: Tally::new(filter.clone(), Some(By::Team)), reps: Tally::new(filter, Some(By::Rep)) }
    }

    /// Counts what one customer has bought.
    pub fn add(&mut self, buyer: &Buyer) {
        self.teams.add(buyer);
        self.reps.add(buyer);
    }

    /// What was counted.
    #[must_use]
    pub fn finish(self) -> Actuals {
        let [teams, reps] = [self.teams, self.reps].map(Tally::finish);
        let mut actuals = Actuals { whole: teams.whole, ..Actuals::default() };
        for (group, figures) in teams.groups.into_iter().chain(reps.groups) {
            match group {
                Group::Team(Some(team)) => drop(actuals.teams.insert(team, figures)),
                Group::Rep(rep) => drop(actuals.reps.insert(rep, figures)),
                _ => {}
            }
        }
        actuals
    }
}
