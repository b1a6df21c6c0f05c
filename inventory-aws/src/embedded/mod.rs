//! The whole way without any service: DynamoDB, its streams and S3 in this
//! process, on loopback ports that the system picks.
//!
//! [`Embedded`] serves one folder: dynoxide keeps the tables in an SQLite
//! file, and s3s-fs the objects as files. The AWS SDK's clients talk to both,
//! so that the code above them is the code that runs on AWS. [`Follower`]
//! hands a table's stream to a checker as Lambda does.

mod database;
mod endpoints;
mod objects;
mod server;

mod stream;

use std::fs::File;
use std::path::{Path, PathBuf};

use aws_types::SdkConfig;

pub use self::endpoints::Endpoints;
use self::server::Server;
pub use self::stream::Follower;
use crate::error::{Error, ErrorKind};

/// The servers of one folder, running until [`shutdown`](Self::shutdown) or
/// until this value is dropped.
///
/// # Example
///
/// ```no_run
/// # async fn example() -> Result<(), inventory_aws::Error> {
/// use inventory_aws::embedded::Embedded;
///
/// let embedded = Embedded::start("target/embedded".as_ref()).await?;
/// let dynamodb = aws_sdk_dynamodb::Client::new(&embedded.sdk_config());
/// inventory_aws::Tables::default().create(&dynamodb).await?;
/// embedded.shutdown().await
/// # }
/// ```
#[derive(Debug)]
pub struct Embedded {
    endpoints: Endpoints,
    dynamodb: Server,
    s3: Server,
    /// Held as long as the servers run.
    _lock: File,
}

impl Embedded {
    /// Serves what a folder holds, or an empty store where there is none.
    ///
    /// Only one process may serve a folder at a time. The servers run on the
    /// Tokio runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made or read, another process serves it, or no
    /// loopback port is free.
    pub async fn start(folder: &Path) -> Result<Embedded, Error> {
        let lock = lock(folder)?;
        let s3 = objects::serve(&subfolder(folder, "s3")?).await?;
        let dynamodb = database::serve(&subfolder(folder, "dynamodb")?.join("tables.sqlite")).await?;
        let endpoints = Endpoints::of(dynamodb.address(), s3.address());
        Ok(Embedded { endpoints, dynamodb, s3, _lock: lock })
    }

    /// Where the two servers listen.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What every client is made from: each finds its own server in it.
    pub fn sdk_config(&self) -> SdkConfig {
        self.endpoints.sdk_config()
    }

    /// Stops both servers once the requests under way are answered.
    ///
    /// # Errors
    ///
    /// If a server had failed, or still was not done after ten seconds.
    pub async fn shutdown(self) -> Result<(), Error> {
        let (dynamodb, s3) = tokio::join!(self.dynamodb.shutdown(), self.s3.shutdown());
        dynamodb.and(s3)
    }
}

/// Two processes on one folder would not see each other's writes.
fn lock(folder: &Path) -> Result<File, Error> {
    let doing = || Error::new(ErrorKind::Invalid, format!("open the folder {} alone", folder.display()));
    let locked = std::fs::create_dir_all(folder).and_then(|()| File::create(folder.join("lock")));
    let file = locked.map_err(|error| doing().caused_by(error))?;
    file.try_lock().map_err(|error| doing().caused_by(error))?;
    Ok(file)
}

fn subfolder(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let folder = folder.join(name);
    let made = std::fs::create_dir_all(&folder);
    let doing = || Error::new(ErrorKind::Invalid, format!("make the folder {}", folder.display()));
    made.map_err(|error| doing().caused_by(error))?;
    Ok(folder)
}
