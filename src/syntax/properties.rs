//! Properties of the parser and the printer: every tree survives printing and reading, and no text, however
//! broken, makes the parser panic or speak of a place that is not there.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::token::TokenKind;
use super::tree::{
    Application, Arrow, Clauses, Endpoint, Exempt, External, ExternalValue, Flow, Forbid, Match,
    Name, Place, Port, Statement, Traffic, TrafficDetail, Tree, ZoneList,
};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span, Spanned};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() }
}

fn nowhere() -> Span {
    let mut sources = Sources::new();
    let file: FileId = sources.add("", "");
    Span::new(file, 0, 0)
}

fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, nowhere())
}

/// Words of the language among the names, and names that have to be quoted.
fn label() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        "[A-Za-z0-9]([A-Za-z0-9_.-]{0,6}[A-Za-z0-9])?",
        "(exempt|external|port|forbid|log|denied|to|because|until|ticket|except|any|tcp|protocol|10|cafe)",
    ]
    .prop_map(Into::into)
}

fn name(text: impl Strategy<Value = Box<str>>) -> impl Strategy<Value = Name> {
    text.prop_map(at)
}

fn object() -> impl Strategy<Value = Name> {
    name("[a-z0-9](-?[a-z0-9]){0,5}|because|port".prop_map(Into::into))
}

fn declared() -> impl Strategy<Value = Name> {
    name("[a-z](-?[a-z0-9]){0,5}x|because|port|protocol".prop_map(Into::into))
}

fn any_text() -> impl Strategy<Value = Box<str>> {
    "[ -~é\n\t]{0,8}x".prop_map(Into::into)
}

fn selector() -> impl Strategy<Value = Option<Spanned<Box<str>>>> {
    option::of(
        prop_oneof!["[a-z =!&{},]{0,8}", "[a-z]{1,3} == '[^'\n\r\\p{C}\u{115f}]{0,3}'"]
            .prop_filter("nothing hidden", |text| !text.chars().any(super::invisible::is_refused))
            .prop_map(|text| at(text.into())),
    )
}

