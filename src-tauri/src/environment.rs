//! Environment variables that must be set before the first thread starts, because some libraries read nothing else.
//! Variables that the user has set are kept.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::app::AppDirs;

/// Length of a PulseAudio cookie; servers disconnect clients with any other.
const COOKIE_BYTES: usize = 256;

/// `1` turns off WebKit's DMA-BUF renderer.
const DMABUF_VAR: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// `0` turns off JavaScriptCore's FTL tier.
const FTL_VAR: &str = "JSC_useFTLJIT";

/// Sets variables the user has not set. Must be called while the process has one thread: others might read them.
pub fn set_defaults(dirs: &AppDirs, window: bool) {
    let dmabuf_default = window.then(|| dmabuf_default(&Graphics::of_machine())).flatten();
    let defaults: Vec<_> = [dmabuf_default, window.then(ftl_default).flatten(), pulse_cookie_default(dirs)]
        .into_iter()
        .flatten()
        .collect();
    if !defaults.is_empty() {
        set(defaults);
    }
    if window {
        enter_appimage_dir();
    }
}

#[cfg(feature = "desktop")]
fn set(defaults: Vec<(&str, OsString)>) {
    for (name, value) in defaults {
        tracing::info!(name, value = %value.display(), "set default environment variable");
        if let Err(error) = gtk::glib::setenv(name, value, false) {
            tracing::warn!(%error, name, "failed to set environment variable");
        }
    }
}

/// Without GTK there is no safe way to change this process' environment: starts the program again with the variables set.
/// Returns only on failure.
#[cfg(not(feature = "desktop"))]
fn set(defaults: Vec<(&str, OsString)>) {
    use std::os::unix::process::CommandExt;
    let names: Vec<_> = defaults.iter().map(|(name, _)| name).collect();
    tracing::info!(?names, "restarting with default environment variables");
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).envs(defaults).exec();
    tracing::warn!(%error, "failed to restart");
}

/// Changes to the AppImage's `usr` folder, in which WebKit and GTK look up their files. Relative paths of the command line
/// must be resolved before.
fn enter_appimage_dir() {
    let Some(usr) = std::env::var_os("AURALIS_APPIMAGE_USR") else { return };
    if let Err(error) = std::env::set_current_dir(&usr) {
        tracing::warn!(%error, folder = %usr.display(), "failed to change to the AppImage's folder");
    }
}

/// What decides on WebKit's renderer.
struct Graphics {
    /// The user has set the variable.
    user_override: bool,
    /// Programs may use a GPU.
    gpu: bool,
    /// The GPU's driver is NVIDIA's own, not Mesa's.
    nvidia: bool,
}

impl Graphics {
    fn of_machine() -> Self {
        let is_render_node = |name: OsString| name.to_string_lossy().starts_with("renderD");
        let nodes = fs::read_dir("/dev/dri");
        Graphics {
            user_override: std::env::var_os(DMABUF_VAR).is_some(),
            gpu: nodes.is_ok_and(|nodes| nodes.flatten().any(|node| is_render_node(node.file_name()))),
            nvidia: ["/proc/driver/nvidia", "/sys/module/nvidia"].iter().any(|path| Path::new(path).exists()),
        }
    }
}

/// Returns the rendering default for WebKit. The choice between X11 and Wayland is left to GTK and to the user's
/// `GDK_BACKEND`.
fn dmabuf_default(graphics: &Graphics) -> Option<(&'static str, OsString)> {
    let why = match graphics {
        Graphics { user_override: true, .. } => return None,
        Graphics { gpu: false, .. } => "no GPU: software GL takes five times the CPU a frame, and 100 MB more",
        // <https://github.com/tauri-apps/tauri/issues/9394>
        Graphics { nvidia: true, .. } => "NVIDIA's driver: windows stay blank, or Wayland ends the program",
        Graphics { .. } => return None,
    };
    tracing::info!(why, "WebKit's DMA-BUF renderer turned off");
    Some((DMABUF_VAR, "1".into()))
}

/// Disables JavaScriptCore's FTL tier: its compile time exceeds its benefit for the interface.
fn ftl_default() -> Option<(&'static str, OsString)> {
    std::env::var_os(FTL_VAR).is_none().then(|| (FTL_VAR, "0".into()))
}

/// Returns a PulseAudio cookie of zeros if the desktop has none, as libpulse does: a server that checks no cookie still
/// requires one of full length.
fn pulse_cookie_default(dirs: &AppDirs) -> Option<(&'static str, OsString)> {
    const COOKIE: &str = "PULSE_COOKIE";
    let home = BaseDirs::new()?.home_dir().to_owned();
    let usual = [home.join(".config/pulse/cookie"), home.join(".pulse-cookie")];
    if std::env::var_os(COOKIE).is_some() || usual.iter().any(|path| path.exists()) {
        return None;
    }
    let path: PathBuf = dirs.cache.join("pulse-cookie");
    let written = fs::create_dir_all(&dirs.cache).and_then(|()| fs::write(&path, [0; COOKIE_BYTES]));
    written.ok().map(|()| (COOKIE, path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webkit_draws_by_dma_buf_where_that_works_and_as_the_user_says() {
        for (user_override, gpu, nvidia, changed) in [
            (false, true, false, false),
            (false, true, true, true),
            (false, false, false, true),
            (false, false, true, true),
            (true, true, true, false),
            (true, false, false, false),
        ] {
            let told = dmabuf_default(&Graphics { user_override, gpu, nvidia });
            let expected = changed.then(|| (DMABUF_VAR, OsString::from("1")));
            assert_eq!(told, expected, "user_override {user_override}, GPU {gpu}, NVIDIA {nvidia}");
        }
    }
}
