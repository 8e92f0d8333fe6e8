//! The hall's floor while it is drawn (clause C4): where seats stand around their table, how a drag moves it, and where new tables go.
//!
//! All lengths are centimetres from the stage's left corner.

use shared::ids::TableId;
use shared::seating::command::DrawnTable;
use shared::seating::decide::HALL_MAX;
use shared::seating::{Shape, Table};

/// Tables stand on a grid of this width, so that they line up by themselves.
pub(crate) const GRID: i32 = 10;
/// A step of the arrow keys with Shift.
pub(crate) const LEAP: i32 = 100;
/// A step of turning.
pub(crate) const QUARTER: u16 = 15;
/// From one chair to the next.
const CHAIR: f64 = 55.0;
/// Room around what is drawn.
const MARGIN: i32 = 150;

/// The radius of a seat as drawn.
pub(crate) const SEAT_RADIUS: i32 = 22;

/// The radius of a round table with so many chairs around it.
pub(crate) fn table_radius(seats: u16) -> f64 {
    (f64::from(seats) * CHAIR / std::f64::consts::TAU - 30.0).max(45.0)
}

/// Where the seats of a table stand, from its middle, the first one first, before it is turned.
pub(crate) fn seat_places(shape: Shape, seats: u16) -> Vec<(i32, i32)> {
    let count = f64::from(seats.max(1));
    let place = |at: u16| match shape {
        Shape::Round => {
            // The first chair faces the stage, the others follow clockwise.
            let (reach, angle) = (table_radius(seats) + 30.0, f64::from(at) / count * std::f64::consts::TAU);
            (reach * angle.sin(), -reach * angle.cos())
        }
        Shape::Row => ((f64::from(at) - (count - 1.0) / 2.0) * CHAIR, 0.0),
    };
    (0..seats).map(place).map(|(x, y)| (x.round() as i32, y.round() as i32)).collect()
}

/// Half the width and half the height that a table takes before it is turned.
pub(crate) fn half_size(shape: Shape, seats: u16) -> (i32, i32) {
    match shape {
        Shape::Round => {
            let reach = (table_radius(seats) + 30.0).round() as i32 + SEAT_RADIUS;
            (reach, reach)
        }
        Shape::Row => ((f64::from(seats) * CHAIR / 2.0).round() as i32, SEAT_RADIUS + 8),
    }
}

/// The nearest place of the grid within the hall.
pub(crate) fn snapped(x: f64, y: f64) -> (i32, i32) {
    let most = i32::try_from(HALL_MAX).unwrap_or(i32::MAX);
    let snap = |value: f64| ((value / f64::from(GRID)).round() as i32).saturating_mul(GRID).clamp(0, most);
    (snap(x), snap(y))
}

/// Where a key moves a table to; none for a key that moves nothing.
pub(crate) fn moved_by_key(key: &str, leaps: bool, (x, y): (i32, i32)) -> Option<(i32, i32)> {
    let step = if leaps { LEAP } else { GRID };
    let (dx, dy) = match key {
        "ArrowLeft" => (-step, 0),
        "ArrowRight" => (step, 0),
        "ArrowUp" => (0, -step),
        "ArrowDown" => (0, step),
        _ => return None,
    };
    Some(snapped(f64::from(x + dx), f64::from(y + dy)))
}

/// What must be drawn for everything to be seen: left, top, width, height.
pub(crate) fn view_box(tables: &[std::sync::Arc<Table>]) -> [i32; 4] {
    let reach = |table: &Table| {
        let (x, y) = half_size(table.shape, table.seats);
        if table.turn.is_multiple_of(180) { (x, y) } else { (x.max(y), x.max(y)) }
    };
    let right = tables.iter().map(|table| table.x + reach(table).0).max().unwrap_or(0);
    let bottom = tables.iter().map(|table| table.y + reach(table).1).max().unwrap_or(0);
    let left = tables.iter().map(|table| table.x - reach(table).0).min().unwrap_or(0).min(0);
    [left - MARGIN / 2, -MARGIN, (right - left).max(800) + MARGIN, bottom.max(400) + MARGIN * 2]
}

/// A table as the command says it.
pub(crate) fn drawn(table: &Table) -> DrawnTable {
    let &Table { id, shape, seats, x, y, turn, .. } = table;
    DrawnTable { table: id, name: table.name.clone(), shape, seats, x, y, turn }
}

/// What is to be drawn at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) shape: Shape,
    pub(crate) tables: u16,
    pub(crate) seats: u16,
}

