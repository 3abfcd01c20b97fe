//! What `can` asks about, and the words of a question read.

use ipnet::IpNet;

use crate::can::{Place, World};
use crate::check::Nameable;
use crate::cli::args;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::foreign;
use crate::cli::report::{Judged, today};
use crate::diagnostic::codes::zones::{INVALID_YAML, YAML_LIMIT};
use crate::diagnostic::{Diagnostic, Level, text};
use crate::program::{Release, Settings};
use crate::source::Sources;
use crate::syntax::{self, tree};
use crate::traffic::Match;
use crate::{Parsed, check, cluster};

/// A world, and what is needed to read the words of a question about it.
pub(crate) struct Asked {
    /// The world.
    pub(crate) world: World,
    /// What a cluster would not take as it is written.
    pub(crate) said: Vec<Diagnostic>,
    parsed: Parsed,
    settings: Settings,
    platform: bool,
}

impl Asked {
    /// Reads what `arguments` ask about; `None` where that has errors, which are told.
    pub(crate) fn read(
        arguments: &args::Can,
        console: &mut Console,
    ) -> Result<Option<Self>, Failure> {
        if arguments.policies.is_empty() {
            Self::project(arguments, console)
        } else {
            Self::policies(arguments, console)
        }
    }

    /// Policies that anybody wrote. What a cluster would not take as it is written is told.
    fn policies(arguments: &args::Can, console: &mut Console) -> Result<Option<Self>, Failure> {
        let mut sources = Sources::new();
        let mut files = foreign::read(&arguments.policies, &mut sources)?;
        files.extend(foreign::read(&arguments.zones, &mut sources)?);
        let settings = Settings::default();
        let (cluster, said) = cluster::load(&sources, &files, &settings.labels);
        for diagnostic in said.iter().filter(|it| it.level != Level::Note) {
            console.err(&text::render(diagnostic, &sources, true));
            console.err("\n");
        }
        if said
            .iter()
            .any(|it| it.code.code == INVALID_YAML.code || it.code.code == YAML_LIMIT.code)
        {
            return Ok(None);
        }
        let parsed = Parsed { zones: cluster.zones.clone(), files: Vec::new() };
        let (program, _) = check::check(&input(&parsed, &settings, false));
        let release = arguments.release.unwrap_or(Release::NEWEST);
        let world = World::new(sources, cluster, program, release);
        Ok(Some(Self { world, said, parsed, settings, platform: false }))
    }

    fn project(arguments: &args::Can, console: &mut Console) -> Result<Option<Self>, Failure> {
        let common = args::Common {
            project: arguments.project.clone(),
            config: arguments.config.clone(),
            strict: false,
            as_of: arguments.as_of,
            owner: None,
            format: arguments.format,
        };
        let mut judged = Judged::read(&common, false)?;
        judged.diagnostics.retain(|it| it.level == Level::Error);
        let (Some(program), Some(config), true) =
            (judged.program.take(), judged.project.config.take(), judged.diagnostics.is_empty())
        else {
            judged.tell(console);
            return Ok(None);
        };
        let built = crate::compiled(&program, false);
        if built.diagnostics.iter().any(|it| it.level == Level::Error) {
            judged.add(built.diagnostics);
            judged.tell(console);
            return Ok(None);
        }
        let project = judged.project;
        let (parsed, _) = Parsed::new(&crate::Input {
            sources: &project.sources,
            manifests: &project.manifests,
            flows: &project.flows,
            settings: &config.settings,
            write: None,
            today: arguments.as_of.unwrap_or_else(today),
            drop_expired: false,
        });
        let names: Vec<_> = built
            .files
            .iter()
            .map(|(owner, _)| (*owner, config.output.path(program.owner_name(*owner))))
            .collect();
        let path = |owner| {
            let found = names.iter().find(|(it, _)| *it == owner);
            found.map_or_else(String::new, |(_, path)| path.clone())
        };
        let platform = program.platform;
        let world = World::of_project(program, &built, path, project.sources);
        let said = Vec::new();
        Ok(Some(Self { world, said, parsed, settings: config.settings, platform }))
    }

    /// The place that the argument `argument` names; `None` where it is wrong, which is told.
    pub(crate) fn place(
        &mut self,
        argument: &str,
        written: &str,
        console: &mut Console,
    ) -> Result<Option<Place>, Failure> {
        let text = written.trim().to_owned();
        if let Some(net) = addresses(&text)? {
            return Ok(Some(Place::of_addresses(&self.world, net, text)));
        }
        let file = self.world.sources.add(argument, written);
        let asked = match syntax::place(&self.world.sources, file) {
            Ok(asked) => asked,
            Err(found) => return Ok(self.tell(&[*found], console)),
        };
        match asked {
            tree::Asked::Side(side) => {
                let found = self.nameable(|it| it.endpoint(&side));
                match found {
                    Ok(side_meant) => Ok(Some(Place::of_side(&self.world, &side_meant, text))),
                    Err(found) => Ok(self.tell(&found, console)),
                }
            }
            tree::Asked::Namespace { name, selector } => {
                let selector =
                    selector.as_ref().map(|it| self.nameable(|known| known.selector(it)));
                let selector = match selector.transpose() {
                    Ok(selector) => selector.flatten(),
                    Err(found) => return Ok(self.tell(&found, console)),
                };
                let place = Place::of_namespace(&self.world, &name.value, selector, text);
                place.map(Some).map_err(|unknown| {
                    let failure = Failure::new(format!("there is no namespace `{}`", unknown.name));
                    match unknown.near {
                        Some(near) => failure.help(format!("did you mean `namespace/{near}`?")),
                        None => failure,
                    }
                })
            }
        }
    }

    /// The traffic of a question (`Some(None)` for any); `None` where it is wrong, which is told.
    #[allow(clippy::option_option, reason = "an error and any traffic are two things")]
    pub(crate) fn traffic(
        &mut self,
        written: &str,
        console: &mut Console,
    ) -> Option<Option<Vec<Match>>> {
        let file = self.world.sources.add("TRAFFIC", written);
        let list = match syntax::matches(&self.world.sources, file) {
            Ok(list) => list,
            Err(found) => return self.tell(&[*found], console),
        };
        match self.nameable(|it| it.traffic(&list)) {
            Ok(found) => Some(found),
            Err(found) => self.tell(&found, console),
        }
    }

    fn nameable<T>(&self, of: impl FnOnce(&Nameable<'_>) -> T) -> T {
        of(&Nameable::new(&input(&self.parsed, &self.settings, self.platform)))
    }

    fn tell<T>(&self, found: &[Diagnostic], console: &mut Console) -> Option<T> {
        for diagnostic in found {
            console.err(&text::render(diagnostic, &self.world.sources, true));
            console.err("\n");
        }
        None
    }
}

/// What the checker needs to know to find names.
fn input<'a>(parsed: &'a Parsed, settings: &'a Settings, platform: bool) -> check::Input<'a> {
    check::Input {
        files: &parsed.files,
        platform,
        zones: &parsed.zones,
        settings,
        write: None,
        today: today(),
        drop_expired: false,
    }
}

/// The block that `text` is, or that of the one address that it is; `None` where it is neither.
fn addresses(text: &str) -> Result<Option<IpNet>, Failure> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Ok(Some(address.into()));
    }
    let Ok(net) = text.parse::<IpNet>() else { return Ok(None) };
    if net.trunc() != net {
        return Err(Failure::new(format!("`{net}` has bits set beyond its prefix"))
            .help(format!("write  {}", net.trunc())));
    }
    Ok(Some(net))
}
