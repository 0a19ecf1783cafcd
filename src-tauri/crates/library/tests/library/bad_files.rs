//! Files that are no music, or not where music should be.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    fixture::{self, Fields, Format},
    test_library::{TestLibrary, titled},
};

#[tokio::test]
async fn each_unreadable_file_is_reported_with_its_reason() {
    let test = TestLibrary::new().await;
    let music = test.music();
    test.write("good.flac", Format::Flac, &titled("Good"));
    fs::write(music.join("empty.mp3"), "").unwrap();
    fs::write(music.join("text.mp3"), "These are words, not music. ".repeat(50)).unwrap();
    fs::write(music.join("page.flac"), "<html><b>404</b></html>").unwrap();
    fs::write(music.join("header.flac"), &Format::Flac.template()[..20]).unwrap();
    fs::write(music.join("zeros.m4a"), vec![0; 5000]).unwrap();
    fs::write(music.join("video.caf"), "caff").unwrap();
    symlink("nowhere.mp3", music.join("dangling.mp3")).unwrap();
    let huge = [b"ID3\x04\0\0\x7f\x7f\x7f\x7fAPIC\x7f\x7f\x7f\x75\0\0".as_slice(), &[0; 4096]].concat();
    fs::write(music.join("huge-tag.mp3"), huge).unwrap();

    let summary = test.add().await;
    assert_eq!(test.titles().await, ["Good"]);
    assert_eq!(summary.progress.done, summary.progress.found);
    let failures = test.failures().await;
    let reason =
        |name: &str| failures.iter().find_map(|failure| failure.strip_prefix(&format!("{name}: "))).unwrap_or("");
    assert_eq!(failures.len() as u32, summary.progress.failed);
    assert_eq!(failures.len(), 8, "{failures:#?}");
    assert_eq!(reason("empty.mp3"), "the file is empty");
    assert_eq!(reason("dangling.mp3"), "it does not exist");
    assert_eq!(reason("video.caf"), "it is not an audio file of a known format");
    for name in ["text.mp3", "page.flac", "header.flac", "zeros.m4a", "huge-tag.mp3"] {
        assert!(!reason(name).is_empty(), "{name}: {failures:#?}");
        assert!(!reason(name).contains("Error"), "{}", reason(name));
    }

    // Mended, it is a failure no longer.
    fs::remove_file(music.join("empty.mp3")).unwrap();
    fixture::write(&music.join("text.mp3"), Format::Mp3, &titled("Mended")).unwrap();
    test.scan().await;
    assert_eq!(test.failures().await.len(), 6);
    assert_eq!(test.titles().await, ["Good", "Mended"]);
}

