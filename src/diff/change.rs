//! A difference between two worlds, as programs read it: every rendering says the same.

use jiff::civil::Date;
use serde::Serialize;

use crate::reach::Example;

/// All differences between two worlds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// Whether the traffic is the same, and stays as long.
    pub same: bool,
    /// How many of what.
    pub summary: Summary,
    /// The changes of traffic, in the order in which one should see them.
    pub sections: Vec<Section>,
    /// The namespaces that are in another zone.
    pub namespaces: Vec<Moved>,
    /// The lines whose traffic is the same, and that stay open longer: their last day is a later one, or is gone.
    pub longer: Vec<Reworded>,
    /// The other lines whose traffic is the same, and whose reason, ticket or date is another.
    pub reworded: Vec<Reworded>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Whether it is of crossings alone.
    #[serde(skip)]
    pub crossings_alone: bool,
    /// Connections that pass at their subject in the one world and not in the other, and whether that is the new one: one for
    /// each change of a flow.
    #[serde(skip)]
    pub examples: Vec<(Example, bool)>,
}

impl Diff {
    /// The whole of these.
    pub(super) fn new(
        mut sections: Vec<Section>,
        namespaces: Vec<Moved>,
        reworded: Vec<Reworded>,
    ) -> Self {
        sections.sort_by(|a, b| (a.topic, &a.application).cmp(&(b.topic, &b.application)));
        sections.dedup_by(|next, first| {
            let same = (next.topic, &next.application) == (first.topic, &first.application);
            if same {
                first.changes.append(&mut next.changes);
            }
            same
        });
        let mut summary = Summary { namespaces: 0, ..Summary::default() };
        let mut externals = std::collections::BTreeSet::new();
        for change in sections.iter().flat_map(|section| &section.changes) {
            if change.subject != ChangeSubject::Flow {
                summary.guardrails += 1;
                continue;
            }
            let count = match change.change {
                ChangeKind::Added => &mut summary.added,
                ChangeKind::Widened => &mut summary.widened,
                ChangeKind::Changed => &mut summary.changed,
                ChangeKind::Narrowed => &mut summary.narrowed,
                ChangeKind::Removed => &mut summary.removed,
            };
            *count += 1;
            externals.extend(change.new_external.then_some(change.external.as_ref()).flatten());
        }
        summary.externals = externals.len();
        let crossings = sections.iter().filter(|section| section.topic == Topic::Crossings);
        summary.crossings = crossings.map(|section| section.changes.len()).sum();
        summary.namespaces = namespaces.iter().map(|it| it.namespaces.len()).sum();
        let (longer, mut reworded): (Vec<_>, Vec<_>) =
            reworded.into_iter().partition(Reworded::stays_longer);
        let same = sections.is_empty() && namespaces.is_empty() && longer.is_empty();
        // What a change shows side by side is told once.
        let changes = sections.iter().flat_map(|section| &section.changes);
        let shown = |version: &Option<Version>, line: &ChangedLine| {
            version.as_ref().is_some_and(|it| it.lines.contains(line))
        };
        let both: Vec<_> = changes.filter(|it| it.old.is_some() && it.new.is_some()).collect();
        reworded.retain(|it| {
            !both.iter().any(|change| shown(&change.old, &it.old) && shown(&change.new, &it.new))
        });
        Self {
            same,
            summary,
            sections,
            namespaces,
            longer,
            reworded,
            notes: Vec::new(),
            crossings_alone: false,
            examples: Vec::new(),
        }
    }
}

