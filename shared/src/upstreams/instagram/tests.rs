//! Instagram: tests of the mapping, each with a second body in which the values are null or missing, and of
//! the client over HTTP.

use pretty_assertions::assert_eq;
use wiremock::MockServer;
use wiremock::http::HeaderName;

use super::*;
use crate::domain::links::{Link, LinkKind};
use crate::upstreams::loopback::{RETRY_AFTER, http, pairs, query, requests, single_request, with_response};

const PROFILE: &[u8] = include_bytes!("fixtures/profile.json");
const PROFILE_BARE: &[u8] = include_bytes!("fixtures/profile_bare.json");
const NO_SUCH_ACCOUNT: &[u8] = include_bytes!("fixtures/error_no_such_account.json");

const TOKEN: &str = "a-secret-token";
const APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");
const CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
const USE_CASE_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");

#[test]
fn a_profile_has_what_the_account_states() {
    let profile = profile_from_json(PROFILE).expect("a profile");
    assert_eq!(
        profile,
        Profile {
            id: "17840000000000001".to_owned(),
            handle: "test.producer".to_owned(),
            name: Some("Test Producer".to_owned()),
            bio: Some("Producer & mixer 🎛️\nBookings: bookings@test-producer.example".to_owned()),
            picture_url: Some(
                "https://scontent.cdninstagram.example/v/t51/1_n.jpg?oe=65A&oh=00_A".to_owned()
            ),
            website: Some(Link {
                kind: LinkKind::Website,
                url: "http://test-producer.example/".to_owned(),
                value: "http://test-producer.example/".to_owned(),
            }),
            follower_count: Some(1234),
        }
    );
    let bare = profile_from_json(PROFILE_BARE).expect("a profile");
    assert_eq!(
        (bare.name, bare.bio, bare.picture_url, bare.website),
        (None, None, None, None)
    );
    assert_eq!(bare.follower_count, Some(0));
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [&b"<html>"[..], b"", b"{}", NO_SUCH_ACCOUNT, &PROFILE[..200]] {
        assert!(matches!(profile_from_json(body), Err(Error::Decode(_))));
    }
}

fn client(server: &MockServer) -> Instagram {
    client_at(&server.uri())
}

fn client_at(url: &str) -> Instagram {
    let settings = InstagramSettings {
        url: format!("{url}/v25.0/"),
        token: TOKEN.to_owned(),
        user_id: "17840000000000000".to_owned(),
    };
    Instagram::new(http(), settings)
}

/// The minutes to wait after a quota error.
fn quota_minutes(error: &Error) -> i64 {
    let Error::RateLimited { until, quota: true } = error else {
        panic!("{error}")
    };
    ((*until - Utc::now()).num_seconds() + 30) / 60
}