#[tokio::test]
async fn only_audio_files_are_read() {
    let test = TestLibrary::new().await;
    let music = test.music();
    test.write("good.flac", Format::Flac, &titled("Good"));
    test.write("truncated.flac", Format::Flac, &titled("Truncated"));
    let whole = fs::read(music.join("truncated.flac")).unwrap();
    fs::write(music.join("truncated.flac"), &whole[..whole.len() - 200]).unwrap();
    test.write("wrong extension.mp3", Format::Flac, &titled("Really FLAC"));
    test.write(".hidden/no.flac", Format::Flac, &titled("Hidden folder"));
    test.write(".hidden.flac", Format::Flac, &titled("Hidden file"));
    test.write("ringtones/sub/no.flac", Format::Flac, &titled("No media"));
    fs::write(music.join("ringtones/.nomedia"), "").unwrap();
    fs::write(music.join("booklet.pdf"), "%PDF").unwrap();
    fs::create_dir(music.join("folder.flac")).unwrap();
    assert!(Command::new("mkfifo").arg(music.join("pipe.mp3")).status().unwrap().success());
    symlink("/dev/null", music.join("null.mp3")).unwrap();

    let outside = test.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fixture::write(&outside.join("linked.flac"), Format::Flac, &titled("Linked")).unwrap();
    symlink(&outside, music.join("way out")).unwrap();
    symlink(&outside, outside.join("loop")).unwrap();
    symlink(&music, outside.join("back")).unwrap();
    symlink(music.join("good.flac"), music.join("alias.flac")).unwrap();

    let odd = OsStr::from_bytes(b"caf\xe9 \xff.flac");
    fixture::write(&music.join(odd), Format::Flac, &titled("")).unwrap();
    let mut deep = music.clone();
    for _ in 0..200 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fixture::write(&deep.join("deep.flac"), Format::Flac, &titled("Deep")).unwrap();
    fixture::write(&music.join("long.flac"), Format::Flac, &titled(&"x".repeat(300))).unwrap();
    fixture::write(&music.join("odd.flac"), Format::Flac, &titled("Odd\u{0}\u{7}<b>title</b>\n")).unwrap();

    let summary = test.add().await;
    assert_eq!(test.failures().await, [""; 0]);
    let titles = test.titles().await;
    let long = "x".repeat(120);
    let expected =
        ["caf\u{fffd} \u{fffd}", "Deep", "Good", "Linked", "Odd  <b>title</b>", "Really FLAC", "Truncated", &long];
    assert_eq!(titles, expected);
    assert_eq!(summary.progress.found, 8);
    let odd_track = test.tracks().await[0].track.id;
    assert_eq!(test.library.track(odd_track).await.unwrap().unwrap().path.file_name(), Some(odd));
    assert_eq!(test.scan().await.progress.updated, 0);
}

#[tokio::test]
async fn unreadable_files_are_not_missing() {
    let test = TestLibrary::new().await;
    let file = test.write("closed/one.flac", Format::Flac, &titled("One"));
    test.write("two.flac", Format::Flac, &titled("Two"));
    test.add().await;
    let closed = test.music().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    let effective = fs::read_dir(&closed).is_err();
    test.scan().await;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(test.titles().await, ["One", "Two"]);
    assert_eq!(test.failures().await.len(), usize::from(effective));

    // A file that is damaged later stays a track, and is named.
    fs::write(&file, "").unwrap();
    test.scan().await;
    assert_eq!(test.titles().await, ["One", "Two"]);
    assert_eq!(test.failures().await, ["one.flac: the file is empty"]);
}

#[tokio::test]
async fn a_tag_of_20_mb_is_read() {
    let test = TestLibrary::new().await;
    let picture: Vec<u8> = (0u32..20 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    test.write("large.mp3", Format::Mp3, &Fields { cover: picture, ..titled("Large") });
    test.write("small.mp3", Format::Mp3, &titled("Small"));
    assert!(test.music().join("large.mp3").metadata().unwrap().len() > 20 << 20);
    test.add().await;
    assert_eq!((test.titles().await, test.failures().await), (vec!["Large".into(), "Small".into()], vec![]));
}

/// A file is another each time it is looked at: whatever the scans make of that, the one after it is right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_may_be_replaced_while_it_is_read() {
    let test = TestLibrary::new().await;
    let file = test.write("file.flac", Format::Flac, &titled("Before"));
    test.add().await;
    let over = Arc::new(AtomicBool::new(false));
    let replacing = std::thread::spawn({
        let (file, over) = (file.clone(), over.clone());
        let other = test.dir.path().join("other.flac");
        move || {
            for n in 0.. {
                fixture::write(&other, Format::Flac, &titled(&format!("Title {n}"))).unwrap();
                fs::rename(&other, &file).unwrap();
                if n % 2 == 0 {
                    fs::File::options().write(true).open(&file).unwrap().set_len(60).unwrap();
                }
                if over.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    });
    for _ in 0..20 {
        test.scan().await;
        assert_eq!(test.tracks().await.len(), 1);
    }
    over.store(true, Ordering::Relaxed);
    replacing.join().unwrap();
    fixture::write(&file, Format::Flac, &titled("After")).unwrap();
    test.scan().await;
    assert_eq!((test.titles().await, test.failures().await), (vec!["After".into()], vec![]));
}
