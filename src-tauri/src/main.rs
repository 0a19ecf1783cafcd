//! The program: reads the command line and runs the player with or without a window.

use std::io::IsTerminal;
use std::process::ExitCode;

use auralis::app::Places;
use auralis::surfaces::cli::{self, Cli};
use auralis::surfaces::control_socket::{Instance, InstanceError};
use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("AURALIS_LOG").unwrap_or_else(|_| EnvFilter::new("warn,auralis=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // Whoever clicked on an icon reads no terminal.
    let by_desktop = cli.order.is_none() && !cli.headless && !std::io::stderr().is_terminal();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("auralis: {error}");
            if by_desktop {
                #[cfg(feature = "desktop")]
                auralis::surfaces::desktop::startup_error::tell(&error.to_string());
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let (places, output) = (Places::of_user()?, cli.output.into());
    if let Some(order) = cli.order {
        return Ok(cli::carry_out(order, &places)?);
    }
    let opening = cli::opening(&cli.files)?;
    auralis::environment::complete(&places, !cli.headless);
    let instance = match Instance::claim(&places) {
        Err(InstanceError::Running(_)) if !cli.headless => return Ok(cli::hand_over(opening, &places)?),
        claimed => claimed?,
    };
    // Each client of the remote door is one.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "no more files than usual");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if cli.headless {
        runtime.block_on(auralis::headless::run(places, instance, output, cli.host, cli.port))?;
        return Ok(());
    }
    #[cfg(feature = "desktop")]
    auralis::surfaces::desktop::run(places, instance, output, runtime, opening)?;
    #[cfg(not(feature = "desktop"))]
    return Err("This build has no window. Start it with --headless.".into());
    #[cfg(feature = "desktop")]
    Ok(())
}
