//! Files of inventory, written a row at a time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Three columns; one row of ten has quotes.
    Same,
    /// The same rows in another order.
    Shuffled,
    /// The three columns among twenty that are ignored.
    Wide,
    /// Every field in quotes.
    Quoted,
    /// Japanese stores, in Shift-JIS.
    ShiftJis,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::Same => "same",
            Shape::Shuffled => "shuffled",
            Shape::Wide => "wide",
            Shape::Quoted => "quoted",
            Shape::ShiftJis => "shift-jis",
        }
    }

    fn header(self) -> String {
        match self {
            Shape::Wide => {
                let ignored = |columns: std::ops::Range<u8>| -> String {
                    columns.map(|column| format!("ignored {column},")).collect()
                };
                format!("{}store,item,{}count,{}last\n", ignored(0..6), ignored(6..13), ignored(13..19))
            }
            _ => "store,item,count\n".to_owned(),
        }
    }
}

/// Writes a file of so many rows; a day later, one item of fifty is sold out.
pub(crate) fn write(path: &Path, shape: Shape, rows: u64, later: bool) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(shape.header().as_bytes())?;
    for place in 0..rows {
        let row = if shape == Shape::Shuffled { shuffled(place, rows) } else { place };
        let count = if later && row % 50 == 0 { 0 } else { row * 31 % 500 + 1 };
        let (store, item) = (row % 7, 100_000_000_000 + row * 7_919 % 10_000_000_000);
        match shape {
            Shape::Wide => {
                file.write_all(b"14999.00,14999.00,14999.00,14999.00,14999.00,14999.00,")?;
                write!(file, "Store {store},{item},")?;
                file.write_all(b"14999.00,14999.00,14999.00,14999.00,14999.00,14999.00,14999.00,")?;
                writeln!(file, "{count},14999.00,14999.00,14999.00,14999.00,14999.00,14999.00,x")?;
            }
            Shape::Quoted => writeln!(file, "\"Store {store}\",\"{item}\",\"{count}\"")?,
            Shape::ShiftJis => {
                // The two bytes of 店.
                file.write_all(b"\x93\x58")?;
                writeln!(file, " {store},{item},{count}")?;
            }
            Shape::Same | Shape::Shuffled if row % 10 == 3 => {
                writeln!(file, "\"Store {store}\",\"{item}\",{count}")?;
            }
            Shape::Same | Shape::Shuffled => writeln!(file, "Store {store},{item},{count}")?,
        }
    }
    file.flush()
}

/// Each of the numbers below `rows` once, far from its neighbours.
fn shuffled(place: u64, rows: u64) -> u64 {
    // Greater than any number of rows here, and a prime.
    place * 4_294_967_291 % rows
}
