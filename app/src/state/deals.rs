//! Deals (clauses F1, F2): a basket priced by the shared rules, and the contract's text as the customer reads it.
//!
//! Law: totals come from `shared`, so that what is shown large is what the rules sign.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::promotions::{Offered, no_more, promote};
use crate::texts::{self as t, Language};
use crate::words::{money, percent};
use chrono::{Months, NaiveDate};
use shared::deals::command::{ChangeDeal, OpenDeal, OrderLine};
use shared::deals::contract::fill;
use shared::deals::decide::{MOST_LINES, QUANTITY_MAX, keeps_approval, total};
use shared::deals::schedule::{DuePart, Instalment, monthly};
use shared::deals::{ApprovalState, Deal, Line, Payment, PaymentMethod, Stage};
use shared::ids::{CustomerId, DealId, MeetingId, ProductId, PromotionId, UserId};
use shared::money::{BasisPoints, Money, MoneyError, WHOLE};
use shared::people::Role;
use shared::products::{Listing, Product};
use shared::promotions::reduce::Offer;
use shared::settings::{Settings, Texts};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::cmp::Reverse;
use std::sync::Arc;

/// What is being put together for a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Basket {
    /// Products with quantities, in the order in which they were taken.
    pub(crate) lines: Vec<(ProductId, u32)>,
    pub(crate) discount: BasisPoints,
    /// Minor units to be paid at once.
    pub(crate) deposit: i64,
    /// In how many monthly parts the rest is paid; none if no days are agreed on.
    pub(crate) parts: u32,
    /// The day of the first of them.
    pub(crate) first_due: Option<NaiveDate>,
    /// The promotions taken, in the order in which they were.
    pub(crate) promotions: Vec<PromotionId>,
    /// Those that were agreed on before, with their versions: they stay, whatever became of them.
    pub(crate) agreed: Vec<(PromotionId, u32)>,
    /// Where it is sold.
    pub(crate) meeting: Option<MeetingId>,
}

impl Basket {
    /// Sets how many of a product are taken; none takes the line out.
    pub(crate) fn set(&mut self, product: ProductId, quantity: u32) {
        let quantity = quantity.min(QUANTITY_MAX as u32);
        match self.lines.iter().position(|(id, _)| *id == product) {
            Some(index) if quantity == 0 => drop(self.lines.remove(index)),
            Some(index) => self.lines[index].1 = quantity,
            None if quantity > 0 && self.lines.len() < MOST_LINES => self.lines.push((product, quantity)),
            None => {}
        }
    }

    /// What a deal is about, as far as it is still on sale.
    pub(crate) fn of(replica: &Replica, deal: &Deal) -> Self {
        let mut basket = Self {
            discount: deal.discount,
            deposit: deal.deposit.minor,
            parts: u32::try_from(deal.instalments.len()).unwrap_or(0),
            first_due: deal.instalments.first().map(|part| part.due),
            promotions: deal.agreed_promotions().into_iter().map(|(id, _)| id).collect(),
            agreed: deal.agreed_promotions(),
            meeting: deal.meeting,
            ..Self::default()
        };
        for taken in deal.lines.iter().filter(|taken| line(replica, taken.product, taken.quantity).is_some()) {
            basket.set(taken.product, basket.quantity(taken.product).saturating_add(taken.quantity));
        }
        basket
    }

    /// What another version of a signed deal begins with: what was paid is its deposit, and the instalments are those still to come.
    pub(crate) fn of_version(replica: &Replica, deal: &Deal) -> Self {
        let missing: Vec<_> = deal.schedule().into_iter().filter(|part| part.due.is_some() && part.missing().minor > 0).collect();
        Self {
            deposit: deal.paid().minor.max(0),
            parts: u32::try_from(missing.len()).unwrap_or(0),
            first_due: missing.first().and_then(|part| part.due),
            ..Self::of(replica, deal)
        }
    }

    /// Takes a promotion, with what is missing for it.
    pub(crate) fn take(&mut self, offer: &Offer) {
        for part in &offer.missing {
            self.set(part.product, self.quantity(part.product).saturating_add(part.quantity));
        }
        if !self.promotions.contains(&offer.promotion) {
            self.promotions.push(offer.promotion);
        }
    }

