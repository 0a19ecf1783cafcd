//! The program: reads the command line and runs the player with or without a window.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use auralis::app::AppDirs;
use auralis::surfaces::cli::{self, Cli, CliError};
use auralis::surfaces::control_socket::{Instance, InstanceError};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// How long the end waits for threads that access files.
const RUNTIME_SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let is_terminal = std::io::stderr().is_terminal();
    let default_level = if is_terminal { "warn" } else { "warn,auralis=info" };
    let filter = EnvFilter::try_from_env("AURALIS_LOG").unwrap_or_else(|_| EnvFilter::new(default_level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // Started from the desktop: show errors in a dialog.
    let has_terminal = is_terminal || std::io::stdin().is_terminal() || std::io::stdout().is_terminal();
    let started_from_desktop = cli.command.is_none() && !cli.headless && !has_terminal;
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auralis: {error}");
            let cli_error = error.downcast_ref::<CliError>();
            if started_from_desktop && !matches!(cli_error, Some(CliError::UnknownWord { .. })) {
                #[cfg(feature = "desktop")]
                auralis::surfaces::desktop::startup_error::show_error_dialog(&error.to_string());
            }
            ExitCode::from(cli_error.map_or(1, CliError::exit_code))
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let (dirs, output) = (AppDirs::for_current_user()?, cli.output.into());
    if let Some(command) = cli.command {
        return Ok(cli::run(command, &dirs)?);
    }
    let play_command = cli::play_command(&cli.files)?;
    auralis::environment::set_defaults(&dirs, !cli.headless);
    let instance = match Instance::claim(&dirs) {
        Err(InstanceError::Running(_)) if !cli.headless => {
            return Ok(cli::forward_to_running_instance(play_command, &dirs)?);
        }
        claimed => claimed?,
    };
    // Each client of the HTTP server is an open file.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "limit of open files not raised");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if cli.headless {
        let result =
            runtime.block_on(auralis::headless::run(dirs, instance, output, cli.rooms.settings(), cli.host, cli.port));
        // A file access that hangs must not delay the end.
        runtime.shutdown_timeout(RUNTIME_SHUTDOWN_TIMEOUT);
        return Ok(result?);
    }
    #[cfg(feature = "desktop")]
    auralis::surfaces::desktop::run(dirs, instance, output, runtime, play_command)?;
    #[cfg(not(feature = "desktop"))]
    return Err("This build has no window. Start it with --headless.".into());
    #[cfg(feature = "desktop")]
    Ok(())
}
