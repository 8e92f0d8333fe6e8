//! Where things are: the checkout, the build output, free ports.

use super::{Result, Trouble};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

/// The folder that holds the workspace.
pub fn checkout_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// The folder of the build output, wherever CARGO_TARGET_DIR put it.
pub fn target_folder() -> PathBuf {
    profile_folder().parent().expect("a profile folder lies in the target folder").to_owned()
}

/// `target/debug` or `target/release`: two floors above the running test or bench.
pub(super) fn profile_folder() -> PathBuf {
    let exe = std::env::current_exe().expect("a running program has a path");
    let folder = exe.parent().expect("a program lies in a folder");
    let is_below = folder.ends_with("deps") || folder.ends_with("examples");
    if is_below { folder.parent().expect("both lie in the profile folder").to_owned() } else { folder.to_owned() }
}

/// The huixiao binary: HUIXIAO_BIN, or beside the running test.
pub(super) fn huixiao() -> Result<PathBuf> {
    let path = std::env::var_os("HUIXIAO_BIN").map_or_else(|| profile_folder().join("huixiao"), PathBuf::from);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Trouble::new(format!("there is no server at {}: run `cargo build -p server` or set HUIXIAO_BIN", path.display())))
    }
}

/// A loopback port that was free a moment ago.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
