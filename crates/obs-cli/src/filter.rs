//! Filters: a field of the JSON line, an operator, a value.
use obs_core::Level;
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// One condition on a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    field: String,
    test: Test,
    text: String,
    /// What the text is as a number.
    number: Option<Number>,
    /// What the text is as a level, where the field is the line's level.
    level: Option<Level>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    Differs,
    Above,
    AtLeast,
    Below,
    AtMost,
    Contains,
    Lacks,
}

/// The operators; of two that begin alike the longer one first.
const OPERATORS: [(&str, Test); 9] = [
    ("!=", Test::Differs),
    ("!~", Test::Lacks),
    (">=", Test::AtLeast),
    ("<=", Test::AtMost),
    ("==", Test::Equal),
    ("=", Test::Equal),
    (">", Test::Above),
    ("<", Test::Below),
    ("~", Test::Contains),
];

/// Where the operator of a filter begins, if the word is one: behind a name without slashes and blanks.
fn operator_at(word: &str) -> Option<usize> {
    let at = word.find(['=', '!', '<', '>', '~'])?;
    let is_name = |c: char| c != '/' && !c.is_whitespace() && !c.is_control();
    (at > 0 && word[..at].chars().all(is_name)).then_some(at)
}

/// Whether a word on the command line is meant as a filter.
pub(crate) fn is_filter(word: &str) -> bool {
    operator_at(word).is_some()
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let form = || "a filter is field=value, with one of = != > >= < <= ~ !~".to_owned();
        let (field, rest) = word.split_at(operator_at(word).ok_or_else(form)?);
        let (operator, test) =
            OPERATORS.iter().find(|(operator, _)| rest.starts_with(operator)).ok_or_else(form)?;
        let text = rest[operator.len()..].to_owned();
        let is_order = matches!(test, Test::Above | Test::AtLeast | Test::Below | Test::AtMost);
        if is_order && text.is_empty() {
            return Err(format!("there is nothing to compare `{field}` with"));
        }
        let level = match (field, test) {
            ("level", Test::Contains | Test::Lacks) => None,
            ("level", _) => Some(text.parse::<Level>().map_err(|error| error.to_string())?),
            _ => None,
        };
        let number = Number::read(&text);
        Ok(Self { field: field.to_owned(), test: *test, text, number, level })
    }
}

impl Filter {
    /// Whether a line passes whose field has this value, or which has no such field.
    fn accepts(&self, value: Option<&Value>) -> bool {
        let is_opposite = matches!(self.test, Test::Differs | Test::Lacks);
        value.is_some_and(|value| self.holds(value)) != is_opposite
    }

    /// Whether the condition holds of a value; for `!=` and `!~` whether their opposites do.
    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Array(parts) => parts.iter().any(|part| self.holds(part)),
            Value::String(text) if self.is_equality() && self.level.is_none() => *text == self.text,
            Value::String(text) => self.holds_of_text(text),
            other => self.holds_of_text(&other.to_string()),
        }
    }

    fn is_equality(&self) -> bool {
        matches!(self.test, Test::Equal | Test::Differs)
    }

    fn holds_of_text(&self, text: &str) -> bool {
        let ordering = || self.compare(text);
        match self.test {
            Test::Contains | Test::Lacks => text.contains(&self.text),
            Test::Equal | Test::Differs => ordering().is_some_and(Ordering::is_eq),
            Test::Above => ordering().is_some_and(Ordering::is_gt),
            Test::AtLeast => ordering().is_some_and(Ordering::is_ge),
            Test::Below => ordering().is_some_and(Ordering::is_lt),
            Test::AtMost => ordering().is_some_and(Ordering::is_le),
        }
    }

    /// How a value stands to the filter's; `None` where one is a number and the other is not.
    fn compare(&self, text: &str) -> Option<Ordering> {
        if let Some(level) = self.level {
            return text.parse::<Level>().ok().map(|own| own.cmp(&level));
        }
        match (Number::read(text), self.number) {
            (Some(own), Some(number)) => own.compare(number),
            (None, None) => Some(text.cmp(&self.text)),
            _ => None,
        }
    }
}

/// A number as a line or a person writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let whole = text.parse().ok().map(Self::Whole);
        whole.or_else(|| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Float)
        })
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

