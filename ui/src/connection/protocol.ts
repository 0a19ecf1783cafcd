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
 * The library's id.
 */
id: TrackId, 
/**
 * The title, or the file's name where there is none.
 */
title: string, 
/**
 * The artist's credit as printed, empty if unknown.
 */
artist: string, 
/**
 * The album's title, empty if unknown.
 */
album: string, 
/**
 * The album, where the track belongs to one.
 */
album_id: AlbumId | null, 
/**
 * The first of its artists, where it has one.
 */
artist_id: ArtistId | null, 
/**
 * Seconds.
 */
duration_s: number, 
/**
 * Content hash of its cover; the picture comes by URL.
 */
cover: string | null, 
/**
 * Whether it is a favourite of the listener's.
 */
favourite: boolean, 
/**
 * The listener's rating, 0 to [`TrackSummary::MOST_STARS`].
 */
rating: number | null, };
export type TrackRow = { 
/**
 * Position on its disc.
 */
track_number: number | null, 
/**
 * Which disc of the album.
 */
disc_number: number | null, 
/**
 * Year of release.
 */
year: number | null, 
/**
 * Year of the first release, where this is a later one.
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
 * When the library met it, in seconds since 1970.
 */
added_s: number, 
/**
 * What it is encoded as, such as `FLAC`.
 */
codec: string, 
/**
 * How often it was heard: half of it, or four minutes.
 */
plays: number, 
/**
 * When it was last heard, in seconds since 1970.
 */
played_s: number | null, 
/**
 * Whether its file can be reached; a row that cannot is greyed.
 */
available: boolean, 
/**
 * The library's id.
 */
id: TrackId, 
/**
 * The title, or the file's name where there is none.
 */
title: string, 
/**
 * The artist's credit as printed, empty if unknown.
 */
artist: string, 
/**
 * The album's title, empty if unknown.
 */
album: string, 
/**
 * The album, where the track belongs to one.
 */
album_id: AlbumId | null, 
/**
 * The first of its artists, where it has one.
 */
artist_id: ArtistId | null, 
/**
 * Seconds.
 */
duration_s: number, 
/**
 * Content hash of its cover; the picture comes by URL.
 */
cover: string | null, 
/**
 * Whether it is a favourite of the listener's.
 */
favourite: boolean, 
/**
 * The listener's rating, 0 to [`TrackSummary::MOST_STARS`].
 */
rating: number | null, };
export type TrackDetails = { 
/**
 * The file; empty for clients on another machine.
 */
path: string, 
/**
 * Size of the file in bytes.
 */
size_bytes: number, 
/**
 * Bits per second, in thousands.
 */
bitrate_kbps: number | null, 
/**
 * Frames per second.
 */
rate_hz: number | null, 
/**
 * Bits of a sample, where the format has such.
 */
bit_depth: number | null, 
/**
 * How many.
 */
channels: number | null, 
/**
 * Whom the artist's credit names.
 */
artists: Array<string>, 
/**
 * Whose album it is on, as printed.
 */
album_artist: string, 
/**
 * Whether the album is one of several artists.
 */
compilation: boolean, 
/**
 * How many tracks its disc has.
 */
track_total: number | null, 
/**
 * How many discs the album has.
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
 * All of them.
 */
genres: Array<string>, 
/**
 * All of them.
 */
composers: Array<string>, 
/**
 * The work that it is part of.
 */
work: string, 
/**
 * Which part of the work.
 */
movement: string, 
/**
 * International Standard Recording Code.
 */
isrc: string, 
/**
 * Whatever the tagger wanted to say.
 */
comment: string, 
/**
 * What the tags say about its level.
 */
loudness: Loudness, 
/**
 * Ids of MusicBrainz.
 */
musicbrainz: MusicBrainzIds, };
export type MusicBrainzIds = { 
/**
 * What was recorded.
 */
recording: string, 
/**
 * That recording on this release.
 */
track: string, 
/**
 * This edition of the album.
 */
release: string, 
/**
 * The album in all its editions.
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
 * dB that bring the track to −18 LUFS.
 */
track_gain_db: number | null, 
/**
 * Its highest amplitude; 1.0 is full scale.
 */
track_peak: number | null, 
/**
 * dB that bring its album to −18 LUFS.
 */
album_gain_db: number | null, 
/**
 * The album's highest amplitude.
 */
album_peak: number | null, };
export type LyricLine = { 
/**
 * When it is sung, in seconds into the track; `None` in lyrics without times.
 */
at_s: number | null, 
/**
 * The words, perhaps none.
 */
text: string, };
export type QueueRow = { 
/**
 * Names this place in the queue in every edit.
 */
entry: EntryId, 
/**
 * Put there by the listener (Play next, Add to queue), not by an album or list that was started.
 */
queued: boolean, 
/**
 * The track; `None` if the library no longer knows it.
 */
track: TrackRow | null, };
export type AlbumRow = { 
/**
 * The library's id.
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
 * The album artist, where there is one.
 */
artist_id: ArtistId | null, 
/**
 * Year of release.
 */
year: number | null, 
/**
 * How many tracks the library has of it.
 */
tracks: number, 
/**
 * Their length together, in seconds.
 */
duration_s: number, 
/**
 * Content hash of its cover.
 */
cover: string | null, };
export type ArtistRow = { 
/**
 * The library's id.
 */
id: ArtistId, 
/**
 * The name.
 */
name: string, 
/**
 * Albums that are theirs.
 */
albums: number, 
/**
 * Tracks that name them.
 */
tracks: number, 
/**
 * Content hash of the cover of one of their albums.
 */
cover: string | null, };
export type GenreRow = { 
/**
 * The library's id.
 */
id: GenreId, 
/**
 * The name.
 */
name: string, 
/**
 * Tracks that are of it.
 */
tracks: number, };
export type ComposerRow = { 
/**
 * The library's id.
 */
id: ComposerId, 
/**
 * The name.
 */
name: string, 
/**
 * Tracks that name them.
 */
tracks: number, };
export type YearRow = { 
/**
 * The year of release.
 */
year: number, 
/**
 * Tracks of that year.
 */
tracks: number, };
export type FolderRow = { 
/**
 * Names it.
 */
id: FolderId, 
/**
 * Its name without those above it.
 */
name: string, 
/**
 * Folders directly in it that hold tracks, or folders with tracks.
 */
folders: number, 
/**
 * Tracks in it and below.
 */
tracks: number, };
export type PlaylistRow = { 
/**
 * The library's id.
 */
id: PlaylistId, 
/**
 * The name; no two are the same.
 */
name: string, 
/**
 * How many entries it holds; of a smart one it is told when it is opened.
 */
tracks: number | null, 
/**
 * Their length together, in seconds; as `tracks`.
 */
duration_s: number | null, 
/**
 * What it finds, if it is a smart one. Such a one cannot be edited entry by entry.
 */
smart: SmartPlaylist | null, };
export type PlaylistEntryRow = { 
/**
 * Names this place in every edit; a smart playlist has none to edit.
 */
entry: PlaylistEntryId | null, 
/**
 * The track; one whose file is gone is not available.
 */
track: TrackRow | null, };
export type SmartPlaylist = { 
/**
 * As typed; see [`crate::TrackFilter::search`]. Empty finds everything.
 */
search: string, 
/**
 * In which order.
 */
sort: TrackSort, 
/**
 * From last to first.
 */
descending: boolean, 
/**
 * At most so many tracks, the first of the order.
 */
limit: number | null, };
export type SearchResults = { 
/**
 * Artists whose name it is.
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
 * What of the search was not understood, in words for the listener.
 */
problem: string | null, };
export type PlaybackContext = { "from": "tracks" } | { "from": "queue" } | { "from": "library" } | { "from": "search" } | { "from": "favourites" } | { "from": "album", "id": AlbumId } | { "from": "artist", "id": ArtistId } | { "from": "genre", "id": GenreId } | { "from": "composer", "id": ComposerId } | { "from": "year", "id": number } | { "from": "folder", "id": FolderId } | { "from": "playlist", "id": PlaylistId };
export type ListenEndReason = "finished" | "skipped" | "stopped";
export type HistoryRow = { 
/**
 * Names it.
 */
id: ListenId, 
/**
 * When it began, in seconds since 1970.
 */
began_s: number, 
/**
 * How much was heard, in seconds.
 */
heard_s: number, 
/**
 * How it ended.
 */
end: ListenEndReason, 
/**
 * Whether it counted as a play.
 */
play: boolean, 
/**
 * Where it came from.
 */
context: PlaybackContext, 
/**
 * The title.
 */
title: string, 
/**
 * The artist's credit.
 */
artist: string, 
/**
 * The album's title.
 */
album: string, 
/**
 * The track as it is now; `None` if the library no longer has it.
 */
track: TrackRow | null, };
export type Statistics = { 
/**
 * Listenings in all.
 */
listens: number, 
/**
 * Those that count as plays.
 */
plays: number, 
/**
 * Those that the listener skipped.
 */
skips: number, 
/**
 * Time listened, in seconds.
 */
heard_s: number, 
/**
 * Different tracks, artists and albums.
 */
tracks: number, 
/**
 * Different artists.
 */
artists: number, 
/**
 * Different albums.
 */
albums: number, 
/**
 * Seconds listened by weekday (Monday first) and hour: 7 × 24.
 */
week: Array<Array<number>>, 
/**
 * By month, oldest first, months without music left out.
 */
months: Array<MonthStatistics>, 
/**
 * The tracks that were played most.
 */
top_tracks: Array<TopItem>, 
/**
 * The artists.
 */
top_artists: Array<TopItem>, 
/**
 * The albums.
 */
top_albums: Array<TopItem>, 
/**
 * The genres.
 */
top_genres: Array<TopItem>, 
/**
 * Tracks that were heard for the first time in this period, the latest first.
 */
first_heard: Array<TopItem>, 
/**
 * Days with music, one after the other, up to the last day of the period or the one before.
 */
streak_days: number, 
/**
 * The longest such row of days in the period.
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
 * Time listened, in seconds.
 */
heard_s: number, 
/**
 * Plays.
 */
plays: number, };
export type TopItem = { 
/**
 * The library's id of the track, artist, album or genre, while it has it.
 */
id: number | null, 
/**
 * Its name.
 */
name: string, 
/**
 * The artist of a track or album, else empty.
 */
artist: string, 
/**
 * Plays in the period.
 */
plays: number, 
/**
 * Time listened, in seconds.
 */
heard_s: number, 
/**
 * When it was first heard at all, in seconds since 1970.
 */
first_heard_s: number, 
/**
 * Content hash of a cover.
 */
cover: string | null, };
export type RootRow = { 
/**
 * The library's id.
 */
id: RootId, 
/**
 * The folder; empty for clients on another machine.
 */
path: string, 
/**
 * How many tracks it holds.
 */
tracks: number, 
/**
 * Whether it was there when last looked for. An offline root keeps its tracks.
 */
online: boolean, };
export type ScanFailure = { 
/**
 * The file.
 */
path: string, 
/**
 * Why, in words for the listener.
 */
reason: string, };
export type DuplicateReason = "content" | "sound" | "tags";
export type Duplicate = { 
/**
 * Which tracks seem to be the same: those of one number, from 0.
 */
group: number, 
/**
 * Why.
 */
by: DuplicateReason, 
/**
 * One of them.
 */
track: TrackRow, };
export type EditableTags = { 
/**
 * The title.
 */
title?: string, 
/**
 * Whom the credit names, in order.
 */
artists?: Array<string>, 
/**
 * The album's title.
 */
album?: string, 
/**
 * Whose album it is.
 */
album_artist?: string, 
/**
 * Position on its disc.
 */
track_number?: number, 
/**
 * How many tracks the disc has.
 */
track_total?: number, 
/**
 * Which disc of the album.
 */
disc_number?: number, 
/**
 * How many discs the album has.
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
 * Whether the album is one of several artists.
 */
compilation?: boolean, 
/**
 * Whatever there is to say.
 */
comment?: string, 
/**
 * The words, with or without times.
 */
lyrics?: string, };
export type TrackFilter = { 
/**
 * A search as the listener types it: words that title, artist, album or genre must hold, of which the last may be
 * a beginning, and conditions such as `year:1990..1999`.
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
 * In this folder or below.
 */
folder?: FolderId, 
/**
 * Whether the listener's favourites, or the others.
 */
favourite?: boolean, 
/**
 * Whether ever heard, or never.
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
 * In which order.
 */
sort: TrackSort, 
/**
 * From last to first.
 */
descending: boolean, };
export type ListQuery = { "list": "queue", } | { "list": "tracks", 
/**
 * Which, in which order.
 */
tracks: TrackList, } | { "list": "albums", 
/**
 * Words that title or artist must hold.
 */
search?: string, 
/**
 * Of this album artist.
 */
artist?: ArtistId, 
/**
 * One album by its id.
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
 * In which order.
 */
sort: AlbumSort, 
/**
 * From last to first.
 */
descending: boolean, } | { "list": "artists", 
/**
 * Words that the name must hold.
 */
search?: string, 
/**
 * One artist by their id.
 */
artist?: ArtistId, 
/**
 * Only those who have an album.
 */
with_albums?: boolean, } | { "list": "genres", } | { "list": "composers", } | { "list": "years", } | { "list": "folders", 
/**
 * Which they lie in.
 */
parent?: FolderId, } | { "list": "folder_path", 
/**
 * Which.
 */
folder: FolderId, } | { "list": "search", 
/**
 * As typed; see [`TrackFilter::search`].
 */
search: string, } | { "list": "playlists", } | { "list": "playlist", 
/**
 * Which.
 */
playlist: PlaylistId, } | { "list": "history", 
/**
 * Only of this track.
 */
track?: TrackId, } | { "list": "statistics", 
/**
 * From here on, in seconds since 1970; without it, from the first listening on.
 */
from_s?: number, 
/**
 * Up to here; without it, up to now.
 */
to_s?: number, } | { "list": "roots", } | { "list": "scan_failures", } | { "list": "ignored", } | { "list": "duplicates", } | { "list": "tags", 
/**
 * Which, at most [`crate::TrackSelection::MOST_FILES`].
 */
tracks: TrackSelection, } | { "list": "details", 
/**
 * Which.
 */
track: TrackId, } | { "list": "lyrics", 
/**
 * Which.
 */
track: TrackId, };
export type RowQuery = { 
/**
 * The list.
 */
of: ListQuery, 
/**
 * The first row, from 0.
 */
offset: number, 
/**
 * At most so many rows; more than [`RowQuery::LIMIT`] is refused.
 */
limit: number, };
export type RowItems = { "kind": "queue", "items": Array<QueueRow> } | { "kind": "tracks", "items": Array<TrackRow> } | { "kind": "albums", "items": Array<AlbumRow> } | { "kind": "artists", "items": Array<ArtistRow> } | { "kind": "genres", "items": Array<GenreRow> } | { "kind": "composers", "items": Array<ComposerRow> } | { "kind": "years", "items": Array<YearRow> } | { "kind": "folders", "items": Array<FolderRow> } | { "kind": "found", "items": Array<SearchResults> } | { "kind": "playlists", "items": Array<PlaylistRow> } | { "kind": "playlist", "items": Array<PlaylistEntryRow> } | { "kind": "history", "items": Array<HistoryRow> } | { "kind": "statistics", "items": Array<Statistics> } | { "kind": "roots", "items": Array<RootRow> } | { "kind": "failures", "items": Array<ScanFailure> } | { "kind": "ignored", "items": Array<string> } | { "kind": "duplicates", "items": Array<Duplicate> } | { "kind": "tags", "items": Array<EditableTags> } | { "kind": "details", "items": Array<TrackDetails> } | { "kind": "lyrics", "items": Array<LyricLine> };
export type RowPage = { 
/**
 * The revision of what the list shows: the queue's, or the library's.
 */
revision: number, 
/**
 * How many rows the whole list has.
 */
total: number, 
/**
 * The first row that is here.
 */
offset: number, } & ({ "kind": "queue", "items": Array<QueueRow> } | { "kind": "tracks", "items": Array<TrackRow> } | { "kind": "albums", "items": Array<AlbumRow> } | { "kind": "artists", "items": Array<ArtistRow> } | { "kind": "genres", "items": Array<GenreRow> } | { "kind": "composers", "items": Array<ComposerRow> } | { "kind": "years", "items": Array<YearRow> } | { "kind": "folders", "items": Array<FolderRow> } | { "kind": "found", "items": Array<SearchResults> } | { "kind": "playlists", "items": Array<PlaylistRow> } | { "kind": "playlist", "items": Array<PlaylistEntryRow> } | { "kind": "history", "items": Array<HistoryRow> } | { "kind": "statistics", "items": Array<Statistics> } | { "kind": "roots", "items": Array<RootRow> } | { "kind": "failures", "items": Array<ScanFailure> } | { "kind": "ignored", "items": Array<string> } | { "kind": "duplicates", "items": Array<Duplicate> } | { "kind": "tags", "items": Array<EditableTags> } | { "kind": "details", "items": Array<TrackDetails> } | { "kind": "lyrics", "items": Array<LyricLine> });
export type ScanProgress = { 
/**
 * Audio files met so far.
 */
found: number, 
/**
 * Whether `found` is the whole: the walk is over, so it is a true denominator.
 */
counted: boolean, 
/**
 * Files dealt with: read, unchanged or failed.
 */
done: number, 
/**
 * Tracks that are new.
 */
added: number, 
/**
 * Tracks whose file had changed.
 */
updated: number, 
/**
 * Files that could not be read; the list `scan_failures` names them.
 */
failed: number, 
/**
 * Files dealt with in a second, on average of the last few.
 */
files_per_s: number, 
/**
 * Seconds until the end at that rate, once `counted`.
 */
left_s: number | null, };
export type ScanSummary = { 
/**
 * Its last progress.
 */
progress: ScanProgress, 
/**
 * How long it took, in seconds.
 */
seconds: number, 
/**
 * Stopped by the listener before the end.
 */
cancelled: boolean, };
export type Command = { "do": "play", } | { "do": "pause", } | { "do": "toggle", } | { "do": "stop", } | { "do": "next", } | { "do": "previous", } | { "do": "seek", 
/**
 * Seconds; below 0 is 0, at or past the end ends the track.
 */
position_s: number, } | { "do": "set_volume", 
/**
 * 0 to 100, on a perceptual taper.
 */
volume: number, } | { "do": "set_muted", 
/**
 * Whether silent.
 */
muted: boolean, } | { "do": "set_mastering", 
/**
 * Whether there is any.
 */
enabled?: boolean, 
/**
 * Which taste.
 */
preset?: Preset, 
/**
 * How much of it, 0 to 1.
 */
intensity?: number, 
/**
 * Night listening, 0 to 1.
 */
night?: number, } | { "do": "compare", 
/**
 * Whether the plain one.
 */
on: boolean, } | { "do": "set_shuffle", 
/**
 * Whether shuffled.
 */
enabled: boolean, } | { "do": "set_repeat", 
/**
 * Which.
 */
mode: Repeat, } | { "do": "play_tracks", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * Index of the one to start with, from 0. With none, the first, or a random one when shuffled.
 */
start?: number, 
/**
 * The track that the listener saw there. It is started wherever it stands by now: at `start`, or as near to it
 * as it can be found.
 */
start_track?: TrackId, } | { "do": "replace_queue", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * Index of the one to start with, from 0.
 */
start: number, } | { "do": "enqueue", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * Where.
 */
place: QueuePosition, } | { "do": "jump_to", 
/**
 * Which.
 */
entry: EntryId, } | { "do": "remove_entries", 
/**
 * Which.
 */
entries: Array<EntryId>, } | { "do": "move_entries", 
/**
 * Which.
 */
entries: Array<EntryId>, 
/**
 * In front of this one; with none, to the end.
 */
before?: EntryId, } | { "do": "clear_queue", } | { "do": "undo", } | { "do": "redo", } | { "do": "add_root", 
/**
 * An absolute path.
 */
path: string, } | { "do": "remove_root", 
/**
 * Which.
 */
root: RootId, } | { "do": "scan", } | { "do": "cancel_scan", } | { "do": "edit" } & UserDataEdit | { "do": "export" } & DataExport | { "do": "export_mastered" } & MasteredExport | { "do": "cancel_export", } | { "do": "edit_tags", 
/**
 * The tracks, at most [`TrackSelection::MOST_FILES`].
 */
tracks: TrackSelection, 
/**
 * The new values.
 */
tags: EditableTags, } | { "do": "undo_tags", } | { "do": "set_ignored", 
/**
 * All patterns: names such as `*.tmp` or `Podcasts`, paths within a root such as `Ringtones/**`. At most 100, of
 * at most 200 characters each.
 */
patterns: Array<string>, } | { "do": "change_settings", 
/**
 * New values.
 */
settings: SettingsPatch, } | { "do": "choose_output", 
/**
 * Which; with none, whatever the system's default is at each moment.
 */
output?: OutputId, } | { "do": "dismiss_notice", 
/**
 * Which.
 */
notice: number, };
export type UserDataEdit = { "edit": "create_playlist", 
/**
 * 1 to 200 characters.
 */
name: string, 
/**
 * What it is to hold.
 */
tracks?: TrackSelection, 
/**
 * Makes it a smart one, which holds what it finds.
 */
smart?: SmartPlaylist, } | { "edit": "import_playlist", 
/**
 * An absolute path.
 */
path: string, } | { "edit": "rename_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, 
/**
 * 1 to 200 characters.
 */
name: string, } | { "edit": "delete_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, } | { "edit": "change_smart_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, 
/**
 * What it finds.
 */
smart: SmartPlaylist, } | { "edit": "add_to_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * In front of this one; with none, at the end.
 */
before?: PlaylistEntryId, } | { "edit": "remove_from_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, 
/**
 * The entries.
 */
entries: Array<PlaylistEntryId>, } | { "edit": "move_in_playlist", 
/**
 * Which.
 */
playlist: PlaylistId, 
/**
 * The entries.
 */
entries: Array<PlaylistEntryId>, 
/**
 * In front of this one; with none, to the end.
 */
before?: PlaylistEntryId, } | { "edit": "set_favourite", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * Whether they are.
 */
favourite: boolean, } | { "edit": "set_rating", 
/**
 * The tracks.
 */
tracks: TrackSelection, 
/**
 * 0 to 5; none takes the rating away.
 */
rating?: number, } | { "edit": "forget_listens", 
/**
 * Which.
 */
listens: Array<ListenId>, } | { "edit": "erase_history", 
/**
 * From here on, in seconds since 1970; without it, from the first on.
 */
from_s?: number, 
/**
 * Up to here; without it, all the rest.
 */
to_s?: number, };
export type DataExport = { "export": "playlist", 
/**
 * Which.
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
 * From here on, in seconds since 1970; without it, from the first on.
 */
from_s?: number, 
/**
 * Up to here; without it, all the rest.
 */
to_s?: number, };
export type ExportProgress = { 
/**
 * Tracks that are written.
 */
done: number, 
/**
 * Tracks in all.
 */
total: number, 
/**
 * The share of all work that is done, 0 to 1.
 */
part: number, };
export type TrackSelection = { "from": "ids", 
/**
 * At most 100,000.
 */
ids: Array<TrackId>, } | { "from": "list", 
/**
 * Which.
 */
list: TrackList, } | { "from": "files", 
/**
 * Absolute paths, at most 10,000.
 */
paths: Array<string>, } | { "from": "playlist", 
/**
 * Which.
 */
playlist: PlaylistId, };
export type QueuePosition = "next" | "queue" | "end";
export type Repeat = "none" | "one" | "all";
export type Theme = "system" | "light" | "dark";
export type Settings = { 
/**
 * The colours.
 */
theme: Theme, 
/**
 * The view that was last open, as the interface's own route; a new window opens there.
 */
view: string, 
/**
 * The side panel that is open.
 */
panel: Panel, 
/**
 * The language, as BCP 47 writes it; empty is the system's.
 */
language: string, 
/**
 * The keys that are not the usual ones: what they do, and the keys. No keys take them away.
 */
shortcuts: { [key in string]: string }, 
/**
 * The output that was chosen, also while it is not there; with none, the system's default. Changed by
 * [`Command::ChooseOutput`].
 */
output: OutputId | null, 
/**
 * What is made equally loud.
 */
loudness: NormalizationMode, 
/**
 * dB on top of what the loudness asks for, −15 to 15.
 */
pre_amp_db: number, 
/**
 * Seconds for which one track fades into the next, 0 to 12. Never within an album.
 */
crossfade_s: number, 
/**
 * The remote door.
 */
remote: RemoteServerSettings, 
/**
 * Life on the desktop.
 */
desktop: DesktopSettings, 
/**
 * What is told of what was heard.
 */
scrobbling: ScrobblingSettings, };
export type Panel = "none" | "queue" | "mastering" | "lyrics";
export type SettingsPatch = { 
/**
 * See [`Settings::theme`].
 */
theme?: Theme, 
/**
 * See [`Settings::view`]; at most 200 bytes.
 */
view?: string, 
/**
 * See [`Settings::panel`].
 */
panel?: Panel, 
/**
 * See [`Settings::language`]; at most 35 bytes.
 */
language?: string, 
/**
 * See [`Settings::shortcuts`]; all of them, at most 48, of names of 24 bytes and keys of
 * 32 bytes at most.
 */
shortcuts?: { [key in string]: string }, 
/**
 * See [`Settings::loudness`].
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
 * See [`Settings::remote`]; all of it. Only for clients on this machine.
 */
remote?: RemoteServerSettings, 
/**
 * See [`Settings::desktop`]; all of it. Only for clients on this machine.
 */
desktop?: DesktopSettings, 
/**
 * See [`Settings::scrobbling`]; all of it. Only for clients on this machine.
 */
scrobbling?: ScrobblingSettings, };
export type DesktopSettings = { 
/**
 * Closing the last window leaves the player in the tray, if there is one.
 */
close_to_tray: boolean, 
/**
 * Starting opens no window, if there is a tray.
 */
start_hidden: boolean, 
/**
 * A notification tells of each new track while no window has the focus.
 */
notifications: boolean, 
/**
 * The machine does not suspend itself while music plays.
 */
stay_awake: boolean, 
/**
 * The listener was told once that a closed player goes on in the tray.
 */
tray_explained: boolean, };
export type DesktopState = { 
/**
 * The player runs with windows.
 */
windows: boolean, 
/**
 * It has an icon in a tray.
 */
tray: boolean, };
export type RemoteServerSettings = { 
/**
 * Whether it is open.
 */
enabled: boolean, 
/**
 * TCP port, from 1.
 */
port: number, 
/**
 * Whether other devices of the network may come, with a pairing; else only this machine.
 */
lan: boolean, };
export type RemoteServerState = { "state": "off" } | { "state": "open", 
/**
 * What it is bound to, as `ADDR:PORT`.
 */
address: string, 
/**
 * Where browsers find it: those of other devices if `lan`.
 */
url: string, 
/**
 * Whether other devices reach it.
 */
lan: boolean, 
/**
 * Clients on other machines that are connected by a socket; told at most once a second.
 */
clients: number, 
/**
 * Opened by the command line, which the settings do not change.
 */
by_command_line: boolean, } | { "state": "failed", 
/**
 * In words for the listener, naming the port.
 */
reason: string, };
export type MasteredExport = { 
/**
 * Which; of an album, in its order. At most [`TrackSelection::MOST_FILES`].
 */
tracks: TrackSelection, 
/**
 * An absolute path; made if it is not there. No file in it is replaced.
 */
folder: string, 
/**
 * What kind of files they become.
 */
format: RenderFormat, 
/**
 * Bits of a sample, 16 or 24.
 */
bits: number, 
/**
 * Whether they are one album: one decision for all, so that they keep their relations.
 */
album: boolean, };
export type RenderFormat = "flac" | "wav";
export type ScrobblingSettings = { 
/**
 * Whether plays from now on are told.
 */
enabled: boolean, 
/**
 * Where to: the address of a server that speaks as ListenBrainz does (<https://listenbrainz.readthedocs.io>).
 */
server: string, 
/**
 * What the server knows the listener by. Empty for clients on another machine.
 */
token: string, };
export type ScrobblingState = { 
/**
 * Plays that have not been told yet.
 */
waiting: number, 
/**
 * Why not, in words for the listener; with none, nothing is wrong.
 */
problem: string | null, };
export type PairingLink = { 
/**
 * The link to open there. What lets in stands behind its `#`, which browsers keep to themselves.
 */
url: string, 
/**
 * The same as QR code (ISO/IEC 18004).
 */
qr: QrCode, };
export type QrCode = { 
/**
 * Modules on a side.
 */
size: number, 
/**
 * The dark ones as path data of SVG, one unit a module.
 */
path: string, };
export type PlaybackState = "stopped" | "playing" | "paused" | "loading" | "error";
export type PlayerState = { 
/**
 * What it is doing.
 */
transport: PlaybackState, 
/**
 * The current entry of the queue.
 */
entry: EntryId | null, 
/**
 * Its track.
 */
track: TrackSummary | null, 
/**
 * Length of the current track in seconds, as the engine found it; 0 without a track.
 */
duration_s: number, 
/**
 * 0 to 100.
 */
volume: number, 
/**
 * Silent, whatever the volume.
 */
muted: boolean, 
/**
 * Whether the queue is shuffled.
 */
shuffle: boolean, 
/**
 * What happens at the end.
 */
repeat: Repeat, };
export type PositionState = { 
/**
 * Seconds into the track.
 */
position_s: number, 
/**
 * Whether it moves.
 */
running: boolean, };
export type QueueState = { 
/**
 * Rises with every edit; rows are asked for by [`crate::ListQuery::Queue`].
 */
revision: number, 
/**
 * Entries in all.
 */
length: number, 
/**
 * Index of the current entry.
 */
current: number | null, 
/**
 * Which hand changed it last.
 */
edited_by: ClientKind | null, 
/**
 * How many edits can be taken back.
 */
undo: number, 
/**
 * The one that would be taken back first.
 */
undo_edit: QueueEdit | null, 
/**
 * How many can be made again.
 */
redo: number, 
/**
 * The one that would be made again first.
 */
redo_edit: QueueEdit | null, };
export type QueueEdit = { 
/**
 * What was done.
 */
kind: QueueEditKind, 
/**
 * To how many entries.
 */
entries: number, 
/**
 * Which hand did it.
 */
by: ClientKind, };
export type QueueEditKind = "play" | "insert" | "remove" | "move" | "clear" | "shuffle" | "unshuffle";
export type ClientKind = "window" | "mini_player" | "browser" | "remote" | "command_line" | "tray" | "mpris" | "desktop";
export type LibraryState = { 
/**
 * Rises whenever a list may look different.
 */
revision: number, 
/**
 * Tracks in all.
 */
tracks: number, 
/**
 * Albums in all.
 */
albums: number, 
/**
 * Artists in all.
 */
artists: number, 
/**
 * Folders in all.
 */
roots: number, 
/**
 * The running scan.
 */
scan: ScanProgress | null, 
/**
 * Of how many tracks the last edit of tags can be taken back; 0 if there is nothing to take back.
 */
undo_tags: number, 
/**
 * How the last one ended.
 */
last_scan: ScanSummary | null, };
export type OutputId = string;
export type OutputRow = { 
/**
 * Names it.
 */
id: OutputId, 
/**
 * As the sound server calls it.
 */
name: string, 
/**
 * Whether the system would choose it.
 */
is_default: boolean, };
export type CurrentOutput = { "state": "closed" } | { "state": "open", 
/**
 * Names it; another than the chosen one while that is not there.
 */
id: OutputId, 
/**
 * As the sound server calls it.
 */
name: string, 
/**
 * Frames per second that it accepted.
 */
rate_hz: number, 
/**
 * Bits of a sample that it keeps.
 */
bits: number, } | { "state": "lost", 
/**
 * In words for the listener.
 */
reason: string, } | { "state": "missing", 
/**
 * In words for the listener.
 */
reason: string, };
export type AvailableOutputs = { 
/**
 * At most [`AvailableOutputs::MOST`].
 */
available: Array<OutputRow>, };
export type NormalizationMode = "off" | "track" | "album" | "auto";
export type GainSource = "none" | "track" | "album";
export type SourceFormat = { 
/**
 * The codec's name, as people write it.
 */
codec: string, 
/**
 * Whether it keeps every bit.
 */
lossless: boolean, 
/**
 * Frames per second.
 */
rate_hz: number, 
/**
 * Bits of a sample, where the codec has such a thing.
 */
bits: number | null, 
/**
 * Channels; more than two are folded down to two.
 */
channels: number, };
export type SignalPath = { 
/**
 * What is decoded.
 */
source: SourceFormat, 
/**
 * dB for equal loudness; 0 is none.
 */
gain_db: number, 
/**
 * Whose loudness that follows.
 */
gain_source: GainSource, 
/**
 * The gain is less than wished for, so that nothing clips.
 */
gain_limited: boolean, 
/**
 * Whether mastering acts on it.
 */
mastering: boolean, 
/**
 * The rate that it is converted to, where the output has another than the file.
 */
resampled_hz: number | null, 
/**
 * Bits of a sample that the output keeps, where they are fewer than there are by then: what is rounded away becomes
 * noise (dither).
 */
dithered_bits: number | null, 
/**
 * Where it goes, once that is open.
 */
output: string | null, 
/**
 * Every bit of the file reaches the output as it is. What the system does behind it is not seen from here.
 */
bit_perfect: boolean, };
export type EngineDiagnostics = { 
/**
 * The open output.
 */
output: OutputDiagnostics | null, 
/**
 * Seconds that are decoded and wait to be heard.
 */
buffered_s: number, 
/**
 * Share of one processor that decoding and resampling took of the time they decoded: 0.01 is a hundredth.
 */
decode_load: number, 
/**
 * Times since the start that there was nothing to play in time.
 */
underruns: number, 
/**
 * Frames of silence that were heard because of it.
 */
underrun_frames: number, };
export type OutputDiagnostics = { 
/**
 * As the sound server calls it.
 */
name: string, 
/**
 * Frames per second that it accepted.
 */
rate_hz: number, 
/**
 * Seconds from giving it a frame to hearing it.
 */
latency_s: number, 
/**
 * Whether the thread that serves it goes before all others.
 */
realtime: boolean, 
/**
 * Times that it ran dry itself.
 */
underruns: number, };
export type Preset = "adaptive" | "gentle" | "warm" | "bright" | "punchy" | "live";
export type MasteringSettings = { 
/**
 * Whether there is any. Off is bit-identical.
 */
enabled: boolean, 
/**
 * Which taste.
 */
preset: Preset, 
/**
 * How much of it, 0 to 1; 0 is bit-identical, unless `night` is above 0.
 */
intensity: number, 
/**
 * Night listening, 0 to 1: how much nearer the quiet and the loud come to each other.
 */
night: number, };
export type MasteringState = { 
/**
 * What the listener chose.
 */
settings: MasteringSettings, 
/**
 * The listener holds the plain signal against it.
 */
comparing: boolean, 
/**
 * What is heard now.
 */
heard: ProcessingMode, 
/**
 * What is done to the current track and why, in the order of the chain. Empty while nothing is.
 */
steps: Array<MasteringStep>, 
/**
 * How far the library is analysed.
 */
analysis: AnalysisState, };
export type AnalysisState = { 
/**
 * Tracks with a profile.
 */
analysed: number, 
/**
 * Tracks that can have one: all that are there, less those that could not be read.
 */
total: number, 
/**
 * Whether a track is being analysed now.
 */
running: boolean, };
export type ProcessingMode = "plain" | "cautious" | "mastered" | "compared";
export type MasteringStep = { "step": "not_analysed", } | { "step": "left_alone", } | { "step": "loudness", 
/**
 * By so much.
 */
gain_db: number, 
/**
 * Integrated loudness of what is brought to the target.
 */
from_lufs: number, 
/**
 * What the preset aims at.
 */
target_lufs: number, 
/**
 * Whether that is the album's, so that its tracks keep their relation.
 */
album: boolean, 
/**
 * Why the gain ends before the target, where it does.
 */
held_by: GainLimit | null, } | { "step": "tone", 
/**
 * Which.
 */
range: ToneRange, 
/**
 * By so much, on average over the range.
 */
gain_db: number, 
/**
 * How much more (less, if negative) the track has there than is usual.
 */
excess_db: number, 
/**
 * What the preset adds by taste, whatever the track has.
 */
taste_db: number, } | { "step": "dynamics", 
/**
 * dB in for 1 dB out, above the threshold.
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
 * dB in for 1 dB out, above the threshold.
 */
ratio: number, 
/**
 * Loudness range of the track (EBU Tech 3342).
 */
range_lu: number, } | { "step": "width", 
/**
 * Factor of the difference between left and right; 1 is as it was.
 */
factor: number, 
/**
 * Level of the difference against the sum in the track.
 */
side_db: number, } | { "step": "limiter", 
/**
 * True peak that is not passed.
 */
ceiling_dbtp: number, 
/**
 * By how much the highest peak is expected to be lowered; 0 if it stays below by itself.
 */
reduction_db: number, };
export type GainLimit = "peaks" | "bound" | "noise" | "intensity";
export type ToneRange = "bass" | "low_mids" | "mids" | "presence" | "treble";
export type AudioProfile = { 
/**
 * Seconds that were analysed.
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
 * Highest momentary loudness (EBU Tech 3341).
 */
momentary_max_lufs: number, 
/**
 * Highest short-term loudness (EBU Tech 3341).
 */
short_term_max_lufs: number, 
/**
 * Highest true peak (ITU-R BS.1770-5, annex 2).
 */
true_peak_dbtp: number, 
/**
 * Highest sample.
 */
sample_peak_dbfs: number, 
/**
 * Highest sample over RMS of the loud parts.
 */
crest_db: number, 
/**
 * Spectrum of the sum of left and right, halved.
 */
mid_db: Array<number>, 
/**
 * Spectrum of their difference, halved.
 */
side_db: Array<number>, 
/**
 * Correlation of left and right in each band, −1 to 1; 1 where there is no sound.
 */
correlation: Array<number>, 
/**
 * Where the spectrum's weight lies.
 */
centroid_hz: number, 
/**
 * Beginnings of notes and beats, a second.
 */
onsets_per_s: number, 
/**
 * Level of the quietest moments that are not digital silence.
 */
noise_floor_dbfs: number, };
export type Waveform = { 
/**
 * Highest sample of each stretch; 255 is full scale.
 */
peaks: Array<number>, 
/**
 * Root mean square of each stretch; 255 is full scale.
 */
rms: Array<number>, };
export type Meters = { 
/**
 * What goes in.
 */
before: SignalLevels, 
/**
 * What comes out, before the volume.
 */
after: SignalLevels, 
/**
 * By how much the limiter lowers the sound at this moment, in dB, 0 or above.
 */
limiter_db: number, 
/**
 * By how much loud moments are held back, in dB, 0 or above: bass, low mids, high mids, treble.
 */
held_back_db: [number, number, number, number], 
/**
 * Correlation of left and right in what comes out: 1 is mono, 0 unrelated, below 0 cancels in mono.
 */
correlation: number, };
export type SignalLevels = { 
/**
 * Over the last 0.4 s (EBU Tech 3341).
 */
momentary_lufs: number | null, 
/**
 * Over the last 3 s.
 */
short_term_lufs: number | null, 
/**
 * Since the track was started or sought in, or since somebody looks, if that is later.
 */
integrated_lufs: number | null, 
/**
 * Highest true peak of the last second or so.
 */
true_peak_dbtp: number | null, 
/**
 * Level of each third-octave band (see [`SPECTRUM_BANDS`]) over the last moments, in dB full scale; −120 is silence.
 */
spectrum_db: Array<number>, };
export type DataRequest = { "ask": "meters", } | { "ask": "profile", 
/**
 * Which.
 */
track: TrackId, } | { "ask": "waveform", 
/**
 * Which.
 */
track: TrackId, };
export type DataReply = { "told": "meters", "data": Meters | null } | { "told": "profile", "data": AudioProfile | null } | { "told": "waveform", "data": Waveform | null };
export type Notice = { 
/**
 * Names it.
 */
id: number, 
/**
 * What happened; the interface has the words.
 */
kind: NoticeKind, 
/**
 * What it happened to: a file's name, a folder, a device.
 */
subject: string, 
/**
 * Why.
 */
reason: string, };
export type NoticeKind = "track_skipped" | "output_lost" | "scan_failed" | "playlist_incomplete" | "set_aside" | "not_saved" | "exported" | "export_failed";
export type StateSection = { "type": "player", "data": PlayerState } | { "type": "position", "data": PositionState } | { "type": "queue", "data": QueueState } | { "type": "library", "data": LibraryState } | { "type": "output", "data": CurrentOutput } | { "type": "outputs", "data": AvailableOutputs } | { "type": "signal", "data": SignalPath | null } | { "type": "mastering", "data": MasteringState } | { "type": "export", "data": ExportProgress | null } | { "type": "settings", "data": Settings } | { "type": "remote", "data": RemoteServerState } | { "type": "desktop", "data": DesktopState } | { "type": "scrobbling", "data": ScrobblingState } | { "type": "notices", "data": Array<Notice> };
export type AppState = { 
/**
 * The player.
 */
player: PlayerState, 
/**
 * Where the listener is.
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
 * What is open.
 */
output: CurrentOutput, 
/**
 * What could be.
 */
outputs: AvailableOutputs, 
/**
 * What is done to the sound of the current track; nothing while no file is open.
 */
signal: SignalPath | null, 
/**
 * Mastering.
 */
mastering: MasteringState, 
/**
 * The export of mastered tracks that runs.
 */
export: ExportProgress | null, 
/**
 * The listener's choices.
 */
settings: Settings, 
/**
 * The remote door.
 */
remote: RemoteServerState, 
/**
 * What the desktop offers.
 */
desktop: DesktopState, 
/**
 * Scrobbling.
 */
scrobbling: ScrobblingState, 
/**
 * The last few things to know, oldest first.
 */
notices: Array<Notice>, };
export type StateUpdate = { 
/**
 * Changes when the core restarts; a client then forgets what it had.
 */
session: string, 
/**
 * One counter for the whole player, strictly rising. A client drops what is not newer than what it has.
 */
rev: number, } & ({ "type": "player", "data": PlayerState } | { "type": "position", "data": PositionState } | { "type": "queue", "data": QueueState } | { "type": "library", "data": LibraryState } | { "type": "output", "data": CurrentOutput } | { "type": "outputs", "data": AvailableOutputs } | { "type": "signal", "data": SignalPath | null } | { "type": "mastering", "data": MasteringState } | { "type": "export", "data": ExportProgress | null } | { "type": "settings", "data": Settings } | { "type": "remote", "data": RemoteServerState } | { "type": "desktop", "data": DesktopState } | { "type": "scrobbling", "data": ScrobblingState } | { "type": "notices", "data": Array<Notice> });
export type Capabilities = { 
/**
 * What concerns the files and doors of the machine that plays: the library's folders, tags, exports, paths, pairing.
 */
this_machine: boolean, };
export type Hello = { 
/**
 * See [`StateUpdate::session`].
 */
session: string, 
/**
 * The newest revision that this holds.
 */
rev: number, 
/**
 * Version of the program.
 */
version: string, 
/**
 * What this client may ask for.
 */
capabilities: Capabilities, 
/**
 * Everything.
 */
view: AppState, };
export type Request = { "type": "command", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, 
/**
 * Only if neither player nor queue has changed since this revision.
 */
if_rev?: number, 
/**
 * What.
 */
data: Command, } | { "type": "query", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, 
/**
 * What.
 */
data: RowQuery, } | { "type": "diagnostics", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, } | { "type": "pair", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, 
/**
 * Forget every device that was let in before.
 */
renew: boolean, } | { "type": "ask", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, 
/**
 * What.
 */
data: DataRequest, } | { "type": "raise", 
/**
 * Chosen by the client, given back in the answer.
 */
id: number, 
/**
 * What the desktop gave whoever asks, so that its window may come to the front (XDG activation).
 */
token?: string, } | { "type": "ping", };
export type Response = { "type": "result", 
/**
 * Of the request.
 */
id: number, 
/**
 * The revision it caused, or that was in force if it changed nothing.
 */
rev: number, } | { "type": "rows", 
/**
 * Of the request.
 */
id: number, 
/**
 * As asked for.
 */
data: RowPage, } | { "type": "diagnostics", 
/**
 * Of the request.
 */
id: number, 
/**
 * At this moment.
 */
data: EngineDiagnostics, } | { "type": "pairing", 
/**
 * Of the request.
 */
id: number, 
/**
 * As asked for.
 */
data: PairingLink, } | { "type": "told", 
/**
 * Of the request.
 */
id: number, 
/**
 * The answer.
 */
data: DataReply, } | { "type": "refused", 
/**
 * Of the request, where it could be read.
 */
id: number | null, 
/**
 * Why.
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
 * The field that was wrong.
 */
field?: string, };
export type ErrorCode = "malformed" | "out_of_range" | "not_found" | "not_possible" | "stale" | "failed" | "forbidden" | "unpaired";
