//! Short forms of the campaigns in `tests/campaign`. `scripts/campaign` runs the long forms.

use std::process::Command;

/// Runs a campaign against the app under test. Fixed seeds keep the short forms repeatable.
fn run(name: &str, arguments: &[&str]) {
    let script = format!("{}/tests/campaign/{name}.py", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command.args(["-B", &script, "--binary", env!("CARGO_BIN_EXE_auralis"), "--seed", "1"]).args(arguments);
    let output = command.output().expect("python3 runs");
    let (printed, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{printed}");
    assert!(output.status.success(), "{printed}{error}");
}

#[test]
fn kills_lose_no_acknowledged_edit() {
    run("kill", &["--runs", "4"]);
}

#[test]
fn full_disk_loses_nothing_that_was_acknowledged() {
    run("full_disk", &["--runs", "3"]);
}

#[test]
fn random_commands_from_all_clients_do_not_diverge() {
    run("commands", &["--commands", "3000"]);
}

#[test]
fn mutated_inputs_cause_no_panic() {
    run("fuzz", &["--files", "150"]);
}

#[test]
fn threads_and_descriptors_do_not_leak() {
    run("soak", &["--minutes", "0.4", "--pace", "0.05"]);
}

#[test]
fn hung_folder_blocks_neither_other_requests_nor_quitting() {
    run("hang", &["--runs", "2"]);
}

#[test]
fn damaged_database_never_stops_the_start() {
    run("damage", &["--runs", "4", "--whole", "1"]);
}
