//! The report (clauses I1 to I4): what this device holds, counted by the rules of [`shared::analysis`]. What the server counts for whoever's
//! device holds no deals is in [`told`].
//!
//! Laws: every number can be opened down to its deals; what a device cannot know (others' deals, the whole department's) is said, never told as
//! none. A period that is not over is compared with as many days of the other one.

pub(crate) mod told;

use crate::state::board::{Whose, whose};
use crate::state::meetings::arrived;
use crate::state::order::InOrder;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::analysis::{
    Actuals, Against, Answer, Buyer, By, Facts, Figures, Filter, Funnel, Group, Guests, Measure, Period, Person, Question, Report, Standard,
};
use shared::customers::Customer;
use shared::customers::milestones::{Milestone, What};
use shared::deals::Deal;
use shared::decide::Actor;
use shared::ids::{CustomerId, DealId, GuestId, MeetingId, UserId};
use shared::improvements::{About, Improvement};
use shared::invitations::Invitation;
use shared::meetings::{Guest, Meeting, MeetingState};
use shared::money::Currency;
use shared::people::{Access, Role, Team, User};
use shared::record::Index;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::targets::decide::may_set;
use shared::targets::{Target, TargetOf};
use shared::time::{Timestamp, UtcOffset};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything sold that this device knows of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sales {
    pub(crate) buyers: Vec<Arc<Buyer>>,
    pub(crate) currency: Currency,
    pub(crate) clock: UtcOffset,
    /// Whose deals it holds.
    pub(crate) whose: Whose,
}

/// What is asked of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) period: Period,
    pub(crate) by: By,
    pub(crate) measure: Measure,
    /// Narrowed down to these groups.
    pub(crate) narrowed: Vec<Group>,
    pub(crate) today: NaiveDate,
}

impl Asked {
    /// What of it a report answers.
    pub(crate) fn question(&self) -> Question {
        Question { period: self.period, by: self.by, narrowed: self.narrowed.clone() }
    }
}

/// A deal of which a number is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DealShown {
    pub(crate) deal: DealId,
    pub(crate) customer: CustomerId,
    pub(crate) seller: UserId,
    pub(crate) at: Timestamp,
    /// What of it is counted, in minor units.
    pub(crate) amount: i64,
    pub(crate) is_first: bool,
}

/// What this device knows of sales; none before it holds the organisation's settings. What has not changed since `facts` were last asked is not
/// folded anew.
#[must_use]
pub(crate) fn sales(facts: &mut Facts, replica: &Replica) -> Option<Sales> {
    let settings = replica.all::<Settings>().next()?;
    Some(Sales { buyers: facts.follow(replica)?, currency: settings.currency, clock: settings.utc_offset, whose: whose(replica) })
}

/// The report that is asked for.
#[must_use]
pub(crate) fn report(sales: &Sales, asked: &Asked) -> Answer {
    let mut standard = Standard::new(&asked.question(), asked.today, None);
    sales.buyers.iter().for_each(|buyer| standard.add(buyer));
    in_order(standard.finish(), asked.measure)
}

/// The same with the largest line first.
#[must_use]
pub(crate) fn in_order(mut answer: Answer, measure: Measure) -> Answer {
    answer.lines.order_by_key(|line| (Reverse(line.now.of(measure)), Reverse(line.before.of(measure))));
    answer
}

/// What stands against the targets of a period.
#[must_use]
pub(crate) fn actuals(sales: &Sales, period: Period) -> Actuals {
    let mut against = Against::new(period, None);
    sales.buyers.iter().for_each(|buyer| against.add(buyer));
    against.finish()
}

/// The deals of which a number is made, the latest first.
#[must_use]
pub(crate) fn deals_of(sales: &Sales, filter: &Filter) -> Vec<DealShown> {
    let mut found = Vec::new();
    for buyer in &sales.buyers {
        for sale in &buyer.sales {
            let parts = filter.parts(buyer, sale);
            if !parts.is_empty() {
                let amount = parts.iter().map(|part| part.amount).sum();
                let (deal, seller, at, is_first) = (sale.deal, sale.seller, sale.at, sale.is_first);
                found.push(DealShown { deal, customer: buyer.customer, seller, at, amount, is_first });
            }
        }
    }
    found.sort_by_key(|shown| Reverse((shown.at, shown.deal)));
    found
}

/// What can be chosen to narrow the report down: the groups of everything that this device knows, in no order of meaning.
#[must_use]
pub(crate) fn choices(sales: &Sales, by: By) -> Vec<Group> {
    Report::of(sales.buyers.iter().map(|buyer| &**buyer), Filter::default(), Some(by)).groups.into_keys().collect()
}

