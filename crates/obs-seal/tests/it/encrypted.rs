//! Encryption.
use crate::tools::run;
use obs_seal::{Decrypted, Identity, Recipient, SealErrorKind, decrypt, encrypt};
use std::fs;

const CHUNK: usize = 64 << 10;

fn noise(bytes: usize) -> Vec<u8> {
    (0..bytes as u64).map(|n| (n.wrapping_mul(n).wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

fn sealed(recipients: &[Recipient], plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encrypt(recipients, &mut &*plain, &mut out).unwrap();
    out
}

fn all(mut opened: Decrypted<&[u8]>) -> Vec<u8> {
    let mut bytes = vec![0; opened.length() as usize + 10];
    let mut done = 0;
    loop {
        match opened.read_at(done as u64, &mut bytes[done..]).unwrap() {
            0 => break,
            read => done += read,
        }
    }
    bytes.truncate(done);
    bytes
}

#[test]
fn every_recipient_and_nobody_else_can_decrypt() {
    let [one, two, other] = [(); 3].map(|()| Identity::generate().unwrap());
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
        let plain = noise(length);
        let sealed = sealed(&[one.recipient(), two.recipient()], &plain);
        for identities in [vec![one.clone()], vec![other.clone(), two.clone()]] {
            let opened = decrypt(&identities, sealed.as_slice()).unwrap();
            assert_eq!(opened.length(), length as u64);
            assert_eq!(all(opened), plain);
        }
        let error = decrypt(std::slice::from_ref(&other), sealed.as_slice()).unwrap_err();
        assert_eq!(error.kind(), SealErrorKind::Identity);
        assert_eq!(error.to_string(), "it is encrypted to somebody else");
    }
    let error = encrypt(&[], &mut b"x".as_slice(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), SealErrorKind::Key);
}

#[test]
fn it_can_be_read_anywhere() {
    let own = Identity::generate().unwrap();
    let plain = noise(5 * CHUNK + 100);
    let sealed = sealed(&[own.recipient()], &plain);
    let mut opened = decrypt(&[own], sealed.as_slice()).unwrap();
    let mut buffer = [0; 50];
    for at in [0, 3 * CHUNK - 10, 7, 5 * CHUNK + 60, 5 * CHUNK + 99, CHUNK] {
        let read = opened.read_at(at as u64, &mut buffer).unwrap();
        assert!(read > 0);
        assert_eq!(buffer[..read], plain[at..at + read]);
    }
    assert_eq!(opened.read_at(plain.len() as u64, &mut buffer), Ok(0));
}

#[test]
fn what_was_changed_cut_or_extended_gives_no_wrong_byte() {
    let own = [Identity::generate().unwrap()];
    let plain = noise(2 * CHUNK + 500);
    let whole = sealed(&[own[0].recipient()], &plain);
    let judge = |bytes: &[u8]| {
        let Ok(mut opened) = decrypt(&own, bytes) else { return };
        let mut is_found = false;
        let mut buffer = vec![0; CHUNK];
        for chunk in 0..3 {
            match opened.read_at((chunk * CHUNK) as u64, &mut buffer) {
                Ok(read) => assert_eq!(buffer[..read], plain[chunk * CHUNK..][..read]),
                Err(error) => {
                    assert_eq!(error.kind(), SealErrorKind::Damaged);
                    is_found = true;
                }
            }
        }
        assert!(is_found, "a change that nobody finds");
    };
    for at in (0..whole.len()).step_by(613).chain(0..300) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        judge(&bytes);
    }
    for length in [0, 10, 150, 250, CHUNK, whole.len() - 516, whole.len() - 1] {
        judge(&whole[..length]);
    }
    judge(&[&whole[..], b"more"].concat());
}

#[test]
fn what_is_no_key_is_refused() {
    let identity = Identity::generate().unwrap();
    let text = identity.recipient().to_string();
    assert!(text.starts_with("age1") && text.len() == 62, "{text}");
    assert_eq!(text.parse(), Ok(identity.recipient()));
    let changed = text.replace(&text[10..11], if &text[10..11] == "q" { "p" } else { "q" });
    for text in ["", "age1", "ssh-ed25519 AAAA", changed.as_str(), &text[..50]] {
        let error = text.parse::<Recipient>().unwrap_err();
        assert_eq!(error.kind(), SealErrorKind::Key);
    }
    for text in ["", "# nothing\n", "AGE-SECRET-KEY-1QQQ", &changed] {
        assert_eq!(Identity::read_all(text).unwrap_err().kind(), SealErrorKind::Key);
    }
    assert_eq!(format!("{identity:?}"), "Identity { .. }");
}

#[test]
fn age_decrypts_what_is_encrypted_here_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let Some((is_made, said)) = run("age-keygen", &["-o", "key"], "", path) else { return };
    assert!(is_made, "{said}");
    let own = Identity::read_all(&fs::read_to_string(path.join("key")).unwrap()).unwrap();
    let recipient = own[0].recipient().to_string();
    assert!(said.contains(&recipient), "{said}");
    for length in [1, 100, CHUNK, 2 * CHUNK + 9] {
        let plain = noise(length);
        fs::write(path.join("sealed"), sealed(&[own[0].recipient()], &plain)).unwrap();
        let arguments = ["-d", "-i", "key", "-o", "opened", "sealed"];
        let (is_opened, said) = run("age", &arguments, "", path).unwrap();
        assert!(is_opened, "{said}");
        assert_eq!(fs::read(path.join("opened")).unwrap(), plain);
        let arguments = ["-r", &recipient, "-o", "theirs", "opened"];
        let (is_sealed, said) = run("age", &arguments, "", path).unwrap();
        assert!(is_sealed, "{said}");
        let theirs = fs::read(path.join("theirs")).unwrap();
        assert_eq!(all(decrypt(&own, theirs.as_slice()).unwrap()), plain);
    }
}
