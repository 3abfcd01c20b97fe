//! Small worlds by chance: programs over every construct of the language, and connections to judge them by. The same
//! number gives the same world.
#![expect(clippy::wildcard_enum_match_arm, reason = "only addresses have one family")]

mod combinations;

pub(crate) use combinations::combinations;

use std::collections::BTreeMap;
use std::net::IpAddr;

use eastwest::calico::{Dataplane, Release};
use eastwest::diagnostic::Level;
use eastwest::program::{Deny, Program};
use eastwest::reach::{Condition, Direction, End, Example, LabelMap};
use eastwest::traffic::{Connection, Detail, Family};

use super::support::{Checked, Project, project};

/// The numbers of the worlds to try: so many, from 1, unless `EASTWEST_WORLDS` and `EASTWEST_FIRST_WORLD` say otherwise.
pub(crate) fn seeds(worlds: u64) -> std::ops::RangeInclusive<u64> {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let first = number("EASTWEST_FIRST_WORLD").unwrap_or(1);
    first..=first + number("EASTWEST_WORLDS").unwrap_or(worlds) - 1
}

/// The same from a number that nobody knows before, which is printed, unless the environment gives one.
pub(crate) fn varying_seeds(worlds: u64) -> std::ops::RangeInclusive<u64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let given = seeds(worlds);
    let first = match std::env::var("EASTWEST_FIRST_WORLD") {
        Ok(_) => *given.start(),
        Err(_) => u64::from(now.subsec_nanos()) + now.as_secs() % 1000 * 1_000_000,
    };
    let count = given.end() - given.start();
    println!("again with EASTWEST_FIRST_WORLD={first} EASTWEST_WORLDS={}", count + 1);
    first..=first + count
}

/// Numbers that look like chance.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const NAMESPACES: [(&str, &str, &str); 6] = [
    ("a-web", "a", "web"),
    ("a-db", "a", "db"),
    ("a-x", "a", ""),
    ("b-web", "b", "web"),
    ("b-db", "b", "db"),
    ("c-db", "c", "db"),
];

/// Namespaces outside every landing zone: the first three have an external each.
const OUTSIDE: [&str; 4] = ["kube-system", "monitoring", "plain", "default"];

/// The externals of the first three of them.
const IN_NAMESPACES: [&str; 3] = ["dns", "mon", "plain"];

/// What manifests say of a namespace outside the landing zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manifest {
    /// None declares it.
    Missing,
    /// It has no label.
    Unlabelled,
    /// It has the label of a zone alone.
    HalfLabelled,
}

impl Manifest {
    const ALL: [Self; 3] = [Self::Missing, Self::Unlabelled, Self::HalfLabelled];

    fn words(self) -> &'static str {
        match self {
            Self::Missing => "undeclared",
            Self::Unlabelled => "unlabelled",
            Self::HalfLabelled => "with a zone alone",
        }
    }
}

const SELECTORS: &[&str] = &[
    "app == 'x'",
    "app != 'x'",
    "has(tier)",
    "!has(tier) && app == 'y'",
    "app in {'x', 'y'}",
    "app not in {'x'} || tier == '1'",
    "app starts with 'x'",
    "app contains 'y' && tier == '1'",
    "app ends with 'z'",
    "!(app == 'x' || has(tier))",
    "projectcalico.org/serviceaccount == 'robot'",
    "app == 'x'",
    "all()",
];

const TRAFFIC: &[&str] = &[
    "tcp/443",
    "tcp/1000-2000",
    "tcp/1500-3000, tcp/443",
    "tcp",
    "udp/53, tcp/53",
    "sctp/5",
    "udplite",
    "icmp",
    "icmp/8",
    "icmp/8/0, icmpv6/128",
    "icmpv6",
    "protocol/47",
    "any",
    "web",
    "tcp/https",
    "udp/https, tcp/8443",
    "tcp/metrics",
];

const EXTERNALS: &[&str] = &["onprem", "inner", "six", "dns", "mon", "plain", "api"];

