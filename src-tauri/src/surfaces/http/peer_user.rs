//! The user who owns the other end of a local TCP connection.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt;

/// Returns the ID of the user whose process opened the connection from `client` to `server`, by the kernel's table of TCP
/// sockets. Blocks.
pub(super) fn user_of(client: SocketAddr, server: SocketAddr) -> Option<u32> {
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| find(&fs::read_to_string(table).ok()?, client, server))
}

/// Returns the ID of the user who runs this process.
pub(super) fn own_user() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|process| process.uid())
}

/// Finds the user in a table. Its columns: number, local address, remote address, state, queues, timer, retransmits, user.
fn find(table: &str, client: SocketAddr, server: SocketAddr) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
        let [_, local, remote, .., user] = columns[..] else { return None };
        (is(local, client) && is(remote, server)).then(|| user.parse().ok()).flatten()
    })
}

/// Whether `text` stands for an address: hexadecimal, each group of four bytes in the machine's byte order.
fn is(text: &str, address: SocketAddr) -> bool {
    let parse = || {
        let (ip, port) = text.split_once(':')?;
        let groups = (0..ip.len() / 8).map(|group| u32::from_str_radix(ip.get(group * 8..group * 8 + 8)?, 16).ok());
        let bytes: Vec<u8> = groups.collect::<Option<Vec<_>>>()?.into_iter().flat_map(u32::to_ne_bytes).collect();
        let ip = match bytes.len() {
            4 => IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?),
            _ => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?),
        };
        Some((ip.to_canonical(), u16::from_str_radix(port, 16).ok()?))
    };
    parse() == Some((address.ip().to_canonical(), address.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_local_connection_belongs_to_the_user_who_opened_it() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let server = listener.local_addr().expect("an address");
            let client = TcpStream::connect(server).expect("connects");
            let user = user_of(client.local_addr().expect("an address"), server);
            assert!(user.is_some() && user == own_user(), "{address}: {user:?}");
        }
    }
}
