//! Any bytes are read or refused, the counts add up, and how they are cut
//! makes no difference: a file in one piece is read where it stands, and one in
//! single bytes by csv-core alone.

#![no_main]

use inventory_core::reader::{Layout, Options};
use inventory_core::{Levels, Reader, Refusal, Row};
use libfuzzer_sys::fuzz_target;

fn read<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Result<Layout, Refusal>, Levels, Vec<Row<'static>>) {
    let mut options = Options::default();
    options.limits.unpacked_bytes = 1 << 20;
    options.limits.workbook_bytes = 1 << 20;
    let (mut levels, mut rows) = (Levels::default(), Vec::new());
    let mut each = |row: &Row<'_>| {
        levels.push(row);
        rows.push(row.clone().into_owned());
    };
    let mut reader = Reader::new(options);
    let mut pushed = Ok(());
    for chunk in chunks {
        pushed = pushed.and_then(|()| reader.push(chunk, &mut each));
    }
    let end = pushed.and_then(|()| reader.finish(&mut each));
    (end, levels, rows)
}

fuzz_target!(|file: &[u8]| {
    let (end, levels, rows) = read(std::iter::once(file));
    let size = 1 + file.first().map_or(0, |byte| usize::from(*byte % 64));
    for size in [1, size] {
        let (cut, _, of_cut) = read(file.chunks(size));
        assert_eq!(cut, end);
        assert_eq!(of_cut, rows);
    }
    let counted: u64 = levels.stores().map(|(_, levels)| levels.read()).sum();
    assert_eq!(counted + levels.unattributed(), rows.len() as u64);
});
