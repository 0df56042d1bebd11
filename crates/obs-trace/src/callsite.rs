//! Callsites of `tracing`, as the recorder knows them.
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::emit::Source;
use tracing_core::Metadata;

/// The address that tells a callsite from all others.
#[inline]
pub(crate) fn address_of(metadata: &Metadata<'_>) -> usize {
    std::ptr::from_ref(metadata).cast::<()>() as usize
}

#[inline]
pub(crate) fn level_of(metadata: &Metadata<'_>) -> Level {
    let level = *metadata.level();
    if level == tracing_core::Level::INFO {
        Level::Info
    } else if level == tracing_core::Level::DEBUG {
        Level::Debug
    } else if level == tracing_core::Level::WARN {
        Level::Warn
    } else if level == tracing_core::Level::ERROR {
        Level::Error
    } else {
        Level::Trace
    }
}

/// The source that `metadata` stands for; `describe` describes it.
#[inline]
pub(crate) fn source_of<'a>(
    metadata: &Metadata<'_>,
    describe: &'a dyn Fn() -> Callsite,
) -> Source<'a> {
    Source { address: address_of(metadata), level: level_of(metadata), describe }
}

pub(crate) fn describe(metadata: &Metadata<'_>) -> Callsite {
    let is_span = metadata.is_span();
    // An event that was not given a name has one that only says where it stands.
    let named = is_span || !metadata.name().starts_with("event ");
    Callsite {
        kind: if is_span { CallsiteKind::Span } else { CallsiteKind::Event },
        level: level_of(metadata),
        name: if named { metadata.name().to_owned() } else { String::new() },
        target: metadata.target().to_owned(),
        file: metadata.file().map(str::to_owned),
        line: metadata.line(),
        fields: metadata.fields().iter().map(|field| field.name().to_owned()).collect(),
    }
}
