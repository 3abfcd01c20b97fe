//! Places, endpoints and traffic of a program as a flow line writes them.

use super::{Endpoint, Flow, Place, Program};

impl Place {
    /// Whether it is for every application: `*.*`, `*.backend`.
    pub fn is_any_application(&self) -> bool {
        matches!(self, Self::Zones { application: None, .. })
    }

    /// The place as a line of `program` has it: `application2.backend`, `application2.{backend, data}`, `*.*`, `onprem`.
    pub fn text(&self, program: &Program) -> String {
        match self {
            Self::External(id) => program.externals.get(*id).map_or("", |it| &it.name).to_owned(),
            Self::Zones { application, zones } => {
                let application = application.and_then(|id| program.applications.get(id));
                let application = application.map_or("*".to_owned(), |it| name(&it.name));
                let zones: Option<Vec<String>> = zones.as_ref().map(|zones| {
                    let zones = zones.iter().filter_map(|id| program.zones.get(*id));
                    zones.map(|it| name(&it.name)).collect()
                });
                match zones.as_deref() {
                    None => format!("{application}.*"),
                    Some([zone]) => format!("{application}.{zone}"),
                    Some(zones) => format!("{application}.{{{}}}", zones.join(", ")),
                }
            }
        }
    }
}

impl Endpoint {
    /// The place with its selector: `application2.backend[app == "api"]`.
    pub fn text(&self, program: &Program) -> String {
        let place = self.place.text(program);
        self.selector.as_ref().map_or(place.clone(), |selector| format!("{place}[{selector}]"))
    }
}

impl Flow {
    /// The traffic as it is written after the `:`, aliases resolved.
    pub fn traffic_text(&self) -> String {
        let words = |matches: &Vec<_>| matches.iter().map(ToString::to_string).collect::<Vec<_>>();
        self.matches.as_ref().map_or_else(|| "any".to_owned(), |it| words(it).join(", "))
    }
}

/// A name, in quotes where it is not a plain word.
fn name(name: &str) -> String {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let word = !name.is_empty()
        && name.chars().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if word { name.to_owned() } else { format!("\"{name}\"") }
}
