//! The options of `eastwest check`.

use clap::Args;

use super::Common;

/// `eastwest check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) common: Common,
}
