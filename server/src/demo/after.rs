//! Between the meetings: calls and a visit, a step that was promised for today, two complaints of which one is closed.

use super::{Company, Known, missing};
use chrono::Duration;
use shared::Unavailable;
use shared::complaints::Severity;
use shared::complaints::command::{NoteComplaintStep, ReportComplaint, SettleComplaint, TellComplainant};
use shared::contacts::command::LogContact;
use shared::contacts::{Came, NextStep, Way};
use shared::ids::{ComplaintId, ContactId};
use shared::time::UtcOffset;

const REP: &str = "rep1";
const SUPERVISOR: &str = "supervisor1";

impl Company<'_> {
    pub(super) fn follow_up(&mut self) -> Result<(), Unavailable> {
        let [called, visited, unhappy, content] = [10, 11, 12, 13].map(|place| self.known_to(REP, place));
        let (visited, unhappy, content) = (visited?, unhappy?, content?);
        self.log(&called?, -3, Way::Call, Came::NotReached, "", None)?;
        self.log(&visited, -2, Way::Visit, Came::Interested, "家裡有兩隻貓，想先看濾網的價錢", Some("寄濾網報價"))?;
        self.complain(&unhappy, -5, Severity::Serious, "安裝後第三天濾心座漏水，客廳木地板泡水")?;
        let closed = self.complain(&content, -4, Severity::Minor, "送來的說明書是英文版")?;
        let at = self.office_hour(-2);
        self.act(SUPERVISOR, at, SettleComplaint { complaint: closed, outcome: "補寄中文說明書，附一支替換濾心".into() })?;
        let told = at + Duration::hours(2);
        self.act(REP, told, TellComplainant { complaint: closed, way: Way::Call, words: "收到了，謝謝".into() })
    }

    fn known_to(&self, login: &str, place: usize) -> Result<Known, Unavailable> {
        self.customers.get(login).and_then(|known| known.get(place)).cloned().ok_or_else(|| missing("customer"))
    }

    fn log(&mut self, customer: &Known, days: i64, way: Way, came: Came, words: &str, next: Option<&str>) -> Result<(), Unavailable> {
        let at = self.office_hour(days);
        let next = next.map(|words| NextStep { on: UtcOffset::EAST_8.day_of(self.now), words: words.into() });
        let contact = ContactId(self.chance.id(at));
        let words = words.to_owned();
        self.act(REP, at, LogContact { contact, customer: customer.id, at: None, way, came, words, next, satisfaction: None, task: None })
    }

    /// Reported by the rep, and begun by the supervisor.
    fn complain(&mut self, customer: &Known, days: i64, severity: Severity, what: &str) -> Result<ComplaintId, Unavailable> {
        let at = self.office_hour(days);
        let complaint = ComplaintId(self.chance.id(at));
        let deadline = UtcOffset::EAST_8.day_of(at) + Duration::days(3);
        let what = what.to_owned();
        self.act(REP, at, ReportComplaint { complaint, customer: customer.id, deal: None, what, severity, deadline })?;
        self.act(SUPERVISOR, at + Duration::hours(1), NoteComplaintStep { complaint, words: "已致電道歉，約了時間處理".into() })?;
        Ok(complaint)
    }
}
