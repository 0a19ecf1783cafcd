//! An AppImage as a listener has it: one file that is started.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The runtime, and behind it an image with an `AppRun` that says something.
fn make(folder: &Path, name: &str, says: &str) -> PathBuf {
    let app = folder.join(format!("{name}.AppDir"));
    fs::create_dir_all(app.join("usr")).expect("folders");
    let run = app.join("AppRun");
    fs::write(&run, format!("#!/bin/sh\necho \"{says} $* in $(basename \"$OWD\")\"\ntest -L \"$APPDIR/usr/link\"\n"))
        .expect("writes");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).expect("executable");
    std::os::unix::fs::symlink("../AppRun", app.join("usr/link")).expect("a link");
    let image = folder.join(format!("{name}.image"));
    let tool =
        Command::new("mksquashfs").arg(&app).arg(&image).args(["-comp", "zstd", "-quiet", "-no-progress"]).output();
    assert!(tool.expect("scripts/setup package installs mksquashfs").status.success());
    let mut content = fs::read(env!("CARGO_BIN_EXE_auralis-appimage")).expect("the runtime");
    content.extend(fs::read(&image).expect("the image"));
    let file = folder.join(format!("{name}.AppImage"));
    fs::write(&file, content).expect("writes");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
    file
}

fn start(home: &TempDir, file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(file);
    command.args(arguments).env("XDG_CACHE_HOME", home.path().join("cache")).current_dir(home.path());
    command.output().expect("it starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// What is unpacked, besides the lock.
fn unpacked(home: &TempDir) -> usize {
    let entries = fs::read_dir(home.path().join("cache/auralis/appimage")).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().is_dir()).count()
}

#[test]
fn it_starts_what_is_in_it_with_its_arguments_and_forgets_older_versions() {
    let home = tempfile::tempdir().expect("a folder");
    let here = home.path().file_name().expect("a name").to_string_lossy().into_owned();
    let old = make(home.path(), "old", "old");
    let new = make(home.path(), "new", "a newer version");
    for arguments in [&["a b", "--flag"][..], &["--appimage-extract-and-run", "a b", "--flag"]] {
        let output = start(&home, &old, arguments);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output), format!("old a b --flag in {here}"));
    }
    assert_eq!(unpacked(&home), 1);
    assert_eq!(text(&start(&home, &new, &[])), format!("a newer version  in {here}"));
    assert_eq!(unpacked(&home), 1);
    assert!(start(&home, &new, &["--appimage-extract"]).status.success());
    assert!(home.path().join("squashfs-root/AppRun").exists());
}

#[test]
fn a_file_that_was_cut_off_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let file = make(home.path(), "whole", "never");
    let content = fs::read(&file).expect("the file");
    fs::write(&file, &content[..content.len() - 4_096]).expect("writes");
    let output = start(&home, &file, &[]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && complaint.contains("damaged"), "{output:?}");
    assert_eq!(unpacked(&home), 0);
}
