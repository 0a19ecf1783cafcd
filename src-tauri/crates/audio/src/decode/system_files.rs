//! Opens files and picks a decoder.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use super::{
    DecodeError, FileDecoder, OpenFile,
    dsd::{self, Dsd},
    error::io_error,
    mpeg_range::mpeg_range,
    pcm_file::{self, PcmFile},
    symphonia_decoder::SymphoniaDecoder,
    tta::{self, Tta},
    unsupported_format,
    wavpack::{self, WavPack},
};

/// Opens files of the file system.
pub struct SystemFiles;

impl OpenFile for SystemFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
        let mut file = regular_file(path)?;
        let mut head = [0; 64];
        let read = file.read(&mut head).map_err(|error| io_error(&error))?;
        match &head[..4] {
            wavpack::MAGIC => return Ok(Box::new(WavPack::open(file)?)),
            pcm_file::AU_MAGIC | pcm_file::RF64_MAGIC | pcm_file::WAVE64_MAGIC => {
                return Ok(Box::new(PcmFile::open(file)?));
            }
            dsd::DSF_MAGIC | dsd::DSDIFF_MAGIC => return Ok(Box::new(Dsd::open(file)?)),
            _ => {}
        }
        let after_tag = id3_bytes(&head);
        if read_at(&mut file, after_tag)? == tta::MAGIC {
            return Ok(Box::new(Tta::open(file, after_tag)?));
        }
        let range = mpeg_range(&mut file, after_tag);
        match SymphoniaDecoder::probe(path, file, range) {
            Ok(decoder) => Ok(Box::new(decoder)),
            Err(error) => Err(match unsupported_format::name(&head[..read]) {
                Some(name) => DecodeError(format!("The file is {name}, which is not supported.")),
                None => error,
            }),
        }
    }
}

/// Returns the length of an ID3v2 tag at the start of a file, or 0.
fn id3_bytes(head: &[u8]) -> u64 {
    match head {
        [b'I', b'D', b'3', _, _, flags, size @ ..] if size.len() >= 4 => {
            let size = size[..4].iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7F));
            10 + size + if flags & 0x10 == 0 { 0 } else { 10 }
        }
        _ => 0,
    }
}

/// Reads four bytes; fewer than that are zero.
fn read_at(file: &mut File, at: u64) -> Result<[u8; 4], DecodeError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.take(4).read_to_end(&mut bytes))
        .map_err(|error| io_error(&error))?;
    bytes.resize(4, 0);
    Ok(bytes.try_into().unwrap_or_default())
}

/// Opens a regular file. Never blocks on a FIFO or a device, which fail.
pub fn regular_file(path: &Path) -> Result<File, DecodeError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits() as i32);
    let not_a_file = || DecodeError::from("It is not a file but a device or a pipe.");
    let file = match options.open(path) {
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => return Err(not_a_file()),
        opened => opened.map_err(|error| io_error(&error))?,
    };
    let metadata = file.metadata().map_err(|error| io_error(&error))?;
    match metadata.is_file() {
        _ if metadata.is_dir() => Err("It is a folder, not a file.".into()),
        false => Err(not_a_file()),
        true if metadata.len() == 0 => Err("The file is empty.".into()),
        true => Ok(file),
    }
}
