//! Stock as people see it (clauses C3, D4, D7): what is left where, who goes without, and what a guest is to get and has got.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::seats::guest_name;
use crate::state::venue::first_arrivals;
use shared::ids::{DeskId, GuestId, HandoutId, ItemId, MeetingId};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::record::Index;
use shared::seating::Desk;
use shared::stock::count::{ItemCount, count, without};
use shared::stock::{Due, Handout, Item, ItemStanding, Receipt, Sort};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An item with everything that its page tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ItemView {
    pub(crate) item: Arc<Item>,
    pub(crate) count: ItemCount,
    /// Every open desk, and closed ones that had some.
    pub(crate) desks: Vec<DeskShare>,
    pub(crate) shortages: Vec<ShortageView>,
    /// Names of expected guests for whom nothing is left.
    pub(crate) without: Vec<String>,
    /// Names of guests who have more than one, and how many.
    pub(crate) twice: Vec<(String, usize)>,
}

/// A desk's part of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeskShare {
    pub(crate) desk: DeskId,
    pub(crate) name: String,
    pub(crate) share: i64,
    pub(crate) handed_out: i64,
}

/// More handed out than there was, with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShortageView {
    /// The desk's name; none if it is lacking in the whole.
    pub(crate) desk: Option<String>,
    pub(crate) missing: i64,
    pub(crate) guests: Vec<String>,
}

impl ItemView {
    /// Whether somebody should look at it.
    pub(crate) const fn is_short(&self) -> bool {
        !self.shortages.is_empty() || !self.without.is_empty() || self.count.promised_twice > 0
    }
}

/// The items of a meeting: what is short first, then by sort and name; what was withdrawn last.
pub(crate) fn items(replica: &Replica, meeting: MeetingId) -> Vec<ItemView> {
    let handouts = replica.nouns::<Handout>(&Index::HandoutsByMeeting(meeting));
    let desks = replica.nouns::<Desk>(&Index::DesksByMeeting(meeting));
    let expected = expected(replica, meeting);
    let view = |item: &Arc<Item>| {
        let of_it = || handouts.iter().map(|handout| &***handout);
        let count = count(item, of_it());
        let share = |desk: &&Arc<Desk>| {
            let numbers = count.desks.get(&desk.id).copied();
            let is_shown = numbers.is_some() || desk.standing == shared::seating::DeskStanding::Open;
            let numbers = numbers.unwrap_or_default();
            is_shown.then(|| DeskShare { desk: desk.id, name: desk.name.clone(), share: numbers.share, handed_out: numbers.handed_out })
        };
        let mut shares: Vec<_> = desks.iter().filter_map(share).collect();
        shares.order_by(|a, b| (&a.name, a.desk).cmp(&(&b.name, b.desk)));
        let names = |guests: &[GuestId]| guests.iter().map(|guest| guest_name(replica, *guest)).collect::<Vec<_>>();
        let in_use = item.standing == ItemStanding::InUse;
        ItemView {
            desks: shares,
            shortages: count
                .shortages
                .iter()
                .map(|short| ShortageView {
                    desk: short.desk.map(|desk| desk_name(replica, desk)),
                    missing: short.missing,
                    guests: names(&short.guests),
                })
                .collect(),
            without: if in_use { names(&without(item, &count, of_it(), &expected)) } else { Vec::new() },
            twice: count.twice.iter().map(|(guest, handouts)| (guest_name(replica, *guest), handouts.len())).collect(),
            count,
            item: Arc::clone(item),
        }
    };
    let mut items: Vec<_> = replica.nouns::<Item>(&Index::ItemsByMeeting(meeting)).into_iter().map(view).collect();
    let rank = |view: &ItemView| (view.item.standing == ItemStanding::Withdrawn, !view.is_short(), sort_rank(view.item.plan.sort));
    items.order_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.item.plan.name.cmp(&b.item.plan.name)).then(a.item.id.cmp(&b.item.id)));
    items
}

const fn sort_rank(sort: Sort) -> u8 {
    match sort {
        Sort::Gift => 0,
        Sort::Material => 1,
        Sort::Equipment => 2,
    }
}

/// Who should get what every guest gets: those who are in as they came, then those who are expected.
fn expected(replica: &Replica, meeting: MeetingId) -> Vec<GuestId> {
    let arrived = first_arrivals(replica, meeting);
    let mut guests: Vec<_> = arrived.values().map(|check_in| (check_in.at, check_in.guest)).collect();
    guests.order_by_key(|guest| *guest);
    let mut expected: Vec<GuestId> = guests.into_iter().map(|(_, guest)| guest).collect();
    let cards = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
    let comes = |card: &&&Arc<Guest>| card.origin == GuestOrigin::Invited && card.standing != Standing::Revoked && !arrived.contains_key(&card.id);
    expected.extend(cards.iter().filter(comes).map(|card| card.id));
    expected
}

