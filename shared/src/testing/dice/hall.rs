//! Drawn commands about desks, tables, seats and stock.

use super::{Choices, Dice, ids, name, signature};
use crate::command::Command;
use crate::ids::{DeskId, GuestId, ItemId, MeetingId, SeatingId, TableId};
use crate::meetings::Guest;
use crate::seating::command::*;
use crate::seating::{DeskStanding, Seat, SeatRange, Shape};
use crate::stock::command::*;
use crate::stock::{Due, ItemPlan, ItemStanding, Receipt, Sort};
use crate::time::Timestamp;
use std::sync::Arc;

impl Choices {
    pub(super) fn draw_of_hall(&self, now: Timestamp, dice: &mut Dice) -> Command {
        match dice.below(32) {
            0 | 1 => OpenDesk { desk: dice.id(), meeting: self.meeting(dice), name: format!("{}檯", name(dice)) }.into(),
            2 => {
                let standing = if dice.once_in(2) { DeskStanding::Open } else { DeskStanding::Closed };
                EditDesk { desk: self.desk(dice), name: "B".into(), standing }.into()
            }
            3 | 4 => StaffDesk { desk: self.desk(dice), take_over: dice.once_in(3) }.into(),
            5..8 => self.lease(now, dice).into(),
            8 => ReturnSeats { desk: self.desk(dice) }.into(),
            9..12 => self.put_tables(dice).into(),
            12 => {
                let (meeting, table) = self.table(dice);
                RemoveTables { meeting, tables: vec![table] }.into()
            }
            13 => BlockSeats { table: self.table(dice).1, blocked: vec![1 + dice.below(12) as u16] }.into(),
            14..18 => self.give(dice).into(),
            18 => TakeBackSeat { seating: self.seating(dice), reason: "換桌".into() }.into(),
            19 => {
                let (meeting, _) = self.guest(dice);
                ReleaseNoShows { meeting, seatings: vec![self.seating(dice)] }.into()
            }
            20 | 21 => RuleSeats { keep: self.seating(dice) }.into(),
            22 => SetNoShowTime { meeting: self.meeting(dice), after: dice.once_in(2).then_some(now) }.into(),
            23 => PlanItem { item: dice.id(), meeting: self.meeting(dice), plan: item_plan(dice) }.into(),
            24 => {
                let standing = if dice.once_in(3) { ItemStanding::Withdrawn } else { ItemStanding::InUse };
                EditItem { item: self.item(dice), plan: item_plan(dice), standing }.into()
            }
            25..28 => self.allot(dice).into(),
            28 => CountArrival { item: self.item(dice), quantity: dice.below(60) as i32 - 10 }.into(),
            29 => CountReturn { item: self.item(dice), quantity: dice.below(20) as i32 - 4 }.into(),
            30 => self.hand_out(dice).into(),
            _ => UndoHandOut { handout: dice.known_or_new(&ids(&self.handouts, |it| it.id)), reason: "拿錯".into() }.into(),
        }
    }

    fn desk(&self, dice: &mut Dice) -> DeskId {
        dice.known_or_new(&ids(&self.desks, |desk| desk.id))
    }

    fn item(&self, dice: &mut Dice) -> ItemId {
        dice.known_or_new(&ids(&self.items, |item| item.id))
    }

    fn seating(&self, dice: &mut Dice) -> SeatingId {
        dice.known_or_new(&ids(&self.seatings, |seating| seating.id))
    }

    fn table(&self, dice: &mut Dice) -> (MeetingId, TableId) {
        match dice.pick(&self.tables) {
            Some(table) if !dice.once_in(20) => (table.meeting, table.id),
            _ => (self.meeting(dice), dice.id()),
        }
    }

    fn guest(&self, dice: &mut Dice) -> (MeetingId, GuestId) {
        match dice.pick(&self.guests) {
            Some(guest) if !dice.once_in(20) => (guest.meeting, guest.id),
            _ => (self.meeting(dice), dice.id()),
        }
    }

