//! Judged rows to commands. Each customer stands in one row of one command, whatever number of the file's rows speak of them.

use super::duplicates::{Action, Judgement, Judgements, Of, Told, news};
use super::read::RowOutcome;
use crate::customers::command::{ImportCustomers, ImportRow};
use crate::customers::decide::{MOST_IMPORTED, changed};
use crate::customers::{Customer, Profile};
use crate::decide::{Unavailable, View, ViewExt};
use crate::ids::{CustomerId, ImportId};
use foldhash::HashMap;

/// What an import will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The commands, in order. Each can be applied without the others.
    pub commands: Vec<ImportCustomers>,
    /// Customers that will be new.
    pub created: usize,
    /// Customers that will be changed.
    pub updated: usize,
    /// Good rows that change nothing: skipped, or saying nothing new.
    pub skipped: usize,
    /// Rows that cannot go in.
    pub bad: usize,
}

/// Bytes of JSON, about, that one command may have: several of them fit into one push.
const BYTES: usize = 256 << 10;

/// Turns judged rows into commands. `new_id` gives a fresh identifier at each call.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn plan<V: View + ?Sized>(
    view: &V,
    import: ImportId,
    outcomes: &[RowOutcome],
    judgements: &Judgements,
    mut new_id: impl FnMut() -> CustomerId,
) -> Result<Plan, Unavailable> {
    let mut people = People::default();
    let profile_of = |outcome: usize| outcomes.get(outcome).and_then(|outcome| outcome.profile.as_deref());
    for row in &judgements.rows {
        let Some(profile) = profile_of(row.outcome) else { continue };
        match (row.action(), row.judgement) {
            (Action::Skip, Judgement::Same { of }) => people.hear(of, profile),
            (Action::Skip, _) => {}
            (Action::Update, Judgement::Duplicate { of, .. }) if people.write_to(view, of, profile)? => {}
            _ => people.create(row.row, new_id(), profile),
        }
    }
    let writes = people.writes;
    for echo in &judgements.echoes {
        people.told = Told::default();
        for (index, of) in echo {
            let row = judgements.rows.get(*index).filter(|row| !row.is_chosen());
            if let Some(profile) = row.and_then(|row| profile_of(row.outcome)) {
                people.write_to(view, *of, profile)?;
            }
        }
    }
    let bad = outcomes.iter().filter(|outcome| outcome.profile.is_none()).count();
    Ok(people.into_plan(import, judgements.rows.len() - writes, bad))
}

/// Those whom the file speaks of, each once, in the order in which they come up.
#[derive(Default)]
struct People {
    list: Vec<Person>,
    places: HashMap<Of, usize>,
    told: Told,
    writes: usize,
}

struct Person {
    id: CustomerId,
    /// None for a new customer.
    before: Option<Profile>,
    after: Profile,
}

impl People {
    fn create(&mut self, row: u32, id: CustomerId, profile: &Profile) {
        self.hear(Of::Row(row), profile);
        self.places.insert(Of::Row(row), self.list.len());
        self.list.push(Person { id, before: None, after: profile.clone() });
        self.writes += 1;
    }

    /// What a row says of somebody who is as it says.
    fn hear(&mut self, of: Of, profile: &Profile) {
        self.told.changes(of, profile, profile);
    }

    /// Adds what a row says; false if the one it doubles is not there: an earlier row that a person has chosen to skip.
    fn write_to<V: View + ?Sized>(&mut self, view: &V, of: Of, profile: &Profile) -> Result<bool, Unavailable> {
        if let (Of::Customer(id), false) = (of, self.places.contains_key(&of)) {
            let Some(customer) = view.get::<Customer>(id)? else { return Ok(false) };
            self.places.insert(of, self.list.len());
            self.list.push(Person { id, before: Some(customer.profile.clone()), after: customer.profile.clone() });
        }
        let Some(person) = self.places.get(&of).map(|place| &mut self.list[*place]) else { return Ok(false) };
        person.after = changed(&person.after, &self.told.changes(of, &person.after, profile));
        self.writes += 1;
        Ok(true)
    }