impl Diff {
    /// The same, where the policies of these owners are not written any more: what they close is open once they are gone.
    #[must_use]
    pub fn unwritten<'a>(self, owners: impl Iterator<Item = &'a String>) -> Self {
        let change = |owner: &String| Change {
            change: ChangeKind::Removed,
            subject: ChangeSubject::Deny,
            old: Some(Version {
                ends: format!("the policies of {owner} are written here"),
                traffic: None,
                lines: Vec::new(),
            }),
            notes: vec![
                "`write` left them out: what they alone close is open once they are gone"
                    .to_owned(),
            ],
            ..Change::default()
        };
        let changes: Vec<_> = owners.map(change).collect();
        if changes.is_empty() {
            return self;
        }
        let mut sections = self.sections;
        sections.push(Section { topic: Topic::Guardrails, application: None, changes });
        let (notes, examples) = (self.notes, self.examples);
        let reworded = self.longer.into_iter().chain(self.reworded).collect();
        Self { notes, examples, ..Self::new(sections, self.namespaces, reworded) }
    }

    /// What of it moves a boundary: what leaves or enters a landing zone, guardrails, exemptions and the default deny, and the
    /// namespaces that are in another landing zone, or for which something of these holds that did not.
    #[must_use]
    pub fn crossings(self) -> Self {
        let (mut sections, mut namespaces) = (self.sections, self.namespaces);
        sections.retain(|section| matches!(section.topic, Topic::Crossings | Topic::Guardrails));
        for it in &mut namespaces {
            it.gains.retain(ChangePart::moves_a_boundary);
            it.loses.retain(ChangePart::moves_a_boundary);
        }
        namespaces.retain(|it| !it.stays || !it.gains.is_empty() || !it.loses.is_empty());
        let longer = self.longer.into_iter().filter(|it| it.crosses).collect();
        Self { crossings_alone: true, ..Self::new(sections, namespaces, longer) }
    }
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Flows that open where nothing was open.
    pub added: usize,
    /// Flows that open more.
    pub widened: usize,
    /// Flows that open something and close something.
    pub changed: usize,
    /// Flows that open less.
    pub narrowed: usize,
    /// Flows of which nothing is left.
    pub removed: usize,
    /// How many of these cross a boundary.
    pub crossings: usize,
    /// How many externals were not there, and are used.
    pub externals: usize,
    /// Changes of guardrails, exemptions and the default deny.
    pub guardrails: usize,
    /// Namespaces that are in another zone.
    pub namespaces: usize,
}

/// Changes of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What they are about.
    pub topic: Topic,
    /// The application, where they are inside of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The changes.
    pub changes: Vec<Change>,
}

/// What changes are about, in the order in which one should see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Flows that leave or enter a landing zone.
    Crossings,
    /// Guardrails, exemptions, and the default deny.
    Guardrails,
    /// Flows inside a landing zone.
    Inside,
    /// What is not an application's: traffic of namespaces outside every landing zone.
    Others,
}

/// How traffic changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// There is some where none was.
    #[default]
    Added,
    /// There is more.
    Widened,
    /// There is more of one and less of another.
    Changed,
    /// There is less.
    Narrowed,
    /// There is none left.
    Removed,
}

impl ChangeKind {
    /// What becomes of something that was there or not, and is there or not, with more or less of it.
    pub(super) fn of([was, is]: [bool; 2], [less, more]: [bool; 2]) -> Self {
        match (was, is) {
            (false, _) => Self::Added,
            (true, false) => Self::Removed,
            (true, true) if more && less => Self::Changed,
            (true, true) if less => Self::Narrowed,
            (true, true) => Self::Widened,
        }
    }

    /// As a sign in the margin.
    pub fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Widened | Self::Changed | Self::Narrowed => '~',
            Self::Removed => '-',
        }
    }

    /// As a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Widened => "widened",
            Self::Changed => "changed",
            Self::Narrowed => "narrowed",
            Self::Removed => "removed",
        }
    }
}

/// What a change is a change of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeSubject {
    /// What flow lines open.
    #[default]
    Flow,
    /// What a guardrail forbids: *added* and *widened* mean that it forbids more.
    Guardrail,
    /// Whom the default deny leaves out: *added* means one more who is.
    Exemption,
    /// Whom the default deny holds.
    Deny,
}

/// An arrow of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum ChangeArrow {
    /// Inside a landing zone: both sides.
    #[serde(rename = "->")]
    Inside,
    /// Leaving: the sender's side.
    #[serde(rename = "==>")]
    Leaving,
    /// Entering: the receiver's side.
    #[serde(rename = "<==")]
    Entering,
}

impl ChangeArrow {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Inside => "->",
            Self::Leaving => "==>",
            Self::Entering => "<==",
        }
    }
}

