//! What the server has told of the whole organisation, for those whose devices hold no deals: the last answers, kept on the device, each with the
//! moment that it is of.
//!
//! Law: an answer is shown only beside the question that it answers.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::analysis::{By, Group, Question, ServersAnswer};
use shared::meetings::Meeting;
use shared::people::{Team, User};
use shared::products::Product;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// Between two askings for which nobody has done anything.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// When the server was asked last, and what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LastAsked {
    pub(crate) question: Question,
    pub(crate) at: Timestamp,
}

/// Whether to ask by now: another question at once, and so when the network is back; the same one, because the device has heard something new, only after
/// a pause. A clock that was set back makes nobody wait.
pub(crate) fn is_due(last: Option<&LastAsked>, question: &Question, is_back: bool, now: Timestamp) -> bool {
    last.is_none_or(|last| is_back || last.question != *question || now < last.at || now - last.at >= PAUSE)
}

/// Answers that are kept: what somebody looks at in one sitting.
const MOST: usize = 12;

/// What was asked, and what the server said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) question: Question,
    pub(crate) told: ServersAnswer,
}

/// The last answers, the latest first; each question once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answers {
    kept: Vec<Kept>,
}

impl Answers {
    /// Takes in what the server has just said. One that was overtaken on its way by a later one of the same question changes nothing.
    pub(crate) fn take(&mut self, question: Question, told: ServersAnswer) {
        if self.of(&question).is_some_and(|kept| kept.as_of > told.as_of) {
            return;
        }
        self.kept.retain(|kept| kept.question != question);
        self.kept.insert(0, Kept { question, told });
        self.kept.truncate(MOST);
    }

    /// What was said last to a question.
    pub(crate) fn of(&self, question: &Question) -> Option<&ServersAnswer> {
        self.kept.iter().find(|kept| kept.question == *question).map(|kept| &kept.told)
    }

    /// The latest of all.
    pub(crate) fn latest(&self) -> Option<&Kept> {
        self.kept.first()
    }

    /// What the report can be narrowed down to: what the device knows by name, and where customers live as far as answers have told it.
    pub(crate) fn choices(&self, replica: &Replica, by: By) -> Vec<Group> {
        let told = self.kept.iter().flat_map(|kept| &kept.told.answer.lines).map(|line| line.group.clone());
        let mut groups: BTreeSet<Group> = told.filter(|group| group.by() == by).collect();
        match by {
            By::Rep => groups.extend(replica.all::<User>().filter(|user| user.role.sells()).map(|user| Group::Rep(user.id))),
            By::Team => groups.extend(replica.all::<Team>().map(|team| Group::Team(Some(team.id)))),
            By::Product => groups.extend(replica.all::<Product>().map(|product| Group::Product(product.id))),
            By::Meeting => groups.extend(replica.all::<Meeting>().map(|meeting| Group::Meeting(Some(meeting.id)))),
            By::Channel => {
                let sources = replica.all::<Settings>().flat_map(|settings| settings.sources.clone());
                groups.extend(sources.map(|source| Group::Channel(source.code)));
            }
            By::Region | By::Period(_) => {}
        }
        groups.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::analysis::{Actuals, Answer, Figures, Length, Line, Period};
    use shared::money::Currency;

    fn question(month: u32) -> Question {
        let day = chrono::NaiveDate::from_ymd_opt(2026, month, 1).expect("a day");
        Question { period: Period::of(Length::Month, day), by: By::Region, narrowed: Vec::new() }
    }

    fn told(world: &World, minutes: i64, deals: u64) -> ServersAnswer {
        let now = Figures { deals, ..Figures::default() };
        let line = Line { group: Group::Region("臺中".into()), now, before: now, year_before: now };
        let answer = Answer { now, before: now, year_before: now, is_cut: false, lines: vec![line], trend: Vec::new() };
        ServersAnswer { as_of: world.now + TimeDelta::minutes(minutes), currency: Currency::Twd, answer, actuals: Actuals::default() }
    }

    #[test]
    fn i2_an_answer_stands_beside_its_own_question_and_the_later_one_counts() {
        let world = World::new();
        let mut answers = Answers::default();
        assert_eq!((answers.of(&question(11)), answers.latest()), (None, None));
        answers.take(question(11), told(&world, 0, 1));
        answers.take(question(10), told(&world, 1, 2));
        answers.take(question(11), told(&world, 5, 3));
        answers.take(question(11), told(&world, 2, 9));
        let deals = |month| answers.of(&question(month)).map(|told| told.answer.now.deals);
        assert_eq!((deals(11), deals(10), deals(9)), (Some(3), Some(2), None), "what came late is older");
        assert_eq!(answers.latest().map(|kept| &kept.question), Some(&question(11)));
    }

    #[test]
    fn i2_the_server_is_asked_once_a_minute_at_most_unless_somebody_asks_something_else() {
        let now = World::new().now;
        let after = |seconds| now + TimeDelta::seconds(seconds);
        let last = LastAsked { question: question(11), at: now };
        assert!(is_due(None, &question(11), false, now), "nothing was asked yet");
        let due = |seconds| is_due(Some(&last), &question(11), false, after(seconds));
        assert_eq!([due(0), due(59), due(60), due(-5)], [false, false, true, true]);
        assert!(is_due(Some(&last), &question(10), false, after(1)), "somebody has chosen another month");
        assert!(is_due(Some(&last), &question(11), true, after(1)), "the network is back");
    }

    #[test]
    fn i2_what_was_looked_at_last_is_kept_and_comes_back_as_it_was() {
        let world = World::new();
        let mut answers = Answers::default();
        for round in 0..3 {
            for month in 1..=12 {
                answers.take(question(month), told(&world, round * 12 + i64::from(month), 1));
            }
        }
        answers.take(Question { by: By::Rep, ..question(1) }, told(&world, 100, 7));
        assert_eq!((answers.of(&question(1)), answers.kept.len()), (None, MOST), "the one that was looked at longest ago goes");
        assert!(answers.of(&question(2)).is_some());
        let text = serde_json::to_string(&answers).expect("serialises");
        assert_eq!(serde_json::from_str::<Answers>(&text).expect("the same"), answers);
    }

    #[test]
    fn i2_who_holds_no_deals_narrows_down_by_what_they_may_know() {
        let world = World::new();
        let replica = world.replica(world.director);
        let mut answers = Answers::default();
        let choices = |answers: &Answers, by| answers.choices(&replica, by);
        for (by, group) in [
            (By::Rep, Group::Rep(world.rep)),
            (By::Team, Group::Team(Some(world.north))),
            (By::Product, Group::Product(world.course)),
            (By::Meeting, Group::Meeting(Some(world.meeting))),
            (By::Channel, Group::Channel("referral".into())),
        ] {
            assert!(choices(&answers, by).contains(&group), "{by:?}");
        }
        assert!(!choices(&answers, By::Rep).contains(&Group::Rep(world.director)));
        assert_eq!(choices(&answers, By::Region), []);
        answers.take(question(11), told(&world, 0, 1));
        assert_eq!(choices(&answers, By::Region), [Group::Region("臺中".into())]);
    }
}
