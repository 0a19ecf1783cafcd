//! What lets other devices in: one secret of 128 bits, made when it is first shown, kept where only the listener reads.

use std::fs;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auralis_core::{PairingLink, QrCode};
use qrcode::{Color, QrCode as Modules};
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// The secret, shared by all who hold it.
#[derive(Debug, Clone)]
pub struct Secret(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    digits: watch::Sender<Option<String>>,
}

impl Secret {
    const DIGITS: usize = 32;

    /// The one that was left, if there is one.
    pub(super) fn open(path: PathBuf) -> Self {
        let kept = fs::read_to_string(&path).ok();
        let kept = kept.map(|text| text.trim().to_owned()).filter(|text| text.len() == Self::DIGITS);
        Secret(Arc::new(Inner { path, digits: watch::Sender::new(kept) }))
    }

    /// Whether this is it. Takes as long for a wrong guess that begins well.
    pub fn is(&self, guess: &str) -> bool {
        let digits = self.0.digits.borrow();
        let Some(digits) = digits.as_ref().filter(|digits| digits.len() == guess.len()) else { return false };
        digits.bytes().zip(guess.bytes()).fold(0, |differences, (one, other)| differences | (one ^ other)) == 0
    }

    /// Returns when every device that was let in before is to leave.
    pub async fn renewed(&self) {
        let mut digits = self.0.digits.subscribe();
        // The first one that is made turns nobody out.
        let _ = digits.wait_for(Option::is_some).await;
        let _ = digits.changed().await;
    }

    /// The link that lets in by `url`. `renew`: by a new secret.
    pub(super) fn link(&self, url: &str, renew: bool) -> Result<PairingLink, Error> {
        let kept = self.0.digits.borrow().clone().filter(|_| !renew);
        let digits = match kept {
            Some(digits) => digits,
            None => self.make()?,
        };
        let url = format!("{url}#pair={digits}");
        let qr = draw(&url)?;
        Ok(PairingLink { url, qr })
    }

    fn make(&self) -> Result<String, Error> {
        let mut bytes = [0; Self::DIGITS / 2];
        getrandom::fill(&mut bytes)?;
        let digits = format!("{:032x}", u128::from_ne_bytes(bytes));
        // Only its owner may read a temporary file, and it stays so under the new name.
        let mut file = NamedTempFile::new_in(self.0.path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(digits.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.0.path)?;
        self.0.digits.send_replace(Some(digits.clone()));
        Ok(digits)
    }
}

fn draw(text: &str) -> Result<QrCode, Error> {
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
    fn the_secret_is_kept_for_its_owner_alone_until_it_is_renewed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pairing");
        let secret = Secret::open(path.clone());
        assert!(!secret.is("") && !path.exists(), "nobody is let in before a link was shown");

        let link = secret.link("http://10.0.0.2:8765/", false).expect("a link");
        let digits = link.url.strip_prefix("http://10.0.0.2:8765/#pair=").expect("the form").to_owned();
        assert_eq!(digits.len(), 32);
        assert!(secret.is(&digits) && !secret.is(&digits[1..]) && !secret.is(&"0".repeat(32)));
        let mode = fs::metadata(&path).expect("kept").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let again = Secret::open(path);
        assert!(again.is(&digits), "it lasts");
        assert_eq!(again.link("http://10.0.0.2:8765/", false).expect("a link").url, link.url);
        let renewed = again.link("http://10.0.0.2:8765/", true).expect("a link");
        assert!(renewed.url != link.url && !again.is(&digits));
    }

    #[test]
    fn the_code_has_its_three_corners() {
        let code = draw("http://10.0.0.2:8765/#pair=0123456789abcdef0123456789abcdef").expect("a code");
        // A finder pattern's upper edge is seven dark modules.
        let far = code.size - 7;
        for corner in ["M0 0h7".to_owned(), format!("M{far} 0h7"), format!("M0 {far}h7")] {
            assert!(code.svg_path.contains(&format!("{corner}v1")), "{corner}");
        }
        assert!(code.svg_path.len() < 16_000, "{} bytes", code.svg_path.len());
    }
}
