//! The library as clients see it: its rows, the lists they are in, and the state of a scan.

mod details;
mod duplicates;
mod home;
mod list;
mod page;
mod rows;
mod scan;
mod track;

pub use details::*;
pub use duplicates::*;
pub use home::*;
pub use list::*;
pub use page::*;
pub use rows::*;
pub use scan::*;
pub use track::*;
