//! The server's name on the network: multicast DNS, `_oscjson._tcp` and `_osc._udp`.
//!
//! `mdns-sd` has a thread of its own. A server on this host's own address is announced on this host
//! alone. Nothing here is fatal: who cannot be found by name is still found by address.

use super::query::Host;
use crate::ports::Notices;
use mdns_sd::{ServiceDaemon, ServiceInfo};
use std::{net::SocketAddr, time::Duration};

/// How long is waited for the farewell to go out.
const FAREWELL: Duration = Duration::from_millis(300);

/// A running announcement. Dropping it takes it back.
pub(super) struct Announcement {
    daemon: ServiceDaemon,
}

impl std::fmt::Debug for Announcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Announcement")
    }
}

/// What people see in lists of servers.
pub(super) fn name() -> String {
    let host = std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok();
    let host = host.or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let host = host.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
    // A label of a name has at most 63 bytes.
    match host {
        Some(host) if host.len() <= 48 => format!("Residua ({host})"),
        _ => "Residua".to_owned(),
    }
}

impl Announcement {
    /// Announces both services, or says why it cannot.
    pub(super) fn of(host: &Host, notices: &Notices) -> Option<Self> {
        match announce(host) {
            Ok(daemon) => Some(Self { daemon }),
            Err(error) => {
                notices.warn(format!(
                    "OSCQuery: not announced ({error}); programs find it by http://{}",
                    host.web
                ));
                None
            }
        }
    }
}

fn announce(host: &Host) -> Result<ServiceDaemon, mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    for (kind, address) in [("_oscjson._tcp.local.", host.web), ("_osc._udp.local.", host.osc)] {
        daemon.register(service(kind, &host.name, address)?)?;
    }
    Ok(daemon)
}

fn service(kind: &str, name: &str, address: SocketAddr) -> Result<ServiceInfo, mdns_sd::Error> {
    // Of its own, so that the name of the machine stays whose it is.
    let machine = format!("residua-{}.local.", std::process::id());
    let none: &[(&str, &str)] = &[("txtvers", "1")];
    let port = address.port();
    if address.ip().is_unspecified() {
        Ok(ServiceInfo::new(kind, name, &machine, "", port, none)?.enable_addr_auto())
    } else {
        ServiceInfo::new(kind, name, &machine, address.ip(), port, none)
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if let Ok(over) = self.daemon.shutdown() {
            let _ = over.recv_timeout(FAREWELL);
        }
    }
}
