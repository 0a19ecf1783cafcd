//! The borders between the rooms, mostly absences.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "node_modules" | "dist" | "target" | "tests") {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).expect("source text");
                let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below the root").to_owned();
                found.push((path, text));
            }
        }
    }
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
        ("tauri::", "src-tauri/shell"),
        ("sqlx::", "src-tauri/library"),
        ("lofty::", "src-tauri/library"),
        ("axum::", "src-tauri/remote"),
        ("ureq::", "src-tauri/scrobbling"),
        ("zbus::", "src-tauri/bus"),
        ("ksni::", "src-tauri/bus"),
        ("rodio::", "src-tauri/audio"),
        ("symphonia::", "src-tauri/audio"),
        ("auralis_audio::", "src-tauri"),
    ] {
        assert_eq!(strays("src-tauri", &[".rs"], word, room), [] as [PathBuf; 0], "{word} belongs into {room}");
    }
    let strays = strays("ui/src", &[".ts", ".svelte"], "@tauri-apps", "ui/src/transport/tauri.ts");
    assert_eq!(strays, [] as [PathBuf; 0], "@tauri-apps belongs into one file");
}

#[test]
fn the_core_knows_no_outside() {
    for word in
        ["tokio", "std::fs", "std::io", "std::thread", "std::time", "std::net", "Instant", "SystemTime", "Rng::new("]
    {
        assert_eq!(
            strays("src-tauri/core/src", &[".rs"], word, "nowhere"),
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
