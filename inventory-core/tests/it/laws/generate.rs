//! Files to try the reader on: any bytes, and what a till might write.

use inventory_core::{Change, Item, Level, Levels, Quantity, Store};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::{RegexGeneratorStrategy, string_regex};

use crate::support::level;

/// Text that matches a pattern. A pattern that stands for itself is parsed
/// again for every case, which takes longer than all the rest.
pub(crate) fn matching(pattern: &str) -> RegexGeneratorStrategy<String> {
    string_regex(pattern).unwrap()
}

/// Bytes that are mostly what a reader has to look out for.
pub(crate) fn soup() -> impl Strategy<Value = Vec<u8>> {
    const MARKS: [&str; 8] = ["\"", ",", "\r", "\n", "\r\n", "\",\"", "\"\"", "\u{feff}"];
    const CELLS: [&str; 9] = ["Oslo", "tea", "4", "-1.5", " ", "\t", "store", "item", "Oslo,tea,4\n"];
    const ROWS: [&str; 8] = [
        "Oslo,tea,4\n",
        "Oslo,total,4\n",
        "Lyon,Total,8\n",
        "Oslo,#N/A,4\n",
        "Lyon,'07,4\n",
        "\"Lyon\",\"te\ta\",4\n",
        "Lyon,te\u{200b}a,4\n",
        "Oslo,te\u{1b}a,4\r\n",
    ];
    const BYTES: [&[u8]; 7] = [b"\xef", b"\xbb", b"\xbf", b"\xff", b"\xfe", b"\0", b"\x1f\x8b"];
    let piece = prop_oneof![
        8 => select(&MARKS[..]).prop_map(|mark| mark.as_bytes().to_vec()),
        6 => select(&CELLS[..]).prop_map(|cell| cell.as_bytes().to_vec()),
        4 => select(&ROWS[..]).prop_map(|row| row.as_bytes().to_vec()),
        1 => select(&BYTES[..]).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..4),
        1 => (any::<u8>(), 500..1200_usize).prop_map(|(byte, times)| vec![byte; times]),
    ];
    let start = select(&["", "\u{feff}", "\n\u{feff}", "\r\n\r\n\u{feff}"][..]);
    let header = select(&["store,item,count\n", "\"item\",count,\"na\nme\",STORE,reorder point\r", ""][..]);
    (start, header, vec(piece, 0..40))
        .prop_map(|(start, header, pieces)| [start.as_bytes(), header.as_bytes(), &pieces.concat()].concat())
}

/// One cell of each kind, of which a file has some or all.
type Cells = [Vec<u8>; 6];

/// How a row departs from its header.
#[derive(Clone, Debug)]
enum Shape {
    Full,
    Short(Index),
    Extra(&'static str),
    Blank(&'static str),
}

/// How a till writes its files.
#[derive(Clone, Debug)]
struct Till {
    columns: Vec<usize>,
    headers: Cells,
    mark: &'static str,
    line_break: &'static str,
    quotes_all: bool,
    ends_last: bool,
}

/// A file as a till might write it, with some rows gone wrong.
pub(crate) fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let rows = vec((cells(), shape()), 0..30);
    (till(), rows).prop_map(|(till, rows)| {
        let mut lines = vec![till.line(&till.headers, &Shape::Full)];
        lines.extend(rows.iter().map(|(cells, shape)| till.line(cells, shape)));
        let mut file = [till.mark.as_bytes(), &lines.join(till.line_break.as_bytes())].concat();
        if till.ends_last {
            file.extend_from_slice(till.line_break.as_bytes());
        }
        file
    })
}

fn till() -> impl Strategy<Value = Till> {
    let columns = (Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(), any::<[bool; 3]>()).prop_map(
        |(mut columns, optional): (Vec<usize>, _)| {
            columns.retain(|&column| column < 3 || optional[column - 3]);
            columns
        },
    );
    let headers = (
        select(&["store", "STORE", " Store "][..]),
        select(&["item", "Item"][..]),
        select(&["count", "Count", "co-unt"][..]),
        select(&["reorder point", "Reorder_Point", "reorder-point"][..]),
        select(&["name", "Näme"][..]),
        select(&["price", "", "a,b"][..]),
    )
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].map(|header| header.as_bytes().to_vec()));
    let mark = select(&["", "\u{feff}", "\n", "\u{feff}\r\n"][..]);
    let line_break = select(&["\n", "\r\n", "\r", "\n\n"][..]);
    (columns, headers, mark, line_break, any::<bool>(), any::<bool>()).prop_map(
        |(columns, headers, mark, line_break, quotes_all, ends_last)| Till {
            columns,
            headers,
            mark,
            line_break,
            quotes_all,
            ends_last,
        },
    )
}

