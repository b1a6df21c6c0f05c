use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The id of what is told: 32 hexadecimal digits that are the same for the
/// same texts in the same order.
#[derive(Default)]
pub(crate) struct Id(Sha256);

impl Id {
    pub(crate) fn add(&mut self, text: &str) {
        // The length tells where one text ends and the next begins.
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }

    pub(crate) fn text(self) -> String {
        self.0.finalize().iter().take(16).fold(String::new(), |mut id, byte| {
            // Writing to a string cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }
}
