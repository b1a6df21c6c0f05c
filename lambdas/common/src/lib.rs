//! What both Lambdas start with and report: settings from the environment,
//! logs in JSON lines, metrics in CloudWatch's embedded format.

mod metrics;
mod report;
mod request;
mod settings;

pub use self::report::{checked, failed, loaded, stale};
pub use self::request::LoadRequest;
pub use self::settings::{BadSetting, policy, sdk_config, setting, stale_before, tables};

/// Starts the logs: JSON lines to standard output at the level of
/// `AWS_LAMBDA_LOG_LEVEL`, each with its request's id.
pub fn start_logs() {
    lambda_runtime::tracing::init_default_subscriber();
}
