//! Reads the packet table of a CAF file, which states how many frames are audible.

use std::io::{Read, Seek, SeekFrom};

/// Chunks searched for the table.
const MAX_CHUNKS: usize = 64;

/// The audible part of a file.
pub struct PacketTable {
    /// Number of audible frames.
    pub valid_frames: u64,
    /// Frames of the encoder's delay before them.
    pub priming_frames: u32,
}

/// Returns the packet table, which only compressed formats have.
pub fn read(file: &mut (impl Read + Seek)) -> Option<PacketTable> {
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut header = [0; 12];
        file.read_exact(&mut header).ok()?;
        let size = u64::from_be_bytes(header[4..].try_into().ok()?);
        if &header[..4] == b"pakt" {
            let mut table = [0; 24];
            file.read_exact(&mut table).ok()?;
            let valid_frames = u64::from_be_bytes(table[8..16].try_into().ok()?);
            let priming_frames = u32::from_be_bytes(table[16..20].try_into().ok()?);
            return Some(PacketTable { valid_frames, priming_frames });
        }
        at = at.checked_add(12)?.checked_add(size)?;
    }
    None
}
