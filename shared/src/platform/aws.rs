//! Connects to AWS, with the region and credentials from the environment only. Lambda provides both there;
//! searching profiles and instance metadata would slow every cold start.

use std::time::Duration;

use anyhow::Context as _;
use aws_config::Region;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion as _;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The region of all services.
///
/// # Errors
/// If AWS_REGION is not set.
pub(crate) async fn region() -> anyhow::Result<Region> {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    region
        .filter(|region| !region.as_ref().is_empty())
        .context("AWS_REGION is not set")
}

/// The credentials in the environment.
pub(crate) fn credentials() -> EnvironmentVariableCredentialsProvider {
    EnvironmentVariableCredentialsProvider::new()
}

/// HTTP connections. Addresses with https use TLS with the system's root certificates.
pub(crate) fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT);
    let connector = Connector::builder()
        .connector_settings(settings.build())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build();
    SharedHttpConnector::new(connector)
}
