//! Answers, as programs read them: the text for people says the same.

use serde::Serialize;

/// What the answer to a question is, or that of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All of it passes.
    Allow,
    /// Nothing of it does.
    Deny,
    /// It depends on something that nobody here knows.
    Undecided,
    /// Some of it does, and some does not.
    Differs,
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// A rule.
    Rule,
    /// The end of a tier whose policies leave it open.
    EndOfTier,
    /// A port of a host endpoint that stays open whatever policies say.
    Failsafe,
    /// The profiles: policies select the endpoint, and every tier passes the connection on.
    Profile,
    /// The profiles: no policy of that direction selects the endpoint.
    NotIsolated,
    /// That end is no endpoint of the cluster.
    Outside,
    /// Nothing that is known here.
    Undecided,
}

/// The answer to a question.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The answer.
    pub verdict: Verdict,
    /// Who opens the connections, as asked.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Which; `None` where all that is open is asked for.
    pub traffic: Option<String>,
    /// What is open, where the question asks for that or the answer differs.
    pub open: Vec<OpenTraffic>,
    /// What is closed, where the answer differs.
    pub closed: Vec<OpenTraffic>,
    /// What cannot be told, where the answer differs.
    pub undecided: Vec<OpenTraffic>,
    /// What the senders' policies say.
    pub leaving: Vec<AnswerHalf>,
    /// What the receivers' policies say.
    pub arriving: Vec<AnswerHalf>,
    /// The rules that come nearest to what is closed.
    pub nearest: Vec<Near>,
    /// In a project, the lines to write for it.
    pub write: Vec<FlowLine>,
    /// What it touches that is not closed, or not decided here.
    #[serde(flatten)]
    pub gaps: Gaps,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// Connections of which the answer is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenTraffic {
    /// The namespaces, addresses or hosts that they come from.
    pub from: Vec<String>,
    /// Those that they go to.
    pub to: Vec<String>,
    /// What of it.
    #[serde(flatten)]
    pub extent: Extent,
    /// One of the connections.
    pub example: String,
}

/// A part of what is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Extent {
    /// The traffic, in the words of flow lines; `None` for all that is asked.
    pub traffic: Option<String>,
    /// What must hold besides: one of these.
    pub when: Vec<When>,
    /// Whether there are more ways than `when` lists.
    pub more: bool,
}

/// What must hold for the two ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct When {
    /// Which senders, as a selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Senders at which addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from_addresses: Vec<String>,
    /// Senders at any address but these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from_addresses_except: Vec<String>,
    /// Which receivers, as a selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Receivers at which addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_addresses: Vec<String>,
    /// Receivers at any address but these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_addresses_except: Vec<String>,
}

/// What one end does, towards some of the other ends.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerHalf {
    /// The namespaces, hosts or addresses of which it is true.
    pub at: Vec<String>,
    /// The other ends; empty for all of them.
    pub towards: Vec<String>,
    /// What it says to what is asked.
    pub verdict: Verdict,
    /// What decides, in the order in which it is asked.
    pub parts: Vec<AnswerPart>,
}

/// What decides about a part of what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerPart {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why.
    pub because: Because,
    /// The tier of the policy, or the one that ends.
    pub tier: Option<String>,
    /// The policy.
    pub policy: Option<PolicyRef>,
    /// The rule, by its index in the list that it stands in, from 0.
    pub rule: Option<usize>,
    /// Where the rule stands, `file:line`.
    pub source: Option<String>,
    /// At the end of a tier, the policies that apply, in the order in which they are asked.
    pub policies: Vec<PolicyRef>,
    /// The lines of flow files behind the rule.
    pub flows: Vec<FlowLine>,
    /// What would have to be known.
    pub why: Option<String>,
    /// Which part of what is asked; empty for all of it.
    pub extent: Vec<Extent>,
}

/// A policy by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PolicyRef {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it is one of Kubernetes.
    #[serde(skip)]
    pub kubernetes: bool,
}

/// A line of a flow file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowLine {
    /// The line.
    pub line: String,
    /// Its reason.
    pub because: Option<String>,
    /// Where it stands, `file:line`; of one to be written, whose it is.
    pub source: String,
    /// Whether it is a guardrail.
    #[serde(skip)]
    pub guardrail: bool,
}

/// A rule that would have allowed it, but for one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Whose end the rule is asked at.
    pub at: String,
    /// The policy.
    pub policy: PolicyRef,
    /// The rule, by its index in the list that it stands in, from 0.
    pub rule: usize,
    /// Where it stands, `file:line`.
    pub source: String,
    /// The lines of flow files behind it.
    pub flows: Vec<FlowLine>,
    /// What it is about instead of what is asked.
    pub but: String,
}

/// What an answer touches that is not closed, or not decided here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gaps {
    /// The landing zones that nothing closes.
    pub not_closed: Vec<String>,
    /// The guardrails against it that hold at neither end.
    pub not_held: Vec<FlowLine>,
    /// The applications whose lines decide, and are in another project.
    pub elsewhere: Vec<String>,
}
