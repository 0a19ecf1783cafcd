//! Which rows a list has and in what order, as SQL.

pub(crate) mod compiled_list;
pub(crate) mod full_text;
pub(crate) mod parser;
pub(crate) mod selection;
pub(crate) mod sort_order;
pub(crate) mod sql;
