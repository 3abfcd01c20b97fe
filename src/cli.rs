//! The command line: the only place with files, the clock and printing. Each command has a file; what they
//! share is reading a `project` and telling of diagnostics (`report`).

mod args;
mod audit;
mod baseline;
mod build;
mod can;
mod check;
mod console;
mod diff;
mod explain;
mod export;
mod foreign;
mod graph;
mod import;
mod init;
mod list;
mod lock;
mod platform;
mod report;
mod stats;
mod test;
mod unread;
mod world;

use anstream::ColorChoice;
use clap::Parser;

use self::args::{Arguments, Color, Command};
use self::console::Console;
use crate::project::failure::Failure;

/// How a command ended, as `diff` and `grep` tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// Yes: clean, the same.
    Yes = 0,
    /// No: errors, differences.
    No = 1,
    /// It could not be done.
    Failed = 2,
    /// The compiler's own check failed: a bug.
    Unverified = 3,
    /// It cannot be told: it depends on something that is not known here.
    Undecided = 4,
}

/// Runs the command line of this process and gives its exit status: 0 yes, 1 no, 2 could not do it, 3 the
/// compiler's own check failed, 4 cannot be told (`test`).
pub fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; whether anybody reads them is not our concern.
            let mut console = Console::new(ColorChoice::Auto);
            let text = error.render().ansi().to_string();
            if error.use_stderr() {
                console.err(&text);
            } else {
                console.out(&text);
            }
            let _ = console.finish();
            return if error.use_stderr() { Status::Failed as u8 } else { Status::Yes as u8 };
        }
    };
    let mut console = Console::new(match arguments.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    });
    let result = match &arguments.command {
        Command::Check(it) => check::run(it, &mut console),
        Command::Build(it) => build::run(it, &mut console),
        Command::Can(it) => can::run(it, &mut console),
        Command::Test(it) => test::run(it, &mut console),
        Command::Lock(it) => lock::run(it, &mut console),
        Command::Audit(it) => audit::run(it, &mut console),
        Command::Init(it) => init::run(it, &mut console),
        Command::Import(it) => import::run(it, &mut console),
        Command::Diff(it) => diff::run(it, &mut console),
        Command::Export(it) => export::run(it, &mut console),
        Command::List(it) => list::run(it, &mut console),
        Command::Graph(it) => graph::run(it, &mut console),
        Command::Explain(it) => explain::run(it, &mut console),
    };
    let status = result.unwrap_or_else(|failure| {
        console.failure(&failure);
        Status::Failed
    });
    match console.finish() {
        Ok(()) => status as u8,
        Err(error) => {
            let mut console = Console::new(ColorChoice::Auto);
            console.failure(&Failure::new(format!("cannot print the result: {error}")));
            Status::Failed as u8
        }
    }
}
