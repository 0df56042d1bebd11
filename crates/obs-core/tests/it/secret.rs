use obs_core::Secret;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Login {
    user: String,
    password: Secret<String>,
    old: Option<Secret<Vec<u8>>>,
}

fn login() -> Login {
    Login {
        user: "ada".to_owned(),
        password: Secret::from("s3cret".to_owned()),
        old: Some(Secret::new(vec![7, 7])),
    }
}

#[test]
fn a_secret_prints_as_redacted_in_every_way() {
    let login = login();
    assert_eq!(
        format!("{login:?}"),
        r#"Login { user: "ada", password: [REDACTED], old: Some([REDACTED]) }"#
    );
    assert_eq!(format!("{:>3} {:#?}", login.password, login.password), "[REDACTED] [REDACTED]");
    assert_eq!(
        serde_json::to_string(&login).unwrap(),
        r#"{"user":"ada","password":"[REDACTED]","old":"[REDACTED]"}"#
    );
}

#[test]
fn a_secret_is_given_out_by_name_and_read_from_a_file() {
    let login: Login = serde_json::from_str(r#"{"user":"ada","password":"x","old":null}"#).unwrap();
    assert_eq!(login.password.expose(), "x");
    assert_eq!(login.password.clone().into_inner(), "x");
    assert!(login.old.is_none());
}

#[test]
fn a_secret_is_as_large_as_its_value_and_needs_no_debug_of_it() {
    struct Opaque(#[expect(dead_code, reason = "only its size counts")] [u64; 3]);
    assert_eq!(size_of::<Secret<Opaque>>(), size_of::<Opaque>());
    assert_eq!(format!("{:?}", Secret::new(Opaque([0; 3]))), "[REDACTED]");
}
