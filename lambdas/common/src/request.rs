use aws_lambda_events::event::s3::S3Event;
use serde::Deserialize;

/// What the loading function is asked to do.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum LoadRequest {
    /// The schedule's `{"freshness": true}`: look for stores that stopped
    /// uploading.
    Freshness {
        /// Only tells this request from an event.
        freshness: bool,
    },
    /// The bucket's event: load what is new.
    Uploads(S3Event),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_and_the_schedule_are_told_apart() {
        let of = |json: &str| serde_json::from_str::<LoadRequest>(json);
        assert!(matches!(of(r#"{"freshness": true}"#).unwrap(), LoadRequest::Freshness { freshness: true }));
        assert!(
            matches!(of(r#"{"Records": []}"#).unwrap(), LoadRequest::Uploads(event) if event.records.is_empty())
        );
        assert!(of("{}").is_err());
    }
}
