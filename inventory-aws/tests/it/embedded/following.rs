use inventory_aws::Checker;
use inventory_aws::embedded::Follower;

use crate::support::outbox::Outbox;
use crate::support::world::World;
use crate::support::{n, s};

const MONDAY: &str =
    "store,item,count,reorder point\nOslo,tea,5,2\nOslo,milk,9,3\nBergen,tea,5,2\nTurku,tea,5,2\n";
const TUESDAY: &str =
    "store,item,count,reorder point\nOslo,tea,0,2\nOslo,milk,3,3\nBergen,tea,1,2\nTurku,tea,6,2\n";

/// Drains what there is, and gives the first record that failed.
async fn drain(follower: &mut Follower, outbox: &Outbox) -> Option<String> {
    let checked = follower.drain(&Checker::new(outbox.clone())).await.expect("the stream can be read");
    checked.into_iter().find_map(|checked| checked.failed).map(|failed| failed.sequence_number)
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[tokio::test]
async fn a_drain_gives_one_notice_a_store() {
    let world = World::start().await;
    let (mut follower, outbox) = (world.follower().await, Outbox::default());
    world.upload("day.csv", MONDAY).await;
    assert_eq!(drain(&mut follower, &outbox).await, None);
    assert_eq!(outbox.subjects(), [""; 0], "everything is in stock");

    world.upload("day.csv", TUESDAY).await;
    drain(&mut follower, &outbox).await;
    let expect = ["Bergen: 1 running low", "Oslo: 1 sold out, 1 running low"];
    assert_eq!(sorted(outbox.subjects()), expect);

    drain(&mut follower, &outbox).await;
    world.upload("day.csv", TUESDAY).await;
    drain(&mut follower, &outbox).await;
    assert_eq!(sorted(outbox.subjects()), expect, "told once");

    world.upload("day.csv", MONDAY).await;
    drain(&mut follower, &outbox).await;
    assert_eq!(sorted(outbox.subjects())[1..], ["Oslo: 1 back in stock", "Oslo: 1 sold out, 1 running low"]);
}

#[tokio::test]
async fn a_notice_names_the_file_that_it_comes_from() {
    let world = World::start().await;
    world.upload("day.csv", MONDAY).await;
    let mut follower = world.follower().await;
    world.upload("stores/Oslo/tuesday.csv", "item,count\ntea,0\n").await;
    let checker = Checker::new(Outbox::default()).with_uploads(world.dynamodb.clone(), "Uploads");
    let checked = follower.drain(&checker).await.expect("the stream can be read");
    let texts: Vec<String> =
        checked.iter().flat_map(|checked| &checked.published).map(inventory_core::Notice::text).collect();
    let expect = "Oslo: 1 sold out\nFrom stores/Oslo/tuesday.csv, counted 2026-11-02 06:02 UTC\n";
    assert!(texts[0].starts_with(expect), "{texts:?}");
}

#[tokio::test]
async fn an_item_that_hovers_at_its_threshold_is_told_of_once() {
    let mut policy = inventory_core::Policy::default();
    policy.default.reorder_point = Some(5.into());
    policy.default.recovery_margin = Some(2.into());
    let world = World::start().await;
    let loader = world.loader.clone().with_policy(policy.clone());
    let (mut follower, outbox) = (world.follower().await, Outbox::default());
    let checker = Checker::new(outbox.clone()).with_policy(policy);
    for (count, told) in
        [(9, 0), (5, 1), (7, 1), (4, 1), (0, 2), (2, 2), (0, 2), (3, 3), (7, 3), (5, 3), (8, 3), (5, 4)]
    {
        let put = world.put("day.csv", format!("store,item,count\nOslo,tea,{count}\n")).await;
        loader.handle(&crate::support::events::s3_event(&[put])).await.expect("no service fails");
        follower.drain(&checker).await.expect("the stream can be read");
        assert_eq!(outbox.subjects().len(), told, "{count}: {:?}", outbox.subjects());
    }
    assert_eq!(
        outbox.subjects(),
        ["Oslo: 1 running low", "Oslo: 1 sold out", "Oslo: 1 back in stock", "Oslo: 1 running low"]
    );
}

#[tokio::test]
async fn what_a_publisher_refuses_comes_again_with_the_same_ids() {
    let world = World::start().await;
    world.upload("day.csv", MONDAY).await;
    let (mut follower, outbox) = (world.follower().await, Outbox::refusing_all(&["Oslo", "Bergen"]));
    world.upload("day.csv", TUESDAY).await;
    let first = drain(&mut follower, &outbox).await;
    assert!(first.is_some());
    assert_eq!(drain(&mut follower, &outbox).await, first, "it waits for the same record");
    let asked = outbox.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[0].len(), &asked[0]), (2, &asked[1]));

    outbox.relent();
    assert_eq!(drain(&mut follower, &outbox).await, None);
    assert_eq!(sorted(outbox.subjects()), ["Bergen: 1 running low", "Oslo: 1 sold out, 1 running low"]);
    assert_eq!(outbox.asked()[2], asked[0]);
    assert_eq!(drain(&mut follower, &outbox).await, None);
    assert_eq!(outbox.subjects().len(), 2, "nothing is left");
}

#[tokio::test]
async fn a_refusing_store_holds_up_only_what_is_after_it() {
    let world = World::start().await;
    let (mut follower, outbox) = (world.follower().await, Outbox::refusing("Oslo"));
    world.upload("a.csv", "store,item,count\nBergen,tea,0\n").await;
    world.upload("b.csv", "store,item,count\nOslo,tea,0\n").await;
    drain(&mut follower, &outbox).await;
    assert_eq!(outbox.subjects(), ["Bergen: 1 sold out"]);
    outbox.relent();
    drain(&mut follower, &outbox).await;
    assert_eq!(outbox.subjects(), ["Bergen: 1 sold out", "Oslo: 1 sold out"], "Bergen's is not told again");
}

#[tokio::test]
async fn rows_of_somebody_else_are_told_of() {
    let world = World::start().await;
    let key = [("Store", s("Oslo")), ("Item", s("tea"))];
    for count in ["5", "0", "-1", "2.5"] {
        world.write(&[&key[..], &[("Count", n(count))]].concat()).await;
        world.write(&[&key[..], &[("Count", n(count)), ("Shelf", s("7"))]].concat()).await;
    }
    let (mut follower, outbox) = (world.follower().await, Outbox::default());
    drain(&mut follower, &outbox).await;
    assert_eq!(outbox.subjects(), [""; 0], "in one batch it comes to nothing");

    world.write(&[&key[..], &[("Count", n("0"))]].concat()).await;
    drain(&mut follower, &outbox).await;
    world.delete("Oslo", "tea").await;
    drain(&mut follower, &outbox).await;
    assert_eq!(outbox.subjects(), ["Oslo: 1 sold out"]);
}

#[tokio::test]
async fn a_table_without_a_stream_cannot_be_followed() {
    let world = World::start().await;
    let error = world.try_follow("Uploads").await.unwrap_err();
    assert_eq!(error.to_string(), "failed to find the stream of table Uploads: not found");
}
