//! Splits a database URL into the parameters of libpq
//! (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>). No error quotes the
//! URL, because any part of it can turn out to be the password.

use super::errors::InvalidUrl;

const FORM: &str = "a database URL looks like postgres://user:password@host:5432/database";

/// The parameters in the order in which they count: a later one replaces an earlier one of the same name.
pub(super) fn split_url(url: &str) -> Result<Vec<(String, String)>, InvalidUrl> {
    let rest = without_scheme(without_quotes(url.trim()))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    check_signs(authority, tail)?;
    let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (host, port) = split_hosts(hosts)?;
    let database = path.strip_prefix('/').unwrap_or(path);
    let mut parameters = Vec::new();
    for (name, value) in [
        ("user", user),
        ("password", password),
        ("host", host.as_str()),
        ("port", port.as_str()),
        ("dbname", database),
    ] {
        if !value.is_empty() {
            parameters.push((name.to_owned(), decode(value)?));
        }
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| InvalidUrl(format!("a parameter behind ? has no value: {FORM}?name=value")))?;
        parameters.push((decode(name)?, decode(value)?));
    }
    Ok(parameters)
}

/// A text without the quotation marks that a settings file has around a value.
fn without_quotes(text: &str) -> &str {
    let unquoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    unquoted('"').or_else(|| unquoted('\'')).unwrap_or(text)
}

fn without_scheme(url: &str) -> Result<&str, InvalidUrl> {
    let Some((scheme, rest)) = url.split_once("://") else {
        let is_list = ["host", "hostaddr", "dbname", "user", "service"]
            .iter()
            .any(|keyword| {
                let value = url.split(keyword).nth(1);
                value.is_some_and(|value| value.trim_start().starts_with('='))
            });
        let found = if is_list {
            "this is a list of keywords"
        } else {
            "this is not a URL"
        };
        return Err(InvalidUrl(format!("{found}: {FORM}")));
    };
    let lower = scheme.to_ascii_lowercase();
    if matches!(lower.as_str(), "postgres" | "postgresql") {
        return Ok(rest);
    }
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if lower.ends_with("postgres") || lower.ends_with("postgresql") {
        return Err(InvalidUrl(format!("there is other text before the URL: {FORM}")));
    }
    if scheme.is_empty() || !scheme.chars().all(is_scheme) {
        return Err(InvalidUrl(format!("this is not a URL: {FORM}")));
    }
    Err(InvalidUrl(format!("the scheme is {lower}: {FORM}")))
}

/// Checks that no sign that divides a URL stands in the user name, the password or another part. The sign
/// that ended the part with the hosts is the suspect if an @ comes later.
fn check_signs(authority: &str, tail: &str) -> Result<(), InvalidUrl> {
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let holds_text = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        pair.contains('=') && matches!(name, "user" | "password" | "options" | "application_name")
    };
    let has_late_at = path.contains('@')
        || query
            .split('&')
            .any(|pair| pair.contains('@') && !holds_text(pair));
    let sign = if tail.contains('#') {
        '#'
    } else if has_late_at {
        tail.chars().next().unwrap_or('@')
    } else if path.chars().skip(1).any(|c| c == '/') || (!authority.contains('@') && path.contains(':')) {
        '/'
    } else {
        return Ok(());
    };
    Err(InvalidUrl(format!(
        "the character {sign} has a meaning of its own in a URL: where it belongs to the password or another \
         part, percent-encode it as %{:02X} (# is %23, / is %2F, ? is %3F, @ is %40)",
        u32::from(sign)
    )))
}

/// The hosts and their ports, each as a list with commas.
fn split_hosts(hosts: &str) -> Result<(String, String), InvalidUrl> {
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((address, rest)) => (address, rest.strip_prefix(':').unwrap_or(rest)),
            None => host.rsplit_once(':').unwrap_or((host, "")),
        };
        if name.contains(':') && !host.starts_with('[') {
            return Err(InvalidUrl(format!(
                "a host has several colons: write an IPv6 address in brackets, such as [::1]; {FORM}"
            )));
        }
        names.push(name);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) {
        String::new()
    } else {
        ports.join(",")
    };
    Ok((names.join(","), ports))
}

/// Replaces percent-encoded bytes. A plus stays one, and so does a percent sign without two hexadecimal
/// digits.
fn decode(text: &str) -> Result<String, InvalidUrl> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        let code = rest.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let is_code = |code: &&str| code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let byte = code
            .filter(is_code)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                bytes = &rest[2..];
            }
            _ => {
                decoded.push(*first);
                bytes = rest;
            }
        }
    }
    match String::from_utf8(decoded) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(InvalidUrl(
            "a percent-encoded part is not UTF-8 text: encode it again".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(url: &str) -> Vec<String> {
        let parameters = split_url(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        parameters
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn each_part_becomes_a_parameter() {
        for (url, parameters) in [
            (
                "postgres://me:pa%23ss+@db.example:5433/music?options=-c%20a%3Db+c&x=",
                &[
                    "user=me",
                    "password=pa#ss+",
                    "host=db.example",
                    "port=5433",
                    "dbname=music",
                    "options=-c a=b+c",
                    "x=",
                ][..],
            ),
            ("'POSTGRESQL://h/d'", &["host=h", "dbname=d"]),
            (
                "postgres://a@b:p@ss@h1:1,h2,[::1]:3/d",
                &[
                    "user=a@b",
                    "password=p@ss",
                    "host=h1,h2,::1",
                    "port=1,,3",
                    "dbname=d",
                ],
            ),
            (
                "postgres://%2Ftmp/d?user=a@b",
                &["host=/tmp", "dbname=d", "user=a@b"],
            ),
            (
                "postgres:///d?host=/cloudsql/a:b:c",
                &["dbname=d", "host=/cloudsql/a:b:c"],
            ),
            (
                "postgres://u:100%@h/d",
                &["user=u", "password=100%", "host=h", "dbname=d"],
            ),
        ] {
            assert_eq!(split(url), parameters, "{url}");
        }
    }

    #[test]
    fn a_refusal_names_the_way_out_and_never_the_password() {
        for (url, cause) in [
            ("postgres://u:hunter2#x@h:5432/d", "percent-encode it as %23"),
            ("postgres://u:hunter2/x@h/d", "percent-encode it as %2F"),
            ("postgres://u:1234/hunter2@h/d", "percent-encode it as %2F"),
            ("postgres://u:12?hunter2@h/d", "percent-encode it as %3F"),
            ("postgres://u:12?hunter2=1&b@h/d", "percent-encode it as %3F"),
            ("postgres://u:hun@ter2/x@h/d", "percent-encode it as %2F"),
            ("host = h user=u password=hunter2 dbname=d", "a list of keywords"),
            ("psql 'postgres://u:hunter2@h/d'", "other text before the URL"),
            (
                "jdbc:postgresql://h/d?password=hunter2",
                "other text before the URL",
            ),
            (
                "postgresql+psycopg://u:hunter2@h/d",
                "the scheme is postgresql+psycopg",
            ),
            ("hunter2", "this is not a URL"),
            ("postgres://u:hunter2@::1:5432/d", "in brackets"),
            ("postgres://u:hunter2@h/d?%ff=1", "is not UTF-8"),
            ("postgres://u:hunter2@h/d?ssl", "has no value"),
        ] {
            let error = split_url(url).expect_err(url).to_string();
            assert!(
                error.contains(cause) && !error.contains("hunter2"),
                "{url}: {error}"
            );
        }
    }
}
