//! `linernotes api`: sends a request to the API of this machine with the owner's key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::Value;
use shared::platform::config::Config;
use shared::platform::http;

use super::served_address;
use crate::cli::ApiArguments;
use crate::cluster;
use crate::output;
use crate::owner_key;

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    arguments: ApiArguments,
) -> anyhow::Result<ExitCode> {
    let ApiArguments { method, path, json } = arguments;
    let data_dir = data_dir.map_or_else(cluster::default_data_dir, Ok)?;
    let server = served_address::read(&data_dir)?;
    let key = owner_key::read(&data_dir)?;
    let method: Method = method.to_uppercase().parse().context("read the method")?;
    let url = format!("{server}/{}", path.trim_start_matches('/'));
    let client = http::client_without_proxy(&config.user_agent())?;
    let mut request = client.request(method, url).bearer_auth(key);
    if let Some(json) = json {
        let body: Value = serde_json::from_str(&json).context("the body is not JSON")?;
        request = request.json(&body);
    }
    let response = http::send(request)
        .await
        .with_context(|| format!("the server at {server} gives no answer"))?;
    let text = String::from_utf8_lossy(&response.body);
    let body: Option<Value> = serde_json::from_str(&text).ok();
    match &body {
        Some(body) => output::print_json(body)?,
        None if text.is_empty() => {}
        None => output::print(&text)?,
    }
    if !response.status.is_success() {
        let detail = body.as_ref().and_then(|body| body["detail"].as_str());
        bail!(
            "the server answered {}: {}",
            response.status.as_u16(),
            output::single_line(detail.unwrap_or("it does not say why"))
        );
    }
    Ok(ExitCode::SUCCESS)
}