impl Till {
    fn line(&self, cells: &Cells, shape: &Shape) -> Vec<u8> {
        let mut fields: Vec<Vec<u8>> =
            self.columns.iter().map(|&column| self.written(&cells[column])).collect();
        match shape {
            Shape::Full => {}
            Shape::Short(at) => fields.truncate(at.index(fields.len()) + 1),
            Shape::Extra(extra) => fields.push(extra.as_bytes().to_vec()),
            Shape::Blank(line) => return line.as_bytes().to_vec(),
        }
        fields.join(&b','.to_owned())
    }

    fn written(&self, cell: &[u8]) -> Vec<u8> {
        if !self.quotes_all && !cell.iter().any(|byte| b",\"\r\n".contains(byte)) {
            return cell.to_vec();
        }
        let doubled = cell.iter().flat_map(|&byte| vec![byte; if byte == b'"' { 2 } else { 1 }]);
        std::iter::once(b'"').chain(doubled).chain([b'"']).collect()
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        20 => Just(Shape::Full),
        1 => any::<Index>().prop_map(Shape::Short),
        1 => select(&["", " ", ",", "x", ",,\"y\""][..]).prop_map(Shape::Extra),
        1 => select(&["", "  ", ",,", "\"\""][..]).prop_map(Shape::Blank),
    ]
}

fn cells() -> impl Strategy<Value = Cells> {
    let stores = select(&["Oslo", " Oslo ", "Lyon", "京都, 四条", "oslo"][..]);
    let items = select(&["tea", "tea ", "milk", "007", "7", "a\"b", "a\nb", "a\r\nb", "'0805"][..]);
    let names = prop_oneof![
        select(&["", "Green tea", "10\" pan", "a,b", "x\ny"][..]).prop_map(str::to_owned),
        matching("\\PC{0,6}")
    ];
    (
        rarely(stores.prop_map(str::to_owned), &["", " "]),
        rarely(items.prop_map(str::to_owned), &["", "\t"]),
        rarely(decimal(), &["", "Reel 500", "1,20,0", "1e3", "0.123456", "92233720368547.75808"]),
        rarely(prop_oneof![Just(String::new()), decimal()], &["few", "."]),
        names.prop_map(String::into_bytes),
        rarely(matching("[ -~]{0,4}"), &["\u{feff}"]),
    )
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f])
}

/// Now and then one that is wrong.
fn rarely(
    right: impl Strategy<Value = String>,
    wrong: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        30 => right.prop_map(String::into_bytes),
        1 => select(wrong).prop_map(|cell| cell.as_bytes().to_vec()),
    ]
}

/// One whose point is a decimal one: three digits after it may be hundreds.
fn decimal() -> impl Strategy<Value = String> {
    let fraction = matching(" ?-?[0-9]{1,14}\\.([0-9]{1,2}|[0-9]{4,5}) ?");
    prop_oneof![matching("[+-]?[0-9]{1,3}"), fraction]
}

/// Where to cut a file; the same place twice leaves an empty chunk.
pub(crate) fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..8)
}

/// The chunks between the cuts.
pub(crate) fn cut<'a>(file: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
    places.sort_unstable();
    places.push(file.len());
    let starts = std::iter::once(&0).chain(&places);
    starts.zip(&places).map(|(&start, &end)| &file[start..end]).collect()
}

/// A level, or none where there is no such item; few enough to meet again.
pub(crate) fn maybe_level() -> impl Strategy<Value = Option<Level>> {
    let small = |range: std::ops::Range<i32>| range.prop_map(Quantity::from);
    let name = option::of(select(&["Green tea", "Milk"][..]));
    let level = (small(-2..6), option::of(small(-1..4)), name).prop_map(|(quantity, point, name)| {
        let mut level = level(quantity, point);
        level.name = name.map(Box::from);
        level
    });
    option::weighted(0.9, level)
}

/// One of a few stores and items.
pub(crate) fn key() -> impl Strategy<Value = (Store, Item)> {
    let stores = select(&["Oslo", "Lyon"][..]).prop_map(|store| Store::new(store).unwrap());
    let items = select(&["tea", "milk", "oil", "salt"][..]).prop_map(|item| Item::new(item).unwrap());
    (stores, items)
}

/// The levels of a file with some or all of the optional columns.
pub(crate) fn levels() -> impl Strategy<Value = Levels> {
    let said = vec((key(), maybe_level()), 0..12);
    (said, any::<bool>(), any::<bool>()).prop_map(|(said, reorder_point, name)| {
        let mut levels = Levels::default();
        let mut columns = levels.columns();
        (columns.reorder_point, columns.name) = (reorder_point, name);
        levels.set_columns(columns);
        for ((store, item), level) in said {
            if let Some(level) = level {
                levels.insert(&store, item, level);
            }
        }
        levels
    })
}

/// The change from nothing to a level, from a level to nothing, or between two.
pub(crate) fn change() -> impl Strategy<Value = Change> {
    (key(), maybe_level(), maybe_level())
        .prop_filter_map("equal levels are no change", |(key, before, after)| {
            Change::between(&key.0, &key.1, before, after)
        })
}
