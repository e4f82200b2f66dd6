//! Reads the parameters of a database URL as libpq does
//! (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>). One that cannot be
//! followed is refused by its name, with the way out.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, LoadBalanceHosts, SslNegotiation, TargetSessionAttrs};

use super::errors::InvalidUrl;
use super::hosts::set_hosts;

/// The longest wait for a connection if the URL has no `connect_timeout`, both for a free one in the pool and
/// for an answer of the server.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a URL says about TLS.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TlsParameters {
    pub(super) mode: Option<String>,
    pub(super) root_certificates: Option<String>,
    pub(super) is_direct: bool,
}

/// The driver's settings, except for TLS, and what the URL says about TLS.
pub(super) fn read_parameters(
    parameters: Vec<(String, String)>,
) -> Result<(Config, TlsParameters), InvalidUrl> {
    let parameters: BTreeMap<String, String> = parameters.into_iter().collect();
    let mut config = Config::new();
    config
        .application_name("linernotes")
        .connect_timeout(CONNECT_TIMEOUT);
    let mut tls = TlsParameters::default();
    let mut refused = Vec::new();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let read = read_connection_parameter(&mut config, name, value)
            .or_else(|| read_tls_parameter(&mut config, &mut tls, name, value))
            .or_else(|| check_fixed_parameter(name, value))
            .unwrap_or_else(|| Err(advice(name).to_owned()));
        if let Err(cause) = read {
            refused.push(format!("{}: {cause}", shown_name(name)));
        }
    }
    if !refused.is_empty() {
        return Err(InvalidUrl(format!(
            "the database URL has parameters that cannot be used: {}",
            refused.join("; ")
        )));
    }
    set_hosts(&mut config, &parameters)?;
    Ok((config, tls))
}

/// A name as it is typed. Anything else can be part of a password.
fn shown_name(name: &str) -> &str {
    let is_name = name.len() < 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name {
        name
    } else {
        "one without a proper name"
    }
}

type Read = Option<Result<(), String>>;

/// `None` for other parameters.
fn read_connection_parameter(config: &mut Config, name: &str, value: &str) -> Read {
    let seconds = || number(value).map(|seconds| Duration::from_secs(seconds.into()));
    let result = match name {
        "user" => Ok(config.user(value)),
        "password" => Ok(config.password(value)),
        "dbname" => Ok(config.dbname(value)),
        // These need each other.
        "host" | "hostaddr" | "port" => Ok(config),
        "options" if value.contains("-c+") => Err("write a space as %20, not as +".to_owned()),
        "options" => Ok(config.options(value)),
        "application_name" => Ok(config.application_name(value)),
        "fallback_application_name" => Ok(config),
        "connect_timeout" => seconds().map(|timeout| match timeout {
            Duration::ZERO => config,
            timeout => config.connect_timeout(timeout),
        }),
        "tcp_user_timeout" => {
            number(value).map(|ms| config.tcp_user_timeout(Duration::from_millis(ms.into())))
        }
        "keepalives" => number(value).map(|on| config.keepalives(on != 0)),
        "keepalives_idle" => seconds().map(|idle| config.keepalives_idle(idle)),
        "keepalives_interval" => seconds().map(|interval| config.keepalives_interval(interval)),
        "keepalives_count" | "keepalives_retries" => {
            number(value).map(|retries| config.keepalives_retries(retries))
        }
        "target_session_attrs" => one_of(
            value,
            &[
                ("any", TargetSessionAttrs::Any),
                ("read-write", TargetSessionAttrs::ReadWrite),
                ("read-only", TargetSessionAttrs::ReadOnly),
            ],
        )
        .map(|attrs| config.target_session_attrs(attrs)),
        "load_balance_hosts" => one_of(
            value,
            &[
                ("disable", LoadBalanceHosts::Disable),
                ("random", LoadBalanceHosts::Random),
            ],
        )
        .map(|order| config.load_balance_hosts(order)),
        _ => return None,
    };
    Some(result.map(|_| ()))
}

