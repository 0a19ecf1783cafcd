//! `ui/src/connection/protocol.ts` is these types, and nothing else. After a change: `UPDATE=1 cargo test -p auralis-core --test bindings`.

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
        "// Generated from src-tauri/crates/core by its test `bindings`. Do not edit.\n\n{}",
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
            PlaybackContext,
            ListenEndReason,
            HistoryRow,
            Home,
            RecentContext,
            Statistics,
            MonthStatistics,
            TopItem,
            RootRow,
            ScanFailure,
            DuplicateReason,
            Duplicate,
            EditableTags,
            TrackFilter,
            TrackSort,
            AlbumSort,
            TrackList,
            ListQuery,
            RowQuery,
            RowItems,
            RowPage,
            ScanProgress,
            ScanSummary,
            Command,
            UserDataEdit,
            DataExport,
            ExportProgress,
            TrackSelection,
            QueuePosition,
            Repeat,
            Theme,
            Settings,
            Panel,
            SettingsPatch,
            DesktopSettings,
            DesktopState,
            RemoteServerSettings,
            RemoteServerState,
            MasteredExport,
            RenderFormat,
            ScrobblingSettings,
            ScrobblingState,
            PairingLink,
            QrCode,
            PlaybackState,
            PlayerState,
            PositionState,
            QueueState,
            EditSummary,
            EditKind,
            LastEdit,
            EditAction,
            ClientKind,
            LibraryState,
            OutputId,
            OutputRow,
            CurrentOutput,
            AvailableOutputs,
            NormalizationMode,
            GainSource,
            SourceFormat,
            SignalPath,
            EngineDiagnostics,
            OutputDiagnostics,
            Preset,
            MasteringSettings,
            MasteringState,
            AnalysisState,
            ProcessingMode,
            MasteringStep,
            GainLimit,
            ToneFault,
            ToneRange,
            AudioProfile,
            Waveform,
            Meters,
            SignalLevels,
            DataRequest,
            DataReply,
            Notice,
            NoticeKind,
            StateSection,
            AppState,
            StateUpdate,
            Capabilities,
            Hello,
            Request,
            Response,
            ApiError,
            ErrorCode,
        )
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/connection/protocol.ts");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).expect("write protocol.ts");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/connection/protocol.ts is stale: run UPDATE=1 cargo test -p auralis-core --test bindings"
    );
}
