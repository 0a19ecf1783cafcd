//! Opens files and picks a decoder.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use super::{
    DecodeError, FileDecoder, OpenFile,
    error::io_error,
    symphonia_decoder::SymphoniaDecoder,
    unsupported_format,
    wavpack::{self, WavPack},
};

/// Opens files of the file system.
pub struct SystemFiles;

impl OpenFile for SystemFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn FileDecoder>, DecodeError> {
        let mut file = regular_file(path)?;
        let mut head = [0; 16];
        let read = file.read(&mut head).map_err(|error| io_error(&error))?;
        if head.starts_with(wavpack::MAGIC) {
            return Ok(Box::new(WavPack::open(file)?));
        }
        match SymphoniaDecoder::probe(path, file) {
            Ok(decoder) => Ok(Box::new(decoder)),
            Err(error) => Err(match unsupported_format::name(&head[..read]) {
                Some(name) => DecodeError(format!("The file is {name}, which is not supported.")),
                None => error,
            }),
        }
    }
}

pub fn regular_file(path: &Path) -> Result<File, DecodeError> {
    // Checked before opening: opening a FIFO blocks until someone writes to it.
    let metadata = fs::metadata(path).map_err(|error| io_error(&error))?;
    match metadata.is_file() {
        _ if metadata.is_dir() => Err("It is a folder, not a file.".into()),
        false => Err("It is not a file but a device or a pipe.".into()),
        true if metadata.len() == 0 => Err("The file is empty.".into()),
        true => File::open(path).map_err(|error| io_error(&error)),
    }
}
