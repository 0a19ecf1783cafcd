//! Which part of the program uses which dependency, and which crate may know which.

use super::sources::{Source, read, rust_sources, sources};

const HTTP: &str = "src-tauri/src/surfaces/http/";
const DESKTOP: &str = "src-tauri/src/surfaces/desktop/";
const SURFACES: &str = "src-tauri/src/surfaces/";
const CLI: &str = "src-tauri/src/surfaces/cli/";
const MAIN: &str = "src-tauri/src/main.rs";
const DSP: &str = "src-tauri/crates/dsp/src/";
const AUDIO: &str = "src-tauri/crates/audio/src/";
const LIBRARY: &str = "src-tauri/crates/library/src/";
const APPIMAGE: &str = "src-tauri/crates/appimage/src/";

/// Each dependency and the only places that use it. Every place listed must use it.
const HOMES: &[(&str, &[&str])] = &[
    ("audio_thread_priority", &["src-tauri/crates/audio/src/output/"]),
    ("axum", &[HTTP]),
    ("backhand", &[APPIMAGE]),
    ("blake3", &[LIBRARY]),
    ("clap", &[MAIN, CLI]),
    ("clap_complete", &[CLI]),
    ("clap_mangen", &[CLI]),
    ("cpal", &["src-tauri/crates/audio/src/output/"]),
    ("flacenc", &[AUDIO]),
    ("getrandom", &["src-tauri/src/app/pairing.rs"]),
    ("globset", &[LIBRARY]),
    ("gtk", &[DESKTOP, "src-tauri/src/environment.rs"]),
    ("hyper", &[HTTP]),
    ("hyper_util", &[HTTP]),
    ("image", &[LIBRARY]),
    ("imbl", &["src-tauri/crates/core/src/queue/"]),
    ("ksni", &["src-tauri/src/surfaces/tray/"]),
    ("lofty", &[LIBRARY]),
    ("notify", &[LIBRARY]),
    ("percent_encoding", &[LIBRARY]),
    ("png", &["src-tauri/src/surfaces/tray/"]),
    ("pulp", &[DSP]),
    ("pulseaudio", &["src-tauri/crates/audio/src/output/pulse/"]),
    ("qrcode", &["src-tauri/src/app/pairing.rs"]),
    ("quick_xml", &[LIBRARY]),
    ("rlimit", &[MAIN]),
    ("rodio", &[AUDIO]),
    ("rtrb", &[AUDIO]),
    ("rubato", &[AUDIO]),
    ("rust_embed", &[HTTP]),
    ("rustfft", &[DSP]),
    ("socket2", &[HTTP]),
    ("sqlx", &[LIBRARY]),
    ("strsim", &[CLI]),
    ("symphonia", &["src-tauri/crates/audio/src/decode/"]),
    ("symphonia_adapter_libopus", &["src-tauri/crates/audio/src/decode/"]),
    ("tauri", &[DESKTOP]),
    ("tauri_build", &["src-tauri/build.rs"]),
    ("tauri_plugin_dialog", &[DESKTOP]),
    ("tauri_plugin_store", &[DESKTOP]),
    ("tower", &[HTTP]),
    ("tracing_subscriber", &[MAIN]),
    ("ts_rs", &["src-tauri/crates/core/src/protocol/"]),
    ("unicode_normalization", &[LIBRARY]),
    ("ureq", &["src-tauri/src/scrobbling/"]),
    ("wavicle", &["src-tauri/crates/audio/src/decode/"]),
    ("zbus", &[SURFACES]),
];

/// Dependencies that any part may use: encodings, errors, logs, the async runtime, and small tools.
const SHARED: &[&str] = &[
    "directories",
    "fastrand",
    "futures_util",
    "rustix",
    "serde",
    "serde_json",
    "tempfile",
    "thiserror",
    "tokio",
    "tracing",
    "url",
];

/// Crates of the workspace that each crate may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("appimage", &[]),
    ("audio", &["auralis-core", "auralis-dsp"]),
    ("core", &[]),
    ("dsp", &["auralis-core"]),
    ("library", &["auralis-core"]),
];

/// The core's dependencies: data structures and encodings only.
const CORE_DEPENDENCIES: &[&str] = &["fastrand", "imbl", "serde", "thiserror", "ts-rs"];

