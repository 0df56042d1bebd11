//! Reading lines back, without the crate's own help.
use flate2::read::GzDecoder;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A JSON value whose objects have no key twice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// Whole numbers as they were written, others see [`Json::float`].
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(crate) fn parse(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
    }

    /// A number that is not whole, or too large to be read as one.
    pub(crate) fn float(number: f64) -> Self {
        Self::Number(format!("{number:?}"))
    }

    pub(crate) fn member(&self, key: &str) -> &Self {
        let Self::Object(members) = self else { panic!("no object: {self:?}") };
        members.get(key).unwrap_or_else(|| panic!("no {key} in {self:?}"))
    }

    pub(crate) fn u64(&self) -> u64 {
        let Self::Number(number) = self else { panic!("no number: {self:?}") };
        number.parse().expect(number)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate keys")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = list.next_element()? {
            all.push(element);
        }
        Ok(Json::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut all = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            if all.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("the key {key:?} stands there twice")));
            }
        }
        Ok(Json::Object(all))
    }
}

/// The numbers of all lines of `log.jsonl` and its rotated files, in order. Panics at a line that is not whole.
pub(crate) fn seqs(files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<u64> {
    all_lines(files).iter().map(|line| Json::parse(line).member("seq").u64()).collect()
}

/// All lines of `log.jsonl` and its rotated files, in order.
pub(crate) fn all_lines(files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut parts: Vec<(u64, String)> =
        files.iter().filter_map(|(path, bytes)| Some((number(path)?, read(path, bytes)))).collect();
    parts.sort();
    for (number, text) in &parts {
        assert!(text.is_empty() || text.ends_with('\n'), "{number} ends with a torn line");
        assert!(
            parts.iter().filter(|part| part.0 == *number).count() == 1,
            "{number} is there twice"
        );
    }
    parts.iter().flat_map(|(_, text)| text.lines().map(str::to_owned)).collect()
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    if name == "log.jsonl" {
        return Some(u64::MAX);
    }
    let number = name.strip_prefix("log.")?;
    number.strip_suffix(".gz").unwrap_or(number).strip_suffix(".jsonl")?.parse().ok()
}

fn read(path: &Path, bytes: &[u8]) -> String {
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    } else {
        text.push_str(std::str::from_utf8(bytes).unwrap());
    }
    text
}
