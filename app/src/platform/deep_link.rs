//! Links that open the device's own apps with everything filled in: telephone, messages, mail (RFC 3966, 5724, 6068).

use shared::phone::Phone;

/// Dials.
#[must_use]
pub fn call(phone: &Phone) -> String {
    format!("tel:{}", phone.e164())
}

/// Writes a text message.
#[must_use]
pub fn sms(phone: &Phone, body: &str) -> String {
    if body.is_empty() { format!("sms:{}", phone.e164()) } else { format!("sms:{}?body={}", phone.e164(), encoded(body)) }
}

/// Writes a mail.
#[must_use]
pub fn mail(address: &str, subject: &str, body: &str) -> String {
    let mut link = format!("mailto:{}", encoded(address));
    let mut mark = '?';
    for (name, value) in [("subject", subject), ("body", body)] {
        if !value.is_empty() {
            link.push(mark);
            link.push_str(name);
            link.push('=');
            link.push_str(&encoded(value));
            mark = '&';
        }
    }
    link
}

/// Percent-encoding of everything that is not unreserved (RFC 3986 section 2.3), the `@` of an address excepted.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            out.push(char::from(byte));
        } else if byte == b'\n' {
            out.push_str("%0D%0A");
        } else {
            write!(out, "%{byte:02X}").expect("a String can be written");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::phone::Country;

    #[test]
    fn b3_a_text_arrives_as_it_was_written() {
        let phone = Phone::parse("0912-345-678", Country::Tw).expect("valid");
        assert_eq!(call(&phone), "tel:+886912345678");
        assert_eq!(sms(&phone, "明天見 & 謝謝"), "sms:+886912345678?body=%E6%98%8E%E5%A4%A9%E8%A6%8B%20%26%20%E8%AC%9D%E8%AC%9D");
        assert_eq!(sms(&phone, ""), "sms:+886912345678");
        assert_eq!(mail("a@b.tw", "", "x\ny"), "mailto:a@b.tw?body=x%0D%0Ay");
    }
}
