//! A contract on pages of A4: the text that was signed, both signatures as they were drawn, and what is known of them. The file of evidence is attached, so
//! that whoever has the paper's file can have it verified. The same contract gives the same bytes.

use super::fonts::{Fonts, Letter};
use crate::texts::{Language, contract as t, guest_page};
use chrono::{Datelike, Timelike};
use krilla::Document;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{Path, PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::KrillaGlyph;
use shared::deals::evidence::Identified;
use shared::deals::{self, Contract};
use shared::time::{Timestamp, UtcOffset};
use unicode_linebreak::{BreakOpportunity, linebreaks};

// In points, 72 to an inch.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 62.0;
const BODY: f32 = 10.5;
const SMALL: f32 = 8.0;
/// From line to line, as a part of the size.
const LEADING: f32 = 1.65;
const SIGNATURE_WIDTH: f32 = 210.0;
const SIGNATURE_HEIGHT: f32 = 76.0;
/// A column of tabulators is so many letters wide.
const TAB: usize = 4;

/// All that stands on the paper.
pub(super) struct Printed {
    /// The language of the words around the text.
    pub(super) language: Language,
    /// The company.
    pub(super) company: String,
    /// The contract's number.
    pub(super) number: String,
    /// The company's clock.
    pub(super) clock: UtcOffset,
    /// Who signed for the company.
    pub(super) witness: String,
    /// The file of evidence.
    pub(super) evidence: String,
    /// What has become of it since, if it counts no more.
    pub(super) since: Since,
    /// What was signed.
    pub(super) contract: Contract,
}

/// What has become of a contract.
pub(super) enum Since {
    /// It counts.
    Counts,
    /// It was called off.
    CalledOff,
    /// The contract of this number has taken its place.
    Replaced(String),
}

/// Something at a place of a page.
enum Item {
    /// Letters from left to right; y is the line on which they stand.
    Letters { x: f32, y: f32, size: f32, text: String },
    /// A drawn line.
    Line { path: Path, width: f32 },
}

/// Pages that are being filled from top to bottom.
struct Pages<'a> {
    fonts: &'a Fonts,
    language: Language,
    done: Vec<Vec<Item>>,
    y: f32,
}

/// Draws the contract; none if a font cannot be put into the file.
pub(super) fn draw(printed: &Printed, fonts: &Fonts) -> Option<Vec<u8>> {
    let language = printed.language;
    let mut pages = Pages { fonts, language, done: vec![Vec::new()], y: MARGIN };
    match &printed.since {
        Since::Counts => {}
        Since::CalledOff => pages.text(t::called_off(language), BODY),
        Since::Replaced(by) => pages.text(&t::replaced(language, by), BODY),
    }
    pages.text(&printed.contract.text, BODY);
    pages.gap(BODY * 2.0);
    signatures(&mut pages, printed);
    pages.gap(BODY);
    for line in evidence(printed) {
        pages.text(&line, SMALL);
    }
    let count = pages.done.len();
    let mut document = Document::new();
    for (index, items) in pages.done.iter().enumerate() {
        let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT)?);
        let mut surface = page.surface();
        for item in items {
            put(&mut surface, item, fonts, language);
        }
        let foot = t::foot(language, count, &printed.number, index + 1);
        let foot = Item::Letters { x: MARGIN, y: HEIGHT - MARGIN / 2.0, size: SMALL, text: foot };
        put(&mut surface, &foot, fonts, language);
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(printed));
    document.embed_file(EmbeddedFile {
        path: format!("{}.hxe.txt", printed.number),
        mime_type: MimeType::new("text/plain"),
        description: Some(t::evidence_file(language).to_owned()),
        association_kind: AssociationKind::Data,
        data: printed.evidence.clone().into_bytes().into(),
        modification_date: Some(date(printed.contract.signed_at)),
        compress: None,
        location: None,
    })?;
    document.finish().ok()
}

fn metadata(printed: &Printed) -> Metadata {
    Metadata::new()
        .title(printed.number.clone())
        .authors(vec![printed.company.clone()])
        .language(guest_page::tag(printed.language).to_owned())
        .creation_date(date(printed.contract.signed_at))
        .document_id(printed.contract.sha256.clone())
}

