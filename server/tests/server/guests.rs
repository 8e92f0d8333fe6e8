//! The page of an invitation, as a guest's browser sees it (clause B6).

use crate::house::{Answer as Reply, Caller, House, envelope, nouns};
use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use shared::customers::{Contact, Customer};
use shared::ids::InvitationId;
use shared::invitations::command::{MakeLink, PlanInvitations, PlannedInvitation, WithdrawLinks};
use shared::invitations::link::{GUEST_PAGE, LinkToken};
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::command::{CancelMeeting, EditMeeting};
use shared::meetings::{Meeting, Plan};
use shared::sync::protocol::{PushAnswer, Verdict};
use uuid::Uuid;

/// A rep with a guest who has a link.
struct Invited {
    house: House,
    rep: Caller,
    guest: Caller,
    invitation: InvitationId,
    path: String,
    seq: u64,
}

/// The plan of the first organisation's meeting, which is tomorrow.
fn plan(house: &House, capacity: u32) -> Plan {
    let starts_at = Utc::now() + TimeDelta::days(1);
    let plan = house.ours.get::<Meeting>(house.ours.meeting).plan.clone();
    Plan { capacity, starts_at, ends_at: starts_at + TimeDelta::hours(3), ..plan }
}

impl Invited {
    async fn begin() -> Self {
        let house = House::open().await;
        let rep = house.ours("rep").await;
        let invitation = InvitationId(Uuid::new_v4());
        let world = &house.ours;
        let planned = PlannedInvitation { invitation, customer: world.customer, rep: world.rep, channel: Channel::Sms, due: None };
        let token = LinkToken::of(&[Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat()[..24].try_into().expect("24 bytes"));
        let meeting = world.meeting;
        let guest = Caller::new(&house.url);
        let plan = plan(&house, 120);
        let mut invited = Self { rep, guest, invitation, path: token.path(), seq: 0, house };
        invited.as_manager(EditMeeting { meeting, plan }).await;
        invited.push(PlanInvitations { meeting, planned: vec![planned] }).await;
        invited.push(MakeLink { invitation, link: token.hash() }).await;
        invited
    }

    async fn push(&mut self, command: impl Into<shared::Command>) {
        self.seq += 1;
        let PushAnswer::Done { outcomes, .. } = self.rep.push(vec![envelope(self.seq, command)]).await else { panic!("not taken") };
        assert_eq!(outcomes[0].verdict, Verdict::Applied);
    }

    async fn as_manager(&self, command: impl Into<shared::Command>) {
        let answer = self.house.ours("manager").await.push(vec![envelope(1, command)]).await;
        assert!(matches!(answer, PushAnswer::Done { .. }), "{answer:?}");
    }

    async fn look(&self) -> Reply {
        self.guest.get(&self.path).await
    }

    /// Sends a form as a browser does that tells nothing of where it comes from, and follows where it leads.
    async fn say(&self, form: &str) -> Reply {
        self.post(&self.path, form).await
    }

    async fn post(&self, path: &str, form: &str) -> Reply {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.guest.send(Method::POST, path, &headers, form.as_bytes().to_vec()).await
    }

    /// What the rep's device would show after it has synced.
    async fn kept(&self) -> Invitation {
        let mine = |invitation: &Invitation| invitation.id == self.invitation;
        nouns::<Invitation>(&self.rep.holdings().await).into_iter().find(mine).expect("the rep holds it")
    }
}

#[tokio::test]
async fn b6_a_guest_accepts_gets_the_ticket_and_declines_without_a_session() {
    let invited = Invited::begin().await;
    let page = invited.look().await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert!(page.text.contains("秋季理財說明會") && page.text.contains("value=\"accept\""), "{}", page.text);
    assert!(!page.text.contains("小明"), "the surname at most");
    let page = invited.say("answer=accept&companions=2").await;
    assert!(page.status.is_success() && page.text.contains("<svg"), "{}: {}", page.status, page.text);
    let kept = invited.kept().await;
    assert_eq!((&kept.answer, kept.companions, kept.attempts[0].by_guest), (&Answer::Agreed, 2, true));
    assert_eq!(kept.attempts[0].by, invited.house.ours.rep, "in the name of whoever invited");
    assert!(kept.ticket.is_some());
    invited.say("answer=decline&words=%E5%87%BA%E5%9C%8B").await;
    let kept = invited.kept().await;
    assert_eq!(kept.answer, Answer::Declined { reason: String::new(), words: "出國".into() });
    assert!(kept.ticket.is_none());
    invited.house.close().await;
}

#[tokio::test]
async fn b6_the_same_form_a_hundred_times_is_one_answer() {
    let invited = Invited::begin().await;
    for _ in 0..15 {
        assert!(invited.say("answer=accept&companions=1").await.status.is_success());
    }
    let mut refused = 0;
    for _ in 0..85 {
        refused += usize::from(invited.say("answer=accept&companions=1").await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0, "whoever presses for ever is held up");
    let kept = invited.kept().await;
    assert_eq!((kept.attempts.len(), kept.companions, &kept.answer), (1, 1, &Answer::Agreed));
    invited.house.close().await;
}

#[tokio::test]
async fn b6_a_question_reaches_the_rep_once() {
    let invited = Invited::begin().await;
    for _ in 0..3 {
        let page = invited.say("answer=ask&question=%E6%9C%89%E5%81%9C%E8%BB%8A%E4%BD%8D%E5%97%8E").await;
        assert!(page.text.contains("guest-notice"), "{}", page.text);
    }
    let kept = invited.kept().await;
    assert_eq!((kept.questions.as_slice(), &kept.answer), (["有停車位嗎".to_owned()].as_slice(), &Answer::Planned));
    assert!(kept.asked.is_some());
    invited.house.close().await;
}

#[tokio::test]
async fn b6_nothing_tells_a_wrong_link_from_a_withdrawn_one_and_no_page_is_kept() {
    let mut invited = Invited::begin().await;
    let never = invited.guest.get(&LinkToken::of(&[9; 24]).path()).await;
    let broken = invited.guest.get("/i/x").await;
    let invitation = invited.invitation;
    invited.push(WithdrawLinks { invitation }).await;
    let withdrawn = invited.look().await;
    for answer in [&never, &broken, &withdrawn] {
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &never.text));
        assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
    }
    assert_eq!(invited.say("answer=accept&companions=0").await.status, StatusCode::NOT_FOUND);
    assert_eq!(invited.kept().await.answer, Answer::Planned);
    invited.house.close().await;
}

