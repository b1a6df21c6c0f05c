//! What a team decides about its stores: when an item is low, when an alert
//! may come again, the language of notices, and which uploads are held.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::key::Store;
use crate::quantity::Quantity;

/// The settings of all stores: those of one store before the defaults.
///
/// Without any, an item is low at the reorder point of its own row, an alert
/// is armed again as soon as it does not hold any more, notices are in English,
/// and an upload is held that would take more than half of a store's stocked
/// items to zero.
///
/// # Example
///
/// ```
/// use inventory_core::{Policy, Store, policy::Language};
///
/// let json = r#"{
///     "default": {"reorder_point": 3},
///     "stores": {"Lyon": {"language": "fr", "recovery_margin": "0.5", "guard": 80}}
/// }"#;
/// let policy: Policy = serde_json::from_str(json)?;
/// let lyon = Store::new("Lyon")?;
/// assert_eq!(policy.thresholds(&lyon).reorder_point, Some(3.into()));
/// assert_eq!(policy.thresholds(&lyon).recovery_margin, "0.5".parse()?);
/// assert_eq!(policy.language(&lyon), Language::French);
/// assert_eq!(policy.guard(&lyon).percent, 80);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What counts where a store has no setting of its own.
    pub default: Settings,
    /// The stores that have some.
    pub stores: BTreeMap<Store, Settings>,
}

/// The settings of one store, or the defaults; each may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The reorder point of items whose rows have none.
    pub reorder_point: Option<Quantity>,
    /// By how much a quantity has to get over a threshold before the same
    /// alert may come again; not negative.
    #[serde(deserialize_with = "not_negative")]
    pub recovery_margin: Option<Quantity>,
    /// The language of the store's notices.
    pub language: Option<Language>,
    /// When an upload is held.
    pub guard: Option<Guard>,
}

/// Holds an upload that would empty a store, because that is a broken export
/// more often than the truth. Serde reads the percentage.
///
/// # Example
///
/// ```
/// use inventory_core::policy::Guard;
///
/// let guard = Guard::default();
/// assert!(guard.holds(600, 1000) && !guard.holds(500, 1000));
/// assert!(!guard.holds(19, 19), "a small store may sell out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Guard {
    /// How many of a store's stocked items an upload may take to zero or below,
    /// in percent; with 100 or more none is held.
    pub percent: u8,
}

impl Default for Guard {
    fn default() -> Guard {
        Guard { percent: 50 }
    }
}

impl Guard {
    /// What takes fewer items to zero is never held.
    pub const FEWEST: u64 = 20;

    /// Whether an upload is held that would take some of a store's stocked
    /// items to zero or below.
    pub fn holds(self, emptied: u64, stocked: u64) -> bool {
        emptied >= Guard::FEWEST && emptied.saturating_mul(100) > stocked.saturating_mul(self.percent.into())
    }

    /// How many stocked items a store must have for it to be certain that an
    /// upload is not held which takes at most so many to zero; `None` if no
    /// number is enough.
    pub fn enough(self, emptied: u64) -> Option<u64> {
        match (emptied, u64::from(self.percent)) {
            (..Guard::FEWEST, _) | (_, 100..) => Some(0),
            (_, 0) => None,
            (emptied, percent) => Some(emptied.saturating_mul(100).div_ceil(percent)),
        }
    }
}

/// What decides about an item that has no reorder point of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// The quantity at or below which it is low.
    pub reorder_point: Option<Quantity>,
    /// By how much a quantity has to get over a threshold to have recovered; a
    /// negative one counts as zero.
    pub recovery_margin: Quantity,
}

impl Policy {
    /// The thresholds of a store.
    pub fn thresholds(&self, store: &Store) -> Thresholds {
        Thresholds {
            reorder_point: self.setting(store, |settings| settings.reorder_point),
            recovery_margin: self.setting(store, |settings| settings.recovery_margin).unwrap_or_default(),
        }
    }

    /// The language of a store's notices.
    pub fn language(&self, store: &Store) -> Language {
        self.setting(store, |settings| settings.language).unwrap_or_default()
    }