/// New tables in ranks below those that are there, named on from their highest number: 1, 2, 3 for tables, A, B, C for rows.
pub(crate) fn laid_out(batch: Batch, there: &[std::sync::Arc<Table>], mut id: impl FnMut() -> TableId) -> Vec<DrawnTable> {
    let (half_x, half_y) = half_size(batch.shape, batch.seats);
    let abreast = match batch.shape {
        Shape::Round => f64::from(batch.tables).sqrt().ceil().max(1.0) as i32,
        Shape::Row => 1,
    };
    let top = there.iter().map(|table| table.y + half_size(table.shape, table.seats).1 + 60).max().unwrap_or(60);
    let used: Vec<&str> = there.iter().map(|table| table.name.as_str()).collect();
    let mut names = (0..).map(|at| name(batch.shape, at)).filter(|name| !used.contains(&name.as_str()));
    let aisle = if batch.shape == Shape::Round { 60 } else { 40 };
    let table = |at: u16| {
        let (rank, file) = (i32::from(at) / abreast, i32::from(at) % abreast);
        let x = 60 + half_x + file * (2 * half_x + aisle);
        let y = top + half_y + rank * (2 * half_y + aisle);
        let (x, y) = snapped(f64::from(x), f64::from(y));
        DrawnTable { table: id(), name: names.next().unwrap_or_default(), shape: batch.shape, seats: batch.seats, x, y, turn: 0 }
    };
    (0..batch.tables).map(table).collect()
}

/// 1, 2, 3 … for tables; A, B … Z, AA, AB … for rows.
fn name(shape: Shape, at: u32) -> String {
    if shape == Shape::Round {
        return (at + 1).to_string();
    }
    let mut letters = Vec::new();
    let mut rest = at + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::MeetingId;
    use std::sync::Arc;
    use uuid::Uuid;

    fn batch(shape: Shape, tables: u16, seats: u16, there: &[Arc<Table>]) -> Vec<DrawnTable> {
        let mut next = 0;
        laid_out(Batch { shape, tables, seats }, there, || {
            next += 1;
            TableId(Uuid::from_u128(next))
        })
    }

    fn stands(drawn: &DrawnTable) -> Arc<Table> {
        let DrawnTable { table: id, name, shape, seats, x, y, turn } = drawn.clone();
        Arc::new(Table { id, meeting: MeetingId(Uuid::nil()), name, shape, seats, x, y, turn, blocked: Vec::new() })
    }

    #[test]
    fn c4_seats_stand_apart_whatever_their_number() {
        for shape in [Shape::Round, Shape::Row] {
            for seats in 1..=100 {
                let places = seat_places(shape, seats);
                assert_eq!(places.len(), usize::from(seats));
                for (at, one) in places.iter().enumerate() {
                    for other in &places[..at] {
                        let apart = f64::from(one.0 - other.0).hypot(f64::from(one.1 - other.1));
                        assert!(apart >= f64::from(2 * SEAT_RADIUS), "{shape:?} of {seats}: {apart}");
                    }
                }
            }
        }
    }

    #[test]
    fn c4_a_hundred_tables_are_laid_out_within_the_hall_and_none_on_another() {
        let tables: Vec<_> = batch(Shape::Round, 100, 10, &[]).iter().map(stands).collect();
        assert_eq!(tables.iter().map(|table| i32::from(table.seats)).sum::<i32>(), 1_000);
        for (at, one) in tables.iter().enumerate() {
            let (half, _) = half_size(one.shape, one.seats);
            assert!(one.x - half >= 0 && one.y - half >= 0 && i64::from(one.x + half) <= HALL_MAX && i64::from(one.y + half) <= HALL_MAX);
            for other in &tables[..at] {
                assert!((one.x - other.x).abs() >= 2 * half || (one.y - other.y).abs() >= 2 * half, "{} on {}", one.name, other.name);
            }
        }
        let [left, top, width, height] = view_box(&tables);
        assert!(tables.iter().all(|table| table.x > left && table.y > top && table.x < left + width && table.y < top + height));
    }

    #[test]
    fn c4_new_ones_stand_below_and_take_the_names_that_are_free() {
        let there: Vec<_> = batch(Shape::Round, 2, 10, &[]).iter().map(stands).collect();
        let more = batch(Shape::Round, 2, 10, &there[1..]);
        assert_eq!(more.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["1", "3"]);
        let rows = batch(Shape::Row, 28, 20, &there);
        assert_eq!((rows[0].name.as_str(), rows[25].name.as_str(), rows[27].name.as_str()), ("A", "Z", "AB"));
        assert!(rows.iter().all(|row| row.y > there[0].y), "below");
    }

    #[test]
    fn c4_a_table_moves_on_the_grid_by_finger_and_by_key_and_never_out_of_the_hall() {
        assert_eq!(snapped(123.4, 126.0), (120, 130));
        assert_eq!(snapped(-50.0, 1e9), (0, 20_000));
        assert_eq!(snapped(f64::NAN, 0.0), (0, 0));
        assert_eq!(moved_by_key("ArrowLeft", false, (100, 100)), Some((90, 100)));
        assert_eq!(moved_by_key("ArrowDown", true, (100, 100)), Some((100, 200)));
        assert_eq!(moved_by_key("ArrowUp", true, (100, 0)), Some((100, 0)));
        assert_eq!(moved_by_key("Enter", false, (100, 100)), None);
    }
}
