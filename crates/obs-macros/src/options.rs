//! The options between the parentheses of `#[traced(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, LitBool, LitStr, Path, Token, parenthesized, token};

use crate::fields::Field;
use crate::level::Level;

const KNOWN: &str = "`name`, `level`, `target`, `parent`, `follows_from`, `fields`, `err`, `ret`, \
                     `log` and `crate`";

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) facade: Option<Path>,
    pub(crate) name: Option<Text>,
    pub(crate) level: Option<Level>,
    pub(crate) target: Option<Text>,
    pub(crate) parent: Option<Expr>,
    pub(crate) follows_from: Option<Expr>,
    pub(crate) fields: Vec<Field>,
    pub(crate) err: Err,
    pub(crate) ret: Option<Report>,
    pub(crate) log: bool,
}

/// Whether an `Err` is recorded.
#[derive(Default)]
pub(crate) enum Err {
    /// Nothing said: yes where the return type reads `Result<…>`.
    #[default]
    ByType,
    Off,
    On(Span, Report),
}

/// How `err(…)` or `ret(…)` wants its value reported.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) level: Option<Level>,
    pub(crate) format: Option<Format>,
}

#[derive(Clone, Copy)]
pub(crate) enum Format {
    Debug,
    Display,
}

/// A text known at compile time: a literal or the path of a constant.
pub(crate) enum Text {
    Literal(LitStr),
    Constant(Path),
}

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(text) => text.to_tokens(tokens),
            Self::Constant(path) => path.to_tokens(tokens),
        }
    }
}

impl Parse for Text {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Literal);
        }
        let path = input.call(Path::parse_mod_style);
        path.map(Self::Constant).map_err(|error| {
            Error::new(error.span(), "expected a string literal or the path of a `&str` constant")
        })
    }
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        while !input.is_empty() {
            if input.peek(LitStr) {
                let name: LitStr = input.parse()?;
                once(&mut seen, format_ident!("name", span = name.span()))?;
                options.name = Some(Text::Literal(name));
            } else {
                let key = input.call(Ident::parse_any).map_err(|error| expected(error.span()))?;
                once(&mut seen, key.clone())?;
                options.read(&key, input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn read(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "crate" => self.facade = Some(value(input, Path::parse_mod_style)?),
            "name" => self.name = Some(value(input, Text::parse)?),
            "level" => self.level = Some(value(input, Level::parse)?),
            "target" => self.target = Some(value(input, Text::parse)?),
            "parent" => self.parent = Some(value(input, Expr::parse)?),
            "follows_from" => self.follows_from = Some(value(input, Expr::parse)?),
            "fields" => self.fields = fields(key, input)?,
            "err" => self.err = err(key, input)?,
            "ret" => self.ret = Some(report(input)?),
            "log" => self.log = true,
            _ => return Err(unknown(key)),
        }
        Ok(())
    }
}

fn once(seen: &mut Vec<Ident>, key: Ident) -> syn::Result<()> {
    if seen.contains(&key) {
        return Err(Error::new(key.span(), format!("`{key}` is given twice: keep one of them")));
    }
    seen.push(key);
    Ok(())
}

fn value<T>(
    input: ParseStream<'_>,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    parse(input)
}

fn fields(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Field>> {
    if !input.peek(token::Paren) {
        let sentence = "`fields` needs a list: write `fields(argument, name = expression)`";
        return Err(Error::new(key.span(), sentence));
    }
    let content;
    parenthesized!(content in input);
    let fields = Punctuated::<Field, Token![,]>::parse_terminated(&content)?;
    let mut seen: Vec<&Field> = Vec::new();
    for field in &fields {
        if seen.iter().any(|earlier| earlier.key() == field.key()) {
            let sentence = format!("field `{}` is given twice: keep one of them", field.key());
            return Err(Error::new(field.span(), sentence));
        }
        seen.push(field);
    }
    Ok(fields.into_iter().collect())
}

fn err(key: &Ident, input: ParseStream<'_>) -> syn::Result<Err> {
    if input.peek(Token![=]) {
        let on: LitBool = value(input, LitBool::parse)?;
        return Ok(match on.value {
            true => Err::On(key.span(), Report::default()),
            false => Err::Off,
        });
    }
    Ok(Err::On(key.span(), report(input)?))
}

/// What stands in the parentheses after `err` or `ret`, if there are any.
fn report(input: ParseStream<'_>) -> syn::Result<Report> {
    let mut report = Report::default();
    if !input.peek(token::Paren) {
        return Ok(report);
    }
    let content;
    parenthesized!(content in input);
    while !content.is_empty() {
        let word = content.call(Ident::parse_any)?;
        let earlier = match word.to_string().as_str() {
            "level" => report.level.replace(value(&content, Level::parse)?).is_some(),
            "Debug" => report.format.replace(Format::Debug).is_some(),
            "Display" => report.format.replace(Format::Display).is_some(),
            _ => {
                let sentence = format!(
                    "unknown option `{word}`: write `Debug` or `Display`, `level = …`, or both"
                );
                return Err(Error::new(word.span(), sentence));
            }
        };
        if earlier {
            let sentence = format!("`{word}` is one too many: keep one format and one level");
            return Err(Error::new(word.span(), sentence));
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(report)
}

fn expected(span: Span) -> Error {
    Error::new(span, format!("expected an option: there are {KNOWN}"))
}

fn unknown(key: &Ident) -> Error {
    let sentence = match key.to_string().as_str() {
        "skip" | "skip_all" => format!(
            "`{key}` is not needed: no argument is recorded but those that `fields(…)` names"
        ),
        _ => format!(
            "unknown option `{key}`: there are {KNOWN}; to record an argument, write \
             `fields({key})`"
        ),
    };
    Error::new(key.span(), sentence)
}
