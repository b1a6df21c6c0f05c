//! This library and its peers, in turn, each run a process of its own; their
//! answers must be equal. Writes RESULTS.md and results.json.

#![expect(clippy::indexing_slicing, reason = "a JSON value gives null where it has nothing")]

mod data;
mod jobs;
mod python;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use self::data::Shape;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// What is measured of files of growing length.
const GROWING: [(&str, Shape); 4] = [
    ("parse", Shape::Same),
    ("parse again", Shape::Same),
    ("transitions", Shape::Same),
    ("transitions", Shape::Shuffled),
];

/// What it takes to find the layout of a file of 10 MB, beside its rows.
const LAYOUT: Case =
    Case { job: "layout", shape: Shape::Same, rows: 400_000, threads: 1, peer: "ours, the rows" };

/// What is measured.
struct Settings {
    sizes: Vec<u64>,
    growth: Vec<u64>,
    rounds: usize,
    /// Whether the peers in Python run too, and results are written.
    is_full: bool,
}

/// One comparison.
struct Case {
    job: &'static str,
    shape: Shape,
    rows: u64,
    threads: usize,
    peer: &'static str,
}

/// What one run took.
#[derive(Clone)]
struct Run {
    seconds: f64,
    mb: f64,
    answer: String,
    version: Option<String>,
}