/// Conditions that must all hold.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    all: Vec<Filter>,
    /// The fields that they look at, each once.
    fields: Vec<String>,
}

impl Filters {
    pub(crate) fn new(all: Vec<Filter>) -> Self {
        let mut fields: Vec<String> = all.iter().map(|filter| filter.field.clone()).collect();
        fields.sort_unstable();
        fields.dedup();
        Self { all, fields }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a line passes. Of the line, only the fields that are asked for are taken apart.
    ///
    /// # Errors
    ///
    /// The line is no JSON object.
    pub(crate) fn accept(&self, line: &[u8]) -> Result<bool, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_slice(line);
        let values = reader.deserialize_map(Wanted { fields: &self.fields })?;
        let value = |filter: &Filter| {
            let place = self.fields.binary_search(&filter.field).ok()?;
            values[place].as_ref()
        };
        Ok(self.all.iter().all(|filter| filter.accepts(value(filter))))
    }
}

/// Takes the values of these fields out of an object.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    fields: &'a [String],
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<Option<Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.fields.len()];
        while let Some(place) = map.next_key_seed(Key { fields: self.fields })? {
            match place {
                Some(place) => values[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

/// A key of an object: its place among the fields, if it is one of them.
struct Key<'a> {
    fields: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.fields.binary_search_by(|field| field.as_str().cmp(key)).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Filters, is_filter};

    const LINE: &str = r#"{"level":"warn","event":"batch loaded","rows":1500,"ratio":0.25,"big":340282366920938463463374607431768211455,"ok":true,"path":"a b.csv","build":"17","error":"disk","error.causes":["on fire","no water"],"field.level":"gold"}"#;

    fn passes(word: &str) -> bool {
        Filters::new(vec![word.parse().unwrap()]).accept(LINE.as_bytes()).unwrap()
    }

    #[test]
    fn what_holds_of_a_line_passes_it() {
        for word in [
            "event=batch loaded",
            "event~loaded",
            "event!~saved",
            "rows=1500",
            "rows==1500",
            "rows=1500.0",
            "rows>1499.5",
            "rows>=1500",
            "rows<1e4",
            "rows<=1500",
            "rows~50",
            "rows!=1",
            "ratio<0.3",
            "big>1e38",
            "ok=true",
            "path=a b.csv",
            "build=17",
            "build>9",
            "build<=17.0",
            "level>=warn",
            "level<ERROR",
            "level!=info",
            "level=WARN",
            "error.causes=no water",
            "error.causes!=disk",
            "field.level=gold",
            "nothing!=x",
            "nothing!~x",
            "path>a",
        ] {
            assert!(passes(word), "{word}");
        }
    }

    #[test]
    fn what_does_not_hold_of_a_line_stops_it() {
        for word in [
            "event=batch",
            "event~Loaded",
            "event!~loaded",
            "rows=1501",
            "rows>1500",
            "rows<1500",
            "rows>abc",
            "rows!=1500",
            "build<9",
            "build=17.0",
            "ok=1",
            "path>7",
            "level>warn",
            "level<=info",
            "error.causes!=on fire",
            "nothing=",
            "nothing>0",
            "nothing~",
        ] {
            assert!(!passes(word), "{word}");
        }
    }

    #[test]
    fn all_filters_must_hold() {
        let both = |one: &str, other: &str| {
            let filters = vec![one.parse::<Filter>().unwrap(), other.parse().unwrap()];
            Filters::new(filters).accept(LINE.as_bytes()).unwrap()
        };
        assert!(both("rows>1000", "rows<2000"));
        assert!(!both("rows>1000", "ratio>1"));
    }

    #[test]
    fn a_word_is_a_filter_if_it_begins_with_a_name_and_an_operator() {
        for word in ["a=b", "http.status>=500", "a~=b", "a!=", "ä<1"] {
            assert!(is_filter(word), "{word}");
        }
        for word in ["acm-batch", "019abc00", "./a=b", "a/x=y/runs", "=b", "two words=1"] {
            assert!(!is_filter(word), "{word}");
        }
    }

    #[test]
    fn a_filter_that_cannot_hold_is_refused() {
        for word in ["rows", "rows!5", "level=loud", "rows>", "=5"] {
            assert!(word.parse::<Filter>().is_err(), "{word}");
        }
    }
}
