//! What WebKit should draw with, decided by what the machine has. The user's own choice in the environment is obeyed.

use std::os::unix::process::CommandExt;
use std::process::Command;

const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Without a GPU, WebKit's DMA-BUF renderer draws by software GL: five times the CPU a frame and 100 MB more. The
/// variable must be there before the first thread is, so the program starts itself again with it.
pub(super) fn choose_renderer() {
    if std::env::var_os(NO_DMABUF).is_some() || has_render_node() {
        return;
    }
    tracing::info!("no GPU found: WebKit draws without DMA-BUF");
    let Ok(program) = std::env::current_exe() else { return };
    let error = Command::new(program).args(std::env::args_os().skip(1)).env(NO_DMABUF, "1").exec();
    tracing::warn!(%error, "could not start again without DMA-BUF");
}

fn has_render_node() -> bool {
    std::fs::read_dir("/dev/dri")
        .is_ok_and(|nodes| nodes.flatten().any(|node| node.file_name().to_string_lossy().starts_with("renderD")))
}
