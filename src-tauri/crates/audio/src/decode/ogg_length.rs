//! The length of chained Ogg files: several streams in a row, as recorders of web radio write them.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// Positions at which a file is checked for further streams.
const PROBES: u64 = 16;
/// Bytes searched for a page: no page is longer.
const MAX_PAGE_BYTES: usize = 66_000;
/// Bytes of a page before its list of segments.
const HEADER_BYTES: usize = 27;
/// Flag of the first page of a stream.
const FIRST_PAGE: u8 = 2;

/// One stream of the chain.
struct Link {
    rate_hz: u32,
    pre_skip: u64,
    last_granule: u64,
}

struct PageHeader {
    flags: u8,
    granule: u64,
    serial: u32,
    body_bytes: u64,
}

/// Returns the length of a chained file in seconds; `None` for a file with one stream, or several at a time.
pub fn chained_duration_s(file: &mut (impl Read + Seek)) -> Option<f64> {
    if !has_further_streams(file)? {
        return None;
    }
    file.rewind().ok()?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut links: Vec<Link> = Vec::new();
    let mut has_data = false;
    while let Some(page) = read_header(&mut file) {
        if page.flags & FIRST_PAGE != 0 {
            if !links.is_empty() && !has_data {
                return None;
            }
            has_data = false;
            let mut head = [0; 19];
            file.read_exact(&mut head).ok()?;
            links.push(read_link(&head)?);
            skip(&mut file, page.body_bytes - head.len() as u64)?;
        } else {
            has_data = true;
            if page.granule != u64::MAX
                && let Some(link) = links.last_mut()
            {
                link.last_granule = page.granule;
            }
            skip(&mut file, page.body_bytes)?;
        }
    }
    let seconds = |link: &Link| link.last_granule.saturating_sub(link.pre_skip) as f64 / f64::from(link.rate_hz);
    (links.len() > 1).then(|| links.iter().map(seconds).sum())
}

/// Checks pages at a few positions: in a file with one stream the serial number stays and positions grow.
fn has_further_streams(file: &mut (impl Read + Seek)) -> Option<bool> {
    let length = file.seek(SeekFrom::End(0)).ok()?;
    let mut before: Option<(u32, u64)> = None;
    for probe in 0..=PROBES {
        let at = (length / PROBES * probe).min(length.saturating_sub(MAX_PAGE_BYTES as u64));
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut bytes = Vec::new();
        file.by_ref().take(MAX_PAGE_BYTES as u64).read_to_end(&mut bytes).ok()?;
        let pages = bytes.windows(HEADER_BYTES).enumerate().filter(|(_, page)| page.starts_with(b"OggS\0"));
        for page in pages.filter_map(|(_, page)| parse_header(page)) {
            let is_first = page.flags & FIRST_PAGE != 0;
            match before {
                Some((serial, _)) if serial != page.serial => return Some(true),
                Some((_, granule)) if is_first && granule > 0 => return Some(true),
                // Probes may overlap in small files, where the same page is seen again.
                Some((_, granule))
                    if !is_first && page.granule < granule && at > 0 && length > PROBES * MAX_PAGE_BYTES as u64 =>
                {
                    return Some(true);
                }
                _ => {}
            }
            if page.granule != u64::MAX {
                before = Some((page.serial, page.granule.max(before.map_or(0, |(_, granule)| granule))));
            }
        }
    }
    Some(false)
}

fn read_header(file: &mut impl Read) -> Option<PageHeader> {
    let mut header = [0; HEADER_BYTES];
    file.read_exact(&mut header).ok()?;
    let mut page = parse_header(&header)?;
    let mut segments = vec![0; usize::from(header[26])];
    file.read_exact(&mut segments).ok()?;
    page.body_bytes = segments.iter().map(|length| u64::from(*length)).sum();
    Some(page)
}

fn parse_header(header: &[u8]) -> Option<PageHeader> {
    if !header.starts_with(b"OggS\0") {
        return None;
    }
    let granule = u64::from_le_bytes(header.get(6..14)?.try_into().ok()?);
    let serial = u32::from_le_bytes(header.get(14..18)?.try_into().ok()?);
    Some(PageHeader { flags: *header.get(5)?, granule, serial, body_bytes: 0 })
}

/// Reads the first packet of a stream.
fn read_link(head: &[u8; 19]) -> Option<Link> {
    let u16_at = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (rate_hz, pre_skip) = match head {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => (48_000, u64::from(u16_at(10))),
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => (u32::from(u16_at(12)) | u32::from(u16_at(14)) << 16, 0),
        _ => return None,
    };
    (rate_hz > 0).then_some(Link { rate_hz, pre_skip, last_granule: 0 })
}

fn skip(file: &mut BufReader<impl Read + Seek>, bytes: u64) -> Option<()> {
    let bytes = i64::try_from(bytes).ok()?;
    file.seek_relative(bytes).ok()?;
    file.fill_buf().ok().map(|_| ())
}
