//! Pages of a list. The ids of a page come from a cached order or an index alone; then only those rows are read.

use std::sync::Arc;

use auralis_core::{RowQuery, TrackId, TrackList, YearRow};

use crate::{
    database::{Database, snapshot::ReadSnapshot},
    error::LibraryError,
    lists::{caches::ListCaches, rows::year_rows},
    query::{compiled_list::CompiledList, selection},
    roots::folder_tree::FolderTree,
};

/// Reads lists from one state of the library.
pub(crate) struct ListReader<'d> {
    pub snapshot: ReadSnapshot,
    database: &'d Database,
    caches: &'d ListCaches,
}

impl<'d> ListReader<'d> {
    pub async fn begin(database: &'d Database, caches: &'d ListCaches) -> Result<ListReader<'d>, LibraryError> {
        Ok(ListReader { snapshot: ReadSnapshot::begin(database).await?, database, caches })
    }

    /// Compiles a list of tracks.
    pub async fn compile(&mut self, list: &TrackList) -> Result<CompiledList, LibraryError> {
        selection::tracks(&mut self.snapshot, &self.caches.folders, list).await
    }

    /// Has the order of a list built in the background, for the next reader.
    pub fn prepare(&self, list: &CompiledList) {
        self.caches.sort_order(self.database, list, &self.snapshot.counts);
    }

    pub async fn folders(&mut self) -> Result<Arc<FolderTree>, LibraryError> {
        let ReadSnapshot { connection, counts } = &mut self.snapshot;
        self.caches.folders.get(connection, counts.tracks_revision, FolderTree::load).await
    }

    pub async fn years(&mut self) -> Result<Arc<Vec<YearRow>>, LibraryError> {
        let ReadSnapshot { connection, counts } = &mut self.snapshot;
        self.caches.years.get(connection, counts.tracks_revision, year_rows).await
    }

    /// Returns the length of a list and the ids on a page of it. `all` is the size of its table.
    pub async fn page_of_ids(
        &mut self,
        list: &CompiledList,
        all: u32,
        query: &RowQuery,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        self.ids(list, all, query.offset, query.limit.into()).await
    }

    /// Returns the ids of all tracks of a list, in its order.
    pub async fn list_ids(&mut self, list: &CompiledList) -> Result<Vec<TrackId>, LibraryError> {
        let (_, ids) = self.ids(list, self.snapshot.counts.tracks, 0, -1).await?;
        Ok(ids.into_iter().map(TrackId).collect())
    }

    async fn ids(
        &mut self,
        list: &CompiledList,
        all: u32,
        offset: u32,
        limit: i64,
    ) -> Result<(u32, Vec<i64>), LibraryError> {
        let connection = &mut self.snapshot.connection;
        if let Some(order) = self.caches.sort_order(self.database, list, &self.snapshot.counts) {
            return list.ids_by_order(&order, connection, offset, limit).await;
        }
        if limit < 0 && list.is_of_all_tracks() {
            return Ok((all, list.all_ids(connection).await?));
        }
        let total = list.count(connection, all).await?;
        let selectivity = f64::from(total) / f64::from(all.max(1));
        Ok((total, list.ids(connection, selectivity, offset, limit).await?))
    }
}
