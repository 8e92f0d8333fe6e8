//! Badges and table cards (clause D8): which guests get one, what stands on it, and how labels of an exact size lie on the paper.
//!
//! Laws: lengths are tenths of a millimetre, whole numbers; a label is never larger than its paper; a name that is too long is made smaller, never
//! cut. A code is printed only where the guest's ticket is on this device.

use crate::state::order::InOrder;
use crate::state::seats::{SeatName, counted, named};
use crate::state::venue::first_arrivals;
use serde::{Deserialize, Serialize};
use shared::customers::Salutation;
use shared::ids::{GuestId, InvitationId, MeetingId};
use shared::invitations::Invitation;
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::record::Index;
use shared::sync::replica::Replica;

/// A length in tenths of a millimetre.
pub(crate) type Tenths = u32;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// Worn by the guest: name, company, code.
    Badge,
    /// Stands at the guest's place, folded: the name on both sides.
    TableCard,
}

/// Which guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Which {
    /// All who are expected, and walk-ins.
    All,
    /// Those who are not in yet.
    ToCome,
    /// Those who are in.
    Arrived,
}

/// On what it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Paper {
    /// One label a page: a label printer.
    Roll,
    /// As many as fit on a sheet of A4.
    A4,
}

/// What this device prints on, set once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stock {
    pub(crate) width: Tenths,
    pub(crate) height: Tenths,
    pub(crate) paper: Paper,
}

impl Default for Stock {
    /// 90 by 55 mm, the usual badge.
    fn default() -> Self {
        Self { width: 900, height: 550, paper: Paper::Roll }
    }
}

/// Sizes that are sold, in millimetres.
pub(crate) const SIZES: [(u32, u32); 5] = [(90, 55), (86, 54), (100, 70), (62, 100), (148, 105)];
/// The least and the most that a side may be.
pub(crate) const SIDE: std::ops::RangeInclusive<Tenths> = 200..=2_970;
const A4: (Tenths, Tenths) = (2_100, 2_970);
/// What printers cannot reach of a sheet.
const MARGIN: Tenths = 50;

impl Stock {
    /// A size as it was typed, in millimetres; none if it cannot be one, or does not fit on the paper.
    pub(crate) fn typed(width: &str, height: &str, paper: Paper) -> Option<Self> {
        let stock = Self { width: tenths(width)?, height: tenths(height)?, paper };
        stock.is_possible().then_some(stock)
    }

    /// Whether one label at least fits.
    pub(crate) fn is_possible(self) -> bool {
        SIDE.contains(&self.width) && SIDE.contains(&self.height) && (self.paper == Paper::Roll || self.columns() * self.rows() > 0)
    }

    /// The page's width and height.
    pub(crate) const fn page(self) -> (Tenths, Tenths) {
        match self.paper {
            Paper::Roll => (self.width, self.height),
            Paper::A4 => A4,
        }
    }

    /// Labels beside each other.
    pub(crate) const fn columns(self) -> usize {
        match self.paper {
            Paper::Roll => 1,
            Paper::A4 => ((A4.0 - 2 * MARGIN) / self.width) as usize,
        }
    }

    /// Labels below each other.
    pub(crate) const fn rows(self) -> usize {
        match self.paper {
            Paper::Roll => 1,
            Paper::A4 => ((A4.1 - 2 * MARGIN) / self.height) as usize,
        }
    }

    /// The rules of the sheet of styles: the page's size, a label's, and where the first one lies.
    pub(crate) fn rules(self) -> Vec<String> {
        let (width, height) = self.page();
        let inset = |page: Tenths, label: Tenths, count: usize| (page - label * Tenths::try_from(count).unwrap_or(0)) / 2;
        let (left, top) = (inset(width, self.width, self.columns()), inset(height, self.height, self.rows()));
        vec![
            format!("@page {{ size: {} {}; margin: 0; }}", mm(width), mm(height)),
            format!(".label {{ width: {}; height: {}; }}", mm(self.width), mm(self.height)),
            format!(
                ".label-sheet {{ width: {}; height: {}; padding: {} {} 0 {}; grid-template-columns: repeat({}, {}); grid-auto-rows: {}; }}",
                mm(width),
                // A page and a hair would be two.
                mm(height.saturating_sub(1)),
                mm(top),
                mm(0),
                mm(left),
                self.columns(),
                mm(self.width),
                mm(self.height),
            ),
        ]
    }
}

/// Millimetres as a style has them.
pub(crate) fn mm(length: Tenths) -> String {
    format!("{}.{}mm", length / 10, length % 10)
}

/// Millimetres as people type them: 90, 62.5, 62,5.
fn tenths(text: &str) -> Option<Tenths> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |text: &str| {
        (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u32>().ok()).flatten()
    };
    let part = if part.len() == 1 { digits(part)? } else { return None };
    Some(digits(whole)? * 10 + part)
}

