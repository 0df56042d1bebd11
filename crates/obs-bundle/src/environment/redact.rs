//! Takes secrets out of the environment's description.
use obs_core::redact::{Redactor, classify, marker};
use serde_json::{Value, json};

const USERINFO: &str = "url:userinfo";

/// The rules for the description.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    redactor: Redactor,
}

impl Rules {
    /// Takes out what stands under a secret name or looks like one, and user names and passwords in URLs.
    pub(super) fn redact(&self, value: &mut Value) {
        redact_urls(value);
        self.redactor.redact_json(value);
    }

    /// The same for a value that itself stands under a name.
    pub(super) fn redact_under(&self, name: &str, value: &mut Value) {
        let mut named = json!({ name: value.take() });
        self.redact(&mut named);
        *value = named[name].take();
    }

    /// A text of pairs with commas between, as in `OTEL_RESOURCE_ATTRIBUTES`, or any other.
    pub(super) fn redact_text(&self, name: &str, text: &str) -> String {
        if let Some(rule) = classify(name).rule() {
            return if text.is_empty() { String::new() } else { marker(rule).to_string() };
        }
        let mut pairs: Vec<Value> = text.split(',').map(Value::from).collect();
        pairs.iter_mut().for_each(|pair| {
            let mut list = json!([pair.take()]);
            self.redact(&mut list);
            *pair = list[0].take();
        });
        let texts: Vec<&str> = pairs.iter().filter_map(Value::as_str).collect();
        texts.join(",")
    }
}

fn redact_urls(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(clean) = without_userinfo(text) {
                *text = clean;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact_urls),
        Value::Object(map) => map.values_mut().for_each(redact_urls),
        _ => {}
    }
}

/// The text with `user:password` taken out of its URLs, if there is any.
fn without_userinfo(text: &str) -> Option<String> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'<>,;".contains(c);
    let mut clean = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let authority = &after[..after.find(ends).unwrap_or(after.len())];
        rest = after;
        if let Some(user) = authority.rfind('@').map(|at| &authority[..at])
            && !obs_core::redact::is_marker(user)
        {
            clean.push_str(&marker(USERINFO).to_string());
            rest = &after[user.len()..];
            found = true;
        }
    }
    found.then(|| clean + rest)
}

#[cfg(test)]
mod tests {
    use super::{Rules, without_userinfo};

    #[test]
    fn a_url_keeps_everything_but_its_user() {
        for (text, clean) in [
            ("https://u:p@h/x?a=b@c", Some("https://[REDACTED:url:userinfo]@h/x?a=b@c")),
            (
                "at http://tok@h, ftp://a:b@c@d",
                Some("at http://[REDACTED:url:userinfo]@h, ftp://[REDACTED:url:userinfo]@d"),
            ),
            ("https://h:4317/a@b", None),
            ("https://[REDACTED:url:userinfo]@h", None),
            ("a@b.example", None),
            ("://", None),
        ] {
            assert_eq!(without_userinfo(text).as_deref(), clean, "{text}");
        }
    }

    #[test]
    fn pairs_are_redacted_by_their_own_names() {
        let rules = Rules::default();
        for (name, text, clean) in [
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "team=a,api_key=x",
                "team=a,api_key=[REDACTED:name:api_key]",
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b", "[REDACTED:name:authorization]"),
            ("OBS_TOKEN", "", ""),
            ("RUST_LOG", "info,my_crate=debug", "info,my_crate=debug"),
            ("OBS_X", "--token,abc", "--token,abc"),
        ] {
            assert_eq!(rules.redact_text(name, text), clean, "{name}");
        }
    }
}
