//! Lines of events.
use super::JsonLines;
use super::head::Head;
use super::layers::{Layers, Slots};
use super::scratch::{Sources, Taken};
use super::sites::Site;
use super::value;
use crate::line::{self, MESSAGE};
use crate::names::Sketch;
use obs_core::encode::FIELDS_MAX;
use obs_core::record::{EventFact, FieldsIter, Record};
use obs_core::value::Value;

impl JsonLines {
    /// Appends the line of an event. Nearly always everything about it but its values is rendered already, and no name
    /// occurs twice; else the attributes are put together from scratch.
    pub(super) fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let slots = self.layers.of(record, event.scope.as_ref(), &mut self.names);
        let is_done = slots.is_some_and(|slots| self.event_from_parts(record, event, &slots, out));
        if !is_done {
            out.truncate(start);
            self.event_from_scratch(record, event, out);
        }
        let left_out = event.fields.left_out();
        if left_out > 0 {
            out.extend_from_slice(b",\"fields_left_out\":");
            value::integer(out, left_out);
        }
        out.extend_from_slice(b"}\n");
    }

    /// False, and anything in `out`, when a name is not among those that the callsite declares, or is there twice.
    fn event_from_parts(
        &mut self,
        record: &Record<'_>,
        event: &EventFact<'_>,
        slots: &Slots,
        out: &mut Vec<u8>,
    ) -> bool {
        let site = self.sites.of(event);
        let mut sketches = [&site.sketch; Slots::MAX + 1];
        let mut count = 1;
        for layer in self.layers.at(slots) {
            sketches[count] = &layer.sketch;
            count += 1;
        }
        if !site.is_regular {
            return false;
        }
        let are_disjoint = Sketch::are_disjoint(&sketches[..count]);
        let mut fields = event.fields.iter();
        let message = match site.message {
            Some(0) => fields.next().filter(|(name, _)| *name == MESSAGE).map(|(_, value)| value),
            Some(_) => event.fields.value(MESSAGE),
            None => None,
        };
        if message.is_none() || site.message != Some(0) {
            fields = event.fields.iter();
        }
        begin(&mut self.head, record, site, message.as_ref(), out);
        self.head.ids(record, event.scope.as_ref(), out);
        if slots.is_evicted {
            self.head.evicted(out);
        }
        if are_disjoint {
            self.layers.at(slots).for_each(|layer| out.extend_from_slice(&layer.bytes));
        } else if !uncovered_members(&self.layers, slots, (site, event), out) {
            return false;
        }
        each_declared(site, event, fields, |place, value| {
            if let Some(key) = site.key(place) {
                value::member(out, key, &value);
            }
        })
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
    match message.filter(|message| **message != Value::Null) {
        None => {
            out.extend_from_slice(&site.title);
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

/// Appends those members of the layers whose names neither a layer further in nor the event has itself. False when the
/// event has fields that its callsite does not declare.
fn uncovered_members(
    layers: &Layers,
    slots: &Slots,
    (site, event): (&Site, &EventFact<'_>),
    out: &mut Vec<u8>,
) -> bool {
    let mut is_there = [false; FIELDS_MAX];
    let are_declared = each_declared(site, event, event.fields.iter(), |place, value| {
        if let Some(slot) = is_there.get_mut(place) {
            *slot = value != Value::Null;
        }
    });
    let declared = event.callsite.fields.len().min(FIELDS_MAX);
    let places = || (0..declared).filter(|place| is_there[*place]);
    let mut further_in = layers.at(slots);
    while let Some(layer) = further_in.next() {
        for (key, member) in layer.members() {
            let is_covered = further_in.clone().any(|inner| inner.has(key))
                || places().any(|place| site.key(place) == Some(key));
            if !is_covered {
                out.extend_from_slice(member);
            }
        }
    }
    are_declared
}

/// Takes the fields of an event whose callsite declares them, in the order in which it does, but for its text. False
/// when there is one that it does not.
#[inline]
fn each_declared<'a>(
    site: &Site,
    event: &EventFact<'a>,
    fields: FieldsIter<'a>,
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
