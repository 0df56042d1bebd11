//! What comes in by headers.
use obs_core::propagation::{
    BAGGAGE_BYTES_MAX, BAGGAGE_MEMBERS_MAX, Baggage, BaggageError, Remote, TRACE_STATE_BYTES_MAX,
    TraceParent, TraceParentError, TraceState, request_id,
};
use obs_core::{Context, InContext, SpanId, TraceId};
use proptest::prelude::*;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_traceparent_is_read_by_the_letter_and_later_versions_as_far_as_it_goes() {
    use TraceParentError::{Form, Version, Zero};
    let ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
    let read = |text: &str| text.parse::<TraceParent>();
    let flags = |text: &str| read(text).map(|it| (it.is_sampled, it.is_random));
    for (text, expected) in [
        (format!("00-{ids}-01"), Ok((true, false))),
        (format!("00-{ids}-00"), Ok((false, false))),
        (format!("00-{ids}-03"), Ok((true, true))),
        (format!("00-{ids}-fe"), Ok((false, true))),
        (format!("01-{ids}-01"), Ok((true, false))),
        (format!("cc-{ids}-01-what-the-future-will-be-like"), Ok((true, false))),
        (format!("fe-{ids}-01-"), Ok((true, false))),
        (format!("cc-{ids}-01.what"), Err(Form)),
        (format!("00-{ids}-01-more"), Err(Form)),
        (format!("00-{ids}-01 "), Err(Form)),
        (format!("00-{ids}-1"), Err(Form)),
        (format!("00-{ids}-0x"), Err(Form)),
        (format!("0A-{ids}-01"), Err(Form)),
        (format!("00_{ids}_01"), Err(Form)),
        (format!("00-{}-01", ids.to_uppercase()), Err(Form)),
        (format!("ff-{ids}-01"), Err(Version)),
        (format!("00-{:032}-b7ad6b7169203331-01", 0), Err(Zero)),
        (format!("00-0af7651916cd43dd8448eb211c80319c-{:016}-01", 0), Err(Zero)),
        (String::new(), Err(Form)),
        ("ü".repeat(40), Err(Form)),
    ] {
        assert_eq!(flags(&text), expected, "{text}");
    }
    let parent = read(&format!("cc-{ids}-03-more")).unwrap();
    assert_eq!(parent.to_string(), format!("00-{ids}-03"), "version 00 goes out");
}

#[test]
fn a_tracestate_goes_out_as_it_came_in_or_not_at_all() {
    let too_many: String = (0..33).map(|n| format!("k{n}=v,")).collect();
    let long = "v".repeat(256);
    for (text, expected) in [
        ("rojo=1,congo=t61", "rojo=1,congo=t61"),
        ("rojo=1\t,\tcongo= a b ", "rojo=1,congo= a b"),
        ("1@fw=x,a_-*/b=y", "1@fw=x,a_-*/b=y"),
        ("a=1,b=2,a=3", "a=1,b=2"),
        (",,a=1, ,", "a=1"),
        ("", ""),
        ("A=1", ""),
        ("a=1,b", ""),
        ("a=1=2", ""),
        ("a=", ""),
        ("=1", ""),
        ("a=1,b=\u{e9}", ""),
        ("a=1,b=\u{1}", ""),
        (&too_many, ""),
        (&format!("a={long}"), &format!("a={long}")),
        (&format!("a={long}v"), ""),
        (&"a=1,".repeat(10_000), ""),
    ] {
        assert_eq!(TraceState::parse(text).to_string(), expected, "{text}");
    }
}

#[test]
fn a_tracestate_without_room_loses_long_members_first_and_then_the_last() {
    let member = |key: &str, length| format!("{key}={}", "v".repeat(length));
    let long = [member("a", 100), member("b", 200), member("c", 250), member("d", 100)].join(",");
    let kept = [member("a", 100), member("b", 200), member("d", 100)].join(",");
    assert_eq!(TraceState::parse(&long).as_str(), kept);
    let short: Vec<_> = (0..9).map(|n| member(&format!("k{n}"), 60)).collect();
    assert_eq!(TraceState::parse(&short.join(",")).as_str(), short[..8].join(","));
    assert!(short[..8].join(",").len() <= TRACE_STATE_BYTES_MAX);
}

