//! What `can` asks about, and the words of a question read.

use std::sync::Arc;

use ipnet::IpNet;

use crate::can::{QueryPlace, Unknown};
use crate::check::Nameable;
use crate::cli::args;
use crate::cli::console::Console;
use crate::cli::world::Read;
use crate::diagnostic::{Diagnostic, text};
use crate::project::failure::Failure;
use crate::project::folder::Folder;
use crate::selector::Selector;
use crate::source::{Sources, Spanned};
use crate::syntax::{self, tree};
use crate::traffic::Match;
use crate::world::World;

/// A world, and what is needed to read the words of a question about it.
pub(crate) struct QueryWorld(Read);

impl QueryWorld {
    /// Reads what `arguments` ask about; `None` where that has errors, which are told.
    pub(crate) fn read(
        arguments: &args::Asked,
        command: &str,
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
                .help(format!("name those, as in  eastwest {command} --policies PATH …")));
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
            let command = format!("{command} --policies");
            let read = Read::policies(&arguments.policies, &arguments.foreign, &command, console)?;
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
        if let Some(net) = addresses(&text).map_err(beyond)? {
            return Ok(Some(QueryPlace::of_addresses(&self.0.world, net, text)));
        }
        let file = self.0.world.sources.add(argument, written);
        let asked = match syntax::place(&self.0.world.sources, file) {
            Ok(asked) => asked,
            Err(found) => return Ok(self.tell(&[*found], console)),
        };
        match self.meaning(&asked, text) {
            Ok(place) => Ok(Some(place)),
            Err(PlaceFlaw::Words(found)) => Ok(self.tell(&found, console)),
            Err(PlaceFlaw::Namespace(unknown)) => {
                let failure = Failure::new(format!("there is no namespace `{}`", unknown.name));
                Err(match self.namespace_help(&unknown) {
                    Some(help) => failure.help(help),
                    None => failure,
                })
            }
            Err(PlaceFlaw::Bits(net)) => Err(beyond(net)),
        }
    }

    /// What would say which namespaces there are, or which one was meant.
    pub(crate) fn namespace_help(&self, unknown: &Unknown) -> Option<String> {
        match &unknown.near {
            Some(near) => Some(format!("did you mean `namespace/{near}`?")),
            None if self.0.world.project => None,
            None => Some("`--zones PATH` names the manifests of namespaces".to_owned()),
        }
    }

    /// The place that `side`, written `text`, means here.
    pub(crate) fn meaning(
        &self,
        side: &tree::QuerySide,
        text: String,
    ) -> Result<QueryPlace, PlaceFlaw> {
        let world = &self.0.world;
        match side {
            tree::QuerySide::Side(side) => {
                if let (tree::Place::Addresses(written), None) = (&side.place, &side.selector)
                    && let Some(net) = addresses(&written.value).map_err(PlaceFlaw::Bits)?
                {
                    return Ok(QueryPlace::of_addresses(world, net, text));
                }
                let meant = self.nameable(|it| it.endpoint(side)).map_err(PlaceFlaw::Words)?;
                Ok(QueryPlace::of_side(world, &meant, text))
            }
            tree::QuerySide::Namespace { name, selector } => {
                let selector = self.selector(selector.as_ref())?;
                let place = QueryPlace::of_namespace(world, &name.value, selector, text);
                place.map_err(PlaceFlaw::Namespace)
            }
            tree::QuerySide::Namespaces { selector } => {
                let selector = self.selector(selector.as_ref())?;
                Ok(QueryPlace::namespaces(world, selector, text))
            }
            tree::QuerySide::Everything => Ok(QueryPlace::everything(world, text)),
        }
    }

    fn selector(
        &self,
        written: Option<&Spanned<Box<str>>>,
    ) -> Result<Option<Arc<Selector>>, PlaceFlaw> {
        let read = written.map(|it| self.nameable(|known| known.selector(it)));
        Ok(read.transpose().map_err(PlaceFlaw::Words)?.flatten())
    }

    /// The traffic that `written` means here; `None` for any.
    pub(crate) fn matches(
        &self,
        written: &Spanned<tree::Traffic>,
    ) -> Result<Option<Vec<Match>>, Vec<Diagnostic>> {
        self.nameable(|it| it.traffic(written))
    }

    /// Every text, to be added to.
    pub(crate) fn sources(&mut self) -> &mut Sources {
        &mut self.0.world.sources
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
        match self.matches(&list) {
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

/// Why a place means nothing here.
pub(crate) enum PlaceFlaw {
    /// What is wrong with its words.
    Words(Vec<Diagnostic>),
    /// It names a namespace that nothing declares.
    Namespace(Unknown),
    /// It is a block with bits set beyond its prefix.
    Bits(IpNet),
}

/// The block that `text` is, or that of the one address that it is; `None` where it is neither. A block with bits beyond its
/// prefix is an error.
fn addresses(text: &str) -> Result<Option<IpNet>, IpNet> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Ok(Some(address.into()));
    }
    let Ok(net) = text.parse::<IpNet>() else { return Ok(None) };
    if net.trunc() != net {
        return Err(net);
    }
    Ok(Some(net))
}

/// That `net` has bits set beyond its prefix.
fn beyond(net: IpNet) -> Failure {
    Failure::new(format!("`{net}` has bits set beyond its prefix"))
        .help(format!("write  {}", net.trunc()))
}
