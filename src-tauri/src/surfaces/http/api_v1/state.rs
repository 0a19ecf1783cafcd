//! The player's state as the first contract has it.

use std::path::PathBuf;
use std::sync::Arc;

use auralis_core::{
    ApiError, AppState, ErrorCode, LibraryState, ListQuery, PlaybackState, PlayerState as Player, Preset, QueueRow,
    Repeat, RowItems, RowQuery, TrackId, TrackSummary,
};
use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::Feed;
use crate::app::{Handle, Snapshot};
use crate::surfaces::http::socket::encode;

/// How many entries around the current one are sent.
const MOST_ENTRIES: u32 = 200;

/// Builds states, each once for all clients.
pub(in crate::surfaces::http) struct Classic {
    handle: Handle,
    here: Mutex<Kept>,
    elsewhere: Mutex<Kept>,
    /// The folder whose scan was asked for last; held while another is asked for.
    pub(super) scanned: Mutex<String>,
}

/// What was built last.
#[derive(Default)]
struct Kept {
    entries: Option<Arc<Entries>>,
    told: Option<(u64, Told)>,
}

/// A message of the state, and the entries that it holds.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) json: Utf8Bytes,
    pub(super) entries: Arc<Entries>,
}

/// The entries around the current one, as JSON.
pub(super) struct Entries {
    of: EntriesOf,
    paths: Vec<String>,
    json: Box<RawValue>,
}

/// What [`Entries`] follow from.
#[derive(PartialEq)]
struct EntriesOf {
    queue: u64,
    library: u64,
    offset: u32,
    enhanced: bool,
}

impl Entries {
    /// Whether they read the same, whatever happened to the library meanwhile.
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

impl Classic {
    pub(in crate::surfaces::http) fn new(handle: Handle) -> Self {
        Classic { handle, here: Mutex::default(), elsewhere: Mutex::default(), scanned: Mutex::default() }
    }

    pub(in crate::surfaces::http) fn feed(self: &Arc<Self>, here: bool) -> Feed {
        Feed::new(self.clone(), self.handle.watch(), here)
    }

    /// The state now, as JSON.
    pub(super) async fn state(&self, here: bool) -> Result<Utf8Bytes, ApiError> {
        let (snapshot, entries) = self.entries_now(here).await?;
        Ok(encode(&player_state(&snapshot, &entries)))
    }

    /// The queue now, as JSON.
    pub(super) async fn queue(&self, here: bool) -> Result<Utf8Bytes, ApiError> {
        let (snapshot, entries) = self.entries_now(here).await?;
        Ok(encode(&queue(snapshot.view(), &entries)))
    }

    /// The message that tells a snapshot; nothing if the queue has moved on, because then there is a newer one.
    pub(super) async fn message(&self, snapshot: &Snapshot, here: bool) -> Result<Option<Told>, ApiError> {
        let mut kept = self.kept(here).lock().await;
        match &kept.told {
            Some((rev, told)) if *rev == snapshot.rev() => return Ok(Some(told.clone())),
            _ => {}
        }
        let Some(entries) = self.entries(&mut kept, snapshot, here).await? else { return Ok(None) };
        let told = Told { json: encode(&Message::PlayerState(player_state(snapshot, &entries))), entries };
        kept.told = Some((snapshot.rev(), told.clone()));
        Ok(Some(told))
    }

    async fn entries_now(&self, here: bool) -> Result<(Arc<Snapshot>, Arc<Entries>), ApiError> {
        let mut snapshots = self.handle.watch();
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            if let Some(entries) = self.entries(&mut *self.kept(here).lock().await, &snapshot, here).await? {
                return Ok((snapshot, entries));
            }
            let stopping = |_| ApiError::new(ErrorCode::NotPossible, "Auralis is closing.");
            snapshots.changed().await.map_err(stopping)?;
        }
    }

    fn kept(&self, here: bool) -> &Mutex<Kept> {
        if here { &self.here } else { &self.elsewhere }
    }

