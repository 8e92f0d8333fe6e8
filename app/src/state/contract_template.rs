//! The contract shown while its template is written (clause F2): that of a real deal or, where the device holds none, of an invented one.

use crate::state::deals::{contract_of, next_month, on_sale};
use crate::state::order::InOrder;
use crate::texts::Language;
use shared::deals::schedule::monthly;
use shared::deals::{Deal, Line, Stage};
use shared::ids::{CustomerId, DealId, UserId};
use shared::money::Money;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::cmp::Reverse;
use std::sync::Arc;
use uuid::Uuid;

/// Most deals that are offered for the preview.
const MOST_OFFERED: usize = 30;

/// The newest deals on this device.
pub(crate) fn offered(replica: &Replica) -> Vec<Arc<Deal>> {
    let mut deals: Vec<_> = replica.all::<Deal>().cloned().collect();
    deals.order_by_key(|deal| (Reverse(deal.opened_at), deal.id));
    deals.truncate(MOST_OFFERED);
    deals
}

/// Two of the first product and one of the second, a tenth of it at once and the rest in three months. None if nothing is on sale.
pub(crate) fn invented(replica: &Replica, settings: &Settings, seller: UserId, buyer: &str, now: Timestamp) -> Option<Deal> {
    let line = |(product, quantity): (Arc<shared::products::Product>, u32)| Line {
        product: product.id,
        name: product.name.clone(),
        unit_price: product.price,
        quantity,
        promotion: None,
    };
    let lines: Vec<_> = on_sale(replica).into_iter().zip([2, 1]).map(line).collect();
    let zero = lines.first()?.unit_price.less(shared::money::WHOLE).ok()?;
    let total = shared::deals::decide::total(zero, &lines).ok()?;
    let step = total.currency.step();
    let deposit = Money { minor: total.minor / 10 / step * step, ..total };
    let rest = total.minus(deposit).ok()?;
    Some(Deal {
        id: DealId(Uuid::nil()),
        customer: CustomerId(Uuid::nil()),
        buyer: buyer.to_owned(),
        meeting: None,
        seller,
        lines,
        discount: 0,
        total,
        deposit,
        instalments: monthly(rest, 3, next_month(settings.utc_offset.day_of(now))),
        payments: Vec::new(),
        refunds: Vec::new(),
        stage: Stage::Quoted,
        opened_at: now,
        approval: None,
        signed_at: None,
        replaces: None,
        delivered: None,
        cancellation: None,
        copies: Vec::new(),
        honoured: Vec::new(),
    })
}

/// The contract of a deal, made from a text that is being written in a language.
pub(crate) fn preview(replica: &Replica, settings: &Settings, text: &str, deal: &Deal, language: Language, now: Timestamp) -> String {
    let mut settings = settings.clone();
    settings.contract_template = std::mem::take(&mut settings.contract_template).with(language.into(), text.trim().to_owned());
    contract_of(replica, &settings, deal, language, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::venue::settings;
    use shared::testing::World;

    #[test]
    fn f2_a_template_is_seen_with_a_real_deal_or_with_an_invented_one() {
        let (world, id) = World::with_deal();
        let replica = world.replica(world.rep);
        let settings = settings(&replica).expect("held");
        assert_eq!(offered(&replica).first().map(|deal| deal.id), Some(id));
        let written = "甲方{org}、乙方{buyer}\n{items}\n共{total}";
        let real = preview(&replica, settings, written, &world.get::<Deal>(id), Language::ZhHant, world.now);
        assert!(real.starts_with("甲方匯成顧問、乙方王小明\n1. "), "{real}");

        let deal = invented(&replica, settings, world.rep, "陳大文", world.now).expect("something is on sale");
        let parts: i64 = deal.instalments.iter().map(|part| part.amount.minor).sum();
        assert_eq!((deal.instalments.len(), deal.deposit.minor + parts), (3, deal.total.minor));
        let text = preview(&replica, settings, written, &deal, Language::ZhHant, world.now);
        assert!(text.contains("乙方陳大文") && text.contains(&crate::words::money(deal.total)), "{text}");
        assert_ne!(text, preview(&replica, settings, "{total}", &deal, Language::ZhHant, world.now), "what is written is what is seen");
    }
}
