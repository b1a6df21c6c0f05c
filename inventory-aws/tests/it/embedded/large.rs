use std::sync::{Arc, Mutex};

use inventory_aws::Progress;

use crate::support::events::s3_event;
use crate::support::lines;
use crate::support::world::World;

/// A file of one store with names so long that its rows take several pages.
fn wide_rows(items: usize, count: usize) -> String {
    let name = "n".repeat(1100);
    let rows = (0..items).map(|item| format!("Oslo,item-{item:04},{count},{name}\n"));
    rows.fold("store,item,count,name\n".to_owned(), |file, row| file + &row)
}

#[tokio::test]
async fn a_store_of_many_rows_takes_several_batches_and_pages() {
    let world = World::start().await;
    assert_eq!(lines(&world.upload("day.csv", wide_rows(1030, 5)).await), ["Oslo: 1030 written"]);
    assert_eq!((world.wire.count("Query"), world.wire.count("BatchExecuteStatement")), (1, 42));

    world.wire.forget();
    assert_eq!(lines(&world.upload("day.csv", wide_rows(1030, 5)).await), ["Oslo: 1030 unchanged"]);
    assert_eq!((world.wire.count("Query"), world.wire.count("BatchExecuteStatement")), (2, 0));

    let file = wide_rows(1030, 5).replace("item-0000,5", "item-0000,6").replace("item-1029,5", "item-1029,6");
    assert_eq!(lines(&world.upload("day.csv", file).await), ["Oslo: 2 written, 1028 unchanged"]);
}

#[tokio::test]
async fn one_file_may_name_a_hundred_stores() {
    let world = World::start().await;
    let rows = (0..200).map(|row| format!("Store {:03},item-{row},{row}\n", row % 100));
    let file = rows.fold("store,item,count\n".to_owned(), |file, row| file + &row);
    let expect: Vec<String> = (0..100).map(|store| format!("Store {store:03}: 2 written")).collect();
    assert_eq!(lines(&world.upload("day.csv", &file).await), expect);
    assert_eq!(world.scan("Inventory").await.len(), 200);
    assert_eq!(world.scan("Stores").await.len(), 100);
    assert_eq!(world.scan("Uploads").await.len(), 100);
}

/// What a loader tells of its progress with a file.
async fn progress(world: &World, file: &str) -> Vec<Progress> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let loader = world.loader.clone().with_progress(move |progress| telling.lock().unwrap().push(progress));
    let put = world.put("day.csv", file).await;
    loader.handle(&s3_event(&[put])).await.unwrap();
    let told = told.lock().unwrap();
    told.clone()
}

#[tokio::test]
async fn progress_comes_to_its_totals() {
    let world = World::start().await;
    let file = wide_rows(120, 5).replace("Oslo,item-0", "Bergen,item-0") + &wide_rows(240, 5)[22..];
    let told = progress(&world, &file).await;
    let bytes = file.len() as u64;
    let read: Vec<(u64, u64)> = told.iter().filter_map(read).collect();
    assert!(read.len() > 1 && read.is_sorted() && read.iter().all(|(_, of)| *of == bytes), "{read:?}");
    assert_eq!(read.last(), Some(&(bytes, bytes)));
    let written: Vec<(u64, u64)> = told.iter().filter_map(written).collect();
    assert!(written.len() > 4 && written.iter().all(|(levels, of)| levels <= of), "{written:?}");
    assert_eq!(written.last(), Some(&(360, 360)));

    let told = progress(&world, &file).await;
    assert_eq!(told.iter().filter_map(self::written).count(), 0, "nothing is to be written");
}

fn read(progress: &Progress) -> Option<(u64, u64)> {
    match *progress {
        Progress::Read { bytes, of } => Some((bytes, of)),
        Progress::Written { .. } => None,
    }
}

fn written(progress: &Progress) -> Option<(u64, u64)> {
    match *progress {
        Progress::Written { levels, of } => Some((levels, of)),
        Progress::Read { .. } => None,
    }
}
