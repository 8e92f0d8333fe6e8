//! The meeting as a calendar file (RFC 5545).
//!
//! Law: nothing in it tells of the guest, and no address in it has the link: calendars are shared and synced to other people's machines.

use shared::meetings::Meeting;
use shared::time::Timestamp;

/// Longest line in octets, without its end.
const LINE: usize = 75;

/// The file.
pub(super) fn file(meeting: &Meeting, org: &str, now: Timestamp) -> String {
    let plan = &meeting.plan;
    let instant = |at: Timestamp| at.format("%Y%m%dT%H%M%SZ").to_string();
    let place = [plan.venue.as_str(), plan.address.as_str()].into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(", ");
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Huixiao//Invitation//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@huixiao", meeting.id),
        format!("DTSTAMP:{}", instant(now)),
        format!("DTSTART:{}", instant(plan.starts_at)),
        format!("DTEND:{}", instant(plan.ends_at)),
        format!("SUMMARY:{}", text(&plan.theme)),
        format!("LOCATION:{}", text(&place)),
        format!("DESCRIPTION:{}", text(org)),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{}", text(&plan.theme)),
        "TRIGGER:-PT2H".to_owned(),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

fn text(value: &str) -> String {
    value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace("\r\n", "\\n").replace(['\r', '\n'], "\\n")
}

/// A line with its end; what is longer goes on in the next one after a space, never inside of a character.
fn folded(line: &str) -> String {
    let (mut out, mut room) = (String::with_capacity(line.len() + 2), LINE);
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = LINE - 1;
        }
        room -= c.len_utf8();
        out.push(c);
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::World;

    #[test]
    fn b6_a_calendar_reads_the_meeting_on_one_clock_for_all() {
        let world = World::new();
        let mut meeting = (*world.get::<Meeting>(world.meeting)).clone();
        meeting.plan.theme = "理財; 保險, 與\\傳承".into();
        let file = file(&meeting, "匯成顧問", world.now);
        assert!(file.starts_with("BEGIN:VCALENDAR\r\n") && file.ends_with("END:VCALENDAR\r\n"));
        for line in ["DTSTART:20261130T010000Z", "DTEND:20261130T040000Z", "SUMMARY:理財\\; 保險\\, 與\\\\傳承", "DTSTAMP:20261123T010000Z"] {
            assert!(file.contains(&format!("\r\n{line}\r\n")), "{line} in {file}");
        }
        assert!(file.contains("LOCATION:國際會議中心\\, 臺北市信義路五段"));
    }

    #[test]
    fn b6_a_long_line_is_folded_between_characters() {
        let folded = folded(&"龍".repeat(100));
        assert!(folded.split("\r\n").all(|line| line.len() <= LINE), "{folded}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), "龍".repeat(100));
    }
}
