//! `log` as a front end of the recorder, key-values included.
use crate::capture::Capture;
use crate::spans::scope;
use log::kv::{Key as KvKey, Value, VisitSource, VisitValue};
use obs_core::encode::Encoder;
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::Key;
use obs_recorder::emit::{self, Fields};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The place of the message in the list of fields of every `log` callsite.
const MESSAGE: usize = 0;

/// The logger: gives `log` records to the recorder of the run that is alive.
#[derive(Debug)]
pub(crate) struct Bridge {
    pub(crate) capture: Capture,
}

impl log::Log for Bridge {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        self.capture.wants(metadata.target(), level_of(metadata.level()))
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            emit(record);
        }
    }

    fn flush(&self) {}
}

/// Gives a record to the recorder, whatever the filter says.
pub fn emit(record: &log::Record<'_>) {
    emit::event_by_key(
        &key_of(record),
        level_of(record.level()),
        scope(),
        || describe(record),
        |mut fields| {
            fields.debug(MESSAGE, record.args());
            visit(record, &mut fields);
        },
    );
}

/// Takes the key-values as far as their source gives them, which is code of the program's.
fn visit(record: &log::Record<'_>, fields: &mut Fields<'_>) {
    let visited = catch_unwind(AssertUnwindSafe(|| {
        record.key_values().visit(&mut KeyValues { fields: &mut *fields })
    }));
    let error = match visited {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the source of the key-values panicked".to_owned(),
    };
    fields.named("log.kv_error", |encoder, key| encoder.text(key, &error));
}

fn key_of(record: &log::Record<'_>) -> Key {
    let mut hasher = DefaultHasher::new();
    record.target().hash(&mut hasher);
    record.level().hash(&mut hasher);
    match record.file_static() {
        Some(file) => {
            Key::Place(file.as_ptr() as usize, record.line().unwrap_or(0), hasher.finish())
        }
        None => {
            let place = (record.file().unwrap_or_default(), record.line().unwrap_or(0));
            Key::Text(
                format!("{}:{}:{}:{}", record.level(), record.target(), place.0, place.1).into(),
            )
        }
    }
}

fn describe(record: &log::Record<'_>) -> Callsite {
    Callsite {
        kind: CallsiteKind::Event,
        level: level_of(record.level()),
        name: String::new(),
        target: record.target().to_owned(),
        file: record.file().map(str::to_owned),
        line: record.line(),
        fields: vec!["message".to_owned()],
    }
}

/// The level of a record.
#[must_use]
pub fn level_of(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::Error,
        log::Level::Warn => Level::Warn,
        log::Level::Info => Level::Info,
        log::Level::Debug => Level::Debug,
        log::Level::Trace => Level::Trace,
    }
}

/// Takes a record's key-values.
struct KeyValues<'a, 'b> {
    fields: &'a mut Fields<'b>,
}

impl<'kvs> VisitSource<'kvs> for KeyValues<'_, '_> {
    fn visit_pair(&mut self, key: KvKey<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        let mut outcome = Ok(());
        self.fields
            .named(key.as_str(), |encoder, key| outcome = value.visit(OneValue { encoder, key }));
        outcome
    }
}

/// Takes one value.
struct OneValue<'a, 'b> {
    encoder: &'a mut Encoder,
    key: obs_core::encode::Key<'b>,
}

impl<'v> VisitValue<'v> for OneValue<'_, '_> {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), log::kv::Error> {
        self.encoder.display(self.key, &value);
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), log::kv::Error> {
        self.encoder.null(self.key);
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), log::kv::Error> {
        self.encoder.u64(self.key, value);
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), log::kv::Error> {
        self.encoder.i64(self.key, value);
        Ok(())
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), log::kv::Error> {
        self.encoder.u128(self.key, value);
        Ok(())
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), log::kv::Error> {
        self.encoder.i128(self.key, value);
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), log::kv::Error> {
        self.encoder.f64(self.key, value);
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), log::kv::Error> {
        self.encoder.bool(self.key, value);
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), log::kv::Error> {
        self.encoder.text(self.key, value);
        Ok(())
    }
}
