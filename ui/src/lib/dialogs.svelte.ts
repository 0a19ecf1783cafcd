import type { PlaylistRow, SmartPlaylist, TrackId, TrackRow, TrackSelection } from '../connection/protocol';

/** The dialog that creates, renames or edits a playlist. */
export interface PlaylistDialog {
  /** The playlist to change; without it, a new one is created. */
  playlist?: PlaylistRow;
  /** Tracks for a new playlist. */
  tracks?: TrackSelection;
  smart?: SmartPlaylist;
}

/** The dialog that asks for a path where the system's file dialog is not available. */
export interface PathDialog {
  label: string;
  path: string;
  /** Called with the path, or with `null` when the dialog was cancelled. */
  onClose(path: string | null): void;
}

/** The dialog that exports mastered tracks as new files. */
export interface ExportDialog {
  tracks: TrackSelection;
  /** Initial value of "as one album". */
  album: boolean;
}

/** The dialogs that are open. */
class Dialogs {
  playlist = $state.raw<PlaylistDialog>();
  /** The tracks whose tags are edited. */
  tags = $state.raw<TrackId[]>();
  details = $state.raw<TrackRow>();
  export = $state.raw<ExportDialog>();
  path = $state.raw<PathDialog>();
  /** Asks for confirmation of something that cannot be undone. */
  confirm = $state.raw<{ title: string; text: string; label: string; action(): void }>();
}

export const dialogs = new Dialogs();