fn zones(dice: &mut Dice) -> &'static str {
    dice.of(&["web", "db", "*", "{web, db}", "web", "db"])
}

fn side(dice: &mut Dice, application: &str) -> String {
    let zones = zones(dice);
    let selector = if dice.one_in(3) { format!("[{}]", dice.of(SELECTORS)) } else { String::new() };
    format!("{application}.{zones}{selector}")
}

fn anything(dice: &mut Dice, applications: &[&str]) -> String {
    if dice.one_in(3) {
        dice.of(EXTERNALS).to_owned()
    } else {
        let application = dice.of(applications);
        side(dice, application)
    }
}

fn because(dice: &mut Dice) -> &'static str {
    dice.of(&[" because \"r\"", " because \"r\" until 2027-06-30", " because \"r\" ticket T-1"])
}

fn application_line(dice: &mut Dice, own: &str) -> String {
    let left = side(dice, own);
    let traffic = dice.of(TRAFFIC);
    match dice.below(5) {
        0 => format!("{left} -> {}", side(dice, own)),
        1 => format!("{left} -> {} : {traffic}", side(dice, own)),
        2 => format!("{left} <-> {} : {traffic}", side(dice, own)),
        direction => {
            let other = if own == "a" { "b" } else { "a" };
            let right = anything(dice, &[other, "c"]);
            let arrow = if direction == 3 { "==>" } else { "<==" };
            crossing(dice, &left, arrow, &right, traffic)
        }
    }
}

fn crossing(dice: &mut Dice, left: &str, arrow: &str, right: &str, traffic: &str) -> String {
    let reason = because(dice);
    if right == "api" && arrow == "==>" {
        format!("{left} {arrow} {right}{reason}")
    } else {
        format!("{left} {arrow} {right} : {traffic}{reason}")
    }
}

fn platform_line(dice: &mut Dice) -> String {
    let all = ["*", "a", "b", "c"];
    let traffic = dice.of(TRAFFIC);
    if dice.one_in(3) {
        let left = anything(dice, &all);
        let arrow = dice.of(&["to", "==>"]);
        let right = anything(dice, &all);
        let traffic =
            if dice.one_in(2) && right != "api" { format!(" : {traffic}") } else { String::new() };
        let except = match dice.below(3) {
            0 if left == "onprem" => " except inner".to_owned(),
            0 => format!(" except {}", side(dice, "a")),
            1 => format!(" except {left}"),
            _ => String::new(),
        };
        return format!("forbid {left} {arrow} {right}{traffic}{except}");
    }
    let arrow = dice.of(&["==>", "<=="]);
    let (left, right) = if dice.one_in(3) {
        let left = dice.of(&IN_NAMESPACES).to_owned();
        (left, anything(dice, &["*", "a", "b"]))
    } else if dice.one_in(2) {
        (side(dice, "*"), anything(dice, &["*", "a", "b"]))
    } else {
        let application = dice.of(&["a", "b"]);
        (side(dice, application), side(dice, "*"))
    };
    crossing(dice, &left, arrow, &right, traffic)
}

/// A line of the platform with `external` at one of its ends.
fn line_about(dice: &mut Dice, external: &str) -> String {
    let all = ["*", "a", "b", "c"];
    let application = dice.of(&all);
    let other = side(dice, application);
    let traffic = dice.of(TRAFFIC);
    match dice.below(6) {
        0 => format!("forbid {external} to {other} : {traffic}"),
        1 => format!("forbid {other} to {external} : {traffic}"),
        2 => crossing(dice, external, "==>", &other, traffic),
        3 => crossing(dice, external, "<==", &other, traffic),
        arrow => {
            let other = side(dice, "*");
            crossing(dice, &other, if arrow == 4 { "==>" } else { "<==" }, external, traffic)
        }
    }
}

