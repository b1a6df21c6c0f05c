//! A layout that is found is sure enough, gives its evidence, and reads the
//! same file again when it is said.

#![no_main]

use inventory_core::reader::{Confidence, Layout, Options};
use inventory_core::{Reader, Refusal, Store};
use libfuzzer_sys::fuzz_target;

fn read(file: &[u8], options: &Options) -> Result<(Layout, usize), Refusal> {
    let mut rows = 0;
    let mut reader = Reader::new(options.clone());
    reader.push(file, |_| rows += 1)?;
    let layout = reader.finish(|_| rows += 1)?;
    Ok((layout, rows))
}

fuzz_target!(|file: &[u8]| {
    let mut options = Options::default();
    options.store = Store::new("Oslo").ok().filter(|_| file.len() % 2 == 0);
    let Ok((layout, rows)) = read(file, &options) else { return };
    assert!(layout.confidence >= Confidence::NEEDED);
    assert!(!layout.evidence.is_empty());
    options.layout = Some(layout);
    assert_eq!(read(file, &options).map(|(_, rows)| rows), Ok(rows));
});
