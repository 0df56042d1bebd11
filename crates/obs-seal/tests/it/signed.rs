//! Signatures.
use crate::tools::run;
use obs_seal::{PublicKey, SealErrorKind, SigningKey};
use std::fs;

/// A key without a password, as `minisign -G -W` made it, and the public key to it.
const SECRET: &str = include_str!("minisign.key");
const PUBLIC: &str = include_str!("minisign.pub");

#[test]
fn a_signature_is_of_one_message_by_one_key() {
    let key = SigningKey::read(SECRET, None).unwrap();
    let public: PublicKey = PUBLIC.parse().unwrap();
    assert_eq!(public, key.public());
    assert_eq!(public.to_string().parse(), Ok(public));
    let signature = key.sign(b"sums", "of run 7\nforged: line");
    assert_eq!(signature, key.sign(b"sums", "of run 7\nforged: line"), "deterministic");
    assert_eq!(public.verify(b"sums", &signature).unwrap(), "of run 7 forged: line");
    let error = public.verify(b"sumz", &signature).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (SealErrorKind::Signature, "the signature is of something else")
    );
}

#[test]
fn a_signature_that_was_changed_anywhere_is_refused() {
    let key = SigningKey::read(SECRET, None).unwrap();
    let signature = key.sign(b"sums", "of run 7");
    let start = signature.find('\n').unwrap();
    for at in start..signature.len() - 1 {
        for other in [b'A', b'7', b'\n'] {
            let mut bytes = signature.clone().into_bytes();
            if bytes[at] == other {
                continue;
            }
            bytes[at] = other;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(key.public().verify(b"sums", &changed).is_err(), "byte {at}");
        }
    }
    for text in ["", "untrusted comment: x", "nothing of the kind\n\n\n\n"] {
        assert!(key.public().verify(b"sums", text).is_err());
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let lines: Vec<&str> = SECRET.lines().collect();
    for text in ["", "x", lines[1], &format!("{}\nAAAA\n", lines[0])] {
        assert_eq!(SigningKey::read(text, None).unwrap_err().kind(), SealErrorKind::Key, "{text}");
    }
    let error = SigningKey::read(SECRET, Some("hunter2")).unwrap_err();
    assert_eq!(error.kind(), SealErrorKind::Password);
    assert!("RWQ".parse::<PublicKey>().is_err());
}

#[test]
fn minisign_accepts_what_is_signed_here_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("message"), "sums\n").unwrap();
    fs::write(path.join("key"), SECRET).unwrap();
    fs::write(path.join("key.pub"), PUBLIC).unwrap();
    let key = SigningKey::read(SECRET, None).unwrap();
    fs::write(path.join("message.minisig"), key.sign(b"sums\n", "of run 7")).unwrap();
    let public = key.public().to_string();
    let Some((is_right, said)) = run("minisign", &["-Vm", "message", "-P", &public], "", path)
    else {
        return;
    };
    assert!(is_right && said.contains("Trusted comment: of run 7"), "{said}");
    let signing = ["-S", "-m", "message", "-s", "key", "-x", "theirs", "-t", "by the tool"];
    let (is_signed, said) = run("minisign", &signing, "", path).unwrap();
    assert!(is_signed, "{said}");
    let theirs = fs::read_to_string(path.join("theirs")).unwrap();
    assert_eq!(key.public().verify(b"sums\n", &theirs).unwrap(), "by the tool");
}

#[test]
fn a_key_with_a_password_is_read_with_that_password_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let arguments = ["-G", "-p", "key.pub", "-s", "key"];
    let made = run("minisign", &arguments, "correct horse\ncorrect horse\n", path);
    let Some((is_made, said)) = made else { return };
    assert!(is_made, "{said}");
    let text = fs::read_to_string(path.join("key")).unwrap();
    let key = SigningKey::read(&text, Some("correct horse")).unwrap();
    let public: PublicKey = fs::read_to_string(path.join("key.pub")).unwrap().parse().unwrap();
    assert_eq!(key.public(), public);
    for password in [None, Some("correct hors")] {
        let error = SigningKey::read(&text, password).unwrap_err();
        assert_eq!(error.kind(), SealErrorKind::Password, "{error}");
    }
}
