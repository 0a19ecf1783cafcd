//! Source files, and Rust code without comments, literals and test modules.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
pub struct Source {
    /// Path relative to the repository's root, with `/`.
    pub path: String,
    pub text: String,
    code: OnceCell<String>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned(), code: OnceCell::new() }
    }

    /// Its code as Rust: comments, literals and inline test modules are blanked.
    pub fn rust_code(&self) -> &str {
        self.code.get_or_init(|| without_test_modules(&blank_comments_and_literals(&self.text)))
    }
}

/// Reads a file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Paths of all files below a folder, relative to the root; without build output and fetched packages.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten() {
            let path = entry.path();
            if !path.is_dir() {
                let relative = path.strip_prefix(root()).expect("below the root");
                found.push(relative.to_str().expect("UTF-8").to_owned());
            } else if !["node_modules", "dist", "target", ".git"].iter().any(|skipped| path.ends_with(skipped)) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Sources below a folder with one of these extensions.
pub fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let has_extension = |path: &String| extensions.iter().any(|extension| path.ends_with(extension));
    let paths = files(folder).into_iter().filter(has_extension);
    let found: Vec<Source> = paths.map(|path| Source::new(&path, &read(&path))).collect();
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Sources of the program and its crates, without their tests and benchmarks.
pub fn rust_sources(folder: &str) -> Vec<Source> {
    let mut found = sources(folder, &[".rs"]);
    found.retain(|source| !is_test_path(&source.path));
    found
}

/// Whether a path holds tests, benchmarks or examples only.
pub fn is_test_path(path: &str) -> bool {
    ["/tests/", "/benches/", "/examples/"].iter().any(|folder| path.contains(folder)) || path.ends_with("/tests.rs")
}

/// Whether `code` has `word` as a whole identifier.
pub fn has_identifier(code: &str, word: &str) -> bool {
    identifiers(code).any(|found| found == word)
}

/// All identifiers and keywords of a piece of code.
pub fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_').filter(|word| !word.is_empty())
}

/// Replaces comments and literals by spaces; line breaks stay.
pub fn blank_comments_and_literals(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = comment_end(&characters, at).or_else(|| literal_end(&characters, at));
        let Some(end) = end else {
            out.push(characters[at]);
            at += 1;
            continue;
        };
        out.extend(characters[at..end].iter().map(|&character| if character == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

/// The end of the comment that starts at `at`, if one does.
fn comment_end(text: &[char], at: usize) -> Option<usize> {
    match text.get(at..at + 2)? {
        ['/', '/'] => Some(text[at..].iter().position(|&next| next == '\n').map_or(text.len(), |length| at + length)),
        ['/', '*'] => {
            let (mut depth, mut end) = (1, at + 2);
            while depth > 0 && end < text.len() {
                match text.get(end..end + 2) {
                    Some(['/', '*']) => (depth, end) = (depth + 1, end + 2),
                    Some(['*', '/']) => (depth, end) = (depth - 1, end + 2),
                    _ => end += 1,
                }
            }
            Some(end)
        }
        _ => None,
    }
}

/// The end of the string or character literal that starts at `at`, if one does.
fn literal_end(text: &[char], at: usize) -> Option<usize> {
    match text[at] {
        '"' => Some(string_end(text, at)),
        'r' if at == 0 || !(text[at - 1].is_alphanumeric() || text[at - 1] == '_') || text[at - 1] == 'b' => {
            let hashes = text[at + 1..].iter().take_while(|&&next| next == '#').count();
            let start = at + 1 + hashes;
            (text.get(start) == Some(&'"')).then(|| raw_string_end(text, start + 1, hashes))
        }
        '\'' => match text.get(at + 1..)? {
            ['\\', ..] => text[at + 3..].iter().position(|&next| next == '\'').map(|length| at + 4 + length),
            // One character and a quote is a literal; anything else is a lifetime.
            [_, '\'', ..] => Some(at + 3),
            _ => None,
        },
        _ => None,
    }
}

fn string_end(text: &[char], start: usize) -> usize {
    let mut end = start + 1;
    while end < text.len() && text[end] != '"' {
        end += if text[end] == '\\' { 2 } else { 1 };
    }
    (end + 1).min(text.len())
}

fn raw_string_end(text: &[char], start: usize, hashes: usize) -> usize {
    let closes = |&end: &usize| {
        text[end] == '"' && text[end + 1..].iter().take(hashes).filter(|&&next| next == '#').count() == hashes
    };
    (start..text.len()).find(closes).map_or(text.len(), |end| end + 1 + hashes)
}

/// Blanks `#[cfg(test)] mod name { … }`. The code must be without comments and literals.
fn without_test_modules(code: &str) -> String {
    let mut out = code.to_owned();
    let mut from = 0;
    while let Some(found) = out[from..].find("#[cfg(test)]") {
        let start = from + found;
        let rest = out[start..].trim_start_matches("#[cfg(test)]").trim_start();
        let open = out[start..].find('{').map(|length| start + length);
        let Some(open) = open.filter(|&open| rest.starts_with("mod ") && !out[start..open].contains(';')) else {
            from = start + 1;
            continue;
        };
        let mut depth = 0;
        let close = out[open..].char_indices().find_map(|(index, character)| {
            depth += i32::from(character == '{') - i32::from(character == '}');
            (depth == 0).then_some(open + index + 1)
        });
        let close = close.unwrap_or(out.len());
        let blank: String = out[start..close].chars().map(|next| if next == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..close, &blank);
        from = start;
    }
    out
}

#[test]
fn comments_literals_and_test_modules_are_no_code() {
    let text = r##"
        use real::path; // use commented::path
        /* block /* nested */ use blocked::path; */
        const TEXT: &str = "use quoted::path \" still";
        const RAW: &str = r#"use raw::path " still"#;
        fn quote<'a>(text: &'a str) -> (char, char, char) { ('"', '\'', 'x') }
        fn after() { second::path() }
        #[cfg(test)]
        mod tests { fn inner() { if true { tested::path() } } }
        fn last() { third::path() }
        #[cfg(test)]
        use kept::path;
        #[cfg(test)]
        mod elsewhere;
    "##;
    let source = Source::new("a.rs", text);
    let code = source.rust_code();
    for word in ["real", "second", "third", "kept", "after", "quote"] {
        assert!(has_identifier(code, word), "{word} is code: {code}");
    }
    for word in ["commented", "blocked", "nested", "quoted", "raw", "tested", "still"] {
        assert!(!has_identifier(code, word), "{word} is no code: {code}");
    }
    assert_eq!(code.lines().count(), text.lines().count(), "line numbers stay");
}
