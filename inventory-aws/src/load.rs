use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use inventory_core::levels::StoreLevels;
use inventory_core::reader::{Layout, Limits, Options};
use inventory_core::{Levels, Reader, Receipt, Refusal, Reject, Row, Store, Version};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind};
use crate::inventory::Inventory;
use crate::progress::{Listener, Meter, Progress, Usage};
use crate::receipts::Receipts;
use crate::tables::Tables;
use crate::upload::Upload;

/// How many stores of one file are written at once.
const STORES_IN_FLIGHT: usize = 8;
/// How many rejects are kept with their text.
const REJECTS_KEPT: usize = 50;

/// Reads uploads from S3 and puts their levels into the tables.
///
/// # Example
///
/// ```no_run
/// # async fn example(sdk: &SdkConfig, event: S3Event) -> Result<(), inventory_aws::Error> {
/// use inventory_aws::{Loader, Tables};
///
/// let s3 = aws_sdk_s3::Client::new(sdk);
/// let loader = Loader::new(s3, aws_sdk_dynamodb::Client::new(sdk), Tables::default());
/// for loaded in loader.handle(&event).await? {
///     println!("{}: {:?}", loaded.upload.key, loaded.outcome);
/// }
/// # Ok(())
/// # }
/// # use aws_lambda_events::event::s3::S3Event;
/// # use aws_sdk_s3::config::Config as _;
/// # type SdkConfig = aws_sdk_dynamodb::config::SdkConfig;
/// ```
#[derive(Clone, Debug)]
pub struct Loader {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    tables: Tables,
    limits: Limits,
    listener: Listener,
}

/// What became of an upload.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Loaded {
    /// The upload.
    pub upload: Upload,
    /// Its place among the uploads of its stores.
    pub version: Version,
    /// What was done with it.
    pub outcome: Outcome,
    /// What DynamoDB charges for it.
    pub usage: Usage,
}

/// What was done with an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Its good rows are in the table.
    #[non_exhaustive]
    Applied {
        /// How it was understood.
        layout: Layout,
        /// What it did to each store, by the store's name; last, without a
        /// store, the rows of which nobody can tell whose they are, if any.
        receipts: Vec<(Option<Store>, Receipt)>,
        /// Its first bad rows; the receipts count all.
        rejects: Vec<Reject>,
    },
    /// Nothing of it counts, and a retry would not help.
    Refused(Reason),
}

/// Why an upload was refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The file was not understood.
    File(Refusal),
    /// The metadata `as-of` is no time, or is later than the upload itself.
    AsOf(String),
    /// The key is under `stores/` but names no store there.
    Key,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::File(refusal) => write!(f, "{refusal}"),
            Reason::AsOf(text) => write!(
                f,
                "the metadata \"as-of\" is {text:?}, which is no time before the upload such as 2026-11-02T06:00:00Z"
            ),
            Reason::Key => {
                write!(f, "the key starts with stores/ and names no store; use stores/<store>/<file>")
            }
        }
    }
}

impl Loader {
    /// A loader over these clients and tables, with the default limits.
    pub fn new(s3: aws_sdk_s3::Client, dynamodb: aws_sdk_dynamodb::Client, tables: Tables) -> Loader {
        Loader { s3, dynamodb, tables, limits: Limits::default(), listener: Listener::default() }
    }