/// A world, as texts.
#[derive(Clone, Debug)]
pub(crate) struct World {
    files: Vec<(&'static str, Vec<String>)>,
    /// What manifests say of the namespaces of [`OUTSIDE`].
    outside: [Manifest; 4],
    deny: Deny,
    tiers: bool,
    /// Whether the name of a namespace is its zone.
    by_name: bool,
}

/// The world of this number.
pub(crate) fn world(seed: u64) -> World {
    let dice = &mut Dice::new(seed);
    let mut files = Vec::new();
    for own in ["a", "b"] {
        if own == "a" || !dice.one_in(4) {
            let count = dice.below(7);
            files.push((own, (0..count).map(|_| application_line(dice, own)).collect()));
        }
    }
    if !dice.one_in(5) {
        let mut lines: Vec<String> = vec![exempt(dice)];
        let declared = [
            "external onprem = 10.0.0.0/8 except 10.1.0.0/16",
            "external inner = 10.2.0.0/16",
            "external six = 2001:db8::/32, 192.0.2.0/24",
            "external dns = namespace kube-system [k8s-app == 'kube-dns']",
            "external mon = namespace monitoring",
            "external plain = namespace plain",
            "external api = service default/kubernetes",
            "port web = tcp/443, udp/443",
        ];
        lines.extend(declared.map(str::to_owned));
        if dice.one_in(3) {
            lines.push("log denied".to_owned());
        }
        let count = dice.below(9);
        lines.extend((0..count).map(|_| platform_line(dice)));
        for external in IN_NAMESPACES.into_iter().chain(IN_NAMESPACES) {
            lines.push(line_about(dice, external));
        }
        files.push(("platform", lines));
    }
    let outside = [(); 4].map(|()| Manifest::ALL[dice.below(3)]);
    let deny = match dice.below(4) {
        0 => Deny::LandingZones,
        1 => Deny::Applications(vec!["c".into()]),
        2 => Deny::Applications(Vec::new()),
        _ => Deny::All,
    };
    let by_name = dice.one_in(6);
    if by_name {
        for line in files.iter_mut().flat_map(|(_, lines)| lines) {
            *line = named(line);
        }
    }
    World { files, outside, deny, tiers: dice.one_in(2), by_name }
}

/// Some exempt namespaces, one at least.
fn exempt(dice: &mut Dice) -> String {
    let landing_zones = ["a-x", "b-db"].map(|name| (name, 4));
    let all = OUTSIDE.map(|name| (name, 2)).into_iter().chain(landing_zones);
    let mut names: Vec<_> =
        all.filter(|(_, rarity)| dice.one_in(*rarity)).map(|(name, _)| name).collect();
    if names.is_empty() {
        names.push(dice.of(&OUTSIDE));
    }
    format!("exempt {}", names.join(", "))
}

/// The line with the names of namespaces for those of zones.
fn named(line: &str) -> String {
    let mut line = line.to_owned();
    for (application, web, db) in
        [("a", "a-web", "a-db"), ("b", "b-web", "b-db"), ("*", "a-web", "b-db")]
    {
        for (zones, names) in [
            ("web", web.to_owned()),
            ("db", db.to_owned()),
            ("{web, db}", format!("{{{web}, {db}}}")),
        ] {
            line =
                line.replace(&format!("{application}.{zones}"), &format!("{application}.{names}"));
        }
    }
    line.replace("c.db", "c.c-db")
}

impl World {
    fn project(&self) -> Project {
        let mut project = project().settings(|settings| {
            settings.deny = self.deny.clone();
            settings.tiers = self.tiers;
            if self.by_name {
                settings.labels.zone = "kubernetes.io/metadata.name".into();
            }
            settings.release = Release::parse("3.30").unwrap();
            // The one that takes codes of ICMP types.
            settings.dataplane = Dataplane::Iptables;
            settings.cluster = vec!["172.16.0.0/12".parse().unwrap()];
        });
        for (name, application, zone) in NAMESPACES {
            project = project.namespace(name, application, zone);
        }
        for (name, manifest) in OUTSIDE.into_iter().zip(self.outside) {
            project = match manifest {
                Manifest::Missing => project,
                Manifest::Unlabelled => project.namespace(name, "", ""),
                Manifest::HalfLabelled => project.namespace(name, "", "web"),
            };
        }
        for (owner, lines) in &self.files {
            let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
            project = match *owner {
                "platform" => project.platform(&text),
                owner => project.file(owner, &text),
            };
        }
        project
    }

