//! The tray icon, tooltip and menu, derived from the state.

use auralis_core::{AppState, Command, PlaybackState};

use crate::app::{WindowRequest, WindowState};
use crate::surfaces::translations::Translations;

/// Longest menu label, in characters.
const MAX_LABEL_CHARS: usize = 50;

/// Everything that the tray shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrayModel {
    /// The icon.
    pub(super) icon: Icon,
    /// Title of the current track; empty if there is none.
    pub(super) title: String,
    /// Its artist; empty if unknown.
    pub(super) artist: String,
    /// 0 to 100.
    pub(super) volume: u8,
    /// Whether the main window is open.
    pub(super) main_open: bool,
    /// The menu, from top to bottom.
    pub(super) menu: Vec<MenuEntry>,
}

/// The icon for a playback state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Playing.
    Playing,
    /// Paused.
    Paused,
    /// Stopped.
    Stopped,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MenuEntry {
    /// An item with an action, or a disabled one.
    Item {
        /// The text.
        label: String,
        /// What a click does; `None` disables the item.
        action: Option<MenuAction>,
    },
    /// An item with a check mark.
    Check {
        /// The text.
        label: String,
        /// Whether it is checked.
        on: bool,
        /// What a click does.
        action: MenuAction,
    },
    /// A line between groups.
    Separator,
}

/// What a menu item does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MenuAction {
    /// Sends a command to the player.
    Command(Command),
    /// Shows or hides windows, or quits.
    Window(WindowRequest),
}

/// Returns the tray of a state.
pub(super) fn tray_model(view: &AppState, windows: WindowState, texts: &Translations) -> TrayModel {
    let player = &view.player;
    let icon = match player.transport {
        PlaybackState::Playing | PlaybackState::Loading => Icon::Playing,
        PlaybackState::Paused => Icon::Paused,
        PlaybackState::Stopped | PlaybackState::Error => Icon::Stopped,
    };
    let (title, artist) =
        player.track.as_ref().map(|track| (track.title.clone(), track.artist.clone())).unwrap_or_default();
    let text_item = |text: &str| MenuEntry::Item { label: text.to_owned(), action: None };
    // Disabled while it has no effect.
    let command_item = |label: &str, command, possible: bool| MenuEntry::Item {
        label: label.to_owned(),
        action: possible.then_some(MenuAction::Command(command)),
    };
    let request_item =
        |label: &str, request| MenuEntry::Item { label: label.to_owned(), action: Some(MenuAction::Window(request)) };
    let has_entry = player.entry.is_some();
    let mastered = view.mastering.settings.enabled;

    let mut menu = vec![text_item(&truncate_label(if title.is_empty() { &texts.nothing } else { &title }))];
    if !artist.is_empty() {
        menu.push(text_item(&truncate_label(&artist)));
    }
    menu.push(MenuEntry::Separator);
    menu.push(match icon {
        Icon::Playing => command_item(&texts.pause, Command::Pause {}, has_entry),
        Icon::Paused | Icon::Stopped => command_item(&texts.play, Command::Play {}, has_entry),
    });
    menu.push(command_item(&texts.next, Command::Next {}, has_entry));
    menu.push(command_item(&texts.previous, Command::Previous {}, has_entry));
    menu.push(command_item(&texts.stop, Command::Stop {}, icon != Icon::Stopped));
    menu.push(MenuEntry::Separator);
    let switch = Command::SetMastering { enabled: Some(!mastered), preset: None, intensity: None, night: None };
    menu.push(MenuEntry::Check { label: texts.mastering.clone(), on: mastered, action: MenuAction::Command(switch) });
    menu.push(MenuEntry::Separator);
    menu.push(match windows.main {
        true => request_item(&texts.hide, WindowRequest::HideMain),
        false => request_item(&texts.show, WindowRequest::RaiseMain { token: None }),
    });
    menu.push(request_item(&texts.mini, WindowRequest::ShowMiniPlayer));
    menu.push(request_item(&texts.quit, WindowRequest::Quit));
    TrayModel { icon, title, artist, volume: player.volume, main_open: windows.main, menu }
}

/// Truncates a label and removes line breaks: tags may contain anything.
fn truncate_label(text: &str) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    match text.char_indices().nth(MAX_LABEL_CHARS) {
        None => text.chars().map(line).collect(),
        Some(_) => text.chars().take(MAX_LABEL_CHARS - 1).map(line).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use auralis_core::{EntryId, MasteringSettings, MasteringState, PlayerState, TrackId, TrackSummary};

    use super::*;
    use crate::surfaces::translations::translations;

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

    fn action<'a>(model: &'a TrayModel, label: &str) -> Option<&'a MenuAction> {
        let found = model.menu.iter().find_map(|line| match line {
            MenuEntry::Item { label: text, action } if text == label => Some(action.as_ref()),
            MenuEntry::Check { label: text, action, .. } if text == label => Some(Some(action)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no line {label} in {:#?}", model.menu))
    }

    #[test]
    fn an_empty_player_offers_what_it_can_do() {
        let model = tray_model(&AppState::default(), WindowState::default(), translations("en"));
        assert_eq!(model.icon, Icon::Stopped);
        assert_eq!(action(&model, "Nothing playing"), None);
        for greyed in ["Play", "Next track", "Previous track", "Stop"] {
            assert_eq!(action(&model, greyed), None, "{greyed}");
        }
        assert_eq!(action(&model, "Show Auralis"), Some(&MenuAction::Window(WindowRequest::RaiseMain { token: None })));
        assert_eq!(action(&model, "Quit"), Some(&MenuAction::Window(WindowRequest::Quit)));
    }

    #[test]
    fn what_is_offered_follows_the_state() {
        let seen = WindowState { main: true, any_open: true, focused: true };
        let playing_model = tray_model(&playing(PlaybackState::Playing), seen, translations("en"));
        assert_eq!(playing_model.icon, Icon::Playing);
        assert_eq!(action(&playing_model, "Pause"), Some(&MenuAction::Command(Command::Pause {})));
        assert_eq!(action(&playing_model, "Hide Auralis"), Some(&MenuAction::Window(WindowRequest::HideMain)));
        let paused = tray_model(&playing(PlaybackState::Paused), seen, translations("de"));
        assert_eq!(paused.icon, Icon::Paused);
        assert_eq!(action(&paused, "Abspielen"), Some(&MenuAction::Command(Command::Play {})));
        assert_eq!(action(&paused, "Stoppen"), Some(&MenuAction::Command(Command::Stop {})));
        let Some(MenuEntry::Item { label, .. }) = paused.menu.first() else { panic!("the title is first") };
        assert_eq!(label.chars().count(), MAX_LABEL_CHARS);
        assert!(label.starts_with("A_long title") && label.ends_with('…'), "{label}");
    }

    #[test]
    fn mastering_is_a_switch() {
        for on in [false, true] {
            let settings = MasteringSettings { enabled: on, ..Default::default() };
            let view = AppState { mastering: MasteringState { settings, ..Default::default() }, ..AppState::default() };
            let model = tray_model(&view, WindowState::default(), translations("en"));
            let other = Command::SetMastering { enabled: Some(!on), preset: None, intensity: None, night: None };
            let line = MenuEntry::Check { label: "Mastering".to_owned(), on, action: MenuAction::Command(other) };
            assert!(model.menu.contains(&line), "{:#?}", model.menu);
        }
    }
}
