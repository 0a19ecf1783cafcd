//! Pages of lists: which rows are on a page, and the rows themselves.

pub(crate) mod caches;
pub(crate) mod page;
pub(crate) mod rows;
pub(crate) mod sort_order_cache;
