use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_smithy_runtime_api::client::result::SdkError;

use crate::error::{Error, ErrorKind};

/// The attributes of the tables. Each is quoted or given by a placeholder in
/// every expression, because several are reserved words.
pub(crate) mod attribute {
    pub(crate) const STORE: &str = "Store";
    pub(crate) const ITEM: &str = "Item";
    pub(crate) const COUNT: &str = "Count";
    pub(crate) const REORDER_POINT: &str = "ReorderPoint";
    pub(crate) const NAME: &str = "Name";
    pub(crate) const VERSION: &str = "Version";
    pub(crate) const REORDER_POINT_VERSION: &str = "ReorderPointVersion";
    pub(crate) const NAME_VERSION: &str = "NameVersion";
    pub(crate) const STATUS: &str = "Status";
    pub(crate) const UPLOADED: &str = "Uploaded";
    pub(crate) const ALERT_SHARD: &str = "AlertShard";
    pub(crate) const ACTIVE: &str = "Active";
    pub(crate) const RECENT: &str = "Recent";
    pub(crate) const CLAIMS: &str = "Claims";
    pub(crate) const READ_UNITS: &str = "ReadUnits";
    pub(crate) const STOCKED: &str = "Stocked";
    pub(crate) const KEY: &str = "Key";
    pub(crate) const ID: &str = "Id";
    pub(crate) const CAUSES: &str = "Causes";
    pub(crate) const SENT: &str = "Sent";
    pub(crate) const EXPIRES: &str = "Expires";
}

/// The sparse index of the items that are out or low.
pub const STATUS_INDEX: &str = "ByStatus";

/// The names of the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// One row for each store and item; its stream carries stock alone.
    pub inventory: String,
    /// One row for each store: its turnstile, and its newest receipt.
    pub stores: String,
    /// One row for each store and upload: the history of receipts.
    pub uploads: String,
    /// One row for each store and notice: what was told lately.
    pub notices: String,
}

impl Default for Tables {
    fn default() -> Tables {
        Tables {
            inventory: "Inventory".to_owned(),
            stores: "Stores".to_owned(),
            uploads: "Uploads".to_owned(),
            notices: "Notices".to_owned(),
        }
    }
}

impl Tables {
    /// Creates the tables that are not there, in the shapes of the deployed
    /// ones: on demand, with the index and the stream. For tests and the
    /// embedded default; a deployment's template has their policies too.
    ///
    /// # Errors
    ///
    /// If the service refuses one.
    pub async fn create(&self, client: &Client) -> Result<(), Error> {
        use attribute::{ALERT_SHARD, ID, ITEM, STATUS, STORE, VERSION};

        let table = |name: &str, [hash, range]: [Option<&str>; 2]| {
            let keys = [(hash, KeyType::Hash), (range, KeyType::Range)];
            let keys: Vec<_> = keys.into_iter().filter_map(|(name, kind)| Some((name?, kind))).collect();
            let create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
            keys.into_iter().fold(create, |create, (name, kind)| {
                create.attribute_definitions(text(name)).key_schema(key(name, kind))
            })
        };
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(invalid)?;
        let inventory = table(&self.inventory, [Some(STORE), Some(ITEM)])
            .attribute_definitions(text(ALERT_SHARD))
            .attribute_definitions(text(STATUS))
            .global_secondary_indexes(status_index()?)
            .stream_specification(stream);
        let stores = table(&self.stores, [Some(STORE), None]);
        let uploads = table(&self.uploads, [Some(STORE), Some(VERSION)]);
        let notices = table(&self.notices, [Some(STORE), Some(ID)]);
        for create in [inventory, stores, uploads, notices] {
            match create.send().await {
                Err(SdkError::ServiceError(answer)) if answer.err().is_resource_in_use_exception() => {}
                other => drop(other.map_err(|error| Error::of_service("create the tables", error))?),
            }
        }
        Ok(())
    }
}

fn status_index() -> Result<GlobalSecondaryIndex, Error> {
    GlobalSecondaryIndex::builder()
        .index_name(STATUS_INDEX)
        .key_schema(key(attribute::ALERT_SHARD, KeyType::Hash))
        .key_schema(key(attribute::STATUS, KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(invalid)
}

fn text(name: &str) -> AttributeDefinition {
    let definition =
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    #[expect(clippy::expect_used, reason = "its two required fields are set on the line above")]
    definition.build().expect("an attribute definition has a name and a type")
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let element = KeySchemaElement::builder().attribute_name(name).key_type(kind);
    #[expect(clippy::expect_used, reason = "its two required fields are set on the line above")]
    element.build().expect("a key has a name and a type")
}

fn invalid(error: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::new(ErrorKind::Invalid, "describe a table").caused_by(error)
}
