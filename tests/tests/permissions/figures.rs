//! Whose figures the server tells whom (clauses I2, M2): each role asks for each seller's, by name.

use super::*;
use shared::analysis::{By, Ledger, Length, Period, Question, Reach};

#[test]
fn whose_figures_are_told_to_whom() {
    let stage = Stage::new();
    let world = stage.world;
    let mut ledger = Ledger::default();
    let sellers = [world.rep, world.colleague, world.supervisor, world.manager, world.stranger];
    world.all().filter_map(Deal::of).for_each(|deal| ledger.take_deal(deal));
    world.all().filter_map(Customer::of).for_each(|customer| ledger.take_customer(customer));
    world.all().filter_map(User::of).for_each(|user| ledger.take_user(user));
    world.all().filter_map(shared::settings::Settings::of).for_each(|settings| ledger.take_settings(settings));

    let name = |user: UserId| world.get::<User>(user).login.clone();
    let mut table = format!("{:16}", "");
    sellers.iter().for_each(|seller| write!(table, "{:>12}", name(*seller)).expect("a String takes all"));
    table.push_str("       words\n");
    for asking in world.people() {
        let Some(actor) = Actor::of(world.org, &world.get::<User>(asking)) else { continue };
        write!(table, "{:16}", name(asking)).expect("a String takes all");
        for seller in sellers {
            let period = Period::of(Length::Year, world.now.date_naive());
            let question = Question { period, by: By::Rep, narrowed: vec![Group::Rep(seller)] };
            let told = Reach::of(&actor).map(|reach| ledger.report(reach, &question, world.now).expect("there are settings"));
            let cell = told.map_or("refused".to_owned(), |told| {
                if told.answer.now.deals == 0 { "—".to_owned() } else { format!("{} sold", told.answer.now.deals) }
            });
            write!(table, "{cell:>12}").expect("a String takes all");
        }
        let words = match Reach::of(&actor) {
            None => "none",
            Some(Reach::Totals) => "of many",
            Some(Reach::Own(_) | Reach::Team(_) | Reach::Everybody) => "of whom they hold",
        };
        writeln!(table, "  {words}").expect("a String takes all");
    }
    insta::assert_snapshot!(table);
}