    /// How many of a product are taken.
    pub(crate) fn quantity(&self, product: ProductId) -> u32 {
        self.lines.iter().find(|(id, _)| *id == product).map_or(0, |(_, quantity)| *quantity)
    }
}

/// A basket with prices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quote {
    pub(crate) lines: Vec<Line>,
    /// Before the discount, with promotions.
    pub(crate) sum: Money,
    /// What the discount takes off.
    pub(crate) off: Money,
    pub(crate) total: Money,
    pub(crate) deposit: Money,
    /// What remains after the deposit.
    pub(crate) rest: Money,
    /// When it is to be paid.
    pub(crate) instalments: Vec<Instalment>,
    /// In basis points.
    pub(crate) discount: BasisPoints,
    /// The seller's own limit, if the discount is above it and somebody must approve.
    pub(crate) needs_approval: Option<BasisPoints>,
    /// What stands between it and a deal.
    pub(crate) problems: Vec<Problem>,
    /// The promotions that it has, or could have.
    pub(crate) offers: Vec<Offered>,
    /// The names of those taken that may be taken no more: they count for nothing.
    pub(crate) no_more: Vec<String>,
}

/// What the rules would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nothing is in the basket.
    Empty,
    /// More discount than anybody may approve: the most.
    Discount(BasisPoints),
    /// The deposit is below zero or above the total.
    Deposit,
    /// The amounts are beyond all measure, or of two currencies.
    Money,
    /// A product has been taken off the list meanwhile.
    Withdrawn,
    /// The total is below what has been paid: that.
    Paid(Money),
    /// The rest is too small for so many parts, or there is none.
    Instalments,
}

/// Prices a basket by the list on this device: a new deal, or what a deal is changed into.
pub(crate) fn quote(replica: &Replica, settings: &Settings, role: Role, basket: &Basket, before: Option<&Deal>, now: Timestamp) -> Quote {
    let zero = Money::new(0, settings.currency);
    let mut lines: Vec<_> = basket.lines.iter().filter_map(|(id, quantity)| line(replica, *id, *quantity)).collect();
    let mut problems = Vec::new();
    // What cannot be reckoned with cannot be summed up either, and is told below.
    let offers = promote(replica, &mut lines, basket, now).unwrap_or_default();
    let no_more = no_more(replica, basket, now);
    if lines.is_empty() {
        problems.push(Problem::Empty);
    } else if lines.len() < basket.lines.len() {
        problems.push(Problem::Withdrawn);
    }
    let (limit, approved) = (settings.discount_limits.of(role).min(WHOLE), settings.discount_limits.most_approved().min(WHOLE));
    if basket.discount > limit.max(approved) {
        problems.push(Problem::Discount(limit.max(approved)));
    }
    // What was refused must be asked for again.
    let stands = before.is_some_and(|deal| keeps_approval(deal, &order_lines(&lines), basket.discount, true));
    let needs_approval = (basket.discount > limit && !stands).then_some(limit);
    let (sum, after) = totals(zero, &lines, basket.discount).unwrap_or_else(|_| {
        problems.push(Problem::Money);
        (zero, zero)
    });
    if !(0..=after.minor).contains(&basket.deposit) {
        problems.push(Problem::Deposit);
    }
    let (deposit, discount) = (Money { minor: basket.deposit, ..zero }, basket.discount);
    let difference = |a: Money, b: Money| a.minus(b).unwrap_or(zero);
    let (off, rest) = (difference(sum, after), difference(after, deposit));
    let instalments = basket.first_due.filter(|_| basket.parts > 0).map(|first| monthly(rest, basket.parts, first)).unwrap_or_default();
    if basket.parts > 0 && instalments.is_empty() {
        problems.push(Problem::Instalments);
    }
    if let Some(paid) = before.map(Deal::paid).filter(|paid| paid.minor > after.minor) {
        problems.push(Problem::Paid(paid));
    }
    Quote { lines, sum, off, total: after, deposit, rest, instalments, discount, needs_approval, problems, offers, no_more }
}

