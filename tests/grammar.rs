//! Holds `grammar/flow.ebnf` and the parser together: programs made from the file are accepted, every
//! alternative of it among them, and programs with a token changed are judged by both alike.

use std::collections::{BTreeMap, BTreeSet};

use eastwest::source::Sources;
use eastwest::syntax;

/// What a rule of the file says. Choices are numbered, so that it can be counted which were made.
#[derive(Debug)]
enum Node {
    Text(String),
    Name(String),
    Sequence(Vec<Node>),
    Choice(usize, Vec<Node>),
    Maybe(usize, Box<Node>),
    Many(usize, Box<Node>),
}

type Grammar = BTreeMap<String, Node>;

/// Reads the file.
struct Reader {
    signs: Vec<String>,
    at: usize,
    choices: usize,
}

impl Reader {
    fn grammar() -> Grammar {
        let mut text = include_str!("../grammar/flow.ebnf").to_owned();
        while let Some(start) = text.find("(*") {
            let end = start + text[start..].find("*)").unwrap() + 2;
            text.replace_range(start..end, " ");
        }
        let mut signs = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => rest[1..].find('"').unwrap() + 2,
                c if c.is_ascii_alphabetic() => {
                    rest.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap()
                }
                _ => 1,
            };
            signs.push(rest[..length].to_owned());
            rest = rest[length..].trim_start();
        }
        let mut reader = Self { signs, at: 0, choices: 0 };
        let mut grammar = Grammar::new();
        while reader.at < reader.signs.len() {
            let name = reader.next();
            assert_eq!(reader.next(), "=", "after {name}");
            let node = reader.choice();
            assert_eq!(reader.next(), ";", "at the end of {name}");
            assert!(grammar.insert(name, node).is_none());
        }
        grammar
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.signs[self.at - 1].clone()
    }

    fn number(&mut self) -> usize {
        self.choices += 1;
        self.choices
    }

    fn choice(&mut self) -> Node {
        let mut branches = vec![self.sequence()];
        while self.signs[self.at] == "|" {
            self.at += 1;
            branches.push(self.sequence());
        }
        if branches.len() == 1 { branches.remove(0) } else { Node::Choice(self.number(), branches) }
    }

    fn sequence(&mut self) -> Node {
        let mut parts = Vec::new();
        while !["|", ";", ")", "]", "}"].contains(&self.signs[self.at].as_str()) {
            let sign = self.next();
            let inner = match sign.as_str() {
                "(" | "[" | "{" => Some(self.choice()),
                _ => None,
            };
            parts.push(match (sign.as_str(), inner) {
                ("(", Some(inner)) => inner,
                ("[", Some(inner)) => Node::Maybe(self.number(), Box::new(inner)),
                (_, Some(inner)) => Node::Many(self.number(), Box::new(inner)),
                (text, None) if text.starts_with('"') => {
                    Node::Text(text.trim_matches('"').to_owned())
                }
                (name, None) => Node::Name(name.to_owned()),
            });
            if ["(", "[", "{"].contains(&sign.as_str()) {
                self.at += 1;
            }
        }
        Node::Sequence(parts)
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const NAMES: &[&str] =
    &["app-1", "x", "a--b2", "web", "\"quoted\"", "to", "denied", "service", "namespace"];

/// Texts that a token of the file may have.
fn examples(token: &str) -> Option<&'static [&'static str]> {
    Some(match token {
        "NAME" | "ALIAS" => NAMES,
        "NUMBER" => &["0", "8", "443"],
        "RANGE" => &["80-90"],
        "STRING" => &["\"why\"", "\"a \\\"b\\\" \\u{e4}\""],
        "DATE" => &["2026-11-22"],
        "CIDR" => &["10.0.0.0/8", "fd00::/8", "::/0"],
        "ADDRESS" => &["10.0.0.1", "fd00::1"],
        "SELECTOR" => &["[app == 'x]']", "[has(a) && b in {\"c\"}]"],
        "END" => &["\n"],
        _ => return None,
    })
}