/// One label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Label {
    pub(crate) guest: GuestId,
    pub(crate) name: String,
    pub(crate) salutation: Option<Salutation>,
    pub(crate) company: String,
    /// Where the guest sits, if a seat was given.
    pub(crate) seat: Option<SeatName>,
    /// The ticket's code, where it is here.
    pub(crate) code: Option<String>,
    /// How high the name is written.
    pub(crate) name_height: Tenths,
}

/// The labels of a meeting, by name. How many lack their code is counted by [`without_code`].
pub(crate) fn labels(replica: &Replica, meeting: MeetingId, what: What, which: Which, stock: Stock) -> Vec<Label> {
    let (arrivals, seats) = (first_arrivals(replica, meeting), counted(replica, meeting).guests);
    let fits = |guest: &Guest| {
        let has_come = arrivals.contains_key(&guest.id);
        let is_expected = has_come || guest.standing != Standing::Revoked && guest.origin == GuestOrigin::Invited;
        match which {
            Which::All => is_expected || guest.origin == GuestOrigin::WalkIn && guest.standing != Standing::Revoked,
            Which::ToCome => is_expected && !has_come,
            Which::Arrived => has_come,
        }
    };
    let label = |guest: &Guest| {
        let code = replica.noun::<Invitation>(InvitationId(guest.id.0)).and_then(|invitation| invitation.ticket.clone());
        let code = code.filter(|_| what == What::Badge && guest.standing != Standing::Revoked);
        let name_height = name_height(&guest.name, what, code.is_some(), stock);
        let seat = seats.get(&guest.id).and_then(|seat| named(replica, *seat));
        Label { guest: guest.id, name: guest.name.clone(), salutation: guest.salutation, company: guest.company.clone(), seat, code, name_height }
    };
    let guests = replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting));
    let mut labels: Vec<_> = guests.into_iter().filter(|guest| fits(guest)).map(|guest| label(guest)).collect();
    labels.order_by(|a, b| (&a.name, a.guest).cmp(&(&b.name, b.guest)));
    labels
}

/// How many have no code because their ticket is on another's device, or was not signed yet.
pub(crate) fn without_code(labels: &[Label]) -> usize {
    labels.iter().filter(|label| label.code.is_none()).count()
}

