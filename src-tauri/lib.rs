//! Auralis
