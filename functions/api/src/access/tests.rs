//! Tests of the rules of access.

use super::*;

fn caller(scopes: &[Scope]) -> Caller {
    Caller {
        key: Some(KnownKey {
            id: 3,
            name: "website".to_owned(),
            scopes: scopes.to_vec(),
            state: KeyState::Active,
        }),
    }
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
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer_token(&headers).ok().flatten(), expected, "{value}");
    }
    assert!(matches!(bearer_token(&HeaderMap::new()), Ok(None)));
    let mut twice = HeaderMap::new();
    for _ in 0..2 {
        twice.append(AUTHORIZATION, "Bearer ln_abc".parse().unwrap());
    }
    assert!(bearer_token(&twice).is_err());
}

#[test]
fn a_key_grants_only_its_own_scopes() {
    let write = AccessRule::Scopes(&[Scope::Write]);
    let nobody = Caller { key: None };
    for (case, caller, rule, expected) in [
        ("nobody writes", &nobody, write, "unauthorized"),
        ("nobody reads", &nobody, AccessRule::Read, "allowed"),
        ("a key with every scope", &caller(Scope::ALL), write, "allowed"),
        ("a key with the scope", &caller(&[Scope::Write]), write, "allowed"),
        (
            "a key with another scope",
            &caller(&[Scope::Operate]),
            write,
            "forbidden",
        ),
        (
            "a key without scopes reads less than nobody",
            &caller(&[]),
            AccessRule::Read,
            "forbidden",
        ),
    ] {
        let outcome = match caller.check(rule, ReadAccess::Public) {
            Ok(()) => "allowed",
            Err(ApiError::Forbidden(_)) => "forbidden",
            Err(_) => "unauthorized",
        };
        assert_eq!(outcome, expected, "{case}");
    }
    assert!(nobody.check(AccessRule::Read, ReadAccess::Keys).is_err());
}

#[test]
fn an_ingestion_is_shown_to_its_key_and_to_operators() {
    assert!(caller(&[]).may_see_ingestion_of(Some(3)));
    assert!(!caller(&[Scope::Write]).may_see_ingestion_of(Some(4)));
    assert!(!caller(&[Scope::Write]).may_see_ingestion_of(None));
    assert!(caller(&[Scope::Operate]).may_see_ingestion_of(None));
    assert!(!Caller { key: None }.may_see_ingestion_of(None));
}

#[test]
fn a_key_in_the_query_is_refused() {
    let key = api_keys::generate();
    for query in [
        format!("key={key}"),
        format!("q=x&Api_Key={key}"),
        "access_token=x".to_owned(),
        format!("q={key}"),
        key.clone(),
        format!("q=%6Cn_{}", &key[3..]),
    ] {
        let uri: Uri = format!("/v1/producers?{query}").parse().unwrap();
        assert!(refuse_key_in_query(&uri).is_err(), "{query}");
    }
    for query in ["", "?q=ln_", "?q=key", "?limit=3&cursor=1.2"] {
        let uri: Uri = format!("/v1/producers{query}").parse().unwrap();
        assert!(refuse_key_in_query(&uri).is_ok(), "{query}");
    }
}
