//! The saved geometry of windows.

use serde::{Deserialize, Serialize};

/// Position and size of a window, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct WindowGeometry {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) maximized: bool,
    /// Whether it is always on top.
    #[serde(default)]
    pub(super) on_top: bool,
}
