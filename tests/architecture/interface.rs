//! Rules of the interface: colours, Tauri, and how windows are told of changes.

use super::sources::{Source, blank_comments_and_literals, read, sources};

/// The only file that imports Tauri's JavaScript packages.
const TAURI_CONNECTION: &str = "tauri.ts";
/// The only file with colours.
const TOKENS: &str = "ui/src/styles/tokens.css";

/// Files other than the Tauri connection that import `@tauri-apps`.
fn tauri_imports(all: &[Source]) -> Vec<&str> {
    let imports = |source: &&Source| {
        let names_it = |line: &str| line.contains("@tauri-apps") && !line.trim_start().starts_with("//");
        !source.path.ends_with(&format!("/{TAURI_CONNECTION}")) && source.text.lines().any(names_it)
    };
    all.iter().filter(imports).map(|source| source.path.as_str()).collect()
}

#[test]
fn one_file_imports_tauri() {
    let all = sources("ui/src", &[".ts", ".svelte"]);
    assert_eq!(tauri_imports(&all), [""; 0]);
    let uses = |source: &Source| source.path.ends_with("/tauri.ts") && source.text.contains("@tauri-apps");
    assert_eq!(all.iter().filter(|source| uses(source)).count(), 1);
    let bad = [Source::new("ui/src/a.ts", "import { invoke } from '@tauri-apps/api/core';")];
    assert_eq!(tauri_imports(&bad), ["ui/src/a.ts"]);
}

/// Lines with a colour, as `path: line`.
fn colours(all: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in all.iter().filter(|source| source.path != TOKENS) {
        let lines = source.text.lines().filter(|line| !line.trim_start().starts_with("//") && has_colour(line));
        found.extend(lines.map(|line| format!("{}: {}", source.path, line.trim())));
    }
    found
}

/// Whether a line has `#rgb`, `#rrggbb` or a colour function.
fn has_colour(line: &str) -> bool {
    let hex = line.match_indices('#').any(|(at, _)| {
        let digits = line[at + 1..].chars().take_while(char::is_ascii_hexdigit).count();
        let next = line[at + 1 + digits..].chars().next();
        [3, 4, 6, 8].contains(&digits) && !next.is_some_and(|next| next.is_alphanumeric() || next == '-' || next == '_')
    });
    hex || ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab("].iter().any(|function| line.contains(function))
}

#[test]
fn one_file_has_colours() {
    assert_eq!(colours(&sources("ui/src", &[".ts", ".svelte", ".css"])), [""; 0]);
    assert!(read(TOKENS).lines().any(has_colour), "{TOKENS} has them");
    for bad in ["color: #fff;", "  border: 1px solid #12ab3480", "fill='rgb(1 2 3)'", "const c = \"#abcdef\";"] {
        assert_eq!(colours(&[Source::new("ui/src/a.svelte", bad)]).len(), 1, "{bad}");
    }
    for good in ["href='#/songs'", "#each rows as row", "this.#added = 1", "// #fff", "{#if a}"] {
        assert_eq!(colours(&[Source::new("ui/src/a.svelte", good)]), [""; 0], "{good}");
    }
}

/// Ways to send data to a window by a script.
fn scripts_with_data(all: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in all {
        let code = blank_comments_and_literals(&source.text).replace(char::is_whitespace, "");
        let sends = [".emit_to(", ".emit_filter(", "Channel<", "Channel::", ".eval(", ".eval_with_callback("];
        found.extend(sends.iter().filter(|send| code.contains(**send)).map(|send| format!("{}: {send}", source.path)));
        let arguments = code.split(".emit(").skip(1).map(|rest| rest.split_once(')').map_or(rest, |(first, _)| first));
        if arguments.into_iter().any(|arguments| !arguments.ends_with(",(")) {
            found.push(format!("{}: .emit( with data", source.path));
        }
    }
    found
}

/// Tauri sends events, channels and `eval` as scripts, and WebKit caches the compiled code of each distinct script. So the
/// only event has no payload and is always the same script.
#[test]
fn windows_get_one_event_without_data() {
    let all = sources("src-tauri/src/surfaces/desktop", &[".rs"]);
    assert_eq!(scripts_with_data(&all), [""; 0]);
    assert!(all.iter().any(|source| source.text.contains(".emit(")), "the event is sent");
    for bad in ["app.emit(EVENT, payload)", "w.emit_to(a, b, c)", "w.eval(&script)", "fn f(c: Channel<u8>) {}"] {
        assert_eq!(scripts_with_data(&[Source::new("a.rs", bad)]).len(), 1, "{bad}");
    }
}
