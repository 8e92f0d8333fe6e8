//! The script of `shared::testing::script` in a browser: the rules compiled to WebAssembly give the rows of every other place, to the byte.

use shared::testing::script::{ROWS_AFTER_SCRIPT, digest_of_world, play};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn in_a_browser_the_script_gives_the_same_rows() {
    let (_, world) = play();
    assert_eq!(digest_of_world(&world), ROWS_AFTER_SCRIPT);
}
