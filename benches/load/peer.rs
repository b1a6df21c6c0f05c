//! boto3, in the environment of benches/peers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::Failed;
use crate::python::{self, run};
use crate::served::{BUCKET, Served};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/load");

pub(crate) struct Python {
    program: PathBuf,
}

#[derive(Deserialize)]
struct Said {
    seconds: f64,
}

impl Python {
    /// Installs what is not there.
    pub(crate) fn installed() -> Result<Python, Failed> {
        Ok(Python { program: python::installed()? })
    }

    /// Puts every row of a file into a table; how long from the request for the
    /// file to the last answer.
    pub(crate) fn load(&self, served: &Served, table: &str, key: &str) -> Result<Duration, Failed> {
        let mut command = Command::new(&self.program);
        command.arg(Path::new(HERE).join("peer.py")).args([table, BUCKET, key]).envs(&served.environment);
        let said: Said = serde_json::from_slice(&run(&mut command)?)?;
        Ok(Duration::from_secs_f64(said.seconds))
    }

    /// The versions of Python and boto3.
    pub(crate) fn versions(&self) -> Result<String, Failed> {
        let text =
            "import boto3, platform; print(f'Python {platform.python_version()}, boto3 {boto3.__version__}')";
        let said = run(Command::new(&self.program).args(["-c", text]))?;
        Ok(String::from_utf8(said)?.trim().to_owned())
    }
}
