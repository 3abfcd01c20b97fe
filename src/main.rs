//! The `eastwest` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(eastwest::cli::run())
}
