//! What sales come to, as a whole and by group.

use super::period::{Days, Length, Period};
use super::sales::{Buyer, Part, Sale};
use crate::ids::{MeetingId, ProductId, TeamId, UserId};
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Money.
    Amount,
    /// Deals.
    Deals,
    /// Pieces.
    Quantity,
    /// Customers to whom something was sold.
    Customers,
    /// Customers to whom nothing was sold before.
    NewCustomers,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 5] = [Self::Amount, Self::Deals, Self::Quantity, Self::Customers, Self::NewCustomers];
}

/// What sales came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// In minor units. Sums of any number of deals fit.
    pub amount: i128,
    /// Deals.
    pub deals: u64,
    /// Pieces.
    pub quantity: u64,
    /// Customers to whom something was sold.
    pub customers: u64,
    /// Those of them to whom nothing was sold before.
    pub new_customers: u64,
}

impl Figures {
    /// One of the figures; the amount in minor units.
    #[must_use]
    pub fn of(&self, measure: Measure) -> i128 {
        match measure {
            Measure::Amount => self.amount,
            Measure::Deals => self.deals.into(),
            Measure::Quantity => self.quantity.into(),
            Measure::Customers => self.customers.into(),
            Measure::NewCustomers => self.new_customers.into(),
        }
    }

    /// The amount as money; what no amount can be is shown as the largest that can.
    #[must_use]
    pub fn money(&self, currency: Currency) -> Money {
        let most = if self.amount < 0 { i64::MIN } else { i64::MAX };
        Money::new(i64::try_from(self.amount).unwrap_or(most), currency)
    }

    fn add(&mut self, sale: &Sale, parts: &[Part]) {
        self.deals += 1;
        self.new_customers += u64::from(sale.is_first);
        for part in parts {
            self.amount += i128::from(part.amount);
            self.quantity += part.quantity;
        }
    }
}

/// By what sales are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Who sold.
    Rep,
    /// Whose team sold.
    Team,
    /// What. A deal over two products is one of each.
    Product,
    /// At which meeting.
    Meeting,
    /// Where the customer came from.
    Channel,
    /// Where the customer lives.
    Region,
    /// When.
    Period(Length),
}

impl By {
    /// Every way but time, which pictures show otherwise.
    pub const ALL: [Self; 6] = [Self::Rep, Self::Team, Self::Product, Self::Meeting, Self::Channel, Self::Region];
}

/// What some sales have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "is", rename_all = "snake_case")]
pub enum Group {
    /// Who sold.
    Rep(UserId),
    /// Whose team sold; none for who is in no team.
    Team(Option<TeamId>),
    /// What.
    Product(ProductId),
    /// At which meeting; none for deals made elsewhere.
    Meeting(Option<MeetingId>),
    /// Code or words of the source; empty if none is known.
    Channel(String),
    /// Region; empty if none is known.
    Region(String),
    /// When.
    Period(Period),
}

impl Group {
    /// By what it is one.
    #[must_use]
    pub fn by(&self) -> By {
        match self {
            Self::Rep(_) => By::Rep,
            Self::Team(_) => By::Team,
            Self::Product(_) => By::Product,
            Self::Meeting(_) => By::Meeting,
            Self::Channel(_) => By::Channel,
            Self::Region(_) => By::Region,
            Self::Period(period) => By::Period(period.length()),
        }
    }

    /// The group of a sale; for a product that of one of its parts.
    #[must_use]
    fn of(by: By, buyer: &Buyer, sale: &Sale, part: &Part) -> Self {
        match by {
            By::Rep => Self::Rep(sale.seller),
            By::Team => Self::Team(sale.team),
            By::Product => Self::Product(part.product),
            By::Meeting => Self::Meeting(sale.meeting),
            By::Channel => Self::Channel(buyer.channel.clone()),
            By::Region => Self::Region(buyer.region.clone()),
            By::Period(length) => Self::Period(Period::of(length, sale.day)),
        }
    }
}

