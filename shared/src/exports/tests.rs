use super::command::RecordExport;
use super::decide::{MOST_EXPORTED, REASON_MAX, may_export};
use super::table::{Table, csv, is_formula};
use super::{Export, Filters, Format};
use crate::command::Command;
use crate::customers::Customer;
use crate::customers::import::{Delimiter, Sheet};
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use proptest::prelude::*;

fn export(world: &mut World) -> RecordExport {
    RecordExport { export: world.id(), reason: "寄送年節禮品".into(), format: Format::Xlsx, rows: 12, filters: Filters::default() }
}

#[test]
fn a7_a_rep_exports_nothing_a_supervisor_the_teams_and_a_manager_the_departments() {
    let mut world = World::new();
    let (mine, colleagues, strangers) = (world.customer, world.add_customer(world.colleague, "馬小玲"), world.add_customer(world.stranger, "胡不歸"));
    let pool = world.pool_customer;
    let may = |actor, customer| {
        let customer = world.get::<Customer>(customer);
        may_export(&world.records, &world.actor(actor), &customer).expect("memory can be read")
    };
    for (actor, expected) in [
        (world.rep, [false, false, false, false]),
        (world.supervisor, [true, true, false, true]),
        (world.manager, [true, true, true, true]),
        (world.administrator, [false, false, false, false]),
    ] {
        assert_eq!([mine, colleagues, strangers, pool].map(|customer| may(actor, customer)), expected);
    }
}

#[test]
fn a7_an_export_says_who_when_why_how_many_and_nothing_about_customers() {
    let mut world = World::new();
    let asked = export(&mut world);
    for actor in [world.rep, world.administrator] {
        assert_eq!(world.decide(actor, &asked.clone().into()), Err(Rejection::Forbidden));
    }
    let at = world.now;
    world.apply(world.supervisor, RecordExport { reason: "  寄送年節禮品 ".into(), ..asked.clone() }).expect("a supervisor may");
    let kept = world.get::<Export>(asked.export);
    assert_eq!((kept.by, kept.device, kept.at), (world.supervisor, world.device(world.supervisor), at));
    assert_eq!((kept.reason.as_str(), kept.format, kept.rows), ("寄送年節禮品", Format::Xlsx, 12));
}

#[test]
fn a7_an_export_needs_a_reason_and_is_within_bounds() {
    let mut world = World::new();
    let asked = export(&mut world);
    let decide = |changed: RecordExport| world.decide(world.manager, &changed.into()).map(|_| ());
    assert_eq!(decide(RecordExport { reason: " \u{200b}".into(), ..asked.clone() }), Err(Rejection::Required { field: Field::Reason }));
    let long = "因".repeat(REASON_MAX + 1);
    assert!(matches!(decide(RecordExport { reason: long, ..asked.clone() }), Err(Rejection::TooLong { field: Field::Reason, .. })));
    for rows in [0, MOST_EXPORTED + 1] {
        assert!(matches!(decide(RecordExport { rows, ..asked.clone() }), Err(Rejection::OutOfRange { field: Field::Rows, .. })));
    }
    for filters in [
        Filters { tag: Some("標".repeat(101)), ..Filters::default() },
        Filters { source: Some("源".repeat(101)), ..Filters::default() },
        Filters { region: Some("區".repeat(101)), ..Filters::default() },
        Filters { intents: vec![crate::customers::Intent::A; 5], ..Filters::default() },
    ] {
        assert!(decide(RecordExport { filters, ..asked.clone() }).is_err());
    }
}

#[test]
fn a7_what_was_recorded_of_an_export_cannot_be_changed() {
    let mut world = World::new();
    let asked = export(&mut world);
    world.apply(world.manager, asked.clone()).expect("a manager may");
    for actor in [world.manager, world.supervisor] {
        let again = RecordExport { reason: "別的".into(), rows: 1, ..asked.clone() };
        assert!(matches!(world.decide(actor, &again.into()), Err(Rejection::AlreadyExists { .. })));
    }
    assert!(Command::from(asked).is_field_fact(), "the file is out: what the rules cannot accept waits for a person");
}

#[test]
fn a7_no_cell_of_a_file_is_taken_for_a_formula() {
    for cell in [
        "=1+1",
        "+886912345678",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u{3000}＝1",
        "＋1",
        "－1",
        "＠x",
        "\u{feff}=1",
        "\u{200b}=1",
        "\u{2212}1",
        "\tx",
        "|cmd",
        "%0A",
    ] {
        assert!(is_formula(cell), "{cell:?}");
        let text = String::from_utf8(csv(&Table { rows: vec![vec![cell.into()]] })).expect("UTF-8");
        assert_eq!(text, format!("\u{feff}\"'{cell}\"\r\n"));
    }
    for cell in ["王小明", "0912-345-678", "a=b", "", "1985", "(02)"] {
        assert!(!is_formula(cell), "{cell:?}");
    }
}

proptest! {
    #[test]
    fn a7_a_table_comes_back_as_it_was(rows in prop::collection::vec(prop::collection::vec("['=+@\",;\n王a1-]{0,6}", 2), 1..5)) {
        let trimmed = |cell: &String| cell.trim().to_owned();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(trimmed).collect()).filter(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty())).collect();
        prop_assume!(!rows.is_empty());
        let bytes = csv(&Table { rows: rows.clone() });
        let text = String::from_utf8(bytes).expect("UTF-8");
        let sheet = Sheet::open(text.trim_start_matches('\u{feff}'), Some(Delimiter::Comma)).expect("a sheet");
        prop_assert_eq!(sheet.preview(usize::MAX), rows);
    }
}