/// Writes a program, noting the choices made.
fn generate(
    grammar: &Grammar,
    node: &Node,
    dice: &mut Dice,
    made: &mut BTreeSet<(usize, usize)>,
    out: &mut Vec<String>,
) {
    match node {
        Node::Text(text) => out.push(text.clone()),
        Node::Name(name) => match examples(name) {
            Some(texts) => out.push(dice.pick(texts).to_owned()),
            None => generate(grammar, &grammar[name], dice, made, out),
        },
        Node::Sequence(parts) => {
            for part in parts {
                generate(grammar, part, dice, made, out);
            }
        }
        Node::Choice(number, branches) => {
            let branch = dice.roll(branches.len());
            made.insert((*number, branch));
            generate(grammar, &branches[branch], dice, made, out);
        }
        Node::Maybe(number, inner) | Node::Many(number, inner) => {
            let most = if matches!(node, Node::Maybe(..)) { 2 } else { 3 };
            let times = dice.roll(most);
            made.insert((*number, times));
            for _ in 0..times {
                generate(grammar, inner, dice, made, out);
            }
        }
    }
}

/// All choices that can be made.
fn choices(node: &Node, all: &mut BTreeSet<(usize, usize)>) {
    match node {
        Node::Text(_) | Node::Name(_) => {}
        Node::Sequence(parts) => {
            for part in parts {
                choices(part, all);
            }
        }
        Node::Choice(number, branches) => {
            all.extend((0..branches.len()).map(|branch| (*number, branch)));
            for branch in branches {
                choices(branch, all);
            }
        }
        Node::Maybe(number, inner) => {
            all.extend([(*number, 0), (*number, 1)]);
            choices(inner, all);
        }
        Node::Many(number, inner) => {
            all.extend([(*number, 0), (*number, 1), (*number, 2)]);
            choices(inner, all);
        }
    }
}

/// Whether `text` is the token `class`, by the description at the top of the file.
fn is_token(class: &str, text: &str) -> bool {
    let string = text.starts_with('"');
    let word = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let range = text.split_once('-').is_some_and(|(one, other)| digits(one) && digits(other));
    let taken = ["tcp", "udp", "sctp", "udplite", "icmp", "icmpv6", "any"].contains(&text);
    match class {
        "NAME" => string || word,
        "ALIAS" => string || word && !digits(text) && !range && !taken,
        "NUMBER" => digits(text),
        "RANGE" => range,
        other => examples(other).unwrap().contains(&text) || other == "STRING" && string,
    }
}

/// Where the text of `node` can end in `tokens` if it begins at `at`.
fn ends(grammar: &Grammar, node: &Node, tokens: &[String], at: usize) -> BTreeSet<usize> {
    let statement_word = |index: usize| {
        index == 0
            && ["exempt", "external", "port", "forbid", "log"].contains(&tokens[0].as_str())
            && tokens.get(1).is_none_or(|next| next != ".")
    };
    match node {
        Node::Text(text) => {
            let here = tokens.get(at).is_some_and(|token| token == text);
            let first_word = at == 0 && text.starts_with(|c: char| c.is_ascii_alphabetic());
            if here && (!first_word || statement_word(0)) {
                [at + 1].into()
            } else {
                BTreeSet::new()
            }
        }
        Node::Name(name) if examples(name).is_some() => {
            let here = tokens.get(at).is_some_and(|token| is_token(name, token));
            if here && !statement_word(at) { [at + 1].into() } else { BTreeSet::new() }
        }
        Node::Name(name) => ends(grammar, &grammar[name], tokens, at),
        Node::Sequence(parts) => parts.iter().fold([at].into(), |from: BTreeSet<_>, part| {
            from.into_iter().flat_map(|at| ends(grammar, part, tokens, at)).collect()
        }),
        Node::Choice(_, branches) => {
            branches.iter().flat_map(|branch| ends(grammar, branch, tokens, at)).collect()
        }
        Node::Maybe(_, inner) => {
            let mut found = ends(grammar, inner, tokens, at);
            found.insert(at);
            found
        }
        Node::Many(_, inner) => {
            let mut found: BTreeSet<usize> = [at].into();
            let mut fresh = vec![at];
            while let Some(at) = fresh.pop() {
                fresh.extend(
                    ends(grammar, inner, tokens, at).into_iter().filter(|end| found.insert(*end)),
                );
            }
            found
        }
    }
}

