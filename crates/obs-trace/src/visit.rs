//! Fields of events and spans into records.
use obs_recorder::emit::Fields;
use std::fmt;
use tracing_core::Field;
use tracing_core::field::Visit;

/// Takes the fields that `tracing` shows it.
pub(crate) struct Visitor<'a>(pub(crate) Fields<'a>);

impl Visit for Visitor<'_> {
    #[inline]
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.debug(field.index(), value);
    }

    #[inline]
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.text(field.index(), value);
    }

    #[inline]
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.i64(field.index(), value);
    }

    #[inline]
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.u64(field.index(), value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.0.i128(field.index(), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.0.u128(field.index(), value);
    }

    #[inline]
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.f64(field.index(), value);
    }

    #[inline]
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.bool(field.index(), value);
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.0.bytes(field.index(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.error(field.index(), value);
    }
}
