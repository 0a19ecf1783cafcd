//! The content hash that names a cover.

/// Largest picture file beside the tracks that is read, in bytes.
pub(crate) const MAX_IMAGE_BYTES: u64 = 64 << 20;

/// The first half of the BLAKE3 hash of a picture's original bytes; written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CoverHash([u8; 16]);

impl CoverHash {
    pub fn new(picture: &[u8]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&blake3::hash(picture).as_bytes()[..16]);
        CoverHash(half)
    }

    /// Parses 32 lower-case hexadecimal digits. Returns `None` for anything else, such as a path.
    pub fn parse(digits: &str) -> Option<Self> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 32 && digits.bytes().all(lower))
            .then(|| u128::from_str_radix(digits, 16).ok())
            .flatten()
            .map(|number| CoverHash(number.to_be_bytes()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the digits of a hash as the database stores it.
    pub fn digits(bytes: &[u8]) -> Option<String> {
        let number = u128::from_be_bytes(bytes.try_into().ok()?);
        Some(format!("{number:032x}"))
    }
}
