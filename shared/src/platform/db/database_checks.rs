//! Checks before the first migration that the database can hold the schema: its encoding, the schema in which
//! tables are created, and the extensions.

use tokio_postgres::{Client, Error};

/// The extensions that the schema uses.
const EXTENSIONS: [&str; 3] = ["fuzzystrmatch", "pg_trgm", "unaccent"];

/// A database that cannot be used, with the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnusableDatabase(String);

/// What is checked: the encoding, and whether the search path has a schema that exists.
const ENCODING: &str = "
SELECT current_setting('server_encoding') AS encoding, current_schema() IS NOT NULL AS has_schema";

/// Whether the server offers an extension, and the schema in which it is installed, if it is.
const EXTENSION: &str = "
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = $1) AS is_available,
       (SELECT nspname::text FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
        WHERE extname = $1) AS schema,
       EXISTS (SELECT FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
               WHERE extname = $1 AND nspname = ANY (current_schemas(true))) AS is_in_search_path";

/// Checks the database and creates the extensions that it lacks.
pub(super) async fn check(client: &Client) -> Result<Result<(), UnusableDatabase>, Error> {
    let row = client.query_typed(ENCODING, &[]).await?.remove(0);
    let encoding: String = row.get("encoding");
    if encoding != "UTF8" {
        return Ok(Err(UnusableDatabase(format!(
            "the database is in {encoding}, but must be in UTF-8: create another one with \
             CREATE DATABASE linernotes ENCODING 'UTF8' TEMPLATE template0"
        ))));
    }
    if !row.get::<_, bool>("has_schema") {
        return Ok(Err(UnusableDatabase(
            "no schema of the search path exists: create it with CREATE SCHEMA, or change search_path"
                .to_owned(),
        )));
    }
    for name in EXTENSIONS {
        if let Err(cause) = prepare_extension(client, name).await? {
            return Ok(Err(cause));
        }
    }
    Ok(Ok(()))
}

async fn prepare_extension(client: &Client, name: &str) -> Result<Result<(), UnusableDatabase>, Error> {
    let rows = client
        .query_typed(EXTENSION, &[(&name, tokio_postgres::types::Type::NAME)])
        .await?;
    let row = &rows[0];
    let schema: Option<String> = row.get("schema");
    let unusable = match schema {
        Some(_) if row.get("is_in_search_path") => return Ok(Ok(())),
        Some(schema) => format!(
            "the extension {name} is in the schema {schema}, which is not in the search path: add it with \
             ALTER DATABASE … SET search_path, or in the URL with options=-c%20search_path%3Dpublic,{schema}"
        ),
        None if !row.get::<_, bool>("is_available") => format!(
            "the server does not have the extension {name}: install PostgreSQL's contrib package there"
        ),
        None => match client
            .batch_execute(&format!("CREATE EXTENSION IF NOT EXISTS {name}"))
            .await
        {
            Ok(()) => return Ok(Ok(())),
            Err(error) => match error.as_db_error() {
                Some(cause) => format!(
                    "the extension {name} cannot be created ({}): allow it in the settings of the server, or \
                     let an administrator run CREATE EXTENSION {name} in this database",
                    cause.message()
                ),
                None => return Err(error),
            },
        },
    };
    Ok(Err(UnusableDatabase(unusable)))
}