/// As high as the label allows, and so that the whole name stands on one line.
fn name_height(name: &str, what: What, has_code: bool, stock: Stock) -> Tenths {
    let half_widths: u32 = name.chars().map(|c| if c.is_ascii() { 6 } else { 10 }).sum::<u32>().max(10);
    let (room, most) = match what {
        // A third of a badge is the code's.
        What::Badge if has_code => (stock.width * 60 / 100, stock.height * 30 / 100),
        What::Badge => (stock.width * 88 / 100, stock.height * 30 / 100),
        What::TableCard => (stock.width * 88 / 100, stock.height * 22 / 100),
    };
    (room * 10 / half_widths).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::TableId;
    use shared::seating::command::{DrawnTable, GiveSeats, GivenSeat, PutTables};
    use shared::seating::{Seat, Shape};
    use shared::testing::World;

    fn stock(width: Tenths, height: Tenths, paper: Paper) -> Stock {
        Stock { width, height, paper }
    }

    #[test]
    fn d8_a_size_is_typed_in_millimetres_and_must_fit_on_its_paper() {
        for (width, height, paper, expected) in [
            ("90", "55", Paper::Roll, Some((900, 550))),
            (" 62.5 ", "100", Paper::Roll, Some((625, 1_000))),
            ("62,5", "100", Paper::A4, Some((625, 1_000))),
            ("19.9", "55", Paper::Roll, None),
            ("90", "300", Paper::Roll, None),
            ("201", "55", Paper::A4, None),
            ("200", "55", Paper::A4, Some((2_000, 550))),
            ("", "55", Paper::Roll, None),
            ("-90", "55", Paper::Roll, None),
            ("90.55", "55", Paper::Roll, None),
            ("99999", "55", Paper::Roll, None),
            ("９０", "55", Paper::Roll, None),
        ] {
            let found = Stock::typed(width, height, paper);
            assert_eq!(found.map(|stock| (stock.width, stock.height)), expected, "{width} x {height}");
        }
    }

    #[test]
    fn d8_every_size_that_is_sold_fits_on_a_roll_and_a_sheet_holds_what_it_can() {
        for (width, height) in SIZES {
            assert!(stock(width * 10, height * 10, Paper::Roll).is_possible());
        }
        let badge = stock(900, 550, Paper::A4);
        assert_eq!((badge.columns(), badge.rows()), (2, 5));
        assert_eq!(badge.page(), (2_100, 2_970));
        let a6 = stock(1_480, 1_050, Paper::A4);
        assert_eq!((a6.columns(), a6.rows()), (1, 2));
        assert_eq!(stock(900, 550, Paper::Roll).page(), (900, 550));
    }

    #[test]
    fn d8_labels_never_lie_outside_of_their_page() {
        for width in SIDE.step_by(7) {
            for height in SIDE.step_by(61) {
                let stock = stock(width, height, Paper::A4);
                let (columns, rows) = (u32::try_from(stock.columns()).expect("few"), u32::try_from(stock.rows()).expect("few"));
                assert!(columns * width + 2 * MARGIN <= A4.0 && rows * height + 2 * MARGIN <= A4.1);
            }
        }
    }

    #[test]
    fn d8_the_page_has_the_size_of_the_label_to_the_tenth_of_a_millimetre() {
        let rules = stock(625, 1_000, Paper::Roll).rules();
        assert_eq!(rules[0], "@page { size: 62.5mm 100.0mm; margin: 0; }");
        assert_eq!(rules[1], ".label { width: 62.5mm; height: 100.0mm; }");
        let sheet = stock(900, 550, Paper::A4).rules();
        assert_eq!(sheet[0], "@page { size: 210.0mm 297.0mm; margin: 0; }");
        assert!(
            sheet[2].contains("padding: 11.0mm 0.0mm 0 15.0mm; grid-template-columns: repeat(2, 90.0mm); grid-auto-rows: 55.0mm;"),
            "{}",
            sheet[2]
        );
    }

    #[test]
    fn d8_a_name_is_written_as_large_as_it_fits_and_never_cut() {
        let size = |name: &str| name_height(name, What::Badge, true, Stock::default());
        assert_eq!(size("王小明"), 165, "three hanzi: as high as the label allows");
        let long = "Maximiliane Wolfeschlegelstein";
        assert!(size(long) * 6 * 30 / 10 <= 540, "thirty letters stand on six tenths of the width");
        assert!(size(long) > 20, "and can be read");
        assert!(name_height("王小明", What::Badge, false, Stock::default()) >= size("王小明"));
        assert_eq!(name_height("王小明", What::TableCard, false, Stock::default()), 121);
    }

    #[test]
    fn d8_badges_are_those_of_the_guests_who_are_asked_for_with_codes_where_the_ticket_is_here() {
        let mut world = World::new();
        let mut guests = Vec::new();
        for (owner, name) in [(world.rep, "王一"), (world.rep, "李二"), (world.colleague, "陳三")] {
            let customer = world.add_customer(owner, name);
            guests.push(world.expect_guest(world.meeting, customer));
        }
        let command = world.check_in(world.meeting, guests[0]);
        world.apply(world.rep, command).expect("on duty");
        let of = |user, what, which| labels(&world.replica(user), world.meeting, what, which, Stock::default());
        let names = |labels: &[Label]| labels.iter().map(|label| label.name.clone()).collect::<Vec<_>>();
        let all = of(world.rep, What::Badge, Which::All);
        assert_eq!(names(&all).len(), 3);
        assert_eq!(without_code(&all), 1, "a colleague's ticket is on the colleague's device");
        assert_eq!(without_code(&of(world.manager, What::Badge, Which::All)), 0, "a manager holds them all");
        assert_eq!(names(&of(world.rep, What::Badge, Which::Arrived)), ["王一"]);
        assert_eq!(of(world.rep, What::Badge, Which::ToCome).len(), 2);
        assert!(of(world.manager, What::TableCard, Which::All).iter().all(|label| label.code.is_none()), "a card on a table needs no code");
        let code = all.iter().find(|label| label.guest == guests[0]).and_then(|label| label.code.clone()).expect("own");
        let settings = world.get::<shared::settings::Settings>(world.org);
        assert_eq!(shared::invitations::ticket::Ticket::verify(&code, &settings.ticket_key).map(|ticket| ticket.guest), Ok(guests[0]));
    }

    #[test]
    fn d8_the_seat_stands_on_badge_and_card_once_it_was_given() {
        let mut world = World::new();
        let [seated, other] = ["王一", "李二"].map(|name| {
            let customer = world.add_customer(world.rep, name);
            world.expect_guest(world.meeting, customer)
        });
        let table: TableId = world.id();
        let drawn = DrawnTable { table, name: "3".into(), shape: Shape::Round, seats: 8, x: 300, y: 300, turn: 0 };
        world.apply(world.manager, PutTables { meeting: world.meeting, tables: vec![drawn] }).expect("managers draw");
        let seat = Seat { table, number: 5 };
        let given = vec![GivenSeat { seating: world.id(), guest: seated, seat, instead_of: None, no_show: None }];
        world.apply(world.manager, GiveSeats { meeting: world.meeting, desk: None, given }).expect("office");
        for what in [What::Badge, What::TableCard] {
            let labels = labels(&world.replica(world.rep), world.meeting, what, Which::All, Stock::default());
            let seat_of = |guest| labels.iter().find(|label| label.guest == guest).map(|label| label.seat.clone());
            assert_eq!(seat_of(seated), Some(Some(SeatName { seat, table: "3".into(), shape: Shape::Round })));
            assert_eq!(seat_of(other), Some(None));
        }
    }
}
