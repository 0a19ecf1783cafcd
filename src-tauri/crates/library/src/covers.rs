//! Covers: identified by content, scaled on first request, stored in the cache folder.

use std::{
    fs::{self, File},
    io::{self, Cursor, Write},
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageDecoder, ImageReader, Limits, codecs::jpeg::JpegEncoder};
use sqlx::{Row, sqlite::SqliteRow};
use tokio::sync::Semaphore;

use crate::{
    database::{Database, path_bytes},
    error::{LibraryError, describe_io_error},
    file_access::FileAccess,
    files::atomic,
    tags::{
        self,
        cover_hash::{CoverHash, MAX_IMAGE_BYTES},
    },
    threads::run_blocking,
};

/// Longest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 16_000;

/// Memory limit of decoding one picture, in bytes.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// JPEG quality, from 1 to 100.
const JPEG_QUALITY: u8 = 85;

/// How many pictures are decoded at once.
const DECODERS: usize = 2;

/// The longest side of a scaled cover, in pixels. Smaller originals are not enlarged.
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
    /// Returns the smallest size with at least this many pixels, or the largest size.
    pub fn at_least(pixels: u32) -> Self {
        [CoverSize::Small, CoverSize::Medium]
            .into_iter()
            .find(|size| size.pixels() >= pixels)
            .unwrap_or(CoverSize::Large)
    }

    /// Returns the longest side in pixels.
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

/// The cache of scaled covers.
pub(crate) struct CoverCache {
    folder: PathBuf,
    decoders: Semaphore,
}

impl CoverCache {
    pub fn open(cache_dir: &Path) -> Result<Self, LibraryError> {
        let folder = cache_dir.join("covers");
        fs::create_dir_all(&folder)
            .map_err(|error| LibraryError::File { path: folder.clone(), reason: describe_io_error(&error) })?;
        Ok(CoverCache { folder, decoders: Semaphore::new(DECODERS) })
    }

    /// Returns a cover by its hash; `None` if there is none or it cannot be decoded.
    pub async fn get(
        &self,
        database: &Database,
        files: &FileAccess,
        hash: &str,
        size: CoverSize,
    ) -> Result<Option<Cover>, LibraryError> {
        let Some(parsed) = CoverHash::parse(hash) else { return Ok(None) };
        let path = self.path(hash, size);
        let cached = || async { tokio::fs::read(&path).await.ok().map(|bytes| Cover { bytes, mime: "image/jpeg" }) };
        if let Some(cover) = cached().await {
            return Ok(Some(cover));
        }
        let _decoding = self.decoders.acquire().await;
        if let Some(cover) = cached().await {
            return Ok(Some(cover));
        }
        let sources = sources(database, parsed).await?;
        let Some(original) = read_original(files, sources, parsed).await else { return Ok(None) };
        let bytes = run_blocking(move || generate(&original, parsed, size, &path)).await?;
        Ok(bytes.map(|bytes| Cover { bytes, mime: "image/jpeg" }))
    }

    /// Returns the file of a cover, which is generated if need be; `None` if there is no such picture or it cannot be written.
    pub async fn file(
        &self,
        database: &Database,
        files: &FileAccess,
        hash: &str,
        size: CoverSize,
    ) -> Result<Option<PathBuf>, LibraryError> {
        let Some(_) = CoverHash::parse(hash) else { return Ok(None) };
        let path = self.path(hash, size);
        let exists = async || tokio::fs::try_exists(&path).await.unwrap_or(false);
        if !exists().await {
            self.get(database, files, hash, size).await?;
        }
        Ok(exists().await.then_some(path))
    }

    fn path(&self, hash: &str, size: CoverSize) -> PathBuf {
        self.folder.join(format!("{hash}-{}.jpg", size.pixels()))
    }
}

/// Where the original of a cover may be.
enum CoverSource {
    Image(PathBuf),
    Embedded(PathBuf),
}

async fn sources(database: &Database, hash: CoverHash) -> Result<Vec<CoverSource>, LibraryError> {
    let mut connection = database.begin_read().await?;
    let file = |row: &SqliteRow| path_bytes::path_from(row.get(0)).join(path_bytes::name_from(row.get(1)));
    let images = sqlx::query("SELECT path, image FROM folders WHERE cover = ? AND image IS NOT NULL LIMIT 3")
        .bind(hash.bytes())
        .map(|row| CoverSource::Image(file(&row)))
        .fetch_all(&mut *connection)
        .await?;
    let embedded = sqlx::query(
        "SELECT path, name FROM tracks JOIN folders ON folders.id = folder_id WHERE tracks.cover = ? LIMIT 3",
    )
    .bind(hash.bytes())
    .map(|row| CoverSource::Embedded(file(&row)))
    .fetch_all(&mut *connection)
    .await?;
    Ok(images.into_iter().chain(embedded).collect())
}

/// Reads the original of a cover. Its sources are tried in turn: each may be replaced, missing or on a disk that hangs.
async fn read_original(files: &FileAccess, sources: Vec<CoverSource>, hash: CoverHash) -> Option<Vec<u8>> {
    for source in sources {
        let path = match &source {
            CoverSource::Image(path) | CoverSource::Embedded(path) => path.clone(),
        };
        let read = move || match source {
            CoverSource::Image(path) => atomic::read_limited(&path, MAX_IMAGE_BYTES).ok(),
            CoverSource::Embedded(path) => {
                tags::configure_lofty_read();
                tags::read_cover(&path)
            }
        };
        // The file may contain another picture by now. The next scan updates the hash.
        if let Ok(Some(original)) = files.run(&path, read).await
            && CoverHash::new(&original) == hash
        {
            return Some(original);
        }
    }
    None
}

/// Generates a scaled cover and stores it at `path`.
fn generate(original: &[u8], hash: CoverHash, size: CoverSize, path: &Path) -> Option<Vec<u8>> {
    let small = shrink(original, size)
        .inspect_err(
            |error| tracing::warn!(%error, cover = ?CoverHash::digits(hash.bytes()), "a cover cannot be decoded"),
        )
        .ok()?;
    if let Err(error) = store(&small, path) {
        tracing::warn!(%error, path = %path.display(), "a cover could not be stored");
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

/// Writes to a temporary name first, so that no partial picture is ever read.
fn store(bytes: &[u8], path: &Path) -> io::Result<()> {
    let temporary = path.with_extension(format!("{:?}", std::thread::current().id()));
    File::create(&temporary)?.write_all(bytes)?;
    fs::rename(temporary, path)
}
