use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use inventory_aws::{Checked, Checker};
use inventory_core::Notice;
use serde_json::Value;

use crate::support::events::{change, stream_event};
use crate::support::fuse::{Fuse, Fused};
use crate::support::outbox::Outbox;
use crate::support::world::World;

/// How many notices a crash may make come twice.
const AT_ONCE: usize = 10;
/// How many stores something happens in: more than are published at once.
const STORES: usize = 12;

fn checker(world: &World, outbox: &Outbox) -> Checker<Outbox> {
    Checker::new(outbox.clone()).with_ledger(world.dynamodb.clone(), "Notices")
}

async fn check(world: &World, outbox: &Outbox, records: &[Value]) -> Checked {
    let checked = checker(world, outbox).check(&stream_event(records.to_vec())).await;
    assert_eq!(checked.warnings.len(), 0, "{:?}", checked.warnings);
    checked
}

fn three() -> [Value; 4] {
    [
        change(1, "Oslo/tea", "5", "0"),
        change(2, "Bergen/tea", "5", "0"),
        change(3, "Oslo/milk", "5", "0"),
        change(4, "Oslo/salt", "5", "4"),
    ]
}

#[tokio::test]
async fn what_comes_again_is_not_told_again() {
    let (world, outbox) = (World::start().await, Outbox::default());
    assert_eq!(check(&world, &outbox, &three()).await.published.len(), 2);
    let again = check(&world, &outbox, &three()).await;
    assert_eq!((again.published.len(), again.told_before, again.failed.is_none()), (0, 4, true));
    assert_eq!(outbox.subjects(), ["Oslo: 2 sold out", "Bergen: 1 sold out"]);
}

#[tokio::test]
async fn however_a_batch_is_cut_when_it_comes_again() {
    let (world, outbox) = (World::start().await, Outbox::default());
    check(&world, &outbox, &three()).await;
    for (from, to) in [(0, 2), (2, 4), (1, 3)] {
        assert_eq!(check(&world, &outbox, &three()[from..to]).await.published, [], "{from}..{to}");
    }
    let more = [&three()[2..], &[change(5, "Oslo/rum", "5", "0")]].concat();
    let told = check(&world, &outbox, &more).await;
    assert_eq!(told.published.iter().map(Notice::subject).collect::<Vec<_>>(), ["Oslo: 1 sold out"]);
    assert!(told.published[0].text().contains("rum"), "only what is new");
}

#[tokio::test]
async fn what_came_to_nothing_then_is_nothing_when_only_its_end_comes_again() {
    let (world, outbox) = (World::start().await, Outbox::default());
    let records =
        [change(1, "Oslo/tea", "5", "0"), change(2, "Oslo/milk", "5", "0"), change(3, "Oslo/milk", "0", "5")];
    check(&world, &outbox, &records).await;
    check(&world, &outbox, &records[2..]).await;
    assert_eq!(
        outbox.subjects(),
        ["Oslo: 1 sold out"],
        "milk did not come back, as nobody heard it was gone"
    );
}

#[tokio::test]
async fn only_what_was_refused_is_told_again() {
    let (world, outbox) = (World::start().await, Outbox::refusing("Oslo"));
    let failed = check(&world, &outbox, &three()).await.failed.expect("it was refused");
    assert_eq!(failed.sequence_number, "1");
    outbox.relent();
    check(&world, &outbox, &three()).await;
    assert_eq!(outbox.subjects(), ["Bergen: 1 sold out", "Oslo: 2 sold out"]);
}

#[tokio::test]
async fn the_same_happening_at_another_time_is_told() {
    let (world, outbox) = (World::start().await, Outbox::default());
    for sequence in [1, 7] {
        check(&world, &outbox, &[change(sequence, "Oslo/tea", "5", "0")]).await;
    }
    assert_eq!(outbox.subjects(), ["Oslo: 1 sold out"; 2]);
}

