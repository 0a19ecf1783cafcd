//! Covers: found, made small, kept.

use std::{fs, io::Cursor};

use auralis_library::CoverSize;
use image::{ImageFormat, ImageReader, Rgb, RgbImage};

use crate::{
    fixture::{Fields, Format},
    test_library::{TestLibrary, titled},
};

fn picture(shade: u8, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(800, 400, Rgb([shade, 0, 0])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn covers_are_found_and_scaled() {
    let test = TestLibrary::new().await;
    let embedded = Fields { cover: picture(200, ImageFormat::Png), album: "A".into(), ..titled("Embedded") };
    for format in Format::ALL {
        test.write(&format!("a/{format:?}.{}", format.extension()), format, &embedded);
    }
    test.write("b/beside.flac", Format::Flac, &Fields { album: "B".into(), ..titled("Beside") });
    fs::write(test.music().join("b/Folder.JPG"), picture(100, ImageFormat::Jpeg)).unwrap();
    fs::write(test.music().join("b/album.png"), "not the best name").unwrap();
    test.write("c/broken.flac", Format::Flac, &Fields { cover: b"no picture".to_vec(), ..titled("Broken") });
    test.write("d/none.flac", Format::Flac, &titled("None"));
    test.add().await;

    let cover_of = async |title: &str| {
        let row = test.tracks().await.into_iter().find(|row| row.track.title == title).unwrap();
        row.track.cover
    };
    let hashes: Vec<_> = test
        .tracks()
        .await
        .into_iter()
        .filter(|row| row.track.title == "Embedded")
        .map(|row| row.track.cover)
        .collect();
    assert_eq!(hashes.len(), 7);
    assert!(hashes.iter().all(|hash| hash.is_some() && *hash == hashes[0]), "{hashes:?}");
    for title in ["Embedded", "Beside"] {
        let hash = cover_of(title).await.unwrap();
        for (size, sides) in
            [(CoverSize::Small, (64, 32)), (CoverSize::Medium, (256, 128)), (CoverSize::Large, (640, 320))]
        {
            let cover = test.library.cover(&hash, size).await.unwrap().unwrap();
            assert_eq!(cover.mime, "image/jpeg");
            let decoded = ImageReader::new(Cursor::new(&cover.bytes)).with_guessed_format().unwrap().decode().unwrap();
            assert_eq!((decoded.width(), decoded.height()), sides);
        }
    }
    let broken = cover_of("Broken").await.unwrap();
    assert_eq!(test.library.cover(&broken, CoverSize::Small).await.unwrap(), None);
    assert_eq!(cover_of("None").await, None);
    let albums = test.albums().await;
    assert!(albums[0].cover == cover_of("Embedded").await && albums[1].cover == cover_of("Beside").await);

    for odd in [
        "",
        "../../library.db",
        "zz",
        &"g".repeat(32),
        &"0".repeat(32),
        &"é".repeat(16),
        &hashes[0].clone().unwrap().to_uppercase(),
    ] {
        assert_eq!(test.library.cover(odd, CoverSize::Small).await.unwrap(), None, "{odd}");
    }

    // What was made is kept, even when the original is gone.
    let hash = cover_of("Beside").await.unwrap();
    let small = test.library.cover(&hash, CoverSize::Small).await.unwrap();
    fs::remove_file(test.music().join("b/Folder.JPG")).unwrap();
    assert_eq!(test.library.cover(&hash, CoverSize::Small).await.unwrap(), small);
    fs::remove_file(test.music().join("b/album.png")).unwrap();
    test.scan().await;
    assert_eq!(cover_of("Beside").await, None);
    assert_eq!(test.albums().await[1].cover, None);
}

#[tokio::test]
async fn disc_folders_use_their_own_cover_or_the_album_cover() {
    let test = TestLibrary::new().await;
    for disc in 1..=2 {
        let fields = Fields { album: "A".into(), disc, ..titled(&format!("Disc {disc}")) };
        test.write(&format!("album/CD {disc}/1.flac"), Format::Flac, &fields);
    }
    fs::write(test.music().join("album/cover.png"), picture(50, ImageFormat::Png)).unwrap();
    fs::write(test.music().join("album/CD 2/cover.png"), picture(150, ImageFormat::Png)).unwrap();
    test.add().await;
    let rows = test.tracks().await;
    let cover = async |row: usize| {
        let hash = rows[row].track.cover.clone().unwrap();
        let cover = test.library.cover(&hash, CoverSize::Small).await.unwrap().unwrap();
        ImageReader::new(Cursor::new(cover.bytes)).with_guessed_format().unwrap().decode().unwrap().to_rgb8()[(9, 9)][0]
    };
    assert!(cover(0).await.abs_diff(50) < 5 && cover(1).await.abs_diff(150) < 5);
    assert_eq!(test.albums().await[0].cover, rows[0].track.cover);
    assert_eq!(test.scan().await.progress.updated, 0);
}

#[test]
fn requested_size_is_rounded_up() {
    for (wish, size) in [(0, 64), (64, 64), (65, 256), (256, 256), (300, 640), (5000, 640)] {
        assert_eq!(CoverSize::at_least(wish).pixels(), size);
    }
}
