//! What keeps a command from doing what it was asked: exit status 2.

use std::io::Error;
use std::path::Path;

use crate::diagnostic::codes::output::TOO_MANY;
use crate::diagnostic::visible::{visible, visible_lines};
use crate::selector::TooMany;

/// Why a command could not do it, and what to do about that.
#[derive(Debug)]
pub struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    /// That a landing zone has the name of the platform's files.
    pub fn called_platform() -> Self {
        Self::new("an application cannot be called `platform`, so nothing was written").help(
            "that is the owner of the platform's files: give its namespaces another label first",
        )
    }

    /// A failure with `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// Says what to do, or what else.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        self.help = Some(match self.help {
            Some(before) => format!("{before}\n{help}"),
            None => help,
        });
        self
    }

    /// As it is printed, with colours.
    pub fn render(&self) -> String {
        let message = visible(&self.message);
        let mut text = format!("\u{1b}[1;31merror\u{1b}[0m\u{1b}[1m: {message}\u{1b}[0m\n");
        if let Some(help) = &self.help {
            let help = visible_lines(help).replace('\n', "\n         ");
            text.extend(["   \u{1b}[1;36mhelp:\u{1b}[0m ", &help, "\n"]);
        }
        text
    }

    /// `path` cannot be read.
    pub fn reading(path: &Path, error: &Error) -> Self {
        Self::new(format!("cannot read `{}`: {}", path.display(), reason(error)))
    }

    /// `path` cannot be written.
    pub fn writing(path: &Path, error: &Error) -> Self {
        Self::new(format!("cannot write `{}`: {}", path.display(), reason(error)))
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        let more =
            format!("{}\nmore about it:  eastwest explain {}", TooMany::REMEDY, TOO_MANY.code);
        Self::new(too_many.to_string()).help(more)
    }
}

/// The words of the system without its numbers.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}