/// Whether code uses a crate: `name::`, `use name`, or `name!`.
fn uses_crate(code: &str, name: &str) -> bool {
    let mut rest = code;
    let mut before = None;
    while let Some(at) = rest.find(name) {
        let previous = rest[..at].chars().next_back().or(before);
        let after = rest[at + name.len()..].trim_start();
        let starts_path = !previous.is_some_and(|p| p.is_alphanumeric() || p == '_' || p == '.')
            && !rest[..at].trim_end().ends_with("::");
        let used = after.starts_with("::") || after.starts_with(';') && rest[..at].trim_end().ends_with("use");
        if starts_path && used && !is_local_path(after, name) {
            return true;
        }
        before = name.chars().next_back();
        rest = &rest[at + name.len()..];
    }
    false
}

/// `image::` is also the name of a module in `appimage`, which is no use of the crate `image`.
fn is_local_path(after: &str, name: &str) -> bool {
    name == "image" && after.starts_with("::Image")
}

/// Files that use a crate outside its places.
fn strays<'a>(all: &'a [Source], name: &str, places: &[&str]) -> Vec<&'a str> {
    let is_stray = |source: &&Source| {
        !places.iter().any(|place| source.path.starts_with(place)) && uses_crate(source.rust_code(), name)
    };
    all.iter().filter(is_stray).map(|source| source.path.as_str()).collect()
}

#[test]
fn each_dependency_is_used_in_its_place_only() {
    let all = rust_sources("src-tauri");
    for (name, places) in HOMES {
        assert_eq!(strays(&all, name, places), [""; 0], "{name} belongs into {places:?}");
        for place in *places {
            let used = all.iter().any(|source| source.path.starts_with(place) && uses_crate(source.rust_code(), name));
            assert!(used, "{place} does not use {name}: remove it from the table");
        }
    }
}

#[test]
fn stray_dependencies_are_found() {
    let stray = |text: &str| strays(&[Source::new("a/b.rs", text)], "sqlx", &["library/"]).len();
    for bad in ["use sqlx::Row;", "fn f() { sqlx::query(\"\") }", "use sqlx;", "pub use sqlx :: {A, B};"] {
        assert_eq!(stray(bad), 1, "{bad}");
    }
    for good in ["// sqlx::Row", "let a = \"sqlx::Row\";", "use my_sqlx::Row;", "crate::sqlx::row()", "let sqlx = 1;"] {
        assert_eq!(stray(good), 0, "{good}");
    }
    assert_eq!(strays(&[Source::new("library/b.rs", "use sqlx::Row;")], "sqlx", &["library/"]), [""; 0]);
}

/// Names in a manifest's tables of dependencies, as written there. Tables of dev-dependencies are left out.
fn manifest_dependencies(manifest: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.split(']').next().unwrap_or_default();
            inside = table.ends_with("dependencies") && !table.contains("dev-") && !table.starts_with("workspace");
        } else if let Some((name, _)) = line.split_once(['=', '.']).filter(|_| inside && !line.starts_with(['#', ' ']))
        {
            found.push(name.trim());
        }
    }
    found
}

#[test]
fn every_dependency_has_a_place() {
    for manifest in sources("src-tauri/crates", &["Cargo.toml"])
        .iter()
        .map(|source| source.text.clone())
        .chain([read("Cargo.toml")])
    {
        for name in manifest_dependencies(&manifest) {
            let name = name.replace('-', "_");
            let known = HOMES.iter().any(|(home, _)| *home == name) || SHARED.contains(&name.as_str());
            assert!(known || name.starts_with("auralis_"), "{name} has no place: name the part that uses it");
        }
    }
}

#[test]
fn crates_know_only_the_layers_below() {
    for (name, allowed) in LAYERS {
        let manifest = read(&format!("src-tauri/crates/{name}/Cargo.toml"));
        let known: Vec<&str> =
            manifest_dependencies(&manifest).into_iter().filter(|n| n.starts_with("auralis-")).collect();
        assert_eq!(known, *allowed, "{name}");
    }
    let mut core = manifest_dependencies(&read("src-tauri/crates/core/Cargo.toml"))
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    core.sort();
    assert_eq!(core, CORE_DEPENDENCIES, "the core has no I/O");
    let crates = std::fs::read_dir(super::sources::root().join("src-tauri/crates")).expect("crates").count();
    assert_eq!(crates, LAYERS.len(), "every crate has a layer");
}

#[test]
fn manifest_tables_are_read() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nserde.workspace = true\nts-rs = { version = \"1\" }\n# a = \"1\"\n\
                    [target.'cfg(unix)'.dependencies]\nrustix = \"1\"\n[dev-dependencies]\nproptest = \"1\"\n[lib]\npath = \"x\"\n";
    assert_eq!(manifest_dependencies(manifest), ["serde", "ts-rs", "rustix"]);
}