#[tokio::test]
async fn a_profile_is_requested_by_handle_without_the_token_in_the_url() {
    let server = with_response(200, &[], PROFILE).await;
    let profile = client(&server)
        .fetch_profile("@Test.Producer")
        .await
        .expect("a response");
    assert!(profile.is_some());
    let request = single_request(&server).await;
    let fields = "business_discovery.username(test.producer){id,username,name,biography,website,\
         profile_picture_url,followers_count}";
    assert_eq!(
        (request.url.path(), query(&request)),
        ("/v25.0/17840000000000000", pairs(&[("fields", fields)]))
    );
    assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn an_invalid_handle_is_not_requested() {
    let server = with_response(200, &[], PROFILE).await;
    let client = client(&server);
    for handle in ["", "a b", "x){id}", "https://twitter.com/someone", "ünïcode"] {
        assert_eq!(client.fetch_profile(handle).await.expect("no call"), None);
    }
    assert_eq!(requests(&server).await.len(), 0);
}

#[tokio::test]
async fn an_account_that_is_not_shown_is_none() {
    for body in [
        NO_SUCH_ACCOUNT,
        br#"{"error":{"message":"Invalid user id","type":"OAuthException","code":110}}"#,
    ] {
        let server = with_response(400, &[], body).await;
        let found = client(&server).fetch_profile("test_producer").await;
        assert_eq!(found.expect("a response"), None);
    }
}

#[tokio::test]
async fn errors_are_distinguished_by_code_and_never_contain_the_token() {
    for (status, body, kind) in [
        (
            400,
            concat!(
                r#"{"error":{"message":"Error validating access token: Session has expired","#,
                r#""code":190,"error_subcode":463}}"#
            ),
            "refused: code 190.463",
        ),
        (
            400,
            r#"{"error":{"message":"Malformed access token a-secret-token","code":190}}"#,
            "refused: code 190: Malformed access token …",
        ),
        (
            400,
            r#"{"error":{"message":"(#10) Application does not have permission","code":10}}"#,
            "refused",
        ),
        (
            403,
            r#"{"error":{"message":"(#200) Permissions error","code":200}}"#,
            "refused",
        ),
        (
            400,
            r#"{"error":{"message":"Object with ID '1' does not exist","code":100,"error_subcode":33}}"#,
            "refused",
        ),
        (
            400,
            r#"{"error":{"message":"Tried accessing nonexisting field","code":100}}"#,
            "unreadable response: code 100",
        ),
        (
            400,
            r#"{"error":{"message":"Application request limit reached","code":4}}"#,
            "rate limited",
        ),
        (
            400,
            r#"{"error":{"message":"User request limit reached","code":17}}"#,
            "rate limited",
        ),
        (
            403,
            r#"{"error":{"message":"Page request limit","code":32}}"#,
            "rate limited",
        ),
        (
            403,
            r#"{"error":{"message":"Calls to this api have exceeded the rate limit","code":613}}"#,
            "rate limited",
        ),
        (
            400,
            r#"{"error":{"message":"There have been too many calls","code":80002}}"#,
            "rate limited",
        ),
        (
            500,
            r#"{"error":{"message":"An unknown error occurred","code":1}}"#,
            "unavailable",
        ),
        (
            503,
            r#"{"error":{"message":"Service temporarily unavailable","code":2}}"#,
            "unavailable",
        ),
        (
            400,
            r#"{"error":{"message":"Later","code":999,"is_transient":true}}"#,
            "unavailable",
        ),
        (
            400,
            r#"{"error":{"message":"Odd","code":999}}"#,
            "unreadable response",
        ),
        (
            404,
            r#"{"error":{"message":"Unknown path components","code":2500}}"#,
            "unreadable response",
        ),
        (404, "not here", "unreadable response"),
        (404, r#"{"error":{"message":"no code"}}"#, "unreadable response"),
        (502, "<html>Bad Gateway</html>", "unavailable"),
        (403, "<html>Log in</html>", "blocked"),
        (429, "", "rate limited"),
        (200, "<html></html>", "unreadable response"),
        (200, r#"{"id":"17840000000000000"}"#, "unreadable response"),
    ] {
        let server = with_response(status, &[], body.as_bytes()).await;
        let error = client(&server)
            .fetch_profile("test_producer")
            .await
            .expect_err(body)
            .to_string();
        assert!(error.starts_with(kind), "{status} {body}: {error}");
        assert!(!error.contains(TOKEN), "{error}");
        single_request(&server).await;
    }
    let url = faults::start(faults::cut_off(PROFILE)).await;
    let error = client_at(&url)
        .fetch_profile("test_producer")
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn an_error_for_an_unreadable_profile_quotes_nothing_of_it() {
    let profile = String::from_utf8(PROFILE.to_vec()).expect("a fixture");
    let odd_count = profile.replace("1234", "\"call +1 555 0100\"");
    let cut_off = &profile[..profile.find("@test-producer").expect("an address")];
    for (body, problem) in [
        (odd_count.as_str(), "JSON of another shape"),
        (cut_off, "cut off or empty"),
        ("Producer & mixer: bookings@test-producer.example", "not JSON"),
    ] {
        let server = with_response(200, &[(CONTENT_TYPE, "text/javascript")], body.as_bytes()).await;
        let profile = client(&server).fetch_profile("test_producer").await;
        let error = profile.expect_err(problem).to_string();
        let expected = format!(
            "unreadable response: the body (text/javascript, {} bytes) is {problem} at line ",
            body.len()
        );
        assert!(error.starts_with(&expected), "{error}");
        for private in ["555", "ookings", "mixer"] {
            assert!(!error.contains(private), "{error}");
        }
    }
}

#[tokio::test]
async fn an_exceeded_limit_lasts_as_long_as_the_headers_say() {
    const THROTTLED: &[u8] = br#"{"error":{"message":"limit","code":4}}"#;
    for (headers, expected) in [
        (vec![], 60),
        (vec![(RETRY_AFTER, "600")], 10),
        (
            vec![(
                USE_CASE_USAGE,
                r#"{"17841":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#,
            )],
            19,
        ),
        (
            vec![(
                USE_CASE_USAGE,
                r#"{"17841":[{"estimated_time_to_regain_access":0}]}"#,
            )],
            60,
        ),
        (vec![(USE_CASE_USAGE, "odd")], 60),
        (
            vec![(
                USE_CASE_USAGE,
                r#"{"17841":[{"estimated_time_to_regain_access":1e18}]}"#,
            )],
            24 * 60,
        ),
    ] {
        let server = with_response(400, &headers, THROTTLED).await;
        let error = client(&server)
            .fetch_profile("test_producer")
            .await
            .expect_err("throttled");
        assert_eq!(quota_minutes(&error), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn calls_pause_when_the_limit_is_almost_reached() {
    for (usage, pauses) in [
        (r#"{"call_count":96,"total_time":5,"total_cputime":5}"#, true),
        (r#"{"call_count":5,"total_time":99.5,"total_cputime":5}"#, true),
        (r#"{"call_count":94,"total_time":5,"total_cputime":5}"#, false),
        ("{}", false),
        ("odd", false),
    ] {
        let server = with_response(200, &[(APP_USAGE, usage)], PROFILE).await;
        let client = client(&server);
        let first = client.fetch_profile("test.producer").await;
        assert!(first.expect("a response").is_some(), "{usage}");
        match client.fetch_profile("test.producer").await {
            Err(error) if pauses => {
                assert_eq!(
                    (quota_minutes(&error), requests(&server).await.len()),
                    (15, 1),
                    "{usage}"
                );
            }
            Ok(Some(_)) if !pauses => assert_eq!(requests(&server).await.len(), 2, "{usage}"),
            other => panic!("{usage}: {other:?}"),
        }
    }
}
