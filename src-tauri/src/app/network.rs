//! The address of this machine in its network.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Returns the LAN address of this machine if `ip` is unspecified, else `ip`.
pub fn lan_address(ip: IpAddr) -> IpAddr {
    if !ip.is_unspecified() {
        return ip;
    }
    // Connecting a UDP socket sends nothing; it only selects the route (to a documentation address, RFC 5737).
    let route = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    };
    route().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}
