//! The command line: reads what the user wants, once, and does it.
//!
//! Every failure ends in [`crate::cli::main`] as one line and exit code 1 (2 for wrong usage).

mod blank;
mod check;
mod clips;
mod decay;
mod desks;
mod devices;
mod doors;
mod export_desk;
mod eye;
mod folders;
mod import;
mod import_desk;
mod interrupt;
mod intra;
mod library_desk;
mod loading;
mod material;
mod memory;
mod missing;
mod newcomers;
mod opening;
mod options;
mod out;
mod params;
mod play;
mod presets;
mod preview;
mod recognise;
mod rehearsal;
mod remains;
mod render;
mod resume;
mod scene;
mod set;
mod shaders;
mod takes;
mod thumbnails;
mod trial;

use anyhow::Error;
use clap::Parser;
use options::{Cli, Command, SetCommand};
use std::{ffi::OsString, process::ExitCode};

/// Runs the program.
pub fn main() -> ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if words.len() == 1
        && let Some(before) = resume::command_line()
    {
        words = before;
    }
    let cli = Cli::parse_from(&words);
    cli.check().unwrap_or_else(|error| error.exit());
    // What a person must know is a notice, which is shown anyway; the log has it only when asked.
    let level = if cli.verbose { "info" } else { "error,residua::ports::notice=off" };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level))
        .format_timestamp_millis()
        .init();
    let done = match cli.command {
        Command::Play(mut options) => {
            let words = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
            options.arguments = words.collect();
            play::run(options)
        }
        Command::Import(options) => import::run(&options),
        Command::Render(options) => render::run(&options),
        Command::Decay(options) => decay::run(&options),
        Command::Recognise(options) => recognise::run(&options),
        Command::Clips(options) => clips::run(&options),
        Command::Set(SetCommand::Collect(options)) => set::collect(&options),
        Command::Remains(command) => remains::run(&command),
        Command::Check(options) => check::run(&options),
        Command::Preview(command) => preview::run(&command),
        Command::Params(options) => params::run(&options),
        Command::Presets(options) => presets::run(&options),
        Command::Devices => devices::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("residua: {}", line(&error));
            ExitCode::FAILURE
        }
    }
}

/// One line: what went wrong, then why, outermost first. A cause that has been named already is not
/// named again.
fn line(error: &Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        match (text.is_empty(), text.contains(&cause)) {
            (true, _) => text = cause,
            (false, true) => {}
            (false, false) => text = format!("{text}: {cause}"),
        }
    }
    text.replace('\n', " ")
}

/// What is wrong with a clip, without what to do: that is done already, or said otherwise.
fn without_advice(damage: &str) -> &str {
    damage.trim_end_matches(": import the clip again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_cause_is_named_once() {
        let error = Error::msg("no such file").context("a.mp4: no such file");
        assert_eq!(line(&error), "a.mp4: no such file");
        let error = Err::<(), _>(error).context("nothing was removed").expect_err("an error");
        assert_eq!(line(&error), "nothing was removed: a.mp4: no such file");
    }
}
