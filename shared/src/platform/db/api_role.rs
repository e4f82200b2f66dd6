//! The role of the API, which reads and writes rows but cannot change the schema or make keys. The private
//! Postgres of one machine gets it by itself; for others `docs/aws.md` has the same statements.

use sha2::{Digest as _, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::errors::ConnectError;
use super::settings::DatabaseSettings;

/// The name of the role, on a private Postgres.
const NAME: &str = "linernotes_api";

const EXISTS: &str = "SELECT FROM pg_roles WHERE rolname = 'linernotes_api'";

/// What the role may do, and its time-outs. It holds for tables of later migrations too.
const GRANTS: &str = include_str!("api_role.sql");

/// Why the role could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ApiRoleError {
    /// No connection could be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A statement failed.
    #[error("preparing the database role of the API failed")]
    Postgres(#[from] Error),
}

/// Makes the role in a migrated database, and returns the settings for connecting as it. `owner` is a
/// superuser with a password. A second run changes nothing.
pub async fn prepare_api_role(owner: &DatabaseSettings) -> Result<DatabaseSettings, ApiRoleError> {
    let password = derived_password(owner);
    let client = owner.connect().await?;
    if client.query_typed(EXISTS, &[]).await?.is_empty() {
        create(&client, &password).await?;
    }
    client.batch_execute(GRANTS).await?;
    Ok(owner.of_role(NAME, &password))
}

/// A password that is derived from the owner's and does not reveal it, so that no further one is stored.
fn derived_password(owner: &DatabaseSettings) -> String {
    let owner_password = owner.config().get_password().unwrap_or_default();
    let digest = Sha256::new_with_prefix(NAME)
        .chain_update(owner_password)
        .finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Creates the role, which another process may do at the same time.
async fn create(client: &Client, password: &str) -> Result<(), Error> {
    let create = format!("CREATE ROLE {NAME} LOGIN PASSWORD '{password}'");
    match client.batch_execute(&create).await {
        Err(error) if is_there(&error) => Ok(()),
        created => created,
    }
}

fn is_there(error: &Error) -> bool {
    [SqlState::DUPLICATE_OBJECT, SqlState::UNIQUE_VIOLATION]
        .iter()
        .any(|state| error.code() == Some(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_grants_are_those_of_the_private_postgres() {
        let page = include_str!("../../../../docs/aws.md");
        assert!(page.contains(GRANTS), "docs/aws.md has other statements");
        assert!(GRANTS.contains(NAME) && EXISTS.contains(NAME));
    }
}
