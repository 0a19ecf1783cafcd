//! A library in a temporary folder, and what it reported.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use auralis_core::*;
use auralis_library::{Library, OpenedLibrary};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::fixture::{self, Fields, Format};

pub struct TestLibrary {
    pub dir: TempDir,
    pub library: Library,
    pub quarantined_database: Option<PathBuf>,
    reports: Arc<Reports>,
}

#[derive(Default)]
struct Reports {
    events: Mutex<Vec<LibraryEvent>>,
    more: Notify,
}

impl TestLibrary {
    /// An empty library; its one folder, `music`, is not added yet.
    pub async fn new() -> TestLibrary {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(dir.path().join("music")).expect("a folder of music");
        Self::open(dir).await
    }

    pub async fn open(dir: TempDir) -> TestLibrary {
        let (OpenedLibrary { library, quarantined_database }, reports) =
            Self::try_open(dir.path()).await.expect("the library opens");
        TestLibrary { dir, library, quarantined_database, reports }
    }

    async fn try_open(dir: &Path) -> Result<(OpenedLibrary, Arc<Reports>), auralis_library::LibraryError> {
        let reports = Arc::<Reports>::default();
        let told = reports.clone();
        let report = move |event| {
            told.events.lock().expect("reports").push(event);
            told.more.notify_one();
        };
        Ok((Library::open(&dir.join("data"), &dir.join("cache"), report).await?, reports))
    }

    /// Closes the library and opens it again.
    pub async fn reopen(self) -> TestLibrary {
        self.library.close().await;
        Self::open(self.dir).await
    }

    pub fn music(&self) -> PathBuf {
        self.dir.path().join("music")
    }

    pub fn write(&self, name: &str, format: Format, fields: &Fields) -> PathBuf {
        let path = self.music().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fixture::write(&path, format, fields).expect("the fixture is written");
        path
    }

    pub async fn add(&self) -> ScanSummary {
        self.execute(LibraryCommand::AddRoot { path: self.music() }).await;
        self.wait_for_scan().await
    }

    pub async fn scan(&self) -> ScanSummary {
        self.execute(LibraryCommand::Scan).await;
        self.wait_for_scan().await
    }

    /// Returns the record of an edit that changed something.
    pub async fn execute(&self, command: LibraryCommand) -> Option<EditRecord> {
        self.library.execute(command).await.expect("the command is executed")
    }

    pub async fn edit(&self, edit: UserDataEdit) -> Option<EditRecord> {
        self.execute(LibraryCommand::Edit(edit)).await
    }

    /// Waits for the end of a scan; takes all reports up to it.
    pub async fn wait_for_scan(&self) -> ScanSummary {
        let ended = self.wait_for(|event| match event {
            LibraryEvent::ScanEnded(summary) => Some(summary.clone()),
            LibraryEvent::ScanFailed { subject, reason } => panic!("the scan failed: {subject}: {reason}"),
            _ => None,
        });
        ended.await.0
    }

    /// Waits for a report that `wanted` takes; gives that, and those before it.
    pub async fn wait_for<T>(&self, wanted: impl Fn(&LibraryEvent) -> Option<T>) -> (T, Vec<LibraryEvent>) {
        let search = async {
            loop {
                let more = self.reports.more.notified();
                {
                    let mut events = self.reports.events.lock().expect("reports");
                    let found = events.iter().enumerate().find_map(|(index, event)| Some((index, wanted(event)?)));
                    if let Some((index, found)) = found {
                        return (found, events.drain(..=index).collect());
                    }
                }
                more.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), search).await.expect("the report comes")
    }

    /// Reports that nobody has taken.
    pub fn reports(&self) -> Vec<LibraryEvent> {
        std::mem::take(&mut self.reports.events.lock().expect("reports"))
    }

    pub async fn rows(&self, of: ListQuery, offset: u32, limit: u32) -> RowPage {
        self.library.rows(&RowQuery { list: of, offset, limit }).await.expect("rows")
    }

    pub async fn list(&self, list: TrackList) -> Vec<TrackRow> {
        match self.rows(ListQuery::Tracks { tracks: list }, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::Tracks(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub async fn tracks(&self) -> Vec<TrackRow> {
        self.list(TrackList { sort: TrackSort::Title, ..TrackList::default() }).await
    }

    pub async fn titles(&self) -> Vec<String> {
        self.tracks().await.into_iter().map(|row| row.track.title).collect()
    }

    pub async fn search(&self, words: &str) -> Vec<String> {
        let filter = TrackFilter { search: Some(words.into()), ..TrackFilter::default() };
        let list = TrackList { filter, sort: TrackSort::Title, descending: false };
        self.list(list).await.into_iter().map(|row| row.track.title).collect()
    }

    pub async fn albums(&self) -> Vec<AlbumRow> {
        let of = albums(None, None, AlbumSort::Title);
        match self.rows(of, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::Albums(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub async fn artists(&self) -> Vec<ArtistRow> {
        match self
            .rows(ListQuery::Artists { search: None, artist: None, with_albums: false }, 0, RowQuery::MAX_ROWS)
            .await
            .items
        {
            RowItems::Artists(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub async fn roots(&self) -> Vec<RootRow> {
        match self.rows(ListQuery::Roots {}, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::Roots(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    /// Failures as "name: reason".
    pub async fn failures(&self) -> Vec<String> {
        match self.rows(ListQuery::ScanFailures {}, 0, RowQuery::MAX_ROWS).await.items {
            RowItems::ScanFailures(rows) => rows
                .into_iter()
                .map(|row| format!("{}: {}", row.path.rsplit('/').next().unwrap_or_default(), row.reason))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}

/// Opens the library of a folder after something has been done to its data.
pub async fn open_after(dir: TempDir, harm: impl FnOnce(&Path)) -> TestLibrary {
    harm(&dir.path().join("data"));
    TestLibrary::open(dir).await
}

pub fn titled(title: &str) -> Fields {
    Fields { title: title.into(), ..Fields::default() }
}

/// A list of albums, by what tests narrow it.
pub fn albums(search: Option<&str>, artist: Option<ArtistId>, sort: AlbumSort) -> ListQuery {
    let search = search.map(str::to_owned);
    ListQuery::Albums { search, artist, album: None, genre: None, year: None, sort, descending: false }
}
