//! Texts for guests become functions. The built app is embedded from dist/ at the workspace's root; an empty folder stands in until it has been built.

fn main() {
    texts::generate(texts::Speaks::TheLanguageAsked);
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo:warning=cannot create {}: {error}", dist.display());
    }
    println!("cargo:rerun-if-changed=../dist");
}
