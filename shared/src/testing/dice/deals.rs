//! Deals: opened, changed, signed, paid, and what comes after that.

use super::*;

impl Choices {
    /// Mostly of deals that were signed.
    pub(super) fn after_signing(&self, user: UserId, dice: &mut Dice) -> Command {
        let owed = self.deal_that(user, |deal| deal.to_refund().minor > 0, dice).filter(|_| dice.once_in(2));
        if let Some(known) = owed {
            let minor = dice.below(known.to_refund().minor.unsigned_abs() + 2) as i64;
            return RecordRefund {
                deal: known.id,
                refund: dice.id(),
                amount: Money::new(minor, Currency::Twd),
                method: PaymentMethod::Cash,
                reason: "退費".into(),
            }
            .into();
        }
        let Some(known) = self.deal_that(user, |deal| deal.signed_at.is_some(), dice).filter(|_| !dice.once_in(8)) else {
            return ConfirmDelivery { deal: self.deal(user, dice) }.into();
        };
        let deal = known.id;
        match dice.below(7) {
            0 => {
                let payments: Vec<_> = known.payments.iter().map(|payment| payment.id).collect();
                VoidPayment { deal, payment: dice.known_or_new(&payments), reason: "重複".into() }.into()
            }
            1 | 2 => AskCancellation { deal, reason: "客戶反悔".into() }.into(),
            3 | 4 => {
                let asked = |deal: &Arc<Deal>| deal.cancellation_waiting().map(|request| (deal.id, request.asked_at));
                let waiting: Vec<_> = self.deals.iter().filter_map(asked).collect();
                let (deal, asked_at) = dice.pick(&waiting).unwrap_or((deal, known.opened_at));
                RuleCancellation { deal, asked_at, refusal: dice.once_in(3).then(|| "已出貨".into()) }.into()
            }
            5 if dice.once_in(3) => WithdrawCopies { deal }.into(),
            5 => ShareContract { deal, link: LinkToken::of(&[dice.below(40) as u8; 24]).hash() }.into(),
            _ => ConfirmDelivery { deal }.into(),
        }
    }

    /// A deal of a kind: one's own if there is one.
    fn deal_that(&self, user: UserId, is: fn(&Deal) -> bool, dice: &mut Dice) -> Option<&Arc<Deal>> {
        let (own, others): (Vec<_>, Vec<_>) = self.deals.iter().filter(|deal| is(deal)).partition(|deal| deal.seller == user);
        dice.pick(&own).or_else(|| dice.pick(&others))
    }

    pub(super) fn deal(&self, user: UserId, dice: &mut Dice) -> DealId {
        let own: Vec<_> = self.deals.iter().filter(|deal| deal.seller == user).map(|deal| deal.id).collect();
        if own.is_empty() || dice.once_in(6) { dice.known_or_new(&ids(&self.deals, |deal| deal.id)) } else { dice.known_or_new(&own) }
    }

    fn lines(&self, dice: &mut Dice) -> Vec<OrderLine> {
        let line = |dice: &mut Dice| {
            let product = dice.pick(&self.products);
            OrderLine {
                product: product.as_ref().map_or_else(|| dice.id(), |product| product.id),
                unit_price: product.map_or_else(|| price(dice), |product| product.price),
                quantity: dice.below(20) as u32,
                promotion: None,
            }
        };
        if let Some(lines) = self.promoted(dice).filter(|_| !dice.once_in(4)) {
            return lines;
        }
        (0..=dice.below(3)).map(|_| line(dice)).collect()
    }

    /// Now and then another version of what was signed.
    pub(super) fn open_deal(&self, user: UserId, dice: &mut Dice) -> OpenDeal {
        let sold: Vec<_> = self.deals.iter().filter(|deal| deal.seller == user && deal.is_sold()).collect();
        let before = dice.pick(&sold).filter(|_| dice.once_in(3));
        let mut deal = OpenDeal {
            deal: dice.id(),
            customer: before.map_or_else(|| self.customer(user, dice), |before| before.customer),
            buyer: name(dice),
            meeting: if dice.once_in(3) { Some(self.meeting(dice)) } else { None },
            lines: self.lines(dice),
            discount: dice.below(1_200) as u16,
            deposit: Money::new(dice.below(100_000) as i64, Currency::Twd),
            approval_reason: asked(dice),
            total: None,
            instalments: Vec::new(),
            replaces: before.map(|before| before.id),
        };
        (deal.total, deal.instalments) = agreed(&deal.lines, deal.discount, deal.deposit, dice);
        deal
    }

