//! A ring against a queue: whatever is pushed comes out, in order, or was refused.
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Item, Owner, Pushed, Ring, Shape, State};
use obs_ring::{Identity, Memory};
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Clone)]
enum Step {
    Push { level: u8, context: u8, words: usize },
    Drain { most: usize },
    Reopen,
}

#[derive(Debug, Clone, PartialEq)]
struct Pushing {
    level: u8,
    ticks: u64,
    context: Vec<u8>,
    body: Vec<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..8_u8, 0..3_u8, 0..40_usize).prop_map(|(level, context, words)| Step::Push { level, context, words }),
        1 => (0..8_u8, 0..3_u8, 40..70_usize).prop_map(|(level, context, words)| Step::Push { level, context, words }),
        2 => (1..20_usize).prop_map(|most| Step::Drain { most }),
        1 => Just(Step::Reopen),
    ]
}

pub(crate) fn small_ring() -> Ring {
    let shape = Shape::new(2048, 256).unwrap();
    let memory = Memory::heap(shape.file_bytes());
    Ring::create(memory, shape, Identity { pid: 7, ..Identity::default() }, TickSource::Monotonic)
        .unwrap()
}

fn anchor() -> Anchor {
    Anchor::new(1, 2, 3)
}

/// Drains up to `most` records and returns them with the contexts that a reader knows.
fn drain(ring: &Ring, from: u64, most: usize) -> (u64, Vec<Pushing>) {
    let mut consumer = ring.consumer(Some(from));
    let (mut buffer, mut taken, mut context) = (Vec::new(), Vec::new(), Vec::new());
    let (mut at, head) = (consumer.context_start(), consumer.head());
    while at < head && taken.len() < most {
        let mut records = consumer.read(at, consumer.read_end(at, head), &mut buffer);
        let mut reached = at;
        while taken.len() < most
            && let Some(item) = records.next()
        {
            match item {
                Item::Opening(opening) => {
                    assert_eq!(opening, anchor());
                    context.clear();
                }
                Item::Record(record) => {
                    if let Some(now) = record.context {
                        context = now.to_vec();
                    }
                    reached = record.end;
                    if record.end > from {
                        let (level, ticks) = (record.level, record.ticks);
                        taken.push(Pushing {
                            level,
                            ticks,
                            context: context.clone(),
                            body: record.body.to_vec(),
                        });
                    }
                }
                other => panic!("a live ring holds no {other:?}"),
            }
        }
        let end = if taken.len() < most { records.position() } else { reached };
        assert!(end > at, "reading makes progress");
        at = end;
    }
    consumer.release(at.max(from));
    (at.max(from), taken)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_is_pushed_comes_out_once_in_order_with_its_context(steps in prop::collection::vec(step(), 1..200)) {
        let ring = small_ring();
        let owner = Owner { pid: 1, tid: 2, name: "model".into() };
        let mut producer = ring.claim(State::Fresh, State::Live, &owner).unwrap();
        let (mut model, mut drained, mut last_context) = (VecDeque::new(), 0, Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push { level, context, words } => {
                    let context = vec![context; usize::from(context) * 16];
                    let body: Vec<u8> = (0..words * 8).map(|at| (at + number) as u8).collect();
                    let context_changed = context != last_context;
                    let ticks = number as u64;
                    let entry = Entry { kind: 16, level, ticks, context: &context, context_changed, body: &body };
                    if producer.push(&entry, anchor).is_ok() {
                        last_context.clone_from(&context);
                        model.push_back(Pushing { level, ticks, context, body });
                    } else {
                        producer.count_refused(level);
                        prop_assert!(!model.is_empty() || body.len() + context.len() > 512, "refused by an empty ring");
                    }
                }
                Step::Drain { most } => {
                    let (at, taken) = drain(&ring, drained, most);
                    drained = at;
                    for record in taken {
                        prop_assert_eq!(Some(record), model.pop_front());
                    }
                }
                Step::Reopen => {
                    drop(producer);
                    producer = ring.claim(State::Exited, State::Live, &owner).unwrap();
                    last_context.clear();
                    last_context.push(255);
                }
            }
        }
        let image = Ring::open(&ring.memory().snapshot()).unwrap();
        let (_, rest) = drain(&image, drained, usize::MAX);
        prop_assert_eq!(rest, Vec::from(model));
    }
}

#[test]
fn the_last_eighth_is_kept_for_warnings_and_above() {
    let ring = small_ring();
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let body = [0; 48];
    let entry = |level| Entry {
        kind: 16,
        level,
        ticks: 0,
        context: &[],
        context_changed: false,
        body: &body,
    };
    let fill = |producer: &mut obs_ring::ring::Producer, level| {
        (0..).take_while(|_| producer.push(&entry(level), anchor).is_ok()).count()
    };
    let informal = fill(&mut producer, 3);
    let urgent = fill(&mut producer, 4);
    assert_eq!((informal, urgent), (7 * 3, 3));
}

#[test]
fn the_consumer_is_woken_when_three_quarters_are_full() {
    let ring = small_ring();
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let entry = Entry {
        kind: 16,
        level: 3,
        ticks: 0,
        context: &[],
        context_changed: false,
        body: &[0; 48],
    };
    let woken: Vec<bool> =
        (0..20).map(|_| producer.push(&entry, anchor).unwrap() == Pushed::WakeConsumer).collect();
    assert_eq!(woken.iter().position(|woken| *woken), Some(18));
    assert!(woken.iter().filter(|woken| **woken).count() <= 2, "once a block, not once a record");
}

#[test]
fn only_one_of_many_claims_succeeds() {
    let ring = small_ring();
    ring.set_state(State::Spare);
    let claims: Vec<bool> = std::thread::scope(|scope| {
        let claim =
            |_| scope.spawn(|| ring.claim(State::Spare, State::Child, &Owner::default()).is_some());
        let threads: Vec<_> = (0..8).map(claim).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1);
}

#[test]
fn a_ring_is_taken_over_only_from_the_process_that_holds_it() {
    let ring = small_ring();
    let owner = |pid| Owner { pid, ..Owner::default() };
    ring.set_state(State::Spare);
    assert!(ring.claim(State::Spare, State::Child, &owner(4_000_001)).is_some());
    let take_over = |pid, from| {
        ring.claim_if(State::Child, State::Child, &owner(pid), |held_by| held_by == from).is_some()
    };
    assert!(!take_over(7, 8), "somebody else holds it");
    assert!(take_over(7, 4_000_001));
    assert!(!take_over(9, 4_000_001), "it is held by another now");
    assert_eq!((ring.state(), ring.owner().pid), (State::Child, 7));
    let late = ring.claim_if(State::Child, State::Child, &owner(9), |_| take_over(8, 7));
    assert!(late.is_none(), "it changed hands in between");
}

#[test]
fn refusals_are_counted_by_level_in_memory_that_stays() {
    let ring = small_ring();
    let producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    for level in [3, 3, 5] {
        producer.count_refused(level);
    }
    let image = Ring::open(&ring.memory().snapshot()).unwrap();
    assert_eq!(image.consumer(None).refused(), [0, 0, 0, 2, 0, 1, 0, 0]);
}
