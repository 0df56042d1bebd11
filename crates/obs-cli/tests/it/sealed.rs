//! Bundles that are signed and encrypted, against the tools that others check and decrypt them with.
use crate::support::{Dir, arg};
use expect_test::expect;
use obs_seal::Identity;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A key without a password, as `minisign -G -W` made it, and the public key to it.
const SECRET: &str = include_str!("../../../obs-seal/tests/it/minisign.key");
const PUBLIC: &str = include_str!("../../../obs-seal/tests/it/minisign.pub");
/// Another public key.
const OTHER: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

/// Runs a tool in `folder`. `None` where it is not there, with a word on that.
fn tool(name: &str, arguments: &[&str], folder: &Path) -> Option<Output> {
    let output = Command::new(name).args(arguments).current_dir(folder).output();
    if output.is_err() {
        eprintln!("{name} is not there: not tested");
    }
    output.ok()
}

fn key(dir: &Dir) -> PathBuf {
    let path = dir.path("key");
    fs::write(&path, SECRET).unwrap();
    path
}

fn zips(dir: &Dir) -> Vec<String> {
    let names = fs::read_dir(dir.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.contains(".zip") || name.contains(".part"));
    names
}

obstest!(a_signed_bundle_says_who_made_it, |dir, obs| {
    dir.finished("acm");
    let (key, zip) = (key(&dir), dir.path("support.zip"));
    let sign = ["bundle", "-o", arg(&zip), "--sign-key", arg(&key)];
    obs(&sign).good();
    let first = fs::read(&zip).unwrap();
    obs(&sign).good();
    assert_eq!(fs::read(&zip).unwrap(), first, "reproducible");
    let said = obs(&["bundle", "verify", arg(&zip)]).good();
    assert!(said.contains("; signed, and the signature was not checked"), "{said}");
    let public = PUBLIC.lines().nth(1).unwrap();
    let said = obs(&["bundle", "verify", arg(&zip), "--public-key", public]).good();
    assert!(said.contains("; signed by the key: obs bundle of run "), "{said}");
    let ran = obs(&["bundle", "verify", arg(&zip), "--public-key", OTHER]);
    assert_eq!(ran.code, 4);
    assert!(ran.out.contains("NOT OK") && ran.out.contains("by another key"), "{}", ran.out);
    let json = obs(&["bundle", "verify", arg(&zip), "--public-key", public, "--json"]).json();
    assert_eq!((&json[0]["is_signed"], &json[0]["signature"]), (&true.into(), &"right".into()));
    obs(&["bundle", "-o", arg(&zip)]).good();
    let ran = obs(&["bundle", "verify", arg(&zip), "--public-key", public]);
    assert!(ran.code == 4 && ran.out.contains("but it is not signed"), "{}", ran.out);
});

obstest!(minisign_accepts_the_sums_of_an_unpacked_bundle, |dir, obs| {
    dir.finished("acm");
    let (key, zip, folder) = (key(&dir), dir.path("support.zip"), dir.path("unpacked"));
    obs(&["bundle", "-o", arg(&zip), "--sign-key", arg(&key)]).good();
    let unpack = ["-q", arg(&zip), "-d", arg(&folder)];
    if tool("unzip", &unpack, &dir.path("")).is_none() {
        return;
    }
    let check = ["-Vm", "SHA256SUMS", "-P", PUBLIC.lines().nth(1).unwrap()];
    let Some(checked) = tool("minisign", &check, &folder) else { return };
    assert!(checked.status.success(), "{checked:?}");
    let sums = tool("sha256sum", &["--strict", "-c", "SHA256SUMS"], &folder).unwrap();
    assert!(sums.status.success(), "{sums:?}");
});

