//! What must stand in the environment before the first thread is: some libraries read nothing else. Where something is
//! missing, the program starts itself again with it. What the user set is obeyed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use directories::BaseDirs;

use crate::app::Places;

/// Length of PulseAudio's cookie; a server hangs up on any other.
const COOKIE_BYTES: usize = 256;

/// Sees to the environment of this process. Returns only if nothing is missing (any more), or cannot be helped.
pub fn complete(places: &Places, window: bool) {
    let missing: Vec<_> = [window.then(renderer).flatten(), cookie(places)].into_iter().flatten().collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| name).collect();
    tracing::info!(?names, "starting again with these set");
    let Ok(program) = std::env::current_exe() else { return };
    let error = Command::new(program).args(std::env::args_os().skip(1)).envs(missing).exec();
    tracing::warn!(%error, "could not start again");
}

/// Without a GPU, WebKit's DMA-BUF renderer draws by software GL: five times the CPU a frame and 100 MB more.
fn renderer() -> Option<(&'static str, OsString)> {
    const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let has_render_node = fs::read_dir("/dev/dri")
        .is_ok_and(|nodes| nodes.flatten().any(|node| node.file_name().to_string_lossy().starts_with("renderD")));
    (!has_render_node && std::env::var_os(NO_DMABUF).is_none()).then(|| (NO_DMABUF, "1".into()))
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