#[tokio::test]
async fn b6_a_meeting_that_was_called_off_takes_no_answers() {
    let invited = Invited::begin().await;
    invited.as_manager(CancelMeeting { meeting: invited.house.ours.meeting }).await;
    let page = invited.say("answer=accept&companions=0").await;
    assert!(!page.text.contains("<form"), "{}", page.text);
    assert_eq!(invited.kept().await.answer, Answer::Planned);
    invited.house.close().await;
}

#[tokio::test]
async fn b6_a_guest_waits_in_line_when_all_places_are_taken() {
    let invited = Invited::begin().await;
    let meeting = invited.house.ours.meeting;
    let plan = plan(&invited.house, 1);
    invited.as_manager(EditMeeting { meeting, plan }).await;
    let page = invited.say("answer=accept&companions=1").await;
    assert!(page.text.contains("候補第 1 位") && !page.text.contains("<svg"), "{}", page.text);
    assert!(invited.kept().await.waiting.is_some());
    let page = invited.say("answer=accept&companions=0").await;
    assert!(page.text.contains("已為您保留"), "one place is free for one person: {}", page.text);
    invited.house.close().await;
}

#[tokio::test]
async fn b6_a_form_of_another_site_is_refused_and_looking_changes_nothing() {
    let invited = Invited::begin().await;
    for site in ["cross-site", "same-site"] {
        let answer = invited.guest.send(Method::POST, &invited.path, &[("sec-fetch-site", site)], b"answer=accept&companions=0".to_vec()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    for path in [String::new(), "/stop".into(), "/meeting.ics".into(), "?answer=accept&companions=0".into()] {
        assert_eq!(invited.guest.get(&format!("{}{path}", invited.path)).await.status, StatusCode::OK, "{path}");
    }
    for form in ["", "answer=agreed", "answer=accept&companions=99", "companions=1"] {
        assert_eq!(invited.say(form).await.status, StatusCode::BAD_REQUEST, "{form}");
    }
    let long = format!("answer=ask&question={}", "x".repeat(20_000));
    assert_eq!(invited.say(&long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let kept = invited.kept().await;
    assert_eq!((&kept.answer, kept.attempts.len(), kept.questions.len()), (&Answer::Planned, 0, 0));
    invited.house.close().await;
}

#[tokio::test]
async fn b6_who_wants_to_be_left_in_peace_is_heard_also_after_the_meeting_was_called_off() {
    let invited = Invited::begin().await;
    invited.as_manager(CancelMeeting { meeting: invited.house.ours.meeting }).await;
    let page = invited.post(&format!("{}/stop", invited.path), "List-Unsubscribe=One-Click").await;
    assert!(page.status.is_success(), "{}", page.text);
    let customers = invited.rep.customers().await;
    let customer = customers.iter().find(|customer: &&Customer| customer.id == invited.house.ours.customer).expect("the rep's");
    assert_eq!(customer.profile.contact, Contact::Refused);
    invited.house.close().await;
}

#[tokio::test]
async fn b6_no_device_may_say_that_it_is_the_guests_page() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let mut request = rep.request(vec![envelope(1, crate::house::add(&house.ours, house.ours.rep, "王小明"))]);
    request.client = GUEST_PAGE;
    let answer = rep.post("/api/sync/push", &serde_json::to_value(&request).expect("it serialises")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "malformed"));
    house.close().await;
}

#[tokio::test]
async fn b6_a_guest_reads_in_the_language_asked_for_and_the_calendar_file_has_no_link() {
    let invited = Invited::begin().await;
    let page = |query: &'static str, accepted: &'static str| {
        let path = format!("{}{query}", invited.path);
        let guest = &invited.guest;
        async move { guest.send(Method::GET, &path, &[("accept-language", accepted)], Vec::new()).await.text }
    };
    assert!(page("", "en-GB,zh;q=0.5").await.contains("lang=\"en\""));
    assert!(page("?lang=zh-Hans", "en").await.contains("lang=\"zh-Hans-CN\""));
    assert!(page("", "fr").await.contains("lang=\"zh-Hant-TW\""), "the organisation's");
    let file = invited.guest.get(&format!("{}/meeting.ics", invited.path)).await;
    assert!(file.header("content-type").starts_with("text/calendar") && file.text.starts_with("BEGIN:VCALENDAR"));
    assert!(!file.text.contains(&invited.path[3..]), "{}", file.text);
    assert_eq!(invited.guest.get("/guest.css").await.header("content-type"), "text/css; charset=utf-8");
    invited.house.close().await;
}
