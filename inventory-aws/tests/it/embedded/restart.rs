use std::net::TcpStream;
use std::time::{Duration, Instant};

use inventory_aws::embedded::Embedded;
use inventory_aws::{Checker, ErrorKind, Loader, Tables};

use crate::support::events::s3_event;
use crate::support::lines;
use crate::support::outbox::Outbox;
use crate::support::world::World;

const FILE: &str = "store,item,count,reorder point\nOslo,tea,0,2\nOslo,milk,2,2\n";

/// The ids of what the whole stream gives.
async fn ids(world: &World) -> Vec<String> {
    let outbox = Outbox::default();
    world.follower().await.drain(&Checker::new(outbox.clone())).await.expect("the stream can be read");
    outbox.asked().concat()
}

#[tokio::test]
async fn a_folder_that_is_served_again_has_it_all() {
    let world = World::start().await;
    let put = world.put_as_of("day.csv", FILE, Some("2026-11-02T06:00:30Z")).await;
    let loaded = world.deliver(&put).await;
    let (rows, stream, notices) = (world.rows().await, world.stream().await, ids(&world).await);
    let (uploads, stores) = (world.receipts("Uploads").await, world.receipts("Stores").await);
    assert_eq!((rows.len(), stream.len(), notices.len(), uploads.len(), stores.len()), (2, 2, 1, 1, 1));

    let world = world.restart().await;
    assert_eq!((world.rows().await, world.stream().await, ids(&world).await), (rows, stream, notices));
    assert_eq!((world.receipts("Uploads").await, world.receipts("Stores").await), (uploads, stores));
    let again = world.deliver(&put).await;
    assert_eq!(
        (again.outcome, again.version),
        (loaded.outcome, loaded.version),
        "object and metadata are there"
    );
    let changed = FILE.replace("tea,0", "tea,9");
    assert_eq!(lines(&world.upload("day.csv", changed).await), ["Oslo: 1 written, 1 unchanged"]);
}

#[tokio::test]
async fn servers_stop_when_told_to() {
    let world = World::start().await;
    world.upload("day.csv", FILE).await;
    let began = Instant::now();
    world.restart().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn servers_stop_when_they_are_dropped() {
    let world = World::start().await;
    let addresses = world.endpoints().map(|url| url.replace("http://", ""));
    let listens = |address: &String| TcpStream::connect(address).is_ok();
    assert!(addresses.iter().all(listens));
    drop(world);
    let began = Instant::now();
    while addresses.iter().any(listens) {
        assert!(began.elapsed() < Duration::from_secs(5), "they still listen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let error = Embedded::start(&file).await.unwrap_err();
    let expect = format!("failed to open the folder {} alone: invalid: ", file.display());
    assert!(error.to_string().starts_with(&expect), "{error}");
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_folder_is_served_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Embedded::start(folder.path()).await.unwrap();
    let error = Embedded::start(folder.path()).await.unwrap_err();
    let expect = format!("failed to open the folder {} alone: invalid: ", folder.path().display());
    assert!(error.to_string().starts_with(&expect), "{error}");
    first.shutdown().await.unwrap();
    Embedded::start(folder.path()).await.unwrap();
}

#[tokio::test]
async fn tables_may_have_other_names_and_be_there_already() {
    let world = World::start().await;
    let named = |name: &str| format!("test.{name}-1");
    let tables = Tables {
        inventory: named("Inventory"),
        stores: named("Stores"),
        uploads: named("Uploads"),
        notices: named("Notices"),
    };
    tables.create(&world.dynamodb).await.unwrap();
    tables.create(&world.dynamodb).await.unwrap();
    let loader = Loader::new(world.s3.clone(), world.dynamodb.clone(), tables.clone());
    for expect in ["Oslo: 2 written", "Oslo: 2 unchanged"] {
        let put = world.put("day.csv", FILE).await;
        assert_eq!(lines(&loader.handle(&s3_event(&[put])).await.unwrap()[0]), [expect]);
    }
    let sizes =
        [&tables.inventory, &tables.stores, &tables.uploads].map(async |table| world.scan(table).await.len());
    let [inventory, stores, uploads] = sizes;
    assert_eq!((inventory.await, stores.await, uploads.await), (2, 1, 2));
    assert_eq!(world.rows().await, [""; 0]);
}
