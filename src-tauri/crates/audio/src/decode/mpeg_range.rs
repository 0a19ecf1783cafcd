//! Finds MPEG audio that symphonia does not reach by itself: inside a WAV, and in MP3s joined end to end.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

/// Bytes after the end that a tag states that do not count: tags, padding and a cut-off frame.
const MAX_TRAILER_BYTES: u64 = 64 << 10;
/// Format tags of MP2 and MP3 in a WAV.
const WAVE_MPEG: [u16; 2] = [0x50, 0x55];

/// Returns the part of the file to decode; `None` for the whole file. `start` is the end of an ID3 tag.
pub fn mpeg_range(file: &mut File, start: u64) -> Option<Range<u64>> {
    let length = file.metadata().ok()?.len();
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(start)).ok()?;
    file.take(4_096).read_to_end(&mut head).ok()?;
    if head.starts_with(b"RIFF") { wave_data(&head, length) } else { joined_files(&head, start, length) }
}

/// Returns the data of a WAV with MPEG audio.
fn wave_data(head: &[u8], length: u64) -> Option<Range<u64>> {
    let (mut at, mut is_mpeg) = (12, false);
    loop {
        let header = head.get(at..at + 8)?;
        let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let start = at + 8;
        match &header[..4] {
            b"fmt " => is_mpeg = WAVE_MPEG.contains(&u16::from_le_bytes([*head.get(start)?, *head.get(start + 1)?])),
            b"data" if is_mpeg => return Some(start as u64..(start as u64 + size as u64).min(length)),
            b"data" => return None,
            _ => {}
        }
        at = start.checked_add(size)?.checked_add(size % 2)?;
    }
}

/// An MP3 that goes on behind the end its Xing or Info tag states is decoded without that tag, to its real end.
fn joined_files(head: &[u8], start: u64, length: u64) -> Option<Range<u64>> {
    let at = head.windows(4).position(|bytes| bytes == b"Xing" || bytes == b"Info")?;
    let is_mpeg = matches!(head, [0xFF, second, ..] if second & 0xE0 == 0xE0);
    let tag = head.get(at..at + 16).filter(|_| is_mpeg && at < 64)?;
    let u32_at = |at: usize| u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
    let (has_frames, has_bytes) = (tag[7] & 1 != 0, tag[7] & 2 != 0);
    let stated = u64::from(u32_at(if has_frames { 12 } else { 8 }));
    let trailer = length.saturating_sub(start).saturating_sub(stated);
    let goes_on = has_bytes && stated > 0 && trailer > MAX_TRAILER_BYTES.min(stated / 2);
    goes_on.then_some(start + at as u64 + 4..length)
}
