//! The player's state in v1 form.

use std::path::PathBuf;
use std::sync::Arc;

use auralis_core::{
    ApiError, AppState, ErrorCode, LibraryState, ListQuery, PlaybackState, PlayerState as Player, Preset, QueueRow,
    Repeat, RootRow, RowItems, RowQuery, TrackId, TrackSummary,
};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{Mutex, watch};

use crate::app::{PlayerHandle, Snapshot};
use crate::surfaces::connection::{EncodedMessage, encode};
use crate::surfaces::http::client_access::ClientAccess;

/// How many queue entries around the current one are sent.
const MAX_ENTRIES: u32 = 200;

/// Builds v1 states, each once for all clients.
pub(in crate::surfaces::http) struct V1State {
    handle: PlayerHandle,
    /// By [`PathVisibility`].
    caches: [Mutex<CachedState>; 3],
    /// The directory of the last scan request; locked while a scan is being started.
    pub(super) last_scan_directory: Mutex<String>,
}

/// Which file paths a client may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::surfaces::http) enum PathVisibility {
    All,
    /// Only those in library folders.
    Library,
    Hidden,
}

impl From<ClientAccess> for PathVisibility {
    fn from(access: ClientAccess) -> Self {
        match access {
            ClientAccess::Full => PathVisibility::All,
            ClientAccess::V1Only => PathVisibility::Library,
            ClientAccess::Paired => PathVisibility::Hidden,
        }
    }
}

/// The last built state.
#[derive(Default)]
struct CachedState {
    entries: Option<Arc<QueueJson>>,
    cached: Option<(u64, CachedMessage)>,
}

/// An encoded `player_state` message, and the queue entries in it.
#[derive(Clone)]
pub(super) struct CachedMessage {
    pub(super) json: EncodedMessage,
    pub(super) entries: Arc<QueueJson>,
}

/// The queue entries around the current one, as JSON.
pub(super) struct QueueJson {
    of: QueueJsonKey,
    paths: Vec<String>,
    json: Box<RawValue>,
}

/// The cache key of [`QueueJson`].
#[derive(PartialEq)]
struct QueueJsonKey {
    queue: u64,
    library: u64,
    offset: u32,
    enhanced: bool,
}

impl QueueJson {
    /// Whether the JSON is equal, even if the library has changed.
    pub(super) fn is_same_as(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || self.json.get() == other.json.get()
    }
}

#[derive(Serialize)]
pub(super) struct Track {
    id: TrackId,
    title: String,
    artist: String,
    album: String,
    duration: f64,
    file_path: String,
    album_art: Option<String>,
    is_enhanced: bool,
}

#[derive(Serialize)]
struct PlayerState<'a> {
    state: PlaybackState,
    is_playing: bool,
    is_paused: bool,
    current_track: Option<Track>,
    current_time: f64,
    duration: f64,
    volume: u8,
    is_muted: bool,
    #[serde(flatten)]
    queue: Queue<'a>,
    shuffle_enabled: bool,
    repeat_mode: Repeat,
    mastering_enabled: bool,
    current_preset: Preset,
}

#[derive(Serialize)]
struct Queue<'a> {
    queue: &'a RawValue,
    queue_index: u32,
    queue_size: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_offset: Option<u32>,
}

#[derive(Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
enum Message<'a> {
    PlayerState(PlayerState<'a>),
}

impl V1State {
    pub(in crate::surfaces::http) fn new(handle: PlayerHandle) -> Self {
        V1State { handle, caches: Default::default(), last_scan_directory: Mutex::default() }
    }

