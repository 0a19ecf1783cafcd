//! A file as those read it who jump about in it.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 16 << 10;

/// Reads a file by pieces. A jump within the piece at hand asks nothing of the system, where [`io::BufReader`] would have the
/// piece read again: and tags are mostly small steps between small fields.
pub(crate) struct Pieces {
    file: File,
    /// How long the file was when it was opened.
    length: u64,
    /// Where the next byte is.
    position: u64,
    piece: Vec<u8>,
    /// Where the piece begins.
    start: u64,
}

impl Pieces {
    pub fn of(file: File, length: u64) -> Pieces {
        Pieces { file, length, position: 0, piece: Vec::new(), start: 0 }
    }

    /// What of the piece lies at the position and behind it.
    fn at_hand(&self) -> &[u8] {
        let skipped = self.position.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.piece.get(skipped..)).unwrap_or_default()
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut read = self.at_hand().len().min(into.len());
        if read == 0 && into.len() >= PIECE_BYTES {
            read = self.file.read_at(into, self.position)?;
        } else {
            if read == 0 {
                self.piece.resize(PIECE_BYTES, 0);
                let length = self.file.read_at(&mut self.piece, self.position).inspect_err(|_| self.piece.clear())?;
                self.piece.truncate(length);
                self.start = self.position;
                read = length.min(into.len());
            }
            into[..read].copy_from_slice(&self.at_hand()[..read]);
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Pieces {
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
    fn it_reads_as_a_file_does() {
        let bytes: Vec<u8> = (0..50_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &bytes).unwrap();
        let mut pieces = Pieces::of(file.try_clone().unwrap(), 50_000);
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
                assert_eq!(pieces.seek(seek).unwrap(), whole.seek(seek).unwrap());
                let read = |from: &mut dyn Read| {
                    let mut bytes = vec![0; length];
                    from.read_exact(&mut bytes).map(|()| bytes).map_err(|error| error.kind())
                };
                assert!(read(&mut pieces) == read(&mut whole), "{seek:?} {length}");
                whole.set_position(pieces.stream_position().unwrap());
            }
        }
        assert!(pieces.seek(SeekFrom::End(-50_001)).is_err());
    }
}
