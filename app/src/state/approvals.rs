//! Discounts above a limit (clause F1): what was asked, what became of it, and who may rule on it.
//!
//! Law: whether somebody may rule is asked of the shared rules, so that no button leads to a refusal.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use shared::Rejection;
use shared::deals::after::need_canceller;
use shared::deals::decide::need_ruler;
use shared::deals::{Approval, ApprovalState, Deal, Stage};
use shared::decide::{Actor, Stop};
use shared::ids::DealId;
use shared::money::{BasisPoints, Money};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// A request as it is shown on its deal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) deal: DealId,
    /// The terms that are looked at.
    pub(crate) terms: String,
    pub(crate) discount: BasisPoints,
    pub(crate) reason: String,
    pub(crate) asked_by: String,
    pub(crate) asked_at: Timestamp,
    pub(crate) state: State,
}

/// How far a request is, as seen by whoever looks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// It waits.
    Waiting(Ruler),
    /// The discount may be given.
    Granted { by: String, at: Timestamp },
    /// It may not.
    Refused { by: String, at: Timestamp, reason: String },
}

/// Who rules on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruler {
    /// Whoever looks.
    Me,
    /// Somebody else: it is one's own.
    Another,
    /// Somebody whose limit is above one's own, which is this.
    Above(BasisPoints),
}

/// What was asked about a deal's discount; none about a deal that was called off or needs no approval.
pub(crate) fn request(replica: &Replica, deal: &Deal, actor: &Actor) -> Option<Request> {
    let approval = deal.approval.as_ref().filter(|_| !matches!(deal.stage, Stage::Cancelled { .. }))?;
    let name = |user| name_of(replica, user);
    let state = match &approval.state {
        ApprovalState::Waiting => State::Waiting(ruler(replica, deal, approval, actor)),
        ApprovalState::Granted { by, at } => State::Granted { by: name(*by), at: *at },
        ApprovalState::Refused { by, at, reason } => State::Refused { by: name(*by), at: *at, reason: reason.clone() },
    };
    Some(Request {
        deal: deal.id,
        terms: deal.terms(),
        discount: deal.discount,
        reason: approval.reason.clone(),
        asked_by: name(approval.asked_by),
        asked_at: approval.asked_at,
        state,
    })
}

/// A request to call off a deal that was signed, as it is shown on it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cancellation {
    pub(crate) reason: String,
    pub(crate) asked_by: String,
    pub(crate) asked_at: Timestamp,
    /// What is to be given back if it is called off.
    pub(crate) paid: Money,
    /// Whether whoever looks rules on it.
    pub(crate) may_rule: bool,
    pub(crate) state: State,
}

/// What was asked about calling a deal off, and what became of it.
pub(crate) fn cancellation(replica: &Replica, deal: &Deal, actor: &Actor) -> Option<Cancellation> {
    let request = deal.cancellation.as_ref()?;
    let may_rule = deal.cancellation_waiting().is_some() && need_canceller(replica, deal, request, actor).is_ok();
    let name = |user| name_of(replica, user);
    let state = match &request.state {
        ApprovalState::Waiting => State::Waiting(if may_rule { Ruler::Me } else { Ruler::Another }),
        ApprovalState::Granted { by, at } => State::Granted { by: name(*by), at: *at },
        ApprovalState::Refused { by, at, reason } => State::Refused { by: name(*by), at: *at, reason: reason.clone() },
    };
    Some(Cancellation {
        reason: request.reason.clone(),
        asked_by: name(request.asked_by),
        asked_at: request.asked_at,
        paid: deal.paid(),
        may_rule,
        state,
    })
}

/// A deal on the list of somebody who rules on discounts, or of its seller.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which.
    pub deal: DealId,
    /// To whom it is sold.
    pub buyer: String,
    /// By whom.
    pub seller: String,
    /// How much is asked for.
    pub discount: BasisPoints,
    /// What remains to be paid.
    pub total: Money,
}

/// The deals on which somebody rules, or whose discounts were ruled on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Discounts {
    /// On which they may rule, those that wait longest first.
    pub(crate) to_rule_on: Vec<Asked>,
    /// Signed ones that somebody asks to call off, and they may rule on that.
    pub(crate) to_call_off: Vec<Asked>,
    /// Their own that were approved: to be signed.
    pub(crate) granted: Vec<Asked>,
    /// Their own that were refused: to be changed.
    pub(crate) refused: Vec<Asked>,
}