impl Quote {
    /// The command that opens the deal; with the reason for an approval, if one is needed.
    pub(crate) fn open(&self, deal: DealId, customer: CustomerId, buyer: &str, meeting: Option<MeetingId>, reason: &str) -> OpenDeal {
        OpenDeal {
            deal,
            customer,
            buyer: buyer.trim().to_owned(),
            meeting,
            lines: order_lines(&self.lines),
            discount: self.discount,
            deposit: self.deposit,
            approval_reason: self.asking(reason),
            total: Some(self.total),
            instalments: self.instalments.clone(),
            replaces: None,
        }
    }

    /// The command that opens another version of a deal that was signed.
    pub(crate) fn version(&self, deal: DealId, of: &Deal, reason: &str) -> OpenDeal {
        OpenDeal { replaces: Some(of.id), ..self.open(deal, of.customer, &of.buyer, of.meeting, reason) }
    }

    /// The command that changes a deal into this; with the reason for an approval, if one is needed.
    pub(crate) fn change(&self, deal: DealId, reason: &str) -> ChangeDeal {
        let (lines, approval_reason) = (order_lines(&self.lines), self.asking(reason));
        let (total, instalments) = (Some(self.total), self.instalments.clone());
        ChangeDeal { deal, lines, discount: self.discount, deposit: self.deposit, approval_reason, total, instalments }
    }

    fn asking(&self, reason: &str) -> Option<String> {
        self.needs_approval.map(|_| reason.trim().to_owned())
    }
}

/// The products on sale, by name.
pub(crate) fn on_sale(replica: &Replica) -> Vec<Arc<Product>> {
    let mut products: Vec<_> = replica.all::<Product>().filter(|product| product.listing == Listing::OnSale).cloned().collect();
    products.order_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    products
}

/// Whether a product can be sold.
pub(crate) fn is_on_sale(replica: &Replica, product: ProductId) -> bool {
    line(replica, product, 1).is_some()
}

/// A deal in a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DealRow {
    pub(crate) id: DealId,
    pub(crate) buyer: String,
    pub(crate) seller: UserId,
    pub(crate) stage: Stage,
    /// What became of a discount above the seller's limit.
    pub(crate) approval: Option<ApprovalState>,
    pub(crate) total: Money,
    pub(crate) open: Money,
    /// What should have been paid by now.
    pub(crate) overdue: Money,
    /// What is to be given back.
    pub(crate) to_refund: Money,
    /// Somebody asks to call it off.
    pub(crate) is_unwanted: bool,
    pub(crate) opened_at: Timestamp,
}

/// Which deals a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those on which something is to do: to be signed, paid, called off or given back.
    #[default]
    Open,
    /// Signed or paid.
    Sold,
    /// All of them.
    All,
}

/// The deals on this device, the newest first.
pub(crate) fn deals(replica: &Replica, which: Which, today: NaiveDate) -> Vec<DealRow> {
    let shown = |deal: &Deal| match which {
        Which::Open => matches!(deal.stage, Stage::Quoted | Stage::Signed) || deal.to_refund().minor > 0 || deal.cancellation_waiting().is_some(),
        Which::Sold => deal.is_sold(),
        Which::All => true,
    };
    let mut rows: Vec<_> = replica.all::<Deal>().filter(|deal| shown(deal)).map(|deal| row(deal, today)).collect();
    rows.order_by_key(|row| (Reverse(row.opened_at), row.id));
    rows
}

/// The first day of the month after a day on which something is signed: when instalments usually begin.
pub(crate) fn next_month(today: NaiveDate) -> NaiveDate {
    today.checked_add_months(Months::new(1)).unwrap_or(today)
}

/// A payment as much as this one, received in the same way within the last half hour: it may be the same money, entered twice.
pub(crate) fn twin(deal: &Deal, amount: i64, method: PaymentMethod, now: Timestamp) -> Option<&Payment> {
    let is_near = |payment: &&Payment| (now - payment.at).abs() <= chrono::TimeDelta::minutes(30);
    deal.payments.iter().filter(|payment| payment.counts() && payment.amount.minor == amount && payment.method == method).find(is_near)
}

/// The text of a deal's contract as it would be signed on a day.
pub(crate) fn contract_of(replica: &Replica, settings: &Settings, deal: &Deal, language: Language, at: Timestamp) -> String {
    let replaced = deal.replaces.and_then(|id| replica.noun::<Deal>(id)).map(|before| before.number(settings.utc_offset));
    contract_text(settings, deal, replaced.as_deref(), &name_of(replica, deal.seller), language, at)
}