    /// The same with a line or a setting that is another.
    pub(crate) fn changed(mut self, dice: &mut Dice) -> Self {
        let chosen = dice.below(self.files.len());
        let (owner, lines) = &mut self.files[chosen];
        let owner = *owner;
        let fresh = |dice: &mut Dice| match owner {
            "platform" => platform_line(dice),
            own => application_line(dice, own),
        };
        if dice.one_in(6) && lines.iter().any(|line| line.contains(" : tcp/")) {
            for line in lines.iter_mut() {
                *line = line.replacen(" : tcp/", " : tcp/7777, tcp/", 1);
            }
            return self;
        }
        match dice.below(14) {
            0 => self.deny = if self.deny == Deny::All { Deny::LandingZones } else { Deny::All },
            1 if owner == "platform" => {
                let line = exempt(dice);
                lines.retain(|line| !line.starts_with("exempt"));
                lines.push(line);
            }
            2 | 3 => lines.push(fresh(dice)),
            4 => {
                for line in lines.iter_mut().filter(|line| line.starts_with("external onprem")) {
                    "external onprem = 10.0.0.0/8 except 10.1.0.0/17".clone_into(line);
                }
            }
            _ if lines.is_empty() => lines.push(fresh(dice)),
            5..=7 => {
                let at = dice.below(lines.len());
                // Without an exemption nothing compiles.
                if !lines[at].starts_with("exempt") {
                    lines[at] = fresh(dice);
                }
            }
            8..=11 => {
                let at = dice.below(lines.len());
                let traffic = dice.of(TRAFFIC);
                if let Some((ends, _)) = lines[at].split_once(" : ") {
                    lines[at] = format!("{ends} : {traffic} because \"r\"");
                }
            }
            _ => {
                let at = dice.below(lines.len());
                if !lines[at].starts_with("exempt") {
                    lines.remove(at);
                }
            }
        }
        if self.by_name {
            for line in self.files.iter_mut().flat_map(|(_, lines)| lines) {
                *line = named(line);
            }
        }
        self
    }

    /// The same in other words: other orders, lists of zones and of traffic as lines of their own, `<->` as two lines.
    pub(crate) fn rearranged(mut self, dice: &mut Dice) -> Self {
        for (_, lines) in &mut self.files {
            let mut said = Vec::new();
            for line in lines.drain(..) {
                let (ends, rest) = line.split_once(" : ").unwrap_or((&line, ""));
                let flow = ["-> ", "==>", "<=="].iter().any(|arrow| ends.contains(arrow));
                if let Some((left, right)) = ends.split_once(" <-> ") {
                    let rest = if rest.is_empty() { String::new() } else { format!(" : {rest}") };
                    said.push(format!("{left} -> {right}{rest}"));
                    said.push(format!("{right} -> {left}{rest}"));
                } else if flow && !line.starts_with("forbid") && line.contains("{web, db}") {
                    said.push(line.replacen("{web, db}", "web", 1));
                    said.push(line.replacen("{web, db}", "db", 1));
                } else if flow && !line.starts_with("forbid") && rest.contains(", ") {
                    let (first, second) = rest.split_once(", ").unwrap();
                    let (second, clauses) = second.split_once(' ').unwrap_or((second, ""));
                    said.push(format!("{ends} : {first} {clauses}"));
                    said.push(format!("{ends} : {second} {clauses}"));
                } else {
                    said.push(line);
                }
            }
            while !said.is_empty() {
                lines.push(said.remove(dice.below(said.len())));
            }
        }
        self
    }

    /// The same with these lines for the owners that have files, and none for those that are not named.
    pub(crate) fn saying(mut self, lines: &[(&str, String)]) -> Self {
        for (owner, own) in &mut self.files {
            let of_owner = lines.iter().filter(|(it, _)| it == owner);
            *own = of_owner.map(|(_, line)| line.clone()).collect();
        }
        self
    }

