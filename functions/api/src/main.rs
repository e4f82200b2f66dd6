//! The API as a Lambda function behind an API Gateway HTTP API.

use api::{Context, SETTINGS};
use shared::work::bootstrap::Bootstrap;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let bootstrap = Bootstrap::load_for_requests(SETTINGS).await?;
    let router = api::router(Context::new(&bootstrap));
    lambda_http::lambda_runtime::run(api::lambda::service(router)).await
}