/// Which sales are counted: those for which all of this is so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Signed on one of these days.
    pub days: Option<Days>,
    /// Of these groups, such as one rep's of one channel. A product leaves only its own parts of a deal.
    pub groups: Vec<Group>,
}

impl Filter {
    /// Of these days.
    #[must_use]
    pub const fn on(days: Days) -> Self {
        Self { days: Some(days), groups: Vec::new() }
    }

    /// The same, narrowed down to a group.
    #[must_use]
    pub fn and(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// The parts of a sale that are counted; empty if it is not counted.
    #[must_use]
    pub fn parts<'s>(&self, buyer: &Buyer, sale: &'s Sale) -> Cow<'s, [Part]> {
        if self.days.is_some_and(|days| !days.contain(sale.day)) {
            return Cow::Borrowed(&[]);
        }
        let mut products = self.groups.iter().filter_map(|group| if let Group::Product(product) = group { Some(*product) } else { None });
        let is_counted = self.groups.iter().all(|group| match group {
            Group::Rep(rep) => sale.seller == *rep,
            Group::Team(team) => sale.team == *team,
            Group::Product(_) => true,
            Group::Meeting(meeting) => sale.meeting == *meeting,
            Group::Channel(channel) => buyer.channel == *channel,
            Group::Region(region) => buyer.region == *region,
            Group::Period(period) => period.days().contain(sale.day),
        });
        match (is_counted, products.next()) {
            (false, _) => Cow::Borrowed(&[]),
            // Most reports are of all products: nothing is copied for them.
            (true, None) => Cow::Borrowed(&sale.parts),
            (true, Some(product)) if products.all(|other| other == product) => {
                Cow::Owned(sale.parts.iter().filter(|part| part.product == product).copied().collect())
            }
            (true, Some(_)) => Cow::Borrowed(&[]),
        }
    }
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// All of it.
    pub whole: Figures,
    /// By group, in their order. Amounts and pieces add up to the whole; deals too but by product; new customers too but by product; customers by
    /// channel and region only, as somebody can buy from two reps.
    pub groups: BTreeMap<Group, Figures>,
}

/// Counts sales, one customer after the other. Each customer must be given once, with everything that was sold to them.
#[derive(Clone, Debug)]
pub struct Tally {
    filter: Filter,
    by: Option<By>,
    report: Report,
    /// The groups of the customer at hand.
    met: Vec<Group>,
}

impl Tally {
    /// Begins to count.
    #[must_use]
    pub fn new(filter: Filter, by: Option<By>) -> Self {
        Self { filter, by, report: Report::default(), met: Vec::new() }
    }

    /// Counts what one customer has bought.
    pub fn add(&mut self, buyer: &Buyer) {
        self.met.clear();
        let mut is_met = false;
        for sale in &buyer.sales {
            let parts = self.filter.parts(buyer, sale);
            let Some(first) = parts.first() else { continue };
            self.report.whole.add(sale, &parts);
            is_met = true;
            match self.by {
                None => {}
                Some(By::Product) => parts.iter().for_each(|part| self.add_to(Group::Product(part.product), sale, std::slice::from_ref(part))),
                Some(by) => self.add_to(Group::of(by, buyer, sale, first), sale, &parts),
            }
        }
        self.report.whole.customers += u64::from(is_met);
    }

    fn add_to(&mut self, group: Group, sale: &Sale, parts: &[Part]) {
        let is_new_here = !self.met.contains(&group);
        if is_new_here {
            self.met.push(group.clone());
        }
        let figures = self.report.groups.entry(group).or_default();
        figures.add(sale, parts);
        figures.customers += u64::from(is_new_here);
    }

    /// What was counted.
    #[must_use]
    pub fn finish(self) -> Report {
        self.report
    }
}

impl Report {
    /// Counts customers that are at hand.
    pub fn of<'b>(buyers: impl IntoIterator<Item = &'b Buyer>, filter: Filter, by: Option<By>) -> Self {
        let mut tally = Tally::new(filter, by);
        buyers.into_iter().for_each(|buyer| tally.add(buyer));
        tally.finish()
    }
}
