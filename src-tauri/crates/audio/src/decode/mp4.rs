//! Which frames of an MP4 track are heard, by its edit list (ISO/IEC 14496-12, 8.6.6), which symphonia reads and
//! does not use.

use std::io::{Read, Seek, SeekFrom};

/// The part of a track that is heard, in units of the track's own time scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// The first unit that is heard.
    pub start: u64,
    /// How many are heard, where the file tells.
    pub length: Option<u64>,
}

/// Bytes of the largest list that is read.
const LARGEST: u64 = 1 << 16;

/// The edit of the track with this id, where the file has one.
pub fn edit(file: &mut (impl Read + Seek), track_id: u32) -> Option<Edit> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let moov = find(file, 0..end, b"moov")?;
    let movie_hz = {
        let header = content(file, moov.clone(), b"mvhd")?;
        number(&header, if *header.first()? == 1 { 20 } else { 12 }, 4)?
    };
    let mut rest = moov;
    loop {
        let trak = find(file, rest.clone(), b"trak")?;
        rest.start = trak.end;
        let header = content(file, trak.clone(), b"tkhd")?;
        if number(&header, if *header.first()? == 1 { 20 } else { 12 }, 4)? != u64::from(track_id) {
            continue;
        }
        let edts = find(file, trak.clone(), b"edts")?;
        let list = content(file, edts, b"elst")?;
        let mdia = find(file, trak, b"mdia")?;
        let media = content(file, mdia, b"mdhd")?;
        let wide = *media.first()? == 1;
        let media_hz = number(&media, if wide { 20 } else { 12 }, 4)?;
        let duration = if wide { number(&media, 24, 8)? } else { number(&media, 16, 4)? };
        return heard(&list, movie_hz, media_hz, duration);
    }
}

/// The first entry that is not an empty edit.
fn heard(list: &[u8], movie_hz: u64, media_hz: u64, duration: u64) -> Option<Edit> {
    let width = if *list.first()? == 1 { 8 } else { 4 };
    let entries = number(list, 4, 4)?;
    let (length, start) = (0..entries as usize).find_map(|entry| {
        let at = 8 + entry * (2 * width + 4);
        let start = number(list, at + width, width)?;
        let empty = if width == 8 { u64::MAX } else { u64::from(u32::MAX) };
        (start != empty).then_some((number(list, at, width)?, start))
    })?;
    let to_the_end = duration.saturating_sub(start);
    // In a time scale coarser than the media's the end is not told to the frame; then it is that of the media.
    let length = if length == 0 {
        to_the_end
    } else if movie_hz >= media_hz && movie_hz > 0 {
        (length * media_hz / movie_hz).min(to_the_end)
    } else {
        to_the_end
    };
    Some(Edit { start, length: (duration > 0).then_some(length) })
}

type Span = std::ops::Range<u64>;

/// The content of the first box of this kind within a span of the file.
fn find(file: &mut (impl Read + Seek), within: Span, kind: &[u8; 4]) -> Option<Span> {
    let mut at = within.start;
    while at + 8 <= within.end {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut header = [0; 16];
        file.read_exact(&mut header[..8]).ok()?;
        let (mut size, mut head) = (number(&header, 0, 4)?, 8);
        if size == 1 {
            file.read_exact(&mut header[8..]).ok()?;
            (size, head) = (number(&header, 8, 8)?, 16);
        } else if size == 0 {
            size = within.end - at;
        }
        let end = at.checked_add(size).filter(|end| size >= head && *end <= within.end)?;
        if &header[4..8] == kind {
            return Some(at + head..end);
        }
        at = end;
    }
    None
}

fn content(file: &mut (impl Read + Seek), within: Span, kind: &[u8; 4]) -> Option<Vec<u8>> {
    let span = find(file, within, kind)?;
    let mut bytes = vec![0; (span.end - span.start).min(LARGEST) as usize];
    file.seek(SeekFrom::Start(span.start)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
