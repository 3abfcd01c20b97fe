//! Words for mistakes in what follows the `:`.

use super::{Here, Line};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::token::Kind;
use crate::syntax::value::{self, Number};

/// The words, if traffic is the matter.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    colon(here).or_else(|| port(here)).or_else(|| entry(here))
}

/// A port without its protocol, at `span`.
pub(super) fn bare_port(line: &Line<'_>, span: Span) -> Diagnostic {
    let text = line.text.at(span);
    let found =
        |span| Diagnostic::new(&codes::TRAFFIC, "a port needs its protocol").label(span, "");
    let write = |span, right: String| {
        found(span).help(format!("write `{right}`")).fix(format!("write `{right}`"), span, right)
    };
    let index = line.tokens.iter().position(|token| token.span == span).unwrap_or(0);
    if line.kind(index + 1) == Some(Kind::Slash)
        && line.kind(index + 2).is_some_and(Kind::is_protocol)
    {
        let protocol = line.written(index + 2);
        let whole = line.span(index + 2).map_or(span, |last| span.to(last));
        let right = format!("{protocol}/{text}");
        return Diagnostic::new(&codes::TRAFFIC, "the protocol comes first, then the port")
            .label(whole, "")
            .help(format!("write `{right}`"))
            .fix(format!("write `{right}`"), whole, right);
    }
    let before = line.tokens.get(..index).unwrap_or_default();
    let protocol = before
        .iter()
        .rev()
        .find(|token| !matches!(token.kind, Kind::Comma | Kind::Slash | Kind::Word));
    match protocol.filter(|token| token.kind.is_protocol()) {
        Some(token) => write(span, format!("{}/{text}", line.text.at(token.span))),
        None => {
            found(span).help(format!("write `tcp/{text}` or `udp/{text}`, or both with a comma"))
        }
    }
}

/// A missing `:`.
fn colon(here: &Here<'_>) -> Option<Diagnostic> {
    if !here.expected.has(Kind::Colon) {
        return None;
    }
    let kind = here.kind()?;
    let text = here.written();
    let number = value::number(text) != Number::None;
    if kind.is_protocol() || matches!(kind, Kind::Any | Kind::Protocol) {
        let (from, end) = (here.span_back(1)?, here.span);
        let gap = Span { start: from.end, end: end.start, ..end };
        let rest = here.line.tokens.iter().skip(here.index);
        let end = here.index + rest.take_while(|token| !token.kind.is_clause()).count();
        let (_, traffic) = here.line.stretch(here.index, end)?;
        return Some(
            here.say(&codes::TRAFFIC, "`:` is missing before the traffic", "before this")
                .help(format!("write  : {traffic}"))
                .fix("write `:`", gap, " : "),
        );
    }
    (number || kind == Kind::Port || kind == Kind::Word).then(|| {
        let found = here.say(&codes::TRAFFIC, "`:` is missing before the traffic", "before this");
        match (number, kind) {
            (true, _) => found.help(format!("write  : tcp/{text}")),
            (false, Kind::Port) => found.help("write  : tcp/443"),
            (false, _) => found.help(format!("for the port name {text} write  : {text}")),
        }
    })
}