/// A target and how far it is reached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) whose: TargetOf,
    /// None where none is set.
    pub(crate) target: Option<Arc<Target>>,
    /// What was sold; none where this device does not hold all of it.
    pub(crate) actual: Option<Figures>,
    /// Whether the person may set it.
    pub(crate) may_set: bool,
}

/// The targets of a period: the department's, the teams', the people's. Those that are set, and those that the person may set.
/// `actuals` are none where nobody has told what was sold.
#[must_use]
pub(crate) fn goals(replica: &Replica, actuals: Option<&Actuals>, actor: &Actor, period: Period) -> Vec<Goal> {
    let targets: BTreeMap<TargetOf, Arc<Target>> =
        replica.nouns::<Target>(&Index::TargetsByPeriod(period)).into_iter().map(|target| (target.whose, Arc::clone(target))).collect();
    let mut teams: Vec<_> = replica.all::<Team>().collect();
    teams.order_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let mut people: Vec<_> = replica.all::<User>().filter(|user| user.role.sells() && user.access == Access::Granted).collect();
    people.order_by(|a, b| (a.team, &a.name, a.id).cmp(&(b.team, &b.name, b.id)));
    let of_teams = teams.into_iter().map(|team| TargetOf::Team { team: team.id });
    let mut order: Vec<_> = std::iter::once(TargetOf::Department).chain(of_teams).collect();
    order.extend(people.into_iter().map(|user| TargetOf::Rep { rep: user.id }));
    // Of somebody who has left the target stands all the same.
    order.extend(targets.keys().filter(|whose| !order.contains(whose)).copied().collect::<Vec<_>>());
    let goal = |whose: TargetOf| {
        let knows = match (actor.role, whose) {
            // A director is told the totals by the server.
            (Role::Manager | Role::Director, _) => true,
            (Role::Supervisor, TargetOf::Team { team }) => actor.team == Some(team),
            (_, TargetOf::Rep { rep }) => actor.reaches(replica, rep) == Ok(true),
            _ => false,
        };
        let sold = |actuals: &Actuals| match whose {
            TargetOf::Department => actuals.whole,
            TargetOf::Team { team } => actuals.teams.get(&team).copied().unwrap_or_default(),
            TargetOf::Rep { rep } => actuals.reps.get(&rep).copied().unwrap_or_default(),
        };
        Goal {
            whose,
            target: targets.get(&whose).filter(|target| target.goal.is_any() || may_set(replica, actor, whose) == Ok(true)).cloned(),
            actual: actuals.filter(|_| knows).map(sold),
            may_set: may_set(replica, actor, whose) == Ok(true),
        }
    };
    order.into_iter().map(goal).filter(|goal| goal.may_set || goal.target.is_some()).collect()
}

/// How many hundredths of a goal are reached.
#[must_use]
pub(crate) fn reached(actual: i128, goal: i128) -> i128 {
    if goal <= 0 { 0 } else { actual.max(0) * 100 / goal }
}

/// By how many hundredths a figure has changed, with its sign; none where nothing was before.
#[must_use]
pub(crate) fn change(now: i128, before: i128) -> Option<String> {
    let percent = if before > 0 { (now - before) * 100 / before } else { return None };
    Some(if percent > 0 { format!("+{percent}") } else { percent.to_string().replace('-', "−") })
}

/// By what the guests' way is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum WayBy {
    Meeting,
    Rep,
    Channel,
}

impl WayBy {
    pub(crate) const ALL: [Self; 3] = [Self::Meeting, Self::Rep, Self::Channel];
}

