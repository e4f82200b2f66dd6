//! What becomes of a request whose statement takes too long, or for which no connection is free.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::RETRY_AFTER;
use integration::settings;
use integration::waiting::wait_until;
use shared::platform::db::Pool;

use crate::{Service, kind, router, send};

/// Makes each search take ten minutes.
const SLOW_SEARCH: &str = "
    CREATE OR REPLACE FUNCTION search_producers(query text, max_results integer DEFAULT 20)
    RETURNS TABLE (producer_id bigint, name text, matched_name text, match_kind text, score real,
                   track_count integer, artist_count integer)
    LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_sleep(600); END $$";
const SEARCHES: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'";
const CANCEL_SEARCHES: &str = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'";

/// A service whose searches are slow.
async fn slow_service() -> Service {
    let service = Service::start().await;
    service.sql.batch_execute(SLOW_SEARCH).await.unwrap();
    service
}

fn search() -> Request<Body> {
    Request::get("/v1/producers?q=quincy")
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_request_whose_statement_is_ended_by_a_time_out_may_be_tried_again() {
    let service = slow_service().await;
    let end = async {
        wait_until("the search runs", async || service.count(SEARCHES).await == 1).await;
        service.count(CANCEL_SEARCHES).await
    };
    let (answer, cancelled) = tokio::join!(service.send(search()), end);
    assert_eq!((kind(&answer), cancelled), ((503, "timed-out"), 1));
    assert_eq!(answer.headers[RETRY_AFTER], "5");
}

#[tokio::test]
async fn a_request_whose_caller_goes_away_cancels_its_statement() {
    let service = slow_service().await;
    let router = service.router.clone();
    let request = tokio::spawn(async move { send(&router, search()).await });
    wait_until("the search runs", async || service.count(SEARCHES).await == 1).await;
    request.abort();
    wait_until("the search is cancelled", async || {
        service.count(SEARCHES).await == 0
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_free_connection_is_refused() {
    let database = integration::database().await;
    let pool = Pool::for_requests(&settings(&database.url), 1).unwrap();
    let held = pool.client().await.unwrap();
    let router = router(&pool, &[]);
    let answer = send(&router, search()).await;
    assert_eq!(kind(&answer), (503, "busy"));
    assert_eq!(answer.headers[RETRY_AFTER], "5");
    drop(held);
    assert_eq!(send(&router, search()).await.status, 200);
}