/// `None` for other parameters.
fn read_tls_parameter(config: &mut Config, tls: &mut TlsParameters, name: &str, value: &str) -> Read {
    match name {
        "sslmode" => tls.mode = Some(value.to_owned()),
        "sslrootcert" => tls.root_certificates = Some(value.to_owned()),
        "sslnegotiation" => {
            let negotiation = one_of(
                value,
                &[
                    ("postgres", SslNegotiation::Postgres),
                    ("direct", SslNegotiation::Direct),
                ],
            );
            return Some(negotiation.map(|negotiation| {
                tls.is_direct = negotiation == SslNegotiation::Direct;
                config.ssl_negotiation(negotiation);
            }));
        }
        "channel_binding" => {
            let binding = one_of(
                value,
                &[
                    ("disable", ChannelBinding::Disable),
                    ("prefer", ChannelBinding::Prefer),
                    ("require", ChannelBinding::Require),
                ],
            );
            return Some(binding.map(|binding| {
                config.channel_binding(binding);
            }));
        }
        _ => return None,
    }
    Some(Ok(()))
}

/// Checks a parameter for which there is no choice here. `None` for other parameters.
fn check_fixed_parameter(name: &str, value: &str) -> Read {
    let (accepted, advice): (&[&str], _) = match name {
        "client_encoding" => (
            &["utf8", "utf-8", "unicode", "auto"],
            "it is always UTF8: leave it out",
        ),
        "gssencmode" => (
            &["disable", "prefer"],
            "Kerberos is not supported: use gssencmode=disable",
        ),
        "sslcompression" => (&["0", "1"], "leave it out"),
        "sslsni" => (&["1"], "the host's name is always sent: leave it out"),
        "sslcertmode" => (
            &["disable", "allow"],
            "client certificates are not supported: leave it out",
        ),
        "ssl_min_protocol_version" => (
            &["tlsv1", "tlsv1.1", "tlsv1.2"],
            "TLS 1.2 and 1.3 are used: leave it out",
        ),
        "ssl_max_protocol_version" => (&["tlsv1.3"], "TLS 1.2 and 1.3 are used: leave it out"),
        _ => return None,
    };
    let is_accepted = accepted.contains(&value.to_ascii_lowercase().as_str());
    Some(if is_accepted {
        Ok(())
    } else {
        Err(advice.to_owned())
    })
}

fn number(value: &str) -> Result<u32, String> {
    value.parse().map_err(|_| "it must be a number".to_owned())
}

fn one_of<T: Copy>(value: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let choice = choices.iter().find(|(word, _)| *word == value);
    choice.map(|(_, choice)| *choice).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        format!("it may be {}", words.join(", "))
    })
}

/// What to do about a parameter of another program, or one of libpq that is not supported.
fn advice(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "ssl" | "ssl_mode" | "requiressl" | "tls" | "sslaccept" => "use sslmode, such as sslmode=require",
        "sslmode" | "sslrootcert" => "write it in lower case",
        "sslcert" | "sslkey" | "sslpassword" | "sslidentity" => {
            "client certificates are not supported: log in with a password"
        }
        "sslcrl" | "sslcrldir" => "revocation lists are not supported: leave it out",
        "schema" | "currentschema" | "search_path" => "use options=-c%20search_path%3DNAME",
        "statement_timeout" | "lock_timeout" | "idle_in_transaction_session_timeout" | "timezone" => {
            "use options=-c%20NAME%3DVALUE"
        }
        "pgbouncer"
        | "connection_limit"
        | "pool_timeout"
        | "statement_cache_size"
        | "prepared_statements"
        | "preparethreshold"
        | "statement_cache_capacity"
        | "default_query_exec_mode" => {
            "a setting of another client: leave it out, and set DATABASE_STATEMENTS=unnamed behind a \
             transaction pooler"
        }
        "uselibpqcompat" => "a setting of node-postgres: leave it out, sslmode is as in libpq here",
        "passfile" | "service" | "servicefile" => "no files of libpq are read: write the values into the URL",
        "krbsrvname" | "gsslib" | "gssdelegation" | "require_auth" | "requirepeer" | "replication" => {
            "it is not supported: leave it out"
        }
        _ => "it is not known: leave it out",
    }
}