    /// What a store's uploads are held by.
    pub fn guard(&self, store: &Store) -> Guard {
        self.setting(store, |settings| settings.guard).unwrap_or_default()
    }

    /// The language of the notices of a store, or of those that are of none.
    pub fn language_of(&self, store: Option<&Store>) -> Language {
        store.map_or_else(|| self.default.language.unwrap_or_default(), |store| self.language(store))
    }

    fn setting<T>(&self, store: &Store, setting: impl Fn(&Settings) -> Option<T>) -> Option<T> {
        self.stores.get(store).and_then(&setting).or_else(|| setting(&self.default))
    }
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Quantity>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(margin) if margin < Quantity::ZERO => {
            Err(de::Error::custom(format_args!("recovery_margin is {margin}, which is negative")))
        }
        margin => Ok(margin),
    }
}

/// A language that notices can be written in; "en", "de", "fr", "es" or "ja"
/// in settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[non_exhaustive]
pub enum Language {
    /// English, the default.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Japanese.
    #[serde(rename = "ja")]
    Japanese,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 5] =
        [Language::English, Language::German, Language::French, Language::Spanish, Language::Japanese];

    /// The code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Spanish => "es",
            Language::Japanese => "ja",
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Language, UnknownLanguage> {
        let found = Language::ALL.into_iter().find(|language| language.code() == code);
        found.ok_or_else(|| UnknownLanguage { code: code.into() })
    }
}

/// A code that is of no [`Language`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLanguage {
    code: Box<str>,
}

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no language of notices; use en, de, fr, es or ja", self.code)
    }
}

impl std::error::Error for UnknownLanguage {}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(name: &str) -> Store {
        Store::new(name).unwrap()
    }

    #[test]
    fn a_stores_own_setting_goes_before_the_default() {
        let policy: Policy = serde_json::from_str(
            r#"{"default": {"reorder_point": 3, "language": "de"}, "stores": {"Lyon": {"reorder_point": "0.5"}}}"#,
        )
        .unwrap();
        assert_eq!(policy.thresholds(&store("Lyon")).reorder_point, "0.5".parse().ok());
        assert_eq!(policy.thresholds(&store("Oslo")).reorder_point, Some(3.into()));
        assert_eq!(policy.language(&store("Lyon")), Language::German);
        assert_eq!(Policy::default().thresholds(&store("Oslo")), Thresholds::default());
        assert_eq!(Policy::default().language(&store("Oslo")), Language::English);
    }

    #[test]
    fn a_setting_that_is_none_is_refused_with_its_reason() {
        let reason = |json: &str| serde_json::from_str::<Policy>(json).unwrap_err().to_string();
        let negative = reason(r#"{"default": {"recovery_margin": -1}}"#);
        assert!(negative.starts_with("recovery_margin is -1, which is negative"), "{negative}");
        let unknown = reason(r#"{"stores": {"Lyon": {"langauge": "fr"}}}"#);
        assert!(unknown.starts_with("unknown field `langauge`"), "{unknown}");
        assert!(reason(r#"{"stores": {" ": {}}}"#).starts_with("store is blank"));
    }

    #[test]
    fn what_is_certain_not_to_be_held_is_not() {
        for percent in [0, 1, 33, 50, 99, 100, 255] {
            let guard = Guard { percent };
            for emptied in [0, 19, 20, 21, 99, 1000] {
                match guard.enough(emptied) {
                    Some(enough) => {
                        assert!(!guard.holds(emptied, enough.max(emptied)), "{percent} {emptied}");
                    }
                    None => assert!(guard.holds(emptied, u64::MAX / 100), "{percent} {emptied}"),
                }
                let one_less = guard.enough(emptied).unwrap_or_default().checked_sub(1);
                assert!(one_less.is_none_or(|stocked| guard.holds(emptied, stocked)), "{percent} {emptied}");
            }
        }
    }

    #[test]
    fn a_language_is_known_by_its_code() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.code());
        }
        assert_eq!(
            "it".parse::<Language>().unwrap_err().to_string(),
            "\"it\" is no language of notices; use en, de, fr, es or ja"
        );
    }
}