obstest!(an_encrypted_bundle_is_for_its_recipients_alone, |dir, obs| {
    dir.finished("acm");
    let zip = dir.path("support.zip.age");
    let [own, other] = [(); 2].map(|()| Identity::generate().unwrap().recipient().to_string());
    let Some(made) = tool("age-keygen", &["-o", "identity"], &dir.path("")) else { return };
    let made = String::from_utf8_lossy(&made.stderr).into_owned();
    let recipient = made.trim().rsplit(' ').next().unwrap();
    let to = ["--encrypt-to", recipient, "--encrypt-to", &own];
    obs(&[&["bundle", "-o", arg(&zip)], &to[..]].concat()).good();
    assert_eq!(zips(&dir), ["support.zip.age"]);
    let identity = dir.path("identity");
    let said = obs(&["bundle", "verify", arg(&zip), "--identity", arg(&identity)]).good();
    assert!(said.starts_with("OK  "), "{said}");
    let ran = obs(&["bundle", "verify", arg(&zip)]);
    assert_eq!(ran.code, 4, "in itself it is no zip archive");
    assert_eq!(ran.err, "obs: it is encrypted: `--identity FILE` decrypts it\n");
    let open = ["-d", "-i", "identity", "-o", "opened.zip", "support.zip.age"];
    assert!(tool("age", &open, &dir.path("")).unwrap().status.success());
    assert!(obs(&["bundle", "verify", arg(&dir.path("opened.zip"))]).good().starts_with("OK"));
    fs::remove_file(dir.path("opened.zip")).unwrap();
    obs(&["bundle", "-o", arg(&zip), "--encrypt-to", &other]).good();
    let said = obs(&["bundle", "verify", arg(&zip), "--identity", arg(&identity)]).failed(1);
    expect![[r#"
        obs: cannot decrypt "DIR/support.zip.age": it is encrypted to somebody else
    "#]]
    .assert_eq(&dir.masked(&said));
    let run = dir.finished("new");
    obs(&["bundle", "--encrypt-to", &other]).good();
    let names = fs::read_dir(run).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let own: Vec<&String> = names.iter().filter(|name| name.starts_with("support_")).collect();
    assert!(own.len() == 1 && own[0].ends_with(".zip.age"), "{own:?}");
});

obstest!(what_cannot_be_signed_or_encrypted_is_not_written, |dir, obs| {
    dir.finished("acm");
    let (key, zip) = (key(&dir), dir.path("support.zip"));
    let cut = dir.path("cut");
    fs::write(&cut, &SECRET[..100]).unwrap();
    let all: [(&[&str], &str, i32); 5] = [
        (&["--sign-key", "/nowhere"], "cannot read \"/nowhere\"", 1),
        (&["--sign-key", arg(&cut)], "cannot read the secret key: it has another length", 1),
        (
            &["--sign-key", arg(&key), "--sign-password-env", "NO_SUCH_VARIABLE"],
            "cannot read the password from NO_SUCH_VARIABLE",
            1,
        ),
        (&["--encrypt-to", "age1nobody"], "as a recipient: expected age1", 2),
        (&["--encrypt-to", "ssh-ed25519 AAAA"], "as a recipient: expected age1", 2),
    ];
    for (options, why, code) in all {
        let said = obs(&[&["bundle", "-o", arg(&zip)], options].concat()).failed(code);
        assert!(said.contains(why), "{said}");
        assert_eq!(zips(&dir), [""; 0]);
    }
    let with_password = [
        "bundle",
        "-o",
        arg(&zip),
        "--sign-key",
        arg(&key),
        "--sign-password-env",
        "SIGN_PASSWORD",
    ];
    let ran = dir.obs(&with_password).env("SIGN_PASSWORD", "hunter2").run();
    assert!(ran.failed(1).contains("a password is given, and the secret key has none"));
    assert_eq!(zips(&dir), [""; 0]);
});

obstest!(an_encrypted_bundle_is_read_and_made_tighter_with_an_identity, |dir, obs| {
    dir.finished("acm");
    let (identity, zip) = (dir.path("identity"), dir.path("support.zip.age"));
    if tool("age-keygen", &["-o", "identity"], &dir.path("")).is_none() {
        return;
    }
    let own = Identity::read_all(&fs::read_to_string(&identity).unwrap()).unwrap().remove(0);
    obs(&["bundle", "-o", arg(&zip), "--encrypt-to", &own.recipient().to_string()]).good();
    for command in ["view", "summary", "redact"] {
        let said = dir.masked(&obs(&["bundle", command, arg(&zip)]).failed(1));
        let expected = "obs: \"DIR/support.zip.age\" is encrypted\n\
                        hint: `--identity FILE` reads it with an identity of age\n";
        assert_eq!(said, expected);
    }
    let with = |command: &str| obs(&["bundle", command, arg(&zip), "--identity", arg(&identity)]);
    assert!(with("view").good().contains("run/log.jsonl"));
    assert!(with("summary").good().starts_with("## Run of `acm`"));
    let made = with("redact");
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(made.err, "obs: it is not encrypted any more: `--encrypt-to` encrypts it anew\n");
    obs(&["bundle", "verify", arg(&dir.path("support-redacted.zip"))]).good();
});

obstest!(a_signature_does_not_outlive_a_change, |dir, obs| {
    dir.finished("acm");
    let (key, zip) = (key(&dir), dir.path("support.zip"));
    obs(&["bundle", "-o", arg(&zip), "--sign-key", arg(&key)]).good();
    let made = obs(&["bundle", "redact", arg(&zip)]);
    let expected =
        "obs: the signature is not in it: it would not fit any more; `--sign-key` signs it anew\n";
    assert_eq!((made.code, made.err.as_str()), (0, expected));
    obs(&["bundle", "redact", arg(&zip), "--sign-key", arg(&key)]).good();
    let public = PUBLIC.lines().nth(1).unwrap();
    let second = dir.path("support-redacted-2.zip");
    obs(&["bundle", "verify", arg(&second), "--public-key", public]).good();
});