    /// All lines, and what is said of them.
    pub(crate) fn checked(&self) -> Checked {
        self.project().check()
    }

    /// The program, without the lines that are errors.
    pub(crate) fn program(mut self) -> (Program, Self) {
        loop {
            let checked = self.project().check();
            let mut bad: Vec<(String, usize)> = Vec::new();
            for said in checked.diagnostics.iter().filter(|said| said.level == Level::Error) {
                let place = said.primary().unwrap();
                let path = checked.sources.path(place.file).to_owned();
                bad.push((path, checked.sources.position(place).line));
            }
            if bad.is_empty() {
                return (checked.program, self);
            }
            let mut removed = 0;
            for (owner, lines) in &mut self.files {
                let mut number = 0;
                lines.retain(|_| {
                    number += 1;
                    let wrong = bad.iter().any(|(path, line)| {
                        path.starts_with(&format!("{owner}/")) && *line == number
                    });
                    removed += usize::from(wrong);
                    !wrong
                });
            }
            assert!(removed > 0, "no line is to blame: {bad:?}");
        }
    }

    /// The text, to be shown.
    pub(crate) fn text(&self) -> String {
        format!("{self:#?}")
    }

    /// Counts the constructs that there are, by their names in [`constructs`].
    pub(crate) fn count(&self, counts: &mut BTreeMap<&'static str, usize>) {
        let lines = || self.files.iter().flat_map(|(_, lines)| lines);
        let mut add = |name, count| *counts.entry(name).or_default() += count;
        for (name, holds) in WORDS {
            add(name, lines().filter(|line| holds(line)).count());
        }
        let has = |owner: &str| self.files.iter().any(|(it, _)| *it == owner);
        let settings = [
            (SETTINGS[0], self.deny == Deny::All),
            (SETTINGS[1], self.deny == Deny::LandingZones),
            (SETTINGS[2], matches!(&self.deny, Deny::Applications(names) if !names.is_empty())),
            (SETTINGS[3], matches!(&self.deny, Deny::Applications(names) if names.is_empty())),
            (SETTINGS[4], self.tiers),
            (SETTINGS[5], !self.tiers),
            (SETTINGS[6], self.by_name),
            (SETTINGS[7], !has("platform")),
            (SETTINGS[8], !has("b")),
            (SETTINGS[9], self.files.iter().any(|(_, lines)| lines.is_empty())),
        ];
        for (name, holds) in settings {
            add(name, usize::from(holds));
        }
    }
}

/// The names of all constructs that [`World::count`] counts.
pub(crate) fn constructs() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(name, _)| *name).chain(SETTINGS.iter().copied())
}

const SETTINGS: [&str; 10] = [
    "deny all",
    "deny landing zones",
    "deny listed",
    "deny none",
    "tiers",
    "no tiers",
    "zones by name",
    "no platform files",
    "an application without a file",
    "an empty file",
];

/// A construct of the grammar (language reference, section 4), and whether a line has it.
type Construct = (&'static str, fn(&str) -> bool);

fn flow(line: &str) -> bool {
    [" -> ", " <-> ", " ==> ", " <== "].iter().any(|it| line.contains(it)) && !forbid(line)
}

fn forbid(line: &str) -> bool {
    line.starts_with("forbid ")
}

/// The right side of `line` and what follows, after the arrow `arrow`.
fn right<'a>(line: &'a str, arrow: &str) -> &'a str {
    line.split_once(arrow).map_or("", |(_, right)| right)
}

