//! Callsites of spans that are known by name alone: each name of a library has one for good.
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::emit::Source;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names are few, says OpenTelemetry; where they are many, those that come later share one callsite.
const NAMES_MAX: usize = 4_096;
/// The name of the callsite that they share.
const SHARED: &str = "span";

/// What the spans of a name have in common. Its address is the callsite's key.
#[derive(Debug)]
pub(crate) struct Site {
    scope: String,
    name: String,
}

static SITES: Mutex<Option<HashMap<(String, String), &'static Site>>> = Mutex::new(None);
static OTHERS: Site = Site { scope: String::new(), name: String::new() };

/// The callsite for spans of this name in the library `scope`.
pub(crate) fn site(scope: &str, name: &str) -> &'static Site {
    let mut sites = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    let sites = sites.get_or_insert_default();
    let key = (scope.to_owned(), name.to_owned());
    if let Some(site) = sites.get(&key) {
        return site;
    }
    if sites.len() >= NAMES_MAX {
        return &OTHERS;
    }
    // It stays for as long as the process lives, as a line of code does.
    let site: &'static Site =
        Box::leak(Box::new(Site { scope: scope.to_owned(), name: name.to_owned() }));
    sites.insert(key, site);
    site
}

impl Site {
    /// Whether spans of any name have it.
    pub(crate) fn is_shared(&self) -> bool {
        std::ptr::eq(self, &raw const OTHERS)
    }

    fn describe(&self) -> Callsite {
        let (name, target) = match self.is_shared() {
            true => (SHARED, "opentelemetry"),
            false => (self.name.as_str(), self.scope.as_str()),
        };
        Callsite {
            kind: CallsiteKind::Span,
            level: Level::Info,
            name: name.to_owned(),
            target: target.to_owned(),
            file: None,
            line: None,
            fields: Vec::new(),
        }
    }

    /// Makes records of it.
    pub(crate) fn with<R>(&'static self, make: impl FnOnce(Source<'_>) -> R) -> R {
        let describe = || self.describe();
        let address = std::ptr::from_ref(self) as usize;
        make(Source { address, level: Level::Info, describe: &describe })
    }
}
