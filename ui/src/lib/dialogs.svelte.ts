import type { PlaylistRow, SmartPlaylist, TrackId, TrackRow, TrackSelection } from '../transport/protocol';

/** A playlist that is named: a new one, or one that gets another name or search. */
export interface PlaylistDialog {
  /** The one that is changed. */
  playlist?: PlaylistRow;
  /** What a new one is to hold. */
  tracks?: TrackSelection;
  smart?: SmartPlaylist;
}

/** A file that the listener names by its path, where no dialog of the system can be opened. */
export interface PathDialog {
  label: string;
  path: string;
  chosen(path: string): void;
}

/** TrackSelection that are to be written as new files. */
export interface ExportDialog {
  tracks: TrackSelection;
  /** Whether they are taken for one album at first. */
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
  /** Something that cannot be taken back is asked for once more. */
  confirm = $state.raw<{ title: string; text: string; label: string; do(): void }>();
}

export const dialogs = new Dialogs();
