//! The examples as people run them: what they print, and how they exit.

#![cfg(test)]

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
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

/// A file that nothing is wrong with.
fn good(folder: &tempfile::TempDir) -> String {
    file(folder, "good.csv", "store,item,count\nOslo,tea,5\n")
}

/// A named pipe that nobody writes to.
fn silent_pipe(folder: &Path) -> PathBuf {
    let pipe = folder.join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    pipe
}

/// An example that goes on until Ctrl-C; what it says is kept in files.
struct Running {
    child: Child,
    said: tempfile::TempDir,
}

impl Running {
    fn start(example: &mut Command) -> Running {
        let said = tempfile::tempdir().unwrap();
        let to = |name: &str| File::create(said.path().join(name)).unwrap();
        let child = example.stdout(to("stdout")).stderr(to("stderr")).spawn().unwrap();
        Running { child, said }
    }

    /// The demo without its sample, watching a folder.
    fn watch(inbox: &Path) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = command("demo");
        let demo = demo.args(["--json", "--dashboard", "none", &good(&folder), "--inbox"]).arg(inbox);
        let running = Running::start(demo);
        running.wait_for("stderr", "watching");
        running
    }

    fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.said.path().join(name)).unwrap()
    }

    #[track_caller]
    fn wait_for(&self, name: &str, text: &str) {
        let said = within_a_minute(|| Some(self.said(name)).filter(|said| said.contains(text)));
        assert!(said.is_some(), "no {text:?} in {:?}, {:?}", self.said("stdout"), self.said("stderr"));
    }

    /// Presses Ctrl-C, and gives the exit status.
    #[track_caller]
    fn interrupt(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        within_a_minute(|| self.child.try_wait().unwrap()).expect("it ends at Ctrl-C").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn within_a_minute<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        look()
    })
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
    assert_eq!(receipts.len(), 14, "one for each store of each upload, and one for rows without a store");
    for receipt in &receipts {
        let count = |name: &str| receipt[name].as_u64().unwrap();
        assert_eq!(count("read"), count("accepted") + count("rejected"));
        assert_eq!(count("accepted"), count("levels") + count("duplicates"));
        assert_eq!(count("levels"), count("written") + count("unchanged") + count("superseded"));
        assert_eq!(receipt.get("superseded_by"), None);
    }
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "applied").count(), 13);
    let nobodys = receipts.iter().position(|receipt| receipt["store"].is_null()).unwrap();
    assert_eq!(outcomes[nobodys], "unchanged");
    let snapshot = receipts.last().unwrap();
    assert_eq!([&snapshot["outcome"], &snapshot["absent"]], [&json!("applied"), &json!(2)]);
    let told = of_event(&lines, "receipt-notice");
    let of: Vec<[&Value; 3]> =
        told.iter().map(|told| [&told["store"], &told["subject"], &told["document"]["more"]]).collect();
    let nobody = "2026-11-03/nairobi.csv: 2 rows rejected";
    let westlands = "Nairobi Westlands: 5 rows rejected";
    let chicago = "Chicago Wicker Park: file held back";
    assert_eq!(
        of,
        [
            [&Value::Null, &json!(nobody), &json!(0)],
            [&json!("Nairobi Westlands"), &json!(westlands), &json!(0)],
            [&json!("Chicago Wicker Park"), &json!(chicago), &json!(0)]
        ]
    );
    let rows = of_event(&lines, "rows");
    let listed: usize = rows.iter().map(|rows| rows["rejects"].as_array().unwrap().len()).sum();
    assert_eq!(listed, 7);

    let rejected: u64 = receipts.iter().map(|receipt| receipt["rejected"].as_u64().unwrap()).sum();
    assert_eq!(rejected, 7);

    let notices = of_event(&lines, "notice");
    let lyon = notices.iter().rfind(|notice| notice["store"] == "Lyon Bellecour").unwrap();
    assert_eq!(lyon["sold_out"], json!(["00102", "00107"]), "the snapshot does not name them");
    assert_eq!(lyon["subject"], "Lyon Bellecour: 2 sold out");
    let lyon = notices
        .iter()
        .rfind(|notice| notice["store"] == lyon["store"] && notice["id"] != lyon["id"])
        .unwrap();
    assert_eq!(lyon["sold_out"], json!(["00127", "00409"]));
    assert_eq!(lyon["running_low"], json!(["00104", "00152", "00208"]));
    assert_eq!(lyon["back_in_stock"], json!(["00164"]));
    assert_eq!(lyon["subject"], "Lyon Bellecour: 2 sold out, 3 running low, 1 back in stock");

    let held = of_event(&lines, "quarantined")[0];
    assert_eq!([&held["store"], &held["held"]], [&json!("Chicago Wicker Park"), &json!(true)]);
    assert_eq!([&held["preview"]["emptied"], &held["preview"]["stocked"]], [44, 54]);
    let dry = of_event(&lines, "dry-run")[0];
    assert_eq!(
        [&dry["preview"]["changes"], &dry["preview"]["sold_out"], &dry["preview"]["running_low"]],
        [2, 1, 1]
    );

    let done = json!({"event": "done", "uploads": 15, "stores": 6, "items": 377, "out": 31, "low": 34});
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
fn the_demo_keeps_what_it_tells_of_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let bad = file(&folder, "stores/Oslo/1.csv", "item,count\ntea,5\nmilk,lots\n");
    let data = folder.path().join("data");
    let (code, lines, _) = run("demo", &["--once", "--json", "--data", data.to_str().unwrap(), &bad]);
    assert_eq!((code, of_event(&lines, "receipt-notice").len()), (0, 1));
    let outbox = std::fs::read_to_string(data.join("outbox.jsonl")).unwrap();
    let told: Value = serde_json::from_str(outbox.lines().next().unwrap()).unwrap();
    assert_eq!(told["subject"], "Oslo: 1 row rejected");
    let key = told["document"]["table"]["key"].as_str().unwrap();
    let table = std::fs::read_to_string(data.join("s3/receipts").join(key)).unwrap();
    assert!(table.contains("3,17,2,lots,"), "{table}");
}