fn in_grammar(grammar: &Grammar, tokens: &[String]) -> bool {
    ends(grammar, &grammar["statement"], tokens, 0).contains(&tokens.len())
}

/// The codes of what the parser says about `text`.
fn refused(text: &str) -> Vec<(&'static str, String)> {
    let mut sources = Sources::new();
    let file = sources.add("a.flow", text);
    let (_, diagnostics) = syntax::parse(&sources, file);
    diagnostics.into_iter().map(|one| (one.code.code, one.message)).collect()
}

/// Whether what the parser says is among the rules that the file lists and its grammar does not show.
fn is_other_rule((code, message): &(&'static str, String)) -> bool {
    ["EW0111", "EW0112", "EW0113", "EW0116"].contains(code) || message.contains("appears twice")
}

/// A statement of the grammar, as tokens.
fn statement(
    grammar: &Grammar,
    dice: &mut Dice,
    made: &mut BTreeSet<(usize, usize)>,
) -> Vec<String> {
    let mut tokens = Vec::new();
    generate(grammar, &grammar["statement"], dice, made, &mut tokens);
    tokens
}

#[test]
fn every_alternative_of_the_file_is_accepted() {
    let grammar = Reader::grammar();
    let mut all = BTreeSet::new();
    for node in grammar.values() {
        choices(node, &mut all);
    }
    let (mut dice, mut made) = (Dice(2026), BTreeSet::new());
    let mut statements = 0;
    for _ in 0..1500 {
        let mut tokens = Vec::new();
        generate(&grammar, &grammar["program"], &mut dice, &mut made, &mut tokens);
        statements += tokens.iter().filter(|token| *token == "\n").count();
        let text = tokens.join(" ");
        let wrong: Vec<_> = refused(&text).into_iter().filter(|one| !is_other_rule(one)).collect();
        assert!(wrong.is_empty(), "{wrong:?} in\n{text}");
    }
    let missing: Vec<_> = all.difference(&made).collect();
    assert!(missing.is_empty(), "not exercised: {missing:?}");
    println!("{} rules, {} choices, {statements} statements", grammar.len(), all.len());
}

#[test]
fn a_changed_token_is_judged_alike() {
    let grammar = Reader::grammar();
    let (mut dice, mut made) = (Dice(443), BTreeSet::new());
    let (mut outside, mut inside) = (0, 0);
    for _ in 0..4000 {
        let mut tokens = statement(&grammar, &mut dice, &mut made);
        assert!(in_grammar(&grammar, &tokens), "{tokens:?}");
        let at = dice.roll(tokens.len());
        match dice.roll(3) {
            0 => drop(tokens.remove(at)),
            1 => {
                let other = statement(&grammar, &mut dice, &mut made);
                tokens.insert(at, other[dice.roll(other.len())].clone());
            }
            _ => {
                let other = dice.roll(tokens.len());
                tokens.swap(at, other);
            }
        }
        if tokens.is_empty() {
            continue;
        }
        let text = tokens.join(" ");
        let found = refused(&text);
        if in_grammar(&grammar, &tokens) {
            inside += 1;
            assert!(
                found.iter().all(is_other_rule),
                "refused, though in the grammar: {text}\n{found:?}"
            );
        } else {
            outside += 1;
            assert_eq!(found.len(), 1, "one error, as it is not in the grammar: {text}\n{found:?}");
        }
    }
    assert!(outside > 1000 && inside > 300, "{outside} outside, {inside} inside");
}
