//! The two worlds that are compared, as arguments name them: projects, revisions of the project here, Calico YAML.

use std::path::Path;

use crate::cli::Status;
use crate::cli::args;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::foreign;
use crate::cli::report::ProjectReport;
use crate::cli::world::Read;
use crate::project::config;
use crate::project::failure::Failure;

/// Both worlds, or how it ends where one cannot be read.
pub(crate) enum WorldNotes {
    Both(Box<(Read, Read)>),
    Broken(Status),
}

/// A world as it is named.
enum NamedWorld<'a> {
    /// The project here.
    Here,
    /// A project's folder.
    Project(&'a Path),
    /// A revision of the project here.
    Revision(&'a str),
    /// Calico YAML.
    Dump(&'a Path),
}

impl<'a> NamedWorld<'a> {
    fn new(text: &'a str, arguments: &args::DiffArguments) -> Self {
        if let Some(revision) = text.strip_prefix("git:") {
            return Self::Revision(revision);
        }
        let path = Path::new(text);
        let config = arguments.foreign.config.as_deref().unwrap_or(Path::new(config::FILE));
        // One that is named in full is that of the folder in which it lies, and of no other.
        let here = config.is_relative() || config.parent() == path.canonicalize().ok().as_deref();
        if text != "-" && here && path.join(config).is_file() {
            Self::Project(path)
        } else {
            Self::Dump(path)
        }
    }

    fn is_project(&self) -> bool {
        !matches!(self, Self::Dump(_))
    }
}

/// Reads both worlds. What is wrong with them is told.
pub(crate) fn read(
    arguments: &args::DiffArguments,
    console: &mut Console,
) -> Result<WorldNotes, Failure> {
    let old = NamedWorld::new(&arguments.old, arguments);
    let new =
        arguments.new.as_deref().map_or(NamedWorld::Here, |it| NamedWorld::new(it, arguments));
    let with = arguments.with.iter().filter_map(|it| it.to_str());
    let named = [Some(&*arguments.old), arguments.new.as_deref()].into_iter().flatten();
    if named.chain(with).filter(|it| *it == "-").count() > 1 {
        return Err(Failure::new("standard input can be read once, and `-` is named twice")
            .help("write one of them to a file"));
    }
    if !arguments.with.is_empty() && !old.is_project() && !new.is_project() {
        return Err(Failure::new("`--with` is for policies that are kept beside a project")
            .help("name all files of a cluster in one folder"));
    }
    if let NamedWorld::Dump(path) = &old {
        dump(path)?;
    }
    if let NamedWorld::Dump(path) = &new {
        dump(path)?;
    }
    // Two projects are compared by what their lines mean, whatever policies these come to.
    let lines = old.is_project() && new.is_project() && arguments.with.is_empty();
    let in_revision = matches!(old, NamedWorld::Revision(_));
    let Some(old) = one(&old, arguments, (true, lines), console)? else {
        if in_revision {
            let named = &arguments.old;
            console.failure(
                &Failure::new(format!(
                    "`{named}` has these errors, so nothing can be compared with it"
                ))
                .help("they are not in the files here: name a revision without them"),
            );
        }
        return Ok(WorldNotes::Broken(Status::Failed));
    };
    let Some(read) = one(&new, arguments, (false, lines), console)? else {
        return Ok(WorldNotes::Broken(if new.is_project() { Status::No } else { Status::Failed }));
    };
    Ok(WorldNotes::Both(Box::new((old, read))))
}

/// That a path that is no project's is there.
fn dump(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    if path == Path::new("-") || path.exists() {
        return Ok(());
    }
    let failure = Failure::new(format!("there is no `{shown}`"));
    if path.is_absolute() || path.starts_with(".") || path.starts_with("..") {
        return Err(failure.help("a world is a project's folder, Calico YAML, or git:REVISION"));
    }
    Err(failure.help(format!(
        "a world is a project's folder, Calico YAML, or a revision, as in  eastwest diff git:{shown}"
    )))
}

fn one(
    named: &NamedWorld<'_>,
    arguments: &args::DiffArguments,
    (old, lines): (bool, bool),
    console: &mut Console,
) -> Result<Option<Read>, Failure> {
    let (folder, revision) = match named {
        NamedWorld::Here => (None, None),
        NamedWorld::Project(path) => (Some(path.to_path_buf()), None),
        NamedWorld::Revision(revision) => (None, Some(*revision)),
        NamedWorld::Dump(path) => {
            let paths = [path.to_path_buf()];
            let Some(read) = Read::policies(&paths, &arguments.foreign, "diff", console)? else {
                return Ok(None);
            };
            read.holds_something("compare")?;
            return Ok(Some(read));
        }
    };
    let options = Common {
        project: folder,
        config: arguments.foreign.config.clone(),
        strict: false,
        as_of: arguments.as_of,
        owner: None,
    };
    let mut judged = match revision {
        None => ProjectReport::read(&options, false)?,
        Some(revision) => ProjectReport::at(revision, &options)?,
    };
    if old {
        judged.forgive_dates();
    }
    if lines {
        return Ok(Read::lines(judged, console));
    }
    let Some(mut read) = Read::compiled(judged, &options, console) else { return Ok(None) };
    if !arguments.with.is_empty() {
        let files = foreign::read(&arguments.with, &mut read.world.sources)?;
        (read.world, read.diagnostics) = read.world.with_kept(&files);
    }
    Ok(Some(read))
}