/// One change of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// How it changes.
    pub change: ChangeKind,
    /// What it is a change of.
    pub subject: ChangeSubject,
    /// From where connections are opened; empty where the change is of no flow.
    pub from: String,
    /// To where.
    pub to: String,
    /// The arrow of a flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrow: Option<ChangeArrow>,
    /// Whether an end is an external, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Whether the old world has no external of this name.
    pub new_external: bool,
    /// How it was, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Version>,
    /// How it is, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Version>,
    /// What comes of it today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Whose line the other side waits for, or whose it meets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The lines of the other side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meets: Vec<ChangedLine>,
    /// What else there is to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// A connection that the change is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// One side of a change: the old or the new.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Version {
    /// What is said, without its traffic: `a.web -> a.db`.
    pub ends: String,
    /// The traffic; none where that is not what the change is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic: Option<String>,
    /// The lines that say so.
    pub lines: Vec<ChangedLine>,
}

impl Version {
    /// As a line.
    pub fn text(&self) -> String {
        match &self.traffic {
            Some(traffic) => format!("{} : {traffic}", self.ends),
            None => self.ends.clone(),
        }
    }
}

/// A line of a flow file, or a rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChangedLine {
    /// The line without its clauses.
    pub line: String,
    /// Its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Its ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The last day on which it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// `file:line`
    pub source: String,
    /// Where it stands, for what points into files.
    #[serde(skip)]
    pub span: Option<crate::source::Span>,
}

/// What comes of a change of one side of a flow today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Connections pass that did not.
    Opens,
    /// Connections pass that did not: the other side was open already.
    Completes,
    /// Some do, and for some the other side has to open.
    OpensPartly,
    /// None does before the other side opens.
    Waits,
    /// Connections do not pass that did.
    Closes,
    /// None passed: the other side was not open.
    WasWaiting,
    /// There is nothing yet that it is about.
    Latent,
}

/// Namespaces that join a zone, leave it, or go from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// The zone that they were in; none where they were not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The zone that they are in; none where they are not known any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether they are in the landing zone in which they were.
    #[serde(skip)]
    pub stays: bool,
    /// What holds for them now, and did not.
    pub gains: Vec<ChangePart>,
    /// What held for them, and does not.
    pub loses: Vec<ChangePart>,
    /// `file:line` of the declaration.
    pub source: String,
    /// Where that is: in the new world, or of those that leave in the old one.
    #[serde(skip)]
    pub span: Option<crate::source::Span>,
}

/// What a line is about for namespaces that it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChangePart {
    /// What kind of line it is: a flow or a guardrail.
    pub subject: ChangeSubject,
    /// Which of their connections.
    pub way: ChangeWay,
    /// Whether the line is about what leaves or enters a landing zone.
    #[serde(skip)]
    pub crosses: bool,
    /// The line.
    #[serde(flatten)]
    pub line: ChangedLine,
}

impl ChangePart {
    /// What comes of it, in words, where it holds now (`gained`) or no longer.
    pub fn text(&self, gained: bool) -> String {
        let (line, way) = (&self.line.line, self.way.word());
        match (self.subject, gained) {
            (ChangeSubject::Guardrail, true) => format!("is held by {line}"),
            (ChangeSubject::Guardrail, false) => format!("is no longer subject to {line}"),
            (_, true) => format!("gains {way}: {line}"),
            (_, false) => format!("loses {way}: {line}"),
        }
    }

    fn moves_a_boundary(&self) -> bool {
        self.crosses || self.subject != ChangeSubject::Flow
    }
}

/// Connections of a namespace, by where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeWay {
    /// Those that it opens.
    Leaving,
    /// Those that are opened to it.
    Arriving,
    /// All of them.
    Both,
}

impl ChangeWay {
    /// Of those that leave and those that arrive.
    pub(super) fn of([leaving, arriving]: [bool; 2]) -> Option<Self> {
        match (leaving, arriving) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Leaving),
            (false, true) => Some(Self::Arriving),
            (false, false) => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Leaving => "leaving",
            Self::Arriving => "arriving",
            Self::Both => "both ways",
        }
    }
}

/// A line that means the same, and says another reason, ticket or date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reworded {
    /// As it was.
    pub old: ChangedLine,
    /// As it is.
    pub new: ChangedLine,
    /// Whether it leaves or enters a landing zone.
    #[serde(skip)]
    pub crosses: bool,
}

impl Reworded {
    /// Whether its last day is a later one, or is gone.
    pub fn stays_longer(&self) -> bool {
        match (&self.old.until, &self.new.until) {
            (Some(old), Some(new)) => new > old,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}
