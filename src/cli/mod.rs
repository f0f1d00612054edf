//! The command line: reads what the user wants, once, and does it.
//!
//! Every failure ends in [`crate::cli::main`] as one line and exit code 1 (2 for wrong usage).

mod check;
mod clips;
mod desks;
mod devices;
mod import;
mod interrupt;
mod loading;
mod options;
mod params;
mod play;
mod rehearsal;
mod render;
mod scene;
mod set;

use clap::Parser;
use options::{Cli, Command, SetCommand};
use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // What a person must know is a notice, which is shown anyway; the log has it only when asked.
    let level = if cli.verbose { "info" } else { "error,residua::ports::notice=off" };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level))
        .format_timestamp_millis()
        .init();
    let done = match cli.command {
        Command::Play(options) => play::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Render(options) => render::run(&options),
        Command::Clips(options) => clips::run(&options),
        Command::Set(SetCommand::Collect(options)) => set::collect(&options),
        Command::Check(options) => check::run(&options),
        Command::Params(options) => params::run(&options),
        Command::Devices => devices::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: what went wrong, then why, outermost first.
            eprintln!("residua: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}
