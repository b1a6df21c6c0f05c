use std::collections::BTreeMap;
use std::env;
use std::fmt::{self, Display};
use std::str::FromStr;

use aws_config::{BehaviorVersion, SdkConfig};
use inventory_aws::Tables;
use inventory_core::policy::{Guard, Settings};
use inventory_core::{Policy, Quantity, Store};
use jiff::{SignedDuration, Timestamp};

/// A setting that the deployment has to make.
///
/// # Errors
///
/// If the environment variable is not there or is empty.
pub fn setting(name: &'static str) -> Result<String, BadSetting> {
    optional(name).ok_or_else(|| BadSetting::new(name, "is not set"))
}

fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The names of the tables that uploads go into.
///
/// # Errors
///
/// If one is not set.
pub fn tables() -> Result<Tables, BadSetting> {
    Ok(Tables {
        inventory: setting("INVENTORY_TABLE")?,
        stores: setting("STORES_TABLE")?,
        uploads: setting("UPLOADS_TABLE")?,
        notices: setting("NOTICES_TABLE")?,
    })
}

/// What the team decided: of all stores by `DEFAULT_REORDER_POINT`,
/// `RECOVERY_MARGIN`, `DEFAULT_LANGUAGE` and `GUARD_PERCENT`, of some by
/// `STORE_SETTINGS`, which is JSON such as `{"Lyon": {"language": "fr", "reorder_point": 3}}`. Each may
/// be left out.
///
/// Both functions need the same: one keeps the latch of the recovery margin,
/// the other goes by it.
///
/// # Errors
///
/// If one is there and cannot be read.
pub fn policy() -> Result<Policy, BadSetting> {
    policy_of(optional)
}

fn policy_of(value: impl Fn(&'static str) -> Option<String>) -> Result<Policy, BadSetting> {
    let default = Settings {
        reorder_point: parsed("DEFAULT_REORDER_POINT", &value)?,
        recovery_margin: parsed("RECOVERY_MARGIN", &value)?,
        language: parsed("DEFAULT_LANGUAGE", &value)?,
        guard: parsed("GUARD_PERCENT", &value)?.map(|percent| Guard { percent }),
    };
    if default.recovery_margin.is_some_and(|margin| margin < Quantity::ZERO) {
        return Err(BadSetting::new("RECOVERY_MARGIN", "is negative"));
    }
    const STORES: &str = "STORE_SETTINGS";
    let stores: BTreeMap<Store, Settings> = match value(STORES) {
        Some(json) => serde_json::from_str(&json)
            .map_err(|error| BadSetting::new(STORES, format!("is no JSON of settings by store: {error}")))?,
        None => BTreeMap::new(),
    };
    Ok(Policy { default, stores })
}

fn parsed<T: FromStr<Err: Display>>(
    name: &'static str,
    value: impl Fn(&'static str) -> Option<String>,
) -> Result<Option<T>, BadSetting> {
    let Some(text) = value(name) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|error| BadSetting::new(name, format!("is {text:?}: {error}")))
}

/// The time before which a store's newest upload is too old: so many
/// `HOURS_WITHOUT_UPLOAD` ago.
///
/// # Errors
///
/// If that is not set, or is no whole number of hours.
pub fn stale_before() -> Result<Timestamp, BadSetting> {
    const NAME: &str = "HOURS_WITHOUT_UPLOAD";
    let bad = || BadSetting::new(NAME, "is not a whole number of hours");
    let hours: u32 = setting(NAME)?.parse().map_err(|_| bad())?;
    Timestamp::now().checked_sub(SignedDuration::from_hours(hours.into())).map_err(|_| bad())
}

/// The region and credentials that Lambda puts into the environment.
pub async fn sdk_config() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// An environment variable is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSetting {
    name: &'static str,
    reason: String,
}

impl BadSetting {
    fn new(name: &'static str, reason: impl Into<String>) -> BadSetting {
        BadSetting { name, reason: reason.into() }
    }
}

impl Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} {}", self.name, self.reason)
    }
}

impl std::error::Error for BadSetting {}

#[cfg(test)]
mod tests {
    use inventory_core::policy::{Language, Thresholds};

    use super::*;

    /// The policy of some variables.
    fn of(variables: &[(&str, &str)]) -> Result<Policy, String> {
        let value =
            |name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        policy_of(value).map_err(|error| error.to_string())
    }

    #[test]
    fn without_settings_a_policy_is_the_default() {
        assert_eq!(of(&[]), Ok(Policy::default()));
    }

    #[test]
    fn a_policy_is_of_all_stores_and_of_some() {
        let policy = of(&[
            ("DEFAULT_REORDER_POINT", "2.5"),
            ("RECOVERY_MARGIN", "1"),
            ("DEFAULT_LANGUAGE", "de"),
            ("GUARD_PERCENT", "30"),
            ("STORE_SETTINGS", r#"{"Lyon": {"language": "fr", "reorder_point": 7}}"#),
        ])
        .unwrap();
        let (lyon, oslo) = (Store::new("Lyon").unwrap(), Store::new("Oslo").unwrap());
        let margin = 1.into();
        let of_lyon = Thresholds { reorder_point: Some(7.into()), recovery_margin: margin };
        assert_eq!(policy.thresholds(&lyon), of_lyon);
        assert_eq!(policy.thresholds(&oslo), Thresholds { reorder_point: "2.5".parse().ok(), ..of_lyon });
        assert_eq!(policy.guard(&lyon).percent, 30);
        assert_eq!((policy.language(&lyon), policy.language(&oslo)), (Language::French, Language::German));
    }

    #[test]
    fn a_bad_setting_is_named_with_its_reason() {
        for (name, value, reason) in [
            ("DEFAULT_REORDER_POINT", "few", "is \"few\": is not a number such as 12, -3 or 12.375"),
            ("RECOVERY_MARGIN", "-1", "is negative"),
            ("GUARD_PERCENT", "half", "is \"half\": invalid digit found in string"),
            (
                "DEFAULT_LANGUAGE",
                "it",
                "is \"it\": \"it\" is no language of notices; use en, de, fr, es or ja",
            ),
            (
                "STORE_SETTINGS",
                r#"{"Lyon": {"color": 1}}"#,
                "is no JSON of settings by store: unknown field `color`, expected one of `reorder_point`, \
                 `recovery_margin`, `language`, `guard` at line 1 column 17",
            ),
        ] {
            assert_eq!(of(&[(name, value)]), Err(format!("the environment variable {name} {reason}")));
        }
    }
}