#[test]
fn the_demo_keeps_receipts_of_stores_with_long_names() {
    let folder = tempfile::tempdir().unwrap();
    for store in ["n".repeat(71), "京".repeat(600)] {
        let upload = file(&folder, "long.csv", &format!("store,item,count\n{store},tea,4\n"));
        let (code, lines, stderr) = run("demo", &["--once", "--json", &upload]);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(of_event(&lines, "receipt")[0]["store"], store);
    }
}

/// What the demo shows of a file on a terminal: `script` is one.
#[cfg(target_os = "linux")]
fn on_a_terminal(file: &str) -> String {
    let demo = command("demo");
    let demo = format!("{} --once {file}", demo.get_program().to_str().unwrap());
    let mut script = Command::new("script");
    let script = script.args(["-qec", &demo, "/dev/null"]).current_dir(root()).env("TERM", "xterm");
    let Output { status, stdout, .. } = script.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{text}");
    text
}

#[cfg(target_os = "linux")]
#[test]
fn the_bar_of_a_long_file_says_what_is_true_and_a_short_one_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |rows: usize, items: usize| {
        let row = |file: String, row: usize| format!("{file}Oslo,item {:09},1\n", row % items);
        (0..rows).fold("store,item,count\n".to_owned(), row)
    };
    let (long, short) = (rows(60_000, 1_500), rows(20, 20));
    let text = on_a_terminal(&file(&folder, "long.csv", &long));
    let numbers = |end: &str| -> Vec<(usize, usize)> {
        let number = |digits: &str| digits.replace(',', "").parse::<usize>().unwrap();
        let before = text.split(end).collect::<Vec<_>>();
        let shown = before[..before.len() - 1].iter().map(|before| {
            let mut words = before.rsplit(' ');
            let of = number(words.next().unwrap());
            (number(words.nth(1).unwrap()), of)
        });
        shown.collect()
    };
    let (read, written) = (numbers(" bytes read"), numbers(" levels written"));
    assert!(!read.is_empty() && read.iter().all(|&(done, of)| done <= of && of == long.len()), "{read:?}");
    assert!(
        !written.is_empty() && written.iter().all(|&(done, of)| done <= of && of == 1_500),
        "{written:?}"
    );
    let text = on_a_terminal(&file(&folder, "short.csv", &short));
    assert!(text.contains("20 written") && !text.contains(" of "), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_does_not_obey_the_name_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let odd = file(&folder, "\u{1b}[31mred.csv", "store,item,count\nOslo,tea,5\n");
    let text = on_a_terminal(&format!("'{odd}'"));
    assert!(text.contains(" [31mred.csv") && !text.contains("\u{1b}[31mred"), "{text:?}");
}

