//! Words for mistakes in what follows the `:`.

use super::here::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::token::{Text, TokenKind};
use crate::syntax::value::{self, Number};

/// Message and help where `any` is not alone.
pub(super) const BESIDE_ANY: (&str, &str) =
    ("`any` is everything: nothing else stands beside it", "write `any` alone, or name the ports");
/// Message and help where a protocol has no number.
pub(super) const NUMBER: (&str, &str) = (
    "`protocol/` is followed by a protocol's number",
    "write the number that IANA gives it:  protocol/47",
);

fn refused(message: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::at(&codes::TRAFFIC, span, message)
}

/// A comma after `any`.
pub(crate) fn beside_any(comma: Span) -> Diagnostic {
    refused(BESIDE_ANY.0, comma).help(BESIDE_ANY.1)
}

/// Traffic without the `:` before it.
pub(crate) fn colon(text: Text<'_>, traffic: Span) -> Diagnostic {
    let message = "`:` is missing before the traffic";
    Diagnostic::new(&codes::TRAFFIC, message)
        .label(traffic, "before this")
        .help(format!("write  : {}", text.at(traffic)))
        .fix("write `:`", text.blanks_before(traffic), " : ")
}

/// `tcp/*`
pub(crate) fn every_port(span: Span, protocol: &str, _: &str) -> Diagnostic {
    refused(format!("`{protocol}` alone means all its ports"), span).replace(span, protocol)
}

/// `tcp/` with nothing behind it.
pub(crate) fn no_port(span: Span, protocol: &str, _: &str) -> Diagnostic {
    refused("a port is missing after `/`", span).help(format!(
        "write  {protocol}/443, a range as  {protocol}/8000-8080, or `{protocol}` alone for every port"
    ))
}

/// `tcp:443`, `tcp 443`
pub(crate) fn joined_port(span: Span, protocol: &str, port: &str) -> Diagnostic {
    refused("the port stands after a `/`", span).replace(span, format!("{protocol}/{port}"))
}

/// `protocol/gre`
pub(crate) fn protocol_number(name: Span) -> Diagnostic {
    refused(NUMBER.0, name).help(NUMBER.1)
}

/// `80:90` as a range.
pub(crate) fn colon_range(span: Span, first: u64, last: u64) -> Diagnostic {
    refused("a range of ports has a `-`", span).replace(span, format!("{first}-{last}"))
}

/// What is wrong with the name of an alias, behind which a `/` and a word may stand; both together are `all`.
pub(crate) fn alias(
    text: Text<'_>,
    name: Span,
    slash: Option<TokenKind>,
    all: Span,
) -> Option<Diagnostic> {
    let written = text.at(name);
    let small = written.to_ascii_lowercase();
    let kind = TokenKind::of_word(&small);
    let number = value::number(written) != Number::None;
    if !number && (kind.is_protocol() || kind == TokenKind::Any) {
        return Some(
            refused(format!("`{written}` is written in small letters"), name).replace(name, small),
        );
    }
    let after = slash?;
    if after.is_protocol() && number {
        return Some(
            refused("the protocol comes first, then the port", all)
                .replace(all, format!("{}/{written}", after.text())),
        );
    }
    Some(refused(format!("`{written}` is not a protocol"), name).help(
        "the protocols are tcp, udp, sctp, udplite, icmp, icmpv6 and, by number, protocol/47",
    ))
}

/// A port without its protocol; `protocol` is the one of the entry before.
pub(crate) fn bare_port(text: Text<'_>, port: Span, protocol: Option<&str>) -> Diagnostic {
    let (found, written) = (refused("a port needs its protocol", port), text.at(port));
    match protocol {
        Some(protocol) => found.replace(port, format!("{protocol}/{written}")),
        None => {
            found.help(format!("write `tcp/{written}` or `udp/{written}`, or both with a comma"))
        }
    }
}

/// What stands where traffic, or its end, belongs.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    let found = here.found()?;
    if here.wants(&[TokenKind::Colon]) && matches!(found, TokenKind::Word | TokenKind::Port) {
        let written = here.written();
        let help = match (value::number(written), found) {
            (Number::None, TokenKind::Word) => {
                format!("for the port name {written} write  : {written}")
            }
            (Number::None, _) => "write  : tcp/443".to_owned(),
            _ => format!("write  : tcp/{written}"),
        };
        let message = "`:` is missing before the traffic";
        return Some(here.say(&codes::TRAFFIC, message, "before this").help(help));
    }
    if here.wants(&[TokenKind::Traffic]) && found == TokenKind::Star {
        return Some(
            refused("all traffic is written `any`", here.span()).replace(here.span(), "any"),
        );
    }
    let (sign, name) = (here.back(2)?, here.back(1)?);
    if found != TokenKind::Dot
        || !here.wants(&[TokenKind::Comma])
        || here.within(&[TokenKind::Exempt])
    {
        return None;
    }
    if sign.kind == TokenKind::Slash {
        let found = refused("no port has a `.` in it", here.span());
        return Some(found.help("a range of ports is written  tcp/8000-8080"));
    }
    let between = here.text.at(Span { start: sign.span.end, end: name.span.start, ..sign.span });
    if !between.contains('\n') {
        let found = refused("a place stands where traffic belongs", here.span());
        return Some(found.help("one line has one place on each side: write a line for each flow"));
    }
    let sign_text = here.text.at(sign.span);
    Some(
        refused(
            format!("this line ends in `{sign_text}`, so the next one belongs to it"),
            sign.span,
        )
        .label(name.span.to(here.span()), "read as traffic")
        .help(format!("delete the `{sign_text}`, or go on with the list")),
    )
}
