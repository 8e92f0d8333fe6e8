//! How seats and tables are called.

use crate::state::seats::SeatName;
use crate::texts as t;
use shared::seating::Shape;

/// A seat: 3 桌 5 號, A 排 12 號.
#[must_use]
pub(crate) fn seat(seat: &SeatName) -> String {
    match seat.shape {
        Shape::Round => t::seats::of_table(seat.seat.number, &seat.table),
        Shape::Row => t::seats::of_row(seat.seat.number, &seat.table),
    }
}

/// A table or row: 3 桌, A 排.
#[must_use]
pub(crate) fn table(shape: Shape, name: &str) -> String {
    match shape {
        Shape::Round => t::seats::table_named(name),
        Shape::Row => t::seats::row_named(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, set_language};
    use shared::ids::TableId;
    use shared::seating::Seat;
    use uuid::Uuid;

    #[test]
    fn c4_a_seat_is_called_by_its_table_and_number_in_every_language() {
        let named = |shape| SeatName { seat: Seat { table: TableId(Uuid::nil()), number: 5 }, table: "3".into(), shape };
        for (language, round, row) in [
            (Language::ZhHant, "3 桌 5 號", "3 排 5 號"),
            (Language::ZhHans, "3 桌 5 号", "3 排 5 号"),
            (Language::En, "Table 3, seat 5", "Row 3, seat 5"),
        ] {
            set_language(language);
            assert_eq!((seat(&named(Shape::Round)).as_str(), seat(&named(Shape::Row)).as_str()), (round, row));
        }
    }
}
