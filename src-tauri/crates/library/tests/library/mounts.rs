//! Mounts that only one test sees.

use std::{
    env, fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Reruns a test in a child process with a mount namespace of its own, and returns true there. Where the machine does not
/// allow that, it prints so.
pub fn has_own_mounts(test: &str) -> bool {
    const OWN: &str = "AURALIS_TEST_MOUNTS";
    if env::var_os(OWN).is_some() {
        return true;
    }
    let unshared = |program: &Path| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]).arg(program).stdout(Stdio::null()).env(OWN, "1");
        command
    };
    if unshared(Path::new("true")).status().is_ok_and(|status| status.success()) {
        let again = unshared(&env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .stdout(Stdio::piped())
            .output();
        let again = again.unwrap();
        let (out, error) = (String::from_utf8_lossy(&again.stdout), String::from_utf8_lossy(&again.stderr));
        assert!(again.status.success() && out.contains("1 passed"), "{out}{error}");
    } else {
        // Written directly, because the test runner captures `eprintln`.
        let mut shown = std::io::stderr();
        writeln!(shown, "{test}: not tested, because this machine does not allow own mounts").unwrap();
    }
    false
}

pub fn run(program: &str, arguments: &[&str], place: &Path) {
    let status = Command::new(program).args(arguments).arg(place).status().unwrap();
    assert!(status.success(), "{program} {arguments:?} {}", place.display());
}

pub fn mount_memory(place: &Path, options: &str) {
    fs::create_dir_all(place).unwrap();
    run("mount", &["-t", "tmpfs", "-o", options, "none"], place);
}
