//! Where people can reach the server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The addresses to type into a browser.
#[must_use]
pub fn urls(listening: SocketAddr) -> Vec<String> {
    let port = listening.port();
    if !listening.ip().is_unspecified() {
        return vec![format!("http://{listening}")];
    }
    let mut urls = vec![format!("http://127.0.0.1:{port}")];
    urls.extend(outward().map(|ip| format!("http://{}", SocketAddr::new(ip, port))));
    urls
}

/// The address by which this machine reaches others. Connecting a UDP socket only asks the routing table; the address is one reserved
/// for documentation (RFC 5737), and nothing is sent.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}
