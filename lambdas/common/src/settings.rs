use std::env;
use std::fmt;

use aws_config::{BehaviorVersion, SdkConfig};
use inventory_aws::Tables;
use jiff::{SignedDuration, Timestamp};

/// A setting that the deployment has to make.
///
/// # Errors
///
/// If the environment variable is not there or is empty.
pub fn setting(name: &'static str) -> Result<String, BadSetting> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or(BadSetting { name, wanted: "is not set" })
}

/// The tables' names.
///
/// # Errors
///
/// If one is not set.
pub fn tables() -> Result<Tables, BadSetting> {
    Ok(Tables {
        inventory: setting("INVENTORY_TABLE")?,
        stores: setting("STORES_TABLE")?,
        uploads: setting("UPLOADS_TABLE")?,
    })
}

/// The time before which a store's newest upload is too old: so many
/// `HOURS_WITHOUT_UPLOAD` ago.
///
/// # Errors
///
/// If that is not set, or is no whole number of hours.
pub fn stale_before() -> Result<Timestamp, BadSetting> {
    const NAME: &str = "HOURS_WITHOUT_UPLOAD";
    let bad = BadSetting { name: NAME, wanted: "is not a whole number of hours" };
    let hours: u32 = setting(NAME)?.parse().map_err(|_| bad)?;
    Timestamp::now().checked_sub(SignedDuration::from_hours(hours.into())).map_err(|_| bad)
}

/// The region and credentials that Lambda puts into the environment.
pub async fn sdk_config() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// An environment variable is not as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSetting {
    name: &'static str,
    wanted: &'static str,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} {}", self.name, self.wanted)
    }
}

impl std::error::Error for BadSetting {}
