//! What was sold: at the past meeting, some of it by a closer to a colleague's guest, and afterwards.

use super::doors::Arrived;
use super::words::DiscountLine;
use super::{Company, Known, Planned};
use chrono::Duration;
use shared::Unavailable;
use shared::deals::command::{ApproveDiscount, CancelDeal, OpenDeal, OrderLine, RecordPayment, RefuseDiscount, SignDeal};
use shared::deals::contract::{fill, sha256_hex};
use shared::deals::schedule::monthly;
use shared::deals::{Deal, Instalment, PaymentMethod, Point, Stroke};
use shared::decide::ViewExt;
use shared::ids::{DealId, MeetingId, PaymentId};
use shared::money::{Currency, Money, MoneyError};
use shared::settings::Settings;
use shared::time::{Timestamp, UtcOffset};

/// An order as it was agreed.
struct Order {
    deal: DealId,
    buyer: String,
    seller: String,
    items: String,
    total: Money,
    deposit: Money,
    /// The first instalment, if there are any.
    first_part: Option<Money>,
}

impl Company<'_> {
    /// About one guest in four buys; most sign at once.
    pub(super) fn close_deals(&mut self, meeting: Planned, arrived: &[Arrived]) -> Result<(), Unavailable> {
        for guest in arrived {
            if !self.chance.percent(27) {
                continue;
            }
            let at = meeting.starts_at + Duration::minutes(115 + i64::try_from(self.chance.below(60)).unwrap_or(0));
            let seller = if self.chance.percent(20) { "rep3" } else { &guest.rep };
            let order = self.order(seller, &guest.customer, Some(meeting.id), at)?;
            match self.chance.below(100) {
                0..8 => {
                    let reason = self.chance.word(&self.words.cancel_reasons);
                    self.act(seller, at + Duration::hours(20), CancelDeal { deal: order.deal, reason })?;
                }
                8..22 => {}
                22..55 => {
                    self.sign(&order, at + Duration::minutes(7))?;
                    self.pay(&order, order.deposit, at + Duration::minutes(9))?;
                }
                _ => {
                    self.sign(&order, at + Duration::minutes(7))?;
                    self.pay(&order, order.deposit, at + Duration::minutes(9))?;
                    let rest = order.total.minus(order.deposit).map_err(overflow)?;
                    self.pay(&order, order.first_part.unwrap_or(rest), at + Duration::days(2))?;
                }
            }
        }
        Ok(())
    }

    /// Quotations to customers who have not decided yet.
    pub(super) fn go_on_selling(&mut self) -> Result<(), Unavailable> {
        for rep in ["rep1", "rep2", "rep4", "rep6"] {
            let Some(customer) = self.customers.get(rep).and_then(|known| known.get(7).cloned()) else { continue };
            let at = self.office_hour(-2);
            self.order(rep, &customer, None, at)?;
        }
        Ok(())
    }

    /// A discount above the rep's limit, and what the supervisor said to it; each for another customer.
    pub(super) fn ask_for_discount(&mut self, place: usize, line: &DiscountLine) -> Result<(), Unavailable> {
        let customer = self.customers.get(&line.rep).and_then(|known| known.get(8 + place)).ok_or_else(|| super::missing("customer"))?.clone();
        let product = self.products.get(place % self.products.len()).ok_or_else(|| super::missing("product"))?;
        let lines = vec![OrderLine { product: product.0, unit_price: product.2, quantity: 1, promotion: None }];
        let (at, deposit) = (self.now - Duration::hours(line.hours), Money { minor: 0, ..product.2 });
        let (deal, buyer) = (DealId(self.chance.id(at)), customer.name.clone());
        let (discount, approval_reason) = (line.basis_points, Some(line.reason.clone()));
        let total = Some(product.2.less(discount).map_err(overflow)?);
        let (meeting, instalments, replaces) = (None, Vec::new(), None);
        let order = OpenDeal { deal, customer: customer.id, buyer, meeting, lines, discount, deposit, approval_reason, total, instalments, replaces };
        self.act(&line.rep, at, order)?;
        let Some(supervisor) = &line.ruled_by else { return Ok(()) };
        let terms = self.organisation.get::<Deal>(deal)?.ok_or_else(|| super::missing("deal"))?.terms();
        let at = at + Duration::minutes(20);
        match &line.refused_because {
            Some(reason) => self.act(supervisor, at, RefuseDiscount { deal, terms, reason: reason.clone() }),
            None => self.act(supervisor, at, ApproveDiscount { deal, terms }),
        }
    }

    fn order(&mut self, seller: &str, customer: &Known, meeting: Option<MeetingId>, at: Timestamp) -> Result<Order, Unavailable> {
        let deal = DealId(self.chance.id(at));
        let first = self.chance.below(self.products.len());
        let second =
            if self.chance.percent(35) { Some((first + 1 + self.chance.below(self.products.len() - 1)) % self.products.len()) } else { None };
        let (mut lines, mut items, mut sum) = (Vec::new(), String::new(), Money::new(0, Currency::Twd));
        for product in [Some(first), second].into_iter().flatten().filter_map(|place| self.products.get(place)) {
            let quantity = 1 + u32::try_from(usize::from(product.2.minor < 2_000_000)).unwrap_or(0);
            let price = product.2.times(quantity).map_err(overflow)?;
            items += &format!("{} × {quantity} {}\n", product.1, dollars(price));
            sum = sum.plus(price).map_err(overflow)?;
            lines.push(OrderLine { product: product.0, unit_price: product.2, quantity, promotion: None });
        }
        let discount = [0, 0, 0, 300, 500].get(self.chance.below(5)).copied().unwrap_or(0);
        let total = sum.less(discount).map_err(overflow)?;
        let deposit = Money { minor: total.minor / 500_000 * 100_000, ..total };
        let buyer = customer.name.clone();
        let first = UtcOffset::EAST_8.day_of(at) + Duration::days(30);
        let rest = total.minus(deposit).map_err(overflow)?;
        let instalments = if deposit.minor > 0 && self.chance.percent(40) { monthly(rest, 3, first) } else { Vec::new() };
        let first_part = instalments.first().map(|part| part.amount);
        let order = OpenDeal {
            deal,
            customer: customer.id,
            buyer: buyer.clone(),
            meeting,
            lines,
            discount,
            deposit,
            approval_reason: None,
            total: Some(total),
            instalments,
            replaces: None,
        };
        self.act(seller, at, order)?;
        Ok(Order { deal, buyer, seller: seller.to_owned(), items: items.trim_end().to_owned(), total, deposit, first_part })
    }

    fn sign(&mut self, order: &Order, at: Timestamp) -> Result<(), Unavailable> {
        let Some(settings) = self.organisation.get::<Settings>(self.organisation.org())? else { return Err(super::missing("settings")) };
        let Some(deal) = self.organisation.get::<Deal>(order.deal)? else { return Err(super::missing("deal")) };
        let (day, number) = (UtcOffset::EAST_8.day_of(at), deal.number(UtcOffset::EAST_8));
        let (total, deposit, date, rep) = (dollars(order.total), dollars(order.deposit), day.to_string(), self.person(&order.seller)?.name.clone());
        let part = |part: &Instalment| format!("{}　{}", part.due, dollars(part.amount));
        let schedule = deal.instalments.iter().map(part).collect::<Vec<_>>().join("\n");
        let text = fill(
            &settings
                .contract_template
                .zh_hant
                .replace("{replaces}\n", "")
                .replace("{schedule}\n", if schedule.is_empty() { "" } else { "{schedule}\n" }),
            &[
                ("number", &number),
                ("org", &self.name),
                ("buyer", &order.buyer),
                ("items", &order.items),
                ("total", &total),
                ("deposit", &deposit),
                ("schedule", &schedule),
                ("replaces", ""),
                ("date", &date),
                ("rep", &rep),
            ],
        );
        let sha256 = sha256_hex(&text);
        let (strokes, witness_strokes) = (self.signature(), self.signature());
        let (signer, template_version) = (order.buyer.clone(), settings.contract_template_version);
        self.act(
            &order.seller,
            at,
            SignDeal {
                deal: order.deal,
                text,
                sha256,
                template_version,
                consent: true,
                signer,
                strokes,
                witness_strokes,
                terms: None,
                declared: None,
                seal: None,
            },
        )
    }

    fn pay(&mut self, order: &Order, amount: Money, at: Timestamp) -> Result<(), Unavailable> {
        if amount.minor == 0 {
            return Ok(());
        }
        let method = match self.chance.below(3) {
            0 => PaymentMethod::Cash,
            1 => PaymentMethod::Transfer,
            _ => PaymentMethod::Card,
        };
        let payment = PaymentId(self.chance.id(at));
        self.act(&order.seller, at, RecordPayment { deal: order.deal, payment, amount, method, photo: None })
    }

    /// Three to five waves, side by side, as a hurried hand draws them.
    fn signature(&mut self) -> Vec<Stroke> {
        let strokes = 3 + self.chance.below(3);
        let mut at = 0;
        let mut stroke = |number: usize| {
            let (left, height) = (300 + 700 * i32::try_from(number).unwrap_or(0), 150 + i32::try_from(self.chance.below(350)).unwrap_or(0));
            let points = (0..24).map(|step| {
                at += 14;
                let lean = i32::try_from(self.chance.below(60)).unwrap_or(0);
                let wave = [0, 7, 10, 7, 0, -7, -10, -7][step % 8];
                Point(left + 25 * i32::try_from(step).unwrap_or(0) + lean, 700 + height * wave / 10, at)
            });
            Stroke(points.collect())
        };
        (0..strokes).map(&mut stroke).collect()
    }
}

/// As it stands in a contract: whole dollars with separators.
fn dollars(amount: Money) -> String {
    let digits = (amount.minor / amount.currency.minor_per_major()).to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    format!("NT$ {}", groups.join(","))
}

fn overflow(_: MoneyError) -> Unavailable {
    Unavailable("the demo's prices do not add up".into())
}
