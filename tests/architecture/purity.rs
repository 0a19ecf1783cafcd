//! What the player core may use, and where `unsafe` may stand.

use super::sources::{Source, blank_comments_and_literals, has_identifier, read, rust_sources, sources};

/// Paths that mean I/O, a clock, a thread, a process or unseeded randomness.
const OUTSIDE_WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::sync::mpsc",
    "std::thread",
    "Instant",
    "SystemTime",
    "UNIX_EPOCH",
    "tokio",
    "println",
    "eprintln",
    "print",
    "eprint",
    "dbg",
    "thread_local",
    "Rng::new",
    "fastrand::u",
    "fastrand::i",
    "fastrand::f",
    "fastrand::shuffle",
    "fastrand::choice",
    "RandomState",
];

/// Uses of the outside world in core code, as `path: use`.
fn impurities(core: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in core {
        let code = source.rust_code().replace(char::is_whitespace, "");
        for word in OUTSIDE_WORLD {
            let uses = match word.contains("::") {
                true => code.contains(word) || is_in_use_group(&code, word),
                false => has_identifier(&code, word),
            };
            if uses {
                found.push(format!("{}: {word}", source.path));
            }
        }
    }
    found
}

/// Whether `std::fs` is imported as `use std::{fs, …}`. The code must be without whitespace.
fn is_in_use_group(code: &str, path: &str) -> bool {
    let Some((parent, name)) = path.rsplit_once("::") else { return false };
    let start = format!("{parent}::{{");
    code.split(&start).skip(1).filter_map(|rest| rest.split_once('}')).any(|(group, _)| has_identifier(group, name))
}

#[test]
fn core_has_no_io_clock_thread_or_unseeded_randomness() {
    assert_eq!(impurities(&rust_sources("src-tauri/crates/core/src")), [""; 0]);
}

#[test]
fn impurities_are_found() {
    for bad in [
        "use std::fs;",
        "use std::{collections::HashMap, fs};",
        "fn now() { std::time::Instant::now(); }",
        "use std::time::{Duration, SystemTime};",
        "fn a() { println!(\"x\") }",
        "async fn a() { tokio::task::yield_now().await }",
        "let rng = fastrand::Rng::new();",
    ] {
        assert_ne!(impurities(&[Source::new("core.rs", bad)]), [""; 0], "{bad}");
    }
    let good = "use std::time::Duration; // no Instant\nfn f(rng: &mut fastrand::Rng) -> &str { \"std::fs\" }";
    assert_eq!(impurities(&[Source::new("core.rs", good)]), [""; 0]);
}

/// The one file that may contain `unsafe`: the test that counts allocations with a global allocator.
const ALLOCATION_TEST: &str = "src-tauri/crates/audio/tests/allocations.rs";

/// Files with `unsafe` code.
fn unsafe_files(sources: &[Source]) -> Vec<&str> {
    let has_unsafe = |source: &&Source| has_identifier(&blank_comments_and_literals(&source.text), "unsafe");
    sources.iter().filter(has_unsafe).map(|source| source.path.as_str()).collect()
}

#[test]
fn only_the_allocation_test_has_unsafe_code() {
    let all: Vec<Source> = ["src-tauri", "tests", "benches"].iter().flat_map(|part| sources(part, &[".rs"])).collect();
    assert_eq!(unsafe_files(&all), [ALLOCATION_TEST]);
    assert_eq!(unsafe_files(&[Source::new("a.rs", "// unsafe\nfn f() { unsafe { g() } }")]), ["a.rs"]);
    assert_eq!(unsafe_files(&[Source::new("a.rs", "// unsafe\nconst A: &str = \"unsafe\";")]), [""; 0]);

    let manifest = read("Cargo.toml");
    assert!(manifest.contains("unsafe_code = \"forbid\""), "the compiler forbids it too");
    for source in sources("src-tauri/crates", &["Cargo.toml"]) {
        // The audio crate denies it instead, so that its allocation test may allow it.
        let level =
            if source.path.contains("/audio/") { "unsafe_code = \"deny\"" } else { "[lints]\nworkspace = true" };
        assert!(source.text.contains(level), "{} does not have {level:?}", source.path);
    }
}
