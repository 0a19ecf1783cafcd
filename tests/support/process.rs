//! Child processes that end with the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A child process, killed on drop.
pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        Process(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Starts a process and returns the first line that it prints.
    pub fn start_and_read_line(command: &mut Command) -> (Self, String) {
        let (process, [line]) = Process::start_and_read_lines(command);
        (process, line)
    }

    /// Starts a process and returns the first lines that it prints.
    pub fn start_and_read_lines<const COUNT: usize>(command: &mut Command) -> (Self, [String; COUNT]) {
        let mut process = Process::start(command.stdout(Stdio::piped()));
        let stdout = process.0.stdout.take().expect("piped");
        let mut reader = BufReader::new(stdout);
        let lines = std::array::from_fn(|_| {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            line.trim().to_owned()
        });
        // Drain the rest of the output, so that the pipe never fills.
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        (process, lines)
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([format!("-{name}"), self.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
    }

    /// Waits for the process to end. Returns whether it succeeded.
    pub fn wait(&mut self) -> bool {
        self.0.wait().expect("waits").success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a tool, which must succeed, and returns its output.
pub fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup test installs it"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
