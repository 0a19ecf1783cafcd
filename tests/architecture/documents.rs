//! Documents name files that exist.

use super::sources::{files, read, root};

/// Paths in backticks and in links of a document that do not exist, relative to the root or to the document's folder.
fn dead_paths(document: &str, text: &str, all: &[String]) -> Vec<String> {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let in_backticks = text.split('`').skip(1).step_by(2).filter(|name| looks_like_path(name));
    let in_links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let links = in_links.filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with('#'));
    let exists = |name: &str| [root().join(name), root().join(folder).join(name)].iter().any(|path| path.exists());
    // Text may shorten a path to its end: `queue/order.rs`.
    let in_backticks = in_backticks.filter(|name| !all.iter().any(|path| has_components(path, name)));
    in_backticks.chain(links).filter(|name| !exists(name)).map(|name| format!("{document}: {name}")).collect()
}

/// Whether the components of `name` stand in `path`, one after the other.
fn has_components(path: &str, name: &str) -> bool {
    format!("/{path}/").contains(&format!("/{}/", name.trim_end_matches('/')))
}

/// A path has a slash, starts with a lower-case letter or a dot, and has no spaces or placeholders.
fn looks_like_path(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '.');
    let plain = name.chars().all(|next| next.is_ascii_alphanumeric() || "/._-".contains(next));
    starts && plain && name.contains('/')
}

#[test]
fn documents_name_existing_files() {
    let all = files("");
    let documents: Vec<&String> =
        all.iter().filter(|path| path.ends_with(".md") && !path.starts_with("tests/")).collect();
    for expected in ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"] {
        assert!(documents.iter().any(|document| *document == expected), "{expected} was read");
    }
    let dead: Vec<String> = documents.iter().flat_map(|document| dead_paths(document, &read(document), &all)).collect();
    assert_eq!(dead, [""; 0]);
}

#[test]
fn dead_paths_are_found() {
    let text = "`tests/main.rs`, `src-tauri/nothing.rs`, `audio/src/decode`, [a](docs/nothing.md), [b](https://example.org), `cargo test`";
    let all = ["src-tauri/crates/audio/src/decode/mod.rs".to_owned()];
    assert_eq!(dead_paths("README.md", text, &all), ["README.md: src-tauri/nothing.rs", "README.md: docs/nothing.md"]);
    assert_eq!(dead_paths("docs/a.md", "[up](../README.md) [b](#part)", &all), [""; 0]);
}

#[test]
fn decisions_are_dated_and_listed() {
    let folder = "docs/decisions/";
    let index = read("docs/decisions/README.md");
    let all = files(folder);
    let decisions: Vec<&str> =
        all.iter().filter_map(|path| path.strip_prefix(folder)).filter(|name| *name != "README.md").collect();
    assert!(decisions.len() > 30, "{decisions:?}");
    for name in decisions {
        assert!(index.contains(&format!("({name})")), "{name} is not in the index");
        let text = read(&format!("{folder}{name}"));
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("Date: 20")), "{name} has no date");
    }
}
