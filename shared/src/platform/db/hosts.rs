//! Reads the hosts and ports of a database URL.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::errors::InvalidUrl;

const DEFAULT_PORT: u16 = 5432;

/// Sets `host`, `hostaddr` and `port`, each a list with commas. A host that begins with a slash is the folder
/// of a Unix socket.
pub(super) fn set_hosts(
    config: &mut Config,
    parameters: &BTreeMap<String, String>,
) -> Result<(), InvalidUrl> {
    let list = |name: &str| -> Vec<&str> {
        let value = parameters.get(name).filter(|value| !value.is_empty());
        value.map(|value| value.split(',').collect()).unwrap_or_default()
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let names = if names.is_empty() { &addresses } else { &names };
    if names.is_empty() || names.iter().any(|name| name.is_empty()) {
        return Err(InvalidUrl(
            "the database URL has no host, or an empty one: write \
             postgres://user:password@host:5432/database, or name the folder of a socket with \
             ?host=/var/run/postgresql"
                .to_owned(),
        ));
    }
    let has_all = |list: &[&str]| list.len() == names.len();
    if !(addresses.is_empty() || has_all(&addresses)) || !(ports.len() < 2 || has_all(&ports)) {
        return Err(InvalidUrl(
            "the numbers of hosts, ports and hostaddr differ: give one port, or one for each host".to_owned(),
        ));
    }
    for name in names {
        config.host(*name);
    }
    for address in &addresses {
        let address: IpAddr = address
            .parse()
            .map_err(|_| InvalidUrl("hostaddr is not an IP address: use host for a name".to_owned()))?;
        config.hostaddr(address);
    }
    for port in &ports {
        config.port(port_number(port)?);
    }
    Ok(())
}

fn port_number(port: &str) -> Result<u16, InvalidUrl> {
    match port.trim() {
        "" => Ok(DEFAULT_PORT),
        port => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
            InvalidUrl(
                "the port is not a number from 1 to 65535: a database URL looks like \
                 postgres://user:password@host:5432/database"
                    .to_owned(),
            )
        }),
    }
}

/// The hosts and ports, for error messages.
pub(super) fn shown_hosts(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |index: usize| ports.get(index).or(ports.first()).unwrap_or(&DEFAULT_PORT);
    let hosts = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            Host::Unix(folder) => format!("{}:{}", folder.display(), port(index)),
        });
    hosts.collect::<Vec<_>>().join(", ")
}

/// Whether every host is a socket on this machine, where TLS is never used.
pub(super) fn has_only_sockets(config: &Config) -> bool {
    config
        .get_hosts()
        .iter()
        .all(|host| matches!(host, Host::Unix(_)))
}
