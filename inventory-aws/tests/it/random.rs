//! Random uploads, and a table that keeps of each row what the newest of them
//! says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs::OpenOptions;
use std::io::Write;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use inventory_aws::{Loaded, Outcome};
use inventory_core::Receipt;
use tokio::task::JoinSet;

use crate::support::events::{Put, s3_event};
use crate::support::faults::{Faults, LATEST};
use crate::support::world::World;

const SCENARIOS: u64 = 8;
const UPLOADS: usize = 16;
/// How many scenarios have faults.
const FAULTY: u64 = 6;

/// What a row should hold: count, reorder point and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    count: String,
    point: Option<String>,
    name: Option<String>,
}

type Table = BTreeMap<String, Held>;

/// One file: its key's store, if that says whose rows it may have, whether it is
/// the whole stock of its stores, which optional columns it has, and its rows.
struct File {
    scope: Option<String>,
    is_snapshot: bool,
    points: bool,
    names: bool,
    rows: Vec<(String, Held)>,
}

impl File {
    /// A file of a scenario's stores.
    fn random(rng: &mut Rng, scenario: u64) -> File {
        let store =
            |rng: &mut Rng| format!("{scenario}-{}", rng.choice(["Oslo", "京都"]).unwrap_or_default());
        let scope = rng.bool().then(|| store(rng));
        let rows = (0..rng.usize(1..12)).map(|_| {
            let key = format!("{},{}", scope.clone().unwrap_or_else(|| store(rng)), rng.u8(0..5));
            let maybe = |rng: &mut Rng, text: String| rng.bool().then_some(text);
            let [count, point, name] = [0..4, 0..4, 0..3].map(|range| rng.u8(range).to_string());
            let held = Held { count, point: maybe(rng, point), name: maybe(rng, name) };
            (key, held)
        });
        let rows = rows.collect();
        File { is_snapshot: rng.u8(0..4) == 0, points: rng.bool(), names: rng.bool(), rows, scope }
    }

    /// One with a scope is large enough for its store to be read meanwhile.
    fn text(&self) -> String {
        const LARGE: usize = 1 << 16;
        let note = self.scope.as_ref().map(|_| "x".repeat(LARGE / self.rows.len())).unwrap_or_default();
        let optional = |is_there: bool, text: &str| if is_there { format!(",{text}") } else { String::new() };
        let header = format!(
            "store,item,count{}{},note\n",
            optional(self.points, "reorder point"),
            optional(self.names, "name")
        );
        self.rows.iter().fold(header, |text, (key, held)| {
            let point = optional(self.points, held.point.as_deref().unwrap_or_default());
            let name = optional(self.names, held.name.as_deref().unwrap_or_default());
            format!("{text}{key},{}{point}{name},{note}\n", held.count)
        })
    }

    /// What the table holds after this file.
    fn apply(&self, table: &mut Table) {
        let said: BTreeMap<_, _> = self.rows.iter().map(|(key, held)| (key, held)).collect();
        let store = |key: &str| key.split_once(',').map(|(store, _)| store.to_owned());
        let stores: BTreeSet<_> = said.keys().map(|key| store(key)).collect();
        let is_absent = |key: &String| !said.contains_key(key) && stores.contains(&store(key));
        for (_, held) in table.iter_mut().filter(|(key, _)| self.is_snapshot && is_absent(key)) {
            held.count = "0".to_owned();
        }
        for (key, said) in said {
            let held = table.entry(key.clone()).or_default();
            held.count = said.count.clone();
            if self.points {
                held.point = said.point.clone();
            }
            if self.names {
                held.name = said.name.clone();
            }
        }
    }

    /// How many items it names of all stores.
    fn levels(&self) -> usize {
        self.rows.iter().map(|(key, _)| key).collect::<BTreeSet<_>>().len()
    }
}

