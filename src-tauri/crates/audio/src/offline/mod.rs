//! Work on whole files without an engine.

mod analyse;
mod export;

pub use analyse::analyse;
pub use export::{ExportError, ExportJob, export};
