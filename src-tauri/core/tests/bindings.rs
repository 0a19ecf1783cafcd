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
            Likeness,
            Duplicate,
            TagFields,
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
            Export,
            ExportProgress,
            Tracks,
            Place,
            Repeat,
            Theme,
            Settings,
            Panel,
            SettingsPatch,
            DesktopSettings,
            DesktopState,
            RemoteSettings,
            RemoteState,
            MasteredExport,
            RenderFormat,
            ScrobblingSettings,
            ScrobblingState,
            Pairing,
            QrCode,
            Transport,
            PlayerState,
            PositionState,
            QueueState,
            QueueEdit,
            QueueEditKind,
            Surface,
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
            Preset,
            MasteringSettings,
            MasteringState,
            AnalysisState,
            Heard,
            MasteringStep,
            HeldBy,
            ToneRange,
            Profile,
            Waveform,
            Meters,
            SignalLevels,
            Question,
            Told,
            Notice,
            NoticeKind,
            Section,
            View,
            Message,
            Capabilities,
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
