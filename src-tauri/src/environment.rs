//! What must stand in the environment before the first thread is: some libraries read nothing else. What the user set is
//! obeyed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::app::Places;

/// Length of PulseAudio's cookie; a server hangs up on any other.
const COOKIE_BYTES: usize = 256;

/// Set to 1, WebKit draws without DMA-BUF.
const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Set to 0, WebKit leaves out the costliest of its compilers of JavaScript.
const FTL: &str = "JSC_useFTLJIT";

/// Sees to the environment of this process. Call it while there is one thread: others might read what is written here.
pub fn complete(places: &Places, window: bool) {
    let renderer = window.then(|| renderer(&Graphics::of_machine())).flatten();
    let missing: Vec<_> = [renderer, window.then(compiler).flatten(), cookie(places)].into_iter().flatten().collect();
    if !missing.is_empty() {
        set(missing);
    }
    if window {
        enter_bundle();
    }
}

#[cfg(feature = "desktop")]
fn set(missing: Vec<(&str, OsString)>) {
    for (name, value) in missing {
        tracing::info!(name, value = %value.display(), "set, because nobody has");
        if let Err(error) = gtk::glib::setenv(name, value, false) {
            tracing::warn!(%error, name, "cannot be set");
        }
    }
}

/// Without GTK, only the next program can be given something. Returns only if that fails.
#[cfg(not(feature = "desktop"))]
fn set(missing: Vec<(&str, OsString)>) {
    use std::os::unix::process::CommandExt;
    let names: Vec<_> = missing.iter().map(|(name, _)| name).collect();
    tracing::info!(?names, "starting again with these set");
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).envs(missing).exec();
    tracing::warn!(%error, "could not start again");
}

/// In an AppImage, WebKit and GTK find what comes with them by paths that begin in its folder `usr`. What the command
/// line names is found by then.
fn enter_bundle() {
    let Some(usr) = std::env::var_os("AURALIS_USR") else { return };
    if let Err(error) = std::env::set_current_dir(&usr) {
        tracing::warn!(%error, folder = %usr.display(), "cannot go there");
    }
}

/// What decides how WebKit draws.
struct Graphics {
    /// The user did.
    chosen: bool,
    /// Programs may draw with a GPU.
    gpu: bool,
    /// By the driver of NVIDIA, not by Mesa's.
    nvidia: bool,
}

impl Graphics {
    fn of_machine() -> Self {
        let is_render_node = |name: OsString| name.to_string_lossy().starts_with("renderD");
        let nodes = fs::read_dir("/dev/dri");
        Graphics {
            chosen: std::env::var_os(NO_DMABUF).is_some(),
            gpu: nodes.is_ok_and(|nodes| nodes.flatten().any(|node| is_render_node(node.file_name()))),
            nvidia: ["/proc/driver/nvidia", "/sys/module/nvidia"].iter().any(|path| Path::new(path).exists()),
        }
    }
}

/// What WebKit must be told to draw well, under X11 and Wayland alike. Which of these it is, is left to GTK and to the
/// user's `GDK_BACKEND`.
fn renderer(graphics: &Graphics) -> Option<(&'static str, OsString)> {
    let why = match graphics {
        Graphics { chosen: true, .. } => return None,
        Graphics { gpu: false, .. } => "no GPU: software GL takes five times the CPU a frame, and 100 MB more",
        // <https://github.com/tauri-apps/tauri/issues/9394>
        Graphics { nvidia: true, .. } => "NVIDIA's driver: windows stay blank, or Wayland ends the program",
        Graphics { .. } => return None,
    };
    tracing::info!(why, "WebKit draws without DMA-BUF");
    Some((NO_DMABUF, "1".into()))
}

/// That compiler pays for what computes for seconds on end, as the interface never does: what it compiled while one
/// scrolls cost more than the frames.
fn compiler() -> Option<(&'static str, OsString)> {
    std::env::var_os(FTL).is_none().then(|| (FTL, "0".into()))
}

/// A server that asks for no cookie still wants one of full length, and not every desktop has one: then one of zeros
/// does, as libpulse itself sends.
fn cookie(places: &Places) -> Option<(&'static str, OsString)> {
    const COOKIE: &str = "PULSE_COOKIE";
    let home = BaseDirs::new()?.home_dir().to_owned();
    let usual = [home.join(".config/pulse/cookie"), home.join(".pulse-cookie")];
    if std::env::var_os(COOKIE).is_some() || usual.iter().any(|path| path.exists()) {
        return None;
    }
    let path: PathBuf = places.cache.join("pulse-cookie");
    let written = fs::create_dir_all(&places.cache).and_then(|()| fs::write(&path, [0; COOKIE_BYTES]));
    written.ok().map(|()| (COOKIE, path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webkit_draws_by_dma_buf_where_that_works_and_as_the_user_says() {
        for (chosen, gpu, nvidia, changed) in [
            (false, true, false, false),
            (false, true, true, true),
            (false, false, false, true),
            (false, false, true, true),
            (true, true, true, false),
            (true, false, false, false),
        ] {
            let told = renderer(&Graphics { chosen, gpu, nvidia });
            let expected = changed.then(|| (NO_DMABUF, OsString::from("1")));
            assert_eq!(told, expected, "chosen {chosen}, GPU {gpu}, NVIDIA {nvidia}");
        }
    }
}
