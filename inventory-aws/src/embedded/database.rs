use std::path::Path;

use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};

use super::server::{Server, Stop};
use crate::error::{Error, ErrorKind};

/// Lets dynoxide find the newest record of a stream without reading all of
/// them, which it does on every write. The expression has to be the one that
/// its queries have.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS inventory_stream_position \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Serves the tables in a file, or none where there is no file.
pub(super) async fn serve(file: &Path) -> Result<Server, Error> {
    let doing = || Error::new(ErrorKind::Invalid, format!("open the tables in {}", file.display()));
    let path = file.to_str().ok_or_else(|| doing().caused_by("the path is not UTF-8"))?;
    let database = open(path).map_err(|error| doing().caused_by(error))?;
    Server::spawn(async move |listener, stop: Stop| {
        let served = dynoxide::server::serve_with_shutdown(listener, database, stop.requested()).await;
        served.map_err(|error| Error::new(ErrorKind::Unavailable, "serve DynamoDB").caused_by(error))
    })
    .await
}

/// Adds the index on a connection of its own, which makes dynoxide's schema
/// first.
fn open(path: &str) -> Result<Database, DynoxideError> {
    Storage::new(path)?.conn().execute_batch(STREAM_INDEX)?;
    let database = Database::new(path)?;
    // The setting of this name is `synchronous = NORMAL`: the log is synced at
    // each checkpoint and not for each row. Only a loss of power may take the
    // last rows with it, and what is left is whole.
    database.disable_bulk_loading()?;
    Ok(database)
}
