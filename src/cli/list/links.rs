//! Addresses of tickets.

use std::fmt::Write as _;

/// The address of `ticket`: `url` with the ticket in its place, in such letters as an address may have.
pub(super) fn link(url: &str, ticket: &str) -> String {
    let mut shown = String::new();
    for byte in ticket.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            shown.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(shown, "%{byte:02X}");
        }
    }
    url.replace("{ticket}", &shown)
}