/// The rows of a scenario, and whether each status is that of its count.
async fn table(world: &World, scenario: u64) -> Table {
    let mut table = Table::new();
    for row in world.scan("Inventory").await {
        let text = |name: &str| row.get(name).and_then(|value| value.as_s().ok()).cloned();
        let number = |name: &str| row.get(name).and_then(|value| value.as_n().ok()).cloned();
        let key = format!("{},{}", text("Store").unwrap_or_default(), text("Item").unwrap_or_default());
        if !key.starts_with(&format!("{scenario}-")) {
            continue;
        }
        let held = Held {
            count: number("Count").unwrap_or_default(),
            point: number("ReorderPoint"),
            name: text("Name"),
        };
        assert_eq!(text("Status").as_deref(), status(&held), "{key}: {held:?}");
        assert_eq!(text("Status").is_some(), text("AlertShard").is_some(), "{key}: {held:?}");
        table.insert(key, held);
    }
    table
}

/// Says of each row that is wrong what it is and what it should be.
#[track_caller]
fn check<T: Debug + PartialEq>(found: &BTreeMap<String, T>, expect: &BTreeMap<String, T>, seed: u64) {
    let keys: BTreeSet<&String> = found.keys().chain(expect.keys()).collect();
    let wrong = keys.into_iter().filter(|key| found.get(*key) != expect.get(*key));
    let wrong: Vec<_> = wrong.map(|key| (key, found.get(key), expect.get(key))).collect();
    assert!(wrong.is_empty(), "seed {seed:#x}: {wrong:?}");
}

fn status(held: &Held) -> Option<&'static str> {
    let number = |text: &str| text.parse::<u32>().expect("it is a number");
    match number(&held.count) {
        0 => Some("out"),
        count if held.point.as_deref().is_some_and(|point| count <= number(point)) => Some("low"),
        _ => None,
    }
}

/// Delivers an upload, whose receipts must tell of all its rows and levels.
async fn deliver(world: &World, put: &Put, file: &File, seed: u64) {
    let loaded = world.handle(std::slice::from_ref(put)).await;
    check_receipts(loaded.unwrap_or_else(|error| panic!("seed {seed:#x}: {error}")), file, seed);
}

#[track_caller]
fn check_receipts(mut loaded: Vec<Loaded>, file: &File, seed: u64) {
    let loaded = loaded.pop().expect("one upload");
    let Outcome::Applied { receipts, .. } = &loaded.outcome else { panic!("seed {seed:#x}: {loaded:?}") };
    let sum = |count: fn(&Receipt) -> u64| receipts.iter().map(|of| count(&of.receipt)).sum::<u64>();
    let expect = (file.rows.len() as u64, file.levels() as u64);
    assert_eq!((sum(Receipt::read), sum(Receipt::levels)), expect, "seed {seed:#x}: {receipts:?}");
}

async fn put_all(world: &World, rng: &mut Rng, scenario: u64) -> Vec<(Put, File)> {
    let mut uploads = Vec::new();
    for at in 0..UPLOADS {
        let file = File::random(rng, scenario);
        let metadata: &[_] = if file.is_snapshot { &[("mode", "snapshot")] } else { &[] };
        let folder = file.scope.as_ref().map_or(scenario.to_string(), |store| format!("stores/{store}"));
        uploads.push((world.put_with(&format!("{folder}/{at}.csv"), file.text(), metadata).await, file));
    }
    uploads
}

fn told(uploads: &[(Put, File)]) -> Table {
    let mut table = Table::new();
    uploads.iter().for_each(|(_, file)| file.apply(&mut table));
    table
}

#[tokio::test]
async fn in_any_order_and_number_the_newest_word_on_each_part_stays() {
    let world = World::start().await;
    for scenario in 0..SCENARIOS {
        let seed = 0x5eed_0000 + scenario;
        let mut rng = Rng::with_seed(seed);
        let uploads = put_all(&world, &mut rng, scenario).await;
        let mut order: Vec<usize> =
            (0..UPLOADS).chain((0..UPLOADS / 3).map(|_| rng.usize(0..UPLOADS))).collect();
        rng.shuffle(&mut order);
        for at in order {
            let (put, file) = &uploads[at];
            deliver(&world, put, file, seed).await;
        }
        check(&table(&world, scenario).await, &told(&uploads), seed);
    }
}

