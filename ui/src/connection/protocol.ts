// Generated from src-tauri/crates/core by its test `bindings`. Do not edit.

export type TrackId = number;
export type AlbumId = number;
export type ArtistId = number;
export type RootId = number;
export type GenreId = number;
export type ComposerId = number;
export type FolderId = number;
export type PlaylistId = number;
export type PlaylistEntryId = number;
export type ListenId = number;
export type EntryId = number;
export type TrackSummary = { 
/**
 * The track's id.
 */
id: TrackId, 
/**
 * The title, or the file name if there is none.
 */
title: string, 
/**
 * The artist credit; empty if unknown.
 */
artist: string, 
/**
 * The album title; empty if unknown.
 */
album: string, 
/**
 * The album, if the track belongs to one.
 */
album_id: AlbumId | null, 
/**
 * The first artist, if there is one.
 */
artist_id: ArtistId | null, 
/**
 * Length in seconds.
 */
duration_s: number, 
/**
 * Content hash of the cover. Clients load the picture by its URL.
 */
cover: string | null, 
/**
 * Whether the user marked it as a favourite.
 */
favourite: boolean, 
/**
 * The user's rating, 0 to [`TrackSummary::MAX_RATING`].
 */
rating: number | null, };
export type TrackRow = { 
/**
 * Position on its disc.
 */
track_number: number | null, 
/**
 * Disc of the album.
 */
disc_number: number | null, 
/**
 * Year of this release.
 */
year: number | null, 
/**
 * Year of the first release, if this is a later one.
 */
original_year: number | null, 
/**
 * The genres, joined for display; empty if unknown.
 */
genre: string, 
/**
 * The composers, joined for display; empty if unknown.
 */
composer: string, 
/**
 * Beats per minute.
 */
bpm: number | null, 
/**
 * When it was added to the library (Unix seconds).
 */
added_s: number, 
/**
 * The codec, such as `FLAC`.
 */
codec: string, 
/**
 * Number of plays; a play is half of the track or four minutes.
 */
plays: number, 
/**
 * When it was last played (Unix seconds).
 */
played_s: number | null, 
/**
 * Whether its file can be reached. Rows that cannot are greyed out.
 */
available: boolean, 
/**
 * The track's id.
 */
id: TrackId, 
/**
 * The title, or the file name if there is none.
 */
title: string, 
/**
 * The artist credit; empty if unknown.
 */
artist: string, 
/**
 * The album title; empty if unknown.
 */
album: string, 
/**
 * The album, if the track belongs to one.
 */
album_id: AlbumId | null, 
/**
 * The first artist, if there is one.
 */
artist_id: ArtistId | null, 
/**
 * Length in seconds.
 */
duration_s: number, 
/**
 * Content hash of the cover. Clients load the picture by its URL.
 */
cover: string | null, 
/**
 * Whether the user marked it as a favourite.
 */
favourite: boolean, 
/**
 * The user's rating, 0 to [`TrackSummary::MAX_RATING`].
 */
rating: number | null, };
export type TrackDetails = { 
/**
 * The file; empty for clients on another machine.
 */
path: string, 
/**
 * File size in bytes.
 */
size_bytes: number, 
/**
 * Bit rate in kbit/s.
 */
bitrate_kbps: number | null, 
/**
 * Sample rate in Hz.
 */
rate_hz: number | null, 
/**
 * Bits per sample, if the format has a bit depth.
 */
bit_depth: number | null, 
/**
 * Number of channels.
 */
channels: number | null, 
/**
 * The individual artists of the credit.
 */
artists: Array<string>, 
/**
 * The album artist credit.
 */
album_artist: string, 
/**
 * Whether the album is a compilation of several artists.
 */
compilation: boolean, 
/**
 * Number of tracks on its disc.
 */
track_total: number | null, 
/**
 * Number of discs of the album.
 */
disc_total: number | null, 
/**
 * Day, month or year of this release, as tagged.
 */
date: string, 
/**
 * Day, month or year of the first release, as tagged.
 */
original_date: string, 
/**
 * All genres.
 */
genres: Array<string>, 
/**
 * All composers.
 */
composers: Array<string>, 
/**
 * The work that it is part of.
 */
work: string, 
/**
 * The movement of the work.
 */
movement: string, 
/**
 * International Standard Recording Code.
 */
isrc: string, 
/**
 * The comment tag.
 */
comment: string, 
/**
 * Loudness according to the tags.
 */
loudness: Loudness, 
/**
 * MusicBrainz ids.
 */
musicbrainz: MusicBrainzIds, };
export type MusicBrainzIds = { 
/**
 * The recording.
 */
recording: string, 
/**
 * The recording's track on this release.
 */
track: string, 
/**
 * The release: this edition of the album.
 */
release: string, 
/**
 * The release group: the album in all its editions.
 */
release_group: string, 
/**
 * The track's artists, in the order of the credit.
 */
artists: Array<string>, 
/**
 * The album's artists.
 */
album_artists: Array<string>, };
export type Loudness = { 
/**
 * Gain in dB that brings the track to −18 LUFS.
 */
track_gain_db: number | null, 
/**
 * The track's peak; 1.0 is full scale.
 */
track_peak: number | null, 
/**
 * Gain in dB that brings the album to −18 LUFS.
 */
album_gain_db: number | null, 
/**
 * The album's peak.
 */
album_peak: number | null, };
export type LyricLine = { 
/**
 * Start time in seconds into the track; `None` if the lyrics have no times.
 */
at_s: number | null, 
/**
 * The text; may be empty.
 */
text: string, };
export type QueueRow = { 
/**
 * The entry's id, used in every edit.
 */
entry: EntryId, 
/**
 * Whether it is in "Up next": added by the user, not by an album or list that was started.
 */
queued: boolean, 
/**
 * The track; `None` if it is no longer in the library.
 */
track: TrackRow | null, };
export type AlbumRow = { 
/**
 * The album's id.
 */
id: AlbumId, 
/**
 * Its title.
 */
title: string, 
/**
 * The album artist.
 */
artist: string, 
/**
 * The album artist's id, if there is one.
 */
artist_id: ArtistId | null, 
/**
 * Year of release.
 */
year: number | null, 
/**
 * Number of tracks in the library.
 */
tracks: number, 
/**
 * Total length in seconds.
 */
duration_s: number, 
/**
 * Content hash of the cover.
 */
cover: string | null, };
export type ArtistRow = { 
/**
 * The artist's id.
 */
id: ArtistId, 
/**
 * The name.
 */
name: string, 
/**
 * Number of albums by the artist.
 */
albums: number, 
/**
 * Number of tracks that name the artist.
 */
tracks: number, 
/**
 * Content hash of the cover of one of the albums.
 */
cover: string | null, };
export type GenreRow = { 
/**
 * The genre's id.
 */
id: GenreId, 
/**
 * The name.
 */
name: string, 
/**
 * Number of tracks.
 */
tracks: number, };
export type ComposerRow = { 
/**
 * The composer's id.
 */
id: ComposerId, 
/**
 * The name.
 */
name: string, 
/**
 * Number of tracks.
 */
tracks: number, };
export type YearRow = { 
/**
 * The year of release.
 */
year: number, 
/**
 * Number of tracks.
 */
tracks: number, };
export type FolderRow = { 
/**
 * The folder's id.
 */
id: FolderId, 
/**
 * Its name, without the parent folders.
 */
name: string, 
/**
 * Number of direct subfolders that contain tracks at any depth.
 */
folders: number, 
/**
 * Number of tracks in it and its subfolders.
 */
tracks: number, };
export type PlaylistRow = { 
/**
 * The playlist's id.
 */
id: PlaylistId, 
/**
 * The name, which is unique.
 */
name: string, 
/**
 * Number of entries; `None` for a smart playlist, which is only counted when it is opened.
 */
tracks: number | null, 
/**
 * Total length in seconds; `None` as for `tracks`.
 */
duration_s: number | null, 
/**
 * The search, if it is a smart playlist. Its entries cannot be edited.
 */
smart: SmartPlaylist | null, };
export type PlaylistEntryRow = { 
/**
 * The entry's id, used in every edit; `None` in a smart playlist.
 */
entry: PlaylistEntryId | null, 
/**
 * The track; unavailable if its file is gone.
 */
track: TrackRow | null, };
export type SmartPlaylist = { 
/**
 * As typed; see [`crate::TrackFilter::search`]. Empty finds everything.
 */
search: string, 
/**
 * The sort key.
 */
sort: TrackSort, 
/**
 * Whether the order is reversed.
 */
descending: boolean, 
/**
 * Largest number of tracks, taken from the start of the order.
 */
limit: number | null, };
export type SearchResults = { 
/**
 * Artists by name.
 */
artists: Array<ArtistRow>, 
/**
 * Albums by title and artist.
 */
albums: Array<AlbumRow>, 
/**
 * Tracks.
 */
tracks: Array<TrackRow>, 
/**
 * Playlists by name.
 */
playlists: Array<PlaylistRow>, 
/**
 * The part of the search that could not be parsed, to be shown to the user.
 */
problem: string | null, };
export type PlaybackContext = { "from": "tracks" } | { "from": "queue" } | { "from": "library" } | { "from": "search" } | { "from": "favourites" } | { "from": "album", "id": AlbumId } | { "from": "artist", "id": ArtistId } | { "from": "genre", "id": GenreId } | { "from": "composer", "id": ComposerId } | { "from": "year", "id": number } | { "from": "folder", "id": FolderId } | { "from": "playlist", "id": PlaylistId };
export type ListenEndReason = "finished" | "skipped" | "stopped";
export type HistoryRow = { 
/**
 * The listen's id.
 */
id: ListenId, 
/**
 * When it started (Unix seconds).
 */
began_s: number, 
/**
 * Time listened in seconds.
 */
heard_s: number, 
/**
 * Why it ended.
 */
end: ListenEndReason, 
/**
 * Whether it counted as a play.
 */
play: boolean, 
/**
 * What playback was started from.
 */
context: PlaybackContext, 
/**
 * The title.
 */
title: string, 
/**
 * The artist credit.
 */
artist: string, 
/**
 * The album title.
 */
album: string, 
/**
 * The track as it is now; `None` if it is no longer in the library.
 */
track: TrackRow | null, };
export type Home = { 
/**
 * What playback was started from, latest first, each once.
 */
recent_contexts: Array<RecentContext>, 
/**
 * Albums by when their newest track was added, latest first.
 */
recently_added: Array<AlbumRow>, 
/**
 * Tracks by when they were last played, latest first.
 */
recently_played: Array<TrackRow>, 
/**
 * The tracks played most often in the last [`Home::TOP_DAYS`] days, most plays first.
 */
top_tracks: Array<TrackRow>, 
/**
 * Favourites and tracks of four stars or more that were not played for [`Home::FORGOTTEN_DAYS`] days. The selection
 * changes daily.
 */
forgotten_favourites: Array<TrackRow>, };
export type RecentContext = { 
/**
 * What it is.
 */
context: PlaybackContext, 
/**
 * Its name.
 */
name: string, 
/**
 * The artist of an album; empty otherwise.
 */
artist: string, 
/**
 * Content hashes of its covers: at most four of a playlist, at most one otherwise.
 */
covers: Array<string>, };
export type Statistics = { 
/**
 * Number of listens.
 */
listens: number, 
/**
 * Number of plays.
 */
plays: number, 
/**
 * Number of skipped listens.
 */
skips: number, 
/**
 * Time listened in seconds.
 */
heard_s: number, 
/**
 * Number of different tracks.
 */
tracks: number, 
/**
 * Number of different artists.
 */
artists: number, 
/**
 * Number of different albums.
 */
albums: number, 
/**
 * Seconds listened by weekday (Monday first) and hour: 7 × 24.
 */
week: Array<Array<number>>, 
/**
 * By month, oldest first, without months in which nothing was played.
 */
months: Array<MonthStatistics>, 
/**
 * The most played tracks.
 */
top_tracks: Array<TopItem>, 
/**
 * The most played artists.
 */
top_artists: Array<TopItem>, 
/**
 * The most played albums.
 */
top_albums: Array<TopItem>, 
/**
 * The most played genres.
 */
top_genres: Array<TopItem>, 
/**
 * Tracks that were played for the first time in this period, latest first.
 */
first_heard: Array<TopItem>, 
/**
 * Consecutive days with music, up to the last day of the period or the day before.
 */
streak_days: number, 
/**
 * Most consecutive days with music in the period.
 */
longest_streak_days: number, };
export type MonthStatistics = { 
/**
 * The year.
 */
year: number, 
/**
 * 1 to 12.
 */
month: number, 
/**
 * Time listened in seconds.
 */
heard_s: number, 
/**
 * Number of plays.
 */
plays: number, };
export type TopItem = { 
/**
 * Id of the track, artist, album or genre, if it is still in the library.
 */
id: number | null, 
/**
 * Its name.
 */
name: string, 
/**
 * The artist of a track or album; otherwise empty.
 */
artist: string, 
/**
 * Number of plays in the period.
 */
plays: number, 
/**
 * Time listened in seconds.
 */
heard_s: number, 
/**
 * When it was played for the first time ever (Unix seconds).
 */
first_heard_s: number, 
/**
 * Content hash of a cover.
 */
cover: string | null, };
export type RootRow = { 
/**
 * The folder's id.
 */
id: RootId, 
/**
 * Its path; empty for clients on another machine.
 */
path: string, 
/**
 * Number of tracks.
 */
tracks: number, 
/**
 * Whether it was reachable at the last check. An offline folder keeps its tracks.
 */
online: boolean, 
/**
 * Whether its disk or network share answers within 5 s. One that does not is tried again, and keeps its tracks.
 */
responding: boolean, };
export type ScanFailure = { 
/**
 * The file.
 */
path: string, 
/**
 * The reason, to be shown to the user.
 */
reason: string, };
export type DuplicateReason = "content" | "sound" | "tags";
export type Duplicate = { 
/**
 * Group number, from 0. Tracks of one group are duplicates of each other.
 */
group: number, 
/**
 * Why they are in one group.
 */
by: DuplicateReason, 
/**
 * One of the tracks.
 */
track: TrackRow, };
export type EditableTags = { 
/**
 * The title.
 */
title?: string, 
/**
 * The artists, in order.
 */
artists?: Array<string>, 
/**
 * The album's title.
 */
album?: string, 
/**
 * The album artist.
 */
album_artist?: string, 
/**
 * Position on its disc.
 */
track_number?: number, 
/**
 * Number of tracks on the disc.
 */
track_total?: number, 
/**
 * Disc of the album.
 */
disc_number?: number, 
/**
 * Number of discs of the album.
 */
disc_total?: number, 
/**
 * Day, month or year of this release: `1999`, `1999-12` or `1999-12-31`.
 */
date?: string, 
/**
 * Day, month or year of the first release.
 */
original_date?: string, 
/**
 * The genres.
 */
genres?: Array<string>, 
/**
 * The composers.
 */
composers?: Array<string>, 
/**
 * Whether the album is a compilation of several artists.
 */
compilation?: boolean, 
/**
 * The comment.
 */
comment?: string, 
/**
 * The lyrics, with or without times.
 */
lyrics?: string, };
export type TrackFilter = { 
/**
 * A search as typed by the user: words that occur in title, artist, album or genre (the last one may be incomplete),
 * and conditions such as `year:1990..1999`.
 */
search?: string, 
/**
 * On this album.
 */
album?: AlbumId, 
/**
 * By this artist, as track or album artist.
 */
artist?: ArtistId, 
/**
 * Of this genre.
 */
genre?: GenreId, 
/**
 * By this composer.
 */
composer?: ComposerId, 
/**
 * Released in this year.
 */
year?: number, 
/**
 * In this folder or its subfolders.
 */
folder?: FolderId, 
/**
 * Only favourites, or only the others.
 */
favourite?: boolean, 
/**
 * Only tracks that have been played, or only the others.
 */
played?: boolean, };
export type TrackSort = "title" | "artist" | "album" | "duration" | "year" | "added" | "rating" | "plays" | "played" | "favourited";
export type AlbumSort = "title" | "artist" | "year" | "added";
export type TrackList = { 
/**
 * Which tracks.
 */
filter: TrackFilter, 
/**
 * The sort key.
 */
sort: TrackSort, 
/**
 * Whether the order is reversed.
 */
descending: boolean, };
export type ListQuery = { "list": "queue", } | { "list": "tracks", 
/**
 * Filter and sort order.
 */
tracks: TrackList, } | { "list": "albums", 
/**
 * Words that occur in title or artist.
 */
search?: string, 
/**
 * By this album artist.
 */
artist?: ArtistId, 
/**
 * Only this album.
 */
album?: AlbumId, 
/**
 * With a track of this genre.
 */
genre?: GenreId, 
/**
 * Of this year.
 */
year?: number, 
/**
 * The sort key.
 */
sort: AlbumSort, 
/**
 * Whether the order is reversed.
 */
descending: boolean, } | { "list": "artists", 
/**
 * Words that occur in the name.
 */
search?: string, 
/**
 * Only this artist.
 */
artist?: ArtistId, 
/**
 * Only artists with an album.
 */
with_albums?: boolean, } | { "list": "genres", } | { "list": "composers", } | { "list": "years", } | { "list": "folders", 
/**
 * The parent folder; without it, the library folders.
 */
parent?: FolderId, } | { "list": "folder_path", 
/**
 * The folder.
 */
folder: FolderId, } | { "list": "search", 
/**
 * As typed; see [`TrackFilter::search`].
 */
search: string, } | { "list": "playlists", } | { "list": "playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, } | { "list": "history", 
/**
 * Only listens of this track.
 */
track?: TrackId, } | { "list": "statistics", 
/**
 * Start of the period (Unix seconds); without it, the first listen.
 */
from_s?: number, 
/**
 * End of the period (Unix seconds); without it, now.
 */
to_s?: number, } | { "list": "home", } | { "list": "roots", } | { "list": "scan_failures", } | { "list": "ignored", } | { "list": "duplicates", } | { "list": "tags", 
/**
 * The tracks, at most [`crate::TrackSelection::MAX_EDITED_TRACKS`].
 */
tracks: TrackSelection, } | { "list": "details", 
/**
 * The track.
 */
track: TrackId, } | { "list": "lyrics", 
/**
 * The track.
 */
track: TrackId, };
export type RowQuery = { 
/**
 * The list.
 */
of: ListQuery, 
/**
 * Index of the first row, from 0.
 */
offset: number, 
/**
 * Largest number of rows to return; at most [`RowQuery::MAX_ROWS`].
 */
limit: number, };
export type RowItems = { "kind": "queue", "items": Array<QueueRow> } | { "kind": "tracks", "items": Array<TrackRow> } | { "kind": "albums", "items": Array<AlbumRow> } | { "kind": "artists", "items": Array<ArtistRow> } | { "kind": "genres", "items": Array<GenreRow> } | { "kind": "composers", "items": Array<ComposerRow> } | { "kind": "years", "items": Array<YearRow> } | { "kind": "folders", "items": Array<FolderRow> } | { "kind": "found", "items": Array<SearchResults> } | { "kind": "playlists", "items": Array<PlaylistRow> } | { "kind": "playlist", "items": Array<PlaylistEntryRow> } | { "kind": "history", "items": Array<HistoryRow> } | { "kind": "statistics", "items": Array<Statistics> } | { "kind": "home", "items": Array<Home> } | { "kind": "roots", "items": Array<RootRow> } | { "kind": "failures", "items": Array<ScanFailure> } | { "kind": "ignored", "items": Array<string> } | { "kind": "duplicates", "items": Array<Duplicate> } | { "kind": "tags", "items": Array<EditableTags> } | { "kind": "details", "items": Array<TrackDetails> } | { "kind": "lyrics", "items": Array<LyricLine> };
export type RowPage = { 
/**
 * The revision of the list's source: the queue or the library.
 */
revision: number, 
/**
 * Number of rows in the whole list.
 */
total: number, 
/**
 * Index of the first row of the page.
 */
offset: number, } & ({ "kind": "queue", "items": Array<QueueRow> } | { "kind": "tracks", "items": Array<TrackRow> } | { "kind": "albums", "items": Array<AlbumRow> } | { "kind": "artists", "items": Array<ArtistRow> } | { "kind": "genres", "items": Array<GenreRow> } | { "kind": "composers", "items": Array<ComposerRow> } | { "kind": "years", "items": Array<YearRow> } | { "kind": "folders", "items": Array<FolderRow> } | { "kind": "found", "items": Array<SearchResults> } | { "kind": "playlists", "items": Array<PlaylistRow> } | { "kind": "playlist", "items": Array<PlaylistEntryRow> } | { "kind": "history", "items": Array<HistoryRow> } | { "kind": "statistics", "items": Array<Statistics> } | { "kind": "home", "items": Array<Home> } | { "kind": "roots", "items": Array<RootRow> } | { "kind": "failures", "items": Array<ScanFailure> } | { "kind": "ignored", "items": Array<string> } | { "kind": "duplicates", "items": Array<Duplicate> } | { "kind": "tags", "items": Array<EditableTags> } | { "kind": "details", "items": Array<TrackDetails> } | { "kind": "lyrics", "items": Array<LyricLine> });
export type ScanProgress = { 
/**
 * Audio files found so far.
 */
found: number, 
/**
 * Whether file discovery is finished, so that `found` is the total.
 */
counted: boolean, 
/**
 * Files processed: read, unchanged or failed.
 */
done: number, 
/**
 * New tracks.
 */
added: number, 
/**
 * Tracks whose file had changed.
 */
updated: number, 
/**
 * Files that could not be read. The list `scan_failures` names them.
 */
failed: number, 
/**
 * Files processed per second, averaged over the last few seconds.
 */
files_per_s: number, 
/**
 * Estimated remaining time in seconds, once `discovery_done` is set.
 */
left_s: number | null, };
export type ScanSummary = { 
/**
 * The last progress.
 */
progress: ScanProgress, 
/**
 * Duration in seconds.
 */
seconds: number, 
/**
 * Whether the user cancelled it.
 */
cancelled: boolean, };
export type Command = { "do": "play", } | { "do": "pause", } | { "do": "toggle", } | { "do": "stop", } | { "do": "next", } | { "do": "previous", } | { "do": "seek", 
/**
 * Seconds from the start of the track. Values below 0 count as 0; at or past the end, the track ends.
 */
position_s: number, } | { "do": "set_volume", 
/**
 * 0 to 100, perceptual.
 */
volume: number, } | { "do": "set_muted", 
/**
 * Whether playback is silent.
 */
muted: boolean, } | { "do": "set_mastering", 
/**
 * Whether mastering is on.
 */
enabled?: boolean, 
/**
 * The sound preset.
 */
preset?: Preset, 
/**
 * Strength, 0 to 1.
 */
intensity?: number, 
/**
 * Dynamic-range compression for night listening, 0 to 1.
 */
night?: number, } | { "do": "compare", 
/**
 * Whether the unprocessed signal is heard.
 */
on: boolean, } | { "do": "set_shuffle", 
/**
 * Whether the queue is shuffled.
 */
enabled: boolean, } | { "do": "set_repeat", 
/**
 * The new mode.
 */
mode: Repeat, } | { "do": "set_sleep_timer", 
/**
 * The new setting.
 */
timer: SleepTimer, } | { "do": "play_tracks", 
/**
 * The tracks to play.
 */
tracks: TrackSelection, 
/**
 * Index of the first track to play, from 0. Without it, the first one, or a random one while shuffled.
 */
start?: number, 
/**
 * The track that the user saw at `start`. If the list has changed, the occurrence nearest to `start` is played.
 */
start_track?: TrackId, } | { "do": "replace_queue", 
/**
 * The new content.
 */
tracks: TrackSelection, 
/**
 * Index of the first track to play, from 0.
 */
start: number, } | { "do": "enqueue", 
/**
 * The tracks to add.
 */
tracks: TrackSelection, 
/**
 * Where they are inserted.
 */
place: QueuePosition, 
/**
 * The entry to insert them before, instead of at `place`.
 */
before?: EntryId, } | { "do": "jump_to", 
/**
 * The entry.
 */
entry: EntryId, } | { "do": "remove_entries", 
/**
 * The entries to remove.
 */
entries: Array<EntryId>, } | { "do": "move_entries", 
/**
 * The entries to move.
 */
entries: Array<EntryId>, 
/**
 * The entry to insert them before; without it, they go to the end.
 */
before?: EntryId, } | { "do": "clear_queue", } | { "do": "undo", } | { "do": "redo", } | { "do": "add_root", 
/**
 * An absolute path.
 */
path: string, } | { "do": "remove_root", 
/**
 * The folder.
 */
root: RootId, } | { "do": "scan", } | { "do": "cancel_scan", } | { "do": "edit" } & UserDataEdit | { "do": "export" } & DataExport | { "do": "export_mastered" } & MasteredExport | { "do": "cancel_export", } | { "do": "edit_tags", 
/**
 * The tracks, at most [`TrackSelection::MAX_EDITED_TRACKS`].
 */
tracks: TrackSelection, 
/**
 * The new values.
 */
tags: EditableTags, } | { "do": "set_ignored", 
/**
 * All patterns: names such as `*.tmp` or `Podcasts`, or paths within a root such as `Ringtones/**`. At most 100,
 * each of at most 200 characters.
 */
patterns: Array<string>, } | { "do": "change_settings", 
/**
 * The new values.
 */
settings: SettingsPatch, } | { "do": "choose_output", 
/**
 * The output; without it, the system default, which may change at any time.
 */
output?: OutputId, } | { "do": "set_room" } & RoomChange | { "do": "dismiss_notice", 
/**
 * The notice's id.
 */
notice: number, };
export type UserDataEdit = { "edit": "create_playlist", 
/**
 * 1 to 200 characters.
 */
name: string, 
/**
 * Its first tracks.
 */
tracks?: TrackSelection, 
/**
 * Makes it a smart playlist, whose tracks are found by a search.
 */
smart?: SmartPlaylist, } | { "edit": "import_playlist", 
/**
 * An absolute path.
 */
path: string, } | { "edit": "rename_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * 1 to 200 characters.
 */
name: string, } | { "edit": "delete_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, } | { "edit": "change_smart_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * The new search.
 */
smart: SmartPlaylist, } | { "edit": "add_to_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * The tracks to add.
 */
tracks: TrackSelection, 
/**
 * The entry to insert them before; without it, they go to the end.
 */
before?: PlaylistEntryId, } | { "edit": "remove_from_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * The entries to remove.
 */
entries: Array<PlaylistEntryId>, } | { "edit": "move_in_playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * The entries to move.
 */
entries: Array<PlaylistEntryId>, 
/**
 * The entry to insert them before; without it, they go to the end.
 */
before?: PlaylistEntryId, } | { "edit": "set_favourite", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * Whether they are favourites.
 */
favourite: boolean, } | { "edit": "set_rating", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * 0 to 5; without it, the rating is removed.
 */
rating?: number, } | { "edit": "forget_listens", 
/**
 * The listens to delete.
 */
listens: Array<ListenId>, } | { "edit": "erase_history", 
/**
 * Start of the period (Unix seconds); without it, the first listen.
 */
from_s?: number, 
/**
 * End of the period (Unix seconds); without it, now.
 */
to_s?: number, };
export type DataExport = { "export": "playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, 
/**
 * An absolute path that ends in `.m3u8`, `.m3u`, `.pls` or `.xspf`.
 */
path: string, } | { "export": "history", 
/**
 * An absolute path that ends in `.csv` or `.json`.
 */
path: string, 
/**
 * Start of the period (Unix seconds); without it, the first listen.
 */
from_s?: number, 
/**
 * End of the period (Unix seconds); without it, now.
 */
to_s?: number, };
export type ExportProgress = { 
/**
 * Finished tracks.
 */
done: number, 
/**
 * Total number of tracks.
 */
total: number, 
/**
 * Completed fraction of the whole work, 0 to 1.
 */
part: number, };
export type TrackSelection = { "from": "ids", 
/**
 * At most [`TrackSelection::MAX_TRACK_IDS`].
 */
ids: Array<TrackId>, } | { "from": "list", 
/**
 * The list.
 */
list: TrackList, } | { "from": "files", 
/**
 * Absolute paths, at most [`TrackSelection::MAX_PATHS`].
 */
paths: Array<string>, } | { "from": "playlist", 
/**
 * The playlist.
 */
playlist: PlaylistId, };
export type QueuePosition = "next" | "queue" | "end";
export type Repeat = "none" | "one" | "all";
export type SleepTimer = { "end": "off", } | { "end": "end_of_track", } | { "end": "end_of_album", } | { "end": "minutes", 
/**
 * 1 to [`SleepTimer::MAX_MINUTES`].
 */
minutes: number, };
export type Theme = "system" | "light" | "dark";
export type Settings = { 
/**
 * The colour theme.
 */
theme: Theme, 
/**
 * The interface route that was open last. A new window opens there.
 */
view: string, 
/**
 * The open side panel.
 */
panel: Panel, 
/**
 * The language as a BCP 47 tag; empty for the system language.
 */
language: string, 
/**
 * Keyboard shortcuts that differ from the defaults, by action. An empty value removes the shortcut.
 */
shortcuts: { [key in string]: string }, 
/**
 * The chosen output, which may be unavailable; `None` for the system default. Changed by
 * [`crate::Command::ChooseOutput`].
 */
output: OutputId | null, 
/**
 * The loudness normalisation mode.
 */
loudness: NormalizationMode, 
/**
 * Gain in dB that is added to the normalisation gain, −15 to 15.
 */
pre_amp_db: number, 
/**
 * Crossfade between tracks in seconds, 0 to 12. Never used within an album.
 */
crossfade_s: number, 
/**
 * The remote server.
 */
remote: RemoteServerSettings, 
/**
 * The desktop integration.
 */
desktop: DesktopSettings, 
/**
 * Scrobbling.
 */
scrobbling: ScrobblingSettings, 
/**
 * The rooms.
 */
rooms: RoomsSettings, };
export type Panel = "none" | "queue" | "mastering" | "lyrics" | "rooms";
export type SettingsPatch = { 
/**
 * See [`Settings::theme`].
 */
theme?: Theme, 
/**
 * See [`Settings::last_route`]; at most 200 bytes.
 */
view?: string, 
/**
 * See [`Settings::open_panel`].
 */
panel?: Panel, 
/**
 * See [`Settings::language`]; at most 35 bytes.
 */
language?: string, 
/**
 * See [`Settings::shortcuts`]. Replaces all of them: at most 48, with actions of 24 bytes and keys of 32 bytes at
 * most.
 */
shortcuts?: { [key in string]: string }, 
/**
 * See [`Settings::normalization`].
 */
loudness?: NormalizationMode, 
/**
 * See [`Settings::pre_amp_db`].
 */
pre_amp_db?: number, 
/**
 * See [`Settings::crossfade_s`].
 */
crossfade_s?: number, 
/**
 * See [`Settings::remote`]. Replaces all of it. Local clients only.
 */
remote?: RemoteServerSettings, 
/**
 * See [`Settings::desktop`]. Replaces all of it. Local clients only.
 */
desktop?: DesktopSettings, 
/**
 * See [`Settings::scrobbling`]. Replaces all of it. Local clients only.
 */
scrobbling?: ScrobblingSettings, 
/**
 * See [`Settings::rooms`]. Replaces all of it. Local clients only.
 */
rooms?: RoomsSettings, };
export type DesktopSettings = { 
/**
 * Closing the last window keeps the player running in the tray, if there is one.
 */
close_to_tray: boolean, 
/**
 * Auralis starts without a window, if there is a tray.
 */
start_hidden: boolean, 
/**
 * A notification announces each new track while no window has the focus.
 */
notifications: boolean, 
/**
 * The computer does not suspend while music plays.
 */
stay_awake: boolean, 
/**
 * The user was told once that a closed player keeps running in the tray.
 */
tray_explained: boolean, };
export type DesktopState = { 
/**
 * The player runs with windows.
 */
windows: boolean, 
/**
 * There is a tray icon.
 */
tray: boolean, };
export type RemoteServerSettings = { 
/**
 * Whether the server runs.
 */
enabled: boolean, 
/**
 * TCP port, from 1.
 */
port: number, 
/**
 * Whether paired devices of the local network may connect; otherwise only this machine.
 */
lan: boolean, 
/**
 * Whether programs on this machine, of any user, may use the v1 API without the pairing secret. Also applies to a
 * headless player.
 */
allow_unpaired_local: boolean, };
export type RemoteServerState = { "state": "off" } | { "state": "open", 
/**
 * The address it is bound to, as `ADDR:PORT`.
 */
address: string, 
/**
 * The URL for browsers; with `allow_lan`, for those of other devices.
 */
url: string, 
/**
 * Whether other devices can connect.
 */
lan: boolean, 
/**
 * Number of connected sockets from other machines; updated at most once a second.
 */
clients: number, 
/**
 * Started by the command line. The settings do not change it.
 */
by_command_line: boolean, } | { "state": "failed", 
/**
 * The reason, which names the port, to be shown to the user.
 */
reason: string, };
export type MasteredExport = { 
/**
 * The tracks, at most [`TrackSelection::MAX_EDITED_TRACKS`]; for an album, in its order.
 */
tracks: TrackSelection, 
/**
 * An absolute path. The folder is created if needed; no file in it is replaced.
 */
folder: string, 
/**
 * The file format.
 */
format: RenderFormat, 
/**
 * Bits per sample, 16 or 24.
 */
bits: number, 
/**
 * Whether the tracks are mastered as one album, which keeps their relative loudness.
 */
album: boolean, };
export type RenderFormat = "flac" | "wav";
export type ScrobblingSettings = { 
/**
 * Whether plays from now on are sent.
 */
enabled: boolean, 
/**
 * URL of a server with the ListenBrainz API (<https://listenbrainz.readthedocs.io>).
 */
server: string, 
/**
 * The user token. Empty for clients on another machine.
 */
token: string, };
export type ScrobblingState = { 
/**
 * Number of plays that have not been sent yet.
 */
waiting: number, 
/**
 * Why sending fails, to be shown to the user; `None` if it works.
 */
problem: string | null, };
export type RoomsServerChoice = "off" | "own" | "existing";
export type RoomsSettings = { 
/**
 * Which server plays in the rooms.
 */
server: RoomsServerChoice, 
/**
 * Name or address of an existing server.
 */
host: string, 
/**
 * Its TCP port for control, from 1.
 */
control_port: number, 
/**
 * The TCP port of its source for our sound, from 1.
 */
audio_port: number, 
/**
 * Milliseconds from our sound to the rooms' sound, 100 to 2,000. An own server is started with it; of an existing one
 * it is the `buffer` of its configuration.
 */
buffer_ms: number, 
/**
 * Whether other devices of the network can be rooms of an own server; else only this machine.
 */
network: boolean, 
/**
 * Whether this computer is a room of an own server.
 */
this_computer: boolean, };
export type RoomsServerState = { "state": "off" } | { "state": "connecting" } | { "state": "connected", 
/**
 * Where rooms find it.
 */
host: string, 
/**
 * The TCP port at which players connect; an existing server does not tell.
 */
stream_port: number | null, 
/**
 * Its TCP port for control.
 */
control_port: number, 
/**
 * Its program's version.
 */
version: string, 
/**
 * The stream that we play, by its name; empty where the server has no source at the chosen port.
 */
stream: string, 
/**
 * Whether we started it.
 */
own: boolean, 
/**
 * Chosen by the command line, which the settings do not change.
 */
by_command_line: boolean, 
/**
 * What is not as it should be, in words for the listener; with none, nothing.
 */
problem: string | null, } | { "state": "failed", 
/**
 * In words for the listener.
 */
reason: string, };
export type Room = { 
/**
 * Names it.
 */
id: string, 
/**
 * What the listener calls it, else the name of its machine.
 */
name: string, 
/**
 * 0 to 100.
 */
volume: number, 
/**
 * Silent, whatever the volume.
 */
muted: boolean, 
/**
 * Milliseconds by which it plays earlier than others, because its loudspeaker is late (Bluetooth).
 */
latency_ms: number, 
/**
 * Names the group of rooms that play the same stream.
 */
group: string, 
/**
 * Name of the stream that its group plays.
 */
stream: string, 
/**
 * Whether it is connected now.
 */
connected: boolean, };
export type RoomChange = { 
/**
 * Which room.
 */
room: string, 
/**
 * See [`Room::name`]: at most 40 bytes; empty is the name of its machine.
 */
name?: string, 
/**
 * See [`Room::volume`].
 */
volume?: number, 
/**
 * See [`Room::muted`].
 */
muted?: boolean, 
/**
 * See [`Room::latency_ms`]; −2,000 to 2,000.
 */
latency_ms?: number, 
/**
 * The group to join; empty to leave the group that it is in.
 */
group?: string, 
/**
 * The stream that its group is to play.
 */
stream?: string, };
export type RoomsState = { 
/**
 * The server.
 */
server: RoomsServerState, 
/**
 * Connected rooms first, then those that were connected once; each in the order of their names. At most
 * [`RoomsState::MAX_ROOMS`].
 */
rooms: Array<Room>, 
/**
 * Names of the server's streams, of which each group of rooms plays one. At most [`RoomsState::MAX_STREAMS`].
 */
streams: Array<string>, };
export type PairingLink = { 
/**
 * The URL to open there. The secret is in its fragment, which browsers do not send.
 */
url: string, 
/**
 * The URL as a QR code (ISO/IEC 18004).
 */
qr: QrCode, };
export type QrCode = { 
/**
 * Number of modules per side.
 */
size: number, 
/**
 * The dark modules as SVG path data, one unit per module.
 */
path: string, };
export type PlaybackState = "stopped" | "playing" | "paused" | "loading" | "error";
export type PlayerState = { 
/**
 * What the player is doing.
 */
transport: PlaybackState, 
/**
 * The current queue entry.
 */
entry: EntryId | null, 
/**
 * The current track.
 */
track: TrackSummary | null, 
/**
 * Length of the current track in seconds, as measured by the engine; 0 without a track.
 */
duration_s: number, 
/**
 * Volume, 0 to 100.
 */
volume: number, 
/**
 * Whether playback is silent, whatever the volume.
 */
muted: boolean, 
/**
 * Whether the queue is shuffled.
 */
shuffle: boolean, 
/**
 * What happens at the end of a track or of the queue.
 */
repeat: Repeat, 
/**
 * When playback ends by itself, if the user set that.
 */
sleep: SleepTimer | null, };
export type PositionState = { 
/**
 * Seconds into the track.
 */
position_s: number, 
/**
 * Whether the position advances.
 */
running: boolean, };
export type QueueState = { 
/**
 * Increases with every edit. The rows are queried with [`crate::ListQuery::Queue`].
 */
revision: number, 
/**
 * Number of entries.
 */
length: number, 
/**
 * Index of the current entry.
 */
current: number | null, 
/**
 * The client that made the last edit.
 */
edited_by: ClientKind | null, 
/**
 * Number of edits that can be undone, of the queue and of the library: there is one history for all edits.
 */
undo: number, 
/**
 * The edit that the next undo takes back.
 */
undo_edit: EditSummary | null, 
/**
 * Number of edits that can be redone.
 */
redo: number, 
/**
 * The edit that the next redo makes again.
 */
redo_edit: EditSummary | null, 
/**
 * The last edit that was made, undone or redone, so that clients can announce it.
 */
last_edit: LastEdit | null, };
export type EditSummary = { 
/**
 * The kind of edit.
 */
kind: EditKind, 
/**
 * Number of queue entries, tracks, playlist entries or listens that were edited.
 */
entries: number, 
/**
 * The client that made it.
 */
by: ClientKind, 
/**
 * The playlist that was edited, at most [`EditSummary::MAX_NAME_BYTES`]; otherwise empty.
 */
name: string, };
export type EditKind = "play" | "insert" | "remove" | "move" | "clear" | "shuffle" | "unshuffle" | "create_playlist" | "rename_playlist" | "delete_playlist" | "change_smart_playlist" | "add_to_playlist" | "remove_from_playlist" | "move_in_playlist" | "add_favourites" | "remove_favourites" | "rate" | "erase_history" | "edit_tags";
export type LastEdit = { 
/**
 * Increases with each one, so that a client announces it once.
 */
id: number, 
/**
 * What was done.
 */
action: EditAction, 
/**
 * The edit.
 */
edit: EditSummary, };
export type EditAction = "made" | "undone" | "redone";
export type ClientKind = "window" | "mini_player" | "browser" | "remote" | "command_line" | "tray" | "mpris" | "desktop";
export type LibraryState = { 
/**
 * Increases whenever a list may look different.
 */
revision: number, 
/**
 * Number of tracks.
 */
tracks: number, 
/**
 * Number of albums.
 */
albums: number, 
/**
 * Number of artists.
 */
artists: number, 
/**
 * Number of library folders.
 */
roots: number, 
/**
 * The running scan.
 */
scan: ScanProgress | null, 
/**
 * The result of the last scan.
 */
last_scan: ScanSummary | null, };
export type OutputId = string;
export type OutputRow = { 
/**
 * Its id.
 */
id: OutputId, 
/**
 * Its name in the sound server.
 */
name: string, 
/**
 * Whether it is the system default.
 */
is_default: boolean, };
export type CurrentOutput = { "state": "closed" } | { "state": "open", 
/**
 * Its id. Differs from the chosen output while that is unavailable.
 */
id: OutputId, 
/**
 * Its name in the sound server.
 */
name: string, 
/**
 * Sample rate in Hz that it accepted.
 */
rate_hz: number, 
/**
 * Bits per sample that it keeps.
 */
bits: number, } | { "state": "lost", 
/**
 * The reason, to be shown to the user.
 */
reason: string, } | { "state": "missing", 
/**
 * The reason, to be shown to the user.
 */
reason: string, };
export type AvailableOutputs = { 
/**
 * At most [`AvailableOutputs::MAX_OUTPUTS`].
 */
available: Array<OutputRow>, };
export type NormalizationMode = "off" | "track" | "album" | "auto";
export type GainSource = "none" | "track" | "album";
export type SourceFormat = { 
/**
 * Display name of the codec.
 */
codec: string, 
/**
 * Whether the codec is lossless.
 */
lossless: boolean, 
/**
 * Sample rate in Hz.
 */
rate_hz: number, 
/**
 * Bits per sample, if the codec has a bit depth.
 */
bits: number | null, 
/**
 * Number of channels; more than two are downmixed to stereo.
 */
channels: number, };
export type SignalPath = { 
/**
 * The file's format.
 */
source: SourceFormat, 
/**
 * Normalisation gain in dB.
 */
gain_db: number, 
/**
 * Which loudness the gain is based on.
 */
gain_source: GainSource, 
/**
 * Whether the gain was reduced to avoid clipping.
 */
gain_limited: boolean, 
/**
 * Whether mastering is applied.
 */
mastering: boolean, 
/**
 * The sample rate it is resampled to, if the output's rate differs from the file's.
 */
resampled_hz: number | null, 
/**
 * Bits per sample it is dithered to, if the output keeps fewer bits than the signal has.
 */
dithered_bits: number | null, 
/**
 * Name of the output, once it is open.
 */
output: string | null, 
/**
 * Whether the output receives the file's samples unchanged. What the system does afterwards is unknown.
 */
bit_perfect: boolean, };
export type EngineDiagnostics = { 
/**
 * The open output.
 */
output: OutputDiagnostics | null, 
/**
 * Decoded audio that has not been played yet, in seconds.
 */
buffered_s: number, 
/**
 * CPU time of decoding and resampling per second of audio: 0.01 is 1 % of one core.
 */
decode_load: number, 
/**
 * Number of underruns since the start.
 */
underruns: number, 
/**
 * Frames of silence played because of them.
 */
underrun_frames: number, };
export type OutputDiagnostics = { 
/**
 * Its name in the sound server.
 */
name: string, 
/**
 * Sample rate in Hz that it accepted.
 */
rate_hz: number, 
/**
 * Output latency in seconds.
 */
latency_s: number, 
/**
 * Whether its thread has real-time priority.
 */
realtime: boolean, 
/**
 * Number of underruns that the output itself reported.
 */
underruns: number, };
export type Preset = "adaptive" | "gentle" | "warm" | "bright" | "punchy" | "live";
export type MasteringSettings = { 
/**
 * Whether mastering is on. Off is bit-identical to the source.
 */
enabled: boolean, 
/**
 * The sound preset.
 */
preset: Preset, 
/**
 * Strength, 0 to 1. At 0 the sound is bit-identical, unless `night` is above 0.
 */
intensity: number, 
/**
 * Dynamic-range compression for night listening, 0 to 1.
 */
night: number, };
export type MasteringState = { 
/**
 * The settings.
 */
settings: MasteringSettings, 
/**
 * Whether the level-matched bypass is on.
 */
comparing: boolean, 
/**
 * How the current track is processed.
 */
heard: ProcessingMode, 
/**
 * The processing steps of the current track and their reasons, in processing order. Empty while there are none.
 */
steps: Array<MasteringStep>, 
/**
 * Progress of the library analysis.
 */
analysis: AnalysisState, };
export type AnalysisState = { 
/**
 * Number of analysed tracks.
 */
analysed: number, 
/**
 * Number of tracks that can be analysed: all available ones, except those that could not be read.
 */
total: number, 
/**
 * Whether a track is being analysed.
 */
running: boolean, };
export type ProcessingMode = "plain" | "cautious" | "mastered" | "compared";
export type MasteringStep = { "step": "not_analysed", } | { "step": "left_alone", } | { "step": "loudness", 
/**
 * The gain.
 */
gain_db: number, 
/**
 * Integrated loudness before.
 */
from_lufs: number, 
/**
 * Target loudness of the preset.
 */
target_lufs: number, 
/**
 * Whether the album's loudness is used, which keeps the relative loudness of its tracks.
 */
album: boolean, 
/**
 * Why the gain does not reach the target, if it does not.
 */
held_by: GainLimit | null, } | { "step": "tone_fault", 
/**
 * What the recording sounds like.
 */
fault: ToneFault, 
/**
 * Corner frequency of the shelf.
 */
corner_hz: number, 
/**
 * Excess (or lack, if negative) beyond the corner, compared with recordings of its kind.
 */
deviation_db: number, 
/**
 * Gain of the correction beyond the corner.
 */
gain_db: number, 
/**
 * Probability that it is a fault, 0 to 1.
 */
certainty: number, } | { "step": "tone", 
/**
 * The range.
 */
range: ToneRange, 
/**
 * Average gain over the range.
 */
gain_db: number, 
/**
 * The track's level in the range, relative to typical recordings.
 */
excess_db: number, 
/**
 * Gain that the preset adds regardless of the track.
 */
taste_db: number, } | { "step": "dynamics", 
/**
 * Compression ratio above the threshold.
 */
ratio: number, 
/**
 * Loudness range of the track (EBU Tech 3342).
 */
range_lu: number, 
/**
 * Peak to loudness ratio of the track.
 */
plr_db: number, } | { "step": "night", 
/**
 * Compression ratio above the threshold.
 */
ratio: number, 
/**
 * Loudness range of the track (EBU Tech 3342).
 */
range_lu: number, } | { "step": "width", 
/**
 * Gain factor of the side signal; 1 is no change.
 */
factor: number, 
/**
 * Level of side relative to mid in the track.
 */
side_db: number, 
/**
 * Probability that the recording is narrower than it was made, if that is the reason.
 */
certainty: number | null, } | { "step": "limiter", 
/**
 * Maximum true peak.
 */
ceiling_dbtp: number, 
/**
 * Expected gain reduction at the highest peak; 0 if no peak reaches the ceiling.
 */
reduction_db: number, };
export type GainLimit = "peaks" | "bound" | "noise";
export type ToneFault = "dull" | "harsh" | "boomy" | "thin";
export type ToneRange = "bass" | "low_mids" | "mids" | "presence" | "treble";
export type AudioProfile = { 
/**
 * Analysed seconds.
 */
duration_s: number, 
/**
 * Integrated loudness (ITU-R BS.1770-5); −70 for silence.
 */
integrated_lufs: number, 
/**
 * Loudness range (EBU Tech 3342).
 */
range_lu: number, 
/**
 * Maximum momentary loudness (EBU Tech 3341).
 */
momentary_max_lufs: number, 
/**
 * Maximum short-term loudness (EBU Tech 3341).
 */
short_term_max_lufs: number, 
/**
 * True peak (ITU-R BS.1770-5, annex 2).
 */
true_peak_dbtp: number, 
/**
 * Sample peak.
 */
sample_peak_dbfs: number, 
/**
 * Sample peak over the RMS of the loud parts.
 */
crest_db: number, 
/**
 * Spectrum of mid: (left + right) / 2.
 */
mid_db: Array<number>, 
/**
 * Spectrum of side: (left − right) / 2.
 */
side_db: Array<number>, 
/**
 * Correlation of left and right in each band, −1 to 1; 1 for silence.
 */
correlation: Array<number>, 
/**
 * Spectral centroid.
 */
centroid_hz: number, 
/**
 * Onsets of notes and beats per second.
 */
onsets_per_s: number, 
/**
 * Level of the quietest parts that are not digital silence.
 */
noise_floor_dbfs: number, };
export type Waveform = { 
/**
 * Sample peak of each interval; 255 is full scale.
 */
peaks: Array<number>, 
/**
 * RMS of each interval; 255 is full scale.
 */
rms: Array<number>, };
export type Meters = { 
/**
 * Before mastering.
 */
before: SignalLevels, 
/**
 * After mastering, before the volume.
 */
after: SignalLevels, 
/**
 * Current gain reduction of the limiter, in dB, 0 or above.
 */
limiter_db: number, 
/**
 * Current gain reduction of the compressor bands, in dB, 0 or above: bass, low mids, high mids, treble.
 */
held_back_db: [number, number, number, number], 
/**
 * Correlation of left and right after mastering: 1 is mono, 0 unrelated, below 0 cancels in mono.
 */
correlation: number, };
export type SignalLevels = { 
/**
 * Momentary loudness: the last 0.4 s (EBU Tech 3341).
 */
momentary_lufs: number | null, 
/**
 * Short-term loudness: the last 3 s.
 */
short_term_lufs: number | null, 
/**
 * Integrated loudness since the start of the track, the last seek, or the moment the meters were first requested.
 */
integrated_lufs: number | null, 
/**
 * True peak of about the last second.
 */
true_peak_dbtp: number | null, 
/**
 * Current level of each third-octave band (see [`SPECTRUM_BANDS`]), in dBFS; −120 is silence.
 */
spectrum_db: Array<number>, };
export type DataRequest = { "ask": "meters", } | { "ask": "profile", 
/**
 * The track.
 */
track: TrackId, } | { "ask": "waveform", 
/**
 * The track.
 */
track: TrackId, };
export type DataReply = { "told": "meters", "data": Meters | null } | { "told": "profile", "data": AudioProfile | null } | { "told": "waveform", "data": Waveform | null };
export type Notice = { 
/**
 * Its id.
 */
id: number, 
/**
 * What happened. The interface has the texts.
 */
kind: NoticeKind, 
/**
 * What it happened to: a file name, a folder, a device.
 */
subject: string, 
/**
 * The reason, to be shown to the user.
 */
reason: string, };
export type NoticeKind = "track_skipped" | "folder_offline" | "output_lost" | "scan_failed" | "playlist_incomplete" | "set_aside" | "not_saved" | "exported" | "export_failed" | "rooms_failed" | "room_lost";
export type StateSection = { "type": "player", "data": PlayerState } | { "type": "position", "data": PositionState } | { "type": "queue", "data": QueueState } | { "type": "library", "data": LibraryState } | { "type": "output", "data": CurrentOutput } | { "type": "outputs", "data": AvailableOutputs } | { "type": "signal", "data": SignalPath | null } | { "type": "mastering", "data": MasteringState } | { "type": "export", "data": ExportProgress | null } | { "type": "settings", "data": Settings } | { "type": "remote", "data": RemoteServerState } | { "type": "desktop", "data": DesktopState } | { "type": "scrobbling", "data": ScrobblingState } | { "type": "rooms", "data": RoomsState } | { "type": "notices", "data": Array<Notice> };
export type AppState = { 
/**
 * The player.
 */
player: PlayerState, 
/**
 * The playback position.
 */
position: PositionState, 
/**
 * The queue.
 */
queue: QueueState, 
/**
 * The library.
 */
library: LibraryState, 
/**
 * The open output.
 */
output: CurrentOutput, 
/**
 * The available outputs.
 */
outputs: AvailableOutputs, 
/**
 * The processing of the current track; `None` while no file is open.
 */
signal: SignalPath | null, 
/**
 * Mastering.
 */
mastering: MasteringState, 
/**
 * The running export of mastered tracks.
 */
export: ExportProgress | null, 
/**
 * The settings.
 */
settings: Settings, 
/**
 * The remote server.
 */
remote: RemoteServerState, 
/**
 * The desktop integration.
 */
desktop: DesktopState, 
/**
 * Scrobbling.
 */
scrobbling: ScrobblingState, 
/**
 * The rooms.
 */
rooms: RoomsState, 
/**
 * The latest notices, oldest first.
 */
notices: Array<Notice>, };
export type StateUpdate = { 
/**
 * Changes when the player restarts. Clients then discard what they had.
 */
session: string, 
/**
 * One strictly increasing counter for the whole player. Clients ignore updates that are not newer than what they
 * have.
 */
rev: number, } & ({ "type": "player", "data": PlayerState } | { "type": "position", "data": PositionState } | { "type": "queue", "data": QueueState } | { "type": "library", "data": LibraryState } | { "type": "output", "data": CurrentOutput } | { "type": "outputs", "data": AvailableOutputs } | { "type": "signal", "data": SignalPath | null } | { "type": "mastering", "data": MasteringState } | { "type": "export", "data": ExportProgress | null } | { "type": "settings", "data": Settings } | { "type": "remote", "data": RemoteServerState } | { "type": "desktop", "data": DesktopState } | { "type": "scrobbling", "data": ScrobblingState } | { "type": "rooms", "data": RoomsState } | { "type": "notices", "data": Array<Notice> });
export type Capabilities = { 
/**
 * The client is on this machine. It may use local files and settings: library folders, tags, exports, paths and
 * pairing.
 */
this_machine: boolean, };
export type Hello = { 
/**
 * See [`StateUpdate::session`].
 */
session: string, 
/**
 * The newest revision that is included.
 */
rev: number, 
/**
 * Version of the program.
 */
version: string, 
/**
 * What this client may do.
 */
capabilities: Capabilities, 
/**
 * The complete state.
 */
view: AppState, };
export type Request = { "type": "command", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, 
/**
 * Run it only if neither player nor queue has changed since this revision.
 */
if_rev?: number, 
/**
 * The command.
 */
data: Command, } | { "type": "query", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, 
/**
 * The query.
 */
data: RowQuery, } | { "type": "diagnostics", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, } | { "type": "pair", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, 
/**
 * Whether to create a new secret, which disconnects every paired device.
 */
renew: boolean, } | { "type": "ask", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, 
/**
 * The data.
 */
data: DataRequest, } | { "type": "raise", 
/**
 * Chosen by the client and returned in the response.
 */
id: number, 
/**
 * XDG activation token of the caller, which allows the window to come to the front.
 */
token?: string, } | { "type": "ping", };
export type Response = { "type": "result", 
/**
 * The request's id.
 */
id: number, 
/**
 * The revision it caused, or the current one if it changed nothing.
 */
rev: number, } | { "type": "rows", 
/**
 * The request's id.
 */
id: number, 
/**
 * The page.
 */
data: RowPage, } | { "type": "diagnostics", 
/**
 * The request's id.
 */
id: number, 
/**
 * The current values.
 */
data: EngineDiagnostics, } | { "type": "pairing", 
/**
 * The request's id.
 */
id: number, 
/**
 * The link.
 */
data: PairingLink, } | { "type": "told", 
/**
 * The request's id.
 */
id: number, 
/**
 * The data.
 */
data: DataReply, } | { "type": "refused", 
/**
 * The request's id, if it could be read.
 */
id: number | null, 
/**
 * The error.
 */
error: ApiError, } | { "type": "pong", };
export type ApiError = { 
/**
 * For programs.
 */
code: ErrorCode, 
/**
 * For people.
 */
message: string, 
/**
 * The field with the wrong value.
 */
field?: string, };
export type ErrorCode = "malformed" | "out_of_range" | "not_found" | "not_possible" | "stale" | "failed" | "forbidden" | "unpaired";
