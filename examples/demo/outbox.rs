use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use inventory_aws::{Error, ErrorKind, Publish};
use inventory_core::Notice;
use serde_json::json;

/// Where notices go without SNS: a file with one JSON object a line.
pub(crate) struct Outbox {
    file: Mutex<File>,
}

impl Outbox {
    pub(crate) fn open(path: &Path) -> io::Result<Outbox> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Outbox { file: Mutex::new(file) })
    }

    fn append(&self, notice: &Notice) -> io::Result<()> {
        let line = json!({
            "id": notice.id(), "store": notice.store, "subject": notice.subject(),
            "severity": notice.severity(), "text": notice.text(), "sms": notice.sms(),
            "document": notice.document(),
        });
        let mut file =
            self.file.lock().map_err(|_| io::Error::other("another thread failed while writing"))?;
        writeln!(file, "{line}")
    }
}

impl Publish for Outbox {
    async fn publish(&self, notices: &[Notice]) -> Vec<Result<(), Error>> {
        let append = |notice| {
            self.append(notice)
                .map_err(|error| Error::new(ErrorKind::Unavailable, "write to the outbox").caused_by(error))
        };
        notices.iter().map(append).collect()
    }
}
