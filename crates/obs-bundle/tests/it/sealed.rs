//! Bundles that somebody signs and encrypts: there is all of that, or no bundle.
use crate::faults::{Faults, Faulty};
use crate::fixture::{Run, assert_whole, entries, options, verified};
use crate::memory::judge;
use crate::rawzip::{Raw, emit, parse};
use obs_bundle::{BundleErrorKind, Encrypt, Options, ProblemKind, Sign, write};
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const SIGNATURE: &str = "SHA256SUMS.minisig";

#[derive(Debug)]
enum Signs {
    Well,
    Long,
    Not,
}

impl Sign for Signs {
    fn sign(&self, sums: &[u8], comment: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Well => Ok(format!("{} bytes; {comment}\n", sums.len()).into_bytes()),
            Self::Long => Ok(vec![b'x'; 5_000]),
            Self::Not => Err("the token was pulled".to_owned()),
        }
    }
}

/// Turns every bit, and fails after so many bytes. Looks at the folder of the bundle meanwhile.
#[derive(Debug)]
struct Inverts {
    bytes_max: u64,
    folder: PathBuf,
}

impl Encrypt for Inverts {
    fn encrypt(&self, plain: &mut dyn Read, sealed: &mut dyn Write) -> Result<(), String> {
        let mut bytes = Vec::new();
        plain.take(self.bytes_max).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            let is_clear = path.is_file() && fs::read(&path).unwrap().starts_with(b"PK");
            assert!(!is_clear, "{} is in the clear", path.display());
        }
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
        sealed.write_all(&bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 == self.bytes_max { Err("out of ink".to_owned()) } else { Ok(()) }
    }
}

fn signing(sign: Signs) -> Options {
    let mut options = options();
    options.sign = Some(Arc::new(sign));
    options
}

fn encrypting(run: &Run, bytes_max: u64) -> Options {
    let mut options = options();
    options.encrypt = Some(Arc::new(Inverts { bytes_max, folder: run.path.clone() }));
    options
}

#[test]
fn a_signature_is_the_last_entry_and_in_no_list() {
    let run = Run::ended();
    let bundle = write(&run.path, &signing(Signs::Well)).unwrap();
    let all = entries(&bundle.path);
    let (name, signature) = all.last().unwrap();
    assert_eq!(name, SIGNATURE);
    let sums = &all[all.len() - 2].1;
    let id = run.id;
    let made = "2026-11-22T09:59:07.000000000Z";
    let expected = format!("{} bytes; obs bundle of run {id} made {made}\n", sums.len());
    assert_eq!(signature, expected.as_bytes());
    let report = verified(&bundle.path);
    let signed = report.signed.as_ref().unwrap();
    assert_eq!((signed.sums.as_bytes(), &signed.signature), (sums.as_slice(), signature));
    assert!(report.to_string().contains("; signed, and the signature was not checked"), "{report}");
    assert_whole(&bundle.path);
    assert_eq!(run.bundle().manifest, bundle.manifest);
}

#[test]
fn a_signature_that_stands_elsewhere_or_is_too_long_is_found() {
    let run = Run::ended();
    let bundle = write(&run.path, &signing(Signs::Well)).unwrap();
    let whole = parse(&fs::read(&bundle.path).unwrap()).0;
    let check = |entries: &[Raw], kind| {
        let report = judge(&emit(entries));
        assert!(report.problems.iter().any(|it| it.kind == kind), "{kind:?} not in {report}");
    };
    for at in 0..whole.len() - 1 {
        let mut moved = whole.clone();
        let signature = moved.pop().unwrap();
        moved.insert(at, signature);
        check(&moved, ProblemKind::Order);
    }
    let mut long = whole.clone();
    long.last_mut().unwrap().set_content(&[b'x'; 5_000]);
    check(&long, ProblemKind::Signature);
    let mut twice = whole.clone();
    twice.push(whole.last().unwrap().clone());
    check(&twice, ProblemKind::Duplicate);
}

#[test]
fn what_cannot_be_signed_or_encrypted_is_not_there() {
    let run = Run::ended();
    let before = run.names();
    for (options, why) in [
        (signing(Signs::Not), "cannot sign the bundle: the token was pulled"),
        (signing(Signs::Long), "cannot sign the bundle: the signature is too long"),
        (encrypting(&run, 1_000), "cannot encrypt the bundle: out of ink"),
    ] {
        let error = write(&run.path, &options).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (BundleErrorKind::Seal, why));
        assert_eq!(run.names(), before);
    }
}

#[test]
fn an_encrypted_bundle_was_never_in_a_file_in_the_clear() {
    let run = Run::ended();
    let mut both = encrypting(&run, u64::MAX);
    both.sign = Some(Arc::new(Signs::Well));
    let bundle = write(&run.path, &both).unwrap();
    assert!(bundle.path.to_str().unwrap().ends_with("/support_2026-11-22T10-59-07Z.zip.age"));
    let sealed = fs::read(&bundle.path).unwrap();
    assert_eq!(bundle.size, sealed.len() as u64);
    let plain: Vec<u8> = sealed.iter().map(|byte| !byte).collect();
    let report = judge(&plain);
    assert!(report.is_whole() && report.signed.is_some(), "{report}");
    assert!(!run.names().iter().any(|name| name.ends_with(".part")));
}

#[test]
fn a_disk_that_fails_anywhere_leaves_an_encrypted_bundle_or_none() {
    let run = Run::ended();
    let before = run.names();
    let counting = Faulty::new(Faults::None);
    let mut good = encrypting(&run, u64::MAX);
    good.io = counting.clone();
    fs::remove_file(write(&run.path, &good).unwrap().path).unwrap();
    let operations = counting.count.load(Ordering::Relaxed);
    let mut failed = 0;
    for number in 0..operations {
        let mut options = encrypting(&run, u64::MAX);
        options.io = Faulty::new(Faults::Once(number));
        match write(&run.path, &options) {
            Ok(bundle) => {
                let plain =
                    fs::read(&bundle.path).unwrap().iter().map(|it| !it).collect::<Vec<_>>();
                assert!(judge(&plain).is_whole());
                fs::remove_file(&bundle.path).unwrap();
            }
            Err(error) => {
                assert!(error.to_string().contains("injected fault"), "{number}: {error}");
                failed += 1;
            }
        }
        let left: Vec<String> =
            run.names().into_iter().filter(|name| !before.contains(name)).collect();
        let is_empty = |name: &String| fs::metadata(run.path.join(name)).unwrap().len() == 0;
        assert!(left.iter().all(is_empty), "{left:?} after a fault at operation {number}");
        left.iter().for_each(|name| fs::remove_file(run.path.join(name)).unwrap());
    }
    assert!(failed > 20, "{failed}");
}
