//! Plain words: names and phrases that strangers could not read do not come back.

use super::sources::{Source, identifiers, sources};

/// Names of types, constants and functions that meant several things, or nothing that a reader could guess.
const NAMES: &[&str] = &[
    "Letter",
    "Wish",
    "Sight",
    "Told",
    "Noticed",
    "Fold",
    "PATIENCE",
    "MOST",
    "ENOUGH",
    "FEW",
    "LOTS",
    "ABSURD",
    "FAREWELL",
    "RESTLESS",
    "AT_ONCE",
    "deed",
    "dawdle",
    "hurry",
    "knowing",
    "untold",
    "carry_out",
];
/// Beginnings of constants that name a limit without saying that it is one.
const PREFIXES: &[&str] = &["MOST_", "LEAST_", "PATIENCE_", "ENOUGH_"];
/// Phrases, in lower case.
const PHRASES: &[&str] = &[
    "has no ear",
    "remote door",
    "stands otherwise",
    "takes what no other wants",
    "change of mind",
    "half a change",
    "is let go",
    "that which",
    "hold the position",
    "come nearer",
    "keep their relations",
    "keeps their relations",
    "it is being looked for",
    "tell it what i hear",
    "no longer a favourite",
    "what it looks at",
    "how it looks",
    "are parted by",
    "let go to play",
    "went away, so playing was paused",
    "waited in vain",
    "told is",
];

/// Uses of names and phrases, as `path:line: word`.
fn findings(all: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in all {
        let code = if source.path.ends_with(".rs") { source.rust_code() } else { &source.text };
        for ((number, line), code) in (1..).zip(source.text.lines()).zip(code.lines()) {
            let lower = line.to_lowercase();
            let names = identifiers(code)
                .filter(|word| NAMES.contains(word) || PREFIXES.iter().any(|prefix| word.starts_with(prefix)));
            let phrases = PHRASES.iter().copied().filter(|phrase| lower.contains(phrase));
            found.extend(names.chain(phrases).map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    found
}

#[test]
fn names_and_texts_are_plain() {
    let extensions = [".rs", ".ts", ".svelte", ".py", ".sh", ".md", ".toml", ".sql", ".xml", ".desktop"];
    let mut all: Vec<Source> = ["src-tauri", "ui/src", "tests", "benches", "packaging", "docs"]
        .iter()
        .flat_map(|folder| sources(folder, &extensions))
        .collect();
    all.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            .map(|path| Source::new(path, &super::sources::read(path))),
    );
    all.retain(|source| !source.path.ends_with("architecture/wording.rs"));
    assert_eq!(findings(&all), [""; 0]);
}

#[test]
fn unclear_words_are_found() {
    let text = "const MOST_IDS: u8 = 1;\n/// A program that is ending has no ear.\nenum Told {}\nlet most = ids.len();";
    assert_eq!(findings(&[Source::new("a.rs", text)]), ["a.rs:1: MOST_IDS", "a.rs:2: has no ear", "a.rs:3: Told"]);
}
