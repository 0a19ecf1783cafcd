//! Covers: named by content, made small when first asked for, kept on disk.

use std::{
    fs::{self, File},
    io::{self, Cursor, Write},
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageDecoder, ImageReader, Limits, codecs::jpeg::JpegEncoder};
use sqlx::{Row, sqlite::SqliteRow};
use tokio::sync::Semaphore;

use crate::{
    database::Database,
    error::{LibraryError, in_words},
    files, paths, tags,
};

/// Largest picture file beside the tracks that is read, in bytes.
pub(crate) const IMAGE_BYTES: u64 = 64 << 20;

/// Longest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 16_000;

/// The most memory that decoding may take, in bytes.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Of 100.
const JPEG_QUALITY: u8 = 85;

/// How many pictures are decoded at once.
const DECODERS: usize = 2;

/// How large a cover is wanted: its longest side in pixels. A smaller original is not enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverSize {
    /// 64, for a row.
    Small,
    /// 256, for a grid.
    Medium,
    /// 640, for what plays now.
    Large,
}

impl CoverSize {
    /// The smallest that has at least so many pixels, or the largest.
    pub fn at_least(pixels: u32) -> Self {
        [CoverSize::Small, CoverSize::Medium]
            .into_iter()
            .find(|size| size.pixels() >= pixels)
            .unwrap_or(CoverSize::Large)
    }

    /// The longest side.
    pub const fn pixels(self) -> u32 {
        match self {
            CoverSize::Small => 64,
            CoverSize::Medium => 256,
            CoverSize::Large => 640,
        }
    }
}

/// A picture as it goes to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub mime: &'static str,
}

/// The first half of the BLAKE3 hash of a picture's original bytes; written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CoverHash([u8; 16]);

impl CoverHash {
    pub fn of(picture: &[u8]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&blake3::hash(picture).as_bytes()[..16]);
        CoverHash(half)
    }

    /// Reads the digits; `None` for anything else, paths above all.
    pub fn parse(digits: &str) -> Option<Self> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 32 && digits.bytes().all(lower))
            .then(|| u128::from_str_radix(digits, 16).ok())
            .flatten()
            .map(|number| CoverHash(number.to_be_bytes()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The digits of a hash as the database keeps it.
    pub fn digits(bytes: &[u8]) -> Option<String> {
        let number = u128::from_be_bytes(bytes.try_into().ok()?);
        Some(format!("{number:032x}"))
    }
}

/// The folder of small covers.
pub(crate) struct Covers {
    folder: PathBuf,
    decoders: Semaphore,
}

impl Covers {
    pub fn open(cache_dir: &Path) -> Result<Self, LibraryError> {
        let folder = cache_dir.join("covers");
        fs::create_dir_all(&folder)
            .map_err(|error| LibraryError::File { path: folder.clone(), reason: in_words(&error) })?;
        Ok(Covers { folder, decoders: Semaphore::new(DECODERS) })
    }

    /// A cover by its hash. `None` if there is none, or if the picture is broken.
    pub async fn get(&self, database: &Database, hash: &str, size: CoverSize) -> Result<Option<Cover>, LibraryError> {
        let Some(known) = CoverHash::parse(hash) else { return Ok(None) };
        let path = self.path(hash, size);
        let kept = || async { tokio::fs::read(&path).await.ok().map(|bytes| Cover { bytes, mime: "image/jpeg" }) };
        if let Some(cover) = kept().await {
            return Ok(Some(cover));
        }
        let _decoding = self.decoders.acquire().await;
        if let Some(cover) = kept().await {
            return Ok(Some(cover));
        }
        let sources = sources(database, known).await?;
        let made = tokio::task::spawn_blocking(move || make(sources, known, size, &path));
        let bytes = made.await.map_err(|error| LibraryError::Database(error.to_string()))?;
        Ok(bytes.map(|bytes| Cover { bytes, mime: "image/jpeg" }))
    }

    /// The file of a cover, made if need be. `None` if there is no such picture or no room for it.
    pub async fn file(
        &self,
        database: &Database,
        hash: &str,
        size: CoverSize,
    ) -> Result<Option<PathBuf>, LibraryError> {
        let Some(_) = CoverHash::parse(hash) else { return Ok(None) };
        let path = self.path(hash, size);
        let is_there = async || tokio::fs::try_exists(&path).await.unwrap_or(false);
        if !is_there().await {
            self.get(database, hash, size).await?;
        }
        Ok(is_there().await.then_some(path))
    }

    fn path(&self, hash: &str, size: CoverSize) -> PathBuf {
        self.folder.join(format!("{hash}-{}.jpg", size.pixels()))
    }
}

/// Where the original of a cover may be.
enum Source {
    Image(PathBuf),
    Embedded(PathBuf),
}

async fn sources(database: &Database, hash: CoverHash) -> Result<Vec<Source>, LibraryError> {
    let mut view = database.read().await?;
    let file = |row: &SqliteRow| paths::path(row.get(0)).join(paths::name(row.get(1)));
    let images = sqlx::query("SELECT path, image FROM folders WHERE cover = ? AND image IS NOT NULL LIMIT 3")
        .bind(hash.bytes())
        .map(|row| Source::Image(file(&row)))
        .fetch_all(&mut *view)
        .await?;
    let embedded = sqlx::query(
        "SELECT path, name FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.cover = ? LIMIT 3",
    )
    .bind(hash.bytes())
    .map(|row| Source::Embedded(file(&row)))
    .fetch_all(&mut *view)
    .await?;
    Ok(images.into_iter().chain(embedded).collect())
}

/// Makes the small cover and keeps it at `path`.
fn make(sources: Vec<Source>, hash: CoverHash, size: CoverSize, path: &Path) -> Option<Vec<u8>> {
    tags::prepare_thread();
    let read = |source| match source {
        Source::Image(path) => files::read_at_most(&path, IMAGE_BYTES).ok(),
        Source::Embedded(path) => tags::read_cover(&path),
    };
    // The file may hold another picture by now; then the next scan will say so.
    let original = sources.into_iter().filter_map(read).find(|bytes| CoverHash::of(bytes) == hash)?;
    let small = shrink(&original, size)
        .inspect_err(|error| tracing::warn!(%error, cover = ?CoverHash::digits(hash.bytes()), "a cover is broken"))
        .ok()?;
    if let Err(error) = keep(&small, path) {
        tracing::warn!(%error, path = %path.display(), "a cover could not be kept");
    }
    Some(small)
}

fn shrink(original: &[u8], size: CoverSize) -> Result<Vec<u8>, image::ImageError> {
    let mut reader = ImageReader::new(Cursor::new(original)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if picture.width().max(picture.height()) > size.pixels() {
        picture = picture.thumbnail(size.pixels(), size.pixels());
    }
    picture.apply_orientation(orientation);
    let mut encoded = Vec::new();
    JpegEncoder::new_with_quality(&mut encoded, JPEG_QUALITY).encode_image(&picture.to_rgb8())?;
    Ok(encoded)
}

/// Written whole under another name first, so that no half picture is ever found.
fn keep(bytes: &[u8], path: &Path) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{:?}", std::thread::current().id()));
    File::create(&unfinished)?.write_all(bytes)?;
    fs::rename(unfinished, path)
}
