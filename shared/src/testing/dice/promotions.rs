//! Promotions: offered, changed, withdrawn, taken for deals, and kept to beyond the first N.

use super::*;
use crate::promotions::reduce::{Item, reductions};
use chrono::Duration;

impl Choices {
    pub(super) fn promote(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> Command {
        let known = dice.pick(&self.promotions);
        // Managers alone rule; of the others, a few try.
        let is_manager = self.users.iter().any(|known| known.id == user && known.role == Role::Manager);
        match dice.below(6) {
            0 if dice.once_in(3) => WithdrawPromotion { promotion: known.map_or_else(|| dice.id(), |known| known.id) }.into(),
            _ if is_manager && !dice.once_in(3) || dice.once_in(8) => self.honour(user, dice).into(),
            _ => {
                let known = known.filter(|_| dice.once_in(3));
                let version = known.as_ref().map_or(1, |known| known.versions.len() as u32 + 1);
                PutPromotion { promotion: known.map_or_else(|| dice.id(), |known| known.id), version, terms: self.terms_of_promotion(now, dice) }
                    .into()
            }
        }
    }

    /// Mostly of a deal that has one, and that somebody else has sold.
    fn honour(&self, user: UserId, dice: &mut Dice) -> HonourPromotion {
        let has = |deal: &&Arc<Deal>| deal.is_sold() && deal.seller != user && deal.promotions().iter().any(|id| !deal.is_honoured(*id));
        let deals: Vec<_> = self.deals.iter().filter(has).collect();
        let deal = dice.pick(&deals);
        let promotion = deal.and_then(|deal| deal.promotions().into_iter().find(|id| !deal.is_honoured(*id)));
        HonourPromotion {
            promotion: promotion.unwrap_or_else(|| dice.id()),
            deal: deal.map_or_else(|| dice.id(), |deal| deal.id),
            reason: "已答應客戶".into(),
        }
    }

    fn terms_of_promotion(&self, now: Timestamp, dice: &mut Dice) -> Terms {
        let part =
            |dice: &mut Dice| Part { product: dice.known_or_new(&ids(&self.products, |product| product.id)), quantity: 1 + dice.below(3) as u32 };
        let gives = match dice.below(3) {
            0 => {
                let off =
                    if dice.once_in(2) { Reduction::Percent { off: dice.below(10_100) as u16 } } else { Reduction::Amount { off: price(dice) } };
                Gives::Off { products: vec![part(dice).product], least: 1 + dice.below(4) as u32, off }
            }
            1 => Gives::Bundle { parts: vec![part(dice), part(dice)], price: price(dice) },
            _ => Gives::Gift { bought: part(dice), gift: part(dice) },
        };
        let opens = now - Duration::hours(dice.below(100) as i64);
        let closes = opens + Duration::hours(dice.below(9_000) as i64);
        let meetings = if dice.once_in(6) { vec![self.meeting(dice)] } else { Vec::new() };
        Terms { name: name(dice), opens, closes, meetings, gives, first: dice.once_in(2).then(|| dice.below(4) as u32) }
    }

    /// Lines that take a promotion; now and then it takes off what it does not give.
    pub(super) fn promoted(&self, dice: &mut Dice) -> Option<Vec<OrderLine>> {
        // Mostly one that is for all meetings.
        let everywhere = |promotion: &&Arc<Promotion>| promotion.latest().is_some_and(|(_, terms)| terms.meetings.is_empty());
        let everywhere: Vec<_> = self.promotions.iter().filter(everywhere).cloned().collect();
        let some = if dice.once_in(8) { &self.promotions } else { &everywhere };
        let promotion = dice.pick(some)?;
        let (version, terms) = promotion.latest()?;
        let more = 1 + dice.below(2) as u32;
        let parts = match &terms.gives {
            Gives::Off { products, least, .. } => products.iter().map(|&product| Part { product, quantity: least * more }).collect(),
            Gives::Bundle { parts, .. } => parts.clone(),
            Gives::Gift { bought, gift } => vec![Part { quantity: bought.quantity * more, ..*bought }, *gift],
        };
        let item = |part: &Part| {
            let product = self.products.iter().find(|product| product.id == part.product)?;
            Some(Item { product: part.product, unit_price: product.price, quantity: part.quantity })
        };
        let items: Vec<_> = parts.iter().map(item).collect::<Option<_>>()?;
        let off = reductions(&terms.gives, &items).ok()??;
        let wrong = i64::from(dice.once_in(12));
        let line = |(item, off): (&Item, Money)| {
            let off = Money { minor: off.minor + wrong, ..off };
            let promotion = Some(Taken { promotion: promotion.id, version, off });
            OrderLine { product: item.product, unit_price: item.unit_price, quantity: item.quantity, promotion }
        };
        Some(items.iter().zip(off).map(line).collect())
    }
}
