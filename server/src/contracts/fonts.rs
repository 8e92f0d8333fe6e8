//! The fonts of contracts: Noto Sans for traditional and for simplified characters, each with Latin letters. They come from npm and are carried inside the
//! binary (build.rs). A PDF holds only the letters that it uses.

use crate::texts::Language;
use krilla::text::{Font, GlyphId};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::raw::FontRef;
use std::sync::OnceLock;

const TRADITIONAL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/traditional.otf"));
const SIMPLIFIED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/simplified.otf"));

/// One font: for the PDF, and to measure with.
struct Face {
    font: Font,
    characters: skrifa::charmap::Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    per_em: f32,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let font = Font::new(bytes.into(), 0)?;
        let read = FontRef::new(bytes).ok()?;
        let (characters, metrics) = (read.charmap(), read.glyph_metrics(Size::unscaled(), LocationRef::default()));
        Some(Self { per_em: font.units_per_em(), font, characters, metrics })
    }
}

/// A letter as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Letter {
    /// Which of the fonts has it.
    pub(super) face: usize,
    /// Its drawing there.
    pub(super) glyph: GlyphId,
    /// Its width as a part of the size.
    pub(super) width: f32,
}

/// All fonts: traditional, simplified.
pub(super) struct Fonts([Face; 2]);

impl Fonts {
    /// Those inside the binary, read once; none if it was built without.
    pub(super) fn embedded() -> Option<&'static Self> {
        static READ: OnceLock<Option<Fonts>> = OnceLock::new();
        READ.get_or_init(|| Some(Self([Face::read(TRADITIONAL)?, Face::read(SIMPLIFIED)?]))).as_ref()
    }

    /// A font for the PDF.
    pub(super) fn font(&self, face: usize) -> Font {
        self.0[face].font.clone()
    }

    /// The drawing of a character: from the font of the language if it has it, else from the other one; an empty box if none has.
    pub(super) fn letter(&self, c: char, language: Language) -> Letter {
        let order = if language == Language::ZhHans { [1, 0] } else { [0, 1] };
        let found = order.into_iter().find_map(|face| Some((face, self.0[face].characters.map(c)?)));
        let (face, glyph) = found.unwrap_or((order[0], skrifa::GlyphId::NOTDEF));
        let width = self.0[face].metrics.advance_width(glyph).unwrap_or_default() / self.0[face].per_em;
        Letter { face, glyph: GlyphId::new(glyph.to_u32()), width }
    }
}
