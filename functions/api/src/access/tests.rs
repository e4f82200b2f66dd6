//! Tests of who needs an API key.

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect()
}

#[test]
fn only_programs_on_this_machine_need_no_key() {
    let host = ("host", "127.0.0.1:8080");
    for (case, pairs, expected) in [
        ("by address", &[host][..], true),
        ("by name", &[("host", "localhost:8080")], true),
        ("by name in capitals", &[("host", "LocalHost")], true),
        ("by IPv6", &[("host", "[::1]:8080")], true),
        ("by another loopback address", &[("host", "127.8.8.8")], true),
        (
            "from a page of the server itself",
            &[host, ("origin", "http://127.0.0.1:8080")],
            true,
        ),
        ("without a Host header", &[], false),
        (
            "by a domain name that resolves to loopback",
            &[("host", "rebound.example:8080")],
            false,
        ),
        (
            "by a name that starts like a loopback name",
            &[("host", "localhost.example")],
            false,
        ),
        (
            "by a name that starts like a loopback address",
            &[("host", "127.0.0.1.example")],
            false,
        ),
        ("by the unspecified address", &[("host", "0.0.0.0:8080")], false),
        (
            "with user information in the host",
            &[("host", "me@127.0.0.1")],
            false,
        ),
        (
            "by an address of the local network",
            &[("host", "192.168.1.7:8080")],
            false,
        ),
        (
            "from a page of another site",
            &[host, ("origin", "https://evil.example")],
            false,
        ),
        (
            "from a page of another port",
            &[host, ("origin", "http://127.0.0.1:3000")],
            false,
        ),
        ("from a sandboxed page", &[host, ("origin", "null")], false),
        (
            "with a Forwarded header",
            &[host, ("forwarded", "for=192.0.2.1")],
            false,
        ),
        (
            "with an X-Forwarded-For header",
            &[host, ("x-forwarded-for", "127.0.0.1")],
            false,
        ),
        (
            "with an X-Forwarded-Proto header",
            &[host, ("x-forwarded-proto", "https")],
            false,
        ),
        ("with a Via header", &[host, ("via", "1.1 proxy")], false),
        (
            "with an X-Real-IP header",
            &[host, ("x-real-ip", "127.0.0.1")],
            false,
        ),
    ] {
        let is_local = is_local_program(&Uri::from_static("/v1/producers"), &headers(pairs));
        assert_eq!(is_local, expected, "{case}");
    }
}

#[test]
fn the_request_line_and_every_host_header_must_name_loopback() {
    let local = headers(&[("host", "127.0.0.1:8080")]);
    let elsewhere = Uri::from_static("http://rebound.example/v1/producers");
    assert!(!is_local_program(&elsewhere, &local));
    let mut twice = local.clone();
    twice.append(HOST, "rebound.example".parse().unwrap());
    assert!(!is_local_program(&Uri::from_static("/"), &twice));
}

#[test]
fn a_key_is_sent_as_a_bearer_token() {
    for (value, expected) in [
        ("Bearer ln_abc", Some("ln_abc")),
        ("bearer ln_abc ", Some("ln_abc")),
        ("Basic bG5fYWJj", None),
        ("ln_abc", None),
        ("", None),
    ] {
        let headers = headers(&[("authorization", value)]);
        assert_eq!(bearer_token(&headers).ok().flatten(), expected, "{value}");
    }
    assert!(matches!(bearer_token(&HeaderMap::new()), Ok(None)));
}

#[test]
fn a_key_grants_only_its_own_scopes() {
    let caller = |api_key_id, scopes: &[Scope]| Caller {
        api_key_id,
        name: None,
        scopes: scopes.to_vec(),
    };
    let outcome = |caller: Caller| match caller.require_scope(Scope::Write) {
        Ok(()) => "allowed",
        Err(ApiError::Forbidden(_)) => "forbidden",
        Err(_) => "unauthorized",
    };
    assert_eq!(outcome(caller(None, &[])), "unauthorized");
    assert_eq!(outcome(caller(None, Scope::ALL)), "allowed");
    assert_eq!(outcome(caller(Some(1), &[Scope::Write])), "allowed");
    assert_eq!(outcome(caller(Some(1), &[Scope::Contacts])), "forbidden");
}
