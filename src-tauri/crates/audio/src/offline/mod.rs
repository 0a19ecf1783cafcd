//! Work on whole files without an engine.

mod analyse;
mod export;
mod reader;

pub use analyse::analyse;
pub use export::{ExportError, ExportJob, export};
