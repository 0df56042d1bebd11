//! `obs send`: what receivers have not got of a run.
use crate::program::Program;
use crate::support::text;
use expect_test::expect;
use obs_receiver::{Behaviour, Receiver, attribute};

/// A path as an argument.
fn arg(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

obstest!(a_killed_run_is_recovered_and_sent_once_as_its_own, |dir, obs| {
    let run = dir.killed("acm");
    let receiver = Receiver::start().unwrap();
    let endpoint = receiver.endpoint("http");
    let send = |more: &[&str]| obs(&[&["send", "acm", "--endpoint", &endpoint], more].concat());
    let said = send(&[]).good();
    let all = |name: &str| {
        said.lines().any(|line| line.starts_with(name) && line.contains(" 0 lost, 0 pending"))
    };
    assert!(all("otlp-traces  ") && all("otlp-logs  "), "{said}");
    let counts = || {
        let store = receiver.store();
        (store.spans.len(), store.logs.len())
    };
    let (spans, logs) = counts();
    assert!(spans > 0 && logs > 0);
    {
        let store = receiver.store();
        let resource = |name: &str| attribute(&store.spans[0].resource.attributes, name);
        assert_eq!(resource("service.name").unwrap(), "acm");
        assert_eq!(resource("obs.run.id").unwrap(), Program::id(&run));
        let open = store.spans.iter().find(|span| span.item.name == "job").unwrap();
        assert_eq!(attribute(&open.item.attributes, "obs.unfinished").unwrap(), "true");
        let bodies = store.logs.iter().map(|log| obs_receiver::text(log.item.body.as_ref()));
        let bodies: Vec<String> = bodies.collect();
        assert!(
            ["run started", "batch loaded", "run ended"]
                .iter()
                .all(|it| bodies.contains(&(*it).to_owned())),
            "{bodies:?}"
        );
    }
    assert_eq!(send(&[]).good(), said, "the same is told again, and nothing sent");
    assert_eq!(counts(), (spans, logs));
    send(&["--again"]).good();
    assert_eq!(counts(), (2 * spans, 2 * logs));
    let grpc = receiver.endpoint("grpc");
    obs(&["send", arg(&run), "--again", "--protocol", "grpc", "--endpoint", &grpc]).good();
    assert_eq!(counts(), (3 * spans, 3 * logs));
});

obstest!(a_receiver_that_is_not_there_leaves_everything_for_later, |dir, obs| {
    dir.finished("acm");
    let send = |endpoint: &str| {
        obs(&["send", "acm", "--patience", "1s", "--json", "--endpoint", endpoint])
    };
    let ran = send("http://127.0.0.1:1");
    assert_eq!(ran.code, 1);
    expect![[r#"
        obs: otlp-traces: http://127.0.0.1:1/v1/traces: Connection refused (os error 111); tried for 1s (--patience)
        obs: otlp-logs: http://127.0.0.1:1/v1/logs: Connection refused (os error 111); tried for 1s (--patience)
    "#]]
    .assert_eq(&ran.err);
    let told = &ran.json()[0];
    for (sink, signal) in told["sinks"].as_array().unwrap().iter().zip(["traces", "logs"]) {
        assert_eq!(text(sink, "name"), format!("otlp-{signal}"));
        assert_eq!((sink["delivered"].as_u64(), sink["lost"].as_u64()), (Some(0), Some(0)));
        assert!(sink["pending"].as_u64() == told["records"].as_u64(), "{told}");
        let error = format!("http://127.0.0.1:1/v1/{signal}: Connection refused (os error 111)");
        assert_eq!(text(sink, "error"), error);
    }
    let receiver = Receiver::start().unwrap();
    let ran = send(&receiver.endpoint("http"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(!receiver.store().spans.is_empty());
});

obstest!(what_is_refused_for_good_is_told_and_can_be_sent_again, |dir, obs| {
    dir.finished("acm");
    let receiver = Receiver::start().unwrap();
    let refuse = Behaviour::Refuse { status: 401, code: 16, retry_after: None, retry_info: None };
    receiver.behave(refuse);
    let endpoint = receiver.endpoint("http");
    let ran = obs(&["send", "acm", "--endpoint", &endpoint]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.out.contains("HTTP 401 Unauthorized"), "{}", ran.out);
    receiver.behave(Behaviour::Take);
    obs(&["send", "acm", "--endpoint", &endpoint, "--again"]).good();
    assert!(!receiver.store().spans.is_empty());
});

obstest!(what_cannot_be_sent_is_told_with_a_hint, |dir, obs| {
    dir.finished("acm");
    let said = obs(&["send", "acm"]).failed(1);
    assert!(said.contains("no receiver is set: OTEL_EXPORTER_OTLP_ENDPOINT names one"), "{said}");
    assert!(said.contains("hint: `--endpoint http://localhost:4318` names a receiver"), "{said}");
    let said = obs(&["send", "acm", "--endpoint", "ftp://c"]).failed(2);
    assert!(said.contains("cannot send to \"ftp://c\": its scheme is neither http nor https"));
    let said = obs(&["send", "acm", "--endpoint", "c:4318"]).failed(1);
    assert!(said.contains("http:// or https:// belongs in front"), "{said}");
    obs(&["send", "nobody"]).failed(3);
    let alive = dir.program("live", "work");
    let said = obs(&["send", arg(&alive.run), "--endpoint", "http://127.0.0.1:1"]).failed(6);
    assert!(said.contains("hint: a run that is alive sends by itself"), "{said}");
    alive.end();
});