#[test]
fn baggage_is_decoded_and_what_is_none_is_counted() {
    let check = |text: &str, expected: &[(&str, &str, &str)], left_out| {
        let baggage = Baggage::parse(text);
        let members = baggage.members().iter().map(|it| (it.key(), it.value(), it.properties()));
        assert_eq!(members.collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(baggage.left_out(), left_out, "{text}");
    };
    check("a=1, b = 2 ;p; q=3 ,", &[("a", "1", ""), ("b", "2", "p; q=3")], 0);
    check("a=J%C3%BCrgen%20B", &[("a", "Jürgen B", "")], 0);
    check("a=%FF%zz%4", &[("a", "\u{fffd}%zz%4", "")], 0);
    check("a=,b==", &[("a", "", ""), ("b", "=", "")], 0);
    check("a=1,a=2", &[("a", "2", "")], 0);
    check("a,=1,a b=1,a=\"x\",b=x y,c=1;\u{e9},d=\\", &[], 7);
    check(&"x".repeat(20_000), &[], 1);
    check(&format!("a={}", "x".repeat(20_000)), &[], 1);
}

#[test]
fn baggage_keeps_64_members_and_8192_bytes() {
    let many: String = (0..200).map(|n| format!("k{n}=v,")).collect();
    let baggage = Baggage::parse(&many);
    assert_eq!((baggage.members().len(), baggage.left_out()), (BAGGAGE_MEMBERS_MAX, 136));
    let large: String = (0..50).map(|n| format!("k{n:02}={},", "v".repeat(400))).collect();
    let baggage = Baggage::parse(&large);
    assert_eq!((baggage.members().len(), baggage.left_out()), (20, 30));
    assert!(baggage.to_string().len() <= BAGGAGE_BYTES_MAX);
}

#[test]
fn baggage_of_the_program_is_encoded_and_bounded() {
    let mut baggage = Baggage::default();
    assert_eq!(baggage.insert("name", "a,b;\"100 %\"\r\n"), Ok(()));
    assert_eq!(baggage.to_string(), "name=a%2Cb%3B%22100%20%25%22%0D%0A");
    assert_eq!(Baggage::parse(&baggage.to_string()), baggage);
    assert_eq!(baggage.insert("not a key", "1"), Err(BaggageError::Key));
    assert_eq!(baggage.insert("", "1"), Err(BaggageError::Key));
    assert_eq!(baggage.insert("large", &"ü".repeat(3000)), Err(BaggageError::Full));
    assert_eq!(baggage.insert("name", "b"), Ok(()));
    assert!(baggage.remove("name") && !baggage.remove("name") && baggage.is_empty());
    assert_eq!(baggage, Baggage::default());
}

#[test]
fn a_request_id_that_could_harm_is_none() {
    for id in ["7f3a", "a-b_c.d:e/f+g=h@i~j", "0", &"x".repeat(128)] {
        assert_eq!(request_id(id), Some(id));
    }
    let hostile =
        ["", "a b", "a\nb", "a\r\nx: y", "\u{1b}[2J", "ä", "a;b", "<b>", "'--", "a\"b", "%0a"];
    for text in hostile.into_iter().chain([&*"x".repeat(129)]) {
        assert_eq!(request_id(text), None, "{text:?}");
    }
}

#[test]
fn a_remote_parent_travels_with_the_context_and_is_no_part_of_its_bytes() {
    let remote = Remote { parent: PARENT.parse().ok(), ..Remote::default() };
    let plain = Context::new().with("a", 1);
    let context = plain.with_remote(remote.clone());
    assert_eq!(context.as_bytes(), plain.as_bytes());
    assert_ne!(context.id(), plain.id());
    assert_eq!(context.with("b", 2).remote(), Some(&remote));
    assert_eq!(context.with_remote(Remote::default()).remote(), None);
    let only = Context::new().with_remote(remote.clone());
    assert!(only.id() != 0 && only.as_bytes().is_empty());
    assert_eq!(Context::new().with_remote(Remote::default()).id(), 0);
    let within = std::pin::pin!(async { Context::current() }.in_context(only));
    let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(seen) = within.poll(&mut waker) else { panic!("it is ready") };
    assert_eq!(seen.remote(), Some(&remote));
    assert_eq!(Context::current_id(), 0);
}

proptest! {
    #[test]
    fn every_traceparent_is_read_as_it_was_written(
        trace in 1..u128::MAX, span in 1..u64::MAX, is_sampled: bool, is_random: bool,
    ) {
        let (trace, span) = (TraceId::new(trace).unwrap(), SpanId::new(span).unwrap());
        let parent = TraceParent { trace, span, is_sampled, is_random };
        prop_assert_eq!(parent.to_string().parse(), Ok(parent));
    }

    #[test]
    fn whatever_is_read_can_be_written_and_read_again(bytes: Vec<u8>, near in "[-a-c=,; %0-9@]{0,200}") {
        for text in [&*String::from_utf8_lossy(&bytes), &*near] {
            let state = TraceState::parse(text);
            prop_assert_eq!(&TraceState::parse(state.as_str()), &state);
            let baggage = Baggage::parse(text);
            let again = Baggage::parse(&baggage.to_string());
            prop_assert_eq!(again.members(), baggage.members());
            prop_assert_eq!(again.left_out(), 0);
            prop_assert!(text.parse::<TraceParent>().is_err());
            prop_assert!(request_id(text).is_none_or(|id| id == text));
        }
    }

    #[test]
    fn every_value_of_baggage_survives_its_header(value in any::<String>()) {
        let mut baggage = Baggage::default();
        if baggage.insert("key", &value).is_ok() {
            let header = baggage.to_string();
            prop_assert!(header.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(Baggage::parse(&header), baggage);
        }
    }
}