    pub(super) fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.handle.watch()
    }

    /// Returns the current state, as JSON.
    pub(super) async fn state(&self, visibility: PathVisibility) -> Result<EncodedMessage, ApiError> {
        let (snapshot, entries) = self.entries_now(visibility).await?;
        Ok(encode(&player_state(&snapshot, &entries)))
    }

    /// Returns the current queue, as JSON.
    pub(super) async fn queue(&self, visibility: PathVisibility) -> Result<EncodedMessage, ApiError> {
        let (snapshot, entries) = self.entries_now(visibility).await?;
        Ok(encode(&queue(snapshot.view(), &entries)))
    }

    /// Returns the message for a snapshot; `None` if the queue has changed since, because then a newer snapshot exists.
    pub(super) async fn message(
        &self,
        snapshot: &Snapshot,
        visibility: PathVisibility,
    ) -> Result<Option<CachedMessage>, ApiError> {
        let mut kept = self.cache(visibility).lock().await;
        match &kept.cached {
            Some((rev, cached)) if *rev == snapshot.rev() => return Ok(Some(cached.clone())),
            _ => {}
        }
        let Some(entries) = self.entries(&mut kept, snapshot, visibility).await? else { return Ok(None) };
        let cached = CachedMessage { json: encode(&Message::PlayerState(player_state(snapshot, &entries))), entries };
        kept.cached = Some((snapshot.rev(), cached.clone()));
        Ok(Some(cached))
    }

    async fn entries_now(&self, visibility: PathVisibility) -> Result<(Arc<Snapshot>, Arc<QueueJson>), ApiError> {
        let mut snapshots = self.handle.watch();
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            if let Some(entries) =
                self.entries(&mut *self.cache(visibility).lock().await, &snapshot, visibility).await?
            {
                return Ok((snapshot, entries));
            }
            let stopping = |_| ApiError::new(ErrorCode::NotPossible, "Auralis is closing.");
            snapshots.changed().await.map_err(stopping)?;
        }
    }

    fn cache(&self, paths: PathVisibility) -> &Mutex<CachedState> {
        &self.caches[paths as usize]
    }

    async fn entries(
        &self,
        kept: &mut CachedState,
        snapshot: &Snapshot,
        visibility: PathVisibility,
    ) -> Result<Option<Arc<QueueJson>>, ApiError> {
        let AppState { queue, library: LibraryState { revision: library, .. }, .. } = snapshot.view();
        let around = queue.current.unwrap_or(0).saturating_sub(MAX_ENTRIES / 2);
        let offset = around.min(queue.length.saturating_sub(MAX_ENTRIES));
        let of = QueueJsonKey { queue: queue.revision, library: *library, offset, enhanced: enhanced(snapshot.view()) };
        if let Some(entries) = kept.entries.as_ref().filter(|entries| entries.of == of) {
            return Ok(Some(entries.clone()));
        }
        let rows = self.handle.query(&RowQuery { list: ListQuery::Queue {}, offset, limit: MAX_ENTRIES }).await?;
        let RowItems::Queue(items) = rows.items else { return Ok(None) };
        if rows.revision != queue.revision {
            return Ok(None);
        }
        let tracks: Vec<Option<TrackSummary>> =
            items.into_iter().map(|QueueRow { track, .. }| track.map(|row| row.track)).collect();
        let paths = self.paths(&tracks, visibility).await?;
        let tracks = tracks.into_iter().zip(&paths);
        let tracks: Vec<Track> = tracks.map(|(track, path)| v1_track(track, path.clone(), of.enhanced)).collect();
        let failed = |error: serde_json::Error| ApiError::new(ErrorCode::Failed, error.to_string());
        let json = serde_json::value::to_raw_value(&tracks).map_err(failed)?;
        let entries = Arc::new(QueueJson { of, paths, json });
        kept.entries = Some(entries.clone());
        Ok(Some(entries))
    }

    async fn paths(
        &self,
        tracks: &[Option<TrackSummary>],
        visibility: PathVisibility,
    ) -> Result<Vec<String>, ApiError> {
        if visibility == PathVisibility::Hidden {
            return Ok(vec![String::new(); tracks.len()]);
        }
        let roots = match visibility {
            PathVisibility::Library => Some(self.library_folders().await?),
            _ => None,
        };
        let is_visible =
            |path: &PathBuf| roots.as_ref().is_none_or(|roots| roots.iter().any(|root| path.starts_with(&root.path)));
        let ids: Vec<_> = tracks.iter().map(|track| track.as_ref().map_or(NO_TRACK, |track| track.id)).collect();
        Ok(self.handle.paths(&ids).await?.into_iter().map(|path| shown(path.filter(is_visible))).collect())
    }

    async fn library_folders(&self) -> Result<Vec<RootRow>, ApiError> {
        let roots = RowQuery { list: ListQuery::Roots {}, offset: 0, limit: RowQuery::MAX_ROWS };
        match self.handle.query(&roots).await?.items {
            RowItems::Roots(roots) => Ok(roots),
            _ => Ok(Vec::new()),
        }
    }

    /// Converts tracks to v1 form.
    pub(super) async fn tracks(
        &self,
        rows: Vec<TrackSummary>,
        visibility: PathVisibility,
    ) -> Result<Vec<Track>, ApiError> {
        let tracks: Vec<_> = rows.into_iter().map(Some).collect();
        let paths = self.paths(&tracks, visibility).await?;
        let enhanced = enhanced(self.handle.snapshot().view());
        Ok(tracks.into_iter().zip(paths).map(|(track, path)| v1_track(track, path, enhanced)).collect())
    }
}

/// The id of a track that is no longer in the library.
const NO_TRACK: TrackId = TrackId(0);

fn shown(path: Option<PathBuf>) -> String {
    path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

fn player_state<'a>(snapshot: &Snapshot, entries: &'a QueueJson) -> PlayerState<'a> {
    let view = snapshot.view();
    let Player { transport, track, duration_s, volume, muted, shuffle, repeat, .. } = view.player.clone();
    let current = track.map(|track| {
        let index = view.queue.current.and_then(|current| current.checked_sub(entries.of.offset));
        let path = index.and_then(|index| entries.paths.get(index as usize)).cloned().unwrap_or_default();
        Track { duration: duration_s, ..v1_track(Some(track), path, entries.of.enhanced) }
    });
    PlayerState {
        state: transport,
        is_playing: transport == PlaybackState::Playing,
        is_paused: transport == PlaybackState::Paused,
        current_track: current,
        current_time: snapshot.position_s(),
        duration: duration_s,
        volume,
        is_muted: muted,
        queue: queue(view, entries),
        shuffle_enabled: shuffle,
        repeat_mode: repeat,
        mastering_enabled: enhanced(view),
        current_preset: view.mastering.settings.preset,
    }
}

fn queue<'a>(view: &AppState, entries: &'a QueueJson) -> Queue<'a> {
    Queue {
        queue: &entries.json,
        queue_index: view.queue.current.unwrap_or(0),
        queue_size: view.queue.length,
        queue_offset: (view.queue.length > MAX_ENTRIES).then_some(entries.of.offset),
    }
}

/// Whether mastering is on.
fn enhanced(view: &AppState) -> bool {
    view.mastering.settings.enabled
}

fn v1_track(track: Option<TrackSummary>, file_path: String, is_enhanced: bool) -> Track {
    let Some(track) = track else {
        let (title, artist, album) = Default::default();
        return Track { id: NO_TRACK, title, artist, album, duration: 0.0, file_path, album_art: None, is_enhanced };
    };
    Track {
        id: track.id,
        title: track.title,
        artist: track.artist,
        album: track.album,
        duration: track.duration_s,
        file_path,
        album_art: track.cover.map(|hash| format!("/api/artwork/{hash}")),
        is_enhanced,
    }
}