    /// Sometimes the deposit alone changes, so that an approval stays.
    pub(super) fn change_deal(&self, user: UserId, dice: &mut Dice) -> ChangeDeal {
        let deal = self.deal(user, dice);
        let known = self.deals.iter().find(|other| other.id == deal).filter(|_| dice.once_in(3));
        let mut change = ChangeDeal {
            deal,
            lines: known.map_or_else(|| self.lines(dice), |known| known.lines.iter().map(OrderLine::from).collect()),
            discount: known.map_or_else(|| dice.below(1_200) as u16, |known| known.discount),
            deposit: Money::new(dice.below(100_000) as i64, Currency::Twd),
            approval_reason: asked(dice),
            total: None,
            instalments: Vec::new(),
        };
        (change.total, change.instalments) = agreed(&change.lines, change.discount, change.deposit, dice);
        change
    }

    pub(super) fn approve(&self, user: UserId, dice: &mut Dice) -> ApproveDiscount {
        let RefuseDiscount { deal, terms, .. } = self.refuse(user, dice);
        ApproveDiscount { deal, terms }
    }

    /// Mostly of a deal that waits, and mostly of what it is about now.
    pub(super) fn refuse(&self, user: UserId, dice: &mut Dice) -> RefuseDiscount {
        let waiting: Vec<_> = self.deals.iter().filter(|deal| deal.waiting().is_some()).map(|deal| deal.id).collect();
        let deal = if dice.once_in(6) { self.deal(user, dice) } else { dice.known_or_new(&waiting) };
        RefuseDiscount { deal, terms: self.terms(deal, dice), reason: "太多".into() }
    }

    fn terms(&self, deal: DealId, dice: &mut Dice) -> String {
        let known = self.deals.iter().find(|other| other.id == deal).filter(|_| !dice.once_in(10));
        known.map_or_else(|| sha256_hex("others"), |deal| deal.terms())
    }

    pub(super) fn sign(&self, user: UserId, dice: &mut Dice) -> SignDeal {
        let text = format!("契約 {}", dice.below(1_000));
        let deal = self.deal(user, dice);
        SignDeal {
            deal,
            sha256: sha256_hex(&text),
            text,
            template_version: 1,
            consent: !dice.once_in(10),
            signer: name(dice),
            strokes: signature(),
            witness_strokes: if dice.once_in(2) { signature() } else { Vec::new() },
            terms: Some(self.terms(deal, dice)).filter(|_| !dice.once_in(4)),
            declared: None,
            seal: None,
        }
    }

    pub(super) fn pay(&self, user: UserId, dice: &mut Dice) -> RecordPayment {
        let deal = self.deal(user, dice);
        let open = self.deals.iter().find(|other| other.id == deal).map_or(1, |deal| deal.open().minor);
        let minor = if dice.once_in(2) { open } else { dice.below(open.unsigned_abs() + 2) as i64 };
        let photo = dice.once_in(3).then(|| photo(dice));
        RecordPayment { deal, payment: dice.id(), amount: Money::new(minor, Currency::Twd), method: PaymentMethod::Card, photo }
    }
}

/// The total that is shown, and instalments that make the rest; sometimes neither, and sometimes wrong.
fn agreed(lines: &[OrderLine], discount: u16, deposit: Money, dice: &mut Dice) -> (Option<Money>, Vec<Instalment>) {
    let zero = Money::new(i64::from(dice.once_in(20)), Currency::Twd);
    let sum = lines.iter().try_fold(zero, |sum, line| {
        let sum = sum.plus(line.unit_price.times(line.quantity)?)?;
        line.promotion.map_or(Ok(sum), |taken| sum.minus(taken.off))
    });
    let Ok(total) = sum.and_then(|sum| sum.less(discount)) else { return (None, Vec::new()) };
    if dice.once_in(3) {
        return (None, Vec::new());
    }
    let first = chrono::NaiveDate::from_ymd_opt(2026, 12, 1 + dice.below(31) as u32).expect("December has 31 days");
    let instalments = total.minus(deposit).map(|rest| monthly(rest, dice.below(13) as u32, first)).unwrap_or_default();
    (Some(total), if dice.once_in(2) { instalments } else { Vec::new() })
}

/// The reason for an approval, mostly given.
fn asked(dice: &mut Dice) -> Option<String> {
    (!dice.once_in(4)).then(|| "老客戶".into())
}