    async fn entries(
        &self,
        kept: &mut Kept,
        snapshot: &Snapshot,
        here: bool,
    ) -> Result<Option<Arc<Entries>>, ApiError> {
        let AppState { queue, library: LibraryState { revision: library, .. }, .. } = snapshot.view();
        let around = queue.current.unwrap_or(0).saturating_sub(MOST_ENTRIES / 2);
        let offset = around.min(queue.length.saturating_sub(MOST_ENTRIES));
        let of = EntriesOf { queue: queue.revision, library: *library, offset, enhanced: enhanced(snapshot.view()) };
        if let Some(entries) = kept.entries.as_ref().filter(|entries| entries.of == of) {
            return Ok(Some(entries.clone()));
        }
        let rows = self.handle.query(&RowQuery { list: ListQuery::Queue {}, offset, limit: MOST_ENTRIES }).await?;
        let RowItems::Queue(items) = rows.items else { return Ok(None) };
        if rows.revision != queue.revision {
            return Ok(None);
        }
        let tracks: Vec<Option<TrackSummary>> =
            items.into_iter().map(|QueueRow { track, .. }| track.map(|row| row.track)).collect();
        let paths = self.paths(&tracks, here).await?;
        let tracks = tracks.into_iter().zip(&paths);
        let tracks: Vec<Track> = tracks.map(|(track, path)| of_summary(track, path.clone(), of.enhanced)).collect();
        let failed = |error: serde_json::Error| ApiError::new(ErrorCode::Failed, error.to_string());
        let json = serde_json::value::to_raw_value(&tracks).map_err(failed)?;
        let entries = Arc::new(Entries { of, paths, json });
        kept.entries = Some(entries.clone());
        Ok(Some(entries))
    }

    async fn paths(&self, tracks: &[Option<TrackSummary>], here: bool) -> Result<Vec<String>, ApiError> {
        if !here {
            return Ok(vec![String::new(); tracks.len()]);
        }
        let ids: Vec<_> = tracks.iter().map(|track| track.as_ref().map_or(NO_TRACK, |track| track.id)).collect();
        Ok(self.handle.paths(&ids).await?.into_iter().map(shown).collect())
    }

    /// Rows of the library as tracks.
    pub(super) async fn tracks(&self, rows: Vec<TrackSummary>, here: bool) -> Result<Vec<Track>, ApiError> {
        let tracks: Vec<_> = rows.into_iter().map(Some).collect();
        let paths = self.paths(&tracks, here).await?;
        let enhanced = enhanced(self.handle.snapshot().view());
        Ok(tracks.into_iter().zip(paths).map(|(track, path)| of_summary(track, path, enhanced)).collect())
    }
}

/// Stands for a track that the library no longer knows.
const NO_TRACK: TrackId = TrackId(0);

fn shown(path: Option<PathBuf>) -> String {
    path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

fn player_state<'a>(snapshot: &Snapshot, entries: &'a Entries) -> PlayerState<'a> {
    let view = snapshot.view();
    let Player { transport, track, duration_s, volume, muted, shuffle, repeat, .. } = view.player.clone();
    let current = track.map(|track| {
        let index = view.queue.current.and_then(|current| current.checked_sub(entries.of.offset));
        let path = index.and_then(|index| entries.paths.get(index as usize)).cloned().unwrap_or_default();
        Track { duration: duration_s, ..of_summary(Some(track), path, entries.of.enhanced) }
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

fn queue<'a>(view: &AppState, entries: &'a Entries) -> Queue<'a> {
    Queue {
        queue: &entries.json,
        queue_index: view.queue.current.unwrap_or(0),
        queue_size: view.queue.length,
        queue_offset: (view.queue.length > MOST_ENTRIES).then_some(entries.of.offset),
    }
}

/// Whether mastering is on.
fn enhanced(view: &AppState) -> bool {
    view.mastering.settings.enabled
}

fn of_summary(track: Option<TrackSummary>, file_path: String, is_enhanced: bool) -> Track {
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