#[test]
fn the_demo_exits_with_2_if_a_file_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(&folder, "1.csv", "store,item,count\nOslo,tea,5\n");
    let missing = folder.path().join("missing.csv");
    let (code, lines, stderr) = run("demo", &["--once", "--json", missing.to_str().unwrap(), &good]);
    assert_eq!((code, of_event(&lines, "failed").len(), of_event(&lines, "receipt").len()), (2, 1, 1));
    assert!(stderr.contains("missing.csv: cannot be read: No such file"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_demo_takes_a_file_whose_name_is_no_text() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let good = good(&folder);
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.csv"));
    std::fs::copy(&good, &odd).unwrap();
    let refused = folder.path().join(std::ffi::OsStr::from_bytes(b"refus\xe9.csv"));
    std::fs::write(&refused, "nothing\nhere\n").unwrap();
    let missing = folder.path().join(std::ffi::OsStr::from_bytes(b"perdu\xe9.csv"));
    let output = command("demo")
        .args(["--once", "--json"])
        .args([&odd, &refused, &missing])
        .arg(&good)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(output.status.code(), Some(2), "one is missing");
    let names = |event| of_event(&lines, event).iter().map(|line| &line["file"]).collect::<Vec<_>>();
    let lossy = |path: &Path| json!(path.to_string_lossy());
    assert_eq!(names("receipt"), [&lossy(&odd), &json!(good)]);
    assert_eq!(names("refused"), [&lossy(&refused)]);
    assert_eq!(names("failed"), [&lossy(&missing)]);
}

#[cfg(unix)]
#[test]
fn the_demo_reads_a_pipe_to_its_end() {
    let mut demo = command("demo");
    let demo = demo.args(["--once", "--json", "/dev/stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    demo.stdin.take().unwrap().write_all(b"store,item,count\nOslo,tea,4\n").unwrap();
    let Output { status, stdout, .. } = demo.wait_with_output().unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0), "{stdout}");
    assert!(stdout.contains(r#""written":1"#), "{stdout}");
}

#[test]
fn the_demo_says_of_a_folder_that_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let good = good(&folder);
    let (code, lines, stderr) = run("demo", &["--once", "--json", folder.path().to_str().unwrap(), &good]);
    assert_eq!((code, of_event(&lines, "receipt").len()), (2, 1));
    let reason = "cannot be read: it is a folder; name the files in it";
    assert_eq!(of_event(&lines, "failed")[0]["reason"], reason);
    assert_eq!(stderr, format!("{}: {reason}\n", folder.path().display()));
}

#[test]
fn the_demo_says_of_a_long_name_how_long_it_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let text = "store,item,count\nOslo,tea,4\n";
    let fits = file(&folder, &format!("{}/{}.csv", "d".repeat(100), "n".repeat(56)), text);
    let long = file(&folder, &format!("{}/{}.csv", "d".repeat(100), "n".repeat(57)), text);
    let (code, lines, _) = run("demo", &["--once", "--json", &long, &fits]);
    assert_eq!((code, &of_event(&lines, "receipt")[0]["file"]), (2, &json!(fits)));
    let reason = of_event(&lines, "failed")[0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("its key has 162 bytes, and at most 161 fit: shorten its name, ddd"),
        "{reason}"
    );
}

#[cfg(unix)]
#[test]
fn the_inbox_takes_regular_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    silent_pipe(&inbox);
    let _socket = std::os::unix::net::UnixListener::bind(inbox.join("socket.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", inbox.join("device.csv")).unwrap();
    std::os::unix::fs::symlink(good(&folder), inbox.join("z-linked.csv")).unwrap();
    let demo = Running::watch(&inbox);
    demo.wait_for("stdout", "z-linked.csv");
    let stdout = demo.said("stdout");
    assert!(!["pipe.csv", "socket.csv", "device.csv"].iter().any(|odd| stdout.contains(odd)), "{stdout}");
    assert_eq!(demo.interrupt(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn the_inbox_leaves_out_a_folder_that_cannot_be_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, below) = (folder.path().join("inbox"), folder.path().join("below"));
    // Together their paths are longer than a system call takes, which stops
    // even root.
    let long = |top: &Path| (0..9).fold(top.to_owned(), |path, _| path.join("n".repeat(250)));
    std::fs::create_dir_all(long(&inbox)).unwrap();
    std::fs::create_dir_all(long(&below)).unwrap();
    std::fs::rename(&below, long(&inbox).join("below")).unwrap();
    let demo = Running::watch(&inbox);
    demo.wait_for("stderr", "cannot be listed");
    std::fs::copy(good(&folder), inbox.join("next.csv")).unwrap();
    demo.wait_for("stdout", "next.csv");
    let stderr = demo.said("stderr");
    assert_eq!(stderr.matches("cannot be listed").count(), 1, "{stderr}");
    std::fs::rename(&inbox, folder.path().join("away")).unwrap();
    demo.wait_for("stderr", &format!("{}: cannot be listed: No such file", inbox.display()));
    assert_eq!(demo.interrupt(), Some(0));
}

#[test]
fn the_demo_names_an_inbox_that_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let good = good(&folder);
    for inbox in [good.clone(), format!("{good}/inbox")] {
        let (code, lines, stderr) = run("demo", &["--inbox", &inbox, &good]);
        assert_eq!((code, lines.len()), (1, 0), "{lines:?}");
        assert!(stderr.starts_with(&format!("demo: {inbox}: cannot be the inbox: ")), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn the_demo_exits_with_130_if_files_are_left_at_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [&["--once", "--json"][..], &["--json"]] {
        let _ = std::fs::remove_file(folder.path().join("pipe.csv"));
        let pipe = silent_pipe(folder.path());
        let mut demo = command("demo");
        let demo = demo.args(mode).arg("--inbox").arg(folder.path().join("inbox"));
        let demo = Running::start(demo.arg(good(&folder)).arg(pipe));
        demo.wait_for("stdout", "receipt");
        assert_eq!(demo.interrupt(), Some(130), "{mode:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = good(&folder);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let cases: [(&str, &[&str], i32); 5] = [
        ("check", &[&good], 2),
        ("check", &["--json", &good], 2),
        ("check", &["--write-layout", &good], 2),
        ("demo", &["--once", "--json", &good], 1),
        ("demo", &["--once", &good], 1),
    ];
    for (example, args, code) in cases {
        let Output { status, stderr, .. } = command(example).args(args).stdout(full()).output().unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(code), "{example} {args:?}: {stderr}");
        let told =
            format!("{example}: cannot write to standard output: No space left on device (os error 28)\n");
        assert_eq!(stderr, told, "{example} {args:?}");
    }
    let deaf = command("check").arg("missing.csv").stderr(full()).output().unwrap();
    assert_eq!(deaf.status.code(), Some(2));
    let deaf = command("demo").args(["--once", "--json", "missing.csv"]).stderr(full()).output().unwrap();
    assert_eq!(deaf.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let (good, never_read) = (good(&folder), silent_pipe(folder.path()));
    for (example, args) in [("check", &[][..]), ("check", &["--json"]), ("demo", &["--once", "--json"])] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(example);
        let command = command.args(args).arg(&good).arg(&never_read).stdout(writer);
        let Output { status, stderr, .. } = command.output().unwrap();
        assert_eq!(
            (status.code(), String::from_utf8(stderr).unwrap()),
            (Some(141), String::new()),
            "{example}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_says_which_upload_superseded_another() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let later = "2999-12-31T00:00:00.000Z/1";
    let embedded = inventory_aws::embedded::Embedded::start(&data).await.unwrap();
    let client = aws_sdk_dynamodb::Client::new(&embedded.sdk_config());
    inventory_aws::Tables::default().create(&client).await.unwrap();
    let put = client.put_item().table_name("Inventory").item("Store", AttributeValue::S("Oslo".into()));
    let put = put.item("Item", AttributeValue::S("tea".into())).item("Count", AttributeValue::N("1".into()));
    put.item("Version", AttributeValue::S(later.into())).send().await.unwrap();
    embedded.shutdown().await.unwrap();

    let (code, lines, _) =
        run("demo", &["--once", "--json", "--data", data.to_str().unwrap(), &good(&folder)]);
    let receipt = of_event(&lines, "receipt")[0];
    assert_eq!(code, 0);
    assert_eq!([&receipt["outcome"], &receipt["superseded_by"]], ["superseded", later]);
}

/// Cargo is not asked for anything: a stub in its place prints its arguments.
#[cfg(unix)]
#[test]
fn make_demo_goes_on_without_the_dashboard() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let stub = |name: &str, script: &str| {
        let path = file(&folder, name, &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let cargo = stub("cargo", "echo \"cargo $*\"");
    stub("node", "exit 1");
    stub("npm", "exit 1");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let make = |args: &[&str]| {
        let mut make = Command::new("make");
        let make = make.current_dir(root()).arg("demo").args(args).arg(format!("CARGO={cargo}"));
        let make = make.env("PATH", &path).env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
        let Output { status, stdout, stderr } = make.output().unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        assert!(status.success(), "{stderr}");
        (String::from_utf8(stdout).unwrap(), stderr)
    };
    let (stdout, stderr) = make(&["ARGS=--language fr"]);
    assert!(stderr.contains("Node 20.19 or newer is needed for the dashboard"), "{stderr}");
    let demo = "cargo run --locked --release --example demo --";
    assert_eq!(stdout, format!("Going on without the dashboard\n{demo} --language fr\n"));
    let once = (format!("{demo} --once --json\n"), String::new());
    assert_eq!(make(&["ARGS=--once --json"]), once, "it shows no dashboard, and builds none");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_what_an_upload_would_change_in_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = inventory_aws::embedded::Embedded::start(folder.path()).await.unwrap();
    let client = aws_sdk_dynamodb::Client::new(&embedded.sdk_config());
    inventory_aws::Tables::default().create(&client).await.unwrap();
    for n in 0..30 {
        let put = client.put_item().table_name("Inventory").item("Store", AttributeValue::S("Oslo".into()));
        let put = put.item("Item", AttributeValue::S(format!("item {n:02}")));
        put.item("Count", AttributeValue::N("1".into())).send().await.unwrap();
    }
    let next = file(&folder, "next.csv", "store,item,count\nOslo,item 00,0\nOslo,item 01,1\nOslo,new,3\n");
    let check = |args: &[&str]| {
        let mut command = command("check");
        command.args(args).arg(&next).env("AWS_ENDPOINT_URL", &embedded.endpoints().dynamodb);
        command.env("AWS_REGION", "eu-north-1");
        command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").output().unwrap()
    };
    let Output { status, stdout, stderr } = check(&["--json", "--against", "Inventory"]);
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    let preview = &report["changes"]["Oslo"]["preview"];
    assert_eq!([&preview["changes"], &preview["sold_out"], &preview["back_in_stock"]], [2, 1, 0]);
    let snapshot = check(&["--against", "Inventory", "--snapshot"]);
    let text = String::from_utf8(snapshot.stdout).unwrap();
    assert!(text.contains("Oslo: 30 change, 29 go out, 0 run low, 0 come back"), "{text}");
    assert!(text.contains("29 of 30 stocked items would be at zero"), "{text}");
    let Output { status, stderr, .. } = check(&["--against", "Nowhere"]);
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("it cannot be compared with Nowhere: failed to read"), "{stderr}");
}
