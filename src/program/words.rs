//! Places, endpoints and traffic of a program as a flow line writes them.

use super::{Application, Endpoint, Flow, Place, Program};
use crate::syntax::PrintedName;

impl Application {
    /// The name as a line has it.
    pub fn text(&self) -> String {
        PrintedName(&self.name).to_string()
    }
}

impl Place {
    /// The place as a line of `program` has it: `application2.backend`, `application2.{backend, data}`, `*.*`, `onprem`.
    pub fn text(&self, program: &Program) -> String {
        match self {
            Self::External(id) => program.externals.get(*id).map_or("", |it| &it.name).to_owned(),
            Self::Zones { application, zones } => {
                let application = application.and_then(|id| program.applications.get(id));
                let application = application.map_or("*".to_owned(), Application::text);
                let zones: Option<Vec<String>> = zones.as_ref().map(|zones| {
                    let zones = zones.iter().filter_map(|id| program.zones.get(*id));
                    zones.map(|it| PrintedName(&it.name).to_string()).collect()
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
