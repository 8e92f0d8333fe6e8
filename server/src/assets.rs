//! The built app, carried inside the binary (debug builds read it from the folder, so that a new app needs no new server).
//!
//! Laws: a file whose name holds its hash may be kept for ever; every other is asked for again, with its ETag. A file with a .br or .gz
//! sibling goes out compressed to whoever reads that.

use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::fmt::Write;

#[derive(RustEmbed)]
#[folder = "../dist"]
struct Dist;

/// Answers for everything that no endpoint answers: a file of the app, or the app's page for an address inside it.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    answer::<Dist>(&method, &uri, &headers)
}

fn answer<D: RustEmbed>(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::NotFound.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::MethodNotAllowed.into_response();
    }
    match file::<D>(path, headers) {
        Some(response) => response,
        // The service worker asks for the page itself, and not as a navigation.
        None if path.is_empty() || wants_page(headers) => page::<D>(headers),
        None => Problem::NotFound.into_response(),
    }
}

/// The app finds its own way from any address.
fn page<D: RustEmbed>(headers: &HeaderMap) -> Response {
    file::<D>("index.html", headers).unwrap_or_else(|| {
        let not_built = Html(include_str!("../pages/not_built.html"));
        (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, "no-store")], not_built).into_response()
    })
}

fn file<D: RustEmbed>(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = D::get(path)?;
    let etag = etag(&plain);
    let cache = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [
        (header::ETAG, HeaderValue::try_from(&etag).ok()?),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &etag)) {
        return Some((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)))];
    let response = match compressed::<D>(path, headers) {
        Some((encoding, smaller)) => {
            (common, content_type, [(header::CONTENT_ENCODING, HeaderValue::from_static(encoding))], Body::from(smaller.data)).into_response()
        }
        None => (common, content_type, Body::from(plain.data)).into_response(),
    };
    Some(response)
}

fn compressed<D: RustEmbed>(path: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")].into_iter().filter(|(encoding, _)| accepts(accepted, encoding)).find_map(|(encoding, suffix)| {
        let file = D::get(&format!("{path}.{suffix}"))?;
        Some((encoding, file))
    })
}

/// Whether an Accept-Encoding names an encoding and does not rule it out with a quality of zero.
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|quality| quality.parse() == Ok(0.0)))
    })
}

/// Weak: the same file compressed or not is the same to the app.
fn etag(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..16].iter().fold(String::from("W/\""), |mut tag, byte| {
        write!(tag, "{byte:02x}").expect("writing to a String cannot fail");
        tag
    }) + "\""
}

fn knows(header: &HeaderValue, etag: &str) -> bool {
    header.to_str().is_ok_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == etag.trim_start_matches("W/")))
}

/// Names that Trunk makes: `app-0123456789abcdef.js`, `app-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['-', '.', '_']).any(|part| part.len() >= 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("app-0a1b2c3d4e5f6071.js"));
        assert!(is_hashed("app-0a1b2c3d4e5f6071_bg.wasm"));
        for name in ["index.html", "sw.js", "manifest.webmanifest", "deadbeef.js", "icons/icon-512.png"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[derive(RustEmbed)]
    #[folder = "tests/dist"]
    struct Built;

    /// A folder in which nothing was built.
    struct Nothing;

    impl RustEmbed for Nothing {
        fn get(_: &str) -> Option<EmbeddedFile> {
            None
        }
        fn iter() -> impl Iterator<Item = std::borrow::Cow<'static, str>> + 'static {
            std::iter::empty()
        }
    }

    fn get<D: RustEmbed>(path: &str, headers: &[(header::HeaderName, &'static str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        answer::<D>(&Method::GET, &path.parse().expect("a path"), &headers)
    }

    fn says(response: &Response, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().expect("ascii"))
    }

    #[test]
    fn a_compressed_sibling_goes_to_whoever_reads_it() {
        let path = "/app-0a1b2c3d4e5f6071_bg.wasm";
        let response = get::<Built>(path, &[(header::ACCEPT_ENCODING, "gzip, br")]);
        assert_eq!((says(&response, header::CONTENT_ENCODING), says(&response, header::CONTENT_TYPE)), ("br", "application/wasm"));
        assert!(says(&response, header::CACHE_CONTROL).contains("immutable"));
        let response = get::<Built>(path, &[(header::ACCEPT_ENCODING, "gzip")]);
        assert_eq!(says(&response, header::CONTENT_ENCODING), "", "there is no .gz sibling");
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let first = get::<Built>("/index.html", &[]);
        assert_eq!((first.status(), says(&first, header::CACHE_CONTROL)), (StatusCode::OK, "no-cache"));
        let etag: &'static str = says(&first, header::ETAG).to_owned().leak();
        assert_eq!(get::<Built>("/index.html", &[(header::IF_NONE_MATCH, etag)]).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get::<Built>("/index.html", &[(header::IF_NONE_MATCH, "W/\"old\"")]).status(), StatusCode::OK);
    }

    #[test]
    fn addresses_inside_the_app_get_its_page_and_missing_files_do_not() {
        let html = [(header::ACCEPT, "text/html,*/*")];
        for path in ["/", "/customers/0190", "/meetings?view=list"] {
            let response = get::<Built>(path, &html);
            assert_eq!((response.status(), says(&response, header::CONTENT_TYPE)), (StatusCode::OK, "text/html; charset=utf-8"), "{path}");
        }
        assert_eq!(content_type("icons.svg"), "image/svg+xml; charset=utf-8", "what is text says how it is written");
        assert_eq!(get::<Built>("/", &[(header::ACCEPT, "*/*")]).status(), StatusCode::OK, "the service worker asks so");
        assert_eq!(get::<Built>("/missing.js", &[(header::ACCEPT, "*/*")]).status(), StatusCode::NOT_FOUND);
        assert_eq!(get::<Built>("/api/missing", &html).status(), StatusCode::NOT_FOUND);
        assert_eq!(get::<Built>("/../Cargo.toml", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_server_without_the_app_says_so() {
        let response = get::<Nothing>("/", &[(header::ACCEPT, "text/html")]);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn an_encoding_of_quality_zero_is_not_accepted() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("identity", "gzip"));
    }
}
