//! Transactions, connections that break, and TLS.

use integration::refusals::assert_violates;
use integration::waiting::must_end;
use integration::{database, pool, settings};
use shared::platform::db::{Client, Pool, Statements};

use tokio::io::AsyncReadExt as _;
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn a_dropped_transaction_or_savepoint_is_rolled_back() {
    let database = database().await;
    let mut client = database.client().await;
    let insert = "INSERT INTO artists (name) VALUES ($1)";
    {
        let transaction = client.transaction().await.unwrap();
        transaction.execute(insert, &[&"dropped"]).await.unwrap();
    }
    let mut transaction = client.transaction().await.unwrap();
    transaction.execute(insert, &[&"kept"]).await.unwrap();
    {
        let savepoint = transaction.transaction().await.unwrap();
        savepoint.execute(insert, &[&"rolled back"]).await.unwrap();
    }
    {
        let savepoint = transaction.transaction().await.unwrap();
        assert_violates(savepoint.execute(insert, &[&""]).await, "artists_name_check");
    }
    let savepoint = transaction.transaction().await.unwrap();
    savepoint.execute(insert, &[&"kept as well"]).await.unwrap();
    savepoint.commit().await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        database.texts("SELECT name FROM artists ORDER BY name").await,
        ["kept", "kept as well"]
    );
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced_at_the_next_use() {
    let database = database().await;
    let pool = pool(&database.url, Statements::Prepared, 1);
    let backend = async |client: &Client<'_>| -> Result<i32, tokio_postgres::Error> {
        Ok(client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0))
    };
    let idle = backend(&pool.client().await.unwrap()).await.unwrap();
    database
        .count(&format!("SELECT count(pg_terminate_backend({idle}, 5000))"))
        .await;
    let client = pool.client().await.unwrap();
    let busy = backend(&client).await.unwrap();
    assert_ne!(idle, busy);
    database
        .count(&format!("SELECT count(pg_terminate_backend({busy}, 5000))"))
        .await;
    let error = backend(&client).await.expect_err("the connection was ended");
    assert!(
        error.is_closed() || error.code() == Some(&SqlState::ADMIN_SHUTDOWN),
        "{error:?}"
    );
    drop(client);
    backend(&pool.client().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_failed_connection_is_reported_in_one_line_without_the_password() {
    let database = database().await;
    let (scheme, rest) = database.url.split_once("://").unwrap();
    let (user, rest) = rest.split_once(':').unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong_password = format!("{scheme}://{user}:hunter2@{host}");
    let (name, _) = host.split_once('/').unwrap();
    let no_server = format!(
        "{scheme}://{user}:hunter2@{}/d",
        name.replace(name, "127.0.0.1:1")
    );
    for url in [wrong_password, no_server] {
        let settings = settings(&url);
        let direct = anyhow::Error::from(settings.connect().await.err().unwrap());
        let pooled = Pool::new(&settings, 1).unwrap().client().await.err().unwrap();
        let direct = format!("{direct:#}");
        assert!(direct.contains("127.0.0.1"), "{direct}");
        for message in [direct, format!("{:#}", anyhow::Error::from(pooled))] {
            assert!(
                !message.contains("hunter2") && !message.contains('\n'),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn connecting_ahead_opens_a_connection_and_gives_up_on_a_server_that_does_not_answer() {
    let database = database().await;
    let ahead = pool(&database.url, Statements::Prepared, 1);
    ahead.connect_ahead().await;
    let connections = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(database.count(connections).await, 1);

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let silent_pool = pool(
        &format!("postgres://u:p@127.0.0.1:{port}/d"),
        Statements::Prepared,
        1,
    );
    let read_request = async {
        let (mut connection, _) = silent.accept().await.unwrap();
        connection.read_u8().await.unwrap();
        connection
    };
    let both = async { tokio::join!(silent_pool.connect_ahead(), read_request) };
    must_end("connecting ahead gives up", both).await;
    let absent = pool("postgres://u:p@127.0.0.1:1/d", Statements::Prepared, 1);
    must_end("connecting ahead fails", absent.connect_ahead()).await;
}

/// A certificate for `localhost`, the root that signed it and a bundle of roots in which that one is the
/// second, as in the bundle of Amazon RDS. The server itself creates them in its data directory.
const CERTIFICATES: &str = "COPY (SELECT 1) TO PROGRAM '
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root -keyout root.key \\
        -out root.crt 2>/dev/null &&
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=another -keyout another.key \\
        -out another.crt 2>/dev/null &&
    cat another.crt root.crt > bundle.crt &&
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null &&
    printf subjectAltName=DNS:localhost > server.ext &&
    openssl x509 -req -days 2 -in server.csr -CA root.crt -CAkey root.key -CAcreateserial \\
        -extfile server.ext -out server.crt 2>/dev/null &&
    chmod 600 server.key'";

#[tokio::test]
async fn verify_full_requires_the_name_of_the_host_and_a_known_root() {
    let database = database().await;
    database.execute(CERTIFICATES).await;
    database.execute("ALTER SYSTEM SET ssl = on").await;
    database.count("SELECT count(pg_reload_conf())").await;
    let folder = std::env::temp_dir().join(format!("linernotes-roots-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    for name in ["root", "another", "bundle"] {
        let read = format!("SELECT pg_read_file('{name}.crt')");
        let roots = database.texts(&read).await.remove(0);
        std::fs::write(folder.join(name), roots).unwrap();
    }
    let roots = |name: &str| format!("sslmode=verify-full&sslrootcert={}", folder.join(name).display());
    let by_number = database.url.replace("?sslmode=disable", "");
    let by_name = by_number.replace("127.0.0.1", "localhost");
    for (url, query, answers) in [
        (&by_name, roots("root"), true),
        (&by_name, roots("bundle"), true),
        (&by_name, roots("another"), false),
        (&by_number, roots("bundle"), false),
        (
            &by_name,
            "sslmode=verify-full&sslrootcert=system".to_owned(),
            false,
        ),
        (&by_number, "sslmode=require".to_owned(), true),
        (&by_number, "sslmode=disable".to_owned(), true),
    ] {
        let pool = pool(&format!("{url}?{query}"), Statements::Prepared, 1);
        let client = pool.client().await;
        assert_eq!(client.is_ok(), answers, "{url}?{query}");
        if let Ok(client) = client {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let encrypted: bool = client.query_one(sql, &[]).await.unwrap().get(0);
            assert_eq!(encrypted, query != "sslmode=disable", "{query}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
