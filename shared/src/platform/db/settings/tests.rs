//! What each form of a database URL sets, and how the others are refused.

use std::path::Path;

use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::super::tls::Trust;
use super::*;

fn parse(url: &str) -> Result<DatabaseSettings, InvalidUrl> {
    DatabaseSettings::parse(url, Statements::Prepared)
}

#[test]
fn each_sslmode_means_what_libpq_means_by_it() {
    use SslMode::{Disable, Prefer, Require};
    let file = || Some(Path::new("/ca.pem").to_owned());
    for (query, modes, trust) in [
        ("", &[Prefer, Disable][..], Trust::Any),
        ("?sslmode=disable", &[Disable], Trust::Any),
        ("?sslmode=allow", &[Disable, Require], Trust::Any),
        (
            "?sslmode=prefer&sslrootcert=/ca.pem",
            &[Prefer, Disable],
            Trust::Chain(file()),
        ),
        ("?sslmode=require", &[Require], Trust::Any),
        (
            "?sslmode=require&sslrootcert=/ca.pem",
            &[Require],
            Trust::Chain(file()),
        ),
        (
            "?sslmode=verify-ca&sslrootcert=/ca.pem",
            &[Require],
            Trust::Chain(file()),
        ),
        ("?sslmode=verify-ca", &[Require], Trust::Name(None)),
        ("?sslmode=verify-full", &[Require], Trust::Name(None)),
        (
            "?sslmode=verify-full&sslrootcert=/ca.pem",
            &[Require],
            Trust::Name(file()),
        ),
        ("?sslrootcert=system", &[Require], Trust::Name(None)),
    ] {
        let settings = parse(&format!("postgres://u:p@db.example:5433/music{query}")).expect(query);
        assert_eq!(settings.encryption.modes(), modes, "{query}");
        assert_eq!(settings.encryption.trust(), &trust, "{query}");
    }
}

#[test]
fn hosts_are_named_in_the_url_or_as_a_parameter() {
    let tcp = |name: &str| Host::Tcp(name.to_owned());
    for (url, hosts, ports) in [
        ("postgres://a:1,b/d", vec![tcp("a"), tcp("b")], &[1, 5432][..]),
        ("postgres://u@[::1]/d", vec![tcp("::1")], &[]),
        (
            "postgres://u:p@localhost/d?host=/cloudsql/p:r:i",
            vec![Host::Unix("/cloudsql/p:r:i".into())],
            &[],
        ),
        (
            "postgres:///d?host=a,b&port=6432",
            vec![tcp("a"), tcp("b")],
            &[6432],
        ),
        (
            "postgres://%2Ftmp:5433/d",
            vec![Host::Unix("/tmp".into())],
            &[5433],
        ),
        ("postgres:///d?hostaddr=10.0.0.1", vec![tcp("10.0.0.1")], &[]),
    ] {
        let settings = parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(
            (settings.config.get_hosts(), settings.config.get_ports()),
            (&hosts[..], ports),
            "{url}"
        );
    }
    assert_eq!(parse("postgres://a:1,b/d").expect("a URL").hosts(), "a:1, b:5432");
}

#[test]
fn parameters_reach_the_driver() {
    let query = "keepalives=0&options=-c%20search_path%3Dmusic&connect_timeout=30&tcp_user_timeout=1500\
                 &target_session_attrs=read-write&application_name=line%20notes&client_encoding=UTF8\
                 &gssencmode=disable&channel_binding=require&sslmode=require&sslsni=1";
    let settings = parse(&format!("postgres://u:p@h/music?{query}")).expect("a URL");
    let config = settings.config();
    assert!(!config.get_keepalives());
    assert_eq!(config.get_options(), Some("-c search_path=music"));
    assert_eq!(settings.connect_timeout(), Duration::from_secs(30));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_millis(1500)));
    assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    assert_eq!(config.get_application_name(), Some("line notes"));
    let plain = parse("postgres://u:p@h/music").expect("a URL");
    assert_eq!(plain.config().get_application_name(), Some("linernotes"));
}

#[test]
fn a_parameter_that_cannot_be_followed_is_named_with_the_way_out() {
    for (query, causes) in [
        ("ssl=true", &["ssl: use sslmode"][..]),
        ("SSLMODE=require", &["SSLMODE: write it in lower case"]),
        ("sslmode=maybe", &["sslmode", "verify-full"]),
        (
            "sslmode=require&sslrootcert=system",
            &["sslrootcert=system", "verify-full"],
        ),
        (
            "sslnegotiation=direct",
            &["sslnegotiation=direct", "sslmode=require"],
        ),
        (
            "connection_limit=1&pgbouncer=true",
            &["connection_limit: ", "pgbouncer: ", "DATABASE_STATEMENTS"],
        ),
        (
            "currentSchema=a",
            &["currentSchema: use options=-c%20search_path"],
        ),
        ("sslkey=hunter2", &["sslkey: client certificates"]),
        (
            "target_session_attrs=standby",
            &["target_session_attrs: it may be any, read-write, read-only"],
        ),
        ("client_encoding=LATIN1", &["client_encoding: it is always UTF8"]),
        ("gssencmode=require", &["gssencmode: Kerberos"]),
        ("connect_timeout=soon", &["connect_timeout: it must be a number"]),
        ("options=-c+geqo%3Doff", &["options: write a space as %20"]),
        ("supa=base-pooler.x", &["supa: it is not known"]),
        ("hunter2%20x=1", &["one without a proper name"]),
        ("port=1,2", &["the numbers of hosts, ports"]),
        ("port=99999", &["from 1 to 65535"]),
        ("hostaddr=name", &["hostaddr is not an IP address"]),
    ] {
        let error = parse(&format!("postgres://u:hunter2@h/d?{query}"))
            .err()
            .expect(query)
            .to_string();
        assert!(
            causes.iter().all(|cause| error.contains(cause)),
            "{query}: {error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn error_messages_do_not_contain_the_password() {
    for url in [
        "mysql://u:hunter2@h/d",
        "postgres://u:hunter2@h:5432",
        "postgres://u:hunter2@/d",
        "postgres://u:hunter2/d",
        "postgres://u:p@h:hunter2/d",
        "postgres://u:hunter2@h,,i/d",
    ] {
        let error = parse(url)
            .err()
            .unwrap_or_else(|| panic!("{url} was accepted"))
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_missing_root_certificate_file_is_named() {
    let settings =
        parse("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem").expect("a URL");
    let error = settings.tls().err().expect("no such file").to_string();
    assert!(error.contains("/nowhere/ca.pem"), "{error}");
}