/// The files and programs that the runs use.
struct Bench {
    folder: PathBuf,
    python: PathBuf,
    versions: BTreeMap<String, String>,
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mark, peer, job, threads, files @ ..] = &arguments[..]
        && mark == "--job"
    {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        println!("{}", jobs::run(peer, job, threads.parse()?, &files)?);
        return Ok(());
    }
    let folder = python::target().join("peers").join(format!("data-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = run(&settings(&arguments)?, &folder);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn settings(arguments: &[String]) -> Result<Settings, Failed> {
    let said = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let numbers = |text: &String| text.split(',').map(str::parse).collect::<Result<Vec<u64>, _>>();
    if arguments.iter().any(|argument| argument == "--test") {
        return Ok(Settings { sizes: vec![2_000], growth: vec![1_000], rounds: 1, is_full: false });
    }
    Ok(Settings {
        sizes: said("--rows").map(numbers).transpose()?.unwrap_or(vec![1_000_000, 5_000_000]),
        growth: said("--growth")
            .map(numbers)
            .transpose()?
            .unwrap_or(vec![10_000, 100_000, 1_000_000, 5_000_000, 20_000_000]),
        rounds: said("--rounds").map(|rounds| rounds.parse()).transpose()?.unwrap_or(5),
        is_full: true,
    })
}

fn run(settings: &Settings, folder: &Path) -> Result<(), Failed> {
    let python = if settings.is_full { python::installed()? } else { PathBuf::new() };
    let mut bench = Bench { folder: folder.to_owned(), python, versions: BTreeMap::new() };
    let mut results = Vec::new();
    for rows in &settings.sizes {
        let cases = cases(*rows);
        let cases = cases.iter().filter(|case| settings.is_full || !is_python(case.peer));
        for case in cases {
            eprintln!(
                "{} {} rows, {}, {} threads: {}",
                case.job,
                case.rows,
                case.shape.name(),
                case.threads,
                case.peer
            );
            results.push(bench.compare(case, settings.rounds)?);
        }
        bench.forget()?;
    }
    if settings.is_full {
        eprintln!("layout");
        results.push(bench.compare(&LAYOUT, settings.rounds)?);
        bench.forget()?;
    }
    let mut growth = Vec::new();
    for rows in &settings.growth {
        eprintln!("growth: {rows} rows");
        growth.push(bench.grow(*rows)?);
        bench.forget()?;
    }
    if settings.is_full {
        let notes = Path::new(HERE).join("NOTES.md");
        let notes = std::fs::read_to_string(notes)?;
        std::fs::write(
            Path::new(HERE).join("../results.json"),
            format!("{:#}\n", Value::from(results.clone())),
        )?;
        let report = report(&results, &growth, &bench.versions, &notes);
        std::fs::write(Path::new(HERE).join("../RESULTS.md"), report)?;
    }
    Ok(())
}

/// Every comparison of files of so many rows.
fn cases(rows: u64) -> Vec<Case> {
    let case = |job, shape, threads, peer| Case { job, shape, rows, threads, peer };
    let mut cases = Vec::new();
    for peer in ["csv", "simd-csv", "duckdb", "polars", "pandas"] {
        cases.push(case("parse", Shape::Same, 1, peer));
    }
    cases.push(case("parse bytes", Shape::Same, 2, "ours, 1 thread"));
    for peer in ["duckdb", "polars"] {
        cases.push(case("parse", Shape::Same, 2, peer));
    }
    for shape in [Shape::Wide, Shape::Quoted] {
        for peer in ["csv", "simd-csv", "duckdb", "polars"] {
            cases.push(case("parse", shape, 1, peer));
        }
    }
    cases.push(case("parse", Shape::ShiftJis, 1, "pandas"));
    for shape in [Shape::Same, Shape::Shuffled] {
        for threads in [1, 2] {
            for peer in ["duckdb", "polars"] {
                cases.push(case("transitions", shape, threads, peer));
            }
        }
        cases.push(case("transitions", shape, 1, "pandas"));
    }
    cases
}

fn is_python(peer: &str) -> bool {
    matches!(peer, "duckdb" | "polars" | "pandas")
}

impl Bench {
    /// Ours and the peer in turn; the medians, and the median of the ratios.
    fn compare(&mut self, case: &Case, rounds: usize) -> Result<Value, Failed> {
        let files = self.files(case.job, case.shape, case.rows)?;
        let (mut ours, mut peers) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let our = self.once("ours", case.job, case.threads, &files)?;
            let peer = match case.peer {
                "ours, 1 thread" => self.once("ours", case.job, 1, &files)?,
                "ours, the rows" => self.once("ours", "parse again", 1, &files)?,
                peer => self.once(peer, case.job, case.threads, &files)?,
            };
            if our.answer != peer.answer {
                return Err(format!("ours found {}, {} found {}", our.answer, case.peer, peer.answer).into());
            }
            ours.push(our);
            peers.push(peer);
        }
        let ratios = ours.iter().zip(&peers).map(|(our, peer)| peer.seconds / our.seconds);
        let seconds = |runs: &[Run]| rounded(median(runs.iter().map(|run| run.seconds)), 6);
        let mb = |runs: &[Run]| rounded(median(runs.iter().map(|run| run.mb)), 1);
        Ok(json!({
            "job": case.job, "order": case.shape.name(), "rows": case.rows, "threads": case.threads,
            "peer": case.peer, "ours_s": seconds(&ours), "peer_s": seconds(&peers),
            "ratio": rounded(median(ratios), 2), "ours_mb": mb(&ours), "peer_mb": mb(&peers),
        }))
    }

    /// The time for each row and the memory of ours alone.
    fn grow(&mut self, rows: u64) -> Result<Value, Failed> {
        let mut line = json!({"rows": rows});
        for (job, shape) in GROWING {
            let files = self.files(job, shape, rows)?;
            let runs = (0..3).map(|_| self.once("ours", job, 1, &files)).collect::<Result<Vec<_>, _>>()?;
            let each = median(runs.iter().map(|run| run.seconds)) * 1e9 / as_float(rows);
            line[growing(job, shape)] =
                json!([rounded(each, 1), rounded(median(runs.iter().map(|run| run.mb)), 1)]);
            if rows > 5_000_000 {
                self.forget()?;
            }
        }
        Ok(line)
    }

    /// The files of a job, written if they are not there.
    fn files(&self, job: &str, shape: Shape, rows: u64) -> Result<Vec<PathBuf>, Failed> {
        let file = |shape: Shape, later: bool| {
            let day = if later { "after" } else { "before" };
            let path = self.folder.join(format!("{}-{rows}-{day}.csv", shape.name()));
            if !path.exists() {
                data::write(&path, shape, rows, later)?;
            }
            Ok::<_, Failed>(path)
        };
        if job != "transitions" {
            return Ok(vec![file(shape, false)?]);
        }
        Ok(vec![file(Shape::Same, false)?, file(shape, true)?])
    }

    /// Removes what was written so far.
    fn forget(&self) -> Result<(), Failed> {
        for entry in std::fs::read_dir(&self.folder)? {
            std::fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    fn once(&mut self, peer: &str, job: &str, threads: usize, files: &[PathBuf]) -> Result<Run, Failed> {
        let (program, first) = if is_python(peer) {
            (self.python.clone(), Path::new(HERE).join("peers.py"))
        } else {
            (std::env::current_exe()?, PathBuf::from("--job"))
        };
        let mut command = if threads == 1 { on_one_processor(&program)? } else { Command::new(program) };
        command.arg(first);
        let output = command.arg(peer).arg(job).arg(threads.to_string()).args(files).output()?;
        if !output.status.success() {
            return Err(format!("{peer} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let said: Value = serde_json::from_slice(&output.stdout)?;
        let run = Run {
            seconds: said["seconds"].as_f64().ok_or("no seconds")?,
            mb: said["mb"].as_f64().ok_or("no mb")?,
            answer: said["answer"].as_str().ok_or("no answer")?.to_owned(),
            version: said["version"].as_str().map(str::to_owned),
        };
        if let Some(version) = &run.version {
            self.versions.insert(peer.to_owned(), version.clone());
        }
        Ok(run)
    }
}

/// A program that one processor runs, whatever threads it has.
fn on_one_processor(program: &Path) -> Result<Command, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let last = allowed.and_then(|list| list.trim().rsplit([',', '-']).next()).ok_or("no processor")?;
    let mut command = Command::new("taskset");
    command.arg("--cpu-list").arg(last).arg(program);
    Ok(command)
}

fn growing(job: &str, shape: Shape) -> String {
    format!("{job}, {}", shape.name())
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

fn as_float(rows: u64) -> f64 {
    u32::try_from(rows).map_or(f64::INFINITY, f64::from)
}

fn report(results: &[Value], growth: &[Value], versions: &BTreeMap<String, String>, notes: &str) -> String {
    let mut text = String::from(
        "# Results\n\nWritten by `make bench`; how it is measured and what was tried is at the end.\n\n",
    );
    let versions: Vec<String> = versions.iter().map(|(peer, version)| format!("{peer} {version}")).collect();
    let _ = writeln!(text, "Machine: {}. Peers: {}.\n", machine(), versions.join(", "));
    text += "| job | file | rows | threads | peer | ours s | peer s | peer / ours | ours MB | peer MB |\n";
    text += "|---|---|---|---|---|---|---|---|---|---|\n";
    for line in results {
        let cells =
            ["job", "order", "rows", "threads", "peer", "ours_s", "peer_s", "ratio", "ours_mb", "peer_mb"];
        let cells =
            cells.map(|cell| line[cell].as_str().map_or_else(|| line[cell].to_string(), str::to_owned));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text += "\n## Growth\n\nOurs on one thread: nanoseconds for each row of a file, and peak MB.\n\n";
    text += "| rows |";
    for (job, shape) in GROWING {
        let _ = write!(text, " {} | MB |", growing(job, shape));
    }
    let _ = writeln!(text, "\n|---|{}", "---|---|".repeat(GROWING.len()));
    for line in growth {
        let mut cells = vec![line["rows"].to_string()];
        for (job, shape) in GROWING {
            let name = growing(job, shape);
            cells.extend([line[&name][0].to_string(), line[&name][1].to_string()]);
        }
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text + "\n" + notes
}

/// The processor, its number, and the compiler.
fn machine() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!("{} × {cores}, {}", model.trim_start_matches(['\t', ' ', ':']), compiler.unwrap_or_default())
}
