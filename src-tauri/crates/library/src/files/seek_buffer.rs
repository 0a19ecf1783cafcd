//! A buffered reader for frequent short seeks.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

use super::heartbeat::beat;

/// Size of the buffer, and so of one read.
const BUFFER_BYTES: usize = 16 << 10;

/// Reads a file through one buffer. Unlike [`io::BufReader`], a seek within the buffer keeps it: parsers of tags mostly seek
/// a few bytes between small fields.
pub(crate) struct SeekBuffer {
    file: File,
    /// Length of the file when it was opened, in bytes.
    length: u64,
    /// Offset of the next byte in the file.
    position: u64,
    buffer: Vec<u8>,
    /// Offset of the buffer in the file.
    buffer_start: u64,
}

impl SeekBuffer {
    pub fn new(file: File, length: u64) -> SeekBuffer {
        SeekBuffer { file, length, position: 0, buffer: Vec::new(), buffer_start: 0 }
    }

    /// Returns the buffered bytes from the current position on.
    fn buffered(&self) -> &[u8] {
        let skipped = self.position.checked_sub(self.buffer_start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.buffer.get(skipped..)).unwrap_or_default()
    }
}

impl Read for SeekBuffer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut read = self.buffered().len().min(into.len());
        if read == 0 {
            beat();
        }
        if read == 0 && into.len() >= BUFFER_BYTES {
            read = self.file.read_at(into, self.position)?;
        } else {
            if read == 0 {
                self.buffer.resize(BUFFER_BYTES, 0);
                let length = self.file.read_at(&mut self.buffer, self.position).inspect_err(|_| self.buffer.clear())?;
                self.buffer.truncate(length);
                self.buffer_start = self.position;
                read = length.min(into.len());
            }
            into[..read].copy_from_slice(&self.buffered()[..read]);
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SeekBuffer {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_seeks_like_a_file() {
        let bytes: Vec<u8> = (0..50_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &bytes).unwrap();
        let mut seek_buffer = SeekBuffer::new(file.try_clone().unwrap(), 50_000);
        let mut whole = io::Cursor::new(&bytes);
        let seeks = [
            SeekFrom::Start(0),
            SeekFrom::Current(10),
            SeekFrom::Current(-3),
            SeekFrom::End(-128),
            SeekFrom::Start(16_380),
            SeekFrom::End(0),
            SeekFrom::Start(60_000),
            SeekFrom::Start(7),
            SeekFrom::Current(40_000),
        ];
        for seek in seeks {
            for length in [0, 1, 9, 20_000] {
                assert_eq!(seek_buffer.seek(seek).unwrap(), whole.seek(seek).unwrap());
                let read = |from: &mut dyn Read| {
                    let mut bytes = vec![0; length];
                    from.read_exact(&mut bytes).map(|()| bytes).map_err(|error| error.kind())
                };
                assert!(read(&mut seek_buffer) == read(&mut whole), "{seek:?} {length}");
                whole.set_position(seek_buffer.stream_position().unwrap());
            }
        }
        assert!(seek_buffer.seek(SeekFrom::End(-50_001)).is_err());
    }
}
