//! LOAD.md: what was found, as tables.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::Failed;
use crate::peer::Python;
use crate::split::Split;

const NOTES: &str = include_str!("NOTES.md");

/// One upload of so many rows, in each round.
pub(crate) struct Case {
    pub(crate) rows: u64,
    pub(crate) trip: Duration,
    pub(crate) upload: &'static str,
    pub(crate) ours: Vec<Split>,
    pub(crate) peer: Vec<Duration>,
}

pub(crate) fn write(cases: &[Case], python: Option<&Python>) -> Result<(), Failed> {
    let mut text =
        "# Loading, end to end\n\nWritten by `make bench`; how it is measured is at the end.\n".to_owned();
    if let Some(python) = python {
        writeln!(text, "Peer: {}.\n", python.versions()?)?;
    }
    text += "| rows | round trip ms | upload | ours rows/s | boto3 rows/s | ours / boto3 |\n|---|---|---|---|---|---|\n";
    for case in cases {
        let ours = median(case.ours.iter().map(|split| split.wall.as_secs_f64()));
        let peer = median(case.peer.iter().map(Duration::as_secs_f64));
        let pairs = case.ours.iter().zip(&case.peer);
        let ratio = median(pairs.map(|(ours, peer)| peer.as_secs_f64() / ours.wall.as_secs_f64()));
        let rows = f64::from(u32::try_from(case.rows)?);
        let Case { rows: all, trip, upload, .. } = case;
        let trip = trip.as_millis();
        writeln!(
            text,
            "| {all} | {trip} | {upload} | {:.0} | {:.0} | {ratio:.1} |",
            rows / ours,
            rows / peer
        )?;
    }
    text +=
        "\n## Where the time goes\n\nMilliseconds of each load with a request of that kind under way.\n\n";
    text += "| rows | round trip ms | upload | all | download and parse | table reads | writes | turnstile and receipts | no request | requests | in flight | our CPU | the servers' CPU |\n";
    text += "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for Case { rows, trip, upload, ours, .. } in cases {
        let of =
            |part: fn(&Split) -> Duration| median(ours.iter().map(|split| part(split).as_secs_f64() * 1e3));
        let parts: [fn(&Split) -> Duration; 6] = [
            |split| split.wall,
            |split| split.file,
            |split| split.reads,
            |split| split.writes,
            |split| split.passage,
            |split| split.between,
        ];
        let parts: Vec<String> = parts.iter().map(|part| format!("{:.1}", of(*part))).collect();
        let requests = ours.iter().map(|split| split.requests).max().unwrap_or_default();
        let in_flight = ours.iter().map(|split| split.in_flight).max().unwrap_or_default();
        writeln!(
            text,
            "| {rows} | {} | {upload} | {} | {requests} | {in_flight} | {:.0} | {:.0} |",
            trip.as_millis(),
            parts.join(" | "),
            of(|split| split.ours),
            of(|split| split.servers),
        )?;
    }
    eprintln!("{text}");
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/LOAD.md"));
    Ok(std::fs::write(file, format!("{text}\n{NOTES}"))?)
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
