//! What DynamoDB charges for the uploads of a store: loaded as here, as one put
//! a row, and as batches of 25 puts. All three are run, on
//! the embedded table, and what they consumed is what its answers say.

use std::error::Error;

use anstream::{eprintln, println};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, PutRequest, ReturnConsumedCapacity, WriteRequest,
};
use clap::Parser;
use inventory_aws::embedded::Embedded;
use inventory_aws::{Loader, Tables, Upload, Usage};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const STORE: &str = "Oslo Grünerløkka";
/// One item in so many is out.
const OUT: usize = 50;
const BUCKET: &str = "uploads";
/// On demand, in us-east-1, in US dollars for a million units.
const READ_PRICE: f64 = 0.125;
const WRITE_PRICE: f64 = 0.625;

/// Measures what DynamoDB charges for uploads of a store, and for two other
/// ways to load them; takes some minutes.
#[derive(Parser)]
#[command(name = "cost")]
struct Args {
    /// How many items the store has.
    #[arg(long, default_value_t = 10_000)]
    items: usize,
    /// Print one JSON object a scenario.
    #[arg(long)]
    json: bool,
}

/// One row of a file.
type Row = (String, u64);

/// The rows of an upload, and what to call it.
struct Scenario {
    name: &'static str,
    rows: Vec<Row>,
}

/// What one way of loading consumed.
#[derive(Clone, Copy, Default)]
struct Cost {
    requests: u64,
    read_units: f64,
    write_units: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let folder = tempfile::tempdir()?;
    let embedded = Embedded::start(folder.path()).await?;
    let mut ours = Ours::start(&embedded).await?;
    let put_each = Puts::start(&embedded, "PutEach").await?;
    let batches = Puts::start(&embedded, "Batches").await?;
    for scenario in scenarios(args.items) {
        eprintln!("{}: {} rows, three ways", scenario.name, scenario.rows.len());
        let costs = [
            ours.load(&scenario).await?,
            put_each.one_by_one(&scenario.rows).await?,
            batches.by_25(&scenario.rows).await?,
        ];
        if args.json {
            println!("{}", line(&scenario, costs));
        } else {
            print(&scenario, costs);
        }
    }
    embedded.shutdown().await?;
    Ok(())
}

/// A first upload, the same file again, one in which every fiftieth row
/// differs, and one of 50 rows alone, all of which differ.
fn scenarios(items: usize) -> [Scenario; 4] {
    let count = |item: usize| (item * 7 % OUT) as u64;
    let rows: Vec<Row> = (0..items).map(|item| (format!("70{item:011}"), count(item))).collect();
    let changed = |every: usize| {
        let change = move |(at, (item, count)): (usize, Row)| {
            let count = if at % every == 1 { count + 1_000 } else { count };
            (item, count)
        };
        rows.clone().into_iter().enumerate().map(change)
    };
    let two_percent: Vec<Row> = changed(50).collect();
    let fifty: Vec<Row> = changed((items / 50).max(2)).filter(|(_, count)| *count >= 1_000).collect();
    let fifty = fifty.into_iter().map(|(item, count)| (item, count + 1)).collect();
    [
        Scenario { name: "first", rows: rows.clone() },
        Scenario { name: "same-again", rows: rows.clone() },
        Scenario { name: "two-percent", rows: two_percent },
        Scenario { name: "fifty-rows", rows: fifty },
    ]
}

/// What this project does with an upload.
struct Ours {
    s3: aws_sdk_s3::Client,
    loader: Loader,
    uploads: i64,
    start: Timestamp,
}

impl Ours {
    async fn start(embedded: &Embedded) -> Result<Ours, Box<dyn Error>> {
        let config = embedded.sdk_config();
        let (s3, dynamodb) = (aws_sdk_s3::Client::new(&config), Client::new(&config));
        Tables::default().create(&dynamodb).await?;
        s3.create_bucket().bucket(BUCKET).send().await?;
        let loader = Loader::new(s3.clone(), dynamodb, Tables::default());
        Ok(Ours { s3, loader, uploads: 0, start: Timestamp::now() })
    }

