//! The examples as people run them: what they print, and how they exit.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

#[track_caller]
fn run(example: &str, args: &[&str]) -> (i32, Vec<Value>, String) {
    let Output { status, stdout, stderr } = command(example).args(args).output().unwrap();
    let lines = String::from_utf8(stdout).unwrap();
    let lines =
        lines.lines().map(|line| serde_json::from_str(line).unwrap_or(Value::String(line.to_owned())));
    (status.code().unwrap(), lines.collect(), String::from_utf8(stderr).unwrap())
}

/// Cargo builds a package's examples beside its tests.
fn command(example: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().and_then(Path::parent).unwrap().join("examples").join(example);
    let mut command = Command::new(built);
    command.current_dir(root());
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn of_event<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn check_says_what_it_understood() {
    let sample = "examples/data/2026-11-03/nairobi.csv";
    let (code, lines, _) = run("check", &["--json", sample]);
    assert_eq!((code, lines.len()), (1, 1));
    let report = &lines[0];
    assert_eq!(report["file"], sample);
    assert_eq!(report["layout"]["count"], json!({"column": 4, "header": "Count"}));
    assert_eq!([&report["read"], &report["accepted"], &report["rejected"]], [62, 55, 7]);
    assert_eq!([&report["levels"], &report["duplicates"]], [55, 0]);
    let stores = json!({"Nairobi Westlands": {"items": 55, "out": 4, "low": 8, "negative": 0}});
    assert_eq!(report["stores"], stores);
    let reel = report["rejects"].as_array().unwrap().iter().find(|reject| reject["line"] == 22).unwrap();
    assert_eq!([&reel["column"], &reel["value"]], [&json!(4), &json!("Reel 500")]);
    assert_eq!(reel["reason"], "count is not a number such as 12, -3 or 12.375");
}

#[test]
fn check_says_what_else_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let text = "store,sku,on hand,available,\u{1b}[31mname\nOslo,tea,4,3,x\nOslo,milk,not stocked,1,y\n";
    let path = file(&folder, "stock.csv", text);
    let shown = |args: &[&str]| {
        let output = command("check").args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = shown(&[&path]);
    assert!(plain.contains("  or        count 4 \"available\"\n"), "{plain}");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let skipped = "  skipped   line 3, column 3: the item is not counted: \"not stocked\"\n";
    assert!(!plain.contains(skipped), "{plain}");
    assert!(shown(&["--explain", &path]).contains(skipped));
    let skips = &run("check", &["--json", &path]).1[0]["skips"];
    assert_eq!(*skips, json!([{"store": "Oslo", "line": 3, "column": 3, "value": "not stocked"}]));
    let rows: String = (0..900).map(|row| format!("Oslo,tea-{},{row}\n", row % 300)).collect();
    let lots = file(&folder, "lots.csv", &format!("store,sku,count\n{rows}"));
    assert!(
        shown(&[&lots]).contains("  doubt     600 of the duplicates have another count"),
        "{}",
        shown(&[&lots])
    );
    let unsure = file(&folder, "unsure.csv", "store;sku;count\nOslo;tea;1.200\n");
    let plain = shown(&[&unsure]);
    assert!(plain.contains("  doubt     \"1.200\" may be 1.2 or 1200"), "{plain}");
}

#[test]
fn check_exits_by_the_worst_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(&folder, "good.csv", "store,item,count\nOslo,tea,-1\n");
    let bad = file(&folder, "bad.csv", "store,item,count\nOslo,tea,\n");
    let refused = file(&folder, "refused.csv", "store,item\nOslo,tea\n");
    let missing = folder.path().join("missing.csv");
    let missing = missing.to_str().unwrap();

    assert_eq!(run("check", &[&good]).0, 0);
    assert_eq!(run("check", &[&good, &bad]).0, 1);
    let (code, lines, stderr) = run("check", &["--json", &refused, &good]);
    assert_eq!((code, lines.len()), (2, 2));
    assert_eq!((&lines[0]["layout"], &lines[0]["read"]), (&Value::Null, &json!(0)));
    assert_eq!(lines[1]["stores"]["Oslo"]["negative"], 1);
    let reason = "line 1: no column is named \"count\" among \"store\", \"item\"; name it in the header";
    assert_eq!(lines[0]["refused"], reason);
    assert_eq!(stderr, format!("{refused}: {reason}\n"));
    let (code, _, stderr) = run("check", &[missing]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with(&format!("{missing}: cannot be read: ")), "{stderr}");
}

#[test]
fn check_takes_the_store_from_an_argument() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder, "own.csv", "item,count\ntea,3\n");
    assert_eq!(run("check", &[&file]).0, 2);
    let (code, lines, _) = run("check", &["--json", "--store", "Oslo", &file]);
    assert_eq!((code, &lines[0]["stores"]["Oslo"]["items"]), (0, &json!(1)));
}

#[test]
fn check_says_how_any_file_is_written() {
    let (code, lines, _) = run("check", &["--json", "examples/formats/shopify-2024.csv"]);
    let report = &lines[0];
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(code, 0);
    assert_eq!([count("read"), count("accepted"), count("rejected"), count("skipped")], [6, 5, 0, 1]);
    let layout = report["layout"].as_object().unwrap();
    for key in [
        "compression",
        "encoding",
        "delimiter",
        "header_line",
        "orientation",
        "store",
        "item",
        "name",
        "count",
        "reorder_point",
        "decimal",
        "confidence",
        "alternatives",
    ] {
        assert!(layout.contains_key(key), "{key}");
    }
    assert_eq!(layout["count"], json!({"column": 18, "header": "On hand (current)"}));
    assert_eq!(layout["confidence"], 1.0);
    let warning = &report["warnings"][0];
    assert_eq!(
        [&warning["line"], &warning["column"], &warning["value"]],
        [&json!(6), &json!(9), &json!("'0805")]
    );
}

