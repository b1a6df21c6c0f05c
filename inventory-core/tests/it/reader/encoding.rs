use inventory_core::reader::Options;

use crate::support::{check, read_chunks, read_whole};

const EMPTY: &str = "refused: the file is empty; a header and a row for each item are needed";

#[test]
fn a_byte_order_mark_is_taken_off() {
    check("\u{feff}store,item,count\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("\u{feff}\"store\",\"item\",\"count\"\nOslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("\u{feff}\r\n\nstore,item,count\nOslo,tea,4\n", &["4: Oslo/tea 4"]);
}

#[test]
fn a_byte_order_mark_may_be_cut_anywhere() {
    let file = "\u{feff}store,item,count\nOslo,tea,4\n".as_bytes();
    let whole = read_whole(file, &Options::default());
    for cut in 0..=5 {
        let (start, rest) = file.split_at(cut);
        assert_eq!(read_chunks([start, b"", rest], &Options::default()), whole, "cut at {cut}");
    }
}

#[test]
fn only_the_first_byte_order_mark_is_one() {
    check(
        "\u{feff}\u{feff}store,item,count\nOslo,tea,4\n",
        &["refused: line 1: no column is named \"store\" among \"\\u{feff}store\", \"item\", \"count\"; \
           name it in the header, or say the store beside the file"],
    );
    check("store,item,count\n\u{feff}Oslo,tea,4\n", &["2: \u{feff}Oslo/tea 4"]);
    for start in ["\n", "\r\n\r\n"] {
        let lines = start.matches('\n').count() + 1;
        check(
            format!("{start}\u{feff}store,item,count\n"),
            &[&format!(
                "refused: line {lines}: no column is named \"store\" among \"\\u{{feff}}store\", \"item\", \
                 \"count\"; name it in the header, or say the store beside the file"
            )],
        );
    }
}

#[test]
fn a_byte_order_mark_alone_is_an_empty_file() {
    check("\u{feff}", &[EMPTY]);
    check("\u{feff}\n", &[EMPTY]);
}

#[test]
fn half_a_byte_order_mark_is_text() {
    check(
        b"\xef\xbbstore,item,count\n",
        &["refused: line 1: no column is named \"store\" among \"\u{fffd}store\", \"item\", \"count\"; \
           name it in the header, or say the store beside the file"],
    );
}

#[test]
fn compressed_files_are_refused_by_their_first_bytes() {
    let gzip = "refused: the file is compressed with gzip; upload it as plain CSV text";
    check(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", &[gzip]);
    check(b"\x1f\x8b", &[gzip]);
    check(
        b"\x28\xb5\x2f\xfd\x24\x00",
        &["refused: the file is compressed with zstd; upload it as plain CSV text"],
    );
    check(
        b"PK\x03\x04\x14\x00\x06\x00",
        &["refused: the file is a zip archive or a workbook; upload it as plain CSV text"],
    );
}

#[test]
fn bytes_that_only_begin_like_an_archive_are_text() {
    check("PK,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
    check("(,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
    check(b"\x1f,store,item,count\n1,Oslo,tea,4\n", &["2: Oslo/tea 4"]);
}

#[test]
fn utf_16_is_refused_with_and_without_its_mark() {
    let refused = ["refused: the file is UTF-16 text; save it as UTF-8"];
    let little: Vec<u8> = "store,item".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "store,item".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check([b"\xff\xfe", &little[..]].concat(), &refused);
    check([b"\xfe\xff", &big[..]].concat(), &refused);
    check(&little, &refused);
    check(&big, &refused);
    check(b"\xff\xfe", &refused);
}

#[test]
fn a_needed_field_must_be_utf_8() {
    let header = "store,item,count,reorder point,name\n";
    let row = |row: &[u8]| [header.as_bytes(), row].concat();
    check(row(b"Gen\xe8ve,tea,4"), &["line 2, column 1: store is not UTF-8 text: \"Gen\u{fffd}ve\" [?]"]);
    check(row(b"Oslo,th\xe9,4"), &["line 2, column 2: item is not UTF-8 text: \"th\u{fffd}\" [Oslo]"]);
    check(row(b"Oslo,tea,4\xff"), &["line 2, column 3: count is not UTF-8 text: \"4\u{fffd}\" [Oslo]"]);
    check(
        row(b"Oslo,tea,4,\x80"),
        &["line 2, column 4: reorder point is not UTF-8 text: \"\u{fffd}\" [Oslo]"],
    );
    check(row(b"Oslo,tea,4,1,th\xe9"), &["line 2, column 5: name is not UTF-8 text: \"th\u{fffd}\" [Oslo]"]);
}

#[test]
fn an_ignored_field_may_be_anything() {
    check(b"store,supplier,item,count\nOslo,Ch\xe2teau,tea,4\n", &["2: Oslo/tea 4"]);
    check(b"store,pr\xe9x,item,count\nOslo,1,tea,4\n", &["2: Oslo/tea 4"]);
}
