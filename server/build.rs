//! Texts for guests become functions. The built app is embedded from dist/ at the workspace's root; an empty folder stands in until it has been built. So do
//! empty files for the fonts of contracts until npm has brought them.

use std::path::PathBuf;

const FONTS: [(&str, &str); 2] = [
    ("traditional.otf", "@embedpdf/fonts-tc/fonts/NotoSansHant-Regular.otf"),
    ("simplified.otf", "@embedpdf/fonts-sc/fonts/NotoSansHans-Regular.otf"),
];

fn main() {
    texts::generate(texts::Speaks::TheLanguageAsked);
    // Asked as it runs: built into it, the place would be that of another checkout with the same build folder.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where")).join("..");
    let dist = root.join("dist");
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo:warning=cannot create {}: {error}", dist.display());
    }
    println!("cargo:rerun-if-changed=../dist");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));
    for (name, package) in FONTS {
        let from = root.join("node_modules").join(package);
        println!("cargo:rerun-if-changed={}", from.display());
        let bytes = std::fs::read(&from).unwrap_or_else(|error| {
            println!("cargo:warning=contracts cannot be printed: {}: {error}; npm ci brings it", from.display());
            Vec::new()
        });
        std::fs::write(out.join(name), bytes).expect("cargo's folder can be written");
    }
}
