//! What a guest sends from the page, as commands: in the name of whoever invited them, from the page as a device of its own, so that the
//! record tells who has answered. The rules are those of every device.

use super::acting;
use crate::store::Transaction;
use shared::decide::ViewExt;
use shared::ids::{InvitationId, OrgId};
use shared::invitations::command::{AskQuestion, ChangeParty, RecordAnswer, RefuseReminders};
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::places::MOST_COMPANIONS;
use shared::sync::protocol::Verdict;
use shared::time::Timestamp;
use shared::{Command, Rejection, Unavailable};

/// Longest reason for declining.
pub(super) const WORDS_MAX: usize = 500;
/// Longest question.
pub(super) const QUESTION_MAX: usize = 500;

/// What a guest wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Comes, with so many.
    Accept(u8),
    /// Does not come; the words may be empty.
    Decline(String),
    /// Wants to know something.
    Ask(String),
    /// Wants no reminders any more, and keeps the place.
    NoReminders,
    /// Does not want to be contacted again.
    Stop,
}

/// What the page says after a reply, besides where the invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The question has arrived.
    Asked,
    /// So many places are left.
    NotEnoughPlaces(u32),
    /// The rules refuse it.
    NotNoted,
    WordsTooLong,
    QuestionTooLong,
    NothingAsked,
}

impl Notice {
    /// As it stands in the address to which a reply leads.
    pub(super) fn code(self) -> String {
        match self {
            Self::Asked => "asked".into(),
            Self::NotEnoughPlaces(left) => format!("left-{left}"),
            Self::NotNoted => "not-noted".into(),
            Self::WordsTooLong => "long-words".into(),
            Self::QuestionTooLong => "long-question".into(),
            Self::NothingAsked => "nothing-asked".into(),
        }
    }

    pub(super) fn read(code: &str) -> Option<Self> {
        if let Some(left) = code.strip_prefix("left-") {
            return left.parse().ok().map(Self::NotEnoughPlaces);
        }
        [Self::Asked, Self::NotNoted, Self::WordsTooLong, Self::QuestionTooLong, Self::NothingAsked].into_iter().find(|notice| notice.code() == code)
    }
}

/// Reads a form. None if it is none of the page's.
pub(super) fn read(form: &[u8]) -> Option<Result<Reply, Notice>> {
    let field = |name: &str| {
        let found = form_urlencoded::parse(form).find(|(key, _)| key == name);
        found.map(|(_, value)| value.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default()
    };
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    match field("answer").as_str() {
        "accept" => Some(Ok(Reply::Accept(field("companions").parse().ok().filter(|companions| *companions <= MOST_COMPANIONS)?))),
        "decline" => Some(Some(field("words")).filter(|words| fits(words, WORDS_MAX)).map(Reply::Decline).ok_or(Notice::WordsTooLong)),
        "ask" => match field("question") {
            question if question.is_empty() => Some(Err(Notice::NothingAsked)),
            question if !fits(&question, QUESTION_MAX) => Some(Err(Notice::QuestionTooLong)),
            question => Some(Ok(Reply::Ask(question))),
        },
        _ => None,
    }
}

/// Carries a reply out. What changes nothing is no command: a form may be sent a hundred times.
///
/// # Errors
/// [`Unavailable`]: nothing was kept.
pub(super) fn carry_out(tx: &Transaction<'_>, org: OrgId, id: InvitationId, reply: &Reply, now: Timestamp) -> Result<Option<Notice>, Unavailable> {
    let mut org = tx.of(org)?;
    let Some(invitation) = org.get::<Invitation>(id)? else { return Ok(Some(Notice::NotNoted)) };
    let commands = commands(&invitation, reply);
    if commands.is_empty() {
        return Ok(matches!(reply, Reply::Ask(_)).then_some(Notice::Asked));
    }
    let Some(verdicts) = acting::carry_out(&mut org, &invitation, commands, now)? else { return Ok(Some(Notice::NotNoted)) };
    let refused = verdicts.into_iter().find(|verdict| *verdict != Verdict::Applied);
    Ok(match refused {
        Some(Verdict::Rejected { rejection: Rejection::NotEnoughPlaces { left } }) => Some(Notice::NotEnoughPlaces(left)),
        Some(_) => Some(Notice::NotNoted),
        None => matches!(reply, Reply::Ask(_)).then_some(Notice::Asked),
    })
}

fn commands(invitation: &Invitation, reply: &Reply) -> Vec<Command> {
    let id = invitation.id;
    let said = |answer: Answer| RecordAnswer { invitation: id, channel: Channel::Other, answer, questions: Vec::new() }.into();
    match reply {
        Reply::Accept(companions) => {
            let party = (invitation.companions != *companions).then(|| ChangeParty { invitation: id, companions: *companions }.into());
            // Who waits says yes again when a place is offered; without one the line stays as it is.
            let yes = (!invitation.comes()).then(|| said(Answer::Agreed));
            party.into_iter().chain(yes).collect()
        }
        Reply::Decline(words) => {
            let declined = Answer::Declined { reason: String::new(), words: words.clone() };
            let known = match &invitation.answer {
                Answer::Declined { words: before, .. } => words.is_empty() || before == words,
                _ => false,
            };
            if known { Vec::new() } else { vec![said(declined)] }
        }
        Reply::Ask(question) if invitation.questions.contains(question) => Vec::new(),
        Reply::Ask(question) => vec![AskQuestion { invitation: id, question: question.clone() }.into()],
        Reply::NoReminders => vec![RefuseReminders { invitation: id }.into()],
        Reply::Stop if invitation.answer == Answer::DoNotContact => Vec::new(),
        Reply::Stop => vec![said(Answer::DoNotContact)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_a_form_is_read_and_what_is_none_is_not() {
        assert_eq!(read(b"answer=accept&companions=2"), Some(Ok(Reply::Accept(2))));
        assert_eq!(read(b"answer=decline&words=+%E5%87%BA%E5%9C%8B%0D%0A%21"), Some(Ok(Reply::Decline("出國\n!".into()))));
        assert_eq!(read(b"answer=decline"), Some(Ok(Reply::Decline(String::new()))));
        assert_eq!(read(b"answer=ask&question=+"), Some(Err(Notice::NothingAsked)));
        assert_eq!(read(format!("answer=ask&question={}", "x".repeat(501)).as_bytes()), Some(Err(Notice::QuestionTooLong)));
        assert_eq!(read(format!("answer=decline&words={}", "x".repeat(501)).as_bytes()), Some(Err(Notice::WordsTooLong)));
        for form in
            [&b""[..], b"answer=accept", b"answer=accept&companions=10", b"answer=accept&companions=-1", b"answer=do_not_contact", b"\xff\xfe"]
        {
            assert_eq!(read(form), None, "{form:?}");
        }
    }

    #[test]
    fn b6_a_notice_comes_back_from_its_address() {
        for notice in
            [Notice::Asked, Notice::NotEnoughPlaces(3), Notice::NotNoted, Notice::WordsTooLong, Notice::QuestionTooLong, Notice::NothingAsked]
        {
            assert_eq!(Notice::read(&notice.code()), Some(notice));
        }
        assert_eq!(Notice::read("<script>"), None);
    }
}