const WORDS: &[Construct] = &[
    ("->", |line| line.contains(" -> ")),
    ("-> without traffic", |line| line.contains(" -> ") && !line.contains(" : ")),
    ("<->", |line| line.contains(" <-> ")),
    ("==>", |line| flow(line) && line.contains(" ==> ")),
    ("<==", |line| line.contains(" <== ")),
    ("forbid to", |line| forbid(line) && line.contains(" to ")),
    ("forbid ==>", |line| forbid(line) && line.contains(" ==> ")),
    ("forbid with traffic", |line| forbid(line) && line.contains(" : ")),
    ("forbid to, except", |line| {
        forbid(line) && line.contains(" to ") && line.contains(" except ")
    }),
    ("forbid ==>, except", |line| {
        forbid(line) && line.contains(" ==> ") && line.contains(" except ")
    }),
    ("forbid an external", |line| {
        EXTERNALS.iter().any(|it| line.starts_with(&format!("forbid {it} ")))
    }),
    ("an external excused by another", |line| line.contains("except inner")),
    ("forbid towards a service", |line| {
        forbid(line)
            && (right(line, " to ").starts_with("api") || right(line, " ==> ").starts_with("api"))
    }),
    ("because", |line| line.contains(" because ")),
    ("until", |line| line.contains(" until ")),
    ("ticket", |line| line.contains(" ticket ")),
    ("app.*", |line| line.contains("a.*")),
    ("*.zone", |line| line.contains("*.web") || line.contains("*.a-web")),
    ("*.*", |line| line.contains("*.*")),
    ("{zones}", |line| line.contains(".{")),
    ("zones with a selector", |line| line.contains("}[")),
    ("==", |line| line.contains("[app == 'x']")),
    ("!=", |line| line.contains("[app != 'x']")),
    ("has", |line| line.contains("[has(tier)]")),
    ("!has", |line| line.contains("!has(tier) && ")),
    ("in", |line| line.contains("app in {")),
    ("not in", |line| line.contains("app not in {")),
    ("starts with", |line| line.contains("starts with")),
    ("ends with", |line| line.contains("ends with")),
    ("contains", |line| line.contains("contains")),
    ("!(…)", |line| line.contains("[!(")),
    ("all()", |line| line.contains("[all()]")),
    ("a service account", |line| line.contains("serviceaccount")),
    ("addresses on the left", |line| forbid(line) && line.starts_with("forbid onprem")),
    ("==> addresses", |line| flow(line) && right(line, " ==> ").starts_with("onprem")),
    ("<== addresses", |line| right(line, " <== ").starts_with("onprem")),
    ("IPv6 addresses", |line| flow(line) && line.contains(" six ")),
    ("==> namespace", |line| right(line, " ==> ").starts_with("dns")),
    ("<== namespace", |line| right(line, " <== ").starts_with("mon")),
    ("a namespace on the left", |line| {
        flow(line) && IN_NAMESPACES.iter().any(|it| line.starts_with(&format!("{it} ")))
    }),
    ("==> service", |line| flow(line) && right(line, " ==> ").starts_with("api")),
    ("<== service", |line| right(line, " <== ").starts_with("api")),
    ("any", |line| line.contains(" : any")),
    ("a port", |line| line.contains(" : tcp/443")),
    ("a range", |line| line.contains("tcp/1000-2000")),
    ("a protocol", |line| line.ends_with(" : tcp") || line.contains(" : tcp ")),
    ("udp", |line| flow(line) && line.contains("udp/53")),
    ("sctp", |line| line.contains("sctp/5")),
    ("udplite", |line| line.contains("udplite")),
    ("icmp", |line| line.ends_with(" : icmp") || line.contains(" : icmp ")),
    ("an ICMP type", |line| line.ends_with("icmp/8") || line.contains("icmp/8 ")),
    ("an ICMP code", |line| line.contains("icmp/8/0")),
    ("icmpv6", |line| line.contains("icmpv6")),
    ("protocol/N", |line| line.contains("protocol/47")),
    ("a port name", |line| line.contains(" : web")),
    ("a named port", |line| line.contains("/https")),
    ("log denied", |line| line == "log denied"),
    ("exempt", |line| line.starts_with("exempt ")),
    ("an exempt landing zone", |line| line.starts_with("exempt ") && line.contains("a-x")),
];

