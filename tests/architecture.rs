//! The borders between the rooms, mostly absences.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, by its path from the root; none of what is made or fetched.
fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
            let path = entry.path();
            if !path.is_dir() {
                found.push(path.strip_prefix(root).expect("below the root").to_owned());
            } else if !["node_modules", "dist", "target", ".git"].iter().any(|made| path.ends_with(made)) {
                folders.push(path);
            }
        }
    }
    found
}

/// The sources of these endings, without tests.
fn sources(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let is_source = |path: &PathBuf| {
        let path = path.to_string_lossy();
        endings.iter().any(|ending| path.ends_with(ending)) && !path.contains("/tests/")
    };
    let read = |path: PathBuf| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).expect("source text");
        (path, text)
    };
    let found: Vec<_> = files(folder).into_iter().filter(is_source).map(read).collect();
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Files with a line of code that holds `word`, outside of `allowed`.
fn strays(folder: &str, endings: &[&str], word: &str, allowed: &str) -> Vec<PathBuf> {
    let uses = |text: &str| text.lines().any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
    sources(folder, endings)
        .into_iter()
        .filter(|(path, text)| uses(text) && !path.starts_with(allowed))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn each_library_has_one_room() {
    for (word, room) in [
        ("tauri::", "src-tauri/src/surfaces/desktop"),
        ("sqlx::", "src-tauri/crates/library"),
        ("lofty::", "src-tauri/crates/library"),
        ("axum::", "src-tauri/src/surfaces/http"),
        ("ureq::", "src-tauri/src/scrobbling"),
        ("zbus::", "src-tauri/src/surfaces"),
        ("ksni::", "src-tauri/src/surfaces"),
        ("rodio::", "src-tauri/crates/audio"),
        ("symphonia::", "src-tauri/crates/audio"),
        ("auralis_audio::", "src-tauri"),
    ] {
        assert_eq!(strays("src-tauri", &[".rs"], word, room), [] as [PathBuf; 0], "{word} belongs into {room}");
    }
    let strays = strays("ui/src", &[".ts", ".svelte"], "@tauri-apps", "ui/src/transport/tauri.ts");
    assert_eq!(strays, [] as [PathBuf; 0], "@tauri-apps belongs into one file");
}

/// Tauri's events, channels and `eval` are scripts, and WebKit keeps what it compiled of the last few thousand: so there is one
/// event, which is always the same.
#[test]
fn no_window_is_told_anything_by_a_script() {
    for word in [".emit_to(", "Channel", ".eval("] {
        assert_eq!(
            strays("src-tauri/src/surfaces/desktop", &[".rs"], word, "nowhere"),
            [] as [PathBuf; 0],
            "{word} is a script"
        );
    }
    let shell = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src/surfaces/desktop/mod.rs"))
        .expect("source text");
    assert_eq!(shell.matches(".emit(").count(), shell.matches(".emit(EVENT, ())").count(), "an event carries nothing");
}

#[test]
fn the_core_knows_no_outside() {
    for word in
        ["tokio", "std::fs", "std::io", "std::thread", "std::time", "std::net", "Instant", "SystemTime", "Rng::new("]
    {
        assert_eq!(
            strays("src-tauri/crates/core/src", &[".rs"], word, "nowhere"),
            [] as [PathBuf; 0],
            "the core knows no {word}"
        );
    }
}

#[test]
fn colours_stand_in_one_file() {
    let is_colour = |line: &str| {
        let hex = line.split('#').skip(1).any(|rest| rest.chars().take_while(char::is_ascii_hexdigit).count() >= 3);
        (hex || line.contains("rgb(") || line.contains("hsl(") || line.contains("oklch("))
            && !line.trim_start().starts_with("//")
    };
    for (path, text) in sources("ui/src", &[".svelte", ".css"]) {
        let styles = if path.extension().is_some_and(|e| e == "svelte") {
            text.split_once("<style").map(|(_, style)| style.to_owned()).unwrap_or_default()
        } else {
            text
        };
        let strays: Vec<&str> = styles.lines().filter(|line| is_colour(line)).collect();
        assert!(path.ends_with("styles/tokens.css") || strays.is_empty(), "{}: {strays:?}", path.display());
    }
}

/// What stands in backticks and has a slash is a file or a folder, named by the end of its path or from a room on.
#[test]
fn documents_name_what_is_there() {
    let plain = |path: &str| format!("/{}", path.replace("/src/", "/"));
    let there: Vec<String> = files("").iter().map(|path| plain(&path.to_string_lossy())).collect();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).expect("the document");
        let is_path = |name: &&str| {
            let mut letters = name.chars();
            letters.next().is_some_and(|first| first.is_ascii_lowercase())
                && name.contains('/')
                && letters.all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter))
        };
        for name in text.split('`').skip(1).step_by(2).filter(is_path) {
            let wanted = plain(&format!("{name}/"));
            let wanted = wanted.trim_end_matches('/');
            let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '/']);
            let found =
                there.iter().any(|path| path.match_indices(wanted).any(|(at, _)| ends(&path[at + wanted.len()..])));
            assert!(found, "{document} names {name}, which is not there");
        }
    }
}
