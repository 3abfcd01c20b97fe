//! A project as a command, an editor or another program loads it: its configuration, the files that its patterns find, the
//! bundle of the platform, and what a build is to write.
//!
//! All files are read through a [`Folder`](folder::Folder): one on disk, one in a git revision, or texts in memory, alone or
//! over one of the others. Nothing here prints, asks the clock or ends the process.
//!
//! ```
//! use eastwest::project::{folder::Folder, load::{ProjectPlace, load_from}};
//!
//! let texts = [
//!     ("eastwest.toml", "zones = [\"zones.yaml\"]\nplatform = []\nflows = [\"{application}.flow\"]"),
//!     ("zones.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop-1, labels: {applicationcode: shop, zone: web}}}"),
//!     ("shop.flow", "shop.web -> shop.web : tcp/8443"),
//! ];
//! let folder = Folder::in_memory(texts.map(|(path, text)| (path.to_owned(), text.to_owned())));
//! let place = ProjectPlace { root: "".into(), config: "eastwest.toml".to_owned() };
//! let checked = load_from(&place, folder).unwrap().check(jiff::civil::date(2026, 11, 22), false);
//!
//! assert!(checked.diagnostics.is_empty());
//! assert!(eastwest::build(&checked.program.unwrap(), false).is_ok());
//! ```

pub(crate) mod bundle;
pub mod checked;
pub mod config;
pub mod failure;
pub(crate) mod files;
pub mod folder;
pub(crate) mod git;
pub mod glob;
pub(crate) mod kustomization;
pub mod load;
pub(crate) mod plan;
pub mod settings;
pub mod template;