#[tokio::test]
async fn in_order_every_attribute_is_what_the_files_said() {
    let world = World::start().await;
    for scenario in 0..SCENARIOS {
        let seed = 0xfeed_0000 + scenario;
        let mut rng = Rng::with_seed(seed);
        let uploads = put_all(&world, &mut rng, scenario).await;
        for (at, (put, file)) in uploads.iter().enumerate() {
            deliver(&world, put, file, seed).await;
            if rng.u8(0..3) == 0 {
                let (put, file) = &uploads[rng.usize(0..=at)];
                deliver(&world, put, file, seed).await;
            }
        }
        check(&table(&world, scenario).await, &told(&uploads), seed);
    }
}

/// Every upload is delivered some times, side by side, over a line on which
/// requests go wrong, and some of the loads are killed at a request. Those that
/// never came to their end are delivered once more.
///
/// A seed decides all but how the requests of side by side loads meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn side_by_side_with_faults_the_newest_word_on_each_part_stays() {
    let world = Arc::new(World::start().await);
    let seeds = kept().into_iter().chain((0..FAULTY).map(|_| fastrand::u64(..)));
    for (scenario, seed) in (0..).zip(seeds) {
        eprintln!("seed {seed:#x}");
        if let Err(failed) = tokio::spawn(with_faults(world.clone(), scenario, seed)).await {
            keep(seed);
            resume_unwind(failed.into_panic());
        }
    }
}

async fn with_faults(world: Arc<World>, scenario: u64, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let uploads = Arc::new(put_all(&world, &mut rng, scenario).await);
    // One that is killed stays inside, and as long as it does newer ones leave
    // nothing out.
    let may_kill = rng.bool();
    let mut loads = JoinSet::new();
    for at in 0..UPLOADS {
        for _ in 0..rng.usize(1..4) {
            loads.spawn(load_with_faults(world.clone(), uploads.clone(), at, (rng.fork(), may_kill), seed));
        }
    }
    let ended: BTreeSet<usize> = loads.join_all().await.into_iter().flatten().collect();
    let mut left: Vec<usize> = (0..UPLOADS).filter(|at| !ended.contains(at)).collect();
    rng.shuffle(&mut left);
    for at in left {
        let (put, file) = &uploads[at];
        deliver(&world, put, file, seed).await;
    }
    tokio::time::sleep(2 * LATEST).await;
    check(&table(&world, scenario).await, &told(&uploads), seed);
}

/// Which upload it was, if its load came to its end.
async fn load_with_faults(
    world: Arc<World>,
    uploads: Arc<Vec<(Put, File)>>,
    at: usize,
    (mut rng, may_kill): (Rng, bool),
    seed: u64,
) -> Option<usize> {
    let (put, file) = &uploads[at];
    tokio::time::sleep(Duration::from_millis(rng.u64(0..100))).await;
    let one_of = rng.u8(2..16);
    let faults = Faults::new(rng, one_of, may_kill);
    let loader = world.faulty_loader(&faults);
    let event = s3_event(std::slice::from_ref(put));
    tokio::select! {
        loaded = loader.handle(&event) => {
            check_receipts(loaded.ok()?, file, seed);
            Some(at)
        }
        () = faults.killed() => None,
    }
}

/// Seeds at which it once went wrong, a line each.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions/random.txt");

fn kept() -> Vec<u64> {
    let text = std::fs::read_to_string(KEPT).expect("the file is there");
    let seeds = text.lines().filter_map(|line| line.strip_prefix("0x"));
    seeds.map(|seed| u64::from_str_radix(seed, 16).expect("it is a seed")).collect()
}

/// Adds a seed, which is to be committed with what mends it.
fn keep(seed: u64) {
    let file = OpenOptions::new().append(true).open(KEPT);
    let kept = file.and_then(|mut file| writeln!(file, "{seed:#x}"));
    kept.unwrap_or_else(|error| eprintln!("{KEPT}: {error}"));
}