fn labels(dice: &mut Dice) -> LabelMap {
    let mut labels = LabelMap::new();
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            labels.insert(key.into(), value.into());
        }
    };
    add("app", dice.of(&["", "x", "y", "xyz", "z", "other"]));
    add("tier", dice.of(&["", "1", "2"]));
    add("k8s-app", dice.of(&["", "kube-dns"]));
    add("projectcalico.org/serviceaccount", dice.of(&["", "robot", "other"]));
    labels
}

fn namespace(dice: &mut Dice) -> (String, LabelMap) {
    let mut labels = LabelMap::new();
    let (name, application, zone) = if dice.one_in(2) {
        let name = dice.of(&["new", "kube-system", "default", "monitoring", "plain"]);
        let application = dice.of(&["", "", "a", "b", "c", "d"]);
        (name, application, dice.of(&["", "web", "db", "other"]))
    } else {
        NAMESPACES[dice.below(NAMESPACES.len())]
    };
    for (key, value) in [("applicationcode", application), ("zone", zone)] {
        if !value.is_empty() {
            labels.insert(key.into(), value.into());
        }
    }
    labels.insert("kubernetes.io/metadata.name".into(), name.into());
    (name.to_owned(), labels)
}

fn pod(dice: &mut Dice) -> End {
    let (namespace, of_namespace) = namespace(dice);
    End::Pod { namespace: namespace.into(), of_namespace, labels: labels(dice), address: None }
}

fn peer(dice: &mut Dice) -> End {
    match dice.below(8) {
        0 => {
            let (namespace, of_namespace) = namespace(dice);
            End::Held {
                namespace: namespace.into(),
                of_namespace,
                labels: labels(dice),
                address: None,
            }
        }
        1 => End::Host { labels: labels(dice), address: None },
        2 | 3 => {
            let address: IpAddr = dice
                .of(&[
                    "10.0.0.1",
                    "10.1.2.3",
                    "10.2.3.4",
                    "192.0.2.9",
                    "8.8.8.8",
                    "2001:db8::1",
                    "fe80::1",
                ])
                .parse()
                .unwrap();
            End::Address(address)
        }
        _ => pod(dice),
    }
}

/// A connection by chance; to an endpoint of a service only where `service` is in play.
pub(crate) fn example(dice: &mut Dice, service: bool) -> Example {
    let direction = Direction::BOTH[dice.below(2)];
    let subject =
        if dice.one_in(12) { End::Host { labels: labels(dice), address: None } } else { pod(dice) };
    let peer = peer(dice);
    let family = match &peer {
        End::Address(address) if address.is_ipv4() => Family::V4,
        End::Address(_) => Family::V6,
        _ => [Family::V4, Family::V6][dice.below(2)],
    };
    let receiver = if direction == Direction::Ingress { &subject } else { &peer };
    let names = match (receiver, dice.below(3)) {
        (End::Pod { .. }, 0) => vec!["https".into()],
        (End::Pod { .. }, 1) => vec!["https".into(), "metrics".into()],
        _ => Vec::new(),
    };
    let port = [1, 5, 53, 443, 999, 1000, 1700, 2000, 2001, 8443][dice.below(10)];
    let (protocol, detail) = match dice.below(10) {
        0..=3 => (6, Detail::Port(port, names)),
        4 | 5 => (17, Detail::Port(port, names)),
        6 => (132, Detail::Port(port, names)),
        7 => (
            [1, 58][dice.below(2)],
            Detail::Icmp([8, 128, 3][dice.below(3)], [0, 1][dice.below(2)]),
        ),
        8 => (136, Detail::None),
        _ => ([47, 50][dice.below(2)], Detail::None),
    };
    let of_service = service && dice.one_in(8);
    let (namespace, name) = ("default".into(), "kubernetes".into());
    let kubernetes = match direction {
        Direction::Egress => Condition::ToService { namespace, name },
        Direction::Ingress => Condition::FromService { namespace, name },
    };
    let conditions = of_service.then_some(kubernetes).into_iter().collect();
    Example {
        direction,
        subject,
        peer,
        traffic: Connection { family, protocol, detail },
        conditions,
    }
}
