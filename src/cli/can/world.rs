//! What `can` asks about, and the words of a question read.

use ipnet::IpNet;

use crate::can::QueryPlace;
use crate::check::Nameable;
use crate::cli::args;
use crate::cli::console::Console;
use crate::cli::world::Read;
use crate::diagnostic::{Diagnostic, text};
use crate::project::failure::Failure;
use crate::project::folder::Folder;
use crate::syntax::{self, tree};
use crate::traffic::Match;
use crate::world::World;

/// A world, and what is needed to read the words of a question about it.
pub(crate) struct QueryWorld(Read);

impl QueryWorld {
    /// Reads what `arguments` ask about; `None` where that has errors, which are told.
    pub(crate) fn read(
        arguments: &args::Can,
        console: &mut Console,
    ) -> Result<Option<Self>, Failure> {
        let read = if arguments.policies.is_empty() {
            if let Some(option) = arguments
                .foreign
                .zones
                .first()
                .map(|_| "--zones")
                .or(arguments.foreign.release.map(|_| "--release"))
            {
                return Err(Failure::new(format!(
                    "`{option}` is for policies that are no project's"
                ))
                .help("name those, as in  eastwest can --policies PATH …"));
            }
            Read::project(
                &args::Common {
                    project: arguments.project.clone(),
                    config: arguments.foreign.config.clone(),
                    strict: false,
                    as_of: arguments.as_of,
                    owner: None,
                },
                console,
            )?
        } else {
            let read =
                Read::policies(&arguments.policies, &arguments.foreign, "can --policies", console)?;
            if let Some(read) = &read {
                read.tell(console);
            }
            read
        };
        Ok(read.map(|mut read| {
            if read.world.project {
                let folder = Folder::from(&*read.folder);
                read.world.cite_only(|path, text| {
                    folder.text_if_there(path).ok().flatten().is_some_and(|it| it == text)
                });
            }
            Self(read)
        }))
    }

    /// What is asked about.
    pub(crate) fn world(&self) -> &World {
        &self.0.world
    }

    /// What a cluster would not take as it is written.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// The place that the argument `argument` names; `None` where it is wrong, which is told.
    pub(crate) fn place(
        &mut self,
        argument: &str,
        written: &str,
        console: &mut Console,
    ) -> Result<Option<QueryPlace>, Failure> {
        let text = written.trim().to_owned();
        if let Some(net) = addresses(&text)? {
            return Ok(Some(QueryPlace::of_addresses(&self.0.world, net, text)));
        }
        let file = self.0.world.sources.add(argument, written);
        let asked = match syntax::place(&self.0.world.sources, file) {
            Ok(asked) => asked,
            Err(found) => return Ok(self.tell(&[*found], console)),
        };
        match asked {
            tree::QuerySide::Side(side) => {
                let found = self.nameable(|it| it.endpoint(&side));
                match found {
                    Ok(side_meant) => {
                        Ok(Some(QueryPlace::of_side(&self.0.world, &side_meant, text)))
                    }
                    Err(found) => Ok(self.tell(&found, console)),
                }
            }
            tree::QuerySide::Namespace { name, selector } => {
                let selector =
                    selector.as_ref().map(|it| self.nameable(|known| known.selector(it)));
                let selector = match selector.transpose() {
                    Ok(selector) => selector.flatten(),
                    Err(found) => return Ok(self.tell(&found, console)),
                };
                let place = QueryPlace::of_namespace(&self.0.world, &name.value, selector, text);
                place.map(Some).map_err(|unknown| {
                    let failure = Failure::new(format!("there is no namespace `{}`", unknown.name));
                    match unknown.near {
                        Some(near) => failure.help(format!("did you mean `namespace/{near}`?")),
                        None if self.0.world.project => failure,
                        None => failure.help("`--zones PATH` names the manifests of namespaces"),
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
        let file = self.0.world.sources.add("TRAFFIC", written);
        let list = match syntax::matches(&self.0.world.sources, file) {
            Ok(list) => list,
            Err(found) => return self.tell(&[*found], console),
        };
        match self.nameable(|it| it.traffic(&list)) {
            Ok(found) => Some(found),
            Err(found) => self.tell(&found, console),
        }
    }

    fn nameable<T>(&self, of: impl FnOnce(&Nameable<'_>) -> T) -> T {
        of(&Nameable::new(&self.0.to_check()))
    }

    fn tell<T>(&self, found: &[Diagnostic], console: &mut Console) -> Option<T> {
        for diagnostic in found {
            console.err(&text::render(diagnostic, &self.0.world.sources, true));
            console.err("\n");
        }
        None
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
