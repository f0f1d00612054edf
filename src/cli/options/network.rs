//! Options for other programs.

use clap::Args;
use std::net::SocketAddr;

/// How other programs reach the instrument.
#[derive(Args, Clone)]
pub struct NetworkOptions {
    /// Listen for OSC, over UDP and TCP [default: the set's, else 127.0.0.1:7700 or any free port]
    #[arg(long, value_name = "ADDR:PORT")]
    pub osc: Option<SocketAddr>,
    /// Tell a program of everything that changes, by OSC over UDP (may be repeated); after the port
    /// ,normalised sends all values as 0 to 1, ,meters sends meters too
    #[arg(long, value_name = "HOST:PORT")]
    pub osc_out: Vec<String>,
    /// Listen for no OSC, and serve no OSCQuery
    #[arg(long, conflicts_with_all = ["osc", "osc_out", "web"])]
    pub no_osc: bool,
    /// Serve OSCQuery, by which programs find all parameters [default: the set's, else 127.0.0.1:8080
    /// or the next free port]
    #[arg(long, value_name = "ADDR:PORT")]
    pub web: Option<SocketAddr>,
    /// Serve no OSCQuery
    #[arg(long, conflicts_with = "web")]
    pub no_web: bool,
}
