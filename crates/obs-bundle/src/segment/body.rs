//! The bodies of frames, and the texts in them.
use obs_core::attributes::Attributes;
use obs_core::encode::Key;
use obs_core::redact::{RedactionCounts, Redactor, is_marker};
use obs_core::rewrite::{Instead, Piece, left_out, rewritten};
use obs_core::wire::frame::Frame;
use obs_core::wire::notes::{Lost, Positions};
use obs_core::wire::{Kind, body};
use obs_core::{Callsite, Value};
use std::collections::HashMap;

/// What is remembered of callsites, roughly; programs have some thousand.
const SITES_BYTES_MAX: usize = 16 << 20;
const SITE_BYTES: usize = 128;
/// Names that stand in records themselves and are judged once.
const NAMES_MAX: usize = 4_096;
/// How ticks relate to time: four numbers.
const CLOCK_BYTES: usize = 32;
/// What a value takes beside its text or its bytes: its type and a length.
const NUMBER_BYTES: usize = 4;

const TOO_MANY: &str = "it defines more callsites than a program has";
pub(super) const UNKNOWN: &str = "it holds records of a kind that this build does not know";

/// Rules that are short enough for any value, by name and by look.
const BY_NAME: &str = "name";
const BY_TEXT: &str = "text";

/// Takes secrets out of bodies. Knows the callsites that were defined so far.
#[derive(Debug)]
pub(super) struct Bodies {
    redactor: Redactor,
    sites: HashMap<u32, Site>,
    sites_bytes: usize,
    names: Names,
}

/// The fields of a callsite, and the rules by which their values are secret.
#[derive(Debug, Default)]
struct Site {
    fields: Vec<String>,
    rules: Vec<Option<&'static str>>,
}

/// Names that were judged.
#[derive(Debug)]
struct Names {
    redactor: Redactor,
    known: HashMap<Box<str>, Option<&'static str>>,
}

impl Names {
    fn rule(&mut self, name: &str) -> Option<&'static str> {
        if let Some(rule) = self.known.get(name) {
            return *rule;
        }
        let rule = self.redactor.classify(name).rule();
        if self.known.len() < NAMES_MAX {
            self.known.insert(name.into(), rule);
        }
        rule
    }

    fn rule_of(&mut self, key: Key<'_>, site: &Site) -> Option<&'static str> {
        match key {
            Key::Field(index) => site.rules.get(index).copied().flatten(),
            Key::Name(name) => self.rule(name),
            _ => Some(BY_NAME),
        }
    }
}

impl Bodies {
    pub(super) fn new(redactor: &Redactor) -> Self {
        let names = Names { redactor: redactor.clone(), known: HashMap::new() };
        Self { redactor: redactor.clone(), sites: HashMap::new(), sites_bytes: 0, names }
    }

    /// The body without secrets, no longer than it was; `None` when it has none. What no reader looks at becomes zeros.
    ///
    /// # Errors
    ///
    /// Why that cannot be told.
    pub(super) fn without_secrets(
        &mut self,
        frame: &Frame<'_>,
    ) -> Result<Option<Vec<u8>>, &'static str> {
        let bytes = frame.body;
        let list = match frame.header.kind {
            Kind::Callsite => return self.callsite(bytes),
            // The panic that a checkpoint repeats stands in front of the callsites: its fields are the toolkit's own.
            Kind::Event if body::is_panic(bytes) => {
                body::Event::decode(bytes).map(|it| (it.attributes, None))
            }
            Kind::Event => body::Event::decode(bytes).map(|it| (it.attributes, Some(it.callsite))),
            Kind::SpanStart => {
                body::SpanStart::decode(bytes).map(|it| (it.attributes, Some(it.callsite)))
            }
            Kind::SpanRecord => {
                body::SpanRecord::decode(bytes).map(|it| (it.attributes, Some(it.callsite)))
            }
            Kind::Thread
            | Kind::RunContext
            | Kind::Artifact
            | Kind::Exit
            | Kind::Withheld
            | Kind::RunStart
            | Kind::RunEnd
            | Kind::Context => body::only_attributes(bytes).map(|list| (list, None)),
            other => return without_texts(other, bytes),
        };
        let Some((list, callsite)) = list else { return Ok(only_first(bytes, 0)) };
        let clean = self.list(list, callsite).filter(|clean| *clean != list.as_bytes());
        let head = &bytes[..bytes.len() - list.as_bytes().len()];
        Ok(clean.map(|list| [head, &list].concat()))
    }

    /// The list without its secrets, if that is another. Where nobody knows the fields' names, nothing stays of it.
    fn list(&mut self, list: Attributes<'_>, callsite: Option<u32>) -> Option<Vec<u8>> {
        if list.is_empty() {
            return only_first(list.as_bytes(), list.trimmed().map_or(0, <[u8]>::len));
        }
        let none = Site::default();
        let site = callsite.map_or(Some(&none), |number| self.sites.get(&number));
        match site.filter(|_| list.trimmed().is_some()) {
            Some(site) => attributes(list, site, &self.redactor, &mut self.names),
            None => Some(padded(&left_out(list), list.as_bytes().len())),
        }
    }

    /// Redacts the texts of a definition, and remembers what it says of fields.
    fn callsite(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
        let Some((head, rest)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
        let Some(mut callsite) = Callsite::decode(rest) else { return Ok(only_first(bytes, 8)) };
        let mut texts: Vec<&mut String> = vec![&mut callsite.name, &mut callsite.target];
        texts.extend(&mut callsite.file);
        texts.extend(&mut callsite.fields);
        let leaky: Vec<bool> = texts.iter().map(|text| self.redactor.has_secret(text)).collect();
        for (text, is_leaky) in texts.iter_mut().zip(&leaky) {
            if *is_leaky {
                **text = self.redactor.redact(text).into_owned();
            }
        }
        let mut encoded = head.to_vec();
        callsite.encode(&mut encoded);
        if encoded.len() > bytes.len() {
            let mut texts: Vec<&mut String> = vec![&mut callsite.name, &mut callsite.target];
            texts.extend(&mut callsite.file);
            texts.extend(&mut callsite.fields);
            let leaky = texts.into_iter().zip(&leaky).filter(|(_, is_leaky)| **is_leaky);
            leaky.for_each(|(text, _)| text.clear());
            encoded.truncate(8);
            callsite.encode(&mut encoded);
        }
        let number = body::callsite(bytes).unwrap_or_default();
        self.remember(number, callsite.fields)?;
        let is_same = bytes.starts_with(&encoded) && is_blank(&bytes[encoded.len()..]);
        Ok((!is_same).then_some(encoded))
    }

    fn remember(&mut self, number: u32, fields: Vec<String>) -> Result<(), &'static str> {
        let texts: usize = fields.iter().map(|field| field.len() + SITE_BYTES / 2).sum();
        self.sites_bytes += SITE_BYTES + texts;
        if self.sites_bytes > SITES_BYTES_MAX {
            return Err(TOO_MANY);
        }
        let rules = fields.iter().map(|field| self.names.rule(field)).collect();
        self.sites.insert(number, Site { fields, rules });
        Ok(())
    }
}

