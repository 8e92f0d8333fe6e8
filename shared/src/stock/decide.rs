//! Rules about stock. What was handed out is never refused for want of stock, nor because the guest has one already: it is counted, and told.

use super::command::*;
use super::{Due, Handout, HandoutReceipt, Item, ItemPlan, ItemStanding, Receipt, Share, Sort, TakenBack};
use crate::check_ins::decide::need_duty;
use crate::deals::decide::check_strokes;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::ItemId;
use crate::meetings::Meeting;
use crate::meetings::decide::planned;
use crate::record::Index;
use crate::seating::Desk;
use crate::seating::decide::{DESK_NAME_MAX, need_guest, need_planner};
use std::sync::Arc;

/// Most of one item.
pub const QUANTITY_MAX: i64 = 1_000_000;
/// Most items of a meeting.
pub const MOST_ITEMS: usize = 300;
const MOST_SHARES: usize = 100;
const REASON_MAX: usize = 500;

/// Plans an item.
pub(crate) fn plan_item<V: View + ?Sized>(view: &V, args: &PlanItem, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_keeper(view, &meeting, context)?;
    let plan = checked(&args.plan)?;
    view.need_free::<Item>(args.item)?;
    length(Field::Item, view.list::<Item>(&Index::ItemsByMeeting(meeting.id))?.len() + 1, 1, MOST_ITEMS as i64)?;
    let (id, meeting, standing) = (args.item, meeting.id, ItemStanding::InUse);
    Ok(vec![Patch::put(Item { id, meeting, plan, standing, arrived: 0, returned: 0, shares: Vec::new() })])
}

/// Changes the plan of an item, or withdraws it.
pub(crate) fn edit_item<V: View + ?Sized>(view: &V, args: &EditItem, context: &Context<'_>) -> Decision {
    let item = view.need::<Item>(args.item)?;
    need_keeper(view, &*planned(view, item.meeting)?, context)?;
    let plan = checked(&args.plan)?;
    Ok(vec![Patch::put(Item { plan, standing: args.standing, ..(*item).clone() })])
}

/// Gives a desk its share. More than has arrived may be promised: that is a shortage to be seen, not a mistake to be refused.
pub(crate) fn allot_item<V: View + ?Sized>(view: &V, args: &AllotItem, context: &Context<'_>) -> Decision {
    let item = view.need::<Item>(args.item)?;
    need_duty(view, &*planned(view, item.meeting)?, context)?;
    if view.need::<Desk>(args.desk)?.meeting != item.meeting {
        return Err(Rejection::NotFound { kind: Kind::Desk }.into());
    }
    within(Field::Quantity, i64::from(args.quantity), 0, QUANTITY_MAX)?;
    let mut shares: Vec<Share> = item.shares.iter().filter(|share| share.desk != args.desk).copied().collect();
    if args.quantity > 0 {
        shares.push(Share { desk: args.desk, quantity: args.quantity });
    }
    length(Field::Desk, shares.len(), 0, MOST_SHARES as i64)?;
    shares.sort_unstable_by_key(|share| share.desk);
    Ok(vec![Patch::put(Item { shares, ..(*item).clone() })])
}

/// Counts what has arrived.
pub(crate) fn count_arrival<V: View + ?Sized>(view: &V, args: &CountArrival, context: &Context<'_>) -> Decision {
    let item = counted_item(view, args.item, context)?;
    let arrived = moved(item.arrived, args.quantity)?;
    Ok(vec![Patch::put(Item { arrived, ..(*item).clone() })])
}

/// Counts what went back.
pub(crate) fn count_return<V: View + ?Sized>(view: &V, args: &CountReturn, context: &Context<'_>) -> Decision {
    let item = counted_item(view, args.item, context)?;
    let returned = moved(item.returned, args.quantity)?;
    Ok(vec![Patch::put(Item { returned, ..(*item).clone() })])
}

