//! How each command is handled: who may send it, whether it keeps its order, and what it needs from the library.

use std::collections::BTreeSet;

use auralis_core::*;
use ts_rs::{Config, TS};

const IDS: &str = r#""tracks":{"from":"ids","ids":[1]}"#;
const FILES: &str = r#""tracks":{"from":"files","paths":["/music/1.flac"]}"#;

/// Each command with its properties as `access order library`.
fn commands() -> Vec<(String, &'static str)> {
    let playback = [
        ("play", ""),
        ("pause", ""),
        ("toggle", ""),
        ("stop", ""),
        ("next", ""),
        ("previous", ""),
        ("seek", r#""position_s":1"#),
        ("set_shuffle", r#""enabled":true"#),
        ("set_repeat", r#""mode":"all""#),
        ("jump_to", r#""entry":1"#),
        ("remove_entries", r#""entries":[1]"#),
        ("move_entries", r#""entries":[1]"#),
        ("clear_queue", ""),
        ("undo", ""),
        ("redo", ""),
    ];
    let immediate = [
        ("set_volume", r#""volume":50"#),
        ("set_muted", r#""muted":true"#),
        ("set_mastering", r#""enabled":true"#),
        ("compare", r#""on":true"#),
        ("set_sleep_timer", r#""timer":{"end":"minutes","minutes":30}"#),
        ("cancel_export", ""),
        ("choose_output", ""),
        ("dismiss_notice", r#""notice":1"#),
        ("set_room", r#""room":"x","volume":40"#),
        ("change_settings", r#""settings":{"theme":"dark"}"#),
    ];
    let mut commands = Vec::new();
    let mut add = |name: &str, fields: &str, properties| {
        let separator = if fields.is_empty() { "" } else { "," };
        commands.push((format!(r#"{{"do":"{name}"{separator}{fields}}}"#), properties));
    };
    playback.iter().for_each(|(name, fields)| add(name, fields, "all in-order core"));
    immediate.iter().for_each(|(name, fields)| add(name, fields, "all immediate core"));
    add("change_settings", r#""settings":{"remote":{}}"#, "local immediate core");
    add("change_settings", r#""settings":{"desktop":{}}"#, "local immediate core");
    add("change_settings", r#""settings":{"scrobbling":{}}"#, "local immediate core");
    add("change_settings", r#""settings":{"rooms":{}}"#, "local immediate core");
    for (tracks, access) in [(IDS, "all in-order resolve"), (FILES, "local in-order resolve")] {
        add("play_tracks", tracks, access);
        add("replace_queue", &format!(r#"{tracks},"start":0"#), access);
        add("enqueue", &format!(r#"{tracks},"place":"next""#), access);
    }
    let export = format!(r#"{IDS},"folder":"/out","format":"flac","bits":16,"album":false"#);
    add("export_mastered", &export, "local in-order resolve");
    add("scan", "", "all immediate library");
    add("cancel_scan", "", "all immediate library");
    add("add_root", r#""path":"/music""#, "local immediate library");
    add("remove_root", r#""root":1"#, "local immediate library");
    add("export", r#""export":"history","path":"/out.csv""#, "local immediate library");
    add("edit_tags", &format!(r#"{IDS},"tags":{{"title":"x"}}"#), "local immediate library");
    add("set_ignored", r#""patterns":["*.tmp"]"#, "local immediate library");
    for edit in [
        r#""edit":"create_playlist","name":"x""#.to_owned(),
        r#""edit":"rename_playlist","playlist":1,"name":"x""#.to_owned(),
        r#""edit":"delete_playlist","playlist":1"#.to_owned(),
        r#""edit":"change_smart_playlist","playlist":1,"smart":{}"#.to_owned(),
        r#""edit":"remove_from_playlist","playlist":1,"entries":[1]"#.to_owned(),
        r#""edit":"move_in_playlist","playlist":1,"entries":[1]"#.to_owned(),
        r#""edit":"forget_listens","listens":[1]"#.to_owned(),
        r#""edit":"erase_history""#.to_owned(),
        format!(r#""edit":"add_to_playlist","playlist":1,{IDS}"#),
        format!(r#""edit":"set_favourite",{IDS},"favourite":true"#),
        format!(r#""edit":"set_rating",{IDS},"rating":3"#),
    ] {
        add("edit", &edit, "all immediate library");
    }
    for edit in [
        r#""edit":"import_playlist","path":"/x.m3u""#.to_owned(),
        format!(r#""edit":"create_playlist","name":"x",{FILES}"#),
        format!(r#""edit":"add_to_playlist","playlist":1,{FILES}"#),
        format!(r#""edit":"set_favourite",{FILES},"favourite":true"#),
        format!(r#""edit":"set_rating",{FILES},"rating":3"#),
    ] {
        add("edit", &edit, "local immediate library");
    }
    commands
}

fn describe(command: &Command) -> String {
    let CommandProperties { library, in_order, access } = command.properties();
    let access = match access {
        Access::LocalOnly => "local",
        Access::AllClients => "all",
    };
    let library = match library {
        LibraryUse::None => "core",
        LibraryUse::ResolveTracks(_) => "resolve",
        LibraryUse::Run => "library",
    };
    format!("{access} {} {library}", if in_order { "in-order" } else { "immediate" })
}

#[test]
fn every_command_is_handled_as_described() {
    for (json, expected) in commands() {
        let command: Command = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(describe(&command), expected, "{json}");
        assert_eq!(command.validate(), Ok(()), "{json}");
    }
}

/// Names of the variants of a tagged enum, from its TypeScript declaration.
fn variants<T: TS>(tag: &str) -> BTreeSet<String> {
    let declaration = T::decl(&Config::default());
    let start = format!("\"{tag}\": \"");
    declaration.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn the_table_has_every_command_and_every_edit() {
    let commands: Vec<serde_json::Value> =
        commands().iter().map(|(json, _)| serde_json::from_str(json).expect("JSON")).collect();
    let named = |tag: &str| -> BTreeSet<String> {
        commands.iter().filter_map(|command| Some(command.get(tag)?.as_str()?.to_owned())).collect()
    };
    assert_eq!(named("do"), variants::<Command>("do"));
    assert_eq!(named("edit"), variants::<UserDataEdit>("edit"));
}

#[test]
fn requests_of_remote_clients_are_limited() {
    let access = |json: &str| serde_json::from_str::<Request>(json).unwrap_or_else(|e| panic!("{json}: {e}")).access();
    for json in [
        r#"{"type":"pair","id":1}"#,
        r#"{"type":"raise","id":1}"#,
        r#"{"type":"command","id":1,"data":{"do":"add_root","path":"/music"}}"#,
        r#"{"type":"query","id":1,"data":{"of":{"list":"tags","tracks":{"from":"ids","ids":[]}},"offset":0,"limit":1}}"#,
    ] {
        assert_eq!(access(json), Access::LocalOnly, "{json}");
    }
    for json in [
        r#"{"type":"ping"}"#,
        r#"{"type":"diagnostics","id":1}"#,
        r#"{"type":"ask","id":1,"data":{"ask":"meters"}}"#,
        r#"{"type":"command","id":1,"data":{"do":"play"}}"#,
        r#"{"type":"query","id":1,"data":{"of":{"list":"queue"},"offset":0,"limit":1}}"#,
    ] {
        assert_eq!(access(json), Access::AllClients, "{json}");
    }
}
