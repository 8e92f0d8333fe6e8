//! Deals: what is asked before the signature and after it.

use super::*;
use shared::promotions::command::HonourPromotion;
use shared::promotions::{Applied, Gives, Promotion, Reduction, Terms, Version};

pub(super) fn deals() -> Vec<Line> {
    vec![
        line("customer:", Whose::ANYBODYS_OR_POOL, |world, _, rows| world.open_deal(rows.customer, None)),
        line("guest where the duty is, customer:", Whose::ANYBODYS, |world, _, rows| world.open_deal(rows.customer, Some(rows.meeting))),
        line("on duty, a guest there, customer:", &[Whose::Own, Whose::Team, Whose::OtherTeam], |world, actor, rows| {
            let meeting = meeting_of(world, actor);
            world.expect_guest(meeting, rows.customer);
            world.open_deal(rows.customer, Some(meeting))
        }),
        line("on duty, no guest there, customer:", &[Whose::Own, Whose::Team, Whose::OtherTeam], |world, actor, rows| {
            let meeting = meeting_of(world, actor);
            world.open_deal(rows.customer, Some(meeting))
        }),
        line("", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 0, None)),
        line("11 % without asking:", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 1_100, None)),
        line("11 % with a reason:", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 1_100, Some("老客戶"))),
        line("8 %:", Whose::ANYBODYS, |world, _, rows| ApproveDiscount { deal: rows.waiting, terms: terms(world, rows.waiting) }),
        line("15 %:", Whose::ANYBODYS, |world, _, rows| ApproveDiscount {
            deal: rows.waiting_for_manager,
            terms: terms(world, rows.waiting_for_manager),
        }),
        line("8 %:", Whose::ANYBODYS, |world, _, rows| refuse(world, rows.waiting)),
        line("15 %:", Whose::ANYBODYS, |world, _, rows| refuse(world, rows.waiting_for_manager)),
        line("", Whose::ANYBODYS, |world, _, rows| world.sign(rows.deal)),
        line("waiting for approval:", Whose::ANYBODYS, |world, _, rows| world.sign(rows.waiting_for_manager)),
        line("", Whose::ANYBODYS, |world, _, rows| RecordPayment {
            deal: rows.deal,
            payment: world.id(),
            amount: Money::new(100, Currency::Twd),
            method: PaymentMethod::Cash,
            photo: None,
        }),
        line("", Whose::ANYBODYS, |_, _, rows| CancelDeal { deal: rows.deal, reason: "改期".into() }),
    ]
}

/// What is done with a deal after it was signed: paid in part, or to be called off.
pub(super) fn after_the_signature() -> Vec<Line> {
    vec![
        line("", Whose::ANYBODYS, |_, _, rows| VoidPayment { deal: rows.signed, payment: rows.payment, reason: "重複".into() }),
        line("another version:", Whose::ANYBODYS, |world, _, rows| OpenDeal { replaces: Some(rows.signed), ..world.open_deal(rows.customer, None) }),
        line("", Whose::ANYBODYS, |_, _, rows| AskCancellation { deal: rows.signed, reason: "客戶改變主意".into() }),
        line("asked by the seller:", Whose::ANYBODYS, |world, _, rows| {
            let request = world.find::<Deal>(rows.unwanted).and_then(|deal| deal.cancellation.clone());
            RuleCancellation { deal: rows.unwanted, asked_at: request.map_or(world.now, |request| request.asked_at), refusal: None }
        }),
        line("called off:", Whose::ANYBODYS, |world, _, rows| RecordRefund {
            deal: rows.called_off,
            refund: world.id(),
            amount: Money::new(100, Currency::Twd),
            method: PaymentMethod::Cash,
            reason: "解約退費".into(),
        }),
        line("", Whose::ANYBODYS, |_, _, rows| ConfirmDelivery { deal: rows.signed }),
        line("", Whose::ANYBODYS, |_, _, rows| ShareContract { deal: rows.signed, link: LinkToken::of(&[7; 24]).hash() }),
        line("", Whose::ANYBODYS, |_, _, rows| WithdrawCopies { deal: rows.signed }),
        line("", Whose::ANYBODYS, |world, _, rows| {
            let (promotion, by) = (world.id(), world.manager);
            // In the other organisation there is no such deal.
            if let Some(mut deal) = world.find::<Deal>(rows.signed).map(|deal| (*deal).clone()) {
                let off = Money { minor: 0, ..deal.total };
                deal.lines[0].promotion = Some(Applied { promotion, version: 1, name: "年終優惠".into(), off });
                world.put(deal);
            }
            let versions = vec![Version { terms: terms_of_promotion(world), by, at: world.now }];
            world.put(Promotion { id: promotion, versions, withdrawn: None });
            HonourPromotion { promotion, deal: rows.signed, reason: "已答應客戶".into() }
        }),
    ]
}

/// A tenth off the book.
pub(super) fn terms_of_promotion(world: &World) -> Terms {
    let gives = Gives::Off { products: vec![world.book], least: 1, off: Reduction::Percent { off: 1_000 } };
    Terms {
        name: "年終優惠".into(), opens: world.now, closes: world.now + chrono::Duration::days(1), meetings: Vec::new(), gives, first: Some(1)
    }
}

fn change(world: &World, deal: DealId, discount: u16, reason: Option<&str>) -> ChangeDeal {
    let lines = vec![OrderLine { product: world.book, unit_price: Money::new(35_050, Currency::Twd), quantity: 1, promotion: None }];
    let (deposit, approval_reason) = (Money::new(0, Currency::Twd), reason.map(Into::into));
    ChangeDeal { deal, lines, discount, deposit, approval_reason, total: None, instalments: Vec::new() }
}

fn refuse(world: &World, deal: DealId) -> RefuseDiscount {
    RefuseDiscount { deal, terms: terms(world, deal), reason: "太多".into() }
}

fn terms(world: &World, deal: DealId) -> String {
    world.find::<Deal>(deal).map(|deal| deal.terms()).unwrap_or_default()
}

pub(super) fn signed_and_paid(world: &mut World, user: UserId, customer: CustomerId) -> (DealId, PaymentId) {
    let command = world.open_deal(customer, None);
    let (deal, payment) = (command.deal, world.id());
    world.apply(user, command).expect("within the rules");
    world.apply(user, world.sign(deal)).expect("within the rules");
    let amount = Money::new(500, Currency::Twd);
    world.apply(user, RecordPayment { deal, payment, amount, method: PaymentMethod::Cash, photo: None }).expect("within the rules");
    (deal, payment)
}
