//! `ui/src/transport/protocol.ts` is these types, and nothing else. After a change: `UPDATE=1 cargo test -p auralis-core --test bindings`.

use std::path::Path;

use auralis_core::*;
use ts_rs::{Config, TS};

macro_rules! declarations {
    ($($ty:ty),+ $(,)?) => {{
        let config = Config::default();
        [$(format!("export {}\n", <$ty>::decl(&config))),+].concat()
    }};
}

#[test]
fn typescript_types_are_current() {
    let wanted = format!(
        "// Generated from src-tauri/core by its test `bindings`. Do not edit.\n\n{}",
        declarations!(
            TrackId,
            AlbumId,
            ArtistId,
            RootId,
            GenreId,
            ComposerId,
            FolderId,
            PlaylistId,
            PlaylistEntryId,
            ListenId,
            EntryId,
            TrackSummary,
            TrackRow,
            TrackDetails,
            MusicBrainzIds,
            Loudness,
            LyricLine,
            QueueRow,
            AlbumRow,
            ArtistRow,
            GenreRow,
            ComposerRow,
            YearRow,
            FolderRow,
            PlaylistRow,
            PlaylistEntryRow,
            SmartPlaylist,
            SearchResults,
            Context,
            ListenEnd,
            HistoryRow,
            Statistics,
            Month,
            Top,
            RootRow,
            ScanFailure,
            TrackFilter,
            TrackSort,
            AlbumSort,
            TrackList,
            List,
            Window,
            Items,
            Rows,
            ScanProgress,
            ScanSummary,
            Command,
            Edit,
            Tracks,
            Place,
            Repeat,
            Theme,
            Settings,
            SettingsPatch,
            RemoteSettings,
            RemoteState,
            Pairing,
            QrCode,
            Transport,
            PlayerState,
            PositionState,
            QueueState,
            LibraryState,
            OutputId,
            OutputRow,
            OutputState,
            OutputsState,
            LoudnessMode,
            GainSource,
            SourceFormat,
            SignalPath,
            Diagnostics,
            OutputDiagnostics,
            Notice,
            NoticeKind,
            Section,
            View,
            Message,
            Hello,
            Request,
            Answer,
            Refusal,
            RefusalCode,
        )
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/transport/protocol.ts");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).expect("write protocol.ts");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/transport/protocol.ts is stale: run UPDATE=1 cargo test -p auralis-core --test bindings"
    );
}
