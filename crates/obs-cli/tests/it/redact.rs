//! `obs redact`: what it makes of standard input.
use crate::support::{Dir, Ran};
use expect_test::expect;
use std::fs::{self, File};

/// What `obs redact` says to an input.
fn redact(dir: &Dir, arguments: &[&str], input: &[u8]) -> Ran {
    let (file, key) = (dir.path("input"), dir.path("key"));
    fs::write(&file, input).unwrap();
    fs::write(&key, [7; 32]).unwrap();
    let key = key.to_string_lossy().into_owned();
    let arguments = [&["redact", "--key-file", &key], arguments].concat();
    let mut obs = dir.obs(&arguments);
    obs.command.stdin(File::open(&file).unwrap());
    obs.run()
}

obstest!(a_text_keeps_all_but_its_secrets, |dir, _obs| {
    for (input, expected) in [
        ("", ""),
        ("a", "a"),
        ("abc", "abc"),
        ("no line end", "no line end"),
        ("\u{1}\0\0\0", "\u{1}\0\0\0"),
        ("\u{2}\0\u{1}\0", "\u{2}\0\u{1}\0"),
        ("password=hunter2\n", "password=[REDACTED:name:password#326eb4f6]\n"),
        (
            "\u{feff}token: \"hunter2\" and password=hunter2\r\n",
            "\u{feff}token: \"[REDACTED:name:token#326eb4f6]\" and password=[REDACTED:name:password#326eb4f6]\r\n",
        ),
    ] {
        assert_eq!(redact(&dir, &[], input.as_bytes()).good(), expected);
    }
});

obstest!(of_json_lines_only_strings_change, |dir, _obs| {
    let input = concat!(
        "{\"n\": 1.50,  \"password\":\"hunter2\",\"text\":\"token=hunter2\"}\n",
        "no JSON: password=hunter2\n",
        "[null,\"\\u00fc\",1e400]",
    );
    expect![[r#"
        {"n": 1.50,  "password":"[REDACTED:name:password#326eb4f6]","text":"token=[REDACTED:name:token#326eb4f6]"}
        no JSON: password=[REDACTED:name:password#326eb4f6]
        [null,"\u00fc",1e400]"#]]
    .assert_eq(&redact(&dir, &["--jsonl"], input.as_bytes()).good());
});

obstest!(what_was_taken_out_is_told_when_asked_for, |dir, _obs| {
    let ran = redact(&dir, &["--report"], b"password=hunter2 token=hunter3 token=hunter4");
    assert_eq!(ran.err, "obs: 3 secrets taken out: name:password 1, name:token 2\n");
    let ran = redact(&dir, &["--report", "--jsonl"], b"{\"a\":\"b\"}\n");
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("{\"a\":\"b\"}\n", "obs: no secrets found\n")
    );
});

obstest!(an_encoding_in_which_nothing_is_found_is_refused, |dir, _obs| {
    let text = "{\"password\":\"hunter2\"}\n";
    let wide = |unit: fn(u16) -> Vec<u8>| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let long = |unit: fn(char) -> Vec<u8>| text.chars().flat_map(unit).collect::<Vec<u8>>();
    let (little, big) = (wide(|it| it.to_le_bytes().into()), wide(|it| it.to_be_bytes().into()));
    let longer = long(|it| u32::from(it).to_le_bytes().into());
    for (input, name) in [
        ([&[0xff, 0xfe], &*little].concat(), "UTF-16"),
        ([&[0xfe, 0xff], &*big].concat(), "UTF-16"),
        (little, "UTF-16LE"),
        (big, "UTF-16BE"),
        ([&[0xff, 0xfe, 0, 0], &*longer].concat(), "UTF-32"),
        (longer, "UTF-32LE"),
        (long(|it| u32::from(it).to_be_bytes().into()), "UTF-32BE"),
    ] {
        for arguments in [&[][..], &["--jsonl"]] {
            let said = redact(&dir, arguments, &input).failed(1);
            let expected = format!(
                "obs: standard input is {name}, in which no secret would be found: \
                 put `iconv -f {name} -t UTF-8` before this command\n"
            );
            assert_eq!(said, expected);
        }
    }
});

obstest!(a_key_must_be_there_and_long_enough, |dir, obs| {
    let short = dir.path("short");
    fs::write(&short, "0123456789abcde").unwrap();
    let said = obs(&["redact", "--key-file", short.to_str().unwrap()]).failed(1);
    assert!(said.ends_with("short has less than 16 bytes\n"), "{said}");
    let none = dir.path("none");
    let said = obs(&["redact", "--key-file", none.to_str().unwrap()]).failed(1);
    assert!(said.contains("cannot read the key") && said.contains("No such file"), "{said}");
});
