//! Imports between files and folders: no circles.
//!
//! A folder's graph has its files and subfolders as nodes. An import from anywhere below one node to anywhere below another
//! is an edge. The graph of each folder must be free of circles between its subfolders, and of circles of more than three
//! files.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{Source, rust_sources, sources};

/// Largest allowed circle of files in one folder.
const MAX_CIRCLE: usize = 3;

/// Imports by file: each file with the files that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Import circles of a source tree, as readable lists.
fn circles(imports: &Imports) -> Vec<String> {
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for file in imports.keys() {
        folders.extend(file.match_indices('/').map(|(at, _)| &file[..at]));
    }
    let mut found = Vec::new();
    for folder in folders {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, targets) in imports {
            let Some(from) = child_of(folder, file) else { continue };
            let to = targets.iter().filter_map(|target| child_of(folder, target)).filter(|to| *to != from);
            edges.entry(from.to_owned()).or_default().extend(to.map(str::to_owned));
        }
        for circle in strongly_connected(&edges) {
            let has_folder = circle.iter().any(|node| !node.contains('.'));
            if circle.len() > if has_folder { 1 } else { MAX_CIRCLE } {
                found.push(format!("{folder}: {}", circle.join(", ")));
            }
        }
    }
    found
}

/// The file or subfolder directly below `folder` that `path` belongs to.
fn child_of<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
    rest.split('/').next()
}

/// Groups of more than one node that all reach each other (Tarjan's components, found by reachability: graphs are small).
fn strongly_connected(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |start: &str| {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for next in edges.get(node).into_iter().flatten() {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reachable: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|node| (node.as_str(), reach(node))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (node, reached) in &reachable {
        if !reached.contains(node) || found.iter().any(|circle| circle.iter().any(|member| member == node)) {
            continue;
        }
        let circle = reached.iter().filter(|other| reachable.get(*other).is_some_and(|back| back.contains(node)));
        found.push(circle.map(ToString::to_string).collect());
    }
    found.retain(|circle| circle.len() > 1);
    found
}

/// The imports of one Rust crate whose root folder (`…/src`) is given.
fn rust_imports(root: &str, all: &[Source]) -> Imports {
    let modules: BTreeMap<Vec<String>, &str> =
        all.iter().map(|source| (module_path(root, &source.path), source.path.as_str())).collect();
    let mut imports = Imports::new();
    for source in all {
        let module = module_path(root, &source.path);
        let targets = paths_in(source.rust_code(), &module);
        let files =
            targets.iter().filter_map(|target| deepest_module(&modules, target)).filter(|file| *file != source.path);
        imports.insert(source.path.clone(), files.map(str::to_owned).collect());
    }
    imports
}

/// `…/src/a/b.rs` and `…/src/a/b/mod.rs` are both the module `a::b`; `lib.rs` and `main.rs` are the root.
fn module_path(root: &str, file: &str) -> Vec<String> {
    let inner = file.strip_prefix(root).unwrap_or(file).trim_start_matches('/').trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] || parts == ["main"] {
        parts.pop();
    }
    parts
}

/// The file of the longest prefix of a path that is a module. The crate root is no target: it re-exports only.
fn deepest_module<'a>(modules: &BTreeMap<Vec<String>, &'a str>, path: &[String]) -> Option<&'a str> {
    (1..=path.len()).rev().find_map(|length| modules.get(&path[..length]).copied())
}

/// All paths in code that start with `crate`, `super` or `self`, resolved against the module that has them.
fn paths_in(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for head in ["crate", "super", "self"] {
        for (at, _) in code.match_indices(head) {
            let before = code[..at].chars().next_back();
            let is_word = before.is_some_and(|p| p.is_alphanumeric() || p == '_');
            let continues_path = code[..at].trim_end().ends_with("::");
            let rest = code[at + head.len()..].trim_start();
            if is_word || continues_path || !rest.starts_with("::") {
                continue;
            }
            let mut base: Vec<String> = if head == "crate" { Vec::new() } else { module.to_vec() };
            if head == "super" {
                base.pop();
            }
            expand(&rest[2..], base, &mut found);
        }
    }
    found
}

/// Follows the rest of a path, with groups such as `a::{b, c::d}`.
fn expand(rest: &str, base: Vec<String>, found: &mut Vec<Vec<String>>) {
    let rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        for member in members(group) {
            expand(member, base.clone(), found);
        }
        return;
    }
    let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let mut path = base;
    match name {
        "super" => drop(path.pop()),
        "self" | "" => {}
        _ => path.push(name.to_owned()),
    }
    match after.trim_start().strip_prefix("::") {
        // A turbofish ends the path.
        Some(next) if !next.trim_start().starts_with('<') => expand(next, path, found),
        _ => found.push(path),
    }
}

