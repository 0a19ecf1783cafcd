//! The texts that the desktop shows for us, in the listener's language. They stand with all other texts, in
//! `ui/src/messages`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

const ALL: &str = include_str!("../../../ui/src/messages/desktop.json");

/// One text each.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) nothing: String,
    pub(super) play: String,
    pub(super) pause: String,
    pub(super) next: String,
    pub(super) previous: String,
    pub(super) stop: String,
    pub(super) mastering: String,
    pub(super) show: String,
    pub(super) hide: String,
    pub(super) mini: String,
    pub(super) quit: String,
    pub(super) in_tray: String,
    pub(super) in_tray_hint: String,
    pub(super) awake: String,
}

/// The texts of a language as BCP 47 or a locale names it; empty is the system's. English for everybody whose own is
/// not there.
pub(super) fn words(language: &str) -> &'static Words {
    static WORDS: LazyLock<HashMap<&str, Words>> = LazyLock::new(|| serde_json::from_str(ALL).unwrap_or_default());
    static NONE: LazyLock<Words> = LazyLock::new(Words::default);
    let system = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
    let tag = if language.is_empty() { system().unwrap_or_default() } else { language.to_owned() };
    let base = tag.split(['-', '_', '.']).next().unwrap_or_default().to_lowercase();
    WORDS.get(&*base).or_else(|| WORDS.get("en")).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_language_has_every_text() {
        assert_eq!((&*words("en").quit, &*words("de").quit), ("Quit", "Beenden"));
        assert_eq!((&*words("de-AT").play, &*words("de_DE.UTF-8").play), ("Abspielen", "Abspielen"));
        assert_eq!(words("tlh").quit, "Quit");
    }
}
