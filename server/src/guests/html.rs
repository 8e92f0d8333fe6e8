//! Text inside HTML.

/// A text as it stands between tags or in quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn b6_what_people_typed_stays_text() {
        assert_eq!(super::escaped("<b title='x\">&"), "&lt;b title=&#39;x&quot;&gt;&amp;");
    }
}
