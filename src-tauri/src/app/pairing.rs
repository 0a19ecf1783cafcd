//! The pairing secret: 128 random bits, generated when first shown, stored in a file that only its owner reads.

use std::fs;
use std::io::{Error, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auralis_core::{PairingLink, QrCode};
use qrcode::{Color, QrCode as Modules};
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// The pairing secret. Clones share it.
#[derive(Debug, Clone)]
pub struct PairingSecret(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    hex: watch::Sender<Option<String>>,
}

impl PairingSecret {
    const HEX_LENGTH: usize = 32;

    /// Reads the stored secret, if there is one.
    pub fn open(path: PathBuf) -> Self {
        let stored = fs::read_to_string(&path).ok();
        let stored = stored.map(|text| text.trim().to_owned()).filter(|text| text.len() == Self::HEX_LENGTH);
        PairingSecret(Arc::new(Inner { path, hex: watch::Sender::new(stored) }))
    }

    /// Compares in constant time.
    pub fn matches(&self, guess: &str) -> bool {
        let hex = self.0.hex.borrow();
        let Some(hex) = hex.as_ref().filter(|hex| hex.len() == guess.len()) else { return false };
        hex.bytes().zip(guess.bytes()).fold(0, |differences, (one, other)| differences | (one ^ other)) == 0
    }

    /// Resolves when the secret is renewed, so that paired devices must disconnect.
    pub async fn wait_until_renewed(&self) {
        let mut hex = self.0.hex.subscribe();
        // Creating the first secret disconnects nobody.
        let _ = hex.wait_for(Option::is_some).await;
        let _ = hex.changed().await;
    }

    /// Returns the link that pairs a browser on this machine with the server at `address`. Generates the secret if there
    /// is none.
    pub fn local_link(&self, address: SocketAddr) -> Result<String, Error> {
        let ip = if address.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address.ip() };
        let base = format!("http://{}/", SocketAddr::new(ip, address.port()));
        Ok(pairing_url(&base, &self.get_or_generate(false)?))
    }

    /// Returns the pairing link for the server at `url`. `renew` generates a new secret.
    pub(super) fn link(&self, url: &str, renew: bool) -> Result<PairingLink, Error> {
        let url = pairing_url(url, &self.get_or_generate(renew)?);
        let qr = qr_code(&url)?;
        Ok(PairingLink { url, qr })
    }

    fn get_or_generate(&self, renew: bool) -> Result<String, Error> {
        let stored = self.0.hex.borrow().clone().filter(|_| !renew);
        stored.map_or_else(|| self.generate(), Ok)
    }

    fn generate(&self) -> Result<String, Error> {
        let mut bytes = [0; Self::HEX_LENGTH / 2];
        getrandom::fill(&mut bytes)?;
        let hex = format!("{:032x}", u128::from_ne_bytes(bytes));
        // A temporary file is readable by its owner alone, and stays so when renamed.
        let mut file = NamedTempFile::new_in(self.0.path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(hex.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.0.path)?;
        self.0.hex.send_replace(Some(hex.clone()));
        Ok(hex)
    }
}

/// Browsers do not send what follows the `#`.
fn pairing_url(base: &str, hex: &str) -> String {
    format!("{base}#pair={hex}")
}

fn qr_code(text: &str) -> Result<QrCode, Error> {
    let modules = Modules::new(text).map_err(Error::other)?;
    let size = modules.width();
    let mut path = String::new();
    for (y, row) in modules.to_colors().chunks(size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run[0] == Color::Dark {
                path += &format!("M{x} {y}h{length}v1h-{length}z", length = run.len());
            }
            x += run.len();
        }
    }
    Ok(QrCode { size: size as u32, svg_path: path })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_reads_the_secret_and_renewing_replaces_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pairing");
        let secret = PairingSecret::open(path.clone());
        assert!(!secret.matches("") && !path.exists(), "no secret before the first link");

        let link = secret.link("http://10.0.0.2:8765/", false).expect("a link");
        let hex = link.url.strip_prefix("http://10.0.0.2:8765/#pair=").expect("the form").to_owned();
        assert_eq!(hex.len(), 32);
        assert!(secret.matches(&hex) && !secret.matches(&hex[1..]) && !secret.matches(&"0".repeat(32)));
        let mode = fs::metadata(&path).expect("stored").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let again = PairingSecret::open(path);
        assert!(again.matches(&hex), "it is stored");
        assert_eq!(again.link("http://10.0.0.2:8765/", false).expect("a link").url, link.url);
        let renewed = again.link("http://10.0.0.2:8765/", true).expect("a link");
        assert!(renewed.url != link.url && !again.matches(&hex));
    }

    #[test]
    fn the_qr_code_has_three_finder_patterns() {
        let code = qr_code("http://10.0.0.2:8765/#pair=0123456789abcdef0123456789abcdef").expect("a code");
        // The upper edge of a finder pattern is seven dark modules.
        let far = code.size - 7;
        for corner in ["M0 0h7".to_owned(), format!("M{far} 0h7"), format!("M0 {far}h7")] {
            assert!(code.svg_path.contains(&format!("{corner}v1")), "{corner}");
        }
        assert!(code.svg_path.len() < 16_000, "{} bytes", code.svg_path.len());
    }
}
