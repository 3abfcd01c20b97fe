//! `eastwest can --batch`: lines of questions in, lines of answers out, as they come. Questions may say which answer they
//! expect: then the status says whether all got it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use crate::can::{Asker, Expectations, batch};
use crate::cli::Status;
use crate::cli::console::Console;
use crate::project::failure::Failure;
use crate::world::World;

/// Answers the questions of the file at `path`, or of standard input for `-`.
pub(crate) fn run(path: &Path, world: &World, console: &mut Console) -> Result<Status, Failure> {
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| Failure::reading(path, &error))?;
        Box::new(file)
    };
    let mut input = BufReader::with_capacity(1 << 18, input);
    let mut unread = None;
    let expectations = batch(world, |asker| {
        console.stream(|out| answers(asker, &mut input, out, &mut unread));
        asker.expectations()
    })?;
    if let Some(error) = unread {
        return Err(Failure::reading(path, &error));
    }
    if expectations.are_met() {
        return Ok(Status::Yes);
    }
    let Expectations { all, unmet, unread } = expectations;
    let lines = if unread == 1 { "line is" } else { "lines are" };
    let others =
        if unread == 0 { String::new() } else { format!(", {unread} {lines} no question") };
    console.err(&format!("expected  {unmet} of {all} not met{others}\n"));
    Ok(Status::No)
}

/// Answers line after line, until there is none or one cannot be read (which `unread` then says) or printed.
fn answers(
    asker: &mut Asker<'_, '_>,
    input: &mut BufReader<Box<dyn Read>>,
    out: &mut dyn Write,
    unread: &mut Option<io::Error>,
) -> io::Result<()> {
    let (mut line, mut answer) = (Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                *unread = Some(error);
                break;
            }
        }
        answer.clear();
        if !asker.answer(&line, number, &mut answer) {
            break;
        }
        out.write_all(&answer)?;
        // Whoever waits for this answer before the next question gets it.
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
    Ok(())
}