#[tokio::test]
async fn a_row_of_the_ledger_expires_a_day_later() {
    let (world, outbox) = (World::start().await, Outbox::default());
    let checked = check(&world, &outbox, &three()[..1]).await;
    let rows = world.scan("Notices").await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row["Id"], AttributeValue::S(checked.published[0].id()));
    assert_eq!(row["Causes"], AttributeValue::Ss(vec!["1".to_owned()]));
    let sent: jiff::Timestamp = row["Sent"].as_s().unwrap().parse().unwrap();
    assert_eq!(row["Expires"], AttributeValue::N((sent.as_second() + 24 * 3600).to_string()));
}

/// Sold out, two items of each store.
fn batch(run: &str) -> Vec<Value> {
    let items = ["tea", "milk"].into_iter().flat_map(|item| (0..STORES).map(move |store| (store, item)));
    let row = |(store, item)| format!("{run} {store:02}/{item}");
    items.map(row).zip(1..).map(|(row, sequence)| change(sequence, &row, "5", "0")).collect()
}

/// A checker that ends after so many steps.
fn fused(world: &World, steps: usize) -> (Checker<Fused>, Fused) {
    let outbox = Fused { fuse: Fuse::of(steps), told: Arc::default() };
    let config = world.dynamodb.config().to_builder().interceptor(outbox.fuse.clone());
    let client = Client::from_conf(config.build());
    (Checker::new(outbox.clone()).with_ledger(client, "Notices"), outbox)
}

/// Of which stores of a run the ledger knows.
async fn kept(world: &World, run: &str) -> BTreeSet<String> {
    let stores = world.scan("Notices").await.into_iter().filter_map(|row| row["Store"].as_s().ok().cloned());
    stores.filter(|store| store.starts_with(&format!("{run} "))).collect()
}

/// Ends a checker after so many steps and delivers the batch again, cut into
/// pieces; `false` if it came to its end before.
async fn end_after(world: &World, steps: usize, pieces: usize) -> bool {
    let run = format!("{pieces} {steps}");
    let records = batch(&run);
    let (checker, ended) = fused(world, steps);
    let event = stream_event(records.clone());
    let has_ended = tokio::spawn(async move { checker.check(&event).await }).await.is_err();
    let in_danger: BTreeSet<String> = ended.told().into_iter().map(|(store, _)| store).collect();
    let in_danger: BTreeSet<String> = in_danger.difference(&kept(world, &run).await).cloned().collect();

    let (checker, again) = fused(world, usize::MAX);
    for piece in records.chunks(records.len() / pieces) {
        let checked = checker.check(&stream_event(piece.to_vec())).await;
        assert!(checked.failed.is_none() && checked.warnings.is_empty(), "{run}: {checked:?}");
    }
    let mut times: BTreeMap<(String, String), usize> = BTreeMap::new();
    for item in ended.told().into_iter().chain(again.told()) {
        *times.entry(item).or_default() += 1;
    }
    assert_eq!(times.len(), 2 * STORES, "{run}: nothing is lost");
    let twice: BTreeSet<String> =
        times.into_iter().filter(|(_, times)| *times > 1).map(|((store, _), _)| store).collect();
    assert_eq!(twice, in_danger, "{run}: told, and not yet kept");
    assert!(twice.len() <= AT_ONCE, "{run}");
    has_ended
}

#[tokio::test]
async fn wherever_it_ends_nothing_is_lost_and_little_comes_twice() {
    let world = World::start().await;
    // Each of the look-ups and of the rows kept is a call, and each ten
    // notices published; a call is two steps.
    let steps = 2 * (STORES + STORES.div_ceil(AT_ONCE) + STORES);
    for pieces in [1, 2] {
        for step in 0..steps {
            assert!(end_after(&world, step, pieces).await, "step {step} of {steps}");
        }
        assert!(!end_after(&world, steps, pieces).await, "there are no more steps");
    }
}
