//! Turns texts/*.toml into typed functions.

fn main() {
    texts::generate(texts::Speaks::TheLanguageChosen);
}
