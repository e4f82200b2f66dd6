//! Instagram: what bodies mean to us, each beside its twin that knows nothing, and what is asked and answered over HTTP.

use axum::http::{HeaderName, header};
use pretty_assertions::assert_eq;

use super::*;
use crate::domain::links::{Link, LinkKind};
use crate::upstreams::loopback::{Loopback, http, pairs};

const PROFILE: &[u8] = include_bytes!("fixtures/profile.json");
const PROFILE_BARE: &[u8] = include_bytes!("fixtures/profile_bare.json");
const NO_SUCH_ACCOUNT: &[u8] = include_bytes!("fixtures/error_no_such_account.json");

const TOKEN: &str = "a-secret-token";
const APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");
const USE_CASE_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");

#[test]
fn a_profile_shows_what_the_account_states() {
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
fn what_is_something_else_is_not_read_as_nothing() {
    for body in [&b"<html>"[..], b"", b"{}", NO_SUCH_ACCOUNT, &PROFILE[..200]] {
        assert!(matches!(profile_from_json(body), Err(Error::Decode(_))));
    }
}

fn client(server: &Loopback) -> Instagram {
    let settings = InstagramSettings {
        url: format!("{}/v25.0/", server.base_url),
        token: TOKEN.to_owned(),
        user_id: "17840000000000000".to_owned(),
    };
    Instagram::new(http(), settings)
}

/// How many minutes there are to wait.
fn minutes(error: &Error) -> i64 {
    let Error::RateLimited { until, quota: true } = error else {
        panic!("{error}")
    };
    ((*until - Utc::now()).num_seconds() + 30) / 60
}

#[tokio::test]
async fn an_account_is_asked_for_by_its_handle_and_the_token_is_in_no_address() {
    let server = Loopback::saying(200, &[], PROFILE).await;
    let profile = client(&server)
        .fetch_profile("@Test.Producer")
        .await
        .expect("an answer");
    assert!(profile.is_some());
    let asked = server.asked_once();
    let fields = "business_discovery.username(test.producer){id,username,name,biography,website,profile_picture_url,followers_count}";
    assert_eq!(
        (asked.path.as_str(), asked.query.clone()),
        ("/v25.0/17840000000000000", pairs(&[("fields", fields)]))
    );
    assert_eq!(asked.header(header::AUTHORIZATION), format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn what_can_be_no_handle_is_not_asked_for() {
    let server = Loopback::saying(200, &[], PROFILE).await;
    let client = client(&server);
    for handle in ["", "a b", "x){id}", "https://twitter.com/someone", "ünïcode"] {
        assert_eq!(client.fetch_profile(handle).await.expect("no call"), None);
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn an_account_that_is_not_shown_is_no_error() {
    for body in [
        NO_SUCH_ACCOUNT,
        br#"{"error":{"message":"Invalid user id","type":"OAuthException","code":110}}"#,
    ] {
        let server = Loopback::saying(400, &[], body).await;
        let found = client(&server).fetch_profile("test_producer").await;
        assert_eq!(found.expect("an answer"), None);
    }
}

#[tokio::test]
async fn refusals_stay_apart_by_their_codes_and_never_show_the_token() {
    for (status, body, kind) in [
        (
            400,
            r#"{"error":{"message":"Error validating access token: Session has expired","code":190,"error_subcode":463}}"#,
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
            "unreadable answer: code 100",
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
            "unreadable answer",
        ),
        (
            404,
            r#"{"error":{"message":"Unknown path components","code":2500}}"#,
            "unreadable answer",
        ),
        (404, "not here", "unreadable answer"),
        (404, r#"{"error":{"message":"no code"}}"#, "unreadable answer"),
        (502, "<html>Bad Gateway</html>", "unavailable"),
        (403, "<html>Log in</html>", "blocked"),
        (429, "", "rate limited"),
        (200, "<html></html>", "unreadable answer"),
        (200, r#"{"id":"17840000000000000"}"#, "unreadable answer"),
    ] {
        let server = Loopback::saying(status, &[], body.as_bytes()).await;
        let error = client(&server)
            .fetch_profile("test_producer")
            .await
            .expect_err(body)
            .to_string();
        assert!(error.starts_with(kind), "{status} {body}: {error}");
        assert!(!error.contains(TOKEN), "{error}");
        server.asked_once();
    }
    let server = Loopback::breaking_off(PROFILE).await;
    let error = client(&server)
        .fetch_profile("test_producer")
        .await
        .expect_err("cut off");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_limit_that_is_reached_lasts_as_long_as_it_says() {
    const THROTTLED: &[u8] = br#"{"error":{"message":"limit","code":4}}"#;
    for (headers, expected) in [
        (vec![], 60),
        (vec![(header::RETRY_AFTER, "600")], 10),
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
        let server = Loopback::saying(400, &headers, THROTTLED).await;
        let error = client(&server)
            .fetch_profile("test_producer")
            .await
            .expect_err("throttled");
        assert_eq!(minutes(&error), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn an_allowance_nearly_used_up_is_left_alone_and_what_was_found_is_kept() {
    for (usage, rests) in [
        (r#"{"call_count":96,"total_time":5,"total_cputime":5}"#, true),
        (r#"{"call_count":5,"total_time":99.5,"total_cputime":5}"#, true),
        (r#"{"call_count":94,"total_time":5,"total_cputime":5}"#, false),
        ("{}", false),
        ("odd", false),
    ] {
        let server = Loopback::saying(200, &[(APP_USAGE, usage)], PROFILE).await;
        let client = client(&server);
        let first = client.fetch_profile("test.producer").await;
        assert!(first.expect("an answer").is_some(), "{usage}");
        match client.fetch_profile("test.producer").await {
            Err(error) if rests => {
                assert_eq!((minutes(&error), server.count()), (15, 1), "{usage}");
            }
            Ok(Some(_)) if !rests => assert_eq!(server.count(), 2, "{usage}"),
            other => panic!("{usage}: {other:?}"),
        }
    }
}