    /// The same loader with other limits on a file.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Loader {
        Loader { limits, ..self }
    }

    /// The same loader, which tells how far it came: after each chunk of a file
    /// and each batch of rows.
    #[must_use]
    pub fn with_progress(self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Loader {
        Loader { listener: Listener::new(tell), ..self }
    }

    /// Loads each new object that an S3 event tells of.
    ///
    /// # Errors
    ///
    /// The first error, after every object was tried. Loading an object again
    /// changes nothing that is right already, so the whole event may be
    /// delivered again.
    pub async fn handle(&self, event: &S3Event) -> Result<Vec<Loaded>, Error> {
        let mut loaded = Vec::new();
        let mut failed = None;
        for record in &event.records {
            let result = match Upload::from_event(record) {
                Ok(Some(upload)) => self.load(&upload).await,
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match result {
                Ok(done) => loaded.push(done),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(loaded),
        }
    }

    /// Loads one upload: reads it whole, and for each store that it names
    /// writes what differs.
    ///
    /// # Errors
    ///
    /// If a service fails; what was written until then is right, and loading
    /// the upload again goes on from there. A file that is not understood is
    /// no error but [`Outcome::Refused`].
    pub async fn load(&self, upload: &Upload) -> Result<Loaded, Error> {
        let meter = Meter::new(&self.listener);
        let object = self.open(upload).await?;
        let as_of = object.metadata.as_ref().and_then(|metadata| metadata.get("as-of")).cloned();
        let (version, outcome) = match counted_at(as_of, upload) {
            Err(reason) => (upload.version(None), Outcome::Refused(reason)),
            Ok(as_of) => {
                let version = upload.version(as_of);
                let outcome = match self.read(upload, object).await? {
                    Ok(file) => self.apply(&version, file, &meter).await?,
                    Err(reason) => Outcome::Refused(reason),
                };
                (version, outcome)
            }
        };
        let mut loaded = Loaded { upload: upload.clone(), version, outcome, usage: Usage::default() };
        Receipts { client: &self.dynamodb, tables: &self.tables, meter: &meter }.keep(&loaded).await?;
        loaded.usage = meter.usage();
        Ok(loaded)
    }

    async fn open(&self, upload: &Upload) -> Result<GetObjectOutput, Error> {
        let Upload { bucket, key, object_version, .. } = upload;
        let object = self.s3.get_object().bucket(bucket).key(key).set_version_id(object_version.clone());
        object.send().await.map_err(|error| Error::of_service(reading(upload), error))
    }

    /// Reads a file as it arrives; keeps its levels and its first rejects.
    async fn read(&self, upload: &Upload, object: GetObjectOutput) -> Result<Result<File, Reason>, Error> {
        if upload.is_misplaced() {
            return Ok(Err(Reason::Key));
        }
        let mut options = Options::default();
        options.store = upload.scope();
        options.limits = self.limits;
        let mut file = Collected::default();
        let mut reader = Reader::new(options);
        let mut body = object.body;
        let (mut bytes, of) = (0, object.content_length.and_then(|all| all.try_into().ok()).unwrap_or(0));
        while let Some(chunk) = body.next().await {
            let chunk = chunk
                .map_err(|error| Error::new(ErrorKind::Unavailable, reading(upload)).caused_by(error))?;
            if let Err(refusal) = reader.push(&chunk, |row| file.push(row)) {
                return Ok(Err(Reason::File(refusal)));
            }
            bytes += chunk.len() as u64;
            self.listener.tell(Progress::Read { bytes, of });
        }
        match reader.finish(|row| file.push(row)) {
            Ok(layout) => Ok(Ok(file.understood_as(layout))),
            Err(refusal) => Ok(Err(Reason::File(refusal))),
        }
    }

    /// Writes what differs, a few stores at a time.
    async fn apply(&self, version: &Version, file: File, meter: &Meter<'_>) -> Result<Outcome, Error> {
        let File { layout, levels, rejects } = file;
        let inventory = Inventory { client: &self.dynamodb, table: &self.tables.inventory, meter };
        let stores: Vec<(&Store, &StoreLevels)> = levels.stores().collect();
        let stores = stream::iter(stores).map(async |(store, of_store)| {
            let receipt = inventory.apply(store, of_store, levels.columns(), version).await?;
            Ok((Some(store.clone()), receipt))
        });
        let mut receipts: Vec<_> = stores.buffered(STORES_IN_FLIGHT).try_collect().await?;
        if levels.unattributed() > 0 {
            receipts.push((None, Receipt::rejected_only(levels.unattributed())));
        }
        Ok(Outcome::Applied { layout, receipts, rejects })
    }
}

/// A file, read.
struct File {
    layout: Layout,
    levels: Levels,
    rejects: Vec<Reject>,
}

/// What is kept of a file while it is read.
#[derive(Default)]
struct Collected {
    levels: Levels,
    rejects: Vec<Reject>,
}

impl Collected {
    fn push(&mut self, row: Row<'_>) {
        self.levels.push(&row);
        match row {
            Row::Reject(reject) if self.rejects.len() < REJECTS_KEPT => self.rejects.push(reject),
            _ => {}
        }
    }

    fn understood_as(mut self, layout: Layout) -> File {
        self.levels.set_columns(layout.optional_columns());
        File { layout, levels: self.levels, rejects: self.rejects }
    }
}

/// The time that an upload says its stock was counted at. One that is later
/// than the upload would outdate every upload until then.
fn counted_at(as_of: Option<String>, upload: &Upload) -> Result<Option<Timestamp>, Reason> {
    let Some(text) = as_of else {
        return Ok(None);
    };
    match text.trim().parse::<Timestamp>() {
        Ok(time) if time <= upload.time => Ok(Some(time)),
        _ => Err(Reason::AsOf(text)),
    }
}

fn reading(upload: &Upload) -> String {
    format!("read s3://{}/{}", upload.bucket, upload.key)
}