/// What concerns somebody, found in one pass: a manager's device holds every deal there is.
pub(crate) fn discounts(replica: &Replica, actor: &Actor) -> Discounts {
    let [mut to_rule_on, mut to_call_off, mut granted, mut refused] = [const { Vec::new() }; 4];
    for deal in replica.all::<Deal>() {
        if let Some(request) = deal.cancellation_waiting()
            && need_canceller(replica, deal, request, actor).is_ok()
        {
            to_call_off.push((request.asked_at, deal));
        }
        if deal.stage != Stage::Quoted {
            continue;
        }
        let is_own = deal.seller == actor.user;
        match deal.approval.as_ref().map(|approval| (approval, &approval.state)) {
            Some((approval, ApprovalState::Waiting)) if ruler(replica, deal, approval, actor) == Ruler::Me => {
                to_rule_on.push((approval.asked_at, deal));
            }
            Some((_, ApprovalState::Granted { .. })) if is_own => granted.push((deal.opened_at, deal)),
            Some((_, ApprovalState::Refused { .. })) if is_own => refused.push((deal.opened_at, deal)),
            _ => {}
        }
    }
    let rows = |mut found: Vec<(Timestamp, &Arc<Deal>)>| {
        found.order_by_key(|(at, deal)| (*at, deal.id));
        found.into_iter().map(|(_, deal)| asked(replica, deal)).collect()
    };
    Discounts { to_rule_on: rows(to_rule_on), to_call_off: rows(to_call_off), granted: rows(granted), refused: rows(refused) }
}

fn asked(replica: &Replica, deal: &Deal) -> Asked {
    Asked { deal: deal.id, buyer: deal.buyer.clone(), seller: name_of(replica, deal.seller), discount: deal.discount, total: deal.total }
}

fn ruler(replica: &Replica, deal: &Deal, approval: &Approval, actor: &Actor) -> Ruler {
    match need_ruler(replica, deal, approval, actor) {
        Ok(()) => Ruler::Me,
        Err(Stop::Rejected(Rejection::DiscountAboveLimit { limit, .. })) => Ruler::Above(limit),
        Err(_) => Ruler::Another,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::deals::command::{ApproveDiscount, OpenDeal, RefuseDiscount};
    use shared::ids::UserId;
    use shared::testing::World;

    fn ask(world: &mut World, discount: BasisPoints) -> DealId {
        let command = OpenDeal { discount, approval_reason: Some("老客戶".into()), ..world.open_deal(world.customer, None) };
        let deal = command.deal;
        world.apply(world.rep, command).expect("asked with a reason");
        deal
    }

    fn seen(world: &World, deal: DealId, user: UserId) -> State {
        request(&world.replica(user), &world.get::<Deal>(deal), &world.actor(user)).expect("asked").state
    }

    fn ids(rows: Vec<Asked>) -> Vec<DealId> {
        rows.into_iter().map(|row| row.deal).collect()
    }

    fn list(world: &World, user: UserId) -> Vec<DealId> {
        ids(discounts(&world.replica(user), &world.actor(user)).to_rule_on)
    }

    #[test]
    fn a_waiting_discount_is_found_by_those_who_may_rule_on_it_and_the_longest_wait_comes_first() {
        let mut world = World::new();
        let (first, above, second) = (ask(&mut world, 800), ask(&mut world, 1_500), ask(&mut world, 600));
        assert_eq!(list(&world, world.supervisor), [first, second]);
        assert_eq!(list(&world, world.manager), [first, above, second]);
        for user in [world.rep, world.colleague, world.other_supervisor, world.administrator] {
            assert_eq!(list(&world, user), []);
        }
        assert_eq!(seen(&world, first, world.supervisor), State::Waiting(Ruler::Me));
        assert_eq!(seen(&world, above, world.supervisor), State::Waiting(Ruler::Above(1_000)));
        assert_eq!(seen(&world, first, world.rep), State::Waiting(Ruler::Another));
    }

    #[test]
    fn a_ruling_leaves_the_supervisors_list_and_comes_to_the_sellers_until_the_deal_is_signed() {
        let mut world = World::new();
        let (good, bad) = (ask(&mut world, 800), ask(&mut world, 900));
        let terms = |world: &World, deal| world.get::<Deal>(deal).terms();
        let at = world.now;
        world.apply(world.supervisor, ApproveDiscount { deal: good, terms: terms(&world, good) }).expect("within her limit");
        assert_eq!(seen(&world, good, world.rep), State::Granted { by: "黃志明".into(), at });
        let at = world.now;
        let refusal = RefuseDiscount { deal: bad, terms: terms(&world, bad), reason: "太多".into() };
        world.apply(world.supervisor, refusal).expect("within her limit");
        assert_eq!(seen(&world, bad, world.rep), State::Refused { by: "黃志明".into(), at, reason: "太多".into() });
        assert_eq!(list(&world, world.supervisor), []);

        let told = |world: &World, user| {
            let Discounts { granted, refused, .. } = discounts(&world.replica(user), &world.actor(user));
            [granted, refused].map(ids)
        };
        assert_eq!(told(&world, world.rep), [vec![good], vec![bad]]);
        assert_eq!(told(&world, world.supervisor), [vec![], vec![]], "not hers");
        world.apply(world.rep, world.sign(good)).expect("approved");
        assert_eq!(told(&world, world.rep), [vec![], vec![bad]]);
    }
}
