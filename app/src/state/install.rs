//! How this browser puts the app on the home screen: which steps are shown.
//!
//! Browsers do not say it, so their name tells. A wrong guess shows the steps of another browser; all of them can be looked up.

/// The ways there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// iPad and iPhone: the share menu, in Safari and in every other browser there.
    Apple,
    /// Android: the menu of Chrome, and of those made of it.
    Android,
    /// Android: the menu of Firefox.
    AndroidFirefox,
    /// Chrome and Edge on a computer.
    Computer,
    /// Safari on a Mac.
    Mac,
    /// Inside of another app (LINE, WeChat), which shows pages but cannot install them.
    InsideAnApp,
}

impl Way {
    /// From what a browser calls itself, and how many fingers it feels at once.
    #[must_use]
    pub fn of(browser: &str, fingers: i32) -> Self {
        let says = |word: &str| browser.contains(word);
        let feels = fingers > 1;
        match () {
            () if says("MicroMessenger/") || says(" Line/") || says("FBAN/") || says("FBAV/") || says("Instagram ") => Self::InsideAnApp,
            // An iPad says that it is a Mac; no Mac feels fingers.
            () if says("iPad") || says("iPhone") || (says("Macintosh") && feels) => Self::Apple,
            () if says("Android") && says("Firefox/") => Self::AndroidFirefox,
            // A tablet with Android asks for pages as a computer does.
            () if says("Android") || (says("X11; Linux") && feels) => Self::Android,
            () if says("Macintosh") && says("Version/") && says("Safari/") => Self::Mac,
            () => Self::Computer,
        }
    }

    /// Whether there is no home screen, but windows and a dock.
    #[must_use]
    pub const fn is_computer(self) -> bool {
        matches!(self, Self::Computer | Self::Mac)
    }

    /// Whether the app at the home screen has a storage of its own: a log-in in the browser is none there.
    #[must_use]
    pub const fn stores_apart(self) -> bool {
        matches!(self, Self::Apple | Self::Mac | Self::InsideAnApp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_name() {
        const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
        const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (browser, fingers, way) in [
            (MAC, 5, Way::Apple),
            (MAC, 0, Way::Mac),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                5,
                Way::Apple,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
                5,
                Way::Apple,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/15.9.0",
                5,
                Way::InsideAnApp,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.49",
                5,
                Way::InsideAnApp,
            ),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", 5, Way::Android),
            ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", 5, Way::AndroidFirefox),
            (LINUX, 10, Way::Android),
            (LINUX, 0, Way::Computer),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                0,
                Way::Computer,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                10,
                Way::Computer,
            ),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", 0, Way::Computer),
        ] {
            assert_eq!(Way::of(browser, fingers), way, "{browser}");
        }
    }
}
