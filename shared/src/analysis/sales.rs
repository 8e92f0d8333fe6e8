//! The facts that figures are made of: one customer with everything that was sold to them.

use crate::customers::Customer;
use crate::deals::{Deal, Line};
use crate::ids::{CustomerId, DealId, MeetingId, ProductId, TeamId, UserId};
use crate::money::Currency;
use crate::time::{Timestamp, UtcOffset};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A customer to whom something was sold, with all of it. The name is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Who.
    pub customer: CustomerId,
    /// Code or words of the source; empty if none is known.
    pub channel: String,
    /// Region; empty if none is known.
    pub region: String,
    /// In the order of their instants, each deal once.
    pub sales: Vec<Sale>,
}

/// A deal that was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Which.
    pub deal: DealId,
    /// By whom.
    pub seller: UserId,
    /// The seller's team.
    pub team: Option<TeamId>,
    /// At which meeting.
    pub meeting: Option<MeetingId>,
    /// When it was signed.
    pub at: Timestamp,
    /// On which day that was, on the organisation's clock.
    pub day: NaiveDate,
    /// Whether nothing was sold to the customer before.
    pub is_first: bool,
    /// What, each product once, in the order of the deal's lines.
    pub parts: Vec<Part>,
}

/// What was sold of one product in a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What.
    pub product: ProductId,
    /// How many.
    pub quantity: u64,
    /// Its share of the deal's total, in minor units.
    pub amount: i64,
}

impl Sale {
    /// The sale that a deal is; none if it was not sold, or is in another currency than the report.
    #[must_use]
    pub fn of(deal: &Deal, team: Option<TeamId>, currency: Currency, clock: UtcOffset) -> Option<Self> {
        let at = deal.sold_at().filter(|_| deal.total.currency == currency)?;
        let (day, parts) = (clock.day_of(at), parts_of(deal));
        Some(Self { deal: deal.id, seller: deal.seller, team, meeting: deal.meeting, at, day, is_first: false, parts })
    }

    /// What it came to, in minor units: the deal's total.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.parts.iter().map(|part| part.amount).sum()
    }
}

impl Buyer {
    /// A customer with their sales. `told` are sales to them of which the deals themselves may not be held, such as a colleague's: with them
    /// nobody is called new who is not. Where the customer is not held, channel and region are not known.
    #[must_use]
    pub fn new(id: CustomerId, customer: Option<&Customer>, sales: Vec<Sale>, told: &[(Timestamp, DealId)]) -> Self {
        let (channel, region) = customer.map(origin).unwrap_or_default();
        let mut buyer = Self { customer: id, channel: channel.to_owned(), region: region.to_owned(), sales };
        buyer.put_in_order(told);
        buyer
    }

    /// Puts the sales in order, each once, and finds out which one was the first.
    pub(super) fn put_in_order(&mut self, told: &[(Timestamp, DealId)]) {
        let sales = &mut self.sales;
        sales.sort_by_key(|sale| (sale.at, sale.deal));
        sales.dedup_by_key(|sale| sale.deal);
        // Without anything told there is nothing to compare with.
        let held: Vec<_> = if told.is_empty() { Vec::new() } else { sales.iter().map(|sale| sale.deal).collect() };
        if let Some(first) = sales.first_mut() {
            // What is told of a deal that is held is that very deal.
            let elsewhere = told.iter().filter(|(_, deal)| held.iter().all(|held| held != deal)).min();
            first.is_first = elsewhere.is_none_or(|elsewhere| (first.at, first.deal) < *elsewhere);
        }
    }
}

/// A customer's channel and region.
pub(super) fn origin(customer: &Customer) -> (&str, &str) {
    (customer.profile.source.trim(), customer.profile.region.trim())
}

/// What a deal is over, each product once.
pub(super) fn parts_of(deal: &Deal) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::with_capacity(deal.lines.len());
    for (line, amount) in deal.lines.iter().zip(shares(deal.total.minor, &deal.lines)) {
        let quantity = u64::from(line.quantity);
        match parts.iter_mut().find(|part| part.product == line.product) {
            Some(part) => (part.quantity, part.amount) = (part.quantity + quantity, part.amount + amount),
            None => parts.push(Part { product: line.product, quantity, amount }),
        }
    }
    parts
}

/// Sales to customers of which the deals themselves may not be held, as their owners are told of them.
#[cfg(test)]
pub(super) type Told = BTreeMap<CustomerId, Vec<(Timestamp, DealId)>>;

/// What the deals of many sellers have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Everybody's team.
    pub teams: BTreeMap<UserId, Option<TeamId>>,
    /// What the report is in.
    pub currency: Currency,
    /// On whose clock days count.
    pub clock: UtcOffset,
}

impl Company {
    /// The sale that a deal is.
    pub(super) fn sale(&self, deal: &Deal) -> Option<Sale> {
        Sale::of(deal, self.teams.get(&deal.seller).copied().flatten(), self.currency, self.clock)
    }
}

/// Everybody to whom something was sold, from deals that are all at hand, in any order: what the ways of devices and servers are compared with.
#[cfg(test)]
pub(super) fn buyers<'r>(
    deals: impl IntoIterator<Item = &'r Deal>,
    company: &Company,
    customer: impl Fn(CustomerId) -> Option<&'r Customer>,
    told: &Told,
) -> Vec<Buyer> {
    let sold = |deal: &Deal| Some((deal.customer, company.sale(deal)?));
    let mut sold: Vec<_> = deals.into_iter().filter_map(sold).collect();
    sold.sort_by_key(|(customer, sale)| (*customer, sale.at, sale.deal));
    let mut buyers = Vec::new();
    let mut rest = sold.into_iter().peekable();
    while let Some((id, first)) = rest.next() {
        let mut sales = vec![first];
        while let Some((_, sale)) = rest.next_if(|(other, _)| *other == id) {
            sales.push(sale);
        }
        buyers.push(Buyer::new(id, customer(id), sales, told.get(&id).map_or(&[], Vec::as_slice)));
    }
    buyers
}

/// Shares a total out over lines by their list price less what promotions take off: each gets the whole minor units of its part, and what is left over
/// goes one by one to those from whom the most was cut off, the earlier line first (largest remainder). The shares add up to the total.
#[must_use]
pub fn shares(total: i64, lines: &[Line]) -> Vec<i64> {
    // What the rules let pass fits 64 bits; more would not fit 128 below.
    let weight = |line: &Line| i128::from(line.amount().map_or(i64::MAX, |amount| amount.minor.max(0)));
    let sum: i128 = lines.iter().map(weight).sum();
    if sum == 0 {
        // Nothing tells them apart: the first one stands for all.
        return lines.iter().enumerate().map(|(at, _)| if at == 0 { total } else { 0 }).collect();
    }
    let cut = |line: &Line| (i128::from(total) * weight(line)).rem_euclid(sum);
    let floor = |line: &Line| i64::try_from((i128::from(total) * weight(line)).div_euclid(sum)).expect("a part of the total");
    let mut shares: Vec<i64> = lines.iter().map(floor).collect();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(cut(&lines[at])));
    let left = i128::from(total) - shares.iter().map(|share| i128::from(*share)).sum::<i128>();
    for at in order.into_iter().take(usize::try_from(left).expect("less than one for each line")) {
        shares[at] += 1;
    }
    shares
}
