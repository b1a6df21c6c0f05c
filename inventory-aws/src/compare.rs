use aws_sdk_dynamodb::Client;
use inventory_core::turnstile::Versions;
use inventory_core::{Levels, Policy, Version};
use jiff::Timestamp;

use crate::deadline::Deadline;
use crate::error::Error;
use crate::inventory::{Inventory, OfStore};
use crate::load::StoreReceipt;
use crate::progress::{Listener, Meter};
use crate::rebase::Word;

/// What levels are compared with.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    client: &'a Client,
    inventory: &'a str,
    policy: Policy,
    is_snapshot: bool,
}

impl<'a> Comparison<'a> {
    /// A comparison with an inventory table, for which no bucket is needed.
    pub fn new(client: &'a Client, inventory: &'a str) -> Comparison<'a> {
        Comparison { client, inventory, policy: Policy::default(), is_snapshot: false }
    }

    /// The same with another policy than the default.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Comparison<'a> {
        Comparison { policy, ..self }
    }

    /// The same for levels that are the whole stock of the stores they name.
    #[must_use]
    pub fn of_snapshot(self) -> Comparison<'a> {
        Comparison { is_snapshot: true, ..self }
    }

    /// What an upload of these levels would do to each store now, as after a
    /// dry run; nothing is written.
    ///
    /// # Errors
    ///
    /// If the service fails.
    pub async fn preview(&self, levels: &Levels) -> Result<Vec<StoreReceipt>, Error> {
        let now = Timestamp::now();
        let version = Version::new(now, "");
        let columns = levels.columns();
        let versions = Versions::of_file(&version, columns);
        let listener = Listener::default();
        let meter = Meter::new(&listener);
        let inventory = Inventory {
            client: self.client,
            table: self.inventory,
            policy: &self.policy,
            meter: &meter,
            deadline: Deadline::new(now, Timestamp::MAX),
        };
        let mut previews = Vec::new();
        for (store, levels) in levels.stores().filter(|(_, levels)| !levels.is_empty()) {
            let is_snapshot = self.is_snapshot;
            let (versions, version) = (&versions, &version);
            let word = Word { levels, columns, versions, version, is_snapshot, rebased: None };
            let of = OfStore { store, word, may_skip: true, size: None, ahead: None };
            let preview = inventory.preview(&of).await?;
            previews.push(preview.guarded(self.policy.guard(store)).dry());
        }
        Ok(previews)
    }
}