/// The list without its secrets, no longer than it was, if that is another.
fn attributes(
    list: Attributes<'_>,
    site: &Site,
    redactor: &Redactor,
    names: &mut Names,
) -> Option<Vec<u8>> {
    let by_name = rewritten(list, |key, piece| match piece {
        Piece::Value(value) if is_shown(value) => {
            names.rule_of(key, site).map(|rule| Instead::Redacted(rule.to_owned()))
        }
        _ => None,
    });
    let now = by_name.as_deref().map_or(list, Attributes::new);
    let by_text = redactor.redact_attributes(now, &site.fields);
    let room = list.as_bytes().len();
    let Some(clean) = by_text.or(by_name) else {
        let length = list.trimmed().map_or(0, <[u8]>::len);
        return only_first(list.as_bytes(), length);
    };
    if clean.len() <= room {
        return Some(clean);
    }
    let short = shortened(list, site, redactor, names).filter(|short| short.len() <= room);
    Some(short.unwrap_or_else(|| left_out(list).to_vec()))
}

/// The body of a frame that holds nothing but numbers.
fn without_texts(kind: Kind, bytes: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    let count = match kind {
        Kind::SpanEnd => body::SpanEnd::BYTES,
        Kind::SpanLink => body::SpanLink::BYTES,
        Kind::Lost => Lost::BYTES,
        Kind::Positions => 16 * Positions::decode(bytes).count(),
        Kind::Clock => CLOCK_BYTES,
        Kind::Cut => 0,
        _ => return Err(UNKNOWN),
    };
    Ok(only_first(bytes, count))
}

/// The list with whole values taken out, where marks within them find no room. `None` when a name is a secret.
fn shortened(
    list: Attributes<'_>,
    site: &Site,
    redactor: &Redactor,
    names: &mut Names,
) -> Option<Vec<u8>> {
    let mut has_name = false;
    let short = rewritten(list, |key, piece| match piece {
        Piece::Name(name) => {
            has_name |= redactor.has_secret(name);
            None
        }
        Piece::Value(value) if is_shown(value) => {
            let room = text_bytes(value);
            let fitting = |rule: &str, short: &str| {
                Instead::Redacted(if rule.len() <= room { rule } else { short }.to_owned())
            };
            let by_name = names.rule_of(key, site).map(|rule| fitting(rule, BY_NAME));
            by_name.or_else(|| Some(fitting(&rule_in(value, redactor)?, BY_TEXT)))
        }
        _ => None,
    });
    short.filter(|_| !has_name)
}

/// Whether a value says anything that may be secret.
fn is_shown(value: &Value<'_>) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Redacted(_) => false,
        Value::Text(text) => !text.text.is_empty() && !is_marker(text.text),
        _ => true,
    }
}

/// The rule of the first secret in the texts of a value.
fn rule_in(value: &Value<'_>, redactor: &Redactor) -> Option<String> {
    let rule = |text: &str| {
        let mut counts = RedactionCounts::default();
        redactor.redact_counted(text, &mut counts);
        counts.iter().next().map(|(rule, _)| rule.to_owned())
    };
    match value {
        // The end of a text that was cut may be the beginning of a secret.
        Value::Text(text) if text.original_bytes.is_some() => Some(BY_TEXT.to_owned()),
        Value::Text(text) => rule(text.text),
        Value::Panicked(text) => rule(text),
        Value::Error(chain) => chain.messages().find_map(rule),
        Value::Bytes(bytes) => bytes.utf8_chunks().find_map(|chunk| rule(chunk.valid())),
        _ => None,
    }
}

/// How long a rule may be in the place of a value.
fn text_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.text.len(),
        Value::Panicked(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Error(chain) => chain.messages().map(str::len).sum(),
        _ => NUMBER_BYTES,
    }
}

/// The first bytes, if something else than zeros stands behind them.
fn only_first(bytes: &[u8], count: usize) -> Option<Vec<u8>> {
    let (kept, rest) = bytes.split_at(count.min(bytes.len()));
    (!is_blank(rest)).then(|| kept.to_vec())
}

/// The bytes, filled up with zeros.
fn padded(bytes: &[u8], count: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(count, 0);
    bytes
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
