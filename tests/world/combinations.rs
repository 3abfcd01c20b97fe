//! The kinds of namespaces under the scopes of the default deny, and what lines say of externals in them: which of all
//! combinations a world has.

use std::collections::BTreeMap;

use eastwest::program::Deny;

use super::{IN_NAMESPACES, Manifest, OUTSIDE, SETTINGS, World};

impl World {
    /// Counts what the world has of [`combinations`].
    pub(crate) fn combine(&self, counts: &mut BTreeMap<String, usize>) {
        let lines = || self.files.iter().flat_map(|(_, lines)| lines);
        let exempt = |name: &str| {
            let names = lines().filter_map(|line| line.strip_prefix("exempt "));
            names.flat_map(|names| names.split(", ")).any(|it| it == name)
        };
        if !self.files.iter().any(|(owner, _)| *owner == "platform") {
            return;
        }
        let deny = self.scope();
        let mut add = |it: String| *counts.entry(it).or_default() += 1;
        for (index, (name, manifest)) in OUTSIDE.into_iter().zip(self.outside).enumerate() {
            let kind = (manifest.words(), exempt(name));
            add(combination(deny, kind, "as it is"));
            let Some(external) = IN_NAMESPACES.get(index) else { continue };
            for line in lines() {
                for side in sides(line, external) {
                    add(combination(deny, kind, side));
                }
            }
        }
        for (name, kind) in [("a-x", "with an application alone"), ("b-db", "in a landing zone")] {
            add(combination(deny, (kind, exempt(name)), "as it is"));
        }
    }

    fn scope(&self) -> &'static str {
        match &self.deny {
            Deny::All => SETTINGS[0],
            Deny::LandingZones => SETTINGS[1],
            Deny::Applications(names) if !names.is_empty() => SETTINGS[2],
            Deny::Applications(_) => SETTINGS[3],
        }
    }
}

/// The ways in which `line` speaks of `external`.
fn sides(line: &str, external: &str) -> Vec<&'static str> {
    let is = |text: &str| {
        let end = text.find([' ', '[']).unwrap_or(text.len());
        &text[..end] == external
    };
    let forbidden = line.strip_prefix("forbid ");
    let text = forbidden.unwrap_or(line);
    let mut found = Vec::new();
    for (arrow, [left, right]) in [
        (" ==> ", ["==> from it", "==> to it"]),
        (" <== ", ["<== to it", "<== from it"]),
        (" to ", ["", ""]),
    ] {
        let Some((before, after)) = text.split_once(arrow) else { continue };
        let [left, right] = match forbidden {
            Some(_) => ["forbid from it", "forbid to it"],
            None => [left, right],
        };
        found.extend(is(before).then_some(left));
        found.extend(is(after).then_some(right));
        break;
    }
    found
}

fn combination(deny: &str, (kind, exempt): (&str, bool), line: &str) -> String {
    let exempt = if exempt { ", exempt" } else { "" };
    format!("{deny}: a namespace {kind}{exempt}: {line}")
}

/// The scopes of the default deny with the kinds of namespaces, exempt or not, and what lines say of externals in them.
/// What is exempt has nothing to open, so it is never on the left of a flow.
pub(crate) fn combinations() -> Vec<String> {
    let mut all = Vec::new();
    for deny in &SETTINGS[..4] {
        for exempt in [false, true] {
            for kind in ["with an application alone", "in a landing zone"] {
                all.push(combination(deny, (kind, exempt), "as it is"));
            }
            for kind in Manifest::ALL.map(Manifest::words) {
                let lines =
                    ["as it is", "forbid from it", "forbid to it", "==> to it", "<== from it"];
                let own = ["==> from it", "<== to it"];
                let own = own.iter().filter(|_| !exempt);
                let lines = lines.iter().chain(own);
                all.extend(lines.map(|line| combination(deny, (kind, exempt), line)));
            }
        }
    }
    all
}
