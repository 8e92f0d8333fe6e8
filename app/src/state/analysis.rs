//! The report (clauses I1 to I4): what this device holds, counted by the rules of [`shared::analysis`].
//!
//! Laws: every number can be opened down to its deals; what a device cannot know (others' deals, the whole department's) is said, never told as
//! none. A period that is not over is compared with as many days of the other one.

use crate::state::board::{Whose, whose};
use crate::state::meetings::arrived;
use crate::state::order::InOrder;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::analysis::{
    Buyer, By, Company, Days, Figures, Filter, Funnel, Group, Guests, Length, Measure, Period, Person, Report, Tally, Told, buyers,
};
use shared::customers::Customer;
use shared::customers::milestones::{Milestone, What};
use shared::deals::{Deal, Stage};
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
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything sold that this device knows of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sales {
    pub(crate) buyers: Vec<Buyer>,
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

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) group: Group,
    pub(crate) now: Figures,
    pub(crate) before: Figures,
    pub(crate) year_before: Figures,
}

/// The report.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) now: Figures,
    /// Of the period before.
    pub(crate) before: Figures,
    /// Of the same period a year before.
    pub(crate) year_before: Figures,
    /// Whether those are of as many days as have begun of this one, which is not over.
    pub(crate) is_cut: bool,
    /// The largest first; those of the period before that have nothing now too.
    pub(crate) rows: Vec<Row>,
    /// This period and those before it, each whole, the earliest first.
    pub(crate) trend: Vec<(Period, Figures)>,
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

/// How many periods the picture over time goes back, this one included.
const fn trend_of(length: Length) -> usize {
    match length {
        Length::Month => 12,
        Length::Quarter => 8,
        Length::Year => 5,
    }
}

/// What this device knows of sales; none before it holds the organisation's settings.
#[must_use]
pub(crate) fn sales(replica: &Replica) -> Option<Sales> {
    let settings = replica.all::<Settings>().next()?;
    let teams = replica.all::<User>().map(|user| (user.id, user.team)).collect();
    let company = Company { teams, currency: settings.currency, clock: settings.utc_offset };
    let deals = replica.all::<Deal>().map(|deal| &**deal);
    let buyers = buyers(deals, &company, |id| replica.noun::<Customer>(id).map(|known| &**known), &told(replica));
    Some(Sales { buyers, currency: company.currency, clock: company.clock, whose: whose(replica) })
}

/// What owners are told of the deals of others with their customers.
fn told(replica: &Replica) -> Told {
    let mut told = Told::new();
    for milestone in replica.all::<Milestone>() {
        if let What::Deal { stage: Stage::Signed | Stage::Paid, signed_at, .. } = milestone.what {
            told.entry(milestone.customer).or_default().push((signed_at.unwrap_or(milestone.at), DealId(milestone.id.0)));
        }
    }
    told
}

/// The report that is asked for.
#[must_use]
pub(crate) fn report(sales: &Sales, asked: &Asked) -> Shown {
    let (previous, year_before) = (asked.period.previous(), asked.period.year_before());
    let narrow = |days| Filter { days: Some(days), groups: asked.narrowed.clone() };
    let others = [previous, year_before].map(|other| asked.period.alike_in(other, asked.today));
    let first = (1..trend_of(asked.period.length())).fold(asked.period, |period, _| period.previous());
    let span = Days { first: first.days().first, last: asked.period.days().last };
    let mut tallies = [asked.period.days(), others[0], others[1]].map(|days| Tally::new(narrow(days), Some(asked.by)));
    let mut over_time = Tally::new(narrow(span), Some(By::Period(asked.period.length())));
    for buyer in &sales.buyers {
        tallies.iter_mut().for_each(|tally| tally.add(buyer));
        over_time.add(buyer);
    }
    let [now, before, year_ago] = tallies.map(Tally::finish);
    let groups: BTreeSet<&Group> = now.groups.keys().chain(before.groups.keys()).chain(year_ago.groups.keys()).collect();
    let of = |report: &Report, group: &Group| report.groups.get(group).copied().unwrap_or_default();
    let row = |group: &&Group| Row { group: (*group).clone(), now: of(&now, group), before: of(&before, group), year_before: of(&year_ago, group) };
    let mut rows: Vec<_> = groups.iter().map(row).collect();
    rows.order_by_key(|row| (Reverse(row.now.of(asked.measure)), Reverse(row.before.of(asked.measure))));
    let over_time = over_time.finish();
    let mut trend = Vec::new();
    let mut period = first;
    while period <= asked.period {
        trend.push((period, of(&over_time, &Group::Period(period))));
        period = period.next();
    }
    Shown {
        now: now.whole,
        before: before.whole,
        year_before: year_ago.whole,
        is_cut: others != [previous, year_before].map(|other| other.days()),
        rows,
        trend,
    }
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
    Report::of(&sales.buyers, Filter::default(), Some(by)).groups.into_keys().collect()
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
#[must_use]
pub(crate) fn goals(replica: &Replica, sales: &Sales, actor: &Actor, period: Period) -> Vec<Goal> {
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
    let [whole, by_team, by_rep] = [None, Some(By::Team), Some(By::Rep)].map(|by| Report::of(&sales.buyers, Filter::on(period.days()), by));
    let goal = |whose: TargetOf| {
        let knows = match (actor.role, whose) {
            (Role::Manager, _) => true,
            (Role::Supervisor, TargetOf::Team { team }) => actor.team == Some(team),
            (_, TargetOf::Rep { rep }) => actor.reaches(replica, rep) == Ok(true),
            _ => false,
        };
        let figures = match whose {
            TargetOf::Department => Some(whole.whole),
            TargetOf::Team { team } => by_team.groups.get(&Group::Team(Some(team))).copied(),
            TargetOf::Rep { rep } => by_rep.groups.get(&Group::Rep(rep)).copied(),
        };
        Goal {
            whose,
            target: targets.get(&whose).filter(|target| target.goal.is_any() || may_set(replica, actor, whose) == Ok(true)).cloned(),
            actual: knows.then(|| figures.unwrap_or_default()),
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
pub(crate) fn table(shown: &Shown, header: Vec<String>, whole: String, name: impl Fn(&Group) -> String) -> shared::exports::table::Table {
    let line = |name: String, figures: [&Figures; 3]| {
        let [now, before, year_before] = figures;
        let counts = [now.deals, now.quantity, now.customers, now.new_customers].map(|count| count.to_string());
        let amounts = [before, year_before].map(|figures| major(figures.amount));
        [name, major(now.amount)].into_iter().chain(counts).chain(amounts).collect::<Vec<_>>()
    };
    let mut rows = vec![header];
    rows.extend(shown.rows.iter().map(|row| line(name(&row.group), [&row.now, &row.before, &row.year_before])));
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