/// The members of a group whose opening brace was read: split at commas of the first level, up to its closing brace.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|member| !member.trim().is_empty());
    found
}

/// The imports of the interface.
fn ui_imports(all: &[Source]) -> Imports {
    let known: BTreeSet<&str> = all.iter().map(|source| source.path.as_str()).collect();
    let mut imports = Imports::new();
    for source in all {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let targets = specifiers(&source.text).filter_map(|specifier| {
            let path = normalize(&format!("{folder}/{specifier}"));
            let candidates = [path.clone(), format!("{path}.ts"), format!("{path}/index.ts")];
            candidates.into_iter().find(|candidate| known.contains(candidate.as_str()))
        });
        imports.insert(source.path.clone(), targets.filter(|target| *target != source.path).collect());
    }
    imports
}

/// Relative module names after `from` and `import`.
fn specifiers(text: &str) -> impl Iterator<Item = &str> {
    let quoted = ["from '", "import '", "import('", "from \"", "import \"", "import(\""];
    let starts = quoted.into_iter().flat_map(|start| text.match_indices(start).map(move |(at, _)| at + start.len()));
    starts.filter_map(|at| text[at..].split(['\'', '"']).next()).filter(|specifier| specifier.starts_with('.'))
}

/// Resolves `.` and `..` in a path.
fn normalize(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn imports_have_no_circles() {
    let mut found = Vec::new();
    let crates = ["appimage", "audio", "core", "dsp", "library"].map(|name| format!("src-tauri/crates/{name}/src"));
    for root in crates.iter().map(String::as_str).chain(["src-tauri/src"]) {
        found.extend(circles(&rust_imports(root, &rust_sources(root))));
    }
    let interface = sources("ui/src", &[".ts", ".svelte"]);
    let imports = ui_imports(&interface);
    let edges: usize = imports.values().map(BTreeSet::len).sum();
    assert!(edges > interface.len(), "only {edges} imports of {} files were found", interface.len());
    found.extend(circles(&imports));
    assert_eq!(found, [""; 0]);
}

#[test]
fn circles_are_found() {
    let tree = |files: &[(&str, &str)]| {
        let all: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        circles(&rust_imports("src", &all))
    };
    let nothing = [""; 0];
    assert_eq!(tree(&[("src/a/mod.rs", "use crate::b::B;"), ("src/b/mod.rs", "use crate::a::A;")]), ["src: a, b"]);
    // Through a file that is below, in a group, and by `super`.
    let hidden = [
        ("src/a/mod.rs", "mod x;"),
        ("src/a/x.rs", "use crate::{c::C, b::{self, y::Y}};"),
        ("src/b/mod.rs", "mod y;"),
        ("src/b/y.rs", "fn f() { super::super::a::g::<u8>() }"),
    ];
    assert_eq!(tree(&hidden), ["src: a, b"]);
    let one_way = [("src/a/mod.rs", "use crate::b::B;"), ("src/b/mod.rs", "// use crate::a::A;\nuse crate::c;")];
    assert_eq!(tree(&one_way), nothing);
    // A test may import what it likes.
    let in_test =
        [("src/a/mod.rs", "use crate::b::B;"), ("src/b/mod.rs", "#[cfg(test)] mod tests { use crate::a::A; }")];
    assert_eq!(tree(&in_test), nothing);
    // Files of one folder: up to three.
    let ring = |count: usize| -> Vec<String> {
        let text = |index: usize| format!("use super::f{};", (index + 1) % count);
        let all: Vec<Source> =
            (0..count).map(|index| Source::new(&format!("src/m/f{index}.rs"), &text(index))).collect();
        circles(&rust_imports("src", &all))
    };
    assert_eq!(ring(3), nothing);
    assert_eq!(ring(4), ["src/m: f0.rs, f1.rs, f2.rs, f3.rs"]);
}

#[test]
fn interface_circles_are_found() {
    let all = [
        Source::new("ui/src/a/A.svelte", "<script>import { b } from '../b/b';</script>"),
        Source::new("ui/src/b/b.ts", "import type { A } from '../a/A.svelte';"),
    ];
    assert_eq!(circles(&ui_imports(&all)), ["ui/src: a, b"]);
}
