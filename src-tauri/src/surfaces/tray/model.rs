//! What the tray shows of a state: a function of it, and nothing else.

use auralis_core::{AppState, Command, PlaybackState};

use crate::app::{Sight, Wish};
use crate::surfaces::translations::Words;

/// Longest label of the menu, in characters.
const LABEL_CHARS: usize = 50;

/// Everything that a tray shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Face {
    /// Which icon.
    pub(super) icon: Icon,
    /// What plays; empty if nothing does.
    pub(super) title: String,
    /// By whom; empty if unknown.
    pub(super) artist: String,
    /// 0 to 100.
    pub(super) volume: u8,
    /// The window is open.
    pub(super) open: bool,
    /// The menu, from above.
    pub(super) menu: Vec<Line>,
}

/// What the icon tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Music plays.
    Playing,
    /// It is held.
    Paused,
    /// There is none.
    Stopped,
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// A text that does something, or, without a deed, only tells.
    Item {
        /// What it says.
        label: String,
        /// What choosing it does.
        deed: Option<Deed>,
    },
    /// A switch.
    Switch {
        /// What it says.
        label: String,
        /// Whether it is on.
        on: bool,
        /// What choosing it does.
        deed: Deed,
    },
    /// A line between groups.
    Separator,
}

/// What choosing a line does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// The player's.
    Command(Command),
    /// The program's.
    Wish(Wish),
}

/// The face of a state.
pub(super) fn face(view: &AppState, sight: Sight, words: &Words) -> Face {
    let player = &view.player;
    let icon = match player.transport {
        PlaybackState::Playing | PlaybackState::Loading => Icon::Playing,
        PlaybackState::Paused => Icon::Paused,
        PlaybackState::Stopped | PlaybackState::Error => Icon::Stopped,
    };
    let (title, artist) =
        player.track.as_ref().map(|track| (track.title.clone(), track.artist.clone())).unwrap_or_default();
    let tell = |text: &str| Line::Item { label: text.to_owned(), deed: None };
    // Greyed while there is nothing that it could be done to.
    let order = |label: &str, command, possible: bool| Line::Item {
        label: label.to_owned(),
        deed: possible.then_some(Deed::Command(command)),
    };
    let wish = |label: &str, wish| Line::Item { label: label.to_owned(), deed: Some(Deed::Wish(wish)) };
    let has_entry = player.entry.is_some();
    let mastered = view.mastering.settings.enabled;

    let mut menu = vec![tell(&shortened(if title.is_empty() { &words.nothing } else { &title }))];
    if !artist.is_empty() {
        menu.push(tell(&shortened(&artist)));
    }
    menu.push(Line::Separator);
    menu.push(match icon {
        Icon::Playing => order(&words.pause, Command::Pause {}, has_entry),
        Icon::Paused | Icon::Stopped => order(&words.play, Command::Play {}, has_entry),
    });
    menu.push(order(&words.next, Command::Next {}, has_entry));
    menu.push(order(&words.previous, Command::Previous {}, has_entry));
    menu.push(order(&words.stop, Command::Stop {}, icon != Icon::Stopped));
    menu.push(Line::Separator);
    let switch = Command::SetMastering { enabled: Some(!mastered), preset: None, intensity: None, night: None };
    menu.push(Line::Switch { label: words.mastering.clone(), on: mastered, deed: Deed::Command(switch) });
    menu.push(Line::Separator);
    menu.push(match sight.main {
        true => wish(&words.hide, Wish::Hide),
        false => wish(&words.show, Wish::Raise { token: None }),
    });
    menu.push(wish(&words.mini, Wish::Mini));
    menu.push(wish(&words.quit, Wish::Quit));
    Face { icon, title, artist, volume: player.volume, open: sight.main, menu }
}

/// One line of bounded length: tags may hold anything.
fn shortened(text: &str) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    match text.char_indices().nth(LABEL_CHARS) {
        None => text.chars().map(line).collect(),
        Some(_) => text.chars().take(LABEL_CHARS - 1).map(line).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use auralis_core::{EntryId, MasteringSettings, MasteringState, PlayerState, TrackId, TrackSummary};

    use super::*;
    use crate::surfaces::translations::words;

    fn playing(transport: PlaybackState) -> AppState {
        let track = TrackSummary {
            id: TrackId(1),
            title: "A_long\ntitle".to_owned() + &"x".repeat(100),
            artist: "Somebody".to_owned(),
            album: String::new(),
            album_id: None,
            artist_id: None,
            duration_s: 10.0,
            cover: None,
            favourite: false,
            rating: None,
        };
        let player = PlayerState { transport, entry: Some(EntryId(7)), track: Some(track), ..Default::default() };
        AppState { player, ..AppState::default() }
    }

    fn deed<'a>(face: &'a Face, label: &str) -> Option<&'a Deed> {
        let found = face.menu.iter().find_map(|line| match line {
            Line::Item { label: text, deed } if text == label => Some(deed.as_ref()),
            Line::Switch { label: text, deed, .. } if text == label => Some(Some(deed)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no line {label} in {:#?}", face.menu))
    }

    #[test]
    fn an_empty_player_offers_what_it_can_do() {
        let face = face(&AppState::default(), Sight::default(), words("en"));
        assert_eq!(face.icon, Icon::Stopped);
        assert_eq!(deed(&face, "Nothing playing"), None);
        for greyed in ["Play", "Next track", "Previous track", "Stop"] {
            assert_eq!(deed(&face, greyed), None, "{greyed}");
        }
        assert_eq!(deed(&face, "Show Auralis"), Some(&Deed::Wish(Wish::Raise { token: None })));
        assert_eq!(deed(&face, "Quit"), Some(&Deed::Wish(Wish::Quit)));
    }

    #[test]
    fn what_is_offered_follows_the_state() {
        let seen = Sight { main: true, open: true, focused: true };
        let playing_face = face(&playing(PlaybackState::Playing), seen, words("en"));
        assert_eq!(playing_face.icon, Icon::Playing);
        assert_eq!(deed(&playing_face, "Pause"), Some(&Deed::Command(Command::Pause {})));
        assert_eq!(deed(&playing_face, "Hide Auralis"), Some(&Deed::Wish(Wish::Hide)));
        let paused = face(&playing(PlaybackState::Paused), seen, words("de"));
        assert_eq!(paused.icon, Icon::Paused);
        assert_eq!(deed(&paused, "Abspielen"), Some(&Deed::Command(Command::Play {})));
        assert_eq!(deed(&paused, "Stoppen"), Some(&Deed::Command(Command::Stop {})));
        let Some(Line::Item { label, .. }) = paused.menu.first() else { panic!("the title is first") };
        assert_eq!(label.chars().count(), LABEL_CHARS);
        assert!(label.starts_with("A_long title") && label.ends_with('…'), "{label}");
    }

    #[test]
    fn mastering_is_a_switch() {
        for on in [false, true] {
            let settings = MasteringSettings { enabled: on, ..Default::default() };
            let view = AppState { mastering: MasteringState { settings, ..Default::default() }, ..AppState::default() };
            let face = face(&view, Sight::default(), words("en"));
            let other = Command::SetMastering { enabled: Some(!on), preset: None, intensity: None, night: None };
            let line = Line::Switch { label: "Mastering".to_owned(), on, deed: Deed::Command(other) };
            assert!(face.menu.contains(&line), "{:#?}", face.menu);
        }
    }
}
