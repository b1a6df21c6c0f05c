//! The environment of the peers in Python, for all benches that have some.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failed;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// The Python of an environment that has the peers; installs what is not there.
pub(crate) fn installed() -> Result<PathBuf, Failed> {
    let folder = target().join("peers/venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").arg("-m").arg("venv").arg(&folder))?;
    }
    let requirements = Path::new(HERE).join("requirements.txt");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    eprintln!("Installing the peers of benches/peers/requirements.txt (the first time 300 MB, a minute)");
    run(Command::new(&python).args(install).arg(requirements))?;
    Ok(python)
}

/// Runs a program to its end, and gives what it printed.
pub(crate) fn run(command: &mut Command) -> Result<Vec<u8>, Failed> {
    let output = command.output().map_err(|error| format!("{command:?} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}

pub(crate) fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| Path::new(HERE).join("../../target"), PathBuf::from)
}
