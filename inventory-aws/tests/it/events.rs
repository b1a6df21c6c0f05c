//! Events as AWS delivers them.

mod stream;
mod uploads;
