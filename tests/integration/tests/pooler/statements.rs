//! Ways to send statements through a pooler that work, and ways that do not.

use chrono::{DateTime, NaiveDate, Utc};
use integration::{database, pool};
use shared::platform::db::{Param, Statements};
use shared::store;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use crate::backend;
use crate::pgbouncer::Pooler;

/// RDS Proxy pins a server connection to a client that sends a longer statement.
const PINNING_BYTES: usize = 16 * 1024;

/// One client is moved to another server connection because a second one holds the first.
#[tokio::test]
async fn unnamed_statements_work_on_another_server_connection_and_named_ones_do_not() {
    let database = database().await;
    let pooler = Pooler::before(&database.url, 2).await;
    for statements in [Statements::Unnamed, Statements::Prepared] {
        let ours = pool(&pooler.url, statements, 1);
        let client = ours.client().await.unwrap();
        let first = backend(&client).await.unwrap();

        let others = pool(&pooler.url, Statements::Unnamed, 1);
        let mut other = others.client().await.unwrap();
        let transaction = other.transaction().await.unwrap();
        assert_eq!(
            backend(&transaction).await.unwrap(),
            first,
            "the free server connection was not taken"
        );
        match (statements, backend(&client).await) {
            (Statements::Unnamed, second) => assert_ne!(second.unwrap(), first),
            (Statements::Prepared, second) => {
                let code = second.err().and_then(|error| error.code().cloned());
                assert_eq!(code, Some(SqlState::INVALID_SQL_STATEMENT_NAME));
            }
        }
    }
}

/// An empty parameter: null, or an array without elements.
fn empty_param(kind: &Type) -> Box<dyn Param> {
    match *kind {
        Type::BOOL => Box::new(None::<bool>),
        Type::INT2 => Box::new(None::<i16>),
        Type::INT4 => Box::new(None::<i32>),
        Type::INT8 => Box::new(None::<i64>),
        Type::FLOAT4 => Box::new(None::<f32>),
        Type::FLOAT8 => Box::new(None::<f64>),
        Type::TEXT => Box::new(None::<String>),
        Type::BYTEA => Box::new(None::<Vec<u8>>),
        Type::UUID => Box::new(None::<uuid::Uuid>),
        Type::DATE => Box::new(None::<NaiveDate>),
        Type::TIMESTAMPTZ => Box::new(None::<DateTime<Utc>>),
        Type::JSONB => Box::new(None::<serde_json::Value>),
        Type::BOOL_ARRAY => Box::new(Vec::<bool>::new()),
        Type::INT2_ARRAY => Box::new(Vec::<i16>::new()),
        Type::INT4_ARRAY => Box::new(Vec::<i32>::new()),
        Type::INT8_ARRAY => Box::new(Vec::<i64>::new()),
        Type::FLOAT4_ARRAY => Box::new(Vec::<f32>::new()),
        Type::FLOAT8_ARRAY => Box::new(Vec::<f64>::new()),
        Type::TEXT_ARRAY => Box::new(Vec::<String>::new()),
        Type::BYTEA_ARRAY => Box::new(Vec::<Vec<u8>>::new()),
        Type::UUID_ARRAY => Box::new(Vec::<uuid::Uuid>::new()),
        Type::DATE_ARRAY => Box::new(Vec::<NaiveDate>::new()),
        Type::TIMESTAMPTZ_ARRAY => Box::new(Vec::<DateTime<Utc>>::new()),
        Type::JSONB_ARRAY => Box::new(Vec::<serde_json::Value>::new()),
        _ => panic!("no empty value for the type {kind}"),
    }
}

/// Each statement runs in its own transaction, which is rolled back. Postgres may refuse a null value, but
/// only after it has parsed and run the statement.
#[tokio::test]
async fn every_statement_runs_unnamed_for_any_client() {
    let database = database().await;
    let pooler = Pooler::before(&database.url, 3).await;
    let direct = integration::settings(&database.url).connect().await.unwrap();
    let through = pool(&pooler.url, Statements::Unnamed, 6);
    let mut clients = Vec::new();
    for _ in 0..6 {
        clients.push(through.client().await.unwrap());
    }
    let mut ran = 0;
    for sql in store::STATEMENTS.iter().copied().flatten() {
        assert!(sql.len() < PINNING_BYTES, "{sql}");
        let prepared = direct.prepare(sql).await.unwrap();
        let values: Vec<_> = prepared.params().iter().map(empty_param).collect();
        let params: Vec<&dyn Param> = values.iter().map(|value| &**value).collect();
        clients.rotate_left(1);
        let transaction = clients[0].transaction().await.unwrap();
        match transaction.query(sql, &params).await {
            Ok(_) => ran += 1,
            Err(error) => assert_eq!(
                error.code(),
                Some(&SqlState::NOT_NULL_VIOLATION),
                "{error:?}: {sql}"
            ),
        }
    }
    assert!(ran > 100, "only {ran} statements");
}