#[test]
fn check_explains_and_takes_its_own_layout_back() {
    let sample = "examples/formats/titled.csv";
    let (code, lines, _) = run("check", &["--explain", sample]);
    let said = lines
        .iter()
        .filter_map(Value::as_str)
        .any(|line| line.trim() == "decimal: 1 counts have a decimal comma, such as 12,5");
    assert!(code == 0 && said, "{lines:?}");

    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout.toml");
    let layout = layout.to_str().unwrap();
    assert_eq!(run("check", &[&format!("--write-layout={layout}"), sample]).0, 0);
    let (code, lines, _) = run("check", &["--json", "--layout", layout, sample]);
    assert_eq!((code, &lines[0]["stores"]["K\u{f6}ln"]["items"]), (0, &json!(2)));
    let (code, _, stderr) = run("check", &["--layout", layout, "examples/formats/lab.csv"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("as the layout says") || stderr.contains("which the layout says"), "{stderr}");
}

#[test]
fn the_demo_does_the_main_job_on_the_sample() {
    let (code, lines, stderr) = run("demo", &["--once", "--json"]);
    assert_eq!((code, stderr.as_str()), (0, ""));

    let receipts = of_event(&lines, "receipt");
    assert_eq!(receipts.len(), 13, "one for each store of each upload, and one for rows without a store");
    for receipt in &receipts {
        let count = |name: &str| receipt[name].as_u64().unwrap();
        assert_eq!(count("read"), count("accepted") + count("rejected"));
        assert_eq!(count("accepted"), count("levels") + count("duplicates"));
        assert_eq!(count("levels"), count("written") + count("unchanged") + count("superseded"));
    }
    let rejected: u64 = receipts.iter().map(|receipt| receipt["rejected"].as_u64().unwrap()).sum();
    assert_eq!(rejected, 7);

    let notices = of_event(&lines, "notice");
    let lyon = notices.iter().rfind(|notice| notice["store"] == "Lyon Bellecour").unwrap();
    assert_eq!(lyon["sold_out"], json!(["00127", "00409"]));
    assert_eq!(lyon["running_low"], json!(["00104", "00152", "00208"]));
    assert_eq!(lyon["back_in_stock"], json!(["00164"]));
    assert_eq!(lyon["subject"], "Lyon Bellecour: 2 sold out, 3 running low, 1 back in stock");

    let done = json!({"event": "done", "uploads": 12, "stores": 6, "items": 377, "out": 29, "low": 34});
    assert_eq!(lines.last(), Some(&done));
}

#[test]
fn the_demo_takes_files_in_order_and_refuses_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let first = file(&folder, "1.csv", "store,item,count\nOslo,tea,5\n");
    let second = file(&folder, "2.csv", "store,item,count\nOslo,tea,0\nOslo,,1\n");
    let refused = file(&folder, "3.csv", "nothing\nhere\n");
    let (code, lines, stderr) = run("demo", &["--once", "--json", &first, &second, &second, &refused]);
    assert_eq!(code, 0);

    let receipts = of_event(&lines, "receipt");
    let outcomes: Vec<_> =
        receipts.iter().map(|receipt| [&receipt["written"], &receipt["unchanged"]]).collect();
    assert_eq!(outcomes, [[1, 0], [1, 0], [0, 1]]);
    assert_eq!(of_event(&lines, "notice").len(), 1, "the same file again changes nothing");
    assert_eq!(of_event(&lines, "refused")[0]["file"], refused);
    assert!(stderr.contains("do not tell which is the item"), "{stderr}");
    let done = json!({"event": "done", "uploads": 4, "stores": 1, "items": 1, "out": 1, "low": 0});
    assert_eq!(lines.last(), Some(&done));
}

#[test]
fn the_readme_shows_the_quickstart() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let quickstart = std::fs::read_to_string(root().join("examples/quickstart.rs")).unwrap();
    assert!(readme.contains(&format!("```rust\n{quickstart}```\n")));
    let (code, lines, _) = run("quickstart", &[]);
    assert_eq!(
        (code, lines),
        (0, vec![json!("black tea: RunningLow"), json!("green tea: SoldOut"), json!("rooibos: BackInStock")])
    );
}

#[test]
fn cost_measures_each_scenario_three_ways() {
    let (status, lines, stderr) = run("cost", &["--json", "--items", "200"]);
    assert_eq!(status, 0, "{stderr}");
    let names: Vec<&str> = lines.iter().filter_map(|line| line["scenario"].as_str()).collect();
    assert_eq!(names, ["first", "same-again", "two-percent", "fifty-rows"]);
    for (line, rows) in lines.iter().zip([200, 200, 200, 50]) {
        assert_eq!(
            (&line["put_each"]["requests"], &line["put_each"]["write_units"]),
            (&json!(rows), &json!(f64::from(rows)))
        );
        assert_eq!(line["batch_25"]["requests"], json!(rows / 25));
    }
    let writes = |line: &Value| line["ours"]["write_units"].as_f64().unwrap();
    assert!(writes(&lines[1]) < 5.0, "nothing changed: {}", lines[1]);
    assert!(writes(&lines[2]) < 10.0, "four rows changed: {}", lines[2]);
}

#[test]
fn memory_measures_a_load_in_a_process_of_its_own() {
    let (status, lines, stderr) = run("memory", &["5000"]);
    assert_eq!(status, 0, "{stderr}");
    let text = format!("{lines:?}");
    assert!(text.contains("MB of memory") && text.contains("5000 rows in"), "{text}");
}
