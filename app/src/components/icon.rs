//! Icons: line drawings of Lucide in one sprite, public/icons.svg, which scripts/make-icons.mjs draws from the list below.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($name:ident = $id:literal),+ $(,)?) => {
        /// The drawings of the sprite, by what they show.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Glyph { $($name),+ }

        impl Glyph {
            /// Every drawing, for the test that the sprite has them.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the sprite.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }
        }
    };
}

glyphs! {
    Alert = "triangle-alert",
    ArrowLeft = "arrow-left",
    ArrowRight = "arrow-right",
    Ban = "ban",
    Calendar = "calendar",
    CalendarCheck = "calendar-check",
    CalendarPlus = "calendar-plus",
    Camera = "camera",
    Chart = "chart-column",
    Check = "check",
    ChevronRight = "chevron-right",
    CircleCheck = "circle-check",
    CircleHelp = "circle-question-mark",
    CircleX = "circle-x",
    Clock = "clock",
    Cloud = "cloud",
    CloudCheck = "cloud-check",
    CloudOff = "cloud-off",
    CloudUpload = "cloud-upload",
    Coins = "coins",
    Download = "download",
    Ellipsis = "ellipsis",
    EllipsisVertical = "ellipsis-vertical",
    File = "file-text",
    FileSpreadsheet = "file-spreadsheet",
    Filter = "funnel",
    Handshake = "handshake",
    HardDrive = "hard-drive",
    Info = "info",
    Key = "key-round",
    Keyboard = "keyboard",
    Lock = "lock",
    LogOut = "log-out",
    Mail = "mail",
    MapPin = "map-pin",
    Message = "message-circle",
    Minus = "minus",
    MonitorDown = "monitor-down",
    Package = "package",
    Pencil = "pencil",
    Phone = "phone",
    PhoneCall = "phone-call",
    PhoneMissed = "phone-missed",
    PhoneOff = "phone-off",
    Plus = "plus",
    Printer = "printer",
    Refresh = "refresh-cw",
    Rotate = "rotate-ccw",
    Scan = "scan-line",
    Search = "search",
    Send = "send",
    Share = "share-2",
    ShareUp = "share",
    Shield = "shield-check",
    Signature = "signature",
    Smartphone = "smartphone",
    Split = "split",
    Sun = "sun",
    Tablet = "tablet",
    Ticket = "ticket",
    Trash = "trash-2",
    Undo = "undo-2",
    Upload = "upload",
    User = "user",
    UserCheck = "user-check",
    UserPlus = "user-plus",
    UserX = "user-x",
    Users = "users",
    WifiOff = "wifi-off",
    X = "x",
}

/// A drawing beside a word; it is hidden from screen readers, which read the word.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{}", glyph.id())></use>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glyph_is_drawn_in_the_sprite() {
        let sprite = include_str!("../../../public/icons.svg");
        for glyph in Glyph::ALL {
            assert!(sprite.contains(&format!("id=\"{}\"", glyph.id())), "{} is missing; run scripts/make-icons.mjs", glyph.id());
        }
    }
}
