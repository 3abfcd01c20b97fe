//! Lines as text, for help texts and for the program.

use crate::syntax::tree::{
    Application, Clauses, Detail, Endpoint, Flow, Forbid, Match, Place, Traffic, Zones,
};

/// `flow`, with its clauses.
pub(super) fn flow(flow: &Flow) -> String {
    bare_flow(flow) + &clauses(&flow.clauses)
}

/// `flow` without its clauses.
pub(super) fn bare_flow(flow: &Flow) -> String {
    let (left, right) = (endpoint(&flow.left), endpoint(&flow.right));
    let traffic = traffic(flow.traffic.as_ref().map(|it| &it.value));
    format!("{left} {} {right}{traffic}", flow.arrow.value.text())
}

/// `forbid`, with its clauses.
pub(super) fn forbid(forbid: &Forbid) -> String {
    bare_forbid(forbid) + &clauses(&forbid.clauses)
}

/// `forbid` without its clauses.
pub(super) fn bare_forbid(forbid: &Forbid) -> String {
    let arrow = if forbid.crossing.value { "==>" } else { "to" };
    let (left, right) = (endpoint(&forbid.left), endpoint(&forbid.right));
    let traffic = traffic(forbid.traffic.as_ref().map(|it| &it.value));
    let except: Vec<String> = forbid.except.iter().map(endpoint).collect();
    let except =
        if except.is_empty() { String::new() } else { format!(" except {}", except.join(", ")) };
    format!("forbid {left} {arrow} {right}{traffic}{except}")
}

/// One side.
pub(super) fn endpoint(endpoint: &Endpoint) -> String {
    let place = match &endpoint.place {
        Place::Zones { application, zones } => {
            let application = match &application.value {
                Application::Any => "*",
                Application::Named(name) => name,
            };
            let zones = match &zones.value {
                Zones::Any => "*".to_owned(),
                Zones::Named(names) => {
                    let names: Vec<&str> = names.iter().map(|it| &*it.value).collect();
                    let list = names.join(", ");
                    if names.len() == 1 { list } else { format!("{{{list}}}") }
                }
            };
            format!("{application}.{zones}")
        }
        Place::External(name) => name.value.to_string(),
        Place::Addresses(text) => text.value.to_string(),
    };
    match &endpoint.selector {
        Some(selector) => format!("{place}[{}]", selector.value),
        None => place,
    }
}

fn traffic(traffic: Option<&Traffic>) -> String {
    match traffic {
        None => String::new(),
        Some(Traffic::Any) => " : any".to_owned(),
        Some(Traffic::Matches(list)) => {
            let list: Vec<String> = list.iter().map(|it| one(&it.value)).collect();
            format!(" : {}", list.join(", "))
        }
    }
}

fn one(entry: &Match) -> String {
    match entry {
        Match::Alias(name) => name.to_string(),
        Match::Number(number) => format!("protocol/{}", number.value),
        Match::Protocol { protocol, detail } => {
            let word = &protocol.value;
            match detail.as_ref().map(|it| &it.value) {
                None => word.to_string(),
                Some(Detail::Number(number)) => format!("{word}/{number}"),
                Some(Detail::Range(first, last)) => format!("{word}/{first}-{last}"),
                Some(Detail::TypeAndCode(kind, code)) => format!("{word}/{kind}/{code}"),
                Some(Detail::Name(name)) => format!("{word}/{name}"),
            }
        }
    }
}

fn clauses(clauses: &Clauses) -> String {
    let mut text = String::new();
    if let Some(because) = &clauses.because {
        text.extend([" because \"", &because.value, "\""]);
    }
    if let Some(until) = &clauses.until {
        text.extend([" until ", &until.value.to_string()]);
    }
    if let Some(ticket) = &clauses.ticket {
        text.extend([" ticket ", &ticket.value]);
    }
    text
}
