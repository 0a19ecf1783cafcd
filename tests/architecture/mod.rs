//! The architecture rules of ARCHITECTURE.md, checked on the source text.
//!
//! Each checker is a function from sources to violations, and has a test of its own that feeds it a violation: so no rule
//! can pass because its checker sees nothing.

mod dependencies;
mod documents;
mod imports;
mod interface;
mod purity;
mod sources;
mod wording;
