use std::net::SocketAddr;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The keys that the S3 server takes. No secret: it listens on loopback.
pub(super) const ACCESS_KEY: &str = "embedded";
pub(super) const SECRET_KEY: &str = "embedded-loopback-only";
/// The region that requests are signed for; no server looks at it.
const REGION: &str = "us-east-1";

/// The URLs of the two servers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoints {
    /// DynamoDB and its streams.
    pub dynamodb: String,
    /// S3.
    pub s3: String,
}

impl Endpoints {
    pub(super) fn of(dynamodb: SocketAddr, s3: SocketAddr) -> Endpoints {
        Endpoints::new(format!("http://{dynamodb}"), format!("http://{s3}"))
    }

    /// The servers of another process.
    pub fn new(dynamodb: impl Into<String>, s3: impl Into<String>) -> Endpoints {
        Endpoints { dynamodb: dynamodb.into(), s3: s3.into() }
    }

    /// The environment in which the SDKs of other languages find both.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL_S3", self.s3.clone()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ]
    }

    /// What every client is made from: each finds its own server in it.
    pub fn sdk_config(&self) -> SdkConfig {
        let keys = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "embedded");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .service_config(self.clone())
            .build()
    }
}

/// Answers where a client would look up its endpoint in a profile, so that one
/// configuration serves every client.
impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        match (key.service_id(), key.profile()) {
            ("DynamoDB" | "DynamoDB Streams", "endpoint_url") => Some(self.dynamodb.clone()),
            ("S3", "endpoint_url") => Some(self.s3.clone()),
            _ => None,
        }
    }
}