/// How far the guests came of the meetings that began in a period, with all that became of them, as a whole and by group. None if the report is
/// narrowed down to a product, of which guests have none.
#[must_use]
pub(crate) fn ways(replica: &Replica, asked: &Asked, by: WayBy) -> Option<(Funnel, Vec<(Group, Funnel)>)> {
    if asked.narrowed.iter().any(|group| group.by() == By::Product) {
        return None;
    }
    let days = asked.period.days();
    let mut whole = Funnel::default();
    let mut groups: BTreeMap<Group, Funnel> = BTreeMap::new();
    let is_counted =
        |meeting: &&Arc<Meeting>| meeting.state == MeetingState::Planned && days.contain(meeting.plan.utc_offset.day_of(meeting.plan.starts_at));
    for meeting in replica.all::<Meeting>().filter(is_counted) {
        let place = |customer, rep| {
            let group = match by {
                WayBy::Meeting => Group::Meeting(Some(meeting.id)),
                WayBy::Rep => Group::Rep(rep),
                WayBy::Channel => Group::Channel(profile_of(replica, customer).0),
            };
            is_among(replica, &asked.narrowed, meeting.id, customer, rep).then_some(group)
        };
        for person in guests(replica, meeting.id).people() {
            if let Some(group) = place(person.customer, person.rep) {
                whole.add(person);
                groups.entry(group).or_default().add(person);
            }
        }
        for deal in replica.nouns::<Deal>(&Index::DealsByMeeting(meeting.id)) {
            if let Some(group) = place(deal.customer, deal.seller) {
                whole.add_deal(deal);
                groups.entry(group).or_default().add_deal(deal);
            }
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.order_by_key(|(_, funnel)| Reverse((funnel.planned, funnel.signed)));
    Some((whole, groups))
}

/// The guests of one meeting as this device knows them.
#[must_use]
pub(crate) fn guests(replica: &Replica, meeting: MeetingId) -> Guests {
    let invitations = replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting));
    let cards = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
    // Who was not on duty there holds no check-ins, and hears of their own guests' arrival all the same.
    let told = invitations.iter().filter(|invitation| {
        let milestones = replica.nouns::<Milestone>(&Index::MilestonesByCustomer(invitation.customer));
        milestones.iter().any(|milestone| matches!(milestone.what, What::Arrived { meeting: at, undone: false } if at == meeting))
    });
    let mut came = arrived(replica, meeting);
    came.extend(told.map(|invitation| GuestId(invitation.id.0)));
    Guests::of(invitations.iter().map(|it| &***it), cards.iter().map(|it| &***it), &came)
}

/// How far the guests of one meeting came, and their deals.
#[must_use]
pub(crate) fn way_of(replica: &Replica, meeting: MeetingId) -> Funnel {
    let (guests, deals) = (guests(replica, meeting), replica.nouns::<Deal>(&Index::DealsByMeeting(meeting)));
    let people: Vec<&Person> = guests.people().collect();
    Funnel::of(people, deals.iter().map(|deal| &***deal))
}

fn profile_of(replica: &Replica, customer: CustomerId) -> (String, String) {
    let of = |customer: &Arc<Customer>| (customer.profile.source.trim().to_owned(), customer.profile.region.trim().to_owned());
    replica.noun::<Customer>(customer).map(of).unwrap_or_default()
}

fn is_among(replica: &Replica, narrowed: &[Group], at: MeetingId, customer: CustomerId, rep: UserId) -> bool {
    narrowed.iter().all(|group| match group {
        Group::Rep(one) => rep == *one,
        Group::Team(team) => replica.noun::<User>(rep).and_then(|user| user.team) == *team,
        Group::Meeting(meeting) => *meeting == Some(at),
        Group::Channel(channel) => profile_of(replica, customer).0 == *channel,
        Group::Region(region) => profile_of(replica, customer).1 == *region,
        Group::Product(_) | Group::Period(_) => true,
    })
}

/// Which measures of improvement belong to a report of this kind: those about the whole or a team, and about what it is grouped by, of any period.
#[must_use]
pub(crate) fn is_of_report(improvement: &Improvement, by: By) -> bool {
    match &improvement.about {
        About::Report { group, .. } => group.as_ref().is_none_or(|group| matches!(group.by(), By::Team) || group.by() == by),
        About::RefusalReason { .. } => false,
    }
}

/// The report as a table of a file: words, then figures. Amounts are in major units, with a dot.
#[must_use]
pub(crate) fn table(shown: &Answer, header: Vec<String>, whole: String, name: impl Fn(&Group) -> String) -> shared::exports::table::Table {
    let line = |name: String, figures: [&Figures; 3]| {
        let [now, before, year_before] = figures;
        let counts = [now.deals, now.quantity, now.customers, now.new_customers].map(|count| count.to_string());
        let amounts = [before, year_before].map(|figures| major(figures.amount));
        [name, major(now.amount)].into_iter().chain(counts).chain(amounts).collect::<Vec<_>>()
    };
    let mut rows = vec![header];
    rows.extend(shown.lines.iter().map(|row| line(name(&row.group), [&row.now, &row.before, &row.year_before])));
    rows.push(line(whole, [&shown.now, &shown.before, &shown.year_before]));
    shared::exports::table::Table { rows }
}

/// The columns of [`table`] that are figures.
pub(crate) const FIGURES: [u16; 7] = [1, 2, 3, 4, 5, 6, 7];

fn major(minor: i128) -> String {
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    if minor.is_multiple_of(100) { format!("{sign}{}", minor / 100) } else { format!("{sign}{}.{:02}", minor / 100, minor % 100) }
}

#[cfg(test)]
mod tests;