/// The text of a deal's contract in a language, made from the organisation's template. `at` is the day on which it is signed, `replaced` the number of
/// the contract whose place it takes. A template that says nothing of instalments or of that contract has it added at its end: what was agreed on stands
/// in what is signed.
fn contract_text(settings: &Settings, deal: &Deal, replaced: Option<&str>, seller: &str, language: Language, at: Timestamp) -> String {
    let day = settings.utc_offset.day_of(at);
    let date = match language {
        Language::ZhHant | Language::ZhHans => day.format("%Y 年 %-m 月 %-d 日").to_string(),
        Language::En => day.format("%-d %B %Y").to_string(),
    };
    let (number, items) = (deal.number(settings.utc_offset), items(deal));
    let (total, deposit) = (money(deal.total), money(deal.deposit));
    let schedule = t::speaking(language, || schedule_text(&deal.schedule()));
    let replaces = t::speaking(language, || replaced.map(t::contract::replaces).unwrap_or_default());
    let values = [
        ("number", number.as_str()),
        ("org", &settings.name),
        ("buyer", &deal.buyer),
        ("items", &items),
        ("total", &total),
        ("deposit", &deposit),
        ("schedule", &schedule),
        ("replaces", &replaces),
        ("date", &date),
        ("rep", seller),
    ];
    let mut template = template(&settings.contract_template, language).to_owned();
    for (line, words) in [("{schedule}\n", &schedule), ("{replaces}\n", &replaces)] {
        if words.is_empty() {
            // A line that says nothing is none.
            template = template.replace(line, "");
        }
    }
    let mut text = fill(&template, &values);
    // Where there are instalments, the deposit is one of their lines.
    let due = t::speaking(language, || t::contract::part(money(deal.deposit), t::contract::at_signature()));
    let due = if deal.deposit.minor > 0 && schedule.is_empty() { due } else { String::new() };
    for (variable, words) in [("{deposit}", &due), ("{schedule}", &schedule), ("{replaces}", &replaces)] {
        if !words.is_empty() && !template.contains(variable) {
            text += &format!("\n\n{words}");
        }
    }
    text
}

/// One line for each day on which something is to be paid, after a line that says what they are.
fn schedule_text(parts: &[DuePart]) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let line = |part: &DuePart| {
        let due = part.due.map_or_else(|| t::contract::at_signature().to_owned(), crate::words::calendar_day);
        t::contract::part(money(part.amount), &due)
    };
    let lines: Vec<_> = std::iter::once(t::contract::schedule().to_owned()).chain(parts.iter().map(line)).collect();
    lines.join("\n")
}

/// One line per item, then the discount: `1. Name × 2 @ NT$350 = NT$700`.
fn items(deal: &Deal) -> String {
    let line = |(index, line): (usize, &Line)| {
        let money_of = |amount: Result<Money, MoneyError>| amount.map_or_else(|_| String::new(), money);
        let sum = money_of(line.unit_price.times(line.quantity));
        let plain = format!("{}. {} × {} @ {} = {sum}", index + 1, line.name, line.quantity, money(line.unit_price));
        match line.promotion.as_ref().filter(|applied| applied.off.minor != 0) {
            None => plain,
            // The promotion and what it takes off stand in what is signed.
            Some(applied) => format!("{plain}\n   {}: −{} = {}", applied.name, money(applied.off), money_of(line.amount())),
        }
    };
    let mut lines: Vec<_> = deal.lines.iter().enumerate().map(line).collect();
    if deal.discount > 0 {
        let sum = total(Money { minor: 0, ..deal.total }, &deal.lines).unwrap_or(deal.total);
        let off = deal.total.minus(sum).map_or_else(|_| String::new(), money);
        lines.push(format!("−{}% = {off}", percent(deal.discount)));
    }
    lines.join("\n")
}

fn template(texts: &Texts, language: Language) -> &str {
    match language {
        Language::ZhHant => &texts.zh_hant,
        Language::ZhHans => &texts.zh_hans,
        Language::En => &texts.en,
    }
}