fn desk_name(replica: &Replica, desk: DeskId) -> String {
    replica.noun::<Desk>(desk).map(|desk| desk.name.clone()).unwrap_or_default()
}

/// Something for a guest, as the door shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForGuest {
    pub(crate) item: ItemId,
    pub(crate) name: String,
    pub(crate) sort: Sort,
    /// Every guest gets one.
    pub(crate) is_due: bool,
    pub(crate) asks_signature: bool,
    /// The handouts that stand, the first one first.
    pub(crate) had: Vec<Handed>,
    /// What was taken back, with the reason.
    pub(crate) taken_back: Vec<(Handed, String)>,
    pub(crate) stock: Stock,
}

/// A handout as it is told: when, where, by whom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handed {
    pub(crate) handout: HandoutId,
    pub(crate) at: Timestamp,
    pub(crate) desk: String,
    pub(crate) by: String,
    pub(crate) is_signed: bool,
}

/// Whether a desk still has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stock {
    /// So many.
    Enough(i64),
    /// So few that somebody should fetch more.
    Low(i64),
    /// None by the count. What is in the box all the same can be handed out.
    Out,
}

impl ForGuest {
    /// Whether one tap hands it out: it is due and the guest has none.
    pub(crate) const fn is_owed(&self) -> bool {
        self.is_due && self.had.is_empty()
    }
}

/// What a guest gets or may get at a desk. With a share of its own the desk's count says what is left, else the whole meeting's.
pub(crate) fn for_guest(replica: &Replica, meeting: MeetingId, guest: GuestId, desk: Option<DeskId>) -> Vec<ForGuest> {
    let all = replica.nouns::<Handout>(&Index::HandoutsByMeeting(meeting));
    let his = replica.nouns::<Handout>(&Index::HandoutsByGuest(guest));
    let handed = |handout: &Handout| Handed {
        handout: handout.id,
        at: handout.at,
        desk: handout.desk_name.clone(),
        by: name_of(replica, handout.by),
        is_signed: handout.receipt == Receipt::Signature,
    };
    let view = |item: &Arc<Item>| {
        let of_it = his.iter().filter(|handout| handout.item == item.id);
        let mut had: Vec<_> = of_it.clone().filter(|handout| handout.undone.is_none()).map(|handout| handed(handout)).collect();
        had.order_by_key(|handed| (handed.at, handed.handout));
        let taken_back = of_it.filter_map(|handout| Some((handed(handout), handout.undone.as_ref()?.reason.clone()))).collect();
        ForGuest {
            item: item.id,
            name: item.plan.name.clone(),
            sort: item.plan.sort,
            is_due: item.plan.due == Due::EveryGuest && item.standing == ItemStanding::InUse,
            asks_signature: item.plan.receipt == Receipt::Signature,
            had,
            taken_back,
            stock: stock(item, &count(item, all.iter().map(|handout| &***handout)), desk),
        }
    };
    let is_for_guests = |item: &&Arc<Item>| item.plan.due != Due::Nobody;
    let mut gifts: Vec<_> = replica.nouns::<Item>(&Index::ItemsByMeeting(meeting)).into_iter().filter(is_for_guests).map(view).collect();
    let withdrawn: BTreeSet<ItemId> = replica
        .nouns::<Item>(&Index::ItemsByMeeting(meeting))
        .into_iter()
        .filter(|item| item.standing == ItemStanding::Withdrawn)
        .map(|item| item.id)
        .collect();
    // What was withdrawn is shown to whoever has one, so that it can be taken back.
    gifts.retain(|gift| !withdrawn.contains(&gift.item) || !gift.had.is_empty());
    gifts.order_by(|a, b| {
        (!a.is_owed(), sort_rank(a.sort)).cmp(&(!b.is_owed(), sort_rank(b.sort))).then_with(|| a.name.cmp(&b.name)).then(a.item.cmp(&b.item))
    });
    gifts
}

fn stock(item: &Item, count: &ItemCount, desk: Option<DeskId>) -> Stock {
    // Where nothing is shared out, everybody hands out of one heap.
    let own = desk.filter(|_| !item.shares.is_empty()).map(|desk| count.desks.get(&desk).copied().unwrap_or_default().left());
    match own.unwrap_or(count.left) {
        left if left <= 0 => Stock::Out,
        left if left <= i64::from(item.plan.low_at) => Stock::Low(left),
        left => Stock::Enough(left),
    }
}

