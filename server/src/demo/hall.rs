//! The hall of today's meeting: tables drawn, the first guests seated, two desks, and what is to be handed out.

use super::{Company, Planned};
use chrono::Duration;
use shared::Unavailable;
use shared::ids::{DeskId, GuestId, ItemId, SeatingId, TableId};
use shared::seating::command::{BlockSeats, DrawnTable, GiveSeats, GivenSeat, OpenDesk, PutTables};
use shared::seating::{Seat, Shape};
use shared::stock::command::{AllotItem, CountArrival, PlanItem};
use shared::stock::{Due, ItemPlan, Receipt, Sort};

const TABLES: u16 = 8;
const SEATS: u16 = 8;
/// How many guests have their seats before the doors open.
const SEATED: usize = 14;

impl Company<'_> {
    pub(super) fn prepare_hall(&mut self, meeting: Planned, guests: &[GuestId]) -> Result<(), Unavailable> {
        let at = self.now - Duration::hours(3);
        let ids: Vec<TableId> = (0..TABLES).map(|_| TableId(self.chance.id(at))).collect();
        let drawn = ids.iter().zip(0_u16..).map(|(table, place)| DrawnTable {
            table: *table,
            name: (place + 1).to_string(),
            shape: Shape::Round,
            seats: SEATS,
            x: 200 + i32::from(place % 4) * 300,
            y: 250 + i32::from(place / 4) * 300,
            turn: 0,
        });
        let command = PutTables { meeting: meeting.id, tables: drawn.collect() };
        self.act("manager", at, command)?;
        if let Some(last) = ids.last() {
            self.act("manager", at, BlockSeats { table: *last, blocked: vec![1, 2] })?;
        }
        let seats = ids.iter().flat_map(|table| (1..=SEATS).map(|number| Seat { table: *table, number }));
        let mut given = Vec::new();
        for (guest, seat) in guests.iter().zip(seats).take(SEATED) {
            given.push(GivenSeat { seating: SeatingId(self.chance.id(at)), guest: *guest, seat, instead_of: None, no_show: None });
        }
        if !given.is_empty() {
            self.act("manager", at, GiveSeats { meeting: meeting.id, desk: None, given })?;
        }
        let desks = [DeskId(self.chance.id(at)), DeskId(self.chance.id(at))];
        for (desk, name) in desks.iter().zip(["A", "B"]) {
            self.act("manager", at, OpenDesk { desk: *desk, meeting: meeting.id, name: name.into() })?;
        }
        for (name, sort, planned, due, receipt) in [
            ("濾心保溫杯", Sort::Gift, 40, Due::EveryGuest, Receipt::None),
            ("體驗包（簽收）", Sort::Gift, 10, Due::SomeGuests, Receipt::Signature),
            ("產品手冊", Sort::Material, 60, Due::EveryGuest, Receipt::None),
            ("投影機", Sort::Equipment, 1, Due::Nobody, Receipt::None),
        ] {
            let item = ItemId(self.chance.id(at));
            let plan = ItemPlan { name: name.into(), sort, planned, low_at: 3, due, receipt };
            self.act("manager", at, PlanItem { item, meeting: meeting.id, plan })?;
            self.act("manager", at, CountArrival { item, quantity: i32::try_from(planned).unwrap_or(0) })?;
            if due == Due::EveryGuest {
                for desk in desks {
                    self.act("manager", at, AllotItem { item, desk, quantity: planned / 2 })?;
                }
            }
        }
        Ok(())
    }
}
