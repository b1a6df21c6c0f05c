//! What a writer of each shape wrote is read back, and the layout is found
//! that it was written with.

use std::collections::BTreeMap;
use std::io::Write;

use encoding_rs::Encoding;
use inventory_core::Quantity;
use inventory_core::reader::{Compression, Decimal, Options, Orientation};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::generate::{cut, cuts};
use crate::support::{Outcome, read_chunks, read_whole};

/// The stock of each item in each store, in hundredths.
type Stock = BTreeMap<String, Vec<i32>>;

/// How a till writes its file.
#[derive(Clone, Debug)]
struct Writer {
    encoding: &'static str,
    marked: bool,
    delimiter: char,
    quotes_all: bool,
    line_break: &'static str,
    wide: bool,
    decimal: Decimal,
    compression: Compression,
    title: bool,
}

const STORES: [&str; 3] = ["Oslo Sentrum", "Lyon Bellecour", "Graz"];

fn writer() -> impl Strategy<Value = Writer> {
    let text = (
        select(&["utf-8", "utf-16le", "utf-16be", "windows-1252"][..]),
        any::<bool>(),
        select(&[',', ';', '\t', '|'][..]),
        any::<bool>(),
        select(&["\n", "\r\n", "\r"][..]),
    );
    let rest = (
        any::<bool>(),
        select(&[Decimal::Point, Decimal::Comma][..]),
        select(&[Compression::None, Compression::Gzip][..]),
        any::<bool>(),
    );
    (text, rest).prop_map(
        |((encoding, marked, delimiter, quotes_all, line_break), (wide, decimal, compression, title))| {
            Writer {
                encoding,
                marked: marked && encoding != "windows-1252",
                delimiter,
                quotes_all,
                line_break,
                wide,
                decimal,
                compression,
                title,
            }
        },
    )
}

fn stock() -> impl Strategy<Value = Stock> {
    let count = prop_oneof![4 => (0..400_i32).prop_map(|whole| whole * 100), 1 => -500..99_999_i32];
    btree_map("[A-Z]{2}-[0-9]{3}", vec(count, 3), 3..30)
}

impl Writer {
    fn file(&self, stock: &Stock) -> Vec<u8> {
        let mut lines = Vec::new();
        if self.title {
            lines.push(self.line(&["Café report"]));
        }
        if self.wide {
            lines.push(self.line(&[
                "SKU",
                "Libellé",
                "inventory_Oslo Sentrum",
                "inventory_Lyon Bellecour",
                "inventory_Graz",
            ]));
            for (item, counts) in stock {
                let counts: Vec<String> = counts.iter().map(|count| self.number(*count)).collect();
                lines.push(self.line(&[item, "Thé, vert; \"doux\"", &counts[0], &counts[1], &counts[2]]));
            }
        } else {
            lines.push(self.line(&["Quantité", "Magasin", "SKU", "Libellé"]));
            for (item, counts) in stock {
                for (store, count) in STORES.iter().zip(counts) {
                    lines.push(self.line(&[&self.number(*count), store, item, "Thé, vert; \"doux\""]));
                }
            }
        }
        self.packed(self.encoded(&(lines.join(self.line_break) + self.line_break)))
    }

    fn line(&self, fields: &[&str]) -> String {
        let field = |field: &&str| {
            if self.quotes_all || field.contains([self.delimiter, '"', '\n']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                (*field).to_owned()
            }
        };
        fields.iter().map(field).collect::<Vec<_>>().join(&self.delimiter.to_string())
    }

    fn number(&self, hundredths: i32) -> String {
        let text = Quantity::from_scaled(i64::from(hundredths) * 1000).to_string();
        match self.decimal {
            Decimal::Comma => text.replace('.', ","),
            _ => text,
        }
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        let marked = if self.marked { format!("\u{feff}{text}") } else { text.to_owned() };
        match self.encoding {
            "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            label => Encoding::for_label(label.as_bytes()).unwrap().encode(&marked).0.into_owned(),
        }
    }

    fn packed(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.compression == Compression::None {
            return bytes;
        }
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&bytes).unwrap();
        packed.finish().unwrap()
    }
}

fn expected(stock: &Stock) -> BTreeMap<(String, String), Quantity> {
    let of_item = |(item, counts): (&String, &Vec<i32>)| {
        let of_store = STORES.iter().zip(counts.clone());
        let item = item.clone();
        let level = move |(store, count): (&&str, i32)| {
            (((*store).to_owned(), item.clone()), Quantity::from_scaled(i64::from(count) * 1000))
        };
        of_store.map(level).collect::<Vec<_>>()
    };
    stock.iter().flat_map(of_item).collect()
}

fn found(outcome: &Outcome) -> BTreeMap<(String, String), Quantity> {
    let key = |store: &str, item: &str| (store.to_owned(), item.to_owned());
    outcome.records().map(|record| (key(&record.store, &record.item), record.quantity)).collect()
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(writer in writer(), stock in stock()) {
        let outcome = read_whole(&writer.file(&stock), &Options::default());
        prop_assert!(outcome.end.is_ok(), "{:?}", outcome.end);
        prop_assert_eq!(outcome.rejects().count(), 0, "{:?}", outcome.lines());
        prop_assert_eq!(found(&outcome), expected(&stock));
    }

    #[test]
    fn the_layout_is_found_that_it_was_written_with(writer in writer(), stock in stock()) {
        let layout = read_whole(&writer.file(&stock), &Options::default()).end.unwrap();
        prop_assert_eq!(layout.encoding.as_deref(), Some(writer.encoding));
        prop_assert_eq!(layout.compression, Some(writer.compression));
        prop_assert_eq!(layout.delimiter, Some(writer.delimiter));
        prop_assert_eq!(layout.header_line, Some(if writer.title { 2 } else { 1 }));
        prop_assert_eq!(layout.orientation == Orientation::Wide, writer.wide);
        let fractions = stock.values().flatten().any(|count| count % 100 != 0);
        prop_assert!(!fractions || layout.decimal == writer.decimal);
    }

    #[test]
    fn any_split_of_it_says_the_same(writer in writer(), stock in stock(), cuts in cuts(), size in 1..50_usize) {
        let file = writer.file(&stock);
        let whole = read_whole(&file, &Options::default());
        prop_assert!(read_chunks(cut(&file, &cuts), &Options::default()) == whole);
        prop_assert!(read_chunks(file.chunks(size), &Options::default()) == whole);
    }

    #[test]
    fn damage_never_panics_and_any_split_of_it_ends_the_same(
        writer in writer(),
        stock in stock(),
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
        size in 1..50_usize,
    ) {
        let mut file = writer.file(&stock);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let whole = read_whole(&file, &Options::default());
        prop_assert_eq!(read_chunks(file.chunks(size), &Options::default()).end, whole.end);
    }
}
