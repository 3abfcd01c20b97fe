//! Tests of the whole: one binary, a file for each subject.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test says what it expects by failing"
)]

/// That a text is the one of this name in `snapshots`.
macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({
            snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $text) })
    };
}

mod admin_policies;
mod agree;
mod apply_order;
mod audit;
mod bounds;
mod build;
mod calico_naive;
mod calico_vectors;
mod can;
mod check;
mod claims;
mod cli;
mod closed;
mod cluster;
mod compile;
mod day_one;
mod diff;
mod diff_worlds;
mod endpoints;
mod examples;
mod expectations;
mod figures;
mod foreign_settings;
mod foreign_worlds;
mod formats;
mod grammar;
mod graph;
mod graph_pictures;
mod graph_since;
mod hand;
mod hidden;
mod hostile;
mod hosts;
mod house;
mod icmp;
mod import;
mod init;
mod judges;
mod kubernetes_scalars;
mod leftovers;
mod limits;
mod list;
mod lock;
mod many_selectors;
mod messages;
mod naive;
mod openness;
mod owned;
mod pipelines;
mod policies;
mod printed;
mod project;
mod relations;
mod revisions;
mod separate;
mod small_worlds;
mod support;
mod traps;
mod unknown;
mod verify;
mod ways_in;
mod world;
mod zones;