/// A moment as a PDF tells it, in UTC.
fn date(at: Timestamp) -> DateTime {
    let small = |value: u32| u8::try_from(value).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// Both, side by side: the customer's, and the company's if there is one.
fn signatures(pages: &mut Pages<'_>, printed: &Printed) {
    let (contract, language) = (&printed.contract, printed.language);
    let (caption, at) = (BODY * LEADING, moment(contract.signed_at, printed.clock));
    let columns = [
        (MARGIN, &contract.strokes, t::by_customer(language, &contract.signer)),
        (WIDTH - MARGIN - SIGNATURE_WIDTH, &contract.witness_strokes, t::by_company(language, &printed.company, &printed.witness)),
    ]
    .map(|(x, strokes, who)| (x, strokes, pages.lines(&who, BODY, SIGNATURE_WIDTH)));
    let most = columns.iter().map(|(_, _, who)| who.len()).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a name has few lines")]
    let height = SIGNATURE_HEIGHT + caption * (most as f32 + 1.2);
    pages.room(height);
    let top = pages.y;
    for (x, strokes, who) in columns.into_iter().filter(|(_, strokes, _)| !strokes.is_empty()) {
        if let Some(path) = drawing(strokes, x, top) {
            pages.put(Item::Line { path, width: 1.2 });
        }
        let foot = top + SIGNATURE_HEIGHT;
        if let Some(path) = straight(x, foot, x + SIGNATURE_WIDTH) {
            pages.put(Item::Line { path, width: 0.5 });
        }
        let mut y = foot;
        for line in who {
            y += caption;
            pages.put(Item::Letters { x, y, size: BODY, text: line });
        }
        pages.put(Item::Letters { x, y: y + caption * 0.9, size: SMALL, text: at.clone() });
    }
    pages.y = top + height;
}

/// What is known of the signature, a line each.
fn evidence(printed: &Printed) -> Vec<String> {
    let (contract, language) = (&printed.contract, printed.language);
    let mut lines = vec![t::hash(language, &contract.sha256), t::template(language, contract.device, contract.template_version)];
    if let Some(declared) = &contract.declared {
        let known = match declared.identified {
            Identified::Known => t::known(language),
            Identified::Document => t::by_document(language),
            Identified::Ticket => t::by_ticket(language),
            Identified::Word => t::by_word(language),
        };
        lines.push(t::consented(language, &declared.consent, known));
    }
    if let Some(received) = &contract.received {
        lines.push(t::received(language, moment(received.at, printed.clock)));
    }
    lines.push(t::attached(language).to_owned());
    lines
}

/// Day, time and clock: 2026-11-23 14:05:09 +08:00.
fn moment(at: Timestamp, clock: UtcOffset) -> String {
    clock.at(at).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

impl Pages<'_> {
    fn put(&mut self, item: Item) {
        self.done.last_mut().expect("there is a page").push(item);
    }

    /// Begins a new page unless so much fits.
    fn room(&mut self, height: f32) {
        if self.y + height > HEIGHT - MARGIN {
            self.done.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// A text with its own lines, each broken where it may be.
    fn text(&mut self, text: &str, size: f32) {
        for paragraph in text.split('\n') {
            for line in self.lines(paragraph.trim_end_matches('\r'), size, WIDTH - 2.0 * MARGIN) {
                self.room(size * LEADING);
                self.y += size * LEADING;
                let y = self.y;
                self.put(Item::Letters { x: MARGIN, y, size, text: line });
            }
        }
    }

    /// The lines of a paragraph: broken where the rules of writing allow it (UAX 14), and anywhere where nothing else helps.
    fn lines(&self, paragraph: &str, size: f32, width: f32) -> Vec<String> {
        let paragraph = paragraph.replace('\t', &" ".repeat(TAB));
        let (mut lines, mut line, mut filled) = (Vec::new(), String::new(), 0.0_f32);
        let mut begin = 0;
        for (end, _) in linebreaks(&paragraph).filter(|(_, how)| matches!(how, BreakOpportunity::Allowed | BreakOpportunity::Mandatory)) {
            let piece = &paragraph[begin..end];
            begin = end;
            let wide = self.width(piece, size);
            // Spaces at the end may stand beyond the edge.
            if filled + self.width(piece.trim_end(), size) > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0.0;
            }
            if wide <= width {
                line.push_str(piece);
                filled += wide;
                continue;
            }
            for c in piece.chars() {
                let one = self.width(c.encode_utf8(&mut [0; 4]), size);
                if filled + one > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    filled = 0.0;
                }
                line.push(c);
                filled += one;
            }
        }
        lines.push(line);
        lines
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.fonts.letter(c, self.language).width * size).sum()
    }
}