    fn lease(&self, now: Timestamp, dice: &mut Dice) -> LeaseSeats {
        let desk = dice.pick(&self.desks);
        let here: Vec<_> = self.tables.iter().filter(|table| desk.as_ref().is_none_or(|desk| desk.meeting == table.meeting)).collect();
        let table = dice.pick(&here);
        let last = table.map_or(1, |table| table.seats);
        let from = 1 + dice.below(u64::from(last)) as u16;
        let range = SeatRange { table: table.map_or_else(|| dice.id(), |table| table.id), from, to: last };
        let until = now + chrono::Duration::minutes(dice.below(600) as i64 - 60);
        LeaseSeats { desk: desk.map_or_else(|| dice.id(), |desk| desk.id), seats: vec![range], until }
    }

    fn put_tables(&self, dice: &mut Dice) -> PutTables {
        let (meeting, known) = if dice.once_in(3) { self.table(dice) } else { (self.meeting(dice), dice.id()) };
        let shape = if dice.once_in(2) { Shape::Round } else { Shape::Row };
        let drawn = |table, dice: &mut Dice| DrawnTable {
            table,
            name: format!("{}", dice.below(30)),
            shape,
            seats: 1 + dice.below(12) as u16,
            x: dice.below(2_000) as i32,
            y: dice.below(2_000) as i32,
            turn: dice.below(370) as u16,
        };
        let tables = [known, dice.id()].map(|table| drawn(table, dice));
        PutTables { meeting, tables: tables.into_iter().take(1 + dice.below(2) as usize).collect() }
    }

    /// Mostly a seat that is there, now and then one that somebody has.
    fn give(&self, dice: &mut Dice) -> GiveSeats {
        let (meeting, guest) = self.guest(dice);
        let here: Vec<_> = self.tables.iter().filter(|table| table.meeting == meeting).collect();
        let seat = dice.pick(&here).map(|table| Seat { table: table.id, number: 1 + dice.below(u64::from(table.seats)) as u16 });
        let seat = seat.unwrap_or_else(|| Seat { table: dice.id(), number: 1 });
        let of = |is_meant: &dyn Fn(&crate::seating::Seating) -> bool| self.seatings.iter().find(|seating| is_meant(seating)).map(|it| it.id);
        let instead_of = of(&|seating| seating.guest == guest).filter(|_| dice.once_in(2));
        let no_show = of(&|seating| seating.seat == seat).filter(|_| dice.once_in(2));
        let desk = dice.once_in(2).then(|| self.desk(dice));
        GiveSeats { meeting, desk, given: vec![GivenSeat { seating: dice.id(), guest, seat, instead_of, no_show }] }
    }

    fn allot(&self, dice: &mut Dice) -> AllotItem {
        let item = dice.pick(&self.items);
        let here: Vec<_> = self.desks.iter().filter(|desk| item.as_ref().is_none_or(|item| item.meeting == desk.meeting)).collect();
        let desk = dice.pick(&here).map_or_else(|| dice.id(), |desk| desk.id);
        AllotItem { item: item.map_or_else(|| dice.id(), |item| item.id), desk, quantity: dice.below(40) as u32 }
    }

    fn hand_out(&self, dice: &mut Dice) -> HandOut {
        let item = dice.pick(&self.items);
        let here: Vec<&Arc<Guest>> = self.guests.iter().filter(|guest| item.as_ref().is_none_or(|item| item.meeting == guest.meeting)).collect();
        let guest = dice.pick(&here).map_or_else(|| dice.id(), |guest| guest.id);
        let asks = item.as_ref().is_some_and(|item| item.plan.receipt == Receipt::Signature);
        let strokes = if asks && !dice.once_in(6) { signature() } else { Vec::new() };
        let desk = dice.once_in(2).then(|| self.desk(dice));
        HandOut { handout: dice.id(), item: item.map_or_else(|| dice.id(), |item| item.id), guest, desk, desk_name: "A".into(), strokes }
    }
}

fn item_plan(dice: &mut Dice) -> ItemPlan {
    ItemPlan {
        name: format!("{}禮", name(dice)),
        sort: dice.pick(&[Sort::Material, Sort::Gift, Sort::Equipment]).unwrap_or(Sort::Gift),
        planned: dice.below(100) as u32,
        low_at: 5,
        due: dice.pick(&[Due::EveryGuest, Due::SomeGuests, Due::Nobody]).unwrap_or(Due::EveryGuest),
        receipt: if dice.once_in(3) { Receipt::Signature } else { Receipt::None },
    }
}