fn line(replica: &Replica, id: ProductId, quantity: u32) -> Option<Line> {
    let product = replica.noun::<Product>(id).filter(|product| product.listing == Listing::OnSale)?;
    Some(Line { product: id, name: product.name.clone(), unit_price: product.price, quantity, promotion: None })
}

fn order_lines(lines: &[Line]) -> Vec<OrderLine> {
    lines.iter().map(OrderLine::from).collect()
}

fn totals(zero: Money, lines: &[Line], discount: BasisPoints) -> Result<(Money, Money), MoneyError> {
    let sum = total(zero, lines)?;
    Ok((sum, sum.less(discount.min(10_000))?))
}

fn row(deal: &Deal, today: NaiveDate) -> DealRow {
    DealRow {
        id: deal.id,
        buyer: deal.buyer.clone(),
        seller: deal.seller,
        stage: deal.stage.clone(),
        approval: deal.approval.as_ref().map(|approval| approval.state.clone()),
        total: deal.total,
        open: deal.open(),
        overdue: deal.overdue(today),
        to_refund: deal.to_refund(),
        is_unwanted: deal.cancellation_waiting().is_some(),
        opened_at: deal.opened_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::venue::settings;
    use shared::deals::command::{RecordPayment, RefuseDiscount};
    use shared::deals::{Contract, PaymentMethod};
    use shared::money::Currency;
    use shared::promotions::Applied;
    use shared::testing::World;

    fn priced(world: &World, basket: &Basket) -> Quote {
        let replica = world.replica(world.rep);
        quote(&replica, settings(&replica).expect("held"), Role::Rep, basket, None, world.now)
    }

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

    fn twd(minor: i64) -> Money {
        Money::new(minor, Currency::Twd)
    }

    #[test]
    fn a_basket_is_priced_exactly_and_the_rules_take_what_was_shown() {
        let mut world = World::new();
        let mut basket = Basket { discount: 250, deposit: 100_000, ..Basket::default() };
        basket.set(world.course, 2);
        basket.set(world.book, 3);
        let quote = priced(&world, &basket);
        assert_eq!((quote.sum, quote.off, quote.total), (twd(2_665_150), twd(66_600), twd(2_598_550)));
        assert_eq!((quote.rest, &quote.problems[..]), (twd(2_498_550), &[][..]));

        let deal = world.id();
        world.apply(world.rep, quote.open(deal, world.customer, " 王小明 ", None, "")).expect("within the rules");
        assert_eq!(world.get::<Deal>(deal).total, quote.total);
        assert_eq!(world.get::<Deal>(deal).buyer, "王小明");
    }

    #[test]
    fn a_basket_says_what_the_rules_would_refuse() {
        let world = World::new();
        assert_eq!(priced(&world, &Basket::default()).problems, [Problem::Empty]);
        let mut basket = Basket { discount: 2_001, deposit: 1, ..Basket::default() };
        basket.set(world.book, 1);
        assert_eq!(priced(&world, &basket).problems, [Problem::Discount(2_000)]);
        basket = Basket { discount: 0, deposit: 35_051, ..basket };
        assert_eq!(priced(&world, &basket).problems, [Problem::Deposit]);
        basket.deposit = -1;
        assert_eq!(priced(&world, &basket).problems, [Problem::Deposit]);
    }

    #[test]
    fn a_discount_above_the_limit_needs_approval_until_one_stands_for_exactly_this() {
        let mut world = World::new();
        let mut basket = Basket { discount: 500, ..Basket::default() };
        basket.set(world.course, 1);
        assert_eq!(priced(&world, &basket).needs_approval, None);
        basket.discount = 800;
        let asked = priced(&world, &basket);
        assert_eq!((asked.needs_approval, &asked.problems[..]), (Some(500), &[][..]));
        let id = world.id();
        world.apply(world.rep, asked.open(id, world.customer, "王小明", None, " 老客戶 ")).expect("asked with a reason");
        let deal = world.get::<Deal>(id);
        assert_eq!(deal.approval.as_ref().map(|approval| approval.reason.as_str()), Some("老客戶"));

        let changed = |world: &World, change: fn(&mut Basket, &World)| {
            let replica = world.replica(world.rep);
            let deal = world.get::<Deal>(id);
            let mut basket = Basket::of(&replica, &deal);
            change(&mut basket, world);
            quote(&replica, settings(&replica).expect("held"), Role::Rep, &basket, Some(&deal), world.now)
        };
        assert_eq!(changed(&world, |basket, _| basket.deposit = 1_000).needs_approval, None, "asked for already");
        assert_eq!(changed(&world, |basket, _| basket.discount = 700).needs_approval, Some(500));
        assert_eq!(changed(&world, |basket, world| basket.set(world.book, 1)).needs_approval, Some(500));
        world.put(Product { name: "理財課程（新版）".into(), ..(*world.get::<Product>(world.course)).clone() });
        assert_eq!(changed(&world, |_, _| {}).needs_approval, None, "only its name is another");
        let refusal = RefuseDiscount { deal: id, terms: deal.terms(), reason: "太多".into() };
        world.apply(world.supervisor, refusal).expect("within her limit");
        let again = changed(&world, |_, _| {});
        assert_eq!(again.needs_approval, Some(500));
        world.apply(world.rep, again.change(id, "今天付清")).expect("asked again");
        assert!(world.get::<Deal>(id).waiting().is_some());
    }

    #[test]
    fn a_changed_deal_costs_no_less_than_was_paid() {
        let mut world = World::new();
        let command = world.open_deal(world.customer, None);
        let id = command.deal;
        world.apply(world.rep, command).expect("within the rules");
        let payment = RecordPayment { deal: id, payment: world.id(), amount: twd(100_000), method: PaymentMethod::Cash, photo: None };
        world.apply(world.rep, payment).expect("within the total");
        let (replica, deal) = (world.replica(world.rep), world.get::<Deal>(id));
        let mut basket = Basket::of(&replica, &deal);
        basket.set(world.course, 0);
        basket.set(world.book, 1);
        let less = quote(&replica, settings(&replica).expect("held"), Role::Rep, &basket, Some(&deal), world.now);
        assert_eq!(less.problems, [Problem::Paid(twd(100_000))]);
    }

    #[test]
    fn a_product_taken_off_the_list_is_told_and_a_quantity_stays_within_bounds() {
        let mut world = World::new();
        let mut basket = Basket::default();
        basket.set(world.course, u32::MAX);
        assert_eq!(basket.quantity(world.course), 9_999);
        basket.set(world.book, 1);
        let withdrawn = Product { listing: Listing::Withdrawn, ..(*world.get::<Product>(world.book)).clone() };
        world.put(withdrawn);
        assert_eq!(priced(&world, &basket).problems, [Problem::Withdrawn]);
        basket.set(world.course, 0);
        basket.set(world.book, 0);
        assert_eq!(basket.lines, []);
    }

    #[test]
    fn the_contract_names_number_parties_items_and_amounts() {
        let mut world = World::new();
        let mut basket = Basket { discount: 500, ..Basket::default() };
        basket.set(world.course, 2);
        let deal = world.id();
        let command = priced(&world, &basket).open(deal, world.customer, "王小明", None, "");
        world.apply(world.rep, command).expect("within the rules");
        let deal = world.get::<Deal>(deal);
        let template = "{number}|{org}|{buyer}|{items}|{total}|{deposit}|{date}|{rep}".to_owned();
        let mut settings = (**settings(&world.replica(world.rep)).expect("held")).clone();
        settings.contract_template = Texts { zh_hant: template.clone(), zh_hans: template.clone(), en: template };
        let text = contract_text(&settings, &deal, None, "林佳穎", Language::ZhHant, world.now);
        let parts: Vec<_> = text.split('|').collect();
        assert_eq!(parts[0], deal.number(settings.utc_offset));
        assert_eq!(parts[1..3], ["匯成顧問", "王小明"]);
        assert_eq!(parts[3], "1. 理財課程 × 2 @ NT$12,800 = NT$25,600\n−5% = −NT$1,280");
        assert_eq!(parts[4..], ["NT$24,320", "NT$0", "2026 年 11 月 23 日", "林佳穎"]);
        let english = contract_text(&settings, &deal, None, "林佳穎", Language::En, world.now);
        assert!(english.contains("23 November 2026"));
    }

    #[test]
    fn f1_the_contract_names_the_promotion_and_what_it_takes_off() {
        let (mut world, id) = World::with_deal();
        let mut deal = (*world.get::<Deal>(id)).clone();
        let promotion = world.id();
        deal.lines[0].promotion = Some(Applied { promotion, version: 1, name: "年終優惠".into(), off: twd(128_000) });
        let mut settings = (**settings(&world.replica(world.rep)).expect("held")).clone();
        settings.contract_template.zh_hant = "{items}".into();
        let text = contract_text(&settings, &deal, None, "林佳穎", Language::ZhHant, world.now);
        assert_eq!(text, "1. 理財課程 × 1 @ NT$12,800 = NT$12,800\n   年終優惠: −NT$1,280 = NT$11,520");
    }

    #[test]
    fn f1_a_basket_is_paid_in_monthly_parts_and_the_contract_says_so_whatever_its_template() {
        let mut world = World::new();
        let mut basket = Basket { deposit: 280_000, parts: 3, first_due: Some(next_month(TODAY)), ..Basket::default() };
        assert!(priced(&world, &basket).problems.contains(&Problem::Instalments), "nothing to divide");
        basket.set(world.course, 1);
        let quote = priced(&world, &basket);
        assert_eq!((quote.instalments.len(), &quote.problems[..]), (3, &[][..]));
        let deal = world.id();
        world.apply(world.rep, quote.open(deal, world.customer, "王小明", None, "")).expect("within the rules");
        let deal = world.get::<Deal>(deal);
        let again = Basket::of(&world.replica(world.rep), &deal);
        assert_eq!((again.parts, again.first_due), (3, Some(next_month(TODAY))), "a change begins with what was agreed on");

        let mut settings = (**settings(&world.replica(world.rep)).expect("held")).clone();
        let text = |settings: &Settings| contract_text(settings, &deal, Some("20261101-ABCDEFGH"), "林佳穎", Language::ZhHant, world.now);
        settings.contract_template.zh_hant = "{total}".into();
        let added = text(&settings);
        assert!(added.starts_with("NT$12,800\n\n") && added.contains("2026年12月23日") && added.contains("20261101-ABCDEFGH"), "{added}");
        assert_eq!(added.matches("NT$3,333").count(), 2, "{added}");
        settings.contract_template.zh_hant = "{replaces}\n{schedule}\n{total}".into();
        assert!(text(&settings).ends_with("NT$12,800"), "nothing is added to a template that has it");
    }

    #[test]
    fn f1_the_same_money_entered_again_is_asked_about_for_half_an_hour() {
        let (mut world, id) = World::with_deal();
        let payment = RecordPayment { deal: id, payment: world.id(), amount: twd(100_000), method: PaymentMethod::Cash, photo: None };
        world.apply(world.rep, payment.clone()).expect("within the total");
        let (deal, at) = (world.get::<Deal>(id), world.now);
        let found = |amount, method, minutes| twin(&deal, amount, method, at + chrono::TimeDelta::minutes(minutes)).map(|twin| twin.id);
        assert_eq!(found(100_000, PaymentMethod::Cash, 29), Some(payment.payment));
        assert_eq!(found(100_000, PaymentMethod::Cash, 31), None);
        assert_eq!(found(100_000, PaymentMethod::Card, 1), None);
        assert_eq!(found(100_001, PaymentMethod::Cash, 1), None);
    }

    #[test]
    fn the_list_of_open_deals_loses_those_that_are_paid() {
        let mut world = World::new();
        let command = world.open_deal(world.customer, None);
        let deal = command.deal;
        world.apply(world.rep, command).expect("within the rules");
        let ids = |world: &World, which| deals(&world.replica(world.rep), which, TODAY).into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!((ids(&world, Which::Open), ids(&world, Which::Sold)), (vec![deal], vec![]));
        world.apply(world.rep, world.sign(deal)).expect("signed");
        let payment = RecordPayment { deal, payment: world.id(), amount: twd(1_280_000), method: PaymentMethod::Cash, photo: None };
        world.apply(world.rep, payment).expect("within the total");
        assert_eq!((ids(&world, Which::Open), ids(&world, Which::Sold)), (vec![], vec![deal]));
        assert!(world.find::<Contract>(deal).is_some());
    }
}