/// Names of what a guest is to get and has not got: for the brief at the door.
pub(crate) fn due(replica: &Replica, meeting: MeetingId, guest: GuestId) -> Vec<String> {
    let has: BTreeSet<ItemId> =
        replica.nouns::<Handout>(&Index::HandoutsByGuest(guest)).into_iter().filter(|handout| handout.undone.is_none()).map(|it| it.item).collect();
    let items = replica.nouns::<Item>(&Index::ItemsByMeeting(meeting));
    let is_due = |item: &&Arc<Item>| item.plan.due == Due::EveryGuest && item.standing == ItemStanding::InUse && !has.contains(&item.id);
    let mut due: Vec<_> = items.into_iter().filter(is_due).collect();
    due.order_by(|a, b| sort_rank(a.plan.sort).cmp(&sort_rank(b.plan.sort)).then_with(|| a.plan.name.cmp(&b.plan.name)).then(a.id.cmp(&b.id)));
    due.into_iter().map(|item| item.plan.name.clone()).collect()
}

/// An item in numbers: for the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StockCount {
    pub(crate) item: ItemId,
    pub(crate) name: String,
    pub(crate) sort: Sort,
    pub(crate) planned: u32,
    pub(crate) arrived: u32,
    pub(crate) handed_out: i64,
    pub(crate) left: i64,
    /// When the last one was handed out.
    pub(crate) last: Option<Timestamp>,
}

/// Each item in use of a meeting in numbers: gifts first.
pub(crate) fn by_item(replica: &Replica, meeting: MeetingId) -> Vec<StockCount> {
    let handouts = replica.nouns::<Handout>(&Index::HandoutsByMeeting(meeting));
    let numbers = |item: &Arc<Item>| {
        let count = count(item, handouts.iter().map(|handout| &***handout));
        StockCount {
            item: item.id,
            name: item.plan.name.clone(),
            sort: item.plan.sort,
            planned: item.plan.planned,
            arrived: item.arrived,
            handed_out: count.handed_out,
            left: count.left,
            last: handouts.iter().filter(|handout| handout.item == item.id && handout.undone.is_none()).map(|handout| handout.at).max(),
        }
    };
    let in_use = replica.nouns::<Item>(&Index::ItemsByMeeting(meeting)).into_iter().filter(|item| item.standing == ItemStanding::InUse);
    let mut items: Vec<_> = in_use.map(numbers).collect();
    items.order_by(|a, b| sort_rank(a.sort).cmp(&sort_rank(b.sort)).then_with(|| a.name.cmp(&b.name)).then(a.item.cmp(&b.item)));
    items
}

