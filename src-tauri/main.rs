//! The program: reads the command line and runs the player with or without a window.

use std::process::ExitCode;

use auralis::app::Places;
use auralis::cli::Cli;
use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("AURALIS_LOG").unwrap_or_else(|_| EnvFilter::new("warn,auralis=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auralis: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let (places, output) = (Places::of_user()?, cli.output.into());
    auralis::environment::complete(&places, !cli.headless);
    // Each client of the remote door is one.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "no more files than usual");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if cli.headless {
        runtime.block_on(auralis::headless::run(places, output, cli.host, cli.port))?;
        return Ok(());
    }
    #[cfg(feature = "desktop")]
    auralis::shell::run(places, output, runtime)?;
    #[cfg(not(feature = "desktop"))]
    return Err("This build has no window. Start it with --headless.".into());
    #[cfg(feature = "desktop")]
    Ok(())
}
