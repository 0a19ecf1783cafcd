//! Reads the edit list of an MP4 track (ISO/IEC 14496-12, 8.6.6): which part of it is played. symphonia parses it but
//! does not apply it.

use std::io::{Read, Seek, SeekFrom};

/// The part of a track that is played, in units of the track's own time scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayableRange {
    /// First unit.
    pub start: u64,
    /// Number of units, if the file states it.
    pub length: Option<u64>,
}

/// Cap on the bytes read of one box.
const MAX_BOX_BYTES: u64 = 1 << 20;

/// Reads the edit list of the track with this id.
pub fn read_edit_list(file: &mut (impl Read + Seek), track_id: u32) -> Option<PlayableRange> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let moov = find_box(file, 0..end, b"moov")?;
    let movie_hz = {
        let header = read_box(file, moov.clone(), b"mvhd")?;
        read_number(&header, if *header.first()? == 1 { 20 } else { 12 }, 4)?
    };
    let mut rest = moov;
    loop {
        let trak = find_box(file, rest.clone(), b"trak")?;
        rest.start = trak.end;
        let header = read_box(file, trak.clone(), b"tkhd")?;
        if read_number(&header, if *header.first()? == 1 { 20 } else { 12 }, 4)? != u64::from(track_id) {
            continue;
        }
        let edts = find_box(file, trak.clone(), b"edts")?;
        let list = read_box(file, edts, b"elst")?;
        let mdia = find_box(file, trak, b"mdia")?;
        let media = read_box(file, mdia, b"mdhd")?;
        let wide = *media.first()? == 1;
        let media_hz = read_number(&media, if wide { 20 } else { 12 }, 4)?;
        let duration = if wide { read_number(&media, 24, 8)? } else { read_number(&media, 16, 4)? };
        return first_edit(&list, movie_hz, media_hz, duration);
    }
}

/// Returns the length of the fragments of a track, in units of its time scale; `None` for a file without fragments.
pub fn fragments_duration(file: &mut (impl Read + Seek), track_id: u32) -> Option<u64> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let moov = find_box(file, 0..end, b"moov")?;
    let mvex = find_box(file, moov, b"mvex")?;
    let default = track_defaults(file, mvex, track_id)?;
    let mut rest = 0..end;
    let mut duration = 0;
    while let Some(moof) = find_box(file, rest.clone(), b"moof") {
        rest.start = moof.end;
        let mut trafs = moof;
        while let Some(traf) = find_box(file, trafs.clone(), b"traf") {
            trafs.start = traf.end;
            duration += traf_duration(file, traf, track_id, default)?;
        }
    }
    Some(duration)
}

/// Returns the default sample duration of a track.
fn track_defaults(file: &mut (impl Read + Seek), mvex: Span, track_id: u32) -> Option<u64> {
    let mut rest = mvex;
    loop {
        let span = find_box(file, rest.clone(), b"trex")?;
        let trex = read_box(file, rest.clone(), b"trex")?;
        if read_number(&trex, 4, 4)? == u64::from(track_id) {
            return read_number(&trex, 12, 4);
        }
        rest.start = span.end;
    }
}

/// Adds up the sample durations of a track fragment (ISO/IEC 14496-12, 8.8.7 and 8.8.8).
fn traf_duration(file: &mut (impl Read + Seek), traf: Span, track_id: u32, default: u64) -> Option<u64> {
    let tfhd = read_box(file, traf.clone(), b"tfhd")?;
    if read_number(&tfhd, 4, 4)? != u64::from(track_id) {
        return Some(0);
    }
    let flags = read_number(&tfhd, 1, 3)?;
    let at = 8 + if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
    let default = if flags & 8 != 0 { read_number(&tfhd, at, 4)? } else { default };
    let mut rest = traf;
    let mut duration = 0u64;
    while let Some(span) = find_box(file, rest.clone(), b"trun") {
        let trun = read_box(file, rest.clone(), b"trun")?;
        rest.start = span.end;
        let (flags, samples) = (read_number(&trun, 1, 3)?, read_number(&trun, 4, 4)?);
        if flags & 0x100 == 0 {
            duration = duration.checked_add(samples.checked_mul(default)?)?;
            continue;
        }
        let start = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
        let sample_bytes = 4 * (flags >> 8 & 0xF).count_ones() as usize;
        for sample in 0..samples as usize {
            duration = duration.checked_add(read_number(&trun, start + sample * sample_bytes, 4)?)?;
        }
    }
    Some(duration)
}

/// Returns the first entry that is not an empty edit.
fn first_edit(list: &[u8], movie_hz: u64, media_hz: u64, duration: u64) -> Option<PlayableRange> {
    let width = if *list.first()? == 1 { 8 } else { 4 };
    let entries = read_number(list, 4, 4)?;
    let (length, start) = (0..entries as usize).find_map(|entry| {
        let at = 8 + entry * (2 * width + 4);
        let start = read_number(list, at + width, width)?;
        let empty = if width == 8 { u64::MAX } else { u64::from(u32::MAX) };
        (start != empty).then_some((read_number(list, at, width)?, start))
    })?;
    let to_the_end = duration.saturating_sub(start);
    // A movie time scale coarser than the media's cannot state the end exactly; then the media's end is used.
    let length = if length == 0 {
        to_the_end
    } else if movie_hz >= media_hz && movie_hz > 0 {
        (length * media_hz / movie_hz).min(to_the_end)
    } else {
        to_the_end
    };
    Some(PlayableRange { start, length: (duration > 0).then_some(length) })
}

type Span = std::ops::Range<u64>;

/// Finds the first box of this kind within a span of the file, and returns the span of its content.
fn find_box(file: &mut (impl Read + Seek), within: Span, kind: &[u8; 4]) -> Option<Span> {
    let mut at = within.start;
    while at + 8 <= within.end {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut header = [0; 16];
        file.read_exact(&mut header[..8]).ok()?;
        let (mut size, mut head) = (read_number(&header, 0, 4)?, 8);
        if size == 1 {
            file.read_exact(&mut header[8..]).ok()?;
            (size, head) = (read_number(&header, 8, 8)?, 16);
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

fn read_box(file: &mut (impl Read + Seek), within: Span, kind: &[u8; 4]) -> Option<Vec<u8>> {
    let span = find_box(file, within, kind)?;
    let mut bytes = vec![0; (span.end - span.start).min(MAX_BOX_BYTES) as usize];
    file.seek(SeekFrom::Start(span.start)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn read_number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