/// A number as it is typed; none for what is no number that people mean.
pub(crate) fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::ids::UserId;
    use shared::seating::command::OpenDesk;
    use shared::stock::ItemPlan;
    use shared::stock::command::*;

    fn plan(name: &str, due: Due) -> ItemPlan {
        ItemPlan { name: name.to_owned(), sort: Sort::Gift, planned: 5, low_at: 1, due, receipt: Receipt::None }
    }

    fn item(world: &mut World, plan: ItemPlan, arrived: i32) -> ItemId {
        let item = world.id();
        world.apply(world.manager, PlanItem { item, meeting: world.meeting, plan }).expect("managers plan");
        if arrived > 0 {
            world.apply(world.rep, CountArrival { item, quantity: arrived }).expect("on duty");
        }
        item
    }

    fn desk(world: &mut World, name: &str) -> DeskId {
        let desk = world.id();
        world.apply(world.rep, OpenDesk { desk, meeting: world.meeting, name: name.to_owned() }).expect("on duty");
        desk
    }

    fn guest(world: &mut World, name: &str) -> GuestId {
        let customer = world.add_customer(world.rep, name);
        world.expect_guest(world.meeting, customer)
    }

    fn hand_out(world: &mut World, by: UserId, item: ItemId, guest: GuestId, desk: DeskId) -> HandoutId {
        let handout = world.id();
        let command = HandOut { handout, item, guest, desk: Some(desk), desk_name: "A 檯".to_owned(), strokes: Vec::new() };
        world.apply(by, command).expect("on duty");
        handout
    }

    #[test]
    fn d4_what_a_guest_had_is_told_with_when_where_and_by_whom_and_stays_after_an_undo() {
        let mut world = World::new();
        let (cup, desk) = (item(&mut world, plan("保溫杯", Due::EveryGuest), 5), desk(&mut world, "A 檯"));
        let guest = guest(&mut world, "王大");
        assert_eq!(due(&world.replica(world.rep), world.meeting, guest), ["保溫杯"]);
        let at = world.now;
        let colleague = world.colleague;
        let handout = hand_out(&mut world, colleague, cup, guest, desk);
        let replica = world.replica(world.rep);
        let [gift] = &for_guest(&replica, world.meeting, guest, Some(desk))[..] else { panic!("one gift") };
        let told = Handed { handout, at, desk: "A 檯".into(), by: "吳宗翰".into(), is_signed: false };
        assert_eq!((gift.had.as_slice(), gift.is_owed()), ([told.clone()].as_slice(), false));
        assert!(due(&replica, world.meeting, guest).is_empty());

        world.apply(world.rep, UndoHandOut { handout, reason: "拿錯顏色".into() }).expect("on duty");
        let replica = world.replica(world.rep);
        let [gift] = &for_guest(&replica, world.meeting, guest, Some(desk))[..] else { panic!("one gift") };
        assert_eq!(gift.taken_back, [(told, "拿錯顏色".to_owned())]);
        assert!(gift.is_owed());
    }

    #[test]
    fn d4_a_desk_is_warned_by_its_own_share_and_by_the_whole_where_nothing_is_shared_out() {
        let mut world = World::new();
        let cup = item(&mut world, plan("保溫杯", Due::EveryGuest), 3);
        let (a, b) = (desk(&mut world, "A"), desk(&mut world, "B"));
        let guests: Vec<_> = ["甲", "乙"].iter().map(|name| guest(&mut world, name)).collect();
        let stock = |world: &World, desk| for_guest(&world.replica(world.rep), world.meeting, guests[1], Some(desk))[0].stock;
        assert_eq!(stock(&world, a), Stock::Enough(3));
        world.apply(world.rep, AllotItem { item: cup, desk: a, quantity: 2 }).expect("on duty");
        assert_eq!((stock(&world, a), stock(&world, b)), (Stock::Enough(2), Stock::Out));
        let rep = world.rep;
        hand_out(&mut world, rep, cup, guests[0], a);
        assert_eq!(stock(&world, a), Stock::Low(1));
        hand_out(&mut world, rep, cup, guests[0], a);
        assert_eq!(stock(&world, a), Stock::Out);
    }

    #[test]
    fn c3_a_shortage_names_the_guests_and_stands_above_what_is_well() {
        let mut world = World::new();
        item(&mut world, plan("手冊", Due::SomeGuests), 9);
        let cup = item(&mut world, plan("保溫杯", Due::EveryGuest), 1);
        let a = desk(&mut world, "A");
        world.apply(world.rep, AllotItem { item: cup, desk: a, quantity: 1 }).expect("on duty");
        let guests: Vec<_> = ["甲", "乙", "丙"].iter().map(|name| guest(&mut world, name)).collect();
        let rep = world.rep;
        for guest in &guests[..2] {
            hand_out(&mut world, rep, cup, *guest, a);
        }
        hand_out(&mut world, rep, cup, guests[0], a);
        let items = items(&world.replica(rep), world.meeting);
        let names: Vec<_> = items.iter().map(|view| view.item.plan.name.as_str()).collect();
        assert_eq!(names, ["保溫杯", "手冊"]);
        let at_a = ShortageView { desk: Some("A".into()), missing: 2, guests: vec!["乙".into(), "甲".into()] };
        assert_eq!(items[0].shortages[0], at_a);
        assert_eq!((items[0].without.as_slice(), items[0].twice.as_slice()), (["丙".to_owned()].as_slice(), [("甲".to_owned(), 2)].as_slice()));
        assert!(!items[1].is_short());
        let counts: Vec<_> = by_item(&world.replica(rep), world.meeting).iter().map(|count| (count.handed_out, count.left)).collect();
        assert_eq!(counts, [(3, -2), (0, 9)]);
    }

    #[test]
    fn c3_what_was_withdrawn_is_due_to_nobody_and_shown_to_whoever_has_one() {
        let mut world = World::new();
        let cup = item(&mut world, plan("保溫杯", Due::EveryGuest), 2);
        let a = desk(&mut world, "A");
        let (had, not) = (guest(&mut world, "甲"), guest(&mut world, "乙"));
        let rep = world.rep;
        hand_out(&mut world, rep, cup, had, a);
        world.apply(world.manager, EditItem { item: cup, plan: plan("保溫杯", Due::EveryGuest), standing: ItemStanding::Withdrawn }).expect("plan");
        let replica = world.replica(rep);
        assert_eq!(for_guest(&replica, world.meeting, had, Some(a)).len(), 1);
        assert!(for_guest(&replica, world.meeting, not, Some(a)).is_empty() && due(&replica, world.meeting, not).is_empty());
        assert!(by_item(&replica, world.meeting).is_empty());
    }

    #[test]
    fn c3_numbers_are_read_as_they_are_typed() {
        assert_eq!((number(" 12 "), number(""), number("-1"), number("many")), (Some(12), None, None, None));
    }
}