fn place() -> impl Strategy<Value = Place> {
    let application =
        prop_oneof![Just(Application::Any), label().prop_map(Application::Named)].prop_map(at);
    let zones = prop_oneof![
        Just(ZoneList::Any),
        proptest::collection::btree_set(label(), 1..4)
            .prop_map(|zones| ZoneList::Named(zones.into_iter().map(at).collect())),
    ]
    .prop_map(at);
    prop_oneof![
        4 => (application, zones).prop_map(|(application, zones)| Place::Zones { application, zones }),
        2 => name(any_text()).prop_map(Place::External),
        2 => name(label()).prop_map(Place::External),
        1 => block().prop_map(Place::Addresses),
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (place(), selector()).prop_map(|(place, selector)| Endpoint {
        place,
        selector,
        span: nowhere(),
    })
}

fn protocol() -> impl Strategy<Value = Match> {
    let detail = prop_oneof![
        any::<u64>().prop_map(TrafficDetail::Number),
        any::<(u16, u64)>().prop_map(|(first, last)| TrafficDetail::Range(first.into(), last)),
        any::<(u8, u64)>().prop_map(|(kind, code)| TrafficDetail::TypeAndCode(kind.into(), code)),
        any_text().prop_map(TrafficDetail::Name),
        label().prop_map(TrafficDetail::Name),
    ];
    let word = proptest::sample::select(vec!["tcp", "udp", "sctp", "udplite", "icmp", "icmpv6"]);
    prop_oneof![
        (word, option::of(detail)).prop_map(|(protocol, detail)| Match::Protocol {
            protocol: at(protocol.into()),
            detail: detail.map(at),
        }),
        any::<u64>().prop_map(|number| Match::Number(at(number))),
    ]
}

fn traffic() -> impl Strategy<Value = Option<Spanned<Traffic>>> {
    let alias = prop_oneof![any_text(), label()].prop_map(Match::Alias);
    option::of(
        prop_oneof![
            Just(Traffic::Any),
            vec(prop_oneof![protocol(), alias].prop_map(at), 1..3).prop_map(Traffic::Matches),
        ]
        .prop_map(at),
    )
}

fn clauses(until: bool) -> impl Strategy<Value = Clauses> {
    let date = (1900i16..3000, 1i8..13, 1i8..29)
        .prop_map(|(year, month, day)| at(jiff::civil::Date::new(year, month, day).unwrap()));
    (option::of(any_text()), option::of(date), option::of(prop_oneof![any_text(), label()]))
        .prop_map(move |(because, date, ticket)| Clauses {
            because: because.map(at),
            until: date.filter(|_| until),
            ticket: ticket.map(at),
        })
}

fn block() -> impl Strategy<Value = Spanned<Box<str>>> {
    prop_oneof![
        any::<(std::net::Ipv4Addr, u8)>().prop_map(|(ip, length)| format!("{ip}/{}", length % 33)),
        any::<(std::net::Ipv6Addr, u8)>().prop_map(|(ip, length)| format!("{ip}/{}", length % 129)),
        Just("::/0".to_owned()),
    ]
    .prop_map(|text| at(text.into()))
}

fn statement() -> impl Strategy<Value = Statement> {
    let arrow =
        proptest::sample::select(vec![Arrow::Inside, Arrow::Both, Arrow::Leaving, Arrow::Entering]);
    let span = nowhere();
    let flow = (endpoint(), arrow, endpoint(), traffic(), clauses(true)).prop_map(
        move |(left, arrow, right, traffic, clauses)| {
            Statement::Flow(Flow { left, arrow: at(arrow), right, traffic, clauses, span })
        },
    );
    let forbid =
        (endpoint(), any::<bool>(), endpoint(), traffic(), vec(endpoint(), 0..3), clauses(false))
            .prop_map(move |(left, crossing, right, traffic, except, clauses)| {
                let crossing = at(crossing);
                Statement::Forbid(Forbid { left, crossing, right, traffic, except, clauses, span })
            });
    let value = prop_oneof![
        (vec(block(), 1..3), vec(block(), 0..3))
            .prop_map(|(blocks, except)| ExternalValue::Addresses { blocks, except }),
        (object(), selector())
            .prop_map(|(name, selector)| ExternalValue::Namespace { name, selector }),
        (object(), object())
            .prop_map(|(namespace, name)| ExternalValue::Service { namespace, name }),
    ];
    prop_oneof![
        4 => flow,
        2 => forbid,
        1 => vec(object(), 1..4)
            .prop_map(move |namespaces| Statement::Exempt(Exempt { namespaces, span })),
        2 => (declared(), value)
            .prop_map(move |(name, value)| Statement::External(External { name, value, span })),
        1 => (declared(), vec(protocol().prop_map(at), 1..3))
            .prop_map(move |(name, matches)| Statement::Port(Port { name, matches, span })),
        1 => Just(Statement::Log(span)),
    ]
}

/// Words and signs of the language, and of others.
const SIGNS: &[&str] = &[
    "a",
    "b.x",
    ".",
    "*",
    "->",
    "<->",
    "==>",
    "<==",
    "=>",
    "-",
    ":",
    ",",
    "/",
    "{",
    "}",
    "[",
    "]",
    "'",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "#",
    "tcp",
    "443",
    "1-2",
    "10.0.0.0/8",
    "::1",
    "fd00::/8",
    "because",
    "until",
    "2026-02-30",
    "ticket",
    "except",
    "forbid",
    "to",
    "exempt",
    "external",
    "=",
    "port",
    "log",
    "denied",
    "any",
    "protocol",
    "é",
    "\u{202e}",
    "“",
    ";",
    "//",
    "\\u{41}",
    "service",
    "namespace",
    "allow",
];

/// One line of any signs.
fn signs() -> impl Strategy<Value = String> {
    let sign = proptest::sample::select(SIGNS).prop_filter("one line", |it| !it.contains('\n'));
    vec(sign, 0..12).prop_map(|signs| signs.join(" "))
}

fn parse(text: &str) -> (Tree, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("a.flow", text);
    let (tree, diagnostics) = super::parse(&sources, file);
    let inside = |span: Span| {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} in {text:?}");
    };
    tree.statements.iter().for_each(|statement| inside(statement.span()));
    tree.unread.iter().for_each(|unread| inside(unread.span));
    for diagnostic in &diagnostics {
        assert!(!diagnostic.labels.is_empty());
        diagnostic.labels.iter().for_each(|label| inside(label.span));
        diagnostic.fix.iter().flat_map(|fix| &fix.edits).for_each(|edit| inside(edit.span));
        let texts = diagnostic.labels.iter().map(|label| &label.text).chain([&diagnostic.message]);
        texts.for_each(|text| assert!(!text.contains(char::is_control), "{text:?}"));
    }
    let starts: Vec<_> = diagnostics.iter().map(Diagnostic::primary).collect();
    assert!(starts.is_sorted(), "source order");
    assert_eq!(diagnostics.is_empty(), diagnostics.len() + tree.unread.len() == 0);
    (tree, diagnostics)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn printing_and_reading_gives_the_same_tree(statements in vec(statement(), 1..4)) {
        let text: Vec<String> = statements.iter().map(ToString::to_string).collect();
        let text = text.join("\n");
        let (tree, diagnostics) = parse(&text);
        let messages: Vec<_> = diagnostics.iter().map(|one| &one.message).collect();
        prop_assert!(messages.is_empty(), "{messages:?} in\n{text}");
        prop_assert_eq!(&tree.statements, &statements, "{}", text);
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in vec(any::<u8>(), 0..200)) {
        parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_signs_are_read_to_the_end(
        pieces in vec(proptest::sample::select(SIGNS), 0..40)
    ) {
        parse(&pieces.concat());
        parse(&pieces.join(" "));
    }

    /// Whatever stands between them, lines apart from it are read, and nothing is said of them.
    #[test]
    fn lines_between_broken_ones_are_read(broken in vec(signs(), 1..6)) {
        let mut text = String::new();
        for (index, line) in broken.iter().enumerate() {
            text.extend([&*format!("a.z{index} -> a.y : tcp/1\n\n) "), line, "\n\n"]);
        }
        let (tree, diagnostics) = parse(&text);
        for index in 0..broken.len() {
            let wanted = format!("a.z{index} -> a.y : tcp/1");
            prop_assert!(tree.statements.iter().any(|it| it.to_string() == wanted), "{index} of {text}");
        }
        prop_assert!(diagnostics.len() <= 2 * broken.len(), "{}", text);
        for diagnostic in &diagnostics {
            let start = diagnostic.primary().unwrap().start as usize;
            let line = text.get(..start).unwrap().matches('\n').count();
            prop_assert_eq!(line % 4, 2, "line {} of {}", line, text);
        }
    }

    #[test]
    fn a_broken_line_hides_no_other(statement in statement(), cut in any::<proptest::sample::Index>()) {
        let text = statement.to_string();
        let cut = cut.index(text.len());
        let broken: String = text.char_indices().filter(|(index, _)| *index != cut).map(|(_, c)| c).collect();
        let (tree, _) = parse(&format!("log denied\n{broken}\n\nlog denied\nlog denied"));
        // A line that now ends open may take one line with it.
        prop_assert!(tree.statements.iter().filter(|one| matches!(one, Statement::Log(_))).count() >= 2);
    }
}

/// What may stand between the tokens of a statement when a line ends there: nothing, a comment, a blank line.
const BREAKS: [&str; 5] = ["\n", "\r\n  ", " # c\n", "\n\n", "\n\t# a.x -> a.y\n\n "];

proptest! {
    #![proptest_config(config())]

    /// Wherever a line can end inside a statement, it is read as the same statement or refused for that alone; and what
    /// the help offers, and what the fix makes of the file, is that statement.
    #[test]
    fn a_statement_is_refused_on_lines_that_hide_it(
        statement in statement(),
        wanted in any::<proptest::sample::Index>(),
        between in 0..BREAKS.len(),
        second in any::<bool>(),
    ) {
        let line = statement.to_string();
        let tokens = super::lexer::lex(nowhere().file, &line).tokens;
        let opens = |kind: TokenKind| kind.arrow().is_some()
            || matches!(kind, TokenKind::Comma | TokenKind::Colon | TokenKind::Open | TokenKind::Equals);
        let ends = |pair: &[super::token::Token]| {
            let clause = pair[1].kind.is_clause() && !matches!(pair[0].kind, TokenKind::Dot | TokenKind::Open);
            (opens(pair[0].kind) || clause).then_some(pair[0].span.end as usize)
        };
        let breaks: Vec<usize> = tokens[..tokens.len() - 1].windows(2).filter_map(ends).collect();
        prop_assume!(!breaks.is_empty());
        let at = *wanted.get(&breaks);
        let mut text = line.clone();
        text.insert_str(at, BREAKS[between]);
        let hides = BREAKS[between].contains('#') || between == 3;
        // Another line end before it, with nothing beside it.
        if second && breaks[0] < at {
            text.insert(breaks[0], '\n');
        }
        let text = format!("log denied\n{text}\nlog denied\n");
        let (tree, diagnostics) = parse(&text);
        let codes: Vec<_> = diagnostics.iter().map(|one| one.code.code).collect();
        prop_assume!(!codes.contains(&"EW0110") && !codes.contains(&"EW0107"));
        // What has to stand on one line: the beginning, up to here.
        let head = match &statement {
            Statement::Flow(flow) if matches!(flow.arrow.value, Arrow::Leaving | Arrow::Entering) => {
                format!("{} {} {}", flow.left, flow.arrow.value.text(), flow.right).len()
            }
            Statement::Forbid(forbid) => {
                let word = if forbid.crossing.value { "==>" } else { "to" };
                format!("forbid {} {word} {}", forbid.left, forbid.right).len()
            }
            Statement::Flow(_)
            | Statement::Exempt(_)
            | Statement::External(_)
            | Statement::Port(_)
            | Statement::Log(_) => 0,
        };
        let first = if second { breaks[0].min(at) } else { at };
        if first < head {
            prop_assert_eq!(&codes, &["EW0117"], "{}", text);
        } else if hides {
            prop_assert_eq!(&codes, &["EW0118"], "{}", text);
        } else {
            prop_assert!(codes.is_empty(), "{codes:?} {text}");
            prop_assert_eq!(&tree.statements[1], &statement, "{}", text);
        }
        for diagnostic in &diagnostics {
            prop_assert_eq!(tree.statements.len(), 2, "the lines around it are read: {}", text);
            let edit = &diagnostic.fix.as_ref().unwrap().edits[0];
            let mut fixed = text.clone();
            fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            let (tree, left) = parse(&fixed);
            prop_assert!(left.is_empty(), "{fixed}");
            prop_assert_eq!(&tree.statements[1], &statement, "{}", fixed);
            prop_assert_eq!(fixed.matches('#').count(), text.matches('#').count(), "{}", fixed);
            if diagnostic.code.code == "EW0117" {
                let offered = diagnostic.help[0].split_once('\n').unwrap().1;
                prop_assert!(!offered.contains('\n'));
                prop_assert_eq!(&parse(offered).0.statements, &vec![statement.clone()]);
            }
        }
    }
}

#[test]
fn huge_input_is_read_in_time() {
    for piece in [
        "a",
        "{",
        "[",
        "[\n",
        "\"",
        "(",
        "a.x -> ",
        "-",
        "\n",
        "::",
        "1.",
        "tcp/1, ",
        "'\n",
        "\u{202e}",
        "a.x ->\n\n",
        "a.x -> a.y : tcp/1, # c\n",
        "because # c\n",
        ",\n\n",
        "tcp/1,\n\n",
    ] {
        let (tree, _) = parse(&format!("a.x -> a.y\n{}", piece.repeat((1 << 16) / piece.len())));
        assert!(tree.statements.len() <= 1);
    }
    let list: Vec<String> = (0..20_000).map(|index| format!("z{index}")).collect();
    let (tree, diagnostics) = parse(&format!("a.{{{}}} -> a.y", list.join(",\n")));
    assert!(diagnostics.is_empty() && tree.statements.len() == 1);
}
