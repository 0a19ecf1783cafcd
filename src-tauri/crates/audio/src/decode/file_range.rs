//! A range of a file as a source for symphonia.

use std::{
    fs::File,
    io::{Read, Result, Seek, SeekFrom},
    ops::Range,
};

use symphonia::core::io::MediaSource;

/// Reads a range of a file as if it were a file.
pub struct FileRange {
    file: File,
    range: Range<u64>,
    /// Position in the file.
    at: u64,
}

impl FileRange {
    /// Stands at the start of the range.
    pub fn new(mut file: File, range: Range<u64>) -> Result<Self> {
        file.seek(SeekFrom::Start(range.start))?;
        Ok(Self { file, at: range.start, range })
    }
}

impl Read for FileRange {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let remaining = usize::try_from(self.range.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = out.len().min(remaining);
        let read = self.file.read(&mut out[..length])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for FileRange {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let (from, offset) = match to {
            SeekFrom::Start(offset) => (self.range.start, i64::try_from(offset).unwrap_or(i64::MAX)),
            SeekFrom::Current(offset) => (self.at, offset),
            SeekFrom::End(offset) => (self.range.end, offset),
        };
        let at = from.saturating_add_signed(offset).max(self.range.start);
        self.at = self.file.seek(SeekFrom::Start(at))?;
        Ok(self.at - self.range.start)
    }
}

impl MediaSource for FileRange {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.range.end - self.range.start)
    }
}
