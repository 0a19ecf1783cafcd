//! Translated desktop strings: tray, notifications, sleep inhibition. They are stored with the interface's strings in
//! `ui/src/messages`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

const TRANSLATIONS_JSON: &str = include_str!("../../../ui/src/messages/desktop.json");

/// The strings of one language.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Translations {
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

/// Returns the strings of a language, given as BCP 47 tag or locale; empty means the system's. Falls back to English.
pub(super) fn translations(language: &str) -> &'static Translations {
    static TRANSLATIONS: LazyLock<HashMap<&str, Translations>> =
        LazyLock::new(|| serde_json::from_str(TRANSLATIONS_JSON).unwrap_or_default());
    static NONE: LazyLock<Translations> = LazyLock::new(Translations::default);
    let system = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
    let tag = if language.is_empty() { system().unwrap_or_default() } else { language.to_owned() };
    let base = tag.split(['-', '_', '.']).next().unwrap_or_default().to_lowercase();
    TRANSLATIONS.get(&*base).or_else(|| TRANSLATIONS.get("en")).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use super::translations;

    #[test]
    fn every_language_has_every_text() {
        assert_eq!((&*translations("en").quit, &*translations("de").quit), ("Quit", "Beenden"));
        assert_eq!((&*translations("de-AT").play, &*translations("de_DE.UTF-8").play), ("Abspielen", "Abspielen"));
        assert_eq!(translations("tlh").quit, "Quit");
    }
}
