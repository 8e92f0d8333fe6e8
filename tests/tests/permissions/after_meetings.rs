//! What comes after a meeting: contacts, complaints, and tasks that are put off or handed to colleagues.

use super::*;

pub(super) fn contact(world: &mut World, customer: CustomerId, task: Option<Why>) -> LogContact {
    let (way, came, words) = (Way::Call, Came::Spoke, String::new());
    LogContact { contact: world.id(), customer, at: None, way, came, words, next: None, satisfaction: None, task }
}

pub(super) fn complaint(world: &mut World, customer: CustomerId) -> ReportComplaint {
    let (what, severity, deadline) = ("漏水".into(), Severity::Serious, "2026-11-27".parse().expect("a day"));
    ReportComplaint { complaint: world.id(), customer, deal: None, what, severity, deadline }
}

pub(super) fn errand_of(meeting: MeetingId) -> Why {
    Why::CameOnly { meeting }
}

pub(super) fn snooze() -> Mark {
    Mark::Snoozed { until: "2026-12-02".parse().expect("a day") }
}

pub(super) fn hand_over(to: UserId) -> Mark {
    Mark::HandedOver { to, due: "2026-12-02T04:00:00Z".parse().expect("an instant"), words: String::new() }
}

pub(super) fn after_meetings() -> Vec<Line> {
    let of = "customer:";
    vec![
        line(of, Whose::ANYBODYS_OR_POOL, |world, _, rows| contact(world, rows.customer, None)),
        line("of a task that a colleague handed over, customer:", Whose::ANYBODYS, |world, actor, rows| {
            handed_to(world, actor, rows);
            contact(world, rows.customer, Some(errand_of(rows.meeting)))
        }),
        line("putting off, customer:", Whose::ANYBODYS_OR_POOL, |_, _, rows| MarkFollowUp {
            customer: rows.customer,
            why: Why::StayedAway { meeting: rows.meeting },
            mark: snooze(),
        }),
        line("to a rep of team North, customer:", Whose::ANYBODYS_OR_POOL, |world, _, rows| MarkFollowUp {
            customer: rows.customer,
            why: Why::StayedAway { meeting: rows.meeting },
            mark: hand_over(if rows.user == world.colleague { world.rep } else { world.colleague }),
        }),
        line("to a rep of team South, customer:", Whose::ANYBODYS_OR_POOL, |world, _, rows| MarkFollowUp {
            customer: rows.customer,
            why: Why::StayedAway { meeting: rows.meeting },
            mark: hand_over(world.stranger),
        }),
        line("giving back what a colleague handed over, customer:", Whose::ANYBODYS, |world, actor, rows| {
            handed_to(world, actor, rows);
            MarkFollowUp { customer: rows.customer, why: errand_of(rows.meeting), mark: Mark::Open }
        }),
        line("", NOBODYS, |_, _, _| SetFollowUpRule { rule: Rule::CameOnly, after: Some(24) }),
        line(of, Whose::ANYBODYS_OR_POOL, |world, _, rows| complaint(world, rows.customer)),
        line(of, Whose::ANYBODYS, |_, _, rows| NoteComplaintStep { complaint: rows.complaint, words: "已拍照".into() }),
        line("to the manager, customer:", Whose::ANYBODYS, |world, _, rows| AssignComplaint {
            complaint: rows.complaint,
            handler: world.manager,
            deadline: "2026-11-30".parse().expect("a day"),
            severity: Severity::Urgent,
        }),
        line(of, Whose::ANYBODYS, |_, _, rows| SettleComplaint { complaint: rows.complaint, outcome: "換新機".into() }),
        line(of, Whose::ANYBODYS, |_, _, rows| TellComplainant { complaint: rows.complaint, way: Way::Call, words: String::new() }),
        line(of, Whose::ANYBODYS, |_, _, rows| ReopenComplaint {
            complaint: rows.complaint,
            reason: "又漏了".into(),
            deadline: "2026-12-05".parse().expect("a day"),
        }),
    ]
}

/// The owner's task is in the actor's hands, if the rules let the owner hand it there.
pub(super) fn handed_to(world: &mut World, actor: UserId, rows: Rows) {
    let (customer, why) = (rows.customer, errand_of(rows.meeting));
    if world.find::<User>(rows.user).is_some() && rows.user != actor {
        drop(world.apply(rows.user, MarkFollowUp { customer, why, mark: hand_over(actor) }));
    }
}