/// Around the `/` of a protocol.
fn port(here: &Here<'_>) -> Option<Diagnostic> {
    let (kind, text) = (here.kind(), here.written());
    let protocol = here.written_back(1);
    if here.back(1).is_some_and(Kind::is_protocol) && here.expected.has(Kind::Slash) {
        let next = here.index + 1;
        let joined = match kind {
            Some(Kind::Colon | Kind::Equals) => {
                here.line.kind(next).filter(|kind| kind.is_name()).map(|_| next)
            }
            Some(Kind::Word) => Some(here.index),
            _ => None,
        };
        if let Some(port) = joined {
            let whole = here.span_back(1)?.to(here.line.span(port)?);
            let right = format!("{protocol}/{}", here.line.written(port));
            return Some(
                Diagnostic::new(&codes::TRAFFIC, "the port stands after a `/`")
                    .label(whole, "")
                    .help(format!("write `{right}`"))
                    .fix(format!("write `{right}`"), whole, right),
            );
        }
    }
    if here.back(1) == Some(Kind::Slash) {
        let protocol = here.written_back(2);
        if here.back(2) == Some(Kind::Protocol) {
            return Some(
                here.say(&codes::TRAFFIC, "`protocol/` is followed by a protocol's number", "")
                    .help("write the number that IANA gives it:  protocol/47"),
            );
        }
        if kind == Some(Kind::Star) && here.back(2).is_some_and(Kind::is_protocol) {
            let whole = here.span_back(2)?.to(here.span);
            return Some(
                Diagnostic::new(&codes::TRAFFIC, format!("`{protocol}` alone means all its ports"))
                    .label(whole, "")
                    .help(format!("write `{protocol}`"))
                    .fix(format!("write `{protocol}`"), whole, protocol),
            );
        }
        return here.back(2).filter(|kind| kind.is_protocol()).map(|_| {
            here.say(&codes::TRAFFIC, "a port is missing after `/`", "")
                .help(format!("write  {protocol}/443, a range as  {protocol}/8000-8080, or `{protocol}` alone for every port"))
        });
    }
    if kind == Some(Kind::Slash)
        && here.back(1).is_some_and(Kind::is_name)
        && here.after(|kind| kind == Kind::Colon)
    {
        let before = here.written_back(1);
        let span = here.span_back(1)?;
        return Some(
            Diagnostic::new(&codes::TRAFFIC, format!("`{before}` is not a protocol"))
                .label(span, "")
                .help("the protocols are tcp, udp, sctp, udplite, icmp, icmpv6 and, by number, protocol/47"),
        );
    }
    if kind == Some(Kind::Colon) && here.back(2) == Some(Kind::Slash) {
        let next = here.index + 1;
        let (first, last) = (here.written_back(1), here.line.written(next));
        if matches!(value::number(first), Number::One(_))
            && matches!(value::number(last), Number::One(_))
        {
            let whole = here.span_back(1)?.to(here.line.span(next)?);
            let right = format!("{first}-{last}");
            return Some(
                Diagnostic::new(&codes::TRAFFIC, "a range of ports has a `-`")
                    .label(whole, "")
                    .help(format!("write `{right}`"))
                    .fix(format!("write `{right}`"), whole, right),
            );
        }
    }
    (text == "." && here.back(2) == Some(Kind::Slash) && here.statement().is_none()).then(|| {
        here.say(&codes::TRAFFIC, "no port has a `.` in it", "")
            .help("a range of ports is written  tcp/8000-8080")
    })
}

/// An entry of the list as a whole.
fn entry(here: &Here<'_>) -> Option<Diagnostic> {
    let kind = here.kind();
    if here.expected.has(Kind::Tcp) {
        let help = "write  tcp/443, a list of such, or `any`";
        return Some(match kind {
            Some(Kind::Star) => here
                .say(&codes::TRAFFIC, "all traffic is written `any`", "")
                .help("write `any`")
                .fix("write `any`", here.span, "any"),
            Some(Kind::Any) => here
                .say(&codes::TRAFFIC, "`any` is everything: nothing else stands beside it", "")
                .help("write `any` alone, or name the ports"),
            Some(_) => here
                .say(&codes::TRAFFIC, format!("traffic belongs here, and {}", here.found()), "")
                .help(help),
            None => here.say(&codes::TRAFFIC, "traffic is missing here", "").help(help),
        });
    }
    if kind == Some(Kind::Dot) && matches!(here.back(2), Some(Kind::Comma | Kind::Colon)) {
        let (before, name) = (here.span_back(2)?, here.span_back(1)?);
        let between = Span { start: before.end, end: name.start, ..before };
        let sign = here.written_back(2);
        return Some(if here.line.text.at(between).contains('\n') {
            Diagnostic::new(
                &codes::TRAFFIC,
                format!("this line ends in `{sign}`, so the next one belongs to it"),
            )
            .label(before, "")
            .label(name.to(here.span), "read as traffic")
            .help(format!("delete the `{sign}`, or go on with the list"))
        } else {
            here.say(&codes::TRAFFIC, "a place stands where traffic belongs", "")
                .help("one line has one place on each side: write a line for each flow")
        });
    }
    if here.back(1) == Some(Kind::Any) && kind == Some(Kind::Comma) {
        return Some(
            here.say(&codes::TRAFFIC, "`any` is everything: nothing else stands beside it", "")
                .help("write `any` alone, or name the ports"),
        );
    }
    let more = here.expected.has(Kind::Comma)
        && here.after(|kind| matches!(kind, Kind::Colon | Kind::Equals));
    if more && kind.is_some_and(|kind| kind.is_name() && !kind.is_clause()) {
        let gap = here.span_back(1).map(|before| Span {
            start: before.end,
            end: here.span.start,
            ..before
        })?;
        let found = here.say(&codes::TRAFFIC, "a comma is missing", "before this");
        return Some(found.help("separate the entries with commas, as in  tcp/80, tcp/443").fix(
            "write a comma",
            gap,
            ", ",
        ));
    }
    None
}
