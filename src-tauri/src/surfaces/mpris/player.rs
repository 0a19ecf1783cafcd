//! `org.mpris.MediaPlayer2.Player`: playback, modes and the current track.

use std::collections::HashMap;

use auralis_core::{AppState, Command, PlaybackState, PlayerState, Repeat, TrackSelection};
use url::Url;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, Value};
use zbus::{fdo, interface};

use super::convert::{dbus_error, microseconds, seconds};
use super::metadata::{self, Metadata};
use crate::app::PlayerHandle;

pub(super) struct Player {
    handle: PlayerHandle,
}

impl Player {
    pub(super) fn new(handle: PlayerHandle) -> Self {
        Player { handle }
    }

    async fn dispatch(&self, command: Command) -> fdo::Result<()> {
        self.handle.dispatch(command, None).await.map(drop).map_err(dbus_error)
    }

    fn player(&self) -> PlayerState {
        self.handle.snapshot().view().player.clone()
    }
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    async fn play(&self) -> fdo::Result<()> {
        self.dispatch(Command::Play {}).await
    }

    async fn pause(&self) -> fdo::Result<()> {
        self.dispatch(Command::Pause {}).await
    }

    async fn play_pause(&self) -> fdo::Result<()> {
        self.dispatch(Command::Toggle {}).await
    }

    async fn stop(&self) -> fdo::Result<()> {
        self.dispatch(Command::Stop {}).await
    }

    async fn next(&self) -> fdo::Result<()> {
        self.dispatch(Command::Next {}).await
    }

    async fn previous(&self) -> fdo::Result<()> {
        self.dispatch(Command::Previous {}).await
    }

    /// Plays a file. Other URI schemes are not supported; see `SupportedUriSchemes`.
    async fn open_uri(&self, uri: &str) -> fdo::Result<()> {
        let unsupported = || fdo::Error::InvalidArgs(format!("only files can be opened: {uri}"));
        let path = Url::parse(uri).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(unsupported)?;
        let path = path.into_os_string().into_string().map_err(|_| unsupported())?;
        let tracks = TrackSelection::Files { paths: vec![path] };
        self.dispatch(Command::PlayTracks { tracks, start: None, start_track: None }).await
    }

    /// Seeks by `offset` microseconds. Past the end it skips to the next track.
    async fn seek(&self, offset: i64) -> fdo::Result<()> {
        let snapshot = self.handle.snapshot();
        let position_s = snapshot.position_s() + seconds(offset);
        let duration_s = snapshot.view().player.duration_s;
        if duration_s > 0.0 && position_s > duration_s {
            return self.dispatch(Command::Next {}).await;
        }
        self.dispatch(Command::Seek { position_s }).await
    }

    /// Ignores positions outside the track and tracks that are not current, as the specification requires.
    async fn set_position(&self, track: ObjectPath<'_>, position: i64) -> fdo::Result<()> {
        let PlayerState { entry, duration_s, .. } = self.player();
        let position_s = seconds(position);
        if entry.is_none() || metadata::entry_of(&track) != entry || !(0.0..=duration_s).contains(&position_s) {
            return Ok(());
        }
        self.dispatch(Command::Seek { position_s }).await
    }

    #[zbus(property)]
    fn playback_status(&self) -> &'static str {
        playback_status(&self.player())
    }

    #[zbus(property)]
    fn loop_status(&self) -> &'static str {
        loop_status(self.player().repeat)
    }

    #[zbus(property)]
    async fn set_loop_status(&self, status: &str) -> fdo::Result<()> {
        let modes = [Repeat::None, Repeat::One, Repeat::All];
        let mode = modes.into_iter().find(|&mode| loop_status(mode) == status);
        let mode = mode.ok_or_else(|| fdo::Error::InvalidArgs(format!("no loop status: {status}")))?;
        self.dispatch(Command::SetRepeat { mode }).await
    }

    #[zbus(property)]
    fn shuffle(&self) -> bool {
        self.player().shuffle
    }

    #[zbus(property)]
    async fn set_shuffle(&self, enabled: bool) -> fdo::Result<()> {
        self.dispatch(Command::SetShuffle { enabled }).await
    }

    #[zbus(property)]
    fn volume(&self) -> f64 {
        volume(&self.player())
    }

    #[zbus(property)]
    async fn set_volume(&self, volume: f64) -> fdo::Result<()> {
        if !volume.is_finite() {
            return Err(fdo::Error::InvalidArgs("the volume must be a finite number".to_owned()));
        }
        self.dispatch(Command::SetVolume { volume: (volume.clamp(0.0, 1.0) * 100.0).round() as u8 }).await
    }

    #[zbus(property)]
    async fn metadata(&self) -> Metadata {
        metadata::current_metadata(&self.handle, self.handle.snapshot().view()).await
    }

    /// Never in PropertiesChanged: clients extrapolate it, and `Seeked` corrects them.
    #[zbus(property(emits_changed_signal = "false"))]
    fn position(&self) -> i64 {
        microseconds(self.handle.snapshot().position_s())
    }

    #[zbus(property)]
    fn rate(&self) -> f64 {
        1.0
    }

    /// Only one speed is supported. The specification defines 0 as pause.
    #[zbus(property)]
    async fn set_rate(&self, rate: f64) -> fdo::Result<()> {
        if rate == 0.0 { self.dispatch(Command::Pause {}).await } else { Ok(()) }
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn minimum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn maximum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property)]
    fn can_go_next(&self) -> bool {
        self.player().entry.is_some()
    }

    #[zbus(property)]
    fn can_go_previous(&self) -> bool {
        self.player().entry.is_some()
    }

    #[zbus(property)]
    fn can_play(&self) -> bool {
        self.player().entry.is_some()
    }

    #[zbus(property)]
    fn can_pause(&self) -> bool {
        self.player().entry.is_some()
    }

    #[zbus(property)]
    fn can_seek(&self) -> bool {
        can_seek(&self.player())
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_control(&self) -> bool {
        true
    }

    #[zbus(signal)]
    pub(super) async fn seeked(emitter: &SignalEmitter<'_>, position: i64) -> zbus::Result<()>;
}

/// Returns the properties that emit changes, except the metadata.
pub(super) fn properties(view: &AppState) -> HashMap<&'static str, Value<'static>> {
    let player = &view.player;
    let has_track = player.entry.is_some();
    HashMap::from([
        ("PlaybackStatus", playback_status(player).into()),
        ("LoopStatus", loop_status(player.repeat).into()),
        ("Shuffle", player.shuffle.into()),
        ("Volume", volume(player).into()),
        ("CanGoNext", has_track.into()),
        ("CanGoPrevious", has_track.into()),
        ("CanPlay", has_track.into()),
        ("CanPause", has_track.into()),
        ("CanSeek", can_seek(player).into()),
    ])
}

/// Whether clients assume that the position advances.
pub(super) fn is_running(player: &PlayerState) -> bool {
    playback_status(player) == "Playing"
}

fn playback_status(player: &PlayerState) -> &'static str {
    match player.transport {
        PlaybackState::Playing | PlaybackState::Loading => "Playing",
        PlaybackState::Paused => "Paused",
        PlaybackState::Stopped | PlaybackState::Error => "Stopped",
    }
}

fn loop_status(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::None => "None",
        Repeat::One => "Track",
        Repeat::All => "Playlist",
    }
}

fn volume(player: &PlayerState) -> f64 {
    f64::from(player.volume) / 100.0
}

fn can_seek(player: &PlayerState) -> bool {
    player.duration_s > 0.0
        && matches!(player.transport, PlaybackState::Playing | PlaybackState::Paused | PlaybackState::Loading)
}
