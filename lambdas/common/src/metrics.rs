use std::env;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// One number of a metric.
pub(crate) type Metric = (&'static str, Unit, f64);

/// The units of CloudWatch that are used here.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Count,
    Seconds,
}

/// Writes metrics to standard output in CloudWatch's [embedded format], from
/// where Lambda's log stream takes them.
///
/// [embedded format]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
pub(crate) fn emit(metrics: &[Metric]) {
    let namespace = env::var("METRICS_NAMESPACE").unwrap_or_else(|_| "Inventory".to_owned());
    let line = document(metrics, &namespace, Timestamp::now());
    // A log that cannot be written cannot be complained of either.
    let _ = writeln!(io::stdout(), "{line}");
}

fn document(metrics: &[Metric], namespace: &str, now: Timestamp) -> Value {
    let definitions: Vec<Value> = metrics
        .iter()
        .map(|(name, unit, _)| {
            let unit = match unit {
                Unit::Count => "Count",
                Unit::Seconds => "Seconds",
            };
            json!({ "Name": name, "Unit": unit })
        })
        .collect();
    let mut document = Map::new();
    document.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [[]],
                "Metrics": definitions,
            }],
        }),
    );
    document.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_defines_each_metric_that_it_has() {
        let now = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let found =
            document(&[("Rows", Unit::Count, 3.0), ("AgeOfData", Unit::Seconds, 1.5)], "Inventory/dev", now);
        let expect = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Inventory/dev",
                    "Dimensions": [[]],
                    "Metrics": [{"Name": "Rows", "Unit": "Count"}, {"Name": "AgeOfData", "Unit": "Seconds"}],
                }],
            },
            "Rows": 3.0,
            "AgeOfData": 1.5,
        });
        assert_eq!(found, expect);
    }
}
