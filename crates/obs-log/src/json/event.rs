//! Lines of events.
use super::JsonLines;
use super::head::Head;
use super::layers::Slots;
use super::scratch::{Sources, Taken};
use super::sites::Site;
use super::value;
use crate::line::{self, MESSAGE};
use obs_core::escape;
use obs_core::record::{EventFact, FieldsIter, Record};
use obs_core::value::{Text, Value};

impl JsonLines {
    /// Appends the line of an event. Nearly always everything about it but its values is rendered already; else the
    /// attributes are put together from scratch.
    pub(super) fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let slots = self.layers.of(record, event.scope.as_ref(), &mut self.names);
        let left_out = slots.and_then(|slots| self.event_from_parts(record, event, &slots, out));
        let left_out = left_out.unwrap_or_else(|| {
            out.truncate(start);
            self.event_from_scratch(record, event, out);
            event.fields.left_out()
        });
        if left_out > 0 {
            out.extend_from_slice(b",\"fields_left_out\":");
            value::integer(out, left_out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// Returns how many fields were left out. `None`, and anything in `out`, when a name is not among those that the
    /// callsite declares, or is there twice, or a name of a span's is covered by a field that is not there.
    fn event_from_parts(
        &mut self,
        record: &Record<'_>,
        event: &EventFact<'_>,
        slots: &Slots,
        out: &mut Vec<u8>,
    ) -> Option<u16> {
        let site = self.sites.of(event);
        if !site.is_regular || !site.surround(&self.layers, slots) {
            return None;
        }
        let mut fields = event.fields.iter();
        let message = match site.message {
            None => None,
            Some(0) => {
                let mut behind = fields.clone();
                let message = behind.next().filter(|(name, _)| *name == MESSAGE);
                fields = if message.is_some() { behind } else { fields };
                message.map(|(_, message)| message)
            }
            Some(_) => event.fields.value(MESSAGE),
        };
        begin(&mut self.head, record, site, message.as_ref(), out);
        self.head.ids(record, event.scope.as_ref(), out);
        if slots.is_evicted {
            self.head.evicted(out);
        }
        out.extend_from_slice(site.surroundings());
        let mut given = 0;
        let are_declared = each_declared(site, event, &mut fields, |place, value| {
            if let Some(key) = site.key(place) {
                value::member(out, key, &value);
            }
            given += usize::from(value != Value::Null);
        });
        (are_declared && site.is_enough(given)).then(|| fields.left_out())
    }

    fn event_from_scratch(
        &mut self,
        record: &Record<'_>,
        event: &EventFact<'_>,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let message = line::message(event.fields);
        let site = self.sites.of(event);
        begin(&mut self.head, record, site, message.as_ref(), out);
        self.head.ids(record, event.scope.as_ref(), out);
        let mut sources = Sources::new(record, event.fields, Taken::Field(MESSAGE));
        if let Some(scope) = &event.scope
            && !sources.add_spans(scope)
        {
            self.head.evicted(out);
        }
        self.attributes(&sources, start, out);
    }
}

/// Appends the start of an event's line, up to the logger.
#[inline]
fn begin(
    head: &mut Head,
    record: &Record<'_>,
    site: &Site,
    message: Option<&Value<'_>>,
    out: &mut Vec<u8>,
) {
    head.timestamp(record.time, out);
    out.extend_from_slice(&site.head);
    match message {
        None | Some(Value::Null) => {
            out.extend_from_slice(&site.title);
            out.push(b'"');
        }
        Some(Value::Text(Text { text, original_bytes: None, .. })) => {
            escape::json(out, text);
            out.push(b'"');
        }
        Some(message) => {
            value::text(out, message);
            out.push(b'"');
            value::companions(out, b",\"event\":", message);
        }
    }
    out.extend_from_slice(&site.logger);
}

/// Takes the fields of an event whose callsite declares them, in the order in which it does, but for its text. False
/// when there is one that it does not.
#[inline]
fn each_declared<'a>(
    site: &Site,
    event: &EventFact<'a>,
    fields: &mut FieldsIter<'a>,
    mut take: impl FnMut(usize, Value<'a>),
) -> bool {
    let declared = &event.callsite.fields;
    let mut place = 0;
    for (name, value) in fields {
        let is_declared = |known: &String| std::ptr::eq(known.as_str(), name);
        let Some(step) = declared.get(place..).and_then(|rest| rest.iter().position(is_declared))
        else {
            return false;
        };
        place += step;
        if site.message != Some(place) {
            take(place, value);
        }
        place += 1;
    }
    true
}
