//! Lines of events.
use super::JsonLines;
use super::head::Head;
use super::layers::Slots;
use super::scratch::{Sources, Taken};
use super::sites::Site;
use super::value;
use obs_core::encode::Key;
use obs_core::escape;
use obs_core::record::{EventFact, MESSAGE, Record};
use obs_core::value::{Text, Value};

impl JsonLines {
    /// Appends the line of an event. Nearly always everything about it but its values is rendered already; else the
    /// attributes are put together from scratch.
    pub(super) fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let slots = if self.are_words_marked {
            None
        } else {
            self.layers.of(record, event.scope.as_ref(), &mut self.names)
        };
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
        let mut fields = event.fields.attributes().iter();
        let message = match site.message {
            None => None,
            Some(0) => {
                let mut behind = fields;
                let message = behind.next().filter(|(key, _)| *key == Key::Field(0));
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
        let (mut given, mut next) = (0, 0);
        let are_declared = fields.each(|key, value| {
            let Key::Field(place) = key else { return false };
            if site.message == Some(place) {
                // A text that stands first was taken above: this is another one.
                return place > 0;
            }
            let is_next = place >= next;
            next = place + 1;
            match site.key(place) {
                Some(key) if is_next => value::member(out, key, value),
                _ => return false,
            }
            given += usize::from(*value != Value::Null);
            true
        });
        if !are_declared || !site.is_enough(given) {
            return None;
        }
        Some(fields.left_out().unwrap_or(0))
    }

    fn event_from_scratch(
        &mut self,
        record: &Record<'_>,
        event: &EventFact<'_>,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let message = event.fields.message();
        let site = self.sites.of(event);
        begin(&mut self.head, record, site, message.as_ref(), out);
        self.head.ids(record, event.scope.as_ref(), out);
        let mut sources = Sources::new(record, event.fields, Taken::Field(MESSAGE));
        if let Some(scope) = &event.scope
            && !sources.add_spans(scope)
        {
            self.head.evicted(out);
        }
        self.write_attributes(&sources, start, out);
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