/// Hands one out. Whether the share still had one, and whether the guest had one already, is counted and told, not refused.
pub(crate) fn hand_out<V: View + ?Sized>(view: &V, args: &HandOut, context: &Context<'_>) -> Decision {
    let item = view.need::<Item>(args.item)?;
    need_duty(view, &*planned(view, item.meeting)?, context)?;
    view.need_free::<Handout>(args.handout)?;
    need_guest(view, item.meeting, args.guest)?;
    line(Field::Desk, &args.desk_name, DESK_NAME_MAX)?;
    let receipt = if args.strokes.is_empty() { Receipt::None } else { Receipt::Signature };
    match (item.plan.receipt, receipt) {
        (Receipt::Signature, Receipt::None) => return Err(Rejection::Required { field: Field::Signature }.into()),
        (_, Receipt::Signature) => check_strokes(&args.strokes)?,
        (Receipt::None, Receipt::None) => {}
    }
    let (at, by, device) = (context.at, context.actor.user, context.device);
    let handout = Handout {
        id: args.handout,
        meeting: item.meeting,
        item: item.id,
        guest: args.guest,
        desk: args.desk,
        desk_name: tidy(&args.desk_name),
        at,
        by,
        device,
        receipt,
        undone: None,
    };
    let signed = (receipt == Receipt::Signature).then(|| HandoutReceipt { handout: args.handout, by, at, strokes: args.strokes.clone() });
    Ok([Some(Patch::put(handout)), signed.map(Patch::put)].into_iter().flatten().collect())
}

/// Takes a handout back; it stays visible, with the reason.
pub(crate) fn undo_hand_out<V: View + ?Sized>(view: &V, args: &UndoHandOut, context: &Context<'_>) -> Decision {
    let handout = view.need::<Handout>(args.handout)?;
    need_duty(view, &*view.need::<Meeting>(handout.meeting)?, context)?;
    if handout.undone.is_some() {
        return Err(Rejection::AlreadyEnded.into());
    }
    required_text(Field::Reason, &args.reason, REASON_MAX)?;
    let undone = Some(TakenBack { at: context.at, by: context.actor.user, reason: tidy(&args.reason) });
    Ok(vec![Patch::put(Handout { undone, ..(*handout).clone() })])
}

/// Who plans the stock of a meeting: managers, marketing and office of any, supervisors where their people are on duty.
fn need_keeper<V: View + ?Sized>(view: &V, meeting: &Meeting, context: &Context<'_>) -> Result<(), Stop> {
    match context.actor.role {
        Role::Marketing | Role::Office => Ok(()),
        _ => {
            need_duty(view, meeting, context)?;
            need_planner(context)
        }
    }
}

/// An item that may be counted by whoever is on duty or prepares it, also after a meeting was called off: what was bought for it is still there.
fn counted_item<V: View + ?Sized>(view: &V, item: ItemId, context: &Context<'_>) -> Result<Arc<Item>, Stop> {
    let item = view.need::<Item>(item)?;
    if !matches!(context.actor.role, Role::Marketing | Role::Office) {
        need_duty(view, &*view.need::<Meeting>(item.meeting)?, context)?;
    }
    Ok(item)
}

fn checked(plan: &ItemPlan) -> Result<ItemPlan, Stop> {
    required(Field::Item, &plan.name, NAME_MAX)?;
    within(Field::Quantity, i64::from(plan.planned), 0, QUANTITY_MAX)?;
    within(Field::Quantity, i64::from(plan.low_at), 0, QUANTITY_MAX)?;
    // A projector is nobody's to take home.
    let due = if plan.sort == Sort::Equipment { Due::Nobody } else { plan.due };
    Ok(ItemPlan { name: tidy(&plan.name), due, ..plan.clone() })
}

fn moved(count: u32, by: i32) -> Result<u32, Stop> {
    let after = i64::from(count) + i64::from(by);
    if by == 0 {
        return Err(Rejection::Required { field: Field::Quantity }.into());
    }
    within(Field::Quantity, after, 0, QUANTITY_MAX)?;
    Ok(u32::try_from(after).map_err(|_| Rejection::OutOfRange { field: Field::Quantity, min: 0, max: QUANTITY_MAX })?)
}