    async fn load(&mut self, scenario: &Scenario) -> Result<Cost, Box<dyn Error>> {
        let header = "store,item,count\n".to_owned();
        let file = scenario
            .rows
            .iter()
            .fold(header, |file, (item, count)| format!("{file}{STORE},{item},{count}\n"));
        self.s3.put_object().bucket(BUCKET).key(scenario.name).body(file.into_bytes().into()).send().await?;
        self.uploads += 1;
        let time = self.start + SignedDuration::from_secs(self.uploads);
        let upload = Upload::new(BUCKET, scenario.name, time, "0");
        let Usage { requests, read_units, write_units, .. } = self.loader.load(&upload).await?.usage;
        Ok(Cost { requests, read_units, write_units })
    }
}

/// What loaders usually do: they put every row of every file.
struct Puts {
    client: Client,
    table: &'static str,
}

impl Puts {
    async fn start(embedded: &Embedded, table: &'static str) -> Result<Puts, Box<dyn Error>> {
        let client = Client::new(&embedded.sdk_config());
        let tables = Tables { inventory: table.to_owned(), ..Tables::default() };
        tables.create(&client).await?;
        Ok(Puts { client, table })
    }

    async fn one_by_one(&self, rows: &[Row]) -> Result<Cost, Box<dyn Error>> {
        let mut cost = Cost::default();
        for row in rows {
            let put = self.client.put_item().table_name(self.table).set_item(Some(item(row)));
            let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await?;
            cost.wrote(&put.consumed_capacity);
        }
        Ok(cost)
    }

    async fn by_25(&self, rows: &[Row]) -> Result<Cost, Box<dyn Error>> {
        let mut cost = Cost::default();
        for rows in rows.chunks(25) {
            let puts = rows.iter().map(|row| {
                let put = PutRequest::builder().set_item(Some(item(row))).build();
                put.map(|put| WriteRequest::builder().put_request(put).build())
            });
            let write =
                self.client.batch_write_item().request_items(self.table, puts.collect::<Result<_, _>>()?);
            let write = write.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await?;
            if write.unprocessed_items().is_some_and(|left| !left.is_empty()) {
                return Err("the embedded table throttles nobody".into());
            }
            cost.wrote(write.consumed_capacity());
        }
        Ok(cost)
    }
}

fn item((item, count): &Row) -> std::collections::HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let attributes =
        [("Store", text(STORE)), ("Item", text(item)), ("Count", AttributeValue::N(count.to_string()))];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

impl Cost {
    fn wrote<'a>(&mut self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.requests += 1;
        self.write_units += consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum::<f64>();
    }

    fn dollars(&self) -> f64 {
        (self.read_units * READ_PRICE + self.write_units * WRITE_PRICE) / 1e6
    }
}

fn line(scenario: &Scenario, costs: [Cost; 3]) -> serde_json::Value {
    let [ours, put_each, batch_25] = costs.map(|cost| {
        json!({
            "requests": cost.requests, "read_units": cost.read_units, "write_units": cost.write_units,
            "dollars": cost.dollars(),
        })
    });
    json!({ "scenario": scenario.name, "ours": ours, "put_each": put_each, "batch_25": batch_25 })
}

fn print(scenario: &Scenario, costs: [Cost; 3]) {
    let [ours, ..] = costs;
    println!("{} ({} rows)", scenario.name, scenario.rows.len());
    println!(
        "  {:<10}{:>10}{:>12}{:>13}{:>12}{:>9}",
        "", "requests", "read units", "write units", "dollars", "times"
    );
    for (name, cost) in ["ours", "put each", "batch 25"].iter().zip(costs) {
        println!(
            "  {name:<10}{:>10}{:>12.1}{:>13.1}{:>12.7}{:>9.1}",
            cost.requests,
            cost.read_units,
            cost.write_units,
            cost.dollars(),
            cost.dollars() / ours.dollars()
        );
    }
}
