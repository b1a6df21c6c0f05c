//! The core is pure: what it depends on is this list and no more.

use std::collections::BTreeSet;
use std::process::Command;

const DIRECT: [&str; 18] = [
    "calamine",
    "chardetng",
    "csv-core",
    "deunicode",
    "encoding_rs",
    "fearless_simd",
    "flate2",
    "foldhash",
    "jiff",
    "memchr",
    "ruzstd",
    "serde",
    "serde_json",
    "sha2",
    "simdutf8",
    "unicode-normalization",
    "unicode-width",
    "zip",
];

/// The names of the packages in the tree of normal dependencies.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--manifest-path", manifest, "--package", env!("CARGO_PKG_NAME")])
        .args(["--edges", "normal", "--prefix", "none", "--offline", "--locked"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_core_depends_on_this_and_no_more() {
    let mut direct = tree(&["--depth", "1"]);
    assert!(direct.remove(env!("CARGO_PKG_NAME")), "{direct:?}");
    assert_eq!(direct, DIRECT.map(str::to_owned).into());
}

#[test]
fn nothing_below_the_core_does_io() {
    let all = tree(&[]);
    assert!(all.is_superset(&DIRECT.map(str::to_owned).into()), "{all:?}");
    let forbidden = |name: &&String| {
        let names = ["tokio", "async-std", "smol", "mio", "futures", "hyper", "reqwest", "rustls", "rusoto"];
        let families = ["aws-", "aws_", "tokio-", "hyper-", "async-", "futures-", "lambda_"];
        names.contains(&name.as_str()) || families.iter().any(|family| name.starts_with(family))
    };
    assert_eq!(all.iter().find(forbidden), None);
}
