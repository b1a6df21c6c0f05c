use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use inventory_core::reader::{Layout, Limits, Options};
use inventory_core::{Reader, Refusal, Row};

use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::progress::{Listener, Progress};
use crate::upload::Object;

/// Reads uploads' files from S3 as they arrive.
pub(crate) struct Files<'a> {
    pub(crate) client: &'a Client,
    pub(crate) limits: Limits,
    pub(crate) listener: &'a Listener,
    pub(crate) deadline: Deadline,
}

impl Files<'_> {
    /// Opens a file: its metadata is there, and its body is still to come.
    pub(crate) async fn open(&self, object: &Object) -> Result<GetObjectOutput, Error> {
        let Object { bucket, key, version } = object;
        let get = self.client.get_object().bucket(bucket).key(key).set_version_id(version.clone());
        get.send().await.map_err(|error| Error::of_service(reading(object), error))
    }

    /// Reads a file from its beginning to its end, unless it is refused.
    pub(crate) async fn read_opened(
        &self,
        object: &Object,
        opened: GetObjectOutput,
        mut each: impl FnMut(&Row<'_>),
    ) -> Result<Result<Layout, Refusal>, Error> {
        let mut options = Options::default();
        options.store = object.scope();
        options.limits = self.limits;
        options.layout = said_layout(&opened)
            .map_err(|error| Error::new(ErrorKind::Invalid, reading(object)).caused_by(error))?;
        let mut reader = Reader::new(options);
        let mut body = opened.body;
        let (mut bytes, of) = (0, opened.content_length.and_then(|all| all.try_into().ok()).unwrap_or(0));
        while let Some(chunk) = body.next().await {
            let chunk = chunk
                .map_err(|error| Error::new(ErrorKind::Unavailable, reading(object)).caused_by(error))?;
            self.deadline.check(|| format!("{}, {bytes} of {of} bytes are read", reading(object)))?;
            if let Err(refusal) = reader.push(&chunk, &mut each) {
                return Ok(Err(refusal));
            }
            bytes += chunk.len() as u64;
            self.listener.tell(Progress::Read { bytes, of });
        }
        Ok(reader.finish(&mut each))
    }
}

/// How an object's metadata says that it is to be read, if it does.
pub(crate) fn said_layout(opened: &GetObjectOutput) -> Result<Option<Layout>, serde_json::Error> {
    let said = opened.metadata.as_ref().and_then(|metadata| metadata.get("layout"));
    said.map(|said| serde_json::from_str(said)).transpose()
}

fn reading(object: &Object) -> String {
    format!("read {object}")
}