    fn into_plan(self, import: ImportId, skipped: usize, bad: usize) -> Plan {
        let mut plan = Plan { skipped, bad, ..Plan::default() };
        let mut room = 0;
        for person in self.list {
            let row = match person.before {
                None => {
                    plan.created += 1;
                    ImportRow::Create { customer: person.id, profile: Box::new(person.after) }
                }
                Some(before) if before == person.after => continue,
                Some(before) => {
                    plan.updated += 1;
                    ImportRow::Update { customer: person.id, changes: news(&before, &person.after) }
                }
            };
            let bytes = serde_json::to_string(&row).map_or(BYTES, |json| json.len());
            match plan.commands.last_mut() {
                Some(command) if command.rows.len() < MOST_IMPORTED && bytes <= room => command.rows.push(row),
                _ => {
                    plan.commands.push(ImportCustomers { import, rows: vec![row] });
                    room = BYTES;
                }
            }
            room = room.saturating_sub(bytes);
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::super::{By, Judge, Judged, Known, Mapping, Reader, Settings, Sheet};
    use super::*;
    use crate::command::Command;
    use crate::customers::command::UndoImport;
    use crate::phone::Country;
    use crate::testing::World;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().expect("valid")
    }

    fn outcomes(text: &str) -> Vec<RowOutcome> {
        let sheet = Sheet::open(text, None).expect("a sheet");
        let mapping = Mapping::guess(&sheet.preview(50));
        let mut reader = Reader::new(sheet, mapping, Settings { country: Country::Tw, at: now() });
        while !reader.step(2).done {}
        reader.into_outcomes()
    }

    fn judged(world: &World, outcomes: &[RowOutcome]) -> Judgements {
        let replica = world.replica(world.rep);
        let customers: Vec<_> = replica.all::<Customer>().cloned().collect();
        let mut judge = Judge::new(Known::of(customers.iter().map(|customer| &**customer)));
        let actor = world.actor(world.rep);
        while judge.step(&replica, &actor, outcomes, 2).expect("memory can be read") < outcomes.len() {}
        judge.finish(&replica, &actor, outcomes).expect("memory can be read")
    }

    fn planned(world: &mut World, text: &str, choose: impl Fn(&mut [Judged])) -> Plan {
        let outcomes = outcomes(text);
        let mut judged = judged(world, &outcomes);
        choose(&mut judged.rows);
        let replica = world.replica(world.rep);
        let import = world.id();
        plan(&replica, import, &outcomes, &judged, || world.id()).expect("memory can be read")
    }

    fn import(world: &mut World, text: &str) -> Plan {
        let plan = planned(world, text, |_| {});
        for command in &plan.commands {
            world.apply(world.rep, Command::from(command.clone())).expect("a planned import is allowed");
        }
        plan
    }

    fn counts(plan: &Plan) -> (usize, usize, usize, usize) {
        (plan.created, plan.updated, plan.skipped, plan.bad)
    }

    fn judgements(world: &World, text: &str) -> Vec<(Judgement, Action)> {
        judged(world, &outcomes(text)).rows.iter().map(|row| (row.judgement, row.action())).collect()
    }

    const HEADER: &str = "姓名,手機,email,出生年,公司,標籤\n";

    #[test]
    fn the_same_file_again_changes_nothing() {
        let mut world = World::new();
        let text =
            format!("{HEADER}王小明,0912000001,,1985,台積電,VIP\n李大華,0912000002,li@example.com,,,\n王小明,0912000001,,,鴻海,老客戶\n壞,,,,,\n");
        assert_eq!(counts(&import(&mut world, &text)), (2, 0, 0, 1));
        let again = import(&mut world, &text);
        assert_eq!(counts(&again), (0, 0, 3, 1));
        assert_eq!(again.commands, []);
    }

    #[test]
    fn a2_duplicates_within_the_file_are_found_by_phone_email_and_birth_year() {
        let world = World::new();
        let text = format!(
            "{HEADER}王小明,0912000001,,1985,,\n王小明,+886-912-000-001,,,台積電,\n王小明,0912000003,,1985,,\n王大明,0912000001,,,,\n李華,,li@example.com,,,\n李華,0912000009,LI@example.com,,,\n趙六,,li@example.com,,,\n"
        );
        let first = Of::Row(2);
        let (duplicate, fifth) = (|of, by| Judgement::Duplicate { of, by }, Of::Row(6));
        assert_eq!(
            judgements(&world, &text),
            [
                (Judgement::New, Action::Create),
                (duplicate(first, By::NameAndPhone), Action::Update),
                (duplicate(first, By::NameAndBirthYear), Action::Update),
                (duplicate(first, By::Phone), Action::Skip),
                (Judgement::New, Action::Create),
                (duplicate(fifth, By::NameAndEmail), Action::Update),
                (duplicate(fifth, By::Email), Action::Skip),
            ]
        );
    }

    #[test]
    fn a2_an_update_fills_in_and_never_empties() {
        let mut world = World::new();
        import(&mut world, &format!("{HEADER}王小明,0912000001,w@example.com,1985,台積電,VIP\n"));
        let plan = import(&mut world, &format!("{HEADER}王小明,0912000001/0912000002,,,鴻海,老客戶\n"));
        assert_eq!(counts(&plan), (0, 1, 0, 0));
        let replica = world.replica(world.rep);
        let customer = replica.all::<Customer>().find(|customer| customer.profile.email == "w@example.com").expect("imported");
        assert_eq!(customer.profile.phones.len(), 2);
        assert_eq!(customer.profile.tags, ["VIP", "老客戶"]);
        assert_eq!(
            (customer.profile.email.as_str(), customer.profile.company.as_str(), customer.profile.birth_year),
            ("w@example.com", "鴻海", Some(1985))
        );
    }

    #[test]
    fn a2_by_what_a_row_has_found_somebody_they_are_found_again_whatever_later_rows_say() {
        // Five phones are all that fit, so that the first row finds its person by the year alone.
        let full = "张明,0912000001/0912000002/0912000003/0912000004/0912000005,,1982,,\n";
        let nobody = "";
        for (earlier, text) in [
            (full, "张明,0912000000,,1982,,\n张明,0912000000/0912000004,,1980,,\n"),
            (nobody, "张明,,,1982,,\n张明,,a@example.com,1982,,\n张明,,a@example.com,1980,,\n"),
            (nobody, "张明,,a@example.com,,,\n张明,0912000001,a@example.com,,,\n张明,0912000001,b@example.com,,,\n"),
        ] {
            let mut world = World::new();
            import(&mut world, &format!("{HEADER}{earlier}"));
            import(&mut world, &format!("{HEADER}{text}"));
            assert_eq!(import(&mut world, &format!("{HEADER}{text}")).commands, [], "{text}");
        }
    }

    #[test]
    fn a2_a_name_in_the_other_script_is_the_same_person() {
        let mut world = World::new();
        import(&mut world, &format!("{HEADER}張偉,0912000001,,,,\n"));
        assert_eq!(import(&mut world, &format!("{HEADER}张伟,0912000001,,,,\n")).commands, []);
    }

    #[test]
    fn a2_a_person_may_choose_otherwise() {
        let mut world = World::new();
        let text = format!("{HEADER}王小明,0912000001,,,,\n王小明,0912000001,,,台積電,\n王大明,0912000001,,,,\n");
        let all = |action| move |rows: &mut [Judged]| rows.iter_mut().for_each(|row| row.choose(action));
        assert_eq!(counts(&planned(&mut world, &text, all(Action::Create))), (3, 0, 0, 0));
        assert_eq!(counts(&planned(&mut world, &text, all(Action::Skip))), (0, 0, 3, 0));
        assert_eq!(
            counts(&planned(&mut world, &text, |rows| rows[0].choose(Action::Skip))),
            (1, 0, 2, 0),
            "a row whose original is skipped stands for itself"
        );
        assert_eq!(counts(&planned(&mut world, &text, |rows| rows[0].choose(Action::Update))), (1, 0, 1, 0), "there is nobody to update");
    }

    #[test]
    fn commands_are_small_enough_to_be_sent() {
        let mut world = World::new();
        let rows: String = (0..450).map(|n| format!("客戶{n},09{n:08},,,,\n")).collect();
        let plan = import(&mut world, &format!("{HEADER}{rows}"));
        assert_eq!(plan.commands.iter().map(|command| command.rows.len()).collect::<Vec<_>>(), [200, 200, 50]);
        let long = "需".repeat(2_000);
        let rows: String = (0..100).map(|n| format!("大客戶{n},098{n:07},{long}\n")).collect();
        let plan = import(&mut world, &format!("姓名,手機,需求\n{rows}"));
        assert!(plan.commands.len() > 1 && plan.created == 100);
        assert!(plan.commands.iter().all(|command| serde_json::to_string(command).expect("serialises").len() < BYTES + 1_000));
    }

    #[test]
    fn an_import_can_be_taken_back() {
        let mut world = World::new();
        let before = world.replica(world.rep).all::<Customer>().count();
        let plan = import(&mut world, &format!("{HEADER}王小明,0912000001,,,,\n李大華,0912000002,,,,\n"));
        world.apply(world.rep, UndoImport { import: plan.commands[0].import }).expect("nobody has worked with them");
        assert_eq!(world.replica(world.rep).all::<Customer>().count(), before);
    }

    fn file() -> impl Strategy<Value = String> {
        let row = "[王张張][明小],(091200000[0-3](/091200000[4-6])?)?,([ab]@example.com)?,(198[0-2])?,[甲乙]?,([xy]( ;z)?)?";
        prop::collection::vec(row, 1..12).prop_map(|rows| format!("{HEADER}{}\n", rows.join("\n")))
    }

    proptest! {
        #[test]
        fn a2_importing_any_file_twice_changes_nothing(earlier in file(), text in file()) {
            let mut world = World::new();
            import(&mut world, &earlier);
            import(&mut world, &text);
            prop_assert_eq!(import(&mut world, &text).commands, []);
        }

        #[test]
        fn a2_every_plan_is_allowed_whatever_a_person_chooses(earlier in file(), text in file(), choices in prop::collection::vec(0usize..3, 12)) {
            let mut world = World::new();
            import(&mut world, &earlier);
            let plan = planned(&mut world, &text, |rows| {
                for (row, choice) in rows.iter_mut().zip(&choices) {
                    row.choose([Action::Create, Action::Update, Action::Skip][*choice]);
                }
            });
            for command in plan.commands {
                prop_assert!(world.apply(world.rep, Command::from(command)).is_ok());
            }
        }
    }
}