/// Puts something on a page: letters in runs of one font.
fn put(surface: &mut Surface<'_>, item: &Item, fonts: &Fonts, language: Language) {
    match item {
        Item::Line { path, width } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { width: *width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() }));
            surface.draw_path(path);
        }
        Item::Letters { x, y, size, text } => {
            surface.set_stroke(None);
            surface.set_fill(Some(krilla::paint::Fill::default()));
            let letters: Vec<(usize, char, Letter)> = text.char_indices().map(|(at, c)| (at, c, fonts.letter(c, language))).collect();
            let mut x = *x;
            for run in letters.chunk_by(|a, b| a.2.face == b.2.face) {
                let (begin, end) = (run[0].0, run.last().map_or(0, |(at, c, _)| at + c.len_utf8()));
                let glyphs: Vec<_> = run
                    .iter()
                    .map(|(at, c, letter)| {
                        let range = at - begin..at - begin + c.len_utf8();
                        KrillaGlyph::new(letter.glyph, letter.width, 0.0, 0.0, 0.0, range, None)
                    })
                    .collect();
                surface.draw_glyphs(Point::from_xy(x, *y), &glyphs, fonts.font(run[0].2.face), &text[begin..end], *size, false);
                x += run.iter().map(|(_, _, letter)| letter.width * size).sum::<f32>();
            }
        }
    }
}

/// A signature in its field, as large as it fits and never larger than it was drawn.
fn drawing(strokes: &[deals::Stroke], x: f32, y: f32) -> Option<Path> {
    let points = || strokes.iter().flat_map(|stroke| &stroke.0);
    #[expect(clippy::cast_precision_loss, reason = "a signature of a thousand kilometres may lose a little")]
    let place = |point: &deals::Point| (point.0 as f32 / 10.0, point.1 as f32 / 10.0);
    let bounds = points().map(place).fold(None, |bounds: Option<[f32; 4]>, (x, y)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    let [left, top, right, bottom] = bounds?;
    // A CSS pixel is three quarters of a point.
    let scale = (SIGNATURE_WIDTH / (right - left).max(1.0)).min((SIGNATURE_HEIGHT - 6.0) / (bottom - top).max(1.0)).min(0.75);
    let mut path = PathBuilder::new();
    for stroke in strokes {
        for (index, point) in stroke.0.iter().enumerate() {
            let (px, py) = place(point);
            let (px, py) = (x + (px - left) * scale, y + (py - top) * scale);
            if index == 0 {
                path.move_to(px, py);
                // A dot is a line of no length.
                path.line_to(px + 0.01, py);
            } else {
                path.line_to(px, py);
            }
        }
    }
    path.finish()
}

fn straight(from: f32, y: f32, to: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(from, y);
    path.line_to(to, y);
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::embedded().expect("npm ci has brought the fonts");
        let pages = Pages { fonts, language: Language::ZhHant, done: vec![Vec::new()], y: MARGIN };
        pages.lines(text, 10.0, width)
    }

    #[test]
    fn f2_a_line_is_broken_as_chinese_is_and_loses_nothing() {
        let text = "出賣人應於訂金入帳後十四日內，與買受人約定交付日期。ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        for width in [20.0, 55.0, 100.0, 133.0] {
            let broken = lines(text, width);
            assert_eq!(broken.concat(), text, "{width}");
            assert!(broken.len() > 3, "{broken:?}");
            assert!(broken.iter().all(|line| !line.starts_with(['，', '。'])) || width < 30.0, "no line begins with a full stop: {broken:?}");
        }
        assert_eq!(lines("", 100.0), [""], "an empty line is one");
    }

    #[test]
    fn f2_every_letter_of_both_scripts_has_a_drawing() {
        let fonts = Fonts::embedded().expect("npm ci has brought the fonts");
        for c in "訂購契約書订购合同龘々犇𠮷AaÄ9—、。「」“”NT$¥€－＋×".chars() {
            for language in [Language::ZhHant, Language::ZhHans] {
                let letter = fonts.letter(c, language);
                assert!(letter.width > 0.0, "{c}");
                assert!(letter.glyph.to_u32() != 0 || c == '𠮷', "{c}");
            }
        }
        let hant = fonts.letter('門', Language::ZhHant);
        assert_eq!((hant.face, fonts.letter('門', Language::ZhHans).face), (0, 1), "each script from its own font");
    }
}
